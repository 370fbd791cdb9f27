/**
 * Runs that branch and are many: a key begins with runs in Flink's order and turns to union lists, one for each state,
 * when more than `turnAt` of its runs live. From then on an event costs what the automaton is large.
 *
 * Where nothing skips and conditions read the event alone, all runs of a state meet the same fate: their list is passed on
 * whole, or gets one more event, whatever its length. When the last run is over, the key begins anew with runs.
 *
 * Always  matches of one event, and time-outs of one moment, have the multiset that Flink gives; of a compact key they come
 *         in order of start, then of the positions of their events. More matches than `matchesPerEvent` are a fault as soon
 *         as so many are laid out, however many there are; time-outs likewise at `partialMatchesPerKey`. What a compact key
 *         keeps counts against the limits of partial matches by records, since those are what it costs.
 *         Counters tell runs, not records: exact until the window has cut lists that several starts share, then an upper
 *         bound until they are counted anew (atMost).
 * Not here: skip strategies (Flink's heap of single runs decides who survives), windows between neighbours (each run has
 *         its own), conditions that read earlier stages.
 */
import { DECISION_FINALS, DECISION_FLAGS, DECISION_RESULTS, DECISION_RETAINED, FLAG_BLOCKED, FLAG_STAYS } from '../automaton/decision.ts';
import { STATE_PENDING } from '../automaton/automaton.ts';
import { Movers } from '../automaton/movers.ts';
import { CLASS_MOVES, CLASS_STARTS, PLAN_ASK, PLAN_BLOCKED, PLAN_DIE, PLAN_STAY } from '../automaton/plan-table.ts';
import { FLOW_INTO, FLOW_INTS, FLOW_PAIRS, FLOW_STAGE, LEAVES, STAYS, SingleMoves } from '../automaton/single-moves.ts';
import { StagePairs } from '../automaton/stage-pairs.ts';
import { BranchingMatcher } from './branching-matcher.ts';
import { absenceAtStart } from './absence-at-start.ts';
import { grownF64, grownI32 } from './grow.ts';
import { MatchSet } from './match-set.ts';
import { type MatcherOptions, SLOT_A as AT, SLOT_COUNT, SLOT_INTS } from './matcher.ts';
import type { CopyPlan } from './copy-plan.ts';
import { PASSING_ROW } from './retained-events.ts';
import { RowBurst } from './row-burst.ts';
import { RunCursor, RunSheet } from './run-cursor.ts';
import type { TimerRing } from './timer-ring.ts';
import { COUNT_MAX, NIL, UnionLists, addedCount } from './union-lists.ts';

const NONE = -1;
/** Count of a key that is compact. */
const COMPACT = -1;
/** A key with more records than this part of all events is collected with a scratch of its own. */
const SCRATCH_PART = 4;
/** Records that one question after the counters counts anew. */
const RECOUNTED_MAX = 65_536;
/** With fewer rows together it costs less to do them one by one. */
const BURST_LEAST = 4;
/** How often in the length of a window what is over is given back: so often, but then about so much at once, and once at least. */
const TRIMS_A_WINDOW = 8;
const TRIMMED_AT_ONCE = 64;
const TRIMS_A_WINDOW_LEAST = 1;

export class CompactMatcher extends BranchingMatcher {
  readonly #turnAt: number;
  readonly #movers: Movers;
  readonly #single: SingleMoves;
  readonly #pairs: StagePairs;
  readonly #lists: (UnionLists | null)[] = [];
  readonly #freeLists: number[] = [];
  readonly #listens: boolean;
  readonly #cursor: RunCursor;
  readonly #sheet = new RunSheet();
  readonly #rowBurst = new RowBurst();
  #used = new Uint8Array(256);
  // what the event at hand moves: state, list; counts of its pairs behind one another
  #movedState = new Int32Array(16);
  #movedList = new Int32Array(16);
  #movedCounts = new Float64Array(64);
  // what it completes: list (NIL: the start itself), stage
  #finalList = new Int32Array(16);
  #finalStage = new Int32Array(16);
  #finals = 0;
  #finalCount = 0;

  constructor(options: MatcherOptions, turnAt: number) {
    super(options);
    this.#turnAt = turnAt;
    this.#movers = new Movers(options.automaton, options.plans);
    this.#pairs = new StagePairs(options.automaton);
    this.#single = new SingleMoves(options.plans, this.#movers, options.automaton.startState, this.#pairs);
    this.#listens = this.windowMs > 0 && (options.timedOut || options.automaton.hasPending);
    this.#cursor = new RunCursor(this.nodes);
  }

  // --- keys

