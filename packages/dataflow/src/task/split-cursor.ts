/**
 * Split cursor: one split on its way through a source: what was read ahead of it, and how far it was emitted.
 *
 * Reading is ahead of emitting by at most one chunk; the state is the position behind what was emitted, so that a restore
 * re-reads the chunk and leaves out what already went.
 *
 * Always  lateness and watermark are the split's own: a function of its records alone (DESIGN §6).
 * Not here: which split comes next (split-choice.ts), pace, channels (source-task.ts).
 */
import { type ByteReader, type ByteWriter, WATERMARK_MIN } from '@tidemark/core';
import { type Column, type DeadLetter, EventBatch, type EventSchema } from '@tidemark/event';
import type { PollAnswer, SplitReader } from './split-reader.ts';
import { RECORDS_PER_WATERMARK_MAX } from './watermark-grid.ts';

export class SplitCursor {
  readonly split: number;
  readonly reader: SplitReader;
  readonly chunk: EventBatch;
  /** Next row and dead letter of the chunk. */
  row = 0;
  #deadLetters: DeadLetter[] = [];
  #letter = 0;
  /** Reader's position before the chunk (or before the poll under way). */
  #chunkStart: Uint8Array;
  #chunkOffset = 0;
  #mayHaveMore = true;
  polling = false;
  /** Everything was emitted, and nothing follows. */
  ended = false;

  /** Ordinal of the next record to be emitted; records below it, read again after a restore, are left out. */
  position = 0;
  newest: number = WATERMARK_MIN;
  /** The split's own, at the last place where one stands. */
  watermark: number = WATERMARK_MIN;
  rowsRead = 0;
  late = 0;
  deadLettersSeen = 0;
  /** Had nothing to emit for so long that the others do not wait for it. */
  idle = false;
  /** Monotonic ms: when it was last seen to have something to emit. */
  seenBusy = 0;

  /** `like`: another split of the source; sharing its dictionaries makes codes cheap to translate. */
  constructor(split: number, reader: SplitReader, schema: EventSchema, like: SplitCursor | null = null) {
    this.split = split;
    this.reader = reader;
    this.chunk = new EventBatch(schema, RECORDS_PER_WATERMARK_MAX, like === null ? [] : like.chunk.columns.map(dictionaryOf));
    this.chunk.split = split;
    this.#chunkStart = reader.snapshot();
  }

  get hasRecord(): boolean { return this.row < this.chunk.length || this.#letter < this.#deadLetters.length; }
  /** Nothing is at hand, but a poll may bring more. */
  get wantsPoll(): boolean { return !this.polling && !this.ended && !this.hasRecord && this.#mayHaveMore; }
  /** Nothing is at hand, and nothing follows. */
  get isSpent(): boolean { return !this.polling && !this.hasRecord && !this.#mayHaveMore; }

  /** Time of the next record; a dead letter has none and goes first. Where `hasRecord`. */
  get nextTime(): number {
    return this.#isLetterNext ? Number.NEGATIVE_INFINITY : this.chunk.time[this.row] as number;
  }

  get #isLetterNext(): boolean {
    const letter = this.#deadLetters[this.#letter];
    return letter !== undefined && (this.row >= this.chunk.length || letter.position < (this.chunk.position[this.row] as number));
  }

  /** The next record if it is a dead letter, which is taken. */
  takeDeadLetter(): DeadLetter | null {
    if (this.#letter >= this.#deadLetters.length || !this.#isLetterNext) return null;
    const letter = this.#deadLetters[this.#letter] as DeadLetter;
    this.#letter += 1;
    this.deadLettersSeen += 1;
    this.position = letter.position + 1;
    return letter;
  }

  /** From the reader, during a poll. */
  addDeadLetter(letter: DeadLetter): void {
    this.#deadLetters.push(letter);
  }

  /** Reads the next chunk, when `wantsPoll`. */
  poll(): Promise<void> | null {
    this.#chunkStart = this.reader.snapshot();
    this.#chunkOffset = this.reader.progress().offset;
    this.chunk.clear();
    this.#deadLetters = [];
    this.row = 0;
    this.#letter = 0;
    const answer = this.reader.poll(this.chunk);
    if (!(answer instanceof Promise)) {
      this.#read(answer);
      return null;
    }
    this.polling = true;
    return answer.then((read) => this.#read(read)).finally(() => { this.polling = false; });
  }

  #read({ ended }: PollAnswer): void {
    this.#mayHaveMore = !ended;
    // After a restore the first chunk begins with records that went before the checkpoint.
    const { position, length } = this.chunk;
    while (this.row < length && (position[this.row] as number) < this.position) this.row += 1;
    while (this.#letter < this.#deadLetters.length && (this.#deadLetters[this.#letter] as DeadLetter).position < this.position) this.#letter += 1;
  }

  /** Emitted part of the split; null where its end is not known. */
  progress(): number | null {
    if (this.ended) return 1;
    const { offset, end } = this.reader.progress();
    if (end === null || end === 0) return null;
    // the reader is a chunk ahead of what the pace has let through
    const { length } = this.chunk;
    const emitted = this.polling || length === 0 ? 0 : this.row / length;
    return (this.#chunkOffset + (offset - this.#chunkOffset) * emitted) / end;
  }

  writePosition(writer: ByteWriter): void {
    writer.blob(this.#chunkStart);
    writer.bool(this.ended);
    writer.f64(this.position);
    writer.f64(this.rowsRead);
    writer.f64(this.late);
    writer.f64(this.deadLettersSeen);
  }

  readPosition(reader: ByteReader): void {
    this.#chunkStart = reader.blob().slice();
    this.ended = reader.bool();
    this.position = reader.f64();
    this.rowsRead = reader.f64();
    this.late = reader.f64();
    this.deadLettersSeen = reader.f64();
    this.reader.restore(this.#chunkStart);
  }

  writeTime(writer: ByteWriter): void {
    writer.f64(this.newest);
    writer.f64(this.watermark);
    writer.bool(this.idle);
  }

  readTime(reader: ByteReader): void {
    this.newest = reader.f64();
    this.watermark = reader.f64();
    this.idle = reader.bool();
  }
}

const dictionaryOf = (column: Column) => (column.kind === 'string' ? column.dictionary : undefined);
