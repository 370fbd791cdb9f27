/**
 * ObjectWriter: events that are ready JavaScript objects, as rows of an EventBatch.
 *
 * Always  an object becomes the row, or is refused for the reason, that RowWriter gives for the same object: what is
 *         usual is written here, everything else goes there. A refused object leaves no trace in the batch.
 *         Only own members of plain objects count; members that the schema does not have are never read.
 * Cost    one look-up of each text, kept in a table for the texts that come again; one reading site for each of the
 *         first eight fields, so that the machine code knows the member it reads.
 * Not here: bytes (decoders), the order of times and watermarks (dataflow).
 */
import { invariant } from '@tidemark/core';
import type { Dictionary } from './dictionary.ts';
import type { Column, EventBatch } from './event-batch.ts';
import { KnownTexts } from './known-texts.ts';
import { KIND, type Refusal, RowWriter } from './row-writer.ts';
import type { EventSchema, TimeFormat } from './schema.ts';
import { timeOfNumber } from './time-text.ts';

type Members = Readonly<Record<string, unknown>>;

const NO_VALUES = new Float64Array(0);
const NO_CODES = new Int32Array(0);
const NO_FLAGS = new Uint8Array(0);

/** Writes usual values of one field; false: what came is for RowWriter to judge. One class for each kind, so that a call knows its code. */
abstract class Cell {
  readonly isRequired: boolean;
  present: Uint8Array = NO_FLAGS;

  constructor(isRequired: boolean) {
    this.isRequired = isRequired;
  }

  abstract bind(column: Column, time: Float64Array): void;
  abstract write(value: unknown, row: number): boolean;
  /** Told after so many rows, now and then. */
  judge(_rows: number): void {}

  /** The row is clean: what is absent stays so. */
  protected absent(value: unknown): boolean {
    return (value === undefined || value === null) && !this.isRequired;
  }
}

class TextCell extends Cell {
  #codes: Int32Array = NO_CODES;
  #dictionary: Dictionary | null = null;
  readonly #known = new KnownTexts();

  override judge(rows: number): void {
    this.#known.judge(rows);
  }

  bind(column: Column): void {
    if (column.kind !== 'string') return;
    this.present = column.present;
    this.#codes = column.codes;
    if (this.#dictionary === column.dictionary) return;
    this.#dictionary = column.dictionary;
    this.#known.clear();
  }

  write(value: unknown, row: number): boolean {
    if (typeof value !== 'string') return this.absent(value);
    const known = this.#known.find(value);
    this.#codes[row] = known === -1 ? this.#encode(value) : known;
    this.present[row] = 1;
    return true;
  }

  #encode(text: string): number {
    const code = (this.#dictionary as Dictionary).encode(text);
    this.#known.add(text, code);
    return code;
  }
}

class DoubleCell extends Cell {
  #values: Float64Array = NO_VALUES;

  bind(column: Column): void {
    if (column.kind !== 'double') return;
    this.present = column.present;
    this.#values = column.values;
  }

  write(value: unknown, row: number): boolean {
    if (typeof value !== 'number' || !Number.isFinite(value)) return this.absent(value);
    this.#values[row] = value;
    this.present[row] = 1;
    return true;
  }
}

class IntCell extends Cell {
  #values: Float64Array = NO_VALUES;

  bind(column: Column): void {
    if (column.kind !== 'int') return;
    this.present = column.present;
    this.#values = column.values;
  }

  write(value: unknown, row: number): boolean {
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) return this.absent(value);
    this.#values[row] = value + 0; // -0 is 0
    this.present[row] = 1;
    return true;
  }
}

class BoolCell extends Cell {
  #flags: Uint8Array = NO_FLAGS;

  bind(column: Column): void {
    if (column.kind !== 'bool') return;
    this.present = column.present;
    this.#flags = column.values;
  }

  write(value: unknown, row: number): boolean {
    if (typeof value !== 'boolean') return this.absent(value);
    this.#flags[row] = value ? 1 : 0;
    this.present[row] = 1;
    return true;
  }
}

