import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GENERATOR_NAMES, JobFault } from '@tidemark/core';
import { type DeadLetter, EventBatch, type EventSchema, createDecoder, fieldValue, startCursor } from '@tidemark/event';
import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  type ByteSource, FileSplitReader, GENERATORS, generatedObject, GeneratorSplitReader, MemoryByteSource, NodeByteSource, type SplitReader,
} from '../index.ts';
import { sourceFault } from './node-byte-source.ts';

const encoder = new TextEncoder();
const SCHEMA: EventSchema = {
  fields: [{ name: 'ts', type: 'int' }, { name: 'name', type: 'string', optional: true }, { name: 'price', type: 'double', optional: true }],
  time: { field: 'ts', format: 'epoch-ms' },
};

const rowsOf = (batch: EventBatch): unknown[][] => Array.from({ length: batch.length }, (_, row) =>
  [batch.split, batch.position[row], batch.time[row], ...batch.schema.fields.map((_, field) => fieldValue(batch, field, row))]);

/** Reads to the end; `portion` gives rowsMax (0 = none); a reader is replaced by a restored one where `fresh` says so. */
async function drain(make: () => SplitReader, capacity: number, portion: () => number = () => 0, fresh: () => boolean = () => false): Promise<unknown[][][]> {
  let reader = make();
  const batch = new EventBatch(SCHEMA, capacity);
  const batches: unknown[][][] = [];
  for (let polls = 0; polls < 10_000; polls++) {
    const rowsMax = portion();
    const result = await (rowsMax > 0 ? reader.poll(batch, rowsMax) : reader.poll(batch));
    expect(result.rows).toBe(batch.length);
    batches.push(rowsOf(batch));
    if (result.ended) {
      expect(await reader.poll(batch)).toEqual({ rows: 0, ended: true });
      await reader.close();
      return batches;
    }
    if (fresh()) {
      const image = reader.snapshot();
      await reader.close();
      reader = make();
      reader.restore(image);
      expect(reader.snapshot()).toEqual(image);
    }
  }
  throw new Error('the split does not end');
}

const line = fc.oneof(
  fc.record({ ts: fc.nat(), name: fc.string({ maxLength: 30 }) }).map((value) => JSON.stringify(value)),
  fc.constantFrom('', 'broken', '{"name":"a"}', `{"ts":1,"name":"${'x'.repeat(90)}"}`, `{"ts":2,"name":"${'y'.repeat(300)}"}`, '{"ts":3,"name":"\\n"}'),
);

