/**
 * Retained events: the events that partial matches have taken, as columns.
 *
 * Always  a row lives as long as something refers to it (a reference count); freed rows are used again, so memory
 *         follows what is alive and not what has passed. `ordinal` rises with every event ever taken: for one key it
 *         orders events as Flink's event ids (time, then order within that time) do, because a key's events are
 *         processed in that order.
 *         Row 0 is no event that lives: it is the place for an event that is given out and not kept.
 *         Text codes are of this store's own dictionaries, into which source codes are translated once each.
 *         Fields of rows that were added to be copied later (addLater) are there after copyFields: column by column, in one
 *         go for the rows of a batch. Until then such a row has its record alone.
 * Units   time in ms of event time.
 * Not here: which stage took an event (node-log.ts), when dictionaries are made anew (the operator's compaction).
 */
import { invariant } from '@tidemark/core';
import { type Column, type ColumnSet, Dictionary, type EventSchema } from '@tidemark/event';
import { type CodeTable, CodeTables } from './code-table.ts';
import { type ColumnArrays, CopyPlan, type SourceRows } from './copy-plan.ts';
import { grownF64, grownI32, grownU8 } from './grow.ts';

/** Rows with their times and places in the input. `time` of the column set may be empty: timeOf is asked. */
export interface EventRows extends ColumnSet {
  timeOf(row: number): number;
  positionOf(row: number): number;
  splitOf(row: number): number;
}

/**
 * What belongs to a row beside its columns, in 32 bytes: ordinal, position, time, references and split; in 40 where runs
 * live in their first events (event-runs.ts), with state and node of the run that the event began.
 */
const DOUBLES = 4;
const RUN_DOUBLES = 5;
export const EVENT_INTS = 2 * RUN_DOUBLES;
const POSITION = 1;
const TIME = 2;
const REFS = 6;
const SPLIT = 7;
export const RUN_STATE = 8;
export const RUN_NODE = 9;
/** With so many rows alive the order in which free ones are used again counts. */
const MANY_LIVE = 16_384;
/** So many free rows or more are put in order before they are used again, if they lie within such a span of rows. */
const ORDERED_LEAST = 64;
const ORDERED_SPAN = 1 << 16;
const NO_TIME = new Float64Array();
const NO_POSITION = new Float64Array();
export const PASSING_ROW = 0;

type TextColumn = Extract<Column, { kind: 'string' }>;

export class RetainedEvents implements EventRows, ColumnSet {
  readonly schema: EventSchema;
  readonly columns: readonly Column[];
  /** Empty: times lie in the records (timeOf). Conditions read the time field as a column. */
  readonly time = NO_TIME;
  #doubles: Float64Array;
  #ints: Int32Array;
  /** Rows that were used and are free, in the order in which they came free: a ring from #freeHead, of a power-of-two size. */
  #free = new Int32Array(64);
  #freeMask = 63;
  #freeHead = 0;
  #freeCount = 0;
  /** Rows ever used: all live rows are below. */
  #length = 1;
  #live = 0;
  #capacity: number;
  /** Fields that are copied; the others stay absent. */
  readonly #kept: readonly number[];
  readonly #tables: (CodeTables | undefined)[] = [];
  nextOrdinal = 1;
  /** Whether what a window ends is mostly of the same keys: then rows that come free are used again in that order (#takeFree). */
  hasFewKeys = true;
  readonly #rowBytes: number;
  /** By kept field in the order of a plan: 1 where a row of the column may lack its value. Else all its flags are 1, of unused rows too. */
  readonly #mixed: Uint8Array;

  /** Doubles and integers of a record. */
  readonly #doublesEach: number;
  readonly #intsEach: number;

