import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import type { FiguresUpdate } from '@tidemark/protocol';
import { NO_SERIES, POINTS_MAX, matchesPerMinute, withFigures } from './figure-series.ts';

const figures = (eventsPerSecond: number, matches = 0): FiguresUpdate => ({
  topic: 'figures', eventsRead: 0, eventsPerSecond, watermark: null, newestEventTime: null, behindMs: null, late: 0, deadLetters: 0,
  matches, committedMatches: 0, partialMatches: 0, keys: 0, progress: null,
});

describe('figure series', () => {
  it('keeps the last point of a second and leaves a hole empty', () => {
    let series = withFigures(NO_SERIES, 1_000, figures(1));
    series = withFigures(series, 1_900, figures(2));
    series = withFigures(series, 2_100, figures(3));
    series = withFigures(series, 9_000, figures(4));
    expect(series.seconds).toEqual([1, 2, 3, 9]);
    expect(series.eventsPerSecond).toEqual([2, 3, null, 4]);
  });

  it('starts anew when the clock was set back', () => {
    const series = withFigures(withFigures(NO_SERIES, 9_000, figures(1)), 1_000, figures(2));
    expect(series.seconds).toEqual([1]);
  });

  it('times rise, columns agree in length, and there are never too many points', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 4_000 }), { maxLength: 700, minLength: 600 }), (gaps) => {
      let series = NO_SERIES;
      let at = 0;
      for (const gap of gaps) {
        at += gap;
        series = withFigures(series, at, figures(1));
      }
      const { seconds } = series;
      expect(seconds.length).toBeLessThanOrEqual(POINTS_MAX);
      for (let index = 1; index < seconds.length; index++) expect(seconds[index] as number).toBeGreaterThan(seconds[index - 1] as number);
      for (const column of [series.eventsPerSecond, series.behindMs, series.partialMatches, series.matches]) expect(column.length).toBe(seconds.length);
    }), { numRuns: 10 });
  });

  it('gives matches per minute once five seconds are known, and nothing after a count went back', () => {
    let series = withFigures(NO_SERIES, 0, figures(1, 10));
    expect(matchesPerMinute(series)).toBeNull();
    series = withFigures(series, 3_000, figures(1, 11));
    series = withFigures(series, 6_000, figures(1, 13));
    expect(matchesPerMinute(series)).toBe(30);
    expect(matchesPerMinute(withFigures(series, 9_000, figures(1, 2)))).toBeNull();
  });
});
