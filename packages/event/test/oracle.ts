/**
 * The rules of NDJSON decoding over JSON.parse, line by line: what every scanner must equal.
 *
 * Not here: records that are too long; time formats other than epoch-ms; key fields.
 */
import type { EventSchema } from '../src/index.ts';

/** Rows as [position, time, ...fields], dead letters as [position, offset, reason, field]. The time field is called ts. */
export function oracle(bytes: Uint8Array, schema: EventSchema): { rows: unknown[][]; letters: [number, number, string, string | null][] } {
  const rows: unknown[][] = [];
  const letters: [number, number, string, string | null][] = [];
  let ordinal = 0;
  let start = 0;
  while (start < bytes.length) {
    const feed = bytes.indexOf(10, start);
    const end = feed < 0 ? bytes.length : feed;
    let line = bytes.subarray(start, end);
    const offset = start === 0 && line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf ? 3 : start;
    line = bytes.subarray(offset, end);
    start = end + 1;
    if (line.every((byte) => byte === 32 || byte === 9 || byte === 13)) continue;
    const position = ordinal++;
    const refuse = (reason: string, field: string | null = null): void => {
      letters.push([position, offset, feed < 0 && reason === 'malformed' ? 'truncated' : reason, field]);
    };
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line);
    } catch {
      refuse('not-utf8');
      continue;
    }
    let value: Record<string, unknown>;
    try {
      value = JSON.parse(text);
    } catch {
      refuse('malformed');
      continue;
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      refuse('malformed');
      continue;
    }
    const row: unknown[] = [position];
    let fault: [string, string] | null = null;
    for (const { name, type, optional } of schema.fields) {
      const cell = Object.getOwnPropertyDescriptor(value, name)?.value as unknown;
      if (name === 'ts') {
        const ms = typeof cell === 'number' ? Math.floor(cell) : typeof cell === 'string' && /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/.test(cell) ? Math.floor(Number(cell)) : Number.NaN;
        if (cell === undefined || cell === null) fault ??= ['missing-time', name];
        else if (!Number.isSafeInteger(ms)) fault ??= ['bad-time', name];
        row.push(ms + 0, ms + 0);
        continue;
      }
      if (cell === undefined || cell === null) {
        if (optional !== true) fault ??= ['missing-field', name];
        row.push(null);
      } else if (type === 'string' ? typeof cell === 'string' : type === 'bool' ? typeof cell === 'boolean' : typeof cell === 'number') {
        if (type === 'int') {
          if (!Number.isInteger(cell)) fault ??= ['wrong-type', name];
          else if (!Number.isSafeInteger(cell)) fault ??= ['integer-range', name];
          row.push((cell as number) + 0);
        } else if (type === 'double' && !Number.isFinite(cell)) fault ??= ['wrong-type', name];
        else row.push(type === 'string' ? (cell as string).toWellFormed() : cell);
      } else fault ??= ['wrong-type', name];
    }
    if (fault) refuse(...fault);
    else rows.push(row);
  }
  return { rows, letters };
}
