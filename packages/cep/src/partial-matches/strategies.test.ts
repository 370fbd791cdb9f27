import { describe, expect, it } from 'vitest';
import { compareStrategies, seedsFrom } from '../../test/compare-strategies.ts';

describe('ways of keeping partial matches', () => {
  it('[ST1] each that applies gives on long streams what explicit runs give, split and restored or not', () => {
    const counts = new Map<string, number>();
    expect(compareStrategies(seedsFrom(80_000, 120), 120, counts)).toEqual([]);
    for (const mode of ['linear 64', 'state-lists 4', 'compact 0', 'compact 64']) expect([mode, (counts.get(mode) ?? 0) > 10]).toEqual([mode, true]);
  });
});
