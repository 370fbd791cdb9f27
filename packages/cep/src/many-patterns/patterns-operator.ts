/**
 * PatternsOperator: all patterns of a job that have one key, on one subtask, over the same rows.
 *
 * Rows cross the keyed exchange once. Where there are several small patterns they are kept in one store
 * (packed-patterns.ts); a pattern that is not small, or does not stay so, has a CepOperator of its own, and where many of
 * those name the texts that they want each is given only rows that may matter to it (row-router.ts).
 *
 * Always  a pattern's output is what it would be alone, in its order: patterns share rows and watermarks, and nothing
 *         else. Between patterns no order is promised.
 *         The image holds the patterns' images side by side, named by pattern id, whichever way they were kept. Restoring
 *         wants exactly the patterns that were imaged; another set is a fault that names the pattern.
 * Not here: matching (operator/cep-operator.ts), which patterns have which key (patterns-by-key.ts).
 */
import { ByteReader, ByteWriter, type EventTime, JobFault, WATERMARK_MIN } from '@tidemark/core';
import type { EventBatch } from '@tidemark/event';
import type { KeyedOperator, StageFigures } from '@tidemark/dataflow';
import type { ValidatedJob, ValidatedPattern } from '@tidemark/pattern';
import { compile } from '../compiler/compile.ts';
import { CepOperator, type CepOperatorOptions } from '../operator/cep-operator.ts';
import type { KeyGroups } from '../operator/image.ts';
import type { EmittedMatch } from '../partial-matches/emitted-match.ts';
import { type Limits, shareOf } from '../partial-matches/limits.ts';
import { PACKED_MAX, PackedPatterns, type Packable, packable } from './packed-patterns.ts';
import { RowRouter } from './row-router.ts';
import { SharedPredicates } from './shared-predicates.ts';

/** "TP", little-endian, and the version: no image of a single operator begins like this. */
const MAGIC = 0x5054;
const VERSION = 2;
/** Fewer patterns than this have operators of their own: they take rows by the batch. */
const PACKED_LEAST = 4;
/** With fewer patterns to be routed, each of them looks at all rows itself: that costs less than the index. */
const ROUTED_LEAST = 4;

type JobLimit = 'partial-matches-per-job' | 'state-bytes-per-job';

export class PatternsOperator implements KeyedOperator {
  readonly shared: SharedPredicates;
  readonly #job: ValidatedJob;
  /** Indexes in the job; their places in this list number patterns and operators here. */
  readonly #patterns: readonly number[];
  readonly #ids: readonly string[];
  readonly #output: (match: EmittedMatch) => void;
  readonly #options: Omit<CepOperatorOptions, 'pattern'>;
  readonly #limits: Limits;

  readonly #packed: PackedPatterns | null;
  /** Places of the patterns that began packed, in the order of their numbers there. */
  readonly #packedPlaces: readonly number[];
  /** Operators of patterns that are not packed, by place. */
  readonly #own = new Map<number, CepOperator>();
  #places: readonly number[] = [];

  /** Where many patterns name the texts that they want; null: every operator sees every row. */
  #router: RowRouter | null = null;
  /** Patterns with operators that are not routed. */
  #others: readonly number[] = [];
  readonly #isOther: Uint8Array;
  /** Patterns that wait for the next watermark, whether a row comes or not. */
  readonly #waiting = new Set<number>();
  #watermark: EventTime = WATERMARK_MIN;
  /** Operator that is next told of the watermark though nothing waits for it. */
  #turn = 0;
  #keyGroups: KeyGroups;
  /** What operators keep, and together (behind them the packed patterns): for the limits of the job. */
  readonly #kept: Float64Array;
  readonly #bytes: Float64Array;
  #keptSum = 0;
  #bytesSum = 0;

