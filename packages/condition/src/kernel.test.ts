import { describe, expect, it } from 'vitest';
import { Dictionary, type EventSchema, EventBatch, appendObject } from '@tidemark/event';
import { checkCondition, compileKernel, errorAt } from './index.ts';

const schema: EventSchema = {
  fields: [{ name: 'ts', type: 'int' }, { name: 'name', type: 'string' }, { name: 'other', type: 'string' }, { name: 'price', type: 'double', optional: true }, { name: 'ok', type: 'bool' }],
  time: { field: 'ts', format: 'epoch-ms' },
};

function kernelOf(text: string): ReturnType<typeof compileKernel> {
  const checked = checkCondition(text, { schema, stages: ['a'], hasEvent: true });
  if (!checked.ok) throw new Error(JSON.stringify(checked.issues));
  return compileKernel(checked.condition, schema);
}

function batchOf(events: readonly Record<string, unknown>[], capacity = events.length): EventBatch {
  const batch = new EventBatch(schema, capacity);
  events.forEach((event, i) => { appendObject(batch, event, i, i); });
  return batch;
}

const run = (text: string, events: readonly Record<string, unknown>[]): number[] => {
  const out = new Uint8Array(events.length);
  kernelOf(text)(batchOf(events), 0, events.length, out);
  return [...out];
};

