/**
 * CSV as text of RFC 4180: cells, quotes, header. Shared by the decoder's full parser and by the inference of schemas.
 *
 * Always  a cell is null where nothing stands between two delimiters ("" in quotes is an empty text); the header's
 *         names are trimmed and cells are not; a quote may only open at the start of a cell.
 */
import type { CsvHeader } from './record-decoder.ts';

const QUOTE = 34;
const DELIMITERS = [',', ';', '\t', '|'] as const;

export const RAN_OUT = -1;
export const BROKEN = -2;

/**
 * Index of the line feed that ends the record at bytes[from], looking no further than `limit`.
 * RAN_OUT: none before the limit. BROKEN: quotes stand where they may not.
 */
export function csvRecordEnd(bytes: Uint8Array, from: number, limit: number, delimiter: number): number {
  let at = from;
  for (;;) {
    // Start of a cell.
    if (at < limit && bytes[at] === QUOTE) {
      at += 1;
      for (;;) {
        while (at < limit && bytes[at] !== QUOTE) at += 1;
        if (at + 1 >= limit) return RAN_OUT;
        if (bytes[at + 1] !== QUOTE) break;
        at += 2;
      }
      at += 1;
      if (bytes[at] === 13) {
        if (at + 1 >= limit) return RAN_OUT;
        if (bytes[at + 1] === 10) at += 1;
      }
      if (bytes[at] === 10) return at;
      if (bytes[at] !== delimiter) return BROKEN;
      at += 1;
      continue;
    }
    for (;;) {
      if (at >= limit) return RAN_OUT;
      const byte = bytes[at];
      if (byte === 10) return at;
      if (byte === QUOTE) return BROKEN;
      at += 1;
      if (byte === delimiter) break;
    }
  }
}

/** Cells of one record without its line end, or null where a quote is left open or stands where it may not. */
export function csvCells(text: string, delimiter: string): (string | null)[] | null {
  const cells: (string | null)[] = [];
  let at = 0;
  for (;;) {
    if (text[at] === '"') {
      let cell = '';
      at += 1;
      for (;;) {
        const quote = text.indexOf('"', at);
        if (quote < 0) return null;
        cell += text.slice(at, quote);
        at = quote + 1;
        if (text[at] !== '"') break;
        cell += '"';
        at += 1;
      }
      cells.push(cell);
      if (at === text.length) return cells;
      if (text[at] !== delimiter) return null;
      at += 1;
      continue;
    }
    const next = text.indexOf(delimiter, at);
    const end = next < 0 ? text.length : next;
    const cell = text.slice(at, end);
    if (cell.includes('"')) return null;
    cells.push(cell === '' ? null : cell);
    if (next < 0) return cells;
    at = next + 1;
  }
}

/** The delimiter that occurs most often outside quotes in the header row; a comma where none does. */
function delimiterOf(row: string): string {
  const counts = DELIMITERS.map(() => 0);
  let quoted = false;
  for (const character of row) {
    if (character === '"') quoted = !quoted;
    const index = quoted ? -1 : DELIMITERS.indexOf(character as ',');
    if (index >= 0) counts[index] = (counts[index] as number) + 1;
  }
  return DELIMITERS[counts.indexOf(Math.max(...counts))] as string;
}

/** Header from the text of its row (without line end and byte-order mark), or null where its quotes are broken. */
export function csvHeader(row: string): CsvHeader | null {
  const delimiter = delimiterOf(row);
  const cells = csvCells(row, delimiter);
  return cells && { columns: cells.map((cell) => (cell ?? '').trim()), delimiter };
}
