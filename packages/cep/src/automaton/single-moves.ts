/**
 * By class of event: whether all that an event of the class does is to be taken once, into one stage: by the runs of one
 * state, which go on to another state, or by one run that begins. Most events of most patterns are like that.
 *
 * Shape   the kind is 0 (it is not), LEAVES (the runs go on), STAYS (they go on and stay as well) or BEGINS (a run begins);
 *         state (of BEGINS: where runs begin), target and stage are theirs. All four in one integer: packed (0 = it is not,
 *         or a number is too large), to be read with the functions below.
 * Always  true for every run in the state, whatever it has taken: nothing is asked, nothing is completed, nothing else moves.
 */
import { DECISION_FINALS, DECISION_FLAGS, DECISION_RESULTS, DECISION_RETAINED, FLAG_BLOCKED } from './decision.ts';
import type { Movers } from './movers.ts';
import { CLASS_MOVES, CLASS_STARTS, PLAN_ASK, type PlanTable } from './plan-table.ts';

export const LEAVES = 1;
export const STAYS = 2;
export const BEGINS = 3;

const PART_BITS = 10;
const PART = (1 << PART_BITS) - 1;
export const kindOfMove = (packed: number): number => packed & 3;
export const stageOfMove = (packed: number): number => (packed >> 2) & PART;
export const targetOfMove = (packed: number): number => (packed >> (2 + PART_BITS)) & PART;
export const stateOfMove = (packed: number): number => packed >>> (2 + 2 * PART_BITS);

export class SingleMoves {
  readonly #plans: PlanTable;
  readonly #movers: Movers;
  readonly #startState: number;
  #kind = new Uint8Array(16);
  #packed = new Int32Array(16);
  state = new Uint16Array(16);
  target = new Uint16Array(16);
  stage = new Uint16Array(16);
  #learnt = 0;
  #generation = -1;

  constructor(plans: PlanTable, movers: Movers, startState: number) {
    this.#plans = plans;
    this.#movers = movers;
    this.#startState = startState;
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
    const fits = kind !== 0 && Math.max(state, target, stage) <= PART;
    this.#packed[eventClass] = fits ? kind | (stage << 2) | (target << (2 + PART_BITS)) | (state << (2 + 2 * PART_BITS)) : 0;
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
