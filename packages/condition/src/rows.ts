/**
 * Conditions as rows of a form and back: field, operator, value.
 *
 * Rules (SPEC.md, BR1 …)
 * Always  lossless where representable: the text made from the rows means the same as the condition, error for error; what
 *         a form cannot show gives null ("edited as text") as a whole, never a part of it.
 */
import { type FieldSchema, fieldIndex } from '@tidemark/event';
import type { CheckedCondition } from './check.ts';
import type { Expression } from './expression.ts';
import { fieldText, hasText, numberText, quote, stageText } from './format.ts';
import type { FunctionId } from './functions.ts';
import type { ConditionScope } from './scope.ts';

export type RowOperator =
  | 'is' | 'is-not' | 'below' | 'at-most' | 'above' | 'at-least' | 'one-of' | 'none-of'
  | 'starts-with' | 'not-starts-with' | 'ends-with' | 'not-ends-with' | 'contains' | 'not-contains' | 'matches' | 'not-matches'
  | 'present' | 'absent';

export type RowOperand =
  | { readonly kind: 'none' }
  | { readonly kind: 'value'; readonly value: string | number | boolean }
  | { readonly kind: 'values'; readonly values: readonly (string | number | boolean)[] }
  /** Another field of the same event. */
  | { readonly kind: 'field'; readonly field: string }
  /** "same as fail.ip", "more than first.amount × 1.5 + 10": a field of the first or last event of a stage. */
  | { readonly kind: 'stage'; readonly stage: string; readonly which: 'first' | 'last'; readonly field: string; readonly factor: number | null; readonly plus: number | null };

export interface BuilderRow {
  readonly field: string;
  readonly operator: RowOperator;
  readonly operand: RowOperand;
}

/** All rows must hold, or any of them. */
export interface BuilderRows {
  readonly combine: 'all' | 'any';
  readonly rows: readonly BuilderRow[];
}

/** Operators that a form offers for a field, in the order in which it shows them. */
export function operatorsFor(field: FieldSchema): readonly RowOperator[] {
  const presence: readonly RowOperator[] = field.optional === true ? ['present', 'absent'] : [];
  switch (field.type) {
    case 'string':
      return ['is', 'is-not', 'one-of', 'none-of', 'starts-with', 'not-starts-with', 'ends-with', 'not-ends-with', 'contains', 'not-contains', 'matches', 'not-matches', ...presence];
    case 'bool':
      return ['is', 'is-not', ...presence];
    default:
      return ['is', 'is-not', 'below', 'at-most', 'above', 'at-least', 'one-of', 'none-of', ...presence];
  }
}

const NEGATED: Readonly<Record<RowOperator, RowOperator | null>> = {
  is: 'is-not', 'is-not': 'is', 'one-of': 'none-of', 'none-of': 'one-of', present: 'absent', absent: 'present',
  'starts-with': 'not-starts-with', 'not-starts-with': 'starts-with', 'ends-with': 'not-ends-with', 'not-ends-with': 'ends-with',
  contains: 'not-contains', 'not-contains': 'contains', matches: 'not-matches', 'not-matches': 'matches',
  // Not "at least": a comparison with NaN is false both ways.
  below: null, 'at-most': null, above: null, 'at-least': null,
};
const BY_SIGN: ReadonlyMap<string, RowOperator> = new Map([['==', 'is'], ['!=', 'is-not'], ['<', 'below'], ['<=', 'at-most'], ['>', 'above'], ['>=', 'at-least']]);
const MIRRORED: ReadonlyMap<string, string> = new Map([['==', '=='], ['!=', '!='], ['<', '>'], ['<=', '>='], ['>', '<'], ['>=', '<=']]);
const BY_FUNCTION: ReadonlyMap<FunctionId, RowOperator> = new Map([['startsWith', 'starts-with'], ['endsWith', 'ends-with'], ['contains', 'contains'], ['matches', 'matches']]);

/** The condition as rows, or null where a form cannot show it. */
export function rowsOf(condition: CheckedCondition): BuilderRows | null {
  const node = condition.expression;
  const parts = node.kind === 'and' || node.kind === 'or' ? node.parts : [node];
  const rows: BuilderRow[] = [];
  for (const part of parts) {
    const row = rowOf(part);
    if (row === null) return null;
    rows.push(row);
  }
  return { combine: node.kind === 'or' ? 'any' : 'all', rows };
}

