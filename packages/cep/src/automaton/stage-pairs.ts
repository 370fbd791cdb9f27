/**
 * Pairs of a state that a run can wait in and a stage to which its last event can belong: what runs are counted by where
 * they are not kept one by one.
 *
 * Shape   pairs of state s are from[s]..from[s + 1] - 1; stage[p] is the stage of pair p.
 * Always  every pair that a run can ever be in is there, perhaps some more: conditions are not looked at.
 */
import { type Automaton, IGNORE, PROCEED, STATE_NORMAL, STATE_PENDING, TAKE } from './automaton.ts';

export class StagePairs {
  readonly from: Int32Array;
  readonly stage: Int32Array;
  /** Pair by state and stage, -1 = none. */
  readonly #of: Int32Array;
  readonly #stageCount: number;

  constructor(automaton: Automaton) {
    const stages: Set<number>[] = Array.from({ length: automaton.stateCount }, () => new Set());
    const open: [number, number][] = [];
    const reach = (state: number, stage: number): void => {
      const kind = automaton.stateKind[state];
      if ((kind !== STATE_NORMAL && kind !== STATE_PENDING) || stages[state]?.has(stage)) return;
      stages[state]?.add(stage);
      open.push([state, stage]);
    };
    const visit = (state: number, stage: number): void => {
      const seen = new Set([state]);
      for (const at of seen) {
        for (let edge = automaton.edgesFrom[at] as number; edge < (automaton.edgesFrom[at + 1] as number); edge += 1) {
          const target = automaton.edgeTarget[edge] as number;
          if (target === -1) continue;
          const action = automaton.edgeAction[edge];
          if (action === PROCEED) seen.add(target);
          else if (action === TAKE) reach(target, automaton.stateStage[at] as number);
          else if (action === IGNORE && stage !== -1) reach(target, stage);
        }
      }
    };
    visit(automaton.startState, -1);
    for (let next = open.pop(); next !== undefined; next = open.pop()) visit(...next);
    this.from = new Int32Array(automaton.stateCount + 1);
    stages.forEach((set, state) => { this.from[state + 1] = (this.from[state] as number) + set.size; });
    this.stage = Int32Array.from(stages.flatMap((set) => [...set].sort((a, b) => a - b)));
    this.#stageCount = automaton.stageNames.length;
    this.#of = new Int32Array(automaton.stateCount * this.#stageCount).fill(-1);
    for (let state = 0; state < automaton.stateCount; state += 1) {
      for (let pair = this.from[state] as number; pair < (this.from[state + 1] as number); pair += 1) this.#of[state * this.#stageCount + (this.stage[pair] as number)] = pair;
    }
  }

  get count(): number { return this.stage.length; }

  /** The stage of a state that has one pair alone, -1 where it has none or several. */
  onlyStageOf(state: number): number {
    const first = this.from[state] as number;
    return (this.from[state + 1] as number) - first === 1 ? (this.stage[first] as number) : -1;
  }

  of(state: number, stage: number): number { return this.#of[state * this.#stageCount + stage] as number; }
}
