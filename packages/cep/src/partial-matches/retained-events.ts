/**
 * Retained events: the events that partial matches have taken, as columns.
 *
 * Always  a row lives as long as something refers to it (a reference count); freed rows are used again, so memory
 *         follows what is alive and not what has passed. `ordinal` rises with every event ever taken: for one key it
 *         orders events as Flink's event ids (time, then order within that time) do, because a key's events are
 *         processed in that order.
 *         Text codes are of this store's own dictionaries, into which source codes are translated once each.
 * Units   time in ms of event time.
 * Not here: which stage took an event (node-log.ts), when dictionaries are made anew (the operator's compaction).
 */
import { invariant } from '@tidemark/core';
import { type Column, type ColumnSet, Dictionary, type EventSchema } from '@tidemark/event';
import { type CodeTable, CodeTables } from './code-table.ts';
import { grownF64, grownI32, grownU8 } from './grow.ts';

/** Rows that events are copied from. */
export interface EventRows extends ColumnSet {
  readonly position: Float64Array;
  /** Split of all rows, or of each. */
  readonly split: number | Int32Array;
}

type NumberColumn = Extract<Column, { kind: 'double' | 'int' }>;
type BoolColumn = Extract<Column, { kind: 'bool' }>;
type TextColumn = Extract<Column, { kind: 'string' }>;

/** Source columns beside their targets: made once for each set of rows. */
export interface CopyPlan {
  readonly rows: EventRows;
  readonly numbers: readonly NumberColumn[];
  readonly bools: readonly BoolColumn[];
  readonly texts: readonly TextColumn[];
  /** Own code by source code, -1 = not met yet; one for each text column. */
  readonly codes: readonly CodeTable[];
}

const FREE = -1;

export class RetainedEvents implements EventRows {
  readonly schema: EventSchema;
  readonly columns: readonly Column[];
  time: Float64Array;
  position: Float64Array;
  split: Int32Array;
  ordinal: Float64Array;
  /** References; where the row is free, FREE - 1 - next free row. */
  #refs: Int32Array;
  #freeHead = FREE;
  /** Rows ever used: all live rows are below. */
  #length = 0;
  #live = 0;
  #capacity: number;
  /** Fields that are copied; the others stay absent. */
  readonly #kept: readonly number[];
  readonly #tables: (CodeTables | undefined)[] = [];
  nextOrdinal = 1;

  /** `kept`: fields that conditions of later stages or an output read. */
  constructor(schema: EventSchema, kept: readonly number[], capacity = 256) {
    this.schema = schema;
    this.#kept = kept;
    this.#capacity = capacity;
    this.time = new Float64Array(capacity);
    this.position = new Float64Array(capacity);
    this.split = new Int32Array(capacity);
    this.ordinal = new Float64Array(capacity);
    this.#refs = new Int32Array(capacity);
    this.columns = schema.fields.map((field): Column => {
      const present = new Uint8Array(capacity);
      if (field.type === 'string') return { kind: 'string', codes: new Int32Array(capacity).fill(-1), present, dictionary: new Dictionary() };
      if (field.type === 'bool') return { kind: 'bool', values: new Uint8Array(capacity), present };
      return { kind: field.type, values: new Float64Array(capacity), present };
    });
  }

