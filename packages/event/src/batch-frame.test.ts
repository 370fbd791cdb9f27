import { ByteReader, ByteWriter } from '@tidemark/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appendObject, appendRow, BatchDecoder, BatchEncoder, codeMaps, Dictionary, DICTIONARY_TEXTS_MAX, EventBatch, type EventSchema, fieldValue, hashBytes } from './index.ts';

const SCHEMA: EventSchema = {
  fields: [
    { name: 'ts', type: 'int' }, { name: 'name', type: 'string', optional: true }, { name: 'user', type: 'string', optional: true },
    { name: 'price', type: 'double', optional: true }, { name: 'ok', type: 'bool', optional: true },
  ],
  time: { field: 'ts', format: 'epoch-ms' },
};
const text = fc.oneof(fc.constantFrom('a', 'b', '', '__proto__', 'abcde', 'abcdf', 'abcdefgh', 'abcdefgi'), fc.string({ unit: 'grapheme', maxLength: 6 }));
const event = fc.record({ ts: fc.integer(), name: text, user: text, price: fc.double({ noNaN: true }), ok: fc.boolean() }, { requiredKeys: ['ts'] });
type Event = { ts: number };

const rowsOf = (batch: EventBatch): unknown[][] => Array.from({ length: batch.length }, (_, row) =>
  [batch.split, batch.time[row], batch.position[row], ...SCHEMA.fields.map((_, field) => fieldValue(batch, field, row))]);
const batchOf = (events: readonly Event[], split: number, dictionaries: readonly (Dictionary | undefined)[]): EventBatch => {
  const batch = new EventBatch(SCHEMA, 40, dictionaries);
  batch.split = split;
  events.forEach((object, index) => appendObject(batch, object, object.ts, index * 3));
  return batch;
};

describe('Dictionary', () => {
  it('[DI1] gives one code to one text, as text, as bytes and after write and read', () => {
    fc.assert(fc.property(fc.array(text, { maxLength: 80 }), (texts) => {
      const dictionary = new Dictionary();
      const model = new Map<string, number>();
      texts.forEach((value, index) => {
        if (!model.has(value)) {
          expect(dictionary.find(value)).toBe(-1);
          model.set(value, model.size);
        }
        const bytes = new TextEncoder().encode(`<${value}>`);
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
        expect(dictionary.findBytes(bytes, 1, bytes.length - 1)).toBe(dictionary.size > (model.get(value) as number) ? model.get(value) : -1);
        expect(index % 3 === 0 ? dictionary.encode(value) : index % 3 === 1 ? dictionary.encodeBytes(bytes, 1, bytes.length - 1) : dictionary.encodeView(bytes, view, 1, bytes.length - 1)).toBe(model.get(value));
        expect(dictionary.find(value)).toBe(model.get(value));
      });
      expect(dictionary.texts()).toEqual([...model.keys()]);
      const writer = new ByteWriter();
      dictionary.write(writer);
      expect(Dictionary.read(new ByteReader(writer.finish())).texts()).toEqual([...model.keys()]);
    }), { numRuns: 200 });
  });

  it('[DI1] tells texts of one hash apart', () => {
    const byHash = new Map<number, string>();
    let pair: [string, string] | null = null;
    for (let i = 0; pair === null && i < 2_000_000; i++) {
      const value = `k${String(i).padStart(8, '0')}`;
      const bytes = new TextEncoder().encode(value);
      const hash = hashBytes(bytes, 0, bytes.length);
      const other = byHash.get(hash);
      if (other !== undefined) pair = [other, value];
      byHash.set(hash, value);
    }
    const texts = pair as unknown as [string, string];
    for (const add of ['text', 'bytes', 'view'] as const) {
      const dictionary = new Dictionary();
      for (const _ of [0, 1]) {
        texts.forEach((value, code) => {
          const bytes = new TextEncoder().encode(value);
          expect(add === 'text' ? dictionary.encode(value) : add === 'bytes' ? dictionary.encodeBytes(bytes, 0, bytes.length) : dictionary.encodeView(bytes, new DataView(bytes.buffer), 0, bytes.length)).toBe(code);
        });
      }
    }
  });

  it('[DI1] takes many texts, refuses bytes that are no UTF-8', () => {
    const dictionary = new Dictionary();
    for (let i = 0; i < 5_000; i++) expect(dictionary.encode(`k${i}`)).toBe(i);
    for (let i = 0; i < 5_000; i++) {
      const bytes = new TextEncoder().encode(`k${i}`);
      expect(dictionary.find(`k${i}`)).toBe(i);
      expect(dictionary.encodeView(bytes, new DataView(bytes.buffer), 0, bytes.length)).toBe(i);
    }
    expect(dictionary.text(4_321)).toBe('k4321');
    const decoder = new TextDecoder('utf-8', { fatal: true });
    fc.assert(fc.property(fc.uint8Array({ maxLength: 5 }), (bytes) => {
      let valid = true;
      try {
        decoder.decode(bytes);
      } catch {
        valid = false;
      }
      expect(dictionary.encodeBytes(bytes, 0, bytes.length) >= 0).toBe(valid);
    }), { numRuns: 2_000, examples: [[Uint8Array.of(0xed, 0xa0, 0x80)], [Uint8Array.of(0xc0, 0x80)], [Uint8Array.of(0xf4, 0x90, 0x80, 0x80)], [Uint8Array.of(0xf0, 0x9f, 0x98, 0x80)]] });
  });
});

