import { expect, it } from 'vitest';
import { NO_SERIES } from './figure-series.ts';
import { parseSeries } from './series-memory.ts';

it('brings points back as they were, and nothing that is not whole', () => {
  const series = { seconds: [1, 2, 5], eventsPerSecond: [1, null, 2], behindMs: [null, 1, 2], partialMatches: [1, 2, 3], matches: [0, 0, 1] };
  expect(parseSeries(JSON.stringify(series))).toEqual(series);
  for (const broken of [null, '', '{', '[]', '{}', JSON.stringify({ ...series, seconds: [1, 1, 2] }), JSON.stringify({ ...series, matches: [1] }),
    JSON.stringify({ ...series, seconds: [1, null, 2] })]) expect(parseSeries(broken)).toBe(NO_SERIES);
});
