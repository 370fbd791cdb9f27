/**
 * CSV: a header row, then one record a row.
 *
 * Always  the header is no record and has no ordinal; blank rows are no records; line ends are LF or CR LF; an empty
 *         cell is an absent value, an empty cell in quotes an empty text; spaces round numbers, times and booleans are
 *         ignored; of two columns of one name the first counts; a row has as many cells as the header.
 *         A row whose quotes are broken or do not close within recordBytesMax costs its first line only: the next line
 *         is read as a new record, so that one stray quote does not swallow the file.
 * State   cursor.header once the header is read; cursor.state is 1 inside a line that was given up as too long.
 */
import { BROKEN, RAN_OUT, csvCells, csvHeader, csvRecordEnd } from './csv-text.ts';
import type { Dictionary } from './dictionary.ts';
import type { EventBatch } from './event-batch.ts';
import { deadLetterOf, markLength } from './ndjson-decoder.ts';
import { numberOfText } from './number-text.ts';
import {
  type CsvHeader, type DeadLetter, type DecodeCursor, type DecoderOptions, RECORD_BYTES_MAX, type RecordDecoder,
} from './record-decoder.ts';
import { KIND, type Refusal, RowWriter } from './row-writer.ts';
import type { EventSchema } from './schema.ts';
import { timeOfNumber, timeOfText } from './time-text.ts';
import { isUtf8, utf8Text } from './utf8.ts';

const UNREADABLE_HEADER: CsvHeader = { columns: [], delimiter: ',' };

export class CsvDecoder implements RecordDecoder {
  readonly #writer: RowWriter;
  readonly #recordBytesMax: number;
  /** Of the header that the two tables below belong to. */
  #header: CsvHeader | null = null;
  #delimiter = 44;
  /** By column: field or -1. */
  #fieldOfColumn = new Int32Array(0);
  /** By field: column or -1. */
  #columnOfField = new Int32Array(0);
  #tail = new Uint8Array(4096);

  constructor(schema: EventSchema, options: DecoderOptions = {}) {
    this.#writer = new RowWriter(schema, options.keyFields ?? []);
    this.#recordBytesMax = options.recordBytesMax ?? RECORD_BYTES_MAX;
  }