  /** `patterns`: indexes in the job. */
  constructor(job: ValidatedJob, patterns: readonly number[], output: (match: EmittedMatch) => void, options: Omit<CepOperatorOptions, 'pattern'> = {}) {
    this.#job = job;
    this.#patterns = patterns;
    this.#ids = patterns.map((pattern) => (job.patterns[pattern] as ValidatedPattern).graph.id);
    this.#output = output;
    this.#limits = options.limits ?? job.document.limits;
    this.#keyGroups = { start: 0, end: job.document.maxParallelism };
    this.shared = new SharedPredicates(job.schema);
    this.#options = patterns.length > 1 ? { ...options, shared: this.shared } : options;
    this.#isOther = new Uint8Array(patterns.length);
    this.#kept = new Float64Array(patterns.length + 1);
    this.#bytes = new Float64Array(patterns.length + 1);

    const small = patterns.length < PACKED_LEAST ? [] : this.#packables();
    const isPacked = small.length >= PACKED_LEAST;
    this.#packedPlaces = isPacked ? small.map(({ pattern }) => patterns.indexOf(pattern)) : [];
    this.#packed = isPacked ? new PackedPatterns(job, small, output, { limits: this.#limits, keepAllFields: options.keepAllFields ?? true }) : null;
    const packed = new Set(this.#packedPlaces);
    patterns.forEach((_, place) => { if (!packed.has(place)) this.#makeOwn(place); });
    this.#makeRouter();
  }

  /** Patterns that may be kept together. A strategy that is forced, or sets of matches, are for operators of their own. */
  #packables(): readonly Packable[] {
    const { strategy = 'auto', timedOut = false, everyKey, matchSets } = this.#options;
    if (strategy !== 'auto' || timedOut || everyKey !== undefined || matchSets !== undefined) return [];
    return this.#patterns.flatMap((pattern): Packable[] => {
      const validated = this.#job.patterns[pattern] as ValidatedPattern;
      const automaton = compile(validated, this.#job.schema);
      return packable(validated, automaton) ? [{ pattern, automaton }] : [];
    }).slice(0, PACKED_MAX);
  }

  #makeOwn(place: number): CepOperator {
    const operator = new CepOperator(this.#job, this.#output, { ...this.#options, pattern: this.#patterns[place] as number });
    this.#own.set(place, operator);
    this.#places = [...this.#own.keys()].sort((a, b) => a - b);
    return operator;
  }

  /** Operators of patterns that are not packed, in the order of `patterns`. */
  get operators(): readonly CepOperator[] {
    return this.#places.map((place) => this.#own.get(place) as CepOperator);
  }

  /** Bytes of arenas in use, of all patterns. */
  get bytesInUse(): number { return this.#bytesSum; }

  /** How many patterns are kept together. */
  get packed(): number { return this.#patterns.length - this.#own.size; }

  /** How many patterns with operators are given only rows that may matter to them. */
  get routed(): number {
    return this.#router === null ? 0 : this.#own.size - this.#others.length;
  }

  #makeRouter(): void {
    this.#router = null;
    if (this.#own.size < ROUTED_LEAST) return;
    const routes = this.#patterns.map((_, place) => this.#own.get(place)?.routes ?? null);
    const others = this.#places.filter((place) => routes[place] === null);
    if (this.#own.size - others.length < ROUTED_LEAST) return;
    this.#router = new RowRouter(routes);
    this.#others = others;
    this.#isOther.fill(0);
    for (const place of others) this.#isOther[place] = 1;
  }

  processBatch(batch: EventBatch, watermark?: EventTime): void {
    const before = this.#watermark;
    if (watermark !== undefined && watermark > before) this.#watermark = watermark;
    if (this.#packed !== null) this.#givePacked((packed) => packed.processBatch(batch, watermark));
    this.shared.begin(batch);
    if (this.#router === null) {
      for (const place of this.#places) this.#give(place, (operator) => operator.processBatch(batch, watermark));
    } else if (!isAfter(batch, Math.max(before, 0))) this.#giveToAll(batch, before, watermark);
    else this.#giveRouted(this.#router, batch, before, watermark);
    this.shared.end();
    if (this.#packed !== null) this.#moveOut(this.#packed);
    this.#checkLimits();
  }

  #giveRouted(router: RowRouter, batch: EventBatch, before: EventTime, watermark: EventTime | undefined): void {
    const touched = router.route(batch, batch.length);
    const turns = [...new Set([...touched, ...this.#others, ...(watermark === undefined ? [] : this.#waiting)])].sort((a, b) => a - b);
    let next = 0;
    for (const place of turns) {
      const hasRows = touched[next] === place;
      if (hasRows) next += 1;
      this.#give(place, (operator) => {
        if (hasRows) {
          operator.catchUp(before);
          operator.processSome(batch, router.rowsOf(place), watermark);
        } else if (this.#isOther[place] === 1) operator.processBatch(batch, watermark);
        else if (watermark !== undefined) operator.processWatermark(watermark);
      });
    }
    if (watermark !== undefined) this.#tellOne();
  }

  /** Rows that are late, or whose time is none that a window starts at: every operator looks at all of them. */
  #giveToAll(batch: EventBatch, before: EventTime, watermark: EventTime | undefined): void {
    for (const place of this.#places) {
      this.#give(place, (operator) => {
        operator.catchUp(before);
        operator.processBatch(batch, watermark);
      });
    }
    // A row at time 0 or before changes for good what a pattern must see.
    if (this.#places.some((place) => this.#isOther[place] === 0 && this.#own.get(place)?.passesOver === false)) this.#router = null;
  }

  processWatermark(watermark: EventTime): void {
    if (watermark > this.#watermark) this.#watermark = watermark;
    if (this.#packed !== null) {
      this.#givePacked((packed) => packed.processWatermark(watermark));
      this.#moveOut(this.#packed);
    }
    const turns = this.#router === null ? this.#places : [...this.#waiting].sort((a, b) => a - b);
    for (const place of turns) this.#give(place, (operator) => operator.processWatermark(watermark));
    if (this.#router !== null) this.#tellOne();
    this.#checkLimits();
  }

  /** Lets go, operator by operator in turns, of runs that are overdue where no row comes any more. */
  #tellOne(): void {
    this.#turn = (this.#turn + 1) % this.#places.length;
    this.#give(this.#places[this.#turn] as number, (operator) => {
      operator.catchUp(this.#watermark);
      operator.endOverdue();
    });
  }

  /** Patterns that are small no longer get operators of their own, with what was kept of them. */
  #moveOut(packed: PackedPatterns): void {
    const crowded = packed.takeCrowded();
    if (crowded.length === 0) return;
    for (const { pattern, image } of crowded) {
      const place = this.#patterns.indexOf(pattern);
      this.#makeOwn(place).restore([image], this.#keyGroups);
      this.#give(place, () => undefined);
    }
    this.#givePacked(() => undefined);
    this.#makeRouter();
  }

  #give(place: number, work: (operator: CepOperator) => void): void {
    const operator = this.#own.get(place) as CepOperator;
    work(operator);
    this.#noteKept(place, operator);
    if (operator.isWaiting) this.#waiting.add(place);
    else this.#waiting.delete(place);
  }

  #givePacked(work: (packed: PackedPatterns) => void): void {
    const packed = this.#packed as PackedPatterns;
    work(packed);
    this.#noteKept(this.#patterns.length, packed);
  }

  #noteKept(at: number, { partialMatches, bytesInUse }: { readonly partialMatches: number; readonly bytesInUse: number }): void {
    this.#keptSum += partialMatches - (this.#kept[at] as number);
    this.#kept[at] = partialMatches;
    this.#bytesSum += bytesInUse - (this.#bytes[at] as number);
    this.#bytes[at] = bytesInUse;
  }

  /** Tells every operator of the watermark. */
  #tellAll(): void {
    if (this.#router === null) return;
    for (const place of this.#places) this.#give(place, (operator) => operator.catchUp(this.#watermark));
  }

  /** Limits of the job hold for its patterns together; what an operator keeps alone it has looked at itself. */
  #checkLimits(): void {
    if (this.#patterns.length < 2) return;
    const most = shareOf(this.#limits.partialMatchesPerJob, this.#limits);
    if (this.#keptSum > most) this.#makeRoom('partial-matches-per-job', () => this.#keptSum > most, this.#kept);
    const bytes = shareOf(this.#limits.stateBytesPerJob, this.#limits);
    if (this.#bytesSum > bytes) this.#makeRoom('state-bytes-per-job', () => this.#bytesSum > bytes, this.#bytes);
  }

  #makeRoom(code: JobLimit, isPassed: () => boolean, of: Float64Array): void {
    if (this.#packed !== null) this.#givePacked((packed) => packed.makeRoom());
    for (const place of this.#places) {
      this.#give(place, (operator) => {
        operator.catchUp(this.#watermark);
        operator.makeRoom();
      });
    }
    if (!isPassed()) return;
    const most = of.indexOf(Math.max(...of));
    throw (this.#own.get(most) ?? (this.#packed as PackedPatterns)).limitFault(code);
  }

  snapshot(): Uint8Array {
    this.#tellAll();
    const images = new Map<number, Uint8Array>();
    for (const [packed, image] of this.#packed?.images() ?? []) images.set(this.#packedPlaces[packed] as number, image);
    for (const [place, operator] of this.#own) images.set(place, operator.snapshot());
    const writer = new ByteWriter(64 * 1024);
    writer.u16(MAGIC);
    writer.u16(VERSION);
    writer.u32(this.#ids.length);
    this.#ids.forEach((id, place) => {
      writer.text(id);
      writer.blob(images.get(place) as Uint8Array);
    });
    return writer.finish();
  }

  restore(images: readonly Uint8Array[], keyGroups: KeyGroups): void {
    this.#keyGroups = keyGroups;
    const ofPatterns = images.map((image) => this.#open(image));
    const of = (place: number): Uint8Array[] => ofPatterns.map((patterns) => patterns.get(this.#ids[place] as string) as Uint8Array);
    this.#packedPlaces.forEach((place, packed) => this.#packed?.restore(packed, of(place), keyGroups));
    let watermark = this.#packed?.watermark ?? null;
    for (const place of this.#places) {
      this.#give(place, (operator) => operator.restore(of(place), keyGroups));
      const own = (this.#own.get(place) as CepOperator).watermark;
      if (watermark === null || own < watermark) watermark = own;
    }
    this.#watermark = watermark ?? WATERMARK_MIN;
    if (this.#packed !== null) {
      this.#givePacked(() => undefined);
      this.#moveOut(this.#packed);
    }
    this.#makeRouter();
  }

  /** The images of the patterns in an image of this operator. */
  #open(image: Uint8Array): ReadonlyMap<string, Uint8Array> {
    const reader = new ByteReader(image);
    const [magic, version] = [reader.u16(), reader.u16()];
    if (magic !== MAGIC || version !== VERSION) throw refused(null, 'The saved state was written in a form that this version does not read.');
    const known = new Set(this.#ids);
    const patterns = new Map<string, Uint8Array>();
    for (let count = reader.u32(); count > 0; count -= 1) {
      const id = reader.text();
      if (!known.has(id)) throw refused(id, `The saved state holds pattern ${id}, which the job does not have under this key.`);
      patterns.set(id, reader.blob());
    }
    for (const id of this.#ids) if (!patterns.has(id)) throw refused(id, `The saved state holds nothing of pattern ${id}.`);
    return patterns;
  }

  stageFigures(): readonly StageFigures[] {
    this.#tellAll();
    const figures = new Map<number, StageFigures>();
    for (const [packed, of] of this.#packed?.figures() ?? []) figures.set(this.#packedPlaces[packed] as number, of);
    for (const [place, operator] of this.#own) figures.set(place, operator.stageFigures()[0] as StageFigures);
    return this.#ids.map((_, place) => figures.get(place) as StageFigures);
  }

  /** Whether matches of one event may have come in another order than Flink's, though as the same multiset. */
  get hasOwnOrder(): boolean {
    return [...this.#own.values()].some(({ matcher }) => matcher.hasOwnOrder);
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
