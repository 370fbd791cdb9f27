/**
 * Runs that do not branch: a list for each key, earliest start first.
 *
 * Always  at most one live run for each start event, so a key's runs in order of start are also in Flink's order of
 *         iteration: every result of a run takes its place, new runs start later than all others.
 *         Window, skip strategies and the search for the earliest run all work at the head of the list.
 */
import { invariant } from '@tidemark/core';
import { DECISION_FINALS, DECISION_RESULTS, DECISION_RETAINED, DECISION_FLAGS, FLAG_BLOCKED, FLAG_STAYS } from '../automaton/decision.ts';
import { ClassUses } from './class-uses.ts';
import { CLASS_MOVES, PLAN_ASK, PLAN_BLOCKED, PLAN_DIE, PLAN_STAY } from '../automaton/plan-table.ts';
import { EventRuns } from './event-runs.ts';
import { Matcher, type MatcherOptions } from './matcher.ts';
import type { CopyPlan } from './copy-plan.ts';
import { EVENT_INTS, RUN_NODE, RUN_STATE } from './retained-events.ts';
import { RunLists } from './run-lists.ts';
import type { TimerRing } from './timer-ring.ts';

const newStarts = (capacity: number) => ({ row: new Int32Array(capacity), offset: new Int32Array(capacity), run: new Int32Array(capacity) });
/** Keys that are looked at, at every watermark, however little of the window it is: few keys may have many runs. */
const SWEPT_LEAST = 16;
/** Keys whose first runs are read in one go. */
const SWEPT_TOGETHER = 256;
/** Batches after which it is looked up again how long the longest list is, where it was too long. */
const LONG_AGAIN = 4096;

export class LinearMatcher extends Matcher {
  readonly runs: EventRuns;
  protected readonly lists = new RunLists();
  /** With more runs than this a key's event does not take the short way to completion. */
  protected finishMax: number;

  constructor(options: MatcherOptions) {
    super(options, true);
    this.runs = new EventRuns(options.events);
    this.finishMax = options.limits.matchesPerEvent;
    this.#uses = new ClassUses(options.automaton, options.plans, this.isSkip);
  }

