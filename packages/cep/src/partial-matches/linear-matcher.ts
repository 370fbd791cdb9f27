/**
 * Runs that do not branch: a list for each key, earliest start first.
 *
 * Always  at most one live run for each start event, so a key's runs in order of start are also in Flink's order of
 *         iteration: every result of a run takes its place, new runs start later than all others.
 *         Window, skip strategies and the search for the earliest run all work at the head of the list.
 */
import { invariant } from '@tidemark/core';
import { DECISION_FINALS, DECISION_RESULTS, DECISION_RETAINED, DECISION_FLAGS, FLAG_BLOCKED, FLAG_STAYS } from '../automaton/decision.ts';
import { STATE_NORMAL } from '../automaton/automaton.ts';
import { CLASS_MOVES, CLASS_STARTS, PLAN_ASK, PLAN_BLOCKED, PLAN_DIE, PLAN_STAY } from '../automaton/plan-table.ts';
import { grownI32, grownU8 } from './grow.ts';
import { Matcher, type MatcherOptions, SLOT_A as HEAD, SLOT_B as TAIL, SLOT_COUNT, SLOT_INTS } from './matcher.ts';
import type { CopyPlan } from './retained-events.ts';
import type { TimerRing } from './timer-ring.ts';

const newStarts = (capacity: number) => ({
  row: new Int32Array(capacity), offset: new Int32Array(capacity), state: new Int32Array(capacity), node: new Int32Array(capacity), run: new Int32Array(capacity),
});

export class LinearMatcher extends Matcher {
  /** With more runs than this a key's event does not take the short way to completion. */
  protected finishMax: number;

  constructor(options: MatcherOptions) {
    super(options, true);
    this.finishMax = options.limits.matchesPerEvent;
  }

  #touched: Int32Array = new Int32Array(256);
  /** What was read, so that reading it is not optimised away. */
  touchSum = 0;
  // By class of event: what the fast way needs, see #learnClasses.
  #learnt = 0;
  #learntGeneration = -1;
  #isStart = new Uint8Array(16);
  #isFinish = new Uint8Array(16);
  #startState = new Int32Array(16);
  #startStage = new Int32Array(16);
  // Of the rows at hand that do nothing but begin a run: row, place among the rows, state, event and then node, run.
  #starts = newStarts(256);

  /** Whether rows may go the fast way: matches go out as they are found, and nothing but a window ends a run early. */
  get isQuick(): boolean {
    return this.direct && !this.automaton.hasGaps && !this.automaton.hasPending;
  }

