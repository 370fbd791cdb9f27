/**
 * CepOperator: one pattern on one subtask, driven by batches and watermarks.
 *
 * Rows wait until the watermark passes them, then go to the matcher in order of time, tie-break, split, position. A batch that
 * comes with its watermark and is in order is processed where it lies; nothing of it is copied but what a partial
 * match takes.
 *
 * Always  a key's output depends on its own events and on the watermarks. A key's time advances when Flink's operator
 *         would advance it: before the first event of each time; at a watermark, where the key had an event due or a
 *         window timer; with `everyKey` at every watermark. A window timer stands at event time + window for each event
 *         processed after a run began at a time > 0 within the same watermark.
 *         Keys without partial matches, held matches or waiting rows cost nothing but their name, and that is forgotten too.
 * Errors  JobFault for what the data or the limits do; the operator is unusable afterwards (its job restarts).
 * Source  behaviour of Flink 2.3.0, CepOperator; cases, "Timers".
 * Not here: matching (partial-matches/), output lines (after-match/), where rows come from.
 */
import { type EventTime, type JobFault, WATERMARK_MIN, invariant } from '@tidemark/core';
import { type RequiredText, requiredTexts } from '@tidemark/condition';
import { type EventBatch, type EventSchema, type FieldValue } from '@tidemark/event';
import type { KeyedOperator, StageFigures } from '@tidemark/dataflow';
import type { ValidatedJob, ValidatedPattern } from '@tidemark/pattern';
import type { Automaton } from '../automaton/automaton.ts';
import { Classifier, TooCostly } from '../automaton/classifier.ts';
import { PlanTable } from '../automaton/plan-table.ts';
import type { SharedPredicates } from '../many-patterns/shared-predicates.ts';
import { type Strategy, chooseStrategy } from '../automaton/strategy.ts';
import { compile } from '../compiler/compile.ts';
import { CompactMatcher } from '../partial-matches/compact-matcher.ts';
import { conditionFault } from '../partial-matches/condition-fault.ts';
import { type EmittedMatch, MatchView } from '../partial-matches/emitted-match.ts';
import { LinearMatcher } from '../partial-matches/linear-matcher.ts';
import { type Limits, limitFault, shareOf } from '../partial-matches/limits.ts';
import { makeMatcher } from '../partial-matches/make-matcher.ts';
import type { MatchSet } from '../partial-matches/match-set.ts';
import type { Matcher, MatcherOptions } from '../partial-matches/matcher.ts';
import type { SourceRows } from '../partial-matches/copy-plan.ts';
import { RetainedEvents } from '../partial-matches/retained-events.ts';
import { heldFields, keptFields } from './fields.ts';
import { HeldRowsQueue } from './held-rows-queue.ts';
import { type KeyGroups, readImage, writeImage } from './image.ts';
import { grownF64 } from '../partial-matches/grow.ts';
import { KeyTable } from './key-table.ts';
import type { LaidOutRows } from './laid-out-rows.ts';
import { PreparedRows, type ReadyRows } from './prepared-rows.ts';
import { RowOrder } from './row-order.ts';
import { TimerRing } from '../partial-matches/timer-ring.ts';

export interface CepOperatorOptions {
  /** Index of the pattern in the job; default 0. */
  readonly pattern?: number;
  /** Default: those of the document. */
  readonly limits?: Limits;
  /** How partial matches are kept: `auto` (default) is the compiler's choice. A fault where the one asked for does not apply. */
  readonly strategy?: 'auto' | Strategy;
  /** Live runs of a key above which it is kept as its strategy says, and up to which the plain way is cheaper. */
  readonly turnAt?: number;
  /** Advance every key at every watermark; default: what the pattern says. */
  readonly everyKey?: boolean;
  /** Keep all fields of taken events for the output (default), or only those that conditions and texts read. */
  readonly keepAllFields?: boolean;
  /** Conditions that are computed together with those of other patterns over the same batches. */
  readonly shared?: SharedPredicates;
  /** Give out timed-out partial matches; default: what the pattern says. */
  readonly timedOut?: boolean;
  /** Takes the matches of one event of a key with many partial matches as one set, instead of one by one; nothing limits their number then. */
  readonly matchSets?: (set: MatchSet) => void;
}

