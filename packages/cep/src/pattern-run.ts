/**
 * PatternRun: all patterns of a job over one stream, in one thread, without checkpoints. For the test dock, `match`
 * and the cases.
 *
 * Always  the same operators as in a deployed job, fed as its keyed exchanges feed them: what matches here matches there.
 */
import { type EventTime, WATERMARK_MAX } from '@tidemark/core';
import { BatchDecoder, BatchEncoder, type EventBatch } from '@tidemark/event';
import type { StageFigures } from '@tidemark/dataflow';
import type { ValidatedJob } from '@tidemark/pattern';
import type { CepOperatorOptions } from './operator/cep-operator.ts';
import { type PatternsOfKey, hasKey, patternsByKey } from './many-patterns/patterns-by-key.ts';
import { PatternsOperator } from './many-patterns/patterns-operator.ts';
import type { EmittedMatch } from './partial-matches/emitted-match.ts';

interface Exchange extends PatternsOfKey {
  readonly operator: PatternsOperator;
  /** Whether a row may lack a field of the key. */
  readonly partial: boolean;
  readonly encoder: BatchEncoder;
  readonly decoder: BatchDecoder;
}

export class PatternRun {
  readonly #exchanges: readonly Exchange[];
  #rows = new Int32Array(1024);

  constructor(job: ValidatedJob, output: (match: EmittedMatch) => void, options: Omit<CepOperatorOptions, 'pattern'> = {}) {
    const groups = patternsByKey(job);
    this.#exchanges = groups.map((group) => ({
      ...group, operator: new PatternsOperator(job, group.patterns, output, options),
      partial: groups.length > 1 && group.key.some((field) => job.schema.fields[field]?.optional === true),
      encoder: new BatchEncoder(job.schema), decoder: new BatchDecoder(job.schema),
    }));
  }

  /** Rows in order of arrival; rows at or before the last watermark are late. With `watermark`: push, then watermark. */
  push(batch: EventBatch, watermark?: EventTime): void {
    for (const exchange of this.#exchanges) {
      const rows = exchange.partial ? this.#withKey(exchange, batch) : batch;
      exchange.operator.processBatch(rows, watermark);
    }
  }

  /** The rows of the batch that have the exchange's key. */
  #withKey({ key, encoder, decoder }: Exchange, batch: EventBatch): EventBatch {
    if (this.#rows.length < batch.length) this.#rows = new Int32Array(batch.length * 2);
    let count = 0;
    for (let row = 0; row < batch.length; row += 1) if (hasKey(batch, row, key)) this.#rows[count++] = row;
    return count === batch.length ? batch : decoder.decode(encoder.encode(batch, this.#rows, count));
  }

  watermark(watermark: EventTime): void {
    for (const { operator } of this.#exchanges) operator.processWatermark(watermark);
  }

  /** No further rows: everything that time completes or ends, comes out. */
  end(): void {
    this.watermark(WATERMARK_MAX);
  }

  /** In the order of the job's patterns. */
  figures(): readonly StageFigures[] {
    const figures: StageFigures[] = [];
    for (const { patterns, operator } of this.#exchanges) operator.stageFigures().forEach((of, index) => { figures[patterns[index] as number] = of; });
    return figures;
  }

  /** Whether matches of one event may have come in another order than Flink's, though as the same multiset. */
  get hasOwnOrder(): boolean {
    return this.#exchanges.some(({ operator }) => operator.hasOwnOrder);
  }
}