  get live(): number { return this.#live; }
  get length(): number { return this.#length; }
  get kept(): readonly number[] { return this.#kept; }

  plan(rows: EventRows): CopyPlan {
    const numbers: NumberColumn[] = [];
    const bools: BoolColumn[] = [];
    const texts: TextColumn[] = [];
    const codes: CodeTable[] = [];
    for (const field of this.#kept) {
      const column = rows.columns[field] as Column;
      if (column.kind === 'string') {
        texts.push(column);
        codes.push(this.codeTable(field, column.dictionary));
      } else if (column.kind === 'bool') bools.push(column);
      else numbers.push(column);
    }
    return { rows, numbers, bools, texts, codes };
  }

  codeTable(field: number, from: Dictionary): CodeTable {
    const tables = (this.#tables[field] ??= new CodeTables((this.columns[field] as TextColumn).dictionary));
    return tables.for(from);
  }

  /** Targets in the order of a plan. */
  #targets: { numbers: NumberColumn[]; bools: BoolColumn[]; texts: TextColumn[] } | null = null;

  #targetColumns(): { numbers: NumberColumn[]; bools: BoolColumn[]; texts: TextColumn[] } {
    if (this.#targets) return this.#targets;
    const targets = { numbers: [] as NumberColumn[], bools: [] as BoolColumn[], texts: [] as TextColumn[] };
    for (const field of this.#kept) {
      const column = this.columns[field] as Column;
      if (column.kind === 'string') targets.texts.push(column);
      else if (column.kind === 'bool') targets.bools.push(column);
      else targets.numbers.push(column);
    }
    this.#targets = targets;
    return targets;
  }

  /** Copies one row and answers with its row here, which has one reference: the caller's. */
  add(plan: CopyPlan, row: number): number {
    const at = this.#allocate();
    const { rows, numbers, bools, texts, codes } = plan;
    const targets = this.#targets ?? this.#targetColumns();
    this.time[at] = rows.time[row] as number;
    this.position[at] = rows.position[row] as number;
    this.split[at] = typeof rows.split === 'number' ? rows.split : (rows.split[row] as number);
    this.ordinal[at] = this.nextOrdinal;
    this.nextOrdinal += 1;
    for (let i = 0; i < numbers.length; i += 1) {
      const from = numbers[i] as NumberColumn;
      const to = targets.numbers[i] as NumberColumn;
      to.values[at] = from.values[row] as number;
      to.present[at] = from.present[row] as number;
    }
    for (let i = 0; i < texts.length; i += 1) {
      const from = texts[i] as TextColumn;
      const to = targets.texts[i] as TextColumn;
      const present = from.present[row] as number;
      to.present[at] = present;
      to.codes[at] = present === 1 ? (codes[i] as CodeTable).get(from.codes[row] as number) : -1;
    }
    for (let i = 0; i < bools.length; i += 1) {
      const from = bools[i] as BoolColumn;
      const to = targets.bools[i] as BoolColumn;
      to.values[at] = from.values[row] as number;
      to.present[at] = from.present[row] as number;
    }
    return at;
  }

  #allocate(): number {
    this.#live += 1;
    const free = this.#freeHead;
    if (free !== FREE) {
      this.#freeHead = FREE - 1 - (this.#refs[free] as number);
      this.#refs[free] = 1;
      return free;
    }
    if (this.#length === this.#capacity) this.#grow();
    const at = this.#length;
    this.#length = at + 1;
    this.#refs[at] = 1;
    return at;
  }

  #grow(): void {
    const capacity = this.#capacity * 2;
    this.time = grownF64(this.time, capacity);
    this.position = grownF64(this.position, capacity);
    this.split = grownI32(this.split, capacity);
    this.ordinal = grownF64(this.ordinal, capacity);
    this.#refs = grownI32(this.#refs, capacity);
    for (const column of this.columns) {
      column.present = grownU8(column.present, capacity);
      if (column.kind === 'string') {
        const codes = new Int32Array(capacity).fill(-1);
        codes.set(column.codes);
        column.codes = codes;
      } else if (column.kind === 'bool') column.values = grownU8(column.values, capacity);
      else column.values = grownF64(column.values, capacity);
    }
    this.#capacity = capacity;
  }

  retain(row: number): void {
    this.#refs[row] = (this.#refs[row] as number) + 1;
  }

  release(row: number): void {
    const refs = (this.#refs[row] as number) - 1;
    if (refs > 0) {
      this.#refs[row] = refs;
      return;
    }
    invariant(refs === 0, 'an event is released as often as it was retained');
    this.#refs[row] = FREE - 1 - this.#freeHead;
    this.#freeHead = row;
    this.#live -= 1;
  }

  isLive(row: number): boolean {
    return (this.#refs[row] as number) > 0;
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
