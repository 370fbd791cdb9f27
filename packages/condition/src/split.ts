/**
 * A condition in two: what the event alone decides, and what needs the events of stages.
 *
 * Always  `both true` is the condition: evaluated(eventOnly) && evaluated(rest) with CEL's absorption of errors gives what
 *         the whole gives. So a kernel decides the first part once an event, and the second is asked only where the first
 *         is not false. Either part is null where there is none.
 */
import { type CheckedCondition, checkedExpression } from './check.ts';
import { BOOL } from './cel-type.ts';
import { type Expression, walk } from './expression.ts';

export interface SplitCondition {
  readonly eventOnly: CheckedCondition | null;
  readonly rest: CheckedCondition | null;
}

export function splitCondition(condition: CheckedCondition): SplitCondition {
  if (condition.stages.length === 0) return { eventOnly: condition, rest: null };
  const parts = conjuncts(condition.expression);
  const own = parts.filter((part) => !readsStage(part));
  if (own.length === 0) return { eventOnly: null, rest: condition };
  return { eventOnly: joined(condition, own), rest: joined(condition, parts.filter(readsStage)) };
}

/** The parts that && joins, however they are nested. */
export const conjuncts = (node: Expression): readonly Expression[] => (node.kind === 'and' ? node.parts.flatMap(conjuncts) : [node]);

function readsStage(node: Expression): boolean {
  let reads = false;
  walk(node, (inner) => { reads ||= inner.kind === 'stage'; });
  return reads;
}

/** Some parts of a condition as one. Keeps the whole text, so that positions in errors still point into it. */
export function joined(condition: CheckedCondition, parts: readonly Expression[]): CheckedCondition {
  const [first] = parts as [Expression];
  const expression: Expression = parts.length === 1 ? first : {
    kind: 'and', parts, type: BOOL, start: Math.min(...parts.map((part) => part.start)), end: Math.max(...parts.map((part) => part.end)),
  };
  return { ...checkedExpression(condition.text, expression, { stages: condition.stages }), ast: expression };
}
