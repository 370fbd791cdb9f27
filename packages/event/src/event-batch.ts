/**
 * EventBatch: rows of events as typed columns. The only form in which events exist on the hot path.
 *
 * Shape   `length` rows; columns[i] belongs to schema.fields[i]; time[row] is the event time in ms;
 *         position[row] is the 0-based ordinal of the record in its split (records that did not decode
 *         count too, so it is also "line number - 1" of a file without a header).
 * Always  present[row] is 1 or 0; where it is 0 the value is 0, false or code -1 and means "absent"
 *         (a JSON null is absent). Numbers of `int` columns are safe integers.
 * Owner   whoever created it; a receiver that keeps rows beyond the call copies them.
 */
import { Dictionary } from './dictionary.ts';
import type { EventSchema } from './schema.ts';

export type Column =
  | { readonly kind: 'double' | 'int'; values: Float64Array; present: Uint8Array }
  | { readonly kind: 'bool'; values: Uint8Array; present: Uint8Array }
  /** clear() may replace `dictionary`: whoever caches by code caches by dictionary too. */
  | { readonly kind: 'string'; codes: Int32Array; present: Uint8Array; dictionary: Dictionary };

/** Anything with columns that conditions can read: a batch on its way or the retained events of an engine. */
export interface ColumnSet {
  readonly schema: EventSchema;
  readonly columns: readonly Column[];
  readonly time: Float64Array;
}

export class EventBatch implements ColumnSet {
  readonly schema: EventSchema;
  readonly capacity: number;
  readonly columns: readonly Column[];
  readonly time: Float64Array;
  readonly position: Float64Array;
  /** Index of the split of the source that all rows come from. */
  split = 0;
  length = 0;

  /** `dictionaries[i]` is used for string column i where given, else a new one is made. */
  constructor(schema: EventSchema, capacity: number, dictionaries: readonly (Dictionary | undefined)[] = []) {
    this.schema = schema;
    this.capacity = capacity;
    this.time = new Float64Array(capacity);
    this.position = new Float64Array(capacity);
    this.columns = schema.fields.map((field, index): Column => {
      const present = new Uint8Array(capacity);
      switch (field.type) {
        case 'double':
        case 'int':
          return { kind: field.type, values: new Float64Array(capacity), present };
        case 'bool':
          return { kind: 'bool', values: new Uint8Array(capacity), present };
        default:
          return { kind: 'string', codes: new Int32Array(capacity).fill(-1), present, dictionary: dictionaries[index] ?? new Dictionary() };
      }
    });
  }

  /** Empties the batch for reuse. Dictionaries stay, but one that is full is replaced by an empty one. */
  clear(): void {
    for (const column of this.columns) {
      column.present.fill(0, 0, this.length);
      if (column.kind === 'string') {
        column.codes.fill(-1, 0, this.length);
        if (column.dictionary.full) column.dictionary = new Dictionary();
      }
      else column.values.fill(0, 0, this.length);
    }
    this.length = 0;
  }
}

export type FieldValue = string | number | boolean | null;

/** Value of one field of one row, null where absent. For edges and tests, not for the hot path. */
export function fieldValue(columns: ColumnSet, field: number, row: number): FieldValue {
  const column = columns.columns[field];
  if (!column || column.present[row] === 0) return null;
  switch (column.kind) {
    case 'string':
      return column.dictionary.text(column.codes[row] as number);
    case 'bool':
      return column.values[row] === 1;
    default:
      return column.values[row] as number;
  }
}

/** Appends one event given as an object. For tests, the cases and pasted events, not for the hot path. */
export function appendObject(batch: EventBatch, event: Readonly<Record<string, unknown>>, time: number, position: number): void {
  const row = batch.length;
  batch.schema.fields.forEach((field, index) => {
    const column = batch.columns[index] as Column;
    const value = event[field.name];
    if (value === undefined || value === null) return;
    column.present[row] = 1;
    if (column.kind === 'string') column.codes[row] = column.dictionary.encode(String(value));
    else if (column.kind === 'bool') column.values[row] = value === true ? 1 : 0;
    else column.values[row] = Number(value);
  });
  batch.time[row] = time;
  batch.position[row] = position;
  batch.length = row + 1;
}
