/**
 * RowWriter: one row of an EventBatch from values that came in any notation, or the reason why there is none.
 *
 * Always  a refused row leaves no trace in the batch; which reason wins depends on the record alone: time first,
 *         then key fields, then the fields in order of the schema.
 * Not here: reading bytes. Scanners write columns directly and come here for everything unusual.
 */
import { invariant } from '@tidemark/core';
import type { EventBatch } from './event-batch.ts';
import type { Dictionary } from './dictionary.ts';
import { numberOfText } from './number-text.ts';
import type { DeadLetterReason } from './record-decoder.ts';
import { type EventSchema, type TimeFormat, fieldIndex } from './schema.ts';
import { timeOfNumber, timeOfText } from './time-text.ts';

/** What a scanner does with a field's value. */
export const KIND = { double: 0, int: 1, bool: 2, string: 3, time: 4 } as const;

export interface Refusal {
  readonly reason: DeadLetterReason;
  readonly field: string | null;
  readonly detail: string;
}

const encoder = new TextEncoder();
const NO_DICTIONARY = null as unknown as Dictionary;
const NO_VALUES = new Float64Array(0);
const NO_CODES = new Int32Array(0);
const NO_FLAGS = new Uint8Array(0);

const show = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 59).toWellFormed()}…` : text;
};

export class RowWriter {
  readonly schema: EventSchema;
  readonly fieldCount: number;
  readonly timeField: number;
  readonly timeFormat: TimeFormat;
  readonly kinds: Uint8Array;
  /** 1 where a record without the field is refused. */
  readonly required: Uint8Array;
  readonly requiredCount: number;
  readonly #isKey: Uint8Array;
  /** Fields in the order in which refusals count. */
  readonly #order: readonly number[];

  batch: EventBatch | null = null;
  /** The batch's columns by field, each array empty where the field is of another kind. */
  values: Float64Array[] = [];
  flags: Uint8Array[] = [];
  codes: Int32Array[] = [];
  present: Uint8Array[] = [];
  dictionaries: Dictionary[] = [];
  time: Float64Array = NO_VALUES;

  constructor(schema: EventSchema, keyFields: readonly string[]) {
    this.schema = schema;
    this.fieldCount = schema.fields.length;
    this.timeField = fieldIndex(schema, schema.time.field);
    this.timeFormat = schema.time.format;
    invariant(this.timeField >= 0, `the time field ${schema.time.field} is no field of the schema`);
    invariant(schema.fields[this.timeField]?.type === 'int', `the time field ${schema.time.field} is not of type int`);
    for (const key of keyFields) invariant(fieldIndex(schema, key) >= 0, `the key field ${key} is no field of the schema`);
    this.kinds = Uint8Array.from(schema.fields, (field, index) => (index === this.timeField ? KIND.time : KIND[field.type]));
    this.#isKey = Uint8Array.from(schema.fields, (field) => (keyFields.includes(field.name) ? 1 : 0));
    this.required = Uint8Array.from(schema.fields, (field, index) =>
      (field.optional !== true || index === this.timeField || this.#isKey[index] === 1 ? 1 : 0));
    this.requiredCount = this.required.reduce((sum, flag) => sum + flag, 0);
    const rank = (index: number): number => (index === this.timeField ? 0 : this.#isKey[index] === 1 ? 1 : 2);
    this.#order = schema.fields.map((_, index) => index).sort((a, b) => rank(a) - rank(b) || a - b);
  }

  /** Takes over the batch's columns. Cheap where it is the same batch; clear() may have renewed a dictionary. */
  bind(batch: EventBatch): void {
    const columns = batch.columns;
    invariant(columns.length === this.fieldCount, 'the batch has another schema than the decoder');
    if (this.batch !== batch) {
      this.batch = batch;
      this.time = batch.time;
      this.present = columns.map((column) => column.present);
      this.values = columns.map((column) => (column.kind === 'double' || column.kind === 'int' ? column.values : NO_VALUES));
      this.flags = columns.map((column) => (column.kind === 'bool' ? column.values : NO_FLAGS));
      this.codes = columns.map((column) => (column.kind === 'string' ? column.codes : NO_CODES));
    }
    this.dictionaries = columns.map((column) => (column.kind === 'string' ? column.dictionary : NO_DICTIONARY));
  }

  /** Undoes what was written to `row`. */
  clear(row: number): void {
    for (let field = 0; field < this.fieldCount; field++) {
      (this.present[field] as Uint8Array)[row] = 0;
      switch (this.kinds[field]) {
        case KIND.string: (this.codes[field] as Int32Array)[row] = -1; break;
        case KIND.bool: (this.flags[field] as Uint8Array)[row] = 0; break;
        default: (this.values[field] as Float64Array)[row] = 0;
      }
    }
    this.time[row] = 0;
  }

  /** Makes `row` the last row of the batch. */
  commit(row: number, ordinal: number): void {
    const batch = this.batch as EventBatch;
    batch.position[row] = ordinal;
    batch.length = row + 1;
  }

  /** Writes a JSON object into `row`. null = written. */
  writeObject(record: object, row: number): Refusal | null {
    this.clear(row);
    for (const field of this.#order) {
      const name = (this.schema.fields[field] as { name: string }).name;
      // Own properties only: a record's `constructor` or `__proto__` is a value like any other, an absent one is absent.
      const value: unknown = Object.hasOwn(record, name) ? (record as Record<string, unknown>)[name] : undefined;
      const refusal = value === undefined || value === null ? this.#absent(field) : this.#writeValue(field, value, row);
      if (refusal) {
        this.clear(row);
        return refusal;
      }
    }
    return null;
  }

  /**
   * Writes cells into `row`: cells[column] is null for an empty cell, columnOf[field] the column of a field or -1.
   * null = written.
   */
  writeCells(cells: readonly (string | null)[], columnOf: Int32Array, row: number): Refusal | null {
    this.clear(row);
    for (const field of this.#order) {
      const column = columnOf[field] as number;
      const cell = column < 0 ? null : (cells[column] ?? null);
      const refusal = cell === null ? this.#absent(field) : this.#writeCell(field, cell, row);
      if (refusal) {
        this.clear(row);
        return refusal;
      }
    }
    return null;
  }

  #refuse(reason: DeadLetterReason, field: number, detail: string): Refusal {
    return { reason, field: (this.schema.fields[field] as { name: string }).name, detail };
  }

  #absent(field: number): Refusal | null {
    if (this.required[field] === 0) return null;
    const name = (this.schema.fields[field] as { name: string }).name;
    if (field === this.timeField) return this.#refuse('missing-time', field, `The time field ${name} is missing.`);
    if (this.#isKey[field] === 1) return this.#refuse('missing-key', field, `The key field ${name} is missing.`);
    return this.#refuse('missing-field', field, `The field ${name} is missing.`);
  }

  #writeValue(field: number, value: unknown, row: number): Refusal | null {
    switch (this.kinds[field]) {
      case KIND.time: {
        let ms = Number.NaN;
        if (typeof value === 'number') ms = timeOfNumber(value, this.timeFormat);
        else if (typeof value === 'string') ms = this.timeOfCell(value);
        return this.#writeTime(field, ms, value, row);
      }
      case KIND.string:
        if (typeof value !== 'string') return this.#wrongType(field, value);
        (this.codes[field] as Int32Array)[row] = (this.dictionaries[field] as Dictionary).encode(value);
        break;
      case KIND.bool:
        if (typeof value !== 'boolean') return this.#wrongType(field, value);
        (this.flags[field] as Uint8Array)[row] = value ? 1 : 0;
        break;
      default:
        if (typeof value !== 'number') return this.#wrongType(field, value);
        return this.#writeNumber(field, value, value, row);
    }
    (this.present[field] as Uint8Array)[row] = 1;
    return null;
  }

  #writeCell(field: number, cell: string, row: number): Refusal | null {
    switch (this.kinds[field]) {
      case KIND.time:
        return this.#writeTime(field, this.timeOfCell(cell), cell, row);
      case KIND.string:
        (this.codes[field] as Int32Array)[row] = (this.dictionaries[field] as Dictionary).encode(cell);
        break;
      case KIND.bool: {
        const flag = flagOfCell(cell);
        if (flag < 0) return this.#wrongType(field, cell);
        (this.flags[field] as Uint8Array)[row] = flag;
        break;
      }
      default: {
        const value = numberOfCell(cell);
        if (Number.isNaN(value)) return this.#wrongType(field, cell);
        return this.#writeNumber(field, value, cell, row);
      }
    }
    (this.present[field] as Uint8Array)[row] = 1;
    return null;
  }

  #writeNumber(field: number, value: number, written: unknown, row: number): Refusal | null {
    if (this.kinds[field] === KIND.int) {
      if (!Number.isInteger(value)) return this.#wrongType(field, written);
      if (!Number.isSafeInteger(value)) {
        return this.#refuse('integer-range', field, `The field ${(this.schema.fields[field] as { name: string }).name} holds a whole number beyond ±(2^53 − 1), where integers are no longer exact.`);
      }
      (this.values[field] as Float64Array)[row] = value + 0; // -0 is 0
    } else {
      if (!Number.isFinite(value)) return this.#refuse('wrong-type', field, 'The number is too large for a double.');
      (this.values[field] as Float64Array)[row] = value;
    }
    (this.present[field] as Uint8Array)[row] = 1;
    return null;
  }

  #writeTime(field: number, ms: number, written: unknown, row: number): Refusal | null {
    if (Number.isNaN(ms)) return this.#refuse('bad-time', field, `${show(written)} is no time in the format ${this.timeFormat}.`);
    (this.values[field] as Float64Array)[row] = ms;
    this.time[row] = ms;
    (this.present[field] as Uint8Array)[row] = 1;
    return null;
  }

  #wrongType(field: number, value: unknown): Refusal {
    const { name, type } = this.schema.fields[field] as { name: string; type: string };
    return this.#refuse('wrong-type', field, `The field ${name} is of type ${type} and cannot hold ${show(value)}.`);
  }

  /** A time written as text; epoch formats take a decimal number. NaN if it is none. */
  timeOfCell(cell: string): number {
    const text = cell.trim();
    const bytes = encoder.encode(text.length > 64 ? '' : text);
    if (this.timeFormat === 'iso8601' || this.timeFormat === 'datetime') return timeOfText(bytes, 0, bytes.length);
    return timeOfNumber(numberOfText(bytes, 0, bytes.length), this.timeFormat);
  }
}

/** The number in a cell, spaces round it allowed; NaN if there is none. */
export function numberOfCell(cell: string): number {
  const text = cell.trim();
  if (text.length > 400) return Number.NaN;
  const bytes = encoder.encode(text);
  return numberOfText(bytes, 0, bytes.length);
}

/** 1 or 0 for true or false in any case, else -1. */
export function flagOfCell(cell: string): number {
  const text = cell.trim().toLowerCase();
  return text === 'true' ? 1 : text === 'false' ? 0 : -1;
}
