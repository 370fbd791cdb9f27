/**
 * Own codes of texts by codes of a foreign dictionary, for every dictionary that rows come with.
 *
 * Always  a text crosses once for each foreign dictionary; channels and decoders come in turns, each with its own
 *         dictionary, so none of their tables is thrown away as long as its dictionary lives.
 */
import type { Dictionary } from '@tidemark/event';

export class CodeTable {
  readonly #from: Dictionary;
  readonly #to: Dictionary;
  #codes: Int32Array;

  constructor(from: Dictionary, to: Dictionary) {
    this.#from = from;
    this.#to = to;
    this.#codes = new Int32Array(Math.max(64, from.size)).fill(-1);
  }

  isFor(from: Dictionary): boolean {
    return this.#from === from;
  }

  /** The own code of the text that has `code` in the foreign dictionary; the text is added if it is new. */
  get(code: number): number {
    const own = code < this.#codes.length ? (this.#codes[code] as number) : -1;
    return own !== -1 ? own : this.#add(code);
  }

  /** Own codes of from[rows[i]] into target[into[i]], for `count` rows; below 0 means absent. */
  translate(from: Int32Array, rows: Int32Array, target: Int32Array, into: Int32Array, count: number): void {
    let done = translateKnown(this.#codes, from, rows, target, into, 0, count);
    while (done < count) {
      target[into[done] as number] = this.#add(from[rows[done] as number] as number);
      done = translateKnown(this.#codes, from, rows, target, into, done + 1, count);
    }
  }

  #add(code: number): number {
    if (code >= this.#codes.length) {
      const grown = new Int32Array(Math.max(code + 1, this.#codes.length * 2)).fill(-1);
      grown.set(this.#codes);
      this.#codes = grown;
    }
    const from = this.#from;
    const own = this.#to.encodeBytes(from.bytes, from.start(code), from.end(code));
    this.#codes[code] = own;
    return own;
  }
}

/** The same until a text is new: answers with the first row that has one. It calls nothing, so that the arrays are looked up once. */
function translateKnown(codes: Int32Array, from: Int32Array, rows: Int32Array, target: Int32Array, into: Int32Array, first: number, count: number): number {
  for (let i = first; i < count; i += 1) {
    const code = from[rows[i] as number] as number;
    let own = -1;
    if (code >= 0) {
      if (code >= codes.length) return i;
      own = codes[code] as number;
      if (own === -1) return i;
    }
    target[into[i] as number] = own;
  }
  return count;
}

/** The tables of one text field, by foreign dictionary. */
export class CodeTables {
  readonly #to: Dictionary;
  readonly #tables = new WeakMap<Dictionary, CodeTable>();

  constructor(to: Dictionary) {
    this.#to = to;
  }

  for(from: Dictionary): CodeTable {
    let table = this.#tables.get(from);
    if (table === undefined) {
      table = new CodeTable(from, this.#to);
      this.#tables.set(from, table);
    }
    return table;
  }
}
