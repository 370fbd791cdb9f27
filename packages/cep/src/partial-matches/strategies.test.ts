import { WATERMARK_MAX, eventTime } from '@tidemark/core';
import { EventBatch, appendObject } from '@tidemark/event';
import { Random } from '@tidemark/testkit';
import { describe, expect, it } from 'vitest';
import { CepOperator, type CepOperatorOptions } from '../operator/cep-operator.ts';
import { chainStream, jobOf } from '../../test/operator-under-test.ts';
import { compareStrategies, seedsFrom } from '../../test/compare-strategies.ts';

describe('ways of keeping partial matches', () => {
  it('[ST1] each that applies gives on long streams what explicit runs give, split and restored or not', () => {
    const counts = new Map<string, number>();
    expect(compareStrategies(seedsFrom(80_000, 120), 120, counts)).toEqual([]);
    for (const mode of ['linear 64', 'state-lists 4', 'compact 0', 'compact 64', 'linear 4 in batches', 'compact 4 in batches']) expect([mode, (counts.get(mode) ?? 0) > 10]).toEqual([mode, true]);
  });

  it('[ST1] a held match goes out at the row at which time frees it, also where runs are listed by state and the row does nothing else', () => {
    expect(compareStrategies([2_000_091], 160, new Map())).toEqual([]);
  });
  it('[ST1] also where most events move the partial matches of one stage alone, and go the short way', () => {
    const counts = new Map<string, number>();
    expect(compareStrategies(seedsFrom(90_000, 150), 120, counts, chainStream)).toEqual([]);
    for (const mode of ['state-lists 0', 'state-lists 4', 'compact 0', 'compact 4']) expect([mode, (counts.get(mode) ?? 0) > 50]).toEqual([mode, true]);
  });

  it.each([
    ['a chain', ['', '', '', '', '']], ['lists that get out of order', ['', ' && (event.id == a[0].id || a[0].id > event.id + 90)', '', '', '']],
    ['lists beside which values are kept', ['', '', '', ' && event.id == a[0].id', '']],
  ] as const)('[CO18] %s: where partial matches end unseen, each is counted as if it ended at once, and nothing of it stays', (_, more) => {
    const letters = ['a', 'b', 'c', 'd', 'e'];
    let matches = 0;
    for (let seed = 1; seed <= 18; seed += 1) {
      const random = new Random(seed);
      const rows = Array.from({ length: 900 }, (__, i) => ({ ts: 1 + i, name: random.pick(['a', 'a', 'b', 'c', 'd', ...(i % 8 === 0 ? ['e'] : [])]), id: random.between(0, 2) }));
      const steps = letters.map((letter, i) => ({ name: letter, link: i === 0 ? 'begin' as const : 'followedBy' as const, where: `event.name == '${letter}'${more[i] as string}` }));
      const job = jobOf({ steps, within: { ms: random.pick([9, 30, 150]) } }, null, rows);
      const run = (options: CepOperatorOptions, together: number) => {
        const given: string[] = [];
        const operator = new CepOperator(job, (match) => given.push(Array.from({ length: match.length }, (__, i) => match.events.positionOf(match.rowAt(i))).join(' ')), { timedOut: false, turnAt: 3, ...options });
        for (let from = 0; from < rows.length; from += together) {
          const part = rows.slice(from, from + together);
          const batch = new EventBatch(job.schema, part.length);
          part.forEach((row, i) => appendObject(batch, row, row.ts, from + i));
          operator.processBatch(batch, eventTime(part.at(-1)?.ts as number));
        }
        const [figures] = operator.stageFigures();
        operator.processWatermark(WATERMARK_MAX);
        operator.endOverdue();
        return { given, figures, left: [operator.matcher.runs.live, operator.matcher.nodes.live, operator.matcher.events.live] };
      };
      const expected = run({ strategy: 'explicit' }, 1);
      matches += expected.given.length;
      for (const together of [1, 50, 900]) expect(run({}, together), `seed ${seed}, ${together} rows at once`).toEqual({ ...expected, left: [0, 0, 0] });
    }
    expect(matches).toBeGreaterThan(100);
  });

  it('[CO18] a partial match that ends unseen goes an eighth of a window later at the latest, while its key has events', () => {
    const random = new Random(5);
    const ROWS = 100_000;
    const WINDOW = 30_000;
    const rows = Array.from({ length: ROWS }, (_, i) => ({ ts: 1 + i, name: 'ab'[i % 2] as string, user: `u${random.between(0, 599)}` }));
    const job = jobOf({ steps: ['a', 'b', 'c'].map((name, i) => ({ name, link: i === 0 ? 'begin' as const : 'followedBy' as const, where: `event.name == '${name}'` })), within: { ms: WINDOW } }, 'user', rows);
    const operator = new CepOperator(job, () => undefined, { timedOut: false });
    const batch = new EventBatch(job.schema, 1_000);
    let most = 0;
    for (let from = 0; from < ROWS; from += 1_000) {
      batch.clear();
      rows.slice(from, from + 1_000).forEach((row, i) => appendObject(batch, row, row.ts, from + i));
      operator.processBatch(batch, eventTime(from + 1_000));
      most = Math.max(most, operator.matcher.runs.live);
    }
    expect(most / (WINDOW / 2)).toBeLessThan(1.2);
    operator.endOverdue();
    expect(operator.matcher.runs.live).toBe(WINDOW / 2);
  });

  it.each([
    ['partitions', 'event.id == a[0].id'], ['groups', 'event.price > a[0].price'], ['aggregates', 'event.price + sum(a.map(x, x.price)) > 5.0'],
  ] as const)('[ST1] %s: a partial match without the value that %s asks for is a fault, as it is for explicit runs', (strategy, where) => {
    const rows = [...Array.from({ length: 12 }, (_, i) => ({ ts: i + 1, name: 'a', id: i, price: i })), { ts: 20, name: 'a' }, { ts: 21, name: 'b', id: 3, price: 4 }];
    const job = jobOf({ steps: [{ name: 'a', link: 'begin', where: "event.name == 'a'" }, { name: 'b', link: 'followedBy', where: `event.name == 'b' && ${where}` }] }, null, rows);
    const run = (way: typeof strategy | 'explicit', skipped: number): number[] => {
      const seen: number[] = [];
      const operator = new CepOperator(job, (match) => seen.push(match.events.positionOf(match.rowAt(0))), { strategy: way, turnAt: 0 });
      const batch = new EventBatch(job.schema, rows.length);
      rows.forEach((row, position) => {
        if (position !== skipped) appendObject(batch, row, row.ts, position);
      });
      operator.processBatch(batch, eventTime(21));
      return seen;
    };
    for (const way of ['explicit', strategy] as const) expect(() => run(way, -1)).toThrow('could not be evaluated');
    expect(run(strategy, 12)).toEqual(run('explicit', 12));
    expect(run(strategy, 12).length).toBeGreaterThan(0);
  });

  it.each([['partitions', 'event.id == a[0].id'], ['groups', 'event.price < a[0].price']] as const)('[ST1] %s: an event looks at no other partial match than those that %s can hold for', (strategy, where) => {
    const rows = [{ ts: 1, name: 'a', id: 1, price: 1 }, { ts: 2, name: 'b', id: 1, price: 1.5 }];
    const job = jobOf({ steps: [{ name: 'a', link: 'begin', where: "event.name == 'a'" }, { name: 'b', link: 'followedBy', where: `event.name == 'b' && ${where} && a.map(x, x.price)[0] > 0.0` }] }, null, rows);
    // Whoever asks a condition of a partial match asks first what its part on the event alone says.
    const asked = (way: typeof strategy | 'linear', starts: number): number => {
      const operator = new CepOperator(job, () => undefined, { strategy: way });
      const batch = new EventBatch(job.schema, starts);
      for (let i = 0; i < starts; i += 1) appendObject(batch, { ts: i + 1, name: 'a', id: i, price: (i % 7) + 1 }, i + 1, i);
      operator.processBatch(batch, eventTime(starts));
      let count = 0;
      const { plans } = operator.matcher;
      const value = plans.value.bind(plans);
      plans.value = (eventClass, predicate) => {
        count += 1;
        return value(eventClass, predicate);
      };
      batch.clear();
      appendObject(batch, { ts: starts + 1, name: 'b', id: 5, price: 7.5 }, starts + 1, starts);
      operator.processBatch(batch, eventTime(starts + 1));
      return count;
    };
    expect(asked(strategy, 2_000) - asked(strategy, 200)).toBeLessThan(10);
    expect(asked('linear', 2_000)).toBeGreaterThan(2_000);
  });
});
