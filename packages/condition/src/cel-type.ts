/**
 * Types of the offered part of CEL.
 *
 * Always  int and double are both JavaScript numbers at run time, so that int -> double costs nothing; the type decides what
 *         `/`, `%` and overflow mean. `unknown` stands for "an issue was already given": it fits everywhere and gives none more.
 *         `nothing` is the element type of `[]` and fits every element type.
 * Not here: uint, bytes, map, dyn, messages: they are not offered (SPEC.md, CK9).
 */
import type { FieldType } from '@tidemark/event';

export type CelType =
  | { readonly kind: 'bool' | 'int' | 'double' | 'string' | 'null' | 'timestamp' | 'duration' | 'event' | 'unknown' | 'nothing' }
  | { readonly kind: 'list'; readonly element: CelType };

export const BOOL: CelType = { kind: 'bool' };
export const INT: CelType = { kind: 'int' };
export const DOUBLE: CelType = { kind: 'double' };
export const STRING: CelType = { kind: 'string' };
export const NULL: CelType = { kind: 'null' };
export const TIMESTAMP: CelType = { kind: 'timestamp' };
export const DURATION: CelType = { kind: 'duration' };
export const EVENT: CelType = { kind: 'event' };
export const UNKNOWN: CelType = { kind: 'unknown' };
export const NOTHING: CelType = { kind: 'nothing' };
export const EVENTS: CelType = { kind: 'list', element: EVENT };

export const listOf = (element: CelType): CelType => ({ kind: 'list', element });

const BY_FIELD_TYPE: Readonly<Record<FieldType, CelType>> = { bool: BOOL, int: INT, double: DOUBLE, string: STRING };
export const typeOfField = (type: FieldType): CelType => BY_FIELD_TYPE[type];

export const isNumber = (type: CelType): boolean => type.kind === 'int' || type.kind === 'double';

/** As it is written in sentences: `list<double>`. */
export function typeName(type: CelType): string {
  if (type.kind !== 'list') return type.kind;
  return type.element.kind === 'nothing' ? 'list' : `list<${typeName(type.element)}>`;
}

export function sameType(left: CelType, right: CelType): boolean {
  if (left.kind === 'list' && right.kind === 'list') return sameType(left.element, right.element);
  return left.kind === right.kind;
}

/** The one type that values of both fit into (int beside double gives double), or null. */
export function unify(left: CelType, right: CelType): CelType | null {
  if (left.kind === 'unknown' || right.kind === 'unknown') return UNKNOWN;
  if (left.kind === 'nothing') return right;
  if (right.kind === 'nothing') return left;
  if (left.kind === 'list' && right.kind === 'list') {
    const element = unify(left.element, right.element);
    return element === null ? null : listOf(element);
  }
  if (left.kind === right.kind) return left;
  return isNumber(left) && isNumber(right) ? DOUBLE : null;
}
