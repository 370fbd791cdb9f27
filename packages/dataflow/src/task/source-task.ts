/**
 * One split: reads, paces, decides lateness, makes watermarks, routes rows by key, passes barriers: one `source/i`.
 *
 * Driven by step() and trigger(). Reading is ahead of emitting by at most one chunk; the state is the position behind
 * what was emitted, so that a restore re-reads the chunk and leaves out what already went.
 *
 * Invariants (tests cite these ids):
 *   SRC1  What goes to each channel, rows and watermarks in order, is a function of the split's records, the number of
 *        channels and the grid: not of pace, chunks, credits, barriers or restarts.
 *   SRC2  The image at a barrier covers exactly what was emitted before it: rows, dead letters, late rows, watermark.
 *   SRC3  A record is late iff its time <= (newest time before it - out-of-orderness - 1); late ones never reach a channel.
 *   SRC4  While a channel is full nothing is emitted (backpressure), but barriers still enter the channels, in order.
 *   SRC5  At the end comes the largest watermark, once; barriers go on being passed.
 *   SRC6  A row goes once into each keyed exchange, by the exchange's own route; one that lacks its key there, not.
 *
 * Not here: files and decoding (the reader), where late rows and dead letters go (ports), threads.
 */
import { ByteReader, ByteWriter, type CheckpointId, type EventTime, WATERMARK_MAX, WATERMARK_MIN, eventTime, invariant } from '@tidemark/core';
import { type DeadLetter, EventBatch, type EventSchema } from '@tidemark/event';
import type { OutputChannel } from '../element/output-channel.ts';
import type { Barrier } from '../element/stream-element.ts';
import { AbortedCheckpoints, type TaskImage } from './checkpoint-barrier.ts';
import { Pace, type Rate } from './pace.ts';
import type { SinkWriter } from './sink-writer.ts';
import type { PollAnswer, SplitReader } from './split-reader.ts';
import { RECORDS_PER_WATERMARK_MAX, WatermarkGrid } from './watermark-grid.ts';

export interface SourceTaskOptions {
  readonly split: number;
  readonly schema: EventSchema;
  readonly outOfOrdernessMs: number;
  readonly rate: Rate;
  /** Reads as fast as possible, with watermarks where `rate` puts them. */
  readonly ignoreRate: boolean;
}

export interface SourceTaskPorts {
  /** Monotonic ms, for pace alone. */
  readonly now: () => number;
  /** Asks for a step() soon; called from outside of step(), or for a time that has to pass. */
  readonly wake: (afterMs: number) => void;
  readonly onFault: (error: unknown) => void;
  /** The keyed exchanges that the channels belong to, in the order of the channels. A row goes once into each. */
  readonly exchanges: readonly SourceExchange[];
  /** One for each channel. */
  readonly encoders: readonly { encode(batch: EventBatch, rows: Int32Array, rowCount: number): Uint8Array }[];
  readonly onLate: (batch: EventBatch, row: number) => void;
  readonly onDeadLetter: (deadLetter: DeadLetter) => void;
  readonly onImage: (image: TaskImage) => void;
  /** All records were emitted. Called in every life of the task that gets or is there. */
  readonly onEnd: () => void;
}

export interface SourceExchange {
  readonly channels: number;
  /** Which of the exchange's channels a row belongs to; -1 = it has no key here and takes no part. */
  readonly route: (batch: EventBatch, row: number) => number;
}

export interface SourceFigures {
  readonly eventsRead: number;
  readonly watermark: number;
  readonly newestEventTime: number;
  readonly late: number;
  readonly deadLetters: number;
  readonly progress: number | null;
}

export class SourceTask {
  readonly #options: SourceTaskOptions;
  readonly #ports: SourceTaskPorts;
  readonly #reader: SplitReader;
  readonly #channels: readonly OutputChannel[];
  readonly #sink: SinkWriter;
  readonly #pace: Pace;
  readonly #grid: WatermarkGrid;
  readonly #aborted = new AbortedCheckpoints();

  readonly #chunk: EventBatch;
  #deadLetters: DeadLetter[] = [];
  #row = 0;
  #deadLetter = 0;
  /** Reader's position before the chunk (or before the poll under way). */
  #chunkStart: Uint8Array;
  #chunkOffset = 0;
  #mayHaveMore = true;
  #polling = false;
  #closed = false;

  /** Ordinal of the next record to be emitted; records below it, read again after a restore, are left out. */
  #position = 0;
  #newest: number = WATERMARK_MIN;
  #watermark: number = WATERMARK_MIN;
  #rowsRead = 0;
  #late = 0;
  #deadLettersSeen = 0;
  #ended = false;

