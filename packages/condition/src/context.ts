/**
 * What an evaluation reads, given by whoever evaluates: the engine, a test, the formatter of output lines.
 *
 * Always  nothing here is copied or kept: the evaluator reads through the context during the call and forgets it.
 *         `batch` and `retained` have the schema that the condition was checked against, columns in its order.
 * Use     one context object for a whole engine, its fields set before each evaluation; one RowList for each stage, refilled
 *         when another partial match is looked at. Then an evaluation allocates nothing.
 */
import type { ColumnSet } from '@tidemark/event';

/** Row numbers, oldest first: what one stage has accepted so far. `items` may be longer than `length`. */
export class RowList {
  items: Int32Array = new Int32Array(8);
  length = 0;

  clear(): void {
    this.length = 0;
  }

  push(row: number): void {
    if (this.length === this.items.length) {
      const wider = new Int32Array(this.items.length * 2);
      wider.set(this.items);
      this.items = wider;
    }
    this.items[this.length++] = row;
  }

  set(rows: ArrayLike<number>): this {
    this.length = 0;
    for (let i = 0; i < rows.length; i++) this.push(rows[i] as number);
    return this;
  }
}

export interface EvaluationContext {
  /** The event being looked at is row `row` of `batch`. Not read by output texts. */
  batch: ColumnSet;
  row: number;
  /** Where the events of the stages lie. May be the same set as `batch`. */
  retained: ColumnSet;
  /**
   * Rows of `retained` that a stage has accepted so far, without the current event; empty for a stage that has none.
   * `stage` is the index in scope.stages. Called each time the condition names the stage: keep the answer.
   */
  rows(stage: number): RowList;
  /**
   * Cost left, in nodes of the expression evaluated inside list macros and elements read by list functions.
   * Counted down by evaluations; below zero they throw CostExceeded. Set it before an evaluation (or an event).
   */
  budget: number;
}

/** A generous bound for one evaluation: at most some ten milliseconds. */
export const EVALUATION_BUDGET = 500_000;

const NO_ROWS = new RowList();

/** A context for conditions that read no stage. */
export function eventContext(batch: ColumnSet, row = 0): EvaluationContext {
  return { batch, row, retained: batch, rows: () => NO_ROWS, budget: EVALUATION_BUDGET };
}
