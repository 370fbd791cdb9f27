import { EventBatch, type EventSchema, appendObject } from '@tidemark/event';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashOfKey, keyGroupOf, keyGroupRange, keyHash, murmur3, subtaskOf } from './key-hash.ts';

const schema: EventSchema = {
  fields: [{ name: 'ts', type: 'int' }, { name: 'user', type: 'string', optional: true }, { name: 'amount', type: 'double', optional: true }, { name: 'ok', type: 'bool', optional: true }],
  time: { field: 'ts', format: 'epoch-ms' },
};
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('keys', () => {
  it('[KH1] murmur3 gives the published values', () => {
    expect(murmur3(bytes(''))).toBe(0);
    expect(murmur3(bytes('hello'))).toBe(0x248bfa47);
    expect(murmur3(bytes('hello, world'))).toBe(0x149bbb7f);
    expect(murmur3(bytes('The quick brown fox jumps over the lazy dog'))).toBe(0x2e4ff723);
  });

  it('[KH2] the hash of a row is that of its values, whatever its dictionary codes', () => {
    fc.assert(fc.property(
      fc.array(fc.record({ user: fc.option(fc.string({ maxLength: 20 })), amount: fc.option(fc.double({ noNaN: true })), ok: fc.option(fc.boolean()) }), { minLength: 1, maxLength: 20 }),
      (events) => {
        const batch = new EventBatch(schema, events.length);
        events.forEach((event, index) => appendObject(batch, event, index, index));
        events.forEach((event, row) => {
          expect(keyHash(batch, row, [1])).toBe(hashOfKey([event.user]));
          expect(keyHash(batch, row, [2, 1, 3])).toBe(hashOfKey([event.amount, event.user, event.ok]));
        });
      },
    ), { numRuns: 100 });
  });

  it('[KH3] tuples that only look alike when joined differ', () => {
    expect(hashOfKey(['a', 'bc'])).not.toBe(hashOfKey(['ab', 'c']));
    expect(hashOfKey(['1'])).not.toBe(hashOfKey([1]));
    expect(hashOfKey([null])).not.toBe(hashOfKey(['']));
    expect(hashOfKey([-0])).toBe(hashOfKey([0]));
  });

  it('[KG1] the documented example', () => {
    expect(keyGroupRange(1, { parallelism: 3, maxParallelism: 128 })).toEqual({ start: 43, end: 86 });
  });

  it('[KG2] every key group lies in the range of the subtask that owns it', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 300 }), (a, b) => {
      const parallelism = Math.min(a, b);
      const maxParallelism = Math.max(a, b);
      let next = 0;
      for (let subtask = 0; subtask < parallelism; subtask += 1) {
        const range = keyGroupRange(subtask, { parallelism, maxParallelism });
        expect(range.start).toBe(next);
        for (let group = range.start; group < range.end; group += 1) expect(subtaskOf(group, { parallelism, maxParallelism })).toBe(subtask);
        next = range.end;
      }
      expect(next).toBe(maxParallelism);
    }), { numRuns: 100 });
  });

  it('[KG3] key groups are spread evenly enough', () => {
    const counts = new Int32Array(16);
    for (let key = 0; key < 16_000; key += 1) {
      const group = keyGroupOf(hashOfKey([`user${key}`]), 16);
      counts[group] = (counts[group] as number) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(200);
  });
});
