/**
 * Key tracer: the rows of one key, one after the other, through traced runs, with every ending told.
 *
 * Always  matches, time-outs and their time are those of the operator: a key's time advances before the first row of
 *         each time, at a watermark where the key had a row or a window timer, or at every one. What each partial match
 *         met is told to the observer at the moment at which it happens.
 *         A checkpoint of the tracer, taken up again, goes on as the tracer would have.
 * Errors  TraceFault where the job would stop, TooManyRuns where runs fork without end; the tracer is not used again.
 * Source  operator/cep-operator.ts and partial-matches/matcher.ts, whose decisions it follows.
 */
import { DECISION_FINALS, DECISION_FLAGS, DECISION_RESULTS, DECISION_RETAINED, FLAG_BLOCKED, FLAG_STAYS } from '../automaton/decision.ts';
import { CLASS_MOVES, CLASS_STARTS, PLAN_ASK, PLAN_BLOCKED, PLAN_DIE, PLAN_STAY } from '../automaton/plan-table.ts';
import { STATE_PENDING } from '../automaton/automaton.ts';
import { JavaPriorityQueue } from '../reference/java-priority-queue.ts';
import { type StageRoles, endOf } from './attempts.ts';
import type { Schedule } from './schedule.ts';
import { TooManyRuns, TraceFault, type TraceProgram } from './trace-program.ts';
import { GroupedRuns, QueuedRuns, type TracedMatch, type TracedNode, type TracedRun, type TracedRuns, byStart, takenBy } from './traced-runs.ts';

/**
 * Why a partial match ended without completing: its window, the window since its last event, an event that strict order
 * does not allow, a stop condition, greed, a gate, the skip strategy.
 */
export type EndReason = 'window' | 'gap' | 'order' | 'until' | 'greedy' | 'gate' | 'skip';

export interface Ending {
  readonly node: TracedNode;
  readonly state: number;
  readonly reason: EndReason;
  /** The event that ended it; -1 where time did. */
  readonly row: number;
  /** Event time of the ending: of that event, or when the window was over. */
  readonly at: number;
  /** Stage of the gate, -1 = none. */
  readonly gate: number;
}

export interface KeyObserver {
  taken(node: TracedNode): void;
  ended(ending: Ending): void;
  /** A match was completed; it may still be held back. */
  completed(match: TracedMatch): void;
  /** A match went out. */
  given(match: TracedMatch): void;
  /** A partial match ran out of time, or a completed one that was held back was pruned by the skip strategy. */
  pruned(match: TracedMatch): void;
}

export interface KeyCheckpoint {
  readonly place: number;
  readonly call: number;
  readonly touched: boolean;
  readonly advancedTo: number;
  readonly startedIn: number;
  readonly settled: number;
  readonly timers: readonly number[];
  readonly states: Uint16Array;
  readonly nodes: readonly TracedNode[];
  readonly held: readonly TracedMatch[];
  readonly endings: readonly Ending[];
}

/** Endings that are remembered, so that an event that comes too late can be told what it missed. */
const ENDINGS_KEPT = 32;

/** Partial matches that one event may leave behind by forking. */
const FORKS_MAX = 4_000;

const NONE: readonly TracedRun[] = [];

export class KeyTracer {
  readonly runs: TracedRuns;
  /** Completed matches that wait for an earlier-started partial match. */
  readonly held = new JavaPriorityQueue<TracedMatch>(byStart);
  /** The latest endings, oldest first. */
  endings: Ending[] = [];
  /** Place in the schedule of the next row. */
  place: number;
  readonly #end: number;
  readonly #program: TraceProgram;
  readonly #roles: StageRoles;
  readonly #schedule: Schedule;
  readonly #observer: KeyObserver;
  readonly #isSkip: boolean;
  readonly #isQueued: boolean;
  readonly #everyKey: boolean;
  #call = -1;
  #touched = false;
  #advancedTo = Number.NaN;
  #startedIn = -1;
  /** Watermarks below this number are done with. */
  #settled = 0;
  #timers: number[] = [];
  #timersFrom = 0;
  readonly #results: TracedRun[] = [];
  /** Runs and matches that the event at hand has added. */
  #forks = 0;

