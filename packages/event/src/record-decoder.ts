/**
 * What the byte decoders of all formats promise: bytes in, rows and dead letters out, at a position that is state.
 *
 * Always  decode() is a pure function of cursor and bytes: how the bytes are cut into calls changes neither rows nor
 *         dead letters nor their positions. A record is one row or one dead letter, never both, never nothing.
 * Not here: where bytes come from and when (packages/connectors, source).
 */
import type { EventBatch } from './event-batch.ts';

export type DeadLetterReason =
  | 'malformed' | 'truncated' | 'wrong-type' | 'missing-field' | 'missing-time' | 'bad-time' | 'missing-key'
  | 'integer-range' | 'too-long' | 'not-utf8';

/** A record that does not become a row. */
export interface DeadLetter {
  readonly split: number;
  /** Ordinal of the record in its split, from 0. */
  readonly position: number;
  /** Byte offset of its first byte in the split. */
  readonly offset: number;
  readonly reason: DeadLetterReason;
  /** The field at fault, where one is. */
  readonly field: string | null;
  /** One sentence for a person. */
  readonly detail: string;
  /** The beginning of the record, at most 200 characters. */
  readonly excerpt: string;
}

/** Column names and delimiter of a CSV file: what a decoder needs that starts in the middle of it. */
export interface CsvHeader {
  readonly columns: readonly string[];
  /** One of , ; tab | */
  readonly delimiter: string;
}

/** A position in a split. All of it is state: decoding goes on from a saved copy as if it had never stopped. */
export interface DecodeCursor {
  /** Ordinal of the next record. */
  ordinal: number;
  /** Byte offset in the split of the next byte to decode. */
  offset: number;
  /** The format's own state between two records, 0 at the start of a split (for instance "inside a line that is too long"). */
  state: number;
  /** CSV: set once the header row has been read. */
  header?: CsvHeader | undefined;
}

export const startCursor = (): DecodeCursor => ({ ordinal: 0, offset: 0, state: 0 });

export const RECORD_BYTES_MAX = 1024 * 1024;

export interface DecoderOptions {
  /** Fields that make the key: a record that lacks one is a dead letter, optional or not. */
  readonly keyFields?: readonly string[];
  /** A longer record (without its line end) is a dead letter; it is skipped without being held in memory. */
  readonly recordBytesMax?: number;
  /** NDJSON: 'typescript' does without WebAssembly. Rows and dead letters are the same. */
  readonly scanner?: 'wasm' | 'typescript';
}

export interface RecordDecoder {
  /**
   * Appends records of bytes[from, to) to `batch` until the batch is full, `ordinalEnd` is reached, or no whole
   * record is left. Advances `cursor` past what was consumed.
   *
   * Shape   `cursor.offset` is the offset in the split of bytes[from]; `final` says that no byte follows bytes[to - 1].
   * Returns the count of bytes consumed. 0 with a batch that is not full and without `final` means: come back with
   *         more bytes (at most recordBytesMax + 4 are ever needed).
   */
  decode(
    bytes: Uint8Array, from: number, to: number, final: boolean, cursor: DecodeCursor,
    batch: EventBatch, deadLetter: (letter: DeadLetter) => void, ordinalEnd?: number,
  ): number;
}
