/**
 * Runs that do not branch: a list for each key, earliest start first.
 *
 * Always  at most one live run for each start event, so a key's runs in order of start are also in Flink's order of
 *         iteration: every result of a run takes its place, new runs start later than all others.
 *         Window, skip strategies and the search for the earliest run all work at the head of the list.
 */
import { DECISION_FINALS, DECISION_RESULTS, DECISION_RETAINED, DECISION_FLAGS, FLAG_BLOCKED, FLAG_STAYS } from '../automaton/decision.ts';
import { PLAN_ASK, PLAN_BLOCKED, PLAN_DIE, PLAN_STAY } from '../automaton/plan-table.ts';
import { grownI32 } from './grow.ts';
import { Matcher } from './matcher.ts';

export class LinearMatcher extends Matcher {
  #head = new Int32Array(64).fill(-1);
  #tail = new Int32Array(64).fill(-1);
  protected readonly forcesHeap = false;

  protected growSlots(capacity: number): void {
    const used = this.#head.length;
    this.#head = grownI32(this.#head, capacity).fill(-1, used);
    this.#tail = grownI32(this.#tail, capacity).fill(-1, used);
  }

  protected moveSlots(slots: Int32Array, capacity: number): void {
    const head = this.#head;
    const tail = this.#tail;
    this.#head = new Int32Array(capacity).fill(-1);
    this.#tail = new Int32Array(capacity).fill(-1);
    for (let i = 0; i < slots.length; i += 1) {
      this.#head[i] = head[slots[i] as number] as number;
      this.#tail[i] = tail[slots[i] as number] as number;
    }
  }

  needsAdvance(slot: number, time: number): boolean {
    const head = this.#head[slot] as number;
    if (head === -1) return false;
    if (this.automaton.hasGaps) return true;
    return this.windowMs > 0 && time - (this.runs.startTime[head] as number) >= this.windowMs;
  }

  runsOf(slot: number, into: Int32Array): number {
    let count = 0;
    for (let run = this.#head[slot] as number; run !== -1; run = this.runs.next[run] as number) {
      into[count] = run;
      count += 1;
    }
    return count;
  }

  appendRun(slot: number, run: number): void {
    const tail = this.#tail[slot] as number;
    if (tail === -1) this.#head[slot] = run;
    else this.runs.next[tail] = run;
    this.#tail[slot] = run;
    this.count[slot] = (this.count[slot] as number) + 1;
  }

  /** Takes `run`, which stands behind `previous`, out of the list; answers with the one behind it. */
  #unlink(slot: number, run: number, previous: number): number {
    const next = this.runs.next[run] as number;
    if (previous === -1) this.#head[slot] = next;
    else this.runs.next[previous] = next;
    if (next === -1) this.#tail[slot] = previous;
    this.count[slot] = (this.count[slot] as number) - 1;
    return next;
  }

  protected walk(slot: number): void {
    const { runs, plans } = this;
    let previous = -1;
    let run = this.#head[slot] as number;
    while (run !== -1) {
      const state = runs.state[run] as number;
      let plan = plans.plan(state, this.eventClass);
      if (plan === PLAN_STAY) {
        previous = run;
        run = runs.next[run] as number;
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
        ops = this.ask(state, runs.node[run] as number);
        plan = 0;
        if ((ops[DECISION_FLAGS] as number) & FLAG_STAYS) {
          previous = run;
          run = runs.next[run] as number;
          continue;
        }
      }
      const finals = ops[plan + DECISION_FINALS] as number;
      const retained = ops[plan + DECISION_RETAINED] as number;
      const node = runs.node[run] as number;
      let at = plan + DECISION_RESULTS;
      let taken = -1;
      let takenStage = -1;
      if (finals > 0) {
        const stage = ops[at + 1] as number;
        if (stage === -1) {
          this.nodes.retain(node);
          this.found(node, runs.start[run] as number, runs.startTime[run] as number);
        } else {
          taken = this.take(node, stage);
          takenStage = stage;
          this.found(taken, runs.start[run] as number, runs.startTime[run] as number);
        }
        at += 2;
      }
      if (retained > 0) {
        const stage = ops[at + 1] as number;
        if (stage === -1) this.moveRun(run, ops[at] as number, node);
        else {
          if (stage === takenStage) this.nodes.retain(taken);
          else taken = this.take(node, stage);
          this.moveRun(run, ops[at] as number, taken);
          this.nodes.release(node);
        }
        previous = run;
        run = runs.next[run] as number;
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
    let run = this.#head[slot] as number;
    const gaps = this.automaton.hasGaps;
    while (run !== -1) {
      const due = this.dueTime(run, time);
      if (Number.isNaN(due)) {
        if (!gaps) break;
        previous = run;
        run = this.runs.next[run] as number;
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
    let run = this.#head[slot] as number;
    while (run !== -1) {
      const start = runs.start[run] as number;
      if (inclusive ? start > limit : start >= limit) break;
      const next = this.#unlink(slot, run, -1);
      this.counters.dropped += 1;
      this.endRun(run);
      run = next;
    }
  }

  protected earliestStart(slot: number): number {
    const head = this.#head[slot] as number;
    return head === -1 ? Number.POSITIVE_INFINITY : (this.runs.start[head] as number);
  }
}
