/**
 * Column frames: what an EventBatch is on the wire between two subtasks.
 *
 * Shape   rows, split, times, positions, then for each field: presence (left out where all rows have it), values or
 *         codes, and before codes the texts that this channel has not seen yet.
 * Always  frames of one channel are decoded in the order in which they were encoded: codes are the channel's own,
 *         a text travels once; when the channel's dictionary is full both sides start an empty one.
 * Not here: the length prefix, checksums, credits (the transport's).
 */
import { ByteReader, ByteWriter, invariant } from '@tidemark/core';
import { CodeMap } from './code-map.ts';
import { DICTIONARY_BYTES_MAX, DICTIONARY_TEXTS_MAX, Dictionary } from './dictionary.ts';
import { type Column, EventBatch } from './event-batch.ts';
import type { EventSchema } from './schema.ts';

/** How many bytes a code takes in a frame. */
const WIDE = 4;
const NARROW = 2;

interface ChannelField {
  dictionary: Dictionary;
  readonly map: CodeMap;
  /** Texts that the other side has. */
  sent: number;
}

/** The sending side of one channel, for one attempt. */
export class BatchEncoder {
  readonly #schema: EventSchema;
  readonly #fields: readonly (ChannelField | null)[];
  readonly #textsMax: number;
  readonly #writer = new ByteWriter(64 * 1024);
  #numbers = new Float64Array(1024);
  #flags = new Uint8Array(1024);
  #codes = new Int32Array(1024);
  #narrow = new Uint16Array(1024);

