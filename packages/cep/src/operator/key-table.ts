/**
 * Key table: key tuples as dense slots.
 *
 * Always  equal tuples have the same slot, whatever dictionary their texts are coded in; slots are dense from 0 and
 *         stay what they are until `compact`. An absent field is a value of its own; -0 equals 0.
 * Cost    one array look-up for a key of one text field, an open-addressing probe otherwise.
 * Not here: what belongs to a key; the hash that routes a key (packages/dataflow, keyed).
 */
import { type Column, type ColumnSet, Dictionary, type EventSchema, type FieldType, type FieldValue } from '@tidemark/event';
import { type CodeTable, CodeTables } from '../partial-matches/code-table.ts';
import { grownF64, grownU8 } from '../partial-matches/grow.ts';


/** Key columns of one set of rows, made ready once for many look-ups. */
export interface KeyRows {
  readonly columns: readonly Column[];
  /** Slot by source code where one text field is the key, else own code by source code for each text field. */
  readonly cache: SlotCache | null;
  readonly codes: readonly (CodeTable | null)[];
}

interface SlotCache { slots: Int32Array }

const bits = new Float64Array(1);
const words = new Uint32Array(bits.buffer);

export class KeyTable {
  readonly #fields: readonly number[];
  readonly #types: readonly FieldType[];
  #size = 0;
  #source: Dictionary | null = null;
  #values: Float64Array[];
  #present: Uint8Array[];
  #dictionaries: Dictionary[];
  /** Open addressing: slot + 1, 0 = empty. */
  #index = new Int32Array(256);
  #caches = new WeakMap<Dictionary, SlotCache>();
  #tables: CodeTables[];

  constructor(schema: EventSchema, fields: readonly number[]) {
    this.#fields = fields;
    this.#types = fields.map((field) => (schema.fields[field] as { type: FieldType }).type);
    this.#values = fields.map(() => new Float64Array(64));
    this.#present = fields.map(() => new Uint8Array(64));
    this.#dictionaries = fields.map(() => new Dictionary());
    this.#tables = this.#dictionaries.map((dictionary) => new CodeTables(dictionary));
    if (fields.length === 0) this.#size = 1;
  }

