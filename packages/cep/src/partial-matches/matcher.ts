/**
 * Matcher: the runs of all keys of one pattern, driven event by event.
 *
 * Two layouts of a key's runs stand behind it: a list by start where runs do not branch (linear-matcher.ts), and a
 * heap in Flink's order where they do (branching-matcher.ts). What is common is here: taking events, completing,
 * holding back, skipping, giving out.
 *
 * Always  for one key, events come in the order of processing and `advance` comes before the first event of a new
 *         time. The start state is always visited last, so it needs no place among the runs.
 *         Nothing of an event is given out before all of it is decided: a fault gives out nothing.
 *         Within one advance matches come before time-outs.
 * Source  behaviour of Flink 2.3.0, NFA.process and NFA.advanceTime; semantics 1.4 to 1.7.
 * Not here: keys as values, buffering and watermarks (operator/), which timers advance a key (operator/).
 */
import { CostExceeded, EVALUATION_BUDGET, type EvaluationContext, EvaluationError, RowList, type RowPredicate, compilePredicate, errorAt } from '@tidemark/condition';
import { JobFault } from '@tidemark/core';
import type { FieldValue } from '@tidemark/event';
import { type Automaton, STATE_PENDING } from '../automaton/automaton.ts';
import { DECISION_FINALS, DECISION_FLAGS, DECISION_RESULTS, DECISION_RETAINED, DecisionMaker, FLAG_BLOCKED } from '../automaton/decision.ts';
import { CLASS_MOVES, CLASS_STARTS, PLAN_ASK, PLAN_STAY, type PlanTable } from '../automaton/plan-table.ts';
import { CompletedStore } from './completed-store.ts';
import { MatchView, type EmittedMatch } from './emitted-match.ts';
import { grownF64, grownI32, grownU8 } from './grow.ts';
import { IntBlocks } from './int-blocks.ts';
import { NodeLog } from './node-log.ts';
import { type CopyPlan, RetainedEvents } from './retained-events.ts';
import { RunStore } from './run-store.ts';
import { StageCounters } from './stage-counters.ts';
import { heapAdd, heapPoll, heapPrune } from './start-heap.ts';

export interface Limits {
  readonly partialMatchesPerJob: number;
  readonly partialMatchesPerKey: number;
  readonly matchesPerEvent: number;
}

export interface MatcherOptions {
  readonly pattern: number;
  readonly patternId: string;
  readonly automaton: Automaton;
  readonly plans: PlanTable;
  readonly events: RetainedEvents;
  readonly limits: Limits;
  /** Whether timed-out partial matches are given out. */
  readonly timedOut: boolean;
  readonly output: (match: EmittedMatch) => void;
  readonly keyOf: (slot: number) => readonly FieldValue[];
}

const NO_BLOCK = -1;

/** Cost that all conditions of one event may have together. */
const EVENT_BUDGET = 4 * EVALUATION_BUDGET;

export abstract class Matcher {
  readonly automaton: Automaton;
  readonly plans: PlanTable;
  readonly events: RetainedEvents;
  readonly nodes: NodeLog;
  readonly runs = new RunStore();
  readonly completed = new CompletedStore();
  readonly blocks = new IntBlocks();
  readonly counters: StageCounters;
  /** By key slot: live partial matches, and completed ones that are held back. */
  count = new Int32Array(64);
  doneAt = new Int32Array(64).fill(NO_BLOCK);
  doneClass = new Uint8Array(64);
  doneCount = new Int32Array(64);
  slotCapacity = 64;

  protected readonly maker: DecisionMaker;
  protected readonly windowMs: number;
  protected readonly limits: Limits;
  readonly #options: MatcherOptions;
  readonly #predicates: readonly (RowPredicate | null)[];
  readonly #view: MatchView;
  readonly #isSkip: boolean;

