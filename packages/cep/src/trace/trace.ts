/**
 * Trace: a pattern over a sample, followed partial match by partial match, so that "why no match?" has an answer.
 *
 * One pass over the sample gives the summary and leaves an index behind: the rows of each key, and checkpoints of keys
 * that are long. A question about an event, a stage or a key is then answered from the nearest checkpoint.
 *
 * Rules (SPEC.md, TC1 …)
 * Always  the matches are those of the operator, whichever structure that one uses. The pass does a bounded amount of
 *         work: beyond it the rest of the sample is not followed, and the summary says how much was (`traced`).
 * Units   rows are rows of the batch that was given; times are event time in ms.
 * Not here: sentences (whoever shows it), the clock; where watermarks stand and which events are late comes from outside.
 */
import { WATERMARK_MAX, invariant } from '@tidemark/core';
import type { EventBatch, FieldValue } from '@tidemark/event';
import type { Step, ValidatedJob } from '@tidemark/pattern';
import { type Attempts, StageRoles } from './attempts.ts';
import { type ConditionPart, ConditionReader } from './condition-values.ts';
import type { EventReasons, KeyStep, RunReason, StageReasons, StageVerdict, TracedEnding, TracedEvent, TracedWay } from './event-reasons.ts';
import { type EndReason, type Ending, type KeyCheckpoint, type KeyObserver, KeyTracer } from './key-tracer.ts';
import { nearestMiss } from './nearest-miss.ts';
import { Schedule } from './schedule.ts';
import { TooManyRuns, TraceFault, TraceProgram } from './trace-program.ts';
import type { Furthest, StageSummary, TraceSummary } from './trace-summary.ts';
import { type TracedMatch, type TracedNode, type TracedRun, byProgress, wayOf } from './traced-runs.ts';

export interface TraceOptions {
  /** Index of the pattern in the job; default 0. */
  readonly pattern?: number;
  /** Where time stands after each stretch of the sample, rising; default: the end of the input alone. */
  readonly watermarks?: Float64Array;
  /** By row: how much too late it came, in ms; negative = in time. Default: none is late. */
  readonly lateMs?: Float64Array;
  /** Advance every key at every watermark; default: what the pattern says. */
  readonly everyKey?: boolean;
  /** Units of work that the pass may do. */
  readonly workMax?: number;
  /** Work between two checkpoints of a key. */
  readonly checkpointWork?: number;
  /** Told of every match and time-out, for tests. */
  readonly onMatch?: (kind: 'match' | 'timed-out', key: number, match: TracedMatch) => void;
}

/** About a second of work. */
export const TRACE_WORK_MAX = 10_000_000;
/** About 20 ms of work: what a question may cost beyond the checkpoint that it starts from. */
const QUESTION_WORK_MAX = 200_000;
/** Work between two checkpoints of a key. */
const CHECKPOINT_WORK = 10_000;
/** Nodes that all checkpoints together may name; beyond it they become rarer. */
const CHECKPOINT_NODES_MAX = 1_500_000;
const RUNS_SHOWN = 20;
const RUNS_LOOKED_AT = 3_000;
const RUNS_SORTED_MAX = 20_000;
const EVENTS_SHOWN = 12;
const EXAMPLES = 3;
/** Reasons for an end without a match; of two that are as frequent the first is told. */
const REASONS: readonly EndReason[] = ['order', 'until', 'greedy', 'window', 'gap', 'gate'];

const noReasons = (): Record<EndReason, number> => ({ window: 0, gap: 0, order: 0, until: 0, greedy: 0, gate: 0, skip: 0 });

/** Follows a pattern of a job through a sample. */
export function trace(job: ValidatedJob, batch: EventBatch, options: TraceOptions = {}): Trace {
  return new Trace(job, batch, options);
}

interface StageFigures {
  taken: number;
  lastTaken: number;
  reached: number;
  blocked: number;
  waiting: number;
  readonly ended: Record<EndReason, number>;
  readonly examples: Ending[];
  readonly took: Uint8Array;
}

