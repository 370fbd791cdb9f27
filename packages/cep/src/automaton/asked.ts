/**
 * What is known of a condition that reads earlier stages: how it can be decided without asking every partial match, or
 * without reading all of its events.
 *
 *   comparison  one part of the condition compares something of the event with something of the earlier events alone. The
 *               latter is a value of the partial match as long as it takes nothing, so partial matches can be kept by it.
 *   running     sums and the like over the events of a stage, its first and last event, its size: values that go along with a
 *               partial match and change by what it takes. `condition` reads them in place of the events.
 *
 * Always  a partial match for which the comparison is false does not satisfy the condition, whatever the rest says (CEL: false
 *         and error is false). `condition` gives for a partial match what the whole gives, where all running values have one.
 * Source  performance reference, 2e: classes C1, C2 and C2a.
 * Not here: indexes (partial-matches/run-index.ts), values (partial-matches/running-values.ts).
 */
import type { CelType, CheckedCondition, CheckedExpression, Expression } from '@tidemark/condition';
import { childrenOfExpression, walk } from '@tidemark/condition';

export type ComparisonOperator = '==' | '<' | '<=' | '>' | '>=';

export interface Comparison {
  /** `event` operator `earlier`. */
  readonly operator: ComparisonOperator;
  /** Of the current event. */
  readonly event: CheckedExpression;
  /** Of earlier events. */
  readonly earlier: CheckedExpression;
}

export type RunningKind = 'sum' | 'avg' | 'min' | 'max' | 'size' | 'first' | 'last';

export interface RunningValue {
  readonly kind: RunningKind;
  readonly stage: string;
  /** Of one event of the stage, written as if it were the current one; null for the size. */
  readonly of: CheckedExpression | null;
}

export interface RunningCondition {
  readonly values: readonly RunningValue[];
  /** Reads value i as field `fields + i` of the first event of stage RUN_STAGE. */
  readonly condition: CheckedCondition;
}

/** The stage under which a rewritten condition finds the partial match itself. */
export const RUN_STAGE = '$run';

const INT: CelType = { kind: 'int' };
const EVENT: CelType = { kind: 'event' };
const EVENTS: CelType = { kind: 'list', element: EVENT };

const MIRRORED: Readonly<Record<ComparisonOperator, ComparisonOperator>> = { '==': '==', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };
const ORDERED = new Set(['int', 'double', 'timestamp', 'duration']);
const EQUATED = new Set([...ORDERED, 'string', 'bool']);

function checked(expression: Expression): CheckedExpression {
  return { text: '', expression, type: expression.type, fields: [], stages: [] };
}

const contains = (node: Expression, wanted: (node: Expression) => boolean): boolean => {
  let found = false;
  walk(node, (inner) => { found ||= wanted(inner); });
  return found;
};
const readsStage = (node: Expression): boolean => contains(node, ({ kind }) => kind === 'stage');
const readsEvent = (node: Expression): boolean => contains(node, (inner) => (inner.kind === 'field' || inner.kind === 'has') && inner.of === null);

const conjuncts = (node: Expression): readonly Expression[] => (node.kind === 'and' ? node.parts.flatMap(conjuncts) : [node]);

/** The part of a condition by which partial matches can be kept, an equality where there is one; null where there is none. */
export function comparisonOf(condition: CheckedCondition): Comparison | null {
  const found = conjuncts(condition.expression).flatMap((part): Comparison[] => {
    if (part.kind !== 'binary' || !(part.operator in MIRRORED)) return [];
    const operator = part.operator as ComparisonOperator;
    if (!(operator === '==' ? EQUATED : ORDERED).has(part.operands.kind)) return [];
    const sides = [part.left, part.right] as const;
    const earlier = sides.findIndex((side) => readsStage(side) && !readsEvent(side));
    if (earlier === -1 || readsStage(sides[1 - earlier] as Expression)) return [];
    return [{ operator: earlier === 1 ? operator : MIRRORED[operator], event: checked(sides[1 - earlier] as Expression), earlier: checked(sides[earlier] as Expression) }];
  });
  return found.find(({ operator }) => operator === '==') ?? found[0] ?? null;
}

