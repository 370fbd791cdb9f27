/**
 * Strategy: how the partial matches of a pattern are kept.
 *
 *   linear       one list for each key in order of start: at most one partial match lives for each start
 *   state-lists  the same, and beside it a list for each state a partial match waits in
 *   partitions   the same, and where one part of a condition is an equality with earlier events, by that value
 *   groups       the same, and where it is a comparison with earlier events, in order of that value
 *   aggregates   the same, and sums and the like over a stage's events go along with each partial match
 *   compact      lists that share, one for each state, once a key has many partial matches
 *   explicit     every partial match for itself, in Flink's order
 *
 * Always  every strategy that applies gives what the reference gives; they differ in cost. What the compiler chooses by
 *         itself uses all that applies; one that is forced uses nothing else.
 * Source  performance reference, 2e (classes); DESIGN 6, "Order and compact structures".
 * Not here: what it means for the cost, in words (explain/).
 */
import { JobFault } from '@tidemark/core';
import { comparisonOf, runningConditionOf } from './asked.ts';
import { type Automaton, STATE_NORMAL, STATE_PENDING } from './automaton.ts';

export type Strategy = 'linear' | 'state-lists' | 'partitions' | 'groups' | 'aggregates' | 'compact' | 'explicit';

export interface StrategyChoice {
  readonly strategy: Strategy;
  /** Keep runs by values that an equality, or a comparison by order, asks for. */
  readonly equal: boolean;
  readonly order: boolean;
  /** Let sums and the like go along with runs. */
  readonly running: boolean;
}

export const STRATEGIES: readonly Strategy[] = ['linear', 'state-lists', 'partitions', 'groups', 'aggregates', 'compact', 'explicit'];

/** The strategy that the compiler chooses, or the one that is forced; a fault where that one does not apply. */
export function chooseStrategy(automaton: Automaton, forced: Strategy | 'auto'): StrategyChoice {
  if (forced === 'auto') return { strategy: best(automaton), equal: true, order: true, running: true };
  const why = refusal(automaton, forced);
  if (why !== null) {
    throw new JobFault(`Partial matches of this pattern cannot be kept as ${forced}: ${why}.`, {
      domain: 'user', retry: 'no-retry', code: 'strategy-not-applicable', operatorId: null,
      remedy: `Use one of: auto, ${applicable(automaton).join(', ')}.`,
    });
  }
  return { strategy: forced, equal: forced === 'partitions', order: forced === 'groups', running: forced === 'aggregates' };
}

function best(automaton: Automaton): Strategy {
  const found = (['partitions', 'groups', 'aggregates'] as const).find((strategy) => refusal(automaton, strategy) === null);
  if (found !== undefined) return found;
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

export const isLinear = (automaton: Automaton): boolean =>
  automaton.branching === 'linear' || (automaton.branching === 'linear-no-skip' && automaton.skip.kind === 'NO_SKIP');

/** Conditions that read earlier stages. */
export const askedConditions = (automaton: Automaton) => automaton.predicates.slice(automaton.columnPredicateCount);

const comparisons = (automaton: Automaton) => askedConditions(automaton).flatMap(({ condition }) => comparisonOf(condition) ?? []);

/** Why a strategy does not apply; null where it does. */
export function refusal(automaton: Automaton, strategy: Strategy): string | null {
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
    case 'partitions':
      return refusal(automaton, 'state-lists') ?? (comparisons(automaton).some(({ operator }) => operator === '==') ? null : 'no condition is an equality with earlier events alone');
    case 'groups':
      return refusal(automaton, 'state-lists') ?? (comparisons(automaton).some(({ operator }) => operator !== '==') ? null : 'no condition compares the event with earlier events alone');
    case 'aggregates':
      return refusal(automaton, 'linear') ?? (askedConditions(automaton).some(({ condition }) => runningConditionOf(condition, 0) !== null) ? null : 'no condition reads a sum, a size, the first or the last event of a stage');
  }
}
