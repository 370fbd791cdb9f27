/**
 * Gate: the engine's output on a smaller instance equals the reference's, as multisets of matches, time-outs and late events.
 *
 * Always  both see the same rows and the same watermarks; then time runs to its end. An instance that gives nothing
 *         proves nothing and does not pass.
 * Not here: the reference itself (packages/cep/src/reference).
 */
import { type EventTime, WATERMARK_MAX } from '@tidemark/core';
import { CepOperator, type CepOperatorOptions, type EmittedMatch } from '@tidemark/cep';
import { EventBatch, fieldValue } from '@tidemark/event';
import type { ValidatedJob, ValidatedPattern } from '@tidemark/pattern';
import { type ReferenceRow, fromValidated } from '../../packages/cep/src/reference/from-validated.ts';
import { ReferenceOperator } from '../../packages/cep/src/reference/reference-operator.ts';
import { type EventStream, Feeder } from './stream.ts';

export interface GateResult {
  readonly name: string;
  readonly events: number;
  readonly matches: number;
  readonly timedOut: number;
  readonly late: number;
}

export interface GateOptions extends CepOperatorOptions {
  readonly rows?: number;
  /** Instead of a plain operator over pattern 0: whatever takes batches and gives out matches. */
  readonly engine?: (output: (match: EmittedMatch) => void) => { take(batch: EventBatch, watermark: EventTime | null): void; end(): void };
}

/** One output as text: kind, then positions by stage. */
function lineOf(kind: string, events: readonly (readonly [string, number])[]): string {
  return `${kind} ${events.map(([stage, position]) => `${stage}@${position}`).sort().join(' ')}`;
}

function engineLines(job: ValidatedJob, stream: EventStream, events: number, { rows = 64, engine, ...options }: GateOptions): string[] {
  const { stageNames } = job.patterns[options.pattern ?? 0] as ValidatedPattern;
  const lines: string[] = [];
  const output = (match: EmittedMatch): void => {
    lines.push(lineOf(match.kind, Array.from({ length: match.length }, (_, i) =>
      [match.kind === 'late' ? '' : stageNames[match.stageAt(i)] as string, match.events.positionOf(match.rowAt(i))] as const)));
  };
  let run: ReturnType<NonNullable<GateOptions['engine']>>;
  if (engine === undefined) {
    const operator = new CepOperator(job, output, options);
    run = {
      take: (batch, watermark) => (watermark === null ? operator.processBatch(batch) : operator.processBatch(batch, watermark)),
      end: () => operator.processWatermark(WATERMARK_MAX),
    };
  } else run = engine(output);
  new Feeder(stream, rows).feed(events, (batch, watermark) => run.take(batch, watermark));
  run.end();
  return lines;
}

function referenceLines(job: ValidatedJob, stream: EventStream, events: number, { rows = 64, pattern: index = 0, timedOut }: GateOptions): string[] {
  const pattern = job.patterns[index] as ValidatedPattern;
  // The reference reads rows of one batch that holds everything; the pieces are those that the engine gets.
  const all = new EventBatch(stream.schema, events, stream.dictionaries);
  stream.fill(all, 0, events); // oxlint-disable-line unicorn/no-array-fill-with-reference-type -- no array
  all.length = events;
  const { pattern: reference, graph } = fromValidated(pattern, all);
  const lines: string[] = [];
  const byStage = (match: ReadonlyMap<string, readonly ReferenceRow[]>): [string, number][] =>
    [...match].flatMap(([name, taken]) => taken.map(({ row }): [string, number] => [name, all.position[row] as number]));
  const operator = new ReferenceOperator<ReferenceRow>(reference, {
    match: (match) => lines.push(lineOf('match', byStage(match))),
    timeout: ({ match }) => { if (timedOut ?? pattern.output.timedOut) lines.push(lineOf('timed-out', byStage(match))); },
    late: ({ row }) => { if (pattern.output.late) lines.push(lineOf('late', [['', all.position[row] as number]])); },
  }, pattern.advanceEveryKey, graph);
  let row = 0;
  new Feeder(stream, rows).feed(events, (batch, watermark) => {
    for (const end = row + batch.length; row < end; row += 1) {
      const key = pattern.key.map((field) => String(fieldValue(all, field, row))).join('\u0000');
      operator.element(key, { ts: all.time[row] as number, seq: all.position[row] as number, row });
    }
    if (watermark !== null) operator.watermark(watermark);
  });
  operator.watermark(WATERMARK_MAX);
  return lines;
}

export function gate(name: string, job: ValidatedJob, stream: EventStream, events: number, options: GateOptions = {}): GateResult {
  const engine = engineLines(job, stream, events, options).sort();
  const reference = referenceLines(job, stream, events, options).sort();
  if (engine.length !== reference.length || engine.some((line, i) => line !== reference[i])) {
    const missing = reference.find((line, i) => engine[i] !== line) ?? '(nothing)';
    const wrong = engine.find((line, i) => reference[i] !== line) ?? '(nothing)';
    throw new Error(`gate ${name}: the engine gives ${engine.length} outputs, the reference ${reference.length}; first difference: ${wrong} against ${missing}`);
  }
  const count = (kind: string): number => reference.filter((line) => line.startsWith(`${kind} `)).length;
  if (reference.length === 0) throw new Error(`gate ${name}: no output, so nothing is proven`);
  return { name, events, matches: count('match'), timedOut: count('timed-out'), late: count('late') };
}