describe('FileSplitReader', () => {
  it('[SR1][SR2] gives the same rows, dead letters and batches for any chunks, portions and restarts', async () => {
    await fc.assert(fc.asyncProperty(
      fc.array(line, { maxLength: 25 }), fc.constantFrom<'ndjson' | 'csv' | 'json'>('ndjson', 'csv', 'json'), fc.integer({ min: 1, max: 6 }),
      fc.array(fc.nat(7), { minLength: 1, maxLength: 5 }), fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }), fc.integer({ min: 8, max: 200 }),
      async (lines, format, capacity, portions, restarts, chunkBytes) => {
        const text = format === 'json' ? `[${lines.filter((entry) => entry !== '').join(',')}]`
          : format === 'csv' ? `ts,name\n${lines.map((entry, i) => (entry === '' ? '' : `${i},"${entry.replaceAll('"', '""')}"`)).join('\r\n')}` : lines.join('\n');
        const source = new MemoryByteSource(encoder.encode(text));
        const run = async (chunk: number, portion?: () => number, fresh?: () => boolean): Promise<[unknown[][][], Map<number, DeadLetter>]> => {
          const letters = new Map<number, DeadLetter>();
          const make = (): SplitReader => new FileSplitReader(source, format, SCHEMA, { split: 4, recordBytesMax: 150, chunkBytes: chunk, deadLetter: (letter) => letters.set(letter.position, letter) });
          return [await drain(make, capacity, portion, fresh), letters];
        };
        const [batches, letters] = await run(1 << 16);
        for (const batch of batches) {
          const ordinals = batch.map((row) => (row as number[])[1] as number);
          if (ordinals.length > 0) expect(Math.floor((ordinals[0] as number) / capacity)).toBe(Math.floor((ordinals.at(-1) as number) / capacity));
        }
        let p = 0;
        let r = 0;
        const [again, lettersAgain] = await run(chunkBytes, undefined, () => restarts[r++ % restarts.length] as boolean);
        expect(again.filter((batch) => batch.length > 0)).toEqual(batches.filter((batch) => batch.length > 0));
        expect(lettersAgain).toEqual(letters);
        const [portioned, lettersPortioned] = await run(chunkBytes, () => portions[p++ % portions.length] as number, () => restarts[r++ % restarts.length] as boolean);
        expect(portioned.flat()).toEqual(batches.flat());
        expect(lettersPortioned).toEqual(letters);
      }), { numRuns: 250 });
  });

  it('[SR3] a snapshot during a poll is the position before it', async () => {
    let release = (): void => undefined;
    let reads = 0;
    const memory = new MemoryByteSource(encoder.encode('{"ts":1}\n{"ts":2}\n{"ts":3}\n{"ts":4}\n'));
    const slow: ByteSource = {
      size: () => memory.size(),
      close: () => memory.close(),
      read: async (offset, into) => {
        reads += 1;
        if (reads > 1) await new Promise<void>((resolve) => { release = resolve; });
        return memory.read(offset, into);
      },
    };
    const reader = new FileSplitReader(slow, 'ndjson', SCHEMA, { chunkBytes: 20 });
    const batch = new EventBatch(SCHEMA, 4);
    await reader.poll(batch, 1);
    const before = reader.snapshot();
    const pending = reader.poll(batch);
    await Promise.resolve();
    expect(batch.length).toBe(1); // the second line is decoded, and its poll has not answered
    expect(reader.snapshot()).toEqual(before);
    expect(() => reader.poll(batch)).toThrow('under way');
    release();
    await pending;
    expect(reader.snapshot()).not.toEqual(before);
    expect(reader.progress()).toMatchObject({ ordinal: 4, end: 36 });
  });

  it('[SR1] polls that find their rows in the buffer answer without a promise', async () => {
    const reader = new FileSplitReader(new MemoryByteSource(encoder.encode('{"ts":1}\n'.repeat(100))), 'ndjson', SCHEMA);
    const batch = new EventBatch(SCHEMA, 10);
    await reader.poll(batch);
    expect(reader.poll(batch)).toEqual({ rows: 10, ended: false });
  });

  it('[SR4] reads what was there first; a shorter file is a fault', async () => {
    let bytes = encoder.encode('{"ts":1}\n{"ts":2}\n');
    const source: ByteSource = {
      size: () => Promise.resolve(bytes.length),
      read: (offset, into) => new MemoryByteSource(bytes).read(offset, into),
      close: () => Promise.resolve(),
    };
    const batch = new EventBatch(SCHEMA, 1);
    const first = new FileSplitReader(source, 'ndjson', SCHEMA);
    await first.poll(batch);
    const image = first.snapshot();
    bytes = encoder.encode('{"ts":1}\n{"ts":2}\n{"ts":3}\n');
    const second = new FileSplitReader(source, 'ndjson', SCHEMA);
    second.restore(image);
    expect(await second.poll(batch)).toEqual({ rows: 1, ended: false });
    expect(await second.poll(batch)).toEqual({ rows: 0, ended: true });
    bytes = encoder.encode('{"ts":1}\n');
    const third = new FileSplitReader(source, 'ndjson', SCHEMA);
    third.restore(image);
    await expect(Promise.resolve(third.poll(batch))).rejects.toMatchObject({ code: 'source-changed' });
  });
});

