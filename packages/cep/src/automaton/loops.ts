/** Whether a run can take any number of events: the states of the automaton go round with an edge that takes one. */
import { type Automaton, IGNORE, STATE_STOP, TAKE } from './automaton.ts';

export function hasLoops({ stateCount, stateKind, edgesFrom, edgeAction, edgeTarget }: Automaton): boolean {
  const reaches = (from: number, to: number): boolean => {
    const seen = new Set([from]);
    for (const state of seen) {
      if (state === to) return true;
      for (let edge = edgesFrom[state] as number; edge < (edgesFrom[state + 1] as number); edge += 1) {
        if (edgeAction[edge] !== IGNORE && (edgeTarget[edge] as number) >= 0) seen.add(edgeTarget[edge] as number);
      }
    }
    return false;
  };
  for (let state = 0; state < stateCount; state += 1) {
    if (stateKind[state] === STATE_STOP) continue; // no run is ever there
    for (let edge = edgesFrom[state] as number; edge < (edgesFrom[state + 1] as number); edge += 1) {
      if (edgeAction[edge] === TAKE && (edgeTarget[edge] as number) >= 0 && reaches(edgeTarget[edge] as number, state)) return true;
    }
  }
  return false;
}
