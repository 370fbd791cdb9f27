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
import { ByteReader, ByteWriter, type EventTime, JobFault, WATERMARK_MIN } from '@tidemark/core';
import type { EventBatch } from '@tidemark/event';
import type { KeyedOperator, StageFigures } from '@tidemark/dataflow';
import type { ValidatedJob, ValidatedPattern } from '@tidemark/pattern';
import type { EmittedMatch } from '../partial-matches/emitted-match.ts';
import { type Limits, shareOf } from '../partial-matches/limits.ts';
import { CepOperator, type CepOperatorOptions } from './cep-operator.ts';
import type { KeyGroups } from './image.ts';
import { SharedPredicates } from '../automaton/shared-predicates.ts';
import { RowRouter } from './row-router.ts';

/** "TP", little-endian, and the version: no image of a single operator begins like this. */
const MAGIC = 0x5054;
const VERSION = 2;
/** With fewer patterns to be routed, each of them looks at all rows itself: that costs less than the index. */
const ROUTED_LEAST = 4;

export class PatternsOperator implements KeyedOperator {
  /** In the order of `patterns`. */
  readonly operators: readonly CepOperator[];
  readonly shared: SharedPredicates;
  readonly #ids: readonly string[];
  readonly #limits: Limits;

  /** Where many patterns name the texts that they want; null: every pattern sees every row. */
  #router: RowRouter | null = null;
  /** Patterns that are not routed. */
  #others: readonly number[] = [];
  readonly #isOther: Uint8Array;
  /** Patterns that wait for the next watermark, whether a row comes or not. */
  readonly #waiting = new Set<number>();
  #watermark: EventTime = WATERMARK_MIN;
  /** Pattern that is next told of the watermark though nothing waits for it. */
  #turn = 0;
  /** What patterns keep, and together: for the limits of the job. */
  readonly #kept: Float64Array;
  readonly #bytes: Float64Array;
  #keptSum = 0;
  #bytesSum = 0;

  /** `patterns`: indexes in the job. */
  constructor(job: ValidatedJob, patterns: readonly number[], output: (match: EmittedMatch) => void, options: Omit<CepOperatorOptions, 'pattern'> = {}) {
    this.#ids = patterns.map((pattern) => (job.patterns[pattern] as ValidatedPattern).graph.id);
    this.#limits = options.limits ?? job.document.limits;
    this.shared = new SharedPredicates(job.schema);
    const shared = patterns.length > 1 ? { shared: this.shared } : {};
    this.operators = patterns.map((pattern) => new CepOperator(job, output, { ...options, ...shared, pattern }));
    this.#isOther = new Uint8Array(this.operators.length);
    this.#kept = new Float64Array(this.operators.length);
    this.#bytes = new Float64Array(this.operators.length);
    this.#makeRouter();
  }

  /** How many patterns are given only rows that may matter to them. */
  get routed(): number {
    return this.#router === null ? 0 : this.operators.length - this.#others.length;
  }

