/**
 * By class of event: the states whose runs an event of the class can change, found when the class is first met.
 *
 * Shape   askedOf stands beside `of`: where what happens hangs on one condition over earlier events, and a run that does
 *         not satisfy it stays as it is, the number of that condition; else -1.
 */
import { type Automaton, STATE_NORMAL, STATE_PENDING } from './automaton.ts';
import { DECISION_FLAGS, DecisionMaker, FLAG_STAYS } from './decision.ts';
import { PLAN_ASK, PLAN_STAY, type PlanTable } from './plan-table.ts';

const UNDECIDED = new Error('undecided');

export class Movers {
  readonly #automaton: Automaton;
  readonly #plans: PlanTable;
  readonly #maker: DecisionMaker;
  #byClass: Int32Array[] = [];
  #askedByClass: Int32Array[] = [];
  #generation = -1;

  constructor(automaton: Automaton, plans: PlanTable) {
    this.#automaton = automaton;
    this.#plans = plans;
    this.#maker = new DecisionMaker(automaton);
  }

  of(eventClass: number): Int32Array {
    if (this.#generation !== this.#plans.generation) {
      this.#generation = this.#plans.generation;
      this.#byClass = [];
      this.#askedByClass = [];
    }
    return this.#byClass[eventClass] ?? this.#learn(eventClass);
  }

  /** Of a class that `of` was asked for. */
  askedOf(eventClass: number): Int32Array { return this.#askedByClass[eventClass] as Int32Array; }

  #learn(eventClass: number): Int32Array {
    const { stateKind, stateCount } = this.#automaton;
    const states: number[] = [];
    for (let state = 0; state < stateCount; state += 1) {
      if ((stateKind[state] === STATE_NORMAL || stateKind[state] === STATE_PENDING) && this.#plans.plan(state, eventClass) !== PLAN_STAY) states.push(state);
    }
    const movers = Int32Array.from(states);
    this.#byClass[eventClass] = movers;
    this.#askedByClass[eventClass] = movers.map((state) => this.#asked(state, eventClass));
    return movers;
  }

  #asked(state: number, eventClass: number): number {
    if (this.#plans.plan(state, eventClass) !== PLAN_ASK) return -1;
    const { columnPredicateCount, predicates } = this.#automaton;
    let asked = -1;
    try {
      const decision = this.#maker.decide(state, (id) => {
        if (id < columnPredicateCount) {
          const value = this.#plans.value(eventClass, id);
          if (value === 2) throw UNDECIDED;
          return value === 1;
        }
        const guard = predicates[id]?.guard ?? -1;
        if (guard !== -1 && this.#plans.value(eventClass, guard) === 0) return false;
        if (asked !== -1 && asked !== id) throw UNDECIDED;
        asked = id;
        return false;
      });
      return (decision[DECISION_FLAGS] as number) & FLAG_STAYS ? asked : -1;
    } catch {
      return -1; // several conditions, or a fault, which has to be met by an event and not here
    }
  }
}
