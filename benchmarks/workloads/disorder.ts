/**
 * W9 `disorder`: W1 where 0, 20 or 50 % of the events come late, by up to 1 s or 60 s; a watermark every 200 ms.
 *
 * Shape   W1's events, 100 a millisecond; a late event carries a time drawn from the bound before its place. The watermark
 *         is the newest time - bound - 1, so that nobody is too late; where the name says `half the bound`, the bound is
 *         half of the lateness, and what comes after its watermark goes to the late output.
 * Read as against the same stream in order under the same watermarks (what disorder costs), and against W1's watermark
 *         after every batch (what waiting costs). From NDJSON the same with the decoder in front, which is how events come.
 */
import { type EventTime, eventTime } from '@tidemark/core';
import { Buffer } from 'node:buffer';
import { type Column, EventBatch, createDecoder } from '@tidemark/event';
import { calibratorCell, pairStream } from '../calibrators/hand-pair.ts';
import { decodeAll, pairBytes, parseAll } from '../decode.ts';
import { EngineRun, engineCell } from '../harness/engine-run.ts';
import { gate } from '../harness/gate.ts';
import { STREAM_SCHEMA } from '../harness/job.ts';
import { BASE_TIME, BATCH_ROWS, type EventStream, chance } from '../harness/stream.ts';
import { type CellPlan, type CellRun, type Goal, type Rows, type Size, type Workload, goal } from '../harness/workload.ts';
import { pairJob } from './pair.ts';

const EVENTS_PER_MS = 100;
const WATERMARK_MS = 200;

/** Delays by event, over and over: 0 or 1 to `latenessMs`. */
function delays(share: number, latenessMs: number, length: number, seed = 9): Float64Array {
  const random = chance(seed);
  return Float64Array.from({ length }, () => (random(1_000_000) < share * 1_000_000 ? 1 + random(latenessMs) : 0));
}

/** Watermarks every 200 ms of event time, `boundMs` behind. */
class PeriodicWatermarks {
  readonly #boundMs: number;
  #newest = Number.NEGATIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;

  constructor(boundMs: number) {
    this.#boundMs = boundMs;
  }

