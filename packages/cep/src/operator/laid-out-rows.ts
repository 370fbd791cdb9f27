/**
 * Laid-out rows: rows that waited as columns, in the order in which they leave.
 *
 * Always  the same arrays hold other rows time after time; they are replaced only where they grow. Fields that are not held
 *         have columns without room.
 * Not here: how records become rows (held-rows.ts).
 */
import { type Column, type ColumnSet, Dictionary, type EventBatch, type EventSchema } from '@tidemark/event';
import type { SourceRows } from '../partial-matches/copy-plan.ts';

const ROWS_LEAST = 64;

export class LaidOutRows implements ColumnSet, SourceRows {
  readonly schema: EventSchema;
  readonly columns: readonly Column[];
  readonly split: number;
  time = new Float64Array(0);
  position = new Float64Array(0);
  classes = new Uint16Array(0);
  length = 0;
  /** The next row that leaves, where rows of several sets do. */
  cursor = 0;
  /** What the operator made ready for these arrays; `isNew`: there are other rows in them since. */
  ready: unknown = null;
  isNew = true;
  /** By field: whether the flags of its column are 1 for all the room there is. */
  readonly #isComplete: boolean[];
  readonly #fields: readonly number[];
  #room = 0;

  /** `like`: columns whose kinds and dictionaries these have. */
  constructor(schema: EventSchema, fields: readonly number[], like: readonly Column[], split: number) {
    this.schema = schema;
    this.split = split;
    this.#fields = fields;
    this.#isComplete = like.map(() => true);
    this.columns = like.map((from, field): Column => {
      const present = new Uint8Array(0);
      if (from.kind === 'string') return { kind: 'string', codes: new Int32Array(0), present, dictionary: fields.includes(field) ? from.dictionary : new Dictionary() };
      if (from.kind === 'bool') return { kind: 'bool', values: new Uint8Array(0), present };
      return { kind: from.kind, values: new Float64Array(0), present };
    });
  }

  /** Makes room for `count` rows; what is in the columns is of no use then. */
  begin(count: number): void {
    this.length = count;
    this.cursor = 0;
    this.isNew = true;
    if (count <= this.#room) return;
    const room = Math.max(ROWS_LEAST, 2 ** Math.ceil(Math.log2(count)));
    this.#room = room;
    this.time = new Float64Array(room);
    this.position = new Float64Array(room);
    this.classes = new Uint16Array(room);
    for (const field of this.#fields) {
      const column = this.columns[field] as Column;
      column.present = new Uint8Array(room).fill(1);
      this.#isComplete[field] = true;
      if (column.kind === 'string') column.codes = new Int32Array(room);
      else if (column.kind === 'bool') column.values = new Uint8Array(room);
      else column.values = new Float64Array(room);
    }
  }

  /** Told whether all rows have a value of the field: answers whether the flags of its column have to be written. */
  wantsFlags(field: number, isWhole: boolean): boolean {
    // as a rule no row lacks the value, nor did one before
    if (isWhole && this.#isComplete[field] === false) (this.columns[field] as Column).present.fill(1);
    this.#isComplete[field] = isWhole;
    return !isWhole;
  }

  /** Takes rows[from, to) of a batch as they are, with their classes beside them. */
  copy(batch: EventBatch, rows: Int32Array, from: number, to: number, classes: Uint16Array): void {
    const count = to - from;
    this.begin(count);
    const { time, position } = this;
    for (let i = 0; i < count; i += 1) {
      const row = rows[from + i] as number;
      time[i] = batch.time[row] as number;
      position[i] = batch.position[row] as number;
      this.classes[i] = classes[from + i] as number;
    }
    for (const field of this.#fields) {
      const source = batch.columns[field] as Column;
      const own = this.columns[field] as Column;
      const values = source.kind === 'string' ? source.codes : source.values;
      const into = own.kind === 'string' ? own.codes : own.values;
      let inAll = 1;
      for (let i = 0; i < count; i += 1) {
        const row = rows[from + i] as number;
        into[i] = values[row] as number;
        inAll &= source.present[row] as number;
      }
      if (this.wantsFlags(field, inAll === 1)) for (let i = 0; i < count; i += 1) own.present[i] = source.present[rows[from + i] as number] as number;
    }
  }
}
