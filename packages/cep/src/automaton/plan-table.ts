/**
 * Plan table: decisions remembered by state and by class of event.
 *
 * A class is one combination of values of the column predicates; only combinations that occur get a number. For a
 * state that asks column predicates alone, what an event of a class does is always the same, so it is decided once.
 *
 * Shape   plan(state, class) is one of PLAN_STAY (nothing changes), PLAN_DIE (the run ends without result),
 *         PLAN_BLOCKED (an absence ends it), PLAN_ASK (the decision reads earlier stages or meets a predicate that could
 *         not be evaluated: decide for each run), else the offset of an encoded decision in `pool`.
 *         classFlags says what an event of the class can do at all, so that most events are passed over at once.
 * Always  a plan is what deciding for each run would give, faults included.
 * Not here: evaluation of predicates over batches (classifier.ts).
 */
import type { Automaton } from './automaton.ts';
import { STATE_FINAL, STATE_START, STATE_STOP } from './automaton.ts';
import { DECISION_FINALS, DECISION_FLAGS, DECISION_RESULTS, DECISION_RETAINED, DecisionMaker, FLAG_BLOCKED, FLAG_STAYS } from './decision.ts';

export const PLAN_STAY = 0;
export const PLAN_DIE = 1;
export const PLAN_BLOCKED = 2;
export const PLAN_ASK = 3;
const POOL_START = 4;

/** Predicates in one code; 3 to this power fits 16 bits. */
export const GROUP_SIZE = 8;

/** An event of this class can start a run. */
export const CLASS_STARTS = 1;
/** An event of this class can change a run in some state. */
export const CLASS_MOVES = 2;

const UNDECIDED = new Error('undecided');

/** Beyond this many classes the table starts anew; a pattern's events rarely have more than a few dozen. */
const CLASSES_MAX = 8_192;

export class PlanTable {
  readonly #automaton: Automaton;
  readonly #maker: DecisionMaker;
  readonly #stateCount: number;
  readonly #words: number;
  #plans: Int32Array;
  #poolLength = POOL_START;
  pool = new Int32Array(1024);
  classFlags = new Uint8Array(16);
  #classCount = 0;
  /** Rises whenever class numbers lose their meaning. */
  generation = 0;
  /** Class by the code of the first (mostly the only) group of predicates; with more groups, an intermediate number. */
  readonly #direct: Int32Array;
  /** With more groups: next number by (number so far, code of the next group), one map for each further group. */
  readonly #folds: Map<number, number>[];
  #foldCount = 0;
  /** Raw values (0, 1, 2) of the predicates of each class. */
  #values: Uint8Array;

  constructor(automaton: Automaton) {
    this.#automaton = automaton;
    this.#maker = new DecisionMaker(automaton);
    this.#stateCount = automaton.stateCount;
    this.#words = automaton.columnPredicateCount;
    this.#plans = new Int32Array(16 * this.#stateCount).fill(-1);
    this.#values = new Uint8Array(16 * Math.max(1, this.#words));
    this.#direct = new Int32Array(3 ** Math.min(GROUP_SIZE, this.#words)).fill(-1);
    this.#folds = Array.from({ length: Math.max(0, Math.ceil(this.#words / GROUP_SIZE) - 1) }, () => new Map());
  }

  get classCount(): number {
    return this.#classCount;
  }

  /** So many classes that their owner should clear the table. */
  get full(): boolean {
    return this.#classCount >= CLASSES_MAX;
  }

  /** Forgets all classes: numbers given before mean nothing any more. */
  clear(): void {
    this.#classCount = 0;
    this.#poolLength = POOL_START;
    this.#plans.fill(-1);
    this.#direct.fill(-1);
    for (const fold of this.#folds) fold.clear();
    this.#foldCount = 0;
    this.generation += 1;
  }

  /** Class of a row by the codes of its groups: the predicates' values as digits of base 3, the first one lowest. */
  classOf(codes: readonly Uint16Array[], row: number): number {
    const first = codes[0] as Uint16Array;
    const known = this.#direct[first[row] as number] as number;
    if (this.#folds.length === 0) return known !== -1 ? known : this.#add(codes, row);
    return this.#fold(codes, row, known);
  }

  #add(codes: readonly Uint16Array[], row: number): number {
    const made = this.#newClass(this.#digits(codes, row));
    this.#direct[(codes[0] as Uint16Array)[row] as number] = made;
    return made;
  }

  #fold(codes: readonly Uint16Array[], row: number, known: number): number {
    let number = known;
    if (number === -1) {
      number = this.#foldCount;
      this.#foldCount += 1;
      this.#direct[(codes[0] as Uint16Array)[row] as number] = number;
    }
    for (let group = 1; group < codes.length; group += 1) {
      const fold = this.#folds[group - 1] as Map<number, number>;
      const key = number * 3 ** GROUP_SIZE + ((codes[group] as Uint16Array)[row] as number);
      let next = fold.get(key);
      if (next === undefined) {
        if (group === codes.length - 1) next = this.#newClass(this.#digits(codes, row));
        else {
          next = this.#foldCount;
          this.#foldCount += 1;
        }
        fold.set(key, next);
      }
      number = next;
    }
    return number;
  }

