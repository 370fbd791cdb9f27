/**
 * JSON: one array of objects, or one object (or several, one after the other).
 *
 * Shape   records are cut at top-level commas and brackets, so that the file is never held whole.
 * Always  a record that is no JSON costs itself, as long as its brackets and quotes balance; an array that is not
 *         closed gives one 'truncated' dead letter; a missing element (`[,`) is a malformed record.
 * State   cursor.state: 0 at the start, 1 between elements of the array, 2 outside it, from 16 on inside a record
 *         that was given up as too long (depth of brackets, in a string, after a backslash, in the array).
 */
import type { EventBatch } from './event-batch.ts';
import { JsonScanner } from './json-scanner.ts';
import { deadLetterOf, markLength, writeParsed } from './ndjson-decoder.ts';
import { type DeadLetter, type DecodeCursor, type DecoderOptions, RECORD_BYTES_MAX, type RecordDecoder } from './record-decoder.ts';
import { type Refusal, RowWriter } from './row-writer.ts';
import type { EventSchema } from './schema.ts';

const START = 0;
const IN_ARRAY = 1;
const OUTSIDE = 2;
const SKIPPING = 16;

const isBlank = (byte: number | undefined): boolean => byte === 32 || byte === 10 || byte === 13 || byte === 9;

export class JsonDecoder implements RecordDecoder {
  readonly #writer: RowWriter;
  readonly #scanner: JsonScanner;
  readonly #recordBytesMax: number;
  #copy = new Uint8Array(4096);
  // Where the walk over a record stands; one record at a time.
  #depth = 0;
  #inString = false;
  #escaped = false;

  constructor(schema: EventSchema, options: DecoderOptions = {}) {
    this.#writer = new RowWriter(schema, options.keyFields ?? []);
    this.#scanner = new JsonScanner(this.#writer);
    this.#recordBytesMax = options.recordBytesMax ?? RECORD_BYTES_MAX;
  }

