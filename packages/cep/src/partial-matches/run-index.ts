/**
 * Index of the runs of one state by a value of theirs: which of them an event can move, without looking at the others.
 *
 *   EqualIndex  by equal value: a hash table
 *   OrderIndex  by order: a heap in which the runs that an event can move stand on top
 *
 * Always  an entry is a run and its stamp; the owner changes a run's stamp whenever the run moves or ends, and entries with
 *         an old stamp are dropped when they are met, or all at once when they outnumber the others. So nothing is
 *         looked for to be removed.
 *         Runs without a value (its evaluation is a fault) are always among the answers.
 */
import type { CelValue } from '@tidemark/condition';
import { grownF64, grownI32 } from './grow.ts';

const NONE = -1;
const SWEEP_MIN = 64;

/** What the owner knows of its runs. */
export interface RunStamps {
  stampOf(run: number): number;
}

export interface RunIndex {
  /** `value` null: it has none. */
  add(value: CelValue, run: number, stamp: number): void;
  /** Calls `see` for each run that an event with `value` can move. */
  answer(value: CelValue, see: (run: number) => void): void;
  /** After the event has acted: runs that it left alone stay. */
  settle(): void;
  /** `live`: number of runs in the state. */
  sweep(live: number): void;
  /** Entries, old ones included. */
  readonly size: number;
}

export class EqualIndex implements RunIndex {
  readonly #stamps: RunStamps;
  #heads = new Map<CelValue, number>();
  /** Three integers an entry: run, stamp, next. */
  #entries = new Int32Array(64 * 3);
  #length = 0;
  #freeHead = NONE;
  size = 0;

  constructor(stamps: RunStamps) {
    this.#stamps = stamps;
  }

  add(value: CelValue, run: number, stamp: number): void {
    let at = this.#freeHead;
    if (at !== NONE) this.#freeHead = this.#entries[at * 3 + 2] as number;
    else {
      at = this.#length;
      if (at * 3 === this.#entries.length) this.#entries = grownI32(this.#entries, at * 6);
      this.#length = at + 1;
    }
    this.#entries[at * 3] = run;
    this.#entries[at * 3 + 1] = stamp;
    this.#entries[at * 3 + 2] = this.#heads.get(value) ?? NONE;
    this.#heads.set(value, at);
    this.size += 1;
  }

  answer(value: CelValue, see: (run: number) => void): void {
    this.#visit(value, see);
    if (value !== null) this.#visit(null, see);
  }

  #visit(value: CelValue, see: (run: number) => void): void {
    const entries = this.#entries;
    let at = this.#heads.get(value) ?? NONE;
    let before = NONE;
    while (at !== NONE) {
      const next = entries[at * 3 + 2] as number;
      const run = entries[at * 3] as number;
      if (this.#stamps.stampOf(run) === entries[at * 3 + 1]) {
        see(run);
        before = at;
      } else {
        if (before !== NONE) entries[before * 3 + 2] = next;
        else if (next === NONE) this.#heads.delete(value);
        else this.#heads.set(value, next);
        entries[at * 3 + 2] = this.#freeHead;
        this.#freeHead = at;
        this.size -= 1;
      }
      at = next;
    }
  }

  settle(): void {}

  sweep(live: number): void {
    if (this.size <= Math.max(SWEEP_MIN, live * 2)) return;
    for (const value of this.#heads.keys()) this.#visit(value, () => undefined);
  }
}

export class OrderIndex implements RunIndex {
  readonly #stamps: RunStamps;
  /** Whether runs with larger values come first. */
  readonly #descending: boolean;
  readonly #inclusive: boolean;
  #keys = new Float64Array(64);
  #entries = new Int32Array(64 * 2);
  #length = 0;
  /** Answered and not settled: key, run, stamp. */
  #taken: number[] = [];
  readonly #without: EqualIndex;

  /** For comparisons `event operator value of the run`. */
  constructor(stamps: RunStamps, operator: '<' | '<=' | '>' | '>=') {
    this.#stamps = stamps;
    this.#descending = operator === '<' || operator === '<=';
    this.#inclusive = operator === '<=' || operator === '>=';
    this.#without = new EqualIndex(stamps);
  }

  get size(): number { return this.#length + this.#without.size; }

  add(value: CelValue, run: number, stamp: number): void {
    if (typeof value !== 'number') this.#without.add(null, run, stamp);
    // nothing is smaller or larger than no number
    else if (!Number.isNaN(value)) this.#push(this.#descending ? -value : value, run, stamp);
  }

  #push(key: number, run: number, stamp: number): void {
    if (this.#length === this.#keys.length) {
      this.#keys = grownF64(this.#keys, this.#length * 2);
      this.#entries = grownI32(this.#entries, this.#length * 4);
    }
    const keys = this.#keys;
    const entries = this.#entries;
    let at = this.#length;
    this.#length += 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (key >= (keys[parent] as number)) break;
      keys[at] = keys[parent] as number;
      entries[at * 2] = entries[parent * 2] as number;
      entries[at * 2 + 1] = entries[parent * 2 + 1] as number;
      at = parent;
    }
    keys[at] = key;
    entries[at * 2] = run;
    entries[at * 2 + 1] = stamp;
  }

  #pop(): void {
    this.#length -= 1;
    const keys = this.#keys;
    const entries = this.#entries;
    const last = this.#length;
    const key = keys[last] as number;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= last) break;
      if (child + 1 < last && (keys[child + 1] as number) < (keys[child] as number)) child += 1;
      if (key <= (keys[child] as number)) break;
      keys[at] = keys[child] as number;
      entries[at * 2] = entries[child * 2] as number;
      entries[at * 2 + 1] = entries[child * 2 + 1] as number;
      at = child;
    }
    keys[at] = key;
    entries[at * 2] = entries[last * 2] as number;
    entries[at * 2 + 1] = entries[last * 2 + 1] as number;
  }

  answer(value: CelValue, see: (run: number) => void): void {
    this.#without.answer(null, see);
    const limit = this.#descending ? -(value as number) : (value as number);
    while (this.#length > 0) {
      const key = this.#keys[0] as number;
      if (!(this.#inclusive ? key <= limit : key < limit)) return;
      const run = this.#entries[0] as number;
      const stamp = this.#entries[1] as number;
      this.#pop();
      if (this.#stamps.stampOf(run) !== stamp) continue;
      this.#taken.push(key, run, stamp);
      see(run);
    }
  }

  settle(): void {
    const taken = this.#taken;
    for (let i = 0; i < taken.length; i += 3) {
      if (this.#stamps.stampOf(taken[i + 1] as number) === taken[i + 2]) this.#push(taken[i] as number, taken[i + 1] as number, taken[i + 2] as number);
    }
    taken.length = 0;
  }

  sweep(live: number): void {
    this.#without.sweep(live);
    if (this.#length <= Math.max(SWEEP_MIN, live * 2)) return;
    const keys = this.#keys.slice(0, this.#length);
    const entries = this.#entries.slice(0, this.#length * 2);
    this.#length = 0;
    for (let i = 0; i < keys.length; i += 1) {
      const run = entries[i * 2] as number;
      if (this.#stamps.stampOf(run) === entries[i * 2 + 1]) this.#push(keys[i] as number, run, entries[i * 2 + 1] as number);
    }
  }
}
