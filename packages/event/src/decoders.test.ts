import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDecoder, type DeadLetter, type DecodeCursor, type DecoderOptions, EventBatch, type EventSchema, fieldValue, startCursor } from './index.ts';
import { oracle } from '../test/oracle.ts';

const encoder = new TextEncoder();
const SCHEMA: EventSchema = {
  fields: [
    { name: 'ts', type: 'int' },
    { name: 'name', type: 'string', optional: true },
    { name: 'price', type: 'double', optional: true },
    { name: 'count', type: 'int', optional: true },
    { name: 'ok', type: 'bool', optional: true },
    { name: '__proto__', type: 'string', optional: true },
  ],
  time: { field: 'ts', format: 'epoch-ms' },
};

interface Run { rows: unknown[][]; letters: DeadLetter[]; cursor: DecodeCursor }

/** Decodes `bytes` cut into chunks at random, with a batch of `capacity`, from fresh decoders now and then. */
function run(
  format: 'ndjson' | 'json' | 'csv', schema: EventSchema, bytes: Uint8Array, options: DecoderOptions = {}, chunk: () => number = () => 1 << 20, capacity = 64,
): Run {
  let decoder = createDecoder(format, schema, options);
  const batch = new EventBatch(schema, capacity);
  let cursor = startCursor();
  const rows: unknown[][] = [];
  const letters: DeadLetter[] = [];
  let to = 0;
  for (let calls = 0; ; calls++) {
    batch.clear();
    const consumed = decoder.decode(bytes, cursor.offset, to, to === bytes.length, cursor, batch, (letter) => letters.push(letter));
    for (let row = 0; row < batch.length; row++) {
      rows.push([batch.position[row], batch.time[row], ...schema.fields.map((_, field) => fieldValue(batch, field, row))]);
    }
    if (calls % 3 === 2) {
      decoder = createDecoder(format, schema, options);
      cursor = structuredClone(cursor);
    }
    if (consumed === 0 && batch.length < capacity) {
      if (to === bytes.length) break;
      to = Math.min(bytes.length, to + chunk());
    }
    expect(calls).toBeLessThan(100_000);
  }
  expect(cursor.offset).toBe(bytes.length);
  return { rows, letters, cursor };
}

const same = (actual: Run, bytes: Uint8Array): void => {
  const expected = oracle(bytes, SCHEMA);
  expect(actual.rows).toEqual(expected.rows);
  expect(actual.letters.map((letter) => [letter.position, letter.offset, letter.reason, letter.field])).toEqual(expected.letters);
};

const numberText = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.integer().map(String),
  fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String),
  fc.tuple(fc.nat(), fc.stringMatching(/^\d{1,22}$/)).map(([whole, rest]) => `${whole}.${rest}`),
  fc.constantFrom('-0', '0', '1.0', '1e3', '1E-2', '-1.50', '9007199254740991', '9007199254740992', '9007199254740993', '1e999', '0.1', '01', '1.', '.5', '-', '+1', '0x10', '1_0'),
);
const valueText = fc.oneof(
  { weight: 3, arbitrary: numberText },
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }).map((value) => JSON.stringify(value)) },
  { weight: 2, arbitrary: fc.constantFrom('true', 'false', 'null', '"a"', '"start"', '""', '"1700000000000"', '"\\u0041"', '"\\ud800"', '"\t"', 'tru', 'nul', 'True', '[]', '{}', '[1,{"a":2}]', '{"ts":1}') },
);
const memberText = fc.tuple(
  fc.constantFrom('ts', 'ts', 'ts', 'name', 'price', 'count', 'ok', 'other', '__proto__', 'constructor', 'na\\u006de', 'größe', ''), valueText, fc.constantFrom('', '', '', ' ', '\t'),
).map(([name, value, blank]) => `${blank}"${name}"${blank}:${blank}${value}${blank}`);
const lineText = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.array(memberText, { maxLength: 7 }), fc.boolean()).map(([members, timed]) => `{${[...(timed ? ['"ts":1700000000123'] : []), ...members].join(',')}}`) },
  { weight: 2, arbitrary: fc.record({ ts: fc.integer(), name: fc.string(), price: fc.double({ noNaN: true, noDefaultInfinity: true }), ok: fc.boolean() }, { requiredKeys: ['ts'] }).map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.constantFrom('', ' ', '\t', '[]', '1', 'null', '"x"', '{', '}', '{"ts":1}}', '{"ts":1},', '{"ts" 1}', '{"ts":1 "a":2}', '{"ts":1,}', '{,"ts":1}', '{ts:1}', ' {"ts":5} ', '{"ts":1}{"ts":2}') },
);
const fileText = fc.tuple(fc.array(lineText, { maxLength: 12 }), fc.constantFrom('\n', '\r\n'), fc.boolean(), fc.boolean())
  .map(([lines, end, ended, mark]) => (mark ? '\ufeff' : '') + lines.join(end) + (ended ? end : ''));