  /**
   * Rows of a batch with the slots of their keys: what advance and processEvent would do row by row, with the common
   * cases written out. Runs that rows begin are made all at once, column by column, and put into their lists when it is
   * their turn. A key is advanced only where an event can move a run: a start disturbs nobody.
   *
   * Only where `isQuick`. Sets a timer at time + window for every row that begins a run, where there is a window.
   */
  processRows(rows: Int32Array, classes: Uint16Array, keys: Int32Array, count: number, timers: TimerRing): void {
    const { plans, events, windowMs, runs, limits } = this;
    this.#learnClasses();
    const plan = this.plan as CopyPlan;
    const { time } = plan;
    const base = events.nextOrdinal;
    const quick = runs.live + count <= limits.partialMatchesPerJob && events.length + count < this.nodes.rowLimit;
    const began = quick ? this.#makeStarts(rows, classes, count, base) : this.#starts.run;
    const isStart = this.#isStart;
    const isFinish = this.#isFinish;
    const flags = plans.classFlags;
    this.#touch(keys, count);
    const { slots } = this;
    let next = 0;
    for (let i = 0; i < count; i += 1) {
      const eventClass = classes[i] as number;
      const slot = keys[i] as number;
      const row = rows[i] as number;
      const now = time[row] as number;
      const at = slot * SLOT_INTS;
      if (quick && isStart[eventClass] === 1) {
        const run = began[next] as number;
        next += 1;
        const tail = slots[at + TAIL] as number;
        if (tail === -1) slots[at + HEAD] = run;
        else runs.setNext(tail, run);
        slots[at + TAIL] = run;
        const length = (slots[at + SLOT_COUNT] as number) + 1;
        slots[at + SLOT_COUNT] = length;
        if (length > limits.partialMatchesPerKey) {
          this.slot = slot;
          this.checkKeyLimit(slot);
        }
        if (windowMs > 0) timers.add(now + windowMs, slot);
        continue;
      }
      const head = slots[at + HEAD] as number;
      if (head !== -1) {
        if (windowMs > 0 && now - runs.startTime(head) >= windowMs) this.advance(slot, now);
        if (isFinish[eventClass] === 1 && (slots[at + SLOT_COUNT] as number) <= this.finishMax) {
          this.#finish(slot, row, eventClass, now);
          continue;
        }
      } else if (flags[eventClass] === CLASS_MOVES) continue;
      events.nextOrdinal = base + i;
      if (this.processEvent(slot, row, eventClass) && windowMs > 0) timers.add(now + windowMs, slot);
    }
    events.nextOrdinal = base + count;
    invariant(plans.generation === this.#learntGeneration, 'classes stay while rows are processed');
  }

  /** Runs for all rows whose event does nothing but begin one, in order; not yet in any list. */
  #makeStarts(rows: Int32Array, classes: Uint16Array, count: number, base: number): Int32Array {
    if (count > this.#starts.row.length) this.#starts = newStarts(count * 2);
    const { row, offset, state, node, run } = this.#starts;
    const isStart = this.#isStart;
    const startState = this.#startState;
    let starts = 0;
    for (let i = 0; i < count; i += 1) {
      const eventClass = classes[i] as number;
      row[starts] = rows[i] as number;
      offset[starts] = i;
      state[starts] = startState[eventClass] as number;
      starts += isStart[eventClass] as number;
    }
    const { nodes, counters } = this;
    this.events.addMany(this.plan as CopyPlan, row, offset, starts, base, node);
    for (let i = 0; i < starts; i += 1) {
      const stage = this.#startStage[classes[offset[i] as number] as number] as number;
      node[i] = nodes.first(stage, node[i] as number);
      counters.entered[stage] = (counters.entered[stage] as number) + 1;
      counters.waiting[stage] = (counters.waiting[stage] as number) + 1;
    }
    this.runs.addMany(state, node, (this.plan as CopyPlan).time, row, offset, starts, base, run);
    return run;
  }

  /**
   * isStart: an event of the class does nothing but begin one run, in a state and stage.
   * isFinish: it begins none, leaves each run alone or completes it for good, and cannot fail.
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
      let finish = flags === CLASS_MOVES ? 1 : 0;
      for (let state = 0; state < automaton.stateCount; state += 1) {
        if (automaton.stateKind[state] !== STATE_NORMAL) continue;
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
  #finish(slot: number, row: number, eventClass: number, time: number): void {
    const { runs, plans } = this;
    this.slot = slot;
    this.row = row;
    let previous = -1;
    let run = this.slots[slot * SLOT_INTS + HEAD] as number;
    let found = false;
    while (run !== -1) {
      const plan = plans.plan(runs.state(run), eventClass);
      if (plan === PLAN_STAY) {
        previous = run;
        run = runs.next(run);
        continue;
      }
      if (!found) this.beginDirect(time);
      found = true;
      const node = runs.node(run);
      const next = this.#unlink(slot, run, previous);
      this.endRun(run, true);
      run = next;
      this.giveDirect(node, plans.pool[plan + DECISION_RESULTS + 1] as number, true);
    }
  }

  /**
   * Reads what the next events of these keys will read, all keys at each step: so the processor waits for many lines of
   * memory at once instead of for one after the other. No branch that it would guess wrong.
   */
  #touch(keys: Int32Array, count: number): void {
    if (count > this.#touched.length) this.#touched = new Int32Array(count * 2);
    const { slots, runs, nodes, events } = this;
    const touched = this.#touched;
    let found = 0;
    for (let i = 0; i < count; i += 1) {
      const head = slots[(keys[i] as number) * SLOT_INTS + HEAD] as number;
      touched[found] = head;
      found += (head >>> 31) ^ 1;
    }
    for (let i = 0; i < found; i += 1) touched[i] = runs.node(touched[i] as number);
    let sum = 0;
    for (let i = 0; i < found; i += 1) sum += events.splitOf(nodes.event(touched[i] as number));
    this.touchSum = sum;
  }

  needsAdvance(slot: number, time: number): boolean {
    const head = this.slots[slot * SLOT_INTS + HEAD] as number;
    if (head === -1) return false;
    if (this.automaton.hasGaps) return true;
    return this.windowMs > 0 && time - this.runs.startTime(head) >= this.windowMs;
  }

  runsOf(slot: number, into: Int32Array): number {
    let count = 0;
    for (let run = this.slots[slot * SLOT_INTS + HEAD] as number; run !== -1; run = this.runs.next(run)) {
      into[count] = run;
      count += 1;
    }
    return count;
  }

  appendRun(slot: number, run: number): void {
    const { slots } = this;
    const at = slot * SLOT_INTS;
    const tail = slots[at + TAIL] as number;
    if (tail === -1) slots[at + HEAD] = run;
    else this.runs.setNext(tail, run);
    slots[at + TAIL] = run;
    slots[at + SLOT_COUNT] = (slots[at + SLOT_COUNT] as number) + 1;
  }

  /** Takes `run`, which stands behind `previous`, out of the list; answers with the one behind it. */
  #unlink(slot: number, run: number, previous: number): number {
    const { slots } = this;
    const at = slot * SLOT_INTS;
    const next = this.runs.next(run);
    if (previous === -1) slots[at + HEAD] = next;
    else this.runs.setNext(previous, next);
    if (next === -1) slots[at + TAIL] = previous;
    slots[at + SLOT_COUNT] = (slots[at + SLOT_COUNT] as number) - 1;
    return next;
  }

