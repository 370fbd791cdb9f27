/**
 * Runs that do not branch: a list for each key, earliest start first.
 *
 * Always  at most one live run for each start event, so a key's runs in order of start are also in Flink's order of
 *         iteration: every result of a run takes its place, new runs start later than all others.
 *         Window, skip strategies and the search for the earliest run all work at the head of the list.
 */
import { DECISION_FINALS, DECISION_RESULTS, DECISION_RETAINED, DECISION_FLAGS, FLAG_BLOCKED, FLAG_STAYS } from '../automaton/decision.ts';
import { PLAN_ASK, PLAN_BLOCKED, PLAN_DIE, PLAN_STAY } from '../automaton/plan-table.ts';
import { Matcher, type MatcherOptions, SLOT_A as HEAD, SLOT_B as TAIL, SLOT_COUNT, SLOT_DOUBLES, SLOT_INTS, SLOT_TIME as HEAD_TIME } from './matcher.ts';

export class LinearMatcher extends Matcher {
  constructor(options: MatcherOptions) {
    super(options, true);
  }

  needsAdvance(slot: number, time: number): boolean {
    const head = this.slots[slot * SLOT_INTS + HEAD] as number;
    if (head === -1) return false;
    if (this.automaton.hasGaps) return true;
    return this.windowMs > 0 && time - (this.slotDoubles[slot * SLOT_DOUBLES + HEAD_TIME] as number) >= this.windowMs;
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
    if (tail === -1) {
      slots[at + HEAD] = run;
      this.slotDoubles[slot * SLOT_DOUBLES + HEAD_TIME] = this.runs.startTime(run);
    } else this.runs.setNext(tail, run);
    slots[at + TAIL] = run;
    slots[at + SLOT_COUNT] = (slots[at + SLOT_COUNT] as number) + 1;
  }

  /** Takes `run`, which stands behind `previous`, out of the list; answers with the one behind it. */
  #unlink(slot: number, run: number, previous: number): number {
    const { slots } = this;
    const at = slot * SLOT_INTS;
    const next = this.runs.next(run);
    if (previous === -1) {
      slots[at + HEAD] = next;
      if (next !== -1) this.slotDoubles[slot * SLOT_DOUBLES + HEAD_TIME] = this.runs.startTime(next);
    } else this.runs.setNext(previous, next);
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