  /** `kept`: fields that conditions of later stages or an output read. `haveRuns`: runs live in their first events. */
  constructor(schema: EventSchema, kept: readonly number[], rows = 255, haveRuns = false) {
    const capacity = rows + 1;
    this.#doublesEach = haveRuns ? RUN_DOUBLES : DOUBLES;
    this.#intsEach = 2 * this.#doublesEach;
    this.schema = schema;
    this.#kept = kept;
    this.#capacity = capacity;
    this.#rowBytes = this.#doublesEach * 8 + bytesOfRow(schema, kept);
    this.#doubles = new Float64Array(capacity * this.#doublesEach);
    this.#ints = new Int32Array(this.#doubles.buffer);
    this.#mixed = new Uint8Array(kept.length);
    this.columns = schema.fields.map((field, i): Column => {
      const present = new Uint8Array(capacity).fill(kept.includes(i) ? 1 : 0);
      if (field.type === 'string') return { kind: 'string', codes: new Int32Array(capacity).fill(-1), present, dictionary: new Dictionary() };
      if (field.type === 'bool') return { kind: 'bool', values: new Uint8Array(capacity), present };
      return { kind: field.type, values: new Float64Array(capacity), present };
    });
  }

  get live(): number { return this.#live; }
  /** Records and kept columns of the rows that live, and the texts of the dictionaries. */
  get bytesInUse(): number {
    let bytes = this.#live * this.#rowBytes;
    for (const field of this.#kept) {
      const column = this.columns[field] as Column;
      if (column.kind === 'string') bytes += column.dictionary.byteLength;
    }
    return bytes;
  }
  /** Whether a record has room for the run that the event began. */
  get haveRuns(): boolean { return this.#doublesEach === RUN_DOUBLES; }
  /** Rows ever used, row 0 included. */
  get length(): number { return this.#length; }
  timeOf(row: number): number { return this.#doubles[row * this.#doublesEach + TIME] as number; }
  ordinalOf(row: number): number { return this.#doubles[row * this.#doublesEach] as number; }
  positionOf(row: number): number { return this.#doubles[row * this.#doublesEach + POSITION] as number; }
  splitOf(row: number): number { return this.#ints[row * this.#intsEach + SPLIT] as number; }
  /** Of the run that the event began, where runs live in their first events (event-runs.ts). */
  runStateOf(row: number): number { return this.#ints[row * EVENT_INTS + RUN_STATE] as number; }
  runNodeOf(row: number): number { return this.#ints[row * EVENT_INTS + RUN_NODE] as number; }
  setRun(row: number, state: number, node: number): void {
    this.#ints[row * EVENT_INTS + RUN_STATE] = state;
    this.#ints[row * EVENT_INTS + RUN_NODE] = node;
  }
  /** The records as integers, until the next event is added. */
  get records(): Int32Array { return this.#ints; }
  get kept(): readonly number[] { return this.#kept; }

  /** For rows of a batch that change no more. */
  plan(rows: SourceRows): CopyPlan {
    return this.planColumns(rows, rows.length, rows.position, rows.split);
  }

  /** The same for any columns; places are set by the caller. */
  planColumns(rows: ColumnSet, length: number, position: Float64Array = NO_POSITION, split = 0): CopyPlan {
    const arrays = this.#arraysOf(rows);
    const codes = arrays.textFields.map((field) => this.codeTable(field, (rows.columns[field] as TextColumn).dictionary));
    return new CopyPlan(rows, length, position, split, arrays, codes);
  }

  /** Whether a plan that was made for a batch object still fits its columns. */
  isFor(plan: CopyPlan, rows: SourceRows): boolean {
    if (plan.rows !== rows || plan.position !== rows.position) return false;
    let numbers = 0;
    let bools = 0;
    let texts = 0;
    for (const field of this.#kept) {
      const column = rows.columns[field] as Column;
      if (column.kind === 'string') {
        if (plan.texts[texts] !== column.codes || !(plan.codes[texts] as CodeTable).isFor(column.dictionary)) return false;
        texts += 1;
      } else if (column.kind === 'bool') {
        if (plan.bools[bools] !== column.values) return false;
        bools += 1;
      } else {
        if (plan.numbers[numbers] !== column.values) return false;
        numbers += 1;
      }
    }
    return true;
  }

  #arraysOf(rows: ColumnSet): ColumnArrays {
    const numbers: Float64Array[] = [];
    const bools: Uint8Array[] = [];
    const texts: Int32Array[] = [];
    const textFields: number[] = [];
    const present: [Uint8Array[], Uint8Array[], Uint8Array[]] = [[], [], []];
    for (const field of this.#kept) {
      const column = rows.columns[field] as Column;
      if (column.kind === 'string') {
        texts.push(column.codes);
        textFields.push(field);
        present[2].push(column.present);
      } else if (column.kind === 'bool') {
        bools.push(column.values);
        present[1].push(column.present);
      } else {
        numbers.push(column.values);
        present[0].push(column.present);
      }
    }
    return { numbers, bools, texts, textFields, present: present.flat() };
  }

  codeTable(field: number, from: Dictionary): CodeTable {
    const tables = (this.#tables[field] ??= new CodeTables((this.columns[field] as TextColumn).dictionary));
    return tables.for(from);
  }

  /** Own arrays in the order of a plan; made anew when the store grows. */
  #targets: ColumnArrays | null = null;

  /** Copies one row and answers with its row here, which has no reference yet: the caller puts it into a node. */
  add(plan: CopyPlan, row: number): number {
    const at = this.#allocate();
    this.#copy(plan, row, at);
    return at;
  }

  // Rows whose fields have not been copied so far, in the order of their adding: all of one plan.
  #laterPlan: CopyPlan | null = null;
  #laterFrom = new Int32Array(256);
  #laterTo = new Int32Array(256);
  #laterCount = 0;

  /** The same with `references`, but fields come with the next `copyFields`, while `plan` still holds the row. */
  addLater(plan: CopyPlan, row: number, references: number): number {
    const at = this.#allocate();
    const double = at * this.#doublesEach;
    const doubles = this.#doubles;
    doubles[double] = this.nextOrdinal;
    doubles[double + POSITION] = plan.position[row] as number;
    doubles[double + TIME] = plan.time[row] as number;
    this.#ints[at * this.#intsEach + REFS] = references;
    this.#ints[at * this.#intsEach + SPLIT] = plan.split;
    this.nextOrdinal += 1;
    if (this.#laterPlan !== plan) {
      this.copyFields();
      this.#laterPlan = plan;
    }
    const count = this.#laterCount;
    if (count === this.#laterFrom.length) {
      this.#laterFrom = grownI32(this.#laterFrom, count * 2);
      this.#laterTo = grownI32(this.#laterTo, count * 2);
    }
    this.#laterFrom[count] = row;
    this.#laterTo[count] = at;
    this.#laterCount = count + 1;
    return at;
  }

  /** addLater for `count` events at once, those of sources[i]; answers in into[i] with their rows, which have one reference each. */
  addManyLater(plan: CopyPlan, sources: Int32Array, count: number, into: Int32Array): void {
    if (this.#laterPlan !== plan) {
      this.copyFields();
      this.#laterPlan = plan;
    }
    const later = this.#laterCount;
    if (later + count > this.#laterFrom.length) {
      this.#laterFrom = grownI32(this.#laterFrom, (later + count) * 2);
      this.#laterTo = grownI32(this.#laterTo, (later + count) * 2);
    }
    this.#laterCount = later + count;
    this.reserve(count);
    this.#takeRows(count, into);
    const laterFrom = this.#laterFrom;
    const laterTo = this.#laterTo;
    const doubles = this.#doubles;
    const ints = this.#ints;
    const doublesEach = this.#doublesEach;
    const { position, time, split } = plan;
    const ordinal = this.nextOrdinal;
    for (let i = 0; i < count; i += 1) {
      const row = sources[i] as number;
      const at = into[i] as number;
      laterFrom[later + i] = row;
      laterTo[later + i] = at;
      const double = at * doublesEach;
      doubles[double] = ordinal + i;
      doubles[double + POSITION] = position[row] as number;
      doubles[double + TIME] = time[row] as number;
      ints[2 * double + REFS] = 1;
      ints[2 * double + SPLIT] = split;
    }
    this.nextOrdinal = ordinal + count;
  }

  /** Copies the fields of all rows that were added to be copied later. A row that was freed and used again is copied twice, in order. */
  copyFields(): void {
    const count = this.#laterCount;
    if (count === 0) return;
    this.#laterCount = 0;
    this.#copyMany(this.#laterPlan as CopyPlan, this.#laterFrom, count, this.#laterTo);
  }

  /**
   * Copies rows[0, count) column by column, with one reference each; the ordinal of the i-th is ordinal + offsets[i], its
   * class classes[offsets[i]]. Each has a run, in no list so far, in the state and stage that the class begins one in; its
   * node is what `first` gives for a row: -2 - (row << bits | stage).
   */
  addRuns(
    plan: CopyPlan, rows: Int32Array, offsets: Int32Array, classes: Uint16Array, states: Int32Array, stages: Int32Array,
    stageBits: number, count: number, ordinal: number, into: Int32Array,
  ): void {
    this.copyFields();
    while (this.#length + count > this.#capacity) this.#grow();
    this.#takeRows(count, into);
    const ints = this.#ints;
    const doubles = this.#doubles;
    const { time, position, split } = plan;
    for (let i = 0; i < count; i += 1) {
      const row = rows[i] as number;
      const at = into[i] as number;
      const offset = offsets[i] as number;
      const eventClass = classes[offset] as number;
      const int = at * EVENT_INTS;
      const double = at * RUN_DOUBLES;
      doubles[double] = ordinal + offset;
      doubles[double + POSITION] = position[row] as number;
      doubles[double + TIME] = time[row] as number;
      ints[int + REFS] = 1;
      ints[int + SPLIT] = split;
      ints[int + RUN_STATE] = states[eventClass] as number;
      ints[int + RUN_NODE] = -2 - ((at << stageBits) | (stages[eventClass] as number));
    }
    if (plan.present.length > 0) this.#copyMany(plan, rows, count, into);
  }

  /** Whether the rows that came free first are used again first, where `left` are left then (#takeFree). */
  #usesOldest(left: number): boolean {
    return this.hasFewKeys && this.#live >= MANY_LIVE && left <= this.#live >> 2;
  }

  /** Rows to be used, for `count` events at once: what #takeFree gives, one after the other, then new ones. */
  #takeRows(count: number, into: Int32Array): void {
    const free = this.#free;
    const mask = this.#freeMask;
    const again = Math.min(count, this.#freeCount);
    if (!this.#usesOldest(this.#freeCount - again)) {
      const last = this.#freeHead + this.#freeCount - 1;
      for (let i = 0; i < again; i += 1) into[i] = free[(last - i) & mask] as number;
    } else {
      const first = this.#freeHead;
      for (let i = 0; i < again; i += 1) into[i] = free[(first + i) & mask] as number;
      this.#freeHead = (first + again) & mask;
    }
    for (let i = again; i < count; i += 1) into[i] = this.#length + i - again;
    this.#length += count - again;
    this.#freeCount -= again;
    this.#live += count;
  }

  #ordered = new Int32Array();

  /**
   * Puts the next free rows, `count` of them, in order, where rows are used again as they came free (#takeFree). Rows that
   * were used together come free together, but in the order in which runs let go of them: without this they would get mixed
   * a little more each time, and what is read along a list would lie all over the place.
   */
  orderFree(count: number): void {
    const some = Math.min(count, this.#freeCount);
    if (some < ORDERED_LEAST || !this.#usesOldest(this.#freeCount)) return;
    const free = this.#free;
    const mask = this.#freeMask;
    const head = this.#freeHead;
    let least = free[head & mask] as number;
    let greatest = least;
    for (let i = 1; i < some; i += 1) {
      const row = free[(head + i) & mask] as number;
      least = Math.min(least, row);
      greatest = Math.max(greatest, row);
    }
    if (greatest - least >= ORDERED_SPAN) return;
    if (this.#ordered.length === 0) this.#ordered = new Int32Array(ORDERED_SPAN >> 5);
    const bits = this.#ordered;
    for (let i = 0; i < some; i += 1) {
      const place = (free[(head + i) & mask] as number) - least;
      bits[place >> 5] = (bits[place >> 5] as number) | (1 << (place & 31));
    }
    let at = head;
    for (let word = 0; word <= (greatest - least) >> 5; word += 1) {
      for (let left = bits[word] as number; left !== 0; left &= left - 1) {
        free[at & mask] = least + (word << 5) + 31 - Math.clz32(left & -left);
        at += 1;
      }
      bits[word] = 0;
    }
  }

  /** Makes room for `count` more events: until then nothing here is moved. */
  reserve(count: number): void {
    while (this.#length + count > this.#capacity) this.#grow();
  }

  /** The same for one row of which no field is kept. */
  addRun(plan: CopyPlan, row: number, state: number, stage: number, stageBits: number, ordinal: number): number {
    let at = this.#length;
    if (this.#freeCount > 0) at = this.#takeFree();
    else this.#length += 1;
    this.#live += 1;
    const ints = this.#ints;
    const doubles = this.#doubles;
    const int = at * EVENT_INTS;
    const double = at * RUN_DOUBLES;
    doubles[double] = ordinal;
    doubles[double + POSITION] = plan.position[row] as number;
    doubles[double + TIME] = plan.time[row] as number;
    ints[int + REFS] = 1;
    ints[int + SPLIT] = plan.split;
    ints[int + RUN_STATE] = state;
    ints[int + RUN_NODE] = -2 - ((at << stageBits) | stage);
    return at;
  }

  #copyMany(plan: CopyPlan, rows: Int32Array, count: number, into: Int32Array): void {
    const to = (this.#targets ??= this.#arraysOf(this));
    plan.numbers.forEach((from, field) => scatterNumbers(from, rows, to.numbers[field] as Float64Array, into, count));
    plan.texts.forEach((from, field) => {
      (plan.codes[field] as CodeTable).translate(from, rows, to.texts[field] as Int32Array, into, count);
    });
    plan.bools.forEach((from, field) => scatterBytes(from, rows, to.bools[field] as Uint8Array, into, count));
    const { complete } = plan;
    plan.present.forEach((from, field) => {
      const target = to.present[field] as Uint8Array;
      if (complete[field] === 1) {
        if (this.#mixed[field] === 1) for (let i = 0; i < count; i += 1) target[into[i] as number] = 1;
        return;
      }
      this.#mixed[field] = 1;
      scatterBytes(from, rows, target, into, count);
    });
  }

  /** Copies one row into row 0, where it stays until the next. */
  pass(plan: CopyPlan, row: number): void {
    const doubles = this.#doubles;
    doubles[0] = this.nextOrdinal;
    doubles[POSITION] = plan.position[row] as number;
    doubles[TIME] = plan.time[row] as number;
    this.#ints[SPLIT] = plan.split;
    this.nextOrdinal += 1;
    if (plan.present.length > 0) this.#copyFieldsOf(plan, row, PASSING_ROW);
  }

  /** For rows that come from somewhere else than a batch. */
  setPlace(row: number, time: number, position: number, split: number, ordinal: number): void {
    this.#doubles[row * this.#doublesEach + TIME] = time;
    this.#doubles[row * this.#doublesEach] = ordinal;
    this.#doubles[row * this.#doublesEach + POSITION] = position;
    this.#ints[row * this.#intsEach + SPLIT] = split;
  }

  #copy(plan: CopyPlan, row: number, at: number): void {
    this.#doubles[at * this.#doublesEach + TIME] = plan.time[row] as number;
    this.#doubles[at * this.#doublesEach] = this.nextOrdinal;
    this.#doubles[at * this.#doublesEach + POSITION] = plan.position[row] as number;
    this.#ints[at * this.#intsEach + SPLIT] = plan.split;
    this.nextOrdinal += 1;
    if (plan.present.length > 0) this.#copyFieldsOf(plan, row, at);
  }

  #copyFieldsOf(plan: CopyPlan, row: number, at: number): void {
    const { numbers, bools, texts, present } = plan;
    const to = (this.#targets ??= this.#arraysOf(this));
    for (let i = 0; i < numbers.length; i += 1) (to.numbers[i] as Float64Array)[at] = (numbers[i] as Float64Array)[row] as number;
    for (let i = 0; i < texts.length; i += 1) {
      const code = (texts[i] as Int32Array)[row] as number;
      (to.texts[i] as Int32Array)[at] = code < 0 ? -1 : (plan.codes[i] as CodeTable).get(code);
    }
    for (let i = 0; i < bools.length; i += 1) (to.bools[i] as Uint8Array)[at] = (bools[i] as Uint8Array)[row] as number;
    const { complete } = plan;
    for (let i = 0; i < present.length; i += 1) {
      if (complete[i] === 1) {
        if (this.#mixed[i] === 1) (to.present[i] as Uint8Array)[at] = 1;
        continue;
      }
      this.#mixed[i] = 1;
      (to.present[i] as Uint8Array)[at] = (present[i] as Uint8Array)[row] as number;
    }
  }

  /**
   * A row to be used again: the last one that came free, which the caches still know. Where many live and few are free the
   * first one: so rows go on lying in the order of their times, and what a window ends is found side by side.
   */
  #takeFree(): number {
    const mask = this.#freeMask;
    const count = this.#freeCount - 1;
    this.#freeCount = count;
    if (!this.#usesOldest(count)) return this.#free[(this.#freeHead + count) & mask] as number;
    const head = this.#freeHead;
    this.#freeHead = (head + 1) & mask;
    return this.#free[head] as number;
  }

  #putFree(row: number): void {
    if (this.#freeCount > this.#freeMask) this.#growFree();
    this.#free[(this.#freeHead + this.#freeCount) & this.#freeMask] = row;
    this.#freeCount += 1;
  }

  #growFree(): void {
    const { length } = this.#free;
    const free = new Int32Array(length * 2);
    for (let i = 0; i < length; i += 1) free[i] = this.#free[(this.#freeHead + i) & (length - 1)] as number;
    this.#free = free;
    this.#freeMask = length * 2 - 1;
    this.#freeHead = 0;
  }

  #allocate(): number {
    this.#live += 1;
    if (this.#freeCount > 0) return this.#takeFree();
    if (this.#length === this.#capacity) this.#grow();
    const at = this.#length;
    this.#length = at + 1;
    this.#ints[at * this.#intsEach + REFS] = 0;
    return at;
  }

  #grow(): void {
    const capacity = this.#capacity * 2;
    this.#doubles = grownF64(this.#doubles, capacity * this.#doublesEach);
    this.#ints = new Int32Array(this.#doubles.buffer);
    this.columns.forEach((column, field) => {
      const from = column.present.length;
      column.present = grownU8(column.present, capacity);
      if (this.#kept.includes(field)) column.present.fill(1, from);
      if (column.kind === 'string') {
        const codes = new Int32Array(capacity).fill(-1);
        codes.set(column.codes);
        column.codes = codes;
      } else if (column.kind === 'bool') column.values = grownU8(column.values, capacity);
      else column.values = grownF64(column.values, capacity);
    });
    this.#capacity = capacity;
    this.#targets = null;
  }

  retain(row: number, times = 1): void {
    const at = row * this.#intsEach + REFS;
    this.#ints[at] = (this.#ints[at] as number) + times;
  }

  release(row: number): void {
    const at = row * this.#intsEach + REFS;
    const refs = (this.#ints[at] as number) - 1;
    if (refs > 0) {
      this.#ints[at] = refs;
      return;
    }
    invariant(refs === 0, 'an event is released as often as it was retained');
    this.#ints[at] = 0;
    this.#putFree(row);
    this.#live -= 1;
  }

  /** Releases rows[head], rows[head + 1] … of a ring with `count` of them, up to the first event after `floor`; answers with their number. */
  releaseUpTo(rows: Int32Array, head: number, count: number, floor: number): number {
    let released = 0;
    for (;;) {
      // as many as there is surely room for among the free ones
      const some = Math.min(count - released, this.#freeMask + 1 - this.#freeCount);
      const from = head + released;
      const now = this.#releaseSome(rows, from < rows.length ? from : from - rows.length, some, floor);
      released += now;
      if (now < some || released === count) return released;
      this.#growFree();
    }
  }

  #releaseSome(rows: Int32Array, head: number, count: number, floor: number): number {
    const doubles = this.#doubles;
    const ints = this.#ints;
    const each = this.#doublesEach;
    const free = this.#free;
    const mask = this.#freeMask;
    const { length } = rows;
    const first = this.#freeHead + this.#freeCount;
    let end = first;
    let at = head;
    let all = 0;
    let released = 0;
    for (; released < count; released += 1) {
      const row = rows[at] as number;
      const double = row * each;
      if ((doubles[double + TIME] as number) > floor) break;
      at = at + 1 === length ? 0 : at + 1;
      const refs = (ints[2 * double + REFS] as number) - 1;
      ints[2 * double + REFS] = refs;
      all |= refs;
      if (refs > 0) continue;
      free[end & mask] = row;
      end += 1;
    }
    invariant(all >= 0, 'an event is released as often as it was retained');
    this.#freeCount += end - first;
    this.#live -= end - first;
    return released;
  }

  isLive(row: number): boolean {
    return (this.#ints[row * this.#intsEach + REFS] as number) > 0;
  }

  /** Ascending. */
  liveRows(): Int32Array {
    const rows = new Int32Array(this.#live);
    let count = 0;
    for (let row = 1; row < this.#length; row += 1) if (this.isLive(row)) rows[count++] = row;
    return rows.subarray(0, count);
  }

  /**
   * Makes the text dictionaries anew from what live rows use. Plans made before are void.
   */
  compactTexts(): void {
    for (const field of this.#kept) {
      const column = this.columns[field] as Column;
      if (column.kind !== 'string') continue;
      const fresh = new Dictionary();
      const table = new CodeTables(fresh).for(column.dictionary);
      for (let row = 0; row < this.#length; row += 1) {
        if (this.isLive(row) && column.present[row] === 1) column.codes[row] = table.get(column.codes[row] as number);
      }
      column.dictionary = fresh;
      this.#tables[field] = undefined;
    }
  }

  /** Texts in all dictionaries. */
  get textCount(): number {
    let count = 0;
    for (const field of this.#kept) {
      const column = this.columns[field] as Column;
      if (column.kind === 'string') count += column.dictionary.size;
    }
    return count;
  }
}

/** from[rows[i]] into target[into[i]], for `count` rows: functions of their own, so that the arrays are looked up once. */
function scatterNumbers(from: Float64Array, rows: Int32Array, target: Float64Array, into: Int32Array, count: number): void {
  for (let i = 0; i < count; i += 1) target[into[i] as number] = from[rows[i] as number] as number;
}
function scatterBytes(from: Uint8Array, rows: Int32Array, target: Uint8Array, into: Int32Array, count: number): void {
  for (let i = 0; i < count; i += 1) target[into[i] as number] = from[rows[i] as number] as number;
}

/** Bytes of a row in the columns of some fields. */
export function bytesOfRow(schema: EventSchema, fields: readonly number[]): number {
  let bytes = 0;
  for (const field of fields) {
    const type = schema.fields[field]?.type;
    bytes += 1 + (type === 'bool' ? 1 : type === 'string' ? 4 : 8);
  }
  return bytes;
}
