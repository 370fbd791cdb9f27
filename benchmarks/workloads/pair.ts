/**
 * W1 `pair`: a followedBy b within 10 s, keyed by 10,000 keys (also 1,000,000), NO_SKIP; ten types in equal parts, 100,000
 * events a second of event time.
 *
 * Measures   from columns: the engine against the loop by hand (H). From NDJSON of 121 bytes: decoder and engine against
 *            JSON.parse with objects and a Map (J), and JSON.parse alone for scale. From ready JavaScript objects: writer and
 *            engine against the Map over the same objects (JO). A minute at full speed: collections and memory.
 * Always     events of one millisecond go across batches; the watermark after a batch is its newest time - 1.
 */
import { type EventTime, eventTime } from '@tidemark/core';
import { EventBatch, ObjectWriter, createDecoder } from '@tidemark/event';
import type { ValidatedJob } from '@tidemark/pattern';
import { HandPair, PAIR_WITHIN_MS, calibratorCell, pairStream } from '../calibrators/hand-pair.ts';
import { ObjectPair, type PairEvent, parsedObjects } from '../calibrators/json-objects.ts';
import { decodeAll, pairBytes, parseAll } from '../decode.ts';
import { type Answer, EngineRun, engineCell, handCell } from '../harness/engine-run.ts';
import { gate } from '../harness/gate.ts';
import { STREAM_SCHEMA, chain, jobOf, stage, within } from '../harness/job.ts';
import { BATCH_ROWS } from '../harness/stream.ts';
import { type CellPlan, type CellRun, type Goal, type Rows, type Size, type Workload, goal } from '../harness/workload.ts';

const pairPattern = (withinMs: number) => ({ ...chain([stage('a'), stage('b')], 'SKIP_TILL_NEXT'), window: within(withinMs), key: ['key'] });
export const pairJob = (withinMs = PAIR_WITHIN_MS): ValidatedJob => jobOf('pair', [pairPattern(withinMs)]);
const EVENTS_PER_MS = 100;

/** Only what the pattern reads: what a writer of objects can leave out. */
const PATTERN_SCHEMA = { ...STREAM_SCHEMA, fields: STREAM_SCHEMA.fields.filter(({ name }) => ['ts', 'type', 'key'].includes(name)) };

const HAND = 'H: loop by hand';
const ENGINE = 'engine';
const ENGINE_PATTERN = 'engine, fields of the pattern only';
const HAND_MANY = 'H: loop by hand, 1 M keys';
const PARSED = 'J: JSON.parse, objects and a Map';
const PARSE_ALONE = 'JSON.parse alone';
const FROM_NDJSON = 'engine from NDJSON';
const JO = 'JO: ready objects and a Map';
const FROM_OBJECTS = 'engine from ready objects, five fields';
const FROM_OBJECTS_PATTERN = 'engine from ready objects, fields of the pattern only';
/** Esper 9 in units of the calibrators (performance reference, 3.7). */
const ESPER_J = 1.2;
const ESPER_JO = 0.16;

const SIZES = {
  full: { loop: 1_000_000, round: 10_000_000, many: 2_000_000, bytes: 500_000, objects: 200_000, passes: 10 },
  quick: { loop: 1_000_000, round: 2_000_000, many: 2_000_000, bytes: 100_000, objects: 100_000, passes: 5 },
  tiny: { loop: 20_000, round: 20_000, many: 20_000, bytes: 2_000, objects: 2_000, passes: 2 },
} as const;

const newest = (batch: EventBatch): EventTime => eventTime((batch.time[batch.length - 1] as number) - 1);

/** What comes in passes over the same input: pass after pass the same events again, put later, so that windows stay full. */
function passes(events: number, pass: (later: number, further: number) => void, answer: () => Answer): CellRun {
  let fed = 0;
  return {
    feed: (count, progress) => {
      for (const end = fed + count; fed < end;) {
        pass(Math.ceil(fed / EVENTS_PER_MS), fed);
        fed += events;
        progress(fed);
      }
    },
    overhead: null,
    answer,
  };
}

