/**
 * Queue of held rows: a set for each split and each combination of dictionaries, merged where rows of several are due.
 *
 * Always  rows leave in the order of row-order.ts. A set that nothing waits in is dropped once others are in use.
 * Not here: how a set keeps its rows (held-rows.ts).
 */
import type { EventBatch, EventSchema } from '@tidemark/event';
import { HeldRows, bytesOfRecord } from './held-rows.ts';
import type { LaidOutRows } from './laid-out-rows.ts';
import type { RowOrder } from './row-order.ts';

/** Sets in which nothing waits that are kept for rows to come. */
const EMPTY_SETS_KEPT = 16;

export class HeldRowsQueue {
  readonly #schema: EventSchema;
  /** Fields that are kept: those that something reads later. */
  readonly fields: readonly number[];
  readonly #order: RowOrder;
  #sets: HeldRows[] = [];
  #last: HeldRows | null = null;
  length = 0;

  readonly #rowBytes: number;
  /** Newest time that waits, with the split and the last position that has it (split -1: several). */
  #newest = Number.NEGATIVE_INFINITY;
  #newestSplit = -1;
  #newestPosition = -1;

  constructor(schema: EventSchema, fields: readonly number[], order: RowOrder) {
    this.#schema = schema;
    this.fields = fields;
    this.#order = order;
    this.#rowBytes = bytesOfRecord(schema, fields);
  }

  /** Of rows that wait; their texts are the channel's, which bounds them. */
  get bytesInUse(): number {
    return this.length * this.#rowBytes;
  }

  sets(): readonly HeldRows[] {
    return this.#sets;
  }

  /** What was made ready before is void. */
  forgetReady(): void {
    for (const { leaving } of this.#sets) leaving.ready = null;
  }

  /**
   * Copies rows of `batch`, given by their numbers in rows[from, to), with their classes beside them.
   * Dictionaries are shared with the batch: codes of a dictionary never change.
   */
  add(batch: EventBatch, rows: Int32Array, from: number, to: number, classes: Uint16Array): void {
    if (to <= from) return;
    this.length += to - from;
    this.#noteNewest(batch, rows, from, to);
    this.#setFor(batch).add(batch, rows, from, to, classes);
  }

  #noteNewest(batch: EventBatch, rows: Int32Array, from: number, to: number): void {
    for (let i = from; i < to; i += 1) {
      const row = rows[i] as number;
      const time = batch.time[row] as number;
      const position = batch.position[row] as number;
      if (time > this.#newest) {
        this.#newest = time;
        this.#newestSplit = batch.split;
        this.#newestPosition = position;
      } else if (time === this.#newest) {
        if (batch.split !== this.#newestSplit) this.#newestSplit = -1;
        this.#newestPosition = Math.max(this.#newestPosition, position);
      }
    }
  }

  /** Whether a row comes after every row that waits. */
  isBefore(batch: EventBatch, row: number): boolean {
    if (this.length === 0) return true;
    const time = batch.time[row] as number;
    if (time !== this.#newest) return time > this.#newest;
    return !this.#order.hasTieBreak && batch.split === this.#newestSplit && (batch.position[row] as number) > this.#newestPosition;
  }

  #setFor(batch: EventBatch): HeldRows {
    if (this.#last?.isFor(batch) === true) return this.#last;
    let set = this.#sets.find((one) => one.isFor(batch));
    if (set === undefined) {
      if (this.#sets.length >= EMPTY_SETS_KEPT) this.#sets = this.#sets.filter(({ waiting }) => waiting > 0);
      set = new HeldRows(this.#schema, this.fields, this.#order, batch);
      this.#sets.push(set);
    }
    this.#last = set;
    return set;
  }

  /** Lets all rows up to `watermark` leave, in order: rows[from, to) at a time, which are others when it comes back. */
  drain(watermark: number, leave: (rows: LaidOutRows, from: number, to: number) => void): void {
    const due = this.#sets.filter((set) => set.waiting > 0 && this.#layOut(set, watermark));
    if (due.length === 1) {
      const only = due[0] as HeldRows;
      do leave(only.leaving, 0, only.leaving.length);
      while (this.#layOut(only, watermark));
    } else if (due.length > 1) this.#merge(due, watermark, leave);
    if (this.length === 0) this.#newest = Number.NEGATIVE_INFINITY;
  }

  #layOut(set: HeldRows, watermark: number): boolean {
    if (!set.layOut(watermark)) return false;
    this.length -= set.leaving.length;
    return true;
  }

  /** Rows of the set whose next row is first go on leaving as long as they come before the next row of every other set. */
  #merge(due: readonly HeldRows[], watermark: number, leave: (rows: LaidOutRows, from: number, to: number) => void): void {
    const heap: HeldRows[] = [];
    for (const set of due) {
      heap.push(set);
      this.#rise(heap, heap.length - 1);
    }
    while (heap.length > 0) {
      const set = heap[0] as HeldRows;
      const left = heap[1];
      const right = heap[2];
      const second = (left !== undefined && right !== undefined && this.#before(right, left) ? right : left)?.leaving;
      const rows = set.leaving;
      const start = rows.cursor;
      let end = start + 1;
      while (end < rows.length && (second === undefined || !this.#order.isEarlier(second, second.cursor, rows, end))) end += 1;
      rows.cursor = end;
      leave(rows, start, end);
      if (end === rows.length && !this.#layOut(set, watermark)) {
        const last = heap.pop() as HeldRows;
        if (heap.length === 0) return;
        heap[0] = last;
      }
      this.#sink(heap);
    }
  }

  #before({ leaving: a }: HeldRows, { leaving: b }: HeldRows): boolean {
    return this.#order.isEarlier(a, a.cursor, b, b.cursor);
  }

  #rise(heap: HeldRows[], from: number): void {
    let k = from;
    while (k > 0) {
      const parent = (k - 1) >> 1;
      if (!this.#before(heap[k] as HeldRows, heap[parent] as HeldRows)) return;
      [heap[k], heap[parent]] = [heap[parent] as HeldRows, heap[k] as HeldRows];
      k = parent;
    }
  }

  #sink(heap: HeldRows[]): void {
    let k = 0;
    for (;;) {
      let child = 2 * k + 1;
      if (child >= heap.length) return;
      if (child + 1 < heap.length && this.#before(heap[child + 1] as HeldRows, heap[child] as HeldRows)) child += 1;
      if (!this.#before(heap[child] as HeldRows, heap[k] as HeldRows)) return;
      [heap[k], heap[child]] = [heap[child] as HeldRows, heap[k] as HeldRows];
      k = child;
    }
  }
}
