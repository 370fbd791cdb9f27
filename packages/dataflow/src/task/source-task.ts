/**
 * One source subtask with its splits: reads, paces, decides lateness, makes watermarks, routes rows by key, passes
 * barriers: one `source/i`.
 *
 * Driven by step() and trigger(). Splits take turns (split-choice.ts); each has its own position, lateness and watermark
 * (split-cursor.ts), and the source's watermark is the least of them.
 *
 * Invariants (tests cite these ids):
 *   SRC1  What goes to each channel, rows and watermarks in order, is a function of the splits' records, the number of
 *        channels and the grid: not of pace, chunks, credits, barriers or restarts.
 *   SRC2  The image at a barrier covers exactly what was emitted before it: rows, dead letters, late rows, watermark.
 *   SRC3  A record is late iff its time <= (newest time of its split before it - out-of-orderness - 1); late ones never
 *        reach a channel.
 *   SRC4  While a channel is full nothing is emitted (backpressure), but barriers still enter the channels, in order.
 *   SRC5  At the end of all splits comes the largest watermark, once; barriers go on being passed.
 *   SRC6  A row goes once into each keyed exchange, by the exchange's own route; one that lacks its key there, not.
 *   SRC7  The source's watermark is the least of its splits', ended ones left out.
 *   SRC8  A split that has had nothing to emit for the idleness time is idle: the others neither wait for it nor for its
 *        watermark, until it has a record. When all are idle, the channels are told. Backpressure is no idleness, nor is
 *        waiting for a turn. What comes back behind the source's watermark is late. Without idleness, none of this.
 *
 *   SRC9  By processing time a row has the time at which it is emitted, later than every watermark sent, and its watermark
 *        follows at once; the clock alone moves the watermark where no row comes. Nothing is late. A clock that jumps back
 *        is waited for. The end of the input is not the end of time.
 *
 * Not here: files and decoding (the reader), where late rows and dead letters go (ports), threads.
 */
import { ByteReader, ByteWriter, type CheckpointId, type EventTime, WATERMARK_MIN, eventTime, invariant } from '@tidemark/core';
import type { DeadLetter, EventBatch, EventSchema } from '@tidemark/event';
import type { OutputChannel } from '../element/output-channel.ts';
import type { Barrier } from '../element/stream-element.ts';
import { AbortedCheckpoints, type TaskImage } from './checkpoint-barrier.ts';
import { Pace, type Rate } from './pace.ts';
import type { SinkWriter } from './sink-writer.ts';
import { earliestSplit, watermarkOfSplits } from './split-choice.ts';
import { SplitCursor } from './split-cursor.ts';
import type { SplitReader } from './split-reader.ts';
import { RECORDS_PER_WATERMARK_MAX, WatermarkGrid } from './watermark-grid.ts';

/** How often processing time goes on where no row comes. */
const TICK_MS = 50;

export interface SourceTaskOptions {
  /** Numbers of the splits that it reads, ascending. */
  readonly splits: readonly number[];
  readonly schema: EventSchema;
  readonly outOfOrdernessMs: number;
  readonly rate: Rate;
  /** Reads as fast as possible, with watermarks where `rate` puts them. */
  readonly ignoreRate: boolean;
  /** How long a split may have nothing to emit before the others go on without it; null = for ever. */
  readonly idlenessMs: number | null;
  /** Times are those of the clock, not those of the records. */
  readonly processingTime: boolean;
}

export interface SourceTaskPorts {
  /** Monotonic ms, for pace and idleness. */
  readonly now: () => number;
  /** ms since the epoch; may jump. For processing time alone. */
  readonly wallClock: () => number;
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
  readonly #splits: readonly SplitCursor[];
  readonly #channels: readonly OutputChannel[];
  readonly #sink: SinkWriter;
  readonly #pace: Pace;
  readonly #grid: WatermarkGrid;
  readonly #aborted = new AbortedCheckpoints();

  /** The split that goes on until its next watermark. */
  #current: SplitCursor | null = null;
  #closed = false;
  #ended = false;
  /** Records emitted, all splits together. */
  #position = 0;
  /** What was sent. */
  #watermark: number = WATERMARK_MIN;
  #idle = false;
  /** Monotonic ms since when a channel is full, and when somebody has been asked to look for idle splits. */
  #fullSince: number | null = null;
  #idleCheckAt = Number.POSITIVE_INFINITY;
  /** Monotonic ms at which somebody has been asked to let processing time go on. */
  #tickAt = Number.NEGATIVE_INFINITY;

  readonly #rows: Int32Array[];
  readonly #rowCounts: Int32Array;

