import { eventTime } from '@tidemark/core';
import { EventBatch, appendObject } from '@tidemark/event';
import { describe, expect, it } from 'vitest';
import { CepOperator } from '../operator/cep-operator.ts';
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
