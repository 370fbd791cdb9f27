/**
 * Packed patterns: many small patterns of one key over the same rows, in one store.
 *
 * A row is looked up by its texts once for all of them; what it means to a pattern are the predicates that hold. Rows,
 * keys, taken events, watermark and rows that wait are shared; runs are cells of one table (packed-matcher.ts).
 *
 * Always  each pattern gives what an operator of its own gives, in its order; between patterns lines come row by row.
 *         A pattern's image is that of an operator of its own, so it can move out (takeCrowded) and back (restore).
 *         Only patterns that `packable` says yes to.
 * Not here: patterns that are not packable, limits of the job over all patterns (patterns-operator.ts).
 */
import { type CheckedCondition, CostExceeded, EVALUATION_BUDGET, errorAt, partsBeside, requiredTexts } from '@tidemark/condition';
import { type EventTime, type JobFault, WATERMARK_MIN } from '@tidemark/core';
import type { StageFigures } from '@tidemark/dataflow';
import type { EventBatch } from '@tidemark/event';
import type { ValidatedJob, ValidatedPattern } from '@tidemark/pattern';
import type { Automaton } from '../automaton/automaton.ts';
import { EVENT_BUDGET } from '../automaton/classifier.ts';
import { PatternShape } from '../automaton/pattern-shape.ts';
import { compile } from '../compiler/compile.ts';
import { heldFields, keptFields } from '../operator/fields.ts';
import { HeldRowsQueue } from '../operator/held-rows-queue.ts';
import { type ImageParts, type KeyGroups, type WaitingRows, readImage, writeImage } from '../operator/image.ts';
import { KeyTable } from '../operator/key-table.ts';
import type { LaidOutRows } from '../operator/laid-out-rows.ts';
import { PreparedRows, type ReadyRows } from '../operator/prepared-rows.ts';
import { RowOrder } from '../operator/row-order.ts';
import { conditionFault } from '../partial-matches/condition-fault.ts';
import { type EmittedMatch, MatchView } from '../partial-matches/emitted-match.ts';
import { type Limits, limitFault } from '../partial-matches/limits.ts';
import { RetainedEvents } from '../partial-matches/retained-events.ts';
import { TimerRing } from '../partial-matches/timer-ring.ts';
import { EventTests, NO_TEST, isSimple } from './event-tests.ts';
import { ABSENT, type FieldGroup, OUT } from './field-group.ts';
import { PackedMatcher, type PackedPattern, isPackable } from './packed-matcher.ts';
import { PackedRuns } from './packed-runs.ts';
import { MOVED_OUT, type PatternTable, TABLE_DOUBT, TABLE_INTS, TABLE_MASK, TABLE_ROWS, TABLE_SHAPE } from './pattern-table.ts';
import { TextIndex } from './text-index.ts';

/** A pattern that can be packed: its index in the job, and what it was compiled to. */
export interface Packable {
  readonly pattern: number;
  readonly automaton: Automaton;
}

/** Whether a pattern can be kept among others: its rows are found by texts, and an event that none of its conditions holds for means nothing to it. */
export function packable(pattern: ValidatedPattern, automaton: Automaton): boolean {
  return pattern.tieBreak.length === 0 && isPackable(automaton, pattern.output.timedOut)
    && automaton.predicates.length > 0 && automaton.predicates.every(({ condition }) => requiredTexts(condition).length > 0)
    && new PatternShape(automaton).flagsOf(0) === 0;
}

/** Predicates of a pattern are numbered with so many bits. */
const PREDICATE_BITS = 3;
/** Marks the end of a list of meanings. */
const LAST = 1;
const PREDICATE_MASK = (1 << PREDICATE_BITS) - 1;
/** More cannot be told apart where rows that wait belong to one pattern alone. */
export const PACKED_MAX = 65_534;
/** Cells that are looked through for overdue runs at every watermark, and for each event that was taken since the last one. */
const SWEPT_LEAST = 64;
const SWEPT_FOR_EVENT = 2;
const KEYS_KEPT = 65_536;
const TEXTS_KEPT = 65_536;
/** A pattern that takes more than one in so many rows is better off with an operator of its own, which takes them by the batch. */
const HOT = 8;
/** Rows after which that is looked at. */
const WATCHED_ROWS = 65_536;

