/**
 * GeneratorSplitReader: a generator as one split.
 *
 * Always  event i is the record with ordinal i; of several splits, split s has the events s, s + splits, s + 2 * splits …; base time and seed are the document's (or fixed at deployment), never
 *         this reader's.
 * State   the ordinal of the next event.
 */
import { ByteReader, ByteWriter, JobFault, invariant } from '@tidemark/core';
import { type Column, type Dictionary, type EventBatch, type EventSchema, fieldIndex } from '@tidemark/event';
import type { GeneratedEvent, GeneratorOptions } from './generators/generator.ts';
import { GENERATORS } from './generators/registry.ts';
import { type PollResult, type SplitReader, batchEnd } from './split-reader.ts';

const IMAGE_VERSION = 1;

export interface GeneratorSplitOptions extends GeneratorOptions {
  readonly generator: string;
  readonly seed: number;
  readonly baseTime: number;
  /** How many events there are in all. */
  readonly events: number;
  readonly split?: number;
  /** Default 1. */
  readonly splits?: number;
}

const misfit = (message: string, remedy: string): JobFault =>
  new JobFault(message, { domain: 'user', retry: 'no-retry', code: 'generator-misfit', operatorId: null, remedy });

export class GeneratorSplitReader implements SplitReader {
  readonly split: number;
  readonly #write: (i: number, out: GeneratedEvent) => void;
  /** Of this split. */
  readonly #events: number;
  readonly #splits: number;
  /** By field of the job's schema: field of the generator, or -1. */
  readonly #sources: readonly number[];
  readonly #timeSource: number;
  readonly #event: GeneratedEvent = [];
  /** Texts repeat: their codes are remembered for the batch's dictionaries. */
  readonly #codes: { dictionary: Dictionary | null; readonly known: Map<string, number> }[];
  #next = 0;

  /** Errors: JobFault where the generator is unknown or lacks a field that the schema requires. */
  constructor(schema: EventSchema, options: GeneratorSplitOptions) {
    const generator = GENERATORS.get(options.generator);
    if (!generator) {
      throw misfit(`There is no generator ${options.generator}.`, `Choose one of ${[...GENERATORS.keys()].join(', ')}.`);
    }
    this.split = options.split ?? 0;
    this.#splits = options.splits ?? 1;
    this.#events = Math.max(0, Math.ceil((options.events - this.split) / this.#splits));
    this.#write = generator.create(options.seed, options.baseTime, options);
    this.#timeSource = fieldIndex(generator.schema, generator.schema.time.field);
    this.#sources = schema.fields.map((field) => {
      if (field.name === schema.time.field) return this.#timeSource;
      const source = fieldIndex(generator.schema, field.name);
      const from = generator.schema.fields[source];
      const fits = from && (from.type === field.type || (from.type === 'int' && field.type === 'double'));
      if (fits && (field.optional === true || from.optional !== true)) return source;
      if (!from && field.optional === true) return -1;
      throw misfit(
        `The generator ${options.generator} has no ${field.optional === true ? '' : 'required '}field ${field.name} of type ${field.type}.`,
        'Take the field out of the schema, or give it the type and optionality that the generator has.',
      );
    });
    this.#codes = schema.fields.map(() => ({ dictionary: null, known: new Map<string, number>() }));
  }

  progress(): { ordinal: number; offset: number; end: number | null } {
    return { ordinal: this.#next, offset: this.#next, end: this.#events };
  }

  poll(batch: EventBatch, rowsMax = Number.POSITIVE_INFINITY): PollResult {
    batch.clear();
    batch.split = this.split;
    const end = Math.min(batchEnd(this.#next, batch.capacity, rowsMax), this.#events);
    for (let i = this.#next; i < end; i++) this.#append(batch, i);
    this.#next = Math.max(this.#next, end);
    return { rows: batch.length, ended: this.#next >= this.#events };
  }

  #append(batch: EventBatch, i: number): void {
    const event = this.#event;
    this.#write(i * this.#splits + this.split, event);
    const row = batch.length;
    batch.time[row] = event[this.#timeSource] as number;
    batch.position[row] = i;
    for (let field = 0; field < this.#sources.length; field++) {
      const source = this.#sources[field] as number;
      const value = source < 0 ? null : event[source];
      if (value === null || value === undefined) continue;
      const column = batch.columns[field] as Column;
      column.present[row] = 1;
      if (column.kind === 'string') column.codes[row] = this.#code(field, column.dictionary, value as string);
      else column.values[row] = value as number;
    }
    batch.length = row + 1;
  }

  #code(field: number, dictionary: Dictionary, text: string): number {
    const cache = this.#codes[field] as { dictionary: Dictionary | null; known: Map<string, number> };
    if (cache.dictionary !== dictionary || cache.known.size > 100_000) {
      cache.dictionary = dictionary;
      cache.known.clear();
    }
    let code = cache.known.get(text);
    if (code === undefined) {
      code = dictionary.encode(text);
      cache.known.set(text, code);
    }
    return code;
  }

  snapshot(): Uint8Array {
    const writer = new ByteWriter(16);
    writer.u8(IMAGE_VERSION);
    writer.f64(this.#next);
    return writer.finish();
  }

  restore(image: Uint8Array): void {
    const reader = new ByteReader(image);
    const version = reader.u8();
    invariant(version === IMAGE_VERSION, `a position of the unknown version ${version}`);
    this.#next = reader.f64();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
