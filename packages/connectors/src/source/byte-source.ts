/** ByteSource: bytes that can be read at any offset, again and again. The adapter to real files is node-byte-source.ts. */
export interface ByteSource {
  /** Bytes. Errors: JobFault where there is nothing to read. */
  size(): Promise<number>;
  /** Reads at `offset` into the beginning of `into`; the count of bytes read, 0 at the end. May read fewer than fit. */
  read(offset: number, into: Uint8Array): Promise<number>;
  close(): Promise<void>;
}

/** Bytes in memory: pasted events, tests. */
export class MemoryByteSource implements ByteSource {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  size(): Promise<number> {
    return Promise.resolve(this.#bytes.length);
  }

  read(offset: number, into: Uint8Array): Promise<number> {
    const part = this.#bytes.subarray(offset, offset + into.length);
    into.set(part);
    return Promise.resolve(part.length);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
