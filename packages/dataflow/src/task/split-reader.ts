/**
 * A split as its source task reads it: replayable from a position that is state.
 *
 * Always  a function of the position: after restore(p) the same records come in the same order. One poll at a time.
 * Not here: bytes, files and generators (packages/connectors has the readers), pace, lateness, watermarks (the source task).
 */
import type { EventBatch } from '@tidemark/event';

export interface SplitReader {
  /** Clears `batch` and fills it with the next rows. Dead letters go where the reader was told at its birth, in order. */
  poll(batch: EventBatch): PollAnswer | Promise<PollAnswer>;
  /** The position behind everything polled so far. */
  snapshot(): Uint8Array;
  /** Before the first poll. */
  restore(position: Uint8Array): void;
  /** Where reading is, and the end of the split in the same unit; null where it is not known. */
  progress(): { readonly offset: number; readonly end: number | null };
  close(): Promise<void>;
}

export interface PollAnswer {
  /** Nothing follows what is in the batch now. */
  readonly ended: boolean;
}
