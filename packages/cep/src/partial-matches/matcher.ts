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
import { JobFault } from '@tidemark/core';
import type { FieldValue } from '@tidemark/event';
import { type Automaton, STATE_PENDING } from '../automaton/automaton.ts';
import { DECISION_FINALS, DECISION_FLAGS, DECISION_RESULTS, DECISION_RETAINED, FLAG_BLOCKED } from '../automaton/decision.ts';
import { CLASS_MOVES, CLASS_STARTS, PLAN_ASK, PLAN_STAY, type PlanTable } from '../automaton/plan-table.ts';
import { absenceAtStart } from './absence-at-start.ts';
import { COMPLETED_BYTES, CompletedStore } from './completed-store.ts';
import { EarlierConditions } from './earlier-conditions.ts';
import { MatchView, type EmittedMatch } from './emitted-match.ts';
import { grownF64, grownI32 } from './grow.ts';
import { IntBlocks } from './int-blocks.ts';
import { type Crowd, type LimitCode, type Limits, limitFault, shareOf } from './limits.ts';
import type { MatchSet } from './match-set.ts';
import { RunningValues } from './running-values.ts';
import { NODE_BYTES, NodeLog } from './node-log.ts';
import type { CopyPlan } from './copy-plan.ts';
import { EVENT_INTS, type RetainedEvents, bytesOfRow } from './retained-events.ts';
import { RUN_BYTES_MAX, type Runs } from './run-store.ts';
import { StageCounters } from './stage-counters.ts';
import { heapAdd, heapPoll, heapPrune } from './start-heap.ts';

export interface MatcherOptions {
  readonly pattern: number;
  readonly patternId: string;
  readonly automaton: Automaton;
  readonly plans: PlanTable;
  readonly events: RetainedEvents;
  readonly limits: Limits;
  /** Whether timed-out partial matches are given out. */
  readonly timedOut: boolean;
  /** Whether sums and the like go along with runs, where runs do not branch; default true. */
  readonly running?: boolean;
  /** Where given, matches that one event completes in a compact key come as a set, none of them made before it is asked for. */
  readonly matchSets?: ((set: MatchSet) => void) | undefined;
  readonly output: (match: EmittedMatch) => void;
  readonly keyOf: (slot: number) => readonly FieldValue[];
  readonly keyCount: () => number;
}

const NO_BLOCK = -1;
/** A match noted as what completes it: node that it follows, stage, row of its first event. */
const DIRECT_INTS = 3;

export const SLOT_INTS = 4;
export const SLOT_COUNT = 0;
export const SLOT_DONE = 1;
export const SLOT_A = 2;
export const SLOT_B = 3;

function emptySlots(capacity: number): Int32Array<ArrayBuffer> {
  const slots = new Int32Array(capacity * SLOT_INTS);
  for (let slot = 0; slot < capacity; slot += 1) {
    slots[slot * SLOT_INTS + SLOT_A] = -1;
    slots[slot * SLOT_INTS + SLOT_B] = -1;
  }
  return slots;
}

export abstract class Matcher {
  readonly automaton: Automaton;
  readonly plans: PlanTable;
  readonly events: RetainedEvents;
  readonly nodes: NodeLog;
  abstract readonly runs: Runs;
  readonly completed = new CompletedStore();
  readonly blocks = new IntBlocks();
  readonly counters: StageCounters;
  /**
   * By key slot, SLOT_INTS integers: live partial matches, held matches, and what the layout uses (head and tail of a
   * list; offset and size class of a block).
   */
  protected slots = emptySlots(64);
  #doneAt = new Int32Array(64).fill(NO_BLOCK);
  #doneClass = new Uint8Array(64);
  /**
   * By key: records that were made for it since its bytes were last counted, so that they are counted only where they could
   * have reached the limit. Of the first #uncounted starts nothing is noted.
   */
  #grown = new Int32Array(64);
  readonly #bytesPerKey: number;
  /** Bytes of a taken event without its texts, and what an event or a start can add to a key at most. */
  protected readonly eventBytes: number;
  readonly #growthBytes: number;
  protected readonly uncounted: number;
  #mustCount = false;
  slotCapacity = 64;

