/**
 * Match id: what makes an output line the same line in every replay.
 *
 * The first 16 bytes of sha256, in base32, over a canonical notation of: document, version, pattern, kind of output,
 * key, the events in order (stage, split, position), what completed it (an event, or the time when it was due), and
 * its number among equal outputs of one step.
 *
 * Always  never depends on attempt, time of day, worker, checkpoint or on where watermarks stood. Texts and numbers
 *         are written with tag and length, so that no two different matches have the same notation.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { type ByteWriter } from '@tidemark/core';
import type { FieldValue } from '@tidemark/event';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const ID_BYTES = 16;

/** RFC 4648 base32, lower case, without padding. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(value >>> bits) & 31];
      value &= (1 << bits) - 1;
    }
  }
  return bits > 0 ? text + ALPHABET[(value << (5 - bits)) & 31] : text;
}

export function writeKey(writer: ByteWriter, key: readonly FieldValue[]): void {
  writer.u32(key.length);
  for (const value of key) {
    if (value === null) writer.u8(0);
    else if (typeof value === 'string') {
      writer.u8(1);
      writer.text(value);
    } else if (typeof value === 'number') {
      writer.u8(2);
      writer.f64(value + 0);
    } else writer.u8(value ? 4 : 3);
  }
}

/** The id of what was written. */
export const idOf = (writer: ByteWriter): string => base32(sha256(writer.view()).subarray(0, ID_BYTES));
