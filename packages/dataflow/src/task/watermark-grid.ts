/**
 * Where in a split watermarks stand: a function of the records alone.
 *
 * A watermark after every record would cost; a watermark by the clock would stand elsewhere in every run, and what a
 * key's timers do (Flink advances a key to the watermark that fired its timer) would differ from run to run. So the
 * places are fixed by ordinal or by event time, fine enough that a paced source shows life about 20 times a second.
 *
 * Always  the same records give the same places, whatever the pace, the batches and the restarts (WG1).
 */
import type { Rate } from './pace.ts';

const UPDATES_PER_SECOND = 20;
export const RECORDS_PER_WATERMARK_MAX = 1024;

export class WatermarkGrid {
  readonly #records: number;
  readonly #slotMs: number;

  constructor(rate: Rate) {
    this.#records = rate.kind === 'per-second'
      ? Math.max(1, Math.min(RECORDS_PER_WATERMARK_MAX, Math.floor(rate.events / UPDATES_PER_SECOND)))
      : RECORDS_PER_WATERMARK_MAX;
    this.#slotMs = rate.kind === 'event-time' ? (1000 / UPDATES_PER_SECOND) * rate.speed : 0;
  }

  /**
   * Does a watermark follow the record that moved the split's position from `from` to `to` and its newest event time
   * from `before` to `after`?
   */
  follows(from: number, to: number, before: number, after: number): boolean {
    if (Math.floor(from / this.#records) !== Math.floor(to / this.#records)) return true;
    return this.#slotMs > 0 && Math.floor(before / this.#slotMs) !== Math.floor(after / this.#slotMs);
  }
}
