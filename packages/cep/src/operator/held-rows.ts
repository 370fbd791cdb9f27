/**
 * Held rows: copies of rows that wait for the watermark, batch by batch, and their merge in event-time order.
 *
 * Each batch that cannot be processed at once is kept as a set of its own, sorted once; the sets are merged when the
 * watermark passes. A stream that is nearly in order is thus moved by whole columns and hardly sorted.
 *
 * Always  rows leave in the order of row-order.ts; what does not go beyond the watermark stays. Sets that are
 *         used up are used again.
 * Not here: which rows are late or can be passed over (cep-operator.ts).
 */
import { type Column, EventBatch, type EventSchema } from '@tidemark/event';
import type { RowOrder } from './row-order.ts';

export class HeldRows extends EventBatch {
  classes: Uint16Array;
  /** Rows in order of leaving; rows before `cursor` have left. */
  order: Int32Array;
  cursor = 0;
  /** What the operator made ready for these arrays; kept when they are filled again, which `isNew` says. */
  ready: unknown = null;
  isNew = true;

  constructor(schema: EventSchema, capacity: number) {
    super(schema, capacity);
    this.classes = new Uint16Array(capacity);
    this.order = new Int32Array(capacity);
  }
}

export class HeldRowsQueue {
  readonly #schema: EventSchema;
  /** Fields that are kept: those that something reads later. */
  readonly #fields: readonly number[];
  readonly #order: RowOrder;
  /** Heap of sets by their next row. */
  readonly #sets: HeldRows[] = [];
  readonly #spare: HeldRows[] = [];
  length = 0;

  constructor(schema: EventSchema, fields: readonly number[], order: RowOrder) {
    this.#schema = schema;
    this.#fields = fields;
    this.#order = order;
  }

  sets(): readonly HeldRows[] {
    return this.#sets;
  }

