/**
 * Runs that do not branch, listed by the state in which they wait: an event visits only the runs that it can change.
 *
 * A key's runs are the list by start of LinearMatcher. A key with more than `turnAt` live runs gets an index beside it:
 * for each state the runs that wait there. An event of a class visits the states whose plan for the class is not to stay, and
 * no others; what begins a run touches no other run at all. With few runs a walk along the list is cheaper: with half of
 * `turnAt` or fewer the index is dropped again.
 *
 * Shape   the index is a block of integers: the run up to which the key's list is indexed, then head and tail for each state.
 *         Runs that were begun since stand behind that run in the key's list and are indexed before they are first visited.
 *         Links of a run (before it in the key's list; after and before it in its state's list) lie beside the runs.
 * Always  the key's list stays in order of start, so window, skip strategies and the earliest run still work at its head.
 *         Runs that an event visits are visited in order of start, whatever the order of the states' lists.
 * Not here: patterns with windows between neighbours, where every run must be looked at when time advances (plain lists).
 */
import { DECISION_FINALS, DECISION_FLAGS, DECISION_RESULTS, DECISION_RETAINED, FLAG_BLOCKED, FLAG_STAYS } from '../automaton/decision.ts';
import { Movers } from '../automaton/movers.ts';
import { PLAN_ASK, PLAN_BLOCKED, PLAN_DIE } from '../automaton/plan-table.ts';
import { grownI32 } from './grow.ts';
import { LinearMatcher } from './linear-matcher.ts';
import type { MatcherOptions } from './matcher.ts';

const NONE = -1;
/** In an index: the last run of the key's list that is in it, NONE = none. */
const INDEXED = 0;
/** Head of state s at LISTS + 2 * s, its tail behind it. */
const LISTS = 1;
/** Links of a run: before it in the key's list, after it and before it in its state's list. */
const LINKS = 3;

export class StateListMatcher extends LinearMatcher {
  readonly #turnAt: number;
  /** With so many runs or fewer a key has no index. */
  readonly #keepTo: number;
  readonly #sizeClass: number;
  /** By key slot: block of the index, NONE = none. */
  #indexAt = new Int32Array(64).fill(NONE);
  #links = new Int32Array(256 * LINKS);
  readonly #movers: Movers;
  #visited = new Int32Array(64);

  constructor(options: MatcherOptions, turnAt: number) {
    super(options);
    this.#movers = new Movers(options.automaton, options.plans);
    this.#turnAt = turnAt;
    this.#keepTo = turnAt >> 1;
    this.finishMax = Math.min(this.finishMax, this.#keepTo);
    this.#sizeClass = Math.max(0, Math.ceil(Math.log2((LISTS + 2 * options.automaton.stateCount) / 4)));
  }

  override reserveSlots(slots: number): void {
    super.reserveSlots(slots);
    if (this.#indexAt.length >= this.slotCapacity) return;
    const indexAt = new Int32Array(this.slotCapacity).fill(NONE);
    indexAt.set(this.#indexAt);
    this.#indexAt = indexAt;
  }

  override compactSlots(slots: Int32Array): void {
    const kept = this.#indexAt;
    super.compactSlots(slots);
    this.#indexAt = new Int32Array(this.slotCapacity).fill(NONE);
    for (let i = 0; i < slots.length; i += 1) this.#indexAt[i] = kept[slots[i] as number] as number;
  }

  // --- the index of a key

  /** Block of the key's index, with all its runs in it. */
  #index(slot: number): number {
    let at = this.#indexAt[slot] as number;
    if (at === NONE) {
      at = this.blocks.allocate(this.#sizeClass);
      this.blocks.data.fill(NONE, at, at + LISTS + 2 * this.automaton.stateCount);
      this.#indexAt[slot] = at;
    }
    const { data } = this.blocks;
    const { runs, lists } = this;
    let before = data[at + INDEXED] as number;
    let run = before === NONE ? lists.first(slot) : lists.next(before);
    for (; run !== NONE; run = lists.next(run)) {
      this.#reserveLinks(run);
      this.#links[run * LINKS] = before;
      this.#enlist(at, run, runs.state(run));
      before = run;
    }
    data[at + INDEXED] = before;
    return at;
  }

  #reserveLinks(run: number): void {
    if (run * LINKS >= this.#links.length) this.#links = grownI32(this.#links, Math.max(this.#links.length * 2, (run + 1) * LINKS));
  }

  /** Puts a run at the end of a state's list. */
  #enlist(at: number, run: number, state: number): void {
    const { data } = this.blocks;
    const list = at + LISTS + 2 * state;
    const tail = data[list + 1] as number;
    this.#links[run * LINKS + 1] = NONE;
    this.#links[run * LINKS + 2] = tail;
    if (tail === NONE) data[list] = run;
    else this.#links[tail * LINKS + 1] = run;
    data[list + 1] = run;
  }

  /** Takes a run out of its state's list. */
  #delist(at: number, run: number): void {
    const { data } = this.blocks;
    const links = this.#links;
    const list = at + LISTS + 2 * this.runs.state(run);
    const after = links[run * LINKS + 1] as number;
    const before = links[run * LINKS + 2] as number;
    if (before === NONE) data[list] = after;
    else links[before * LINKS + 1] = after;
    if (after === NONE) data[list + 1] = before;
    else links[after * LINKS + 2] = before;
  }

  /** Takes a run that is in the index out of the key's list. */
  #unchain(slot: number, at: number, run: number): void {
    const before = this.#links[run * LINKS] as number;
    const next = this.lists.next(run);
    this.lists.take(slot, before === NONE ? 2 * slot : 2 * before + 1);
    if (this.blocks.data[at + INDEXED] === run) this.blocks.data[at + INDEXED] = before;
    else if (next !== NONE) this.#links[next * LINKS] = before;
  }