describe('compileKernel', () => {
  it('[KN1] writes 0, 1 and 2, for the rows of the range alone', () => {
    const events = [{ price: 1.5 }, {}, { price: 9.5 }, { price: 3.5 }];
    expect(run('event.price > 3.0', events)).toEqual([0, 2, 1, 1]);
    expect(run('!(event.price > 3.0)', events)).toEqual([1, 2, 0, 0]);
    expect(run('has(event.price) && event.price > 3.0', events)).toEqual([0, 0, 1, 1]);
    expect(run('!has(event.price) || event.price > 3.0', events)).toEqual([0, 1, 1, 1]);
    const out = new Uint8Array(4).fill(7);
    kernelOf('event.price > 3.0')(batchOf(events), 1, 3, out);
    expect([...out]).toEqual([7, 2, 1, 7]);
  });

  it('[KN1] works over many chunks', () => {
    const events = Array.from({ length: 5000 }, (_, i) => ({ ts: i, name: `n${i % 7}`, other: `n${i % 5}`, price: i % 11, ok: i % 2 === 0 }));
    const batch = batchOf(events);
    const wanted = (text: string, holds: (event: (typeof events)[0]) => boolean): void => {
      const out = new Uint8Array(5000);
      kernelOf(text)(batch, 3, 4999, out);
      expect(out.findIndex((value, row) => row >= 3 && row < 4999 && value !== (holds(events[row] as (typeof events)[0]) ? 1 : 0)), text).toBe(-1);
    };
    wanted("event.name == 'n3' && event.price >= 5.0", (e) => e.name === 'n3' && e.price >= 5);
    wanted("event.name.startsWith('n1') || event.price * 2.0 < 3.0 || event.ok", (e) => e.name.startsWith('n1') || e.price * 2 < 3 || e.ok);
    wanted('event.name == event.other', (e) => e.name === e.other);
    wanted('event.ts % 3 == 1 && event.ts / 2 * 2 == event.ts', (e) => e.ts % 3 === 1 && e.ts % 2 === 0);
    wanted('event.ok == (event.price > 5.0)', (e) => e.ok === e.price > 5);
    wanted("(event.ok ? event.price : 0.0 - event.price) > 2.0 && !(event.name in ['n0', 'n1'])", (e) => (e.ok ? e.price : -e.price) > 2 && !['n0', 'n1'].includes(e.name));
    wanted('event.price in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]', (e) => e.price > 0);
    // Nothing but parts without a kernel.
    wanted('[event.price].exists(p, p > 3.0) && [event.ts].exists(t, t > 100)', (e) => e.price > 3 && e.ts > 100);
    wanted('[event.price].exists(p, p > 3.0) || [event.ts].exists(t, t > 100)', (e) => e.price > 3 || e.ts > 100);
    wanted('double(event.ts) / 2.0 > event.price && [event.price].exists(p, p > 3.0)', (e) => e.ts / 2 > e.price && e.price > 3);
  });

  it('[KN2] follows a dictionary that grows between calls, and batches with dictionaries of their own', () => {
    const kernels = ["event.name == 'late'", "event.name.contains('t')", "event.name in ['late', 'x']", "event.name == 'late' || [event.name].exists(n, n == 'late')"].map(kernelOf);
    const batch = batchOf([{ name: 'a' }, { name: 'b' }], 4);
    const out = new Uint8Array(4);
    for (const kernel of kernels) {
      kernel(batch, 0, batch.length, out);
      expect([...out.subarray(0, 2)]).toEqual([0, 0]);
    }
    appendObject(batch, { name: 'late' }, 2, 2);
    for (const kernel of kernels) {
      kernel(batch, 0, batch.length, out);
      expect([...out.subarray(0, 3)]).toEqual([0, 0, 1]);
    }
    const other = batchOf([{ name: 'late' }, { name: 'a' }]);
    for (const kernel of kernels) {
      kernel(other, 0, 2, out);
      expect([...out.subarray(0, 2)]).toEqual([1, 0]);
      kernel(batch, 0, 3, out);
      expect([...out.subarray(0, 3)]).toEqual([0, 0, 1]);
    }
  });

  it('[KN2] compares texts of two dictionaries by text, not by code', () => {
    // "name" and "other" have dictionaries of their own: equal codes are different texts.
    expect(run('event.name == event.other', [{ name: 'a', other: 'b' }, { name: 'b', other: 'b' }, { name: 'a', other: 'a' }, { name: 'a' }])).toEqual([0, 1, 1, 2]);
    expect(run('event.name != event.other', [{ name: 'a', other: 'b' }, { name: 'b', other: 'b' }])).toEqual([1, 0]);
  });

  it('[KN3] evaluates an expression on one string field once for each distinct text', () => {
    class Counted extends Dictionary {
      asked = 0;
      override text(code: number): string {
        this.asked += 1;
        return super.text(code);
      }
    }
    const dictionary = new Counted();
    const batch = new EventBatch(schema, 2000, [undefined, dictionary]);
    for (let i = 0; i < 2000; i++) appendObject(batch, { name: ['short', 'a much longer text'][i % 2] }, i, i);
    const out = new Uint8Array(2000);
    const kernel = kernelOf("event.name.size() > 5 ? event.name.matches('long') : event.name.endsWith('x')");
    kernel(batch, 0, 2000, out);
    kernel(batch, 0, 2000, out);
    expect([...out]).toEqual(Array.from({ length: 2000 }, (_, i) => i % 2));
    // Twice for each of two texts: size, then matches or endsWith.
    expect(dictionary.asked).toBe(4);
  });

  it('[KN1] errors of a row can be told', () => {
    const batch = batchOf([{ price: 1 }, {}]);
    const checked = checkCondition('event.price > 3.0', { schema, stages: [], hasEvent: true });
    if (!checked.ok) throw new Error('refused');
    expect(errorAt(checked.condition, batch, 0)).toBeNull();
    expect(errorAt(checked.condition, batch, 1)).toMatchObject({ name: 'EvaluationError', code: 'absent-field', start: 0, end: 11, values: { field: 'price' } });
  });

  it('[KN1] refuses what reads stages, or was checked against other fields', () => {
    const scope = { schema, stages: ['a'], hasEvent: true };
    const stages = checkCondition('size(a) > 1', scope);
    const own = checkCondition('event.ok', scope);
    if (!stages.ok || !own.ok) throw new Error('refused');
    expect(() => compileKernel(stages.condition, schema)).toThrow('reads stages');
    expect(() => compileKernel(own.condition, { ...schema, fields: schema.fields.slice(0, 2) })).toThrow('ok');
  });
});
