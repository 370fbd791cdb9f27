import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDecoder } from './create-decoder.ts';
import { EventBatch, fieldValue } from './event-batch.ts';
import { ObjectWriter } from './object-writer.ts';
import { startCursor } from './record-decoder.ts';
import { RowWriter } from './row-writer.ts';
import type { EventSchema } from './schema.ts';

const plain: EventSchema = {
  fields: [
    { name: 'ts', type: 'int' }, { name: 'type', type: 'string' }, { name: 'user', type: 'string', optional: true }, { name: 'amount', type: 'double' },
    { name: 'count', type: 'int', optional: true }, { name: 'ok', type: 'bool', optional: true },
    { name: 'ü', type: 'string' }, { name: 'eighth', type: 'int' }, { name: 'ninth', type: 'double' },
  ],
  time: { field: 'ts', format: 'epoch-ms' },
};
/** Names that every object seems to have. */
const schema: EventSchema = { ...plain, fields: [...plain.fields.map((field) => ({ ...field, optional: field.name !== 'ts' })), { name: 'constructor', type: 'string', optional: true }, { name: '__proto__', type: 'int', optional: true }] };
const rowOf = (batch: EventBatch, row: number): unknown[] =>
  [batch.time[row], batch.position[row], ...batch.schema.fields.map((_, field) => fieldValue(batch, field, row)), ...batch.columns.map((column) => column.present[row])];

const text = fc.oneof(fc.constantFrom('', 'a', 'ü', '😀', 'x'.repeat(100)), fc.string());
const odd = fc.oneof(fc.constant(null), fc.constant(-0), fc.constant(1.5), fc.constant(2 ** 53), fc.constant('1700000000000'), fc.boolean(), fc.constant({}), fc.constant([1]), text);
const usual = {
  ts: fc.integer({ min: 0, max: 2 ** 45 }), type: text, user: text, amount: fc.double({ noNaN: true, noDefaultInfinity: true }),
  count: fc.maxSafeInteger(), ok: fc.boolean(), constructor: text, ü: text, eighth: fc.integer(), ninth: fc.double({ noNaN: true, noDefaultInfinity: true }), other: odd,
};
/** Objects of which most members are usual, some odd and some absent. */
const record = fc.record(Object.fromEntries(Object.entries(usual).map(([name, value]) => [name, fc.oneof({ weight: 30, arbitrary: value as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: odd })])), { requiredKeys: ['ts', 'type', 'user', 'amount', 'count', 'ü', 'eighth', 'ninth'] });

describe('ObjectWriter', () => {
  it('[EO1] a ready object becomes the row, or is refused for the reason, that it has as a line of NDJSON', () => {
    let written = 0;
    let refused = 0;
    for (const schemaOf of [plain, schema]) fc.assert(fc.property(fc.array(record, { minLength: 1, maxLength: 30 }), (drawn) => {
      // what JSON says of them, so that both see the same: no undefined, no -0
      const records = drawn.map((one) => JSON.parse(JSON.stringify(one)) as object);
      const lines = new TextEncoder().encode(records.map((one) => JSON.stringify(one)).join('\n'));
      const expected = new EventBatch(schemaOf, records.length);
      const letters = new Map<number, string>();
      createDecoder('ndjson', schemaOf, { keyFields: ['user'] }).decode(lines, 0, lines.length, true, startCursor(), expected, ({ position, reason, field }) => letters.set(position, `${reason} ${field}`));
      const writer = new ObjectWriter(schemaOf, ['user']);
      const batch = new EventBatch(schemaOf, records.length);
      const refusals = new Map<number, string>();
      records.forEach((one, i) => {
        const refusal = writer.append(batch, one, i);
        if (refusal !== null) refusals.set(i, `${refusal.reason} ${refusal.field}`);
      });
      expect(refusals).toEqual(letters);
      expect(batch.length).toBe(expected.length);
      for (let row = 0; row < batch.length; row += 1) expect(rowOf(batch, row)).toEqual(rowOf(expected, row));
      // after the last row nothing is left of what was refused
      for (const { present } of batch.columns) expect(present.indexOf(1, batch.length)).toBe(-1);
      written += batch.length;
      refused += refusals.size;
    }), { numRuns: 300 });
    expect(written).toBeGreaterThan(500);
    expect(refused).toBeGreaterThan(100);
  });

  it('[EO1] only own members of the object count, as in RowWriter', () => {
    class Event {
      readonly type = 'a';
      readonly amount = 1;
      get ts(): number { return 5; }
    }
    const objects: object[] = [new Event(), Object.create({ ts: 1, type: 'a', amount: 2 }), Object.assign(Object.create(null) as object, { ts: 1, type: 'a', amount: 2 }), JSON.parse('{"ts":1,"type":"a","amount":2,"__proto__":7}') as object];
    const all = { type: 'a', amount: 1, ü: '', eighth: 8, ninth: 9 };
    objects.push(Object.assign(new Event(), all), Object.create({ ...all, ts: 1 }) as object, { ...all, ts: 1 });
    for (const one of objects) for (const schemaOf of [plain, schema]) {
      const batch = new EventBatch(schemaOf, 1);
      const other = new EventBatch(schemaOf, 1);
      const rows = new RowWriter(schemaOf, []);
      rows.bind(other);
      const expected = rows.writeObject(one, 0);
      if (expected === null) rows.commit(0, 3);
      expect(new ObjectWriter(schemaOf).append(batch, one, 3)).toEqual(expected);
      expect(batch.length).toBe(other.length);
      expect(rowOf(batch, 0)).toEqual(rowOf(other, 0));
    }
  });

  it('[EO2] codes are those of the dictionaries at hand, when a batch was cleared or another one comes', () => {
    const writer = new ObjectWriter(plain);
    const one = new EventBatch(plain, 4);
    const two = new EventBatch(plain, 4);
    const event = (type: string): object => ({ ts: 1, type, user: 'u', amount: 1, count: 1, ok: true, ü: '', eighth: 8, ninth: 9 });
    for (const [batch, types] of [[one, ['a', 'b']], [two, ['b', 'a']], [one, ['b']], [two, ['c', 'b']]] as const) {
      batch.clear();
      types.forEach((type, i) => expect(writer.append(batch, event(type), i)).toBeNull());
      expect(types.map((_, row) => fieldValue(batch, 1, row))).toEqual(types);
    }
    const column = one.columns[1];
    if (column?.kind !== 'string') throw new Error('the column is a text');
    one.clear();
    column.dictionary = two.columns[1]?.kind === 'string' ? two.columns[1].dictionary : column.dictionary;
    expect(writer.append(one, event('c'), 0)).toBeNull();
    expect(fieldValue(one, 1, 0)).toBe('c');
    expect(() => { for (let i = 0; i < 4; i += 1) writer.append(one, event('a'), i); }).toThrow('full');
  });
});