it('[DI2] clear starts a new dictionary where one is full, and only there', () => {
  const full = new Dictionary();
  for (let i = 0; i < DICTIONARY_TEXTS_MAX - 1; i++) full.encode(String(i));
  const batch = new EventBatch(SCHEMA, 2, [undefined, full]);
  const dictionaryOf = (field: number): Dictionary | null => {
    const column = batch.columns[field];
    return column?.kind === 'string' ? column.dictionary : null;
  };
  const user = dictionaryOf(2);
  batch.clear();
  expect(dictionaryOf(1)).toBe(full);
  full.encode('the last one');
  batch.clear();
  expect(dictionaryOf(1)).not.toBe(full);
  expect(dictionaryOf(1)?.size).toBe(0);
  expect(dictionaryOf(2)).toBe(user);
});

describe('column frames', () => {
  it('[BF1][BF2] give back every batch of a channel, whole or a subset of rows, whatever dictionaries the batches have', () => {
    fc.assert(fc.property(
      fc.array(fc.record({ events: fc.array(event, { maxLength: 12 }), split: fc.nat(9), shared: fc.boolean(), keep: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), whole: fc.boolean() }), { maxLength: 6 }),
      fc.constantFrom(2, 5, 1 << 20),
      (batches, dictionaryTextsMax) => {
        const encoder = new BatchEncoder(SCHEMA, { dictionaryTextsMax });
        const decoder = new BatchDecoder(SCHEMA);
        const shared = SCHEMA.fields.map((field) => (field.type === 'string' ? new Dictionary() : undefined));
        const received: [EventBatch, unknown[][]][] = [];
        for (const { events, split, shared: one, keep, whole } of batches) {
          const batch = batchOf(events, split, one ? shared : []);
          const rows = events.flatMap((_, row) => (whole || keep[row] ? [row] : []));
          const frame = whole ? encoder.encode(batch) : encoder.encode(batch, Int32Array.from([...rows, 0]), rows.length);
          const all = rowsOf(batch);
          received.push([decoder.decode(frame), rows.map((row) => all[row] as unknown[])]);
        }
        // Compared at the end: later frames must not disturb earlier batches.
        for (const [batch, rows] of received) expect(rowsOf(batch)).toEqual(rows);
      }), { numRuns: 200 });
  });

  it('[BF2] a text travels once', () => {
    const encoder = new BatchEncoder(SCHEMA);
    const events = Array.from({ length: 40 }, (_, i) => ({ ts: i, name: 'a-rather-long-name' }));
    const contains = (frame: Uint8Array): boolean => new TextDecoder().decode(frame).includes('a-rather-long-name');
    expect(contains(encoder.encode(batchOf(events, 0, [])))).toBe(true);
    expect(contains(encoder.encode(batchOf(events, 0, [])))).toBe(false);
  });

  it('[BF2] a full channel starts anew: neither side keeps all texts that ever were', () => {
    const encoder = new BatchEncoder(SCHEMA, { dictionaryTextsMax: 10 });
    const decoder = new BatchDecoder(SCHEMA);
    for (let i = 0; i < 20; i++) {
      const batch = decoder.decode(encoder.encode(batchOf([{ ts: 1, name: `a${i}` } as Event, { ts: 2, name: `b${i}` } as Event], 0, [])));
      const column = batch.columns[1];
      expect(column?.kind === 'string' && column.dictionary.size).toBeLessThanOrEqual(10);
      expect(fieldValue(batch, 1, 1)).toBe(`b${i}`);
    }
  });

  it('[BF1] a damaged frame is refused, never half read', () => {
    const frame = new BatchEncoder(SCHEMA).encode(batchOf([{ ts: 1, name: 'a' } as Event, { ts: 2 }], 0, []));
    for (let length = 0; length < frame.length; length++) expect(() => new BatchDecoder(SCHEMA).decode(frame.slice(0, length))).toThrow();
  });
});

it('[BF1] appendRow copies rows between dictionaries', () => {
  fc.assert(fc.property(fc.array(event, { maxLength: 20 }), fc.array(event, { maxLength: 20 }), (first, second) => {
    const target = new EventBatch(SCHEMA, 40);
    const maps = codeMaps(SCHEMA);
    const expected: unknown[][] = [];
    for (const events of [first, second]) {
      const batch = batchOf(events, 0, []);
      for (let row = batch.length - 1; row >= 0; row--) appendRow(target, batch, row, maps);
      expected.push(...rowsOf(batch).reverse());
    }
    expect(rowsOf(target)).toEqual(expected);
  }), { numRuns: 200 });
});
