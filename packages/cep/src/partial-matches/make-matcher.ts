/** The matcher that a strategy stands for. */
import type { StrategyChoice } from '../automaton/strategy.ts';
import { BranchingMatcher } from './branching-matcher.ts';
import { CompactMatcher } from './compact-matcher.ts';
import { LinearMatcher } from './linear-matcher.ts';
import type { Matcher, MatcherOptions } from './matcher.ts';
import { StateListMatcher } from './state-list-matcher.ts';

/** Live runs of a key up to which a walk along all of them is cheaper than an index. */
const LISTS_AT = 8;
/** The same for union lists; up to there matches come in Flink's order. */
const UNIONS_AT = 64;

/** `turnAt`: live runs of a key up to which it is kept in the plain way of its strategy; undefined: as measured. */
export function makeMatcher(choice: StrategyChoice, options: MatcherOptions, turnAt: number | undefined): Matcher {
  const linear = { ...options, running: choice.running };
  switch (choice.strategy) {
    case 'linear': return new LinearMatcher(linear);
    case 'state-lists':
    case 'partitions':
    case 'groups': return new StateListMatcher(linear, turnAt ?? LISTS_AT, choice);
    // where windows between neighbours end runs, each is looked at when time advances
    case 'aggregates': return options.automaton.hasGaps ? new LinearMatcher(linear) : new StateListMatcher(linear, turnAt ?? LISTS_AT, choice);
    case 'compact': return new CompactMatcher(options, turnAt ?? UNIONS_AT);
    case 'explicit': return new BranchingMatcher(options);
  }
}
