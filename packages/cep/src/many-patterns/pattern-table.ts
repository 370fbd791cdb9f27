/**
 * Pattern table: what is looked up of a packed pattern whenever a row may mean something to it.
 *
 * Shape   64 bytes for each pattern, a line of the cache, as there may be thousands and each row wants another one:
 *         predicates that hold for the row at hand (bits), predicates without a value, rows taken since that was looked at
 *         last, number of the shape (MOVED_OUT: the pattern is kept elsewhere), place of the counters of its other stages,
 *         unused; then as doubles its window in ms and the counters of its first stage.
 */
export const TABLE_INTS = 16;
export const TABLE_DOUBLES = 8;
export const TABLE_MASK = 0;
export const TABLE_DOUBT = 1;
export const TABLE_ROWS = 2;
export const TABLE_SHAPE = 3;
const COUNTERS = 4;
const WINDOW = 3;
const FIRST_COUNTERS = 4;
export const MOVED_OUT = -1;

/** Counters of a stage, side by side. */
export const STAGE_COUNTERS = 4;
export const ENTERED = 0;
export const ADVANCED = 1;
export const EXPIRED = 2;
export const BLOCKED = 3;

export class PatternTable {
  readonly ints: Int32Array;
  readonly #doubles: Float64Array;
  /** Of second and later stages. */
  readonly #counters: Float64Array;
  readonly size: number;

  constructor(patterns: readonly { readonly shape: number; readonly stages: number; readonly windowMs: number }[]) {
    this.size = patterns.length;
    this.#doubles = new Float64Array(patterns.length * TABLE_DOUBLES);
    this.ints = new Int32Array(this.#doubles.buffer);
    let counters = 0;
    patterns.forEach(({ shape, stages, windowMs }, packed) => {
      this.ints[packed * TABLE_INTS + TABLE_SHAPE] = shape;
      this.ints[packed * TABLE_INTS + COUNTERS] = counters;
      this.#doubles[packed * TABLE_DOUBLES + WINDOW] = windowMs;
      counters += (stages - 1) * STAGE_COUNTERS;
    });
    this.#counters = new Float64Array(counters);
  }

  windowOf(packed: number): number { return this.#doubles[packed * TABLE_DOUBLES + WINDOW] as number; }
  isOut(packed: number): boolean { return this.ints[packed * TABLE_INTS + TABLE_SHAPE] === MOVED_OUT; }
  moveOut(packed: number): void { this.ints[packed * TABLE_INTS + TABLE_SHAPE] = MOVED_OUT; }

  count(packed: number, stage: number, counter: number, by: number): void {
    if (stage === 0) {
      const at = packed * TABLE_DOUBLES + FIRST_COUNTERS + counter;
      this.#doubles[at] = (this.#doubles[at] as number) + by;
      return;
    }
    const at = (this.ints[packed * TABLE_INTS + COUNTERS] as number) + (stage - 1) * STAGE_COUNTERS + counter;
    this.#counters[at] = (this.#counters[at] as number) + by;
  }

  counted(packed: number, stage: number, counter: number): number {
    if (stage === 0) return this.#doubles[packed * TABLE_DOUBLES + FIRST_COUNTERS + counter] as number;
    return this.#counters[(this.ints[packed * TABLE_INTS + COUNTERS] as number) + (stage - 1) * STAGE_COUNTERS + counter] as number;
  }
}
