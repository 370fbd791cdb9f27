/**
 * Runs that branch: for each key a queue in the array order of Flink's heap (start-heap.ts).
 *
 * Flink puts the results of every event into a new queue, in the order in which it visits the runs of the old one.
 * Runs that stay at the front of the old queue keep their places in the new one, so only what lies behind the first
 * run that changes is put in again.
 *
 * Always  the array of a key's queue equals that of Flink's queue without its start state, which always comes last.
 */
import { DECISION_FINALS, DECISION_FLAGS, DECISION_RESULTS, DECISION_RETAINED, FLAG_BLOCKED, FLAG_STAYS } from '../automaton/decision.ts';
import { PLAN_ASK, PLAN_BLOCKED, PLAN_DIE, PLAN_STAY } from '../automaton/plan-table.ts';
import { grownI32, grownU8 } from './grow.ts';
import { Matcher } from './matcher.ts';
import { heapAdd, heapPrune } from './start-heap.ts';

const NO_BLOCK = -1;

export class BranchingMatcher extends Matcher {
  #at = new Int32Array(64).fill(NO_BLOCK);
  #sizeClass = new Uint8Array(64);
  #rest: Int32Array = new Int32Array(64);
  protected readonly forcesHeap = true;

  protected growSlots(capacity: number): void {
    const used = this.#at.length;
    this.#at = grownI32(this.#at, capacity).fill(NO_BLOCK, used);
    this.#sizeClass = grownU8(this.#sizeClass, capacity);
  }

  protected moveSlots(slots: Int32Array, capacity: number): void {
    const at = this.#at;
    const sizeClass = this.#sizeClass;
    this.#at = new Int32Array(capacity).fill(NO_BLOCK);
    this.#sizeClass = new Uint8Array(capacity);
    for (let i = 0; i < slots.length; i += 1) {
      this.#at[i] = at[slots[i] as number] as number;
      this.#sizeClass[i] = sizeClass[slots[i] as number] as number;
    }
  }

