/**
 * Classifier: the class of every row of a batch, from one pass of each column predicate over its columns.
 *
 * Predicates that read one and the same text field are decided once for each text: a table by dictionary code gives
 * them all at once. Where all predicates do, the table gives the class itself.
 *
 * Always  a predicate is computed once for a row (or once for a text), whatever the number of runs and states that ask
 *         for it; that it could not be computed is part of the class and no fault by itself.
 *         All predicates of one event together cost no more than EVENT_BUDGET: each may cost its share.
 * Errors  TooCostly, with predicate and row, where one costs more.
 * Not here: what a class means (plan-table.ts).
 */
import { compileKernel, type ColumnKernel, CostExceeded, EVALUATION_BUDGET } from '@tidemark/condition';
import { type Column, type ColumnSet, type Dictionary, EventBatch, type EventSchema } from '@tidemark/event';
import type { Automaton } from './automaton.ts';
import { GROUP_SIZE, type PlanTable } from './plan-table.ts';
import type { SharedPredicates } from '../many-patterns/shared-predicates.ts';

type TextColumn = Extract<Column, { kind: 'string' }>;

interface Kernel {
  readonly predicate: number;
  readonly kernel: ColumnKernel;
}

/** Cost that all conditions of one event may have together: those that read it alone, and again those that read earlier stages. */
export const EVENT_BUDGET = 4 * EVALUATION_BUDGET;

/** A predicate costs too much for a row of the batch. */
export class TooCostly extends Error {
  readonly predicate: number;
  readonly row: number;
  override readonly cause: CostExceeded;

  constructor(predicate: number, row: number, cause: CostExceeded) {
    super(cause.message);
    this.predicate = predicate;
    this.row = row;
    this.cause = cause;
  }
}

/** Room that classifiers of a thread share: nothing in it outlives a call. */
let values = new Uint8Array(1024);
const groupCodes: Uint16Array[] = [];
let packedRows = new Int32Array(4096);

/** Codes of `groups` groups, with room for rows below `length`. */
function codesFor(groups: number, length: number): readonly Uint16Array[] {
  if (values.length < length) values = new Uint8Array(length * 2);
  for (let group = 0; group < groups; group += 1) {
    if ((groupCodes[group]?.length ?? 0) < length) groupCodes[group] = new Uint16Array(Math.max(1024, length * 2));
  }
  return groupCodes.length === groups ? groupCodes : groupCodes.slice(0, groups);
}

/** Beside a class: it can start or move a run. */
const ACTIVE = 0x8000;
const CLASS = 0x7fff;
/** Rows whose numbers fit beside a class. */
const PACKED_ROWS = 0x10000;

export class Classifier {
  readonly #table: PlanTable;
  /** Predicates that are computed row by row. */
  readonly #kernels: readonly Kernel[];
  readonly #textFields: readonly TextField[];
  readonly #groups: number;
  /** Set where one text field decides everything. */
  readonly #only: TextField | null;
  #generation = 0;

  constructor(automaton: Automaton, schema: EventSchema, table: PlanTable, shared: SharedPredicates | null = null) {
    this.#table = table;
    const kernels: Kernel[] = [];
    const byField = new Map<number, Kernel[]>();
    const budget = Math.min(EVALUATION_BUDGET, Math.floor(EVENT_BUDGET / automaton.columnPredicateCount));
    automaton.predicates.slice(0, automaton.columnPredicateCount).forEach(({ condition }, predicate) => {
      const [field] = condition.fields;
      if (condition.fields.length !== 1 || field === undefined || schema.fields[field]?.type !== 'string') {
        kernels.push({ predicate, kernel: shared === null ? compileKernel(condition, schema, budget) : shared.kernel(condition, budget) });
        return;
      }
      const kernel: Kernel = { predicate, kernel: compileKernel(condition, schema, budget) };
      if (byField.has(field)) byField.get(field)?.push(kernel);
      else byField.set(field, [kernel]);
    });
    this.#kernels = kernels;
    this.#groups = Math.max(1, Math.ceil(automaton.columnPredicateCount / GROUP_SIZE));
    this.#textFields = [...byField].map(([field, list]) => new TextField(schema, field, list, this.#groups));
    this.#only = kernels.length === 0 && this.#textFields.length === 1 ? (this.#textFields[0] as TextField) : null;
  }

