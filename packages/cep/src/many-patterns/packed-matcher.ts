/**
 * Packed matcher: the runs of many small patterns in one store.
 *
 * What an operator of its own costs a pattern, some 60 KB that are cold whenever one of its events comes, is here a cell
 * of a table for each key with runs (run-table.ts) and a row of counters; decisions are those of its shape.
 *
 * Always  a pattern's runs, matches, counters and faults are those of a LinearMatcher of its own: list by start, matches
 *         out at once in order of start, nothing given out of an event before all of it is decided.
 *         Only patterns that `isPackable` says yes to. Runs whose window is over end when their key's next event of the
 *         pattern comes, or when it is their turn (endSome), which nobody sees but in counters.
 * Not here: which predicates hold for a row, keys, rows that wait (packed-patterns.ts).
 */
import type { Automaton } from '../automaton/automaton.ts';
import { DECISION_FINALS, DECISION_FLAGS, DECISION_RESULTS, DECISION_RETAINED, FLAG_BLOCKED, FLAG_STAYS } from '../automaton/decision.ts';
import { hasLoops } from '../automaton/loops.ts';
import { MASK_BITS, PatternShape } from '../automaton/pattern-shape.ts';
import { CLASS_MOVES, CLASS_STARTS, PLAN_ASK, PLAN_BLOCKED, PLAN_DIE, PLAN_STAY } from '../automaton/plan-table.ts';
import { chooseStrategy } from '../automaton/strategy.ts';
import { absenceAtStart } from '../partial-matches/absence-at-start.ts';
import { type EmittedMatch, MatchView } from '../partial-matches/emitted-match.ts';
import { EventRuns } from '../partial-matches/event-runs.ts';
import { grownI32 } from '../partial-matches/grow.ts';
import { type Crowd, type LimitCode, type Limits, limitFault } from '../partial-matches/limits.ts';
import { NodeLog } from '../partial-matches/node-log.ts';
import type { CopyPlan } from '../partial-matches/copy-plan.ts';
import type { RetainedEvents } from '../partial-matches/retained-events.ts';
import { StageCounters } from '../partial-matches/stage-counters.ts';
import type { FieldValue } from '@tidemark/event';
import { ADVANCED, BLOCKED, ENTERED, EXPIRED, PatternTable, TABLE_INTS, TABLE_SHAPE } from './pattern-table.ts';
import { RunTable } from './run-table.ts';

/** One of the patterns: index in the job, and what the store knows of it. */
export interface PackedPattern {
  readonly pattern: number;
  readonly id: string;
  readonly stageNames: readonly string[];
  readonly windowMs: number;
}

export interface PackedMatcherOptions {
  readonly events: RetainedEvents;
  readonly limits: Limits;
  readonly output: (match: EmittedMatch) => void;
  readonly keyOf: (key: number) => readonly FieldValue[];
  /** Says that a pattern has so many runs of a key that a store of its own is better. */
  readonly crowded: (packed: number) => void;
}

/** What a predicate without a value does where it is asked: a fault of the pattern, thrown. */
export type Faulty = (packed: number, predicate: number) => never;

/** Runs of a key from which on an index over them pays. */
const CROWD = 48;

/** Whether the runs of a pattern can be kept here; `timedOut`: its time-outs go out. */
export function isPackable(automaton: Automaton, timedOut: boolean): boolean {
  if (automaton.predicates.length > automaton.columnPredicateCount || automaton.columnPredicateCount > MASK_BITS) return false;
  if (automaton.skip.kind !== 'NO_SKIP' || automaton.hasGaps || automaton.hasPending || (timedOut && automaton.windowMs > 0)) return false;
  // nothing here counts the bytes of a key: its runs are few, and so must be what each of them takes
  if (hasLoops(automaton)) return false;
  const { strategy } = chooseStrategy(automaton, 'auto');
  return strategy === 'linear' || strategy === 'state-lists';
}