/** The condition over running values; null where it reads nothing that has one. `fields`: number of the schema's fields. */
export function runningConditionOf(condition: CheckedCondition, fields: number): RunningCondition | null {
  const values: RunningValue[] = [];
  const rewritten = rewrite(condition.expression, (node) => {
    const value = runningValueOf(node);
    if (value === null) return null;
    values.push(value);
    return valueOfRun(node, fields + values.length - 1);
  });
  return values.length === 0 ? null : { values, condition: { ...condition, expression: rewritten, ast: rewritten } };
}

const isNumeric = ({ type }: Expression): boolean => ORDERED.has(type.kind);
const isLiteral = (node: Expression, value: number): boolean => node.kind === 'literal' && node.value === value;
const sizeOfStage = (node: Expression): string | null =>
  (node.kind === 'call' && node.id === 'size-list' && node.args[0]?.kind === 'stage' ? node.args[0].name : null);

function runningValueOf(node: Expression): RunningValue | null {
  const size = sizeOfStage(node);
  if (size !== null) return { kind: 'size', stage: size, of: null };
  if (node.kind === 'field' && node.of?.kind === 'index' && node.of.list.kind === 'stage' && isNumeric(node)) {
    const { list, index } = node.of;
    const of = checked({ ...node, of: null });
    if (isLiteral(index, 0)) return { kind: 'first', stage: list.name, of };
    const isLast = index.kind === 'binary' && index.operator === '-' && isLiteral(index.right, 1) && sizeOfStage(index.left) === list.name;
    return isLast ? { kind: 'last', stage: list.name, of } : null;
  }
  if (node.kind !== 'call' || (node.id !== 'sum' && node.id !== 'avg' && node.id !== 'min' && node.id !== 'max')) return null;
  const [list] = node.args;
  if (list?.kind !== 'macro' || list.macro !== 'map' || list.filter !== null || list.list.kind !== 'stage' || !isNumeric(list.body)) return null;
  const of = asCurrentEvent(list.body, list.slot);
  return of === null ? null : { kind: node.id, stage: list.list.name, of: checked(of) };
}

/** An expression over the variable of a macro as one over the current event; null where it reads anything else. */
function asCurrentEvent(body: Expression, slot: number): Expression | null {
  const isVariable = (node: Expression | null): boolean => node?.kind === 'variable' && node.slot === slot;
  const rewritten = rewrite(body, (node) => ((node.kind === 'field' || node.kind === 'has') && isVariable(node.of) ? { ...node, of: null } : null));
  const other = contains(rewritten, ({ kind }) => kind === 'variable' || kind === 'stage' || kind === 'macro');
  return other || readsEvent(body) ? null : rewritten;
}

function valueOfRun({ start, end, type }: Expression, field: number): Expression {
  const at = { start, end };
  const list: Expression = { ...at, kind: 'stage', name: RUN_STAGE, type: EVENTS };
  const zero: Expression = { ...at, kind: 'literal', value: 0, type: INT };
  return { ...at, kind: 'field', of: { ...at, kind: 'index', list, index: zero, type: EVENT }, field, name: `$${field}`, type };
}

/** A copy in which `replace` has replaced the outermost nodes for which it has an answer. */
function rewrite(node: Expression, replace: (node: Expression) => Expression | null): Expression {
  const replaced = replace(node);
  if (replaced !== null) return replaced;
  if (childrenOfExpression(node).length === 0) return node;
  const of = (child: Expression): Expression => rewrite(child, replace);
  switch (node.kind) {
    case 'field':
    case 'has': return { ...node, of: node.of === null ? null : of(node.of) };
    case 'and':
    case 'or': return { ...node, parts: node.parts.map(of) };
    case 'not':
    case 'negate': return { ...node, operand: of(node.operand) };
    case 'binary': return { ...node, left: of(node.left), right: of(node.right) };
    case 'conditional': return { ...node, condition: of(node.condition), whenTrue: of(node.whenTrue), whenFalse: of(node.whenFalse) };
    case 'index': return { ...node, list: of(node.list), index: of(node.index) };
    case 'list': return { ...node, items: node.items.map(of) };
    case 'call': return { ...node, args: node.args.map(of) };
    // what is inside belongs to the macro's variable
    case 'macro': return { ...node, list: of(node.list) };
    default: return node;
  }
}
