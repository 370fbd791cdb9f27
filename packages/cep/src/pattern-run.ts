/**
 * PatternRun: all patterns of a job over one stream, in one thread, without checkpoints. For the test dock, `match`
 * and the cases.
 *
 * Always  the same operator as in a deployed job: what matches here matches there.
 */
import { type EventTime, WATERMARK_MAX } from '@tidemark/core';
import type { EventBatch } from '@tidemark/event';
import type { StageFigures } from '@tidemark/dataflow';
import type { ValidatedJob } from '@tidemark/pattern';
import { CepOperator, type CepOperatorOptions } from './operator/cep-operator.ts';
import type { EmittedMatch } from './partial-matches/emitted-match.ts';

export class PatternRun {
  readonly operators: readonly CepOperator[];

  constructor(job: ValidatedJob, output: (match: EmittedMatch) => void, options: Omit<CepOperatorOptions, 'pattern'> = {}) {
    this.operators = job.patterns.map((_, pattern) => new CepOperator(job, output, { ...options, pattern }));
  }

  /** Rows in order of arrival; rows at or before the last watermark are late. With `watermark`: push, then watermark. */
  push(batch: EventBatch, watermark?: EventTime): void {
    for (const operator of this.operators) operator.processBatch(batch, watermark);
  }

  watermark(watermark: EventTime): void {
    for (const operator of this.operators) operator.processWatermark(watermark);
  }

  /** No further rows: everything that time completes or ends, comes out. */
  end(): void {
    this.watermark(WATERMARK_MAX);
  }

  figures(): readonly StageFigures[] {
    return this.operators.flatMap((operator) => operator.stageFigures());
  }
}
