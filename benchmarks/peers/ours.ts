/**
 * Tidemark as a contender beside the peers, and the calibrators J and JO: the same protocol as FlinkPeer.java.
 *
 * Protocol  a line `round N` on standard input, one line of JSON as the answer: wall and processor time of the whole
 *           process, matches and checksum so far. Progress once a second, on demand of the event loop between batches.
 * Forms     `NDJSON`: bytes, decoder, engine. `objects`: ready JavaScript objects, ObjectWriter, engine. `columns`: ready
 *           columns, engine. `JO`: ready objects and a Map; `J`: the same with JSON.parse in front (W1 alone).
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type EventTime, eventTime } from '@tidemark/core';
import { EventBatch, ObjectWriter, createDecoder, startCursor } from '@tidemark/event';
import { ObjectPair, type PairEvent } from '../calibrators/json-objects.ts';
import { parseAll } from '../decode.ts';
import { type Answer, EngineRun } from '../harness/engine-run.ts';
import { STREAM_SCHEMA } from '../harness/job.ts';
import { BATCH_ROWS } from '../harness/stream.ts';
import { type PeerTask, taskJob } from './input.ts';

export type OurForm = 'NDJSON' | 'objects' | 'columns' | 'J' | 'JO';

export interface OurRun {
  /** The next `events` events, and the watermark that lets them all through. */
  round(events: number, progress: (fed: number) => void): void;
  answer(): Answer;
}

/** Offset of each line, and the end. */
function lineStarts(bytes: Buffer): number[] {
  const starts = [0];
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) starts.push(at + 1);
  return starts;
}

/** Pieces of a pass over `size` events: from where, how many, how much later, how far into the whole. */
function* pieces(fed: number, events: number, size: number, spanMs: number, rows: number): Generator<{ from: number; count: number; later: number; further: number }> {
  for (let at = fed; at < fed + events;) {
    const from = at % size;
    const count = Math.min(rows, size - from, fed + events - at);
    const pass = Math.floor(at / size);
    yield { from, count, later: pass * spanMs, further: pass * size };
    at += count;
  }
}

export function ourRun(form: OurForm, task: PeerTask, bytes: Buffer): OurRun {
  let fed = 0;
  if (form === 'JO') {
    const objects: PairEvent[] = [];
    parseAll(bytes, (event) => objects.push(event as PairEvent));
    const size = objects.length;
    const pair = new ObjectPair();
    return {
      round: (events, progress) => {
        for (const { from, count, later, further } of pieces(fed, events, size, task.spanMs, size)) {
          for (let i = from; i < from + count; i += 1) {
            const event = objects[i] as PairEvent;
            pair.feed(event, event.ts + later, further + i);
          }
          fed += count;
          progress(fed);
        }
      },
      answer: () => pair.answer(),
    };
  }
  if (form === 'J') {
    const starts = lineStarts(bytes);
    const size = starts.length - 1;
    const pair = new ObjectPair();
    return {
      round: (events, progress) => {
        for (const { from, count, later, further } of pieces(fed, events, size, task.spanMs, size)) {
          let i = from;
          parseAll(bytes.subarray(starts[from], starts[from + count]), (event) => {
            pair.feed(event as PairEvent, event.ts + later, further + i);
            i += 1;
          });
          fed += count;
          progress(fed);
        }
      },
      answer: () => pair.answer(),
    };
  }
  const run = new EngineRun(taskJob(task));
  const batch = new EventBatch(STREAM_SCHEMA, BATCH_ROWS);
  let newest: EventTime = eventTime(0);
  const give = (later: number, further: number): void => {
    const { time, position, length } = batch;
    for (let row = 0; row < length; row += 1) {
      time[row] = (time[row] as number) + later;
      position[row] = (position[row] as number) + further;
    }
    newest = eventTime(time[length - 1] as number);
    run.take(batch, eventTime(newest - 1));
  };
  const fill = filler(form, bytes, batch);
  return {
    round: (events, progress) => {
      for (const { from, count, later, further } of pieces(fed, events, fill.size, task.spanMs, BATCH_ROWS)) {
        fill.into(from, count);
        give(later, further);
        fed += count;
        progress(fed);
      }
      run.operator.processWatermark(newest);
    },
    answer: () => run.tally.answer(),
  };
}

