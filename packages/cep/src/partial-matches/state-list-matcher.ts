/**
 * Runs that do not branch, listed by the state in which they wait: an event visits only the runs that it can change.
 *
 * A key's runs are the list by start of LinearMatcher. A key with more than `turnAt` live runs gets an index beside it:
 * for each state the runs that wait there. An event of a class visits the states whose plan for the class is not to stay, and
 * no others; what begins a run touches no other run at all. With few runs a walk along the list is cheaper: with half of
 * `turnAt` or fewer the index is dropped again.
 *
 * Where what an event does to the runs of a state hangs on one comparison with their earlier events (automaton/asked.ts), the
 * runs of that state are also kept by the value they are compared by (run-index.ts), and the event visits those alone which
 * the comparison can hold for.
 *
 * Where all that an event does is to be taken by the runs of one state (automaton/single-moves.ts), their list goes over to
 * the next state as it is: no run is taken out of one list and put into another.
 *
 * Shape   the index is a block of integers: the run up to which the key's list is indexed, the number of the key's indexes by
 *         value, whether the lists are in order of start, then head and tail and length for each state.
 *         Runs that were begun since stand behind that run in the key's list and are indexed before they are first visited.
 *         Links of a run (before it in the key's list; after and before it in its state's list) lie beside the runs.
 * Always  the key's list stays in order of start, so window, skip strategies and the earliest run still work at its head.
 *         Runs that an event visits are visited in order of start, whatever the order of the states' lists.
 *         Where runs end unseen, an event that moves other runs alone may find some that are over, for an eighth of a window.
 * Not here: patterns with windows between neighbours, where every run must be looked at when time advances (plain lists).
 */
import { type CelValue, type EvaluationContext, compileValue } from '@tidemark/condition';
import { type ComparisonOperator, comparisonOf } from '../automaton/asked.ts';
import { DECISION_FINALS, DECISION_FLAGS, DECISION_RESULTS, DECISION_RETAINED, FLAG_BLOCKED, FLAG_STAYS } from '../automaton/decision.ts';
import { Movers } from '../automaton/movers.ts';
import { PLAN_ASK, PLAN_BLOCKED, PLAN_DIE } from '../automaton/plan-table.ts';
import { LEAVES, MOVE_KIND, MOVE_PART, MOVE_STATE, MOVE_TARGET, SingleMoves } from '../automaton/single-moves.ts';
import { StagePairs } from '../automaton/stage-pairs.ts';
import { grownI32 } from './grow.ts';
import { EqualIndex, OrderIndex, type RunIndex } from './run-index.ts';
import { LinearMatcher } from './linear-matcher.ts';
import type { MatcherOptions } from './matcher.ts';
import type { CopyPlan } from './copy-plan.ts';
import { EVENT_INTS, RUN_NODE, RUN_STATE } from './retained-events.ts';
import type { TimerRing } from './timer-ring.ts';

const NONE = -1;
/** In an index: the last run of the key's list that is in it, NONE = none. */
const INDEXED = 0;
/** Number of the key's indexes by value, NONE = it has none. */
const VALUES = 1;
/** 1 as long as every state's list has been in order of start. */
const ORDERED = 2;
/** Head of state s at LISTS + WIDTH * s, its tail behind it, then the number of its runs. */
const LISTS = 3;
const WIDTH = 3;
/** Links of a run: before it in the key's list, after it and before it in its state's list. */
const LINKS = 3;
/** With so many events alive those that a window ends are no longer near. */
const FAR = 8_192;
/** Runs that nobody sees end may be over for this part of a window before an event that leaves them alone ends them. */
const SLACK = 1 / 8;
const NO_INDEXES = new Map<number, RunIndex>();

type Program = (context: EvaluationContext) => CelValue;

interface Compared {
  readonly operator: ComparisonOperator;
  readonly event: Program;
  readonly earlier: Program;
}

