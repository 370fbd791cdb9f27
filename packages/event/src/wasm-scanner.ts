/**
 * WasmScanner: JsonScanner's work done in WebAssembly with SIMD (assembly/json-scanner.ts). This side makes the instance,
 * carries bytes in and rows out, and answers for the dictionaries.
 *
 * Always  what scan() takes, it takes with the same values and the same codes as JsonScanner; what it does not take it
 *         leaves to it. Without WebAssembly or without SIMD there is no WasmScanner, and nothing but the speed differs.
 * Why     the module comes as text in wasm-module.ts and is compiled on first use, synchronously: no file is read, and
 *         'wasm-unsafe-eval' is all that a content security policy must allow.
 * Not here: which lines exist, positions of the source, dead letters (ndjson-decoder.ts).
 */
import type { Dictionary } from './dictionary.ts';
import type { EventBatch } from './event-batch.ts';
import { asciiText } from './number-text.ts';
import { KIND, type RowWriter } from './row-writer.ts';
import { timeOfText } from './time-text.ts';
import { WASM_MODULE } from './wasm-module.ts';

/** What the module exports; bytes are addressed in its memory. */
interface Scanner {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly ROWS: { readonly value: number };
  readonly BLOCK_BYTES: { readonly value: number };
  init(fields: number, timeFormat: number): void;
  /** The name stands at `name`, in quotes. */
  setField(index: number, kind: number, required: number, name: number, length: number): void;
  clearTexts(index: number): void;
  block(): number;
  values(index: number): number;
  present(index: number): number;
  scan(at: number, end: number, row: number, rowEnd: number, lineMax: number): number;
  rows(): number;
}

/** The little of the host's WebAssembly that is used; no room here knows a browser's types. */
interface WebAssemblyHost {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: Record<string, Record<string, unknown>>) => { readonly exports: unknown };
}
const host = globalThis as unknown as { readonly WebAssembly?: WebAssemblyHost; atob(text: string): string };

const TIME_FORMATS = { 'epoch-ms': 0, 'epoch-s': 1, 'epoch-us': 2, iso8601: 3, datetime: 3 } as const;
/** Fewer rows are copied one by one: making views of the columns costs more than that. */
const ROWS_BY_VIEW = 16;
/** Bytes of texts asked for after which a scanner is worn: what it has cached is not given back, whatever the dictionaries do. */
const TEXT_BYTES_MAX = 64 * 1024 * 1024;
/** The module's own limits: a bit for each field, and a name with its quotes. */
const FIELDS_MAX = 64;
const NAME_BYTES_MAX = 64;
const encoder = new TextEncoder();

/** undefined = not tried yet, null = there is no WebAssembly or no SIMD here. */
let compiled: object | null | undefined;

function compile(): object | null {
  if (compiled !== undefined) return compiled;
  compiled = null;
  if (host.WebAssembly !== undefined) {
    try {
      const text = host.atob(WASM_MODULE);
      const bytes = new Uint8Array(text.length);
      for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
      compiled = new host.WebAssembly.Module(bytes);
    } catch {
      // No SIMD, a policy without 'wasm-unsafe-eval', or a page that may not compile on its main thread.
    }
  }
  return compiled;
}

export class WasmScanner {
  readonly #writer: RowWriter;
  readonly #scanner: Scanner;
  readonly #rowsMax: number;
  readonly #blockBytes: number;
  readonly #block: number;
  /** Views of the memory, made anew when it has grown. */
  #buffer: ArrayBuffer | null = null;
  #memory = new Uint8Array(0);
  /** By field, each of the type of its column. */
  #columns: (Float64Array | Int32Array | Uint8Array)[] = [];
  #present: Uint8Array[] = [];
  /** The dictionaries whose codes the scanner has cached. */
  readonly #dictionaries: (Dictionary | null)[];
  /** bytes[#from, #to) of the caller are in the block; nothing where #from = #to. */
  #from = 0;
  #to = 0;
  /** Bytes of a line, lately: how much is worth bringing in for the rows that are left. */
  #lineBytes = 256;
  #textBytes = 0;

