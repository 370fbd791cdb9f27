import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import {
  formatAgo, formatBytes, formatCount, formatDuration, formatEventSpan, formatEventTime, formatKey, formatMoment, formatPercent, formatRate, formatSetting, formatValue, shortId,
} from './format.ts';

describe('figures as text', () => {
  it('groups counts and keeps small rates visible', () => {
    expect([0, 9, 1204, 2_106_331].map(formatCount)).toEqual(['0', '9', '1,204', '2,106,331']);
    expect([0, 0.02, 0.4, 9.84, 2106.4].map(formatRate)).toEqual(['0', '<0.1', '0.4', '9.8', '2,106']);
  });

  it('says a duration with the unit that fits, in both languages', () => {
    const sizes = [null, 0, 0.4, 184, 999, 1_840, 9_999, 47_000, 59_999, 130_000, 120_000, 4_320_000, 273_600_000];
    expect(sizes.map((ms) => formatDuration(ms, 'en'))).toEqual(
      ['–', '0 ms', '<1 ms', '184 ms', '999 ms', '1.8 s', '9 s', '47 s', '59 s', '2 min 10 s', '2 min', '1 h 12 min', '3 d 4 h']);
    expect(sizes.slice(-4).map((ms) => formatDuration(ms, 'zh'))).toEqual(['2 分 10 秒', '2 分', '1 小时 12 分', '3 天 4 小时']);
  });

  it('says settings exactly and ages in whole seconds', () => {
    expect([0, 500, 1_500, 2_000, 600_000, 7_200_000, 86_400_000, 61_000].map((ms) => formatSetting(ms, 'en'))).toEqual(
      ['0 ms', '500 ms', '1.5 s', '2 s', '10 min', '2 h', '1 d', '61 s']);
    expect([-5, 0, 1_999, 59_999, 61_000].map((ms) => formatAgo(ms, 'en'))).toEqual(['0 s', '0 s', '1 s', '59 s', '1 min 1 s']);
  });

  it('never says that a longer duration is shorter', () => {
    const seconds = (text: string): number => {
      const units: Record<string, number> = { ms: 0.001, s: 1, min: 60, h: 3600, d: 86400 };
      const parts = text.replaceAll(',', '').replace('<1', '0.5').split(' ');
      let total = 0;
      for (let at = 0; at < parts.length; at += 2) total += Number(parts[at]) * (units[parts[at + 1] as string] as number);
      return total;
    };
    fc.assert(fc.property(fc.double({ min: 0, max: 1e10, noNaN: true }), fc.double({ min: 0, max: 1e10, noNaN: true }), (left, right) => {
      const [short, long] = left < right ? [left, right] : [right, left];
      expect(seconds(formatDuration(short, 'en'))).toBeLessThanOrEqual(seconds(formatDuration(long, 'en')) + 1e-9);
    }));
  });

  it('says bytes and shares', () => {
    expect([null, 0, 999, 1_000, 2_100_000, 20_400_000, 999_700_000, 1.2e9, 4.2e12].map(formatBytes)).toEqual(
      ['–', '0 B', '999 B', '1.0 kB', '2.1 MB', '20 MB', '1.0 GB', '1.2 GB', '4,200 GB']);
    expect([0, 0.001, 0.5, 0.996, 1].map(formatPercent)).toEqual(['0', '<1', '50', '99', '100'].map((figure) => `${figure}\u00a0%`));
  });

  it('writes event times in UTC, with milliseconds only where there are some', () => {
    const at = Date.UTC(2013, 11, 2, 21, 15, 0);
    expect(formatEventTime(at)).toBe('2013-12-02 21:15:00');
    expect(formatEventTime(at + 7)).toBe('2013-12-02 21:15:00.007');
    expect(formatEventSpan(at, at + 22_100)).toBe('2013-12-02 21:15:00.000 → 21:15:22.100');
    expect(formatEventSpan(at, at)).toBe('2013-12-02 21:15:00');
    expect(formatEventSpan(at, at + 86_400_000)).toBe('2013-12-02 21:15:00 → 2013-12-03 21:15:00');
    expect([formatEventTime(null), formatEventTime(Infinity), formatEventTime(-1)]).toEqual(['–', '–', '1969-12-31 23:59:59.999']);
  });

  it('writes clock times of another day with the day', () => {
    const noon = new Date(2026, 10, 22, 12, 0, 0).getTime();
    expect(formatMoment(noon, noon + 60_000, 'en')).toBe('12:00:00');
    expect(formatMoment(noon, noon + 86_400_000, 'en')).toContain('Nov 22');
  });

  it('writes values, keys and ids', () => {
    expect([null, 0.1 + 0.2, true, 'x'].map(formatValue)).toEqual(['–', '0.3', 'true', 'x']);
    expect(formatKey(['site-17', 4, null])).toBe('site-17 · 4 · –');
    expect([shortId('abc'), shortId('AAAABBBBCCCCDDDD')]).toEqual(['abc', 'AAAA…DDDD']);
  });
});
