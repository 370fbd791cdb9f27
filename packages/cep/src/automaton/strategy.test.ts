import { describe, expect, it } from 'vitest';
import type { CasePattern } from '@tidemark/pattern';
import { compile } from '../compiler/compile.ts';
import { CepOperator } from '../operator/cep-operator.ts';
import { jobOf } from '../../test/operator-under-test.ts';
import type { Automaton } from './automaton.ts';
import { applicable, chooseStrategy } from './strategy.ts';

const EVENTS = [{ ts: 1, name: 'a', id: 1, price: 1.5, user: 'u' }];

function jobFor(b: string, more: Partial<CasePattern> = {}, link: 'followedBy' | 'followedByAny' = 'followedBy') {
  const steps = [{ name: 'a', link: 'begin' as const, where: "event.name == 'a'" }, { name: 'b', link, where: b }];
  return jobOf({ steps: link === 'followedBy' ? steps : [...steps, { name: 'c', link, where: "event.name == 'c'" }], within: { ms: 100 }, ...more }, null, EVENTS);
}

function automatonFor(...args: Parameters<typeof jobFor>): Automaton {
  const job = jobFor(...args);
  return compile(job.patterns[0] as never, job.schema);
}

const skip = { skip: { strategy: 'SKIP_TO_NEXT' as const } };

describe('strategy', () => {
  it.each([
    ["event.name == 'b'", {}, 'followedBy', 'linear'],
    ["event.name == 'b'", {}, 'followedByAny', 'compact'],
    ["event.name == 'b'", skip, 'followedByAny', 'explicit'],
    ['event.id == a[0].id', {}, 'followedBy', 'partitions'],
    ['a[size(a) - 1].user == event.user && event.price > 2.0', skip, 'followedBy', 'partitions'],
    ['event.price > a[size(a) - 1].price', {}, 'followedBy', 'groups'],
    ['a[0].price - 5.0 >= event.price', skip, 'followedBy', 'groups'],
    ['event.price < avg(a.map(x, x.price))', {}, 'followedBy', 'groups'],
    ['event.price + sum(a.map(x, x.price)) < 20.0', {}, 'followedBy', 'aggregates'],
    ['a.exists(x, x.id == event.id)', {}, 'followedBy', 'linear'],
    ['event.id == a[0].id', {}, 'followedByAny', 'explicit'],
  ] as const)('[ST2] %s %o %s is kept as %s', (b, more, link, strategy) => {
    expect(chooseStrategy(automatonFor(b, more, link), 'auto').strategy).toBe(strategy);
  });

  it('[ST3] one that is forced and does not apply is a fault that says why, and which ones do', () => {
    const job = jobFor("event.name == 'b'", skip, 'followedByAny');
    expect(applicable(automatonFor("event.name == 'b'", skip, 'followedByAny'))).toEqual(['explicit']);
    for (const [strategy, why] of [
      ['compact', 'the skip strategy chooses among single partial matches'], ['linear', 'one start can have several partial matches'], ['partitions', 'one start can have several'],
    ] as const) {
      expect(() => new CepOperator(job, () => undefined, { strategy })).toThrow(`cannot be kept as ${strategy}: ${why}`);
    }
    expect(() => new CepOperator(jobFor('event.id == a[0].id'), () => undefined, { strategy: 'groups' })).toThrow('no condition compares the event with earlier events alone');
    expect(() => new CepOperator(job, () => undefined, { strategy: 'state-lists' })).toThrow(expect.objectContaining({ code: 'strategy-not-applicable', remedy: 'Use one of: auto, explicit.' }) as Error);
  });
});
