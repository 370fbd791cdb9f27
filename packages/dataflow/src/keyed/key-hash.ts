/**
 * From the key of an event to the subtask that owns it: key tuple -> hash -> key group -> subtask.
 *
 * Always  the hash is murmur3 (32 bit, seed 0) over the canonical bytes of the typed key tuple, never over a
 *         dictionary code: every sender, receiver and image gives one key the same key group.
 *         Canonical bytes, for each field in order: a tag (0 absent, 1 string, 2 number, 3 bool), then for a
 *         string its UTF-8 length (u32) and bytes, for a number its f64 (little-endian, -0 as 0), for a bool one
 *         byte. The length in front makes ("a", "bc") and ("ab", "c") different.
 *         No key fields = the empty tuple = one constant key.
 * Source  murmur3: A. Appleby, MurmurHash3_x86_32 (public domain). Ranges: Flink's KeyGroupRangeAssignment.
 * Not here: which fields are the key (the pattern), what a subtask keeps for a key (its operator).
 */
import { invariant } from '@tidemark/core';
import type { ColumnSet, Dictionary, FieldValue } from '@tidemark/event';

export interface KeyGroupRange {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

const encoder = new TextEncoder();
let scratch = new Uint8Array(256);
let view = new DataView(scratch.buffer);

function reserve(length: number): void {
  if (length <= scratch.length) return;
  const grown = new Uint8Array(Math.max(length, scratch.length * 2));
  grown.set(scratch);
  scratch = grown;
  view = new DataView(grown.buffer);
}

function putText(at: number, text: string): number {
  reserve(at + 5 + text.length * 3);
  scratch[at] = 1;
  const { written } = encoder.encodeInto(text, scratch.subarray(at + 5));
  view.setUint32(at + 1, written, true);
  return at + 5 + written;
}

function putNumber(at: number, value: number): number {
  reserve(at + 9);
  scratch[at] = 2;
  view.setFloat64(at + 1, value === 0 ? 0 : value, true);
  return at + 9;
}

function putBool(at: number, value: boolean): number {
  reserve(at + 2);
  scratch[at] = 3;
  scratch[at + 1] = value ? 1 : 0;
  return at + 2;
}

function putAbsent(at: number): number {
  reserve(at + 1);
  scratch[at] = 0;
  return at + 1;
}

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

/** murmur3 x86 32 bit, seed 0, as an unsigned 32-bit number. */
export function murmur3(bytes: Uint8Array, length = bytes.length): number {
  let h = 0;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    let k = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
    k = Math.imul(rotate(Math.imul(k, 0xcc9e2d51), 15), 0x1b873593);
    h = (Math.imul(rotate(h ^ k, 13), 5) + 0xe6546b64) | 0;
  }
  let k = 0;
  const rest = length - at;
  if (rest === 3) k ^= (bytes[at + 2] as number) << 16;
  if (rest >= 2) k ^= (bytes[at + 1] as number) << 8;
  if (rest >= 1) h ^= Math.imul(rotate(Math.imul(k ^ (bytes[at] as number), 0xcc9e2d51), 15), 0x1b873593);
  h ^= length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Hash of a key given as values (null = absent). The same number as `keyHash` for the row that has them. */
export function hashOfKey(values: readonly FieldValue[]): number {
  let at = 0;
  for (const value of values) {
    if (value === null) at = putAbsent(at);
    else if (typeof value === 'string') at = putText(at, value);
    else if (typeof value === 'number') at = putNumber(at, value);
    else at = putBool(at, value);
  }
  return murmur3(scratch, at);
}

/** Hashes by code of one dictionary, filled on first use: valid as long as the dictionary, whose codes never change. */
interface CodeHashes { hashes: Uint32Array; known: Uint8Array }
const hashesOf = new WeakMap<Dictionary, CodeHashes>();

function hashOfCode(dictionary: Dictionary, code: number): number {
  let cache = hashesOf.get(dictionary);
  if (cache === undefined || code >= cache.hashes.length) {
    const capacity = Math.max(64, dictionary.size, (cache?.hashes.length ?? 0) * 2);
    const grown: CodeHashes = { hashes: new Uint32Array(capacity), known: new Uint8Array(capacity) };
    if (cache !== undefined) {
      grown.hashes.set(cache.hashes);
      grown.known.set(cache.known);
    }
    cache = grown;
    hashesOf.set(dictionary, cache);
  }
  if (cache.known[code] === 0) {
    cache.known[code] = 1;
    cache.hashes[code] = murmur3(scratch, putText(0, dictionary.text(code)));
  }
  return cache.hashes[code] as number;
}

/**
 * Hash of the key of one row.
 *
 * Shape   unsigned 32-bit; `keyFields` are field numbers of the schema in the key's order.
 * Cost    one look-up where one string field is the key, else the canonical bytes are built.
 */
export function keyHash(batch: ColumnSet, row: number, keyFields: readonly number[]): number {
  if (keyFields.length === 1) {
    const column = batch.columns[keyFields[0] as number];
    if (column?.kind === 'string' && column.present[row] === 1) return hashOfCode(column.dictionary, column.codes[row] as number);
  }
  let at = 0;
  for (const field of keyFields) {
    const column = batch.columns[field];
    invariant(column !== undefined, `no column for key field ${field}`);
    if (column.present[row] === 0) at = putAbsent(at);
    else if (column.kind === 'string') at = putText(at, column.dictionary.text(column.codes[row] as number));
    else if (column.kind === 'bool') at = putBool(at, column.values[row] === 1);
    else at = putNumber(at, column.values[row] as number);
  }
  return murmur3(scratch, at);
}

export const keyGroupOf = (hash: number, maxParallelism: number): number => hash % maxParallelism;

/**
 * The key groups owned by one subtask.
 *
 * Shape   key groups 0..maxParallelism-1 are split into `parallelism` contiguous ranges whose sizes differ by at
 *         most one, in order of subtask index; `end` is exclusive.
 * Errors  InvariantViolation if parallelism > maxParallelism or the index is out of range.
 *
 * @example keyGroupRange(1, { parallelism: 3, maxParallelism: 128 }) // { start: 43, end: 86 }
 */
export function keyGroupRange(
  subtaskIndex: number,
  { parallelism, maxParallelism }: { readonly parallelism: number; readonly maxParallelism: number },
): KeyGroupRange {
  invariant(parallelism <= maxParallelism, `parallelism ${parallelism} > ${maxParallelism}`);
  invariant(subtaskIndex >= 0 && subtaskIndex < parallelism, `no subtask ${subtaskIndex}`);
  return {
    start: Math.ceil((subtaskIndex * maxParallelism) / parallelism),
    end: Math.floor(((subtaskIndex + 1) * maxParallelism - 1) / parallelism) + 1,
  };
}

/** Index of the subtask whose range holds `keyGroup`. */
export const subtaskOf = (
  keyGroup: number,
  { parallelism, maxParallelism }: { readonly parallelism: number; readonly maxParallelism: number },
): number => Math.floor((keyGroup * parallelism) / maxParallelism);