  after(batch: EventBatch): EventTime | null {
    for (let row = 0; row < batch.length; row += 1) this.#newest = Math.max(this.#newest, batch.time[row] as number);
    if (this.#newest - this.#last < WATERMARK_MS) return null;
    this.#last = this.#newest;
    return eventTime(this.#newest - this.#boundMs - 1);
  }
}

export interface Disorder {
  readonly share: number;
  readonly latenessMs: number;
  readonly boundMs: number;
}

/** W1 with delays. Without `disorder`: in order, watermarks as in W1. */
export function disorderStream(events: number, keys: number, disorder: Disorder, everyMs = WATERMARK_MS): EventStream {
  const inOrder = pairStream(keys, events);
  const late = delays(disorder.share, disorder.latenessMs, events);
  return {
    schema: inOrder.schema,
    dictionaries: inOrder.dictionaries,
    fill(batch, first, count) {
      inOrder.fill(batch, first, count);
      const [ts] = batch.columns as [Column];
      if (ts.kind === 'string') throw new Error('columns of the stream');
      for (let row = 0; row < count; row += 1) {
        const t = (batch.time[row] as number) - (late[(first + row) % late.length] as number);
        batch.time[row] = t;
        ts.values[row] = t;
      }
    },
    // A pure function of the batch's place: the newest time is that of the stream in order.
    watermark(batch, first) {
      const newest = BASE_TIME + Math.floor((first + batch.length - 1) / EVENTS_PER_MS);
      const before = BASE_TIME + Math.floor((first - 1) / EVENTS_PER_MS);
      return Math.floor(newest / everyMs) === Math.floor(before / everyMs) ? null : eventTime(newest - disorder.boundMs - 1);
    },
  };
}

const SIZES = {
  full: { loop: 1_000_000, round: 4_000_000, bytes: 500_000, lateness: [1_000, 60_000], shares: [0, 0.2, 0.5] },
  quick: { loop: 500_000, round: 1_000_000, bytes: 100_000, lateness: [1_000], shares: [0, 0.2, 0.5] },
  tiny: { loop: 5_000, round: 5_000, bytes: 2_000, lateness: [20], shares: [0, 0.2] },
} as const;

const percent = (share: number): string => `${share * 100} % late`;
const nameOf = (share: number, latenessMs: number): string => `${percent(share)} by up to ${latenessMs} ms`;
const ndjsonName = (share: number, latenessMs: number): string => `from NDJSON, ${nameOf(share, latenessMs)}`;
const IN_ORDER = 'in order, a watermark after every batch (W1)';
const TOO_LATE = 'half the bound: what is too late goes out';

/** The lines of W1 with delays in their times. */
function lateBytes(events: number, disorder: Disorder): Buffer {
  const late = delays(disorder.share, disorder.latenessMs, events);
  const lines: string[] = [];
  parseAll(pairBytes(events), (event) => lines.push(JSON.stringify({ ...event, ts: event.ts - (late[lines.length] as number) })));
  return Buffer.from(`${lines.join('\n')}\n`);
}

function ndjsonCell(events: number, disorder: Disorder): CellRun {
  const lines = lateBytes(events, disorder);
  const run = new EngineRun(pairJob());
  const decoder = createDecoder('ndjson', STREAM_SCHEMA);
  const batch = new EventBatch(STREAM_SCHEMA, BATCH_ROWS);
  const watermarks = new PeriodicWatermarks(disorder.boundMs);
  let fed = 0;
  return {
    feed: (count, progress) => {
      for (const end = fed + count; fed < end;) {
        const later = Math.ceil(fed / EVENTS_PER_MS);
        decodeAll(lines, STREAM_SCHEMA, () => {
          for (let row = 0; row < batch.length; row += 1) {
            batch.time[row] = (batch.time[row] as number) + later;
            batch.position[row] = (batch.position[row] as number) + fed;
          }
          run.take(batch, watermarks.after(batch));
        }, decoder, batch);
        fed += events;
        progress(fed);
      }
    },
    overhead: null,
    answer: () => run.tally.answer(),
    figures: () => ({ 'held rows': run.operator.heldRows, 'too late': run.tally.late }),
  };
}

function cells(size: Size): CellPlan[] {
  const { loop, round, bytes, lateness, shares } = SIZES[size];
  const figures = ({ operator, tally }: EngineRun) => ({ 'held rows': operator.heldRows, 'too late': tally.late });
  const plans: CellPlan[] = [calibratorCell(size)];
  plans.push({ name: IN_ORDER, form: 'columns', fill: loop, events: round, against: null, group: null, make: () => engineCell(pairStream(10_000, loop), pairJob(), {}, figures) });
  for (const latenessMs of lateness) {
    // Enough events that as many wait as the bound says.
    const fill = Math.max(loop, latenessMs * EVENTS_PER_MS + 100_000);
    for (const share of shares) {
      plans.push({
        name: nameOf(share, latenessMs), form: 'columns', fill: size === 'tiny' ? loop : fill, events: round, against: nameOf(0, latenessMs), group: null,
        make: () => engineCell(disorderStream(loop, 10_000, { share, latenessMs, boundMs: latenessMs }), pairJob(), {}, figures),
      });
    }
  }
  const [shortest] = lateness;
  plans.push({
    name: TOO_LATE, form: 'columns', fill: loop, events: round, against: nameOf(0, shortest), group: null,
    make: () => engineCell(disorderStream(loop, 10_000, { share: 0.2, latenessMs: shortest, boundMs: shortest / 2 }), pairJob(), {}, figures),
  });
  for (const share of shares) {
    plans.push({
      name: ndjsonName(share, shortest), form: 'NDJSON', fill: bytes, events: bytes * (size === 'tiny' ? 1 : 4), against: ndjsonName(0, shortest), group: null,
      make: () => ndjsonCell(bytes, { share, latenessMs: shortest, boundMs: shortest }),
    });
  }
  return plans;
}

function goals(rows: Rows): Goal[] {
  const cost = (name: string, base: string): number | null => {
    const ratio = rows.ratio(base, name);
    return ratio === null ? null : ratio - 1;
  };
  return [
    goal('20 % late by up to 1 s, from NDJSON, as a share of the cost in order', '<=', 0.15, cost(ndjsonName(0.2, 1_000), ndjsonName(0, 1_000))),
    goal('20 % late by up to 1 s, from columns, as a share of the cost in order', '<=', 0.15, cost(nameOf(0.2, 1_000), nameOf(0, 1_000))),
    goal('20 % late by up to 60 s, from columns, as a share of the cost in order', '<=', 0.15, cost(nameOf(0.2, 60_000), nameOf(0, 60_000))),
  ];
}

export const DISORDER: Workload = {
  id: 'W9', name: 'disorder', title: 'W1 with events that come late', cells, goals,
  gate: (size) => {
    const events = size === 'tiny' ? 3_000 : 8_000;
    // 100 events a ms: a small instance is over before 200 ms, so its watermarks come every 2 ms.
    return [
      gate('20 % late by up to 20 ms, 20 keys', pairJob(), disorderStream(events, 20, { share: 0.2, latenessMs: 20, boundMs: 20 }, 2), events),
      gate('20 % late by up to 20 ms, half the bound, 20 keys', pairJob(), disorderStream(events, 20, { share: 0.2, latenessMs: 20, boundMs: 10 }, 2), events),
    ];
  },
  notMeasured: ['several splits, whose watermarks differ'],
};