  protected walk(slot: number): void {
    const { runs, plans } = this;
    let previous = -1;
    let run = this.slots[slot * SLOT_INTS + HEAD] as number;
    while (run !== -1) {
      const state = runs.state(run);
      let plan = plans.plan(state, this.eventClass);
      if (plan === PLAN_STAY) {
        previous = run;
        run = runs.next(run);
        continue;
      }
      if (plan === PLAN_DIE || plan === PLAN_BLOCKED) {
        if (plan === PLAN_BLOCKED) this.countBlocked(run);
        const next = this.#unlink(slot, run, previous);
        this.endRun(run);
        run = next;
        continue;
      }
      let ops = plans.pool;
      if (plan === PLAN_ASK) {
        ops = this.ask(state, runs.node(run));
        plan = 0;
        if ((ops[DECISION_FLAGS] as number) & FLAG_STAYS) {
          previous = run;
          run = runs.next(run);
          continue;
        }
      }
      const finals = ops[plan + DECISION_FINALS] as number;
      const retained = ops[plan + DECISION_RETAINED] as number;
      const node = runs.node(run);
      let at = plan + DECISION_RESULTS;
      if (finals > 0 && this.direct) {
        if (retained === 0) {
          this.foundDirect(node, ops[at + 1] as number);
          const next = this.#unlink(slot, run, previous);
          this.endRun(run, true);
          run = next;
          continue;
        }
        this.nodes.retain(node);
        this.foundDirect(node, ops[at + 1] as number);
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
        previous = run;
        run = runs.next(run);
        continue;
      }
      if (finals === 0 && (ops[plan + DECISION_FLAGS] as number) & FLAG_BLOCKED) this.countBlocked(run);
      const next = this.#unlink(slot, run, previous);
      this.endRun(run);
      run = next;
    }
  }

  protected expire(slot: number, time: number): boolean {
    let any = false;
    let previous = -1;
    let run = this.slots[slot * SLOT_INTS + HEAD] as number;
    const gaps = this.automaton.hasGaps;
    while (run !== -1) {
      const due = this.dueTime(run, time);
      if (Number.isNaN(due)) {
        if (!gaps) break;
        previous = run;
        run = this.runs.next(run);
        continue;
      }
      any = true;
      const next = this.#unlink(slot, run, previous);
      this.overdue(run, due);
      run = next;
    }
    return any;
  }

  protected prune(slot: number, limit: number, inclusive: boolean): void {
    const { runs } = this;
    let run = this.slots[slot * SLOT_INTS + HEAD] as number;
    while (run !== -1) {
      const start = runs.start(run);
      if (inclusive ? start > limit : start >= limit) break;
      const next = this.#unlink(slot, run, -1);
      this.counters.dropped += 1;
      this.endRun(run);
      run = next;
    }
  }

  protected earliestStart(slot: number): number {
    const head = this.slots[slot * SLOT_INTS + HEAD] as number;
    return head === -1 ? Number.POSITIVE_INFINITY : this.runs.start(head);
  }
}
