import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDecoder, type DeadLetter, EventBatch, inferSchema, startCursor } from './index.ts';

const encoder = new TextEncoder();
const infer = (text: string, name = 'sample', whole = true): ReturnType<typeof inferSchema> => inferSchema(encoder.encode(text), name, whole);

describe('inferSchema', () => {
  it('[IS1] a CSV of a machine: datetime as time, a double, no key', () => {
    const rows = Array.from({ length: 50 }, (_, i) => `2013-12-02 ${String(10 + Math.floor(i / 12)).padStart(2, '0')}:${String((i % 12) * 5).padStart(2, '0')}:00,${70 + i / 8}`);
    const proposal = infer(`\ufefftimestamp,value\r\n${rows.join('\r\n')}\r\n`, 'machine.csv');
    expect(proposal).toMatchObject({ format: 'csv', records: 50, undecodable: 0, key: [] });
    expect(proposal.schema).toEqual({ fields: [{ name: 'timestamp', type: 'int' }, { name: 'value', type: 'double' }], time: { field: 'timestamp', format: 'datetime' } });
    expect(proposal.time[0]).toMatchObject({ field: 'timestamp', inOrder: true, outOfOrdernessMs: 0 });
    expect(proposal.fields[1]).toMatchObject({ presence: 1, distinct: 50, min: 70, max: 70 + 49 / 8 });
  });

  it('[IS1] logs as NDJSON: ISO time, host as key, optional fields, disorder measured', () => {
    const lines = Array.from({ length: 40 }, (_, i) => JSON.stringify({
      ts: new Date(1_600_000_000_000 + (i === 20 ? 17_500 : i * 1_000)).toISOString(), host: `h${i % 3}`, channel: `c${i % 2}`, eventId: i % 5, ...(i % 4 === 0 ? { user: 'u' } : {}), deep: { a: 1 },
    }));
    const proposal = infer(`${lines.join('\n')}\n{"ts":`, 'x.ndjson', false);
    expect(proposal).toMatchObject({ format: 'ndjson', records: 40, undecodable: 0 });
    expect(proposal.time[0]).toMatchObject({ field: 'ts', format: 'iso8601', inOrder: false, outOfOrdernessMs: 1_500 });
    expect(proposal.key[0]).toMatchObject({ field: 'host', distinct: 3 });
    expect(proposal.fields.map(({ name, type, optional }) => [name, type, optional])).toEqual([
      ['ts', 'string', false], ['host', 'string', false], ['channel', 'string', false], ['eventId', 'int', false], ['user', 'string', true],
    ]);
    expect(infer(`${lines.join('\n')}\n{"ts":`, 'x.ndjson', true).undecodable).toBe(1);
  });

  it.each([
    ['epoch-s', '1700000000'], ['epoch-ms', '1700000000123'], ['epoch-us', '1700000000123456'], ['iso8601', '"2024-01-02T03:04:05+02:00"'],
    ['datetime', '"2024-01-02 03:04:05.5"'], ['iso8601', '"2024-01-02"'], ['epoch-ms', '12'],
  ])('[IS1] time as %s: %s', (format, value) => {
    expect(infer(`{"ts":${value},"name":"a"}\n`).schema?.time).toEqual({ field: 'ts', format });
  });

  it.each([
    ['[{"ts":1}]', 'x', 'json'], ['{\n "ts": 1\n}', 'x', 'json'], ['{"ts":1}', 'x.json', 'ndjson'], ['{"ts":1', 'x', 'ndjson'],
    ['a,b\n1,2', 'x', 'csv'], ['', 'x.csv', 'csv'], ['', 'x.jsonl', 'ndjson'], ['\ufeff [', 'x.csv', 'json'],
  ])('[IS1] the format of %j named %s is %s', (text, name, format) => {
    expect(infer(text, name).format).toBe(format);
  });

  it('[IS1] columns of a CSV: whole numbers, measures, flags, names with leading zeros, empty cells', () => {
    const { fields } = infer('t;n;price;ok;zip;note\n2024-01-01;1;5;true;01234;\n2024-01-02;2;6;FALSE;99999;x\n');
    expect(fields.map(({ name, type, optional }) => [name, type, optional])).toEqual([
      ['t', 'string', false], ['n', 'int', false], ['price', 'double', false], ['ok', 'bool', false], ['zip', 'string', false], ['note', 'string', true],
    ]);
  });

  it('[IS1] no records, no proposal; prototype names are names', () => {
    expect(infer('')).toMatchObject({ schema: null, fields: [], time: [], key: [], records: 0 });
    expect(infer('rubbish').schema).toBeNull();
    expect(infer('{"__proto__":1,"constructor":"x","ts":1700000000000}').fields.map((field) => field.name)).toEqual(['__proto__', 'constructor', 'ts']);
  });

  it('[IS2] the proposed schema decodes the sample', () => {
    const scalar = fc.oneof(fc.constantFrom('a', 'b', '007', '1', 'true', ''), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null), fc.constant({ a: 1 }));
    const record = fc.record({ ts: fc.integer({ min: 1_600_000_000_000, max: 1_700_000_000_000 }), a: scalar, b: scalar, c: fc.constantFrom('x', 'y') }, { requiredKeys: ['ts', 'c'] });
    fc.assert(fc.property(fc.array(record, { minLength: 1, maxLength: 10 }), fc.constantFrom<'ndjson' | 'json' | 'csv'>('ndjson', 'json', 'csv'), (records, format) => {
      const cell = (value: unknown): string => (value === undefined || value === null || typeof value === 'object' ? '' : String(value));
      const text = format === 'json' ? JSON.stringify(records, null, 1)
        : format === 'ndjson' ? records.map((value) => JSON.stringify(value)).join('\n')
          : `ts,a,b,c\n${records.map((value) => [value.ts, value.a, value.b, value.c].map(cell).join(',')).join('\n')}`;
      const bytes = encoder.encode(text);
      const proposal = inferSchema(bytes, 'x', true);
      expect(proposal.format).toBe(format);
      expect(proposal.records).toBe(records.length);
      const schema = proposal.schema;
      if (!schema) throw new Error('no schema');
      const batch = new EventBatch(schema, 100);
      const letters: DeadLetter[] = [];
      createDecoder(format, schema).decode(bytes, 0, bytes.length, true, startCursor(), batch, (letter) => letters.push(letter));
      expect(batch.length + letters.length).toBe(records.length);
      for (const letter of letters) {
        const field = proposal.fields.find(({ name }) => name === letter.field);
        expect(['wrong-type', 'integer-range']).toContain(letter.reason);
        if (format === 'csv') expect(field).toBeUndefined();
        else {
          // The main type has a minority: said in the evidence, or a field that is nested here and there.
          const nested = records.some((value) => typeof (value as Record<string, unknown>)[letter.field ?? ''] === 'object');
          expect(nested || field?.reason.includes('do not fit')).toBe(true);
        }
      }
    }), { numRuns: 300 });
  });
});
