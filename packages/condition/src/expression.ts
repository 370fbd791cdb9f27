/**
 * A checked expression: every name resolved, every type known. What kernels, closures, describe and rows are made from,
 * and what an engine looks at to choose a strategy (cep: "which stages does it read, and how").
 *
 * Always  plain data; `field` is an index in schema.fields; a stage is its name (the index is the scope's business);
 *         `slot` numbers a macro's variable, unique within one expression.
 */
import type { CelType } from './cel-type.ts';
import type { FunctionId } from './functions.ts';
import type { BinaryOperator } from './syntax.ts';

export type MacroName = 'map' | 'filter' | 'exists' | 'exists_one' | 'all';

export type Expression = { readonly start: number; readonly end: number; readonly type: CelType } & (
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  /** A field of the event being looked at (`of` null), or of an event of a stage. */
  | { readonly kind: 'field'; readonly of: Expression | null; readonly field: number; readonly name: string }
  | { readonly kind: 'has'; readonly of: Expression | null; readonly field: number; readonly name: string }
  | { readonly kind: 'stage'; readonly name: string }
  | { readonly kind: 'variable'; readonly name: string; readonly slot: number }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Expression[] }
  | { readonly kind: 'not' | 'negate'; readonly operand: Expression }
  /** `operands` is the type in which both are compared or combined. */
  | { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly left: Expression; readonly right: Expression; readonly operands: CelType }
  | { readonly kind: 'conditional'; readonly condition: Expression; readonly whenTrue: Expression; readonly whenFalse: Expression }
  | { readonly kind: 'index'; readonly list: Expression; readonly index: Expression }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'call'; readonly id: FunctionId; readonly args: readonly Expression[] }
  | { readonly kind: 'macro'; readonly macro: MacroName; readonly list: Expression; readonly variable: string; readonly slot: number; readonly filter: Expression | null; readonly body: Expression }
);

export function childrenOfExpression(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case 'field':
    case 'has': return node.of === null ? [] : [node.of];
    case 'and':
    case 'or': return node.parts;
    case 'not':
    case 'negate': return [node.operand];
    case 'binary': return [node.left, node.right];
    case 'conditional': return [node.condition, node.whenTrue, node.whenFalse];
    case 'index': return [node.list, node.index];
    case 'list': return node.items;
    case 'call': return node.args;
    case 'macro': return node.filter === null ? [node.list, node.body] : [node.list, node.filter, node.body];
    default: return [];
  }
}

/** Calls `see` for the node and everything below it, parents first. */
export function walk(node: Expression, see: (node: Expression) => void): void {
  see(node);
  for (const child of childrenOfExpression(node)) walk(child, see);
}

/** Number of nodes: the static part of the cost of an evaluation. */
export function sizeOf(node: Expression): number {
  let nodes = 0;
  walk(node, () => { nodes += 1; });
  return nodes;
}
