/**
 * The newest checkpoints as bars: height by duration, on one scale.
 *
 * Always  oldest left, newest right; the tallest completed bar is 1; a running one shows its acknowledgements;
 *         a failed one is as high as it took, and never lower than what the eye can find.
 */
import type { CheckpointView } from '@tidemark/protocol';

export interface CheckpointBar {
  readonly id: number;
  readonly phase: CheckpointView['phase'];
  /** 0..1. */
  readonly height: number;
  readonly durationMs: number | null;
}
const HEIGHT_MIN = 0.08;

export function checkpointBars(checkpoints: readonly CheckpointView[], count: number): readonly CheckpointBar[] {
  const shown = checkpoints.slice(0, count).toReversed();
  const longest = shown.reduce((most, { durationMs, phase }) => (phase === 'completed' ? Math.max(most, durationMs ?? 0) : most), 1);
  return shown.map(({ id, phase, durationMs, acknowledged, expected }) => {
    const height = phase === 'triggered' ? acknowledged / Math.max(1, expected) : (durationMs ?? longest) / longest;
    return { id, phase, durationMs, height: Math.min(1, Math.max(HEIGHT_MIN, height)) };
  });
}