/** Brings lines [from, from + count) into the batch: decoded now, from ready objects, or from ready columns. */
function filler(form: 'NDJSON' | 'objects' | 'columns', bytes: Buffer, batch: EventBatch): { readonly size: number; into(from: number, count: number): void } {
  const decoder = createDecoder('ndjson', STREAM_SCHEMA);
  const refuse = (letter: unknown): never => { throw new Error(JSON.stringify(letter)); };
  const objects: object[] = [];
  parseAll(bytes, (event) => objects.push(event));
  const size = objects.length;
  if (form === 'NDJSON') {
    objects.length = 0;
    const cursor = startCursor();
    return {
      size,
      into: (from, count) => {
        if (from === 0) Object.assign(cursor, startCursor());
        batch.clear();
        decoder.decode(bytes, cursor.offset, bytes.length, true, cursor, batch, refuse, from + count);
        if (batch.length !== count) throw new Error(`${batch.length} rows instead of ${count}`);
      },
    };
  }
  const writer = new ObjectWriter(STREAM_SCHEMA, ['key']);
  const write = (into: EventBatch, from: number, count: number): void => {
    for (let i = from; i < from + count; i += 1) if (writer.append(into, objects[i] as object, i) !== null) throw new Error(`object ${i} is refused`);
  };
  if (form === 'objects') return {
    size,
    into: (from, count) => {
      batch.clear();
      write(batch, from, count);
    },
  };
  const all = new EventBatch(STREAM_SCHEMA, size);
  write(all, 0, size);
  objects.length = 0;
  for (const { present } of batch.columns) present.fill(1);
  batch.columns.forEach((column, field) => {
    const from = all.columns[field];
    if (column.kind === 'string' && from?.kind === 'string') column.dictionary = from.dictionary;
  });
  return {
    size,
    into: (from, count) => {
      batch.time.set(all.time.subarray(from, from + count));
      batch.position.set(all.position.subarray(from, from + count));
      batch.columns.forEach((to, field) => {
        const source = all.columns[field];
        if (to.kind === 'string' && source?.kind === 'string') to.codes.set(source.codes.subarray(from, from + count));
        else if (to.kind !== 'string' && source !== undefined && source.kind !== 'string') to.values.set(source.values.subarray(from, from + count));
      });
      batch.length = count;
    },
  };
}

/** Told by the driver as one argument of JSON. */
export interface OurOrder {
  readonly form: OurForm;
  readonly task: Omit<PeerTask, 'bytes'> & { readonly bytes?: undefined };
  readonly input: string;
}

if (import.meta.main) {
  const order = JSON.parse(process.argv[2] as string) as OurOrder;
  const bytes = readFileSync(order.input);
  const run = ourRun(order.form, { ...order.task, bytes: () => bytes }, bytes);
  const say = (message: object): void => { process.stdout.write(`${JSON.stringify(message)}\n`); };
  say({ ready: true });
  for await (const line of createInterface({ input: process.stdin })) {
    const events = Number(line.slice('round '.length));
    let told = performance.now();
    const before = process.cpuUsage();
    const started = performance.now();
    run.round(events, (progress) => {
      if (performance.now() - told < 1_000) return;
      told = performance.now();
      say({ progress });
    });
    const wallMs = performance.now() - started;
    const { user, system } = process.cpuUsage(before);
    const { matches, checksum } = run.answer();
    say({ events, wallMs, cpuMs: (user + system) / 1_000, matches, checksum });
  }
}
