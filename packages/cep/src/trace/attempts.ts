/**
 * Attempts: to which stages a waiting partial match offers an event, and what refuses it there.
 *
 * A decision says only what happens. This walks the same edges in the same order and keeps, for each stage that the
 * event was offered to, the first part of the edge's condition that is not true and what that part stands for: the
 * stage's own condition, a stop condition, or the greed of a repetition before it.
 *
 * Always  a stage is offered an event iff the engine would try the edge that takes it.
 * Not here: what becomes of the run (automaton/decision.ts), the values behind a condition (condition-values.ts).
 */
import type { Step, ValidatedPattern } from '@tidemark/pattern';
import { type Automaton, IGNORE, STATE_STOP, TAKE } from '../automaton/automaton.ts';
import { type EdgeCondition, collectPredicates } from '../compiler/edge-condition.ts';

/** `gate`: it would be taken, but it is also what a gate before the stage forbids. */
export type RefusedBy = 'condition' | 'until' | 'greedy' | 'gate';

export interface Attempt {
  readonly stage: number;
  /** 1 = the event may be taken into the stage, 2 = a condition has no value. */
  readonly holds: 0 | 1 | 2;
  /** What refused it; null where it may be taken. */
  readonly refusedBy: RefusedBy | null;
  /** Whose condition that is: the stage itself, or the greedy stage or repeated group before it (-1: a group). */
  readonly byStage: number;
}

export interface Attempts {
  readonly attempts: readonly Attempt[];
  /** Gate whose condition the event meets, -1 = none. */
  readonly blockedBy: number;
  /** Whether the run may go on without taking the event. */
  readonly mayPass: boolean;
  /** What keeps it from doing so where its contiguity would allow it. */
  readonly passRefusedBy: RefusedBy | null;
}

interface StageRole {
  /** Predicates: the stage's own condition (-1 = any event) and the stop conditions in force there. */
  readonly condition: number;
  readonly untils: readonly number[];
}

export class StageRoles {
  readonly #automaton: Automaton;
  readonly #roles: StageRole[] = [];
  readonly #stageOf = new Map<number, number>();
  readonly #waitsFor: (readonly number[] | undefined)[] = [];

  constructor(pattern: ValidatedPattern, automaton: Automaton) {
    this.#automaton = automaton;
    this.#collect(pattern.steps, []);
    this.#roles.forEach(({ condition }, stage) => { if (condition !== -1 && !this.#stageOf.has(condition)) this.#stageOf.set(condition, stage); });
  }