  /** Lists of a key that is compact, else null. */
  listsOf(slot: number): UnionLists | null {
    if (this.slots[slot * SLOT_INTS + SLOT_COUNT] !== COMPACT) return null;
    return this.#lists[this.slots[slot * SLOT_INTS + AT] as number] as UnionLists;
  }

  /** Makes a key that has no runs compact. */
  makeLists(slot: number): UnionLists {
    const lists = new UnionLists(this.events, this.nodes, this.automaton.stateCount, this.#pairs.count, this.windowMs > 0);
    const at = this.#freeLists.pop() ?? this.#lists.length;
    this.#lists[at] = lists;
    this.slots[slot * SLOT_INTS + SLOT_COUNT] = COMPACT;
    this.slots[slot * SLOT_INTS + AT] = at;
    return lists;
  }

  #endKey(slot: number, lists: UnionLists): void {
    lists.clear();
    const at = this.slots[slot * SLOT_INTS + AT] as number;
    this.#lists[at] = null;
    this.#freeLists.push(at);
    this.slots[slot * SLOT_INTS + SLOT_COUNT] = 0;
    this.slots[slot * SLOT_INTS + AT] = NONE;
  }

  /** A key whose newest start has gone before its window was over may lie empty until then: not where keys are counted. */
  override endOverdue(): void {
    for (let slot = 0; slot < this.slotCapacity; slot += 1) {
      const lists = this.listsOf(slot);
      if (lists !== null) this.#endIfEmpty(slot, lists);
    }
  }

