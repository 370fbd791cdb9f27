/**
 * A split as its source task reads it: replayable from a position that is state.
 *
 * Always  a function of the position: after restore(p) the same records come in the same order, however they are cut
 *         into batches. One poll at a time.
 * Not here: bytes and files (packages/connectors), pace, lateness, watermarks (the source task).
 */
import type { DeadLetter, EventBatch } from '@tidemark/event';

export interface SplitReader {
  /**
   * Appends records to the empty `batch` and calls back for what is no row. Resolves with true when the split may have
   * more, with false at its end (the batch may still hold rows then).
   */
  poll(batch: EventBatch, onDeadLetter: (deadLetter: DeadLetter) => void): Promise<boolean> | boolean;
  /** The position behind everything polled so far. */
  snapshot(): Uint8Array;
  /** Before the first poll. */
  restore(position: Uint8Array): void;
  /** Share of the split that was read, 0..1; null where the end is not known. */
  progress(): number | null;
  close(): Promise<void> | void;
}