describe('NDJSON decoder', () => {
  it('[EJ1][ED1][ED4][ED5][ED6][ED11] equals JSON.parse of each line', () => {
    fc.assert(fc.property(fileText, (text) => {
      const bytes = encoder.encode(text);
      same(run('ndjson', SCHEMA, bytes), bytes);
    }), { numRuns: 1_500 });
  });

  it('[ED2] gives the same for any cut into chunks, any capacity and any restart', () => {
    fc.assert(fc.property(fileText, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 5 }), (text, cuts, capacity) => {
      const bytes = encoder.encode(text);
      let i = 0;
      same(run('ndjson', SCHEMA, bytes, {}, () => cuts[i++ % cuts.length] as number, capacity), bytes);
    }), { numRuns: 700 });
  });

  it('[ED9] equals the oracle where bytes were damaged', () => {
    fc.assert(fc.property(fileText, fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 }), (text, damages) => {
      const bytes = encoder.encode(text);
      for (const [at, value] of damages) if (bytes.length > 0) bytes[at % bytes.length] = value;
      same(run('ndjson', SCHEMA, bytes), bytes);
    }), { numRuns: 1_000 });
  });

  it('[ED8][ED2] skips a long line in whatever pieces it comes', () => {
    const long = `{"ts":1,"name":"${'x'.repeat(5_000)}"}`;
    const bytes = encoder.encode(`{"ts":1}\n${long}\n{"ts":2}\n${long}`);
    const whole = run('ndjson', SCHEMA, bytes, { recordBytesMax: 1_000 });
    expect(whole.rows.map((row) => row.slice(0, 2))).toEqual([[0, 1], [2, 2]]);
    expect(whole.letters.map(({ position, offset, reason }) => [position, offset, reason])).toEqual([[1, 9, 'too-long'], [3, 9 + long.length + 1 + 9, 'too-long']]);
    for (const size of [1, 7, 999, 1_001, 4_000]) expect(run('ndjson', SCHEMA, bytes, { recordBytesMax: 1_000 }, () => size)).toEqual(whole);
    const exact = encoder.encode(`{"ts":1,"name":"${'x'.repeat(100 - 18)}"}\n`);
    expect(exact.length - 1).toBe(100);
    expect(run('ndjson', SCHEMA, exact, { recordBytesMax: 100 }).letters).toEqual([]);
    expect(run('ndjson', SCHEMA, exact, { recordBytesMax: 99 }).letters[0]?.reason).toBe('too-long');
  });

  it('[ED5] a record without a key field is a dead letter, optional or not', () => {
    const { rows, letters } = run('ndjson', SCHEMA, encoder.encode('{"ts":1,"name":"a"}\n{"ts":2}\n{"ts":3,"name":null}\n{"name":"a"}\n'), { keyFields: ['name'] });
    expect(rows).toHaveLength(1);
    expect(letters.map(({ reason, field }) => [reason, field])).toEqual([['missing-key', 'name'], ['missing-key', 'name'], ['missing-time', 'ts']]);
  });

  it('[ED3] names position, offset, field and the beginning of the record', () => {
    const { letters } = run('ndjson', SCHEMA, encoder.encode(`{"ts":1}\r\n{"ts":2,"price":"${'9'.repeat(300)}"}\r\n`));
    expect(letters).toHaveLength(1);
    expect(letters[0]).toMatchObject({ split: 0, position: 1, offset: 10, reason: 'wrong-type', field: 'price' });
    expect(letters[0]?.excerpt).toHaveLength(200);
    expect(letters[0]?.detail).toContain('double');
  });

  it('[ED10] an empty file has no records', () => {
    expect(run('ndjson', SCHEMA, new Uint8Array(0))).toMatchObject({ rows: [], letters: [] });
    expect(run('ndjson', SCHEMA, encoder.encode('\ufeff\r\n\n'))).toMatchObject({ rows: [], letters: [] });
  });
});

