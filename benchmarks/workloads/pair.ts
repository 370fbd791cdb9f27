/**
 * Workload W1 `pair`: a followedBy b within 10 s, keyed by 10,000 keys, NO_SKIP; ten types, 100,000 events a second.
 *
 * Shape   one stream, in two forms: NDJSON of 121 bytes an event, and batches of 1,024 rows of columns that a decoder
 *         made of it. Events of one millisecond go across batches; the watermark after a batch is its newest time - 1.
 * Gate    every engine answers with the number of matches and a checksum over the positions of their events, which
 *         does not depend on the order of matches. Figures of engines that disagree do not count.
 */
import { eventTime } from '@tidemark/core';
import { CepOperator, type CepOperatorOptions } from '@tidemark/cep';
import { type Column, EventBatch, type EventSchema } from '@tidemark/event';
import { type ValidatedJob, zJobDocument, validateDocument } from '@tidemark/pattern';
import { decodeAll, pairBytes, parseAll } from '../decode.ts';

export const WITHIN_MS = 10_000;
export const BATCH_ROWS = 1_024;
export { pairBytes };

/** The five of the eight fields that pattern and output use. */
export const PAIR_SCHEMA: EventSchema = {
  fields: [
    { name: 'ts', type: 'int' }, { name: 'type', type: 'string' }, { name: 'key', type: 'string' },
    { name: 'value', type: 'double' }, { name: 'user', type: 'string' },
  ],
  time: { field: 'ts', format: 'epoch-ms' },
};

export interface Answer {
  readonly matches: number;
  readonly checksum: number;
}

/** Adds one match to a checksum that does not depend on order. */
export const mix = (checksum: number, a: number, b: number): number => (checksum + Math.imul((a * 31 + b * 17) | 0, 0x9e3779b1)) | 0;

export function pairJob(): ValidatedJob {
  const stage = (id: string) => ({ type: 'ATOMIC' as const, id, name: id, condition: { type: 'CEL' as const, expression: `event.type == '${id}'` } });
  const { job, issues } = validateDocument(zJobDocument.parse({
    format: 'tidemark-job', version: 1, id: 'pair', name: 'pair', schema: PAIR_SCHEMA,
    patterns: [{
      id: 'pair', name: 'pair', nodes: [stage('a'), stage('b')], edges: [{ source: 'a', target: 'b', type: 'SKIP_TILL_NEXT' }],
      window: { type: 'FIRST_AND_LAST', time: { unit: 'MILLISECONDS', size: WITHIN_MS } }, key: ['key'],
    }],
  }));
  if (job === null) throw new Error(JSON.stringify(issues));
  return job;
}

/** The stream as batches of their own, sharing dictionaries as one decoder's batches do. */
export function pairColumns(bytes: Uint8Array): EventBatch[] {
  const batches: EventBatch[] = [];
  decodeAll(bytes, PAIR_SCHEMA, (batch) => {
    const copy = new EventBatch(PAIR_SCHEMA, batch.length);
    copy.time.set(batch.time.subarray(0, batch.length));
    copy.position.set(batch.position.subarray(0, batch.length));
    copy.columns.forEach((to, field) => {
      const from = batch.columns[field];
      if (from === undefined) return;
      to.present.set(from.present.subarray(0, batch.length));
      if (to.kind === 'string' && from.kind === 'string') {
        to.codes.set(from.codes.subarray(0, batch.length));
        to.dictionary = from.dictionary;
      } else if (to.kind !== 'string' && from.kind !== 'string') to.values.set(from.values.subarray(0, batch.length));
    });
    copy.length = batch.length;
    batches.push(copy);
  });
  return batches;
}

/**
 * The stream as it comes out of a decoder: each batch is copied into one working batch, whose columns are then in the
 * cache, and handed on. Pass after pass the same events come again, later.
 */
export class ColumnStream {
  readonly events: number;
  readonly #batches: readonly EventBatch[];
  readonly #work = new EventBatch(PAIR_SCHEMA, BATCH_ROWS);
  readonly #span: number;

  constructor(batches: readonly EventBatch[]) {
    this.#batches = batches;
    this.events = batches.reduce((sum, { length }) => sum + length, 0);
    this.#span = (batches[batches.length - 1]?.time.at(-1) as number) - (batches[0]?.time[0] as number) + 1;
  }

  pass(number: number, each: (batch: EventBatch) => void): void {
    const later = number * this.#span;
    const further = number * this.events;
    for (const batch of this.#batches) {
      this.#load(batch, later, further);
      each(this.#work);
    }
  }

  #load(from: EventBatch, later: number, further: number): void {
    const work = this.#work;
    for (let row = 0; row < from.length; row += 1) {
      work.time[row] = (from.time[row] as number) + later;
      work.position[row] = (from.position[row] as number) + further;
    }
    work.columns.forEach((to, field) => copyColumn(from.columns[field] as Column, to));
    work.length = from.length;
  }
}

