/** By class of event: the states whose runs an event of the class can change, found when the class is first met. */
import { type Automaton, STATE_NORMAL, STATE_PENDING } from './automaton.ts';
import { PLAN_STAY, type PlanTable } from './plan-table.ts';

export class Movers {
  readonly #automaton: Automaton;
  readonly #plans: PlanTable;
  #byClass: Int32Array[] = [];
  #generation = -1;

  constructor(automaton: Automaton, plans: PlanTable) {
    this.#automaton = automaton;
    this.#plans = plans;
  }

  of(eventClass: number): Int32Array {
    if (this.#generation !== this.#plans.generation) {
      this.#generation = this.#plans.generation;
      this.#byClass = [];
    }
    return this.#byClass[eventClass] ?? this.#learn(eventClass);
  }

  #learn(eventClass: number): Int32Array {
    const { stateKind, stateCount } = this.#automaton;
    const states: number[] = [];
    for (let state = 0; state < stateCount; state += 1) {
      if ((stateKind[state] === STATE_NORMAL || stateKind[state] === STATE_PENDING) && this.#plans.plan(state, eventClass) !== PLAN_STAY) states.push(state);
    }
    const movers = Int32Array.from(states);
    this.#byClass[eventClass] = movers;
    return movers;
  }
}
