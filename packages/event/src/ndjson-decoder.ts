/**
 * NDJSON: one JSON object a line.
 *
 * Always  a line is bytes up to a line feed; a carriage return before it is white space; a byte-order mark at offset
 *         0 is skipped; a blank line is no record and has no ordinal.
 * State   cursor.state is 1 inside a line that was given up as too long (its dead letter is out already), else 0.
 */
import type { EventBatch } from './event-batch.ts';
import { JsonScanner } from './json-scanner.ts';
import {
  type DeadLetter, type DecodeCursor, type DecoderOptions, RECORD_BYTES_MAX, type RecordDecoder,
} from './record-decoder.ts';
import { type Refusal, RowWriter } from './row-writer.ts';
import type { EventSchema } from './schema.ts';
import { utf8Excerpt, utf8Text } from './utf8.ts';
import { WasmScanner } from './wasm-scanner.ts';

const EXCERPT_CHARACTERS = 200;
/** Lines that JsonScanner gets at most before WasmScanner is tried again, where that one takes too few. */
const DETOUR_MAX = 1_024;
/** So many lines taken one after the other say that WasmScanner is worth it. */
const LINES_TRUSTED = 8;

/** Bytes of a byte-order mark at the start of the split; -1 while it cannot be told. */
export function markLength(bytes: Uint8Array, from: number, to: number, final: boolean, offset: number): number {
  if (offset !== 0 || from === to) return 0;
  if (bytes[from] !== 0xef) return 0;
  if (to - from < 3) return final ? 0 : -1;
  return bytes[from + 1] === 0xbb && bytes[from + 2] === 0xbf ? 3 : 0;
}

