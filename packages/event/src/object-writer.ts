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
import type { EventBatch } from './event-batch.ts';
import { KIND, type Refusal, RowWriter } from './row-writer.ts';
import type { EventSchema } from './schema.ts';
import { timeOfNumber } from './time-text.ts';

/** Texts remembered for each field; then the table starts anew. The dictionary itself is bounded by its owner. */
const TEXTS_KEPT = 65_536;
/** Longer texts are not remembered: looking them up costs as much. */
const TEXT_LENGTH_KEPT = 64;

type Members = Readonly<Record<string, unknown>>;

/** Codes of the texts of one field, as the dictionary at hand gave them. */
interface KnownTexts {
  dictionary: Dictionary | null;
  readonly codes: Map<string, number>;
}

export class ObjectWriter {
  readonly #rows: RowWriter;
  readonly #names: readonly string[];
  readonly #kinds: Uint8Array;
  readonly #known: readonly KnownTexts[];
  #batch: EventBatch | null = null;

  /** `keyFields`: an object without one of them is refused, optional or not. */
  constructor(schema: EventSchema, keyFields: readonly string[] = []) {
    this.#rows = new RowWriter(schema, keyFields);
    this.#names = schema.fields.map(({ name }) => name);
    this.#kinds = this.#rows.kinds;
    this.#known = schema.fields.map(() => ({ dictionary: null, codes: new Map() }));
  }

  /** Appends one event; `position` is its place in the split. Null, or why it is none. The batch must have room. */
  append(batch: EventBatch, record: object, position: number): Refusal | null {
    const row = batch.length;
    invariant(row < batch.capacity, 'the batch is full');
    if (this.#batch !== batch || row === 0) {
      // A batch that was cleared may have new dictionaries.
      this.#rows.bind(batch);
      this.#batch = batch;
    }
    const prototype: unknown = Object.getPrototypeOf(record);
    if ((prototype !== Object.prototype && prototype !== null) || !this.#writeUsual(record as Members, row)) {
      const refusal = this.#rows.writeObject(record, row);
      if (refusal !== null) return refusal;
    }
    this.#rows.commit(row, position);
    return null;
  }

  /** Writes the row if every field has a usual value. False: the row may be half written. */
  #writeUsual(record: Members, row: number): boolean {
    const names = this.#names;
    const count = names.length;
    if (count > 0 && !this.#write(0, record[names[0] as string], row)) return false;
    if (count > 1 && !this.#write(1, record[names[1] as string], row)) return false;
    if (count > 2 && !this.#write(2, record[names[2] as string], row)) return false;
    if (count > 3 && !this.#write(3, record[names[3] as string], row)) return false;
    if (count > 4 && !this.#write(4, record[names[4] as string], row)) return false;
    if (count > 5 && !this.#write(5, record[names[5] as string], row)) return false;
    if (count > 6 && !this.#write(6, record[names[6] as string], row)) return false;
    if (count > 7 && !this.#write(7, record[names[7] as string], row)) return false;
    for (let field = 8; field < count; field += 1) if (!this.#write(field, record[names[field] as string], row)) return false;
    return true;
  }

  #write(field: number, value: unknown, row: number): boolean {
    const rows = this.#rows;
    // the row is clean: what is absent stays so
    if (value === undefined || value === null) return rows.required[field] === 0;
    switch (this.#kinds[field]) {
      case KIND.string: {
        if (typeof value !== 'string') return false;
        (rows.codes[field] as Int32Array)[row] = this.#codeOf(field, value);
        break;
      }
      case KIND.double:
        if (typeof value !== 'number' || !Number.isFinite(value)) return false;
        (rows.values[field] as Float64Array)[row] = value;
        break;
      case KIND.int:
        if (typeof value !== 'number' || !Number.isSafeInteger(value)) return false;
        (rows.values[field] as Float64Array)[row] = value + 0; // -0 is 0
        break;
      case KIND.bool:
        if (typeof value !== 'boolean') return false;
        (rows.flags[field] as Uint8Array)[row] = value ? 1 : 0;
        break;
      default: {
        if (typeof value !== 'number') return false;
        const ms = timeOfNumber(value, rows.timeFormat);
        if (Number.isNaN(ms)) return false;
        (rows.values[field] as Float64Array)[row] = ms;
        rows.time[row] = ms;
      }
    }
    (rows.present[field] as Uint8Array)[row] = 1;
    return true;
  }

  #codeOf(field: number, text: string): number {
    const dictionary = this.#rows.dictionaries[field] as Dictionary;
    const known = this.#known[field] as KnownTexts;
    if (known.dictionary !== dictionary) {
      known.dictionary = dictionary;
      known.codes.clear();
    }
    const code = known.codes.get(text);
    if (code !== undefined) return code;
    const added = dictionary.encode(text);
    if (text.length <= TEXT_LENGTH_KEPT) {
      if (known.codes.size >= TEXTS_KEPT) known.codes.clear();
      known.codes.set(text, added);
    }
    return added;
  }
}
