/**
 * A sample in the browser: decoded once into columns; conditions are counted on it as they are typed.
 *
 * Always  at most SAMPLE_EVENTS events are read, and `more` says that there were more. A condition that reads earlier
 *         stages is counted by the part that the event alone decides; the count is then an upper bound (`exact` false).
 * Not here: where the bytes come from, threads (engine.worker.ts), matching (run.ts).
 */
import { type ConditionScope, checkCondition, compileKernel, splitCondition } from '@tidemark/condition';
import { type DeadLetter, EventBatch, type EventSchema, type FieldValue, type RecordFormat, createDecoder, fieldIndex, fieldValue, startCursor } from '@tidemark/event';

export const SAMPLE_EVENTS = 100_000;
const DEAD_LETTERS_SHOWN = 20;

export interface SampleData {
  readonly batch: EventBatch;
  readonly deadLetters: number;
  readonly firstDeadLetters: readonly DeadLetter[];
  readonly more: boolean;
}

export function decodeSample(bytes: Uint8Array, format: RecordFormat, schema: EventSchema, keyFields: readonly string[]): SampleData {
  const known = keyFields.filter((field) => fieldIndex(schema, field) >= 0);
  const decoder = createDecoder(format, schema, { keyFields: known });
  // a record has at least one byte and its line end: a small sample needs no large columns
  const batch = new EventBatch(schema, Math.max(1, Math.min(SAMPLE_EVENTS, Math.ceil(bytes.length / 2) + 1)));
  const cursor = startCursor();
  const first: DeadLetter[] = [];
  let count = 0;
  let from = 0;
  while (from < bytes.length && batch.length < batch.capacity) {
    const consumed = decoder.decode(bytes, from, bytes.length, true, cursor, batch, (letter) => { count += 1; if (first.length < DEAD_LETTERS_SHOWN) first.push(letter); });
    if (consumed === 0) break;
    from += consumed;
  }
  return { batch, deadLetters: count, firstDeadLetters: first, more: from < bytes.length };
}

export interface ConditionCount {
  /** null where the condition does not check. */
  readonly count: number | null;
  readonly exact: boolean;
  /** The first rows that meet it. */
  readonly rows: readonly number[];
}

/** How many events meet a condition; an empty one is met by all. */
export function countCondition(batch: EventBatch, text: string, stages: readonly string[], rowsMax: number): ConditionCount {
  const met = conditionRows(batch, text, stages);
  if (met === null) return { count: null, exact: true, rows: [] };
  const rows: number[] = [];
  let count = 0;
  for (let row = 0; row < batch.length; row++) {
    if (met.out !== null && met.out[row] !== 1) continue;
    count += 1;
    if (rows.length < rowsMax) rows.push(row);
  }
  return { count, exact: met.exact, rows };
}

/** One byte a row, 1 where the part that the event alone decides is true; `out` null = every row. null: the condition does not check. */
export function conditionRows(batch: EventBatch, text: string, stages: readonly string[]): { readonly out: Uint8Array | null; readonly exact: boolean } | null {
  if (text.trim() === '') return { out: null, exact: true };
  const scope: ConditionScope = { schema: batch.schema, stages, hasEvent: true };
  const checked = checkCondition(text, scope);
  if (!checked.ok) return null;
  const { eventOnly, rest } = splitCondition(checked.condition);
  if (eventOnly === null) return { out: null, exact: false };
  const out = new Uint8Array(batch.length);
  compileKernel(eventOnly, batch.schema)(batch, 0, batch.length, out);
  return { out, exact: rest === null };
}

export interface ValueCount { readonly value: FieldValue; readonly count: number }

/** The most frequent values of a field, the first ten. */
export function topValues(batch: EventBatch, field: string, limit = 10): { readonly values: readonly ValueCount[]; readonly distinct: number } {
  const index = fieldIndex(batch.schema, field);
  if (index < 0) return { values: [], distinct: 0 };
  const counts = new Map<FieldValue, number>();
  for (let row = 0; row < batch.length; row++) {
    const value = fieldValue(batch, index, row);
    if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const values = [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count || (String(a.value) < String(b.value) ? -1 : 1));
  return { values: values.slice(0, limit), distinct: counts.size };
}

export interface FieldStatistics {
  readonly name: string;
  readonly top: readonly { readonly value: string; readonly count: number }[];
  readonly distinct: number;
  readonly present: number;
  readonly min: number | null;
  readonly max: number | null;
}

/** What completion and the value lists of the form need to know of each field. */
export function fieldStatistics(batch: EventBatch): readonly FieldStatistics[] {
  return batch.schema.fields.map((field, index) => {
    const { values, distinct } = topValues(batch, field.name);
    const column = batch.columns[index];
    let present = 0;
    let min = Infinity;
    let max = -Infinity;
    for (let row = 0; row < batch.length; row++) {
      if (!column || column.present[row] === 0) continue;
      present += 1;
      if (column.kind !== 'double' && column.kind !== 'int') continue;
      const value = column.values[row] as number;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    return { name: field.name, top: values.map(({ value, count }) => ({ value: String(value), count })), distinct, present, min: min === Infinity ? null : min, max: max === -Infinity ? null : max };
  });
}

export interface SampleEvent { readonly position: number; readonly ts: number; readonly fields: Readonly<Record<string, FieldValue>> }

export function eventAt(batch: EventBatch, row: number): SampleEvent {
  const fields: Record<string, FieldValue> = Object.create(null) as Record<string, FieldValue>;
  batch.schema.fields.forEach((field, index) => {
    const value = fieldValue(batch, index, row);
    if (value !== null) fields[field.name] = value;
  });
  return { position: batch.position[row] as number, ts: batch.time[row] as number, fields };
}
