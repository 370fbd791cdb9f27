/**
 * Which of a source's splits comes next, and what watermark they have together. The source of a job and the run in one
 * thread ask the same.
 *
 * Always  a split goes on until a watermark stands or it ends; then the split whose next record has the earliest time
 *         follows, the lower number among equals. So the order in which the splits of one source are merged is a
 *         function of their records, and none of them runs far ahead of the others.
 * Source  Flink: watermarks per split, their minimum (WatermarkOutputMultiplexer); here without ended and idle ones.
 */
import { WATERMARK_MAX } from '@tidemark/core';
import type { SplitCursor } from './split-cursor.ts';

/** Where every split that may come has a record at hand; null where there is none. */
export function earliestSplit(splits: readonly SplitCursor[]): SplitCursor | null {
  let earliest: SplitCursor | null = null;
  for (const split of splits) if (split.hasRecord && (earliest === null || split.nextTime < earliest.nextTime)) earliest = split;
  return earliest;
}

/** The least watermark of those that are neither ended nor idle; the largest of all when every one ended; null when the others idle. */
export function watermarkOfSplits(splits: readonly SplitCursor[]): number | null {
  let least: number = WATERMARK_MAX;
  let active = 0;
  let ended = 0;
  for (const split of splits) {
    if (split.ended) ended += 1;
    else if (!split.idle) {
      active += 1;
      if (split.watermark < least) least = split.watermark;
    }
  }
  if (active > 0) return least;
  return ended === splits.length ? WATERMARK_MAX : null;
}
