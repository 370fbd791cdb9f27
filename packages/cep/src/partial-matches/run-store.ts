/**
 * Run store: partial matches as records of 32 bytes in one buffer.
 *
 * Shape   run r waits in state(r), has taken the events that lead to node(r), began with the event of ordinal start(r)
 *         at startTime(r); next(r) links the runs of a key where runs do not branch. A record is two doubles (start,
 *         start time) and four integers (state, node, next, unused), so that a run is one line of the cache.
 * Always  freed runs are used again; memory follows the largest number ever alive.
 */
const FREE = -1;
/** Doubles and integers in a record. */
export const RUN_DOUBLES = 4;
export const RUN_INTS = 8;
const STATE = 4;
const NODE = 5;
const NEXT = 6;

export class RunStore {
  /** Start ordinal of run r at r * RUN_DOUBLES, start time behind it. */
  doubles = new Float64Array(256 * RUN_DOUBLES);
  ints = new Int32Array(this.doubles.buffer);
  #freeHead = FREE;
  #length = 0;
  live = 0;

  state(run: number): number { return this.ints[run * RUN_INTS + STATE] as number; }
  node(run: number): number { return this.ints[run * RUN_INTS + NODE] as number; }
  next(run: number): number { return this.ints[run * RUN_INTS + NEXT] as number; }
  start(run: number): number { return this.doubles[run * RUN_DOUBLES] as number; }
  startTime(run: number): number { return this.doubles[run * RUN_DOUBLES + 1] as number; }

  setNext(run: number, next: number): void { this.ints[run * RUN_INTS + NEXT] = next; }

  move(run: number, state: number, node: number): void {
    this.ints[run * RUN_INTS + STATE] = state;
    this.ints[run * RUN_INTS + NODE] = node;
  }

  add(state: number, node: number, start: number, startTime: number): number {
    let at = this.#freeHead;
    if (at !== FREE) {
      this.#freeHead = this.ints[at * RUN_INTS + NEXT] as number;
    } else {
      at = this.#length;
      if (at * RUN_DOUBLES === this.doubles.length) this.#grow();
      this.#length = at + 1;
    }
    const double = at * RUN_DOUBLES;
    const int = at * RUN_INTS;
    this.doubles[double] = start;
    this.doubles[double + 1] = startTime;
    this.ints[int + STATE] = state;
    this.ints[int + NODE] = node;
    this.ints[int + NEXT] = -1;
    this.live += 1;
    return at;
  }

  /** Several at once; their numbers go into `into`. The start ordinal of the i-th is ordinal + offsets[i]. */
  addMany(states: Int32Array, nodes: Int32Array, times: Float64Array, rows: Int32Array, offsets: Int32Array, count: number, ordinal: number, into: Int32Array): void {
    while ((this.#length + count) * RUN_DOUBLES > this.doubles.length) this.#grow();
    const { doubles, ints } = this;
    let free = this.#freeHead;
    let length = this.#length;
    for (let i = 0; i < count; i += 1) {
      let at = free;
      if (at === FREE) {
        at = length;
        length += 1;
      } else free = ints[at * RUN_INTS + NEXT] as number;
      doubles[at * RUN_DOUBLES] = ordinal + (offsets[i] as number);
      doubles[at * RUN_DOUBLES + 1] = times[rows[i] as number] as number;
      ints[at * RUN_INTS + STATE] = states[i] as number;
      ints[at * RUN_INTS + NODE] = nodes[i] as number;
      ints[at * RUN_INTS + NEXT] = -1;
      into[i] = at;
    }
    this.#freeHead = free;
    this.#length = length;
    this.live += count;
  }

  #grow(): void {
    const grown = new Float64Array(this.doubles.length * 2);
    grown.set(this.doubles);
    this.doubles = grown;
    this.ints = new Int32Array(grown.buffer);
  }

  free(run: number): void {
    this.ints[run * RUN_INTS + NEXT] = this.#freeHead;
    this.#freeHead = run;
    this.live -= 1;
  }
}
