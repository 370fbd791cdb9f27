/**
 * Time buckets: rows that wait, by time, in a ring of buckets.
 *
 * Shape   a bucket is a list of rows in order of arrival, linked through `next`; it spans `width` ms, a power of two that
 *         starts at 1 and grows only where what waits spans more than BUCKETS_MAX ms. Rows that lie very far ahead stand
 *         apart until the others come near them, so that one wrong time does not make all buckets wide.
 * Always  rows leave bucket by bucket, so a row leaves after all rows whose times are earlier by a bucket or more. Within
 *         a bucket they leave as they arrived: the caller puts them in order where they are not.
 * Cost    a constant for each row that comes and goes, and a look at each bucket that is passed.
 * Source  calendar queue (Brown, CACM 1988).
 * Units   times in ms.
 */
import { grownI32 } from '../partial-matches/grow.ts';

const NONE = -1;
const BUCKETS_LEAST = 256;
const BUCKETS_MAX = 65_536;
/** Rows so many ms ahead of the earliest stand apart. */
const FAR_MS = BUCKETS_MAX * 1024;

export class TimeBuckets {
  #width = 1;
  #heads = new Int32Array(BUCKETS_LEAST).fill(NONE);
  #tails = new Int32Array(BUCKETS_LEAST);
  #next = new Int32Array(64);
  /** Numbers of the first and the last bucket that may hold a row; a bucket's number is floor(time / width). */
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;
  #far: number[] = [];
  #farFrom = Number.POSITIVE_INFINITY;
  length = 0;

  /** `times[row]` is the row's time, as long as it waits. */
  add(row: number, time: number, times: Float64Array): void {
    if (row >= this.#next.length) this.#next = grownI32(this.#next, Math.max(row + 1, this.#next.length * 2));
    this.length += 1;
    let bucket = Math.floor(time / this.#width);
    if (bucket < this.#first || bucket > this.#last) {
      if (this.#last >= this.#first && time - this.#first * this.#width > FAR_MS) {
        this.#far.push(row);
        this.#farFrom = Math.min(this.#farFrom, time);
        return;
      }
      this.#cover(time, times);
      bucket = Math.floor(time / this.#width);
    }
    this.#append(bucket, row);
  }

  #append(bucket: number, row: number): void {
    const at = this.#indexOf(bucket);
    this.#next[row] = NONE;
    if (this.#heads[at] === NONE) this.#heads[at] = row;
    else this.#next[this.#tails[at] as number] = row;
    this.#tails[at] = row;
  }

  #indexOf(bucket: number): number {
    const size = this.#heads.length;
    return bucket - Math.floor(bucket / size) * size;
  }

  /** Makes the bucket of `time` one of those between first and last. */
  #cover(time: number, times: Float64Array): void {
    const bucket = Math.floor(time / this.#width);
    const first = Math.min(this.#first, bucket);
    const last = Math.max(this.#last, bucket);
    const span = last - first + 1;
    if (span * this.#width > FAR_MS) {
      // The row is the first of all by far: the others stand apart from now on.
      for (const row of this.#drain()) {
        this.#far.push(row);
        this.#farFrom = Math.min(this.#farFrom, times[row] as number);
      }
      this.#width = 1;
      this.#first = Math.floor(time);
      this.#last = this.#first;
      return;
    }
    if (span <= this.#heads.length) {
      this.#first = first;
      this.#last = last;
      return;
    }
    const waiting = this.#drain();
    const from = first * this.#width;
    const to = (last + 1) * this.#width;
    while ((to - from) / this.#width > BUCKETS_MAX) this.#width *= 2;
    this.#first = Math.floor(from / this.#width);
    this.#last = Math.floor(to / this.#width);
    const size = Math.min(2 * BUCKETS_MAX, 2 ** Math.ceil(Math.log2(2 * (this.#last - this.#first + 1))));
    if (size > this.#heads.length) {
      this.#heads = new Int32Array(size).fill(NONE);
      this.#tails = new Int32Array(size);
    }
    for (const row of waiting) this.#append(Math.floor((times[row] as number) / this.#width), row);
  }

  /** Takes all rows out of the buckets, in order. */
  #drain(): number[] {
    const rows: number[] = [];
    for (let bucket = this.#first; bucket <= this.#last; bucket += 1) {
      const at = this.#indexOf(bucket);
      for (let row = this.#heads[at] as number; row !== NONE; row = this.#next[row] as number) rows.push(row);
      this.#heads[at] = NONE;
    }
    return rows;
  }

  /** All rows that wait, bucket by bucket. */
  rows(): number[] {
    const rows: number[] = [];
    for (let bucket = this.#first; bucket <= this.#last; bucket += 1) {
      for (let row = this.#heads[this.#indexOf(bucket)] as number; row !== NONE; row = this.#next[row] as number) rows.push(row);
    }
    return [...rows, ...this.#far];
  }

  /**
   * Takes the rows whose time is at most `time` and writes them into `into`, which has room for all that wait; answers
   * with their count. `isOrdered(a, b)` says whether row a may come before row b; a bucket where it does not hold from
   * each row to the next is sorted by it.
   */
  takeDue(time: number, times: Float64Array, into: Int32Array, isOrdered: (a: number, b: number) => boolean): number {
    let count = this.#takeNear(time, times, into, 0, isOrdered);
    while (this.#far.length > 0 && this.#farFrom - time <= FAR_MS / 2) {
      this.#comeNear(times);
      if (this.#first * this.#width > time) break;
      count = this.#takeNear(time, times, into, count, isOrdered);
    }
    return count;
  }

  #takeNear(time: number, times: Float64Array, into: Int32Array, taken: number, isOrdered: (a: number, b: number) => boolean): number {
    const due = Math.floor(time / this.#width);
    const end = Math.min(due, this.#last);
    let count = taken;
    for (let bucket = this.#first; bucket <= end; bucket += 1) {
      const at = this.#indexOf(bucket);
      let row = this.#heads[at] as number;
      if (row === NONE) continue;
      const from = count;
      if (bucket < due) {
        for (; row !== NONE; row = this.#next[row] as number) {
          into[count] = row;
          count += 1;
        }
        this.#heads[at] = NONE;
      } else {
        this.#heads[at] = NONE;
        while (row !== NONE) {
          const next = this.#next[row] as number;
          if ((times[row] as number) <= time) {
            into[count] = row;
            count += 1;
          } else this.#append(bucket, row);
          row = next;
        }
      }
      for (let i = from + 1; i < count; i += 1) {
        if (isOrdered(into[i - 1] as number, into[i] as number)) continue;
        into.subarray(from, count).sort((a, b) => (isOrdered(a, b) ? -1 : 1));
        break;
      }
    }
    this.length -= count - taken;
    if (this.length === this.#far.length) {
      this.#first = Number.POSITIVE_INFINITY;
      this.#last = Number.NEGATIVE_INFINITY;
      this.#width = 1;
    } else this.#first = Math.max(this.#first, due);
    return count;
  }

  /** Puts rows that stood apart into the buckets; those that are still far from the first stand apart again. */
  #comeNear(times: Float64Array): void {
    const far = this.#far;
    this.#far = [];
    this.#farFrom = Number.POSITIVE_INFINITY;
    this.length -= far.length;
    // Those that are near go first: the others are far from them.
    far.sort((a, b) => (times[a] as number) - (times[b] as number));
    for (const row of far) this.add(row, times[row] as number, times);
  }
}