describe('NodeByteSource', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tidemark-source-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const poll = async (path: string): Promise<unknown> => {
    const reader = new FileSplitReader(new NodeByteSource(path), 'ndjson', SCHEMA);
    try {
      return await reader.poll(new EventBatch(SCHEMA, 10));
    } finally {
      await reader.close();
    }
  };

  it('[SR5] reads a file, and an empty one', async () => {
    const path = join(directory, 'events.ndjson');
    writeFileSync(path, '\ufeff{"ts":1}\r\n{"ts":2}\r\n');
    expect(await poll(path)).toEqual({ rows: 2, ended: true });
    writeFileSync(path, '');
    expect(await poll(path)).toEqual({ rows: 0, ended: true });
  });

  it('[SR5] a directory, a missing file, a path through a file, a loop of links, a device: faults that say what to do', async () => {
    writeFileSync(join(directory, 'file'), 'x');
    symlinkSync(join(directory, 'loop'), join(directory, 'loop'));
    for (const [path, code] of [[directory, 'source-is-directory'], [join(directory, 'none'), 'source-missing'], [join(directory, 'file', 'x'), 'source-missing'], [join(directory, 'loop'), 'source-missing'], ['/dev/null', 'source-not-a-file']]) {
      const fault = await poll(path as string).catch((cause: unknown) => cause);
      expect(fault).toBeInstanceOf(JobFault);
      expect(fault).toMatchObject({ code, domain: 'user', retry: 'no-retry' });
      expect((fault as JobFault).remedy).toBeTruthy();
    }
  });

  it('[SR5] no permission', async () => {
    expect(sourceFault('x', { code: 'EACCES' })).toMatchObject({ code: 'source-not-readable', domain: 'user' });
    expect(sourceFault('x', { code: 'EIO' })).toMatchObject({ code: 'source-unreadable', domain: 'external', retry: 'with-backoff' });
    const path = join(directory, 'secret');
    writeFileSync(path, '{"ts":1}\n');
    chmodSync(path, 0);
    // The superuser may read it all the same.
    const answer = await poll(path).catch((cause: unknown) => cause);
    if (answer instanceof JobFault) expect(answer.code).toBe('source-not-readable');
    else expect(answer).toEqual({ rows: 1, ended: true });
  });
});