  #use(header: CsvHeader): void {
    if (this.#header === header) return;
    this.#header = header;
    this.#delimiter = header.delimiter.charCodeAt(0);
    const { fields } = this.#writer.schema;
    this.#columnOfField = Int32Array.from(fields, (field) => header.columns.indexOf(field.name));
    this.#fieldOfColumn = new Int32Array(header.columns.length).fill(-1);
    this.#columnOfField.forEach((column, field) => {
      if (column >= 0) this.#fieldOfColumn[column] = field;
    });
  }

  decode(
    bytes: Uint8Array, from: number, to: number, final: boolean, cursor: DecodeCursor,
    batch: EventBatch, deadLetter: (letter: DeadLetter) => void, ordinalEnd = Number.POSITIVE_INFINITY,
  ): number {
    const writer = this.#writer;
    writer.bind(batch);
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

    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const last = at < to ? bytes.lastIndexOf(10, to - 1) : -1;
    while (at < to && batch.length < batch.capacity && cursor.ordinal < ordinalEnd) {
      const byte = bytes[at];
      if (byte === 10) {
        at += 1;
        continue;
      }
      if (byte === 13) {
        if (at + 1 === to) {
          if (!final) break;
          at += 1;
          continue;
        }
        if (bytes[at + 1] === 10) {
          at += 2;
          continue;
        }
      }
      if (!cursor.header) {
        const end = this.#readHeader(bytes, at, to, final, base, cursor, batch, deadLetter);
        if (end === at) break;
        at = end;
        continue;
      }
      this.#use(cursor.header);
      if (at <= last) {
        const row = batch.length;
        const end = this.#scan(bytes, view, at, row);
        if (end >= 0 && end - at <= this.#recordBytesMax) {
          writer.commit(row, cursor.ordinal);
          cursor.ordinal += 1;
          at = end + 1;
          continue;
        }
        writer.clear(row);
      }
      const end = this.#unusual(bytes, at, to, final, base, cursor, batch, deadLetter);
      if (end === at) break;
      at = end;
    }
    cursor.offset = base + at;
    return at - from;
  }

  /** The usual row: no line feed and no doubled quote in a cell, all values as expected. Index of its line feed, or -1. */
  #scan(bytes: Uint8Array, view: DataView, start: number, row: number): number {
    const writer = this.#writer;
    const { kinds, required, values, codes, present, dictionaries } = writer;
    const fieldOfColumn = this.#fieldOfColumn;
    const delimiter = this.#delimiter;
    const columns = fieldOfColumn.length;
    let at = start;
    let found = 0;
    for (let column = 0; column < columns; column++) {
      const field = fieldOfColumn[column] as number;
      const kind = field < 0 ? -1 : (kinds[field] as number);
      let byte = bytes[at] as number;
      const quoted = byte === 34;
      if (quoted) byte = bytes[++at] as number;
      const first = at;
      let all = 0;
      if (quoted) {
        while (byte !== 34) {
          if (byte === 10) return -1;
          all |= byte;
          byte = bytes[++at] as number;
        }
      } else {
        while (byte !== delimiter && byte !== 10) {
          if (byte === 34) return -1;
          if (byte === 13 && bytes[at + 1] === 10) break;
          all |= byte;
          byte = bytes[++at] as number;
        }
      }
      const end = at;
      if (quoted) byte = bytes[++at] as number;
      if (byte === 13 && bytes[at + 1] === 10) byte = bytes[++at] as number;
      if (column < columns - 1 ? byte !== delimiter : byte !== 10) return -1;
      at += 1;

      if (kind < 0) {
        if (all > 127 && !isUtf8(bytes, first, end)) return -1;
        continue;
      }
      if (first === end && !quoted) continue; // absent
      if (kind === KIND.string) {
        const code = (dictionaries[field] as Dictionary).encodeView(bytes, view, first, end);
        if (code < 0) return -1;
        (codes[field] as Int32Array)[row] = code;
      } else if (kind === KIND.bool) return -1;
      else {
        let value: number;
        if (kind === KIND.time) {
          const format = writer.timeFormat;
          value = format === 'iso8601' || format === 'datetime'
            ? timeOfText(bytes, first, end) : timeOfNumber(numberOfText(bytes, first, end), format);
          if (Number.isNaN(value)) return -1;
          writer.time[row] = value;
        } else {
          value = numberOfText(bytes, first, end);
          if (!Number.isFinite(value)) return -1;
          if (kind === KIND.int) {
            if (!Number.isSafeInteger(value)) return -1;
            value += 0;
          }
        }
        (values[field] as Float64Array)[row] = value;
      }
      (present[field] as Uint8Array)[row] = 1;
      found += required[field] as number;
    }
    return columns > 0 && found === writer.requiredCount ? at - 1 : -1;
  }

  /** Reads the header row at bytes[at]. Index after it, or `at` where more bytes are needed. */
  #readHeader(
    bytes: Uint8Array, at: number, to: number, final: boolean, base: number, cursor: DecodeCursor,
    batch: EventBatch, deadLetter: (letter: DeadLetter) => void,
  ): number {
    // The delimiter is not known yet; the one that fits is among those for which the quotes are not broken.
    const limit = Math.min(to, at + this.#recordBytesMax + 1);
    let end = RAN_OUT;
    for (const delimiter of [44, 59, 9, 124]) {
      const tried = csvRecordEnd(bytes, at, limit, delimiter);
      if (tried >= 0) {
        end = tried;
        break;
      }
    }
    if (end < 0) {
      if (!final && limit === to) return at;
      const feed = bytes.indexOf(10, at);
      end = feed >= 0 && feed < to ? feed : to;
    }
    const text = utf8Text(bytes, at, bytes[end - 1] === 13 ? end - 1 : end);
    const header = text === null ? null : csvHeader(text);
    if (!header || end - at > this.#recordBytesMax) {
      const refusal: Refusal = { reason: 'malformed', field: null, detail: 'The header row cannot be read, so that no row can.' };
      deadLetter(deadLetterOf(refusal, batch.split, cursor.ordinal, base + at, bytes, at, end));
      cursor.header = UNREADABLE_HEADER;
      cursor.ordinal += 1;
    } else cursor.header = header;
    return Math.min(end + 1, to);
  }

  /** A row that the scanner did not take. Index after it, or `at` where more bytes are needed. */
  #unusual(
    bytes: Uint8Array, at: number, to: number, final: boolean, base: number, cursor: DecodeCursor,
    batch: EventBatch, deadLetter: (letter: DeadLetter) => void,
  ): number {
    const max = this.#recordBytesMax;
    const refuse = (refusal: Refusal, end: number): void => {
      deadLetter(deadLetterOf(refusal, batch.split, cursor.ordinal, base + at, bytes, at, Math.min(end, at + max)));
      cursor.ordinal += 1;
    };
    const limit = Math.min(to, at + max + 1);
    const feed = bytes.indexOf(10, at);
    const lineEnd = feed >= 0 && feed < to ? feed : -1; // of its first line
    if ((lineEnd < 0 ? to : lineEnd) - at > max) {
      refuse({ reason: 'too-long', field: null, detail: `The record is longer than ${max} bytes.` }, lineEnd < 0 ? to : lineEnd);
      if (lineEnd < 0) cursor.state = 1;
      return lineEnd < 0 ? to : lineEnd + 1;
    }
    if (lineEnd < 0 && !final) return at;

    const end = csvRecordEnd(bytes, at, limit, this.#delimiter);
    let recordEnd = end;
    let unended = false;
    if (end === RAN_OUT && limit === to) {
      if (!final) return at;
      // The last row may lack its line end; whether a quote is open is seen with a line end put in its place.
      const length = to - at;
      if (this.#tail.length < length + 1) this.#tail = new Uint8Array(length + 1);
      this.#tail.set(bytes.subarray(at, to));
      this.#tail[length] = 10;
      if (csvRecordEnd(this.#tail, 0, length + 1, this.#delimiter) === length) {
        recordEnd = to;
        unended = true;
      }
    }
    if (recordEnd < 0) {
      const detail = end === BROKEN
        ? 'A quote stands inside a cell, or text follows a closing quote.' : 'A quote is opened and not closed.';
      const isLast = lineEnd < 0 || lineEnd === to - 1;
      refuse({ reason: end !== BROKEN && isLast && final ? 'truncated' : 'malformed', field: null, detail }, lineEnd < 0 ? to : lineEnd);
      return lineEnd < 0 ? to : lineEnd + 1;
    }

    const next = unended ? to : recordEnd + 1;
    const text = utf8Text(bytes, at, bytes[recordEnd - 1] === 13 ? recordEnd - 1 : recordEnd);
    if (text === null) {
      refuse({ reason: 'not-utf8', field: null, detail: 'The record is not UTF-8.' }, recordEnd);
      return next;
    }
    const header = cursor.header as CsvHeader;
    const cells = csvCells(text, header.delimiter);
    const row = batch.length;
    let refusal: Refusal | null;
    if (cells === null || cells.length !== header.columns.length) {
      const count = cells?.length ?? 0;
      refusal = {
        reason: unended && count < header.columns.length ? 'truncated' : 'malformed', field: null,
        detail: `The row has ${count} cells and the header ${header.columns.length}.`,
      };
    } else refusal = this.#writer.writeCells(cells, this.#columnOfField, row);
    if (refusal) refuse(refusal, recordEnd);
    else {
      this.#writer.commit(row, cursor.ordinal);
      cursor.ordinal += 1;
    }
    return next;
  }
}