  readonly #uses: ClassUses;
  /** Slot at which the next sweep goes on. */
  #hand = 0;
  readonly #sweptSlots = new Int32Array(SWEPT_TOGETHER);
  readonly #sweptOverdue = new Int32Array(SWEPT_TOGETHER);
  readonly #sweptBehind = new Int32Array(SWEPT_TOGETHER);
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
    const { completed, plans, events, windowMs, runs, limits, finishMax, endsLazily } = this;
    const uses = this.#uses;
    uses.learn();
    const plan = this.plan as CopyPlan;
    const { time } = plan;
    const base = events.nextOrdinal;
    const timed = windowMs > 0 && !endsLazily;
    if (runs.live + count > this.jobShare) this.endOverdue();
    events.hasFewKeys = runs.live > 4 * this.slotCapacity;
    const quick = runs.live + count <= this.jobShare && events.length + count < this.nodes.rowLimit;
    // Where no field is kept a run is made when it is its turn; else all are made before, column by column.
    const isBare = plan.present.length === 0;
    const isExact = windowMs > 0 && this.automaton.hasPending;
    const holds = windowMs > 0 && this.isSkip;
    const manyStarts = Math.min(limits.partialMatchesPerKey, this.uncounted);
    const isApart = quick && this.#chooseStarts(rows, classes, count) && this.#areShort(Math.min(manyStarts, finishMax)) && !isExact && !holds && !timed;
    const makesFirst = quick && (!isBare || isApart);
    if (makesFirst) this.#makeStarts(classes, base);
    const began = this.#starts.run;
    events.reserve(count);
    const { isStart, isFinish, startState, startStage } = uses;
    const { stageBits } = this.nodes;
    const flags = plans.classFlags;
    const lists = this.lists;
    lists.reserve(events.length + count);
    const { links, ends } = lists;
    let next = 0;
    if (isApart) this.#beginThenFinish(rows, classes, keys, count, base);
    else for (let i = 0; i < count; i += 1) {
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
        if (makesFirst) {
          run = began[next] as number;
          next += 1;
        } else {
          const stage = startStage[eventClass] as number;
          run = events.addRun(plan, rows[i] as number, startState[eventClass] as number, stage, stageBits, base + i);
          this.#countStarts(stage, 1);
        }
        links[ends[2 * slot] as number] = run;
        links[2 * run + 1] = -1;
        ends[2 * slot] = 2 * run + 1;
        const length = (ends[2 * slot + 1] as number) + 1;
        ends[2 * slot + 1] = length;
        if (length > lists.longest) lists.longest = length;
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
        if (endsLazily) {
          events.nextOrdinal = base + i;
          if (this.moveListed(slot, row, eventClass, now)) continue;
        }
        if (windowMs > 0 && now - events.timeOf(head) >= windowMs) this.advance(slot, now);
        if (isFinish[eventClass] === 1 && (ends[2 * slot + 1] as number) <= finishMax) {
          this.#finish(slot, row, eventClass, base + i);
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
    invariant(plans.generation === uses.generation, 'classes stay while rows are processed');
  }

  /**
   * Notes the rows whose event does nothing but begin a run. Answers whether each of the others completes runs or does
   * nothing.
   */
  #chooseStarts(rows: Int32Array, classes: Uint16Array, count: number): boolean {
    if (count > this.#starts.row.length) this.#starts = newStarts(count * 2);
    const { row, offset } = this.#starts;
    const { isStart, isOther } = this.#uses;
    let others = 0;
    let starts = 0;
    for (let i = 0; i < count; i += 1) {
      const eventClass = classes[i] as number;
      row[starts] = rows[i] as number;
      offset[starts] = i;
      starts += isStart[eventClass] as number;
      others |= isOther[eventClass] as number;
    }
    this.#startCount = starts;
    return others === 0;
  }

  #longAgain = 0;

  /** Whether no key can come to have more than `most` runs by what begins now. */
  #areShort(most: number): boolean {
    const { lists } = this;
    if (lists.longest + this.#startCount <= most) return true;
    // a list that was long once may have become short
    this.#longAgain += 1;
    if (this.#longAgain < LONG_AGAIN) return false;
    this.#longAgain = 0;
    lists.findLongest();
    return lists.longest + this.#startCount <= most;
  }

  /** Runs for these rows, in order; not yet in any list. */
  #makeStarts(classes: Uint16Array, base: number): void {
    const { row, offset, run } = this.#starts;
    const { startState, startStage, onlyStage } = this.#uses;
    const starts = this.#startCount;
    this.events.addRuns(this.plan as CopyPlan, row, offset, classes, startState, startStage, this.nodes.stageBits, starts, base, run);
    if (onlyStage >= 0) {
      if (starts > 0) this.#countStarts(onlyStage, starts);
    } else for (let i = 0; i < starts; i += 1) this.#countStarts(startStage[classes[offset[i] as number] as number] as number, 1);
  }

  #startCount = 0;
  #finishing = new Int32Array(256);
  #headTimes = new Float64Array(256);

  /**
   * Rows of which each one begins a run, completes runs for good or does nothing: first all that begin, then all that
   * complete, each of them the runs that began before it. Two short loops without a branch that the processor would guess
   * wrong, in which it fetches what belongs to many keys at the same time.
   */
  #beginThenFinish(rows: Int32Array, classes: Uint16Array, keys: Int32Array, count: number, base: number): void {
    const { events, windowMs } = this;
    const { links, ends } = this.lists;
    const { offset, run: began } = this.#starts;
    const starts = this.#startCount;
    let { longest } = this.lists;
    for (let i = 0; i < starts; i += 1) {
      const slot = keys[offset[i] as number] as number;
      const run = began[i] as number;
      links[ends[2 * slot] as number] = run;
      links[2 * run + 1] = -1;
      ends[2 * slot] = 2 * run + 1;
      const length = (ends[2 * slot + 1] as number) + 1;
      ends[2 * slot + 1] = length;
      longest = Math.max(longest, length);
    }
    this.lists.longest = longest;
    if (count > this.#finishing.length) {
      this.#finishing = new Int32Array(count * 2);
      this.#headTimes = new Float64Array(count * 2);
    }
    const finishing = this.#finishing;
    const headTimes = this.#headTimes;
    const { isFinish } = this.#uses;
    let finishes = 0;
    for (let i = 0; i < count; i += 1) {
      const head = links[2 * (keys[i] as number)] as number;
      finishing[finishes] = i;
      headTimes[finishes] = events.timeOf(head & ~(head >> 31));
      finishes += (isFinish[classes[i] as number] as number) & ((head >>> 31) ^ 1);
    }
    const { time } = this.plan as CopyPlan;
    for (let j = 0; j < finishes; j += 1) {
      const i = finishing[j] as number;
      const row = rows[i] as number;
      const slot = keys[i] as number;
      // a head that another event has taken away meanwhile stands before no older one
      if (windowMs > 0 && (time[row] as number) - (headTimes[j] as number) >= windowMs) this.advance(slot, time[row] as number);
      this.#finish(slot, row, classes[i] as number, base + i);
    }
  }

  /**
   * An event of a key with runs, where they end unseen, whose time has not been looked at: true if it could be dealt with
   * in a shorter way than by the walk along the runs.
   */
  protected moveListed(_slot: number, _row: number, _eventClass: number, _now: number): boolean { return false; }

  // What happens again and again in a batch is counted here and comes into the counters when it changes.
  #began = 0;
  #beganStage = 0;
  #finished = 0;
  #finishedFrom = 0;
  #finishedTo = 0;