describe('generators', () => {
  it('[SG4] there is one for each name that a document may give, under its own name', () => {
    expect([...GENERATORS.keys()].sort()).toEqual([...GENERATOR_NAMES].sort());
    for (const [name, generator] of GENERATORS) expect(generator.name).toBe(name);
  });

  it.each([...GENERATORS.values()])('[SG1] $name: event i is a pure function, times do not fall, fields are of the schema', (generator) => {
    const write = generator.create(7, 1_000_000);
    const events = Array.from({ length: 2_000 }, (_, i) => generatedObject(generator, write, i));
    const other = generator.create(7, 1_000_000);
    for (let i = events.length - 1; i >= 0; i -= 7) expect(generatedObject(generator, other, i)).toEqual(events[i]);
    expect(generatedObject(generator, generator.create(8, 1_000_000), 20)).not.toEqual(events[20]);
    const time = generator.schema.time.field;
    expect(events[0]?.[time]).toBeGreaterThanOrEqual(1_000_000);
    for (let i = 1; i < events.length; i++) expect(events[i]?.[time]).toBeGreaterThanOrEqual(events[i - 1]?.[time] as number);
    for (const event of events) {
      for (const { name, type, optional } of generator.schema.fields) {
        const value = event[name];
        if (value === undefined) expect(optional).toBe(true);
        else expect(typeof value).toBe(type === 'string' ? 'string' : type === 'bool' ? 'boolean' : 'number');
        if (type === 'int' && value !== undefined) expect(Number.isSafeInteger(value)).toBe(true);
      }
    }
  });

  const events = (name: string, count: number): Record<string, string | number | boolean>[] => {
    const generator = GENERATORS.get(name);
    if (!generator) throw new Error(name);
    const write = generator.create(3, 0);
    return Array.from({ length: count }, (_, i) => generatedObject(generator, write, i));
  };

  it('[SG2] seed-example: a pair in block 0, and starts without their middle later', () => {
    const all = events('seed-example', 600);
    const starts = all.flatMap((event, i) => (event.name === 'start' ? [i] : []));
    const pairs = starts.filter((i) => all[i + 1]?.name === 'middle' && all[i + 1]?.user === all[i]?.user && (all[i + 1]?.ts as number) - (all[i]?.ts as number) < 10_000);
    expect(pairs[0]).toBeLessThan(10);
    expect(pairs.length).toBeGreaterThan(5);
    expect(starts.length - pairs.length).toBeGreaterThan(5);
  });

  it('[SG2] failed-logins: ten failures or more, then a success, of one address and user; and near misses', () => {
    const all = events('failed-logins', 4_000);
    const stories = new Map<string, string>();
    for (const { srcIp, user, outcome } of all) {
      const key = `${srcIp} ${user}`;
      if (!String(srcIp).startsWith('10.')) stories.set(key, (stories.get(key) ?? '') + (outcome === 'failure' ? 'f' : 's'));
    }
    const first = all.slice(0, 40).filter((event) => String(event.srcIp).startsWith('203.'));
    expect(first.map((event) => event.outcome).join(' ')).toMatch(/^(failure ){10,14}success$/);
    expect(new Set(first.map((event) => `${event.srcIp} ${event.user}`)).size).toBe(1);
    for (const near of ['ffs', 'fffffffffs', 'ffffffffffff']) expect([...stories.values()]).toContain(near);
  });

  it('[SG2] machine: a stop and then hot in block 0, dips too short elsewhere, everyday readings between 50 and 85', () => {
    const values = events('machine', 288 * 40).map((event) => event.value as number);
    const runs = values.map((value) => (value < 50 ? 'c' : value > 85 ? 'h' : '.')).join('').match(/c+|h+|\.+/g) ?? [];
    expect(runs.slice(0, 4).map((run) => run[0]).join('')).toBe('.c.h');
    expect((runs[1] as string).length).toBeGreaterThanOrEqual(10);
    expect(runs).toContain('cc');
  });

  it('[SG2] remote-service: logon, install, run on one host in block 0; logons with a logoff elsewhere', () => {
    const all = events('remote-service', 3_000);
    const story = all.slice(0, 60).filter((event) => [4624, 4634, 7045, 4688].includes(event.eventId as number));
    expect(story.map((event) => event.eventId)).toEqual([4624, 7045, 4688]);
    expect(new Set(story.map((event) => event.host)).size).toBe(1);
    expect(all.some((event) => event.eventId === 4634)).toBe(true);
  });

  it('[SG1] pair: 121 bytes a line, 100,000 events a second, ten types, the keys asked for', () => {
    const generator = GENERATORS.get('pair');
    if (!generator) throw new Error('pair');
    const write = generator.create(1, 1_700_000_000_000, { keys: 100 });
    const all = Array.from({ length: 5_000 }, (_, i) => generatedObject(generator, write, i));
    for (const event of all) expect(`${JSON.stringify(event)}\n`).toHaveLength(121);
    expect(all.at(-1)?.ts).toBe(1_700_000_000_049);
    expect(new Set(all.map((event) => event.type)).size).toBe(10);
    expect(new Set(all.map((event) => event.key)).size).toBe(100);
  });

  it('[SR1][SR2][SG1] a reader restored anywhere goes on alike', async () => {
    const schema: EventSchema = { fields: [{ name: 'ts', type: 'int' }, { name: 'user', type: 'string' }, { name: 'more', type: 'string', optional: true }], time: { field: 'ts', format: 'epoch-ms' } };
    const batch = new EventBatch(schema, 16);
    const make = (): GeneratorSplitReader => new GeneratorSplitReader(schema, { generator: 'seed-example', seed: 5, baseTime: 1_000, events: 100 });
    const whole: unknown[][] = [];
    const reader = make();
    while (!reader.poll(batch).ended) {
      expect(batch.length).toBe(16);
      whole.push(...rowsOf(batch));
    }
    whole.push(...rowsOf(batch));
    expect(whole).toHaveLength(100);
    let image = make().snapshot();
    const pieces: unknown[][] = [];
    for (let ended = false; !ended;) {
      const next = make();
      next.restore(image);
      ended = next.poll(batch, 7).ended;
      pieces.push(...rowsOf(batch));
      image = next.snapshot();
    }
    expect(pieces).toEqual(whole);
  });

  it('[SG3] a schema that does not fit is a fault', () => {
    const options = { generator: 'seed-example', seed: 1, baseTime: 0, events: 1 };
    const time = { field: 'ts', format: 'epoch-ms' } as const;
    const make = (fields: EventSchema['fields'], generator = 'seed-example') => () => new GeneratorSplitReader({ fields, time }, { ...options, generator });
    expect(make([{ name: 'ts', type: 'int' }], 'none')).toThrow(JobFault);
    expect(make([{ name: 'ts', type: 'int' }, { name: 'price', type: 'double' }])).toThrow('price');
    expect(make([{ name: 'ts', type: 'int' }, { name: 'name', type: 'double' }])).toThrow('name');
    expect(make([{ name: 'ts', type: 'int' }, { name: 'service', type: 'string' }], 'remote-service')).toThrow('service');
    expect(make([{ name: 'ts', type: 'int' }, { name: 'id', type: 'double' }])).not.toThrow();
  });
});

