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

/** FNV-1a; decoders fold bytes into the hash while they look for the end of a string. */
export const HASH_SEED = 0x811c9dc5 | 0;
export const HASH_PRIME = 0x01000193;

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

/** The hash that encodeHashed and findHashed expect for bytes[from, to). */
export function hashBytes(bytes: Uint8Array, from: number, to: number): number {
  let hash = HASH_SEED;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] as number), HASH_PRIME);
  return hash;
}

export class Dictionary {
  #size = 0;
  #bytes = new Uint8Array(256);
  /** Text `code` lies in #bytes[#starts[code], #starts[code + 1]). */
  #starts = new Int32Array(17);
  #hashes = new Int32Array(16);
  /** 0 = free, else code + 1. Its length is a power of two, at least twice the number of texts. */
  #slots = new Int32Array(32);
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
    const known = this.findHashed(scratch, 0, length, hash);
    return known >= 0 ? known : this.#add(scratch, 0, length, hash);
  }

  /** The code of `text`, or -1. */
  find(text: string): number {
    const length = toScratch(text);
    return this.findHashed(scratch, 0, length, hashBytes(scratch, 0, length));
  }

  /** The code of the UTF-8 text bytes[from, to), added if it is new; -1 if the bytes are no UTF-8. */
  encodeBytes(bytes: Uint8Array, from: number, to: number): number {
    return this.encodeHashed(bytes, from, to, hashBytes(bytes, from, to));
  }

  /** encodeBytes for a caller that has folded the bytes into `hash` already. */
  encodeHashed(bytes: Uint8Array, from: number, to: number, hash: number): number {
    const known = this.findHashed(bytes, from, to, hash);
    if (known >= 0) return known;
    // Only new texts are checked: one that is known was checked when it came in.
    return isUtf8(bytes, from, to) ? this.#add(bytes, from, to, hash) : -1;
  }

  /** The code of the text bytes[from, to), or -1. */
  findHashed(bytes: Uint8Array, from: number, to: number, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    const starts = this.#starts;
    const arena = this.#bytes;
    const length = to - from;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const code = (slots[slot] as number) - 1;
      if (code < 0) return -1;
      if (this.#hashes[code] === hash) {
        const start = starts[code] as number;
        if ((starts[code + 1] as number) - start === length) {
          let i = 0;
          while (i < length && arena[start + i] === bytes[from + i]) i += 1;
          if (i === length) return code;
        }
      }
      slot = (slot + 1) & mask;
    }
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
    }
    if (to - from < 32) for (let i = start, at = from; i < end; i++, at++) this.#bytes[i] = bytes[at] as number;
    else this.#bytes.set(bytes.subarray(from, to), start);
    this.#starts[code + 1] = end;
    this.#hashes[code] = hash;
    this.#size = code + 1;
    this.#link(code, hash);
    return code;
  }

  #link(code: number, hash: number): void {
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = code + 1;
  }

  #growTable(): void {
    const capacity = this.#hashes.length * 2;
    const starts = new Int32Array(capacity + 1);
    starts.set(this.#starts);
    const hashes = new Int32Array(capacity);
    hashes.set(this.#hashes);
    this.#starts = starts;
    this.#hashes = hashes;
    this.#slots = new Int32Array(capacity * 2);
    for (let code = 0; code < this.#size; code++) this.#link(code, hashes[code] as number);
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
