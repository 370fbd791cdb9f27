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
import type { Column, ColumnSet, Dictionary } from '@tidemark/event';

type TextColumn = Extract<Column, { kind: 'string' }>;

const NONE = -1;

/** All predicates that require texts of the same fields. */
class FieldGroup {
  readonly fields: readonly number[];
  /** By field: number of each text that some predicate requires. */
  readonly #numbers: Map<string, number>[];
  /** By field and dictionary: number by code, NONE = no predicate requires it. */
  readonly #tables: WeakMap<Dictionary, { numbers: Int32Array; known: number }>[];
  readonly #patternsOf = new Map<string, { readonly numbers: readonly number[]; readonly patterns: Set<number> }>();
  /** By numbers of the texts, as digits: index into #lists, NONE = no predicate. */
  #at = new Int32Array(0);
  #lists: Int32Array[] = [];
  readonly #all = new Set<number>();
  #everyone = new Int32Array(0);

  constructor(fields: readonly number[]) {
    this.fields = fields;
    this.#numbers = fields.map(() => new Map());
    this.#tables = fields.map(() => new WeakMap());
  }

  add(texts: readonly string[], pattern: number): void {
    const numbers = texts.map((text, i) => {
      const known = this.#numbers[i] as Map<string, number>;
      const number = known.get(text) ?? known.size;
      known.set(text, number);
      return number;
    });
    const key = numbers.join();
    const entry = this.#patternsOf.get(key) ?? { numbers, patterns: new Set<number>() };
    entry.patterns.add(pattern);
    this.#patternsOf.set(key, entry);
    this.#all.add(pattern);
  }

  /** How many places a table over all combinations of texts would have. */
  static places(counts: readonly number[]): number {
    return counts.reduce((product, count) => product * count, 1);
  }

  close(): void {
    const counts = this.#numbers.map(({ size }) => size);
    this.#at = new Int32Array(FieldGroup.places(counts)).fill(NONE);
    for (const { numbers, patterns } of this.#patternsOf.values()) {
      let at = 0;
      numbers.forEach((number, i) => { at = at * (counts[i] as number) + number; });
      this.#at[at] = this.#lists.length;
      this.#lists.push(Int32Array.from(patterns));
    }
    this.#everyone = Int32Array.from(this.#all);
  }

  #table(i: number, { dictionary }: TextColumn): Int32Array {
    const tables = this.#tables[i] as WeakMap<Dictionary, { numbers: Int32Array; known: number }>;
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

  route(rows: ColumnSet, length: number, give: (row: number, patterns: Int32Array) => void): void {
    const places = this.#placesOf(rows, length);
    for (let row = 0; row < length; row += 1) {
      const place = places[row] as number;
      if (place === OUT) continue;
      if (place === ABSENT) give(row, this.#everyone);
      else {
        const list = this.#at[place] as number;
        if (list !== NONE) give(row, this.#lists[list] as Int32Array);
      }
    }
  }

  #places = new Int32Array(0);

  /** Place of each row in the table of all combinations; OUT where no predicate requires one of its texts. */
  #placesOf(rows: ColumnSet, length: number): Int32Array {
    if (this.#places.length < length) this.#places = new Int32Array(Math.max(1024, length));
    const places = this.#places;
    places.fill(0, 0, length);
    this.fields.forEach((field, i) => {
      const column = rows.columns[field] as TextColumn;
      const numbers = this.#table(i, column);
      const { codes } = column;
      const count = (this.#numbers[i] as Map<string, number>).size;
      for (let row = 0; row < length; row += 1) {
        const place = places[row] as number;
        if (place === OUT) continue;
        const code = codes[row] as number;
        if (code < 0 || place === ABSENT) {
          places[row] = ABSENT;
          continue;
        }
        const number = numbers[code] as number;
        places[row] = number === NONE ? OUT : place * count + number;
      }
    });
    return places;
  }
}

const OUT = -1;
const ABSENT = -2;
/** Tables with more places than this are made over fewer fields. */
const PLACES_MAX = 1 << 22;

export class RowRouter {
  readonly #groups: FieldGroup[];
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
    const groups = new Map<string, FieldGroup>();
    const texts = new Map<number, Set<string>>();
    for (const { field, text } of patterns.flatMap((pattern) => (pattern ?? []).flat())) {
      const known = texts.get(field) ?? new Set();
      texts.set(field, known.add(text));
    }
    patterns.forEach((pattern, index) => {
      for (const required of pattern ?? []) {
        // One text for each field (of two different ones the first will do), as many fields as the table has room for.
        const byField = new Map<number, string>();
        for (const { field, text } of required) if (!byField.has(field)) byField.set(field, text);
        let fields = [...byField.keys()].sort((a, b) => a - b);
        while (fields.length > 1 && FieldGroup.places(fields.map((field) => (texts.get(field) as Set<string>).size)) > PLACES_MAX) fields = fields.slice(0, -1);
        const key = fields.join();
        const group = groups.get(key) ?? new FieldGroup(fields);
        groups.set(key, group);
        group.add(fields.map((field) => byField.get(field) as string), index);
      }
    });
    this.#groups = [...groups.values()];
    for (const group of this.#groups) group.close();
  }

  /** Finds the rows of each pattern; answers with the patterns that have some, ascending. */
  route(rows: ColumnSet, length: number): readonly number[] {
    for (const pattern of this.#touched) {
      this.#head[pattern] = NONE;
      this.#count[pattern] = 0;
    }
    this.#touched = [];
    this.#length = 0;
    for (const group of this.#groups) group.route(rows, length, this.#give);
    return this.#touched.sort((a, b) => a - b);
  }

  readonly #give = (row: number, patterns: Int32Array): void => {
    while (this.#length + patterns.length > this.#row.length) {
      this.#row = grown(this.#row);
      this.#next = grown(this.#next);
    }
    for (let i = 0; i < patterns.length; i += 1) {
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
  };

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

function grown(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
