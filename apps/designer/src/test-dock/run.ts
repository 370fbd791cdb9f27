/**
 * The drawing on the sample: every match and every partial match that ran out of time, with their events.
 *
 * Always  the engine of a deployed job (PatternRun) with its watermarks at the same places and its rule for late events, so
 *         what matches here matches there. Timed-out partial matches are shown whether the document reports them or not.
 * Errors  a fault of the run (a limit, a condition without a value) is part of the result, beside what came before it.
 */
import { JobFault, eventTime } from '@tidemark/core';
import { type Limits, MatchFormatter, type MatchSet, PatternRun, WatermarkGrid, compile, patternCost } from '@tidemark/cep';
import { EventBatch, type FieldValue, fieldIndex, fieldValue } from '@tidemark/event';
import { type AfterMatch, type AtomicNode, type JobDocument, type ValidatedJob, validateDocument } from '@tidemark/pattern';
import { gateIds, stagesInOrder } from '../canvas/chain.ts';
import { type SampleData, conditionRows, decodeSample } from './sample.ts';

/** Matches on one page of the list. */
export const MATCHES_SHOWN = 500;
/** Matches of each kind that are made and kept for further pages; beyond it they are only counted. */
export const MATCHES_KEPT = 20_000;
const EVENTS_SHOWN = 200;
const STRIP_EVENTS = 2_000;

export interface RunEvent { readonly position: number; readonly ts: number; readonly fields: Readonly<Record<string, FieldValue>> }
export interface RunStage { readonly name: string; readonly events: readonly RunEvent[]; readonly more: number }
export interface RunMatch {
  readonly id: string;
  readonly kind: 'match' | 'timed-out';
  readonly key: readonly FieldValue[];
  readonly start: number;
  readonly end: number;
  readonly text: string | null;
  readonly stages: readonly RunStage[];
  readonly eventCount: number;
}
export interface RunResult {
  readonly events: number;
  readonly late: number;
  readonly deadLetters: number;
  readonly matchCount: number;
  readonly timedOutCount: number;
  /** The run stopped early: there are at least so many. */
  readonly atLeast: boolean;
  /** The first MATCHES_SHOWN of each, in order of their time. */
  readonly matches: readonly RunMatch[];
  readonly timedOut: readonly RunMatch[];
  /** Partial matches that are still waiting: without a window nothing ends them. */
  readonly open: number;
  readonly keys: number;
  /** By stage id. */
  readonly stages: Readonly<Record<string, { readonly entered: number; readonly expired: number; readonly blocked: number }>>;
  /** What stopped the run; `deployedOnly`: a limit that stops a deployed job, which the run here went beyond. */
  readonly fault: { readonly code: string; readonly message: string; readonly remedy: string | null; readonly deployedOnly: boolean } | null;
  /** The sample is only the beginning of its file: the counts are of that part. */
  readonly partial: boolean;
}

interface Line {
  readonly matchId: string; readonly kind: string; readonly key: readonly FieldValue[]; readonly start: number; readonly end: number; readonly text?: string;
  readonly stages: Readonly<Record<string, readonly Readonly<Record<string, FieldValue>>[]>>;
  readonly positions: Readonly<Record<string, readonly string[]>>;
}

/** Sets of matches that are kept until somebody asks for what is in them. */
const SETS_KEPT = 200;

/** What is listed: a match that was made, or a set that makes its matches when they are asked for. */
type Listed = string | { readonly set: MatchSet; readonly formatter: MatchFormatter };

/**
 * The list of matches, page by page: what nobody asks for is not made, so that an event that completes 2^60 matches costs
 * no more than one that completes two.
 */
export class MatchPages {
  readonly #document: JobDocument;
  readonly #made: Readonly<Record<RunMatch['kind'], string[]>> = { match: [], 'timed-out': [] };
  readonly #waiting: Readonly<Record<RunMatch['kind'], Listed[]>> = { match: [], 'timed-out': [] };
  #sets = 0;