  /** What was made ready before is void, for sets that wait and for sets that will be used again. */
  forgetReady(): void {
    for (const set of [...this.#sets, ...this.#spare]) {
      set.ready = null;
      set.isNew = true;
    }
  }

  /**
   * Copies rows of `batch`, given by their numbers in rows[from, to), with their classes beside them.
   * Dictionaries are shared with the batch: codes of a dictionary never change.
   */
  add(batch: EventBatch, rows: Int32Array, from: number, to: number, classes: Uint16Array): void {
    const count = to - from;
    if (count <= 0) return;
    const set = this.#take(count);
    set.split = batch.split;
    set.length = count;
    set.cursor = 0;
    set.isNew = true;
    // First the fields: the order may hang on them.
    const fields = this.#fields;
    for (let i = 0; i < fields.length; i += 1) {
      const field = fields[i] as number;
      copyColumn(batch.columns[field] as Column, set.columns[field] as Column, rows, from, count);
    }
    let sorted = true;
    for (let i = 0; i < count; i += 1) {
      const row = rows[from + i] as number;
      const time = batch.time[row] as number;
      set.time[i] = time;
      set.position[i] = batch.position[row] as number;
      set.classes[i] = classes[from + i] as number;
      set.order[i] = i;
      if (i > 0 && this.#order.isEarlier(set, i, set, i - 1)) sorted = false;
    }
    if (!sorted) {
      const order = set.order.subarray(0, count);
      order.sort((a, b) => (this.#order.isEarlier(set, a, set, b) ? -1 : 1));
    }
    this.length += count;
    this.#sets.push(set);
    this.#rise(this.#sets.length - 1);
  }

  #take(count: number): HeldRows {
    const spare = this.#spare;
    for (let at = spare.length - 1; at >= 0; at -= 1) {
      const { capacity } = spare[at] as HeldRows;
      if (capacity < count || capacity > count * 4 + 256) continue;
      const set = spare[at] as HeldRows;
      spare[at] = spare[spare.length - 1] as HeldRows;
      spare.pop();
      return set;
    }
    return new HeldRows(this.#schema, Math.max(64, 2 ** Math.ceil(Math.log2(count))));
  }

  /** Event time of the first row that would leave; Infinity where none is held. */
  get firstTime(): number {
    const first = this.#sets[0];
    return first === undefined ? Number.POSITIVE_INFINITY : (first.time[first.order[first.cursor] as number] as number);
  }

  /** Lets all rows up to `watermark` leave, in order: those of set.order[from, to) at a time. */
  drain(watermark: number, leave: (set: HeldRows, from: number, to: number) => void): void {
    for (;;) {
      const set = this.#sets[0];
      if (set === undefined) return;
      // Rows of the first set go on leaving as long as they come before the next row of every other set.
      const left = this.#sets[1];
      const right = this.#sets[2];
      const second = left !== undefined && right !== undefined && this.#before(right, left) ? right : left;
      const start = set.cursor;
      let end = start;
      for (; end < set.length; end += 1) {
        const row = set.order[end] as number;
        if ((set.time[row] as number) > watermark) break;
        if (second !== undefined && this.#order.isEarlier(second, second.order[second.cursor] as number, set, row)) break;
      }
      if (end > start) leave(set, start, end);
      set.cursor = end;
      this.length -= end - start;
      if (set.cursor === set.length) this.#drop();
      else {
        if ((set.time[set.order[set.cursor] as number] as number) > watermark && this.#isFirst()) return;
        this.#sink(0);
        const first = this.#sets[0] as HeldRows;
        if ((first.time[first.order[first.cursor] as number] as number) > watermark) return;
      }
    }
  }

  #isFirst(): boolean {
    const set = this.#sets[0] as HeldRows;
    const left = this.#sets[1];
    const right = this.#sets[2];
    return (left === undefined || !this.#before(left, set)) && (right === undefined || !this.#before(right, set));
  }

  #drop(): void {
    const used = this.#sets[0] as HeldRows;
    const last = this.#sets.pop() as HeldRows;
    if (this.#sets.length > 0) {
      this.#sets[0] = last;
      this.#sink(0);
    }
    used.length = 0;
    if (this.#spare.length < 16) this.#spare.push(used);
  }

  #before(a: HeldRows, b: HeldRows): boolean {
    return this.#order.isEarlier(a, a.order[a.cursor] as number, b, b.order[b.cursor] as number);
  }

  #rise(from: number): void {
    const sets = this.#sets;
    let k = from;
    while (k > 0) {
      const parent = (k - 1) >> 1;
      if (!this.#before(sets[k] as HeldRows, sets[parent] as HeldRows)) return;
      [sets[k], sets[parent]] = [sets[parent] as HeldRows, sets[k] as HeldRows];
      k = parent;
    }
  }

  #sink(from: number): void {
    const sets = this.#sets;
    let k = from;
    for (;;) {
      let child = 2 * k + 1;
      if (child >= sets.length) return;
      if (child + 1 < sets.length && this.#before(sets[child + 1] as HeldRows, sets[child] as HeldRows)) child += 1;
      if (!this.#before(sets[child] as HeldRows, sets[k] as HeldRows)) return;
      [sets[k], sets[child]] = [sets[child] as HeldRows, sets[k] as HeldRows];
      k = child;
    }
  }
}

function copyColumn(from: Column, to: Column, rows: Int32Array, first: number, count: number): void {
  for (let i = 0; i < count; i += 1) to.present[i] = from.present[rows[first + i] as number] as number;
  if (to.kind === 'string' && from.kind === 'string') {
    to.dictionary = from.dictionary;
    for (let i = 0; i < count; i += 1) to.codes[i] = from.codes[rows[first + i] as number] as number;
  } else if (to.kind !== 'string' && from.kind !== 'string') {
    for (let i = 0; i < count; i += 1) to.values[i] = from.values[rows[first + i] as number] as number;
  }
}
