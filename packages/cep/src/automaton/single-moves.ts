/**
 * By class of event: whether all that an event of the class does is to be taken once, into one stage: by the runs of one
 * state, which go on to another state, or by one run that begins. Most events of most patterns are like that.
 *
 * Shape   the kind is 0 (it is not), LEAVES (the runs go on), STAYS (they go on and stay as well) or BEGINS (a run begins);
 *         state (of BEGINS: where runs begin), target and stage are theirs. All four in one integer: `packed` (0 = it is not, or a
 *         number is too large for that).
 * Always  true for every run in the state, whatever it has taken: nothing is asked, nothing is completed, nothing else moves.
 */
import { DECISION_FINALS, DECISION_FLAGS, DECISION_RESULTS, DECISION_RETAINED, FLAG_BLOCKED } from './decision.ts';
import type { Movers } from './movers.ts';
import { CLASS_MOVES, CLASS_STARTS, PLAN_ASK, type PlanTable } from './plan-table.ts';
import type { StagePairs } from './stage-pairs.ts';

export const LEAVES = 1;
export const STAYS = 2;
export const BEGINS = 3;

/**
 * By class, where runs are counted by pairs of state and stage: first of the pairs counted from, how many (0: a run begins; below 0:
 * they are emptied), pair counted to, stage.
 */
export const FLOW_INTS = 4;
export const FLOW_PAIRS = 1;
export const FLOW_INTO = 2;
export const FLOW_STAGE = 3;

/** Packed: the kind, and from bit 2 on the stage, from these on target and state, each of MOVE_PART at most. */
export const MOVE_KIND = 3;
export const MOVE_PART = 0x3ff;
export const MOVE_TARGET = 12;
export const MOVE_STATE = 22;

export class SingleMoves {
  readonly #plans: PlanTable;
  readonly #movers: Movers;
  readonly #startState: number;
  readonly #pairs: StagePairs | null;
  #kind = new Uint8Array(16);
  #packed = new Int32Array(16);
  /** See FLOW_INTS; of the classes in `packed`. */
  flow = new Int32Array(16 * FLOW_INTS);
  state = new Uint16Array(16);
  target = new Uint16Array(16);
  stage = new Uint16Array(16);
  #learnt = 0;
  #generation = -1;

  constructor(plans: PlanTable, movers: Movers, startState: number, pairs: StagePairs | null = null) {
    this.#plans = plans;
    this.#movers = movers;
    this.#startState = startState;
    this.#pairs = pairs;
  }

  /** By class, for all that the plan table has; the rest can be read then. */
  get packed(): Int32Array {
    if (this.#plans.classCount > this.#learnt || this.#generation !== this.#plans.generation) this.#learnAll();
    return this.#packed;
  }

  /** Kind of a class that the plan table has; the rest can be read then. */
  kindOf(eventClass: number): number {
    if (eventClass >= this.#learnt || this.#generation !== this.#plans.generation) this.#learnAll();
    return this.#kind[eventClass] as number;
  }

  #learnAll(): void {
    const { generation, classCount } = this.#plans;
    if (this.#generation !== generation) {
      this.#generation = generation;
      this.#learnt = 0;
    }
    if (classCount > this.#kind.length) {
      const kind = this.#kind;
      const { state, target, stage } = this;
      this.#kind = new Uint8Array(classCount * 2);
      this.state = new Uint16Array(classCount * 2);
      this.target = new Uint16Array(classCount * 2);
      this.stage = new Uint16Array(classCount * 2);
      this.#kind.set(kind);
      const packed = this.#packed;
      this.#packed = new Int32Array(classCount * 2);
      this.#packed.set(packed);
      const { flow } = this;
      this.flow = new Int32Array(classCount * 2 * FLOW_INTS);
      this.flow.set(flow);
      this.state.set(state);
      this.target.set(target);
      this.stage.set(stage);
    }
    for (; this.#learnt < classCount; this.#learnt += 1) {
      this.#learn(this.#learnt);
      this.#pack(this.#learnt);
    }
  }

  #learn(eventClass: number): void {
    const plans = this.#plans;
    this.#kind[eventClass] = 0;
    if (plans.classFlags[eventClass] === CLASS_STARTS) this.#learnStart(eventClass);
    if (plans.classFlags[eventClass] !== CLASS_MOVES) return;
    const movers = this.#movers.of(eventClass);
    const state = movers[0];
    if (movers.length !== 1 || state === undefined) return;
    const plan = plans.plan(state, eventClass);
    const { pool } = plans;
    if (plan <= PLAN_ASK || pool[plan + DECISION_FINALS] !== 0) return;
    const end = plan + DECISION_RESULTS + (pool[plan + DECISION_RETAINED] as number) * 2;
    let kind = LEAVES;
    let takes = 0;
    for (let at = plan + DECISION_RESULTS; at < end; at += 2) {
      const target = pool[at] as number;
      const stage = pool[at + 1] as number;
      if (stage === -1) {
        if (target !== state || kind === STAYS) return;
        kind = STAYS;
        continue;
      }
      if (target === state || takes === 1) return;
      takes = 1;
      this.target[eventClass] = target;
      this.stage[eventClass] = stage;
    }
    if (takes === 0) return;
    this.state[eventClass] = state;
    this.#kind[eventClass] = kind;
  }

  #pack(eventClass: number): void {
    const kind = this.#kind[eventClass] as number;
    const state = this.state[eventClass] as number;
    const target = this.target[eventClass] as number;
    const stage = this.stage[eventClass] as number;
    const fits = kind !== 0 && Math.max(state, target, stage) <= MOVE_PART;
    this.#packed[eventClass] = fits ? kind | (stage << 2) | (target << MOVE_TARGET) | (state << MOVE_STATE) : 0;
    if (!fits || this.#pairs === null) return;
    const { from } = this.#pairs;
    const first = from[state] as number;
    const pairs = (from[state + 1] as number) - first;
    this.flow.set([first, kind === BEGINS ? 0 : kind === LEAVES ? -pairs : pairs, this.#pairs.of(target, stage), stage], eventClass * FLOW_INTS);
  }

  #learnStart(eventClass: number): void {
    const { pool } = this.#plans;
    const plan = this.#plans.plan(this.#startState, eventClass);
    if (plan <= PLAN_ASK || pool[plan + DECISION_FINALS] !== 0 || pool[plan + DECISION_RETAINED] !== 1) return;
    if ((pool[plan + DECISION_FLAGS] as number) & FLAG_BLOCKED) return;
    this.state[eventClass] = this.#startState;
    this.target[eventClass] = pool[plan + DECISION_RESULTS] as number;
    this.stage[eventClass] = pool[plan + DECISION_RESULTS + 1] as number;
    this.#kind[eventClass] = BEGINS;
  }
}
