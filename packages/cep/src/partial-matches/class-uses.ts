/**
 * Class uses: what an event of a class does to the runs of its key, where that can be said once for all of them.
 *
 * Shape   by class: isStart = it does nothing but begin one run, in startState and startStage; isFinish = it begins none, and
 *         leaves each run alone or completes it for good, and cannot fail; isOther = neither, though it does something.
 * Always  only classes of the plan table's generation; `learn` comes before a batch is gone through.
 * Not here: what a class does to a single run (plan-table.ts).
 */
import { type Automaton, STATE_NORMAL, STATE_PENDING } from '../automaton/automaton.ts';
import { DECISION_FINALS, DECISION_RESULTS, DECISION_RETAINED, FLAG_BLOCKED } from '../automaton/decision.ts';
import { CLASS_MOVES, CLASS_STARTS, PLAN_ASK, PLAN_STAY, type PlanTable } from '../automaton/plan-table.ts';
import { grownI32, grownU8 } from './grow.ts';

export class ClassUses {
  readonly #automaton: Automaton;
  readonly #plans: PlanTable;
  /** Where matches are skipped none is completed without a look at the others. */
  readonly #isSkip: boolean;
  #learnt = 0;
  generation = -1;
  isStart = new Uint8Array(16);
  isFinish = new Uint8Array(16);
  isOther = new Uint8Array(16);
  startState = new Int32Array(16);
  startStage = new Int32Array(16);
  /** The stage in which every event that begins a run does, as far as classes are known: -1 = none so far, -2 = several. */
  onlyStage = -1;

  constructor(automaton: Automaton, plans: PlanTable, isSkip: boolean) {
    this.#automaton = automaton;
    this.#plans = plans;
    this.#isSkip = isSkip;
  }

  learn(): void {
    const plans = this.#plans;
    if (this.generation !== plans.generation) {
      this.generation = plans.generation;
      this.#learnt = 0;
      this.onlyStage = -1;
    }
    if (plans.classCount > this.isStart.length) {
      const capacity = plans.classCount * 2;
      this.isStart = grownU8(this.isStart, capacity);
      this.isFinish = grownU8(this.isFinish, capacity);
      this.isOther = grownU8(this.isOther, capacity);
      this.startState = grownI32(this.startState, capacity);
      this.startStage = grownI32(this.startStage, capacity);
    }
    for (; this.#learnt < plans.classCount; this.#learnt += 1) this.#learnOne(this.#learnt);
  }

  #learnOne(eventClass: number): void {
    const automaton = this.#automaton;
    const plans = this.#plans;
    const flags = plans.classFlags[eventClass] as number;
    let finishes = flags === CLASS_MOVES && !this.#isSkip;
    for (let state = 0; state < automaton.stateCount; state += 1) {
      if (automaton.stateKind[state] !== STATE_NORMAL && automaton.stateKind[state] !== STATE_PENDING) continue;
      const plan = plans.plan(state, eventClass);
      if (plan !== PLAN_STAY && !(plan > PLAN_ASK && plans.pool[plan + DECISION_FINALS] === 1 && plans.pool[plan + DECISION_RETAINED] === 0)) finishes = false;
    }
    const start = plans.plan(automaton.startState, eventClass);
    const begins = flags === CLASS_STARTS && start > PLAN_ASK && plans.pool[start + DECISION_FINALS] === 0 && plans.pool[start + DECISION_RETAINED] === 1
      && ((plans.pool[start] as number) & FLAG_BLOCKED) === 0;
    const stage = begins ? (plans.pool[start + DECISION_RESULTS + 1] as number) : 0;
    this.isStart[eventClass] = begins ? 1 : 0;
    this.isFinish[eventClass] = finishes ? 1 : 0;
    this.isOther[eventClass] = flags !== 0 && !begins && !finishes ? 1 : 0;
    this.startState[eventClass] = begins ? (plans.pool[start + DECISION_RESULTS] as number) : 0;
    this.startStage[eventClass] = stage;
    if (begins) this.onlyStage = this.onlyStage === -1 || this.onlyStage === stage ? stage : -2;
  }
}