  /**
   * Chooses rows of [0, length): all of them, or with `activeOnly` those whose class can start or move a run. Writes
   * their numbers into `into`, in order, and their classes beside them; answers with their count. Both arrays have
   * room for all rows.
   */
  classify(rows: ColumnSet, length: number, activeOnly: boolean, into: Int32Array, classes: Uint16Array): number {
    if (this.#generation !== this.#table.generation) {
      this.#generation = this.#table.generation;
      for (const field of this.#textFields) field.forgetClasses();
    }
    if (this.#only !== null) {
      return this.#only.classify(rows, length, activeOnly, into, classes, this.#table);
    }
    const codes = codesFor(this.#groups, length);
    for (const code of codes) code.fill(0, 0, length);
    for (const field of this.#textFields) field.addCodes(rows, length, codes);
    const value = values;
    for (const kernel of this.#kernels) {
      const { predicate } = kernel;
      try {
        kernel.kernel(rows, 0, length, value);
      } catch (error) {
        throw error instanceof CostExceeded ? new TooCostly(predicate, error.row ?? 0, error) : error;
      }
      const code = codes[Math.floor(predicate / GROUP_SIZE)] as Uint16Array;
      const scale = 3 ** (predicate % GROUP_SIZE);
      for (let row = 0; row < length; row += 1) code[row] = (code[row] as number) + (value[row] as number) * scale;
    }
    const table = this.#table;
    let count = 0;
    for (let row = 0; row < length; row += 1) {
      const found = table.classOf(codes, row);
      into[count] = row;
      classes[count] = found;
      if (!activeOnly || table.classFlags[found] !== 0) count += 1;
    }
    return count;
  }

  /** The same for some rows, given by number; all of those whose class can start or move a run are written. */
  classifySome(rows: ColumnSet, length: number, chosen: Int32Array, into: Int32Array, classes: Uint16Array): number {
    if (this.#generation !== this.#table.generation) {
      this.#generation = this.#table.generation;
      for (const field of this.#textFields) field.forgetClasses();
    }
    const codes = codesFor(this.#groups, length);
    const value = values;
    for (const code of codes) for (let i = 0; i < chosen.length; i += 1) code[chosen[i] as number] = 0;
    for (const field of this.#textFields) field.addCodesOf(rows, chosen, codes);
    for (const { predicate, kernel } of this.#kernels) {
      const code = codes[Math.floor(predicate / GROUP_SIZE)] as Uint16Array;
      const scale = 3 ** (predicate % GROUP_SIZE);
      for (let i = 0; i < chosen.length; i += 1) {
        const row = chosen[i] as number;
        try {
          kernel(rows, row, row + 1, value);
        } catch (error) {
          throw error instanceof CostExceeded ? new TooCostly(predicate, row, error) : error;
        }
        code[row] = (code[row] as number) + (value[row] as number) * scale;
      }
    }
    let count = 0;
    for (let i = 0; i < chosen.length; i += 1) {
      const row = chosen[i] as number;
      const found = this.#table.classOf(codes, row);
      into[count] = row;
      classes[count] = found;
      if (this.#table.classFlags[found] !== 0) count += 1;
    }
    return count;
  }

  /** Whether an event for which no predicate holds does nothing at all. */
  get isQuiet(): boolean {
    const none = Array.from({ length: this.#groups }, () => new Uint16Array(1));
    return this.#table.classFlags[this.#table.classOf(none, 0)] === 0;
  }
}

/** What is known of one dictionary's texts; entry 0 stands for "absent", entry c + 1 for code c. */
interface Known {
  count: number;
  /** Values of the field's predicates as digits of base 3, for each group. */
  codes: Uint16Array[];
  /** Class, with ACTIVE; filled where this field decides everything. */
  classes: Uint16Array;
  classCount: number;
  /** Entries that cost too much, and that no row had when they were met ("absent" is computed before it occurs). */
  readonly costly: Map<number, TooCostly>;
}

/** All predicates that read one text field and nothing else. */
class TextField {
  readonly #schema: EventSchema;
  readonly #field: number;
  readonly #kernels: readonly Kernel[];
  readonly #groups: number;
  #known = new WeakMap<Dictionary, Known>();

  constructor(schema: EventSchema, field: number, kernels: readonly Kernel[], groups: number) {
    this.#schema = schema;
    this.#field = field;
    this.#kernels = kernels;
    this.#groups = groups;
  }

  forgetClasses(): void {
    this.#known = new WeakMap();
  }

  #of({ dictionary, codes }: TextColumn, length: number): Known {
    let known = this.#known.get(dictionary);
    if (known === undefined) {
      known = { count: 0, codes: Array.from({ length: this.#groups }, () => new Uint16Array(64)), classes: new Uint16Array(64), classCount: 0, costly: new Map() };
      this.#known.set(dictionary, known);
    }
    if (known.count < dictionary.size + 1) this.#learn(dictionary, known);
    for (const [entry, { predicate, cause }] of known.costly) {
      const row = codes.indexOf(entry - 1);
      if (row !== -1 && row < length) throw new TooCostly(predicate, row, cause);
    }
    return known;
  }

  /** Computes the predicates for the texts that are new in the dictionary. */
  #learn(dictionary: Dictionary, known: Known): void {
    const from = known.count;
    const to = dictionary.size + 1;
    if (to > known.classes.length) {
      const capacity = Math.max(to, known.classes.length * 2);
      const classes = new Uint16Array(capacity);
      classes.set(known.classes);
      known.classes = classes;
      known.codes = known.codes.map((old) => {
        const grown = new Uint16Array(capacity);
        grown.set(old);
        return grown;
      });
    }
    const texts = new EventBatch(this.#schema, to - from);
    const column = texts.columns[this.#field] as TextColumn;
    column.dictionary = dictionary;
    for (let entry = from; entry < to; entry += 1) {
      column.codes[entry - from] = entry - 1;
      column.present[entry - from] = entry === 0 ? 0 : 1;
    }
    texts.length = to - from;
    const value = new Uint8Array(to - from);
    for (const { predicate, kernel } of this.#kernels) {
      for (let start = 0; start < to - from;) {
        try {
          kernel(texts, start, to - from, value);
          break;
        } catch (error) {
          if (!(error instanceof CostExceeded)) throw error;
          const row = error.row ?? start;
          if (!known.costly.has(from + row)) known.costly.set(from + row, new TooCostly(predicate, row, error));
          kernel(texts, start, row, value);
          value[row] = 2;
          start = row + 1;
        }
      }
      const codes = known.codes[Math.floor(predicate / GROUP_SIZE)] as Uint16Array;
      const scale = 3 ** (predicate % GROUP_SIZE);
      for (let entry = from; entry < to; entry += 1) codes[entry] = (codes[entry] as number) + (value[entry - from] as number) * scale;
    }
    known.count = to;
  }

  /** Adds the field's digits to the codes of each row. */
  addCodes(rows: ColumnSet, length: number, codes: readonly Uint16Array[]): void {
    const column = rows.columns[this.#field] as TextColumn;
    const known = this.#of(column, length);
    const texts = column.codes;
    codes.forEach((code, group) => {
      const own = known.codes[group] as Uint16Array;
      for (let row = 0; row < length; row += 1) code[row] = (code[row] as number) + (own[(texts[row] as number) + 1] as number);
    });
  }

  /** The same for some rows. */
  addCodesOf(rows: ColumnSet, chosen: Int32Array, codes: readonly Uint16Array[]): void {
    const column = rows.columns[this.#field] as TextColumn;
    const known = this.#of(column, 0);
    for (let i = 0; i < chosen.length; i += 1) {
      const row = chosen[i] as number;
      const entry = (column.codes[row] as number) + 1;
      const tooCostly = known.costly.get(entry);
      if (tooCostly !== undefined) throw new TooCostly(tooCostly.predicate, row, tooCostly.cause);
      for (let group = 0; group < codes.length; group += 1) {
        const code = codes[group] as Uint16Array;
        code[row] = (code[row] as number) + ((known.codes[group] as Uint16Array)[entry] as number);
      }
    }
  }

  /** Where this field decides everything: classes straight from the texts. */
  classify(rows: ColumnSet, length: number, activeOnly: boolean, into: Int32Array, classes: Uint16Array, table: PlanTable): number {
    const column = rows.columns[this.#field] as TextColumn;
    const known = this.#of(column, length);
    for (; known.classCount < known.count; known.classCount += 1) {
      const found = table.classOf(known.codes, known.classCount);
      known.classes[known.classCount] = table.classFlags[found] === 0 ? found : found | ACTIVE;
    }
    const texts = column.codes;
    const own = known.classes;
    let count = 0;
    if (activeOnly && length <= PACKED_ROWS) {
      // Row and class in one integer. Every row is written and most are overwritten by the next: no branch that the
      // processor would guess wrong.
      if (length > packedRows.length) packedRows = new Int32Array(PACKED_ROWS);
      const packed = packedRows;
      let row = 0;
      for (; row + 3 < length; row += 4) {
        const a = own[(texts[row] as number) + 1] as number;
        const b = own[(texts[row + 1] as number) + 1] as number;
        const c = own[(texts[row + 2] as number) + 1] as number;
        const d = own[(texts[row + 3] as number) + 1] as number;
        packed[count] = (row << 16) | a;
        count += a >>> 15;
        packed[count] = ((row + 1) << 16) | b;
        count += b >>> 15;
        packed[count] = ((row + 2) << 16) | c;
        count += c >>> 15;
        packed[count] = ((row + 3) << 16) | d;
        count += d >>> 15;
      }
      for (; row < length; row += 1) {
        const found = own[(texts[row] as number) + 1] as number;
        packed[count] = (row << 16) | found;
        count += found >>> 15;
      }
      for (let i = 0; i < count; i += 1) {
        const entry = packed[i] as number;
        into[i] = entry >>> 16;
        classes[i] = entry & CLASS;
      }
      return count;
    }
    if (activeOnly) {
      for (let row = 0; row < length; row += 1) {
        const found = own[(texts[row] as number) + 1] as number;
        into[count] = row;
        classes[count] = found & CLASS;
        count += found >>> 15;
      }
      return count;
    }
    for (let row = 0; row < length; row += 1) {
      into[row] = row;
      classes[row] = (own[(texts[row] as number) + 1] as number) & CLASS;
    }
    return length;
  }
}
