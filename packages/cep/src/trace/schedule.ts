/**
 * Schedule: which row of a sample is processed when, and by which watermark, key by key.
 *
 * A key's output depends on its own rows and on the watermarks alone, so a tracing run may take one key after the
 * other; what it needs for that stands here.
 *
 * Shape   rows of key k are rows[from[k]] .. rows[from[k + 1]] - 1, in order of processing: (time, tie-break, position). Late rows
 *         stand in no key. callOf(time) is the number of the watermark that passes a row of that time.
 * Always  watermarks rise strictly; the last one is the end of the input where the caller says so.
 * Not here: which rows are late and where watermarks stand (whoever reads the source knows).
 */
import type { EventBatch, FieldValue } from '@tidemark/event';
import type { ValidatedPattern } from '@tidemark/pattern';
import { KeyTable } from '../operator/key-table.ts';
import { RowOrder } from '../operator/row-order.ts';

export class Schedule {
  readonly rows: Int32Array;
  readonly from: Int32Array;
  /** Key slot of every row, late ones too. */
  readonly keyOf: Int32Array;
  /** Place of a row in `rows`, -1 = late. */
  readonly placeOf: Int32Array;
  readonly watermarks: Float64Array;
  readonly #keys: KeyTable;

  constructor(pattern: ValidatedPattern, batch: EventBatch, watermarks: Float64Array, late: Uint8Array | null) {
    const { length, time } = batch;
    this.watermarks = watermarks;
    this.#keys = new KeyTable(batch.schema, pattern.key);
    const prepared = this.#keys.prepare(batch);
    this.keyOf = new Int32Array(length);
    for (let row = 0; row < length; row += 1) this.keyOf[row] = this.#keys.slotOf(prepared, row);
    const rowOrder = new RowOrder(pattern.tieBreak);
    let sorted = true;
    for (let row = 1; row < length && sorted; row += 1) sorted = (time[row - 1] as number) <= (time[row] as number);
    sorted &&= rowOrder.holds(batch, length);
    const order = Int32Array.from({ length }, (_, row) => row);
    if (!sorted) order.sort((a, b) => (a === b ? 0 : rowOrder.isEarlier(batch, a, batch, b) ? -1 : 1));
    const from = new Int32Array(this.#keys.size + 1);
    for (let row = 0; row < length; row += 1) {
      if (late !== null && late[row] === 1) continue;
      const key = this.keyOf[row] as number;
      from[key + 1] = (from[key + 1] as number) + 1;
    }
    for (let key = 0; key < this.#keys.size; key += 1) from[key + 1] = (from[key + 1] as number) + (from[key] as number);
    this.from = from;
    this.rows = new Int32Array(from[this.#keys.size] as number);
    this.placeOf = new Int32Array(length).fill(-1);
    const next = from.slice();
    for (const row of order) {
      if (late !== null && late[row] === 1) continue;
      const key = this.keyOf[row] as number;
      const at = next[key] as number;
      this.rows[at] = row;
      this.placeOf[row] = at;
      next[key] = at + 1;
    }
  }

  get keyCount(): number { return this.from.length - 1; }

  keyValues(key: number): readonly FieldValue[] { return this.#keys.values(key); }

  /** Slot of a key by its values, -1 = no row has it. */
  slotOf(values: readonly FieldValue[]): number {
    for (let key = 0; key < this.keyCount; key += 1) {
      const own = this.#keys.values(key);
      if (own.length === values.length && own.every((value, at) => value === values[at])) return key;
    }
    return -1;
  }

  /** The first watermark at or above `time`; the number of watermarks where none is. */
  callOf(time: number): number {
    const { watermarks } = this;
    let low = 0;
    let high = watermarks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((watermarks[middle] as number) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