export class Trace implements KeyObserver {
  readonly #program: TraceProgram;
  readonly #roles: StageRoles;
  readonly #schedule: Schedule;
  readonly #lateMs: Float64Array | null;
  readonly #everyKey: boolean;
  readonly #workMax: number;
  readonly #onMatch: TraceOptions['onMatch'];
  readonly #stages: readonly StageFigures[];
  readonly #steps: readonly Step[];
  readonly #readers: (ConditionReader | null)[];
  readonly #checkpoints = new Map<number, KeyCheckpoint[]>();
  #checkpointNodes = 0;
  #checkpointWork: number;
  #key = 0;
  #traced = 0;
  #whole = true;
  #matches = 0;
  #timedOut = 0;
  #held = 0;
  #dropped = 0;
  #late = 0;
  #fault: TraceSummary['fault'] = null;
  #furthest: { node: TracedNode; state: number; ending: Ending | null; key: number } | null = null;
  #summary: TraceSummary | null = null;

  constructor(job: ValidatedJob, batch: EventBatch, options: TraceOptions = {}) {
    const index = options.pattern ?? 0;
    const pattern = job.patterns[index];
    invariant(pattern !== undefined, `the job has no pattern ${index}`);
    this.#program = new TraceProgram(job, index, batch);
    this.#roles = new StageRoles(pattern, this.#program.automaton);
    this.#lateMs = options.lateMs ?? null;
    const late = this.#lateMs === null ? null : Uint8Array.from({ length: batch.length }, (_, row) => ((this.#lateMs as Float64Array)[row] as number) >= 0 ? 1 : 0);
    if (late !== null) for (const each of late) this.#late += each;
    this.#schedule = new Schedule(pattern, batch, options.watermarks ?? Float64Array.of(WATERMARK_MAX), late);
    this.#everyKey = options.everyKey ?? pattern.advanceEveryKey;
    this.#workMax = options.workMax ?? TRACE_WORK_MAX;
    this.#checkpointWork = options.checkpointWork ?? CHECKPOINT_WORK;
    this.#onMatch = options.onMatch;
    this.#steps = stepsByStage(pattern.steps);
    this.#readers = pattern.stageNames.map(() => null);
    this.#stages = pattern.stageNames.map(() => ({ taken: 0, lastTaken: -1, reached: 0, blocked: 0, waiting: 0, ended: noReasons(), examples: [], took: new Uint8Array(batch.length) }));
    this.#follow();
  }

  get summary(): TraceSummary {
    this.#summary ??= this.#summarize();
    return this.#summary;
  }

  // --- the pass

