/** A Link over a stream socket: every frame behind its length (u32, little-endian). */
import type { Socket } from 'node:net';
import type { Link } from '../environment.ts';

/** Larger than any frame of ours; a longer one is a peer that speaks something else. */
const FRAME_BYTES_MAX = 256 * 1024 * 1024;

export class FrameLink implements Link {
  readonly #socket: Socket;
  #buffered: Uint8Array[] = [];
  #bufferedBytes = 0;
  /** Bytes of the frame that is arriving, -1 before its length is known. */
  #frameBytes = -1;
  #handlers: Parameters<Link['open']>[0] | null = null;
  #closed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => { socket.destroy(); }); // the close that follows is what matters
    socket.on('close', () => this.#onClosed());
  }

  send(frame: Uint8Array): void {
    if (this.#closed || this.#socket.destroyed) return;
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, frame.length, true);
    this.#socket.cork();
    this.#socket.write(length);
    this.#socket.write(frame);
    this.#socket.uncork();
  }

  open(handlers: Parameters<Link['open']>[0]): void {
    this.#handlers = handlers;
    if (this.#closed) {
      queueMicrotask(() => handlers.onClose());
      return;
    }
    this.#socket.on('data', (chunk: Uint8Array) => this.#onChunk(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length)));
    this.#socket.on('end', () => { this.#socket.destroy(); });
  }

  close(): void {
    this.#socket.destroy();
  }

  #onClosed(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#handlers?.onClose();
  }

  #onChunk(chunk: Uint8Array): void {
    this.#buffered.push(chunk);
    this.#bufferedBytes += chunk.length;
    for (;;) {
      if (this.#frameBytes < 0) {
        if (this.#bufferedBytes < 4) return;
        const length = this.#take(4);
        this.#frameBytes = new DataView(length.buffer, length.byteOffset).getUint32(0, true);
        if (this.#frameBytes > FRAME_BYTES_MAX) {
          this.#socket.destroy();
          return;
        }
      }
      if (this.#bufferedBytes < this.#frameBytes) return;
      const frame = this.#take(this.#frameBytes);
      this.#frameBytes = -1;
      if (this.#closed) return;
      this.#handlers?.onFrame(frame);
    }
  }

  /** The next `count` buffered bytes, copied only where they span chunks. */
  #take(count: number): Uint8Array {
    this.#bufferedBytes -= count;
    const first = this.#buffered[0];
    if (!first || count === 0) return new Uint8Array(0);
    if (first.length >= count) {
      if (first.length === count) this.#buffered.shift();
      else this.#buffered[0] = first.subarray(count);
      return first.subarray(0, count);
    }
    const bytes = new Uint8Array(count);
    let at = 0;
    while (at < count) {
      const chunk = this.#buffered[0] as Uint8Array;
      const part = Math.min(chunk.length, count - at);
      bytes.set(part === chunk.length ? chunk : chunk.subarray(0, part), at);
      at += part;
      if (part === chunk.length) this.#buffered.shift();
      else this.#buffered[0] = chunk.subarray(part);
    }
    return bytes;
  }
}
