/**
 * RateLimiter: how fast a split may be read. It waits for nobody; it says how long to wait.
 *
 * Always  a pure function of its calls and the injected clock; no state of the job: after a restart it begins anew, and
 *         matches are the same at any rate. A pause (recovery, backpressure) is not made up for by a flood: per-second
 *         remembers at most a tenth of a second of unused rate, event-time starts over when it has fallen a second behind.
 */
import type { Clock } from '@tidemark/core';

export type Rate =
  | { readonly kind: 'unlimited' }
  | { readonly kind: 'per-second'; readonly events: number }
  /** Event time runs `speed` times as fast as the clock. */
  | { readonly kind: 'event-time'; readonly speed: number };

export interface Allowance {
  /** Records that may be polled now; 0 = wait. */
  readonly rows: number;
  /** How long to wait before asking again, in ms; 0 where rows > 0. */
  readonly waitMs: number;
}

const PORTION_MS = 50;
const BURST_MS = 100;
const BEHIND_MS = 1_000;

export class RateLimiter {
  readonly #rate: Rate;
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** per-second: moment up to which the rate has been used up. */
  #usedUntil: number | null = null;
  /** event-time: this event time stands at this moment of the clock. */
  #anchor: { readonly time: number; readonly at: number } | null = null;
  #portion = 1;

  constructor(rate: Rate, clock: Pick<Clock, 'monotonic'>) {
    this.#rate = rate;
    this.#clock = clock;
  }

  /** How many of at most `rowsMax` records may be polled now. */
  allow(rowsMax: number): Allowance {
    const rate = this.#rate;
    if (rate.kind === 'unlimited') return { rows: rowsMax, waitMs: 0 };
    if (rate.kind === 'event-time') return { rows: Math.min(rowsMax, this.#portion), waitMs: 0 };
    const now = this.#clock.monotonic();
    const msPerRow = 1_000 / rate.events;
    // The first record is free: a slow source shows its first event at once.
    const usedUntil = Math.max(this.#usedUntil ?? now - msPerRow, now - Math.max(BURST_MS, msPerRow));
    this.#usedUntil = usedUntil;
    const rows = Math.floor((now - usedUntil) / msPerRow + 1e-9);
    // Few rows at a high rate wait to become a portion: a batch a row would be the cost, not the rate.
    const portion = Math.max(1, Math.min(rowsMax, Math.floor(PORTION_MS / msPerRow)));
    if (rows >= portion) return { rows: Math.min(rows, rowsMax), waitMs: 0 };
    return { rows: 0, waitMs: Math.max(1, Math.ceil(usedUntil + portion * msPerRow - now)) };
  }

  /**
   * After a poll that gave `records` records with event times up to `latest` (null: no rows): how long to hold them
   * back before they go on, in ms. Until then the position before them is the one to save.
   */
  polled(records: number, latest: number | null): number {
    const rate = this.#rate;
    if (rate.kind === 'per-second') {
      this.#usedUntil = (this.#usedUntil ?? this.#clock.monotonic()) + (records * 1_000) / rate.events;
      return 0;
    }
    if (rate.kind !== 'event-time' || latest === null) return 0;
    const now = this.#clock.monotonic();
    if (!this.#anchor) {
      this.#anchor = { time: latest, at: now };
      return 0;
    }
    const due = this.#anchor.at + (latest - this.#anchor.time) / rate.speed;
    const wait = due - now;
    // Portions follow the density of the events: about twenty a second where events are dense, else one by one.
    if (wait > PORTION_MS * 2) this.#portion = Math.max(1, this.#portion >> 1);
    else if (wait < PORTION_MS / 2) this.#portion = Math.min(1 << 20, this.#portion * 2);
    if (wait < -BEHIND_MS) this.#anchor = { time: latest, at: now };
    return Math.max(0, Math.ceil(wait));
  }
}
