/**
 * Little-endian byte writer and reader: the one binary notation of frames and images.
 *
 * Always  what ByteWriter writes, ByteReader reads back in the same order with the same calls;
 *         typed arrays are written 8-byte aligned relative to the start, and read as copies.
 * Not here: checksums and versions (packages/state), which text or batch is inside (packages/event).
 */
import { invariant } from './invariant.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export type TypedArray = Uint8Array | Uint16Array | Int32Array | Uint32Array | Float64Array;

export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacity = 1024) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  #reserve(count: number): number {
    const at = this.#length;
    const end = at + count;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#length = end;
    return at;
  }

  // The place first, then the view: reserving may replace it.
  u8(value: number): void { const at = this.#reserve(1); this.#view.setUint8(at, value); }
  u16(value: number): void { const at = this.#reserve(2); this.#view.setUint16(at, value, true); }
  u32(value: number): void { const at = this.#reserve(4); this.#view.setUint32(at, value, true); }
  i32(value: number): void { const at = this.#reserve(4); this.#view.setInt32(at, value, true); }
  f64(value: number): void { const at = this.#reserve(8); this.#view.setFloat64(at, value, true); }
  bool(value: boolean): void { this.u8(value ? 1 : 0); }

  text(value: string): void {
    this.blob(encoder.encode(value));
  }

  blob(value: Uint8Array): void {
    this.u32(value.length);
    const at = this.#reserve(value.length);
    this.#bytes.set(value, at);
  }

  /** Raw elements of one typed array, preceded by their count and padded to an 8-byte boundary. */
  array(value: TypedArray): void {
    this.u32(value.length);
    while (this.#length % 8 !== 0) this.u8(0);
    const raw = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    const at = this.#reserve(raw.length);
    this.#bytes.set(raw, at);
  }

  /** A view of what was written; valid until the next write. */
  view(): Uint8Array { return this.#bytes.subarray(0, this.#length); }
  /** A copy of what was written. */
  finish(): Uint8Array { return this.#bytes.slice(0, this.#length); }
  clear(): void { this.#length = 0; }
}

export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get position(): number { return this.#at; }
  get remaining(): number { return this.#bytes.length - this.#at; }

  #take(count: number): number {
    const at = this.#at;
    invariant(at + count <= this.#bytes.length, `read past the end: ${at} + ${count} > ${this.#bytes.length}`);
    this.#at = at + count;
    return at;
  }

  u8(): number { return this.#view.getUint8(this.#take(1)); }
  u16(): number { return this.#view.getUint16(this.#take(2), true); }
  u32(): number { return this.#view.getUint32(this.#take(4), true); }
  i32(): number { return this.#view.getInt32(this.#take(4), true); }
  f64(): number { return this.#view.getFloat64(this.#take(8), true); }
  bool(): boolean { return this.u8() !== 0; }
  text(): string { return decoder.decode(this.blob()); }

  blob(): Uint8Array {
    const length = this.u32();
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  #elements(bytesPerElement: number): ArrayBuffer {
    const length = this.u32();
    while (this.#at % 8 !== 0) this.#take(1);
    const at = this.#take(length * bytesPerElement);
    // Not bytes.slice(): Node's Buffer overrides it with a view.
    return new Uint8Array(this.#bytes.subarray(at, at + length * bytesPerElement)).buffer;
  }

  u8Array(): Uint8Array { return new Uint8Array(this.#elements(1)); }
  u16Array(): Uint16Array { return new Uint16Array(this.#elements(2)); }
  i32Array(): Int32Array { return new Int32Array(this.#elements(4)); }
  u32Array(): Uint32Array { return new Uint32Array(this.#elements(4)); }
  f64Array(): Float64Array { return new Float64Array(this.#elements(8)); }
}
