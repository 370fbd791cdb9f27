/**
 * Field group: all entries of an index that require texts of the same fields, found by those texts.
 *
 * Shape   the combination of a row's texts is a place in a table of lists. A list is where it begins in `entries`: its length,
 *         then its entries. OUT where no entry requires this combination, ABSENT where a field has no text.
 * Always  one look-up for each row and field, however many entries there are.
 * Not here: what an entry stands for, which fields make a group (text-index.ts).
 */
import type { Column, ColumnSet, Dictionary } from '@tidemark/event';

type TextColumn = Extract<Column, { kind: 'string' }>;

export const OUT = -1;
export const ABSENT = -2;
const NONE = -1;
const NOBODY = new Int32Array(0);

interface Table {
  numbers: Int32Array;
  known: number;
}

export class FieldGroup {
  readonly fields: readonly number[];
  /** By field: number of each text that some entry requires. */
  readonly #numbers: Map<string, number>[];
  /** By field and dictionary: number by code, NONE = no entry requires it. */
  readonly #tables: WeakMap<Dictionary, Table>[];
  readonly #entriesOf = new Map<string, { readonly numbers: readonly number[]; readonly entries: Set<number> }>();
  readonly #all = new Set<number>();
  /** By place: its list, OUT = no entry requires this combination. */
  #lists = new Int32Array(0);
  entries = new Int32Array(0);
  /** Every entry of the group. */
  everyone = new Int32Array(0);
  /** Lists of the rows that were looked up last (listsOf). */
  found = new Int32Array(0);

  constructor(fields: readonly number[]) {
    this.fields = fields;
    this.#numbers = fields.map(() => new Map());
    this.#tables = fields.map(() => new WeakMap());
  }

  /** `texts`: one for each field, in their order. */
  add(texts: readonly string[], entry: number): void {
    const numbers = texts.map((text, i) => {
      const known = this.#numbers[i] as Map<string, number>;
      const number = known.get(text) ?? known.size;
      known.set(text, number);
      return number;
    });
    const key = numbers.join();
    const same = this.#entriesOf.get(key) ?? { numbers, entries: new Set<number>() };
    same.entries.add(entry);
    this.#entriesOf.set(key, same);
    this.#all.add(entry);
  }

  /** How many places a table over all combinations of so many texts of each field has. */
  static places(counts: readonly number[]): number {
    return counts.reduce((product, count) => product * count, 1);
  }

  /** No further entries. */
  close(): void {
    const counts = this.#numbers.map(({ size }) => size);
    this.#lists = new Int32Array(FieldGroup.places(counts)).fill(OUT);
    const all: number[] = [];
    for (const { numbers, entries } of this.#entriesOf.values()) {
      let at = 0;
      numbers.forEach((number, i) => { at = at * (counts[i] as number) + number; });
      this.#lists[at] = all.length;
      all.push(entries.size, ...entries);
    }
    this.entries = Int32Array.from(all);
    this.everyone = Int32Array.from(this.#all);
    this.#entriesOf.clear();
  }

  #table(i: number, { dictionary }: TextColumn): Int32Array {
    const tables = this.#tables[i] as WeakMap<Dictionary, Table>;
    let table = tables.get(dictionary);
    if (table === undefined) {
      table = { numbers: new Int32Array(Math.max(64, dictionary.size)), known: 0 };
      tables.set(dictionary, table);
    }
    if (table.known < dictionary.size) {
      if (dictionary.size > table.numbers.length) {
        const grown = new Int32Array(Math.max(dictionary.size, table.numbers.length * 2));
        grown.set(table.numbers);
        table.numbers = grown;
      }
      for (; table.known < dictionary.size; table.known += 1) {
        table.numbers[table.known] = (this.#numbers[i] as Map<string, number>).get(dictionary.text(table.known)) ?? NONE;
      }
    }
    return table.numbers;
  }

  /** Entries that a list stands for. */
  entriesOf(list: number): Int32Array {
    if (list === OUT) return NOBODY;
    return list === ABSENT ? this.everyone : this.entries.subarray(list + 1, list + 1 + (this.entries[list] as number));
  }

  /** List of one row. */
  listOf(rows: ColumnSet, row: number): number {
    let place = 0;
    for (let i = 0; i < this.fields.length; i += 1) {
      const column = rows.columns[this.fields[i] as number] as TextColumn;
      const code = column.present[row] === 1 ? (column.codes[row] as number) : NONE;
      if (code < 0) place = ABSENT;
      else {
        const number = this.#table(i, column)[code] as number;
        if (number === NONE) return OUT;
        if (place !== ABSENT) place = place * (this.#numbers[i] as Map<string, number>).size + number;
      }
    }
    return place === ABSENT ? ABSENT : (this.#lists[place] as number);
  }

  /** Lists of rows [0, length); valid until the next call. */
  listsOf(rows: ColumnSet, length: number): Int32Array {
    if (this.found.length < length) this.found = new Int32Array(Math.max(1024, length));
    const found = this.found;
    const last = this.fields.length - 1;
    const lists = this.#lists;
    this.fields.forEach((field, i) => {
      const column = rows.columns[field] as TextColumn;
      const numbers = this.#table(i, column);
      const { codes } = column;
      const count = (this.#numbers[i] as Map<string, number>).size;
      if (i === 0) {
        // an absent text has a code below 0
        for (let row = 0; row < length; row += 1) {
          const code = codes[row] as number;
          found[row] = code < 0 ? ABSENT : (numbers[code] as number);
        }
      } else {
        for (let row = 0; row < length; row += 1) {
          const place = found[row] as number;
          if (place === OUT) continue;
          const code = codes[row] as number;
          const number = code < 0 ? ABSENT : (numbers[code] as number);
          found[row] = number < 0 ? number : place === ABSENT ? ABSENT : place * count + number;
        }
      }
      if (i !== last) return;
      for (let row = 0; row < length; row += 1) {
        const place = found[row] as number;
        if (place >= 0) found[row] = lists[place] as number;
      }
    });
    return found;
  }
}