export class PackedPatterns {
  readonly #job: ValidatedJob;
  readonly #patterns: readonly PackedPattern[];
  readonly #output: (match: EmittedMatch) => void;
  readonly #limits: Limits;
  readonly #events: RetainedEvents;
  readonly #keys: KeyTable;
  readonly #prepared: PreparedRows;
  readonly #held: HeldRowsQueue;
  readonly #matcher: PackedMatcher;
  readonly #tests: EventTests;
  readonly #lateView: MatchView;
  /** Patterns whose late events go out. */
  readonly #wantLate: readonly number[];

  // Entries of the index: predicates, one after the other.
  readonly #index: TextIndex;
  /** By group, at the places of its entries: pattern and predicate with LAST at the end of a list, and the test beside the texts. */
  readonly #meanings: readonly Int32Array[];
  readonly #conditions: readonly CheckedCondition[];
  readonly #budgets: readonly number[];
  /** Pattern and predicate of an entry. */
  readonly #predicates: Int32Array;
  /** Test of the whole condition of an entry; NO_TEST: not needed so far. */
  readonly #wholeTests: Int32Array;
  /** By pattern: first entry. */
  readonly #entriesFrom: Int32Array;

  readonly #table: PatternTable;
  /** Patterns that the row at hand means something to. */
  readonly #touched: Int32Array;
  #touchedCount = 0;
  /** Pattern and predicate whose condition is being computed. */
  #predicate = 0;
  #ready: ReadyRows | null = null;
  #bound: EventBatch | LaidOutRows | null = null;

  readonly #crowded = new Set<number>();
  #rowsWatched = 0;

  #rows = new Int32Array(1024);
  /** Keys of the chosen rows. */
  #keySlots = new Int32Array(1024);
  #noClasses = new Uint16Array(1024);
  #watermark: number = WATERMARK_MIN;
  #passOver = true;
  #lowestKeyGroup = 0;
  #sweptOrdinal = 1;
  #keysLimit = KEYS_KEPT;
  #textsLimit = TEXTS_KEPT;
  readonly #leave = (rows: LaidOutRows, from: number, to: number): void => this.#processHeld(rows, from, to);

