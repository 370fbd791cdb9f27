/**
 * Codes of one dictionary -> codes of another, and rows copied with it.
 *
 * Always  a text crosses once per pair of dictionaries; after that a code costs one read of an Int32Array.
 * Why     dictionaries are local (to a decoder, a channel, an engine), so whoever keeps a row writes it in its own codes.
 * Not here: key hashes (packages/dataflow): never made of codes.
 */
import { invariant } from '@tidemark/core';
import type { Dictionary } from './dictionary.ts';
import type { Column, EventBatch } from './event-batch.ts';
import type { EventSchema } from './schema.ts';

/** Remembers the last pair of dictionaries only: keep one map for each string column and way. */
export class CodeMap {
  #source: Dictionary | null = null;
  #target: Dictionary | null = null;
  /** By code of the source: code of the target + 1, 0 = not asked yet. */
  #codes = new Int32Array(64);

  /** The code in `target` of the text that has `code` in `source`; the text is added to `target` if it is new. */
  translate(source: Dictionary, code: number, target: Dictionary): number {
    if (this.#source !== source || this.#target !== target) {
      this.#source = source;
      this.#target = target;
      this.#codes.fill(0);
    }
    if (code >= this.#codes.length) {
      const grown = new Int32Array(Math.max(code + 1, this.#codes.length * 2));
      grown.set(this.#codes);
      this.#codes = grown;
    }
    const known = this.#codes[code] as number;
    if (known !== 0) return known - 1;
    const translated = target.encodeBytes(source.bytes, source.start(code), source.end(code));
    this.#codes[code] = translated + 1;
    return translated;
  }
}

/** One map for each string field of the schema. */
export const codeMaps = (schema: EventSchema): readonly (CodeMap | null)[] =>
  schema.fields.map((field) => (field.type === 'string' ? new CodeMap() : null));

/** Copies the cell of `source` at `from` to `target` at `to`; columns of one field, target's row still empty. */
export function copyCell(target: Column, to: number, source: Column, from: number, map: CodeMap | null): void {
  if (source.present[from] === 0) return;
  target.present[to] = 1;
  switch (source.kind) {
    case 'string': {
      const column = target as Extract<Column, { kind: 'string' }>;
      column.codes[to] = (map as CodeMap).translate(source.dictionary, source.codes[from] as number, column.dictionary);
      break;
    }
    case 'bool':
      (target as Extract<Column, { kind: 'bool' }>).values[to] = source.values[from] as number;
      break;
    default:
      (target as Extract<Column, { kind: 'double' | 'int' }>).values[to] = source.values[from] as number;
  }
}

/**
 * Appends row `row` of `source` to `target`: time, position and all fields; the split is the target's.
 * `maps` = codeMaps(schema), kept by the caller for this pair of batches.
 * Errors: InvariantViolation where the target is full.
 */
export function appendRow(target: EventBatch, source: EventBatch, row: number, maps: readonly (CodeMap | null)[]): void {
  const to = target.length;
  invariant(to < target.capacity, `the batch is full at ${target.capacity} rows`);
  target.time[to] = source.time[row] as number;
  target.position[to] = source.position[row] as number;
  for (let field = 0; field < source.columns.length; field++) {
    copyCell(target.columns[field] as Column, to, source.columns[field] as Column, row, maps[field] as CodeMap | null);
  }
  target.length = to + 1;
}
