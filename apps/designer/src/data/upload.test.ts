import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import type { Sample } from '@tidemark/protocol';
import { NO_UPLOAD, UPLOAD_BYTES_MAX, type UploadEvent, type UploadState, decideUpload, formatOfName, refusalOf, sentShare } from './upload.ts';

const file = (name: string, size = 100): { name: string; size: number; type: string } => ({ name, size, type: '' });
const sample = { hash: 'h' } as Sample;
const run = (events: readonly UploadEvent[], from: UploadState = NO_UPLOAD): UploadState => events.reduce(decideUpload, from);
const chosen: UploadEvent = { kind: 'chosen', ticket: 1, file: file('a.csv'), folder: false };

describe('upload', () => {
  it('[DU1] refuses what cannot work before a byte is sent', () => {
    expect([refusalOf(file('a', 0), false), refusalOf(file('a', UPLOAD_BYTES_MAX + 1), false), refusalOf(file('a'), true), refusalOf(file('a.zip'), false),
      refusalOf(file('a.csv', UPLOAD_BYTES_MAX), false)]).toEqual(['empty', 'too-large', 'folder', 'kind', null]);
    expect(run([{ ...chosen, file: file('a.csv', 0) }])).toMatchObject({ kind: 'refused', refusal: 'empty' });
  });

  it('knows formats by name, and leaves the rest to who looks at the bytes', () => {
    expect(['a.CSV', 'b.ndjson', 'c.jsonl', 'd.json', 'e.txt', 'f'].map(formatOfName)).toEqual(['csv', 'ndjson', 'ndjson', 'json', null, null]);
  });

  it('[DU2] sends, then reads, then is done', () => {
    let state = run([chosen, { kind: 'progress', ticket: 1, sent: 40 }, { kind: 'progress', ticket: 1, sent: 20 }]);
    expect(sentShare(state)).toBe(0.4);
    state = run([{ kind: 'progress', ticket: 1, sent: 100 }], state);
    expect(state.kind).toBe('reading');
    expect(run([{ kind: 'answered', ticket: 1, sample }], state)).toEqual({ kind: 'done', sample });
  });

  it('[DU3] nothing that arrives late changes a cancelled or newer upload', () => {
    const cancelled = run([chosen, { kind: 'cancel' }]);
    expect(run([{ kind: 'answered', ticket: 1, sample }, { kind: 'progress', ticket: 1, sent: 50 }], cancelled)).toEqual({ kind: 'cancelled', name: 'a.csv' });
    const again = run([{ ...chosen, ticket: 2 }], cancelled);
    expect(run([{ kind: 'failed', ticket: 1, reason: 'old' }, { kind: 'answered', ticket: 1, sample }], again)).toBe(again);
    expect(run([{ kind: 'failed', ticket: 2, reason: 'x' }], again)).toMatchObject({ kind: 'failed', reason: 'x' });
  });

  it('[DU2] progress of one upload never goes back', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: -5, max: 150 })), (reports) => {
      let state = run([chosen]);
      let before = 0;
      for (const sent of reports) {
        state = run([{ kind: 'progress', ticket: 1, sent }], state);
        const share = sentShare(state) ?? -1;
        expect(share).toBeGreaterThanOrEqual(before);
        before = share;
      }
      expect(state.kind).not.toBe('done');
    }));
  });
});
