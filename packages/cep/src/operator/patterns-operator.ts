/**
 * PatternsOperator: all patterns of a job that have one key, on one subtask, over the same rows.
 *
 * Rows cross the keyed exchange once and are handed to a CepOperator for each pattern. Lines come pattern by pattern
 * within one call, in the order of the document.
 *
 * Always  a pattern's output is what it would be alone: patterns share rows and watermarks, and nothing else.
 *         The image holds the patterns' images side by side, named by pattern id. Restoring wants exactly the patterns
 *         that were imaged; another set is a fault that names the pattern.
 * Not here: matching (cep-operator.ts), which patterns have which key (patterns-by-key.ts).
 */
import { ByteReader, ByteWriter, type EventTime, JobFault } from '@tidemark/core';
import type { EventBatch } from '@tidemark/event';
import type { KeyedOperator, StageFigures } from '@tidemark/dataflow';
import type { ValidatedJob, ValidatedPattern } from '@tidemark/pattern';
import type { EmittedMatch } from '../partial-matches/emitted-match.ts';
import { type Limits, shareOf } from '../partial-matches/limits.ts';
import { CepOperator, type CepOperatorOptions } from './cep-operator.ts';
import type { KeyGroups } from './image.ts';

/** "TP", little-endian, and the version: no image of a single operator begins like this. */
const MAGIC = 0x5054;
const VERSION = 2;

export class PatternsOperator implements KeyedOperator {
  /** In the order of `patterns`. */
  readonly operators: readonly CepOperator[];
  readonly #ids: readonly string[];
  readonly #limits: Limits;

  /** `patterns`: indexes in the job. */
  constructor(job: ValidatedJob, patterns: readonly number[], output: (match: EmittedMatch) => void, options: Omit<CepOperatorOptions, 'pattern'> = {}) {
    this.#ids = patterns.map((pattern) => (job.patterns[pattern] as ValidatedPattern).graph.id);
    this.#limits = options.limits ?? job.document.limits;
    this.operators = patterns.map((pattern) => new CepOperator(job, output, { ...options, pattern }));
  }

  processBatch(batch: EventBatch, watermark?: EventTime): void {
    for (const operator of this.operators) operator.processBatch(batch, watermark);
    this.#checkLimits();
  }

  processWatermark(watermark: EventTime): void {
    for (const operator of this.operators) operator.processWatermark(watermark);
    this.#checkLimits();
  }

  /** Limits of the job hold for its patterns together; what one of them keeps alone it has looked at itself. */
  #checkLimits(): void {
    if (this.operators.length < 2) return;
    this.#check('partial-matches-per-job', this.#limits.partialMatchesPerJob, (operator) => operator.partialMatches);
    this.#check('state-bytes-per-job', this.#limits.stateBytesPerJob, (operator) => operator.bytesInUse);
  }

  #check(code: 'partial-matches-per-job' | 'state-bytes-per-job', limit: number, of: (operator: CepOperator) => number): void {
    const share = shareOf(limit, this.#limits);
    const isPassed = (): boolean => this.operators.reduce((sum, operator) => sum + of(operator), 0) > share;
    if (!isPassed()) return;
    for (const operator of this.operators) operator.makeRoom();
    if (isPassed()) throw this.operators.reduce((most, operator) => (of(operator) > of(most) ? operator : most)).limitFault(code);
  }

  snapshot(): Uint8Array {
    const writer = new ByteWriter(64 * 1024);
    writer.u16(MAGIC);
    writer.u16(VERSION);
    writer.u32(this.operators.length);
    this.operators.forEach((operator, index) => {
      writer.text(this.#ids[index] as string);
      writer.blob(operator.snapshot());
    });
    return writer.finish();
  }

  restore(images: readonly Uint8Array[], keyGroups: KeyGroups): void {
    const ofPatterns = images.map((image) => this.#open(image));
    this.operators.forEach((operator, index) => {
      const id = this.#ids[index] as string;
      operator.restore(ofPatterns.map((patterns) => patterns.get(id) as Uint8Array), keyGroups);
    });
  }

  /** The images of the patterns in an image of this operator. */
  #open(image: Uint8Array): ReadonlyMap<string, Uint8Array> {
    const reader = new ByteReader(image);
    const [magic, version] = [reader.u16(), reader.u16()];
    if (magic !== MAGIC || version !== VERSION) throw refused(null, 'The saved state was written in a form that this version does not read.');
    const patterns = new Map<string, Uint8Array>();
    for (let count = reader.u32(); count > 0; count -= 1) {
      const id = reader.text();
      if (!this.#ids.includes(id)) throw refused(id, `The saved state holds pattern ${id}, which the job does not have under this key.`);
      patterns.set(id, reader.blob());
    }
    for (const id of this.#ids) if (!patterns.has(id)) throw refused(id, `The saved state holds nothing of pattern ${id}.`);
    return patterns;
  }

  stageFigures(): readonly StageFigures[] {
    return this.operators.flatMap((operator) => operator.stageFigures());
  }
}

const refused = (patternId: string | null, message: string): JobFault => new JobFault(message, {
  domain: 'user', retry: 'no-retry', code: 'state-of-another-pattern', operatorId: patternId,
  remedy: 'Start the changed job as a new one, without the saved state.',
});
