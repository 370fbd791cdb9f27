import { TEMPLATES } from '@tidemark/pattern';
import { afterAll, describe, expect, it } from 'vitest';
import { Workplace } from './support/command.ts';
import { expectSameLines } from './support/same-lines.ts';

const place = new Workplace();
afterAll(() => place.remove());

describe('match and run', () => {
  it.each(TEMPLATES)('[CL5] $id: the same lines at parallelism 1 and 2', async (template) => {
    await expectSameLines(place, template);
    expect(place.left()).toEqual([]);
  });
});