  constructor(program: TraceProgram, roles: StageRoles, schedule: Schedule, key: number, observer: KeyObserver, everyKey: boolean, from: KeyCheckpoint | null = null) {
    const { automaton } = program;
    this.#program = program;
    this.#roles = roles;
    this.#schedule = schedule;
    this.#observer = observer;
    this.#everyKey = everyKey;
    this.#isSkip = automaton.skip.kind !== 'NO_SKIP';
    this.#isQueued = this.#isSkip && automaton.branching !== 'linear';
    this.runs = this.#isQueued ? new QueuedRuns() : new GroupedRuns(automaton.stateCount);
    this.place = schedule.from[key] as number;
    this.#end = schedule.from[key + 1] as number;
    if (from === null) return;
    this.place = from.place;
    this.#call = from.call;
    this.#touched = from.touched;
    this.#advancedTo = from.advancedTo;
    this.#startedIn = from.startedIn;
    this.#settled = from.settled;
    this.#timers = [...from.timers];
    this.endings = [...from.endings];
    from.nodes.forEach((node, i) => this.runs.add({ state: from.states[i] as number, node, alive: true }));
    for (const match of from.held) this.held.add(match);
  }

  checkpoint(): KeyCheckpoint {
    const runs = this.runs.all();
    return {
      place: this.place, call: this.#call, touched: this.#touched, advancedTo: this.#advancedTo, startedIn: this.#startedIn, settled: this.#settled,
      timers: this.#timers.slice(this.#timersFrom), states: Uint16Array.from(runs, (run) => run.state), nodes: runs.map((run) => run.node),
      held: [...this.held.items], endings: [...this.endings],
    };
  }

