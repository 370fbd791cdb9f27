/**
 * Runs one case of the format cep-case/1 and compares what comes out with what Flink gives.
 *
 * Always  a case goes the way of a drawing: document, validator, compiler, operator.
 * Source  the format page of the cases (events, watermarks, timers, order).
 * Not here: files and the command line (cases.ts).
 */
import { type EventTime, JobFault, WATERMARK_MAX, eventTime } from '@tidemark/core';
import { EventBatch, appendObject } from '@tidemark/event';
import { type CaseEvent, type CasePattern, type TieBreak, flinkRefusal, fromCase, validateDocument } from '@tidemark/pattern';
import { type CepOperatorOptions, type EmittedMatch, PatternRun } from '@tidemark/cep';

type MatchMap = Readonly<Record<string, readonly number[]>>;

export interface Expectation {
  readonly matches?: readonly MatchMap[];
  readonly triggers?: readonly number[];
  readonly byTime?: readonly { readonly at: number; readonly match: MatchMap }[];
  readonly timeouts?: readonly { readonly at: number; readonly events: MatchMap }[];
  readonly late?: readonly number[];
  readonly error?: string;
}

export interface Case {
  readonly id: string;
  readonly pattern: CasePattern;
  readonly keyBy: string | readonly string[] | null;
  readonly events: readonly CaseEvent[];
  readonly expect: Expectation;
  readonly expectEveryKey?: Expectation;
  readonly ordered: boolean;
  /** Order among events of equal time; the cases of Flink have none. */
  readonly tieBreak?: readonly TieBreak[];
  readonly watermark?: 'end' | 'explicit';
  readonly watermarks?: readonly { readonly afterEvent: number; readonly ts: number }[];
}

export interface CaseOptions {
  readonly everyKey?: boolean;
  readonly strategy?: CepOperatorOptions['strategy'];
  readonly turnAt?: number;
  /** Rows up to a watermark come as one batch, together with it; else one by one. */
  readonly grouped?: boolean;
}

export interface CaseResult {
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly expected?: unknown;
  readonly actual?: unknown;
}

interface Actual {
  matches: MatchMap[];
  triggers: (number | null)[];
  byTime: { at: number; match: MatchMap }[];
  timeouts: { at: number; events: MatchMap }[];
  late: number[];
  error?: string;
}

export function runCase(one: Case, options: CaseOptions = {}): CaseResult {
  const expected = options.everyKey ? (one.expectEveryKey ?? one.expect) : one.expect;
  const made = fromCase(one.pattern, one.keyBy, one.events, { advanceEveryKey: options.everyKey ?? false, tieBreak: one.tieBreak });
  if (!made.ok) return refused(expected, flinkRefusal(made.issues) ?? 'refused', made.issues);
  const { issues, job } = validateDocument(made.document, made.options);
  if (job === null) return refused(expected, flinkRefusal(issues) ?? 'refused', issues);

  const actual: Actual = { matches: [], triggers: [], byTime: [], timeouts: [], late: [] };
  const note = (match: EmittedMatch): void => {
    if (match.kind === 'late') {
      actual.late.push(match.events.positionOf(match.rowAt(0)));
      return;
    }
    const names = job.patterns[match.pattern]?.stageNames as readonly string[];
    const map: Record<string, number[]> = {};
    for (let i = 0; i < match.length; i += 1) {
      const name = (names[match.stageAt(i)] as string).split(':')[0] as string;
      (map[name] ??= []).push(match.events.positionOf(match.rowAt(i)));
    }
    if (match.kind === 'timed-out') actual.timeouts.push({ at: match.at, events: map });
    else if (match.trigger === null) actual.byTime.push({ at: match.at, match: map });
    else {
      actual.matches.push(map);
      actual.triggers.push(match.trigger.position);
    }
  };
  // A key whose runs are kept in common gives the matches of one event in an order of its own.
  let inFlinksOrder = true;
  try {
    const run = new PatternRun(job, note, {
      timedOut: true, ...(options.strategy ? { strategy: options.strategy } : {}), ...(options.turnAt === undefined ? {} : { turnAt: options.turnAt }),
    });
    feed(one, new EventBatch(job.schema, options.grouped ? Math.max(1, one.events.length) : 1), run, options.grouped ?? false);
    inFlinksOrder = !run.hasOwnOrder;
  } catch (error) {
    if (!(error instanceof JobFault)) throw error;
    if (error.code === 'strategy-not-applicable') return { outcome: 'skipped' };
    actual.error = faultText(error);
  }
  return compare(expected, actual, one.ordered && inFlinksOrder);
}

