import { expect, it } from 'vitest';
import { DifferentialRun } from './differential-run.ts';

it('engine and reference agree on 20,000 random pattern × stream pairs', () => {
  const run = new DifferentialRun();
  for (let seed = 1_000_000; run.pairs < 20_000; seed += 1) run.compare(seed);
  expect(run.differences.slice(0, 3)).toEqual([]);
  console.log(`${run.pairs} pairs, ${run.withMatches} with matches, seeds from 1000000`);
});
