import { WATERMARK_MAX, eventTime } from '@tidemark/core';
import { EventBatch, appendObject } from '@tidemark/event';
import { type ValidatedJob, validateDocument, zJobDocument } from '@tidemark/pattern';
import { describe, expect, it } from 'vitest';
import { CepOperator } from '../operator/cep-operator.ts';
import { PatternRun } from '../pattern-run.ts';
import { MatchFormatter, type OutputLine, formatMatch } from './match-formatter.ts';
import { base32 } from './match-id.ts';

type Events = readonly Readonly<Record<string, unknown>>[];

function jobOf(change: (document: Parameters<typeof zJobDocument.parse>[0] & { name: string; patterns: Record<string, unknown>[] }) => void = () => undefined): ValidatedJob {
  const stage = (id: string) => ({ type: 'ATOMIC', id, name: id, condition: { type: 'CEL', expression: `event.type == '${id}'` } });
  const document = {
    format: 'tidemark-job', version: 1, id: 'job', name: 'job',
    schema: {
      fields: [{ name: 'ts', type: 'int' }, { name: 'type', type: 'string' }, { name: 'user', type: 'string' }, { name: 'amount', type: 'double', optional: true }, { name: 'ok', type: 'bool', optional: true }],
      time: { field: 'ts', format: 'epoch-ms' },
    },
    patterns: [{
      id: 'p', name: 'pair', nodes: [stage('a'), stage('b')], edges: [{ source: 'a', target: 'b', type: 'SKIP_TILL_NEXT' }] as Record<string, unknown>[],
      window: { type: 'FIRST_AND_LAST', time: { unit: 'MILLISECONDS', size: 10 } }, key: ['user'],
      output: { text: '{size(a)} before {b[0].amount}', timedOut: true, timedOutText: 'only {a[0].user}' },
    }] as Record<string, unknown>[],
  };
  change(document);
  const { job, issues } = validateDocument(zJobDocument.parse(document));
  if (job === null) throw new Error(JSON.stringify(issues));
  return job;
}

function linesOf(job: ValidatedJob, events: Events, watermarkAfter: readonly number[] = []): OutputLine[] {
  const formatter = new MatchFormatter(job);
  const lines: OutputLine[] = [];
  const run = new PatternRun(job, (match) => lines.push(formatter.format(match)));
  const batch = new EventBatch(job.schema, 1);
  events.forEach((event, i) => {
    batch.clear();
    appendObject(batch, event, event.ts as number, i);
    run.push(batch);
    if (watermarkAfter.includes(i)) run.watermark(eventTime(event.ts as number));
  });
  run.end();
  return lines;
}

const EVENTS: Events = [
  { ts: 1, type: 'a', user: 'ann "q"', amount: 1.5, ok: true },
  { ts: 3, type: 'b', user: 'ann "q"', amount: -0 },
  { ts: 5, type: 'a', user: 'bob' },
];

