/**
 * Run lists: for each key the runs that do not branch, earliest start first.
 *
 * Shape   one array. Key slot k has four integers from links[4k] on, together in one line of the cache: its first run, the
 *         place where the next run goes, the number of its runs, one unused. Behind all of them links[base + r] is the run
 *         behind run r, -1 = none. So "where the next run goes" is an index, whether the list is empty or not.
 * Always  a run is in at most one list.
 * Not here: what a run is (event-runs.ts).
 */
import { grownI32 } from './grow.ts';

/** Integers of a key, and which they are. */
export const LIST_INTS = 4;
export const LIST_END = 1;
export const LIST_COUNT = 2;
const SMALLEST = 64;

export class RunLists {
  links = emptyLists(SMALLEST, SMALLEST);
  /** Where the links of runs begin; it moves when slots are added (reserveSlots). */
  base = SMALLEST * LIST_INTS;

  first(slot: number): number { return this.links[LIST_INTS * slot] as number; }
  next(run: number): number { return this.links[this.base + run] as number; }
  countOf(slot: number): number { return this.links[LIST_INTS * slot + LIST_COUNT] as number; }

  /** Makes room for runs below `count`. */
  reserve(count: number): void {
    const known = this.links.length;
    if (this.base + count <= known) return;
    this.links = grownI32(this.links, this.base + 2 ** Math.ceil(Math.log2(count))).fill(-1, known);
  }

  /** Makes room for slots below `count`. */
  reserveSlots(count: number): void {
    if (LIST_INTS * count <= this.base) return;
    this.#move(count, (links, shift) => {
      links.set(this.links.subarray(0, this.base));
      for (let end = LIST_END; end < this.base; end += LIST_INTS) if ((links[end] as number) >= this.base) links[end] = (links[end] as number) + shift;
    });
  }

  /** The links of runs move behind `slots` empty lists, which `fill` fills; their places become larger by `shift`. */
  #move(slots: number, fill: (links: Int32Array, shift: number) => void): void {
    const base = slots * LIST_INTS;
    const links = emptyLists(slots, this.links.length - this.base);
    links.set(this.links.subarray(this.base), base);
    fill(links, base - this.base);
    this.links = links;
    this.base = base;
  }

  append(slot: number, run: number): void {
    this.reserve(run + 1);
    const { links, base } = this;
    const list = LIST_INTS * slot;
    links[links[list + LIST_END] as number] = run;
    links[base + run] = -1;
    links[list + LIST_END] = base + run;
    links[list + LIST_COUNT] = (links[list + LIST_COUNT] as number) + 1;
  }

  /** Takes the run out that stands in links[cell], of the list of `slot`; what was behind it stands there now. */
  take(slot: number, cell: number): void {
    const { links } = this;
    const list = LIST_INTS * slot;
    const next = links[this.base + (links[cell] as number)] as number;
    links[cell] = next;
    if (next === -1) links[list + LIST_END] = cell;
    links[list + LIST_COUNT] = (links[list + LIST_COUNT] as number) - 1;
  }

  /** Slot i is from now on what slots[i] was (ascending); the others had empty lists. */
  compactSlots(slots: Int32Array, capacity: number): void {
    const { links: kept } = this;
    this.#move(capacity, (links, shift) => {
      for (let i = 0; i < slots.length; i += 1) {
        const from = LIST_INTS * (slots[i] as number);
        if (kept[from] === -1) continue;
        const to = LIST_INTS * i;
        links[to] = kept[from] as number;
        links[to + LIST_END] = (kept[from + LIST_END] as number) + shift;
        links[to + LIST_COUNT] = kept[from + LIST_COUNT] as number;
      }
    });
  }
}

function emptyLists(slots: number, runs: number): Int32Array<ArrayBuffer> {
  const links = new Int32Array(slots * LIST_INTS + runs).fill(-1);
  for (let slot = 0; slot < slots; slot += 1) {
    links[LIST_INTS * slot + LIST_END] = LIST_INTS * slot;
    links[LIST_INTS * slot + LIST_COUNT] = 0;
  }
  return links;
}