  // what is being processed
  protected plan: CopyPlan | null = null;
  protected row = 0;
  protected eventClass = 0;
  protected slot = 0;
  /** Row of the current event among the retained ones, -1 = not taken so far. */
  #event = -1;

  // what the current step has completed and ended so far
  #found = new Int32Array(16);
  #foundCount = 0;
  #given = new Int32Array(16);
  #givenCount = 0;
  #endedNode = new Int32Array(16);
  #endedStart = new Float64Array(16);
  #endedDue = new Float64Array(16);
  #endedCount = 0;

  // evaluation of conditions that read earlier stages
  readonly #context: EvaluationContext;
  #askNode = -1;
  readonly #stageRows: readonly RowList[];
  /** Run for which a stage's rows were laid out last: number of the question. */
  readonly #stageRowsFor: Float64Array;
  #question = 0;
  #eventBudget = 0;
  #budgetRow = -1;
  readonly #memo: Int8Array;
  protected readonly valueOf: (predicate: number) => boolean;

  constructor(options: MatcherOptions) {
    this.#options = options;
    const { automaton, events } = options;
    this.automaton = automaton;
    this.plans = options.plans;
    this.events = events;
    this.nodes = new NodeLog(events);
    this.counters = new StageCounters(automaton.stageNames.length);
    this.maker = new DecisionMaker(automaton);
    this.windowMs = automaton.windowMs;
    this.limits = options.limits;
    this.#isSkip = automaton.skip.kind !== 'NO_SKIP';
    this.#view = new MatchView(options.pattern, events, options.keyOf);
    const scope = { stages: automaton.stageNames };
    this.#stageRows = automaton.stageNames.map(() => new RowList());
    this.#stageRowsFor = new Float64Array(automaton.stageNames.length).fill(-1);
    this.#predicates = automaton.predicates.map(({ condition }, id) => (id < automaton.columnPredicateCount ? null : compilePredicate(condition, scope)));
    this.#memo = new Int8Array(automaton.predicates.length);
    this.#context = { batch: events, row: 0, retained: events, budget: EVALUATION_BUDGET, rows: (stage) => this.#rowsOf(stage) };
    this.valueOf = (predicate) => this.#value(predicate);
  }

  get heldBack(): number { return this.completed.live; }

  /** Makes room for keys up to `slots`. */
  reserveSlots(slots: number): void {
    if (slots <= this.slotCapacity) return;
    let capacity = this.slotCapacity;
    while (capacity < slots) capacity *= 2;
    this.count = grownI32(this.count, capacity);
    const doneAt = new Int32Array(capacity).fill(NO_BLOCK);
    doneAt.set(this.doneAt);
    this.doneAt = doneAt;
    this.doneClass = grownU8(this.doneClass, capacity);
    this.doneCount = grownI32(this.doneCount, capacity);
    this.growSlots(capacity);
    this.slotCapacity = capacity;
  }

  /** Keys change their slots: slot i is from now on what slots[i] was. The others have no state. */
  compactSlots(slots: Int32Array): void {
    const kept = { count: this.count, doneAt: this.doneAt, doneClass: this.doneClass, doneCount: this.doneCount };
    this.slotCapacity = 64;
    while (this.slotCapacity < slots.length) this.slotCapacity *= 2;
    this.count = new Int32Array(this.slotCapacity);
    this.doneAt = new Int32Array(this.slotCapacity).fill(NO_BLOCK);
    this.doneClass = new Uint8Array(this.slotCapacity);
    this.doneCount = new Int32Array(this.slotCapacity);
    for (let i = 0; i < slots.length; i += 1) {
      const slot = slots[i] as number;
      this.count[i] = kept.count[slot] as number;
      this.doneAt[i] = kept.doneAt[slot] as number;
      this.doneClass[i] = kept.doneClass[slot] as number;
      this.doneCount[i] = kept.doneCount[slot] as number;
    }
    this.moveSlots(slots, this.slotCapacity);
  }

