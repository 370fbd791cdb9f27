export {
  type Checked, type CheckedAny, type CheckedCondition, type CheckedExpression, checkCondition, checkExpression, signature,
} from './check.ts';
export { type CelType, sameType, typeName } from './cel-type.ts';
export { type CompileScope, formatNumber } from './closure.ts';
export { type ColumnStatistics, type Completion, completions } from './completion.ts';
export { type EvaluationContext, EVALUATION_BUDGET, RowList, eventContext } from './context.ts';
export { type Language, describe } from './describe.ts';
export { CostExceeded, EvaluationError, type Fault, type FaultCode } from './evaluation-error.ts';
export { type Expression, type MacroName, childrenOfExpression, walk } from './expression.ts';
export { fieldText, formatExpression, hasText, quote, stageText } from './format.ts';
export { FUNCTIONS, type FunctionId, type FunctionSpec } from './functions.ts';
export { geoKm } from './geo.ts';
export type { ConditionIssue, ConditionIssueCode } from './issue.ts';
export { type ColumnKernel, compileKernel } from './kernel.ts';
export { formatTimestamp } from './moment.ts';
export { type CelValue, type RowCondition, type RowPredicate, type Tri, compileCondition, compilePredicate, compileValue, errorAt } from './program.ts';
export { rename, renameInTemplate } from './rename.ts';
export { type BuilderRow, type BuilderRows, type RowOperand, type RowOperator, operatorsFor, placeIn, rowsOf, textOf } from './rows.ts';
export { type ConditionScope, isIdentifier } from './scope.ts';
export { type SplitCondition, splitCondition } from './split.ts';
export { type RequiredText, partsBeside, requiredTexts } from './required-texts.ts';
export { nearest } from './suggest.ts';
export { DEPTH_MAX, TEXT_BYTES_MAX } from './syntax.ts';
export { compareTexts } from './text-order.ts';
export { type CheckedTemplate, type CheckedTemplateResult, type TemplatePart, checkTemplate, compileTemplate } from './template.ts';
