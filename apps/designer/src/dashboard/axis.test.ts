import { expect, it } from 'vitest';
import * as fc from 'fast-check';
import { ticksFrom0 } from './axis.ts';

it('takes steps that a person would choose', () => {
  expect(ticksFrom0(150, 'number')).toEqual([0, 50, 100, 150]);
  expect(ticksFrom0(2_106, 'number')).toEqual([0, 1_000, 2_000, 3_000]);
  expect(ticksFrom0(300_000, 'duration')).toEqual([0, 120_000, 240_000, 360_000]);
  expect(ticksFrom0(1_800, 'duration')).toEqual([0, 1_000, 2_000]);
  expect(ticksFrom0(9 * 86_400_000, 'duration')).toEqual([0, 5 * 86_400_000, 10 * 86_400_000]);
  expect([ticksFrom0(0, 'number'), ticksFrom0(NaN, 'duration')]).toEqual([[0, 1], [0, 1]]);
});

it('covers the largest value with few, equal, rising steps', () => {
  fc.assert(fc.property(fc.double({ min: 1e-3, max: 1e12, noNaN: true }), fc.constantFrom('number', 'duration'), (max, kind) => {
    const ticks = ticksFrom0(max, kind);
    expect(ticks[0]).toBe(0);
    expect(ticks.at(-1) as number).toBeGreaterThanOrEqual(max * (1 - 1e-9));
    expect(ticks.length).toBeLessThanOrEqual(5);
    expect(ticks.length).toBeGreaterThanOrEqual(2);
  }));
});
