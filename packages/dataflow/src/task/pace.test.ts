import { describe, expect, it } from 'vitest';
import { Pace } from './pace.ts';
import { WatermarkGrid } from './watermark-grid.ts';

describe('Pace', () => {
  it('lets n rows a second go, after an unpaced head', () => {
    const pace = new Pace({ kind: 'per-second', events: 10, head: 2 });
    expect([0, 1].map((position) => pace.waitFor(position, 0, 1000))).toEqual([0, 0]);
    expect(pace.waitFor(2, 0, 1000)).toBe(0);
    expect(pace.waitFor(3, 0, 1000)).toBe(100);
    expect(pace.waitFor(3, 0, 1100)).toBe(0);
    expect(pace.waitFor(4, 0, 1150)).toBe(50);
  });

  it('follows event time, sped up', () => {
    const pace = new Pace({ kind: 'event-time', speed: 10 });
    expect(pace.waitFor(0, 5_000, 0)).toBe(0);
    expect(pace.waitFor(1, 6_000, 30)).toBe(70);
    expect(pace.waitFor(1, 6_000, 100)).toBe(0);
  });

  it('forgets a long pause instead of rushing', () => {
    const pace = new Pace({ kind: 'per-second', events: 10 });
    pace.waitFor(0, 0, 0);
    expect(pace.waitFor(1, 0, 60_000)).toBe(0);
    expect(pace.waitFor(2, 0, 60_000)).toBe(100);
  });
});

describe('WatermarkGrid', () => {
  it('[WG1] stands at fixed ordinals, about twenty times a second', () => {
    const grid = new WatermarkGrid({ kind: 'per-second', events: 100 });
    expect([0, 1, 2, 3, 4, 5, 9].map((position) => grid.follows(position, position + 1, 0, 0))).toEqual([false, false, false, false, true, false, true]);
  });

  it('[WG1] skipped ordinals do not hide a place', () => {
    const grid = new WatermarkGrid({ kind: 'unlimited' });
    expect(grid.follows(1000, 1030, 0, 0)).toBe(true);
    expect(grid.follows(0, 1023, 0, 0)).toBe(false);
  });

  it('[WG1] follows event time where the pace does', () => {
    const grid = new WatermarkGrid({ kind: 'event-time', speed: 2 }); // slots of 100 ms
    expect(grid.follows(0, 1, 50, 99)).toBe(false);
    expect(grid.follows(1, 2, 99, 100)).toBe(true);
  });
});