  constructor(document: JobDocument) { this.#document = document; }

  clear(): void {
    for (const kind of ['match', 'timed-out'] as const) {
      this.#made[kind].length = 0;
      this.#waiting[kind].length = 0;
    }
    this.#sets = 0;
  }

  keep(kind: RunMatch['kind'], line: string): void { this.#waiting[kind].push(line); }

  /** A set of matches of one event; it is kept as it is. */
  keepSet(set: MatchSet, formatter: MatchFormatter): void {
    if (this.#sets === SETS_KEPT) return;
    this.#sets += 1;
    this.#waiting.match.push({ set: set.detach(), formatter });
  }

  /** In order of their time within the page; empty behind the last one that is listed. */
  page(kind: RunMatch['kind'], from: number): readonly RunMatch[] {
    const to = Math.min(from + MATCHES_SHOWN, MATCHES_KEPT);
    this.#make(kind, to);
    return this.#made[kind].slice(from, to).map((line) => readLine(JSON.parse(line) as Line, this.#document, kind)).sort(byTime);
  }

  #make(kind: RunMatch['kind'], count: number): void {
    const made = this.#made[kind];
    const waiting = this.#waiting[kind];
    while (made.length < count) {
      const [next] = waiting;
      if (next === undefined) return;
      if (typeof next === 'string') {
        made.push(next);
        waiting.shift();
        continue;
      }
      const match = next.set.next();
      if (match === null) waiting.shift();
      else made.push(next.formatter.format(match).line);
    }
  }
}

const byTime = (a: RunMatch, b: RunMatch): number => a.end - b.end || a.start - b.start;

/** null where the document is not valid: the problems say why. */
export function runSample(document: JobDocument, sample: SampleData, pages = new MatchPages(document)): RunResult | null {
  const { job } = validateDocument(document);
  if (job === null) return null;
  const result = runOnce(document, job, sample, pages, undefined);
  if (result.fault === null || !result.limited) return result;
  // Partial matches that share what they have in common cost little, however many they are: the answer can be had all the same.
  pages.clear();
  return { ...runOnce(document, job, sample, pages, { ...document.limits, ...UNLIMITED }), fault: { ...result.fault, deployedOnly: true } };
}

const UNLIMITED: Omit<Limits, 'stateBytesPerJob'> = { partialMatchesPerJob: Number.POSITIVE_INFINITY, partialMatchesPerKey: Number.POSITIVE_INFINITY, matchesPerEvent: Number.POSITIVE_INFINITY };

function runOnce(document: JobDocument, job: ValidatedJob, sample: SampleData, pages: MatchPages, limits: Limits | undefined): RunResult & { readonly limited: boolean } {
  const { batch } = sample;
  const pattern = job.patterns[0];
  const formatters = job.patterns.map((_, index) => new MatchFormatter(job, index));
  let matchCount = 0;
  let timedOutCount = 0;
  const run = new PatternRun(job, (match) => {
    if (match.kind === 'late') return;
    const count = match.kind === 'match' ? (matchCount += 1) : (timedOutCount += 1);
    if (count <= MATCHES_KEPT) pages.keep(match.kind, (formatters[match.pattern] as MatchFormatter).format(match).line);
  }, {
    // Those that run out of time are told one by one: without limits they are only counted.
    timedOut: limits === undefined, ...(limits === undefined ? {} : { limits }),
    matchSets: (set) => {
      matchCount += set.count();
      pages.keepSet(set, formatters[set.about.pattern] as MatchFormatter);
    },
  });

  const grid = new WatermarkGrid(document.source?.rate ?? { kind: 'unlimited' });
  const keys = new Set<string>();
  let late = 0;
  let newest = Number.NEGATIVE_INFINITY;
  let position = 0;
  let fault: RunResult['fault'] = null;
  let limited = false;
  const part = new Part(batch);
  try {
    for (let row = 0; row < batch.length; row++) {
      const time = batch.time[row] as number;
      const before = newest;
      const from = position;
      position = (batch.position[row] as number) + 1;
      if (time <= newest - document.outOfOrdernessMs - 1) late += 1;
      else {
        if (time > newest) newest = time;
        part.take(row);
        if (pattern !== undefined && pattern.key.length > 0 && keys.size < 1_000_000) keys.add(pattern.key.map((field) => String(fieldValue(batch, field, row))).join('\u0000'));
      }
      if (part.full || grid.follows(from, position, before, newest)) {
        if (part.batch.length > 0) run.push(part.batch);
        part.batch.clear();
        if (newest > Number.NEGATIVE_INFINITY) run.watermark(eventTime(newest - document.outOfOrdernessMs - 1));
      }
    }
    if (part.batch.length > 0) run.push(part.batch);
    run.end();
  } catch (error) {
    if (!(error instanceof JobFault)) throw error;
    fault = { code: error.code, message: error.message, remedy: error.remedy, deployedOnly: false };
    limited = error.code.startsWith('partial-matches') && job.patterns.every((one) => patternCost(one, compile(one, job.schema)).common);
  }
  const stages: Record<string, { entered: number; expired: number; blocked: number }> = {};
  let open = 0;
  const figures = fault === null ? run.figures()[0] : undefined;
  if (figures !== undefined && pattern !== undefined) {
    open = figures.partialMatches;
    if (limits !== undefined) timedOutCount = figures.expired.reduce((sum, count) => sum + count, 0);
    pattern.stageIds.forEach((id, stage) => { stages[id] = { entered: figures.entered[stage] ?? 0, expired: figures.expired[stage] ?? 0, blocked: figures.blocked[stage] ?? 0 }; });
  }
  return {
    events: batch.length, late, deadLetters: sample.deadLetters, matchCount, timedOutCount, atLeast: fault !== null,
    matches: pages.page('match', 0), timedOut: pages.page('timed-out', 0),
    partial: sample.more, open, keys: pattern !== undefined && pattern.key.length > 0 ? keys.size : Math.min(1, batch.length), stages, fault, limited,
  };
}

/** Rows of the sample copied into a batch of their own, between two watermarks. Shares the sample's dictionaries. */
class Part {
  readonly batch: EventBatch;
  readonly #from: EventBatch;
  constructor(from: EventBatch) {
    this.#from = from;
    this.batch = new EventBatch(from.schema, 1024, from.columns.map((column) => (column.kind === 'string' ? column.dictionary : undefined)));
  }
  get full(): boolean { return this.batch.length === this.batch.capacity; }
  take(row: number): void {
    const { batch } = this;
    const at = batch.length;
    this.#from.columns.forEach((column, index) => {
      const own = batch.columns[index];
      if (own === undefined || column.present[row] === 0) return;
      own.present[at] = 1;
      if (own.kind === 'string' && column.kind === 'string') own.codes[at] = column.codes[row] as number;
      else if (own.kind !== 'string' && column.kind !== 'string') own.values[at] = column.values[row] as number;
    });
    batch.time[at] = this.#from.time[row] as number;
    batch.position[at] = this.#from.position[row] as number;
    batch.length = at + 1;
  }
}