function feed(one: Case, batch: EventBatch, run: PatternRun, grouped: boolean): void {
  const { events, watermark } = one;
  const explicit = new Map<number, EventTime[]>();
  for (const { afterEvent, ts } of one.watermarks ?? []) {
    const list = explicit.get(afterEvent);
    if (list) list.push(eventTime(ts));
    else explicit.set(afterEvent, [eventTime(ts)]);
  }
  const advance = (time: EventTime): void => {
    if (batch.length === 0) run.watermark(time);
    else run.push(batch, time);
    batch.clear();
  };
  for (const time of explicit.get(-1) ?? []) advance(time);
  events.forEach((event, index) => {
    const ts = event.ts as number;
    appendObject(batch, event, ts, index);
    if (!grouped) {
      run.push(batch);
      batch.clear();
    }
    if (watermark === undefined && events[index + 1]?.ts !== ts) advance(eventTime(ts));
    for (const time of explicit.get(index) ?? []) advance(time);
  });
  if (batch.length > 0) run.push(batch);
  if (watermark === 'end') run.watermark(WATERMARK_MAX);
}

/** A fault in Flink's words. */
function faultText(fault: JobFault): string {
  switch (fault.code) {
    case 'condition-evaluation': return 'run time: FlinkRuntimeException: Failure happened in filter function.';
    case 'skip-to-first-event': return 'run time: FlinkRuntimeException: Could not skip to first element of a match.';
    case 'skip-target-missing': return `run time: FlinkRuntimeException: ${fault.message.split(':')[0]}. No such element in the found match`;
    case 'absence-at-start':
    case 'edge-without-target': return 'run time: NullPointerException';
    default: return `run time: ${fault.code}: ${fault.message}`;
  }
}

function refused(expected: Expectation, refusal: string, issues: readonly { readonly code: string }[]): CaseResult {
  if (expected.error !== undefined && sameError(expected.error, refusal)) return { outcome: 'passed' };
  if (issues.some(({ code }) => code === 'not-supported-yet')) return { outcome: 'skipped' };
  return { outcome: 'failed', expected, actual: { error: refusal, issues } };
}

/** Some expectations are descriptions ("Class, because …"), some end in what Java prints of a match or of a null. */
function sameError(expected: string, actual: string): boolean {
  if (expected === actual) return true;
  const described = /^(.*?), because /.exec(expected);
  if (described) return actual.startsWith(described[1] as string);
  if (actual === 'run time: NullPointerException') return expected.startsWith(actual);
  return expected.includes('No such element in the found match') && expected.startsWith(actual);
}

/** As texts that do not depend on the order of keys. */
const textOf = (map: MatchMap): string => JSON.stringify(Object.entries(map).filter(([, rows]) => rows.length > 0).sort(([a], [b]) => (a < b ? -1 : 1)));

function compare(expected: Expectation, actual: Actual, ordered: boolean): CaseResult {
  const failed: CaseResult = { outcome: 'failed', expected, actual };
  if (expected.error !== undefined || actual.error !== undefined) {
    return sameError(expected.error ?? '', actual.error ?? '') ? { outcome: 'passed' } : failed;
  }
  const same = (a: readonly string[], b: readonly string[]): boolean => {
    const [x, y] = ordered ? [a, b] : [[...a].sort(), [...b].sort()];
    return x.length === y.length && x.every((text, i) => text === y[i]);
  };
  const withTrigger = (matches: readonly MatchMap[], triggers: readonly (number | null)[] | undefined): string[] =>
    matches.map((map, i) => `${triggers ? triggers[i] : ''} ${textOf(map)}`);
  const { matches, triggers, timeouts, late = [] } = expected;
  // The oldest cases do not tell matches by time from the others.
  const together = triggers === undefined && expected.byTime === undefined;
  const byTime = together ? actual.byTime : (expected.byTime ?? []);
  const found = together ? [...actual.matches, ...actual.byTime.map(({ match }) => match)] : actual.matches;
  if (!same(withTrigger(matches ?? [], triggers), withTrigger(found, triggers ? actual.triggers : undefined))) return failed;
  if (!same(byTime.map(({ at, match }) => `${at} ${textOf(match)}`), actual.byTime.map(({ at, match }) => `${at} ${textOf(match)}`))) return failed;
  if (timeouts !== undefined && !same(timeouts.map(({ at, events }) => `${at} ${textOf(events)}`), actual.timeouts.map(({ at, events }) => `${at} ${textOf(events)}`))) return failed;
  if (late.join() !== actual.late.join()) return failed;
  return { outcome: 'passed' };
}
