/**
 * Run cursor: the runs of a union list, one after the other, each laid out when it is asked for.
 *
 * Always  a step costs what the run is long, however many runs there are: what is over is never entered. Among the runs
 *         still to come those with the latest start tend to come first; no order is promised.
 *         Valid as long as nothing is done to the lists.
 * Not here: sorting, limits (compact-matcher.ts), sets that outlive their event (match-set.ts).
 */
import { grownI32, grownU8 } from './grow.ts';
import type { NodeLog } from './node-log.ts';
import { NIL, type UnionLists } from './union-lists.ts';

export class RunCursor {
  readonly #nodes: NodeLog;
  #lists: UnionLists | null = null;
  /** Records to enter where only some starts are asked for, by their place; null = all that are alive. */
  #chosen: Uint8Array | null = null;
  #stack = new Int32Array(64);
  #depth = new Int32Array(64);
  #height = 0;
  /** The run at hand, last event first. */
  rows = new Int32Array(64);
  stages = new Int32Array(64);
  length = 0;

  constructor(nodes: NodeLog) {
    this.#nodes = nodes;
  }

  /** All runs of `list` that are alive. */
  open(lists: UnionLists, list: number): void {
    this.#lists = lists;
    this.#chosen = null;
    this.#height = 0;
    if (!lists.isOver(list)) this.#push(list, 0);
  }

  /** The runs of `list` that `choose` has chosen. */
  openChosen(lists: UnionLists, list: number, chosen: Uint8Array): void {
    this.#lists = lists;
    this.#chosen = chosen;
    this.#height = 0;
    if (this.#enters(list)) this.#push(list, 0);
  }

  /** Marks the records below which runs are alive that start at `until` or before. */
  static choose(lists: UnionLists, until: number): Uint8Array {
    const chosen = new Uint8Array(lists.size);
    const has = (node: number): boolean => node >= 0 && !lists.isOver(node) && chosen[lists.offset(node)] === 1;
    for (let i = 0; i < lists.size; i += 1) {
      const id = lists.idAt(i);
      const time = lists.timeOf(id);
      if (time <= lists.floor) continue;
      const first = lists.first(id);
      // below a first there is one run, which starts at the record's time
      const own = first < 0 ? time <= until : has(first);
      if (own || (!lists.isOutput(id) && (has(lists.second(id)) || has(lists.third(id))))) chosen[i] = 1;
    }
    return chosen;
  }

  #enters(node: number): boolean {
    const lists = this.#lists as UnionLists;
    if (node === NIL || lists.isOver(node)) return false;
    return this.#chosen === null || this.#chosen[lists.offset(node)] === 1;
  }

  #push(node: number, depth: number): void {
    if (this.#height === this.#stack.length) {
      this.#stack = grownI32(this.#stack, this.#height * 2);
      this.#depth = grownI32(this.#depth, this.#height * 2);
    }
    this.#stack[this.#height] = node;
    this.#depth[this.#height] = depth;
    this.#height += 1;
  }

  #note(length: number, row: number, stage: number): void {
    if (length === this.rows.length) {
      this.rows = grownI32(this.rows, length * 2);
      this.stages = grownI32(this.stages, length * 2);
    }
    this.rows[length] = row;
    this.stages[length] = stage;
  }

  /** Lays out the next run; false where there is none. */
  next(until = Number.POSITIVE_INFINITY): boolean {
    const lists = this.#lists as UnionLists;
    for (;;) {
      if (this.#height === 0) return false;
      this.#height -= 1;
      let node = this.#stack[this.#height] as number;
      let length = this.#depth[this.#height] as number;
      for (;;) {
        if (lists.isOutput(node)) {
          this.#note(length, lists.second(node), lists.stageOf(node));
          length += 1;
          const before = lists.first(node);
          if (before === NIL) return this.#done(length);
          if (before < NIL) {
            this.#note(length, this.#nodes.event(before), this.#nodes.stage(before));
            return this.#done(length + 1);
          }
          node = before;
          continue;
        }
        const item = lists.first(node);
        const left = lists.second(node);
        const right = lists.third(node);
        if (this.#enters(right)) this.#push(right, length);
        if (this.#enters(left)) this.#push(left, length);
        if (item < NIL) {
          if (this.#chosen !== null && lists.timeOf(node) > until) break;
          this.#note(length, this.#nodes.event(item), this.#nodes.stage(item));
          return this.#done(length + 1);
        }
        if (!this.#enters(item)) break;
        node = item;
      }
    }
  }

  #done(length: number): true {
    this.length = length;
    return true;
  }
}

/** Events of several runs laid out one behind the other, oldest first, to be sorted and given out. */
export class RunSheet {
  rows = new Int32Array(256);
  stages = new Int32Array(256);
  /** Where run i begins; that of the run behind the last one is its end. */
  from = new Int32Array(64);
  count = 0;
  #tag = new Uint8Array(64);

  clear(): void { this.count = 0; }

  tag(run: number): number { return this.#tag[run] as number; }
  lengthOf(run: number): number { return (this.from[run + 1] as number) - (this.from[run] as number); }

  /** The run at hand of a cursor, or none (null); then, where `stage` is not -1, one more event. */
  add(cursor: RunCursor | null, row: number, stage: number, tag: number): void {
    const before = cursor?.length ?? 0;
    const at = this.count === 0 ? 0 : (this.from[this.count] as number);
    const end = at + before + (stage === -1 ? 0 : 1);
    if (end > this.rows.length) {
      const length = Math.max(end, this.rows.length * 2);
      this.rows = grownI32(this.rows, length);
      this.stages = grownI32(this.stages, length);
    }
    if (this.count + 2 > this.from.length) {
      this.from = grownI32(this.from, this.from.length * 2);
      this.#tag = grownU8(this.#tag, this.#tag.length * 2);
    }
    if (cursor !== null) {
      for (let i = 0; i < before; i += 1) {
        this.rows[at + i] = cursor.rows[before - 1 - i] as number;
        this.stages[at + i] = cursor.stages[before - 1 - i] as number;
      }
    }
    if (stage !== -1) {
      this.rows[end - 1] = row;
      this.stages[end - 1] = stage;
    }
    this.from[this.count] = at;
    this.from[this.count + 1] = end;
    this.#tag[this.count] = tag;
    this.count += 1;
  }

  /** Order by the ordinals of the events, then by their stages; a run before those that go on from it. Never 0 but for equal runs. */
  compare(a: number, b: number, ordinalOf: (row: number) => number): number {
    const fromA = this.from[a] as number;
    const fromB = this.from[b] as number;
    const lengthA = this.lengthOf(a);
    const lengthB = this.lengthOf(b);
    const length = Math.min(lengthA, lengthB);
    for (let i = 0; i < length; i += 1) {
      const rowA = this.rows[fromA + i] as number;
      const rowB = this.rows[fromB + i] as number;
      if (rowA !== rowB) return ordinalOf(rowA) - ordinalOf(rowB);
    }
    if (lengthA !== lengthB) return lengthA - lengthB;
    for (let i = 0; i < length; i += 1) {
      const stages = (this.stages[fromA + i] as number) - (this.stages[fromB + i] as number);
      if (stages !== 0) return stages;
    }
    return 0;
  }
}