export class PackedMatcher {
  readonly patterns: readonly PackedPattern[];
  readonly table = new RunTable();
  readonly events: RetainedEvents;
  readonly nodes: NodeLog;
  readonly runs: EventRuns;
  readonly #options: PackedMatcherOptions;
  readonly #matches: Float64Array;
  readonly #shapes: readonly PatternShape[];
  readonly patternTable: PatternTable;
  readonly #view: MatchView;
  /** Runs of a key with which a pattern counts as crowded. */
  readonly #crowd: number;

  // what is being processed
  #plan: CopyPlan | null = null;
  #row = 0;
  #event = -1;
  #packed = 0;
  #doubt = 0;
  #mask = 0;
  #faulty: Faulty;
  #found = new Int32Array(16);
  #foundCount = 0;
  #hand = 0;
  /** When the window of a run of a pattern is over. */
  readonly #dueOf = (packed: number, run: number): number => this.#due(packed, this.events.timeOf(run));

  constructor(patterns: readonly PackedPattern[], automata: readonly Automaton[], options: PackedMatcherOptions, faulty: Faulty) {
    this.patterns = patterns;
    this.#options = options;
    this.#faulty = faulty;
    this.events = options.events;
    this.nodes = new NodeLog(options.events, patterns.reduce((most, { stageNames }) => Math.max(most, stageNames.length), 2));
    this.runs = new EventRuns(options.events);
    const shapes = new Map<string, number>();
    const made: PatternShape[] = [];
    this.patternTable = new PatternTable(patterns.map(({ windowMs, stageNames }, packed) => {
      const automaton = automata[packed] as Automaton;
      const text = PatternShape.textOf(automaton);
      const shape = shapes.get(text) ?? made.push(new PatternShape(automaton)) - 1;
      shapes.set(text, shape);
      return { shape, stages: stageNames.length, windowMs };
    }));
    this.#shapes = made;
    this.#matches = new Float64Array(patterns.length);
    this.#view = new MatchView(0, options.events, options.keyOf);
    this.#crowd = Math.min(CROWD, options.limits.partialMatchesPerKey, options.limits.matchesPerEvent);
  }

  /** The rows that the next events come from. */
  bind(plan: CopyPlan): void {
    this.#plan = plan;
  }

  /** Copies the fields of events that were taken: before the rows that are bound go away, and before anything is given out. */
  settle(): void {
    this.events.copyFields();
  }

