/**
 * Runs that do not branch: a list for each key, earliest start first.
 *
 * Always  at most one live run for each start event, so a key's runs in order of start are also in Flink's order of
 *         iteration: every result of a run takes its place, new runs start later than all others.
 *         Window, skip strategies and the search for the earliest run all work at the head of the list.
 */
import { invariant } from '@tidemark/core';
import { DECISION_FINALS, DECISION_RESULTS, DECISION_RETAINED, DECISION_FLAGS, FLAG_BLOCKED, FLAG_STAYS } from '../automaton/decision.ts';
import { STATE_NORMAL, STATE_PENDING } from '../automaton/automaton.ts';
import { CLASS_MOVES, CLASS_STARTS, PLAN_ASK, PLAN_BLOCKED, PLAN_DIE, PLAN_STAY } from '../automaton/plan-table.ts';
import { grownI32, grownU8 } from './grow.ts';
import { EventRuns } from './event-runs.ts';
import { Matcher, type MatcherOptions } from './matcher.ts';
import { type CopyPlan, EVENT_INTS, RUN_NODE, RUN_STATE } from './retained-events.ts';
import { RunLists } from './run-lists.ts';
import type { TimerRing } from './timer-ring.ts';

const newStarts = (capacity: number) => ({
  row: new Int32Array(capacity), offset: new Int32Array(capacity), state: new Int32Array(capacity), stage: new Int32Array(capacity), run: new Int32Array(capacity),
});

export class LinearMatcher extends Matcher {
  readonly runs: EventRuns;
  protected readonly lists = new RunLists();
  /** With more runs than this a key's event does not take the short way to completion. */
  protected finishMax: number;

  constructor(options: MatcherOptions) {
    super(options, true);
    this.runs = new EventRuns(options.events);
    this.finishMax = options.limits.matchesPerEvent;
  }

  // By class of event: what the fast way needs, see #learnClasses.
  #learnt = 0;
  #learntGeneration = -1;
  #isStart = new Uint8Array(16);
  #isFinish = new Uint8Array(16);
  #startState = new Int32Array(16);
  #startStage = new Int32Array(16);
  /** Slot at which the next sweep goes on. */
  #hand = 0;
  // Of the rows at hand that do nothing but begin a run: row, place among the rows, state, stage, run.
  #starts = newStarts(256);

  /** Whether rows may go the fast way: with nothing but a window, a timer of its own is all that a run needs. */
  get isQuick(): boolean {
    return !this.automaton.hasGaps;
  }

  /** Whether some key has a run that began at such a time or before. */
  hasRunsFrom(time: number): boolean {
    for (let slot = 0; slot < this.slotCapacity; slot += 1) {
      const head = this.lists.first(slot);
      if (head !== -1 && this.runs.startTime(head) <= time) return true;
    }
    return false;
  }

