import { describe, expect, it } from 'vitest';
import { type Pair, comparePair, pairOf } from './differential.ts';

const PAIRS = 600;

describe('engine against reference', () => {
  it('[CF6] random patterns over random streams give what the reference gives, in lists and in heaps', () => {
    const covered = new Map<string, number>();
    let compared = 0;
    for (let seed = 700_000; compared < PAIRS; seed += 1) {
      const everyKey = seed % 4 === 0;
      const pair: Pair | null = pairOf(seed, everyKey);
      if (pair === null) continue;
      compared += 1;
      for (const feature of pair.features) covered.set(feature, (covered.get(feature) ?? 0) + 1);
      for (const strategy of ['auto', 'explicit'] as const) {
        const { outcome, expected, actual } = comparePair(pair, { strategy, everyKey });
        if (outcome !== 'passed') expect({ seed, strategy, pattern: pair.one.pattern, answer: actual }).toEqual({ seed, strategy, pattern: pair.one.pattern, answer: expected });
      }
    }
    const thin = [...covered].filter(([, count]) => count < PAIRS / 100).map(([feature]) => feature);
    expect(thin.filter((feature) => feature !== 'throwOnMiss' && !feature.startsWith('group:depth2'))).toEqual([]);
  });
});