  #makeRouter(): void {
    this.#router = null;
    if (this.operators.length < ROUTED_LEAST) return;
    const routes = this.operators.map((operator) => operator.routes);
    const others = routes.flatMap((route, index) => (route === null ? [index] : []));
    if (this.operators.length - others.length < ROUTED_LEAST) return;
    this.#router = new RowRouter(routes);
    this.#others = others;
    this.#isOther.fill(0);
    for (const index of others) this.#isOther[index] = 1;
  }

  processBatch(batch: EventBatch, watermark?: EventTime): void {
    const router = this.#router;
    const before = this.#watermark;
    if (watermark !== undefined && watermark > before) this.#watermark = watermark;
    this.shared.begin(batch);
    if (router === null) {
      for (let index = 0; index < this.operators.length; index += 1) this.#give(index, (operator) => operator.processBatch(batch, watermark));
    } else if (!isAfter(batch, Math.max(before, 0))) this.#giveToAll(batch, before, watermark);
    else {
      const touched = router.route(batch, batch.length);
      const turns = [...new Set([...touched, ...this.#others, ...(watermark === undefined ? [] : this.#waiting)])].sort((a, b) => a - b);
      let next = 0;
      for (const index of turns) {
        const hasRows = touched[next] === index;
        if (hasRows) next += 1;
        this.#give(index, (operator) => {
          if (hasRows) {
            operator.catchUp(before);
            operator.processSome(batch, router.rowsOf(index), watermark);
          } else if (this.#isOther[index] === 1) operator.processBatch(batch, watermark);
          else if (watermark !== undefined) operator.processWatermark(watermark);
        });
      }
      if (watermark !== undefined) this.#tellOne();
    }
    this.shared.end();
    this.#checkLimits();
  }

  /** Rows that are late, or whose time is none that a window starts at: every pattern looks at all of them. */
  #giveToAll(batch: EventBatch, before: EventTime, watermark: EventTime | undefined): void {
    for (let index = 0; index < this.operators.length; index += 1) {
      this.#give(index, (operator) => {
        operator.catchUp(before);
        operator.processBatch(batch, watermark);
      });
    }
    // A row at time 0 or before changes for good what a pattern must see.
    if (this.operators.some((operator, index) => this.#isOther[index] === 0 && !operator.passesOver)) this.#router = null;
  }

  processWatermark(watermark: EventTime): void {
    if (watermark > this.#watermark) this.#watermark = watermark;
    const turns = this.#router === null ? this.operators.keys() : [...this.#waiting].sort((a, b) => a - b);
    for (const index of turns) this.#give(index, (operator) => operator.processWatermark(watermark));
    if (this.#router !== null) this.#tellOne();
    this.#checkLimits();
  }

  /** Lets go, pattern by pattern in turns, of runs that are overdue where no row comes any more. */
  #tellOne(): void {
    this.#turn = (this.#turn + 1) % this.operators.length;
    this.#give(this.#turn, (operator) => {
      operator.catchUp(this.#watermark);
      operator.endOverdue();
    });
  }

  #give(index: number, work: (operator: CepOperator) => void): void {
    const operator = this.operators[index] as CepOperator;
    work(operator);
    const { partialMatches, bytesInUse } = operator;
    this.#keptSum += partialMatches - (this.#kept[index] as number);
    this.#kept[index] = partialMatches;
    this.#bytesSum += bytesInUse - (this.#bytes[index] as number);
    this.#bytes[index] = bytesInUse;
    if (operator.isWaiting) this.#waiting.add(index);
    else this.#waiting.delete(index);
  }

  /** Tells every pattern of the watermark. */
  #tellAll(): void {
    if (this.#router === null) return;
    for (let index = 0; index < this.operators.length; index += 1) this.#give(index, (operator) => operator.catchUp(this.#watermark));
  }

  /** Limits of the job hold for its patterns together; what one of them keeps alone it has looked at itself. */
  #checkLimits(): void {
    if (this.operators.length < 2) return;
    if (this.#keptSum > shareOf(this.#limits.partialMatchesPerJob, this.#limits)) this.#makeRoom('partial-matches-per-job', () => this.#keptSum > shareOf(this.#limits.partialMatchesPerJob, this.#limits), this.#kept);
    if (this.#bytesSum > shareOf(this.#limits.stateBytesPerJob, this.#limits)) this.#makeRoom('state-bytes-per-job', () => this.#bytesSum > shareOf(this.#limits.stateBytesPerJob, this.#limits), this.#bytes);
  }

  #makeRoom(code: 'partial-matches-per-job' | 'state-bytes-per-job', isPassed: () => boolean, of: Float64Array): void {
    for (let index = 0; index < this.operators.length; index += 1) {
      this.#give(index, (operator) => {
        operator.catchUp(this.#watermark);
        operator.makeRoom();
      });
    }
    if (!isPassed()) return;
    let most = 0;
    of.forEach((amount, index) => { if (amount > (of[most] as number)) most = index; });
    throw (this.operators[most] as CepOperator).limitFault(code);
  }

  snapshot(): Uint8Array {
    this.#tellAll();
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
      this.#give(index, () => undefined);
    });
    this.#watermark = this.operators.reduce((least, { watermark }) => (watermark < least ? watermark : least), (this.operators[0] as CepOperator).watermark);
    this.#makeRouter();
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
    this.#tellAll();
    return this.operators.flatMap((operator) => operator.stageFigures());
  }
}

/** Whether all rows of a batch are later than `time`. */
function isAfter({ time, length }: EventBatch, after: number): boolean {
  for (let row = 0; row < length; row += 1) if ((time[row] as number) <= after) return false;
  return true;
}

const refused = (patternId: string | null, message: string): JobFault => new JobFault(message, {
  domain: 'user', retry: 'no-retry', code: 'state-of-another-pattern', operatorId: patternId,
  remedy: 'Start the changed job as a new one, without the saved state.',
});
