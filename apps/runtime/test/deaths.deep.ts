import { TEMPLATES } from '@tidemark/pattern';
import { describe, it } from 'vitest';
import { expectEqualOutput } from './support/deaths.ts';

describe('deaths of real processes', () => {
  for (const template of TEMPLATES) {
    for (const round of [1, 2, 3]) {
      it(`[LAW1] ${template.id}, round ${round}`, () => expectEqualOutput({ template, parallelisms: [1, 2], seed: round * 7_919, seconds: 12, runtimeKills: 3 }), 600_000);
    }
  }
});