describe('JSON array decoder', () => {
  const records = fc.array(lineText.filter((line) => {
    try {
      JSON.parse(line);
      return true;
    } catch {
      return false;
    }
  }), { maxLength: 8 });

  it('[EJ2] equals NDJSON of the elements, however they are laid out and cut', () => {
    fc.assert(fc.property(records, fc.constantFrom(undefined, 1, 2, '\t'), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 4 }), (lines, indent, cuts, capacity) => {
      // Written anew where indented; a lone surrogate and duplicate members survive only in the raw form.
      const elements = indent === undefined ? lines : lines.map((line) => JSON.stringify(JSON.parse(line), null, indent));
      const flat = indent === undefined ? lines : lines.map((line) => JSON.stringify(JSON.parse(line)));
      let i = 0;
      const actual = run('json', SCHEMA, encoder.encode(`${indent === 2 ? '\ufeff ' : ''}[${elements.join(indent ? ',\r\n' : ',')}]\n`), {}, () => cuts[i++ % cuts.length] as number, capacity);
      const expected = oracle(encoder.encode(flat.map((line) => `${line}\n`).join('')), SCHEMA);
      expect(actual.rows).toEqual(expected.rows);
      expect(actual.letters.map(({ position, reason, field }) => [position, reason, field])).toEqual(expected.letters.map(([position, , reason, field]) => [position, reason, field]));
    }), { numRuns: 500 });
  });

  it.each([
    ['one object', '{"ts":1,\n"name":"a"}', 1, []],
    ['empty file', '', 0, []],
    ['empty array', ' [ ] ', 0, []],
    ['a number', '42', 0, ['malformed']],
    ['broken element', '[{"ts":1},{"ts":2 "a":1},{"ts":3}]', 2, ['malformed']],
    ['missing comma', '[{"ts":1} {"ts":2},{"ts":3}]', 1, ['malformed']],
    ['missing element', '[{"ts":1},,{"ts":3}]', 2, ['malformed']],
    ['cut in an element', '[{"ts":1},{"ts":2', 1, ['truncated']],
    ['cut in a text', '[{"ts":1},{"name":"a', 1, ['truncated']],
    ['cut between elements', '[{"ts":1},', 1, ['truncated']],
    ['rubbish behind', '[{"ts":1}] rubbish', 1, ['malformed']],
    ['newline in a text', '[{"ts":1,"name":"a\nb"},{"ts":2}]', 1, ['malformed']],
    ['too long', `[{"ts":1,"name":"${'[\\"'.repeat(60)}"},{"ts":2}]`, 1, ['too-long']],
  ])('[EJ2][ED2] %s', (_, text, rows, reasons) => {
    const bytes = encoder.encode(text);
    const whole = run('json', SCHEMA, bytes, { recordBytesMax: 100 });
    expect(whole.rows).toHaveLength(rows);
    expect(whole.letters.map((letter) => letter.reason)).toEqual(reasons);
    for (const size of [1, 2, 13]) expect(run('json', SCHEMA, bytes, { recordBytesMax: 100 }, () => size)).toEqual(whole);
  });
});

