/**
 * Pattern shape: what patterns have in common that differ in their conditions, windows and names alone.
 *
 * Detection rules come by the thousand in a handful of shapes; decisions are made and remembered once for each shape.
 *
 * Shape   predicates are bits of a mask (bit p: predicate p holds). flagsOf(mask) says what an event of which just these
 *         hold can do (CLASS_STARTS, CLASS_MOVES), plan(state, mask) what it does (plan-table.ts, `pool` beside it).
 * Always  for patterns without conditions on earlier stages and with at most MASK_BITS predicates.
 * Not here: which predicates hold (many-patterns/), what a predicate without a value does (DecisionMaker is asked).
 */
import type { Automaton } from './automaton.ts';
import { DecisionMaker } from './decision.ts';
import { GROUP_SIZE, PlanTable } from './plan-table.ts';

export const MASK_BITS = GROUP_SIZE;
const UNKNOWN = -1;

export class PatternShape {
  readonly automaton: Automaton;
  readonly plans: PlanTable;
  readonly maker: DecisionMaker;
  /** Class by mask. */
  readonly #classes: Int16Array;
  readonly #code = [new Uint16Array(1)];

  constructor(automaton: Automaton) {
    this.automaton = automaton;
    this.plans = new PlanTable(automaton);
    this.maker = new DecisionMaker(automaton);
    this.#classes = new Int16Array(1 << automaton.columnPredicateCount).fill(UNKNOWN);
  }

  /** Equal for patterns that have the same shape. */
  static textOf({ stateKind, stateStage, stageNames, edgesFrom, edgeAction, edgeTarget, edgeCondition, startState, columnPredicateCount }: Automaton): string {
    return JSON.stringify([[...stateKind], [...stateStage], stageNames.length, [...edgesFrom], [...edgeAction], [...edgeTarget], edgeCondition, startState, columnPredicateCount]);
  }

  #learn(mask: number): number {
    let code = 0;
    for (let p = 0; p < MASK_BITS; p += 1) if ((mask & (1 << p)) !== 0) code += 3 ** p;
    (this.#code[0] as Uint16Array)[0] = code;
    return (this.#classes[mask] = this.plans.classOf(this.#code, 0));
  }

  classOf(mask: number): number {
    const known = this.#classes[mask] as number;
    return known !== UNKNOWN ? known : this.#learn(mask);
  }

  flagsOf(mask: number): number {
    return this.plans.classFlags[this.classOf(mask)] as number;
  }
}