/** Keys that are kept whether they have state or not; as many as the source's dictionary has texts, if that is more. */
const SLOTS_KEPT = 65_536;
/** Keys that are looked through for overdue runs: at most so many at every watermark, and for every event that could do something. */
const SWEPT_MOST = 64;
const SWEPT_FOR_EVENT = 8;
const TEXTS_KEPT = 65_536;

export class CepOperator implements KeyedOperator {
  readonly automaton: Automaton;
  readonly #schema: EventSchema;
  readonly #pattern: ValidatedPattern;
  readonly #patternIndex: number;
  readonly #identity: string;
  readonly #maxParallelism: number;
  readonly #output: (match: EmittedMatch) => void;
  readonly #limits: Limits;
  readonly #bytesShare: number;
  readonly #plans: PlanTable;
  readonly #classifier: Classifier;
  readonly #events: RetainedEvents;
  readonly #keys: KeyTable;
  readonly #prepared: PreparedRows;
  readonly #matcher: Matcher;
  /** The matcher where whole batches may go through it the fast way. */
  readonly #quick: LinearMatcher | CompactMatcher | null;
  readonly #order: RowOrder;
  readonly #held: HeldRowsQueue;
  readonly #timers = new TimerRing();
  readonly #due = new Int32Array(64);
  readonly #everyKey: boolean;
  readonly #lateView: MatchView;
  readonly #windowMs: number;
  /** Whether keys are advanced by window timers. */
  readonly #isTimed: boolean;
  /** Whether rows that can neither start nor move a run may be passed over: nothing else depends on a key's events. */
  readonly #mayPassOver: boolean;
  #passOver: boolean;
  /** Whether time gives out no match but one that is held: then such rows may be passed over as long as none is. */
  readonly #passesWhileNoneHeld: boolean;
  /** Whether a run needs no timer but its own, so that rows may go through the matcher together. So it is until an event with a time <= 0, whose run has none. */
  #together: boolean;
  #watermark: number = WATERMARK_MIN;
  /** Number of the watermark being processed: what belongs to one call of Flink's timer. */
  #call = 0;
  #touched = new Int32Array(64);
  #touchedCount = 0;
  #touchedIn = new Float64Array(64);
  #startedIn = new Float64Array(64);
  /** By key: time that was last advanced to before an event. Only where windows between neighbours make it matter. */
  #advancedTo = new Float64Array(64).fill(Number.NaN);
  readonly #hasGaps: boolean;
  /** Rows chosen from the batch at hand, their classes, and slots of their keys. */
  #rows = new Int32Array(16);
  #classes = new Uint16Array(16);
  #slots = new Int32Array(16);
  /** The same for held rows that leave. */
  #leaving = new Int32Array(16);
  #leavingClasses = new Uint16Array(16);
  #leavingSlots = new Int32Array(16);
  /** Of rows that go through together those that start or move runs, with their places among them all. */
  #active = newActive(16);
  #slotsLimit = SLOTS_KEPT;
  #textsLimit = TEXTS_KEPT;
  #late = 0;
  /** Ordinal of events up to which keys were looked through for overdue runs. */
  #sweptOrdinal = 1;
  #copied = 0;
  /** Of the key groups that this subtask owns. */
  #lowestKeyGroup = 0;
  #failed: unknown = null;
  readonly #leave = (rows: LaidOutRows, from: number, to: number): void => this.#processHeld(rows, from, to);
  #bound: ReadyRows | null = null;

