/**
 * Row router: which rows of a batch may matter to which patterns, where many patterns look at the same rows.
 *
 * A predicate that can only be true where certain fields hold certain texts is found by those texts: one look-up for each
 * row and set of fields, however many predicates there are.
 *
 * Always  a row is given to every pattern of which some predicate may be true for it, or may have no value (a field of the
 *         index is absent): rows too many cost time, a row too few would lose a match. A pattern's rows rise.
 * Not here: what a pattern does with a row; whether a pattern may be left out at all (cep-operator.ts, `routes`).
 */
import type { RequiredText } from '@tidemark/condition';
import type { ColumnSet } from '@tidemark/event';
import { grownI32 } from '../partial-matches/grow.ts';
import { ABSENT, type FieldGroup, OUT } from './field-group.ts';
import { TextIndex } from './text-index.ts';

const NONE = -1;

export class RowRouter {
  readonly #groups: readonly FieldGroup[];
  /** By pattern: its rows of the batch at hand, as a list of entries. */
  readonly #head: Int32Array;
  readonly #tail: Int32Array;
  readonly #count: Int32Array;
  #row = new Int32Array(1024);
  #next = new Int32Array(1024);
  #length = 0;
  /** Patterns that have rows. */
  #touched: number[] = [];
  #scratch = new Int32Array(64);

  /** By pattern: for each of its predicates the texts that it requires, at least one; null = a pattern that is not routed. */
  constructor(patterns: readonly (readonly (readonly RequiredText[])[] | null)[]) {
    this.#head = new Int32Array(patterns.length).fill(NONE);
    this.#tail = new Int32Array(patterns.length).fill(NONE);
    this.#count = new Int32Array(patterns.length);
    this.#groups = new TextIndex(patterns.flatMap((pattern, entry) => (pattern ?? []).map((required) => ({ required, entry })))).groups;
  }

  /** Finds the rows of each pattern; answers with the patterns that have some, ascending. */
  route(rows: ColumnSet, length: number): readonly number[] {
    for (const pattern of this.#touched) {
      this.#head[pattern] = NONE;
      this.#count[pattern] = 0;
    }
    this.#touched = [];
    this.#length = 0;
    for (const group of this.#groups) this.#routeBy(group, rows, length);
    return this.#touched.sort((a, b) => a - b);
  }

  #routeBy(group: FieldGroup, rows: ColumnSet, length: number): void {
    const lists = group.listsOf(rows, length);
    for (let row = 0; row < length; row += 1) {
      const list = lists[row] as number;
      if (list === OUT) continue;
      if (list === ABSENT) this.#give(row, group.everyone, 0, group.everyone.length);
      else this.#give(row, group.entries, list + 1, list + 1 + (group.entries[list] as number));
    }
  }

  #give(row: number, patterns: Int32Array, from: number, to: number): void {
    while (this.#length + to - from > this.#row.length) {
      this.#row = grownI32(this.#row, this.#row.length * 2);
      this.#next = grownI32(this.#next, this.#next.length * 2);
    }
    for (let i = from; i < to; i += 1) {
      const pattern = patterns[i] as number;
      const entry = this.#length;
      this.#length += 1;
      this.#row[entry] = row;
      this.#next[entry] = NONE;
      if (this.#head[pattern] === NONE) {
        this.#head[pattern] = entry;
        this.#touched.push(pattern);
      } else this.#next[this.#tail[pattern] as number] = entry;
      this.#tail[pattern] = entry;
      this.#count[pattern] = (this.#count[pattern] as number) + 1;
    }
  }

  /** Rows of a pattern, ascending, each once; valid until the next call. */
  rowsOf(pattern: number): Int32Array {
    const count = this.#count[pattern] as number;
    if (count > this.#scratch.length) this.#scratch = new Int32Array(count * 2);
    const rows = this.#scratch.subarray(0, count);
    let isRising = true;
    let at = 0;
    for (let entry = this.#head[pattern] as number; entry !== NONE; entry = this.#next[entry] as number, at += 1) {
      rows[at] = this.#row[entry] as number;
      if (at > 0 && (rows[at] as number) <= (rows[at - 1] as number)) isRising = false;
    }
    if (isRising) return rows;
    rows.sort();
    let kept = 0;
    for (let i = 0; i < count; i += 1) {
      if (i > 0 && rows[i] === rows[kept - 1]) continue;
      rows[kept] = rows[i] as number;
      kept += 1;
    }
    return rows.subarray(0, kept);
  }
}
