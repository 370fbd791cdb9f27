export type { Automaton, Branching, Predicate, SkipStrategy } from './automaton/automaton.ts';
export { type Strategy, type StrategyChoice, STRATEGIES, applicable, chooseStrategy } from './automaton/strategy.ts';
export { compile } from './compiler/compile.ts';
export { CepOperator, type CepOperatorOptions } from './operator/cep-operator.ts';
export { type PatternsOfKey, commonKeyFields, hasKey, patternsByKey } from './operator/patterns-by-key.ts';
export { PatternsOperator } from './operator/patterns-operator.ts';
export type { KeyGroups } from './operator/image.ts';
export type { EmittedMatch, EventPlace, MatchKind } from './partial-matches/emitted-match.ts';
export type { MatchSet } from './partial-matches/match-set.ts';
export type { Limits } from './partial-matches/limits.ts';
export type { EventRows } from './partial-matches/retained-events.ts';
export { MatchFormatter, type OutputLine, formatMatch } from './after-match/match-formatter.ts';
export { PatternRun } from './pattern-run.ts';
// where a deployed job's watermarks stand: whoever runs a pattern over a sample puts them there too
export { WatermarkGrid } from '@tidemark/dataflow';
