/**
 * Event tests: the parts of conditions that many patterns have, each known once for a row.
 *
 * A part that was asked often in the last batch is computed for the whole of the next one, column by column; one that is
 * rarely asked, row by row where it is asked.
 *
 * Always  parts are the same if they read the same after formatting and may cost the same. A part is computed for rows
 *         that nobody asks for only where it cannot cost more than its own size.
 * Errors  CostExceeded, where a part costs more than its budget for a row that is asked for.
 * Not here: which parts a condition has (condition, partsBeside), what follows from them (packed-patterns.ts).
 */
import { type CheckedCondition, type ColumnKernel, type Expression, compileKernel, formatExpression, walk } from '@tidemark/condition';
import type { ColumnSet, EventSchema } from '@tidemark/event';

interface EventTest {
  readonly kernel: ColumnKernel;
  readonly isSimple: boolean;
  /** Values of the batch that was computed as a whole, and its number. */
  values: Uint8Array;
  computed: number;
  /** Batch in which it was asked last, and how often. */
  batch: number;
  asked: number;
  /** Row of that batch for which it was computed last, and its value: patterns ask for the same row one after the other. */
  row: number;
  value: number;
}

/** Instead of a number: nothing is asked, so it is true. */
export const NO_TEST = -1;
/** Asked for more than one row in so many, a part is computed for all. */
const WORTHWHILE = 16;

export class EventTests {
  readonly #schema: EventSchema;
  readonly #numbers = new Map<string, number>();
  readonly #tests: EventTest[] = [];
  readonly #several: number[][] = [];
  #rows: ColumnSet | null = null;
  #length = 0;
  #batch = 0;
  #one = new Uint8Array(1024);

  constructor(schema: EventSchema) {
    this.#schema = schema;
  }

  /** Number of a condition, which may cost `budget`. */
  add(condition: CheckedCondition, budget: number): number {
    const text = `${budget} ${formatExpression(condition.ast)}`;
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#tests.push({ kernel: compileKernel(condition, this.#schema, budget), isSimple: isSimple(condition.ast), values: new Uint8Array(0), computed: -1, batch: -1, asked: 0, row: -1, value: 0 });
    this.#numbers.set(text, this.#tests.length - 1);
    return this.#tests.length - 1;
  }

  /** Number of several conditions together: NO_TEST where there are none, a number of its own where they are several. */
  addAll(conditions: readonly CheckedCondition[], budget: number): number {
    const numbers = conditions.map((condition) => this.add(condition, budget));
    if (numbers.length < 2) return numbers[0] ?? NO_TEST;
    this.#several.push(numbers);
    return NO_TEST - this.#several.length;
  }

  /** Rows that are asked for next; `length` 0: one by one, as only some of them are there. */
  begin(rows: ColumnSet, length: number): void {
    this.#rows = rows;
    this.#length = length;
    this.#batch += 1;
  }

  /** 0 false, 1 true, 2 no value. */
  value(number: number, row: number): number {
    return number >= 0 ? this.#valueOf(number, row) : number === NO_TEST ? 1 : this.#valueOfAll(this.#several[NO_TEST - 1 - number] as number[], row);
  }

  #valueOfAll(numbers: readonly number[], row: number): number {
    let all = 1;
    for (const number of numbers) {
      const value = this.#valueOf(number, row);
      if (value === 0) return 0;
      if (value === 2) all = 2;
    }
    return all;
  }

  #valueOf(number: number, row: number): number {
    const test = this.#tests[number] as EventTest;
    if (test.computed === this.#batch) return test.values[row] as number;
    if (test.batch !== this.#batch) {
      const isWorthwhile = test.isSimple && test.asked * WORTHWHILE > this.#length && this.#length > 0;
      test.batch = this.#batch;
      test.asked = 0;
      test.row = -1;
      if (isWorthwhile) return this.#computeAll(test, row);
    }
    test.asked += 1;
    if (test.row === row) return test.value;
    if (row >= this.#one.length) this.#one = new Uint8Array(row * 2);
    test.kernel(this.#rows as ColumnSet, row, row + 1, this.#one);
    test.row = row;
    return (test.value = this.#one[row] as number);
  }

  #computeAll(test: EventTest, row: number): number {
    if (test.values.length < this.#length) test.values = new Uint8Array(Math.max(1024, this.#length));
    test.kernel(this.#rows as ColumnSet, 0, this.#length, test.values);
    test.computed = this.#batch;
    test.asked = this.#length; // worthwhile for the next one too
    return test.values[row] as number;
  }
}

/** Nothing but fields, numbers, comparisons and what joins them: its cost is its size. */
export function isSimple(expression: Expression): boolean {
  let simple = true;
  walk(expression, (node) => { simple &&= node.kind !== 'call' && node.kind !== 'macro' && node.kind !== 'list' && node.kind !== 'index'; });
  return simple;
}
