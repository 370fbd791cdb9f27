import { describe, expect, it } from 'vitest';
import { interleave } from './calibrators/rounds.ts';
import { bench } from './main.ts';

describe('benchmark of the workload pair', () => {
  it('all contenders agree, over columns and over bytes, in every round', () => {
    const result = bench({ columnEvents: 30_000, byteEvents: 5_000, growthEvents: 0, passes: 2, rounds: 1 });
    expect(result.rows.map(({ name }) => name)).toHaveLength(7);
    expect(result.answer.matches).toBeGreaterThan(0);
  });

  it('a contender that answers otherwise stops the bench', () => {
    expect(() => interleave([{ name: 'a', events: 1, run: () => 1 }, { name: 'b', events: 1, run: () => 2 }], 1)).toThrow('b answers 2, not 1');
  });
});