  #follow(): void {
    const { keyCount } = this.#schedule;
    for (let key = 0; key < keyCount; key += 1) {
      if (this.#program.work > this.#workMax) {
        this.#whole = false;
        return;
      }
      this.#followKey(key);
    }
  }

  #followKey(key: number): void {
    this.#key = key;
    const program = this.#program;
    const tracer = new KeyTracer(program, this.#roles, this.#schedule, key, this, this.#everyKey);
    let checkpointAt = program.work + this.#checkpointWork;
    try {
      while (tracer.more) {
        tracer.step();
        this.#traced += 1;
        if (program.work > this.#workMax) {
          this.#whole = false;
          return;
        }
        if (program.work < checkpointAt) continue;
        this.#keep(key, tracer.checkpoint());
        checkpointAt = program.work + this.#checkpointWork;
      }
      tracer.finish();
    } catch (error) {
      if (error instanceof TooManyRuns) {
        this.#whole = false;
        return;
      }
      if (!(error instanceof TraceFault)) throw error;
      // What time brought about after the last row is laid to that row.
      const row = this.#schedule.rows[Math.min(tracer.place, (this.#schedule.from[key + 1] as number) - 1)] as number;
      const before = this.#fault === null ? Number.POSITIVE_INFINITY : this.#fault.event.time;
      if ((program.batch.time[row] as number) < before) this.#fault = { message: error.message, event: this.#event(-1, row) };
    }
    this.#held += tracer.held.items.length;
    for (const run of tracer.runs.all()) {
      const figures = this.#stages[run.node.stage] as StageFigures;
      figures.waiting += 1;
      this.#consider(run.node, run.state, null);
    }
  }

  #keep(key: number, checkpoint: KeyCheckpoint): void {
    const list = this.#checkpoints.get(key);
    if (list === undefined) this.#checkpoints.set(key, [checkpoint]);
    else list.push(checkpoint);
    this.#checkpointNodes += checkpoint.nodes.length;
    if (this.#checkpointNodes <= CHECKPOINT_NODES_MAX) return;
    this.#checkpointNodes = 0;
    this.#checkpointWork *= 2;
    for (const [other, kept] of this.#checkpoints) {
      const half = kept.filter((_, i) => i % 2 === 0);
      this.#checkpoints.set(other, half);
      for (const each of half) this.#checkpointNodes += each.nodes.length;
    }
  }

  taken(node: TracedNode): void {
    const figures = this.#stages[node.stage] as StageFigures;
    figures.took[node.row] = 1;
    if (figures.lastTaken !== node.row) {
      figures.lastTaken = node.row;
      figures.taken += 1;
    }
    if (node.parent === null || node.parent.stage !== node.stage) figures.reached += 1;
  }

  ended(ending: Ending): void {
    const figures = this.#stages[ending.node.stage] as StageFigures;
    const { reason, gate } = ending;
    figures.ended[reason] += 1;
    if (reason === 'gate') (this.#stages[gate] as StageFigures).blocked += 1;
    if (reason === 'skip') this.#dropped += 1;
    if (reason === 'window' || reason === 'gap') {
      this.#timedOut += 1;
      this.#onMatch?.('timed-out', this.#key, { node: ending.node, row: -1, end: ending.at });
    }
    if (figures.ended[reason] <= EXAMPLES) figures.examples.push(ending);
    if (reason !== 'skip') this.#consider(ending.node, ending.state, ending);
  }

  completed(): void {}

  given(match: TracedMatch): void {
    this.#matches += 1;
    this.#onMatch?.('match', this.#key, match);
  }

  pruned(): void {
    this.#dropped += 1;
  }

  #consider(node: TracedNode, state: number, ending: Ending | null): void {
    const best = this.#furthest;
    if (best !== null && (node.stage < best.node.stage || (node.stage === best.node.stage && node.length <= best.node.length))) return;
    this.#furthest = { node, state, ending, key: this.#key };
  }

  // --- the summary

  #summarize(): TraceSummary {
    const { pattern, batch } = this.#program;
    const stages = pattern.stageNames.map((_, stage) => this.#stageSummary(stage));
    return {
      events: batch.length, late: this.#late, keys: this.#schedule.keyCount, matches: this.#matches, timedOut: this.#timedOut, held: this.#held, dropped: this.#dropped,
      traced: this.#traced, whole: this.#whole, fault: this.#fault, stages, furthest: this.#furthestWay(), verdict: this.#verdict(stages),
    };
  }

  /** Value of a stage's own condition by the event's class: 0, 1, 2, or 3 where only the part that the event decides is known to hold. */
  #meets(stage: number, row: number): 0 | 1 | 2 | 3 {
    const predicate = this.#roles.conditionOf(stage);
    if (predicate === -1) return 1;
    const { automaton, plans, classes } = this.#program;
    const eventClass = classes[row] as number;
    if (predicate < automaton.columnPredicateCount) return plans.value(eventClass, predicate) as 0 | 1 | 2;
    const guard = automaton.predicates[predicate]?.guard ?? -1;
    if (guard === -1) return 3;
    const value = plans.value(eventClass, guard) as 0 | 1 | 2;
    return value === 1 ? 3 : value;
  }

  #isLate(row: number): boolean {
    return this.#lateMs !== null && (this.#lateMs[row] as number) >= 0;
  }

  #stageSummary(stage: number): StageSummary {
    const { pattern, batch, automaton } = this.#program;
    const figures = this.#stages[stage] as StageFigures;
    let met = 0;
    for (let row = 0; row < batch.length; row += 1) {
      if (this.#isLate(row)) continue;
      const value = this.#meets(stage, row);
      if (value === 1 || value === 3) met += 1;
    }
    const step = this.#steps[stage] as Step;
    let nearest: StageSummary['nearest'] = null;
    if (met === 0 && step.condition !== null) {
      const row = nearestMiss(batch, step.condition, (at) => this.#isLate(at));
      if (row !== -1) {
        this.#program.begin(null, row);
        nearest = { event: this.#event(stage, row), condition: this.#readerOf(stage)?.read(this.#program.context) ?? [] };
      }
    }
    return {
      stage, id: pattern.stageIds[stage] as string, name: pattern.stageNames[stage] as string, gate: isGate(step),
      met, metExact: this.#roles.conditionOf(stage) < automaton.columnPredicateCount, taken: figures.taken, reached: figures.reached,
      ended: { ...figures.ended }, blocked: figures.blocked, waiting: figures.waiting, nearest, examples: figures.examples.map((ending) => this.#ending(ending)),
    };
  }

  #furthestWay(): Furthest | null {
    const best = this.#furthest;
    if (best === null) return null;
    return {
      way: this.#way(best.node), ending: best.ending === null ? null : this.#ending(best.ending), waitsFor: this.#roles.waitsFor(best.state),
      key: this.#schedule.keyValues(best.key),
    };
  }

  #verdict(stages: readonly StageSummary[]): TraceSummary['verdict'] {
    const none = { stage: -1, reason: null, count: 0 };
    const { length } = this.#program.batch;
    if (this.#matches > 0) return { code: 'matches', ...none, count: this.#matches };
    if (length === 0) return { code: 'no-events', ...none };
    if (this.#late === length) return { code: 'all-late', ...none, count: this.#late };
    const required = stages.filter((each) => !each.gate && !this.#mayBeLeftOut(each.stage));
    const stuck = required.find((each) => each.taken === 0);
    const isPart = !this.#whole;
    // Of a part, what was taken says little; what no event meets is known of all.
    const unmet = isPart ? required.find((each) => each.met === 0) : stuck?.met === 0 ? stuck : undefined;
    if (unmet !== undefined) return { code: 'not-met', stage: unmet.stage, reason: null, count: 0 };
    if (isPart) return { code: 'too-many', ...none };
    if (this.#held > 0) return { code: 'held', ...none, count: this.#held };
    // Nothing came as far as the end: the ones that came furthest say why.
    const last = this.#furthest?.node.stage ?? -1;
    if (last === -1) return stuck === undefined ? { code: 'dropped', ...none, count: this.#dropped } : { code: 'not-reached', stage: stuck.stage, reason: null, count: stuck.met };
    const ended = stages[last]?.ended ?? noReasons();
    const reason = REASONS.reduce((a, b) => (ended[b] > ended[a] ? b : a));
    const stage = stuck?.stage ?? last;
    if (ended[reason] > 0) return { code: 'ended', stage, reason, count: ended[reason] };
    if (this.#dropped > 0 && stuck === undefined) return { code: 'dropped', ...none, count: this.#dropped };
    return { code: 'waiting', stage, reason: null, count: stages[last]?.waiting ?? 0 };
  }

  #mayBeLeftOut(stage: number): boolean {
    const within = (steps: readonly Step[], optional: boolean): boolean | null => {
      for (const step of steps) {
        const own = optional || step.quantifier.optional;
        if (step.stage === stage) return own;
        const inside = step.group === null ? null : within(step.group, own);
        if (inside !== null) return inside;
      }
      return null;
    };
    return within(this.#program.pattern.steps, false) ?? false;
  }

  // --- questions

  /** What the event of a row met. Answered from the nearest checkpoint of its key. */
  ofEvent(row: number): EventReasons {
    const { batch, pattern } = this.#program;
    invariant(row >= 0 && row < batch.length, `the sample has no row ${row}`);
    const key = this.#schedule.keyOf[row] as number;
    const place = this.#schedule.placeOf[row] as number;
    const keyMissing = pattern.key.filter((field) => batch.columns[field]?.present[row] === 0);
    const base = { event: this.#event(-1, row), key: this.#schedule.keyValues(key), keyMissing, waiting: 0, lookedAt: 0, ended: [], endedCount: 0, completed: 0, held: 0 };
    if (place === -1) {
      const stages = pattern.stageNames.map((_, stage) => this.#stageReasons(stage, row, 'late', []));
      return { ...base, lateMs: (this.#lateMs as Float64Array)[row] as number, stages, unknown: null };
    }
    const unanswered = (unknown: 'too-many' | 'fault'): EventReasons =>
      ({ ...base, lateMs: null, stages: pattern.stageNames.map((_, stage) => this.#stageReasons(stage, row, this.#alone(stage, row), [])), unknown });
    const recorder = new Recorder();
    const tracer = this.#tracerAt(key, place, recorder);
    if (tracer === null) return unanswered('too-many');
    try {
      while (tracer.place < place) tracer.step();
      if (!tracer.more) return unanswered('fault');
      recorder.clear();
      tracer.approach();
      const all = tracer.runs.all();
      const waiting = all.length;
      const before = (waiting <= RUNS_SORTED_MAX ? all : all.slice(0, RUNS_LOOKED_AT)).map((run) => ({ run, node: run.node, state: run.state }));
      const remembered = [...tracer.endings];
      // Those that came furthest say most.
      if (waiting <= RUNS_SORTED_MAX) before.sort((a, b) => byProgress(a.node, b.node) || a.state - b.state);
      const looked = before.slice(0, RUNS_LOOKED_AT);
      const tried = this.#attempts(looked, row);
      const startTried = this.#tried(this.#program.automaton.startState, null, row);
      tracer.step();
      recorder.endings.sort((a, b) => byProgress(a.node, b.node) || a.state - b.state);
      return {
        ...base, lateMs: null, waiting, lookedAt: looked.length, unknown: null,
        stages: pattern.stageNames.map((_, stage) => this.#reasonsAt(stage, row, looked, tried, startTried, recorder, remembered)),
        ended: recorder.endings.slice(0, RUNS_SHOWN).map((ending) => this.#ending(ending)), endedCount: recorder.endings.length,
        completed: recorder.completedCount, held: tracer.held.items.length,
      };
    } catch (error) {
      if (error instanceof TooManyRuns) return unanswered('too-many');
      if (!(error instanceof TraceFault)) throw error;
      return unanswered('fault');
    }
  }

  /** Events that concern a stage: of those that meet its condition, the first taken and the first not taken. */
  ofStage(stage: number, limit: number): { readonly taken: readonly TracedEvent[]; readonly notTaken: readonly TracedEvent[] } {
    const { took } = this.#stages[stage] as StageFigures;
    const taken: TracedEvent[] = [];
    const notTaken: TracedEvent[] = [];
    for (let row = 0; row < took.length && (taken.length < limit || notTaken.length < limit); row += 1) {
      const meets = this.#meets(stage, row);
      if (took[row] === 1) {
        if (taken.length < limit) taken.push(this.#event(stage, row));
      } else if ((meets === 1 || meets === 3) && notTaken.length < limit) notTaken.push(this.#event(stage, row));
    }
    return { taken, notTaken };
  }

  /** Number of a row among those of its key, -1 = late. */
  placeInKey(row: number): number {
    const place = this.#schedule.placeOf[row] as number;
    return place === -1 ? -1 : place - (this.#schedule.from[this.#schedule.keyOf[row] as number] as number);
  }

  /** Part of a key's history: its rows from number `from` on, at most `count`; null where there are too many partial matches. */
  ofKey(values: readonly FieldValue[], from: number, count: number): { readonly rows: number; readonly steps: readonly KeyStep[] } | null {
    const key = this.#schedule.slotOf(values);
    if (key === -1) return { rows: 0, steps: [] };
    const first = this.#schedule.from[key] as number;
    const rows = (this.#schedule.from[key + 1] as number) - first;
    const recorder = new Recorder();
    const start = first + Math.min(from, rows);
    const tracer = this.#tracerAt(key, start, recorder);
    if (tracer === null) return null;
    const steps: KeyStep[] = [];
    const workMax = this.#program.work + QUESTION_WORK_MAX;
    try {
      while (tracer.place < start) tracer.step();
      while (steps.length < count && tracer.more && this.#program.work < workMax) {
        recorder.clear();
        const row = this.#schedule.rows[tracer.place] as number;
        tracer.approach();
        const before = tracer.runs.count;
        tracer.step();
        steps.push(this.#keyStep(row, before, tracer.runs.count, recorder));
      }
    } catch (error) {
      if (!(error instanceof TraceFault || error instanceof TooManyRuns)) throw error;
    }
    return { rows, steps };
  }

  #keyStep(row: number, before: number, after: number, recorder: Recorder): KeyStep {
    const ended: Partial<Record<EndReason, number>> = {};
    for (const { reason } of recorder.endings) ended[reason] = (ended[reason] ?? 0) + 1;
    const moved = new Set(recorder.nodes.map((node) => node.parent)).size;
    const byEvent = recorder.endings.filter((ending) => ending.row === row).length;
    return {
      event: this.#event(-1, row), taken: [...new Set(recorder.nodes.map((node) => node.stage))], completed: recorder.completedCount, ended,
      ignored: Math.max(0, before - moved - byEvent), waiting: after,
      meets: this.#stages.flatMap((_, stage) => (this.#meets(stage, row) === 1 || this.#meets(stage, row) === 3 ? [stage] : [])),
    };
  }

  /** A tracer that stands at or before a place, not too far; null where it would be too far. */
  #tracerAt(key: number, place: number, observer: KeyObserver): KeyTracer | null {
    const kept = this.#checkpoints.get(key) ?? [];
    let from: KeyCheckpoint | null = null;
    for (const checkpoint of kept) {
      if (checkpoint.place > place) break;
      from = checkpoint;
    }
    const tracer = new KeyTracer(this.#program, this.#roles, this.#schedule, key, observer, this.#everyKey, from);
    const workMax = this.#program.work + Math.max(QUESTION_WORK_MAX, this.#checkpointWork * 2);
    try {
      while (tracer.place < place) {
        if (this.#program.work > workMax) return null;
        tracer.step();
      }
    } catch (error) {
      if (!(error instanceof TraceFault || error instanceof TooManyRuns)) throw error;
      return null;
    }
    return tracer;
  }

  /** What each run tries; runs in one state whose conditions read the event alone try the same. */
  #attempts(runs: readonly { readonly run: TracedRun; readonly node: TracedNode; readonly state: number }[], row: number): readonly Attempts[] {
    const byState = new Map<number, Attempts>();
    return runs.map(({ node, state }) => {
      const known = byState.get(state);
      if (known !== undefined) return known;
      const tried = this.#tried(state, node, row);
      if (this.#readsEventAlone(state)) byState.set(state, tried);
      return tried;
    });
  }

  #readsEventAlone(state: number): boolean {
    const { automaton } = this.#program;
    return this.#roles.waitsFor(state).every((stage) => this.#roles.conditionOf(stage) < automaton.columnPredicateCount);
  }

  #tried(state: number, node: TracedNode | null, row: number): Attempts {
    this.#program.begin(node, row);
    return this.#roles.attempts(state, this.#program.tri);
  }

  #reasonsAt(
    stage: number, row: number, runs: readonly { readonly run: TracedRun; readonly node: TracedNode; readonly state: number }[], tried: readonly Attempts[],
    startTried: Attempts, recorder: Recorder, remembered: readonly Ending[],
  ): StageReasons {
    const refused = { condition: 0, until: 0, greedy: 0, gate: 0 };
    const reasons: RunReason[] = [];
    const step = this.#steps[stage] as Step;
    let waited = 0;
    let took = 0;
    let best: TracedNode | null = null;
    const note = (attempts: Attempts, node: TracedNode | null, outcome: (taken: boolean) => Pick<RunReason, 'outcome' | 'ended' | 'gate'>): void => {
      const attempt = attempts.attempts.findLast((each) => each.stage === stage && each.holds === 1) ?? attempts.attempts.find((each) => each.stage === stage);
      if (attempt === undefined) return;
      waited += 1;
      const taken = attempt.holds === 1 && recorder.hasTaken(node, stage);
      const refusedBy = taken ? null : (attempt.refusedBy ?? 'gate');
      if (refusedBy === null) took += 1;
      else refused[refusedBy] += 1;
      if (node !== null && (best === null || node.length > best.length)) best = node;
      if (reasons.length >= RUNS_SHOWN) return;
      reasons.push({
        way: node === null ? null : this.#way(node), refusedBy, byStage: attempt.byStage, ...outcome(taken),
        condition: this.#conditionAt(stage, node, row),
      });
    };
    if (!isGate(step)) {
      note(startTried, null, (taken) => ({ outcome: taken ? 'taken' : 'kept', ended: null, gate: -1 }));
      runs.forEach(({ run, node }, i) => {
        note(tried[i] as Attempts, node, (taken) => {
          const ending = recorder.endings.find((each) => each.node === node && each.row === row);
          if (ending !== undefined && !taken) return { outcome: 'ended', ended: ending.reason, gate: ending.gate };
          if (!taken) return { outcome: 'kept', ended: null, gate: -1 };
          return { outcome: run.alive ? 'taken' : 'completed', ended: null, gate: -1 };
        });
      });
    } else {
      const blocked = recorder.endings.filter((ending) => ending.gate === stage);
      took = blocked.length;
      waited = blocked.length;
      for (const ending of blocked.slice(0, RUNS_SHOWN)) {
        reasons.push({ way: this.#way(ending.node), outcome: 'ended', refusedBy: null, byStage: stage, ended: 'gate', gate: stage, condition: this.#conditionAt(stage, ending.node, row) });
        best = ending.node;
      }
    }
    const verdict: StageVerdict = isGate(step) ? (took > 0 ? 'blocks' : this.#alone(stage, row)) : took > 0 ? 'taken' : waited > 0 ? 'refused' : this.#alone(stage, row);
    const meets = this.#meets(stage, row);
    let last: Ending | undefined;
    if (verdict === 'nobody') {
      for (const ending of remembered) {
        if (!this.#roles.waitsFor(ending.state).includes(stage)) continue;
        if (last === undefined || ending.at > last.at || (ending.at === last.at && byProgress(ending.node, last.node) < 0)) last = ending;
      }
    }
    return {
      stage, gate: isGate(step), verdict, meets: meets === 3 ? this.#holdsFor(stage, best, row) : meets, waited, took, refused, runs: reasons,
      condition: this.#conditionAt(stage, best, row), before: last === undefined ? null : this.#ending(last),
    };
  }

  /** The verdict where no partial match has a say. */
  #alone(stage: number, row: number): StageVerdict {
    const meets = this.#meets(stage, row);
    if (meets !== 1 && meets !== 3) return 'not-met';
    return isGate(this.#steps[stage] as Step) ? 'no-effect' : 'nobody';
  }

  #holdsFor(stage: number, node: TracedNode | null, row: number): 0 | 1 | 2 | null {
    if (node === null) return null;
    this.#program.begin(node, row);
    return this.#program.tri(this.#roles.conditionOf(stage));
  }

  #stageReasons(stage: number, row: number, verdict: StageVerdict, runs: readonly RunReason[]): StageReasons {
    const meets = this.#meets(stage, row);
    return {
      stage, gate: isGate(this.#steps[stage] as Step), verdict, meets: meets === 3 ? null : meets, waited: 0, took: 0, refused: { condition: 0, until: 0, greedy: 0, gate: 0 }, runs,
      condition: this.#conditionAt(stage, null, row), before: null,
    };
  }

  #readerOf(stage: number): ConditionReader | null {
    const condition = this.#steps[stage]?.condition ?? null;
    if (condition === null) return null;
    this.#readers[stage] ??= new ConditionReader(condition, this.#program.pattern.stageNames);
    return this.#readers[stage] ?? null;
  }

  #conditionAt(stage: number, node: TracedNode | null, row: number): readonly ConditionPart[] | null {
    const reader = this.#readerOf(stage);
    if (reader === null) return null;
    this.#program.begin(node, row);
    return reader.read(this.#program.context);
  }

  // --- data out

  #event(stage: number, row: number): TracedEvent {
    const { batch } = this.#program;
    return { stage, row, position: batch.position[row] as number, time: batch.time[row] as number };
  }

  #way(node: TracedNode): TracedWay {
    const way = wayOf(node);
    const shown = way.length <= EVENTS_SHOWN ? way : [...way.slice(0, EVENTS_SHOWN / 2), ...way.slice(-EVENTS_SHOWN / 2)];
    return { events: shown.map(({ stage, row }) => this.#event(stage, row)), length: way.length, start: node.first.time };
  }

  #ending(ending: Ending): TracedEnding {
    return {
      way: this.#way(ending.node), reason: ending.reason, at: ending.at, by: ending.row === -1 ? null : this.#event(-1, ending.row), gate: ending.gate,
      waitedFor: this.#roles.waitsFor(ending.state),
    };
  }
}

/** What happens at one event. */
class Recorder implements KeyObserver {
  endings: Ending[] = [];
  nodes: TracedNode[] = [];
  completedCount = 0;
  #taken: Map<TracedNode | null, number[]> | null = null;

  clear(): void {
    this.#taken = null;
    this.endings = [];
    this.nodes = [];
    this.completedCount = 0;
  }
  taken(node: TracedNode): void { this.nodes.push(node); }
  hasTaken(parent: TracedNode | null, stage: number): boolean {
    if (this.#taken === null) {
      this.#taken = new Map();
      for (const node of this.nodes) {
        const stages = this.#taken.get(node.parent);
        if (stages === undefined) this.#taken.set(node.parent, [node.stage]);
        else stages.push(node.stage);
      }
    }
    return this.#taken.get(parent)?.includes(stage) ?? false;
  }
  ended(ending: Ending): void { this.endings.push(ending); }
  completed(): void { this.completedCount += 1; }
  given(): void {}
  pruned(): void {}
}

const isGate = (step: Step): boolean => step.link === 'notNext' || step.link === 'notFollowedBy';

function stepsByStage(steps: readonly Step[], into: Step[] = []): readonly Step[] {
  for (const step of steps) {
    if (step.group === null) into[step.stage] = step;
    else stepsByStage(step.group, into);
  }
  return into;
}