  #endIfEmpty(slot: number, lists: UnionLists): void {
    const { heads } = lists;
    for (let state = 0; state < heads.length; state += 1) if (!lists.isOver(heads[state] as number)) return;
    this.#endCounts(lists);
    this.#endKey(slot, lists);
  }

  /** What is still counted has gone with the window. */
  #endCounts(lists: UnionLists): void {
    const { expired } = this.counters;
    for (let pair = 0; pair < this.#pairs.count; pair += 1) {
      const stage = this.#pairs.stage[pair] as number;
      expired[stage] = addedCount(expired[stage] as number, lists.counts[pair] as number);
      lists.counts[pair] = 0;
    }
  }

  /** Runs of a key become lists. */
  #turn(slot: number): void {
    const { runs, nodes } = this;
    const count = this.countOf(slot);
    const list = new Int32Array(count);
    this.runsOf(slot, list);
    this.forgetBlock(slot);
    const lists = this.makeLists(slot);
    list.sort((a, b) => runs.start(a) - runs.start(b));
    const rows = new Set<number>();
    const made = new Map<number, number>();
    const path: number[] = [];
    for (const run of list) {
      const startTime = runs.startTime(run);
      path.length = 0;
      let at = runs.node(run);
      while (at >= 0 && !made.has(at)) {
        path.push(at);
        at = nodes.parent(at);
      }
      if (at < NONE) rows.add(nodes.event(at));
      let ref = at >= 0 ? (made.get(at) as number) : at;
      for (let i = path.length - 1; i >= 0; i -= 1) {
        const node = path[i] as number;
        rows.add(nodes.event(node));
        ref = lists.output(ref, nodes.event(node), nodes.stage(node), startTime);
        made.set(node, ref);
      }
      const state = runs.state(run);
      lists.heads[state] = lists.insert(lists.heads[state] as number, ref, startTime);
      const pair = this.#pairs.of(state, nodes.stage(runs.node(run)));
      lists.counts[pair] = (lists.counts[pair] as number) + 1;
      this.#noteStart(lists, startTime);
    }
    const ordered = [...rows].sort((a, b) => this.events.ordinalOf(a) - this.events.ordinalOf(b));
    for (const row of ordered) {
      this.events.retain(row);
      lists.holdRow(row);
    }
    for (const run of list) this.endRun(run);
  }

  #noteStart(lists: UnionLists, time: number): void {
    lists.oldest = Math.min(lists.oldest, time);
    lists.newest = Math.max(lists.newest, time);
    if (this.#listens) lists.starts.add(time);
  }

  #collect(lists: UnionLists): void {
    const { length } = this.events;
    // a key that has a large part of all events does not need it again soon
    if (length <= lists.size * SCRATCH_PART) lists.collect(new Uint8Array(length));
    else {
      if (length > this.#used.length) this.#used = new Uint8Array(length * 2);
      lists.collect(this.#used);
    }
    if (lists.cut) this.#recount(lists);
  }

  #checkLimits(lists: UnionLists): void {
    if (this.#bytesOf(lists) > (this.limits.stateBytesPerKey ?? Number.POSITIVE_INFINITY)) throw this.tooMany('state-bytes-per-key');
    if (lists.size > this.limits.partialMatchesPerKey) throw this.tooMany('partial-matches-per-key');
    if (this.kept > this.jobShare) throw this.tooMany('partial-matches-per-job');
  }

  #bytesOf(lists: UnionLists): number {
    return lists.bytes + lists.rowCount * this.eventBytes;
  }

  override bytesOf(slot: number): number {
    const lists = this.listsOf(slot);
    return lists === null ? super.bytesOf(slot) : this.#bytesOf(lists);
  }

  protected override mostBytesOf(slot: number): number {
    return this.listsOf(slot) === null ? super.mostBytesOf(slot) : this.bytesOf(slot);
  }

  protected override keptOf(slot: number): number {
    return this.listsOf(slot)?.size ?? super.keptOf(slot);
  }

  override get kept(): number {
    let all = this.runs.live;
    for (const lists of this.#lists) all += lists?.size ?? 0;
    return all;
  }

  override get bytesInUse(): number {
    let bytes = super.bytesInUse;
    for (const lists of this.#lists) bytes += lists?.bytes ?? 0;
    return bytes;
  }

  /** Makes the counts of a key exact. What they held too many has gone with the window. */
  #recount(lists: UnionLists): void {
    const below = lists.countRuns();
    const { expired } = this.counters;
    for (let state = 0; state < lists.heads.length; state += 1) {
      const from = this.#pairs.from[state] as number;
      const end = this.#pairs.from[state + 1] as number;
      if (from === end) continue;
      const before = lists.counts.slice(from, end);
      lists.counts.fill(0, from, end);
      lists.countList(lists.heads[state] as number, below, (stage, count) => {
        const pair = this.#pairs.of(state, stage);
        lists.counts[pair] = addedCount(lists.counts[pair] as number, count);
      });
      for (let pair = from; pair < end; pair += 1) {
        const stage = this.#pairs.stage[pair] as number;
        expired[stage] = addedCount(expired[stage] as number, Math.max(0, (before[pair - from] as number) - (lists.counts[pair] as number)));
      }
    }
    lists.cut = false;
  }

  override get hasOwnOrder(): boolean { return this.#lists.length > 0; }

  override beforeImage(): void {
    for (const lists of this.#lists) if (lists !== null) this.#collect(lists);
  }

  /** For a restore: counts and starts of lists that were filled record by record. */
  restored(lists: UnionLists): void {
    const times = new Set<number>();
    for (let i = 0; i < lists.size; i += 1) times.add(lists.timeOf(lists.idAt(i)));
    for (const time of [...times].sort((a, b) => a - b)) if (time > lists.floor) this.#noteStart(lists, time);
    this.#recount(lists);
  }

  override partialMatches(): { readonly count: number; readonly waiting: readonly number[]; readonly atMost: boolean } {
    const waiting = [...this.counters.waiting];
    let atMost = false;
    let budget = RECOUNTED_MAX;
    let count = this.runs.live;
    for (const lists of this.#lists) {
      if (lists === null) continue;
      if (lists.cut && lists.size <= budget) {
        budget -= lists.size;
        this.#recount(lists);
      }
      if (lists.cut) atMost = true;
      for (let pair = 0; pair < this.#pairs.count; pair += 1) {
        const stage = this.#pairs.stage[pair] as number;
        const runs = lists.counts[pair] as number;
        waiting[stage] = addedCount(waiting[stage] as number, runs);
        count = addedCount(count, runs);
      }
    }
    return { count, waiting, atMost };
  }

  /** Bytes that union lists take, events not included. */
  get listBytes(): number { return this.#lists.reduce((sum, lists) => sum + (lists?.bytes ?? 0), 0); }

  // --- events

  override processEvent(slot: number, row: number, eventClass: number): boolean {
    const lists = this.listsOf(slot);
    if (lists !== null) return this.#process(slot, lists, row, eventClass);
    const started = super.processEvent(slot, row, eventClass);
    if (this.countOf(slot) > this.#turnAt) this.#turn(slot);
    return started;
  }

  /**
   * Rows of a batch with the slots of their keys: for each what advance and processEvent would do, with the common case
   * of a compact key written out, and consecutive rows of one key together (#burst). Sets a timer at time + window for
   * every row that begins a run, where there is a window.
   */
  processRows(rows: Int32Array, classes: Uint16Array, keys: Int32Array, count: number, timers: TimerRing): void {
    const { windowMs } = this;
    const { time } = this.plan as CopyPlan;
    const loses = !this.options.timedOut;
    let last = NONE;
    let lists: UnionLists | null = null;
    const moves = this.#single.packed;
    this.#rowBurst.reserve(count);
    for (let i = 0; i < count;) {
      const slot = keys[i] as number;
      const row = rows[i] as number;
      const eventClass = classes[i] as number;
      const now = time[row] as number;
      if (slot !== last) {
        last = slot;
        lists = this.listsOf(slot);
      }
      if (lists === null) {
        if (super.needsAdvance(slot, now)) super.advance(slot, now);
      } else if (windowMs > 0) {
        const floor = now - windowMs;
        if (floor >= lists.oldest) {
          if (!this.#listens && floor < lists.newest && floor < lists.trimAt) {
            lists.floor = floor;
            lists.oldest = floor;
            if (loses) lists.cut = true;
          } else {
            this.advance(slot, now);
            lists = this.listsOf(slot);
          }
        }
        if (lists !== null && i + BURST_LEAST <= count && moves[eventClass] !== 0 && keys[i + BURST_LEAST - 1] === slot && this.#areSimple(classes, i) && lists.room >= BURST_LEAST) {
          const end = this.#burst(slot, lists, rows, classes, keys, i, count, timers);
          if (end > i) {
            i = end;
            continue;
          }
        }
      }
      i += 1;
      const kind = this.#single.kindOf(eventClass);
      if (lists !== null && (kind === STAYS || kind === LEAVES) && !lists.isDue) {
        this.#moveOne(lists, row, eventClass);
        continue;
      }
      if (this.processEvent(slot, row, eventClass) && windowMs > 0) timers.add(now + windowMs, slot);
      lists = this.listsOf(slot);
    }
  }

  /** Whether the next rows, as many as a burst has at least, only take events. */
  #areSimple(classes: Uint16Array, from: number): boolean {
    const moves = this.#single.packed;
    for (let i = from; i < from + BURST_LEAST; i += 1) if (moves[classes[i] as number] === 0) return false;
    return true;
  }

  /** Rows from `from` on of one key, as many as do nothing but take events (UnionLists.takeRows); answers with the first that is left. */
  #burst(slot: number, lists: UnionLists, rows: Int32Array, classes: Uint16Array, keys: Int32Array, from: number, count: number, timers: TimerRing): number {
    const { events, windowMs } = this;
    const plan = this.plan as CopyPlan;
    const burst = this.#rowBurst;
    const to = Math.min(count, from + lists.room, from + this.nodes.rowLimit - events.length);
    const end = lists.takeRows(this.#single.packed, rows, classes, keys, from, to, plan.time, windowMs, this.#listens, burst);
    if (burst.taken === 0) return end;
    events.addManyLater(plan, burst.sources, burst.taken, burst.events);
    lists.fillRows(burst);
    this.#countBurst(lists, burst);
    for (let i = 0; i < burst.begunCount; i += 1) {
      const start = burst.begun[i] as number;
      if (this.#listens) lists.starts.add(start);
      timers.add(start + windowMs, slot);
    }
    return end;
  }

  /** Counts what the rows of a burst did, in order. */
  #countBurst(lists: UnionLists, burst: RowBurst): void {
    const { classes, taken } = burst;
    const { flow } = this.#single;
    const { entered, advanced } = this.counters;
    for (let i = this.#countSimple(lists, burst, 0); i < taken; i = this.#countSimple(lists, burst, i)) {
      // several pairs
      const at = (classes[i] as number) * FLOW_INTS;
      const stage = flow[at + FLOW_STAGE] as number;
      const from = flow[at] as number;
      const pairs = flow[at + FLOW_PAIRS] as number;
      const end = from + Math.abs(pairs);
      const { counts } = lists;
      let total = 0;
      for (let pair = from; pair < end; pair += 1) {
        const runs = counts[pair] as number;
        total += runs;
        const last = this.#pairs.stage[pair] as number;
        if (last !== stage) {
          entered[stage] = addedCount(entered[stage] as number, runs);
          advanced[last] = addedCount(advanced[last] as number, runs);
        }
        if (pairs < 0) counts[pair] = 0;
      }
      const into = flow[at + FLOW_INTO] as number;
      counts[into] = addedCount(counts[into] as number, total);
      i += 1;
    }
  }

  /** The same from event `first` on as long as runs begin, or all that go on have one last stage; answers with the first event that is left. */
  #countSimple(lists: UnionLists, burst: RowBurst, first: number): number {
    const { counts } = lists;
    const { classes, taken } = burst;
    const { stage: lastStage } = this.#pairs;
    const { flow } = this.#single;
    const { entered, advanced } = this.counters;
    const most = +COUNT_MAX;
    const pairsAt = FLOW_PAIRS | 0;
    const intoAt = FLOW_INTO | 0;
    const stageAt = FLOW_STAGE | 0;
    const flowInts = FLOW_INTS | 0;
    burst.touched = (counts[0] as number) + (entered[0] as number) + (advanced[0] as number) + (lastStage[0] as number) + (flow[0] as number) + (classes[0] as number);
    for (let i = first; i < taken; i += 1) {
      const at = (classes[i] as number) * flowInts;
      const stage = flow[at + stageAt] as number;
      const into = flow[at + intoAt] as number;
      const pairs = flow[at + pairsAt] as number;
      let runs = 1;
      if (pairs === 0) entered[stage] = (entered[stage] as number) + 1;
      else {
        if (pairs > 1 || pairs < -1) return i;
        const pair = flow[at] as number;
        runs = counts[pair] as number;
        const last = lastStage[pair] as number;
        if (last !== stage) {
          entered[stage] = Math.min((entered[stage] as number) + runs, most);
          advanced[last] = Math.min((advanced[last] as number) + runs, most);
        }
        if (pairs < 0) counts[pair] = 0;
      }
      counts[into] = Math.min((counts[into] as number) + runs, most);
    }
    return taken;
  }

  /** An event that moves the runs of one state alone. */
  #moveOne(lists: UnionLists, row: number, eventClass: number): void {
    const { heads, counts } = lists;
    const { events } = this;
    const { from, stage: lastStage } = this.#pairs;
    const single = this.#single;
    const state = single.state[eventClass] as number;
    const list = heads[state] as number;
    if (list === NIL) return;
    if (lists.isOver(list)) {
      heads[state] = NIL;
      this.#expireCounts(lists, state);
      return;
    }
    const stage = single.stage[eventClass] as number;
    const target = single.target[eventClass] as number;
    const stays = single.kindOf(eventClass) === STAYS;
    if (!stays) heads[state] = NIL;
    const event = events.addLater(this.plan as CopyPlan, row, 1);
    lists.holdRow(event);
    heads[target] = lists.take(heads[target] as number, list, event, stage);
    const { entered, advanced } = this.counters;
    const end = from[state + 1] as number;
    let total = 0;
    for (let pair = from[state] as number; pair < end; pair += 1) {
      const runs = counts[pair] as number;
      total += runs;
      const last = lastStage[pair] as number;
      if (last !== stage) {
        entered[stage] = addedCount(entered[stage] as number, runs);
        advanced[last] = addedCount(advanced[last] as number, runs);
      }
      if (!stays) counts[pair] = 0;
    }
    const pair = this.#pairs.of(target, stage);
    counts[pair] = addedCount(counts[pair] as number, total);
  }

  #process(slot: number, lists: UnionLists, row: number, eventClass: number): boolean {
    this.begin(slot, row, eventClass);
    if (lists.isDue) {
      lists.trim();
      if (lists.isDue) {
        this.#collect(lists);
        this.#checkLimits(lists);
      }
    }
    const flags = this.plans.classFlags[eventClass] as number;
    this.#finals = 0;
    this.#finalCount = 0;
    let ended = false;
    if ((flags & CLASS_MOVES) !== 0) ended = this.#move(lists);
    const started = (flags & CLASS_STARTS) !== 0 && this.#begin(lists);
    if (this.#finals > 0) this.#giveFinals(slot, lists);
    if (ended) this.#endIfEmpty(slot, lists);
    return started;
  }

  /** Lets the event act on all lists; true if one of them may have ended. */
  #move(lists: UnionLists): boolean {
    const moved = this.#detach(lists);
    let ended = false;
    let counts = 0;
    for (let i = 0; i < moved; i += 1) {
      const state = this.#movedState[i] as number;
      if (this.#moveList(lists, state, this.#movedList[i] as number, counts)) ended = true;
      counts += (this.#pairs.from[state + 1] as number) - (this.#pairs.from[state] as number);
    }
    return ended;
  }

  /** Takes the lists that the event can change out of their states, with their counts; answers with their number. */
  #detach(lists: UnionLists): number {
    const movers = this.#movers.of(this.eventClass);
    const { heads, counts } = lists;
    const { from } = this.#pairs;
    let moved = 0;
    let at = 0;
    for (let i = 0; i < movers.length; i += 1) {
      const state = movers[i] as number;
      const list = heads[state] as number;
      if (list === NIL) continue;
      heads[state] = NIL;
      const end = from[state + 1] as number;
      if (lists.isOver(list)) {
        this.#expireCounts(lists, state);
        continue;
      }
      if (moved === this.#movedState.length) {
        this.#movedState = grownI32(this.#movedState, moved * 2);
        this.#movedList = grownI32(this.#movedList, moved * 2);
      }
      this.#movedState[moved] = state;
      this.#movedList[moved] = list;
      moved += 1;
      for (let pair = from[state] as number; pair < end; pair += 1, at += 1) {
        if (at === this.#movedCounts.length) this.#movedCounts = grownF64(this.#movedCounts, at * 2);
        this.#movedCounts[at] = counts[pair] as number;
        counts[pair] = 0;
      }
    }
    return moved;
  }

  #expireCounts(lists: UnionLists, state: number): void {
    const { expired } = this.counters;
    for (let pair = this.#pairs.from[state] as number; pair < (this.#pairs.from[state + 1] as number); pair += 1) {
      const stage = this.#pairs.stage[pair] as number;
      expired[stage] = addedCount(expired[stage] as number, lists.counts[pair] as number);
      lists.counts[pair] = 0;
    }
  }

  /** One list that was in `state`; its counts begin at `counts`. True if nothing of it goes on. */
  #moveList(lists: UnionLists, state: number, list: number, counts: number): boolean {
    const { plans } = this;
    let plan = plans.plan(state, this.eventClass);
    if (plan === PLAN_DIE) return true;
    if (plan === PLAN_BLOCKED) {
      this.#countBlocked(state, counts);
      return true;
    }
    let ops = plans.pool;
    if (plan === PLAN_ASK) {
      // the event alone decides, but a condition has no value for it: a fault, or a decision that does without
      ops = this.earlier.decide(state, NIL, -1);
      plan = 0;
      if ((ops[DECISION_FLAGS] as number) & FLAG_STAYS) {
        this.#pass(lists, state, state, list, counts);
        return false;
      }
    }
    const finals = ops[plan + DECISION_FINALS] as number;
    const retained = ops[plan + DECISION_RETAINED] as number;
    let at = plan + DECISION_RESULTS;
    for (let i = 0; i < finals; i += 1, at += 2) {
      const stage = ops[at + 1] as number;
      if (stage !== -1) this.#countTaken(state, stage, counts);
      this.#addFinal(list, stage, this.#total(state, counts));
    }
    let output = NIL;
    let outputStage = -1;
    const time = lists.timeOf(list);
    for (let i = 0; i < retained; i += 1, at += 2) {
      const target = ops[at] as number;
      const stage = ops[at + 1] as number;
      if (stage === -1) {
        this.#pass(lists, state, target, list, counts);
        continue;
      }
      if (outputStage !== stage) {
        output = lists.output(list, this.#eventRow(lists), stage, time);
        outputStage = stage;
      }
      lists.heads[target] = lists.insert(lists.heads[target] as number, output, time);
      const total = this.#countTaken(state, stage, counts);
      const pair = this.#pairs.of(target, stage);
      lists.counts[pair] = addedCount(lists.counts[pair] as number, total);
    }
    if (retained > 0) return false;
    if (finals === 0 && (ops[plan + DECISION_FLAGS] as number) & FLAG_BLOCKED) this.#countBlocked(state, counts);
    return true;
  }

  /** A whole list goes over to another state. */
  #pass(lists: UnionLists, state: number, target: number, list: number, counts: number): void {
    lists.heads[target] = lists.merge(lists.heads[target] as number, list);
    const from = this.#pairs.from[state] as number;
    const end = this.#pairs.from[state + 1] as number;
    for (let pair = from; pair < end; pair += 1) {
      const runs = this.#movedCounts[counts + pair - from] as number;
      if (runs === 0) continue;
      const to = target === state ? pair : this.#pairs.of(target, this.#pairs.stage[pair] as number);
      lists.counts[to] = addedCount(lists.counts[to] as number, runs);
    }
  }

  #eventRow(lists: UnionLists): number {
    if (this.isTaken) return this.takeEvent();
    const row = this.takeEvent();
    this.events.retain(row);
    lists.holdRow(row);
    return row;
  }

  /** Counts an event that the runs of a moved list take; answers with their number. */
  #countTaken(state: number, stage: number, counts: number): number {
    const { entered, advanced } = this.counters;
    const from = this.#pairs.from[state] as number;
    const end = this.#pairs.from[state + 1] as number;
    let total = 0;
    for (let pair = from; pair < end; pair += 1) {
      const runs = this.#movedCounts[counts + pair - from] as number;
      total += runs;
      const last = this.#pairs.stage[pair] as number;
      if (last === stage) continue;
      entered[stage] = addedCount(entered[stage] as number, runs);
      advanced[last] = addedCount(advanced[last] as number, runs);
    }
    return Math.min(total, Number.MAX_VALUE);
  }

  #countBlocked(state: number, counts: number): void {
    const { blocked } = this.counters;
    const from = this.#pairs.from[state] as number;
    for (let pair = from; pair < (this.#pairs.from[state + 1] as number); pair += 1) {
      const stage = this.#pairs.stage[pair] as number;
      blocked[stage] = addedCount(blocked[stage] as number, this.#movedCounts[counts + pair - from] as number);
    }
  }

  /** What the event begins. */
  #begin(lists: UnionLists): boolean {
    const { automaton, plans, nodes } = this;
    let plan = plans.plan(automaton.startState, this.eventClass);
    let ops = plans.pool;
    if (plan === PLAN_ASK) {
      ops = this.earlier.decide(automaton.startState, NIL, -1);
      plan = 0;
    } else if (plan === PLAN_STAY) return false;
    const finals = ops[plan + DECISION_FINALS] as number;
    const retained = ops[plan + DECISION_RETAINED] as number;
    if ((ops[plan + DECISION_FLAGS] as number) & FLAG_BLOCKED) throw absenceAtStart(this.options.patternId);
    if (finals + retained === 0) return false;
    const { entered } = this.counters;
    const time = (this.plan as CopyPlan).rows.time[this.row] as number;
    let at = plan + DECISION_RESULTS;
    for (let i = 0; i < finals; i += 1, at += 2) {
      const stage = ops[at + 1] as number;
      entered[stage] = (entered[stage] as number) + 1;
      this.#addFinal(NIL, stage, 1);
    }
    for (let i = 0; i < retained; i += 1, at += 2) {
      const target = ops[at] as number;
      const stage = ops[at + 1] as number;
      entered[stage] = (entered[stage] as number) + 1;
      const row = this.#eventRow(lists);
      const first = row < nodes.rowLimit ? nodes.first(stage, row) : lists.output(NIL, row, stage, time);
      lists.heads[target] = lists.insert(lists.heads[target] as number, first, time);
      const pair = this.#pairs.of(target, stage);
      lists.counts[pair] = addedCount(lists.counts[pair] as number, 1);
    }
    if (retained > 0) this.#noteStart(lists, time);
    return true;
  }

  // --- matches

  #total(state: number, counts: number): number {
    const pairs = (this.#pairs.from[state + 1] as number) - (this.#pairs.from[state] as number);
    let total = 0;
    for (let i = 0; i < pairs; i += 1) total = addedCount(total, this.#movedCounts[counts + i] as number);
    return total;
  }

  #addFinal(list: number, stage: number, count: number): void {
    this.#finalCount = addedCount(this.#finalCount, count);
    if (this.#finals === this.#finalList.length) {
      this.#finalList = grownI32(this.#finalList, this.#finals * 2);
      this.#finalStage = grownI32(this.#finalStage, this.#finals * 2);
    }
    this.#finalList[this.#finals] = list;
    this.#finalStage[this.#finals] = stage;
    this.#finals += 1;
  }

  #giveFinals(slot: number, lists: UnionLists): void {
    const plan = this.plan as CopyPlan;
    const { view } = this;
    this.settle();
    let row = PASSING_ROW;
    if (this.isTaken) row = this.takeEvent();
    else this.events.pass(plan, this.row);
    view.completeBy(slot, plan, this.row);
    const { matchSets } = this.options;
    if (matchSets !== undefined) {
      const completions = Array.from({ length: this.#finals }, (_, i) => ({ list: this.#finalList[i] as number, stage: this.#finalStage[i] as number }));
      view.ordinal = 0;
      this.counters.matches = addedCount(this.counters.matches, this.#finalCount);
      matchSets(new MatchSet({ lists, events: this.events, nodes: this.nodes, view, row, completions, atMost: this.#finalCount }));
      return;
    }
    const sheet = this.#sheet;
    const { matchesPerEvent } = this.limits;
    sheet.clear();
    for (let i = 0; i < this.#finals; i += 1) {
      const list = this.#finalList[i] as number;
      const stage = this.#finalStage[i] as number;
      if (list === NIL) {
        sheet.add(null, row, stage, 0);
        continue;
      }
      this.#cursor.open(lists, list);
      while (this.#cursor.next()) {
        if (sheet.count === matchesPerEvent) throw this.tooMany('matches-per-event');
        sheet.add(this.#cursor, row, stage, 0);
      }
    }
    if (sheet.count > matchesPerEvent) throw this.tooMany('matches-per-event');
    this.#give(() => undefined);
  }

  /** Gives out what is on the sheet, in order of start and positions; `prepare` sets up the view for each. */
  #give(prepare: (run: number) => void): void {
    const sheet = this.#sheet;
    const { view, counters, events } = this;
    this.settle();
    const order = this.#order();
    let ordinal = 0;
    for (let i = 0; i < order.length; i += 1) {
      const run = order[i] as number;
      const same = i > 0 && sheet.compare(order[i - 1] as number, run, (row) => events.ordinalOf(row)) === 0;
      ordinal = same ? ordinal + 1 : 0;
      const from = sheet.from[run] as number;
      const length = sheet.lengthOf(run);
      prepare(run);
      view.layOut(sheet.rows, sheet.stages, from, length);
      view.ordinal = ordinal;
      const last = sheet.stages[from + length - 1] as number;
      if (view.kind === 'match') {
        counters.advanced[last] = addedCount(counters.advanced[last] as number, 1);
        counters.matches = addedCount(counters.matches, 1);
      } else counters.timedOut += 1;
      this.options.output(view);
    }
  }

  #order(): Int32Array {
    const sheet = this.#sheet;
    const { events } = this;
    const order = new Int32Array(sheet.count);
    for (let i = 0; i < order.length; i += 1) order[i] = i;
    const ordinalOf = (row: number): number => events.ordinalOf(row);
    return order.length < 2 ? order : order.sort((a, b) => sheet.compare(a, b, ordinalOf));
  }

  // --- time

  override needsAdvance(slot: number, time: number): boolean {
    const lists = this.listsOf(slot);
    if (lists === null) return super.needsAdvance(slot, time);
    return this.windowMs > 0 && time - lists.oldest >= this.windowMs;
  }

  override advance(slot: number, time: number): void {
    const lists = this.listsOf(slot);
    if (lists === null) {
      super.advance(slot, time);
      return;
    }
    const floor = time - this.windowMs;
    if (this.windowMs === 0 || floor < lists.oldest) return;
    if (this.#listens && lists.starts.takeUpTo(floor)) this.#end(slot, lists, floor, time);
    lists.floor = floor;
    lists.oldest = this.#listens ? lists.starts.first : floor;
    if (!this.options.timedOut) lists.cut = true;
    if (floor >= lists.newest) {
      this.#endCounts(lists);
      this.#endKey(slot, lists);
      return;
    }
    if (floor < lists.trimAt) return;
    // not at every event: what is over costs nothing while it lies there, and is given back in one go
    lists.trim();
    const trims = (lists.size + lists.rowCount) / TRIMMED_AT_ONCE;
    lists.trimAt = floor + this.windowMs / Math.max(TRIMS_A_WINDOW_LEAST, Math.min(trims, TRIMS_A_WINDOW));
  }

  /** Gives out what the window ends: first what waited for just that, then what has timed out. */
  #end(slot: number, lists: UnionLists, floor: number, time: number): void {
    const chosen = RunCursor.choose(lists, floor);
    for (const wanted of [STATE_PENDING, NONE]) {
      if (wanted === NONE && !this.options.timedOut) break;
      this.#sheet.clear();
      for (let state = 0; state < lists.heads.length; state += 1) {
        if ((this.automaton.stateKind[state] === STATE_PENDING) === (wanted === STATE_PENDING)) this.#layOutEnded(lists, state, chosen, floor);
      }
      if (this.#sheet.count > 0) this.#giveEnded(slot, wanted === STATE_PENDING, time);
    }
  }

  #layOutEnded(lists: UnionLists, state: number, chosen: Uint8Array, floor: number): void {
    const cursor = this.#cursor;
    const pending = this.automaton.stateKind[state] === STATE_PENDING;
    const { expired } = this.counters;
    const limit = pending ? this.limits.matchesPerEvent : this.limits.partialMatchesPerKey;
    cursor.openChosen(lists, lists.heads[state] as number, chosen);
    while (cursor.next(floor)) {
      if (this.#sheet.count === limit) throw this.tooMany(pending ? 'matches-per-event' : 'partial-matches-per-key');
      this.#sheet.add(cursor, 0, -1, 0);
      const stage = cursor.stages[0] as number;
      const pair = this.#pairs.of(state, stage);
      lists.counts[pair] = Math.max(0, (lists.counts[pair] as number) - 1);
      if (!pending) expired[stage] = addedCount(expired[stage] as number, 1);
    }
  }

  #giveEnded(slot: number, isMatch: boolean, time: number): void {
    const { view, events } = this;
    const sheet = this.#sheet;
    this.slot = slot;
    this.#give((run) => {
      const due = events.timeOf(sheet.rows[sheet.from[run] as number] as number) + this.windowMs;
      if (isMatch) view.complete(slot, time, due, -1, -1, null, 0);
      else view.timeOut(slot, due);
    });
  }
}
