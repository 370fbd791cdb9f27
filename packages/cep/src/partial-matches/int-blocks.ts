/**
 * Blocks of integers of a power-of-two size out of one array: small queues, one for each key that needs one.
 *
 * Shape   a block is its offset in `data`; the owner remembers offset and size class (size = 4 << class).
 * Always  freed blocks of a class are used again before the array grows.
 */
import { grownI32 } from './grow.ts';

const FREE = -1;

export class IntBlocks {
  data: Int32Array;
  #top = 0;
  readonly #free: number[] = [];

  constructor(capacity = 1024) {
    this.data = new Int32Array(capacity);
  }

  allocate(sizeClass: number): number {
    const free = this.#free[sizeClass] ?? FREE;
    if (free !== FREE) {
      this.#free[sizeClass] = this.data[free] as number;
      return free;
    }
    const size = 4 << sizeClass;
    const at = this.#top;
    if (at + size > this.data.length) this.data = grownI32(this.data, Math.max(this.data.length * 2, at + size));
    this.#top = at + size;
    return at;
  }

  free(offset: number, sizeClass: number): void {
    this.data[offset] = this.#free[sizeClass] ?? FREE;
    this.#free[sizeClass] = offset;
  }

  /** Moves a block into the next size; answers with its new offset. */
  enlarge(offset: number, sizeClass: number): number {
    const larger = this.allocate(sizeClass + 1);
    this.data.copyWithin(larger, offset, offset + (4 << sizeClass));
    this.free(offset, sizeClass);
    return larger;
  }
}
