/**
 * Run store: partial matches as records of 32 bytes in one buffer.
 *
 * Shape   run r waits in state(r), has taken the events that lead to node(r), began with the event of ordinal start(r)
 *         at startTime(r). A record is two doubles (start,
 *         start time) and four integers (state, node, next free run, unused), so that a run is one line of the cache.
 * Always  freed runs are used again; memory follows the largest number ever alive.
 */
/** Partial matches, by number. */
export interface Runs {
  readonly live: number;
  /** Bytes of a run beside its events. */
  readonly recordBytes: number;
  state(run: number): number;
  node(run: number): number;
  /** Ordinal of its first event. */
  start(run: number): number;
  startTime(run: number): number;
  move(run: number, state: number, node: number): void;
  /** `event`: row of the first event. */
  add(event: number, state: number, node: number, start: number, startTime: number): number;
  free(run: number): void;
}

const FREE = -1;
/** Doubles and integers in a record. */
export const RUN_DOUBLES = 4;
export const RUN_INTS = 8;
/** No run of any kind has more beside its events. */
export const RUN_BYTES_MAX = RUN_DOUBLES * 8;
const STATE = 4;
const NODE = 5;
const NEXT = 6;

export class RunStore implements Runs {
  /** Start ordinal of run r at r * RUN_DOUBLES, start time behind it. */
  doubles = new Float64Array(256 * RUN_DOUBLES);
  ints = new Int32Array(this.doubles.buffer);
  #freeHead = FREE;
  #length = 0;
  live = 0;
  readonly recordBytes = RUN_DOUBLES * 8;

  state(run: number): number { return this.ints[run * RUN_INTS + STATE] as number; }
  node(run: number): number { return this.ints[run * RUN_INTS + NODE] as number; }
  start(run: number): number { return this.doubles[run * RUN_DOUBLES] as number; }
  startTime(run: number): number { return this.doubles[run * RUN_DOUBLES + 1] as number; }

  move(run: number, state: number, node: number): void {
    this.ints[run * RUN_INTS + STATE] = state;
    this.ints[run * RUN_INTS + NODE] = node;
  }

  add(_event: number, state: number, node: number, start: number, startTime: number): number {
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
