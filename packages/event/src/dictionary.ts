/**
 * Dictionary of strings: UTF-8 text <-> small integer code, looked up by bytes.
 *
 * Shape   texts lie one after the other in one byte arena; an open-addressed table of typed arrays leads from the
 *         hash of the bytes to the code. JavaScript strings are made only when somebody asks for text().
 * Always  codes are dense, start at 0 and never change while the dictionary lives; -1 is never a code;
 *         encode(t) and encodeBytes(utf8(t)) give the same code; every stored text is well-formed UTF-8
 *         (a lone surrogate becomes U+FFFD, as in every UTF-8 output).
 * Not here: sharing. A dictionary is local to a subtask, a channel or a decoder (DESIGN.md, "Dictionaries").
 *           Hash flooding: the hash is fixed, because a replay must not depend on a random seed; whoever owns a
 *           dictionary bounds its size (`full`).
 */
import type { ByteReader, ByteWriter } from '@tidemark/core';
import { invariant } from '@tidemark/core';
import { isUtf8, utf8Text } from './utf8.ts';

/** From here on an owner starts a new dictionary: a field of ever new texts must not fill the memory. */
export const DICTIONARY_TEXTS_MAX = 1 << 20;
export const DICTIONARY_BYTES_MAX = 64 * 1024 * 1024;

const encoder = new TextEncoder();
let scratch = new Uint8Array(256);

/** Writes `text` as UTF-8 into `scratch` (grown as needed), returns the count of bytes. */
function toScratch(text: string): number {
  if (scratch.length < text.length * 3) scratch = new Uint8Array(Math.max(text.length * 3, scratch.length * 2));
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) return encoder.encodeInto(text, scratch).written;
    scratch[i] = unit;
  }
  return text.length;
}

const MIX = 0x85ebca6b | 0;

/** Four bytes as a little-endian word, for whoever has no view of them. */
const wordAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);

/** Up to three bytes as one word. */
function shortWord(bytes: Uint8Array, from: number, to: number): number {
  let word = 0;
  for (let at = to - 1; at >= from; at--) word = (word << 8) | (bytes[at] as number);
  return word;
}

/**
 * The hash of bytes[from, to): word by word, the last word overlapping the one before. 32 bits, may be negative.
 * Not seeded and not cryptographic: for tables, and for whatever must come out the same in every process.
 */
export function hashBytes(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from;
  let hash = length;
  if (length < 4) hash = Math.imul(hash ^ shortWord(bytes, from, to), MIX);
  else {
    for (let at = from; at < to - 4; at += 4) {
      hash = Math.imul(hash ^ wordAt(bytes, at), MIX);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash ^ wordAt(bytes, to - 4), MIX);
  }
  return hash ^ (hash >>> 13);
}

export class Dictionary {
  #size = 0;
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  /** Text `code` lies in #bytes[#starts[code], #starts[code + 1]). */
  #starts = new Int32Array(17);
  /**
   * Four cells a slot, one cache line's worth for a whole look-up: hash, code + 1 (0 = free), start and end of the text.
   * Slots are a power of two, at least twice the texts.
   */
  #slots = new Int32Array(128);
  #texts: (string | undefined)[] = [];

  get size(): number {
    return this.#size;
  }

  /** Bytes of all texts. */
  get byteLength(): number {
    return this.#starts[this.#size] as number;
  }

  /** So large that its owner should start a new one. */
  get full(): boolean {
    return this.#size >= DICTIONARY_TEXTS_MAX || this.byteLength >= DICTIONARY_BYTES_MAX;
  }

  /** The code of `text`, added if it is new. */
  encode(text: string): number {
    const length = toScratch(text);
    const hash = hashBytes(scratch, 0, length);
    const known = this.#findHashed(scratch, 0, length, hash);
    return known >= 0 ? known : this.#add(scratch, 0, length, hash);
  }

  /** The code of `text`, or -1. */
  find(text: string): number {
    const length = toScratch(text);
    return this.findBytes(scratch, 0, length);
  }

  /** The code of the UTF-8 text bytes[from, to), added if it is new; -1 if the bytes are no UTF-8. */
  encodeBytes(bytes: Uint8Array, from: number, to: number): number {
    const hash = hashBytes(bytes, from, to);
    const known = this.#findHashed(bytes, from, to, hash);
    if (known >= 0) return known;
    // Only new texts are checked: one that is known was checked when it came in.
    return isUtf8(bytes, from, to) ? this.#add(bytes, from, to, hash) : -1;
  }