  constructor(schema: EventSchema, options: { readonly dictionaryTextsMax?: number } = {}) {
    this.#schema = schema;
    this.#textsMax = options.dictionaryTextsMax ?? DICTIONARY_TEXTS_MAX;
    this.#fields = schema.fields.map((field) =>
      (field.type === 'string' ? { dictionary: new Dictionary(), map: new CodeMap(), sent: 0 } : null));
  }

  /** One frame with the first `rowCount` rows named in `rows`, in that order; without `rows`, the whole batch. */
  encode(batch: EventBatch, rows?: Int32Array, rowCount: number = rows ? rows.length : batch.length): Uint8Array {
    invariant(batch.columns.length === this.#schema.fields.length, 'the batch has another schema than the channel');
    if (rowCount > this.#numbers.length) {
      this.#numbers = new Float64Array(rowCount);
      this.#flags = new Uint8Array(rowCount);
      this.#codes = new Int32Array(rowCount);
      this.#narrow = new Uint16Array(rowCount);
    }
    const writer = this.#writer;
    writer.clear();
    writer.u32(rowCount);
    writer.u32(batch.split);
    writer.array(this.#gather(batch.time, rows, rowCount));
    writer.array(this.#gather(batch.position, rows, rowCount));
    batch.columns.forEach((column, index) => {
      this.#presence(column, rows, rowCount);
      if (column.kind === 'string') this.#strings(column, this.#fields[index] as ChannelField, rows, rowCount);
      else if (column.kind === 'bool') writer.array(this.#gatherFlags(column.values, rows, rowCount));
      else writer.array(this.#gather(column.values, rows, rowCount));
    });
    return writer.finish();
  }

  #gather(values: Float64Array, rows: Int32Array | undefined, count: number): Float64Array {
    if (!rows) return values.subarray(0, count);
    for (let i = 0; i < count; i++) this.#numbers[i] = values[rows[i] as number] as number;
    return this.#numbers.subarray(0, count);
  }

  #gatherFlags(values: Uint8Array, rows: Int32Array | undefined, count: number): Uint8Array {
    if (!rows) return values.subarray(0, count);
    for (let i = 0; i < count; i++) this.#flags[i] = values[rows[i] as number] as number;
    return this.#flags.subarray(0, count);
  }

  #presence(column: Column, rows: Int32Array | undefined, count: number): void {
    const present = this.#gatherFlags(column.present, rows, count);
    const all = !present.includes(0);
    this.#writer.bool(all);
    if (!all) this.#writer.array(present);
  }

  #strings(column: Extract<Column, { kind: 'string' }>, field: ChannelField, rows: Int32Array | undefined, count: number): void {
    const writer = this.#writer;
    const fresh = field.dictionary.size >= this.#textsMax || field.dictionary.byteLength >= DICTIONARY_BYTES_MAX;
    if (fresh) {
      field.dictionary = new Dictionary();
      field.sent = 0;
    }
    const { dictionary, map } = field;
    const source = column.dictionary;
    const codes = this.#codes;
    for (let i = 0; i < count; i++) {
      const row = rows ? (rows[i] as number) : i;
      // 0 stands for "absent", so that narrow codes need no sign.
      codes[i] = column.present[row] === 0 ? 0 : map.translate(source, column.codes[row] as number, dictionary) + 1;
    }
    writer.bool(fresh);
    writer.u32(dictionary.size - field.sent);
    for (let code = field.sent; code < dictionary.size; code++) {
      writer.blob(dictionary.bytes.subarray(dictionary.start(code), dictionary.end(code)));
    }
    field.sent = dictionary.size;
    if (dictionary.size < 0xffff) {
      writer.u8(NARROW);
      for (let i = 0; i < count; i++) this.#narrow[i] = codes[i] as number;
      writer.array(this.#narrow.subarray(0, count));
    } else {
      writer.u8(WIDE);
      writer.array(codes.subarray(0, count));
    }
  }
}

/** The receiving side of one channel, for one attempt. */
export class BatchDecoder {
  readonly #schema: EventSchema;
  #dictionaries: (Dictionary | undefined)[];

  constructor(schema: EventSchema) {
    this.#schema = schema;
    this.#dictionaries = schema.fields.map((field) => (field.type === 'string' ? new Dictionary() : undefined));
  }

  /**
   * The batch of a frame: its own arrays, the channel's dictionaries (they grow with later frames).
   * Errors: InvariantViolation where the bytes are no frame of this channel.
   */
  decode(bytes: Uint8Array): EventBatch {
    const reader = new ByteReader(bytes);
    const count = reader.u32();
    invariant(count <= bytes.length, `a frame of ${bytes.length} bytes cannot hold ${count} rows`);
    const split = reader.u32();
    const times = reader.f64Array();
    const positions = reader.f64Array();
    const cells = this.#schema.fields.map((field, index) => {
      const present = reader.bool() ? new Uint8Array(count).fill(1) : reader.u8Array();
      if (field.type === 'string') return { present, codes: this.#readCodes(reader, index, present) };
      return { present, values: field.type === 'bool' ? reader.u8Array() : reader.f64Array() };
    });
    invariant(reader.remaining === 0, 'a frame is longer than its columns');
    const batch = new EventBatch(this.#schema, count, this.#dictionaries);
    batch.split = split;
    batch.length = count;
    batch.time.set(times);
    batch.position.set(positions);
    batch.columns.forEach((column, index) => {
      const cell = cells[index] as { present: Uint8Array; codes?: Int32Array; values?: Uint8Array | Float64Array };
      column.present.set(cell.present);
      if (column.kind === 'string') column.codes.set(cell.codes as Int32Array);
      else column.values.set(cell.values as Float64Array);
    });
    return batch;
  }

  #readCodes(reader: ByteReader, index: number, present: Uint8Array): Int32Array {
    // A new dictionary, never an emptied one: earlier batches of the channel still point to the old one.
    if (reader.bool()) this.#dictionaries = this.#dictionaries.with(index, new Dictionary());
    const dictionary = this.#dictionaries[index] as Dictionary;
    const texts = reader.u32();
    for (let i = 0; i < texts; i++) {
      const text = reader.blob();
      const size = dictionary.size;
      invariant(dictionary.encodeBytes(text, 0, text.length) === size, 'a text came twice or is no UTF-8');
    }
    const codes = reader.u8() === NARROW ? Int32Array.from(reader.u16Array()) : reader.i32Array();
    for (let row = 0; row < codes.length; row++) {
      const code = (codes[row] as number) - 1;
      invariant(present[row] === 0 ? code === -1 : code >= 0 && code < dictionary.size, `row ${row} has the unknown code ${code}`);
      codes[row] = code;
    }
    return codes;
  }
}
