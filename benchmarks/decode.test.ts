import { expect, it } from 'vitest';
import { measureDecode, pairBytes } from './decode.ts';

it('measures both on the same bytes, which both read alike', () => {
  expect(pairBytes(3)).toHaveLength(363);
  const figures = measureDecode({ events: 2_000, rounds: 3 });
  expect(figures).toMatchObject({ rounds: 3, events: 2_000 });
  expect(figures.ratioMin).toBeLessThanOrEqual(figures.ratio);
  expect(figures.ratio).toBeLessThanOrEqual(figures.ratioMax);
});
