import { afterEach, describe, expect, it, vi } from 'vitest';
import { Random } from '@tidemark/testkit';
import { compareScanners, decodeWith } from '../test/compare-scanners.ts';
import { HOSTILE_SCHEMA, hostileFile } from '../test/hostile-lines.ts';
import { type Column, EventBatch, type EventSchema, type TimeFormat, createDecoder, fieldValue, startCursor } from './index.ts';
import { RowWriter } from './row-writer.ts';
import { WasmScanner } from './wasm-scanner.ts';

const encoder = new TextEncoder();
const schemaOf = (format: TimeFormat): EventSchema => ({
  fields: [
    { name: 'ts', type: 'int' }, { name: 'name', type: 'string', optional: true }, { name: 'price', type: 'double', optional: true },
    { name: 'count', type: 'int', optional: true }, { name: 'ok', type: 'bool', optional: true },
  ],
  time: { field: 'ts', format },
});
const SCHEMA = schemaOf('epoch-ms');

/** The rows that the WebAssembly scanner takes by itself, from the first line on. */
function taken(lines: readonly string[], schema = SCHEMA): unknown[][] {
  const bytes = encoder.encode(lines.map((line) => `${line}\n`).join(''));
  const writer = new RowWriter(schema, []);
  const scanner = WasmScanner.for(writer) as WasmScanner;
  const batch = new EventBatch(schema, 200);
  writer.bind(batch);
  scanner.bind();
  const end = scanner.scan(bytes, 0, bytes.length - 1, 200, 0, 1 << 20);
  expect(end === bytes.length).toBe(batch.length === lines.length);
  return Array.from({ length: batch.length }, (_, row) => schema.fields.map((_field, field) => fieldValue(batch, field, row)));
}

