/**
 * Held rows: copies of rows that wait for the watermark, with the same dictionaries from the same split, as records by time
 * in buckets; those that leave are laid out as columns.
 *
 * Shape   a record has what is held of a row beside each other, in one or two lines of the cache: time, position, numbers,
 *         codes of texts, then bit by bit the class (CLASS_BITS), a flag for each field that is there, and the bools.
 * Always  rows leave in the order of row-order.ts, PIECE_ROWS or a little more at a time, so that their columns stay in the
 *         cache however many are due; what does not go beyond the watermark stays.
 *         A few rows in order are laid out when they come, where nothing else waits: mostly the next watermark lets all of
 *         them leave. Where it does not, or others come, they become records.
 * Not here: several sets and their merge (held-rows-queue.ts); which rows are late or can be passed over (cep-operator.ts).
 */
import type { Column, EventBatch, EventSchema } from '@tidemark/event';
import { LaidOutRows } from './laid-out-rows.ts';
import type { SourceRows } from '../partial-matches/copy-plan.ts';
import type { RowOrder } from './row-order.ts';
import { TimeBuckets } from './time-buckets.ts';

const PIECE_ROWS = 1_024;
/** Rows that may wait laid out. */
const READY_ROWS = 256;
/** Doubles of a record. */
const POSITION = 1;
const NUMBERS = 2;
const CLASS_BITS = 16;
const CLASS_MASK = 0xffff;

/** Where a record has what. */
class RecordShape {
  readonly stride: number;
  /** Fields of numbers, in the order of their doubles. */
  readonly numbers: readonly number[];
  /** Fields of texts, in the order of their integers from `texts` on. */
  readonly textFields: readonly number[];
  readonly texts: number;
  /** Words of bits, from `bits` on. */
  readonly bits: number;
  readonly words: number;
  /** Fields whose flags lie bit by bit behind the class; behind them the values of the fields of bools. */
  readonly flagFields: readonly number[];
  readonly boolFields: readonly number[];
  readonly boolBits: number;

  constructor(schema: EventSchema, fields: readonly number[]) {
    const typeOf = (field: number): string | undefined => schema.fields[field]?.type;
    this.textFields = fields.filter((field) => typeOf(field) === 'string');
    this.numbers = fields.filter((field) => typeOf(field) !== 'bool' && typeOf(field) !== 'string');
    this.flagFields = fields;
    this.boolFields = fields.filter((field) => typeOf(field) === 'bool');
    this.boolBits = CLASS_BITS + fields.length;
    this.texts = 2 * (NUMBERS + this.numbers.length);
    this.bits = this.texts + this.textFields.length;
    this.words = Math.ceil((this.boolBits + this.boolFields.length) / 32);
    this.stride = Math.ceil((this.bits + this.words) / 2);
  }
}

/** Bytes of a row that waits. */
export function bytesOfRecord(schema: EventSchema, fields: readonly number[]): number {
  return new RecordShape(schema, fields).stride * 8;
}

export class HeldRows {
  /** Rows that leave, in order. */
  readonly leaving: LaidOutRows;
  readonly #schema: EventSchema;
  readonly #fields: readonly number[];
  readonly #order: RowOrder;
  readonly #shape: RecordShape;
  readonly #buckets: TimeBuckets;
  /** Rows that wait in `leaving`, laid out; then there are no records. */
  #readyCount = 0;
  #places = new Int32Array(64);
  #words = new Int32Array(64);

  constructor(schema: EventSchema, fields: readonly number[], order: RowOrder, batch: EventBatch) {
    this.#schema = schema;
    this.#fields = fields;
    this.#order = order;
    this.#shape = new RecordShape(schema, fields);
    this.#buckets = new TimeBuckets(this.#shape.stride);
    this.leaving = new LaidOutRows(schema, fields, batch.columns, batch.split);
  }

  get waiting(): number { return this.#readyCount + this.#buckets.length; }

  /** Whether rows of a batch can be kept here. */
  isFor(batch: EventBatch): boolean {
    if (batch.split !== this.leaving.split) return false;
    for (let i = 0; i < this.#fields.length; i += 1) {
      const field = this.#fields[i] as number;
      const from = batch.columns[field] as Column;
      const own = this.leaving.columns[field] as Column;
      if (from.kind === 'string' && own.kind === 'string' && from.dictionary !== own.dictionary) return false;
    }
    return true;
  }

  add(batch: EventBatch, rows: Int32Array, from: number, to: number, classes: Uint16Array): void {
    const count = to - from;
    if (this.waiting === 0 && count <= READY_ROWS) {
      this.leaving.copy(batch, rows, from, to, classes);
      if (this.#isOrdered(0, count)) {
        this.#readyCount = count;
        return;
      }
    }
    this.#recordReady();
    this.#record(batch, rows, from, to, classes);
  }

  /** Makes records of the rows that wait laid out. */
  #recordReady(): void {
    const { leaving } = this;
    const count = this.#readyCount;
    if (count === 0) return;
    this.#readyCount = 0;
    this.#record(leaving, Int32Array.from({ length: count }, (_, i) => i), 0, count, leaving.classes);
  }