  /** Whether a row is left that some watermark passes. */
  get more(): boolean {
    if (this.place >= this.#end) return false;
    const { rows, watermarks } = this.#schedule;
    return (this.#program.batch.time[rows[this.place] as number] as number) <= (watermarks[watermarks.length - 1] ?? Number.NEGATIVE_INFINITY);
  }

  /** Everything that time does before the next row. */
  approach(): void {
    const time = this.#program.batch.time[this.#schedule.rows[this.place] as number] as number;
    if (this.#call === -1 || time > (this.#schedule.watermarks[this.#call] as number)) {
      const call = this.#schedule.callOf(time);
      this.#settle(call);
      this.#call = call;
    }
    if (this.#advancedTo === time) return;
    this.#advancedTo = time;
    this.#advance(time);
  }

  /** Processes the next row. */
  step(): void {
    this.approach();
    const row = this.#schedule.rows[this.place] as number;
    const time = this.#program.batch.time[row] as number;
    const started = this.#process(row, time);
    const { windowMs } = this.#program.automaton;
    if (windowMs > 0) {
      if (started && time > 0) this.#startedIn = this.#call;
      if (this.#startedIn === this.#call) this.#timers.push(time + windowMs);
    }
    this.#touched = true;
    this.place += 1;
  }

  /** What the watermarks after the last row do. */
  finish(): void {
    this.#settle(this.#schedule.watermarks.length);
  }

  // --- time

  /** Ends every watermark below `before` that means something to this key. */
  #settle(before: number): void {
    const { watermarks } = this.#schedule;
    if (this.#touched && this.#call < before) {
      this.#touched = false;
      this.#atWatermark(this.#call);
    }
    for (;;) {
      let due = this.#timersFrom < this.#timers.length ? (this.#timers[this.#timersFrom] as number) : Number.POSITIVE_INFINITY;
      if (this.#everyKey) due = Math.min(due, this.#earliestDue());
      if (due === Number.POSITIVE_INFINITY) break;
      const call = Math.max(this.#settled, this.#schedule.callOf(due));
      if (call >= before || call >= watermarks.length) break;
      this.#atWatermark(call);
    }
    this.#settled = Math.max(this.#settled, before);
  }

  #atWatermark(call: number): void {
    const watermark = this.#schedule.watermarks[call] as number;
    this.#advance(watermark);
    this.#settled = call + 1;
    while (this.#timersFrom < this.#timers.length && (this.#timers[this.#timersFrom] as number) <= watermark) this.#timersFrom += 1;
    if (this.#timersFrom > 1024) {
      this.#timers = this.#timers.slice(this.#timersFrom);
      this.#timersFrom = 0;
    }
  }

  /** When the next run is overdue. */
  #earliestDue(): number {
    const { windowMs, hasGaps } = this.#program.automaton;
    let due = windowMs > 0 ? this.runs.earliestTime() + windowMs : Number.POSITIVE_INFINITY;
    if (hasGaps) for (const run of this.runs.all()) due = Math.min(due, this.#gapDue(run));
    return due;
  }

  #gapDue(run: TracedRun): number {
    const gap = this.#program.automaton.stateGapMs[run.state] as number;
    return gap > 0 ? run.node.time + gap : Number.POSITIVE_INFINITY;
  }

  #advance(time: number): void {
    const { windowMs, hasGaps, stateKind } = this.#program.automaton;
    if (this.runs.count === 0 || (windowMs === 0 && !hasGaps)) return;
    const startLimit = windowMs > 0 ? time - windowMs : Number.NEGATIVE_INFINITY;
    if (!hasGaps && this.runs.earliestTime() > startLimit) return;
    const found: TracedMatch[] = [];
    const timedOut: Ending[] = [];
    const due = hasGaps ? (run: TracedRun): boolean => this.#gapDue(run) <= time || run.node.first.time <= startLimit : null;
    this.#program.work += this.runs.expire(startLimit, due, (run) => {
      const gapDue = this.#gapDue(run);
      const at = gapDue <= time ? gapDue : run.node.first.time + windowMs;
      if (stateKind[run.state] === STATE_PENDING) found.push({ node: run.node, row: -1, end: at });
      else timedOut.push({ node: run.node, state: run.state, reason: gapDue <= time ? 'gap' : 'window', row: -1, at, gate: -1 });
    });
    if (found.length + timedOut.length === 0) return;
    this.#complete(found);
    for (const ending of timedOut) this.#ended(ending);
  }

  // --- events

  /** True where the event began a run. */
  #process(row: number, time: number): boolean {
    const program = this.#program;
    const { plans } = program;
    const eventClass = program.classes[row] as number;
    const flags = plans.classFlags[eventClass] as number;
    program.work += 1;
    if (flags === 0 && this.held.items.length === 0) return false;
    const found: TracedMatch[] = [];
    this.#forks = 0;
    if ((flags & CLASS_MOVES) !== 0 && this.runs.count > 0) {
      program.work += this.runs.visit((state) => plans.plan(state, eventClass) !== PLAN_STAY, (run) => this.#visit(run, row, time, eventClass, found));
    }
    const started = (flags & CLASS_STARTS) !== 0 && this.#start(row, time, eventClass, found);
    if (found.length > 0 || (this.#isSkip && this.held.items.length > 0)) this.#complete(found, row, time);
    return started;
  }

  #visit(run: TracedRun, row: number, time: number, eventClass: number, found: TracedMatch[]): readonly TracedRun[] {
    const { plans } = this.#program;
    const { node, state } = run;
    let plan = plans.plan(state, eventClass);
    let ops = plans.pool;
    if (plan === PLAN_DIE || plan === PLAN_BLOCKED) {
      this.#endedBy(run, row, time);
      return NONE;
    }
    if (plan === PLAN_ASK) {
      ops = this.#program.ask(state, node, row);
      plan = 0;
      if ((ops[DECISION_FLAGS] as number) & FLAG_STAYS) {
        this.#results.length = 0;
        this.#results.push(run);
        return this.#results;
      }
    }
    const finals = ops[plan + DECISION_FINALS] as number;
    const retained = ops[plan + DECISION_RETAINED] as number;
    this.#forks += Math.max(0, finals + retained - 1);
    if (this.#forks > FORKS_MAX) throw new TooManyRuns();
    let at = plan + DECISION_RESULTS;
    let taken: TracedNode | null = null;
    const take = (stage: number): TracedNode => {
      if (stage === -1) return node;
      if (taken === null || taken.stage !== stage) {
        taken = takenBy(node, stage, row, time, this.place);
        this.#observer.taken(taken);
      }
      return taken;
    };
    for (let i = 0; i < finals; i += 1, at += 2) found.push({ node: take(ops[at + 1] as number), row, end: time });
    const results = this.#results;
    results.length = 0;
    for (let i = 0; i < retained; i += 1, at += 2) {
      const next = take(ops[at + 1] as number);
      if (i === 0) {
        run.state = ops[at] as number;
        run.node = next;
        results.push(run);
      } else results.push({ state: ops[at] as number, node: next, alive: true });
    }
    if (retained === 0 && finals === 0) this.#endedBy(run, row, time);
    return results;
  }

  #start(row: number, time: number, eventClass: number, found: TracedMatch[]): boolean {
    const { plans, automaton } = this.#program;
    let plan = plans.plan(automaton.startState, eventClass);
    let ops = plans.pool;
    if (plan === PLAN_STAY) return false;
    if (plan === PLAN_ASK) {
      ops = this.#program.ask(automaton.startState, null, row);
      plan = 0;
    }
    if ((ops[plan + DECISION_FLAGS] as number) & FLAG_BLOCKED) throw new TraceFault('An absence forbids the very first event, because all stages before it can be left out.');
    const finals = ops[plan + DECISION_FINALS] as number;
    const retained = ops[plan + DECISION_RETAINED] as number;
    let at = plan + DECISION_RESULTS;
    let taken: TracedNode | null = null;
    const take = (stage: number): TracedNode => {
      if (taken === null || taken.stage !== stage) {
        // All results of one start begin with the same event: they share its node, so that the layout sees one start.
        const first: TracedNode | null = taken;
        const made = takenBy(null, stage, row, time, this.place);
        taken = first === null ? made : { ...made, first: first.first };
        this.#observer.taken(taken);
      }
      return taken;
    };
    for (let i = 0; i < finals; i += 1, at += 2) found.push({ node: take(ops[at + 1] as number), row, end: time });
    for (let i = 0; i < retained; i += 1, at += 2) this.runs.add({ state: ops[at] as number, node: take(ops[at + 1] as number), alive: true });
    return finals + retained > 0;
  }

  #endedBy(run: TracedRun, row: number, time: number): void {
    this.#program.begin(run.node, row);
    const attempts = this.#roles.attempts(run.state, this.#program.tri);
    const blocked = attempts.blockedBy !== -1;
    this.#ended({ node: run.node, state: run.state, reason: blocked ? 'gate' : endOf(attempts), row, at: time, gate: attempts.blockedBy });
  }

  #ended(ending: Ending): void {
    this.endings.push(ending);
    if (this.endings.length >= ENDINGS_KEPT * 2) this.endings = this.endings.slice(-ENDINGS_KEPT);
    this.#observer.ended(ending);
  }

