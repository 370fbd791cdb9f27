/**
 * Streams: events as batches of columns, as they come out of a decoder.
 *
 * Always  event i is a pure function of the stream and of i; its position is i. Dictionaries are shared by all batches of
 *         one stream. The same working batch comes every time, its columns in the cache, as a decoder's does.
 * Not here: NDJSON bytes (decode.ts), what is done with a batch.
 */
import { type EventTime, eventTime } from '@tidemark/core';
import { type Column, Dictionary, EventBatch, type EventSchema } from '@tidemark/event';
import { randomBelow } from '../../packages/connectors/src/source/generators/generator.ts';
import { STREAM_SCHEMA } from './job.ts';

export const BATCH_ROWS = 1_024;
/** The first events come in small batches: what explodes at once shall say where. */
const RAMP_EVENTS = 1_024;
const RAMP_ROWS = 32;

export interface EventStream {
  readonly schema: EventSchema;
  /** Column dictionaries by field. */
  readonly dictionaries: readonly (Dictionary | undefined)[];
  /** Writes events [first, first + count) into rows [0, count). */
  fill(batch: EventBatch, first: number, count: number): void;
  /** The watermark that follows a batch, null = none. Default: its newest time - 1, for a stream in order. */
  watermark?(batch: EventBatch, first: number): EventTime | null;
}

/** Goes through a stream batch by batch. */
export class Feeder {
  readonly batch: EventBatch;
  readonly #stream: EventStream;
  readonly #rows: number;
  next = 0;

  constructor(stream: EventStream, rows = BATCH_ROWS) {
    this.#stream = stream;
    this.#rows = rows;
    this.batch = new EventBatch(stream.schema, rows, stream.dictionaries);
  }

  feed(events: number, each: (batch: EventBatch, watermark: EventTime | null) => void, progress: (events: number) => void = () => undefined): void {
    const { batch } = this;
    const stream = this.#stream;
    for (const end = this.next + events; this.next < end;) {
      const rows = this.next < RAMP_EVENTS ? Math.min(RAMP_ROWS, this.#rows) : this.#rows;
      const count = Math.min(rows, end - this.next);
      stream.fill(batch, this.next, count);
      batch.length = count;
      each(batch, stream.watermark === undefined ? inOrder(batch) : stream.watermark(batch, this.next));
      this.next += count;
      progress(this.next);
    }
  }

  /** The same without anybody to take the batches. */
  skip(events: number): void {
    const before = this.next;
    this.feed(events, () => undefined);
    this.next = before;
  }
}

const inOrder = (batch: EventBatch): EventTime => eventTime((batch.time[batch.length - 1] as number) - 1);

export const BASE_TIME = 1_700_000_000_000;

/** Dictionary with the texts in order: code = index. */
export function dictionaryOf(texts: Iterable<string>): Dictionary {
  const dictionary = new Dictionary();
  for (const text of texts) dictionary.encode(text);
  return dictionary;
}

export interface TypedStreamOptions {
  /** Types of the events, over and over: numbers of `names`. */
  readonly types: Uint8Array;
  readonly names: readonly string[];
  /** Numbers of the keys, over and over; absent = one key. */
  readonly keys?: Int32Array;
  readonly keyCount?: number;
  /** Events of one millisecond. */
  readonly perMs?: number;
}

export const keyText = (key: number): string => `k${String(key).padStart(7, '0')}`;

/** Copies table[first ..] round and round into the first `count` cells. */
function copyLoop(table: Int32Array, first: number, into: Int32Array, count: number): void {
  let from = first % table.length;
  for (let row = 0; row < count;) {
    const piece = Math.min(count - row, table.length - from);
    into.set(table.subarray(from, from + piece), row);
    row += piece;
    from = 0;
  }
}

/** Columns of STREAM_SCHEMA that differ from row to row; the others are filled once. */
export function streamColumns(batch: EventBatch) {
  const [ts, type, key, value, user] = batch.columns as [Column, Column, Column, Column, Column];
  if (ts.kind === 'string' || type.kind !== 'string' || key.kind !== 'string' || value.kind === 'string' || user.kind !== 'string') throw new Error('columns of the stream');
  if (user.present[batch.capacity - 1] !== 1) {
    for (const { present } of batch.columns) present.fill(1);
    value.values.fill(125.5);
    user.codes.fill(0);
  }
  return { ts, type, key };
}

/** A stream in order of time over STREAM_SCHEMA, from tables of types and keys. */
export function typedStream({ types, names, keys, keyCount = 1, perMs = 1 }: TypedStreamOptions): EventStream {
  const typeCodes = Int32Array.from(types);
  const keyCodes = keys ?? new Int32Array(1_024);
  const typeTexts = dictionaryOf(names);
  const keyTexts = dictionaryOf(Array.from({ length: keyCount }, (_, key) => keyText(key)));
  const userTexts = dictionaryOf(['u0000']);
  return {
    schema: STREAM_SCHEMA,
    dictionaries: [undefined, typeTexts, keyTexts, undefined, userTexts],
    fill(batch, first, count) {
      const { ts, type, key } = streamColumns(batch);
      copyLoop(typeCodes, first, type.codes, count);
      copyLoop(keyCodes, first, key.codes, count);
      const { time, position } = batch;
      const { values } = ts;
      for (let row = 0; row < count; row += 1) {
        const i = first + row;
        const t = BASE_TIME + (perMs === 1 ? i : Math.floor(i / perMs));
        time[row] = t;
        values[row] = t;
        position[row] = i;
      }
    },
  };
}

/** Numbers below `n` by chance, from a seed. Streams that shall be independent have seeds of their own. */
export function chance(seed: number): (n: number) => number {
  let draw = 0;
  return (n) => {
    draw += 1;
    return randomBelow(n, seed, draw);
  };
}

/** A table of types drawn by weight. Its length shares no factor with the usual windows, so that a loop does not show. */
export function drawTypes(seed: number, weights: readonly number[], length = 131_071): Uint8Array {
  const random = chance(seed);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Uint8Array.from({ length }, () => {
    let left = random(1_000_000) / 1_000_000 * total;
    for (let type = 0; type < weights.length; type += 1) {
      left -= weights[type] as number;
      if (left < 0) return type;
    }
    return weights.length - 1;
  });
}
