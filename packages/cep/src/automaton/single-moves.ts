/**
 * By class of event: whether all that an event of the class does to runs is to be taken, into one stage, by the runs of
 * one state, which go on to another state. Most events of most patterns that do not begin a run are like that.
 *
 * Shape   the kind is 0 (it is not), LEAVES (the runs go on), or STAYS (they go on and stay as well); state, target and stage are theirs.
 * Always  true for every run in the state, whatever it has taken: nothing is asked, nothing is completed, nothing begins.
 */
import { DECISION_FINALS, DECISION_RESULTS, DECISION_RETAINED } from './decision.ts';
import type { Movers } from './movers.ts';
import { CLASS_MOVES, PLAN_ASK, type PlanTable } from './plan-table.ts';

export const LEAVES = 1;
export const STAYS = 2;

export class SingleMoves {
  readonly #plans: PlanTable;
  readonly #movers: Movers;
  #kind = new Uint8Array(16);
  state = new Uint16Array(16);
  target = new Uint16Array(16);
  stage = new Uint16Array(16);
  #learnt = 0;
  #generation = -1;

  constructor(plans: PlanTable, movers: Movers) {
    this.#plans = plans;
    this.#movers = movers;
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
      this.state.set(state);
      this.target.set(target);
      this.stage.set(stage);
    }
    for (; this.#learnt < classCount; this.#learnt += 1) this.#learn(this.#learnt);
  }

  #learn(eventClass: number): void {
    const plans = this.#plans;
    this.#kind[eventClass] = 0;
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
}
