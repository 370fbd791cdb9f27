import { compareTexts } from '@tidemark/condition';
import { type Column, type ColumnSet, Dictionary, EventBatch, type EventSchema, type FieldType, type FieldValue, appendObject, fieldValue } from '@tidemark/event';
import type { TieBreakField } from '@tidemark/pattern';
import { Random } from '@tidemark/testkit';
import { describe, expect, it } from 'vitest';
import { HeldRowsQueue } from './held-rows-queue.ts';
import { RowOrder } from './row-order.ts';

interface Row {
  readonly time: number;
  readonly split: number;
  readonly position: number;
  eventClass: number;
  readonly values: readonly FieldValue[];
}

const TYPES: readonly FieldType[] = ['string', 'bool', 'int', 'double'];

function schemaOf(random: Random, count: number): EventSchema {
  return { fields: Array.from({ length: count }, (_, i) => ({ name: `f${i}`, type: random.pick(TYPES) })) } as unknown as EventSchema;
}

function valueOf(random: Random, type: FieldType | undefined): FieldValue {
  if (random.chance(0.2)) return null;
  if (type === 'string') return random.pick(['', 'a', 'b', 'é', '\u{1F600}', '\uFFFD']);
  if (type === 'bool') return random.chance(0.5);
  return type === 'int' ? random.between(-3, 3) : random.between(-3, 3) / 2;
}

/** By hand, from values: what row-order.ts says of columns. */
function compareRows(a: Row, b: Row, tieBreak: readonly TieBreakField[]): number {
  if (a.time !== b.time) return a.time - b.time;
  for (const { field, descending } of tieBreak) {
    const one = a.values[field] as FieldValue;
    const other = b.values[field] as FieldValue;
    let compared = 0;
    if (one === null || other === null) compared = Number(one !== null) - Number(other !== null);
    else if (typeof one === 'string') compared = compareTexts(one, other as string);
    else compared = Number(one) - Number(other);
    if (compared !== 0) return descending ? -compared : compared;
  }
  return a.split - b.split || a.position - b.position;
}

function rowAt(rows: ColumnSet & { readonly position: Float64Array; readonly split: number; readonly classes: Uint16Array }, row: number, fields: readonly number[]): Row {
  return {
    time: rows.time[row] as number, split: rows.split, position: rows.position[row] as number, eventClass: rows.classes[row] as number,
    values: rows.columns.map((_, field) => (fields.includes(field) ? fieldValue(rows, field, row) : null)),
  };
}