  #countStarts(stage: number, count: number): void {
    if (stage !== this.#beganStage) {
      this.#flushCounts();
      this.#beganStage = stage;
    }
    this.#began += count;
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

  /** An event of ordinal `before` that completes runs of the key, or leaves them alone. */
  #finish(slot: number, row: number, eventClass: number, before: number): void {
    const { plans, events, nodes } = this;
    const { links, ends } = this.lists;
    const { records } = events;
    this.slot = slot;
    this.row = row;
    let finished = 0;
    let cell = 2 * slot;
    let run = links[cell] as number;
    while (run !== -1 && events.ordinalOf(run) < before) {
      const next = links[2 * run + 1] as number;
      const record = run * EVENT_INTS;
      const plan = plans.plan(records[record + RUN_STATE] as number, eventClass);
      if (plan === PLAN_STAY) {
        links[cell] = run;
        cell = 2 * run + 1;
      } else {
        if (finished === 0) this.beginDirect();
        finished += 1;
        const node = records[record + RUN_NODE] as number;
        const stage = plans.pool[plan + DECISION_RESULTS + 1] as number;
        this.#countFinish(nodes.stage(node), stage);
        this.view.unwindPassing(nodes, node, stage);
        this.options.output(this.view);
        if (node < -1) events.release(run);
        else nodes.release(node);
      }
      run = next;
    }
    links[cell] = run;
    if (run === -1) ends[2 * slot] = cell;
    ends[2 * slot + 1] = (ends[2 * slot + 1] as number) - finished;
  }

  /** Ends what is overdue at the last watermark, of all keys. */
  override endOverdue(): void {
    if (this.endsLazily) this.#sweep(this.#knownKeys);
  }

  /** The same for the next keys, in turns: all of them in the time of a window, so that nothing outlives its window by more than another one; but not more than `most`. */
  override endSomeOverdue(watermark: number, most: number): void {
    const share = (watermark - this.watermark) / this.windowMs;
    this.watermark = watermark;
    const keys = this.#knownKeys;
    this.#sweep(Math.min(most, keys, Math.max(SWEPT_LEAST, Math.ceil(keys * share))));
  }

  get #knownKeys(): number { return Math.min(this.slotCapacity, this.options.keyCount()); }

  /** What is looked at of many keys is read before anything is done: it lies far apart, and so it comes side by side. */
  #sweep(count: number): void {
    const { events } = this;
    const keys = this.#knownKeys;
    const { links } = this.lists;
    const limit = this.watermark - this.windowMs;
    const slots = this.#sweptSlots;
    const overdue = this.#sweptOverdue;
    const behind = this.#sweptBehind;
    let slot = this.#hand < keys ? this.#hand : 0;
    for (let left = count; left > 0;) {
      const end = slot + Math.min(left, SWEPT_TOGETHER, keys - slot);
      left -= end - slot;
      let heads = 0;
      for (; slot < end; slot += 1) {
        slots[heads] = slot;
        heads += ((links[2 * slot] as number) >>> 31) ^ 1;
      }
      let due = 0;
      for (let i = 0; i < heads; i += 1) {
        const at = slots[i] as number;
        overdue[due] = at;
        due += events.timeOf(links[2 * at] as number) <= limit ? 1 : 0;
      }
      for (let i = 0; i < due; i += 1) behind[i] = links[2 * (links[2 * (overdue[i] as number)] as number) + 1] as number;
      for (let i = 0; i < due; i += 1) this.endHeads(overdue[i] as number, behind[i] as number, limit);
      if (slot === keys) slot = 0;
    }
    this.#hand = slot;
  }

  /** Ends the runs of a key that began at `limit` or before: at least its first one, behind which `second` stands. */
  protected endHeads(slot: number, second: number, limit: number): void {
    const { events } = this;
    const { links, ends } = this.lists;
    let ended = 0;
    let run = links[2 * slot] as number;
    let next = second;
    for (;;) {
      this.expireUnseen(run);
      ended += 1;
      run = next;
      if (run === -1 || events.timeOf(run) > limit) break;
      next = links[2 * run + 1] as number;
    }
    links[2 * slot] = run;
    if (run === -1) ends[2 * slot] = 2 * slot;
    ends[2 * slot + 1] = (ends[2 * slot + 1] as number) - ended;
    this.runs.live -= ended;
  }

  /** A run that is over is counted and let go of; list and number of runs are the caller's. */
  protected expireUnseen(run: number): void {
    const { nodes, events } = this;
    const { expired, waiting } = this.counters;
    const node = events.runNodeOf(run);
    const stage = nodes.stage(node);
    expired[stage] = (expired[stage] as number) + 1;
    waiting[stage] = (waiting[stage] as number) - 1;
    if (node < -1) events.release(run);
    else nodes.release(node);
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
        ops = this.earlier.decide(state, runs.node(run), run);
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
