/**
 * Run lists: for each key the runs that do not branch, earliest start first.
 *
 * Shape   links[2k] is the first run of key slot k, links[2r + 1] the run behind run r, -1 = none: one array, so that
 *         "where the next run goes" is an index into it, whether the list is empty or not. ends[2k] is that index for
 *         slot k, ends[2k + 1] the number of its runs.
 * Always  a run is in at most one list.
 * Not here: what a run is (event-runs.ts).
 */
import { grownI32 } from './grow.ts';

export class RunLists {
  links = new Int32Array(128).fill(-1);
  ends = emptyEnds(64);
  /** No list has more runs. */
  longest = 0;

  first(slot: number): number { return this.links[2 * slot] as number; }
  next(run: number): number { return this.links[2 * run + 1] as number; }
  countOf(slot: number): number { return this.ends[2 * slot + 1] as number; }

  /** Makes room for slots and runs below `count`. */
  reserve(count: number): void {
    if (2 * count <= this.links.length) return;
    const from = this.links.length;
    this.links = grownI32(this.links, 2 ** Math.ceil(Math.log2(2 * count))).fill(-1, from);
  }

  /** Makes room for slots below `count`. */
  reserveSlots(count: number): void {
    this.reserve(count);
    const kept = this.ends;
    if (2 * count <= kept.length) return;
    this.ends = emptyEnds(count);
    this.ends.set(kept);
  }

  append(slot: number, run: number): void {
    this.reserve(run + 1);
    const { links, ends } = this;
    links[ends[2 * slot] as number] = run;
    links[2 * run + 1] = -1;
    ends[2 * slot] = 2 * run + 1;
    const length = (ends[2 * slot + 1] as number) + 1;
    ends[2 * slot + 1] = length;
    if (length > this.longest) this.longest = length;
  }

  /** Looks up how long the longest list is now. */
  findLongest(): void {
    const { ends } = this;
    let longest = 0;
    for (let at = 1; at < ends.length; at += 2) longest = Math.max(longest, ends[at] as number);
    this.longest = longest;
  }

  /** Takes the run out that stands in links[cell], of the list of `slot`; what was behind it stands there now. */
  take(slot: number, cell: number): void {
    const { links, ends } = this;
    const next = links[2 * (links[cell] as number) + 1] as number;
    links[cell] = next;
    if (next === -1) ends[2 * slot] = cell;
    ends[2 * slot + 1] = (ends[2 * slot + 1] as number) - 1;
  }

  /** Slot i is from now on what slots[i] was (ascending); the others had empty lists. */
  compactSlots(slots: Int32Array, capacity: number): void {
    const { links, ends } = this;
    this.ends = emptyEnds(capacity);
    for (let i = 0; i < slots.length; i += 1) {
      const slot = slots[i] as number;
      const first = links[2 * slot] as number;
      links[2 * slot] = -1;
      links[2 * i] = first;
      this.ends[2 * i] = first === -1 ? 2 * i : (ends[2 * slot] as number);
      this.ends[2 * i + 1] = ends[2 * slot + 1] as number;
    }
  }
}

function emptyEnds(slots: number): Int32Array<ArrayBuffer> {
  const ends = new Int32Array(2 * slots);
  for (let slot = 0; slot < slots; slot += 1) ends[2 * slot] = 2 * slot;
  return ends;
}