  /** Whether a key's runs are a list by start; else a heap. */
  protected readonly isList: boolean;
  readonly windowMs: number;
  protected readonly limits: Limits;
  /** Partial matches that this subtask may have of those of the job. */
  protected readonly jobShare: number;
  protected readonly options: MatcherOptions;
  protected readonly view: MatchView;
  protected readonly isSkip: boolean;
  /** Where a skip strategy names a stage: by stage, 1 for those that it means. */
  readonly #isTarget: Uint8Array;
  /** Whether matches may be noted as what completes them instead of as entries: runs are a list, and nothing but the order of starts decides. */
  readonly #mayBeDirect: boolean;
  /** Whether matches of the event at hand are noted that way: the key holds none, so those that are first in order go out at once. */
  protected direct: boolean;
  /**
   * Whether nobody sees when a run's window is over, but in counters and memory: such runs end when their key's next
   * event moves runs, when their key's turn comes (endSomeOverdue), or before something is counted (endOverdue).
   */
  readonly endsLazily: boolean;
  /** Whether nothing reads fields of taken events but what is given out: they are copied for all rows of a batch at once (settle). */
  readonly #copiesLater: boolean;
  /** Last watermark, where runs end lazily. */
  protected watermark = Number.NEGATIVE_INFINITY;

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

  protected readonly earlier: EarlierConditions;

