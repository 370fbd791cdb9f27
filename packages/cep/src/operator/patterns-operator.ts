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
import { CepOperator, type CepOperatorOptions } from './cep-operator.ts';
import type { KeyGroups } from './image.ts';

/** "TP", little-endian, and the version: no image of a single operator begins like this. */
const MAGIC = 0x5054;
const VERSION = 1;

export class PatternsOperator implements KeyedOperator {
  /** In the order of `patterns`. */
  readonly operators: readonly CepOperator[];
  readonly #ids: readonly string[];
  /** Matches by pattern, as `operators`. State, like the lines that they became. */
  readonly #matches: Float64Array;

  /** `patterns`: indexes in the job. */
  constructor(job: ValidatedJob, patterns: readonly number[], output: (match: EmittedMatch) => void, options: Omit<CepOperatorOptions, 'pattern'> = {}) {
    this.#ids = patterns.map((pattern) => (job.patterns[pattern] as ValidatedPattern).graph.id);
    this.#matches = new Float64Array(patterns.length);
    this.operators = patterns.map((pattern, index) => new CepOperator(job, (match) => {
      if (match.kind === 'match') this.#matches[index] = (this.#matches[index] as number) + 1;
      output(match);
    }, { ...options, pattern }));
  }

  processBatch(batch: EventBatch, watermark?: EventTime): void {
    for (const operator of this.operators) operator.processBatch(batch, watermark);
  }

  processWatermark(watermark: EventTime): void {
    for (const operator of this.operators) operator.processWatermark(watermark);
  }

  snapshot(): Uint8Array {
    const writer = new ByteWriter(64 * 1024);
    writer.u16(MAGIC);
    writer.u16(VERSION);
    writer.u32(this.operators.length);
    this.operators.forEach((operator, index) => {
      writer.text(this.#ids[index] as string);
      writer.f64(this.#matches[index] as number);
      writer.blob(operator.snapshot());
    });
    return writer.finish();
  }

  restore(images: readonly Uint8Array[], keyGroups: KeyGroups): void {
    const ofPatterns = images.map((image) => this.#open(image));
    this.operators.forEach((operator, index) => {
      const id = this.#ids[index] as string;
      operator.restore(ofPatterns.map((patterns) => (patterns.get(id) as PatternImage).image), keyGroups);
      this.#matches[index] = ofPatterns.reduce((sum, patterns) => sum + (patterns.get(id) as PatternImage).matches, 0);
    });
  }

  /** The images of the patterns in an image of this operator. */
  #open(image: Uint8Array): ReadonlyMap<string, PatternImage> {
    const reader = new ByteReader(image);
    const [magic, version] = [reader.u16(), reader.u16()];
    if (magic !== MAGIC || version !== VERSION) throw refused(null, 'The saved state was written in a form that this version does not read.');
    const patterns = new Map<string, PatternImage>();
    for (let count = reader.u32(); count > 0; count -= 1) {
      const id = reader.text();
      if (!this.#ids.includes(id)) throw refused(id, `The saved state holds pattern ${id}, which the job does not have under this key.`);
      patterns.set(id, { matches: reader.f64(), image: reader.blob() });
    }
    for (const id of this.#ids) if (!patterns.has(id)) throw refused(id, `The saved state holds nothing of pattern ${id}.`);
    return patterns;
  }

  stageFigures(): readonly StageFigures[] {
    return this.operators.flatMap((operator, index) => operator.stageFigures().map((figures) => ({ ...figures, matches: this.#matches[index] as number })));
  }
}

interface PatternImage { readonly matches: number; readonly image: Uint8Array }

const refused = (patternId: string | null, message: string): JobFault => new JobFault(message, {
  domain: 'user', retry: 'no-retry', code: 'state-of-another-pattern', operatorId: patternId,
  remedy: 'Start the changed job as a new one, without the saved state.',
});