  private constructor(writer: RowWriter, module: object) {
    this.#writer = writer;
    const text = (field: number, from: number, to: number): number => {
      this.#textBytes += to - from;
      return (writer.dictionaries[field] as Dictionary).encodeBytes(this.#bytes(), from, to);
    };
    const number = (from: number, to: number): number => Number(asciiText(this.#bytes(), from, to));
    const time = (from: number, to: number): number => timeOfText(this.#bytes(), from, to);
    const instance = new (host.WebAssembly as WebAssemblyHost).Instance(module, { host: { text, number, time } });
    const scanner = instance.exports as Scanner;
    this.#scanner = scanner;
    this.#rowsMax = scanner.ROWS.value;
    this.#blockBytes = scanner.BLOCK_BYTES.value;
    this.#dictionaries = writer.schema.fields.map(() => null);
    scanner.init(writer.fieldCount, TIME_FORMATS[writer.timeFormat]);
    this.#block = scanner.block();
    writer.schema.fields.forEach((field, index) => {
      const name = encoder.encode(JSON.stringify(field.name));
      this.#bytes().set(name, this.#block);
      scanner.setField(index, writer.kinds[index] as number, writer.required[index] as number, this.#block, name.length);
    });
  }

  /** A scanner that writes with `writer`; null where this machine or this schema cannot have one. */
  static for(writer: RowWriter): WasmScanner | null {
    const module = compile();
    if (module === null) return null;
    const { fields } = writer.schema;
    if (fields.length > FIELDS_MAX || fields.some(({ name }) => encoder.encode(JSON.stringify(name)).length > NAME_BYTES_MAX)) return null;
    try {
      return new WasmScanner(writer, module);
    } catch {
      return null; // no memory to be had
    }
  }

  /** Make a new one and forget this one: its memory is full of texts that came long ago. */
  get worn(): boolean {
    return this.#textBytes > TEXT_BYTES_MAX;
  }

  #bytes(): Uint8Array {
    if (this.#scanner.memory.buffer !== this.#buffer) this.#view();
    return this.#memory;
  }

  #view(): void {
    const { buffer } = this.#scanner.memory;
    this.#buffer = buffer;
    this.#memory = new Uint8Array(buffer);
    const rows = this.#rowsMax;
    const { kinds, fieldCount } = this.#writer;
    this.#columns = Array.from({ length: fieldCount }, (_, field) => {
      const at = this.#scanner.values(field);
      if (kinds[field] === KIND.string) return new Int32Array(buffer, at, rows);
      return kinds[field] === KIND.bool ? new Uint8Array(buffer, at, rows) : new Float64Array(buffer, at, rows);
    });
    this.#present = Array.from({ length: fieldCount }, (_, field) => new Uint8Array(buffer, this.#scanner.present(field), rows));
  }

  /** To be called whenever the writer was bound and the caller's bytes may be others. */
  bind(): void {
    this.#to = this.#from = 0;
    const { kinds, dictionaries } = this.#writer;
    for (let field = 0; field < kinds.length; field++) {
      if (kinds[field] !== KIND.string || this.#dictionaries[field] === dictionaries[field]) continue;
      this.#dictionaries[field] = dictionaries[field] as Dictionary;
      this.#scanner.clearTexts(field);
    }
  }

  /** As JsonScanner.scan, except that the batch holds no rubbish of a line that was not taken. */
  scan(bytes: Uint8Array, from: number, last: number, rowEnd: number, ordinal: number, lineMax: number): number {
    const scanner = this.#scanner;
    const batch = this.#writer.batch as EventBatch;
    let at = from;
    let rows = 0;
    while (at <= last && batch.length + rows < rowEnd) {
      if (rows === this.#rowsMax) {
        this.#copyOut(rows, ordinal);
        ordinal += rows;
        rows = 0;
      }
      if ((at < this.#from || at >= this.#to) && !this.#fill(bytes, at, last, rowEnd - batch.length - rows)) break; // a line longer than the block
      const offset = this.#block - this.#from;
      const next = scanner.scan(at + offset, this.#to + offset, rows, Math.min(this.#rowsMax, rowEnd - batch.length), lineMax) - offset;
      const taken = scanner.rows() - rows;
      if (taken > 0) this.#lineBytes = (next - at) / taken;
      rows += taken;
      at = next;
      if (at < this.#to && rows < this.#rowsMax) break;
    }
    this.#copyOut(rows, ordinal);
    return at;
  }

  /** Brings whole lines from `at` on into the block, about as many as `rows`. False where not even one fits. */
  #fill(bytes: Uint8Array, at: number, last: number, rows: number): boolean {
    const wanted = Math.min(this.#blockBytes, Math.ceil((rows + 8) * this.#lineBytes * 1.125));
    let to = Math.min(last + 1, at + wanted);
    if (to <= last) {
      to = bytes.lastIndexOf(10, to - 1) + 1;
      if (to <= at) {
        to = bytes.indexOf(10, at) + 1;
        if (to - at > this.#blockBytes) return false;
      }
    }
    this.#bytes().set(bytes.subarray(at, to), this.#block);
    this.#from = at;
    this.#to = to;
    return true;
  }

  /** The scanner's first rows become the batch's next ones. */
  #copyOut(rows: number, ordinal: number): void {
    if (rows === 0) return;
    this.#bytes();
    const { values, flags, codes, present, kinds, time, timeField, fieldCount } = this.#writer;
    const batch = this.#writer.batch as EventBatch;
    const start = batch.length;
    for (let field = 0; field < fieldCount; field++) {
      const kind = kinds[field];
      const to = (kind === KIND.string ? codes[field] : kind === KIND.bool ? flags[field] : values[field]) as Float64Array;
      const from = this.#columns[field] as Float64Array;
      const known = this.#present[field] as Uint8Array;
      const presence = present[field] as Uint8Array;
      if (rows < ROWS_BY_VIEW) {
        for (let row = 0; row < rows; row++) {
          to[start + row] = from[row] as number;
          presence[start + row] = known[row] as number;
        }
        if (field === timeField) for (let row = 0; row < rows; row++) time[start + row] = from[row] as number;
      } else {
        const part = rows === this.#rowsMax ? from : from.subarray(0, rows);
        to.set(part, start);
        if (field === timeField) time.set(part, start);
        presence.set(rows === this.#rowsMax ? known : known.subarray(0, rows), start);
      }
    }
    const { position } = batch;
    for (let row = 0; row < rows; row++) position[start + row] = ordinal + row;
    batch.length = start + rows;
  }
}