function rowOf(node: Expression): BuilderRow | null {
  switch (node.kind) {
    case 'has': return node.of === null ? { field: node.name, operator: 'present', operand: { kind: 'none' } } : null;
    case 'field': return isEventField(node) ? { field: node.name, operator: 'is', operand: { kind: 'value', value: true } } : null;
    case 'not': return negate(node.operand);
    case 'call': {
      const operator = BY_FUNCTION.get(node.id);
      const [text, part] = node.args;
      if (operator === undefined || !isEventField(text) || part?.kind !== 'literal') return null;
      return { field: text.name, operator, operand: { kind: 'value', value: part.value as string } };
    }
    case 'binary': return comparison(node);
    default: return null;
  }
}

function negate(node: Expression): BuilderRow | null {
  if (isEventField(node)) return { field: node.name, operator: 'is', operand: { kind: 'value', value: false } };
  const row = rowOf(node);
  const operator = row === null ? null : NEGATED[row.operator];
  return row === null || operator === null ? null : { ...row, operator };
}

function comparison(node: Expression & { kind: 'binary' }): BuilderRow | null {
  const { operator: sign, left, right } = node;
  if (sign === 'in') {
    if (!isEventField(left) || right.kind !== 'list' || right.items.length === 0) return null;
    const values: (string | number | boolean)[] = [];
    for (const item of right.items) {
      if (item.kind !== 'literal' || item.value === null) return null;
      values.push(item.value);
    }
    return { field: left.name, operator: 'one-of', operand: { kind: 'values', values } };
  }
  // Timestamps, and bools or texts in order, are beyond a form.
  if (node.operands.kind === 'bool' && sign !== '==' && sign !== '!=') return null;
  if (node.operands.kind === 'string' && sign !== '==' && sign !== '!=') return null;
  const subject = isEventField(left) ? left : right;
  const object = subject === left ? right : left;
  if (!isEventField(subject)) return null;
  const operator = BY_SIGN.get(subject === left ? sign : (MIRRORED.get(sign) ?? ''));
  const operand = operandOf(object);
  return operator === undefined || operand === null ? null : { field: subject.name, operator, operand };
}

function operandOf(node: Expression): RowOperand | null {
  if (node.kind === 'literal') return node.value === null ? null : { kind: 'value', value: node.value };
  if (isEventField(node)) return { kind: 'field', field: node.name };
  const plain = stageField(node);
  if (plain !== null) return { ...plain, factor: null, plus: null };
  if (node.kind !== 'binary') return null;
  const scaled = scaledField(node);
  if (scaled !== null) return { ...scaled, plus: null };
  if (node.operator !== '+' && node.operator !== '-') return null;
  const { left, right } = node;
  if (right.kind !== 'literal' || typeof right.value !== 'number') return null;
  const inner = stageField(left);
  const base = inner === null ? scaledField(left) : { ...inner, factor: null };
  if (base === null || !keepsType(node, right, left)) return null;
  const plus = node.operator === '-' ? 0 - right.value : right.value;
  // + 0 is nothing a form can show; -0.0 is nobody's wish.
  return plus === 0 ? null : { ...base, plus };
}

interface StageField {
  readonly kind: 'stage';
  readonly stage: string;
  readonly which: 'first' | 'last';
  readonly field: string;
}

function scaledField(node: Expression): (StageField & { readonly factor: number }) | null {
  if (node.kind !== 'binary' || node.operator !== '*') return null;
  const [number, field] = node.left.kind === 'literal' ? [node.left, node.right] : [node.right, node.left];
  const inner = stageField(field);
  if (inner === null || number.kind !== 'literal' || typeof number.value !== 'number' || !keepsType(node, number, field)) return null;
  return Object.is(number.value, -0) ? null : { ...inner, factor: number.value };
}

/** A form shows 2 and not 2.0: then 2 must mean what was written, and int arithmetic can overflow where double cannot. */
function keepsType(node: Expression & { kind: 'binary' }, number: Expression & { kind: 'literal' }, field: Expression): boolean {
  return (field.kind === 'binary' ? field.operands : field.type).kind === node.operands.kind || !Number.isInteger(number.value);
}

