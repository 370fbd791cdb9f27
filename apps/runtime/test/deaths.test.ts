import { TEMPLATES, type Template } from '@tidemark/pattern';
import { describe, it } from 'vitest';
import { expectEqualOutput } from './support/deaths.ts';

describe('deaths of real processes', () => {
  it('[LAW1] failed logins, at parallelism 1 and 2: no fault, 20 killed workers, the killed runtime: one and the same output', async () => {
    await expectEqualOutput({ template: TEMPLATES.find(({ id }) => id === 'failed-logins') as Template, parallelisms: [1, 2], seed: 20_261_122, seconds: 10, runtimeKills: 1 });
  }, 240_000);
});