  constructor(options: MatcherOptions, isList: boolean) {
    this.isList = isList;
    this.options = options;
    const { automaton, events } = options;
    this.automaton = automaton;
    this.plans = options.plans;
    this.events = events;
    this.nodes = new NodeLog(events, automaton.stageNames.length);
    this.counters = new StageCounters(automaton.stageNames.length);
    this.windowMs = automaton.windowMs;
    this.jobShare = shareOf(options.limits.partialMatchesPerJob, options.limits);
    this.limits = options.limits;
    this.eventBytes = EVENT_INTS * 4 + bytesOfRow(events.schema, events.kept);
    this.#bytesPerKey = options.limits.stateBytesPerKey ?? Number.POSITIVE_INFINITY;
    this.#growthBytes = this.eventBytes + NODE_BYTES + RUN_BYTES_MAX + COMPLETED_BYTES;
    this.uncounted = Math.min(0x3fff_ffff, Math.floor(this.#bytesPerKey / this.#growthBytes / 2));
    this.isSkip = automaton.skip.kind !== 'NO_SKIP';
    const { skip } = automaton;
    // a skip that may be a fault is decided before anything goes out
    this.#mayBeDirect = isList && !('stageName' in skip && skip.throwOnMiss);
    this.#isTarget = Uint8Array.from(automaton.resultNames, (name) => ('stageName' in skip && skip.stageName === name ? 1 : 0));
    this.direct = this.#mayBeDirect;
    this.endsLazily = isList && !this.isSkip && !automaton.hasGaps && !automaton.hasPending && automaton.windowMs > 0 && !options.timedOut;
    this.view = new MatchView(options.pattern, events, options.keyOf);
    const running = isList && (options.running ?? true) ? RunningValues.of(automaton, events, this.nodes) : null;
    this.earlier = new EarlierConditions(automaton, options.patternId, this.plans, events, this.nodes, running);
    this.#copiesLater = this.earlier.areNone;
  }

  get heldBack(): number { return this.completed.live; }

  countOf(slot: number): number { return this.slots[slot * SLOT_INTS + SLOT_COUNT] as number; }
  doneCountOf(slot: number): number { return this.slots[slot * SLOT_INTS + SLOT_DONE] as number; }

  /** Makes room for keys up to `slots`. */
  reserveSlots(slots: number): void {
    if (slots <= this.slotCapacity) return;
    let capacity = this.slotCapacity;
    while (capacity < slots) capacity *= 2;
    const kept = this.slots;
    this.slots = emptySlots(capacity);
    this.slots.set(kept);
    const doneAt = new Int32Array(capacity).fill(NO_BLOCK);
    doneAt.set(this.#doneAt);
    this.#doneAt = doneAt;
    const doneClass = new Uint8Array(capacity);
    doneClass.set(this.#doneClass);
    this.#doneClass = doneClass;
    this.#grown = grownI32(this.#grown, capacity);
    this.slotCapacity = capacity;
  }

  /** Keys change their slots: slot i is from now on what slots[i] was. The others have no state. */
  compactSlots(slots: Int32Array): void {
    const kept = { slots: this.slots, doneAt: this.#doneAt, doneClass: this.#doneClass, grown: this.#grown };
    this.slotCapacity = 64;
    while (this.slotCapacity < slots.length) this.slotCapacity *= 2;
    this.slots = emptySlots(this.slotCapacity);
    this.#doneAt = new Int32Array(this.slotCapacity).fill(NO_BLOCK);
    this.#doneClass = new Uint8Array(this.slotCapacity);
    this.#grown = new Int32Array(this.slotCapacity);
    for (let i = 0; i < slots.length; i += 1) {
      const slot = slots[i] as number;
      this.slots.set(kept.slots.subarray(slot * SLOT_INTS, (slot + 1) * SLOT_INTS), i * SLOT_INTS);
      this.#doneAt[i] = kept.doneAt[slot] as number;
      this.#doneClass[i] = kept.doneClass[slot] as number;
      this.#grown[i] = kept.grown[slot] as number;
    }
  }

  /** Held matches of a key in the order of their queue. */
  completedOf(slot: number): Int32Array {
    const at = this.#doneAt[slot] as number;
    return this.blocks.data.slice(at, at + this.doneCountOf(slot));
  }

  /** Has this key any state? */
  isIdle(slot: number): boolean {
    return this.countOf(slot) === 0 && this.doneCountOf(slot) === 0;
  }

  /** The rows that the next events come from. */
  bind(plan: CopyPlan): void {
    this.plan = plan;
    this.earlier.bind(plan);
  }

  /** What was put off until the rows that are bound go away. Before that, and before anything is given out. */
  settle(): void {
    this.events.copyFields();
  }

  /** Partial matches alive; `atMost` where some of those counted may be over. */
  partialMatches(): { readonly count: number; readonly waiting: readonly number[]; readonly atMost: boolean } {
    return { count: this.runs.live, waiting: [...this.counters.waiting], atMost: false };
  }

  /** Whether matches of one event may have come in another order than Flink's, though as the same multiset. */
  get hasOwnOrder(): boolean { return false; }

  /** Gives back what nothing reaches any more and an image would hold otherwise. */
  beforeImage(): void {}

  /** Before an event is processed. */
  protected begin(slot: number, row: number, eventClass: number): void {
    this.slot = slot;
    this.row = row;
    this.eventClass = eventClass;
    this.#event = -1;
    this.earlier.begin(row, eventClass);
    this.#foundCount = 0;
    if (this.isSkip) this.direct = this.#mayBeDirect && this.doneCountOf(slot) === 0;
  }

  /** One event of a key, at `row` of the bound rows. Answers true if it began a run (Flink: a new partial match started). */
  processEvent(slot: number, row: number, eventClass: number): boolean {
    const flags = this.plans.classFlags[eventClass] as number;
    this.begin(slot, row, eventClass);
    if ((flags & CLASS_MOVES) !== 0 && this.countOf(slot) > 0) this.walk(slot);
    const started = (flags & CLASS_STARTS) !== 0 && this.#start(slot);
    this.checkGrowth(slot);
    if (this.direct) {
      if (this.#foundCount > 0) {
        if (this.isSkip) this.#giveAndSkip(slot);
        else this.#giveDirectly();
      }
    } else {
      if (this.#foundCount > 0 || (this.isSkip && this.doneCountOf(slot) > 0)) this.#complete(slot);
      if (this.#givenCount > 0) this.#giveMatches((this.plan as CopyPlan).rows.time[row] as number, true);
    }
    return started;
  }

  /** Advances a key's time: what time completes or frees is given out, then what has timed out. */
  advance(slot: number, time: number): void {
    this.slot = slot;
    this.#foundCount = 0;
    this.#endedCount = 0;
    if (!this.expire(slot, time)) return;
    if (this.#foundCount > 0 || this.isSkip) this.#complete(slot);
    if (this.#givenCount > 0) this.#giveMatches(time, false);
    if (this.#endedCount > 0) this.#giveTimeouts();
  }

  /** Ends all runs that are overdue at the last watermark and were left to end lazily. */
  endOverdue(): void {}
  /** The same for the runs of some further keys. */
  endSomeOverdue(_watermark: number, _keys: number): void {}

  /** Whether `advance` to `time` would do anything. */
  abstract needsAdvance(slot: number, time: number): boolean;
  /** Live runs of a key in Flink's order of iteration, into `into` (grown by the caller to `count`). */
  abstract runsOf(slot: number, into: Int32Array): number;
  /** Puts a restored run behind those of the key that came before. */
  abstract appendRun(slot: number, run: number): void;

  /** Lets the current event act on every run of the key. */
  protected abstract walk(slot: number): void;
  /** Ends the runs whose window is over at `time`; true if there were any. */
  protected abstract expire(slot: number, time: number): boolean;
  /** Ends the runs that start before `limit`, or at it. */
  protected abstract prune(slot: number, limit: number, inclusive: boolean): void;
  /** Start ordinal of the earliest live run of the key, Infinity where there is none. */
  protected abstract earliestStart(slot: number): number;

  /** Time of the event at hand. */
  protected get eventTime(): number {
    return (this.plan as CopyPlan).time[this.row] as number;
  }

  // --- taking events

  /** A node for the current event behind `parent`, with one reference. */
  protected take(parent: number, stage: number): number {
    const event = this.takeEvent();
    this.#countTaken(parent, stage);
    this.noteGrowth();
    return this.nodes.add(parent, stage, event);
  }

  /** Row of the current event among the retained ones, copied there when it is first asked for. */
  protected takeEvent(): number {
    if (this.#event === -1) this.#event = this.takeFor(0);
    return this.#event;
  }

  /** A copy of the current event, with so many references, that nothing else will ask for. */
  protected takeFor(references: number): number {
    const plan = this.plan as CopyPlan;
    if (this.#copiesLater) return this.events.addLater(plan, this.row, references);
    const event = this.events.add(plan, this.row);
    this.events.retain(event, references);
    return event;
  }

  protected get isTaken(): boolean { return this.#event !== -1; }

  #countTaken(parent: number, stage: number): void {
    const { entered, advanced } = this.counters;
    const from = parent === -1 ? -1 : this.nodes.stage(parent);
    if (from === stage) return;
    entered[stage] = (entered[stage] as number) + 1;
    if (from !== -1) advanced[from] = (advanced[from] as number) + 1;
  }

  /** A new run that begins with `event`; it takes over the caller's reference to `node`. */
  addRun(event: number, state: number, node: number, start: number, startTime: number): number {
    if (this.runs.live >= this.jobShare) this.endOverdue();
    if (this.runs.live >= this.jobShare) throw this.tooMany('partial-matches-per-job');
    const { waiting } = this.counters;
    const stage = this.nodes.stage(node);
    waiting[stage] = (waiting[stage] as number) + 1;
    return this.runs.add(event, state, node, start, startTime);
  }

  protected checkKeyLimit(slot: number, time: number): void {
    if (this.countOf(slot) > this.limits.partialMatchesPerKey && this.endsLazily) this.expire(slot, time);
    if (this.countOf(slot) > this.limits.partialMatchesPerKey) throw this.tooMany('partial-matches-per-key');
  }

  /** For a restore: puts a run behind those of the key that came before. */
  restoreRun(slot: number, event: number, state: number, node: number, start: number, startTime: number): void {
    this.appendRun(slot, this.addRun(event, state, node, start, startTime));
  }

  /** Rows of events, and records of nodes, that an image has to hold. */
  liveRows(): Int32Array { return this.events.liveRows(); }
  liveRecords(): Int32Array { return this.nodes.liveRecords(); }

  // --- bytes of a key

  /** Records were made for the key at hand. */
  protected noteGrowth(records = 1): void {
    const grown = (this.#grown[this.slot] as number) + records;
    this.#grown[this.slot] = grown;
    if (grown > this.uncounted) this.#mustCount = true;
  }

  /** After an event of a key, before anything of it is given out. */
  protected checkGrowth(slot: number): void {
    if (this.#mustCount) this.checkBytes(slot);
  }

  protected get mustCount(): boolean { return this.#mustCount; }

  /** Counts the bytes of a key, if enough records were made for it; it is looked at again when they could have reached the limit, or are a sixteenth of it more. */
  protected checkBytes(slot: number): void {
    this.#mustCount = false;
    if ((this.#grown[slot] as number) <= this.uncounted) return;
    if (this.endsLazily) this.expire(slot, this.eventTime);
    this.#count(slot);
  }

  #count(slot: number): void {
    // Counting goes through all that the key has; mostly the bound says enough.
    const most = this.mostBytesOf(slot);
    const left = this.#bytesPerKey - (most <= this.#bytesPerKey ? most : this.bytesOf(slot));
    if (left < 0) {
      this.slot = slot;
      throw this.tooMany('state-bytes-per-key');
    }
    this.#grown[slot] = this.uncounted - Math.max(Math.min(0x3fff_ffff, Math.floor(left / this.#growthBytes)), this.uncounted >> 3);
  }

  /** Not less than the bytes of a key: as if all nodes were its own, and no two of them had an event in common. */
  protected mostBytesOf(slot: number): number {
    const runs = Math.max(0, this.countOf(slot));
    return runs * (this.eventBytes + this.runs.recordBytes) + this.nodes.live * (NODE_BYTES + this.eventBytes) + this.doneCountOf(slot) * (COMPLETED_BYTES + this.eventBytes);
  }

  /** After a restore, where records were made that nobody noted. */
  countBytes(): void {
    if (this.bytesInUse < this.#bytesPerKey / 8) return;
    for (let slot = 0; slot < this.slotCapacity; slot += 1) if (!this.isIdle(slot)) this.#count(slot);
  }

  /** Bytes of a key: taken events without their texts, nodes, partial and held matches. */
  bytesOf(slot: number): number {
    const { nodes } = this;
    const events = new Set<number>();
    const records = new Set<number>();
    const walk = (node: number): void => {
      for (let at = node; at !== -1 && !records.has(at); at = nodes.parent(at)) {
        if (at >= 0) records.add(at);
        events.add(nodes.event(at));
      }
    };
    const runs = new Int32Array(this.countOf(slot));
    this.runsOf(slot, runs);
    for (const run of runs) walk(this.runs.node(run));
    const held = this.doneCountOf(slot);
    if (held > 0) for (const entry of this.completedOf(slot)) walk(this.completed.node[entry] as number);
    return events.size * this.eventBytes + records.size * NODE_BYTES + runs.length * this.runs.recordBytes + held * COMPLETED_BYTES;
  }

  /** Moves a run to another state, and to another node if it took something (whose reference it takes over). */
  protected moveRun(run: number, state: number, node: number): void {
    const { runs, nodes } = this;
    const { waiting } = this.counters;
    const from = nodes.stage(runs.node(run));
    const to = nodes.stage(node);
    if (from !== to) {
      waiting[from] = (waiting[from] as number) - 1;
      waiting[to] = (waiting[to] as number) + 1;
    }
    runs.move(run, state, node);
  }

  /** Ends a run. Its node's reference is given back unless the caller took it over. */
  protected endRun(run: number, keepNode = false): void {
    const { runs, nodes } = this;
    const { waiting } = this.counters;
    const node = runs.node(run);
    const stage = nodes.stage(node);
    waiting[stage] = (waiting[stage] as number) - 1;
    if (!keepNode) nodes.release(node);
    runs.free(run);
  }

  protected countBlocked(run: number): void {
    const stage = this.nodes.stage(this.runs.node(run));
    this.counters.blocked[stage] = (this.counters.blocked[stage] as number) + 1;
  }

  // --- results of a step

  /**
   * Notes a match that the current event completes by being taken into `stage` behind `parent` (stage -1: without being
   * taken), where matches are direct. The reference to `parent` is taken over; neither event nor node is made.
   * `first`: row of its first event, -1 = the current one.
   */
  protected foundDirect(parent: number, stage: number, first: number): void {
    const i = this.#foundCount;
    if (i * DIRECT_INTS + DIRECT_INTS > this.#found.length) this.#found = grownI32(this.#found, this.#found.length * 2);
    this.#found[i * DIRECT_INTS] = parent;
    this.#found[i * DIRECT_INTS + 1] = stage;
    this.#found[i * DIRECT_INTS + 2] = first;
    this.#foundCount = i + 1;
    if (stage !== -1) this.#countTaken(parent, stage);
  }

  /** Notes a completed match; its node's reference is taken over. */
  protected found(node: number, start: number, startTime: number): void {
    this.#addFound(this.#entry(node, start, startTime));
  }

  /** An entry for a match that the event at hand completes. */
  #entry(node: number, start: number, startTime: number): number {
    const { completed } = this;
    const plan = this.plan as CopyPlan;
    const at = completed.add(node, start, startTime);
    completed.time[at] = plan.rows.time[this.row] as number;
    completed.position[at] = plan.position[this.row] as number;
    completed.split[at] = plan.split;
    completed.byTime[at] = 0;
    return at;
  }

  /** A run whose window is over: a match where it waited for just that, else a time-out. Frees the run. */
  protected overdue(run: number, due: number): void {
    const { runs, completed } = this;
    const node = runs.node(run);
    const start = runs.start(run);
    if (this.automaton.stateKind[runs.state(run)] === STATE_PENDING) {
      const at = completed.add(node, start, runs.startTime(run));
      completed.time[at] = due;
      completed.position[at] = -1;
      completed.split[at] = -1;
      completed.byTime[at] = 1;
      this.endRun(run, true);
      this.#addFound(at);
      return;
    }
    const stage = this.nodes.stage(node);
    this.counters.expired[stage] = (this.counters.expired[stage] as number) + 1;
    if (!this.options.timedOut) {
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
      const gap = this.automaton.stateGapMs[runs.state(run)] as number;
      if (gap > 0) {
        const previous = this.events.timeOf(this.nodes.event(runs.node(run)));
        if (time - previous >= gap) return previous + gap;
      }
    }
    const startTime = runs.startTime(run);
    return windowMs > 0 && time - startTime >= windowMs ? startTime + windowMs : Number.NaN;
  }

  #addFound(entry: number): void {
    if (this.#foundCount === this.#found.length) this.#found = grownI32(this.#found, this.#foundCount * 2);
    if (!this.isList) {
      heapAdd(this.#found, 0, this.#foundCount, entry, this.completed.start, 1);
    } else {
      this.#found[this.#foundCount] = entry;
    }
    this.#foundCount += 1;
  }


  /** What Flink does with the matches found in a step and those held back: NFA.processMatchesAccordingToSkipStrategy. */
  #complete(slot: number): void {
    const found = this.#found;
    const count = this.#foundCount;
    this.#givenCount = 0;
    if (this.#givenCount + count > this.limits.matchesPerEvent) throw this.tooMany('matches-per-event');
    if (!this.isSkip) {
      if (count > this.#given.length) this.#given = new Int32Array(count * 2);
      const given = this.#given;
      if (count < 2 || this.isList) {
        for (let i = 0; i < count; i += 1) given[i] = found[i] as number;
      } else {
        // They pass through a second queue, which is emptied at once.
        const queue = new Int32Array(count);
        for (let i = 0; i < count; i += 1) heapAdd(queue, 0, i, found[i] as number, this.completed.start, 1);
        for (let i = 0; i < count; i += 1) given[i] = heapPoll(queue, 0, count - i, this.completed.start, 1);
      }
      this.#givenCount = count;
      return;
    }
    for (let i = 0; i < count; i += 1) this.#pushDone(slot, found[i] as number);
    for (;;) {
      const waiting = this.doneCountOf(slot);
      if (waiting === 0) break;
      const at = this.#doneAt[slot] as number;
      const first = this.blocks.data[at] as number;
      if ((this.completed.start[first] as number) > this.earliestStart(slot)) break;
      heapPoll(this.blocks.data, at, waiting, this.completed.start, 1);
      this.slots[slot * SLOT_INTS + SLOT_DONE] = waiting - 1;
      this.#skip(slot, first);
      if (this.#givenCount === this.#given.length) this.#given = grownI32(this.#given, this.#givenCount * 2);
      this.#given[this.#givenCount] = first;
      this.#givenCount += 1;
    }
    if (this.doneCountOf(slot) === 0 && this.#doneAt[slot] !== NO_BLOCK) {
      this.blocks.free(this.#doneAt[slot] as number, this.#doneClass[slot] as number);
      this.#doneAt[slot] = NO_BLOCK;
    }
  }

  #pushDone(slot: number, entry: number): void {
    const length = this.doneCountOf(slot);
    if (this.#doneAt[slot] === NO_BLOCK) {
      this.#doneClass[slot] = 0;
      this.#doneAt[slot] = this.blocks.allocate(0);
    } else if (length === 4 << (this.#doneClass[slot] as number)) {
      this.#doneAt[slot] = this.blocks.enlarge(this.#doneAt[slot] as number, this.#doneClass[slot] as number);
      this.#doneClass[slot] = (this.#doneClass[slot] as number) + 1;
    }
    heapAdd(this.blocks.data, this.#doneAt[slot] as number, length, entry, this.completed.start, 1);
    this.slots[slot * SLOT_INTS + SLOT_DONE] = length + 1;
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
    const waiting = this.doneCountOf(slot);
    if (waiting === 0) return;
    this.slots[slot * SLOT_INTS + SLOT_DONE] = heapPrune(this.blocks.data, this.#doneAt[slot] as number, waiting, this.completed.start, 1, limit, inclusive, (other) => {
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
    if (skip.kind === 'SKIP_PAST_LAST_EVENT') return events.ordinalOf(nodes.event(node));
    const first = this.completed.start[entry] as number;
    if (skip.kind === 'SKIP_TO_NEXT') return first;
    if (!('stageName' in skip)) return Number.NaN;
    let limit = Number.NaN;
    for (let at = node; at !== -1; at = nodes.parent(at)) {
      if (this.automaton.resultNames[nodes.stage(at)] !== skip.stageName) continue;
      limit = events.ordinalOf(nodes.event(at));
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
    const view = this.view;
    const count = this.#givenCount;
    this.#givenCount = 0;
    this.settle();
    const ordinals = count > 1 && !this.isList ? this.#ordinals(count, (i) => completed.node[this.#given[i] as number] as number, (i) => completed.time[this.#given[i] as number] as number) : null;
    for (let i = 0; i < count; i += 1) {
      const entry = this.#given[i] as number;
      const node = completed.node[entry] as number;
      view.complete(this.slot, at, completed.time[entry] as number, completed.split[entry] as number, completed.position[entry] as number, triggered ? this.plan : null, this.row);
      view.ordinal = ordinals === null ? 0 : (ordinals[i] as number);
      view.unwind(nodes, node);
      const stage = nodes.stage(node);
      this.counters.advanced[stage] = (this.counters.advanced[stage] as number) + 1;
      this.counters.matches += 1;
      this.options.output(view);
      completed.free(entry);
      nodes.release(node);
    }
  }

  /** Matches of an event where runs do not branch and nothing is held back: in order of start, all of them different. */
  #giveDirectly(): void {
    const count = this.#foundCount;
    if (count > this.limits.matchesPerEvent) throw this.tooMany('matches-per-event');
    this.beginDirect();
    const { counters, nodes } = this;
    for (let i = 0; i < count; i += 1) {
      const parent = this.#found[i * DIRECT_INTS] as number;
      const stage = this.#found[i * DIRECT_INTS + 1] as number;
      const last = stage === -1 ? nodes.stage(parent) : stage;
      counters.advanced[last] = (counters.advanced[last] as number) + 1;
      counters.matches += 1;
      this.giveDirect(parent, stage);
    }
  }

  /**
   * Matches of an event where a skip strategy chooses and the key holds none: what #complete does, without entries. In
   * order of start each one goes out and skips what it skips, up to the first that starts after a live run: it and those
   * behind it are held.
   */
  #giveAndSkip(slot: number): void {
    const count = this.#foundCount;
    if (count > this.limits.matchesPerEvent) throw this.tooMany('matches-per-event');
    const { counters, nodes, events } = this;
    // giving out uses up an ordinal, which must not become that of an event
    const current = this.#event === -1 ? events.nextOrdinal : events.ordinalOf(this.#event);
    const { kind } = this.automaton.skip;
    const inclusive = kind === 'SKIP_TO_NEXT' || kind === 'SKIP_PAST_LAST_EVENT';
    let skipped = Number.NEGATIVE_INFINITY;
    let begun = false;
    for (let i = 0; i < count; i += 1) {
      const parent = this.#found[i * DIRECT_INTS] as number;
      const stage = this.#found[i * DIRECT_INTS + 1] as number;
      const first = this.#found[i * DIRECT_INTS + 2] as number;
      const start = first === -1 ? current : events.ordinalOf(first);
      if (inclusive ? start <= skipped : start < skipped) {
        counters.dropped += 1;
        if (parent !== -1) nodes.release(parent);
        continue;
      }
      const earliest = this.earliestStart(slot);
      if (start > earliest) {
        if (this.#event === -1) events.nextOrdinal = current;
        this.#holdDirect(slot, i, current);
        return;
      }
      if (!begun) this.beginDirect();
      begun = true;
      if (earliest !== Number.POSITIVE_INFINITY || i + 1 < count) {
        const limit = this.#skipLimitDirect(parent, stage, start, current);
        if (!Number.isNaN(limit)) {
          skipped = limit;
          this.prune(slot, limit, inclusive);
        }
      }
      const last = stage === -1 ? nodes.stage(parent) : stage;
      counters.advanced[last] = (counters.advanced[last] as number) + 1;
      counters.matches += 1;
      this.giveDirect(parent, stage);
    }
  }

  /** Matches of the event from the i-th on become entries that are held. */
  #holdDirect(slot: number, from: number, current: number): void {
    const { nodes, events } = this;
    const { time } = this.plan as CopyPlan;
    const taken = (parent: number, stage: number): number => {
      const node = nodes.add(parent, stage, this.takeEvent());
      if (parent !== -1) nodes.release(parent);
      return node;
    };
    for (let i = from; i < this.#foundCount; i += 1) {
      const parent = this.#found[i * DIRECT_INTS] as number;
      const stage = this.#found[i * DIRECT_INTS + 1] as number;
      const first = this.#found[i * DIRECT_INTS + 2] as number;
      const start = first === -1 ? current : events.ordinalOf(first);
      const startTime = first === -1 ? (time[this.row] as number) : events.timeOf(first);
      this.#pushDone(slot, this.#entry(stage === -1 ? parent : taken(parent, stage), start, startTime));
    }
  }

  /** #skipLimit of a match that the event at hand, of ordinal `current`, completes. */
  #skipLimitDirect(parent: number, stage: number, start: number, current: number): number {
    const { nodes, events } = this;
    const { kind } = this.automaton.skip;
    if (kind === 'SKIP_TO_NEXT') return start;
    if (kind === 'SKIP_PAST_LAST_EVENT') return stage === -1 ? events.ordinalOf(nodes.event(parent)) : current;
    let limit = stage !== -1 && this.#isTarget[stage] === 1 ? current : Number.NaN;
    if (kind === 'SKIP_TO_LAST' && !Number.isNaN(limit)) return limit;
    for (let at = parent; at !== -1; at = nodes.parent(at)) {
      if (this.#isTarget[nodes.stage(at)] !== 1) continue;
      limit = events.ordinalOf(nodes.event(at));
      if (kind === 'SKIP_TO_LAST') break;
    }
    return limit;
  }

  /** Before the matches that the event at hand completes. */
  protected beginDirect(): void {
    const plan = this.plan as CopyPlan;
    this.settle();
    this.events.pass(plan, this.row);
    this.view.completeBy(this.slot, plan, this.row);
  }

  /** One of them: `parent` and then the event at hand, taken into `stage` (-1: not taken). The reference to `parent` is given back. */
  protected giveDirect(parent: number, stage: number): void {
    this.view.unwindPassing(this.nodes, parent, stage);
    this.options.output(this.view);
    if (parent !== -1) this.nodes.release(parent);
  }

  #giveTimeouts(): void {
    const view = this.view;
    const count = this.#endedCount;
    this.#endedCount = 0;
    this.settle();
    const ordinals = count > 1 && !this.isList ? this.#ordinals(count, (i) => this.#endedNode[i] as number, (i) => this.#endedDue[i] as number) : null;
    for (let i = 0; i < count; i += 1) {
      const node = this.#endedNode[i] as number;
      view.timeOut(this.slot, this.#endedDue[i] as number);
      view.ordinal = ordinals === null ? 0 : (ordinals[i] as number);
      view.unwind(this.nodes, node);
      this.counters.timedOut += 1;
      this.options.output(view);
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
      for (let at = nodeAt(i); at !== -1; at = nodes.parent(at)) hash = (Math.imul(hash, 31) + nodes.stage(at) * 7 + nodes.event(at)) | 0;
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
      if (a === -1 || b === -1 || nodes.stage(a) !== nodes.stage(b) || nodes.event(a) !== nodes.event(b)) return false;
      a = nodes.parent(a);
      b = nodes.parent(b);
    }
    return true;
  }

  // --- starting

  #start(slot: number): boolean {
    const { automaton } = this;
    let plan = this.plans.plan(automaton.startState, this.eventClass);
    let ops = this.plans.pool;
    if (plan === PLAN_ASK) {
      ops = this.earlier.decide(automaton.startState, -1, -1);
      plan = 0;
    } else if (plan === PLAN_STAY) return false;
    const finals = ops[plan + DECISION_FINALS] as number;
    const retained = ops[plan + DECISION_RETAINED] as number;
    if ((ops[plan + DECISION_FLAGS] as number) & FLAG_BLOCKED) throw absenceAtStart(this.options.patternId);
    if (finals + retained === 0) return false;
    let at = plan + DECISION_RESULTS;
    const time = (this.plan as CopyPlan).rows.time[this.row] as number;
    for (let i = 0; i < finals; i += 1, at += 2) {
      if (this.direct) this.foundDirect(-1, ops[at + 1] as number, -1);
      else this.found(this.take(-1, ops[at + 1] as number), this.events.ordinalOf(this.#event), time);
    }
    for (let i = 0; i < retained; i += 1, at += 2) {
      const node = this.take(-1, ops[at + 1] as number);
      this.appendRun(slot, this.addRun(this.#event, ops[at] as number, node, this.events.ordinalOf(this.#event), time));
    }
    this.checkKeyLimit(slot, this.eventTime);
    return true;
  }

  // --- faults

  protected tooMany(code: LimitCode): JobFault {
    return limitFault(code, this.limits, this.#crowdOf(this.slot));
  }

  #crowdOf(slot: number): Crowd {
    const { waiting } = this.partialMatches();
    let busiest = 0;
    waiting.forEach((value, stage) => {
      if (value > (waiting[busiest] as number)) busiest = stage;
    });
    return { patternId: this.options.patternId, stage: this.automaton.stageNames[busiest] ?? '', key: JSON.stringify(this.options.keyOf(slot)) };
  }

  /** Where most of the runs are: the key that has most, and the stage. */
  crowd(): Crowd {
    let fullest = 0;
    const known = Math.min(this.slotCapacity, this.options.keyCount());
    for (let slot = 1; slot < known; slot += 1) if (this.keptOf(slot) > this.keptOf(fullest)) fullest = slot;
    return this.#crowdOf(fullest);
  }

  /** What a key keeps, and all keys together, as limits count it. */
  protected keptOf(slot: number): number { return this.countOf(slot); }
  get kept(): number { return this.runs.live; }

  /** Bytes in use: taken events with their texts, nodes, runs, completed matches that are held back. */
  get bytesInUse(): number {
    return this.events.bytesInUse + this.nodes.bytesInUse + this.runs.live * this.runs.recordBytes + this.completed.live * COMPLETED_BYTES;
  }
}