  constructor(job: ValidatedJob, output: (match: EmittedMatch) => void, options: CepOperatorOptions = {}) {
    const index = options.pattern ?? 0;
    const pattern = job.patterns[index];
    invariant(pattern !== undefined, `the job has no pattern ${index}`);
    this.#pattern = pattern;
    this.#patternIndex = index;
    this.#identity = `${job.versionHash}/${pattern.graph.id}`;
    this.#schema = job.schema;
    this.#maxParallelism = job.document.maxParallelism;
    this.#output = output;
    this.automaton = compile(pattern, job.schema);
    const { automaton } = this;
    this.#plans = new PlanTable(automaton);
    this.#classifier = new Classifier(automaton, job.schema, this.#plans, options.shared ?? null);
    const choice = chooseStrategy(automaton, options.strategy ?? 'auto');
    this.#events = new RetainedEvents(job.schema, keptFields(job.schema, pattern, automaton, options.keepAllFields ?? true), undefined, choice.strategy !== 'compact' && choice.strategy !== 'explicit');
    this.#keys = new KeyTable(job.schema, pattern.key);
    this.#prepared = new PreparedRows(this.#events, this.#keys);
    this.#limits = options.limits ?? job.document.limits;
    this.#bytesShare = shareOf(this.#limits.stateBytesPerJob, this.#limits);
    const matcherOptions: MatcherOptions = {
      pattern: index, patternId: pattern.graph.id, automaton, plans: this.#plans, events: this.#events,
      limits: this.#limits, timedOut: options.timedOut ?? pattern.output.timedOut,
      output, keyOf: (slot) => this.#keys.values(slot), keyCount: () => this.#keys.size, matchSets: options.matchSets,
    };
    const noSkip = automaton.skip.kind === 'NO_SKIP';
    this.#matcher = makeMatcher(choice, matcherOptions, options.turnAt);
    this.#quick = this.#matcher instanceof CompactMatcher || (this.#matcher instanceof LinearMatcher && this.#matcher.isQuick) ? this.#matcher : null;
    this.#order = new RowOrder(pattern.tieBreak);
    this.#held = new HeldRowsQueue(job.schema, heldFields(pattern, automaton, this.#events.kept), this.#order);
    this.#everyKey = options.everyKey ?? pattern.advanceEveryKey;
    this.#lateView = new MatchView(index, this.#events, () => []);
    this.#windowMs = automaton.windowMs;
    this.#isTimed = automaton.windowMs > 0 && !this.#matcher.endsLazily;
    this.#hasGaps = automaton.hasGaps;
    this.#mayPassOver = !automaton.hasGaps && (automaton.windowMs === 0 || (noSkip && !automaton.hasPending));
    this.#passOver = this.#mayPassOver;
    this.#passesWhileNoneHeld = !this.#mayPassOver && !automaton.hasPending;
    this.#together = this.#mayPassOver || this.#quick instanceof LinearMatcher;
  }