/** Batches of several splits come and rows leave at watermarks; what leaves, and what waits, is compared with a list. */
function run(seed: number, { fieldCount = 6, spread = 40, batches = 60, rowsMost = 60, ties = 0, isOrdered = false } = {}): void {
  const random = new Random(seed);
  const schema = schemaOf(random, fieldCount);
  const held = schema.fields.map((_, field) => field).filter(() => random.chance(0.8));
  const tieBreak = Array.from({ length: Math.min(ties, held.length) }, (): TieBreakField => ({ field: random.pick(held), descending: random.chance(0.5) }));
  const order = new RowOrder(tieBreak);
  const queue = new HeldRowsQueue(schema, held, order);
  const splits = random.between(1, 3);
  const dictionaries = Array.from({ length: splits }, () => schema.fields.map(() => new Dictionary()));
  const positions = new Float64Array(splits);
  let waiting: Row[] = [];
  let watermark = random.between(-1_000, 1_000);
  const label = `seed ${seed}`;
  const sorted = (rows: readonly Row[]): Row[] => [...rows].sort((a, b) => compareRows(a, b, tieBreak));
  let rowBytes = 0;
  for (let turn = 0; turn < batches; turn += 1) {
    const split = random.between(0, splits - 1);
    // New dictionaries for one split now and then: a set of its own, with the same split.
    if (random.chance(0.05)) dictionaries[split] = schema.fields.map(() => new Dictionary());
    const rows = random.between(1, rowsMost);
    const batch = new EventBatch(schema, rows, dictionaries[split]);
    batch.split = split;
    const coming: Row[] = [];
    const times = Array.from({ length: rows }, () => watermark + 1 + random.between(0, spread));
    if (isOrdered && random.chance(0.9)) times.sort((a, b) => a - b);
    const places = times.map((_, row) => (positions[split] as number) + row);
    if (random.chance(0.1)) places.reverse();
    positions[split] = (positions[split] as number) + rows;
    for (let row = 0; row < rows; row += 1) {
      const values = schema.fields.map(({ type }) => valueOf(random, type));
      const one: Row = { time: times[row] as number, split, position: places[row] as number, eventClass: random.between(0, 65_535), values: values.map((value, field) => (held.includes(field) ? value : null)) };
      appendObject(batch, Object.fromEntries(schema.fields.map(({ name }, field) => [name, values[field]])), one.time, one.position);
      coming.push(one);
    }
    // Only some of them are chosen.
    const from = random.between(0, 2);
    const chosen = [...coming.keys()].filter(() => random.chance(0.8));
    const rowsOf = Int32Array.from(chosen);
    const to = Math.max(from, chosen.length - random.between(0, 2));
    queue.add(batch, rowsOf, from, Math.min(to, chosen.length), Uint16Array.from(chosen, (row) => (coming[row] as Row).eventClass));
    waiting.push(...chosen.slice(from, Math.min(to, chosen.length)).map((row) => coming[row] as Row));
    // The caller uses the batch again.
    for (const column of batch.columns) spoil(column);

    if (random.chance(0.1)) {
      for (const set of queue.sets()) set.classifyAgain((laid) => { for (let row = 0; row < laid.length; row += 1) laid.classes[row] = (laid.classes[row] as number) ^ 0xff; });
      for (const row of waiting) row.eventClass ^= 0xff;
    }
    expect(queue.length, label).toBe(waiting.length);
    if (random.chance(0.3)) {
      const all = queue.sets().flatMap((set) => {
        const laid = set.rows();
        return Array.from({ length: laid.length }, (_, row) => rowAt(laid, row, held));
      });
      expect(sorted(all), label).toEqual(sorted(waiting));
    }
    if (random.chance(0.6) || turn === batches - 1) {
      watermark = turn === batches - 1 ? Number.MAX_SAFE_INTEGER : watermark + random.between(0, spread);
      const left: Row[] = [];
      queue.drain(watermark, (laid, start, end) => { for (let row = start; row < end; row += 1) left.push(rowAt(laid, row, held)); });
      expect(left, label).toEqual(sorted(waiting.filter(({ time }) => time <= watermark)));
      waiting = waiting.filter(({ time }) => time > watermark);
    }
    if (queue.length > 0) rowBytes ||= queue.bytesInUse / queue.length;
    expect(queue.bytesInUse, label).toBe(queue.length * rowBytes);
  }
  expect(waiting, label).toEqual([]);
}

function spoil(column: Column): void {
  column.present.fill(0);
  if (column.kind === 'string') column.codes.fill(-1);
  else column.values.fill(77);
}

describe('HeldRowsQueue', () => {
  it('[HR1] what leaves is what came, in order of time, split and position, whatever the fields', () => {
    for (let seed = 0; seed < 60; seed += 1) run(seed, { fieldCount: seed % 7 });
  });

  it('[HR1] also where a tie-break orders rows of one time', () => {
    for (let seed = 100; seed < 160; seed += 1) run(seed, { spread: 6, ties: 1 + (seed % 3) });
  });

  it('[HR1] also with more flags than a word has bits', () => {
    for (let seed = 200; seed < 220; seed += 1) run(seed, { fieldCount: 45, batches: 20, rowsMost: 20 });
  });

  it('[HR1] also where a few come in order and nothing else waits: whether all of them leave next, some, or others come before', () => {
    for (let seed = 500; seed < 560; seed += 1) run(seed, { spread: 6, rowsMost: 8, batches: 120, isOrdered: true, ties: seed % 5 === 0 ? 1 : 0 });
  });

  it('[HR2] also where many more rows are due than are laid out at a time, and over long times', () => {
    for (let seed = 300; seed < 306; seed += 1) run(seed, { spread: [3, 20_000, 900_000][seed % 3] as number, batches: 25, rowsMost: 1_000, ties: seed % 2 });
  });
});