describe('CSV decoder', () => {
  const MACHINE: EventSchema = {
    fields: [{ name: 'timestamp', type: 'int' }, { name: 'value', type: 'double' }, { name: 'unit', type: 'string', optional: true }, { name: 'n', type: 'int', optional: true }, { name: 'ok', type: 'bool', optional: true }],
    time: { field: 'timestamp', format: 'datetime' },
  };
  const T = Date.UTC(2013, 11, 2, 21, 15);

  it.each([
    ['plain', 'timestamp,value\n2013-12-02 21:15:00,73.96732207\n', [[0, T, T, 73.96732207, null, null, null]], []],
    ['mark, CR LF, spaces', '\ufefftimestamp , value,unit\r\n2013-12-02 21:15:00, 7.5 ,a b\r\n', [[0, T, T, 7.5, 'a b', null, null]], []],
    ['semicolons', 'timestamp;value;unit\n2013-12-02 21:15:00;7;a,b\n', [[0, T, T, 7, 'a,b', null, null]], []],
    ['quotes', 'timestamp,"value",unit\n"2013-12-02 21:15:00","7","say ""hi"",\r\nplease"\n', [[0, T, T, 7, 'say "hi",\r\nplease', null, null]], []],
    ['no last line end', 'timestamp,value\n2013-12-02 21:15:00,7', [[0, T, T, 7, null, null, null]], []],
    ['header alone', 'timestamp,value', [], []],
    ['empty file', '', [], []],
    ['blank rows', '\n\ntimestamp,value\r\n\r\n\n2013-12-02 21:15:00,7\n\n', [[0, T, T, 7, null, null, null]], []],
    ['empty and quoted empty', 'timestamp,value,unit,n,ok\n2013-12-02 21:15:00,7,"",,TRUE\n', [[0, T, T, 7, '', null, true]], []],
    ['empty and quoted empty, the usual way', 'timestamp,value,unit\n2013-12-02 21:15:00,7,""\n2013-12-02 21:15:00,7,\n', [[0, T, T, 7, '', null, null], [1, T, T, 7, null, null, null]], []],
    ['wrong types', 'timestamp,value,n\n2013-12-02 21:15:00,x,\n2013-12-02 21:15:00,1,1.5\n2013-12-02 21:15:00,1,9007199254740993\n2013-13-02 21:15:00,1,1\n,1,1\n2013-12-02 21:15:00,,1\n2013-12-02 21:15:00,1,1\n',
      [[6, T, T, 1, null, 1, null]], ['wrong-type', 'wrong-type', 'integer-range', 'bad-time', 'missing-time', 'missing-field']],
    ['cells missing and left over', 'timestamp,value\n2013-12-02 21:15:00\n2013-12-02 21:15:00,1,2\n2013-12-02 21:15:00', [], ['malformed', 'malformed', 'truncated']],
    ['stray quotes', 'timestamp,value,unit\n2013-12-02 21:15:00,7,a"b\n2013-12-02 21:15:00,7,"a"b\n2013-12-02 21:15:00,8,c\n', [[2, T, T, 8, 'c', null, null]], ['malformed', 'malformed']],
    ['a quote that never closes', 'timestamp,value,unit\n2013-12-02 21:15:00,7,"a\n2013-12-02 21:15:00,8,c\n', [[1, T, T, 8, 'c', null, null]], ['malformed']],
    ['cut in quotes', 'timestamp,value,unit\n2013-12-02 21:15:00,7,"a', [], ['truncated']],
    ['too long', `timestamp,value,unit\n2013-12-02 21:15:00,7,${'x'.repeat(200)}\n2013-12-02 21:15:00,8,"${'x'.repeat(70)}\n${'y'.repeat(70)}"\n2013-12-02 21:15:00,8,c\n`,
      [[3, T, T, 8, 'c', null, null]], ['too-long', 'malformed', 'malformed']],
    ['a name twice, prototype names', 'timestamp,value,value,__proto__\n2013-12-02 21:15:00,1,2,x\n', [[0, T, T, 1, null, null, null]], []],
    ['header with broken quotes', 'timestamp,"value\n2013-12-02 21:15:00,1\n', [], ['malformed', 'malformed']],
  ])('[EC1][EC2][EC3][ED2] %s', (_, text, rows, reasons) => {
    const bytes = encoder.encode(text);
    const whole = run('csv', MACHINE, bytes, { recordBytesMax: 120 });
    expect(whole.rows).toEqual(rows);
    expect(whole.letters.map((letter) => letter.reason)).toEqual(reasons);
    for (const size of [1, 2, 3, 17, 119]) expect(run('csv', MACHINE, bytes, { recordBytesMax: 120 }, () => size, 2)).toEqual(whole);
  });

  it('[ED9] bytes that are no UTF-8, in a stored and in another column', () => {
    const bytes = encoder.encode('timestamp,value,unit,x\n2013-12-02 21:15:00,1,?,a\n2013-12-02 21:15:00,1,a,?\n2013-12-02 21:15:00,1,ü,ü\n');
    for (let at = 0; at < bytes.length; at++) if (bytes[at] === 63) bytes[at] = 0xff;
    const { rows, letters } = run('csv', MACHINE, bytes);
    expect(rows).toEqual([[2, T, T, 1, 'ü', null, null]]);
    expect(letters.map((letter) => [letter.reason, letter.position])).toEqual([['not-utf8', 0], ['not-utf8', 1]]);
  });
});