/** Puts the events of a batch where their pass is. */
function putLater(batch: EventBatch, later: number, further: number): void {
  const { time, position, length } = batch;
  for (let row = 0; row < length; row += 1) {
    time[row] = (time[row] as number) + later;
    position[row] = (position[row] as number) + further;
  }
}

const NOTHING: Answer = { matches: 0, timedOut: 0, late: 0, checksum: 0 };

/** Bytes, decoder, engine. */
function bytesCell(size: Size): CellRun {
  const lines = pairBytes(SIZES[size].bytes);
  const run = new EngineRun(pairJob());
  const decoder = createDecoder('ndjson', STREAM_SCHEMA);
  const batch = new EventBatch(STREAM_SCHEMA, BATCH_ROWS);
  let last = 0;
  return passes(SIZES[size].bytes, (later, further) => {
    decodeAll(lines, STREAM_SCHEMA, () => {
      putLater(batch, later, further);
      last = batch.time[batch.length - 1] as number;
      run.take(batch, newest(batch));
    }, decoder, batch);
  }, () => {
    run.operator.processWatermark(eventTime(last));
    return run.tally.answer();
  });
}

/** Objects, writer, engine. */
function objectsCell(size: Size, schema: typeof STREAM_SCHEMA): CellRun {
  const objects = parsedObjects(pairBytes(SIZES[size].objects));
  const run = new EngineRun(jobOf('pair', [pairPattern(PAIR_WITHIN_MS)], schema));
  const writer = new ObjectWriter(schema, ['key']);
  const batch = new EventBatch(schema, BATCH_ROWS);
  return passes(objects.length, (later, further) => {
    for (let from = 0; from < objects.length; from += BATCH_ROWS) {
      batch.clear();
      const to = Math.min(objects.length, from + BATCH_ROWS);
      for (let i = from; i < to; i += 1) {
        const refusal = writer.append(batch, objects[i] as object, i);
        if (refusal !== null) throw new Error(JSON.stringify(refusal));
      }
      putLater(batch, later, further);
      run.take(batch, newest(batch));
    }
  }, () => {
    run.release(batch);
    return run.tally.answer();
  });
}

function cells(size: Size): CellPlan[] {
  const { loop, round, many, bytes, objects, passes: times } = SIZES[size];
  const columns = (name: string, make: () => CellRun): CellPlan => ({ name, form: 'columns', fill: loop, events: round, against: HAND, group: '10 k keys', make });
  const manyKeys = (name: string, make: () => CellRun): CellPlan => ({ name, form: 'columns', fill: many, events: round, against: HAND_MANY, group: '1 M keys', make });
  const ndjson = (name: string, make: () => CellRun, group: string | null = 'NDJSON'): CellPlan => ({ name, form: 'NDJSON', fill: bytes, events: bytes, against: PARSED, group, make });
  const ready = (name: string, make: () => CellRun): CellPlan => ({ name, form: 'objects', fill: objects, events: objects * times, against: JO, group: 'objects', make });
  const manyCount = size === 'tiny' ? 10_000 : 1_000_000;
  return [
    calibratorCell(size),
    columns(HAND, () => handCell(pairStream(10_000, loop), new HandPair(10_000))),
    columns(ENGINE_PATTERN, () => engineCell(pairStream(10_000, loop), pairJob(), { keepAllFields: false })),
    columns(ENGINE, () => engineCell(pairStream(10_000, loop), pairJob())),
    columns('engine, explicit runs', () => engineCell(pairStream(10_000, loop), pairJob(), { strategy: 'explicit' })),
    manyKeys(HAND_MANY, () => handCell(pairStream(manyCount, many), new HandPair(manyCount))),
    manyKeys('engine, fields of the pattern only, 1 M keys', () => engineCell(pairStream(manyCount, many), pairJob(), { keepAllFields: false })),
    manyKeys('engine, 1 M keys', () => engineCell(pairStream(manyCount, many), pairJob())),
    ndjson(PARSED, () => {
      const lines = pairBytes(bytes);
      const pair = new ObjectPair();
      return passes(bytes, (later, further) => {
        let i = 0;
        parseAll(lines, (event) => {
          pair.feed(event as PairEvent, event.ts + later, further + i);
          i += 1;
        });
      }, () => pair.answer());
    }),
    ndjson(PARSE_ALONE, () => {
      const lines = pairBytes(bytes);
      return passes(bytes, () => { parseAll(lines, () => undefined); }, () => NOTHING);
    }, null),
    ndjson('decoder alone', () => {
      const lines = pairBytes(bytes);
      return passes(bytes, () => { decodeAll(lines, STREAM_SCHEMA, () => undefined); }, () => NOTHING);
    }, null),
    ndjson(FROM_NDJSON, () => bytesCell(size)),
    ready(JO, () => {
      const list = parsedObjects(pairBytes(objects));
      const pair = new ObjectPair();
      return passes(objects, (later, further) => {
        for (let i = 0; i < list.length; i += 1) {
          const event = list[i] as PairEvent;
          pair.feed(event, event.ts + later, further + i);
        }
      }, () => pair.answer());
    }),
    ready(FROM_OBJECTS, () => objectsCell(size, STREAM_SCHEMA)),
    ready(FROM_OBJECTS_PATTERN, () => objectsCell(size, PATTERN_SCHEMA)),
  ];
}

