/**
 * Run table: the runs of many patterns by pattern and key, earliest start first.
 *
 * Shape   open addressing. A cell is 32 bytes, half a line of the cache: pattern + 1 (0: empty), key, first and last run,
 *         number of runs, then when the window of the first run is over (ms; in an empty cell Infinity, so that who looks for
 *         what is over need not ask). next[r] is the run behind run r, -1 = none.
 * Always  a cell in use has at least one run; with its last run it goes, and cells behind it move up: an index of a cell
 *         is valid until the next `add` or `remove` of a cell.
 * Not here: what a run is (partial-matches/event-runs.ts).
 */
import { grownI32 } from '../partial-matches/grow.ts';

const INTS = 8;
const DOUBLES = 4;
const KEY = 1;
const HEAD = 2;
const TAIL = 3;
const COUNT = 4;
const DUE = 3;
const SMALLEST = 256;

export class RunTable {
  #doubles = emptyCells(SMALLEST);
  #ints = new Int32Array(this.#doubles.buffer);
  #mask = SMALLEST - 1;
  /** Cells in use. */
  size = 0;
  next = new Int32Array(256);

  get capacity(): number { return this.#mask + 1; }
  get bytesInUse(): number { return this.size * INTS * 4; }

  isUsed(cell: number): boolean { return this.#ints[cell * INTS] !== 0; }
  patternOf(cell: number): number { return (this.#ints[cell * INTS] as number) - 1; }
  keyOf(cell: number): number { return this.#ints[cell * INTS + KEY] as number; }
  headOf(cell: number): number { return this.#ints[cell * INTS + HEAD] as number; }
  countOf(cell: number): number { return this.#ints[cell * INTS + COUNT] as number; }
  /** When the window of the first run is over; Infinity = never, or no run. */
  dueOf(cell: number): number { return this.#doubles[cell * DOUBLES + DUE] as number; }

  #home(pattern: number, key: number): number {
    const hash = Math.imul(pattern, 0x9e3779b1) ^ Math.imul(key, 0x85ebca6b);
    return (hash ^ (hash >>> 15)) & this.#mask;
  }

  /** Cell of a pattern and key; -1 = it has no run. */
  find(pattern: number, key: number): number {
    const ints = this.#ints;
    for (let cell = this.#home(pattern, key); ; cell = (cell + 1) & this.#mask) {
      const found = ints[cell * INTS] as number;
      if (found === 0) return -1;
      if (found === pattern + 1 && ints[cell * INTS + KEY] === key) return cell;
    }
  }

  /** Puts a run behind the others of its pattern and key; answers with their number. */
  append(pattern: number, key: number, run: number, due: number): number {
    if (run >= this.next.length) this.next = grownI32(this.next, Math.max(run + 1, this.next.length * 2));
    this.next[run] = -1;
    const ints = this.#ints;
    for (let cell = this.#home(pattern, key); ; cell = (cell + 1) & this.#mask) {
      const at = cell * INTS;
      const found = ints[at] as number;
      if (found === pattern + 1 && ints[at + KEY] === key) {
        this.next[ints[at + TAIL] as number] = run;
        ints[at + TAIL] = run;
        return (ints[at + COUNT] = (ints[at + COUNT] as number) + 1);
      }
      if (found !== 0) continue;
      ints[at] = pattern + 1;
      ints[at + KEY] = key;
      ints[at + HEAD] = run;
      ints[at + TAIL] = run;
      ints[at + COUNT] = 1;
      this.#doubles[cell * DOUBLES + DUE] = due;
      this.size += 1;
      if (this.size * 2 > this.capacity) this.#rehash(this.capacity * 2);
      return 1;
    }
  }

  /** Takes the run behind `before` (-1: the first) out of a cell that keeps at least one. */
  unlink(cell: number, before: number, dueOf: (pattern: number, run: number) => number): void {
    const at = cell * INTS;
    const ints = this.#ints;
    const run = before === -1 ? (ints[at + HEAD] as number) : (this.next[before] as number);
    const after = this.next[run] as number;
    ints[at + COUNT] = (ints[at + COUNT] as number) - 1;
    if (after === -1) ints[at + TAIL] = before;
    if (before !== -1) this.next[before] = after;
    else {
      ints[at + HEAD] = after;
      this.#doubles[cell * DOUBLES + DUE] = dueOf(this.patternOf(cell), after);
    }
  }

  /** Empties a cell; those that lie behind it because it was in their way move up. */
  remove(cell: number): void {
    const ints = this.#ints;
    this.size -= 1;
    let hole = cell;
    for (let at = (cell + 1) & this.#mask; ints[at * INTS] !== 0; at = (at + 1) & this.#mask) {
      const home = this.#home((ints[at * INTS] as number) - 1, ints[at * INTS + KEY] as number);
      // it may move where its home does not lie between the hole and itself
      if (((at - home) & this.#mask) < ((at - hole) & this.#mask)) continue;
      ints.copyWithin(hole * INTS, at * INTS, (at + 1) * INTS);
      hole = at;
    }
    ints[hole * INTS] = 0;
    this.#doubles[hole * DOUBLES + DUE] = Number.POSITIVE_INFINITY;
  }

  #rehash(capacity: number): void {
    const ints = this.#ints;
    this.#doubles = emptyCells(capacity);
    this.#ints = new Int32Array(this.#doubles.buffer);
    this.#mask = capacity - 1;
    for (let from = 0; from * INTS < ints.length; from += 1) {
      if (ints[from * INTS] === 0) continue;
      let cell = this.#home((ints[from * INTS] as number) - 1, ints[from * INTS + KEY] as number);
      while (this.#ints[cell * INTS] !== 0) cell = (cell + 1) & this.#mask;
      this.#ints.set(ints.subarray(from * INTS, (from + 1) * INTS), cell * INTS);
    }
  }

  /** Gives every key its new number, and room for no more cells than are needed. */
  renumber(keys: Int32Array): void {
    for (let cell = 0; cell < this.capacity; cell += 1) {
      if (this.isUsed(cell)) this.#ints[cell * INTS + KEY] = keys[this.keyOf(cell)] as number;
    }
    let capacity = SMALLEST;
    while (capacity < this.size * 4) capacity *= 2;
    this.#rehash(capacity);
  }
}

function emptyCells(count: number): Float64Array<ArrayBuffer> {
  const cells = new Float64Array(count * DOUBLES);
  for (let cell = 0; cell < count; cell += 1) cells[cell * DOUBLES + DUE] = Number.POSITIVE_INFINITY;
  return cells;
}
