import { expect, it } from 'vitest';
import type { CheckpointView } from '@tidemark/protocol';
import { checkpointBars } from './checkpoint-bars.ts';

const view = (id: number, phase: CheckpointView['phase'], durationMs: number | null, acknowledged = 4): CheckpointView => ({
  id, phase, triggeredAt: 0, acknowledged, expected: 4, durationMs, bytes: 1, failure: null, final: false,
});

it('draws the newest on the right, by duration, the running one by its acknowledgements', () => {
  const bars = checkpointBars([view(5, 'triggered', null, 1), view(4, 'completed', 200), view(3, 'failed', 10_000), view(2, 'completed', 100), view(1, 'completed', 1)], 4);
  expect(bars.map(({ id, height }) => [id, height])).toEqual([[2, 0.5], [3, 1], [4, 1], [5, 0.25]]);
});

it('keeps the shortest visible and divides by nothing', () => {
  expect(checkpointBars([view(2, 'completed', 1_000), view(1, 'completed', 1)], 9).map((bar) => bar.height)).toEqual([0.08, 1]);
  expect(checkpointBars([view(1, 'failed', null)], 9).map((bar) => bar.height)).toEqual([1]);
  expect(checkpointBars([], 9)).toEqual([]);
});