  #record(batch: SourceRows, rows: Int32Array, from: number, to: number, classes: Uint16Array): void {
    const count = to - from;
    if (count > this.#places.length) this.#places = new Int32Array(count * 2);
    const places = this.#places;
    this.#buckets.add(batch.time, rows, from, to, places);
    const { doubles, ints } = this.#buckets;
    const { numbers, textFields, texts, bits, words } = this.#shape;
    putNumbers(batch.position, rows, from, doubles, places, count, POSITION);
    for (let k = 0; k < numbers.length; k += 1) {
      const column = batch.columns[numbers[k] as number] as Column;
      if (column.kind !== 'string' && column.kind !== 'bool') putNumbers(column.values, rows, from, doubles, places, count, NUMBERS + k);
    }
    for (let k = 0; k < textFields.length; k += 1) {
      const column = batch.columns[textFields[k] as number] as Column;
      if (column.kind !== 'string') continue;
      const { codes } = column;
      const at = texts + k;
      for (let i = 0; i < count; i += 1) ints[2 * (places[i] as number) + at] = codes[rows[from + i] as number] as number;
    }
    for (let word = 0; word < words; word += 1) {
      const made = this.#makeWord(word, batch, rows, from, count, classes);
      const at = bits + word;
      for (let i = 0; i < count; i += 1) ints[2 * (places[i] as number) + at] = made[i] as number;
    }
  }

  /** One word of bits of each row. */
  #makeWord(word: number, batch: SourceRows, rows: Int32Array, from: number, count: number, classes: Uint16Array): Int32Array {
    if (count > this.#words.length) this.#words = new Int32Array(count * 2);
    const words = this.#words;
    if (word === 0) for (let i = 0; i < count; i += 1) words[i] = classes[from + i] as number;
    else words.fill(0, 0, count);
    const { flagFields, boolFields, boolBits } = this.#shape;
    for (let k = 0; k < flagFields.length; k += 1) {
      const bit = CLASS_BITS + k;
      if (bit >> 5 === word) orBits((batch.columns[flagFields[k] as number] as Column).present, rows, from, words, count, bit & 31);
    }
    for (let k = 0; k < boolFields.length; k += 1) {
      const bit = boolBits + k;
      const column = batch.columns[boolFields[k] as number] as Column;
      if (bit >> 5 === word && column.kind === 'bool') orBits(column.values, rows, from, words, count, bit & 31);
    }
    return words;
  }

  /** Lays out the next rows up to `watermark`, which wait no more; answers whether there are any. */
  layOut(watermark: number): boolean {
    const ready = this.#readyCount;
    if (ready > 0 && (this.leaving.time[ready - 1] as number) <= watermark) {
      this.#readyCount = 0;
      return true;
    }
    this.#recordReady();
    const buckets = this.#buckets;
    const count = buckets.take(watermark, PIECE_ROWS);
    const { leaving } = this;
    leaving.begin(count);
    if (count === 0) return false;
    const { taken } = buckets;
    const { hasTieBreak } = this.#order;
    this.#layOutTimes(leaving, taken);
    if (hasTieBreak) this.#layOutFields(leaving, taken);
    const isMoved = this.#sortSlots();
    if (isMoved) this.#layOutTimes(leaving, taken);
    if (isMoved || !hasTieBreak) this.#layOutFields(leaving, taken);
    return true;
  }