  /** Held matches of a key in the order of their queue. */
  completedOf(slot: number): Int32Array {
    const at = this.doneAt[slot] as number;
    return this.blocks.data.slice(at, at + (this.doneCount[slot] as number));
  }

  /** Has this key any state? */
  isIdle(slot: number): boolean {
    return this.count[slot] === 0 && this.doneCount[slot] === 0;
  }

  /** The rows that the next events come from. */
  bind(plan: CopyPlan): void {
    this.plan = plan;
    this.#context.batch = plan.rows;
  }

  /** One event of a key, at `row` of the bound rows. Answers true if it began a run (Flink: a new partial match started). */
  processEvent(slot: number, row: number, eventClass: number): boolean {
    const flags = this.plans.classFlags[eventClass] as number;
    this.slot = slot;
    this.row = row;
    this.eventClass = eventClass;
    this.#event = -1;
    this.#budgetRow = -1;
    this.#foundCount = 0;
    if ((flags & CLASS_MOVES) !== 0 && (this.count[slot] as number) > 0) this.walk(slot);
    const started = (flags & CLASS_STARTS) !== 0 && this.#start(slot);
    if (this.#foundCount > 0 || ((this.doneCount[slot] as number) > 0 && this.#isSkip)) this.#complete(slot);
    if (this.#givenCount > 0) this.#giveMatches((this.plan as CopyPlan).rows.time[row] as number, true);
    if (this.#event !== -1) this.events.release(this.#event);
    return started;
  }

  /** Advances a key's time: what time completes or frees is given out, then what has timed out. */
  advance(slot: number, time: number): void {
    this.slot = slot;
    this.#foundCount = 0;
    this.#endedCount = 0;
    if (!this.expire(slot, time)) return;
    this.#complete(slot);
    if (this.#givenCount > 0) this.#giveMatches(time, false);
    if (this.#endedCount > 0) this.#giveTimeouts();
  }

  /** Whether `advance` to `time` would do anything. */
  abstract needsAdvance(slot: number, time: number): boolean;
  /** Live runs of a key in Flink's order of iteration, into `into` (grown by the caller to `count`). */
  abstract runsOf(slot: number, into: Int32Array): number;
  /** Puts a restored run behind those of the key that came before. */
  abstract appendRun(slot: number, run: number): void;

  protected abstract growSlots(capacity: number): void;
  protected abstract moveSlots(slots: Int32Array, capacity: number): void;
  /** Lets the current event act on every run of the key. */
  protected abstract walk(slot: number): void;
  /** Ends the runs whose window is over at `time`; true if there were any. */
  protected abstract expire(slot: number, time: number): boolean;
  /** Ends the runs that start before `limit`, or at it. */
  protected abstract prune(slot: number, limit: number, inclusive: boolean): void;
  /** Start ordinal of the earliest live run of the key, Infinity where there is none. */
  protected abstract earliestStart(slot: number): number;

  // --- taking events

  /** A node for the current event behind `parent`, with one reference. */
  protected take(parent: number, stage: number): number {
    if (this.#event === -1) this.#event = this.events.add(this.plan as CopyPlan, this.row);
    const { counters } = this;
    const from = parent === -1 ? -1 : (this.nodes.stage[parent] as number);
    if (from !== stage) {
      counters.entered[stage] = (counters.entered[stage] as number) + 1;
      if (from !== -1) counters.advanced[from] = (counters.advanced[from] as number) + 1;
    }
    return this.nodes.add(parent, stage, this.#event);
  }

  /** A new run, which takes over the caller's reference to `node`. */
  addRun(state: number, node: number, start: number, startTime: number): number {
    if (this.runs.live >= this.limits.partialMatchesPerJob) throw this.#tooMany('partial-matches-per-job', this.limits.partialMatchesPerJob);
    const { waiting } = this.counters;
    const stage = this.nodes.stage[node] as number;
    waiting[stage] = (waiting[stage] as number) + 1;
    return this.runs.add(state, node, start, startTime);
  }

  protected checkKeyLimit(slot: number): void {
    if ((this.count[slot] as number) > this.limits.partialMatchesPerKey) throw this.#tooMany('partial-matches-per-key', this.limits.partialMatchesPerKey);
  }

  /** Moves a run to another state, and to another node if it took something (whose reference it takes over). */
  protected moveRun(run: number, state: number, node: number): void {
    const { runs, nodes } = this;
    const { waiting } = this.counters;
    const from = nodes.stage[runs.node[run] as number] as number;
    const to = nodes.stage[node] as number;
    if (from !== to) {
      waiting[from] = (waiting[from] as number) - 1;
      waiting[to] = (waiting[to] as number) + 1;
    }
    runs.state[run] = state;
    runs.node[run] = node;
  }

  /** Ends a run. Its node's reference is given back unless the caller took it over. */
  protected endRun(run: number, keepNode = false): void {
    const { runs, nodes } = this;
    const { waiting } = this.counters;
    const node = runs.node[run] as number;
    const stage = nodes.stage[node] as number;
    waiting[stage] = (waiting[stage] as number) - 1;
    if (!keepNode) nodes.release(node);
    runs.free(run);
  }

  protected countBlocked(run: number): void {
    const stage = this.nodes.stage[this.runs.node[run] as number] as number;
    this.counters.blocked[stage] = (this.counters.blocked[stage] as number) + 1;
  }

  // --- results of a step

  /** Notes a completed match; its node's reference is taken over. */
  protected found(node: number, start: number, startTime: number): void {
    const { completed } = this;
    const rows = (this.plan as CopyPlan).rows;
    const at = completed.add(node, start, startTime);
    completed.time[at] = rows.time[this.row] as number;
    completed.position[at] = rows.position[this.row] as number;
    completed.split[at] = typeof rows.split === 'number' ? rows.split : (rows.split[this.row] as number);
    completed.byTime[at] = 0;
    this.#addFound(at);
  }

  /** A run whose window is over: a match where it waited for just that, else a time-out. Frees the run. */
  protected overdue(run: number, due: number): void {
    const { runs, completed } = this;
    const node = runs.node[run] as number;
    const start = runs.start[run] as number;
    if (this.automaton.stateKind[runs.state[run] as number] === STATE_PENDING) {
      const at = completed.add(node, start, runs.startTime[run] as number);
      completed.time[at] = due;
      completed.position[at] = -1;
      completed.split[at] = -1;
      completed.byTime[at] = 1;
      this.endRun(run, true);
      this.#addFound(at);
      return;
    }
    const stage = this.nodes.stage[node] as number;
    this.counters.expired[stage] = (this.counters.expired[stage] as number) + 1;
    if (!this.#options.timedOut) {
      this.endRun(run);
      return;
    }
    const i = this.#endedCount;
    if (i === this.#endedNode.length) {
      this.#endedNode = grownI32(this.#endedNode, i * 2);
      this.#endedStart = grownF64(this.#endedStart, i * 2);
      this.#endedDue = grownF64(this.#endedDue, i * 2);
    }
    this.#endedNode[i] = node;
    this.#endedStart[i] = start;
    this.#endedDue[i] = due;
    this.#endedCount = i + 1;
    this.endRun(run, true);
  }

  /** When the window of a run in its state is over at `time`, the moment it was due, else NaN. */
  protected dueTime(run: number, time: number): number {
    const { runs, windowMs } = this;
    if (this.automaton.hasGaps) {
      const gap = this.automaton.stateGapMs[runs.state[run] as number] as number;
      if (gap > 0) {
        const previous = this.events.time[this.nodes.event[runs.node[run] as number] as number] as number;
        if (time - previous >= gap) return previous + gap;
      }
    }
    const startTime = runs.startTime[run] as number;
    return windowMs > 0 && time - startTime >= windowMs ? startTime + windowMs : Number.NaN;
  }

  #addFound(entry: number): void {
    if (this.#foundCount === this.#found.length) this.#found = grownI32(this.#found, this.#foundCount * 2);
    if (this.forcesHeap) {
      heapAdd(this.#found, 0, this.#foundCount, entry, this.completed.start);
    } else {
      this.#found[this.#foundCount] = entry;
    }
    this.#foundCount += 1;
  }

  protected abstract readonly forcesHeap: boolean;

  /** What Flink does with the matches found in a step and those held back: NFA.processMatchesAccordingToSkipStrategy. */
  #complete(slot: number): void {
    const found = this.#found;
    const count = this.#foundCount;
    this.#givenCount = 0;
    if (this.#givenCount + count > this.limits.matchesPerEvent) throw this.#tooMany('matches-per-event', this.limits.matchesPerEvent);
    if (!this.#isSkip) {
      if (count > this.#given.length) this.#given = new Int32Array(count * 2);
      const given = this.#given;
      if (count < 2 || !this.forcesHeap) {
        for (let i = 0; i < count; i += 1) given[i] = found[i] as number;
      } else {
        // They pass through a second queue, which is emptied at once.
        const queue = new Int32Array(count);
        for (let i = 0; i < count; i += 1) heapAdd(queue, 0, i, found[i] as number, this.completed.start);
        for (let i = 0; i < count; i += 1) given[i] = heapPoll(queue, 0, count - i, this.completed.start);
      }
      this.#givenCount = count;
      return;
    }
    for (let i = 0; i < count; i += 1) this.#pushDone(slot, found[i] as number);
    for (;;) {
      const waiting = this.doneCount[slot] as number;
      if (waiting === 0) break;
      const at = this.doneAt[slot] as number;
      const first = this.blocks.data[at] as number;
      if ((this.completed.start[first] as number) > this.earliestStart(slot)) break;
      heapPoll(this.blocks.data, at, waiting, this.completed.start);
      this.doneCount[slot] = waiting - 1;
      this.#skip(slot, first);
      if (this.#givenCount === this.#given.length) this.#given = grownI32(this.#given, this.#givenCount * 2);
      this.#given[this.#givenCount] = first;
      this.#givenCount += 1;
    }
    if (this.doneCount[slot] === 0 && this.doneAt[slot] !== NO_BLOCK) {
      this.blocks.free(this.doneAt[slot] as number, this.doneClass[slot] as number);
      this.doneAt[slot] = NO_BLOCK;
    }
  }

  #pushDone(slot: number, entry: number): void {
    const length = this.doneCount[slot] as number;
    if (this.doneAt[slot] === NO_BLOCK) {
      this.doneClass[slot] = 0;
      this.doneAt[slot] = this.blocks.allocate(0);
    } else if (length === 4 << (this.doneClass[slot] as number)) {
      this.doneAt[slot] = this.blocks.enlarge(this.doneAt[slot] as number, this.doneClass[slot] as number);
      this.doneClass[slot] = (this.doneClass[slot] as number) + 1;
    }
    heapAdd(this.blocks.data, this.doneAt[slot] as number, length, entry, this.completed.start);
    this.doneCount[slot] = length + 1;
  }

  /** For a restore: puts a held match behind those of the key that came before. */
  appendDone(slot: number, entry: number): void {
    this.#pushDone(slot, entry);
  }

  #skip(slot: number, entry: number): void {
    const limit = this.#skipLimit(entry);
    if (Number.isNaN(limit)) return;
    const { kind } = this.automaton.skip;
    const inclusive = kind === 'SKIP_TO_NEXT' || kind === 'SKIP_PAST_LAST_EVENT';
    this.prune(slot, limit, inclusive);
    const waiting = this.doneCount[slot] as number;
    if (waiting === 0) return;
    this.doneCount[slot] = heapPrune(this.blocks.data, this.doneAt[slot] as number, waiting, this.completed.start, limit, inclusive, (other) => {
      this.counters.dropped += 1;
      this.nodes.release(this.completed.node[other] as number);
      this.completed.free(other);
    });
  }

  /** Ordinal of the event up to which starts are skipped; NaN = none. */
  #skipLimit(entry: number): number {
    const { nodes, events } = this;
    const { skip } = this.automaton;
    const node = this.completed.node[entry] as number;
    if (skip.kind === 'SKIP_PAST_LAST_EVENT') return events.ordinal[nodes.event[node] as number] as number;
    const first = this.completed.start[entry] as number;
    if (skip.kind === 'SKIP_TO_NEXT') return first;
    if (!('stageName' in skip)) return Number.NaN;
    let limit = Number.NaN;
    for (let at = node; at !== -1; at = nodes.parent[at] as number) {
      if (this.automaton.resultNames[nodes.stage[at] as number] !== skip.stageName) continue;
      limit = events.ordinal[nodes.event[at] as number] as number;
      if (skip.kind === 'SKIP_TO_LAST') break;
    }
    if (!skip.throwOnMiss) return limit;
    if (Number.isNaN(limit)) {
      throw new JobFault(`Could not skip to ${skip.stageName}: the match found has no event of that stage.`, {
        domain: 'user', retry: 'no-retry', code: 'skip-target-missing', operatorId: null,
        remedy: 'Make the stage required, or do not demand an error where it is missing.',
      });
    }
    if (limit === first) {
      throw new JobFault(`Could not skip to ${skip.stageName}: it is the first event of the match, so matching would begin there for ever.`, {
        domain: 'user', retry: 'no-retry', code: 'skip-to-first-event', operatorId: null,
        remedy: 'Skip to a later stage, or do not demand an error in this case.',
      });
    }
    return limit;
  }

  // --- giving out

  #giveMatches(at: number, triggered: boolean): void {
    const { completed, nodes } = this;
    const view = this.#view;
    const count = this.#givenCount;
    this.#givenCount = 0;
    const ordinals = count > 1 ? this.#ordinals(count, (i) => completed.node[this.#given[i] as number] as number, (i) => completed.time[this.#given[i] as number] as number) : null;
    for (let i = 0; i < count; i += 1) {
      const entry = this.#given[i] as number;
      const node = completed.node[entry] as number;
      view.kind = 'match';
      view.slot = this.slot;
      view.at = at;
      view.end = completed.time[entry] as number;
      view.byTime = completed.byTime[entry] === 1;
      view.completedSplit = completed.split[entry] as number;
      view.completedPosition = completed.position[entry] as number;
      view.triggered = triggered;
      if (triggered) this.#setTrigger(view);
      view.ordinal = ordinals === null ? 0 : (ordinals[i] as number);
      view.unwind(nodes, node);
      const stage = nodes.stage[node] as number;
      this.counters.advanced[stage] = (this.counters.advanced[stage] as number) + 1;
      this.counters.matches += 1;
      this.#options.output(view);
      completed.free(entry);
      nodes.release(node);
    }
  }

  #setTrigger(view: MatchView): void {
    const rows = (this.plan as CopyPlan).rows;
    view.triggerPosition = rows.position[this.row] as number;
    view.triggerSplit = typeof rows.split === 'number' ? rows.split : (rows.split[this.row] as number);
  }

  #giveTimeouts(): void {
    const view = this.#view;
    const count = this.#endedCount;
    this.#endedCount = 0;
    const ordinals = count > 1 ? this.#ordinals(count, (i) => this.#endedNode[i] as number, (i) => this.#endedDue[i] as number) : null;
    for (let i = 0; i < count; i += 1) {
      const node = this.#endedNode[i] as number;
      view.kind = 'timed-out';
      view.slot = this.slot;
      view.at = this.#endedDue[i] as number;
      view.end = view.at;
      view.byTime = true;
      view.triggered = false;
      view.ordinal = ordinals === null ? 0 : (ordinals[i] as number);
      view.unwind(this.nodes, node);
      this.counters.timedOut += 1;
      this.#options.output(view);
      this.nodes.release(node);
    }
  }

  /** Numbers outputs of one step that have the same events in the same stages and the same end. */
  #ordinals(count: number, nodeAt: (index: number) => number, endAt: (index: number) => number): Int32Array<ArrayBuffer> {
    const { nodes } = this;
    const ordinals = new Int32Array(count);
    const byHash = new Map<number, number[]>();
    for (let i = 0; i < count; i += 1) {
      let hash = 0;
      for (let at = nodeAt(i); at !== -1; at = nodes.parent[at] as number) hash = (Math.imul(hash, 31) + (nodes.stage[at] as number) * 7 + (nodes.event[at] as number)) | 0;
      const same = byHash.get(hash);
      if (same === undefined) {
        byHash.set(hash, [i]);
        continue;
      }
      for (const j of same) if (endAt(i) === endAt(j) && this.#sameEvents(nodeAt(i), nodeAt(j))) ordinals[i] = (ordinals[i] as number) + 1;
      same.push(i);
    }
    return ordinals;
  }

  #sameEvents(left: number, right: number): boolean {
    const { nodes } = this;
    let a = left;
    let b = right;
    while (a !== b) {
      if (a === -1 || b === -1 || nodes.stage[a] !== nodes.stage[b] || nodes.event[a] !== nodes.event[b]) return false;
      a = nodes.parent[a] as number;
      b = nodes.parent[b] as number;
    }
    return true;
  }

  // --- starting

  #start(slot: number): boolean {
    const { automaton } = this;
    let plan = this.plans.plan(automaton.startState, this.eventClass);
    let ops = this.plans.pool;
    if (plan === PLAN_ASK) {
      ops = this.ask(automaton.startState, -1);
      plan = 0;
    } else if (plan === PLAN_STAY) return false;
    const finals = ops[plan + DECISION_FINALS] as number;
    const retained = ops[plan + DECISION_RETAINED] as number;
    if ((ops[plan + DECISION_FLAGS] as number) & FLAG_BLOCKED) throw this.#blockedStart();
    if (finals + retained === 0) return false;
    let at = plan + DECISION_RESULTS;
    const time = (this.plan as CopyPlan).rows.time[this.row] as number;
    for (let i = 0; i < finals; i += 1, at += 2) {
      const node = this.take(-1, ops[at + 1] as number);
      this.found(node, this.events.ordinal[this.#event] as number, time);
    }
    for (let i = 0; i < retained; i += 1, at += 2) {
      const node = this.take(-1, ops[at + 1] as number);
      this.appendRun(slot, this.addRun(ops[at] as number, node, this.events.ordinal[this.#event] as number, time));
    }
    this.checkKeyLimit(slot);
    return true;
  }

  // --- asking conditions that read earlier stages

  /** Decision for a run whose last node is `node` (-1: none yet) in a state that cannot be planned. */
  protected ask(state: number, node: number): Int32Array<ArrayBuffer> {
    this.#askNode = node;
    this.#question += 1;
    this.#memo.fill(-1);
    this.#context.row = this.row;
    return this.maker.decide(state, this.valueOf);
  }

  #value(predicate: number): boolean {
    if (predicate < this.automaton.columnPredicateCount) {
      const value = this.plans.value(this.eventClass, predicate);
      if (value === 2) throw this.#conditionFault(predicate, null);
      return value === 1;
    }
    const known = this.#memo[predicate] as number;
    if (known !== -1) return known === 1;
    const { guard } = this.automaton.predicates[predicate] as Automaton['predicates'][number];
    const guarded = guard === -1 ? 1 : this.plans.value(this.eventClass, guard);
    const value = guarded !== 0 && this.#evaluate(predicate);
    if (value && guarded === 2) throw this.#conditionFault(guard, null);
    this.#memo[predicate] = value ? 1 : 0;
    return value;
  }

  #evaluate(predicate: number): boolean {
    const context = this.#context;
    if (this.#budgetRow !== this.row) {
      this.#budgetRow = this.row;
      this.#eventBudget = EVENT_BUDGET;
    }
    const budget = Math.min(EVALUATION_BUDGET, this.#eventBudget);
    context.budget = budget;
    try {
      return (this.#predicates[predicate] as RowPredicate)(context);
    } catch (error) {
      if (error instanceof EvaluationError) throw this.#conditionFault(predicate, error);
      throw error;
    } finally {
      this.#eventBudget -= budget - context.budget;
    }
  }

  #rowsOf(stage: number): RowList {
    const list = this.#stageRows[stage] as RowList;
    if (this.#stageRowsFor[stage] === this.#question) return list;
    this.#stageRowsFor[stage] = this.#question;
    list.clear();
    const { nodes } = this;
    for (let at = this.#askNode; at !== -1; at = nodes.parent[at] as number) if (nodes.stage[at] === stage) list.push(nodes.event[at] as number);
    list.items.subarray(0, list.length).reverse();
    return list;
  }

  // --- faults

  #conditionFault(predicate: number, error: EvaluationError | null): JobFault {
    const rows = (this.plan as CopyPlan).rows;
    const split = typeof rows.split === 'number' ? rows.split : (rows.split[this.row] as number);
    const { condition, stage } = this.automaton.predicates[predicate] as Automaton['predicates'][number];
    const cause = error ?? errorAt(condition, rows, this.row);
    const costly = cause instanceof CostExceeded;
    return new JobFault(
      `The condition of stage ${this.automaton.stageNames[stage]} could not be evaluated for the event at ${split}:${rows.position[this.row]}: ${cause?.message ?? 'no value'}. Condition: ${condition.text}`,
      {
        domain: 'user', retry: 'no-retry', code: costly ? 'condition-cost' : 'condition-evaluation', operatorId: this.#options.patternId,
        remedy: costly ? 'Make the condition cheaper, or the lists it reads shorter.' : 'Guard the condition, for example with has(…) or size(…) > 0.',
      },
      cause === null ? undefined : { cause },
    );
  }

  /** Flink cannot give back what the start does not have (a NullPointerException there); the validator refuses such patterns. */
  #blockedStart(): JobFault {
    return new JobFault('An absence forbids the very first event, because all stages before it can be left out.', {
      domain: 'user', retry: 'no-retry', code: 'absence-at-start', operatorId: this.#options.patternId, remedy: 'Make a stage before the absence required.',
    });
  }

  #tooMany(code: 'partial-matches-per-job' | 'partial-matches-per-key' | 'matches-per-event', limit: number): JobFault {
    const { waiting } = this.counters;
    let busiest = 0;
    waiting.forEach((value, stage) => {
      if (value > (waiting[busiest] as number)) busiest = stage;
    });
    const stage = this.automaton.stageNames[busiest] ?? '';
    const key = JSON.stringify(this.#options.keyOf(this.slot));
    const what = code === 'matches-per-event' ? `One event of key ${key} completes more than ${limit} matches`
      : code === 'partial-matches-per-key' ? `Key ${key} has more than ${limit} partial matches`
        : `The job has more than ${limit} partial matches (the newest of key ${key})`;
    return new JobFault(`${what}; most of them wait after stage ${stage}.`, {
      domain: 'user', retry: 'no-retry', code, operatorId: this.#options.patternId,
      remedy: 'Give the pattern a shorter window, a stricter condition or a skip strategy, or raise the limit in the job.',
    });
  }
}
