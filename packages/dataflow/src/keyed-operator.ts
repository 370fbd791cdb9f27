/**
 * The operator as its task sees it: keyed, driven by batches and watermarks, imaged at barriers.
 *
 * Always  a function of what it was given: no clock, no randomness, no I/O. All calls are synchronous.
 * Not here: alignment, channels, lateness (decided at the split), where matches go (the operator got its output at birth).
 */
import type { EventTime } from '@tidemark/core';
import type { EventBatch } from '@tidemark/event';

/** What one subtask of an operator counted; arrays have one entry a stage, by stage number. */
export interface StageFigures {
  readonly patternId: string;
  readonly waiting: readonly number[];
  /** Whether `waiting` and `partialMatches` may count some that are over: they are kept in common and have not been counted anew. */
  readonly atMost?: boolean;
  readonly entered: readonly number[];
  readonly advanced: readonly number[];
  readonly expired: readonly number[];
  readonly blocked: readonly number[];
  readonly heldBack: number;
  readonly dropped: number;
  /** Matches of the pattern so far, over all lives of the job, where the operator counts them. */
  readonly matches?: number;
  readonly partialMatches: number;
  readonly keys: number;
}

export interface KeyedOperator {
  /**
   * Rows of one channel, in channel order; not late. The operator copies what it keeps. With `watermark` the call is
   * processBatch(batch) and processWatermark(watermark) in one, which saves the copy of rows that are due at once.
   */
  processBatch(batch: EventBatch, watermark?: EventTime): void;
  /** All further rows have time > watermark. */
  processWatermark(watermark: EventTime): void;
  /** A consistent image of all state, synchronously; later processing does not change it. */
  snapshot(): Uint8Array;
  /** Before the first element: images of one or several former subtasks; only keys in [start, end) of key groups are taken over. */
  restore(images: readonly Uint8Array[], keyGroups: { readonly start: number; readonly end: number }): void;
  stageFigures(): readonly StageFigures[];
}
