/**
 * Copy plan: the arrays of a set of rows in the order in which the fields of taken events are copied, looked up once.
 *
 * Always  it holds as long as the rows keep their arrays and dictionaries (RetainedEvents.isFor).
 * Not here: copying (retained-events.ts).
 */
import type { ColumnSet } from '@tidemark/event';
import type { CodeTable } from './code-table.ts';

/** Rows that events are copied from: a batch, or rows that were held. */
export interface SourceRows extends ColumnSet {
  readonly position: Float64Array;
  readonly split: number;
  readonly length: number;
}

/** Instead of a length: few rows are copied, so it costs less to read their flags than to look through all. */
export const READ_FLAGS = -1;

/** The arrays of a set of rows, in the order in which they are copied: made once for each set. */
export class CopyPlan {
  readonly rows: ColumnSet;
  readonly time: Float64Array;
  readonly position: Float64Array;
  split: number;
  readonly numbers: readonly Float64Array[];
  readonly bools: readonly Uint8Array[];
  readonly texts: readonly Int32Array[];
  /** Own code by source code; one for each text column. */
  readonly codes: readonly CodeTable[];
  /** Numbers, then bools, then texts. */
  readonly present: readonly Uint8Array[];
  readonly #complete: Uint8Array;
  #length: number;
  #looked = false;

  constructor(rows: ColumnSet, length: number, position: Float64Array, split: number, arrays: ColumnArrays, codes: readonly CodeTable[]) {
    this.rows = rows;
    this.time = rows.time;
    this.#length = length;
    this.position = position;
    this.split = split;
    this.numbers = arrays.numbers;
    this.bools = arrays.bools;
    this.texts = arrays.texts;
    this.present = arrays.present;
    this.codes = codes;
    this.#complete = new Uint8Array(arrays.present.length);
  }

  /** The same arrays hold other rows. */
  refresh(rows: SourceRows): void {
    this.#length = rows.length;
    this.split = rows.split;
    this.#looked = false;
  }

  /** 1 for columns in which no row lacks its value: their flags need not be read. Looked up when it is first asked. */
  get complete(): Uint8Array {
    if (!this.#looked && this.#length !== READ_FLAGS) {
      this.#looked = true;
      this.present.forEach((flags, i) => {
        const absent = flags.indexOf(0);
        this.#complete[i] = absent === -1 || absent >= this.#length ? 1 : 0;
      });
    }
    return this.#complete;
  }
}

/** Of some fields: numbers, bools and texts, and the flags of all three in that order. */
export interface ColumnArrays {
  readonly numbers: readonly Float64Array[];
  readonly bools: readonly Uint8Array[];
  readonly texts: readonly Int32Array[];
  readonly textFields: readonly number[];
  readonly present: readonly Uint8Array[];
}
