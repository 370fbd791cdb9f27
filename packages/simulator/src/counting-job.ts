/**
 * A job without patterns: counts and gaps by key. It tests dataflow, checkpoints and sink apart from the matcher, and
 * is small enough to be right by inspection.
 *
 * Its configuration stands in the document's name, as JSON. Output: a line for each event with its number within its
 * key, and a line when a key's next event comes more than a gap later; all in order of (time, split, position) within a
 * key, so that counts depend on lateness, watermarks and order, which is what recovery must keep.
 */
import { ByteReader, ByteWriter, type EventTime, JobFault, WATERMARK_MIN } from '@tidemark/core';
import { type DeadLetter, BatchDecoder, BatchEncoder, type EventBatch, type EventSchema, appendObject, fieldValue } from '@tidemark/event';
import {
  type KeyedOperator, type OutputLine, type PollAnswer, type SplitReader, type StageFigures, keyGroupOf, keyHash, subtaskOf,
} from '@tidemark/dataflow';
import type { JobDocument } from '@tidemark/pattern';
import type { JobSpec, JobWiring } from '@tidemark/cluster';
import { Random } from '@tidemark/testkit';

export interface CountingJob {
  readonly seed: number;
  readonly events: number;
  readonly splits: number;
  readonly sources: number;
  readonly parallelism: number;
  readonly keys: number;
  readonly outOfOrdernessMs: number;
  /** Records in a hundred that are no rows. */
  readonly deadLetters: number;
  /** Position at which the operator throws, or -1. */
  readonly poison: number;
  readonly intervalMs: number;
  readonly retained: number;
}

export const countingJob = (changes: Partial<CountingJob>): CountingJob => ({
  seed: 1, events: 200, splits: 1, sources: 1, parallelism: 2, keys: 4, outOfOrdernessMs: 5, deadLetters: 5, poison: -1, intervalMs: 100, retained: 3, ...changes,
});

export function countingDocument(job: CountingJob): JobDocument {
  return {
    format: 'tidemark-job', version: 1, id: 'counting', name: JSON.stringify(job), schema: null, source: null, outOfOrdernessMs: job.outOfOrdernessMs,
    patterns: [], sink: { kind: 'file' }, parallelism: job.parallelism, maxParallelism: 16,
    checkpointing: { intervalMs: job.intervalMs, timeoutMs: 60_000, retained: job.retained },
    restart: { kind: 'fixed-delay', delayMs: 20, attempts: null },
    limits: { partialMatchesPerJob: 1000, partialMatchesPerKey: 1000, matchesPerEvent: 1000, stateBytesPerJob: 1e9, stateBytesPerKey: 1e9 }, tests: [], layout: {},
  };
}

const SCHEMA: EventSchema = {
  fields: [{ name: 'time', type: 'int' }, { name: 'key', type: 'string' }, { name: 'value', type: 'int' }],
  time: { field: 'time', format: 'epoch-ms' },
};
const GAP_MS = 40;

/** Record i of a split is a function of seed, split and i. */
class CountingReader implements SplitReader {
  readonly #job: CountingJob;
  readonly #split: number;
  readonly #onDeadLetter: (deadLetter: DeadLetter) => void;
  #next = 0;

  constructor(job: CountingJob, split: number, onDeadLetter: (deadLetter: DeadLetter) => void) {
    this.#job = job;
    this.#split = split;
    this.#onDeadLetter = onDeadLetter;
  }

