/**
 * "Why no match?": the trace of the drawing over its sample, on the worker's side.
 *
 * Always  time stands where it stands when the drawing is run (run.ts): the same watermarks, the same late events, so the
 *         matches are the same. One trace is kept, that of the newest question's document.
 * Not here: sentences (why-words.ts), messages (engine-host.ts).
 */
import { WATERMARK_MAX } from '@tidemark/core';
import { type EventReasons, type Explanation, type KeyStep, Trace, type TraceSummary, type TracedWay, WatermarkGrid, explain } from '@tidemark/cep';
import { type JobDocument, validateDocument, versionHash } from '@tidemark/pattern';
import { type SampleData, type SampleEvent, eventAt } from './sample.ts';

const STAGE_EVENTS = 50;
const KEY_EVENTS = 41;
const PART_ROWS = 1024;

/** Events by row, for whatever an answer names. */
export type EventsByRow = Readonly<Record<number, SampleEvent>>;
export interface WhyStage { readonly id: string; readonly name: string; readonly gate: boolean }
export interface WhySummary {
  readonly summary: TraceSummary;
  readonly explanation: Explanation;
  readonly stages: readonly WhyStage[];
  readonly deadLetters: number;
  readonly events: EventsByRow;
}
export interface WhyEvent { readonly reasons: EventReasons; readonly events: EventsByRow }
export interface WhyStageEvents { readonly taken: readonly SampleEvent[]; readonly notTaken: readonly SampleEvent[] }
export interface WhyKey { readonly rows: number; readonly from: number; readonly steps: readonly KeyStep[]; readonly events: EventsByRow }

export class WhyTrace {
  #key = '';
  #trace: Trace | null = null;
  #explanation: Explanation | null = null;
  #stages: readonly WhyStage[] = [];

  /** A new sample: what was traced is of another one. */
  forget(): void {
    this.#key = '';
    this.#trace = null;
  }

  /** null where the document is not valid. */
  #of(document: JobDocument, pattern: number, sample: SampleData): Trace | null {
    const key = `${pattern} ${versionHash(document)} ${JSON.stringify([document.source?.rate ?? null, document.outOfOrdernessMs])}`;
    if (key === this.#key) return this.#trace;
    this.#key = key;
    this.#trace = null;
    const { job } = validateDocument(document);
    const validated = job?.patterns[pattern];
    if (job === null || validated === undefined) return null;
    this.#trace = new Trace(job, sample.batch, { pattern, ...timeOfSample(document, sample) });
    this.#explanation = explain(validated, job);
    this.#stages = this.#trace.summary.stages.map(({ id, name, gate }) => ({ id, name, gate }));
    return this.#trace;
  }

  summary(document: JobDocument, pattern: number, sample: SampleData): WhySummary | null {
    const trace = this.#of(document, pattern, sample);
    if (trace === null || this.#explanation === null) return null;
    const { summary } = trace;
    const rows = new Rows(sample);
    for (const { nearest, examples } of summary.stages) {
      if (nearest !== null) rows.add(nearest.event.row);
      for (const ending of examples) rows.way(ending.way, ending.by?.row);
    }
    if (summary.furthest !== null) rows.way(summary.furthest.way, summary.furthest.ending?.by?.row);
    if (summary.fault !== null) rows.add(summary.fault.event.row);
    return { summary, explanation: this.#explanation, stages: this.#stages, deadLetters: sample.deadLetters, events: rows.events };
  }

  event(document: JobDocument, pattern: number, sample: SampleData, position: number): WhyEvent | null {
    const trace = this.#of(document, pattern, sample);
    const row = rowOf(sample, position);
    if (trace === null || row === -1) return null;
    const reasons = trace.ofEvent(row);
    const rows = new Rows(sample);
    rows.add(row);
    for (const { runs, before } of reasons.stages) {
      for (const run of runs) if (run.way !== null) rows.way(run.way);
      if (before !== null) rows.way(before.way, before.by?.row);
    }
    for (const ending of reasons.ended) rows.way(ending.way, ending.by?.row);
    return { reasons, events: rows.events };
  }

  stage(document: JobDocument, pattern: number, sample: SampleData, stage: number): WhyStageEvents | null {
    const trace = this.#of(document, pattern, sample);
    if (trace === null || stage < 0 || stage >= this.#stages.length) return null;
    const { taken, notTaken } = trace.ofStage(stage, STAGE_EVENTS);
    return { taken: taken.map(({ row }) => eventAt(sample.batch, row)), notTaken: notTaken.map(({ row }) => eventAt(sample.batch, row)) };
  }

  /** The events of a key around one of them. */
  key(document: JobDocument, pattern: number, sample: SampleData, position: number): WhyKey | null {
    const trace = this.#of(document, pattern, sample);
    const row = rowOf(sample, position);
    if (trace === null || row === -1) return null;
    const place = trace.placeInKey(row);
    const from = Math.max(0, place - (KEY_EVENTS - 1) / 2);
    const history = trace.ofKey(trace.ofEvent(row).key, from, KEY_EVENTS);
    if (history === null) return null;
    const rows = new Rows(sample);
    for (const { event } of history.steps) rows.add(event.row);
    return { ...history, from, events: rows.events };
  }
}

/** Where time stands after each stretch of the sample, and how much too late each event comes: as in runSample. */
export function timeOfSample(document: JobDocument, { batch }: SampleData): { readonly watermarks: Float64Array; readonly lateMs: Float64Array } {
  const grid = new WatermarkGrid(document.source?.rate ?? { kind: 'unlimited' });
  const lateMs = new Float64Array(batch.length).fill(-1);
  const watermarks: number[] = [];
  let newest = Number.NEGATIVE_INFINITY;
  let position = 0;
  let part = 0;
  for (let row = 0; row < batch.length; row++) {
    const time = batch.time[row] as number;
    const before = newest;
    const from = position;
    position = (batch.position[row] as number) + 1;
    const passed = newest - document.outOfOrdernessMs - 1;
    if (time <= passed) lateMs[row] = passed - time;
    else {
      if (time > newest) newest = time;
      part += 1;
    }
    if (part < PART_ROWS && !grid.follows(from, position, before, newest)) continue;
    part = 0;
    const watermark = newest - document.outOfOrdernessMs - 1;
    if (watermark > (watermarks.at(-1) ?? Number.NEGATIVE_INFINITY)) watermarks.push(watermark);
  }
  watermarks.push(WATERMARK_MAX);
  return { watermarks: Float64Array.from(watermarks), lateMs };
}

/** Row of the record at a position, -1 where it did not decode or is beyond the sample. */
function rowOf({ batch }: SampleData, position: number): number {
  let low = 0;
  let high = batch.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const at = batch.position[middle] as number;
    if (at === position) return middle;
    if (at < position) low = middle + 1; else high = middle - 1;
  }
  return -1;
}

class Rows {
  readonly events: Record<number, SampleEvent> = {};
  readonly #sample: SampleData;
  constructor(sample: SampleData) { this.#sample = sample; }
  add(row: number | undefined): void {
    if (row !== undefined && row >= 0) this.events[row] ??= eventAt(this.#sample.batch, row);
  }
  way(way: TracedWay, ...more: readonly (number | undefined)[]): void {
    for (const { row } of way.events) this.add(row);
    for (const row of more) this.add(row);
  }
}

