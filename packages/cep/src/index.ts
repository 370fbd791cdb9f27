export type { Automaton, Branching, Predicate, SkipStrategy } from './automaton/automaton.ts';
export { compile } from './compiler/compile.ts';
export { CepOperator, type CepOperatorOptions } from './operator/cep-operator.ts';
export type { KeyGroups } from './operator/image.ts';
export type { EmittedMatch, EventPlace, MatchKind } from './partial-matches/emitted-match.ts';
export type { Limits } from './partial-matches/matcher.ts';
export type { EventRows } from './partial-matches/retained-events.ts';
export { MatchFormatter, type OutputLine, formatMatch } from './after-match/match-formatter.ts';
export { PatternRun } from './pattern-run.ts';
// where a deployed job's watermarks stand: whoever runs a pattern over a sample puts them there too
export { WatermarkGrid } from '@tidemark/dataflow';
export { Trace, type TraceOptions, trace } from './trace/trace.ts';
export type { RefusedBy } from './trace/attempts.ts';
export type { ConditionPart, ReadValue } from './trace/condition-values.ts';
export type { EventReasons, KeyStep, RunReason, StageReasons, StageVerdict, TracedEnding, TracedEvent, TracedWay } from './trace/event-reasons.ts';
export type { EndReason } from './trace/key-tracer.ts';
export type { Furthest, StageSummary, TraceSummary, VerdictCode } from './trace/trace-summary.ts';
export { type CostClass, type PatternCost, patternCost } from './explain/cost-class.ts';
export { type Explanation, type StageExplanation, type Words, explain } from './explain/explain.ts';