  #collect(steps: readonly Step[], outer: readonly number[]): void {
    for (const step of steps) {
      const until = step.until === null ? -1 : this.#predicateOf(step.until.text);
      const untils = until === -1 ? outer : [...outer, until];
      if (step.group === null) this.#roles[step.stage] = { condition: step.condition === null ? -1 : this.#predicateOf(step.condition.text), untils };
      else this.#collect(step.group, untils);
    }
  }

  /** A condition that reads earlier stages is numbered behind the part of it that does not, under the same text. */
  #predicateOf(text: string): number {
    return this.#automaton.predicates.findLastIndex(({ condition }) => condition.text === text);
  }

  /** Predicate of a stage's condition, -1 = any event meets it. */
  conditionOf(stage: number): number {
    return this.#roles[stage]?.condition ?? -1;
  }

  /** Stages whose event a run in `state` may take next, in the order in which they are tried. */
  waitsFor(state: number): readonly number[] {
    const known = this.#waitsFor[state];
    if (known !== undefined) return known;
    const a = this.#automaton;
    const stages: number[] = [];
    const seen = new Set([state]);
    for (const current of seen) {
      if (a.stateKind[current] === STATE_STOP) continue;
      for (let edge = a.edgesFrom[current] as number; edge < (a.edgesFrom[current + 1] as number); edge += 1) {
        const stage = a.stateStage[current] as number;
        if (a.edgeAction[edge] === TAKE) {
          if (!stages.includes(stage)) stages.push(stage);
        } else if (a.edgeAction[edge] !== IGNORE && a.edgeTarget[edge] !== -1) seen.add(a.edgeTarget[edge] as number);
      }
    }
    this.#waitsFor[state] = stages;
    return stages;
  }

  /** What a run in `state` tries with the event that `tri` speaks of. */
  attempts(state: number, tri: (predicate: number) => 0 | 1 | 2): Attempts {
    const a = this.#automaton;
    const attempts: Attempt[] = [];
    let blockedBy = -1;
    let mayPass = false;
    let passRefusedBy: RefusedBy | null = null;
    const stack = [state];
    const seen = new Set(stack);
    while (stack.length > 0) {
      const current = stack.pop() as number;
      if (a.stateKind[current] === STATE_STOP) continue;
      for (let edge = a.edgesFrom[current] as number; edge < (a.edgesFrom[current + 1] as number); edge += 1) {
        const condition = a.edgeCondition[edge] as EdgeCondition;
        const target = a.edgeTarget[edge] as number;
        if (a.edgeAction[edge] === TAKE) {
          attempts.push(this.#attempt(a.stateStage[current] as number, condition, tri));
          continue;
        }
        const value = triOf(condition, tri);
        if (value !== 1 && a.edgeAction[edge] === IGNORE) passRefusedBy ??= this.#passRefusal(a.stateStage[current] as number, condition, tri);
        if (value !== 1 || target === -1) continue;
        if (a.edgeAction[edge] === IGNORE) mayPass = true;
        else if (a.stateKind[target] === STATE_STOP) blockedBy = a.stateStage[target] as number;
        else if (!seen.has(target)) {
          seen.add(target);
          stack.push(target);
        }
      }
    }
    return { attempts, blockedBy, mayPass, passRefusedBy };
  }

  #attempt(stage: number, condition: EdgeCondition, tri: (predicate: number) => 0 | 1 | 2): Attempt {
    const role = this.#roles[stage];
    let refused: Attempt | null = null;
    for (const part of conjuncts(condition)) {
      const holds = triOf(part, tri);
      if (holds === 1) continue;
      const found = this.#refusal(stage, role, part, holds);
      // That the stage's own condition is false says more than that a repetition before it wants the event.
      if (refused === null || found.refusedBy === 'condition') refused = found;
    }
    return refused ?? { stage, holds: 1, refusedBy: null, byStage: stage };
  }

  /** An event that the stage itself could take is not passed by, and that is no refusal. */
  #passRefusal(stage: number, condition: EdgeCondition, tri: (predicate: number) => 0 | 1 | 2): RefusedBy | null {
    const role = this.#roles[stage];
    for (const part of conjuncts(condition)) {
      const holds = triOf(part, tri);
      if (holds === 1) continue;
      const ids = new Set<number>();
      collectPredicates(part, ids);
      const [only] = ids;
      if (ids.size === 1 && only === role?.condition) continue;
      return this.#refusal(stage, role, part, holds).refusedBy;
    }
    return null;
  }

  #refusal(stage: number, role: StageRole | undefined, part: EdgeCondition, holds: 0 | 2): Attempt {
    if (part.op !== 'not') return { stage, holds, refusedBy: 'condition', byStage: stage };
    const ids = new Set<number>();
    collectPredicates(part, ids);
    const [only] = ids;
    if (ids.size === 1 && only !== undefined && role?.untils.includes(only)) return { stage, holds, refusedBy: 'until', byStage: stage };
    const owner = [...ids].map((id) => this.#stageOf.get(id)).find((other) => other !== undefined);
    return { stage, holds, refusedBy: 'greedy', byStage: owner ?? -1 };
  }
}

/** Why a run that can neither take the event nor pass it by has ended. */
export function endOf({ attempts, passRefusedBy }: Attempts): 'order' | 'until' | 'greedy' {
  const refused = (by: RefusedBy): boolean => passRefusedBy === by || attempts.some((attempt) => attempt.refusedBy === by);
  return refused('greedy') ? 'greedy' : refused('until') ? 'until' : 'order';
}

const conjuncts = (condition: EdgeCondition): readonly EdgeCondition[] =>
  (condition.op === 'and' ? [...conjuncts(condition.left), ...conjuncts(condition.right)] : [condition]);

function triOf(condition: EdgeCondition, tri: (predicate: number) => 0 | 1 | 2): 0 | 1 | 2 {
  switch (condition.op) {
    case 'true': return 1;
    case 'false': return 0;
    case 'predicate': return tri(condition.id);
    case 'not': {
      const value = triOf(condition.of, tri);
      return value === 2 ? 2 : value === 1 ? 0 : 1;
    }
    default: {
      const left = triOf(condition.left, tri);
      return left === 1 ? triOf(condition.right, tri) : left;
    }
  }
}