class TimeCell extends Cell {
  readonly #format: TimeFormat;
  #values: Float64Array = NO_VALUES;
  #time: Float64Array = NO_VALUES;

  constructor(format: TimeFormat) {
    super(true);
    this.#format = format;
  }

  bind(column: Column, time: Float64Array): void {
    if (column.kind !== 'int') return;
    this.present = column.present;
    this.#values = column.values;
    this.#time = time;
  }

  write(value: unknown, row: number): boolean {
    if (typeof value !== 'number') return false;
    const ms = timeOfNumber(value, this.#format);
    if (Number.isNaN(ms)) return false;
    this.#values[row] = ms;
    this.#time[row] = ms;
    this.present[row] = 1;
    return true;
  }
}

function cellOf(kind: number, isRequired: boolean, format: TimeFormat): Cell {
  switch (kind) {
    case KIND.string: return new TextCell(isRequired);
    case KIND.double: return new DoubleCell(isRequired);
    case KIND.int: return new IntCell(isRequired);
    case KIND.bool: return new BoolCell(isRequired);
    default: return new TimeCell(format);
  }
}

function isPlain(record: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(record);
  return prototype === Object.prototype || prototype === null;
}

export class ObjectWriter {
  readonly #rows: RowWriter;
  readonly #names: readonly string[];
  readonly #cells: readonly Cell[];
  #batch: EventBatch | null = null;

  /** `keyFields`: an object without one of them is refused, optional or not. */
  constructor(schema: EventSchema, keyFields: readonly string[] = []) {
    const rows = new RowWriter(schema, keyFields);
    this.#rows = rows;
    this.#names = schema.fields.map(({ name }) => name);
    this.#cells = schema.fields.map((_, field) => cellOf(rows.kinds[field] as number, rows.required[field] === 1, rows.timeFormat));
  }

  /** Appends one event; `position` is its place in the split. Null, or why it is none. The batch must have room. */
  append(batch: EventBatch, record: object, position: number): Refusal | null {
    const row = batch.length;
    invariant(row < batch.capacity, 'the batch is full');
    // A batch that was cleared may have new dictionaries.
    if (this.#batch !== batch || row === 0) this.#bind(batch);
    if (!this.#writeUsual(record as Members, row) || !isPlain(record)) {
      const refusal = this.#rows.writeObject(record, row);
      if (refusal !== null) return refusal;
    }
    batch.position[row] = position;
    batch.length = row + 1;
    if (row + 1 === batch.capacity) for (const cell of this.#cells) cell.judge(batch.capacity);
    return null;
  }

  #bind(batch: EventBatch): void {
    this.#rows.bind(batch);
    this.#batch = batch;
    this.#cells.forEach((cell, field) => cell.bind(batch.columns[field] as Column, batch.time));
  }

  /** Writes the row if every field has a usual value. False: the row may be half written. */
  #writeUsual(record: Members, row: number): boolean {
    const names = this.#names;
    const cells = this.#cells;
    const count = names.length;
    if (count > 0 && !(cells[0] as Cell).write(record[names[0] as string], row)) return false;
    if (count > 1 && !(cells[1] as Cell).write(record[names[1] as string], row)) return false;
    if (count > 2 && !(cells[2] as Cell).write(record[names[2] as string], row)) return false;
    if (count > 3 && !(cells[3] as Cell).write(record[names[3] as string], row)) return false;
    if (count > 4 && !(cells[4] as Cell).write(record[names[4] as string], row)) return false;
    if (count > 5 && !(cells[5] as Cell).write(record[names[5] as string], row)) return false;
    if (count > 6 && !(cells[6] as Cell).write(record[names[6] as string], row)) return false;
    if (count > 7 && !(cells[7] as Cell).write(record[names[7] as string], row)) return false;
    for (let field = 8; field < count; field += 1) if (!(cells[field] as Cell).write(record[names[field] as string], row)) return false;
    return true;
  }
}
