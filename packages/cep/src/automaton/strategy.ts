/**
 * Strategy: how the partial matches of a pattern are kept, and why.
 *
 *   linear       one list for each key in order of start: at most one run lives for each start event
 *   state-lists  the same, and beside it a list for each state a run waits in
 *   compact      lists that share, one for each state, once a key has many partial matches (tECS)
 *   explicit     every run for itself, in Flink's order
 *
 * Always  every strategy that applies gives what the reference gives; they differ in cost. `applicable` says which do.
 * Source  performance reference, 2e (classes); DESIGN 6, "Order and compact structures".
 */
import { JobFault } from '@tidemark/core';
import { type Automaton, STATE_NORMAL, STATE_PENDING } from './automaton.ts';

export type Strategy = 'linear' | 'state-lists' | 'compact' | 'explicit';

export interface StrategyChoice {
  readonly strategy: Strategy;
}

export const STRATEGIES: readonly Strategy[] = ['linear', 'state-lists', 'compact', 'explicit'];

/** The strategy that the compiler chooses, or the one that is forced; a fault where that one does not apply. */
export function chooseStrategy(automaton: Automaton, forced: Strategy | 'auto'): StrategyChoice {
  if (forced === 'auto') return { strategy: best(automaton) };
  const why = refusal(automaton, forced);
  if (why !== null) {
    throw new JobFault(`Partial matches of this pattern cannot be kept as ${forced}: ${why}.`, {
      domain: 'user', retry: 'no-retry', code: 'strategy-not-applicable', operatorId: null,
      remedy: `Use one of: auto, ${applicable(automaton).join(', ')}.`,
    });
  }
  return { strategy: forced };
}

function best(automaton: Automaton): Strategy {
  // with one state to wait in, the list of the key is that of the state
  if (refusal(automaton, 'state-lists') === null && waitingStates(automaton).length > 1) return 'state-lists';
  if (refusal(automaton, 'linear') === null) return 'linear';
  return refusal(automaton, 'compact') === null ? 'compact' : 'explicit';
}

export const applicable = (automaton: Automaton): readonly Strategy[] => STRATEGIES.filter((strategy) => refusal(automaton, strategy) === null);

/** States in which a run can wait. */
export function waitingStates(automaton: Automaton): number[] {
  return [...automaton.stateKind.keys()].filter((state) => automaton.stateKind[state] === STATE_NORMAL || automaton.stateKind[state] === STATE_PENDING);
}

const isLinear = (automaton: Automaton): boolean =>
  automaton.branching === 'linear' || (automaton.branching === 'linear-no-skip' && automaton.skip.kind === 'NO_SKIP');

/** Why a strategy does not apply; null where it does. */
function refusal(automaton: Automaton, strategy: Strategy): string | null {
  switch (strategy) {
    case 'explicit': return null;
    case 'compact':
      if (automaton.skip.kind !== 'NO_SKIP') return 'the skip strategy chooses among single partial matches';
      if (automaton.hasGaps) return 'a window between neighbouring events ends each partial match at a time of its own';
      return automaton.predicates.length > automaton.columnPredicateCount ? 'a condition reads earlier events' : null;
    case 'linear': return isLinear(automaton) ? null : 'one start can have several partial matches';
    case 'state-lists':
      if (!isLinear(automaton)) return 'one start can have several partial matches';
      return automaton.hasGaps ? 'windows between neighbouring events end partial matches in another order than that of their starts' : null;
  }
}