  /** encodeBytes for the hot path: `view` is of the same bytes, so that four can be read at once. */
  encodeView(bytes: Uint8Array, view: DataView, from: number, to: number): number {
    const length = to - from;
    let hash = length;
    if (length < 4) hash = Math.imul(hash ^ shortWord(bytes, from, to), MIX);
    else {
      for (let at = from; at < to - 4; at += 4) {
        hash = Math.imul(hash ^ view.getInt32(at, true), MIX);
        hash ^= hash >>> 15;
      }
      hash = Math.imul(hash ^ view.getInt32(to - 4, true), MIX);
    }
    hash ^= hash >>> 13;

    const slots = this.#slots;
    const mask = slots.length - 4;
    let slot = (hash << 2) & mask;
    for (;;) {
      const code = slots[slot + 1] as number;
      if (code === 0) break;
      if (slots[slot] === hash) {
        const start = slots[slot + 2] as number;
        if ((slots[slot + 3] as number) - start === length) {
          if (length < 4) {
            const arena = this.#bytes;
            let i = 0;
            while (i < length && arena[start + i] === bytes[from + i]) i += 1;
            if (i === length) return code - 1;
          } else {
            const arena = this.#view;
            let at = from;
            let other = start;
            while (at < to - 4 && arena.getInt32(other, true) === view.getInt32(at, true)) {
              at += 4;
              other += 4;
            }
            if (at >= to - 4 && arena.getInt32(start + length - 4, true) === view.getInt32(to - 4, true)) return code - 1;
          }
        }
      }
      slot = (slot + 4) & mask;
    }
    return isUtf8(bytes, from, to) ? this.#add(bytes, from, to, hash) : -1;
  }

  /** The code of the text bytes[from, to), or -1. */
  findBytes(bytes: Uint8Array, from: number, to: number): number {
    return this.#findHashed(bytes, from, to, hashBytes(bytes, from, to));
  }

  #findHashed(bytes: Uint8Array, from: number, to: number, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 4;
    let slot = (hash << 2) & mask;
    for (;;) {
      const code = (slots[slot + 1] as number) - 1;
      if (code < 0) return -1;
      if (slots[slot] === hash && this.#equals(code, bytes, from, to)) return code;
      slot = (slot + 4) & mask;
    }
  }

  #equals(code: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = this.#starts[code] as number;
    if ((this.#starts[code + 1] as number) - start !== to - from) return false;
    for (let i = 0; i < to - from; i++) if (this.#bytes[start + i] !== bytes[from + i]) return false;
    return true;
  }

  #add(bytes: Uint8Array, from: number, to: number, hash: number): number {
    const code = this.#size;
    if (code + 2 > this.#starts.length) this.#growTable();
    const start = this.#starts[code] as number;
    const end = start + (to - from);
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, start));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    if (to - from < 32) for (let i = start, at = from; i < end; i++, at++) this.#bytes[i] = bytes[at] as number;
    else this.#bytes.set(bytes.subarray(from, to), start);
    this.#starts[code + 1] = end;
    this.#size = code + 1;
    this.#link(code, hash);
    return code;
  }

  #link(code: number, hash: number): void {
    const slots = this.#slots;
    const mask = slots.length - 4;
    let slot = (hash << 2) & mask;
    while (slots[slot + 1] !== 0) slot = (slot + 4) & mask;
    slots[slot] = hash;
    slots[slot + 1] = code + 1;
    slots[slot + 2] = this.#starts[code] as number;
    slots[slot + 3] = this.#starts[code + 1] as number;
  }

  #growTable(): void {
    const capacity = (this.#starts.length - 1) * 2;
    const starts = new Int32Array(capacity + 1);
    starts.set(this.#starts);
    this.#starts = starts;
    const former = this.#slots;
    this.#slots = new Int32Array(former.length * 2);
    for (let slot = 0; slot < former.length; slot += 4) {
      const code = (former[slot + 1] as number) - 1;
      if (code >= 0) this.#link(code, former[slot] as number);
    }
  }

  text(code: number): string {
    invariant(code >= 0 && code < this.#size, `no text has code ${code} of ${this.#size}`);
    const known = this.#texts[code];
    if (known !== undefined) return known;
    const text = utf8Text(this.#bytes, this.#starts[code] as number, this.#starts[code + 1] as number) as string;
    while (this.#texts.length < code) this.#texts.push(undefined); // never a sparse array
    this.#texts[code] = text;
    return text;
  }

  /** All texts, in order of code. For edges and tests. */
  texts(): readonly string[] {
    return Array.from({ length: this.#size }, (_, code) => this.text(code));
  }

  /**
   * Where the text of `code` lies: bytes.subarray(start(code), end(code)) without making a view.
   * `bytes` is replaced when the arena grows: read it anew after every encode.
   */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  start(code: number): number {
    return this.#starts[code] as number;
  }

  end(code: number): number {
    return this.#starts[code + 1] as number;
  }

  /** Writes all texts in order of code; `read` makes an equal dictionary with the same codes. */
  write(writer: ByteWriter): void {
    writer.array(this.#starts.slice(0, this.#size + 1));
    writer.blob(this.#bytes.subarray(0, this.byteLength));
  }

  /** Errors: InvariantViolation where the image is no dictionary. */
  static read(reader: ByteReader): Dictionary {
    const starts = reader.i32Array();
    const bytes = reader.blob();
    const dictionary = new Dictionary();
    for (let code = 0; code + 1 < starts.length; code++) {
      const start = starts[code] as number;
      const end = starts[code + 1] as number;
      invariant(start >= 0 && end >= start && end <= bytes.length, `text ${code} lies outside its dictionary`);
      invariant(dictionary.encodeBytes(bytes, start, end) === code, `text ${code} is doubled or no UTF-8`);
    }
    return dictionary;
  }
}