describe('CSV decoder and csv-parse', () => {
  const CSV: EventSchema = {
    fields: [{ name: 't', type: 'int' }, { name: 'a', type: 'string', optional: true }, { name: 'größe', type: 'string', optional: true }, { name: 'n', type: 'double', optional: true }],
    time: { field: 't', format: 'epoch-ms' },
  };
  const cell = fc.oneof(fc.constantFrom('', '"', '""', ',', ';', '\n', '\r\n', 'a"b', ' x ', 'ü', '\t', '😀'), fc.string({ unit: 'grapheme', maxLength: 8 }));

  it('[EC1][EC2] equal: all cells, quoted and not, any delimiter and line end', () => {
    fc.assert(fc.property(
      fc.array(fc.tuple(fc.nat(), cell, cell, cell, fc.double({ noNaN: true, noDefaultInfinity: true })), { maxLength: 8 }),
      fc.constantFrom(',', ';', '\t', '|'), fc.constantFrom('\n', '\r\n'), fc.boolean(), fc.boolean(), fc.integer({ min: 5, max: 60 }),
      (records, delimiter, lineEnd, quoteAll, mark, chunkBytes) => {
        const write = (value: string | number): string => {
          const text = String(value);
          return quoteAll || /[",;\t|\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
        };
        const table = [['t', 'a', 'skipped', 'größe', 'n'], ...records];
        const text = (mark ? '\ufeff' : '') + table.map((record) => record.map(write).join(delimiter) + lineEnd).join('');
        const expected = (parse(text, { columns: true, bom: true, delimiter, record_delimiter: lineEnd }) as Record<string, string>[])
          .map((record, i) => [i, Number(record.t), record.a, record.größe, Number(record.n)]);
        const bytes = encoder.encode(text);
        const batch = new EventBatch(CSV, 100);
        const decoder = createDecoder('csv', CSV);
        const cursor = startCursor();
        for (let to = 0; cursor.offset < bytes.length;) {
          to = Math.min(bytes.length, to + chunkBytes);
          decoder.decode(bytes, cursor.offset, to, to === bytes.length, cursor, batch, (letter) => { throw new Error(JSON.stringify(letter)); });
        }
        const empty = (value: unknown): unknown => value ?? '';
        const actual = rowsOf(batch).map(([, position, , t, a, size, n]) => [position, t, empty(a), empty(size), n]);
        expect(actual).toEqual(expected);
      }), { numRuns: 400 });
  });
});
