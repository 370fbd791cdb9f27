/**
 * Held rows: copies of rows that wait for the watermark, with the same dictionaries from the same split, in one set of
 * columns, by time in buckets.
 *
 * Always  rows leave in the order of row-order.ts; what does not go beyond the watermark stays. Places of rows that have
 *         left are used again.
 * Not here: several sets and their merge (held-rows-queue.ts); which rows are late or can be passed over (cep-operator.ts).
 */
import { type Column, type ColumnSet, Dictionary, type EventBatch, type EventSchema } from '@tidemark/event';
import { grownF64, grownI32, grownU16, grownU8 } from '../partial-matches/grow.ts';
import type { SourceRows } from '../partial-matches/retained-events.ts';
import type { RowOrder } from './row-order.ts';
import { TimeBuckets } from './time-buckets.ts';

export class HeldRows implements ColumnSet, SourceRows {
  readonly schema: EventSchema;
  readonly columns: readonly Column[];
  readonly split: number;
  time: Float64Array;
  position: Float64Array;
  classes: Uint16Array;
  /** Places ever used; rows that have left lie between those that wait. */
  length = 0;
  /** Rows that leave, in order, from `cursor` to `leaving`. */
  order = new Int32Array(64);
  cursor = 0;
  leaving = 0;
  /** What the operator made ready for these arrays; `isNew`: there are other rows in them since. */
  ready: unknown = null;
  isNew = true;
  readonly #fields: readonly number[];
  readonly #buckets = new TimeBuckets();
  readonly #isOrdered: (a: number, b: number) => boolean;
  #capacity = 64;
  #free = new Int32Array(64);
  #freeCount = 0;
  #places = new Int32Array(64);

  constructor(schema: EventSchema, fields: readonly number[], order: RowOrder, batch: EventBatch) {
    this.schema = schema;
    this.#fields = fields;
    this.split = batch.split;
    this.time = new Float64Array(64);
    this.position = new Float64Array(64);
    this.classes = new Uint16Array(64);
    const held = new Set(fields);
    this.columns = batch.columns.map((from, field): Column => {
      const capacity = held.has(field) ? 64 : 0;
      const present = new Uint8Array(capacity);
      if (from.kind === 'string') return { kind: 'string', codes: new Int32Array(capacity), present, dictionary: held.has(field) ? from.dictionary : new Dictionary() };
      if (from.kind === 'bool') return { kind: 'bool', values: new Uint8Array(capacity), present };
      return { kind: from.kind, values: new Float64Array(capacity), present };
    });
    this.#isOrdered = order.hasTieBreak
      ? (a, b) => !order.isEarlier(this, b, this, a)
      : (a, b) => (this.time[a] as number) < (this.time[b] as number) || (this.time[a] === this.time[b] && (this.position[a] as number) <= (this.position[b] as number));
  }

  get waiting(): number { return this.#buckets.length; }

  /** Whether rows of a batch can be kept here. */
  isFor(batch: EventBatch): boolean {
    if (batch.split !== this.split) return false;
    for (let i = 0; i < this.#fields.length; i += 1) {
      const field = this.#fields[i] as number;
      const from = batch.columns[field] as Column;
      const own = this.columns[field] as Column;
      if (from.kind === 'string' && own.kind === 'string' && from.dictionary !== own.dictionary) return false;
    }
    return true;
  }

  add(batch: EventBatch, rows: Int32Array, from: number, to: number, classes: Uint16Array): void {
    const count = to - from;
    while (this.length + count > this.#capacity) this.#grow();
    if (count > this.#places.length) this.#places = new Int32Array(count * 2);
    const places = this.#places;
    for (let i = 0; i < count; i += 1) {
      if (this.#freeCount > 0) {
        this.#freeCount -= 1;
        places[i] = this.#free[this.#freeCount] as number;
      } else {
        places[i] = this.length;
        this.length += 1;
      }
    }
    for (let i = 0; i < this.#fields.length; i += 1) {
      const field = this.#fields[i] as number;
      copyColumn(batch.columns[field] as Column, this.columns[field] as Column, rows, from, places, count);
    }
    const { time, position, classes: own } = this;
    for (let i = 0; i < count; i += 1) {
      const row = rows[from + i] as number;
      const place = places[i] as number;
      time[place] = batch.time[row] as number;
      position[place] = batch.position[row] as number;
      own[place] = classes[from + i] as number;
      this.#buckets.add(place, time[place] as number, time);
    }
    this.isNew = true;
  }

  #grow(): void {
    const capacity = this.#capacity * 2;
    this.time = grownF64(this.time, capacity);
    this.position = grownF64(this.position, capacity);
    this.classes = grownU16(this.classes, capacity);
    this.#free = grownI32(this.#free, capacity);
    for (const field of this.#fields) {
      const column = this.columns[field] as Column;
      column.present = grownU8(column.present, capacity);
      if (column.kind === 'string') column.codes = grownI32(column.codes, capacity);
      else if (column.kind === 'bool') column.values = grownU8(column.values, capacity);
      else column.values = grownF64(column.values, capacity);
    }
    this.#capacity = capacity;
  }

  /** Lays out in `order` the rows up to `watermark`; answers whether there are any. They are `gone` when the caller says so. */
  collect(watermark: number): boolean {
    if (this.order.length < this.#buckets.length) this.order = new Int32Array(this.#buckets.length * 2);
    this.cursor = 0;
    this.leaving = this.#buckets.takeDue(watermark, this.time, this.order, this.#isOrdered);
    return this.leaving > 0;
  }

  /** All rows that were laid out have left. */
  gone(): void {
    for (let i = 0; i < this.leaving; i += 1) this.#free[this.#freeCount + i] = this.order[i] as number;
    this.#freeCount += this.leaving;
    if (this.#buckets.length === 0) {
      this.length = 0;
      this.#freeCount = 0;
    }
    this.leaving = 0;
    this.cursor = 0;
  }

  /** Rows that wait, in any order. */
  rows(): readonly number[] {
    return this.#buckets.rows();
  }
}

function copyColumn(from: Column, to: Column, rows: Int32Array, first: number, places: Int32Array, count: number): void {
  for (let i = 0; i < count; i += 1) to.present[places[i] as number] = from.present[rows[first + i] as number] as number;
  if (to.kind === 'string' && from.kind === 'string') {
    for (let i = 0; i < count; i += 1) to.codes[places[i] as number] = from.codes[rows[first + i] as number] as number;
  } else if (to.kind !== 'string' && from.kind !== 'string') {
    for (let i = 0; i < count; i += 1) to.values[places[i] as number] = from.values[rows[first + i] as number] as number;
  }
}