  /** `readers`: by place in `options.splits`. */
  constructor(options: SourceTaskOptions, readers: readonly SplitReader[], channels: readonly OutputChannel[], sink: SinkWriter, ports: SourceTaskPorts) {
    this.#options = options;
    this.#ports = ports;
    const splits: SplitCursor[] = [];
    readers.forEach((reader, index) => splits.push(new SplitCursor(options.splits[index] as number, reader, options.schema, splits[0] ?? null)));
    this.#splits = splits;
    this.#channels = channels;
    this.#sink = sink;
    this.#pace = new Pace(options.ignoreRate ? { kind: 'unlimited' } : options.rate);
    this.#grid = new WatermarkGrid(options.rate);
    invariant(readers.length === options.splits.length && readers.length > 0, 'a reader for each split');
    invariant(ports.exchanges.reduce((sum, exchange) => sum + exchange.channels, 0) === channels.length, 'every channel belongs to one exchange');
    this.#rows = channels.map(() => new Int32Array(RECORDS_PER_WATERMARK_MAX));
    this.#rowCounts = new Int32Array(channels.length);
    const now = ports.now();
    for (const split of splits) split.seenBusy = now;
  }

  get sink(): SinkWriter { return this.#sink; }
  get position(): number { return this.#position; }

  figures(): SourceFigures {
    const splits = this.#splits;
    const progress = splits.map((split) => split.progress());
    const sum = (of: (split: SplitCursor) => number): number => splits.reduce((total, split) => total + of(split), 0);
    return {
      eventsRead: sum((split) => split.rowsRead), watermark: this.#watermark, newestEventTime: Math.max(...splits.map((split) => split.newest)),
      late: sum((split) => split.late), deadLetters: sum((split) => split.deadLettersSeen),
      progress: progress.includes(null) ? null : (progress as number[]).reduce((total, part) => total + part, 0) / splits.length,
    };
  }

  restore(sections: ReadonlyMap<string, Uint8Array>): void {
    const bytes = sections.get('source');
    invariant(bytes, 'image of a source without its section');
    const reader = new ByteReader(bytes);
    const current = reader.i32();
    const count = reader.u32();
    invariant(count === this.#splits.length, `image of ${count} splits restored into ${this.#splits.length}`);
    for (const split of this.#splits) {
      const number = reader.u32();
      invariant(number === split.split, `position of split ${number} for split ${split.split}`);
      split.readPosition(reader);
      this.#position += split.position;
    }
    this.#current = this.#splits[current] ?? null;
    const time = sections.get('split-time');
    invariant(time, 'image of a source without its time');
    const timeReader = new ByteReader(time);
    this.#watermark = timeReader.f64();
    this.#idle = timeReader.bool();
    for (const split of this.#splits) split.readTime(timeReader);
    const sink = sections.get('sink');
    if (sink) this.#sink.restore(sink);
  }

  /** From the reader, during a poll. */
  addDeadLetter(deadLetter: DeadLetter): void {
    this.#splits[this.#options.splits.indexOf(deadLetter.split)]?.addDeadLetter(deadLetter);
  }

  /** Does some work; true when there is more to do at once, false when a wake() will come. */
  step(): boolean {
    if (this.#ended || this.#closed) return false;
    if (this.#isFull()) return false;
    if (this.#options.idlenessMs !== null) this.#lookForIdle(this.#options.idlenessMs);
    if (this.#options.processingTime) this.#tick();
    const split = this.#next();
    if (split !== null) return this.#emit(split);
    if (this.#splits.some(({ ended }) => !ended)) return false;
    this.#ended = true;
    this.#ports.onEnd();
    return false;
  }

  #isFull(): boolean {
    for (const channel of this.#channels) {
      if (!channel.isFull) continue;
      if (this.#options.idlenessMs !== null) this.#fullSince ??= this.#ports.now();
      return true;
    }
    if (this.#fullSince !== null) {
      // What was held up by others was not idle.
      const held = this.#ports.now() - this.#fullSince;
      for (const split of this.#splits) split.seenBusy += held;
      this.#fullSince = null;
    }
    return false;
  }

  /** The split that emits now; null while one that has to be waited for is being read, or when all have ended. */
  #next(): SplitCursor | null {
    const current = this.#current;
    if (current !== null && !current.idle && !this.#prepare(current)) return null;
    if (current !== null && !current.idle && current.hasRecord) return current;
    this.#current = null;
    let waits = false;
    for (const split of this.#splits) if (!split.ended && !this.#prepare(split) && !split.idle) waits = true;
    return waits || this.#closed ? null : (this.#current = earliestSplit(this.#splits));
  }

  /** Reads on where nothing is at hand; false while that takes time. A split that is spent has ended, which may raise the watermark. */
  #prepare(split: SplitCursor): boolean {
    while (split.wantsPoll) {
      const reading = split.poll();
      if (reading !== null) void this.#follow(reading);
    }
    if (split.isSpent && !split.ended) {
      split.ended = true;
      this.#advance();
    }
    return !split.polling;
  }

  async #follow(reading: Promise<void>): Promise<void> {
    try {
      await reading;
      if (!this.#closed) this.#ports.wake(0);
    } catch (error) {
      if (!this.#closed) this.#ports.onFault(error);
    }
  }

  /** Processing time goes on without rows as well: that is what windows wait for. */
  #tick(): void {
    const now = this.#ports.now();
    if (now < this.#tickAt) return;
    this.#tickAt = now + TICK_MS;
    this.#sendWatermark(eventTime(this.#ports.wallClock()));
    this.#ports.wake(TICK_MS);
  }

  /** Marks what has had nothing to emit for too long, and asks to be woken when the next one may have. */
  #lookForIdle(idlenessMs: number): void {
    const now = this.#ports.now();
    let next = Number.POSITIVE_INFINITY;
    let marked = false;
    for (const split of this.#splits) {
      if (split.ended || split.idle) continue;
      if (split.hasRecord && this.#pace.isDue(split.nextTime, now)) split.seenBusy = now;
      if (now - split.seenBusy >= idlenessMs) {
        split.idle = true;
        marked = true;
      } else next = Math.min(next, split.seenBusy + idlenessMs);
    }
    if (marked) this.#advance();
    if (now >= this.#idleCheckAt) this.#idleCheckAt = Number.POSITIVE_INFINITY;
    if (next >= this.#idleCheckAt) return;
    this.#idleCheckAt = next;
    this.#ports.wake(Math.max(1, next - now));
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
    await Promise.all(this.#splits.map((split) => split.reader.close()));
  }

  #snapshot(): Uint8Array {
    const writer = new ByteWriter(128 * this.#splits.length);
    writer.i32(this.#current === null ? -1 : this.#splits.indexOf(this.#current));
    writer.u32(this.#splits.length);
    for (const split of this.#splits) {
      writer.u32(split.split);
      split.writePosition(writer);
    }
    return writer.finish();
  }

  #snapshotTime(): Uint8Array {
    const writer = new ByteWriter(16 + 17 * this.#splits.length);
    writer.f64(this.#watermark);
    writer.bool(this.#idle);
    for (const split of this.#splits) split.writeTime(writer);
    return writer.finish();
  }

  /** Emits records of a split up to the next watermark, to what the pace allows, or to the end of the chunk. */
  #emit(split: SplitCursor): boolean {
    const { chunk } = split;
    const { outOfOrdernessMs, processingTime } = this.#options;
    const stamp = processingTime ? Math.max(this.#ports.wallClock(), this.#watermark + 1) : 0;
    let stamped = false;
    const now = this.#ports.now();
    const channelCount = this.#channels.length;
    this.#rowCounts.fill(0);
    let wait = 0;
    let watermarkDue = false;
    while (!watermarkDue) {
      const from = split.position;
      const before = split.newest;
      const letter = split.takeDeadLetter();
      if (letter !== null) {
        this.#wakeUp(split);
        this.#ports.onDeadLetter(letter);
      } else if (split.row < chunk.length) {
        const { row } = split;
        let time = chunk.time[row] as number;
        wait = this.#pace.waitFor(this.#position, time, now);
        if (wait > 0) break;
        if (processingTime) {
          chunk.time[row] = time = stamp;
          stamped = true;
        }
        this.#wakeUp(split);
        split.row += 1;
        split.rowsRead += 1;
        split.position = (chunk.position[row] as number) + 1;
        if (time <= split.newest - outOfOrdernessMs - 1 || time <= this.#watermark) {
          split.late += 1;
          this.#ports.onLate(chunk, row);
        } else {
          if (time > split.newest) split.newest = time;
          if (channelCount === 1) this.#put(0, row);
          else this.#distribute(chunk, row);
        }
      } else {
        break;
      }
      this.#position += split.position - from;
      watermarkDue = this.#grid.follows(from, split.position, before, split.newest);
    }
    for (let channel = 0; channel < channelCount; channel += 1) {
      const count = this.#rowCounts[channel] as number;
      if (count === 0) continue;
      const frame = (this.#ports.encoders[channel] as SourceTaskPorts['encoders'][number]).encode(chunk, this.#rows[channel] as Int32Array, count);
      (this.#channels[channel] as OutputChannel).push({ kind: 'batch', frame });
    }
    if (stamped) this.#sendWatermark(eventTime(stamp));
    if (watermarkDue) {
      if (split.newest > WATERMARK_MIN) split.watermark = split.newest - outOfOrdernessMs - 1;
      this.#advance();
      this.#current = null;
    }
    if (wait > 0) {
      this.#ports.wake(wait);
      return false;
    }
    return true;
  }

  /** A split that has a record again is waited for again. */
  #wakeUp(split: SplitCursor): void {
    if (!split.idle) return;
    split.idle = false;
    split.seenBusy = this.#ports.now();
    if (!this.#idle) return;
    this.#idle = false;
    for (const channel of this.#channels) channel.push({ kind: 'active' });
  }

  /** Sends what the splits' watermarks have become together. */
  #advance(): void {
    if (this.#options.processingTime) return;
    const watermark = watermarkOfSplits(this.#splits);
    if (watermark !== null) {
      if (watermark > WATERMARK_MIN) this.#sendWatermark(eventTime(watermark));
    } else if (!this.#idle) {
      this.#idle = true;
      for (const channel of this.#channels) channel.push({ kind: 'idle' });
    }
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

  /** Only a higher one is worth sending. */
  #sendWatermark(timestamp: EventTime): void {
    if (timestamp <= this.#watermark) return;
    this.#watermark = timestamp;
    for (const channel of this.#channels) channel.push({ kind: 'watermark', timestamp });
  }
}