const FLAT_SHARE = 0.05;

function goals(rows: Rows): Goal[] {
  const worst = (values: readonly number[]): number | null => (values.length === 0 ? null : Math.max(...values));
  // Flat: what lives after the last tenth against what lived after the second (the first one still fills the window).
  const growth = rows.soaks.map(({ heapBytes, bufferBytes }) => {
    const at = (i: number): number => (heapBytes.at(i) as number) + (bufferBytes.at(i) as number);
    return at(-1) / at(1) - 1;
  });
  const parsed = rows.ratio(FROM_NDJSON, PARSED);
  const ready = rows.ratio(FROM_OBJECTS, JO);
  const readyPattern = rows.ratio(FROM_OBJECTS_PATTERN, JO);
  return [
    goal('from columns, all fields kept, against the batched loop by hand', '>=', 0.6, rows.ratio(ENGINE, HAND)),
    goal('from columns, fields of the pattern kept, against the batched loop by hand', '>=', 0.6, rows.ratio(ENGINE_PATTERN, HAND)),
    goal('from columns, 1 M keys, fields of the pattern kept, against the loop by hand', '>=', 0.6, rows.ratio('engine, fields of the pattern only, 1 M keys', HAND_MANY)),
    goal('from NDJSON, against JSON.parse with objects and a Map (J)', '>=', 5, parsed),
    goal('from NDJSON, against Esper (1.2 J)', '>=', 3.5, parsed === null ? null : parsed / ESPER_J),
    goal('from ready objects, five fields, against Esper (0.16 JO)', '>=', 2, ready === null ? null : ready / ESPER_JO),
    goal('from ready objects, fields of the pattern, against Esper (0.16 JO)', '>=', 2, readyPattern === null ? null : readyPattern / ESPER_JO),
    goal('longest collection of garbage at full speed, ms', '<=', 5, worst(rows.soaks.map(({ pauseMsMax }) => pauseMsMax))),
    goal('growth of what lives, from the second tenth to the last, as a share', '<=', FLAT_SHARE, worst(growth)),
  ];
}

const soaks = (size: Size): CellPlan[] => cells(size).filter(({ name }) => name === ENGINE || name === FROM_NDJSON);

export const PAIR: Workload = {
  id: 'W1', name: 'pair', title: 'a followedBy b within 10 s, keyed, NO_SKIP', cells, goals, soaks,
  gate: (size) => {
    const events = size === 'tiny' ? 3_000 : 6_000;
    // A small instance is over before 10 s: with 4 ms most starts end unmatched, some at the very end of their window.
    return [PAIR_WITHIN_MS, 4].flatMap((withinMs) => (['auto', 'explicit'] as const).map((strategy) =>
      gate(`pair, 20 keys, within ${withinMs} ms, ${strategy === 'auto' ? 'as compiled' : 'explicit runs'}`, pairJob(withinMs), pairStream(20, events), events, { strategy })));
  },
  notMeasured: ['files, sockets, sinks and output lines', 'checkpoints under load', 'several processes'],
};