  /** Walks on to the end of a record (exclusive); -1 where it lies beyond `to`. */
  #walk(bytes: Uint8Array, from: number, to: number, inArray: boolean): number {
    for (let at = from; at < to; at++) {
      const byte = bytes[at] as number;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === 92) this.#escaped = true;
        else if (byte === 34) this.#inString = false;
      } else if (byte === 34) this.#inString = true;
      else if (byte === 123 || byte === 91) this.#depth += 1;
      else if (byte === 125 || byte === 93) {
        if (this.#depth === 0) {
          // The array's own bracket ends its last element; a brace too many belongs to the broken element.
          if (inArray && byte === 93) return at;
        } else {
          this.#depth -= 1;
          if (this.#depth === 0 && !inArray) return at + 1;
        }
      } else if (this.#depth === 0 && (inArray ? byte === 44 : byte === 10)) return at;
    }
    return -1;
  }

  decode(
    bytes: Uint8Array, from: number, to: number, final: boolean, cursor: DecodeCursor,
    batch: EventBatch, deadLetter: (letter: DeadLetter) => void, ordinalEnd = Number.POSITIVE_INFINITY,
  ): number {
    this.#writer.bind(batch);
    const max = this.#recordBytesMax;
    const base = cursor.offset - from;
    let at = from;
    const mark = markLength(bytes, from, to, final, cursor.offset);
    if (mark < 0) return 0;
    at += mark;
    const refuse = (refusal: Refusal, start: number, end: number): void => {
      deadLetter(deadLetterOf(refusal, batch.split, cursor.ordinal, base + start, bytes, start, Math.min(end, start + max)));
      cursor.ordinal += 1;
    };

    if (cursor.state >= SKIPPING) {
      const packed = cursor.state - SKIPPING;
      const inArray = packed % 2 === 1;
      this.#escaped = Math.floor(packed / 2) % 2 === 1;
      this.#inString = Math.floor(packed / 4) % 2 === 1;
      this.#depth = Math.floor(packed / 8);
      const end = this.#walk(bytes, at, to, inArray);
      if (end < 0) {
        this.#pack(cursor, inArray);
        at = to;
      } else {
        at = end;
        if (inArray && bytes[at] === 44) at += 1;
        cursor.state = inArray ? IN_ARRAY : OUTSIDE;
      }
    }

    while (cursor.state < SKIPPING && batch.length < batch.capacity && cursor.ordinal < ordinalEnd) {
      while (at < to && isBlank(bytes[at])) at += 1;
      if (at === to) {
        if (final && cursor.state === IN_ARRAY) {
          refuse({ reason: 'truncated', field: null, detail: 'The array is not closed.' }, at, at);
          cursor.state = OUTSIDE;
        }
        break;
      }
      if (cursor.state === START) {
        if (bytes[at] === 91) {
          cursor.state = IN_ARRAY;
          at += 1;
          continue;
        }
        cursor.state = OUTSIDE;
      }
      const inArray = cursor.state === IN_ARRAY;
      if (inArray && bytes[at] === 93) {
        cursor.state = OUTSIDE;
        at += 1;
        continue;
      }

      this.#depth = 0;
      this.#inString = false;
      this.#escaped = false;
      let end = this.#walk(bytes, at, to, inArray);
      const next = end < 0 ? -1 : inArray && bytes[end] === 44 ? end + 1 : end;
      if ((end < 0 ? to : end) - at > max) {
        refuse({ reason: 'too-long', field: null, detail: `The record is longer than ${max} bytes.` }, at, end < 0 ? to : end);
        if (end < 0) {
          this.#pack(cursor, inArray);
          at = to;
        } else at = next;
        continue;
      }
      while (end > at && isBlank(bytes[end - 1])) end -= 1;
      if (end < 0) {
        if (!final) break;
        end = to;
        const whole = !inArray && this.#depth === 0 && !this.#inString;
        if (whole) this.#record(bytes, at, end, cursor, batch, refuse);
        else {
          refuse({ reason: 'truncated', field: null, detail: 'The last record ends in the middle.' }, at, end);
          cursor.state = OUTSIDE;
        }
        at = to;
        continue;
      }
      this.#record(bytes, at, end, cursor, batch, refuse);
      at = next;
    }
    cursor.offset = base + at;
    return at - from;
  }

  #pack(cursor: DecodeCursor, inArray: boolean): void {
    cursor.state = SKIPPING + this.#depth * 8 + (this.#inString ? 4 : 0) + (this.#escaped ? 2 : 0) + (inArray ? 1 : 0);
  }

  #record(
    bytes: Uint8Array, from: number, to: number, cursor: DecodeCursor, batch: EventBatch,
    refuse: (refusal: Refusal, start: number, end: number) => void,
  ): void {
    const row = batch.length;
    const length = to - from;
    if (this.#copy.length < length + 1) this.#copy = new Uint8Array(length * 2);
    const copy = this.#copy;
    // The scanner reads lines: between tokens a line end is a space; inside a text it is illegal and stays.
    let inString = false;
    for (let i = 0; i < length; i++) {
      const byte = bytes[from + i] as number;
      if (byte === 34) inString = !inString; // wrong after a backslash, where the scanner gives up anyway
      copy[i] = !inString && (byte === 10 || byte === 13) ? 32 : byte;
    }
    copy[length] = 10;
    if (this.#scanner.scan(copy, 0, length, row + 1, cursor.ordinal, length) === length + 1) cursor.ordinal += 1;
    else {
      this.#writer.clear(row);
      const refusal: Refusal | null = length === 0
        ? { reason: 'malformed', field: null, detail: 'An element of the array is missing.' }
        : writeParsed(this.#writer, bytes, from, to, row);
      if (refusal) refuse(refusal, from, to);
      else {
        this.#writer.commit(row, cursor.ordinal);
        cursor.ordinal += 1;
      }
    }
  }
}
