import { EventBatch, type EventSchema, type FieldValue, appendObject } from '@tidemark/event';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyTable } from './key-table.ts';

const schema: EventSchema = {
  fields: [{ name: 'ts', type: 'int' }, { name: 'user', type: 'string', optional: true }, { name: 'amount', type: 'double', optional: true }, { name: 'ok', type: 'bool', optional: true }],
  time: { field: 'ts', format: 'epoch-ms' },
};
type Event = { readonly user: string | null; readonly amount: number | null; readonly ok: boolean | null };
const event: fc.Arbitrary<Event> = fc.record({
  user: fc.option(fc.constantFrom('', 'a', 'b', 'ab', 'ü', '1')), amount: fc.option(fc.constantFrom(0, -0, 1, 1.5, -1e300)), ok: fc.option(fc.boolean()),
});
const keyOf = (one: Event, fields: readonly number[]): FieldValue[] => fields.map((field) => [null, one.user, one.amount === null ? null : one.amount + 0, one.ok][field] as FieldValue);

describe('key table', () => {
  it('[KT1] equal tuples have one slot and different ones have two, across batches with dictionaries of their own', () => {
    for (const fields of [[1], [2], [3, 1], [1, 2, 3], []]) {
      fc.assert(fc.property(fc.array(fc.array(event, { minLength: 1, maxLength: 8 }), { maxLength: 8 }), (batches) => {
        const table = new KeyTable(schema, fields);
        const slots = new Map<string, number>();
        for (const events of batches) {
          const batch = new EventBatch(schema, events.length);
          events.forEach((one, i) => appendObject(batch, one, i, i));
          const rows = table.prepare(batch);
          const together = new Int32Array(events.length);
          table.slotsOf(rows, Int32Array.from(events.keys()), events.length, together);
          events.forEach((one, row) => {
            const key = keyOf(one, fields);
            const text = JSON.stringify(key);
            const slot = table.slotOf(rows, row);
            expect(slot).toBe(together[row]);
            expect(slots.get(text) ?? slot).toBe(slot);
            slots.set(text, slot);
            expect(table.values(slot)).toEqual(key);
            expect(table.slotOfValues(key)).toBe(slot);
          });
        }
        expect(new Set(slots.values()).size).toBe(slots.size);
      }), { numRuns: 60 });
    }
  });

  it('[KT2] what is compacted keeps its keys under new, dense slots; the others are new again', () => {
    for (const fields of [[1], [1, 2]]) {
      const table = new KeyTable(schema, fields);
      const batch = new EventBatch(schema, 1000);
      for (let i = 0; i < 1000; i += 1) appendObject(batch, { user: `u${i}`, amount: i }, i, i);
      const rows = table.prepare(batch);
      for (let i = 0; i < 1000; i += 1) expect(table.slotOf(rows, i)).toBe(i);
      table.compact(Int32Array.from([3, 500, 999]));
      expect(table.size).toBe(3);
      const again = table.prepare(batch);
      expect([3, 500, 999].map((row) => table.slotOf(again, row))).toEqual([0, 1, 2]);
      expect(table.slotOf(again, 4)).toBe(3);
      expect(table.values(1)).toEqual(fields.length === 1 ? ['u500'] : ['u500', 500]);
    }
  });
});
