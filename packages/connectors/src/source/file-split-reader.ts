/**
 * FileSplitReader: one file as one split.
 *
 * Shape   bytes are read in chunks and decoded from one buffer; a record that is not whole yet stays in it.
 * Always  the end of the split is the size that the file had when it was opened first: lines appended later do not
 *         belong to this run, so that a replay ends where the first run ended. A file that has become shorter is a
 *         JobFault, never a silent end.
 * State   ordinal, offset, the decoder's state, CSV header, end.
 */
import { ByteReader, ByteWriter, JobFault, invariant } from '@tidemark/core';
import {
  type DeadLetter, type DecodeCursor, type DecoderOptions, type EventBatch, type EventSchema, type RecordDecoder, type RecordFormat,
  createDecoder, startCursor,
} from '@tidemark/event';
import type { ByteSource } from './byte-source.ts';
import { type PollResult, type SplitReader, batchEnd } from './split-reader.ts';

const CHUNK_BYTES = 256 * 1024;
const IMAGE_VERSION = 1;

export interface FileSplitOptions extends DecoderOptions {
  readonly split?: number;
  readonly chunkBytes?: number;
  readonly deadLetter?: (letter: DeadLetter) => void;
}

export class FileSplitReader implements SplitReader {
  readonly split: number;
  readonly #source: ByteSource;
  readonly #decoder: RecordDecoder;
  readonly #deadLetter: (letter: DeadLetter) => void;
  readonly #chunkBytes: number;
  #buffer: Uint8Array;
  /** Bytes of the split from cursor.offset on lie in #buffer[#from, #to). */
  #from = 0;
  #to = 0;
  /** Size of the split, null until the file was opened. */
  #end: number | null = null;
  #opened = false;
  #cursor: DecodeCursor = startCursor();
  #settled: DecodeCursor = startCursor();
  #polling = false;

  constructor(source: ByteSource, format: RecordFormat, schema: EventSchema, options: FileSplitOptions = {}) {
    this.split = options.split ?? 0;
    this.#source = source;
    this.#decoder = createDecoder(format, schema, options);
    this.#deadLetter = options.deadLetter ?? (() => undefined);
    this.#chunkBytes = options.chunkBytes ?? CHUNK_BYTES;
    this.#buffer = new Uint8Array(this.#chunkBytes);
  }

  progress(): { ordinal: number; offset: number; end: number | null } {
    return { ordinal: this.#settled.ordinal, offset: this.#settled.offset, end: this.#end };
  }

  poll(batch: EventBatch, rowsMax = Number.POSITIVE_INFINITY): PollResult | Promise<PollResult> {
    invariant(!this.#polling, 'a poll is still under way');
    batch.clear();
    batch.split = this.split;
    const ordinalEnd = batchEnd(this.#cursor.ordinal, batch.capacity, rowsMax);
    const result = this.#opened ? this.#decode(batch, ordinalEnd) : null;
    if (result) return result;
    this.#polling = true;
    return this.#readOn(batch, ordinalEnd);
  }

  async #readOn(batch: EventBatch, ordinalEnd: number): Promise<PollResult> {
    try {
      if (!this.#opened) await this.#open();
      for (;;) {
        const result = this.#decode(batch, ordinalEnd);
        if (result) return result;
        await this.#fill();
      }
    } finally {
      this.#polling = false;
    }
  }

  /** Decodes what is buffered. null = more bytes are needed to go on. */
  #decode(batch: EventBatch, ordinalEnd: number): PollResult | null {
    const cursor = this.#cursor;
    const final = cursor.offset + (this.#to - this.#from) >= (this.#end as number);
    this.#from += this.#decoder.decode(this.#buffer, this.#from, this.#to, final, cursor, batch, this.#deadLetter, ordinalEnd);
    const full = batch.length === batch.capacity || cursor.ordinal >= ordinalEnd;
    const ended = final && this.#from === this.#to;
    if (!full && !final) return null;
    // JSON may still owe the dead letter of an array that is not closed: only a call that is not full can end.
    this.#settled = { ...cursor };
    return { rows: batch.length, ended: ended && !full };
  }

  async #open(): Promise<void> {
    const size = await this.#source.size();
    if (this.#end === null) this.#end = size;
    else if (size < this.#end) throw this.#shorter();
    this.#opened = true;
  }

  #shorter(): JobFault {
    return new JobFault('The source has become shorter than it was when the job read it first.', {
      domain: 'user', retry: 'no-retry', code: 'source-changed', operatorId: null,
      remedy: 'Put the original file back, or deploy again to read the new one from its start.',
    });
  }

  async #fill(): Promise<void> {
    const kept = this.#to - this.#from;
    if (kept > this.#buffer.length / 2) {
      const grown = new Uint8Array(this.#buffer.length * 2);
      grown.set(this.#buffer.subarray(this.#from, this.#to));
      this.#buffer = grown;
    } else this.#buffer.copyWithin(0, this.#from, this.#to);
    this.#from = 0;
    this.#to = kept;
    const at = this.#cursor.offset + kept;
    const room = Math.min(this.#buffer.length - kept, (this.#end as number) - at);
    const count = await this.#source.read(at, this.#buffer.subarray(kept, kept + room));
    if (count === 0) throw this.#shorter();
    this.#to = kept + count;
  }

  snapshot(): Uint8Array {
    const { ordinal, offset, state, header } = this.#settled;
    const writer = new ByteWriter(64);
    writer.u8(IMAGE_VERSION);
    writer.f64(ordinal);
    writer.f64(offset);
    writer.f64(state);
    writer.f64(this.#end ?? -1);
    writer.bool(header !== undefined);
    if (header) {
      writer.text(header.delimiter);
      writer.u32(header.columns.length);
      for (const column of header.columns) writer.text(column);
    }
    return writer.finish();
  }

  restore(image: Uint8Array): void {
    invariant(!this.#opened && !this.#polling, 'restore comes before the first poll');
    const reader = new ByteReader(image);
    const version = reader.u8();
    invariant(version === IMAGE_VERSION, `a position of the unknown version ${version}`);
    const cursor: DecodeCursor = { ordinal: reader.f64(), offset: reader.f64(), state: reader.f64() };
    const end = reader.f64();
    if (reader.bool()) {
      const delimiter = reader.text();
      cursor.header = { delimiter, columns: Array.from({ length: reader.u32() }, () => reader.text()) };
    }
    this.#cursor = cursor;
    this.#settled = { ...cursor };
    this.#end = end < 0 ? null : end;
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}
