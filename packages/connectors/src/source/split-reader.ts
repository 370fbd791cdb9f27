/**
 * SplitReader: events of one split, from a position that can be saved and read again.
 *
 * Always  the rows, dead letters and positions after a position depend on that position alone: two readers restored
 *         from one snapshot give the same, whatever was asked of them before and in whatever portions.
 *         Without `rowsMax`, a batch ends where the ordinal is a multiple of the batch's capacity (or the split ends),
 *         so that even the cut into batches is the same after a replay.
 * Not here: event time, lateness and pace (the source task of packages/dataflow).
 */
import type { EventBatch } from '@tidemark/event';

export interface PollResult {
  /** Rows now in the batch. 0 without `ended` is possible: all records of the portion were dead letters. */
  readonly rows: number;
  /** Nothing follows, now or later. */
  readonly ended: boolean;
}

export interface SplitReader {
  /** Index of the split in its source; set on every batch and dead letter. */
  readonly split: number;
  /** Ordinal of the next record, byte offset where there is one, and size: for progress only. */
  progress(): { readonly ordinal: number; readonly offset: number; readonly end: number | null };
  /**
   * Clears `batch` and fills it with the next rows, at most its capacity and at most `rowsMax` records. Answers at
   * once while read bytes last and with a promise when it has to read. One call at a time.
   * Errors: JobFault where the split cannot be read.
   */
  poll(batch: EventBatch, rowsMax?: number): PollResult | Promise<PollResult>;
  /** The position after the last poll that has answered: a poll still under way is not in it. */
  snapshot(): Uint8Array;
  /** Before the first poll. Errors: InvariantViolation where the image is no position of such a split. */
  restore(image: Uint8Array): void;
  close(): Promise<void>;
}

/** Where a batch that begins at `ordinal` ends. */
export function batchEnd(ordinal: number, capacity: number, rowsMax: number): number {
  return Math.min((Math.floor(ordinal / capacity) + 1) * capacity, ordinal + rowsMax);
}
