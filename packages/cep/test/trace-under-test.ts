/** For tests: a stream through the operator and through a trace, each as sorted lines of what came out. */
import { type EventTime, JobFault } from '@tidemark/core';
import { EventBatch, appendObject } from '@tidemark/event';
import type { ValidatedJob } from '@tidemark/pattern';
import { CepOperator, type CepOperatorOptions } from '../src/operator/cep-operator.ts';
import { Trace, type TraceOptions } from '../src/trace/trace.ts';
import { wayOf } from '../src/trace/traced-runs.ts';
import type { StageFigures } from '@tidemark/dataflow';

export interface TracedStream {
  readonly job: ValidatedJob;
  readonly events: readonly (Readonly<Record<string, unknown>> & { readonly ts: number })[];
  /** Watermark after each event, null = none. Never falls. */
  readonly watermarks: readonly (EventTime | null)[];
}

export function batchOf(job: ValidatedJob, events: TracedStream['events']): EventBatch {
  const batch = new EventBatch(job.schema, Math.max(1, events.length));
  events.forEach((event, index) => appendObject(batch, event, event.ts, index));
  return batch;
}

export function traceOf({ job, events, watermarks }: TracedStream, options: TraceOptions = {}): Trace {
  const rising: number[] = [];
  const lateMs = new Float64Array(events.length).fill(-1);
  events.forEach(({ ts }, index) => {
    const before = rising.at(-1) ?? Number.NEGATIVE_INFINITY;
    if (ts <= before) lateMs[index] = before - ts;
    const watermark = watermarks[index] ?? null;
    if (watermark !== null && watermark > before) rising.push(watermark);
  });
  return new Trace(job, batchOf(job, events), { watermarks: Float64Array.from(rising), lateMs, ...options });
}

/** What a trace gives: `kind end rows by stage`, sorted. */
export function tracedLines(stream: TracedStream, options: TraceOptions = {}): { lines: string[]; trace: Trace } {
  const lines: string[] = [];
  const trace = traceOf(stream, {
    ...options,
    onMatch: (kind, _key, match) => lines.push(`${kind} ${match.end} ${match.row === -1 ? '-' : match.row} ${wayOf(match.node).map(({ stage, row }) => `${stage}:${row}`).join(' ')}`),
  });
  return { lines: lines.sort(), trace };
}

export function operatorLines({ job, events, watermarks }: TracedStream, options: CepOperatorOptions = {}): { lines: string[]; fault: JobFault | null; late: number; figures: StageFigures | null } {
  const lines: string[] = [];
  const operator = new CepOperator(job, (match) => {
    if (match.kind === 'late') return;
    const way = Array.from({ length: match.length }, (_, i) => `${match.stageAt(i)}:${match.events.positionOf(match.rowAt(i))}`);
    lines.push(`${match.kind} ${match.end} ${match.completedBy === null ? '-' : match.completedBy.position} ${way.join(' ')}`);
  }, { timedOut: true, ...options });
  const batch = new EventBatch(job.schema, 1);
  let fault: JobFault | null = null;
  try {
    events.forEach((event, index) => {
      appendObject(batch, event, event.ts, index);
      operator.processBatch(batch);
      batch.clear();
      const watermark = watermarks[index] ?? null;
      if (watermark !== null) operator.processWatermark(watermark);
    });
  } catch (error) {
    if (!(error instanceof JobFault)) throw error;
    fault = error;
  }
  return { lines: lines.sort(), fault, late: operator.late, figures: fault === null ? (operator.stageFigures()[0] ?? null) : null };
}
