import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type EventTime, WATERMARK_MAX, eventTime } from '@tidemark/core';
import { EventBatch, appendObject } from '@tidemark/event';
import { type ValidatedJob, validateDocument, zJobDocument } from '@tidemark/pattern';
import { PatternRun } from '../pattern-run.ts';
import { MatchFormatter, type OutputLine } from './match-formatter.ts';
import { base32 } from './match-id.ts';

const NODE = { quantifier: { consumingStrategy: 'SKIP_TILL_NEXT', properties: ['SINGLE'], times: null, untilCondition: null } };

function job(change: { id?: string; pattern?: string; text?: string | null; condition?: string; advance?: boolean } = {}): ValidatedJob {
  const { job: valid, issues } = validateDocument(zJobDocument.parse({
    format: 'tidemark-job', version: 1, id: change.id ?? 'd', name: 'd',
    schema: { fields: [{ name: 'ts', type: 'int' }, { name: 'name', type: 'string' }, { name: 'n', type: 'double', optional: true }], time: { field: 'ts', format: 'epoch-ms' } },
    patterns: [{
      id: change.pattern ?? 'p', name: 'p',
      nodes: [
        { type: 'ATOMIC', id: 'a', name: 'a', ...NODE, condition: { type: 'CEL', expression: change.condition ?? "event.name == 'a'" } },
        { type: 'ATOMIC', id: 'b', name: 'b', ...NODE, condition: { type: 'CEL', expression: "event.name == 'b'" } },
      ],
      edges: [{ source: 'a', target: 'b', type: 'SKIP_TILL_NEXT' }],
      window: { type: 'FIRST_AND_LAST', time: { unit: 'SECONDS', size: 1 } },
      output: { text: change.text === undefined ? 'first {a[0].name}, then {b[0].name} with {b[0].n}' : change.text, timedOut: true },
    }],
  }));
  if (valid === null) throw new Error(JSON.stringify(issues));
  return valid;
}

const EVENTS = [{ ts: 1, name: 'a', n: 0.1 }, { ts: 2, name: 'x' }, { ts: 5, name: 'b', n: 2 }, { ts: 9, name: 'a' }, { ts: 9, name: 'b"\n', n: 1 }];

/** Lines of a run, fed one event at a time or all at once, with a watermark behind each or only at the end. */
function lines(valid: ValidatedJob, grouped = false, split = 0): OutputLine[] {
  const formatter = new MatchFormatter(valid);
  const out: OutputLine[] = [];
  const run = new PatternRun(valid, (match) => out.push(formatter.format(match)));
  const batch = new EventBatch(valid.schema, EVENTS.length);
  batch.split = split;
  EVENTS.forEach((event, position) => {
    appendObject(batch, event, event.ts, position);
    if (grouped) return;
    run.push(batch);
    run.watermark(eventTime(event.ts - 1) as EventTime);
    batch.clear();
  });
  if (grouped) run.push(batch);
  run.watermark(WATERMARK_MAX);
  return out;
}

describe('MatchFormatter', () => {
  it('[AM1] writes one line of JSON: id, key, span, text, events by stage, positions', () => {
    const [match] = lines(job());
    expect(JSON.parse((match as OutputLine).line)).toEqual({
      matchId: match?.matchId, pattern: 'p', kind: 'match', key: [], start: 1, end: 5, text: 'first a, then b with 2',
      stages: { a: [{ ts: 1, name: 'a', n: 0.1 }], b: [{ ts: 5, name: 'b', n: 2 }] }, positions: { a: ['0:0'], b: ['0:2'] },
    });
    expect((match as OutputLine).line).not.toContain('\n');
  });

  it('[AM2] the line does not depend on batches or watermarks', () => {
    const sorted = (all: OutputLine[]): string[] => all.map(({ line }) => line).sort();
    expect(sorted(lines(job(), true))).toEqual(sorted(lines(job(), false)));
    expect(lines(job()).map(({ kind }) => kind).sort()).toEqual(['match', 'timed-out']);
  });

  it('[AM3] the id is another one for another document, pattern, version, split or kind, and unique in the output', () => {
    const id = (valid: ValidatedJob, split = 0): string => (lines(valid, false, split)[0] as OutputLine).matchId;
    const ids = [id(job()), id(job({ id: 'e' })), id(job({ pattern: 'q' })), id(job({ text: null })), id(job({ condition: "event.name == 'a' && true" })), id(job(), 1), (lines(job())[1] as OutputLine).matchId];
    expect(new Set(ids).size).toBe(ids.length);
    for (const one of ids) expect(one).toMatch(/^[a-z2-7]{26}$/);
    expect(id(job())).toBe(id(job()));
  });

  it('[AM4] a dead letter has an id of its split and position', () => {
    const formatter = new MatchFormatter(job());
    const letter = { split: 0, position: 7, offset: 99, reason: 'malformed', field: null, detail: 'no object', excerpt: '{"a' } as const;
    const one = formatter.deadLetter(letter);
    expect(JSON.parse(one.line)).toMatchObject({ kind: 'dead-letter', position: 7, offset: 99, reason: 'malformed', excerpt: '{"a' });
    expect(formatter.deadLetter({ ...letter, detail: 'other words' }).matchId).toBe(one.matchId);
    expect(formatter.deadLetter({ ...letter, position: 8 }).matchId).not.toBe(one.matchId);
  });
});

describe('base32', () => {
  it('[AM3] is RFC 4648, lower case, without padding', () => {
    const text = (value: string): string => base32(new TextEncoder().encode(value));
    expect(['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar'].map(text)).toEqual(['', 'my', 'mzxq', 'mzxw6', 'mzxw6yq', 'mzxw6ytb', 'mzxw6ytboi']);
    expect(base32(createHash('sha256').update('x').digest().subarray(0, 16))).toHaveLength(26);
  });
});
