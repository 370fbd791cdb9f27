/**
 * Run store: partial matches as a structure of arrays.
 *
 * Shape   run r waits in state[r], has taken the events that lead to node[r], began with the event of ordinal
 *         start[r] at startTime[r]; next[r] links the runs of a key where runs do not branch.
 * Always  freed runs are used again; memory follows the largest number ever alive.
 */
import { grownF64, grownI32, grownU16 } from './grow.ts';

const FREE = -1;

export class RunStore {
  state: Uint16Array;
  node: Int32Array;
  start: Float64Array;
  startTime: Float64Array;
  next: Int32Array;
  #freeHead = FREE;
  #length = 0;
  live = 0;

  constructor(capacity = 256) {
    this.state = new Uint16Array(capacity);
    this.node = new Int32Array(capacity);
    this.start = new Float64Array(capacity);
    this.startTime = new Float64Array(capacity);
    this.next = new Int32Array(capacity);
  }

  add(state: number, node: number, start: number, startTime: number): number {
    let at = this.#freeHead;
    if (at !== FREE) {
      this.#freeHead = this.next[at] as number;
    } else {
      at = this.#length;
      if (at === this.state.length) this.#grow();
      this.#length = at + 1;
    }
    this.state[at] = state;
    this.node[at] = node;
    this.start[at] = start;
    this.startTime[at] = startTime;
    this.next[at] = -1;
    this.live += 1;
    return at;
  }

  #grow(): void {
    const capacity = this.state.length * 2;
    this.state = grownU16(this.state, capacity);
    this.node = grownI32(this.node, capacity);
    this.start = grownF64(this.start, capacity);
    this.startTime = grownF64(this.startTime, capacity);
    this.next = grownI32(this.next, capacity);
  }

  free(run: number): void {
    this.next[run] = this.#freeHead;
    this.#freeHead = run;
    this.live -= 1;
  }
}