/** Parses one record with JSON.parse and writes it into the row. null = written. */
export function writeParsed(writer: RowWriter, bytes: Uint8Array, from: number, to: number, row: number): Refusal | null {
  const text = utf8Text(bytes, from, to);
  if (text === null) return { reason: 'not-utf8', field: null, detail: 'The record is not UTF-8.' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { reason: 'malformed', field: null, detail: 'The record is not JSON.' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { reason: 'malformed', field: null, detail: 'The record is JSON but not an object.' };
  }
  return writer.writeObject(value, row);
}

export function deadLetterOf(
  refusal: Refusal, split: number, position: number, offset: number, bytes: Uint8Array, from: number, to: number,
): DeadLetter {
  const end = to > from && bytes[to - 1] === 13 ? to - 1 : to; // a carriage return belongs to the line end
  return { split, position, offset, ...refusal, excerpt: utf8Excerpt(bytes, from, end, EXCERPT_CHARACTERS) };
}

export class NdjsonDecoder implements RecordDecoder {
  readonly #writer: RowWriter;
  readonly #scanner: JsonScanner;
  #fast: WasmScanner | null;
  readonly #recordBytesMax: number;
  /** Lines that go past WasmScanner after the next one that it does not take. */
  #detour = 1;
  #tail = new Uint8Array(4096);

  constructor(schema: EventSchema, options: DecoderOptions = {}) {
    this.#writer = new RowWriter(schema, options.keyFields ?? []);
    this.#scanner = new JsonScanner(this.#writer);
    this.#fast = options.scanner === 'typescript' ? null : WasmScanner.for(this.#writer);
    this.#recordBytesMax = options.recordBytesMax ?? RECORD_BYTES_MAX;
  }

  decode(
    bytes: Uint8Array, from: number, to: number, final: boolean, cursor: DecodeCursor,
    batch: EventBatch, deadLetter: (letter: DeadLetter) => void, ordinalEnd = Number.POSITIVE_INFINITY,
  ): number {
    const writer = this.#writer;
    const scanner = this.#scanner;
    if (this.#fast?.worn) this.#fast = WasmScanner.for(this.#writer);
    const fast = this.#fast;
    const max = this.#recordBytesMax;
    writer.bind(batch);
    fast?.bind();
    const base = cursor.offset - from;
    let at = from;
    const mark = markLength(bytes, from, to, final, cursor.offset);
    if (mark < 0) return 0;
    at += mark;

    if (cursor.state === 1) {
      const end = at < to ? bytes.indexOf(10, at) : -1;
      if (end >= 0 && end < to) {
        at = end + 1;
        cursor.state = 0;
      } else at = to;
    }

    // Lines up to the last line feed are whole; that line feed also stops every loop of the scanner.
    const last = at < to ? bytes.lastIndexOf(10, to - 1) : -1;
    while (at <= last && batch.length < batch.capacity && cursor.ordinal < ordinalEnd) {
      const before = batch.length;
      let rowEnd = Math.min(batch.capacity, before + ordinalEnd - cursor.ordinal);
      if (fast !== null) {
        at = fast.scan(bytes, at, last, rowEnd, cursor.ordinal, max);
        const taken = batch.length - before;
        cursor.ordinal += taken;
        if (at > last || batch.length === batch.capacity || cursor.ordinal >= ordinalEnd) break;
        // The line at hand is unusual. Where most are, trying each of them here first is a waste.
        this.#detour = taken >= LINES_TRUSTED ? 1 : Math.min(DETOUR_MAX, this.#detour * 2);
        rowEnd = Math.min(rowEnd, batch.length + this.#detour);
      }
      const reached = batch.length;
      at = scanner.scan(bytes, at, last, rowEnd, cursor.ordinal, max);
      cursor.ordinal += batch.length - reached;
      if (fast !== null && batch.length === rowEnd) continue;
      if (at > last || batch.length === batch.capacity || cursor.ordinal >= ordinalEnd) break;
      writer.clear(batch.length);
      const end = bytes.indexOf(10, at);
      this.#line(bytes, at, end, base + at, false, cursor, batch, deadLetter);
      at = end + 1;
    }

    // What is left has no line end.
    if (at > last && at < to && cursor.state === 0) {
      if (to - at > max) {
        if (cursor.ordinal < ordinalEnd && batch.length < batch.capacity) {
          this.#tooLong(bytes, at, to, base + at, cursor, batch, deadLetter);
          cursor.state = 1;
          at = to;
        }
      } else if (final && batch.length < batch.capacity && cursor.ordinal < ordinalEnd) {
        const length = to - at;
        if (this.#tail.length < length + 1) this.#tail = new Uint8Array(length + 1);
        this.#tail.set(bytes.subarray(at, to));
        this.#tail[length] = 10;
        this.#line(this.#tail, 0, length, base + at, true, cursor, batch, deadLetter);
        at = to;
      }
    }
    cursor.offset = base + at;
    return at - from;
  }

  #tooLong(
    bytes: Uint8Array, from: number, to: number, offset: number, cursor: DecodeCursor,
    batch: EventBatch, deadLetter: (letter: DeadLetter) => void,
  ): void {
    const detail = `The record is longer than ${this.#recordBytesMax} bytes.`;
    deadLetter(deadLetterOf({ reason: 'too-long', field: null, detail }, batch.split, cursor.ordinal, offset, bytes, from, Math.min(to, from + this.#recordBytesMax)));
    cursor.ordinal += 1;
  }

  /** One line that the scanner did not take: bytes[from, to) without its line feed. */
  #line(
    bytes: Uint8Array, from: number, to: number, offset: number, unended: boolean, cursor: DecodeCursor,
    batch: EventBatch, deadLetter: (letter: DeadLetter) => void,
  ): void {
    let first = from;
    while (first < to && (bytes[first] === 32 || bytes[first] === 9 || bytes[first] === 13)) first += 1;
    if (to - from > this.#recordBytesMax) {
      this.#tooLong(bytes, from, to, offset, cursor, batch, deadLetter);
      return;
    }
    if (first === to) return;
    const row = batch.length;
    const refusal = writeParsed(this.#writer, bytes, first, to, row);
    if (refusal === null) this.#writer.commit(row, cursor.ordinal);
    else {
      const shown = unended && refusal.reason === 'malformed'
        ? { reason: 'truncated' as const, field: null, detail: 'The last record ends in the middle.' } : refusal;
      deadLetter(deadLetterOf(shown, batch.split, cursor.ordinal, offset, bytes, from, to));
    }
    cursor.ordinal += 1;
  }
}
