import { expect, it } from 'vitest';
import { compareStrategies, seedsFrom } from '../../test/compare-strategies.ts';

it('[ST1] strategies agree on 6,000 long streams', () => {
  const counts = new Map<string, number>();
  expect(compareStrategies(seedsFrom(2_000_000, 6_000), 160, counts).slice(0, 5)).toEqual([]);
  for (const [mode, count] of counts) expect({ mode, count: count > 0 }).toEqual({ mode, count: true });
});