function readLine(line: Line, document: JobDocument, kind: 'match' | 'timed-out'): RunMatch {
  const timeField = document.schema?.time.field ?? '';
  let eventCount = 0;
  const stages = Object.entries(line.stages).map(([name, events]): RunStage => {
    eventCount += events.length;
    return {
      name, more: Math.max(0, events.length - EVENTS_SHOWN),
      events: events.slice(0, EVENTS_SHOWN).map((fields, index) => ({ fields, ts: Number(fields[timeField] ?? Number.NaN), position: Number((line.positions[name]?.[index] ?? '').split(':')[1] ?? -1) })),
    };
  });
  return { id: line.matchId, kind, key: line.key, start: line.start, end: line.end, text: line.text ?? null, stages, eventCount };
}

/** Events of one key with the stages whose condition they meet: the ground of the time strip. */
export interface StripEvent { readonly ts: number; readonly position: number; readonly stages: readonly number[] }
export interface Strip { readonly stages: readonly { readonly id: string; readonly gate: boolean }[]; readonly events: readonly StripEvent[]; readonly more: number }

export function stripOf(document: JobDocument, sample: SampleData, key: readonly FieldValue[]): Strip {
  const pattern = document.patterns[0];
  const { batch } = sample;
  if (!pattern) return { stages: [], events: [], more: 0 };
  const gates = gateIds(pattern);
  const nodes = rowsOfStrip(pattern);
  const names = nodes.map((node) => node.name);
  const met = nodes.map((node) => conditionRows(batch, node.condition?.expression ?? '', names));
  const fields = pattern.key.map((name) => fieldIndex(batch.schema, name));
  const events: StripEvent[] = [];
  let more = 0;
  for (let row = 0; row < batch.length; row++) {
    if (fields.some((field, index) => field >= 0 && fieldValue(batch, field, row) !== (key[index] ?? null))) continue;
    const stages = met.flatMap((rows, index) => (rows !== null && (rows.out === null || rows.out[row] === 1) ? [index] : []));
    if (stages.length === 0 && events.length >= STRIP_EVENTS / 2) { more += 1; continue; }
    if (events.length >= STRIP_EVENTS) { more += 1; continue; }
    events.push({ ts: batch.time[row] as number, position: batch.position[row] as number, stages });
  }
  return { stages: nodes.map((node) => ({ id: node.id, gate: gates.has(node.id) })), events, more };
}

