export {
  type Checked, type CheckedAny, type CheckedCondition, type CheckedExpression, checkCondition, checkExpression,
} from './check.ts';
export { type CelType, sameType, typeName } from './cel-type.ts';
export { type EvaluationContext, EVALUATION_BUDGET, RowList, eventContext } from './context.ts';
export { CostExceeded, EvaluationError, type FaultCode } from './evaluation-error.ts';
export { type Expression, type MacroName, childrenOfExpression, walk } from './expression.ts';
export type { ConditionIssue, ConditionIssueCode } from './issue.ts';
export { type ColumnKernel, compileKernel } from './kernel.ts';
export { type CompileScope, formatNumber } from './closure.ts';
export { type CelValue, type RowCondition, type RowPredicate, type Tri, compileCondition, compilePredicate, compileValue, errorAt } from './program.ts';
export { type ConditionScope, isIdentifier } from './scope.ts';
export { type SplitCondition, splitCondition } from './split.ts';
export { DEPTH_MAX, TEXT_BYTES_MAX } from './syntax.ts';
