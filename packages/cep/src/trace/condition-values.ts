/**
 * Condition values: a condition taken apart, each part with whether it holds and the values of what it reads.
 *
 * "event.amount >= 500.0 && event.ip == here[0].ip" gives two parts: `event.amount >= 500.0`, false, event.amount = 498;
 * and `event.ip == here[0].ip`, true, both addresses. Where a side of a comparison is computed, its result is a value too.
 *
 * Always  the parts are the members of the outermost &&; the condition holds iff they do, by CEL's rule for errors.
 * Not here: what follows from it (event-reasons.ts).
 */
import {
  type CelValue, type CheckedCondition, CostExceeded, EvaluationError, type EvaluationContext, type Expression, childrenOfExpression, compileValue, formatExpression,
} from '@tidemark/condition';

export interface ReadValue {
  readonly text: string;
  /** null where there is none; `error` then says why. */
  readonly value: CelValue;
  readonly error: string | null;
  /** A moment or a length of time is a number of milliseconds. */
  readonly kind: 'plain' | 'timestamp' | 'duration';
}

export interface ConditionPart {
  readonly text: string;
  /** 2 = it has no value. */
  readonly holds: 0 | 1 | 2;
  readonly values: readonly ReadValue[];
}

const VALUES_MAX = 8;

interface CompiledValue { readonly text: string; readonly kind: ReadValue['kind']; readonly read: (context: EvaluationContext) => CelValue }
interface CompiledPart { readonly text: string; readonly holds: (context: EvaluationContext) => CelValue; readonly values: readonly CompiledValue[] }

export class ConditionReader {
  readonly #parts: readonly CompiledPart[];

  constructor(condition: CheckedCondition, stages: readonly string[]) {
    this.#parts = partsOf(condition.expression).map((part): CompiledPart => {
      const reads = new Map<string, Expression>();
      collect(part, reads);
      return {
        text: formatExpression(part),
        holds: compiled(part, stages),
        values: [...reads].slice(0, VALUES_MAX).map(([text, node]) => ({
          text, kind: node.type.kind === 'timestamp' || node.type.kind === 'duration' ? node.type.kind : 'plain', read: compiled(node, stages),
        })),
      };
    });
  }

  read(context: EvaluationContext): readonly ConditionPart[] {
    return this.#parts.map(({ text, holds, values }) => {
      const held = attempt(() => holds(context));
      return {
        text, holds: held.error !== null ? 2 : held.value === true ? 1 : 0,
        values: values.map((value) => ({ text: value.text, kind: value.kind, ...attempt(() => value.read(context)) })),
      };
    });
  }
}

export const partsOf = (node: Expression): readonly Expression[] => (node.kind === 'and' ? node.parts.flatMap(partsOf) : [node]);

function compiled(node: Expression, stages: readonly string[]): (context: EvaluationContext) => CelValue {
  return compileValue({ text: formatExpression(node), expression: node, type: node.type, fields: [], stages: [] }, { stages });
}

function attempt(read: () => CelValue): { readonly value: CelValue; readonly error: string | null } {
  try {
    return { value: read(), error: null };
  } catch (error) {
    if (error instanceof EvaluationError || error instanceof CostExceeded) return { value: null, error: error.message };
    throw error;
  }
}

/** What a reader of the condition wants to see the value of: fields, counts and sums of stages, computed sides of comparisons. */
function collect(node: Expression, into: Map<string, Expression>): void {
  const note = (): void => { into.set(formatExpression(node), node); };
  switch (node.kind) {
    case 'literal':
    case 'stage':
    case 'variable': return;
    case 'field':
    case 'has':
      if (!readsVariable(node)) note();
      return;
    case 'macro':
      if (node.type.kind === 'bool' && !readsVariable(node)) note();
      return;
    case 'call': {
      const [first] = node.args;
      if (first?.type.kind === 'list') {
        if (!readsVariable(node)) note();
        return;
      }
      if (node.id === 'geoKm' && !readsVariable(node)) note();
      break;
    }
    case 'binary':
      for (const side of [node.left, node.right]) if (isComputed(side)) into.set(formatExpression(side), side);
      break;
    default:
  }
  for (const child of childrenOfExpression(node)) collect(child, into);
}

const isComputed = (node: Expression): boolean =>
  (node.kind === 'binary' || node.kind === 'negate' || node.kind === 'conditional') && node.type.kind !== 'bool' && node.type.kind !== 'event' && node.type.kind !== 'list' && !readsVariable(node);

/** Whether it reads the variable of a macro around it, so that it has no value by itself. */
function readsVariable(node: Expression, own: ReadonlySet<number> = new Set()): boolean {
  if (node.kind === 'variable') return !own.has(node.slot);
  const bound = node.kind === 'macro' ? new Set([...own, node.slot]) : own;
  return childrenOfExpression(node).some((child) => readsVariable(child, bound));
}