  poll(batch: EventBatch): Promise<PollAnswer> {
    batch.clear();
    const { seed, events, keys, deadLetters, outOfOrdernessMs } = this.#job;
    // Portions of another size after each restart: nothing may depend on them.
    for (let count = 0; count < 7 + (this.#next % 5) && this.#next < events; count += 1) {
      const position = this.#next++;
      const random = new Random(seed * 1_000_003 + this.#split * 7919 + position);
      random.next();
      if (random.chance(deadLetters / 100)) {
        this.#onDeadLetter({ split: this.#split, position, offset: position, reason: 'malformed', field: null, detail: 'not a record', excerpt: '' });
        continue;
      }
      const time = 1000 + position * 3 + random.between(-outOfOrdernessMs - 3, outOfOrdernessMs);
      appendObject(batch, { time, key: `k${random.between(1, keys)}`, value: position }, time, position);
    }
    return Promise.resolve({ ended: this.#next >= events });
  }

  snapshot(): Uint8Array {
    const writer = new ByteWriter(8);
    writer.f64(this.#next);
    return writer.finish();
  }

  restore(position: Uint8Array): void {
    this.#next = new ByteReader(position).f64();
  }

  progress(): { readonly offset: number; readonly end: number } {
    return { offset: this.#next, end: this.#job.events };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

interface Buffered { readonly time: number; readonly split: number; readonly position: number; readonly key: string }

export class CountingOperator implements KeyedOperator {
  readonly #job: CountingJob;
  readonly #write: (line: OutputLine) => void;
  #buffered: Buffered[] = [];
  #keys = new Map<string, { count: number; last: number }>();
  #watermark: number = WATERMARK_MIN;

  constructor(job: CountingJob, write: (line: OutputLine) => void) {
    this.#job = job;
    this.#write = write;
  }

  processBatch(batch: EventBatch, watermark?: EventTime): void {
    for (let row = 0; row < batch.length; row += 1) {
      this.#buffered.push({ time: batch.time[row] as number, split: batch.split, position: batch.position[row] as number, key: String(fieldValue(batch, 1, row)) });
    }
    if (watermark !== undefined) this.processWatermark(watermark);
  }

  processWatermark(watermark: EventTime): void {
    this.#watermark = watermark;
    const due = this.#buffered.filter((event) => event.time <= watermark);
    this.#buffered = this.#buffered.filter((event) => event.time > watermark);
    due.sort((a, b) => a.time - b.time || a.split - b.split || a.position - b.position);
    for (const event of due) this.#count(event);
  }

  #count(event: Buffered): void {
    if (event.position === this.#job.poison) {
      throw new JobFault('poison', { domain: 'user', retry: 'no-retry', code: 'poison', operatorId: null, remedy: null });
    }
    const state = this.#keys.get(event.key) ?? { count: 0, last: event.time };
    if (event.time - state.last > GAP_MS) this.#emit('timed-out', `gap-${event.key}-${state.last}`, { key: event.key, gap: event.time - state.last });
    state.count += 1;
    state.last = event.time;
    this.#keys.set(event.key, state);
    this.#emit('match', `m-${event.split}-${event.position}`, { key: event.key, count: state.count, time: event.time });
  }

  #emit(kind: OutputLine['kind'], matchId: string, fields: object): void {
    this.#write({ matchId, kind, patternId: 'counting', line: JSON.stringify({ matchId, kind, ...fields }) });
  }

  snapshot(): Uint8Array {
    const writer = new ByteWriter(256);
    writer.text(JSON.stringify({ buffered: this.#buffered, keys: [...this.#keys], watermark: this.#watermark }));
    return writer.finish();
  }

  restore(images: readonly Uint8Array[]): void {
    for (const image of images) {
      const state = JSON.parse(new ByteReader(image).text()) as { buffered: Buffered[]; keys: [string, { count: number; last: number }][]; watermark: number };
      this.#buffered.push(...state.buffered);
      for (const [key, counted] of state.keys) this.#keys.set(key, counted);
    }
  }

  stageFigures(): readonly StageFigures[] {
    return [{
      patternId: 'counting', waiting: [this.#buffered.length], entered: [0], advanced: [0], expired: [0], blocked: [0], heldBack: 0, dropped: 0,
      partialMatches: this.#buffered.length, keys: this.#keys.size,
    }];
  }
}

export function wireCountingJob(spec: JobSpec): JobWiring {
  const job = JSON.parse(spec.document.name) as CountingJob;
  const shape = { parallelism: job.parallelism, maxParallelism: 16 };
  return {
    stateHash: 'counting', schema: SCHEMA, splits: job.splits, sources: job.sources, idlenessMs: null, processingTime: false, maxParallelism: shape.maxParallelism, outOfOrdernessMs: job.outOfOrdernessMs, rate: { kind: 'per-second', events: 100 },
    createReader: (split, onDeadLetter) => new CountingReader(job, split, onDeadLetter),
    exchanges: [{
      parallelism: shape.parallelism,
      createRoute: () => (batch, row) => subtaskOf(keyGroupOf(keyHash(batch, row, [1]), shape.maxParallelism), shape),
      createOperator: (write) => new CountingOperator(job, write),
    }],
    createEncoder: () => new BatchEncoder(SCHEMA),
    createDecoder: () => new BatchDecoder(SCHEMA),
    formatLate: (batch, row) => [side('late', `late-${batch.split}-${batch.position[row]}`)],
    formatDeadLetter: (letter) => side('dead-letter', `dead-${letter.split}-${letter.position}`),
    faultOf: (error) => (error instanceof JobFault ? error : new JobFault(String(error), {
      domain: 'internal', retry: 'no-retry', code: 'task-failed', operatorId: null, remedy: null,
    }, { cause: error })),
  };
}

const side = (kind: OutputLine['kind'], matchId: string): OutputLine => ({ matchId, kind, patternId: 'counting', line: JSON.stringify({ matchId, kind }) });