describe('output lines', () => {
  it('[AM1] a line says what matched, with the fields that were there, places and text', () => {
    const lines = linesOf(jobOf(), EVENTS);
    expect(lines.map(({ kind }) => kind)).toEqual(['match', 'timed-out']);
    expect(lines.map(({ line }) => JSON.parse(line) as unknown)).toEqual([
      {
        matchId: lines[0]?.matchId, pattern: 'p', kind: 'match', key: ['ann "q"'], start: 1, end: 3, text: '1 before 0',
        stages: { a: [{ ts: 1, type: 'a', user: 'ann "q"', amount: 1.5, ok: true }], b: [{ ts: 3, type: 'b', user: 'ann "q"', amount: 0 }] },
        positions: { a: ['0:0'], b: ['0:1'] },
      },
      { matchId: lines[1]?.matchId, pattern: 'p', kind: 'timed-out', key: ['bob'], start: 5, end: 15, text: 'only bob', stages: { a: [{ ts: 5, type: 'a', user: 'bob' }] }, positions: { a: ['0:2'] } },
    ]);
    for (const { line } of lines) expect(line).not.toContain('\n');
  });

  it('[AM2][AM3] an id is 26 characters of base32 and a function of document version, kind, key and places: not of watermarks', () => {
    const ids = (job: ValidatedJob, watermarkAfter: readonly number[] = []): string[] => linesOf(job, EVENTS, watermarkAfter).map(({ matchId }) => matchId);
    const [match, timeout] = ids(jobOf());
    expect(match).toMatch(/^[a-z2-7]{26}$/);
    expect(match).not.toBe(timeout);
    expect(ids(jobOf(), [0, 1, 2])).toEqual([match, timeout]);
    // Names and labels are not part of what a version is.
    expect(ids(jobOf((document) => { document.name = 'another name'; }))).toEqual([match, timeout]);
    expect(ids(jobOf((document) => { (document.patterns[0] as { window: unknown }).window = { type: 'FIRST_AND_LAST', time: { unit: 'MILLISECONDS', size: 11 } }; }))).not.toContain(match);
    expect(base32(new Uint8Array([0x66, 0x6f, 0x6f, 0x62, 0x61, 0x72]))).toBe('mzxw6ytboi');
    expect(base32(new Uint8Array(16)).length).toBe(26);
  });

  it('[AM5] equal outputs of one step have ids of their own, the same ones in every run', () => {
    const job = jobOf((document) => {
      const pattern = document.patterns[0] as { nodes: Record<string, unknown>[]; edges: Record<string, unknown>[] };
      const c = { type: 'ATOMIC', id: 'c', name: 'c', condition: { type: 'CEL', expression: "event.type == 'c'" } };
      pattern.nodes = [pattern.nodes[0] as Record<string, unknown>, { ...pattern.nodes[1], quantifier: { properties: ['LOOPING'], times: { from: 1, to: 1 } } }, c];
      pattern.edges = [...pattern.edges, { source: 'b', target: 'c', type: 'SKIP_TILL_NEXT' }];
    });
    // Flink gives the timed-out {a b} twice: one run waits for another b, one for c.
    const events: Events = [{ ts: 1, type: 'a', user: 'u' }, { ts: 2, type: 'b', user: 'u' }, { ts: 3, type: 'x', user: 'u' }];
    const once = linesOf(job, events);
    expect(once.map(({ kind }) => kind)).toEqual(['timed-out', 'timed-out']);
    expect(new Set(once.map(({ matchId }) => matchId)).size).toBe(2);
    expect(once.map(({ line }) => (JSON.parse(line) as { stages: unknown }).stages)).toEqual([0, 1].map(() => ({ a: [events[0]], b: [events[1]] })));
    expect(linesOf(job, events, [0, 1]).map(({ matchId }) => matchId).sort()).toEqual(once.map(({ matchId }) => matchId).sort());
  });

  it('[AM4][AM6] a late event has the same line from the operator and from the source; a dead letter has its place and reason', () => {
    const job = jobOf();
    const formatter = new MatchFormatter(job);
    const lines: OutputLine[] = [];
    const operator = new CepOperator(job, (match) => lines.push(formatMatch(match, job)));
    const batch = new EventBatch(job.schema, 1);
    batch.split = 2;
    appendObject(batch, { ts: 4, type: 'x', user: 'u' }, 4, 17);
    operator.processWatermark(eventTime(9));
    operator.processBatch(batch);
    expect(lines).toEqual([formatter.late(batch, 0)]);
    expect(JSON.parse(lines[0]?.line ?? '')).toMatchObject({ kind: 'late', key: ['u'], start: 4, end: 4, stages: { event: [{ ts: 4, type: 'x', user: 'u' }] }, positions: { event: ['2:17'] } });
    const letter = formatter.deadLetter({ split: 1, position: 5, offset: 600, reason: 'malformed', field: null, detail: 'No JSON.', excerpt: '{"a' });
    expect(letter.kind).toBe('dead-letter');
    expect(JSON.parse(letter.line)).toEqual({ matchId: letter.matchId, kind: 'dead-letter', split: 1, position: 5, offset: 600, reason: 'malformed', field: null, detail: 'No JSON.', excerpt: '{"a' });
    operator.processWatermark(WATERMARK_MAX);
  });
});