  // --- matches

  /** As Matcher does: complete, hold back, skip, give out. */
  #complete(found: readonly TracedMatch[], row = -1, time = Number.NaN): void {
    for (const match of found) this.#observer.completed(match);
    if (!this.#isSkip) {
      for (const match of found) this.#observer.given(match);
      return;
    }
    if (this.#isQueued) {
      const queue = new JavaPriorityQueue<TracedMatch>(byStart);
      for (const match of found) queue.add(match);
      for (const match of queue.items) this.held.add(match);
    } else for (const match of found) this.held.add(match);
    const given: TracedMatch[] = [];
    for (let first = this.held.peek(); first !== undefined; first = this.held.peek()) {
      if (first.node.first.ordinal > this.runs.earliest()) break;
      this.held.poll();
      this.#skip(first, row, time);
      given.push(first);
    }
    for (const match of given) this.#observer.given(match);
  }

  #skip(match: TracedMatch, row: number, time: number): void {
    const { kind } = this.#program.automaton.skip;
    const limit = this.#skipLimit(match);
    if (Number.isNaN(limit)) return;
    const inclusive = kind === 'SKIP_TO_NEXT' || kind === 'SKIP_PAST_LAST_EVENT';
    this.runs.prune(limit, inclusive, (run) => this.#ended({ node: run.node, state: run.state, reason: 'skip', row, at: Number.isNaN(time) ? match.end : time, gate: -1 }));
    this.held.removeWhere((other) => {
      const doomed = other.node.first.ordinal < limit || (inclusive && other.node.first.ordinal === limit);
      if (doomed) this.#observer.pruned(other);
      return doomed;
    });
  }

  #skipLimit(match: TracedMatch): number {
    const { skip, resultNames } = this.#program.automaton;
    if (skip.kind === 'SKIP_PAST_LAST_EVENT') return match.node.ordinal;
    const first = match.node.first.ordinal;
    if (skip.kind === 'SKIP_TO_NEXT') return first;
    if (!('stageName' in skip)) return Number.NaN;
    let limit = Number.NaN;
    for (let at: TracedNode | null = match.node; at !== null; at = at.parent) {
      if (resultNames[at.stage] !== skip.stageName) continue;
      limit = at.ordinal;
      if (skip.kind === 'SKIP_TO_LAST') break;
    }
    if (!skip.throwOnMiss) return limit;
    if (Number.isNaN(limit)) throw new TraceFault(`Could not skip to ${skip.stageName}: the match found has no event of that stage.`);
    if (limit === first) throw new TraceFault(`Could not skip to ${skip.stageName}: it is the first event of the match, so matching would begin there for ever.`);
    return limit;
  }
}
