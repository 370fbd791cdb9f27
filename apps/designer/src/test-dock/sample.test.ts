import type { EventSchema } from '@tidemark/event';
import { describe, expect, it } from 'vitest';
import { SAMPLE_EVENTS, countCondition, decodeSample, eventAt, topValues } from './sample.ts';

const schema: EventSchema = { fields: [{ name: 'ts', type: 'int' }, { name: 'name', type: 'string' }, { name: 'amount', type: 'double', optional: true }], time: { field: 'ts', format: 'epoch-ms' } };
const lines = (events: readonly object[]): Uint8Array => new TextEncoder().encode(events.map((event) => JSON.stringify(event)).join('\n'));
const events = [
  { ts: 1_000, name: 'a', amount: 1 }, { ts: 2_000, name: 'b', amount: 5 }, { ts: 3_000, name: 'a' }, { ts: 4_000, name: 'a', amount: 9 },
];

describe('sample', () => {
  it('decodes events and counts what is no event', () => {
    const sample = decodeSample(new TextEncoder().encode('{"ts":1,"name":"a"}\nnot json\n{"name":"no time"}\n{"ts":2,"name":"b"}'), 'ndjson', schema, []);
    expect(sample.batch.length).toBe(2);
    expect(sample.deadLetters).toBe(2);
    expect(sample.firstDeadLetters.map((letter) => letter.position)).toEqual([1, 2]);
    expect(sample.more).toBe(false);
  });
  it('stops at the limit and says that there is more', () => {
    const line = '{"ts":1,"name":"a"}\n';
    const sample = decodeSample(new TextEncoder().encode(line.repeat(SAMPLE_EVENTS + 5)), 'ndjson', schema, []);
    expect(sample.batch.length).toBe(SAMPLE_EVENTS);
    expect(sample.more).toBe(true);
  });
  it('counts the events that meet a condition', () => {
    const { batch } = decodeSample(lines(events), 'ndjson', schema, []);
    expect(countCondition(batch, "event.name == 'a'", [], 2)).toEqual({ count: 3, exact: true, rows: [0, 2] });
    expect(countCondition(batch, '', [], 1)).toEqual({ count: 4, exact: true, rows: [0] });
    expect(countCondition(batch, 'event.nope', [], 1).count).toBeNull();
  });
  it('an event that lacks the field does not meet a condition on it', () => {
    const { batch } = decodeSample(lines(events), 'ndjson', schema, []);
    expect(countCondition(batch, 'event.amount < 100.0', [], 0).count).toBe(3);
  });
  it('counts by the event’s own part where the rest reads earlier stages', () => {
    const { batch } = decodeSample(lines(events), 'ndjson', schema, []);
    expect(countCondition(batch, "event.name == 'a' && event.amount > first[0].amount", ['first'], 0)).toMatchObject({ count: 3, exact: false });
    expect(countCondition(batch, 'event.amount > first[0].amount', ['first'], 0)).toMatchObject({ count: 4, exact: false });
  });
  it('gives the most frequent values, and one event with the fields it has', () => {
    const { batch } = decodeSample(lines(events), 'ndjson', schema, []);
    expect(topValues(batch, 'name')).toEqual({ values: [{ value: 'a', count: 3 }, { value: 'b', count: 1 }], distinct: 2 });
    expect(eventAt(batch, 2)).toEqual({ position: 2, ts: 3_000, fields: { ts: 3_000, name: 'a' } });
  });
  it('reads CSV', () => {
    const { batch } = decodeSample(new TextEncoder().encode('ts,name\n1,a\n2,b\n'), 'csv', schema, []);
    expect(batch.length).toBe(2);
  });
});
