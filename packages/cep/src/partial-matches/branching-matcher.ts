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
import { Matcher, type MatcherOptions, SLOT_A as AT, SLOT_B as SIZE_CLASS, SLOT_COUNT, SLOT_INTS } from './matcher.ts';
import { RUN_DOUBLES, RunStore } from './run-store.ts';
import { heapAdd, heapPrune } from './start-heap.ts';

const NO_BLOCK = -1;
/** Where a run comes from is not asked here. */
const NO_EVENT = -1;

export class BranchingMatcher extends Matcher {
  readonly runs = new RunStore();
  #rest: Int32Array = new Int32Array(64);
  constructor(options: MatcherOptions) {
    super(options, false);
  }

  needsAdvance(slot: number, time: number): boolean {
    if (this.countOf(slot) === 0) return false;
    if (this.automaton.hasGaps) return true;
    const first = this.blocks.data[this.slots[slot * SLOT_INTS + AT] as number] as number;
    return this.windowMs > 0 && time - this.runs.startTime(first) >= this.windowMs;
  }

  runsOf(slot: number, into: Int32Array): number {
    const count = this.countOf(slot);
    const at = this.slots[slot * SLOT_INTS + AT] as number;
    for (let i = 0; i < count; i += 1) into[i] = this.blocks.data[at + i] as number;
    return count;
  }

  appendRun(slot: number, run: number): void {
    const { slots } = this;
    const key = slot * SLOT_INTS;
    const length = slots[key + SLOT_COUNT] as number;
    if (slots[key + AT] === NO_BLOCK) {
      slots[key + SIZE_CLASS] = 0;
      slots[key + AT] = this.blocks.allocate(0);
    } else if (length === 4 << (slots[key + SIZE_CLASS] as number)) {
      slots[key + AT] = this.blocks.enlarge(slots[key + AT] as number, slots[key + SIZE_CLASS] as number);
      slots[key + SIZE_CLASS] = (slots[key + SIZE_CLASS] as number) + 1;
    }
    heapAdd(this.blocks.data, slots[key + AT] as number, length, run, this.runs.doubles, RUN_DOUBLES);
    slots[key + SLOT_COUNT] = length + 1;
  }

  /** Takes all runs of a key out of its queue; the caller has them. */
  protected forgetBlock(slot: number): void {
    this.slots[slot * SLOT_INTS + SLOT_COUNT] = 0;
    this.#freeIfEmpty(slot);
  }

  #freeIfEmpty(slot: number): void {
    const key = slot * SLOT_INTS;
    if (this.slots[key + SLOT_COUNT] !== 0 || this.slots[key + AT] === NO_BLOCK) return;
    this.blocks.free(this.slots[key + AT] as number, this.slots[key + SIZE_CLASS] as number);
    this.slots[key + AT] = NO_BLOCK;
  }

  /** Takes the runs from position `from` on out of the queue, into #rest; answers with their number. */
  #cut(slot: number, from: number): number {
    const length = this.countOf(slot) - from;
    if (length > this.#rest.length) this.#rest = new Int32Array(length * 2);
    const at = (this.slots[slot * SLOT_INTS + AT] as number) + from;
    const { data } = this.blocks;
    for (let i = 0; i < length; i += 1) this.#rest[i] = data[at + i] as number;
    this.slots[slot * SLOT_INTS + SLOT_COUNT] = from;
    return length;
  }

  protected walk(slot: number): void {
    const { runs, plans } = this;
    const count = this.countOf(slot);
    const at = this.slots[slot * SLOT_INTS + AT] as number;
    let from = 0;
    while (from < count && plans.plan(runs.state(this.blocks.data[at + from] as number), this.eventClass) === PLAN_STAY) from += 1;
    if (from === count) return;
    const length = this.#cut(slot, from);
    for (let i = 0; i < length; i += 1) this.#visit(slot, this.#rest[i] as number);
    this.#freeIfEmpty(slot);
    this.checkKeyLimit(slot, this.eventTime);
  }

  #visit(slot: number, run: number): void {
    const { runs, nodes, plans } = this;
    const state = runs.state(run);
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
      ops = this.earlier.decide(state, runs.node(run), -1);
      plan = 0;
      if ((ops[DECISION_FLAGS] as number) & FLAG_STAYS) {
        this.appendRun(slot, run);
        return;
      }
    }
    const finals = ops[plan + DECISION_FINALS] as number;
    const retained = ops[plan + DECISION_RETAINED] as number;
    const node = runs.node(run);
    const start = runs.start(run);
    const startTime = runs.startTime(run);
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
      } else {
        this.noteGrowth();
        this.appendRun(slot, this.addRun(NO_EVENT, ops[at] as number, next, start, startTime));
      }
    }
    if (retained === 0) {
      if (finals === 0 && (ops[plan + DECISION_FLAGS] as number) & FLAG_BLOCKED) this.countBlocked(run);
      this.endRun(run);
    }
    nodes.release(node);
  }

  protected expire(slot: number, time: number): boolean {
    const count = this.countOf(slot);
    const at = this.slots[slot * SLOT_INTS + AT] as number;
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
    const count = this.countOf(slot);
    if (count === 0) return;
    this.slots[slot * SLOT_INTS + SLOT_COUNT] = heapPrune(this.blocks.data, this.slots[slot * SLOT_INTS + AT] as number, count, this.runs.doubles, RUN_DOUBLES, limit, inclusive, (run) => {
      this.counters.dropped += 1;
      this.endRun(run);
    });
    this.#freeIfEmpty(slot);
  }

  protected earliestStart(slot: number): number {
    if (this.countOf(slot) === 0) return Number.POSITIVE_INFINITY;
    return this.runs.start(this.blocks.data[this.slots[slot * SLOT_INTS + AT] as number] as number);
  }
}
