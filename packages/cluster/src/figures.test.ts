import { WATERMARK_MIN } from '@tidemark/core';
import { expect, it } from 'vitest';
import type { TaskFigures } from './control-message.ts';
import { sumFigures } from './figures.ts';

const stage = (waiting: readonly number[], atMost?: boolean): TaskFigures['stages'][number] => ({
  patternId: 'p', waiting, entered: [5, 1], advanced: [1, 1], expired: [0, 0], blocked: [0, 0], heldBack: 1, dropped: 2, partialMatches: 3, keys: 2,
  ...(atMost === undefined ? {} : { atMost }),
});
const task = (stages: TaskFigures['stages'], watermark: number): TaskFigures => ({ task: 'match/0', source: null, position: null, stages, watermark, matches: 1 });

it('[CR11] figures of a job are sums over its subtasks; a sum in which one part is a bound is a bound', () => {
  const exact = sumFigures([task([stage([4, 1])], 20), task([stage([2, 0])], 10)]);
  expect(exact.patterns).toEqual([expect.objectContaining({ waiting: [6, 1], entered: [10, 2], heldBack: 2, dropped: 4, atMost: false })]);
  expect(exact).toMatchObject({ partialMatches: 6, watermark: 10, newestEventTime: null });
  expect(sumFigures([task([stage([4, 1], true)], 20), task([stage([2, 0])], WATERMARK_MIN)]).patterns[0]).toMatchObject({ waiting: [6, 1], atMost: true });
});