  #digits(codes: readonly Uint16Array[], row: number): Uint8Array {
    const values = new Uint8Array(this.#words);
    for (let p = 0; p < this.#words; p += 1) {
      const code = (codes[Math.floor(p / GROUP_SIZE)] as Uint16Array)[row] as number;
      values[p] = Math.floor(code / 3 ** (p % GROUP_SIZE)) % 3;
    }
    return values;
  }

  /** Value (0, 1, 2) of column predicate `predicate` for events of class `eventClass`. */
  value(eventClass: number, predicate: number): number {
    return this.#values[eventClass * this.#words + predicate] as number;
  }

  /** What an event of `eventClass` does to a run in `state`. */
  plan(state: number, eventClass: number): number {
    const known = this.#plans[eventClass * this.#stateCount + state] as number;
    return known !== -1 ? known : this.#makePlan(state, eventClass);
  }

  #newClass(values: Uint8Array): number {
    const eventClass = this.#classCount;
    this.#classCount += 1;
    if (eventClass * this.#stateCount >= this.#plans.length) {
      const plans = new Int32Array(this.#plans.length * 2).fill(-1);
      plans.set(this.#plans);
      this.#plans = plans;
    }
    if (eventClass >= this.classFlags.length) {
      const flags = new Uint8Array(this.classFlags.length * 2);
      flags.set(this.classFlags);
      this.classFlags = flags;
    }
    if ((eventClass + 1) * this.#words > this.#values.length) {
      const all = new Uint8Array(this.#values.length * 2);
      all.set(this.#values);
      this.#values = all;
    }
    this.#values.set(values, eventClass * this.#words);
    let flags = 0;
    for (let state = 0; state < this.#stateCount; state += 1) {
      const kind = this.#automaton.stateKind[state];
      if (kind === STATE_FINAL || kind === STATE_STOP || this.plan(state, eventClass) === PLAN_STAY) continue;
      flags |= kind === STATE_START ? CLASS_STARTS : CLASS_MOVES;
    }
    this.classFlags[eventClass] = flags;
    return eventClass;
  }

  #makePlan(state: number, eventClass: number): number {
    let plan: number;
    try {
      plan = this.#encode(state, this.#maker.decide(state, (predicate) => this.#known(eventClass, predicate)));
    } catch {
      plan = PLAN_ASK; // undecided by the class, or a fault, which has to be met by an event and not here
    }
    this.#plans[eventClass * this.#stateCount + state] = plan;
    return plan;
  }

  #known(eventClass: number, predicate: number): boolean {
    if (predicate < this.#words) {
      const value = this.value(eventClass, predicate);
      if (value === 2) throw UNDECIDED;
      return value === 1;
    }
    const { guard } = this.#automaton.predicates[predicate] as Automaton['predicates'][number];
    if (guard === -1 || this.value(eventClass, guard) !== 0) throw UNDECIDED;
    return false;
  }

  #encode(state: number, out: Int32Array): number {
    const flags = out[DECISION_FLAGS] as number;
    const finals = out[DECISION_FINALS] as number;
    const retained = out[DECISION_RETAINED] as number;
    const isStart = this.#automaton.stateKind[state] === STATE_START;
    if (finals === 0 && retained === 0 && !(isStart && flags & FLAG_BLOCKED)) {
      if (isStart) return PLAN_STAY;
      return flags & FLAG_BLOCKED ? PLAN_BLOCKED : PLAN_DIE;
    }
    if (!isStart && flags & FLAG_STAYS) return PLAN_STAY;
    const length = DECISION_RESULTS + (finals + retained) * 2;
    if (this.#poolLength + length > this.pool.length) {
      const pool = new Int32Array(Math.max(this.pool.length * 2, this.#poolLength + length));
      pool.set(this.pool);
      this.pool = pool;
    }
    const at = this.#poolLength;
    for (let i = 0; i < length; i += 1) this.pool[at + i] = out[i] as number;
    this.#poolLength += length;
    return at;
  }
}
