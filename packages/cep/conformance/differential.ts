/**
 * Engine against reference: one random pattern × stream pair through both.
 *
 * Always  the engine's answer is compared as a case would be (run-case.ts): ordered where there is one key, with
 *         triggers, matches by time, time-outs, late events and faults.
 * Not here: how pairs are drawn (testkit), how either of them works.
 */
import { invariant } from '@tidemark/core';
import { EvaluationError } from '@tidemark/condition';
import { EventBatch, type FieldValue, appendObject, fieldIndex, fieldValue } from '@tidemark/event';
import { type TieBreak, fromCase, validateDocument } from '@tidemark/pattern';
import { type RandomCase, randomCase } from '@tidemark/testkit';
import { fromValidated, type ReferenceRow } from '../src/reference/from-validated.ts';
import { ReferenceFault, type ReferenceMatch } from '../src/reference/reference-matcher.ts';
import { ReferenceOperator } from '../src/reference/reference-operator.ts';
import { type Case, type CaseOptions, type CaseResult, type Expectation, runCase } from './run-case.ts';

export interface Pair {
  readonly seed: number;
  readonly features: ReadonlySet<string>;
  readonly one: Case;
}

/** The pair of a seed as a case with the reference's answer; null where the validator refuses the pattern. */
export function pairOf(seed: number, everyKey = false): Pair | null {
  const drawn = randomCase(seed);
  const expected = referenceAnswer(drawn, everyKey);
  if (expected === null) return null;
  const one: Case = {
    id: `differential/${seed}`, pattern: drawn.pattern, keyBy: drawn.keyBy, events: drawn.events, expect: expected, expectEveryKey: expected,
    ordered: drawn.keyBy === null, watermarks: drawn.watermarks, ...(drawn.tieBreak.length > 0 ? { tieBreak: drawn.tieBreak } : {}),
    ...(drawn.watermark === 'explicit' ? { watermark: 'explicit' as const } : {}),
  };
  return { seed, features: drawn.features, one };
}

export const comparePair = (pair: Pair, options: CaseOptions): CaseResult => runCase(pair.one, options);

function referenceAnswer(drawn: RandomCase, everyKey: boolean): Expectation | null {
  const made = fromCase(drawn.pattern, drawn.keyBy, drawn.events, { advanceEveryKey: everyKey, tieBreak: drawn.tieBreak });
  if (!made.ok) return null;
  // as a person's document: patterns on which Flink itself breaks at some event are refused, not compared
  const { job } = validateDocument(made.document, { ...made.options, origin: 'document' });
  const pattern = job?.patterns[0];
  if (!job || !pattern) return null;
  const batch = new EventBatch(job.schema, drawn.events.length);
  drawn.events.forEach((event, index) => appendObject(batch, event, event.ts, index));
  const { pattern: reference, graph } = fromValidated(pattern, batch);
  const matches: Record<string, number[]>[] = [];
  const triggers: number[] = [];
  const byTime: { at: number; match: Record<string, number[]> }[] = [];
  const timeouts: { at: number; events: Record<string, number[]> }[] = [];
  const late: number[] = [];
  const plain = (match: ReferenceMatch<ReferenceRow>): Record<string, number[]> => Object.fromEntries([...match].map(([stage, events]) => [stage, events.map(({ row }) => row)]));
  const operator = new ReferenceOperator<ReferenceRow>(reference, {
    match: (match, trigger, at) => {
      if (trigger === null) byTime.push({ at, match: plain(match) });
      else {
        matches.push(plain(match));
        triggers.push(trigger.row);
      }
    },
    timeout: ({ at, match }) => timeouts.push({ at, events: plain(match) }),
    late: ({ row }) => late.push(row),
  }, everyKey, graph, (a, b) => tieBreakOf(batch, drawn.tieBreak, a.row, b.row));
  const keyField = drawn.keyBy === null ? -1 : fieldIndex(job.schema, drawn.keyBy);
  const advance = (after: number): void => {
    for (const { afterEvent, ts } of drawn.watermarks) if (afterEvent === after) operator.watermark(ts);
  };
  try {
    advance(-1);
    drawn.events.forEach((event, row) => {
      operator.element(keyField === -1 ? '' : String(fieldValue(batch, keyField, row)), { ts: event.ts, seq: row, row });
      if (drawn.watermark === 'each' && drawn.events[row + 1]?.ts !== event.ts) operator.watermark(event.ts);
      advance(row);
    });
  } catch (error) {
    if (error instanceof ReferenceFault) return { error: `run time: FlinkRuntimeException: ${error.message}` };
    if (error instanceof EvaluationError) return { error: 'run time: FlinkRuntimeException: Failure happened in filter function.' };
    throw error;
  }
  invariant(matches.length === triggers.length, 'each match has its trigger');
  return { matches, triggers, byTime, timeouts, late };
}

/** As the notation says it, on plain values: absent < false < true, numbers, texts (here in ASCII). */
function tieBreakOf(batch: EventBatch, tieBreak: readonly TieBreak[], a: number, b: number): number {
  for (const { field, order } of tieBreak) {
    const [x, y] = [a, b].map((row) => fieldValue(batch, fieldIndex(batch.schema, field), row)) as [FieldValue, FieldValue];
    if (x === y) continue;
    const before = x === null || (y !== null && x < y);
    return before === (order === 'ASC') ? -1 : 1;
  }
  return 0;
}
