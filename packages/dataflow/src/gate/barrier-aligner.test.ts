import { checkpointId } from '@tidemark/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BarrierAligner } from './barrier-aligner.ts';

const n = checkpointId;

describe('BarrierAligner', () => {
  it('[BA1][BA2] blocks each channel that delivered the barrier and aligns on the last one', () => {
    const aligner = new BarrierAligner(2);
    expect(aligner.onBarrier(0, n(1))).toEqual({ kind: 'aligning' });
    expect(aligner.isBlocked(0)).toBe(true);
    expect(aligner.isBlocked(1)).toBe(false);
    expect(aligner.pending).toBe(1);
    expect(aligner.onBarrier(1, n(1))).toEqual({ kind: 'aligned', checkpointId: 1, aborted: null });
    expect(aligner.isBlocked(0)).toBe(false);
    expect(aligner.pending).toBeNull();
  });

  it('[BA2] a single channel aligns at once', () => {
    const aligner = new BarrierAligner(1);
    expect(aligner.onBarrier(0, n(1))).toEqual({ kind: 'aligned', checkpointId: 1, aborted: null });
    expect(aligner.onBarrier(0, n(2))).toEqual({ kind: 'aligned', checkpointId: 2, aborted: null });
  });

  it('[BA3] R4: a newer barrier aborts the pending checkpoint and blocks only its own channel', () => {
    const aligner = new BarrierAligner(3);
    aligner.onBarrier(0, n(1));
    expect(aligner.onBarrier(1, n(2))).toEqual({ kind: 'overtaken', aborted: 1 });
    expect([0, 1, 2].map((channel) => aligner.isBlocked(channel))).toEqual([false, true, false]);
    aligner.onBarrier(0, n(2));
    expect(aligner.onBarrier(2, n(2))).toEqual({ kind: 'aligned', checkpointId: 2, aborted: null });
  });

  it('[BA4] barriers of checkpoints that are over are ignored and block nothing', () => {
    const aligner = new BarrierAligner(2);
    aligner.onBarrier(0, n(2));
    aligner.onBarrier(1, n(2));
    expect(aligner.onBarrier(0, n(1))).toEqual({ kind: 'ignored' });
    expect(aligner.onBarrier(0, n(2))).toEqual({ kind: 'ignored' });
    expect(aligner.isBlocked(0)).toBe(false);
  });

  it('[BA5] a cancel marker frees everything, and late barriers of that checkpoint cannot open it again', () => {
    const aligner = new BarrierAligner(2);
    aligner.onBarrier(0, n(1));
    expect(aligner.onCancelMarker(n(1))).toEqual({ kind: 'cancelled', checkpointId: 1, aborted: 1 });
    expect(aligner.isBlocked(0)).toBe(false);
    expect(aligner.onBarrier(1, n(1))).toEqual({ kind: 'ignored' });
    expect(aligner.onCancelMarker(n(1))).toEqual({ kind: 'ignored' });
    expect(aligner.onCancelMarker(n(3))).toEqual({ kind: 'cancelled', checkpointId: 3, aborted: null });
    expect(aligner.onBarrier(0, n(2))).toEqual({ kind: 'ignored' });
  });

  it('[BA6] R1: barrier on 0, end of 0, barrier on 1 completes once', () => {
    const aligner = new BarrierAligner(2);
    aligner.onBarrier(0, n(1));
    expect(aligner.onEndOfInput(0)).toEqual({ kind: 'aligning' });
    expect(aligner.onBarrier(1, n(1))).toEqual({ kind: 'aligned', checkpointId: 1, aborted: null });
  });

  it('[BA6] R2: a channel that ends while others are blocked completes the alignment', () => {
    const aligner = new BarrierAligner(2);
    aligner.onBarrier(0, n(1));
    expect(aligner.onEndOfInput(1)).toEqual({ kind: 'aligned', checkpointId: 1, aborted: null });
    expect(aligner.isBlocked(0)).toBe(false);
  });

  it('[BA1][BA2] over any interleaving of FIFO channels: one alignment for each checkpoint, and every cut is consistent', () => {
    const schedule = fc.record({ channels: fc.integer({ min: 1, max: 4 }), checkpoints: fc.integer({ min: 0, max: 5 }), picks: fc.array(fc.nat(), { minLength: 60, maxLength: 60 }) });
    fc.assert(fc.property(schedule, ({ channels, checkpoints, picks }) => {
      const aligner = new BarrierAligner(channels);
      // Each channel: rows 0..9 with barrier i behind row 2i.
      const queues = Array.from({ length: channels }, () => Array.from({ length: 10 }, (_, row) =>
        (row % 2 === 1 && (row + 1) / 2 <= checkpoints ? [`row${row}`, (row + 1) / 2] : [`row${row}`])).flat());
      const taken = Array.from({ length: channels }, () => 0);
      const aligned: number[] = [];
      let pick = 0;
      for (;;) {
        const ready = queues.flatMap((queue, channel) => (queue.length > 0 && !aligner.isBlocked(channel) ? [channel] : []));
        if (ready.length === 0) break;
        const channel = ready[(picks[pick++ % picks.length] as number) % ready.length] as number;
        const element = (queues[channel] as (string | number)[]).shift();
        if (typeof element === 'string') {
          taken[channel] = (taken[channel] as number) + 1;
          continue;
        }
        const answer = aligner.onBarrier(channel, n(element as number));
        if (answer.kind !== 'aligned') continue;
        aligned.push(answer.checkpointId);
        expect(taken).toEqual(Array.from({ length: channels }, () => answer.checkpointId * 2));
      }
      expect(aligned).toEqual(Array.from({ length: checkpoints }, (_, index) => index + 1));
    }), { numRuns: 200 });
  });
});