  get watermark(): EventTime { return this.#watermark as EventTime; }
  get matcher(): Matcher { return this.#matcher; }
  get heldRows(): number { return this.#held.length; }
  get late(): number { return this.#late; }
  /** Rows that were copied because they had to wait, so far: the others were processed where they lay. */
  get copiedRows(): number { return this.#copied; }

  /**
   * Rows of one channel, in channel order. The operator copies what it keeps. With `watermark` the call is
   * processBatch(batch) and processWatermark(watermark) in one, which saves the copy of rows that are due at once.
   */
  processBatch(batch: EventBatch, watermark?: EventTime): void {
    this.#guarded(() => {
      const { length } = batch;
      if (length > 0) this.#take(batch, watermark ?? null);
      else if (watermark !== undefined) this.#processWatermark(watermark);
      if (this.bytesInUse > this.#bytesShare) this.#checkBytes();
    });
  }

  /** All further rows have time > watermark. */
  processWatermark(watermark: EventTime): void {
    this.#guarded(() => this.#processWatermark(watermark));
  }

  /** Bytes of arenas in use: taken events, nodes, runs, held matches, held rows. */
  get bytesInUse(): number { return this.#matcher.bytesInUse + this.#held.bytesInUse; }
  /** As limits count them. */
  get partialMatches(): number { return this.#matcher.kept; }

  /** Ends runs whose window is over and that were left to end lazily. */
  endOverdue(): void {
    this.#matcher.endOverdue();
  }

  /** Lets go of what nobody will miss. */
  makeRoom(): void {
    this.#matcher.endOverdue();
    this.#compactTexts();
  }

  /** What this operator says where a limit of the job is passed, by itself or together with others. */
  limitFault(code: 'partial-matches-per-job' | 'state-bytes-per-job'): JobFault {
    return limitFault(code, this.#limits, this.#matcher.crowd(), { rows: this.#held.length, bytes: this.#held.bytesInUse });
  }

  #checkBytes(): void {
    this.makeRoom();
    if (this.bytesInUse > this.#bytesShare) throw this.limitFault('state-bytes-per-job');
  }

  #guarded(work: () => void): void {
    invariant(this.#failed === null, 'an operator that failed is not used again');
    try {
      work();
    } catch (error) {
      this.#failed = error;
      throw error;
    }
  }

  // --- rows in

  #take(batch: EventBatch, watermark: number | null): void {
    const { length, time } = batch;
    const before = this.#watermark;
    const sorted = isInOrder(time, length) && this.#order.holds(batch, length);
    let lowest = time[0] as number;
    if (!sorted) for (let row = 1; row < length; row += 1) lowest = Math.min(lowest, time[row] as number);
    // from watermark 0 on such an event is late
    if (lowest <= 0 && before < 0) this.#goOneByOne();
    this.#reserveRows(length);
    const count = this.#classify(batch, this.#passOver);
    if (sorted && lowest > before) {
      this.#takeOrdered(batch, 0, count, watermark);
      return;
    }
    if (lowest <= before) this.#holdInTime(batch, count);
    else this.#hold(batch, 0, count);
    if (watermark !== null) this.#processWatermark(watermark);
  }

  /** Chosen rows, in order and in time, of which `first` or one that was not chosen before it is the first. */
  #takeOrdered(batch: EventBatch, first: number, count: number, watermark: number | null): void {
    // Rows that come after all held rows are processed where they lie.
    if (watermark !== null && watermark > this.#watermark && this.#held.isBefore(batch, first)) {
      this.#begin();
      if (this.#held.length > 0) this.#held.drain(watermark, this.#leave);
      let due = count;
      while (due > 0 && (batch.time[this.#rows[due - 1] as number] as number) > watermark) due -= 1;
      this.#processRows(batch, due);
      this.#hold(batch, due, count);
      this.#finish(watermark);
      return;
    }
    this.#hold(batch, 0, count);
    if (watermark !== null) this.#processWatermark(watermark);
  }

  // --- where others choose the rows

  /** Whether rows that can neither start nor move a run are passed over. */
  get passesOver(): boolean { return this.#passOver; }

  /** By column predicate, the texts without which it is not true; null where rows cannot be kept from this pattern. */
  get routes(): readonly (readonly RequiredText[])[] | null {
    const { automaton } = this;
    if (!this.#passOver || automaton.columnPredicateCount === 0 || !this.#classifier.isQuiet) return null;
    const routes = automaton.predicates.slice(0, automaton.columnPredicateCount).map(({ condition }) => requiredTexts(condition));
    return routes.every((required) => required.length > 0) ? routes : null;
  }

  /** Whether something waits for a watermark, though no row comes. */
  get isWaiting(): boolean {
    return this.#held.length > 0 || this.#timers.length > 0 || (this.#everyKey && !this.#matcher.endsLazily);
  }

  /** A watermark that this operator was not told of, as nothing waited for it. */
  catchUp(watermark: EventTime): void {
    if (watermark <= this.#watermark) return;
    if (this.isWaiting) {
      this.processWatermark(watermark);
      return;
    }
    this.#watermark = watermark;
    if (this.#matcher.endsLazily) this.#matcher.endSomeOverdue(watermark, 0);
  }

  /** processBatch for a batch of which only the rows `chosen`, rising, can matter (`routes`), none of them late. */
  processSome(batch: EventBatch, chosen: Int32Array, watermark?: EventTime): void {
    this.#guarded(() => {
      const { time } = batch;
      this.#reserveRows(chosen.length);
      const count = this.#choose(batch, () => this.#classifier.classifySome(batch, batch.length, chosen, this.#rows, this.#classes));
      let ordered = true;
      for (let i = 1; i < count && ordered; i += 1) ordered = (time[this.#rows[i - 1] as number] as number) <= (time[this.#rows[i] as number] as number);
      if (count > 0 && ordered && !this.#order.hasTieBreak) this.#takeOrdered(batch, this.#rows[0] as number, count, watermark ?? null);
      else {
        this.#hold(batch, 0, count);
        if (watermark !== undefined) this.#processWatermark(watermark);
      }
      if (this.bytesInUse > this.#bytesShare) this.#checkBytes();
    });
  }

  #goOneByOne(): void {
    this.#passOver = false;
    this.#together = false;
  }

  #reserveRows(length: number): void {
    if (length <= this.#classes.length) return;
    this.#classes = new Uint16Array(length * 2);
    this.#rows = new Int32Array(length * 2);
    this.#slots = new Int32Array(length * 2);
  }

  /** Chooses rows of a batch into #rows and #classes; answers with their count. */
  #classify(batch: SourceRows, activeOnly: boolean): number {
    return this.#choose(batch, () => this.#classifier.classify(batch, batch.length, activeOnly, this.#rows, this.#classes));
  }

  #choose(batch: SourceRows, choose: () => number): number {
    if (this.#plans.full) {
      this.#plans.clear();
      for (const set of this.#held.sets()) set.classifyAgain((rows) => this.#classifier.classify(rows, rows.length, false, new Int32Array(rows.length), rows.classes));
    }
    try {
      return choose();
    } catch (error) {
      if (!(error instanceof TooCostly)) throw error;
      throw conditionFault(this.automaton, error.predicate, this.#pattern.graph.id, `${batch.split}:${batch.position[error.row]}`, error.cause);
    }
  }

  /** Copies the chosen rows [from, to), which have to wait. */
  #hold(batch: EventBatch, from: number, to: number): void {
    this.#copied += Math.max(0, to - from);
    this.#held.add(batch, this.#rows, from, to, this.#classes);
  }

  /** The same where some rows of the batch are late: they go out. */
  #holdInTime(batch: EventBatch, count: number): void {
    for (let row = 0; row < batch.length; row += 1) if ((batch.time[row] as number) <= this.#watermark) this.#giveLate(batch, row);
    let kept = 0;
    for (let i = 0; i < count; i += 1) {
      const row = this.#rows[i] as number;
      if ((batch.time[row] as number) <= this.#watermark) continue;
      this.#rows[kept] = row;
      this.#classes[kept] = this.#classes[i] as number;
      kept += 1;
    }
    this.#hold(batch, 0, kept);
  }

  #giveLate(batch: EventBatch, row: number): void {
    this.#late += 1;
    if (!this.#pattern.output.late) return;
    const keys = this.#keys.prepare(batch);
    this.#lateView.late(batch, row, this.#keys.values(this.#keys.slotOf(keys, row)));
    this.#output(this.#lateView);
  }

  // --- rows through

  #processWatermark(watermark: number): void {
    if (watermark <= this.#watermark) return;
    this.#begin();
    this.#held.drain(watermark, this.#leave);
    this.#finish(watermark);
  }

  #begin(): void {
    this.#call += 1;
    this.#touchedCount = 0;
  }

  #bind(ready: ReadyRows): void {
    this.#bound = ready;
    this.#matcher.bind(ready.plan);
  }

  #processHeld(rows: LaidOutRows, from: number, to: number): void {
    const ready = this.#prepared.ofHeld(rows);
    if (this.#bound !== ready) this.#bind(ready);
    const { classes, time } = rows;
    if (this.#quick === null || !this.#together) {
      for (let row = from; row < to; row += 1) this.#processRow(row, time[row] as number, classes[row] as number);
      this.#matcher.settle();
      return;
    }
    const count = to - from;
    if (count > this.#leaving.length) {
      this.#leaving = new Int32Array(count * 2);
      this.#leavingClasses = new Uint16Array(count * 2);
      this.#leavingSlots = new Int32Array(count * 2);
    }
    for (let i = 0; i < count; i += 1) {
      this.#leaving[i] = from + i;
      this.#leavingClasses[i] = classes[from + i] as number;
    }
    this.#processQuickly(ready, this.#leaving, this.#leavingClasses, this.#leavingSlots, count);
    this.#matcher.settle();
  }

  /** Rows where they may go through the matcher together. */
  #processQuickly(ready: ReadyRows, rows: Int32Array, classes: Uint16Array, slots: Int32Array, count: number): void {
    if (this.#passesWhileNoneHeld && this.#hasIdle(classes, count)) {
      this.#processActiveQuickly(ready, rows, classes, count);
      return;
    }
    this.#keys.slotsOf(ready.keys, rows, count, slots);
    if (this.#keys.size > this.#matcher.slotCapacity) this.#growSlots(this.#keys.size);
    (this.#quick as LinearMatcher | CompactMatcher).processRows(rows, classes, slots, count, this.#timers);
  }

  /** Whether a row neither starts nor moves a run. */
  #hasIdle(classes: Uint16Array, count: number): boolean {
    const flags = this.#plans.classFlags;
    for (let i = 0; i < count; i += 1) if (flags[classes[i] as number] === 0) return true;
    return false;
  }

  /** The same where rows that neither start nor move a run matter only while some match is held: else their keys are not even looked up. */
  #processActiveQuickly(ready: ReadyRows, rows: Int32Array, classes: Uint16Array, count: number): void {
    if (count > this.#active.rows.length) this.#active = newActive(count * 2);
    const active = this.#active;
    const flags = this.#plans.classFlags;
    let length = 0;
    for (let i = 0; i < count; i += 1) {
      const eventClass = classes[i] as number;
      active.rows[length] = rows[i] as number;
      active.classes[length] = eventClass;
      active.places[length] = i;
      length += flags[eventClass] === 0 ? 0 : 1;
    }
    const keys = this.#keys;
    keys.slotsOf(ready.keys, active.rows, length, active.slots);
    if (keys.size > this.#matcher.slotCapacity) this.#growSlots(keys.size);
    const { time } = ready.plan;
    const matcher = this.#matcher;
    const passed = (before: number): void => {
      const to = before === length ? count : (active.places[before] as number);
      for (let i = before === 0 ? 0 : (active.places[before - 1] as number) + 1; i < to; i += 1) {
        const row = rows[i] as number;
        const slot = keys.slotOf(ready.keys, row);
        // a key that is new has nothing to advance, nor room yet
        if (slot < matcher.slotCapacity && matcher.needsAdvance(slot, time[row] as number)) matcher.advance(slot, time[row] as number);
      }
    };
    (this.#quick as LinearMatcher).processRows(active.rows, active.classes, active.slots, length, this.#timers, passed);
  }

  /** The first `count` of the chosen rows of a batch in order. */
  #processRows(batch: EventBatch, count: number): void {
    const ready = this.#prepared.ofBatch(batch);
    this.#bind(ready);
    const { time } = batch;
    const rows = this.#rows;
    const classes = this.#classes;
    const slots = this.#slots;
    if (this.#quick !== null && this.#together) {
      this.#processQuickly(ready, rows, classes, slots, count);
      return;
    }
    if (!this.#passOver) {
      for (let i = 0; i < count; i += 1) {
        const row = rows[i] as number;
        this.#processRow(row, time[row] as number, classes[i] as number);
      }
      return;
    }
    this.#keys.slotsOf(ready.keys, rows, count, slots);
    if (this.#keys.size > this.#matcher.slotCapacity) this.#growSlots(this.#keys.size);
    for (let i = 0; i < count; i += 1) {
      const row = rows[i] as number;
      this.#processActive(slots[i] as number, row, time[row] as number, classes[i] as number);
    }
  }

  /** A row that starts or moves runs, where nothing else depends on a key's events. */
  #processActive(slot: number, row: number, time: number, eventClass: number): void {
    const matcher = this.#matcher;
    if (matcher.needsAdvance(slot, time)) matcher.advance(slot, time);
    if (matcher.processEvent(slot, row, eventClass) && this.#isTimed) this.#timers.add(time + this.#windowMs, slot);
  }

  #processRow(row: number, time: number, eventClass: number): void {
    const slot = this.#keys.slotOf((this.#bound as ReadyRows).keys, row);
    const matcher = this.#matcher;
    if (slot >= matcher.slotCapacity) this.#growSlots(slot + 1);
    if (this.#passOver) {
      if (this.#plans.classFlags[eventClass] !== 0) this.#processActive(slot, row, time, eventClass);
      return;
    }
    if (slot >= this.#touchedIn.length) this.#growNotes();
    if (!this.#hasGaps) {
      if (matcher.needsAdvance(slot, time)) matcher.advance(slot, time);
    } else if (this.#advancedTo[slot] !== time) {
      // Once for each time: a run that an event of this time has moved into a state with a window stays for the others.
      this.#advancedTo[slot] = time;
      if (matcher.needsAdvance(slot, time)) matcher.advance(slot, time);
    }
    const started = this.#plans.classFlags[eventClass] !== 0 && matcher.processEvent(slot, row, eventClass);
    if (this.#isTimed) {
      if (started && time > 0) this.#startedIn[slot] = this.#call;
      if (this.#startedIn[slot] === this.#call) this.#timers.add(time + this.#windowMs, slot);
    }
    if (this.#touchedIn[slot] === this.#call) return;
    this.#touchedIn[slot] = this.#call;
    if (this.#touchedCount === this.#touched.length) {
      const touched = new Int32Array(this.#touchedCount * 2);
      touched.set(this.#touched);
      this.#touched = touched;
    }
    this.#touched[this.#touchedCount] = slot;
    this.#touchedCount += 1;
  }

  #growSlots(slots: number): void {
    this.#matcher.reserveSlots(slots);
  }

  /** Room for what is noted of keys that are advanced one by one. */
  #growNotes(): void {
    const capacity = this.#matcher.slotCapacity;
    this.#touchedIn = grownF64(this.#touchedIn, capacity);
    this.#startedIn = grownF64(this.#startedIn, capacity);
    const known = this.#advancedTo.length;
    this.#advancedTo = grownF64(this.#advancedTo, capacity).fill(Number.NaN, known);
  }

  /** After all due rows: keys that had one, keys whose timer is due, or every key, advance to the watermark. */
  #finish(watermark: number): void {
    const matcher = this.#matcher;
    matcher.settle(); // the rows of the batch go away
    this.#watermark = watermark;
    if (matcher.endsLazily) {
      // However short the window: a few keys for each event, so that no more is overdue than there are keys.
      const { nextOrdinal } = this.#events;
      matcher.endSomeOverdue(watermark, SWEPT_MOST + SWEPT_FOR_EVENT * (nextOrdinal - this.#sweptOrdinal));
      this.#sweptOrdinal = nextOrdinal;
    }
    else this.#advanceKeys(watermark);
    if (this.#keys.size > Math.max(this.#slotsLimit, this.#keys.sourceTexts)) this.#compactKeys();
    if (this.#events.textCount > this.#textsLimit) this.#compactTexts();
  }

  #advanceKeys(watermark: number): void {
    const matcher = this.#matcher;
    for (let i = 0; i < this.#touchedCount; i += 1) {
      const slot = this.#touched[i] as number;
      if (matcher.needsAdvance(slot, watermark)) matcher.advance(slot, watermark);
    }
    for (;;) {
      const due = this.#timers.takeDue(watermark, this.#due);
      for (let i = 0; i < due; i += 1) {
        const slot = this.#due[i] as number;
        if (matcher.needsAdvance(slot, watermark)) matcher.advance(slot, watermark);
      }
      if (due < this.#due.length) break;
    }
    if (this.#everyKey) {
      for (let slot = 0; slot < this.#keys.size && slot < matcher.slotCapacity; slot += 1) {
        if (matcher.needsAdvance(slot, watermark)) matcher.advance(slot, watermark);
      }
    }
  }

  // --- forgetting

  /** Slots of keys that have state, or a timer that may still mean something. */
  #liveSlots(): Int32Array {
    const matcher = this.#matcher;
    matcher.endOverdue();
    const known = Math.min(this.#keys.size, matcher.slotCapacity);
    const live = new Uint8Array(known);
    for (let slot = 0; slot < known; slot += 1) if (!matcher.isIdle(slot)) live[slot] = 1;
    if (!this.#together) this.#timers.forEach((_, slot) => { live[slot] = 1; });
    const slots = new Int32Array(known);
    let count = 0;
    for (let slot = 0; slot < known; slot += 1) {
      if (live[slot] === 0) continue;
      slots[count] = slot;
      count += 1;
    }
    return slots.subarray(0, count);
  }

  #compactKeys(): void {
    if (this.#pattern.key.length === 0) return;
    const slots = this.#liveSlots();
    this.#slotsLimit = Math.max(SLOTS_KEPT, slots.length * 2);
    if (slots.length * 2 > this.#keys.size) return;
    const renumbered = new Int32Array(this.#keys.size).fill(-1);
    slots.forEach((slot, i) => { renumbered[slot] = i; });
    this.#timers.renumber(renumbered);
    this.#matcher.compactSlots(slots);
    this.#keys.compact(slots);
    // Flags of a call that is over.
    this.#touchedIn = new Float64Array(64);
    this.#startedIn = new Float64Array(64);
    this.#advancedTo = new Float64Array(64).fill(Number.NaN);
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

  // --- state out and in

  /** A consistent image of all state: runs, taken events, held rows, timers, watermark, counters. */
  snapshot(): Uint8Array {
    invariant(this.#failed === null, 'an operator that failed is not used again');
    return writeImage({
      identity: this.#identity, watermark: this.#watermark, passOver: this.#together, schema: this.#schema, lowestKeyGroup: this.#lowestKeyGroup,
      keys: this.#keys, slots: this.#liveSlots(), matcher: this.#matcher, events: this.#events, timers: this.#timers,
      waiting: this.#held.sets().map((set) => ({ rows: set.rows(), chosen: null })), waitingFields: this.#held.fields,
    });
  }

  /** Takes over what images of former subtasks hold of the keys in `keyGroups`. Before the first row. */
  restore(images: readonly Uint8Array[], keyGroups: KeyGroups): void {
    invariant(this.#call === 0 && this.#held.length === 0 && this.#matcher.runs.live === 0, 'restore comes before the first row');
    this.#lowestKeyGroup = keyGroups.start;
    const restored = readImage(images, keyGroups, {
      identity: this.#identity, patternId: this.#pattern.graph.id, maxParallelism: this.#maxParallelism, schema: this.#schema, keyFields: this.#pattern.key,
      keys: this.#keys, matcher: this.#matcher, events: this.#events, timers: this.#timers,
      slot: (values) => {
        const slot = this.#keys.slotOfValues(values);
        if (slot >= this.#matcher.slotCapacity) this.#growSlots(slot + 1);
        return slot;
      },
      hold: (batch, rows) => {
        this.#reserveRows(batch.length);
        this.#classify(batch, false);
        const classes = Uint16Array.from(rows, (row) => this.#classes[row] as number);
        this.#held.add(batch, Int32Array.from(rows), 0, rows.length, classes);
      },
    });
    if (restored === null) return;
    this.#watermark = restored.watermark;
    this.#matcher.countBytes();
    this.#matcher.endSomeOverdue(restored.watermark, 0);
    const quick = this.#quick;
    if (!restored.passOver && (!(quick instanceof LinearMatcher) || restored.watermark < 0 || quick.hasRunsFrom(0))) this.#goOneByOne();
  }

  stageFigures(): readonly StageFigures[] {
    this.#matcher.endOverdue();
    const { counters } = this.#matcher;
    const { count, waiting, atMost } = this.#matcher.partialMatches();
    return [{
      patternId: this.#pattern.graph.id,
      waiting, ...(atMost ? { atMost } : {}), entered: [...counters.entered], advanced: [...counters.advanced],
      expired: [...counters.expired], blocked: [...counters.blocked],
      heldBack: this.#matcher.heldBack, dropped: counters.dropped, matches: counters.matches, partialMatches: count, keys: this.#liveKeys(),
    }];
  }

  #liveKeys(): number {
    const matcher = this.#matcher;
    let live = 0;
    const known = Math.min(this.#keys.size, matcher.slotCapacity);
    for (let slot = 0; slot < known; slot += 1) if (!matcher.isIdle(slot)) live += 1;
    return live;
  }

  /** Index of the pattern in the job. */
  get patternIndex(): number { return this.#patternIndex; }
  /** The key of a slot, for explanations. */
  keyOf(slot: number): readonly FieldValue[] { return this.#keys.values(slot); }
}

const newActive = (capacity: number) => ({ rows: new Int32Array(capacity), classes: new Uint16Array(capacity), slots: new Int32Array(capacity), places: new Int32Array(capacity) });

function isInOrder(time: Float64Array, length: number): boolean {
  let last = time[0] as number;
  let row = 1;
  for (; row + 3 < length; row += 4) {
    const a = time[row] as number;
    const b = time[row + 1] as number;
    const c = time[row + 2] as number;
    const d = time[row + 3] as number;
    if (a < last || b < a || c < b || d < c) return false;
    last = d;
  }
  for (; row < length; row += 1) {
    if ((time[row] as number) < last) return false;
    last = time[row] as number;
  }
  return true;
}
