import { describe, expect, it } from 'vitest';
import type { CasePattern } from '@tidemark/pattern';
import { compile } from '../compiler/compile.ts';
import { CepOperator } from '../operator/cep-operator.ts';
import { jobOf } from '../../test/operator-under-test.ts';
import type { Automaton } from './automaton.ts';
import { applicable } from './strategy.ts';
import { explainStrategy } from './strategy-words.ts';

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
    ["event.name == 'b'", {}, 'followedBy', 'linear', 'C0-DFA', false],
    ["event.name == 'b'", {}, 'followedByAny', 'compact', 'C0', false],
    ["event.name == 'b'", skip, 'followedByAny', 'explicit', 'C3', true],
    ['event.id == a[0].id', {}, 'followedBy', 'partitions', 'C1', false],
    ['a[size(a) - 1].user == event.user && event.price > 2.0', skip, 'followedBy', 'partitions', 'C1', false],
    ['event.price > a[size(a) - 1].price', {}, 'followedBy', 'groups', 'C2', false],
    ['a[0].price - 5.0 >= event.price', skip, 'followedBy', 'groups', 'C2', false],
    ['event.price < avg(a.map(x, x.price))', {}, 'followedBy', 'groups', 'C2', false],
    ['event.price + sum(a.map(x, x.price)) < 20.0', {}, 'followedBy', 'aggregates', 'C2a', false],
    ['a.exists(x, x.id == event.id)', {}, 'followedBy', 'linear', 'C3', true],
    ['event.id == a[0].id', {}, 'followedByAny', 'explicit', 'C3', true],
  ] as const)('[ST2] %s %o %s is kept as %s, class %s', (b, more, link, strategy, costClass, grows) => {
    const explained = explainStrategy(automatonFor(b, more, link));
    expect(explained).toMatchObject({ strategy, costClass, grows });
    expect(explained.reasons.length).toBeGreaterThan(0);
    for (const { en, zh } of explained.reasons) {
      expect(en).toMatch(/^[A-Za-z].*\.$/);
      expect(zh).toMatch(/[\u4e00-\u9fff]/);
    }
  });

  it('[ST2] says what makes the cost grow, and for which stage', () => {
    expect(explainStrategy(automatonFor('a.exists(x, x.id == event.id)')).reasons).toEqual([
      { stage: 'b', en: 'For b each new event is compared with every open partial match: the cost grows with the window.', zh: '对于 b,每个新事件都要与所有未完成的部分匹配逐一比较:代价随窗口增长。' },
    ]);
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