export class StateListMatcher extends LinearMatcher {
  readonly #turnAt: number;
  /** With so many runs or fewer a key has no index. */
  readonly #keepTo: number;
  readonly #sizeClass: number;
  /** By key slot: block of the index, NONE = none. */
  #indexAt = new Int32Array(64).fill(NONE);
  #links = new Int32Array(256 * LINKS);
  readonly #movers: Movers;
  readonly #single: SingleMoves;
  /** By class: what #single says, packed, while rows of a batch are processed. */
  #moves: Int32Array = new Int32Array();
  /** By state: the one stage after which runs wait there, NONE = there are several. */
  readonly #waitsAfter: Int32Array;
  #visited = new Int32Array(64);

  /** Changed whenever a run goes from one list to another, takes something, or ends. */
  #stamps = new Int32Array(256);
  /** By predicate: how runs can be kept by a value, null = they cannot. */
  readonly #comparisons: readonly (Compared | null)[];
  readonly #comparesAny: boolean;
  /** By number of the key: by state and predicate, the runs of the state. */
  readonly #byValue: Map<number, RunIndex>[] = [];
  readonly #freeByValue: number[] = [];

  constructor(options: MatcherOptions, turnAt: number, uses: { readonly equal: boolean; readonly order: boolean } = { equal: true, order: true }) {
    super(options);
    const scope = { stages: options.automaton.stageNames };
    this.#comparisons = options.automaton.predicates.map(({ condition }, id): Compared | null => {
      const found = id < options.automaton.columnPredicateCount ? null : comparisonOf(condition);
      if (found === null || !(found.operator === '==' ? uses.equal : uses.order)) return null;
      return { operator: found.operator, event: compileValue(found.event, scope), earlier: compileValue(found.earlier, scope) };
    });
    this.#comparesAny = this.#comparisons.some((compared) => compared !== null);
    this.#movers = new Movers(options.automaton, options.plans);
    this.#single = new SingleMoves(options.plans, this.#movers, options.automaton.startState);
    const pairs = new StagePairs(options.automaton);
    this.#waitsAfter = Int32Array.from({ length: options.automaton.stateCount }, (_, state) => pairs.onlyStageOf(state));
    this.#turnAt = turnAt;
    this.#keepTo = turnAt >> 1;
    this.finishMax = Math.min(this.finishMax, this.#keepTo);
    this.#sizeClass = Math.max(0, Math.ceil(Math.log2((LISTS + WIDTH * options.automaton.stateCount) / 4)));
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
      const { data } = this.blocks;
      data.fill(NONE, at, at + LISTS + WIDTH * this.automaton.stateCount);
      for (let state = 0; state < this.automaton.stateCount; state += 1) data[at + LISTS + WIDTH * state + 2] = 0;
      data[at + ORDERED] = 1;
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
    if (this.#comparesAny && run >= this.#stamps.length) this.#stamps = grownI32(this.#stamps, Math.max(this.#stamps.length * 2, run + 1));
    if (run * LINKS >= this.#links.length) this.#links = grownI32(this.#links, Math.max(this.#links.length * 2, (run + 1) * LINKS));
  }

  /** Puts a run at the end of a state's list. */
  #enlist(at: number, run: number, state: number): void {
    const { data } = this.blocks;
    const list = at + LISTS + WIDTH * state;
    const tail = data[list + 1] as number;
    this.#links[run * LINKS + 1] = NONE;
    this.#links[run * LINKS + 2] = tail;
    if (tail === NONE) data[list] = run;
    else {
      this.#links[tail * LINKS + 1] = run;
      if (this.runs.start(tail) > this.runs.start(run)) data[at + ORDERED] = 0;
    }
    data[list + 1] = run;
    data[list + 2] = (data[list + 2] as number) + 1;
    this.#value(at, run, state);
  }

  stampOf(run: number): number { return this.#stamps[run] as number; }

  /** The run stands anew in the state: it gets a new stamp, and its place in the indexes by value. */
  #value(at: number, run: number, state: number): void {
    if (!this.#comparesAny) return;
    const stamp = ((this.#stamps[run] as number) + 1) | 0;
    this.#stamps[run] = stamp;
    const number = this.blocks.data[at + VALUES] as number;
    if (number === NONE) return;
    const predicates = this.#comparisons.length;
    for (const [place, index] of this.#byValue[number] as Map<number, RunIndex>) {
      if (Math.floor(place / predicates) === state) this.#addValue(index, place % predicates, run, stamp);
    }
  }

  #addValue(index: RunIndex, predicate: number, run: number, stamp: number): void {
    index.add(this.earlier.evaluate((this.#comparisons[predicate] as Compared).earlier, this.runs.node(run)), run, stamp);
  }

  /** Index of the runs in `state` by the value that `predicate` compares. */
  #indexByValue(at: number, state: number, predicate: number): RunIndex {
    const { data } = this.blocks;
    let number = data[at + VALUES] as number;
    if (number === NONE) {
      number = this.#freeByValue.pop() ?? this.#byValue.length;
      this.#byValue[number] = new Map();
      data[at + VALUES] = number;
    }
    const indexes = this.#byValue[number] as Map<number, RunIndex>;
    const place = state * this.#comparisons.length + predicate;
    let index = indexes.get(place);
    if (index === undefined) {
      const { operator } = this.#comparisons[predicate] as Compared;
      index = operator === '==' ? new EqualIndex(this) : new OrderIndex(this, operator);
      indexes.set(place, index);
      for (let run = data[at + LISTS + WIDTH * state] as number; run !== NONE; run = this.#links[run * LINKS + 1] as number) {
        this.#addValue(index, predicate, run, this.#stamps[run] as number);
      }
    }
    index.sweep(data[at + LISTS + WIDTH * state + 2] as number);
    return index;
  }

  /** Takes a run out of its state's list. */
  #delist(at: number, run: number): void {
    const { data } = this.blocks;
    const links = this.#links;
    const list = at + LISTS + WIDTH * this.runs.state(run);
    const after = links[run * LINKS + 1] as number;
    const before = links[run * LINKS + 2] as number;
    if (before === NONE) data[list] = after;
    else links[before * LINKS + 1] = after;
    if (after === NONE) data[list + 1] = before;
    else links[after * LINKS + 2] = before;
    data[list + 2] = (data[list + 2] as number) - 1;
    if (this.#comparesAny) this.#stamps[run] = ((this.#stamps[run] as number) + 1) | 0;
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
    const number = this.blocks.data[at + VALUES] as number;
    if (number !== NONE) {
      this.#byValue[number] = NO_INDEXES;
      this.#freeByValue.push(number);
    }
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
    if (this.#movesAll(at, this.eventClass)) {
      this.#moveClass(slot, at, this.row, this.eventClass);
      return;
    }
    const count = this.#collect(at);
    for (let i = 0; i < count; i += 1) this.#visit(slot, at, this.#visited[i] as number);
    this.#settle(at);
    this.#dropIfFew(slot);
  }

  /** Of no meaning: what was read has to go somewhere. */
  ahead = 0;

  override processRows(rows: Int32Array, classes: Uint16Array, keys: Int32Array, count: number, timers: TimerRing, passed: ((before: number) => void) | null = null): void {
    this.#moves = this.#single.packed;
    if (count > 0 && this.endsLazily && this.events.live > FAR) {
      const slot = keys[0] as number;
      const limit = ((this.plan as CopyPlan).time[rows[0] as number] as number) - this.windowMs;
      this.#fetchAhead(slot, limit);
      if (this.#indexAt[slot] !== NONE) this.#endUpTo(slot, limit);
      this.events.orderFree(count);
    }
    super.processRows(rows, classes, keys, count, timers, passed);
  }

  /**
   * Reads what belongs to the runs of a key that are over, and does nothing with it. They began a window ago and have left
   * the caches; read in one go they come side by side, ended one by one each would be waited for.
   */
  #fetchAhead(slot: number, limit: number): void {
    if (this.#indexAt[slot] === NONE) return;
    const { lists, nodes, events } = this;
    const { records } = events;
    const links = this.#links;
    const chain = lists.links;
    let read = 0;
    for (let run = lists.first(slot); run !== NONE && events.timeOf(run) <= limit; run = chain[2 * run + 1] as number) {
      const node = records[run * EVENT_INTS + RUN_NODE] as number;
      read += (links[run * LINKS] as number) + (records[nodes.event(node) * EVENT_INTS] as number);
    }
    this.ahead = read | 0;
  }

  override processEvent(slot: number, row: number, eventClass: number): boolean {
    // what happens most: nothing is completed and nothing begins
    if (this.direct && this.#indexAt[slot] !== NONE && this.#movesAll(this.#indexAt[slot] as number, eventClass)) {
      this.#moveClass(slot, this.#index(slot), row, eventClass);
      this.checkGrowth(slot);
      return false;
    }
    return super.processEvent(slot, row, eventClass);
  }

  /**
   * The same where runs end unseen, time included: a run that is over and stands in another state may wait for its end,
   * but not for long.
   */
  protected override moveListed(slot: number, row: number, eventClass: number, now: number): boolean {
    const move = this.#moves[eventClass] as number;
    if ((move & MOVE_KIND) !== LEAVES) return false;
    const at = this.#indexAt[slot] as number;
    if (at === NONE) return false;
    const { events, windowMs, lists } = this;
    const { data } = this.blocks;
    if (data[at + ORDERED] !== 1 || data[at + VALUES] !== NONE || now - events.timeOf(lists.first(slot)) >= windowMs * (1 + SLACK)) return false;
    const state = move >>> MOVE_STATE;
    // runs that were begun since wait in states that a run begins in
    const indexed = data[at + INDEXED] as number;
    if (indexed === NONE || lists.next(indexed) !== NONE) this.#index(slot);
    const head = data[at + LISTS + WIDTH * state] as number;
    if (head === NONE) return true;
    if (now - events.timeOf(head) >= windowMs) return false;
    this.#moveAll(slot, at, row, state, (move >>> MOVE_TARGET) & MOVE_PART, (move >>> 2) & MOVE_PART);
    this.checkGrowth(slot);
    return true;
  }

  /** Whether all that an event of the class does is to move the runs of one state, which stand in no index by value. */
  #movesAll(at: number, eventClass: number): boolean {
    return this.#single.kindOf(eventClass) === LEAVES && this.blocks.data[at + VALUES] === NONE;
  }

  #moveClass(slot: number, at: number, row: number, eventClass: number): void {
    const single = this.#single;
    this.#moveAll(slot, at, row, single.state[eventClass] as number, single.target[eventClass] as number, single.stage[eventClass] as number);
  }

  /** The event is taken by all runs of one state, which go over to another one as they are listed. */
  #moveAll(slot: number, at: number, row: number, state: number, target: number, stage: number): void {
    const { events, nodes } = this;
    const { data } = this.blocks;
    const from = at + LISTS + WIDTH * state;
    const to = at + LISTS + WIDTH * target;
    const head = data[from] as number;
    if (head === NONE) return;
    this.slot = slot;
    this.row = row;
    const count = data[from + 2] as number;
    const event = this.takeFor(count);
    const { records } = events;
    const links = this.#links;
    const waitsAfter = this.#waitsAfter[state] as number;
    let last = waitsAfter;
    let moved = 0;
    for (let run = head; run !== NONE; run = links[run * LINKS + 1] as number) {
      const node = records[run * EVENT_INTS + RUN_NODE] as number;
      if (waitsAfter === NONE) {
        const before = nodes.stage(node);
        if (before !== last) {
          this.#countMoved(last, stage, moved);
          last = before;
          moved = 0;
        }
      }
      moved += 1;
      records[run * EVENT_INTS + RUN_STATE] = target;
      records[run * EVENT_INTS + RUN_NODE] = nodes.put(node, stage, event);
    }
    this.#countMoved(last, stage, moved);
    this.noteGrowth(count);
    const tail = data[to + 1] as number;
    links[head * LINKS + 2] = tail;
    if (tail === NONE) data[to] = head;
    else {
      links[tail * LINKS + 1] = head;
      if (events.ordinalOf(tail) > events.ordinalOf(head)) data[at + ORDERED] = 0;
    }
    data[to + 1] = data[from + 1] as number;
    data[to + 2] = (data[to + 2] as number) + count;
    data[from] = NONE;
    data[from + 1] = NONE;
    data[from + 2] = 0;
  }

  #countMoved(from: number, to: number, count: number): void {
    if (count === 0 || from === to) return;
    const { waiting, entered, advanced } = this.counters;
    waiting[from] = (waiting[from] as number) - count;
    waiting[to] = (waiting[to] as number) + count;
    entered[to] = (entered[to] as number) + count;
    advanced[from] = (advanced[from] as number) + count;
  }

  #visitedCount = 0;
  #lastStart = 0;
  #inOrder = true;
  readonly #note = (run: number): void => {
    if (this.#visitedCount === this.#visited.length) this.#visited = grownI32(this.#visited, this.#visitedCount * 2);
    this.#visited[this.#visitedCount] = run;
    this.#visitedCount += 1;
    const start = this.runs.start(run);
    if (start < this.#lastStart) this.#inOrder = false;
    this.#lastStart = start;
  };

  /** Runs that the event may change, in order of start, into #visited: all of them before the first one changes. */
  #collect(at: number): number {
    const { runs } = this;
    const { data } = this.blocks;
    const states = this.#movers.of(this.eventClass);
    const asked = this.#movers.askedOf(this.eventClass);
    this.#visitedCount = 0;
    this.#lastStart = Number.NEGATIVE_INFINITY;
    this.#inOrder = true;
    for (let i = 0; i < states.length; i += 1) {
      const state = states[i] as number;
      let run = data[at + LISTS + WIDTH * state] as number;
      if (run === NONE) continue;
      const predicate = asked[i] as number;
      const compared = predicate === NONE ? null : (this.#comparisons[predicate] as Compared | null);
      // where the event has no value, asking is a fault: each run is asked
      const value = compared === null ? null : this.earlier.evaluate(compared.event, NONE);
      if (value !== null) this.#indexByValue(at, state, predicate).answer(value, this.#note);
      else for (; run !== NONE; run = this.#links[run * LINKS + 1] as number) this.#note(run);
    }
    if (!this.#inOrder) this.#visited.subarray(0, this.#visitedCount).sort((a, b) => runs.start(a) - runs.start(b));
    return this.#visitedCount;
  }

  /** Runs that were found by value and stayed where they were, are found again. */
  #settle(at: number): void {
    const number = this.blocks.data[at + VALUES] as number;
    if (number !== NONE) for (const index of (this.#byValue[number] as Map<number, RunIndex>).values()) index.settle();
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
      ops = this.earlier.decide(state, node, run);
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
          this.foundDirect(node, stage, run);
          this.#end(slot, at, run, true);
          return;
        }
        nodes.retain(node);
        this.foundDirect(node, stage, run);
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
    if (target !== state) this.#delist(at, run);
    if (stage === -1) this.moveRun(run, target, node);
    else {
      this.moveRun(run, target, this.take(node, stage));
      nodes.release(node);
    }
    if (target !== state) this.#enlist(at, run, target);
    else if (stage !== -1) this.#value(at, run, state);
  }

  #end(slot: number, at: number, run: number, keepNode = false): void {
    this.#delist(at, run);
    this.#unchain(slot, at, run);
    this.endRun(run, keepNode);
  }

  protected override endHeads(slot: number, second: number, limit: number): void {
    if (this.#indexAt[slot] === NONE) super.endHeads(slot, second, limit);
    else this.#endUpTo(slot, limit);
  }

  protected override expire(slot: number, time: number): boolean {
    if (this.#indexAt[slot] === NONE) return super.expire(slot, time);
    if (this.endsLazily) return this.#endUpTo(slot, time - this.windowMs);
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

  /** Ends the runs of a key with an index that began at `limit` or before, where nobody sees it; true if there were any. */
  #endUpTo(slot: number, limit: number): boolean {
    const { events, lists } = this;
    const { links: chain, ends } = lists;
    const at = this.#index(slot);
    let ended = 0;
    let run = chain[2 * slot] as number;
    for (; run !== NONE && events.timeOf(run) <= limit; ended += 1) {
      const next = chain[2 * run + 1] as number;
      this.#delist(at, run);
      this.expireUnseen(run);
      run = next;
    }
    if (ended === 0) return false;
    chain[2 * slot] = run;
    ends[2 * slot + 1] = (ends[2 * slot + 1] as number) - ended;
    this.runs.live -= ended;
    if (run !== NONE) this.#links[run * LINKS] = NONE;
    else ends[2 * slot] = 2 * slot;
    this.#dropIfFew(slot);
    return true;
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