/** fail[0].ip or fail[size(fail) - 1].ip */
function stageField(node: Expression): StageField | null {
  if (node.kind !== 'field' || node.of === null || node.of.kind !== 'index' || node.of.list.kind !== 'stage') return null;
  const stage = node.of.list.name;
  const which = placeIn(node.of.index, stage);
  return which === null ? null : { kind: 'stage', stage, which, field: node.name };
}

/** Which element of a stage an index names. */
export function placeIn(index: Expression, stage: string): 'first' | 'last' | null {
  if (index.kind === 'literal' && index.value === 0) return 'first';
  if (index.kind !== 'binary' || index.operator !== '-' || index.right.kind !== 'literal' || index.right.value !== 1) return null;
  const { left } = index;
  return left.kind === 'call' && left.id === 'size-list' && left.args[0]?.kind === 'stage' && left.args[0].name === stage ? 'last' : null;
}

const isEventField = (node: Expression | undefined): node is Expression & { kind: 'field' } => node?.kind === 'field' && node.of === null;

/** CEL of the rows. Rows on fields that the schema lacks, or half filled in, are written as they are; the checker says what is wrong. */
export function textOf({ combine, rows }: BuilderRows, scope: ConditionScope): string {
  return rows.map((row) => rowText(row, scope)).join(combine === 'all' ? ' && ' : ' || ');
}

function rowText({ field, operator, operand }: BuilderRow, scope: ConditionScope): string {
  const subject = fieldText('event', field);
  const kind = kindOf(field, scope);
  const object = operandText(operand, kind, scope);
  switch (operator) {
    case 'present': return hasText('event', field);
    case 'absent': {
      const present = hasText('event', field);
      return present.startsWith('has(') ? `!${present}` : `!(${present})`;
    }
    case 'is':
      if (kind === 'bool' && operand.kind === 'value') return operand.value === false ? `!${subject}` : subject;
      return `${subject} == ${object}`;
    case 'is-not': return `${subject} != ${object}`;
    case 'below': return `${subject} < ${object}`;
    case 'at-most': return `${subject} <= ${object}`;
    case 'above': return `${subject} > ${object}`;
    case 'at-least': return `${subject} >= ${object}`;
    case 'one-of': return `${subject} in ${object}`;
    case 'none-of': return `!(${subject} in ${object})`;
    case 'starts-with': return `${subject}.startsWith(${object})`;
    case 'ends-with': return `${subject}.endsWith(${object})`;
    case 'contains': return `${subject}.contains(${object})`;
    case 'matches': return `${subject}.matches(${object})`;
    case 'not-starts-with': return `!${subject}.startsWith(${object})`;
    case 'not-ends-with': return `!${subject}.endsWith(${object})`;
    case 'not-contains': return `!${subject}.contains(${object})`;
    default: return `!${subject}.matches(${object})`;
  }
}

function kindOf(field: string, scope: ConditionScope): string {
  return scope.schema.fields[fieldIndex(scope.schema, field)]?.type ?? 'string';
}

function valueText(value: string | number | boolean, kind: string): string {
  if (typeof value === 'string') return quote(value);
  return typeof value === 'number' ? numberText(value, kind === 'int' && Number.isSafeInteger(value) && !Object.is(value, -0) ? 'int' : 'double') : String(value);
}

function operandText(operand: RowOperand, kind: string, scope: ConditionScope): string {
  switch (operand.kind) {
    case 'none': return '';
    case 'value': return valueText(operand.value, kind);
    case 'values': {
      // Ints beside doubles would be a list of doubles anyway: say so.
      const mixed = operand.values.some((value) => typeof value === 'number' && !Number.isInteger(value)) ? 'double' : kind;
      return `[${operand.values.map((value) => valueText(value, mixed)).join(', ')}]`;
    }
    case 'field': return fieldText('event', operand.field);
    default: {
      const stage = stageText(operand.stage);
      const own = kindOf(operand.field, scope);
      let text = fieldText(`${stage}[${operand.which === 'first' ? '0' : `size(${stage}) - 1`}]`, operand.field);
      let result = own;
      if (operand.factor !== null) {
        text = `${text} * ${valueText(operand.factor, own)}`;
        if (!Number.isInteger(operand.factor)) result = 'double';
      }
      if (operand.plus !== null) text = `${text} ${operand.plus < 0 ? '-' : '+'} ${valueText(Math.abs(operand.plus), result)}`;
      return text;
    }
  }
}