/** Stages and gates in the order in which they are read. */
function rowsOfStrip(pattern: JobDocument['patterns'][number]): readonly AtomicNode[] {
  const gates = gateIds(pattern);
  const stages = stagesInOrder(pattern);
  const all = pattern.nodes.flatMap((node) => (node.type === 'ATOMIC' && gates.has(node.id) ? [node] : []));
  // a gate stands before the stage that its link leads to
  const rows: AtomicNode[] = [];
  for (const stage of stages) {
    for (const gate of all) if (pattern.edges.some((edge) => edge.source === gate.id && edge.target === stage.id)) rows.push(gate);
    rows.push(stage);
  }
  for (const gate of all) if (!rows.includes(gate)) rows.push(gate);
  return rows;
}

/** One expectation kept with the document, and what the drawing gives now; null: it could not be run here. */
export interface TestOutcome { readonly id: string; readonly expected: number; readonly got: number | null }

/** Tests with events of their own are run on them; one that names the loaded sample takes `sampleMatches`. */
export function runTests(document: JobDocument, sampleMatches: number | null): readonly TestOutcome[] {
  const { schema } = document;
  return document.tests.map((test): TestOutcome => {
    const outcome = (got: number | null): TestOutcome => ({ id: test.id, expected: test.expectMatches, got });
    if (test.events === undefined) return outcome(test.sample !== undefined && document.source?.kind === 'file' && document.source.sample === test.sample ? sampleMatches : null);
    if (schema === null) return outcome(null);
    const bytes = new TextEncoder().encode(test.events.map((event) => JSON.stringify(event)).join('\n'));
    return outcome(runSample(document, decodeSample(bytes, 'ndjson', schema, document.patterns[0]?.key ?? []))?.matchCount ?? null);
  });
}

/** Matches under each strategy: the words alone do not teach the difference. null where one cannot be run. */
export function matchesByStrategy(document: JobDocument, sample: SampleData, strategies: readonly AfterMatch[]): readonly (number | null)[] {
  return strategies.map((strategy) => {
    const result = runSample({ ...document, patterns: document.patterns.map((pattern) => ({ ...pattern, afterMatchStrategy: strategy })) }, sample);
    return result === null || result.fault !== null ? null : result.matchCount;
  });
}

/** An event as the source would write it, for a test that is kept with the document. */
export function asWritten(event: RunEvent, schema: NonNullable<JobDocument['schema']>): Record<string, unknown> {
  const { field, format } = schema.time;
  const date = new Date(event.ts);
  const time = format === 'epoch-ms' ? event.ts : format === 'epoch-s' ? event.ts / 1_000 : format === 'epoch-us' ? event.ts * 1_000 : format === 'iso8601' ? date.toISOString() : date.toISOString().replace('T', ' ').replace(/(?:\.000)?Z$/, '');
  return { ...event.fields, [field]: time };
}
