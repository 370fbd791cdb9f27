/**
 * Completed store: matches that are complete and not yet given out, most of all those that are held back because an
 * earlier-started partial match is alive.
 *
 * Shape   node, start ordinal and start time as of the run; what completed it: the event's time, split and position,
 *         or, where time completed it, byTime 1 and the time when it was due.
 */
import { grownF64, grownI32, grownU8 } from './grow.ts';

const FREE = -1;
/** An entry in all arrays. */
export const COMPLETED_BYTES = 45;

export class CompletedStore {
  node = new Int32Array(16);
  start = new Float64Array(16);
  startTime = new Float64Array(16);
  time = new Float64Array(16);
  position = new Float64Array(16);
  split = new Int32Array(16);
  byTime = new Uint8Array(16);
  #next = new Int32Array(16);
  #freeHead = FREE;
  #length = 0;
  live = 0;

  add(node: number, start: number, startTime: number): number {
    let at = this.#freeHead;
    if (at !== FREE) {
      this.#freeHead = this.#next[at] as number;
    } else {
      at = this.#length;
      if (at === this.node.length) this.#grow();
      this.#length = at + 1;
    }
    this.node[at] = node;
    this.start[at] = start;
    this.startTime[at] = startTime;
    this.live += 1;
    return at;
  }

  #grow(): void {
    const capacity = this.node.length * 2;
    this.node = grownI32(this.node, capacity);
    this.start = grownF64(this.start, capacity);
    this.startTime = grownF64(this.startTime, capacity);
    this.time = grownF64(this.time, capacity);
    this.position = grownF64(this.position, capacity);
    this.split = grownI32(this.split, capacity);
    this.byTime = grownU8(this.byTime, capacity);
    this.#next = grownI32(this.#next, capacity);
  }

  free(entry: number): void {
    this.#next[entry] = this.#freeHead;
    this.#freeHead = entry;
    this.live -= 1;
  }
}