  needsAdvance(slot: number, time: number): boolean {
    if (this.count[slot] === 0) return false;
    if (this.automaton.hasGaps) return true;
    const first = this.blocks.data[this.#at[slot] as number] as number;
    return this.windowMs > 0 && time - (this.runs.startTime[first] as number) >= this.windowMs;
  }

  runsOf(slot: number, into: Int32Array): number {
    const count = this.count[slot] as number;
    const at = this.#at[slot] as number;
    for (let i = 0; i < count; i += 1) into[i] = this.blocks.data[at + i] as number;
    return count;
  }

  appendRun(slot: number, run: number): void {
    const length = this.count[slot] as number;
    if (this.#at[slot] === NO_BLOCK) {
      this.#sizeClass[slot] = 0;
      this.#at[slot] = this.blocks.allocate(0);
    } else if (length === 4 << (this.#sizeClass[slot] as number)) {
      this.#at[slot] = this.blocks.enlarge(this.#at[slot] as number, this.#sizeClass[slot] as number);
      this.#sizeClass[slot] = (this.#sizeClass[slot] as number) + 1;
    }
    heapAdd(this.blocks.data, this.#at[slot] as number, length, run, this.runs.start);
    this.count[slot] = length + 1;
  }

  #freeIfEmpty(slot: number): void {
    if (this.count[slot] !== 0 || this.#at[slot] === NO_BLOCK) return;
    this.blocks.free(this.#at[slot] as number, this.#sizeClass[slot] as number);
    this.#at[slot] = NO_BLOCK;
  }

  /** Takes the runs from position `from` on out of the queue, into #rest; answers with their number. */
  #cut(slot: number, from: number): number {
    const length = (this.count[slot] as number) - from;
    if (length > this.#rest.length) this.#rest = new Int32Array(length * 2);
    const at = (this.#at[slot] as number) + from;
    const { data } = this.blocks;
    for (let i = 0; i < length; i += 1) this.#rest[i] = data[at + i] as number;
    this.count[slot] = from;
    return length;
  }

  protected walk(slot: number): void {
    const { runs, plans } = this;
    const count = this.count[slot] as number;
    const at = this.#at[slot] as number;
    let from = 0;
    while (from < count && plans.plan(runs.state[this.blocks.data[at + from] as number] as number, this.eventClass) === PLAN_STAY) from += 1;
    if (from === count) return;
    const length = this.#cut(slot, from);
    for (let i = 0; i < length; i += 1) this.#visit(slot, this.#rest[i] as number);
    this.#freeIfEmpty(slot);
    this.checkKeyLimit(slot);
  }

  #visit(slot: number, run: number): void {
    const { runs, nodes, plans } = this;
    const state = runs.state[run] as number;
    let plan = plans.plan(state, this.eventClass);
    if (plan === PLAN_STAY) {
      this.appendRun(slot, run);
      return;
    }
    if (plan === PLAN_DIE || plan === PLAN_BLOCKED) {
      if (plan === PLAN_BLOCKED) this.countBlocked(run);
      this.endRun(run);
      return;
    }
    let ops = plans.pool;
    if (plan === PLAN_ASK) {
      ops = this.ask(state, runs.node[run] as number);
      plan = 0;
      if ((ops[DECISION_FLAGS] as number) & FLAG_STAYS) {
        this.appendRun(slot, run);
        return;
      }
    }
    const finals = ops[plan + DECISION_FINALS] as number;
    const retained = ops[plan + DECISION_RETAINED] as number;
    const node = runs.node[run] as number;
    const start = runs.start[run] as number;
    const startTime = runs.startTime[run] as number;
    let at = plan + DECISION_RESULTS;
    for (let i = 0; i < finals; i += 1, at += 2) {
      const stage = ops[at + 1] as number;
      if (stage === -1) {
        nodes.retain(node);
        this.found(node, start, startTime);
      } else this.found(this.take(node, stage), start, startTime);
    }
    // The run itself becomes the first result; its own reference to `node` is held until all results have theirs.
    nodes.retain(node);
    for (let i = 0; i < retained; i += 1, at += 2) {
      const stage = ops[at + 1] as number;
      let next = node;
      if (stage === -1) nodes.retain(node);
      else next = this.take(node, stage);
      if (i === 0) {
        this.moveRun(run, ops[at] as number, next);
        nodes.release(node);
        this.appendRun(slot, run);
      } else this.appendRun(slot, this.addRun(ops[at] as number, next, start, startTime));
    }
    if (retained === 0) {
      if (finals === 0 && (ops[plan + DECISION_FLAGS] as number) & FLAG_BLOCKED) this.countBlocked(run);
      this.endRun(run);
    }
    nodes.release(node);
  }

  protected expire(slot: number, time: number): boolean {
    const count = this.count[slot] as number;
    const at = this.#at[slot] as number;
    let from = 0;
    while (from < count && Number.isNaN(this.dueTime(this.blocks.data[at + from] as number, time))) from += 1;
    if (from === count) return false;
    const length = this.#cut(slot, from);
    for (let i = 0; i < length; i += 1) {
      const run = this.#rest[i] as number;
      const due = this.dueTime(run, time);
      if (Number.isNaN(due)) this.appendRun(slot, run);
      else this.overdue(run, due);
    }
    this.#freeIfEmpty(slot);
    return true;
  }

  protected prune(slot: number, limit: number, inclusive: boolean): void {
    const count = this.count[slot] as number;
    if (count === 0) return;
    this.count[slot] = heapPrune(this.blocks.data, this.#at[slot] as number, count, this.runs.start, limit, inclusive, (run) => {
      this.counters.dropped += 1;
      this.endRun(run);
    });
    this.#freeIfEmpty(slot);
  }

  protected earliestStart(slot: number): number {
    if (this.count[slot] === 0) return Number.POSITIVE_INFINITY;
    return this.runs.start[this.blocks.data[this.#at[slot] as number] as number] as number;
  }
}
