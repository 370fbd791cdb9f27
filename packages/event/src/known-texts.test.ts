import { Random } from '@tidemark/testkit';
import { describe, expect, it } from 'vitest';
import { KnownTexts } from './known-texts.ts';

/** Texts of one kind; those that are alike share their places in the table. */
const KINDS: readonly (readonly [string, (n: number) => string])[] = [
  ['numbered', (n) => `k${String(n).padStart(7, '0')}`],
  ['short', (n) => String.fromCharCode(32 + (n % 90)).repeat(n % 4)],
  ['alike where the table looks', (n) => `${n}-sensor-of-the-great-hall`.padStart(40, 'x')],
  ['too long to be kept', (n) => `${n}`.padStart(70, '.')],
  ['beyond one byte', (n) => `键${n}潮`],
];

describe('KnownTexts', () => {
  it.each(KINDS)('[EO3] %s: finds what was added last, and nothing else', (_, text) => {
    const random = new Random(7);
    const known = new KnownTexts();
    const expected = new Map<string, number>();
    for (let step = 0; step < 60_000; step += 1) {
      const one = text(random.between(0, 3_000));
      const found = known.find(one);
      if (found === -1) {
        expect(one.length > 64 || !expected.has(one)).toBe(true);
        known.add(one, step);
        expected.set(one, step);
      } else expect(found).toBe(expected.get(one));
      if (step % 1_024 === 1_023) known.judge(1_024);
      if (step === 40_000) {
        known.clear();
        expected.clear();
      }
    }
    if (text(0).length <= 64) for (const [one, code] of expected) expect(known.find(one)).toBe(code);
  });

  it('[EO3] forgets all when there are too many', () => {
    const known = new KnownTexts();
    for (let n = 0; n < 65_536; n += 1) known.add(`t${n}`, n);
    expect(known.find('t0')).toBe(0);
    known.add('one more', 65_536);
    expect(known.find('t0')).toBe(-1);
    expect(known.find('one more')).toBe(65_536);
  });
});