  get size(): number { return this.#size; }
  /** Texts in the dictionary that one text key comes with: what it costs to keep their slots is little beside it. */
  get sourceTexts(): number { return this.#source?.size ?? 0; }

  prepare(rows: ColumnSet): KeyRows {
    const columns = this.#fields.map((field) => rows.columns[field] as Column);
    const codes = columns.map((column, i) => (column.kind === 'string' ? (this.#tables[i] as CodeTables).for(column.dictionary) : null));
    const only = columns[0];
    if (columns.length === 1 && only?.kind === 'string') this.#source = only.dictionary;
    return { columns, codes, cache: columns.length === 1 && only?.kind === 'string' ? this.#cacheOf(only.dictionary) : null };
  }

  /** Whether what was prepared for a batch object still fits its columns. */
  isFor(keys: KeyRows, rows: ColumnSet): boolean {
    for (let i = 0; i < this.#fields.length; i += 1) {
      const column = rows.columns[this.#fields[i] as number] as Column;
      if (keys.columns[i] !== column) return false;
      if (column.kind === 'string' && !(keys.codes[i] as CodeTable).isFor(column.dictionary)) return false;
    }
    return true;
  }

  #cacheOf(dictionary: Dictionary): SlotCache {
    let cache = this.#caches.get(dictionary);
    if (cache === undefined) {
      cache = { slots: new Int32Array(Math.max(64, dictionary.size)).fill(-1) };
      this.#caches.set(dictionary, cache);
    }
    return cache;
  }

  /** Slot of the key of one row, made if the key is new. */
  slotOf(rows: KeyRows, row: number): number {
    const { cache } = rows;
    if (cache === null) return this.#fields.length === 0 ? 0 : this.#probeRow(rows, row);
    const column = rows.columns[0] as Extract<Column, { kind: 'string' }>;
    const code = column.codes[row] as number;
    if (code >= 0 && code < cache.slots.length) {
      const slot = cache.slots[code] as number;
      if (slot !== -1) return slot;
    }
    const slot = this.#probeRow(rows, row);
    if (code >= 0) {
      if (code >= cache.slots.length) {
        const grown = new Int32Array(Math.max(code + 1, cache.slots.length * 2)).fill(-1);
        grown.set(cache.slots);
        cache.slots = grown;
      }
      cache.slots[code] = slot;
    }
    return slot;
  }

  /** Slots of the keys of several rows. */
  slotsOf(keys: KeyRows, rows: Int32Array, count: number, into: Int32Array): void {
    const { cache } = keys;
    const column = keys.columns[0];
    if (cache === null || column?.kind !== 'string') {
      for (let i = 0; i < count; i += 1) into[i] = this.slotOf(keys, rows[i] as number);
      return;
    }
    const { codes } = column;
    let { slots } = cache;
    for (let i = 0; i < count; i += 1) {
      const row = rows[i] as number;
      const slot = slots[codes[row] as number] ?? -1;
      if (slot >= 0) into[i] = slot;
      else {
        into[i] = this.slotOf(keys, row);
        slots = cache.slots;
      }
    }
  }

  readonly #probeValues: number[] = [];
  readonly #probePresent: number[] = [];

  #probeRow(rows: KeyRows, row: number): number {
    for (let i = 0; i < this.#fields.length; i += 1) {
      const column = rows.columns[i] as Column;
      const present = column.present[row] as number;
      this.#probePresent[i] = present;
      if (present === 0) this.#probeValues[i] = 0;
      else if (column.kind === 'string') this.#probeValues[i] = (rows.codes[i] as CodeTable).get(column.codes[row] as number);
      else this.#probeValues[i] = (column.values[row] as number) + 0;
    }
    return this.#probe();
  }

  /** Slot of a key given as values. */
  slotOfValues(values: readonly FieldValue[]): number {
    if (this.#fields.length === 0) return 0;
    values.forEach((value, i) => {
      this.#probePresent[i] = value === null ? 0 : 1;
      this.#probeValues[i] = value === null ? 0 : typeof value === 'string' ? (this.#dictionaries[i] as Dictionary).encode(value) : Number(value) + 0;
    });
    return this.#probe();
  }

  #hash(values: ArrayLike<number>, present: ArrayLike<number>): number {
    let hash = 0;
    for (let i = 0; i < this.#fields.length; i += 1) {
      bits[0] = values[i] as number;
      hash = Math.imul(hash ^ (words[0] as number) ^ ((present[i] as number) << 7), 0x85ebca6b);
      hash = Math.imul(hash ^ (hash >>> 15) ^ (words[1] as number), 0xc2b2ae35);
    }
    return (hash ^ (hash >>> 16)) >>> 0;
  }

  #probe(): number {
    const mask = this.#index.length - 1;
    const values = this.#probeValues;
    const present = this.#probePresent;
    let at = this.#hash(values, present) & mask;
    for (;;) {
      const slot = (this.#index[at] as number) - 1;
      if (slot === -1) break;
      if (this.#equals(slot)) return slot;
      at = (at + 1) & mask;
    }
    const slot = this.#size;
    this.#size += 1;
    if (slot === this.#values[0]?.length) {
      this.#values = this.#values.map((column) => grownF64(column, column.length * 2));
      this.#present = this.#present.map((column) => grownU8(column, column.length * 2));
    }
    for (let i = 0; i < this.#fields.length; i += 1) {
      (this.#values[i] as Float64Array)[slot] = values[i] as number;
      (this.#present[i] as Uint8Array)[slot] = present[i] as number;
    }
    if (this.#size * 2 > this.#index.length) this.#reindex(this.#index.length * 2);
    else this.#index[at] = slot + 1;
    return slot;
  }

  #equals(slot: number): boolean {
    for (let i = 0; i < this.#fields.length; i += 1) {
      if ((this.#values[i] as Float64Array)[slot] !== this.#probeValues[i] || (this.#present[i] as Uint8Array)[slot] !== this.#probePresent[i]) return false;
    }
    return true;
  }

  #reindex(length: number): void {
    const index = new Int32Array(length);
    const mask = length - 1;
    const values: number[] = [];
    const present: number[] = [];
    for (let slot = 0; slot < this.#size; slot += 1) {
      for (let i = 0; i < this.#fields.length; i += 1) {
        values[i] = (this.#values[i] as Float64Array)[slot] as number;
        present[i] = (this.#present[i] as Uint8Array)[slot] as number;
      }
      let at = this.#hash(values, present) & mask;
      while (index[at] !== 0) at = (at + 1) & mask;
      index[at] = slot + 1;
    }
    this.#index = index;
  }

  values(slot: number): FieldValue[] {
    return this.#fields.map((_, i) => {
      if ((this.#present[i] as Uint8Array)[slot] === 0) return null;
      const value = (this.#values[i] as Float64Array)[slot] as number;
      switch (this.#types[i]) {
        case 'string': return (this.#dictionaries[i] as Dictionary).text(value);
        case 'bool': return value === 1;
        default: return value;
      }
    });
  }

  /**
   * Keeps only the keys of `slots` (ascending), which become slots 0, 1, …. Texts that no key uses are forgotten.
   * KeyRows prepared before are void.
   */
  compact(slots: Int32Array): void {
    const capacity = Math.max(64, 2 ** Math.ceil(Math.log2(slots.length + 1)));
    this.#values = this.#values.map((column) => {
      const kept = new Float64Array(capacity);
      for (let i = 0; i < slots.length; i += 1) kept[i] = column[slots[i] as number] as number;
      return kept;
    });
    this.#present = this.#present.map((column) => {
      const kept = new Uint8Array(capacity);
      for (let i = 0; i < slots.length; i += 1) kept[i] = column[slots[i] as number] as number;
      return kept;
    });
    this.#types.forEach((type, i) => {
      if (type !== 'string') return;
      const fresh = new Dictionary();
      const table = new CodeTables(fresh).for(this.#dictionaries[i] as Dictionary);
      const column = this.#values[i] as Float64Array;
      for (let slot = 0; slot < slots.length; slot += 1) {
        if ((this.#present[i] as Uint8Array)[slot] === 1) column[slot] = table.get(column[slot] as number);
      }
      this.#dictionaries[i] = fresh;
    });
    this.#size = slots.length;
    this.#caches = new WeakMap();
    this.#tables = this.#dictionaries.map((dictionary) => new CodeTables(dictionary));
    this.#reindex(Math.max(256, 2 ** Math.ceil(Math.log2(slots.length * 2 + 2))));
  }
}
