/**
 * Classifier: the class of every row of a batch, from one pass of each column predicate over its columns.
 *
 * Always  a predicate is computed once for a row, whatever the number of runs and patterns' states that ask for it; that
 *         it could not be computed is part of the class and no fault by itself.
 */
import { compileKernel, type ColumnKernel } from '@tidemark/condition';
import type { ColumnSet, EventSchema } from '@tidemark/event';
import type { Automaton } from './automaton.ts';
import { GROUP_SIZE, type PlanTable } from './plan-table.ts';

export class Classifier {
  readonly #kernels: readonly ColumnKernel[];
  readonly #table: PlanTable;
  #value = new Uint8Array(1024);
  #codes: Uint16Array[];

  constructor(automaton: Automaton, schema: EventSchema, table: PlanTable) {
    this.#kernels = automaton.predicates.slice(0, automaton.columnPredicateCount).map(({ condition }) => compileKernel(condition, schema));
    this.#table = table;
    this.#codes = this.#makeCodes(1024);
  }

  #makeCodes(capacity: number): Uint16Array[] {
    return Array.from({ length: Math.max(1, Math.ceil(this.#kernels.length / GROUP_SIZE)) }, () => new Uint16Array(capacity));
  }

  /** Writes the class of rows [0, length) into `classes`. */
  classify(rows: ColumnSet, length: number, classes: Uint16Array): void {
    if (length > this.#value.length) {
      this.#value = new Uint8Array(length);
      this.#codes = this.#makeCodes(length);
    }
    const value = this.#value;
    const codes = this.#codes;
    let scale = 1;
    for (let p = 0; p < this.#kernels.length; p += 1) {
      (this.#kernels[p] as ColumnKernel)(rows, 0, length, value);
      const code = codes[Math.floor(p / GROUP_SIZE)] as Uint16Array;
      if (p % GROUP_SIZE === 0) {
        scale = 1;
        for (let row = 0; row < length; row += 1) code[row] = value[row] as number;
      } else {
        scale *= 3;
        for (let row = 0; row < length; row += 1) code[row] = (code[row] as number) + (value[row] as number) * scale;
      }
    }
    const table = this.#table;
    for (let row = 0; row < length; row += 1) classes[row] = table.classOf(codes, row);
  }
}