  /**
   * Rows of a batch with the slots of their keys: what advance and processEvent would do row by row, with the common
   * cases written out. Where fields are kept, runs that rows begin are made all at once, column by column, and put into
   * their lists when it is their turn; else they are made then. A key is advanced only where an event can move a run: a start disturbs nobody.
   * But where time gives out matches (those that it completes, and those held that it frees) it is seen at which event
   * that was: there every row of a key advances it, also one that does nothing else. Rows that do nothing else may be left
   * out where time completes none; while any match is held, passed(i) is called for those before the i-th row.
   *
   * Only where `isQuick`, for rows with time > 0. Sets a timer at time + window for every row that begins a run, where runs end by timers.
   */
  processRows(rows: Int32Array, classes: Uint16Array, keys: Int32Array, count: number, timers: TimerRing, passed: ((before: number) => void) | null = null): void {
    const { completed, plans, events, windowMs, runs, limits, finishMax } = this;
    this.#learnClasses();
    const plan = this.plan as CopyPlan;
    const { time } = plan;
    const base = events.nextOrdinal;
    const timed = windowMs > 0 && !this.endsLazily;
    if (runs.live + count > this.jobShare) this.endOverdue();
    const quick = runs.live + count <= this.jobShare && events.length + count < this.nodes.rowLimit;
    // Where no field is kept a run is made when it is its turn; else all are made before, column by column.
    const isBare = plan.present.length === 0;
    const began = quick && !isBare ? this.#makeStarts(rows, classes, count, base) : this.#starts.run;
    events.reserve(count);
    const startState = this.#startState;
    const startStage = this.#startStage;
    const { stageBits } = this.nodes;
    const manyStarts = Math.min(limits.partialMatchesPerKey, this.uncounted);
    const isStart = this.#isStart;
    const isFinish = this.#isFinish;
    const isExact = windowMs > 0 && this.automaton.hasPending;
    const holds = windowMs > 0 && this.isSkip;
    const flags = plans.classFlags;
    const lists = this.lists;
    lists.reserve(events.length + count);
    const { links, ends } = lists;
    let next = 0;
    for (let i = 0; i < count; i += 1) {
      const eventClass = classes[i] as number;
      const slot = keys[i] as number;
      const isHolding = holds && completed.live > 0;
      if (isHolding && passed !== null) passed(i);
      if (quick && isStart[eventClass] === 1) {
        if (isExact || isHolding) {
          const head = links[2 * slot] as number;
          if (head !== -1) {
            const now = time[rows[i] as number] as number;
            if (now - events.timeOf(head) >= windowMs) this.advance(slot, now);
          }
        }
        let run: number;
        if (!isBare) {
          run = began[next] as number;
          next += 1;
        } else {
          const stage = startStage[eventClass] as number;
          run = events.addRun(plan, rows[i] as number, startState[eventClass] as number, stage, stageBits, base + i);
          this.#countStart(stage);
        }
        links[ends[2 * slot] as number] = run;
        links[2 * run + 1] = -1;
        ends[2 * slot] = 2 * run + 1;
        const length = (ends[2 * slot + 1] as number) + 1;
        ends[2 * slot + 1] = length;
        if (length > manyStarts) {
          this.slot = slot;
          if (length > this.uncounted) this.noteGrowth();
          if (length > limits.partialMatchesPerKey || this.mustCount) {
            this.#flushCounts();
            this.row = rows[i] as number;
            if (timed) this.advance(slot, time[this.row] as number);
            this.slot = slot;
            this.checkKeyLimit(slot, time[this.row] as number);
            this.checkGrowth(slot);
          }
        }
        if (timed) timers.add((time[rows[i] as number] as number) + windowMs, slot);
        continue;
      }
      const row = rows[i] as number;
      const now = time[row] as number;
      const head = links[2 * slot] as number;
      if (head !== -1) {
        if (windowMs > 0 && now - events.timeOf(head) >= windowMs) this.advance(slot, now);
        if (isFinish[eventClass] === 1 && (ends[2 * slot + 1] as number) <= finishMax) {
          this.#finish(slot, row, eventClass);
          continue;
        }
      } else if (flags[eventClass] === CLASS_MOVES) continue;
      if (flags[eventClass] === 0) continue;
      events.nextOrdinal = base + i;
      this.#flushCounts();
      if (this.processEvent(slot, row, eventClass) && timed) timers.add(now + windowMs, slot);
    }
    if (holds && passed !== null && completed.live > 0) passed(count);
    this.#flushCounts();
    events.nextOrdinal = base + count;
    invariant(plans.generation === this.#learntGeneration, 'classes stay while rows are processed');
  }

  /** Runs for all rows whose event does nothing but begin one, in order; not yet in any list. */
  #makeStarts(rows: Int32Array, classes: Uint16Array, count: number, base: number): Int32Array {
    if (count > this.#starts.row.length) this.#starts = newStarts(count * 2);
    const { row, offset, state, stage, run } = this.#starts;
    const isStart = this.#isStart;
    const startState = this.#startState;
    const startStage = this.#startStage;
    let starts = 0;
    for (let i = 0; i < count; i += 1) {
      const eventClass = classes[i] as number;
      row[starts] = rows[i] as number;
      offset[starts] = i;
      state[starts] = startState[eventClass] as number;
      stage[starts] = startStage[eventClass] as number;
      starts += isStart[eventClass] as number;
    }
    this.events.addRuns(this.plan as CopyPlan, row, offset, state, stage, this.nodes.stageBits, starts, base, run);
    for (let i = 0; i < starts; i += 1) this.#countStart(stage[i] as number);
    return run;
  }

  // What happens again and again in a batch is counted here and comes into the counters when it changes.
  #began = 0;
  #beganStage = 0;
  #finished = 0;
  #finishedFrom = 0;
  #finishedTo = 0;

  #countStart(stage: number): void {
    if (stage !== this.#beganStage) {
      this.#flushCounts();
      this.#beganStage = stage;
    }
    this.#began += 1;
  }

