/**
 * One file through the WebAssembly scanner, the TypeScript one, and JSON.parse: cells, dead letters, cursor.
 *
 * Not here: equal codes where lines are unusual. What a scanner has read of a line that it then gives up may be in the
 * dictionary already, and nobody but the dictionary sees it.
 */
import { type DeadLetter, EventBatch, type EventSchema, type RecordDecoder, createDecoder, fieldValue, startCursor } from '../src/index.ts';
import { oracle } from './oracle.ts';

export interface Decoded {
  /** [position, time, presence and value of each cell], the value that stands where a cell is absent included. */
  readonly cells: readonly unknown[][];
  /** Codes of the text columns. */
  readonly codes: readonly number[][];
  readonly rows: readonly unknown[][];
  readonly letters: readonly DeadLetter[];
  readonly offset: number;
}

/** Decodes with one decoder and one batch, `chunk` bytes at a time. */
export function decodeWith(decoder: RecordDecoder, schema: EventSchema, bytes: Uint8Array, chunk: () => number, capacity: number, ordinalEnd?: () => number): Decoded {
  const batch = new EventBatch(schema, capacity);
  const cursor = startCursor();
  const cells: unknown[][] = [];
  const codes: number[][] = [];
  const rows: unknown[][] = [];
  const letters: DeadLetter[] = [];
  for (let to = 0; ;) {
    batch.clear();
    const until = ordinalEnd === undefined ? Number.POSITIVE_INFINITY : cursor.ordinal + ordinalEnd();
    const consumed = decoder.decode(bytes, cursor.offset, to, to === bytes.length, cursor, batch, (letter) => letters.push(letter), until);
    for (let row = 0; row < batch.length; row += 1) {
      cells.push([batch.position[row], batch.time[row], ...batch.columns.flatMap((column) => {
        if (column.kind !== 'string') return [column.present[row], column.values[row]];
        const code = column.codes[row] as number;
        return [column.present[row], code < 0 ? code : column.dictionary.text(code)];
      })]);
      codes.push(batch.columns.flatMap((column) => (column.kind === 'string' ? [column.codes[row] as number] : [])));
      rows.push([batch.position[row], batch.time[row], ...schema.fields.map((_, field) => fieldValue(batch, field, row))]);
    }
    if (consumed === 0 && batch.length < capacity && cursor.ordinal < until) {
      if (to === bytes.length) return { cells, codes, rows, letters, offset: cursor.offset };
      to = Math.min(bytes.length, to + chunk());
    }
  }
}

export interface Difference { readonly between: string; readonly at: number; readonly first: unknown; readonly second: unknown; readonly line: string }

function difference(between: string, one: readonly unknown[], other: readonly unknown[], lineOf: (item: unknown) => string): Difference | null {
  for (let at = 0; at < Math.max(one.length, other.length); at += 1) {
    const [first, second] = [one[at], other[at]];
    if (first === undefined || second === undefined || !sameItem(first, second)) return { between, at, first, second, line: lineOf(first ?? second) };
  }
  return null;
}

const sameItem = (one: unknown, other: unknown): boolean => {
  if (Array.isArray(one) && Array.isArray(other)) return one.length === other.length && one.every((item, index) => Object.is(item, other[index]));
  return JSON.stringify(one) === JSON.stringify(other);
};

/** null where all three agree. */
export function compareScanners(schema: EventSchema, bytes: Uint8Array, cut: (scanner: number) => { chunk: () => number; capacity: number; ordinalEnd?: () => number }): Difference | null {
  const lines = new TextDecoder().decode(bytes).replace(/^\ufeff/, '').split('\n').filter((line) => /[^ \t\r]/.test(line));
  const lineOf = (item: unknown): string => {
    const position = Array.isArray(item) ? item[0] : (item as DeadLetter).position;
    return lines[position as number] ?? '';
  };
  const [wasm, typescript] = (['wasm', 'typescript'] as const).map((scanner, index) => {
    const { chunk, capacity, ordinalEnd } = cut(index);
    return decodeWith(createDecoder('ndjson', schema, { scanner }), schema, bytes, chunk, capacity, ordinalEnd);
  }) as [Decoded, Decoded];
  const expected = oracle(bytes, schema);
  const flat = (letters: readonly DeadLetter[]): unknown[][] => letters.map(({ position, offset, reason, field }) => [position, offset, reason, field]);
  return difference('scanners: cells', wasm.cells, typescript.cells, lineOf)
    ?? difference('scanners: dead letters', wasm.letters, typescript.letters, lineOf)
    ?? difference('WebAssembly and JSON.parse: rows', wasm.rows, expected.rows, lineOf)
    ?? difference('WebAssembly and JSON.parse: dead letters', flat(wasm.letters), expected.letters, lineOf)
    ?? (wasm.offset === bytes.length && typescript.offset === bytes.length ? null : { between: 'offsets', at: 0, first: wasm.offset, second: typescript.offset, line: '' });
}