  readonly #rows: Int32Array[];
  readonly #rowCounts: Int32Array;

  constructor(options: SourceTaskOptions, reader: SplitReader, channels: readonly OutputChannel[], sink: SinkWriter, ports: SourceTaskPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#reader = reader;
    this.#channels = channels;
    this.#sink = sink;
    this.#pace = new Pace(options.ignoreRate ? { kind: 'unlimited' } : options.rate);
    this.#grid = new WatermarkGrid(options.rate);
    this.#chunk = new EventBatch(options.schema, RECORDS_PER_WATERMARK_MAX);
    this.#chunk.split = options.split;
    this.#chunkStart = reader.snapshot();
    invariant(ports.exchanges.reduce((sum, exchange) => sum + exchange.channels, 0) === channels.length, 'every channel belongs to one exchange');
    this.#rows = channels.map(() => new Int32Array(RECORDS_PER_WATERMARK_MAX));
    this.#rowCounts = new Int32Array(channels.length);
  }

  get sink(): SinkWriter { return this.#sink; }
  get position(): number { return this.#position; }

  figures(): SourceFigures {
    return {
      eventsRead: this.#rowsRead, watermark: this.#watermark, newestEventTime: this.#newest, late: this.#late,
      deadLetters: this.#deadLettersSeen, progress: this.#progress(),
    };
  }

  #progress(): number | null {
    if (this.#ended) return 1;
    const { offset, end } = this.#reader.progress();
    if (end === null || end === 0) return null;
    // the reader is a chunk ahead of what the pace has let through
    const { length } = this.#chunk;
    const emitted = this.#polling || length === 0 ? 0 : this.#row / length;
    return (this.#chunkOffset + (offset - this.#chunkOffset) * emitted) / end;
  }

  restore(sections: ReadonlyMap<string, Uint8Array>): void {
    const bytes = sections.get('source');
    invariant(bytes, 'image of a source without its section');
    const reader = new ByteReader(bytes);
    this.#chunkStart = reader.blob().slice();
    this.#position = reader.f64();
    this.#rowsRead = reader.f64();
    this.#late = reader.f64();
    this.#deadLettersSeen = reader.f64();
    this.#reader.restore(this.#chunkStart);
    const time = sections.get('split-time');
    invariant(time, 'image of a source without its time');
    const timeReader = new ByteReader(time);
    this.#newest = timeReader.f64();
    this.#watermark = timeReader.f64();
    const sink = sections.get('sink');
    if (sink) this.#sink.restore(sink);
  }

  /** From the reader, during a poll. */
  addDeadLetter(deadLetter: DeadLetter): void {
    this.#deadLetters.push(deadLetter);
  }

  /** Does some work; true when there is more to do at once, false when a wake() will come. */
  step(): boolean {
    if (this.#polling || this.#ended || this.#closed) return false;
    for (const channel of this.#channels) if (channel.isFull) return false;
    if (this.#row < this.#chunk.length || this.#deadLetter < this.#deadLetters.length) return this.#emit();
    if (this.#mayHaveMore) {
      this.#poll();
      return !this.#polling;
    }
    this.#ended = true;
    this.#sendWatermark(WATERMARK_MAX);
    this.#ports.onEnd();
    return false;
  }

  /** The barrier of a checkpoint enters here. Image and barrier in one turn. */
  trigger(barrier: Barrier): void {
    if (this.#aborted.has(barrier.checkpointId)) {
      for (const channel of this.#channels) channel.push({ kind: 'cancel-marker', checkpointId: barrier.checkpointId });
      return;
    }
    for (const channel of this.#channels) channel.push(barrier);
    const output = this.#sink.preCommit(barrier.checkpointId);
    const sections = new Map([['source', this.#snapshot()], ['split-time', this.#snapshotTime()], ['sink', output.state]]);
    this.#ports.onImage({ checkpointId: barrier.checkpointId, sections, output, inputPosition: this.#position, final: barrier.final });
  }

  abortCheckpoint(id: CheckpointId): void {
    this.#aborted.add(id);
  }

  /** The job is over: nothing follows on the channels. */
  finish(): void {
    for (const channel of this.#channels) channel.push({ kind: 'end-of-input' });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#reader.close();
  }

  #snapshot(): Uint8Array {
    const writer = new ByteWriter(128 + this.#chunkStart.length);
    writer.blob(this.#chunkStart);
    writer.f64(this.#position);
    writer.f64(this.#rowsRead);
    writer.f64(this.#late);
    writer.f64(this.#deadLettersSeen);
    return writer.finish();
  }

  #snapshotTime(): Uint8Array {
    const writer = new ByteWriter(16);
    writer.f64(this.#newest);
    writer.f64(this.#watermark);
    return writer.finish();
  }

  #poll(): void {
    this.#chunkStart = this.#reader.snapshot();
    this.#chunkOffset = this.#reader.progress().offset;
    this.#chunk.clear();
    this.#deadLetters = [];
    this.#row = 0;
    this.#deadLetter = 0;
    const answer = this.#reader.poll(this.#chunk);
    if (!(answer instanceof Promise)) {
      this.#mayHaveMore = !answer.ended;
      this.#skipEmitted();
      return;
    }
    this.#polling = true;
    void this.#finishPoll(answer);
  }

  async #finishPoll(answer: Promise<PollAnswer>): Promise<void> {
    try {
      const { ended } = await answer;
      this.#polling = false;
      if (this.#closed) return;
      this.#mayHaveMore = !ended;
      this.#skipEmitted();
      this.#ports.wake(0);
    } catch (error) {
      this.#polling = false;
      if (!this.#closed) this.#ports.onFault(error);
    }
  }

  /** After a restore the first chunk begins with records that went before the checkpoint. */
  #skipEmitted(): void {
    const { position, length } = this.#chunk;
    while (this.#row < length && (position[this.#row] as number) < this.#position) this.#row += 1;
    while (this.#deadLetter < this.#deadLetters.length && (this.#deadLetters[this.#deadLetter] as DeadLetter).position < this.#position) this.#deadLetter += 1;
  }

  /** Emits records up to the next watermark, to what the pace allows, or to the end of the chunk. */
  #emit(): boolean {
    const chunk = this.#chunk;
    const now = this.#ports.now();
    const channelCount = this.#channels.length;
    this.#rowCounts.fill(0);
    let wait = 0;
    let watermarkDue = false;
    while (!watermarkDue) {
      const row = this.#row;
      const letter = this.#deadLetters[this.#deadLetter];
      const from = this.#position;
      const before = this.#newest;
      if (letter && (row >= chunk.length || letter.position < (chunk.position[row] as number))) {
        this.#deadLetter += 1;
        this.#deadLettersSeen += 1;
        this.#position = letter.position + 1;
        this.#ports.onDeadLetter(letter);
      } else if (row < chunk.length) {
        const time = chunk.time[row] as number;
        wait = this.#pace.waitFor(chunk.position[row] as number, time, now);
        if (wait > 0) break;
        this.#row += 1;
        this.#rowsRead += 1;
        this.#position = (chunk.position[row] as number) + 1;
        if (time <= this.#newest - this.#options.outOfOrdernessMs - 1) {
          this.#late += 1;
          this.#ports.onLate(chunk, row);
        } else {
          if (time > this.#newest) this.#newest = time;
          if (channelCount === 1) this.#put(0, row);
          else this.#distribute(chunk, row);
        }
      } else {
        break;
      }
      watermarkDue = this.#grid.follows(from, this.#position, before, this.#newest);
    }
    for (let channel = 0; channel < channelCount; channel += 1) {
      const count = this.#rowCounts[channel] as number;
      if (count === 0) continue;
      const frame = (this.#ports.encoders[channel] as SourceTaskPorts['encoders'][number]).encode(chunk, this.#rows[channel] as Int32Array, count);
      (this.#channels[channel] as OutputChannel).push({ kind: 'batch', frame });
    }
    if (watermarkDue && this.#newest > WATERMARK_MIN) this.#sendWatermark(eventTime(this.#newest - this.#options.outOfOrdernessMs - 1));
    if (wait > 0) {
      this.#ports.wake(wait);
      return false;
    }
    return true;
  }

  #distribute(chunk: EventBatch, row: number): void {
    let first = 0;
    for (const { channels, route } of this.#ports.exchanges) {
      const channel = route(chunk, row);
      if (channel >= 0) this.#put(first + channel, row);
      first += channels;
    }
  }

  #put(channel: number, row: number): void {
    const count = this.#rowCounts[channel] as number;
    (this.#rows[channel] as Int32Array)[count] = row;
    this.#rowCounts[channel] = count + 1;
  }

  /** Only a higher one is worth sending; after a restore at the end, the largest one comes again and changes nothing. */
  #sendWatermark(timestamp: EventTime): void {
    if (timestamp < this.#watermark || (timestamp === this.#watermark && timestamp !== WATERMARK_MAX)) return;
    this.#watermark = timestamp;
    for (const channel of this.#channels) channel.push({ kind: 'watermark', timestamp });
  }
}
