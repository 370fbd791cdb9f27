/**
 * Compiled programs of one expression, over an EvaluationContext: predicate (throws), tri-state (does not), value.
 *
 * Always  a program owns its registers: it may be called as often as wanted, never from within itself or from two threads.
 *         Calling it allocates nothing but texts and lists that the expression builds.
 */
import { invariant } from '@tidemark/core';
import type { ColumnSet } from '@tidemark/event';
import type { CelType } from './cel-type.ts';
import type { CheckedCondition, CheckedExpression } from './check.ts';
import { Compiler, type CompileScope, type ListValue, enter, newFrame } from './closure.ts';
import { type EvaluationContext, eventContext } from './context.ts';
import { EvaluationError } from './evaluation-error.ts';
import { type Expression, walk } from './expression.ts';

/** Whether the event, with the events so far, satisfies the condition. Throws EvaluationError (CostExceeded among them). */
export type RowPredicate = (context: EvaluationContext) => boolean;

/** 0 false, 1 true, 2 evaluation error. */
export type Tri = 0 | 1 | 2;

export interface RowCondition {
  /** Never throws, but for CostExceeded, which no caller may swallow. */
  evaluate(context: EvaluationContext): Tri;
  /** Why the last evaluate gave 2; made on demand. Null after 0 or 1. */
  error(): EvaluationError | null;
}

/** A value of CEL as JavaScript has it. Timestamps and durations are milliseconds. */
export type CelValue = number | string | boolean | null | readonly CelValue[];

/**
 * Compiles a condition to closures. Stages are found in `scope.stages` by name: the index is what context.rows is asked for.
 * Errors  InvariantViolation where the scope lacks a stage that the condition reads: it was checked against another scope.
 */
export function compileCondition(condition: CheckedCondition, scope: CompileScope): RowCondition {
  const { expression } = condition;
  const frame = newFrame(slotsOf(expression));
  const test = new Compiler(scope).bool(expression);
  return {
    evaluate: (context) => {
      enter(frame, context);
      const value = test(frame);
      return frame.fault !== null ? 2 : value ? 1 : 0;
    },
    error: () => (frame.fault === null ? null : new EvaluationError(frame.fault)),
  };
}

/** The same as a function that throws. */
export function compilePredicate(condition: CheckedCondition, scope: CompileScope): RowPredicate {
  const { expression } = condition;
  const frame = newFrame(slotsOf(expression));
  const test = new Compiler(scope).bool(expression);
  return (context) => {
    enter(frame, context);
    const value = test(frame);
    if (frame.fault !== null) throw new EvaluationError(frame.fault);
    return value;
  };
}

/** Compiles an expression of any type. The value is a copy: it stays as it is. Throws EvaluationError. */
export function compileValue(checked: CheckedExpression, scope: CompileScope): (context: EvaluationContext) => CelValue {
  const { expression, type } = checked;
  const frame = newFrame(slotsOf(expression));
  const evaluate = new Compiler(scope).value(expression);
  invariant(!readsEvents(type), 'events as a whole are no values');
  return (context) => {
    enter(frame, context);
    const value = evaluate(frame);
    if (frame.fault !== null) throw new EvaluationError(frame.fault);
    return plain(value, type);
  };
}

/** Why a column kernel wrote 2 for a row: the error that evaluating the row alone gives. */
export function errorAt(condition: CheckedCondition, columns: ColumnSet, row: number): EvaluationError | null {
  const program = compileCondition(condition, { stages: [] });
  program.evaluate(eventContext(columns, row));
  return program.error();
}

const readsEvents = (type: CelType): boolean => type.kind === 'event' || (type.kind === 'list' && readsEvents(type.element));

function plain(value: unknown, type: CelType): CelValue {
  if (type.kind !== 'list') return value as CelValue;
  const { items, length } = value as ListValue;
  return Array.from({ length }, (_, i) => plain(items[i], type.element));
}

/** How many registers the macros of an expression need. */
export function slotsOf(expression: Expression): number {
  let slots = 0;
  walk(expression, (node) => {
    if (node.kind === 'macro') slots = Math.max(slots, node.slot + 1);
  });
  return slots;
}