  #dropIfFew(slot: number): void {
    const at = this.#indexAt[slot] as number;
    if (at === NONE || this.countOf(slot) > this.#keepTo) return;
    this.blocks.free(at, this.#sizeClass);
    this.#indexAt[slot] = NONE;
  }

  // --- events and time

  protected override walk(slot: number): void {
    if (this.#indexAt[slot] === NONE && this.countOf(slot) <= this.#turnAt) {
      super.walk(slot);
      return;
    }
    const at = this.#index(slot);
    const count = this.#collect(at, this.#movers.of(this.eventClass));
    for (let i = 0; i < count; i += 1) this.#visit(slot, at, this.#visited[i] as number);
    this.#dropIfFew(slot);
  }

  /** Runs in the states given, in order of start, into #visited: all of them before the first one changes. */
  #collect(at: number, states: Int32Array): number {
    const { runs } = this;
    const { data } = this.blocks;
    let count = 0;
    let last = Number.NEGATIVE_INFINITY;
    let inOrder = true;
    for (let i = 0; i < states.length; i += 1) {
      for (let run = data[at + LISTS + 2 * (states[i] as number)] as number; run !== NONE; run = this.#links[run * LINKS + 1] as number) {
        if (count === this.#visited.length) this.#visited = grownI32(this.#visited, count * 2);
        this.#visited[count] = run;
        count += 1;
        const start = runs.start(run);
        if (start < last) inOrder = false;
        last = start;
      }
    }
    if (!inOrder) this.#visited.subarray(0, count).sort((a, b) => runs.start(a) - runs.start(b));
    return count;
  }

  #visit(slot: number, at: number, run: number): void {
    const { runs, plans, nodes } = this;
    const state = runs.state(run);
    let plan = plans.plan(state, this.eventClass);
    if (plan === PLAN_DIE || plan === PLAN_BLOCKED) {
      if (plan === PLAN_BLOCKED) this.countBlocked(run);
      this.#end(slot, at, run);
      return;
    }
    const node = runs.node(run);
    let ops = plans.pool;
    if (plan === PLAN_ASK) {
      ops = this.ask(state, node);
      plan = 0;
      if ((ops[DECISION_FLAGS] as number) & FLAG_STAYS) return;
    }
    const finals = ops[plan + DECISION_FINALS] as number;
    const retained = ops[plan + DECISION_RETAINED] as number;
    let result = plan + DECISION_RESULTS;
    if (finals > 0) {
      const stage = ops[result + 1] as number;
      if (this.direct) {
        if (retained === 0) {
          this.foundDirect(node, stage);
          this.#end(slot, at, run, true);
          return;
        }
        nodes.retain(node);
        this.foundDirect(node, stage);
      } else {
        if (stage === -1) nodes.retain(node);
        this.found(stage === -1 ? node : this.take(node, stage), runs.start(run), runs.startTime(run));
      }
      result += 2;
    }
    if (retained === 0) {
      if (finals === 0 && (ops[plan + DECISION_FLAGS] as number) & FLAG_BLOCKED) this.countBlocked(run);
      this.#end(slot, at, run);
      return;
    }
    const target = ops[result] as number;
    const stage = ops[result + 1] as number;
    if (target !== state) {
      this.#delist(at, run);
      this.#enlist(at, run, target);
    }
    if (stage === -1) this.moveRun(run, target, node);
    else {
      this.moveRun(run, target, this.take(node, stage));
      nodes.release(node);
    }
  }

  #end(slot: number, at: number, run: number, keepNode = false): void {
    this.#delist(at, run);
    this.#unchain(slot, at, run);
    this.endRun(run, keepNode);
  }

  protected override expire(slot: number, time: number): boolean {
    if (this.#indexAt[slot] === NONE) return super.expire(slot, time);
    const at = this.#index(slot);
    let any = false;
    for (let run = this.lists.first(slot); run !== NONE;) {
      const due = this.dueTime(run, time);
      if (Number.isNaN(due)) break;
      any = true;
      const next = this.lists.next(run);
      this.#delist(at, run);
      this.#unchain(slot, at, run);
      this.overdue(run, due);
      run = next;
    }
    this.#dropIfFew(slot);
    return any;
  }

  protected override prune(slot: number, limit: number, inclusive: boolean): void {
    if (this.#indexAt[slot] === NONE) {
      super.prune(slot, limit, inclusive);
      return;
    }
    const { runs } = this;
    const at = this.#index(slot);
    for (let run = this.lists.first(slot); run !== NONE;) {
      const start = runs.start(run);
      if (inclusive ? start > limit : start >= limit) break;
      const next = this.lists.next(run);
      this.counters.dropped += 1;
      this.#end(slot, at, run);
      run = next;
    }
    this.#dropIfFew(slot);
  }
}