  /** A run that waited after stage `from` was completed by an event in stage `to` (-1: without taking it). */
  #countFinish(from: number, to: number): void {
    if (from !== this.#finishedFrom || to !== this.#finishedTo) {
      this.#flushCounts();
      this.#finishedFrom = from;
      this.#finishedTo = to;
    }
    this.#finished += 1;
  }

  #flushCounts(): void {
    if (this.#began === 0 && this.#finished === 0) return;
    const { entered, advanced, waiting } = this.counters;
    const began = this.#began;
    const stage = this.#beganStage;
    entered[stage] = (entered[stage] as number) + began;
    waiting[stage] = (waiting[stage] as number) + began;
    this.#began = 0;
    const finished = this.#finished;
    const from = this.#finishedFrom;
    const to = this.#finishedTo;
    if (to !== -1 && to !== from) {
      entered[to] = (entered[to] as number) + finished;
      advanced[from] = (advanced[from] as number) + finished;
    }
    const last = to === -1 ? from : to;
    advanced[last] = (advanced[last] as number) + finished;
    waiting[from] = (waiting[from] as number) - finished;
    this.counters.matches += finished;
    this.#finished = 0;
    this.runs.live += began - finished;
  }

  /**
   * isStart: an event of the class does nothing but begin one run, in a state and stage.
   * isFinish: it begins none, leaves each run alone or completes it for good, and cannot fail; nothing is skipped.
   */
  #learnClasses(): void {
    const { automaton, plans } = this;
    if (this.#learntGeneration !== plans.generation) {
      this.#learntGeneration = plans.generation;
      this.#learnt = 0;
    }
    if (plans.classCount > this.#isStart.length) {
      const capacity = plans.classCount * 2;
      this.#isStart = grownU8(this.#isStart, capacity);
      this.#isFinish = grownU8(this.#isFinish, capacity);
      this.#startState = grownI32(this.#startState, capacity);
      this.#startStage = grownI32(this.#startStage, capacity);
    }
    for (; this.#learnt < plans.classCount; this.#learnt += 1) {
      const eventClass = this.#learnt;
      const flags = plans.classFlags[eventClass] as number;
      let finish = flags === CLASS_MOVES && !this.isSkip ? 1 : 0;
      for (let state = 0; state < automaton.stateCount; state += 1) {
        if (automaton.stateKind[state] !== STATE_NORMAL && automaton.stateKind[state] !== STATE_PENDING) continue;
        const plan = plans.plan(state, eventClass);
        if (plan !== PLAN_STAY && !(plan > PLAN_ASK && plans.pool[plan + DECISION_FINALS] === 1 && plans.pool[plan + DECISION_RETAINED] === 0)) finish = 0;
      }
      this.#isFinish[eventClass] = finish;
      const start = plans.plan(automaton.startState, eventClass);
      const begins = flags === CLASS_STARTS && start > PLAN_ASK && plans.pool[start + DECISION_FINALS] === 0 && plans.pool[start + DECISION_RETAINED] === 1
        && ((plans.pool[start] as number) & FLAG_BLOCKED) === 0;
      this.#isStart[eventClass] = begins ? 1 : 0;
      this.#startState[eventClass] = begins ? (plans.pool[start + DECISION_RESULTS] as number) : 0;
      this.#startStage[eventClass] = begins ? (plans.pool[start + DECISION_RESULTS + 1] as number) : 0;
    }
  }

  /** An event that completes runs of the key or leaves them alone. */
  #finish(slot: number, row: number, eventClass: number): void {
    const { plans, events, nodes } = this;
    const { links, ends } = this.lists;
    const { records } = events;
    this.slot = slot;
    this.row = row;
    let kept = 0;
    let cell = 2 * slot;
    let found = false;
    let run = links[cell] as number;
    while (run !== -1) {
      const next = links[2 * run + 1] as number;
      const record = run * EVENT_INTS;
      const plan = plans.plan(records[record + RUN_STATE] as number, eventClass);
      if (plan === PLAN_STAY) {
        links[cell] = run;
        cell = 2 * run + 1;
        kept += 1;
      } else {
        if (!found) this.beginDirect();
        found = true;
        const node = records[record + RUN_NODE] as number;
        const stage = plans.pool[plan + DECISION_RESULTS + 1] as number;
        this.#countFinish(nodes.stage(node), stage);
        this.giveDirect(node, stage);
      }
      run = next;
    }
    links[cell] = -1;
    ends[2 * slot] = cell;
    ends[2 * slot + 1] = kept;
  }

  /** Ends what is overdue at the last watermark, of all keys. */
  override endOverdue(): void {
    if (this.endsLazily) this.#sweep(this.slotCapacity);
  }

  /** The same for the next `count` keys, in turns. */
  override endSomeOverdue(watermark: number, count: number): void {
    this.watermark = watermark;
    this.#sweep(Math.min(count, this.slotCapacity));
  }

  #sweep(count: number): void {
    const { runs, slotCapacity } = this;
    const { links } = this.lists;
    const limit = this.watermark - this.windowMs;
    let slot = this.#hand < slotCapacity ? this.#hand : 0;
    for (let i = 0; i < count; i += 1) {
      const head = links[2 * slot] as number;
      if (head !== -1 && runs.startTime(head) <= limit) this.expire(slot, this.watermark);
      slot += 1;
      if (slot === slotCapacity) slot = 0;
    }
    this.#hand = slot;
  }

  needsAdvance(slot: number, time: number): boolean {
    const head = this.lists.first(slot);
    if (head === -1) return false;
    if (this.automaton.hasGaps) return true;
    return this.windowMs > 0 && time - this.runs.startTime(head) >= this.windowMs;
  }

  override countOf(slot: number): number {
    return this.lists.countOf(slot);
  }

  override reserveSlots(slots: number): void {
    super.reserveSlots(slots);
    this.lists.reserveSlots(this.slotCapacity);
  }

  override compactSlots(slots: Int32Array): void {
    super.compactSlots(slots);
    this.lists.compactSlots(slots, this.slotCapacity);
  }

  runsOf(slot: number, into: Int32Array): number {
    const { links } = this.lists;
    let count = 0;
    for (let run = links[2 * slot] as number; run !== -1; run = links[2 * run + 1] as number) {
      into[count] = run;
      count += 1;
    }
    return count;
  }

  appendRun(slot: number, run: number): void {
    this.lists.append(slot, run);
  }

  protected walk(slot: number): void {
    const { runs, plans } = this;
    const lists = this.lists;
    const { links } = lists;
    let cell = 2 * slot;
    let run = links[cell] as number;
    while (run !== -1) {
      const state = runs.state(run);
      let plan = plans.plan(state, this.eventClass);
      if (plan === PLAN_STAY) {
        cell = 2 * run + 1;
        run = links[cell] as number;
        continue;
      }
      if (plan === PLAN_DIE || plan === PLAN_BLOCKED) {
        if (plan === PLAN_BLOCKED) this.countBlocked(run);
        lists.take(slot, cell);
        this.endRun(run);
        run = links[cell] as number;
        continue;
      }
      let ops = plans.pool;
      if (plan === PLAN_ASK) {
        ops = this.ask(state, runs.node(run), run);
        plan = 0;
        if ((ops[DECISION_FLAGS] as number) & FLAG_STAYS) {
          cell = 2 * run + 1;
          run = links[cell] as number;
          continue;
        }
      }
      const finals = ops[plan + DECISION_FINALS] as number;
      const retained = ops[plan + DECISION_RETAINED] as number;
      const node = runs.node(run);
      let at = plan + DECISION_RESULTS;
      if (finals > 0 && this.direct) {
        if (retained === 0) {
          this.foundDirect(node, ops[at + 1] as number, run);
          lists.take(slot, cell);
          this.endRun(run, true);
          run = links[cell] as number;
          continue;
        }
        this.nodes.retain(node);
        this.foundDirect(node, ops[at + 1] as number, run);
        at += 2;
      } else if (finals > 0) {
        const stage = ops[at + 1] as number;
        if (stage === -1) this.nodes.retain(node);
        this.found(stage === -1 ? node : this.take(node, stage), runs.start(run), runs.startTime(run));
        at += 2;
      }
      if (retained > 0) {
        const stage = ops[at + 1] as number;
        if (stage === -1) this.moveRun(run, ops[at] as number, node);
        else {
          this.moveRun(run, ops[at] as number, this.take(node, stage));
          this.nodes.release(node);
        }
        cell = 2 * run + 1;
        run = links[cell] as number;
        continue;
      }
      if (finals === 0 && (ops[plan + DECISION_FLAGS] as number) & FLAG_BLOCKED) this.countBlocked(run);
      lists.take(slot, cell);
      this.endRun(run);
      run = links[cell] as number;
    }
  }

  protected expire(slot: number, time: number): boolean {
    let any = false;
    const lists = this.lists;
    const { links } = lists;
    let cell = 2 * slot;
    let run = links[cell] as number;
    const gaps = this.automaton.hasGaps;
    while (run !== -1) {
      const due = this.dueTime(run, time);
      if (Number.isNaN(due)) {
        if (!gaps) break;
        cell = 2 * run + 1;
        run = links[cell] as number;
        continue;
      }
      any = true;
      lists.take(slot, cell);
      this.overdue(run, due);
      run = links[cell] as number;
    }
    return any;
  }

  protected prune(slot: number, limit: number, inclusive: boolean): void {
    const lists = this.lists;
    for (let run = lists.first(slot); run !== -1; run = lists.first(slot)) {
      const start = this.runs.start(run);
      if (inclusive ? start > limit : start >= limit) break;
      lists.take(slot, 2 * slot);
      this.counters.dropped += 1;
      this.endRun(run);
    }
  }

  protected earliestStart(slot: number): number {
    const head = this.lists.first(slot);
    return head === -1 ? Number.POSITIVE_INFINITY : this.runs.start(head);
  }
}
