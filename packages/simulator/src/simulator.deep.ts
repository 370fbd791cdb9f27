import { expect, it } from 'vitest';
import { runSeed } from './seed.ts';

const FROM = 1_001;
const SEEDS = 3_000;

it(`[SM1] ${SEEDS} worlds: committed output equals the run without faults, and every invariant holds`, async () => {
  for (let seed = FROM; seed < FROM + SEEDS; seed += 1) {
    const { failures } = await runSeed(seed);
    expect(failures, `replay: npm run sim -- --seed ${seed}`).toEqual([]);
  }
});