  constructor(job: ValidatedJob, packables: readonly Packable[], output: (match: EmittedMatch) => void, options: { readonly limits: Limits; readonly keepAllFields: boolean }) {
    this.#job = job;
    this.#output = output;
    this.#limits = options.limits;
    const of = ({ pattern }: Packable): ValidatedPattern => job.patterns[pattern] as ValidatedPattern;
    this.#patterns = packables.map(({ pattern, automaton }) => ({ pattern, id: (job.patterns[pattern] as ValidatedPattern).graph.id, stageNames: automaton.stageNames, windowMs: automaton.windowMs }));
    const kept = union(packables.map((packed) => keptFields(job.schema, of(packed), packed.automaton, options.keepAllFields)));
    this.#events = new RetainedEvents(job.schema, kept, undefined, true);
    this.#keys = new KeyTable(job.schema, of(packables[0] as Packable).key);
    this.#prepared = new PreparedRows(this.#events, this.#keys);
    this.#held = new HeldRowsQueue(job.schema, union(packables.map((packed) => heldFields(of(packed), packed.automaton, kept))), new RowOrder([]));
    this.#lateView = new MatchView(0, this.#events, () => []);
    this.#wantLate = packables.flatMap((one, packed) => (of(one).output.late ? [packed] : []));
    this.#matcher = new PackedMatcher(this.#patterns, packables.map(({ automaton }) => automaton), {
      events: this.#events, limits: options.limits, output, keyOf: (key) => this.#keys.values(key), crowded: (packed) => this.#crowded.add(packed),
    }, (packed, predicate) => { throw this.#faultOf(packed, predicate, null); });
    this.#table = this.#matcher.patternTable;

    const predicates = packables.flatMap(({ automaton }, packed) => automaton.predicates.map(({ condition }, bit) => ({
      packed, bit, condition, budget: Math.min(EVALUATION_BUDGET, Math.floor(EVENT_BUDGET / automaton.columnPredicateCount)),
    })));
    this.#index = new TextIndex(predicates.map(({ condition }, entry) => ({ required: requiredTexts(condition), entry })));
    this.#conditions = predicates.map(({ condition }) => condition);
    this.#budgets = predicates.map(({ budget }) => budget);
    this.#predicates = Int32Array.from(predicates, ({ packed, bit }) => (packed << PREDICATE_BITS) | bit);
    this.#tests = new EventTests(job.schema);
    const tests = predicates.map(({ condition, budget }, entry) => {
      const parts = partsBeside(condition, this.#index.indexed[entry] ?? []);
      // The whole has one budget: where a part may cost more than its size, it is computed as a whole.
      return this.#tests.addAll(parts.every(({ ast }) => isSimple(ast)) ? parts : [condition], budget);
    });
    this.#meanings = this.#index.groups.map(({ entries }) => {
      // As long as the entries: the count of a list is not needed, its last entry is marked.
      const meanings = new Int32Array(entries.length * 2);
      for (let at = 0; at < entries.length;) {
        const count = entries[at] as number;
        for (let i = 1; i <= count; i += 1) {
          const entry = entries[at + i] as number;
          meanings[2 * (at + i)] = ((this.#predicates[entry] as number) << 1) | (i === count ? LAST : 0);
          meanings[2 * (at + i) + 1] = tests[entry] as number;
        }
        at += count + 1;
      }
      return meanings;
    });
    this.#wholeTests = new Int32Array(predicates.length).fill(NO_TEST);
    this.#entriesFrom = runningSums(packables.map(({ automaton }) => automaton.predicates.length));
    this.#touched = new Int32Array(packables.length);
  }

  get watermark(): EventTime { return this.#watermark as EventTime; }
  get partialMatches(): number { return this.#matcher.runs.live; }
  get bytesInUse(): number { return this.#matcher.bytesInUse + this.#held.bytesInUse; }

  // --- rows in

  /** As CepOperator.processBatch. */
  processBatch(batch: EventBatch, watermark?: EventTime): void {
    const { length, time } = batch;
    const before = this.#watermark;
    if (length > 0) {
      if (this.#noClasses.length < length) {
        this.#noClasses = new Uint16Array(length * 2);
        this.#rows = new Int32Array(length * 2);
        this.#keySlots = new Int32Array(length * 2);
      }
      let isRising = true;
      let lowest = time[0] as number;
      for (let row = 1; row < length; row += 1) {
        if ((time[row] as number) < (time[row - 1] as number)) isRising = false;
        if ((time[row] as number) < lowest) lowest = time[row] as number;
      }
      if (lowest <= 0) this.#passOver = false;
      let count = this.#choose(batch, length);
      if (lowest <= before) count = this.#giveLate(batch, count);
      const isDue = isRising && lowest > before && watermark !== undefined && watermark > before && (count === 0 || this.#held.isBefore(batch, this.#rows[0] as number));
      if (isDue) this.#processDue(batch, count, watermark);
      else {
        this.#held.add(batch, this.#rows, 0, count, this.#noClasses);
        if (watermark !== undefined) this.processWatermark(watermark);
      }
      this.#watch(length);
    } else if (watermark !== undefined) this.processWatermark(watermark);
  }

  processWatermark(watermark: EventTime): void {
    if (watermark <= this.#watermark) return;
    this.#drain(watermark);
    this.#finish(watermark);
  }

  #drain(watermark: number): void {
    if (this.#held.length > 0) this.#held.drain(watermark, this.#leave);
  }

  /** Rows that may mean something to a pattern, into #rows; answers with their count. */
  #choose(batch: EventBatch, length: number): number {
    const rows = this.#rows;
    const { groups } = this.#index;
    let count = 0;
    if (groups.length === 1) {
      const lists = (groups[0] as FieldGroup).listsOf(batch, length);
      for (let row = 0; row < length; row += 1) {
        rows[count] = row;
        count += lists[row] === OUT ? 0 : 1;
      }
      return count;
    }
    const lists = groups.map((group) => group.listsOf(batch, length));
    for (let row = 0; row < length; row += 1) {
      let isOut = true;
      for (let group = 0; group < lists.length && isOut; group += 1) isOut = (lists[group] as Int32Array)[row] === OUT;
      rows[count] = row;
      count += isOut ? 0 : 1;
    }
    return count;
  }

  /** Rows at or before the watermark go out and are chosen no more. */
  #giveLate(batch: EventBatch, chosen: number): number {
    const { time, length } = batch;
    for (let row = 0; row < length && this.#wantLate.length > 0; row += 1) {
      if ((time[row] as number) > this.#watermark) continue;
      this.#lateView.late(batch, row, this.#keys.values(this.#keys.slotOf(this.#keys.prepare(batch), row)));
      for (const packed of this.#wantLate) {
        if (this.#table.isOut(packed)) continue;
        this.#lateView.pattern = (this.#patterns[packed] as PackedPattern).pattern;
        this.#output(this.#lateView);
      }
    }
    let count = 0;
    for (let i = 0; i < chosen; i += 1) {
      const row = this.#rows[i] as number;
      this.#rows[count] = row;
      count += (time[row] as number) > this.#watermark ? 1 : 0;
    }
    return count;
  }

  /** The chosen rows of a batch in order, which come after all that wait. */
  #processDue(batch: EventBatch, count: number, watermark: number): void {
    // The lists of the batch stay those of #choose: rows that waited are looked up one by one.
    this.#drain(watermark);
    const { time } = batch;
    let due = count;
    while (due > 0 && (time[this.#rows[due - 1] as number] as number) > watermark) due -= 1;
    if (due > 0) {
      this.#bind(batch, this.#prepared.ofBatch(batch), batch.length);
      const { groups } = this.#index;
      const rows = this.#rows;
      const keys = this.#keySlots;
      this.#keys.slotsOf((this.#ready as ReadyRows).keys, rows, due, keys);
      this.#asFault(batch, () => {
        for (let i = 0; i < due; i += 1) {
          const row = rows[i] as number;
          for (let group = 0; group < groups.length; group += 1) this.#noteList(group, (groups[group] as FieldGroup).found[row] as number, row);
          if (this.#touchedCount > 0) this.#act(row, time[row] as number, keys[i] as number);
        }
      });
      this.#matcher.settle();
      this.#bound = null;
    }
    this.#held.add(batch, this.#rows, due, count, this.#noClasses);
    this.#finish(watermark);
  }

  #processHeld(held: LaidOutRows, from: number, to: number): void {
    this.#bind(held, this.#prepared.ofHeld(held), 0);
    const { groups } = this.#index;
    const { classes, time } = held;
    this.#asFault(held, () => {
      for (let row = from; row < to; row += 1) {
        const only = (classes[row] as number) - 1;
        if (only >= 0) this.#noteAll(row, this.#entriesFrom[only] as number, this.#entriesFrom[only + 1] as number);
        else for (let group = 0; group < groups.length; group += 1) this.#noteList(group, (groups[group] as FieldGroup).listOf(held, row), row);
        if (this.#touchedCount > 0) this.#act(row, time[row] as number, this.#keys.slotOf((this.#ready as ReadyRows).keys, row));
      }
    });
    this.#matcher.settle(); // other rows come into the same columns
    this.#bound = null;
  }

  #bind(rows: EventBatch | LaidOutRows, ready: ReadyRows, length: number): void {
    this.#bound = rows;
    this.#ready = ready;
    this.#matcher.bind(ready.plan);
    this.#tests.begin(rows, length);
  }

  // --- what a row means

  /** Notes the predicates of a list that hold for a row. */
  #noteList(group: number, list: number, row: number): void {
    if (list === OUT) return;
    if (list === ABSENT) {
      for (const entry of (this.#index.groups[group] as FieldGroup).everyone) this.#noteAll(row, entry, entry + 1);
      return;
    }
    const meanings = this.#meanings[group] as Int32Array;
    for (let at = 2 * (list + 1), isLast = false; !isLast; at += 2) {
      const meaning = meanings[at] as number;
      isLast = (meaning & LAST) !== 0;
      const predicate = meaning >> 1;
      const test = meanings[at + 1] as number;
      if (test === NO_TEST) this.#note(predicate, 1);
      else {
        this.#predicate = predicate;
        const value = this.#tests.value(test, row);
        if (value !== 0) this.#note(predicate, value);
      }
    }
  }

  /** Computes the whole conditions of entries [from, to), whatever the row's texts are. */
  #noteAll(row: number, from: number, to: number): void {
    for (let entry = from; entry < to; entry += 1) {
      this.#predicate = this.#predicates[entry] as number;
      if (this.#wholeTests[entry] === NO_TEST) this.#wholeTests[entry] = this.#tests.add(this.#conditions[entry] as CheckedCondition, this.#budgets[entry] as number);
      const value = this.#tests.value(this.#wholeTests[entry] as number, row);
      if (value !== 0) this.#note(this.#predicate, value);
    }
  }

  #note(predicate: number, value: number): void {
    const { ints } = this.#table;
    const packed = predicate >> PREDICATE_BITS;
    const at = packed * TABLE_INTS;
    if (((ints[at + TABLE_MASK] as number) | (ints[at + TABLE_DOUBT] as number)) === 0) {
      this.#touched[this.#touchedCount] = packed;
      this.#touchedCount += 1;
    }
    const into = at + (value === 1 ? TABLE_MASK : TABLE_DOUBT);
    ints[into] = (ints[into] as number) | (1 << (predicate & PREDICATE_MASK));
  }

  #row = 0;

  /** Gives a row to the patterns that it means something to. */
  #act(row: number, time: number, key: number): void {
    const { ints } = this.#table;
    const count = this.#touchedCount;
    this.#touchedCount = 0;
    this.#row = row;
    for (let i = 0; i < count; i += 1) {
      const packed = this.#touched[i] as number;
      const at = packed * TABLE_INTS;
      const mask = ints[at + TABLE_MASK] as number;
      const doubt = ints[at + TABLE_DOUBT] as number;
      ints[at + TABLE_MASK] = 0;
      ints[at + TABLE_DOUBT] = 0;
      ints[at + TABLE_ROWS] = (ints[at + TABLE_ROWS] as number) + 1;
      if (ints[at + TABLE_SHAPE] !== MOVED_OUT) this.#matcher.process(packed, mask, doubt, key, row, time);
    }
  }

  #asFault(rows: EventBatch | LaidOutRows, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof CostExceeded)) throw error;
      this.#bound = rows;
      this.#row = error.row ?? 0;
      throw this.#faultOf(this.#predicate >> PREDICATE_BITS, this.#predicate & PREDICATE_MASK, error);
    }
  }

  #faultOf(packed: number, predicate: number, cause: CostExceeded | null): JobFault {
    const { pattern, id } = this.#patterns[packed] as PackedPattern;
    const automaton = compile(this.#job.patterns[pattern] as ValidatedPattern, this.#job.schema);
    const rows = this.#bound as EventBatch | LaidOutRows;
    const entry = (this.#entriesFrom[packed] as number) + predicate;
    return conditionFault(automaton, predicate, id, `${rows.split}:${rows.position[this.#row]}`, cause ?? errorAt(this.#conditions[entry] as CheckedCondition, rows, this.#row));
  }

  // --- after the rows

  #finish(watermark: number): void {
    this.#watermark = watermark;
    const { nextOrdinal } = this.#events;
    this.#matcher.endSome(watermark, SWEPT_LEAST + SWEPT_FOR_EVENT * (nextOrdinal - this.#sweptOrdinal));
    this.#sweptOrdinal = nextOrdinal;
    if (this.#keys.size > Math.max(this.#keysLimit, this.#keys.sourceTexts)) this.#compactKeys();
    if (this.#events.textCount > this.#textsLimit) this.#compactTexts();
  }

  #compactKeys(): void {
    const { table } = this.#matcher;
    this.#matcher.endAll(this.#watermark);
    const isLive = new Uint8Array(this.#keys.size);
    for (let cell = 0; cell < table.capacity; cell += 1) if (table.isUsed(cell)) isLive[table.keyOf(cell)] = 1;
    const live = Int32Array.from([...isLive.keys()].filter((key) => isLive[key] === 1));
    this.#keysLimit = Math.max(KEYS_KEPT, live.length * 2);
    if (live.length * 2 > this.#keys.size) return;
    const numbers = new Int32Array(this.#keys.size).fill(-1);
    live.forEach((key, i) => { numbers[key] = i; });
    table.renumber(numbers);
    this.#keys.compact(live);
    this.#forgetReady();
  }

  #compactTexts(): void {
    this.#events.compactTexts();
    this.#textsLimit = Math.max(TEXTS_KEPT, this.#events.textCount * 2);
    this.#forgetReady();
  }

  #forgetReady(): void {
    this.#bound = null;
    this.#prepared.forget();
    this.#held.forgetReady();
  }

  /** Ends runs whose window is over and that were left to end lazily. */
  #endOverdue(): void {
    this.#matcher.endAll(this.#watermark);
  }

  /** Lets go of what nobody will miss. */
  makeRoom(): void {
    this.#endOverdue();
    this.#compactTexts();
  }

  limitFault(code: 'partial-matches-per-job' | 'state-bytes-per-job'): JobFault {
    return limitFault(code, this.#limits, this.#matcher.crowd(), { rows: this.#held.length, bytes: this.#held.bytesInUse });
  }

  #watch(rows: number): void {
    this.#rowsWatched += rows;
    if (this.#rowsWatched < WATCHED_ROWS) return;
    const { ints, size } = this.#table;
    for (let packed = 0; packed < size; packed += 1) {
      const at = packed * TABLE_INTS + TABLE_ROWS;
      if ((ints[at] as number) * HOT > this.#rowsWatched && !this.#table.isOut(packed)) this.#crowded.add(packed);
      ints[at] = 0;
    }
    this.#rowsWatched = 0;
  }

  // --- patterns in and out

  /** Patterns that had better have an operator of their own, with their images: they are here no longer. */
  takeCrowded(): readonly { readonly pattern: number; readonly image: Uint8Array }[] {
    if (this.#crowded.size === 0) return [];
    const images = this.images(this.#crowded);
    this.#crowded.clear();
    return [...images].map(([packed, image]) => {
      this.#table.moveOut(packed);
      this.#matcher.drop(packed);
      return { pattern: (this.#patterns[packed] as PackedPattern).pattern, image };
    });
  }

  /** Images by pattern (its number here): of those asked for, or of all that are here. */
  images(wanted: ReadonlySet<number> | null = null): ReadonlyMap<number, Uint8Array> {
    this.#endOverdue();
    const { schema } = this.#job;
    const cells = this.#cellsByPattern();
    const waiting = this.#waitingByPattern();
    const images = new Map<number, Uint8Array>();
    this.#patterns.forEach((_, packed) => {
      if (this.#table.isOut(packed) || wanted?.has(packed) === false) return;
      const runs = new PackedRuns(this.#matcher, packed, cells(packed));
      const parts: ImageParts = {
        identity: this.#identityOf(packed), watermark: this.#watermark, passOver: this.#passOver, schema, lowestKeyGroup: this.#lowestKeyGroup,
        keys: this.#keys, slots: runs.slots, matcher: runs, events: this.#events, timers: NO_TIMERS,
        waiting: waiting.get(packed) ?? [], waitingFields: this.#held.fields,
      };
      images.set(packed, writeImage(parts));
    });
    return images;
  }

  #identityOf(packed: number): string {
    return `${this.#job.versionHash}/${(this.#patterns[packed] as PackedPattern).id}`;
  }

  #cellsByPattern(): (packed: number) => Int32Array {
    const { table } = this.#matcher;
    const counts = new Int32Array(this.#patterns.length);
    for (let cell = 0; cell < table.capacity; cell += 1) if (table.isUsed(cell)) counts[table.patternOf(cell)] = (counts[table.patternOf(cell)] as number) + 1;
    const from = runningSums([...counts]);
    const next = from.slice();
    const cells = new Int32Array(table.size);
    for (let cell = 0; cell < table.capacity; cell += 1) {
      if (!table.isUsed(cell)) continue;
      const packed = table.patternOf(cell);
      cells[next[packed] as number] = cell;
      next[packed] = (next[packed] as number) + 1;
    }
    return (packed) => cells.subarray(from[packed], from[packed + 1]);
  }

  /** Rows that wait, for each pattern that they may mean something to. */
  #waitingByPattern(): ReadonlyMap<number, WaitingRows[]> {
    const waiting = new Map<number, WaitingRows[]>();
    for (const set of this.#held.sets()) {
      const held = set.rows();
      const rowsOf = new Map<number, number[]>();
      const add = (packed: number, row: number): void => {
        const rows = rowsOf.get(packed);
        if (rows === undefined) rowsOf.set(packed, [row]);
        else if (rows.at(-1) !== row) rows.push(row);
      };
      for (let row = 0; row < held.length; row += 1) {
        const only = (held.classes[row] as number) - 1;
        if (only >= 0) add(only, row);
        else {
          for (const group of this.#index.groups) {
            for (const entry of group.entriesOf(group.listOf(held, row))) add((this.#predicates[entry] as number) >> PREDICATE_BITS, row);
          }
        }
      }
      for (const [packed, rows] of rowsOf) waiting.set(packed, [...(waiting.get(packed) ?? []), { rows: held, chosen: rows }]);
    }
    return waiting;
  }

  /** Takes over what images of one pattern hold of the keys in `keyGroups`. Before the first row. */
  restore(packed: number, images: readonly Uint8Array[], keyGroups: KeyGroups): void {
    this.#lowestKeyGroup = keyGroups.start;
    const runs = new PackedRuns(this.#matcher, packed, new Int32Array(0));
    const { id, pattern } = this.#patterns[packed] as PackedPattern;
    const restored = readImage(images, keyGroups, {
      identity: this.#identityOf(packed), patternId: id, maxParallelism: this.#job.document.maxParallelism, schema: this.#job.schema,
      keyFields: (this.#job.patterns[pattern] as ValidatedPattern).key, keys: this.#keys, matcher: runs, events: this.#events, timers: NO_TIMERS,
      slot: (values) => this.#keys.slotOfValues(values),
      hold: (batch, rows) => this.#held.add(batch, Int32Array.from(rows), 0, rows.length, new Uint16Array(rows.length).fill(packed + 1)),
    });
    this.#matcher.addCounters(packed, runs.counters);
    if (restored === null) return;
    this.#watermark = this.#watermark === WATERMARK_MIN ? restored.watermark : Math.min(this.#watermark, restored.watermark);
    if (!restored.passOver) this.#passOver = false;
    this.#sweptOrdinal = this.#events.nextOrdinal;
  }

  /** Figures by pattern (its number here), of those that are here. */
  figures(): ReadonlyMap<number, StageFigures> {
    this.#endOverdue();
    const cells = this.#cellsByPattern();
    const figures = new Map<number, StageFigures>();
    this.#patterns.forEach(({ id }, packed) => {
      if (this.#table.isOut(packed)) return;
      const { waiting, entered, advanced, expired, blocked, matches } = this.#matcher.countersOf(packed, cells(packed));
      figures.set(packed, {
        patternId: id, waiting: [...waiting], entered: [...entered], advanced: [...advanced], expired: [...expired], blocked: [...blocked],
        heldBack: 0, dropped: 0, matches, partialMatches: waiting.reduce((sum, count) => sum + count, 0), keys: cells(packed).length,
      });
    });
    return figures;
  }
}

/** Runs here end without timers. */
const NO_TIMERS = new TimerRing();

const union = (lists: readonly (readonly number[])[]): number[] => [...new Set(lists.flat())].sort((a, b) => a - b);

/** sums[i] is the sum of the first i counts. */
function runningSums(counts: readonly number[]): Int32Array {
  const sums = new Int32Array(counts.length + 1);
  counts.forEach((count, i) => { sums[i + 1] = (sums[i] as number) + count; });
  return sums;
}