  /** An event of a key, for a pattern of which the predicates in `mask` hold and those in `doubt` have no value. */
  process(packed: number, mask: number, doubt: number, key: number, row: number, time: number): void {
    const shape = this.#shapes[this.patternTable.ints[packed * TABLE_INTS + TABLE_SHAPE] as number] as PatternShape;
    const flags = doubt === 0 ? shape.flagsOf(mask) : CLASS_STARTS | CLASS_MOVES;
    if (flags === 0) return;
    this.#row = row;
    this.#packed = packed;
    this.#mask = mask;
    this.#doubt = doubt;
    this.#event = -1;
    this.#foundCount = 0;
    if ((flags & CLASS_MOVES) !== 0) {
      const cell = this.table.find(packed, key);
      if (cell !== -1 && !(time >= this.table.dueOf(cell) && this.#expire(cell, time))) this.#walk(cell, shape);
    }
    if ((flags & CLASS_STARTS) !== 0) this.#start(shape, key, time);
    if (this.#foundCount > 0) this.#give(key);
  }

  /** Ends the runs of a cell whose window is over; true if none is left, and no cell. */
  #expire(cell: number, time: number): boolean {
    const { table, runs, nodes } = this;
    const packed = table.patternOf(cell);
    for (;;) {
      if (time < table.dueOf(cell)) return false;
      const run = table.headOf(cell);
      this.patternTable.count(packed, nodes.stage(runs.node(run)), EXPIRED, 1);
      const isLast = table.countOf(cell) === 1;
      if (isLast) table.remove(cell);
      else table.unlink(cell, -1, this.#dueOf);
      this.#endRun(run, false);
      if (isLast) return true;
    }
  }

  /** Ends what is overdue at `time`, looking at the next `count` cells in turns. */
  endSome(time: number, count: number): void {
    const { table } = this;
    let cell = this.#hand < table.capacity ? this.#hand : 0;
    for (let left = Math.min(count, table.capacity); left > 0; left -= 1) {
      // a cell that goes may be filled by one behind it
      while (time >= table.dueOf(cell) && this.#expire(cell, time));
      cell = cell + 1 === table.capacity ? 0 : cell + 1;
    }
    this.#hand = cell;
  }

  endAll(time: number): void {
    this.#hand = 0;
    this.endSome(time, this.table.capacity);
  }

  #endRun(run: number, keepNode: boolean): void {
    this.runs.free();
    if (!keepNode) this.nodes.release(this.runs.node(run));
  }

  #decide(shape: PatternShape, state: number): Int32Array {
    return shape.maker.decide(state, (predicate) => {
      if ((this.#doubt & (1 << predicate)) !== 0) this.#faulty(this.#packed, predicate);
      return (this.#mask & (1 << predicate)) !== 0;
    });
  }

  /** Lets the event act on every run of a cell. */
  #walk(cell: number, shape: PatternShape): void {
    const { table, runs, nodes, events } = this;
    const packed = this.#packed;
    const { plans } = shape;
    const eventClass = this.#doubt === 0 ? shape.classOf(this.#mask) : 0;
    let before = -1;
    for (let run = table.headOf(cell); run !== -1;) {
      const next = table.next[run] as number;
      const state = events.runStateOf(run);
      let plan = this.#doubt === 0 ? plans.plan(state, eventClass) : PLAN_ASK;
      let ops: Int32Array = plans.pool;
      let stays = plan === PLAN_STAY;
      let isOver = plan === PLAN_DIE || plan === PLAN_BLOCKED;
      if (plan === PLAN_ASK) {
        ops = this.#decide(shape, state);
        plan = 0;
        stays = ((ops[DECISION_FLAGS] as number) & FLAG_STAYS) !== 0;
      }
      if (stays) {
        before = run;
        run = next;
        continue;
      }
      const node = runs.node(run);
      let keepNode = false;
      if (isOver) {
        if (plan === PLAN_BLOCKED) this.patternTable.count(packed, nodes.stage(node), BLOCKED, 1);
      } else {
        const finals = ops[plan + DECISION_FINALS] as number;
        const retained = ops[plan + DECISION_RETAINED] as number;
        let at = plan + DECISION_RESULTS;
        if (finals > 0) {
          if (retained > 0) nodes.retain(node);
          else keepNode = true;
          this.#note(node, ops[at + 1] as number);
          at += 2;
        }
        if (retained > 0) {
          const stage = ops[at + 1] as number;
          if (stage === -1) events.setRun(run, ops[at] as number, node);
          else this.#move(run, ops[at] as number, node, stage);
        } else {
          isOver = true;
          if (finals === 0 && (ops[plan + DECISION_FLAGS] as number) & FLAG_BLOCKED) this.patternTable.count(packed, nodes.stage(node), BLOCKED, 1);
        }
      }
      if (isOver) {
        const isLast = table.countOf(cell) === 1;
        if (isLast) table.remove(cell);
        else table.unlink(cell, before, this.#dueOf);
        this.#endRun(run, keepNode);
        if (isLast) return;
      } else before = run;
      run = next;
    }
  }

  #move(run: number, state: number, node: number, stage: number): void {
    const { nodes, events } = this;
    const taken = this.#take(node, stage);
    events.setRun(run, state, taken);
    nodes.release(node);
  }

  /** A node for the event at hand behind `parent`, with one reference. */
  #take(parent: number, stage: number): number {
    if (this.#event === -1) this.#event = this.events.addLater(this.#plan as CopyPlan, this.#row, 0);
    this.#countTaken(parent, stage);
    return this.nodes.add(parent, stage, this.#event);
  }

  #countTaken(parent: number, stage: number): void {
    const from = parent === -1 ? -1 : this.nodes.stage(parent);
    if (from === stage) return;
    this.patternTable.count(this.#packed, stage, ENTERED, 1);
    if (from !== -1) this.patternTable.count(this.#packed, from, ADVANCED, 1);
  }

  /** Notes a match: `parent`, whose reference is taken over, and the event at hand in `stage` (-1: not taken). */
  #note(parent: number, stage: number): void {
    const i = this.#foundCount;
    if (i * 2 === this.#found.length) this.#found = grownI32(this.#found, i * 4);
    this.#found[i * 2] = parent;
    this.#found[i * 2 + 1] = stage;
    this.#foundCount = i + 1;
    if (stage !== -1) this.#countTaken(parent, stage);
  }

  #start(shape: PatternShape, key: number, time: number): void {
    const state = shape.automaton.startState;
    let plan = this.#doubt === 0 ? shape.plans.plan(state, shape.classOf(this.#mask)) : PLAN_ASK;
    let ops: Int32Array = shape.plans.pool;
    if (plan === PLAN_STAY) return;
    if (plan === PLAN_ASK) {
      ops = this.#decide(shape, state);
      plan = 0;
    }
    const finals = ops[plan + DECISION_FINALS] as number;
    const retained = ops[plan + DECISION_RETAINED] as number;
    if ((ops[plan + DECISION_FLAGS] as number) & FLAG_BLOCKED) throw absenceAtStart((this.patterns[this.#packed] as PackedPattern).id);
    let at = plan + DECISION_RESULTS;
    for (let i = 0; i < finals; i += 1, at += 2) this.#note(-1, ops[at + 1] as number);
    for (let i = 0; i < retained; i += 1, at += 2) {
      const node = this.#take(-1, ops[at + 1] as number);
      this.#begin(this.#packed, key, this.#event, ops[at] as number, node, time);
    }
  }

  /** A new run of a pattern and key that begins with `event`; it takes over the reference to `node`. */
  #begin(packed: number, key: number, event: number, state: number, node: number, time: number): void {
    this.runs.add(event, state, node);
    const count = this.table.append(packed, key, event, this.#due(packed, time));
    if (count > this.#crowd) this.#checkKey(packed, key, time);
  }

  #due(packed: number, startTime: number): number {
    const windowMs = this.patternTable.windowOf(packed);
    return windowMs > 0 ? startTime + windowMs : Number.POSITIVE_INFINITY;
  }

  #checkKey(packed: number, key: number, time: number): void {
    const { partialMatchesPerKey } = this.#options.limits;
    this.#options.crowded(packed);
    const cell = this.table.find(packed, key);
    if (this.table.countOf(cell) <= partialMatchesPerKey) return;
    if (time >= this.table.dueOf(cell) && this.#expire(cell, time)) return;
    if (this.table.countOf(cell) > partialMatchesPerKey) throw this.tooMany('partial-matches-per-key', packed, key);
  }

  #give(key: number): void {
    const { nodes, events } = this;
    const view = this.#view;
    const packed = this.#packed;
    const count = this.#foundCount;
    if (count > this.#options.limits.matchesPerEvent) throw this.tooMany('matches-per-event', packed, key);
    this.settle();
    events.pass(this.#plan as CopyPlan, this.#row);
    view.pattern = (this.patterns[packed] as PackedPattern).pattern;
    view.completeBy(key, this.#plan as CopyPlan, this.#row);
    for (let i = 0; i < count; i += 1) {
      const parent = this.#found[i * 2] as number;
      const stage = this.#found[i * 2 + 1] as number;
      this.patternTable.count(packed, stage === -1 ? nodes.stage(parent) : stage, ADVANCED, 1);
      this.#matches[packed] = (this.#matches[packed] as number) + 1;
      view.unwindPassing(nodes, parent, stage);
      this.#options.output(view);
      if (parent !== -1) nodes.release(parent);
    }
  }

  // --- what is known of a pattern

  /** What was counted, and what waits in its cells. */
  countersOf(packed: number, cells: Int32Array): StageCounters {
    const stages = (this.patterns[packed] as PackedPattern).stageNames.length;
    const counters = new StageCounters(stages);
    [counters.entered, counters.advanced, counters.expired, counters.blocked].forEach((counter, which) => {
      for (let stage = 0; stage < stages; stage += 1) counter[stage] = this.patternTable.counted(packed, stage, which);
    });
    for (const cell of cells) {
      for (let run = this.table.headOf(cell); run !== -1; run = this.table.next[run] as number) {
        const stage = this.nodes.stage(this.runs.node(run));
        counters.waiting[stage] = (counters.waiting[stage] as number) + 1;
      }
    }
    counters.matches = this.#matches[packed] as number;
    return counters;
  }

  /** Goes on from what was counted elsewhere; what waits is counted by its runs. */
  addCounters(packed: number, { entered, advanced, expired, blocked, matches }: StageCounters): void {
    [entered, advanced, expired, blocked].forEach((counter, which) => {
      for (let stage = 0; stage < counter.length; stage += 1) this.patternTable.count(packed, stage, which, counter[stage] as number);
    });
    this.#matches[packed] = (this.#matches[packed] as number) + matches;
  }

  /** Puts a restored run behind those of its pattern and key that came before. */
  restoreRun(packed: number, key: number, event: number, state: number, node: number): void {
    this.#begin(packed, key, event, state, node, this.events.timeOf(event));
  }

  /** Forgets the runs of a pattern. */
  drop(packed: number): void {
    const { table } = this;
    for (let cell = 0; cell < table.capacity;) {
      if (!table.isUsed(cell) || table.patternOf(cell) !== packed) {
        cell += 1;
        continue;
      }
      for (let run = table.headOf(cell); run !== -1; run = table.next[run] as number) this.#endRun(run, false);
      table.remove(cell); // one behind it may have taken its place
    }
    this.#matches[packed] = 0;
  }

  get bytesInUse(): number {
    return this.events.bytesInUse + this.nodes.bytesInUse + this.table.bytesInUse + this.runs.live * 4;
  }

  tooMany(code: LimitCode, packed: number, key: number): Error {
    return limitFault(code, this.#options.limits, this.crowdOf(packed, key));
  }

  crowdOf(packed: number, key: number): Crowd {
    const { id, stageNames } = this.patterns[packed] as PackedPattern;
    const { waiting } = this.countersOf(packed, this.#cellsOf(packed));
    const busiest = waiting.indexOf(Math.max(...waiting));
    return { patternId: id, stage: stageNames[busiest] ?? '', key: JSON.stringify(this.#options.keyOf(key)) };
  }

  #cellsOf(packed: number): Int32Array {
    const cells: number[] = [];
    for (let cell = 0; cell < this.table.capacity; cell += 1) if (this.table.isUsed(cell) && this.table.patternOf(cell) === packed) cells.push(cell);
    return Int32Array.from(cells);
  }

  /** Where most runs are. */
  crowd(): Crowd {
    const { table } = this;
    let fullest = -1;
    for (let cell = 0; cell < table.capacity; cell += 1) {
      if (table.isUsed(cell) && (fullest === -1 || table.countOf(cell) > table.countOf(fullest))) fullest = cell;
    }
    return fullest === -1 ? this.crowdOf(0, 0) : this.crowdOf(table.patternOf(fullest), table.keyOf(fullest));
  }
}