function copyColumn(from: Column, to: Column): void {
  to.present.set(from.present);
  if (to.kind === 'string' && from.kind === 'string') {
    to.codes.set(from.codes);
    to.dictionary = from.dictionary;
  } else if (to.kind !== 'string' && from.kind !== 'string') to.values.set(from.values);
}

/** The engine, fed batch by batch. */
export class EngineRun {
  matches = 0;
  checksum = 0;
  readonly operator: CepOperator;
  #last = 0;

  constructor(job: ValidatedJob, options: CepOperatorOptions = {}) {
    this.operator = new CepOperator(job, (match) => {
      const { events } = match;
      this.matches += 1;
      this.checksum = mix(this.checksum, events.positionOf(match.rowAt(0)), events.positionOf(match.rowAt(1)));
    }, options);
  }

  feed(batch: EventBatch): void {
    this.#last = batch.time[batch.length - 1] as number;
    this.operator.processBatch(batch, eventTime(this.#last - 1));
  }

  /** Lets what is held of the last millisecond go. */
  answer(): Answer {
    this.operator.processWatermark(eventTime(this.#last));
    return { matches: this.matches, checksum: this.checksum };
  }
}

/** Calibrator H: the same by hand over the same columns, batch by batch: a list of open starts for each key, in arrays. */
export class HandRun {
  matches = 0;
  checksum = 0;
  #head: Int32Array;
  #tail: Int32Array;
  #time = new Float64Array(1024);
  #position = new Float64Array(1024);
  #next = new Int32Array(1024);
  #free = -1;
  #used = 0;

  constructor(keys: number) {
    this.#head = new Int32Array(keys).fill(-1);
    this.#tail = new Int32Array(keys).fill(-1);
  }

  feed(batch: EventBatch): void {
    const type = batch.columns[1];
    const key = batch.columns[2];
    if (type?.kind !== 'string' || key?.kind !== 'string') throw new Error('columns of the workload');
    const a = type.dictionary.find('a');
    const b = type.dictionary.find('b');
    const types = type.codes;
    const keys = key.codes;
    const { time, position, length } = batch;
    const head = this.#head;
    const tail = this.#tail;
    for (let row = 0; row < length; row += 1) {
      const code = types[row];
      if (code === a) {
        const k = keys[row] as number;
        let at = this.#free;
        if (at !== -1) this.#free = this.#next[at] as number;
        else {
          at = this.#used;
          this.#used += 1;
          if (at === this.#time.length) this.#grow();
        }
        this.#time[at] = time[row] as number;
        this.#position[at] = position[row] as number;
        this.#next[at] = -1;
        if (tail[k] === -1) head[k] = at;
        else this.#next[tail[k] as number] = at;
        tail[k] = at;
      } else if (code === b) {
        const k = keys[row] as number;
        let at = head[k] as number;
        if (at === -1) continue;
        const now = time[row] as number;
        const place = position[row] as number;
        while (at !== -1) {
          if (now - (this.#time[at] as number) < WITHIN_MS) {
            this.matches += 1;
            this.checksum = mix(this.checksum, this.#position[at] as number, place);
          }
          const next = this.#next[at] as number;
          this.#next[at] = this.#free;
          this.#free = at;
          at = next;
        }
        head[k] = -1;
        tail[k] = -1;
      }
    }
  }

  #grow(): void {
    const capacity = this.#time.length * 2;
    const time = new Float64Array(capacity);
    time.set(this.#time);
    this.#time = time;
    const position = new Float64Array(capacity);
    position.set(this.#position);
    this.#position = position;
    const next = new Int32Array(capacity);
    next.set(this.#next);
    this.#next = next;
  }

  answer(): Answer {
    return { matches: this.matches, checksum: this.checksum };
  }
}

interface ParsedEvent { readonly ts: number; readonly type: string; readonly key: string }

/** Calibrator: JSON.parse of every line, and a Map from key to the open starts as objects. */
export function objectsRun(bytes: Parameters<typeof parseAll>[0]): Answer {
  const open = new Map<string, { event: ParsedEvent; position: number }[]>();
  let matches = 0;
  let checksum = 0;
  let position = 0;
  parseAll(bytes, (parsed) => {
    const event = parsed as ParsedEvent;
    if (event.type === 'a') {
      const list = open.get(event.key);
      if (list === undefined) open.set(event.key, [{ event, position }]);
      else list.push({ event, position });
    } else if (event.type === 'b') {
      const list = open.get(event.key);
      if (list !== undefined) {
        for (const start of list) {
          if (event.ts - start.event.ts >= WITHIN_MS) continue;
          matches += 1;
          checksum = mix(checksum, start.position, position);
        }
        open.delete(event.key);
      }
    }
    position += 1;
  });
  return { matches, checksum };
}

/** The engine end to end: bytes, decoder, operator. */
export function engineFromBytes(job: ValidatedJob, bytes: Uint8Array, options: CepOperatorOptions = {}): Answer {
  const run = new EngineRun(job, options);
  decodeAll(bytes, PAIR_SCHEMA, (batch) => run.feed(batch));
  return run.answer();
}
