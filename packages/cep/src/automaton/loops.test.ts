import { describe, expect, it } from 'vitest';
import { jobOf } from '../../test/operator-under-test.ts';
import { compile } from '../compiler/compile.ts';
import { hasLoops } from './loops.ts';

const a = { name: 'a', link: 'begin' as const, where: "event.type == 'a'" };
const b = { name: 'b', link: 'followedBy' as const, where: "event.type == 'b'" };
const patterns: readonly (readonly [string, Parameters<typeof jobOf>[0], boolean])[] = [
  ['two stages', { steps: [a, b] }, false],
  ['a count', { steps: [a, { ...b, times: { from: 2, to: 5 } }] }, false],
  ['an absence', { steps: [a, { ...b, link: 'notFollowedBy' }, { ...b, name: 'c' }] }, false],
  ['one or more', { steps: [a, { ...b, times: { from: 1, to: null } }, { ...a, name: 'c', link: 'followedBy' }] }, true],
  ['two or more, greedy', { steps: [a, { ...b, times: { from: 2, to: null }, greedy: true }, { ...a, name: 'c', link: 'followedBy' }] }, true],
];

describe('hasLoops', () => {
  it.each(patterns)('[PK5] %s', (_, pattern, expected) => {
    const job = jobOf(pattern, 'user', [{ ts: 1, type: 'a', user: 'u' }]);
    expect(hasLoops(compile(job.patterns[0] as (typeof job.patterns)[number], job.schema))).toBe(expected);
  });
});