  /** Puts what was taken in order within its slots; answers whether anything was not. */
  #sortSlots(): boolean {
    const { leaving } = this;
    const { taken, ends, slotCount } = this.#buckets;
    const order = this.#order;
    let isMoved = false;
    for (let slot = 0, from = 0; slot < slotCount; slot += 1) {
      const to = ends[slot] as number;
      if (!this.#isOrdered(from, to)) {
        const rows = Int32Array.from({ length: to - from }, (_, i) => from + i);
        rows.sort((a, b) => (order.isEarlier(leaving, a, leaving, b) ? -1 : order.isEarlier(leaving, b, leaving, a) ? 1 : 0));
        taken.set(rows.map((row) => taken[row] as number), from);
        isMoved = true;
      }
      from = to;
    }
    return isMoved;
  }

  #isOrdered(from: number, to: number): boolean {
    const { leaving } = this;
    if (this.#order.hasTieBreak) {
      for (let row = from + 1; row < to; row += 1) if (this.#order.isEarlier(leaving, row, leaving, row - 1)) return false;
      return true;
    }
    const { time, position } = leaving;
    for (let row = from + 1; row < to; row += 1) {
      const now = time[row] as number;
      const before = time[row - 1] as number;
      if (now < before || (now === before && (position[row] as number) < (position[row - 1] as number))) return false;
    }
    return true;
  }

  /** What orders rows, but for a tie-break; the first to touch the records. */
  #layOutTimes({ time, position, length }: LaidOutRows, places: Int32Array): void {
    const { doubles } = this.#buckets;
    for (let i = 0; i < length; i += 1) {
      const place = places[i] as number;
      time[i] = doubles[place] as number;
      position[i] = doubles[place + POSITION] as number;
    }
  }

  #layOutFields(into: LaidOutRows, places: Int32Array): void {
    const { length, columns } = into;
    const { doubles, ints } = this.#buckets;
    const { numbers, textFields, texts, words } = this.#shape;
    for (let k = 0; k < numbers.length; k += 1) {
      const column = columns[numbers[k] as number] as Column;
      if (column.kind === 'string' || column.kind === 'bool') continue;
      const { values } = column;
      const at = NUMBERS + k;
      for (let i = 0; i < length; i += 1) values[i] = doubles[(places[i] as number) + at] as number;
    }
    for (let k = 0; k < textFields.length; k += 1) {
      const column = columns[textFields[k] as number] as Column;
      if (column.kind !== 'string') continue;
      const { codes } = column;
      const at = texts + k;
      for (let i = 0; i < length; i += 1) codes[i] = ints[2 * (places[i] as number) + at] as number;
    }
    for (let word = 0; word < words; word += 1) this.#layOutWord(word, into, places);
  }

  #layOutWord(word: number, into: LaidOutRows, places: Int32Array): void {
    const { length, columns, classes } = into;
    const { ints } = this.#buckets;
    const at = this.#shape.bits + word;
    if (length > this.#words.length) this.#words = new Int32Array(length * 2);
    const words = this.#words;
    let inAll = -1;
    for (let i = 0; i < length; i += 1) {
      const bits = ints[2 * (places[i] as number) + at] as number;
      words[i] = bits;
      inAll &= bits;
    }
    if (word === 0) for (let i = 0; i < length; i += 1) classes[i] = (words[i] as number) & CLASS_MASK;
    const { flagFields, boolFields, boolBits } = this.#shape;
    for (let k = 0; k < flagFields.length; k += 1) {
      const bit = CLASS_BITS + k;
      if (bit >> 5 !== word) continue;
      const field = flagFields[k] as number;
      const isWhole = ((inAll >>> (bit & 31)) & 1) === 1;
      if (into.wantsFlags(field, isWhole)) bitsOf(words, bit & 31, (columns[field] as Column).present, length);
    }
    for (let k = 0; k < boolFields.length; k += 1) {
      const bit = boolBits + k;
      const column = columns[boolFields[k] as number] as Column;
      if (bit >> 5 === word && column.kind === 'bool') bitsOf(words, bit & 31, column.values, length);
    }
  }

  /** All rows that wait, in any order, in columns of their own. */
  rows(): LaidOutRows {
    this.#recordReady();
    const { leaving } = this;
    const rows = new LaidOutRows(this.#schema, this.#fields, leaving.columns, leaving.split);
    this.#layOutAll(rows, this.#buckets.places());
    return rows;
  }

  #layOutAll(into: LaidOutRows, places: Int32Array): void {
    into.begin(places.length);
    this.#layOutTimes(into, places);
    this.#layOutFields(into, places);
  }

  /** Gives all rows that wait the classes that `classify` writes beside them, some rows at a time. Not while rows leave. */
  classifyAgain(classify: (rows: LaidOutRows) => void): void {
    this.#recordReady();
    const { leaving } = this;
    const all = this.#buckets.places();
    const { ints } = this.#buckets;
    for (let from = 0; from < all.length; from += PIECE_ROWS) {
      const places = all.subarray(from, from + PIECE_ROWS);
      this.#layOutAll(leaving, places);
      classify(leaving);
      for (let i = 0; i < places.length; i += 1) {
        const at = 2 * (places[i] as number) + this.#shape.bits;
        ints[at] = ((ints[at] as number) & ~CLASS_MASK) | (leaving.classes[i] as number);
      }
    }
    leaving.begin(0);
  }
}

function putNumbers(from: Float64Array, rows: Int32Array, first: number, doubles: Float64Array, places: Int32Array, count: number, at: number): void {
  for (let i = 0; i < count; i += 1) doubles[(places[i] as number) + at] = from[rows[first + i] as number] as number;
}

function orBits(from: Uint8Array, rows: Int32Array, first: number, words: Int32Array, count: number, bit: number): void {
  for (let i = 0; i < count; i += 1) words[i] = (words[i] as number) | ((from[rows[first + i] as number] as number) << bit);
}

function bitsOf(words: Int32Array, bit: number, into: Uint8Array, count: number): void {
  for (let i = 0; i < count; i += 1) into[i] = ((words[i] as number) >>> bit) & 1;
}