describe('WebAssembly scanner', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('[EW1][EJ1][ED3] equals the TypeScript scanner and JSON.parse on hostile lines, however they are cut', () => {
    const random = new Random(20_261_122);
    for (let seed = 1; seed <= 24; seed += 1) {
      const bytes = hostileFile(seed, 400);
      const cut = (scanner: number) => (scanner === 0 && seed % 2 === 0
        ? { chunk: () => random.between(1, 3_000), capacity: random.between(1, 300), ordinalEnd: () => random.between(1, 100) }
        : { chunk: () => 1 << 20, capacity: 2_000 });
      expect({ seed, difference: compareScanners(HOSTILE_SCHEMA, bytes, cut) }).toEqual({ seed, difference: null });
    }
  });

  it('[EW1][ED2] a border of a chunk may lie at any byte', () => {
    const bytes = encoder.encode('\ufeff{"ts":1,"name":"größe"}\r\n\n{"ts":2,"name":"a\\n","x":[1,{"y":"}"}]}\n{"ts":3,"price":12.50}\n{"ts":"4"}\n{"ts":5,"ok":true');
    for (let first = 0; first <= bytes.length; first += 1) {
      let calls = 0;
      expect(compareScanners(SCHEMA, bytes, (scanner) => ({ chunk: () => (scanner === 0 && calls++ === 0 ? first : bytes.length), capacity: 8 }))).toBeNull();
    }
  });

  it.each([
    ['{"ts":1}', [1, null, null, null, null]],
    ['{ "ts" : 1 , "name" : "a" }', [1, 'a', null, null, null]],
    ['\t{"ts":1}', null],
    ['{"ts":1}  \r', [1, null, null, null, null]],
    ['{"name":"größe 温度 😀","ts":1}', [1, 'größe 温度 😀', null, null, null]],
    ['{"ts":1,"name":""}', [1, '', null, null, null]],
    ['{"ts":1,"name":"twelve bytes"}', [1, 'twelve bytes', null, null, null]],
    ['{"ts":1,"name":"thirteen byte"}', [1, 'thirteen byte', null, null, null]],
    ['{"ts":1,"name":"a text that is longer than one vector and than two of them"}', [1, 'a text that is longer than one vector and than two of them', null, null, null]],
    ['{"ts":1,"price":0.1,"count":-0,"ok":false}', [1, null, 0.1, 0, false]],
    ['{"ts":1,"price":-0,"count":null,"ok":true}', [1, null, -0, null, true]],
    ['{"ts":1,"price":123456789012.34}', [1, null, 123456789012.34, null, null]],
    ['{"ts":1,"price":0.30000000000000004}', [1, null, 0.30000000000000004, null, null]],
    ['{"ts":1,"price":1.7976931348623157e308}', [1, null, 1.7976931348623157e308, null, null]],
    ['{"ts":1,"price":1e309}', null],
    ['{"ts":1,"count":999999999999999}', [1, null, null, 999999999999999, null]],
    ['{"ts":1,"count":9007199254740993}', null],
    ['{"ts":1,"count":1.5}', null],
    ['{"ts":1.5,"count":15}', [1, null, null, 15, null]],
    ['{"ts":-1.5}', [-2, null, null, null, null]],
    ['{"ts":1,"other":{"a":[1,-2.5e-3,"\\u00e9\\n",{"b":null}],"ts":2}}', [1, null, null, null, null]],
    ['{"ts":1,"other":"C:\\\\Windows\\\\a \\"b\\""}', [1, null, null, null, null]],
    ['{"ts":1,"other":1.23456789012345678901234567890}', [1, null, null, null, null]],
    ['{"ts":1,"other":"\\u000g"}', null],
    ['{"ts":1,"other":[1}}', null],
    ['{"ts":1,"other":{"a":1]}', null],
    [`{"ts":1,"other":${'['.repeat(64)}${']'.repeat(64)}}`, [1, null, null, null, null]],
    [`{"ts":1,"other":{"a":${'['.repeat(65)}${']'.repeat(66)}}`, null],
    ['{"ts":1,"price":1.5e3}', [1, null, 1500, null, null]],
    ['{"ts":1,"price":-1E3,"count":7}', [1, null, -1000, 7, null]],
    ['{"ts":1,"price":-12.25,"count":-7}', [1, null, -12.25, -7, null]],
    ['{"ts":1,"price":01}', null],
    ['{"ts":1,"price":-01.5}', null],
    ['{"ts":1,"price":1.}', null],
    ['{"ts":1,"price":.5}', null],
    ['{"ts":1,"price":-}', null],
    ['{"ts":1,"other":1{"ts":1}', null],
    ['{"ts":1,"other":1{"other":1}', null],
    ['{"other":1{"other":1,"ts":1}', null],
    [',"ts":1}', null],
    [',"other":1,"ts":1}', null],
    ['{"ts":1,"other":"\\x"}', null],
    ['{"ts":1,"other":"\\u00g0"}', null],
    ['{"ts":1,"other":[1,]}', null],
    ['{"ts":1,"other":{"a" 1}}', null],
    ['{"ts":1,"other":01}', null],
    ['{"ts":1,"other":1.}', null],
    ['{"ts":1,"other":tru}', null],
    ['{"ts":1,"name":"a\\n"}', [1, 'a\n', null, null, null]],
    ['{"ts":1,"name":"\\"\\\\\\/\\b\\f\\n\\r\\t"}', [1, '"\\/\b\f\n\r\t', null, null, null]],
    ['{"ts":1,"name":"\\u0041\\u00e9\\u6e29\\uD83D\\uDE00, and more of it: größe"}', [1, 'Aé温😀, and more of it: größe', null, null, null]],
    ['{"ts":1,"name":"\\ud800"}', [1, '\ufffd', null, null, null]],
    ['{"ts":1,"name":"\\ud800\\u0041\\udc00\\ud800\\ud800\\udc00x"}', [1, '\ufffdA\ufffd\ufffd\u{10000}x', null, null, null]],
    ['{"ts":1,"name":"\\udc00\\udc00"}', [1, '\ufffd\ufffd', null, null, null]],
    ['{"ts":1,"name":"\\u07ff\\u0800\\uffff\\u007f\\u0080"}', [1, '\u07ff\u0800\uffff\u007f\u0080', null, null, null]],
    ['{"ts":1,"name":"b\\u0000"}', [1, 'b\u0000', null, null, null]],
    ['{"ts":1,"name":"\\u0001 and a text of more than twelve bytes"}', [1, '\u0001 and a text of more than twelve bytes', null, null, null]],
    ['{"ts":1,"name":"\\u0001\\u0000\\u0001\\u0000"}', [1, '\u0001\u0000\u0001\u0000', null, null, null]],
    ['{"ts":1,"name":"\\ud800\\u12g4"}', null],
    ['{"ts":1,"name":"\\u004"}', null],
    ['{"ts":1,"name":"\\u004:"}', null],
    ['{"ts":1,"name":"\\x"}', null],
    ['{"ts":1,"name":"a\\'  , null],
    ['{"name":"b\\,"ts":1}', null],
    ['{"name":"b\t,"ts":1}', null],
    ['{"name":"a text of two vectors and more\\,"ts":1}', null],
    ['{"other":"a\\,"ts":1}', null],
    ['{"ts":1,"na\\u006de":"a"}', null],
    ['{"ts":1,"ts":2}', null],
    ['{"ts":null,"ts":2}', null],
    ['{"ts":1,"name":{"a":1}}', null],
    ['{"ts":1,"name":5}', null],
    ['{"ts":1,"ok":"true"}', null],
    ['{"ts":"1"}', null],
    ['{"ts":true}', null],
    ['{"name":"a"}', null],
    ['{}', null],
    ['{"ts":1,}', null],
    ['{"ts":1}}', null],
    ['{"ts":1', null],
    ['[1]', null],
    ['', null],
  ])('[EW2] takes or leaves %s', (line, row) => {
    expect(taken([line])).toEqual(row === null ? [] : [row]);
    // and the same behind a line whose joints it has learnt, and behind the same line
    expect(taken(['{"ts":7,"name":"b","price":1.25,"count":3,"ok":true,"other":1}', line]).slice(1)).toEqual(row === null ? [] : [row]);
    expect(taken([line, line])).toEqual(row === null ? [] : [row, row]);
  });

  it('[EW1][ED6] every decimal number is the double nearest to it', () => {
    const random = new Random(64);
    const digits = (count: number): string => Array.from({ length: count }, () => String(random.between(0, 9))).join('');
    const texts = Array.from({ length: 20_000 }, (_, i): string => {
      switch (i % 5) {
        case 0: return JSON.stringify(random.next() * 10 ** random.between(-4, 18));
        case 1: return `${random.between(1, 9)}${digits(random.between(0, 9))}.${digits(random.between(1, 28))}`;
        case 2: return `${random.between(1, 9)}${digits(random.between(13, 20))}`;
        // Half way between two doubles, and a little beside it.
        case 3: return `${(2n ** 53n + BigInt(random.between(0, 2 ** 30)) * 2n + 1n) * 2n ** BigInt(random.between(0, 10))}${['', '.0', '.001'][random.between(0, 2)]}`;
        default: return `0.${'0'.repeat(random.between(0, 12))}${digits(random.between(1, 19))}`;
      }
    }).map((text) => (random.chance(0.3) ? `-${text}` : text));
    for (let whole = 2n ** 52n; whole < 2n ** 52n + 50n; whole += 1n) texts.push(`${whole}.5`, `${whole}.500`, `${whole / 2n}.25`, `${whole / 2n}.75`, `${whole / 4n}.125`);
    texts.push('9223372036854776833', '-9223372036854776833', '9223372036854776832', '-0.00000000000000000000', '0.00000000000000000000000');
    const { rows } = decodeWith(createDecoder('ndjson', SCHEMA), SCHEMA, encoder.encode(texts.map((text) => `{"ts":1,"price":${text}}\n`).join('')), () => 1 << 22, 1_000);
    expect(texts.filter((text, i) => !Object.is(rows[i]?.[4], Number(text)))).toEqual([]);
    for (let i = 0; i < texts.length; i += 100) expect(taken([`{"ts":1,"price":${texts[i]}}`])).toHaveLength(1);
  });

  it('[EW2] blank lines are no part of what predicts the next name', () => {
    const none = Array.from({ length: 20 }, () => '');
    expect(taken(['{"ts":1', ...none])).toEqual([]);
    expect(taken([...none, '{"ts":1}'])).toEqual([]);
    expect(taken(['{"ts":1}', '{"ts":1', ...none])).toEqual([[1, null, null, null, null]]);
  });

  it('[EW2] bytes that are no UTF-8 are left, in needed and in other texts', () => {
    for (const field of ['name', 'other']) {
      for (const bad of [[0x80], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe0, 0x80, 0x80], [0xf0, 0x80, 0x80, 0x80], [0xe2, 0x82], [0xff]]) {
        const bytes = Uint8Array.from([...encoder.encode(`{"ts":1,"${field}":"a`), ...bad, ...encoder.encode('"}\n')]);
        const { rows, letters } = decodeWith(createDecoder('ndjson', SCHEMA), SCHEMA, bytes, () => 99, 4);
        expect([rows.length, letters.map(({ reason }) => reason)]).toEqual([0, ['not-utf8']]);
      }
    }
  });

  it('[EW1][ED7] times in every format', () => {
    const texts = ['2013-12-02T21:15:00Z', '2013-12-02 21:15:00.123', '2013-12-02', '2013-13-02', 'x', '2013-12-02T21:15:00+01:00', '2013-12-02T21:15:00.123456789Z'].map((text) => `"${text}"`);
    const numbers = ['0', '-1', '1700000000', '1700000000.123', '1.001', '1700000000123', '1700000000123456', '1e9', '-0', '9007199254740993', '1e300', '1700000000.0000001'];
    for (const format of ['epoch-ms', 'epoch-s', 'epoch-us', 'iso8601', 'datetime'] as const) {
      const schema = schemaOf(format);
      const bytes = encoder.encode([...texts, ...numbers, ...numbers.map((text) => `"${text}"`), 'null'].map((text, i) => `{"name":"${i % 3}","ts":${text}}\n`).join(''));
      const [wasm, typescript] = (['wasm', 'typescript'] as const).map((scanner) => decodeWith(createDecoder('ndjson', schema, { scanner }), schema, bytes, () => 1 << 20, 64));
      expect(wasm).toEqual(typescript);
      expect(wasm?.rows.length).toBeGreaterThan(2);
    }
  });

  it('[EW3] gives texts the codes that TypeScript gives, through growth of the cache and new dictionaries', () => {
    const random = new Random(7);
    const text = (): string => ['k', '\\u006b', 'an escape \\" in a text, ', 'a key of more than twelve bytes, ', 'ключ-', '', '12345678901'][random.between(0, 6)] + String(random.chance(0.3) ? random.between(0, 9) : random.between(0, 9_000));
    const bytes = encoder.encode(Array.from({ length: 25_000 }, (_, i) => `{"ts":${i},"name":"${text()}","price":${i % 7}}\n`).join(''));
    const [wasm, typescript] = (['wasm', 'typescript'] as const).map((scanner) => decodeWith(createDecoder('ndjson', SCHEMA, { scanner }), SCHEMA, bytes, () => 50_000, 5_000)) as [ReturnType<typeof decodeWith>, ReturnType<typeof decodeWith>];
    expect(wasm.rows).toHaveLength(25_000);
    expect(wasm.codes).toEqual(typescript.codes);
    expect(wasm.rows).toEqual(typescript.rows);

    // Texts that differ in one byte only, in a table so small that they meet.
    for (const length of [1, 5, 11, 12, 13, 40]) {
      const alike = Array.from({ length: 90 }, (_, i) => 'same bytes all the way, and then one that is not'.slice(0, length - 1) + String.fromCharCode(0x23 + (i >= 57 ? i + 1 : i)));
      expect(taken([...alike, ...alike].map((name) => `{"ts":1,"name":"${name}"}`)).map((row) => row[1])).toEqual([...alike, ...alike]);
    }

    // A text that begins like the cache's mark of a long one, while the table grows.
    const many = ['\\u0001abcdefghijk', ...Array.from({ length: 190 }, (_, i) => `n${i}`), '\\u0001abcdefghijk'];
    expect(taken(many.map((name) => `{"ts":1,"name":"${name}"}`)).map((row) => row[1])).toEqual(many.map((name) => name.replace('\\u0001', '\u0001')));

    // A batch with a dictionary of its own, and one whose dictionary has gone: codes of the former one mean nothing.
    const decoder = createDecoder('ndjson', SCHEMA);
    for (const first of ['b', 'a']) {
      const batch = new EventBatch(SCHEMA, 8);
      decoder.decode(encoder.encode(`{"ts":1,"name":"${first}"}\n{"ts":1,"name":"a"}\n`), 0, 42, true, startCursor(), batch, () => undefined);
      expect([0, 1].map((row) => fieldValue(batch, 1, row))).toEqual([first, 'a']);
      expect((batch.columns[1] as Extract<Column, { kind: 'string' }>).codes[1]).toBe(first === 'a' ? 0 : 1);
    }
  });

  it('[EW3] a scanner that has seen 64 MiB of ever new texts is worn and is replaced', () => {
    const writer = new RowWriter(SCHEMA, []);
    const scanner = WasmScanner.for(writer) as WasmScanner;
    const decoder = createDecoder('ndjson', SCHEMA);
    const batch = new EventBatch(SCHEMA, 8);
    const line = encoder.encode(`{"ts":1,"name":"........${'x'.repeat(60_000)}"}\n`);
    for (let i = 0; i < 1_130; i += 1) {
      for (let digit = 0, rest = i; digit < 8; digit += 1, rest = Math.floor(rest / 10)) line[16 + digit] = 48 + (rest % 10);
      batch.clear();
      writer.bind(batch);
      scanner.bind();
      expect(scanner.scan(line, 0, line.length - 1, 8, 0, 1 << 20)).toBe(line.length);
      if (i === 1_000) expect(scanner.worn).toBe(false);
      batch.clear();
      decoder.decode(line, 0, line.length, true, startCursor(), batch, () => undefined);
      const name = fieldValue(batch, 1, 0) as string;
      if (name.length !== 60_008 || !name.startsWith([...String(i)].reverse().join(''))) expect(name.slice(0, 8)).toBe(i);
    }
    expect(scanner.worn).toBe(true);
  });

  it('[EW1] lines longer than a block, batches longer than the columns, more names than are remembered', () => {
    const long = 'x'.repeat(70_000);
    const lines = Array.from({ length: 3_000 }, (_, i) => (i === 1_500 ? `{"ts":${i},"name":"${long}"}` : i === 1_600 ? `{"ts":${i},"other":"${long}"}` : `{"s${i % 700}${i % 3 === 0 ? ' a long name'.repeat(40) : ''}":${i},"ts":${i},"a${(i * 7) % 300}":"x","name":"n${i % 9}"}`));
    const bytes = encoder.encode(`${lines.join('\n')}\n`);
    for (const capacity of [3_500, 999]) expect(compareScanners(SCHEMA, bytes, () => ({ chunk: () => 100_000, capacity }))).toBeNull();
  });

  it('[EW1] many fields, and names that it cannot have', () => {
    const fields = (count: number, name: (i: number) => string): EventSchema => ({ fields: [{ name: 'ts', type: 'int' }, ...Array.from({ length: count }, (_, i) => ({ name: name(i), type: 'double' as const, optional: i % 3 > 0 }))], time: { field: 'ts', format: 'epoch-ms' } });
    for (const schema of [fields(63, (i) => `f${i}`), fields(64, (i) => `f${i}`), fields(200, (i) => `f${i}`), fields(2, (i) => `a"b\\c${i}`), fields(2, (i) => `${'long '.repeat(20)}${i}`)]) {
      const record = (i: number) => JSON.stringify(Object.fromEntries(schema.fields.filter((_, f) => (f + i) % 5 > 0 || f === 0).map(({ name }, f) => [name, f])));
      expect(compareScanners(schema, encoder.encode(Array.from({ length: 40 }, (_, i) => `${record(i % 3)}\n`).join('')), () => ({ chunk: () => 1 << 20, capacity: 50 }))).toBeNull();
    }
  });

  it('[EW4] without WebAssembly the TypeScript scanner does it all', async () => {
    for (const absent of [undefined, { Module: class { constructor() { throw new Error('no SIMD'); } } }]) {
      vi.resetModules();
      vi.stubGlobal('WebAssembly', absent);
      const event = await import('./index.ts');
      const { WasmScanner: Absent } = await import('./wasm-scanner.ts');
      expect(Absent.for(new RowWriter(SCHEMA, []))).toBeNull();
      expect(decodeWith(event.createDecoder('ndjson', SCHEMA), SCHEMA, encoder.encode('{"ts":1,"name":"a"}\n'), () => 99, 4).rows).toEqual([[0, 1, 1, 'a', null, null, null]]);
    }
  });
});
