/**
 * The reference's answer to a random case, in the words of a case's expectation.
 *
 * Always  null where the validator refuses the pattern: there is nothing to compare.
 */
import { EvaluationError } from '@tidemark/condition';
import { EventBatch, appendObject } from '@tidemark/event';
import { type CaseEvent, type CasePattern, fromCase, validateDocument } from '@tidemark/pattern';
import { type ReferenceRow, fromValidated } from './from-validated.ts';
import { ReferenceFault, type ReferenceMatch } from './reference-matcher.ts';
import { ReferenceOperator } from './reference-operator.ts';

type Rows = Record<string, number[]>;

export interface ReferenceAnswer {
  readonly matches: Rows[];
  readonly triggers: number[];
  readonly byTime: { at: number; match: Rows }[];
  readonly timeouts: { at: number; events: Rows }[];
  readonly late: number[];
  readonly error?: string;
}

export interface Question {
  readonly pattern: CasePattern;
  readonly keyBy: string | null;
  readonly events: readonly (CaseEvent & { readonly ts: number })[];
  readonly watermark: 'each' | 'explicit';
  readonly watermarks: readonly { readonly afterEvent: number; readonly ts: number }[];
}

const rowsOf = (match: ReferenceMatch<ReferenceRow>): Rows => Object.fromEntries([...match].map(([stage, events]) => [stage, events.map(({ row }) => row)]));

export function referenceAnswer(question: Question, everyKey = false): ReferenceAnswer | null {
  const { keyBy, events, watermarks } = question;
  const made = fromCase(question.pattern, keyBy, events);
  if (!made.ok) return null;
  // as a person's document: patterns on which Flink itself fails at some event are refused, not compared
  const { job } = validateDocument(made.document, { ...made.options, origin: 'document' });
  const validated = job?.patterns[0];
  if (job === null || validated === undefined) return null;
  const batch = new EventBatch(job.schema, events.length);
  events.forEach((event, index) => appendObject(batch, event, event.ts, index));

  const answer: ReferenceAnswer = { matches: [], triggers: [], byTime: [], timeouts: [], late: [] };
  const { pattern, graph } = fromValidated(validated, batch);
  const operator = new ReferenceOperator<ReferenceRow>(pattern, {
    match(match, trigger, at) {
      if (trigger === null) answer.byTime.push({ at, match: rowsOf(match) });
      else {
        answer.matches.push(rowsOf(match));
        answer.triggers.push(trigger.row);
      }
    },
    timeout: ({ at, match }) => answer.timeouts.push({ at, events: rowsOf(match) }),
    late: ({ row }) => answer.late.push(row),
  }, everyKey, graph);
  try {
    events.forEach((event, row) => {
      operator.element(keyBy === null ? '' : JSON.stringify(event[keyBy] ?? null), { ts: event.ts, seq: row, row });
      if (question.watermark === 'each' && events[row + 1]?.ts !== event.ts) operator.watermark(event.ts);
      for (const { afterEvent, ts } of watermarks) if (afterEvent === row) operator.watermark(ts);
    });
  } catch (error) {
    if (error instanceof EvaluationError) return { ...answer, error: 'run time: FlinkRuntimeException: Failure happened in filter function.' };
    if (error instanceof ReferenceFault) return { ...answer, error: `run time: FlinkRuntimeException: ${error.message}` };
    throw error;
  }
  return answer;
}
