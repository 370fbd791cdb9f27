/**
 * Union lists of one key: all its partial matches as a graph that shares, so that an event costs what the automaton is
 * large and not what the partial matches are many.
 *
 * Shape   three kinds of nodes. First: stage and event of a start; no record, only a number below -1 (node-log.ts).
 *         Output: a list (or a first), then one event taken into a stage. Union: an item (first or output), and two
 *         further lists. A run is a way from the list of its state down to a first, read backwards.
 *         A record is a time (latest start of any run below; none where there is no window, since nothing is ever over) and
 *         three integers: output (list, event, stage), union (item, left, right; in spare bits the rank). Nodes never change.
 * Always  a union's item starts at the union's time, which is no earlier than those of left and right; left ranks no lower than right.
 *         So a list is a persistent leftist heap by start: putting in a run that starts last is one node, any other or two
 *         lists together is a logarithm; and every node met by an enumeration that passes over lists which are over gives at
 *         least one run. Multiplicity is that of Flink's runs: a node may be in several lists and twice in one.
 *         A run is over when its start is at or before `floor`; raising it touches nothing.
 *         A node refers to nodes made before it only. With a window the records are a ring, and those at its old end whose
 *         time is at or before the floor are given back; without one, `collect` copies what is reached.
 *         Rows of events stay retained, one reference each, until the floor passes their time or nothing reaches them.
 * Source  Bucchi, Grez, Quintana, Riveros, Vansummeren: CORE, PVLDB 15(9), 2022 (tECS). There unions are balanced
 *         binary trees in a list; the heap needs no case for equal starts and bounds every delay.
 * Not here: which lists an event moves (compact-matcher.ts).
 */
import { invariant } from '@tidemark/core';
import { BEGINS, LEAVES, MOVE_KIND, MOVE_PART, MOVE_STATE, MOVE_TARGET } from '../automaton/single-moves.ts';
import { grownI32 } from './grow.ts';
import type { NodeLog } from './node-log.ts';
import type { RetainedEvents } from './retained-events.ts';
import type { RowBurst } from './row-burst.ts';
import { StartTimes } from './start-times.ts';

export const NIL = -1;

const INTS = 3;
/**
 * Of an output: the list before it, the event + 1, the stage; of a union: item, left + 1, right + 1, both below 2^29. Of
 * its last two integers the bits above are the rank - 1, upper part first; the sign of the last one says that it is a union.
 */
const FIRST = 0;
const SECOND = 1;
const THIRD = 2;
const UNION = 0x8000_0000 | 0;
const LOW_BITS = 29;
const LOW = 0x1fff_ffff;
/** Numbers of nodes go round; at no time do they span more than a part of this. */
const ID = 0x0fff_ffff;

/** Writes a record; `kind`: the stage of an output, or minus the rank of a union. */
function pack(ints: Int32Array, at: number, first: number, second: number, third: number, kind: number): void {
  ints[at] = first;
  if (kind >= 0) {
    ints[at + SECOND] = second + 1;
    ints[at + THIRD] = kind;
    return;
  }
  const rank = -1 - kind;
  ints[at + SECOND] = (second + 1) | ((rank >> 2) << LOW_BITS);
  ints[at + THIRD] = (third + 1) | ((rank & 3) << LOW_BITS) | UNION;
}

/** Counts beyond this stay there. */
export const COUNT_MAX = Number.MAX_VALUE;
export const addedCount = (a: number, b: number): number => Math.min(a + b, COUNT_MAX);

const COLLECT_MIN = 256;
/** With a window garbage goes by itself; it is collected only where it is this many times what is alive. */
const RING_SLACK = 6;

export class UnionLists {
  /** List of each state. */
  readonly heads: Int32Array;
  /** Number of runs for each pair of state and last stage, at most (see `cut`). */
  readonly counts: Float64Array;
  floor = Number.NEGATIVE_INFINITY;
  /** No run starts before, none after. */
  oldest = Number.POSITIVE_INFINITY;
  newest = Number.NEGATIVE_INFINITY;
  /** Floor at which the owner trims next. */
  trimAt = Number.NEGATIVE_INFINITY;
  /** Times of starts, where time-outs or pending matches are given out. */
  readonly starts = new StartTimes();
  /** Whether runs have ended by the window that `counts` still holds. */
  cut = false;
  readonly #events: RetainedEvents;
  readonly #nodes: NodeLog;
  readonly #isRing: boolean;
  #capacity = 64;
  #mask: number;
  #time: Float64Array;
  #ints: Int32Array;
  #low = 0;
  #size = 0;
  #collectAt = COLLECT_MIN;
  #rows = new Int32Array(64);
  #rowsHead = 0;
  #rowCount = 0;

  constructor(events: RetainedEvents, nodes: NodeLog, stateCount: number, pairCount: number, hasWindow: boolean) {
    this.#events = events;
    this.#nodes = nodes;
    this.heads = new Int32Array(stateCount).fill(NIL);
    this.counts = new Float64Array(pairCount);
    this.#isRing = hasWindow;
    this.#mask = hasWindow ? this.#capacity - 1 : ID;
    this.#time = new Float64Array(hasWindow ? this.#capacity : 0);
    this.#ints = new Int32Array(this.#capacity * INTS);
  }

  /** Records that are kept, those that nothing reaches included. */
  get size(): number { return this.#size; }
  get low(): number { return this.#low; }
  get bytes(): number { return this.#time.byteLength + this.#ints.byteLength + this.#rows.byteLength; }
  get rowCount(): number { return this.#rowCount; }

  /** Place of a record in arrays of `size`, in order of making. */
  offset(id: number): number { return (id - this.#low) & ID; }
  idAt(offset: number): number { return (this.#low + offset) & ID; }

  timeOf(id: number): number { return this.#isRing ? (this.#time[id & this.#mask] as number) : 0; }
  isOutput(id: number): boolean { return (this.#ints[(id & this.#mask) * INTS + THIRD] as number) >= 0; }
  stageOf(id: number): number { return this.#ints[(id & this.#mask) * INTS + THIRD] as number; }
  /** Stage of an output, or minus the rank of a union. */
  kindOf(id: number): number { return this.isOutput(id) ? this.stageOf(id) : -this.#rank(id); }
  first(id: number): number { return this.#ints[(id & this.#mask) * INTS + FIRST] as number; }
  second(id: number): number { return ((this.#ints[(id & this.#mask) * INTS + SECOND] as number) & LOW) - 1; }
  /** Of a union. */
  third(id: number): number { return ((this.#ints[(id & this.#mask) * INTS + THIRD] as number) & LOW) - 1; }

  /** Whether a list has no run that is still alive. */
  isOver(list: number): boolean {
    return list === NIL || ((list - this.#low) & ID) >= this.#size || (this.#isRing && (this.#time[list & this.#mask] as number) <= this.floor);
  }

  #add(time: number, first: number, second: number, third: number, kind: number): number {
    if (this.#size === this.#capacity) this.#grow();
    const id = (this.#low + this.#size) & ID;
    this.#size += 1;
    const at = id & this.#mask;
    if (this.#isRing) this.#time[at] = time;
    pack(this.#ints, at * INTS, first, second, third, kind);
    return id;
  }

  #grow(): void {
    invariant(this.#size <= ID >> 1, 'records of a key are told apart by their numbers');
    if (!this.#isRing) {
      // by a quarter: what a taken event costs is to stay near what it needs
      this.#capacity = this.#capacity < 1024 ? this.#capacity * 2 : Math.ceil(this.#capacity * 1.25);
      this.#ints = grownI32(this.#ints, this.#capacity * INTS);
      return;
    }
    this.trim();
    if (this.#size * 2 <= this.#capacity) return;
    const low = this.#low;
    const time = new Float64Array(this.#capacity * 2);
    const ints = new Int32Array(this.#capacity * 2 * INTS);
    const mask = this.#capacity * 2 - 1;
    for (let i = 0; i < this.#size; i += 1) {
      const from = ((low + i) & ID) & this.#mask;
      const to = ((low + i) & ID) & mask;
      time[to] = this.#time[from] as number;
      for (let k = 0; k < INTS; k += 1) ints[to * INTS + k] = this.#ints[from * INTS + k] as number;
    }
    this.#time = time;
    this.#ints = ints;
    this.#capacity *= 2;
    this.#mask = mask;
  }

  // --- building

  /** A list (or a first) with one more event taken into `stage`; `time` is the latest start in it. */
  output(before: number, event: number, stage: number, time: number): number {
    return this.#add(time, before, event, 0, stage);
  }

  #rank(list: number): number {
    if (list === NIL) return 0;
    const at = (list & this.#mask) * INTS;
    const last = this.#ints[at + THIRD] as number;
    return last >= 0 ? 1 : 1 + ((((this.#ints[at + SECOND] as number) >>> LOW_BITS) << 2) | ((last >>> LOW_BITS) & 3));
  }

  #union(item: number, left: number, right: number, time: number): number {
    const a = this.isOver(left) ? NIL : left;
    const b = this.isOver(right) ? NIL : right;
    const rankA = this.#rank(a);
    const rankB = this.#rank(b);
    return rankA >= rankB ? this.#add(time, item, a, b, -1 - rankB) : this.#add(time, item, b, a, -1 - rankA);
  }

  /** The list `list` with another one below its top. */
  #joined(list: number, right: number): number {
    const at = (list & this.#mask) * INTS;
    const time = this.timeOf(list);
    if (this.isOutput(list)) return this.#union(list, right, NIL, time);
    return this.#union(this.#ints[at] as number, this.second(list), right, time);
  }

  #rightOf(list: number): number {
    return this.isOutput(list) ? NIL : this.third(list);
  }

  /** The list with one more item, a first or an output, whose latest start is `time`. */
  insert(list: number, item: number, time: number): number {
    if (this.isOver(list)) return item >= 0 ? item : this.#add(time, item, NIL, NIL, -1);
    if (time >= this.timeOf(list)) return this.#add(time, item, list, NIL, -1);
    return this.#joined(list, this.insert(this.#rightOf(list), item, time));
  }

  /** The list `into` with one more item: the event taken into `stage` behind all of `before`. Output and insert in one. */
  take(into: number, before: number, event: number, stage: number): number {
    const mask = this.#mask;
    const time = this.timeOf(before);
    if (!this.#isRing || this.#size + 2 > this.#capacity) return this.insert(into, this.#add(time, before, event, 0, stage), time);
    const output = (this.#low + this.#size) & ID;
    const at = output & mask;
    const times = this.#time;
    const ints = this.#ints;
    times[at] = time;
    ints[at * INTS] = before;
    ints[at * INTS + SECOND] = event + 1;
    ints[at * INTS + THIRD] = stage;
    this.#size += 1;
    if (into === NIL) return output;
    const top0 = into & mask;
    const newest = times[top0] as number;
    if (((into - this.#low) & ID) >= this.#size || newest <= this.floor) return output;
    if (time < newest) return this.insert(into, output, time);
    const union = (output + 1) & ID;
    const top = union & mask;
    times[top] = time;
    ints[top * INTS] = output;
    ints[top * INTS + SECOND] = into + 1;
    ints[top * INTS + THIRD] = UNION; // nothing to its right, rank 1
    this.#size += 1;
    return union;
  }

  /** With a window: so many events may be taken, one output and one union each, before something has to be grown or collected. */
  get room(): number { return (Math.min(this.#capacity, this.#collectAt) - this.#size) >> 1; }

  /**
   * What rows of one key do from row `from` on, one after the other, where an event is only taken behind the runs of one state or
   * begins a run (`moves`, by class: single-moves.ts). Notes the events taken in `burst`; fillRows has to follow. Answers with the
   * first row that was left: `to`, or one that is of another key, that does more, at which time ends the last run or lets the owner
   * trim (where it `waits` for ends of runs: ends any), that finds a list that is over, or goes into one that is newer. For the
   * rows there is `room`.
   */
  takeRows(moves: Int32Array, rows: Int32Array, classes: Uint16Array, keys: Int32Array, from: number, to: number, time: Float64Array, windowMs: number, waits: boolean, burst: RowBurst): number {
    const times = this.#time;
    const ints = this.#ints;
    const mask = this.#mask;
    const low = this.#low;
    const { heads } = this;
    const { sources, classes: takenClasses, places, begun } = burst;
    const slot = keys[from] as number;
    let { floor, oldest, newest } = this;
    let size = this.#size;
    let taken = 0;
    let begunCount = 0;
    let i = from;
    // Told to the compiler before the loop, or it looks anew for every row: numbers of other files, what kinds of arrays and numbers these are.
    const nil = NIL | 0;
    const begins = BEGINS | 0;
    const leaves = LEAVES | 0;
    const targetShift = MOVE_TARGET | 0;
    const stateShift = MOVE_STATE | 0;
    const part = MOVE_PART | 0;
    const span = +windowMs;
    // a run that begins here may be the oldest
    const first = Math.min(oldest, time[rows[from] as number] as number);
    const stop = waits ? first : Math.max(first, Math.min(newest, this.trimAt));
    burst.touched = ((classes[from] as number) | (moves[0] as number) | (ints[0] as number) | (heads[0] as number) | (sources[0] as number) | (takenClasses[0] as number) | (places[0] as number))
      + (times[0] as number) + (begun[0] as number) + span;
    for (; i < to; i += 1) {
      const row = rows[i] as number;
      const eventClass = classes[i] as number;
      const move = moves[eventClass] as number;
      const now = time[row] as number;
      const limit = now - span;
      if (move === 0 || keys[i] !== slot || limit >= stop) break;
      if (limit >= oldest) {
        floor = limit;
        oldest = limit;
      }
      const target = (move >> targetShift) & part;
      const into = heads[target] as number;
      const intoTime = into === nil || ((into - low) & ID) >= size ? floor : (times[into & mask] as number);
      const isInto = intoTime > floor;
      const kind = move & MOVE_KIND;
      let item = (low + size) & ID;
      let at = item & mask;
      let start = now;
      if (kind !== begins) {
        const state = move >>> stateShift;
        const list = heads[state] as number;
        if (list === nil) continue;
        start = times[list & mask] as number;
        if (((list - low) & ID) >= size || start <= floor || start < intoTime) break;
        if (kind === leaves) heads[state] = nil;
        times[at] = start;
        at *= INTS;
        ints[at] = list;
        ints[at + THIRD] = (move >> 2) & part;
        places[taken] = at + SECOND;
        size += 1;
        if (isInto) {
          at = (item + 1) & mask;
          times[at] = start;
          at *= INTS;
          ints[at] = item;
          ints[at + SECOND] = into + 1;
          ints[at + THIRD] = UNION; // nothing to its right, rank 1
          item = (item + 1) & ID;
          size += 1;
        }
      } else {
        if (now < intoTime) break;
        oldest = Math.min(oldest, now);
        newest = Math.max(newest, now);
        begun[begunCount] = now;
        begunCount += 1;
        times[at] = now;
        at *= INTS;
        // the item waits for its row, in its stead the stage
        ints[at] = (move >> 2) & part;
        ints[at + SECOND] = isInto ? into + 1 : 0;
        ints[at + THIRD] = UNION;
        places[taken] = nil - at;
        size += 1;
      }
      heads[target] = item;
      sources[taken] = row;
      takenClasses[taken] = eventClass;
      taken += 1;
    }
    this.#size = size;
    this.floor = floor;
    this.oldest = oldest;
    this.newest = newest;
    burst.taken = taken;
    burst.begunCount = begunCount;
    return i;
  }

  /** The rows of the events that a burst has taken: into their records, and held (holdRow). */
  fillRows(burst: RowBurst): void {
    const { events, places, taken } = burst;
    const ints = this.#ints;
    const { stageBits } = this.#nodes;
    while (this.#rowCount + taken > this.#rows.length) this.#growRows();
    const ring = this.#rows;
    const { length } = ring;
    let end = this.#rowsHead + this.#rowCount;
    if (end >= length) end -= length;
    const nil = NIL;
    for (let i = 0; i < taken; i += 1) {
      const row = events[i] as number;
      const place = places[i] as number;
      if (place >= 0) ints[place] = row + 1;
      else ints[nil - place] = nil - 1 - ((row << stageBits) | (ints[nil - place] as number));
      ring[end] = row;
      end = end + 1 === length ? 0 : end + 1;
    }
    this.#rowCount += taken;
  }

  /** All runs of both lists. */
  merge(a: number, b: number): number {
    if (this.isOver(a)) return this.isOver(b) ? NIL : b;
    if (this.isOver(b)) return a;
    const later = this.timeOf(a) - this.timeOf(b);
    // of two that start together the flatter one, below whose top the other goes at less cost
    const top = later > 0 || (later === 0 && this.#rank(a) <= this.#rank(b)) ? a : b;
    return this.#joined(top, this.merge(this.#rightOf(top), top === a ? b : a));
  }

  // --- events

  /** Keeps a row whose event is the newest so far; its reference is the caller's to give. */
  holdRow(row: number): void {
    if (this.#rowCount === this.#rows.length) this.#growRows();
    let at = this.#rowsHead + this.#rowCount;
    if (at >= this.#rows.length) at -= this.#rows.length;
    this.#rows[at] = row;
    this.#rowCount += 1;
  }

  #growRows(): void {
    const { length } = this.#rows;
    const rows = new Int32Array(length < 1024 ? length * 2 : Math.ceil(length * 1.25));
    for (let i = 0; i < this.#rowCount; i += 1) rows[i] = this.rowAt(i);
    this.#rows = rows;
    this.#rowsHead = 0;
  }

  rowAt(index: number): number { return this.#rows[(this.#rowsHead + index) % this.#rows.length] as number; }

  // --- giving back

  /** Gives back what the floor has passed. */
  trim(): void {
    const { floor } = this;
    const time = this.#time;
    const mask = this.#mask;
    if (this.#isRing) {
      const low = this.#low;
      const size = this.#size;
      let over = 0;
      while (over < size && (time[(low + over) & mask] as number) <= floor) over += 1;
      this.#low = (low + over) & ID;
      this.#size = size - over;
    }
    const released = this.#events.releaseUpTo(this.#rows, this.#rowsHead, this.#rowCount, floor);
    const head = this.#rowsHead + released;
    this.#rowsHead = head < this.#rows.length ? head : head - this.#rows.length;
    this.#rowCount -= released;
  }

  /** Whether garbage may have come to outweigh the rest since the last collection. */
  get isDue(): boolean { return this.#size >= this.#collectAt; }

  /** Copies what is reached from the lists and gives back the rest. Nodes get new numbers, in the same order. `used`: scratch. */
  collect(used: Uint8Array): void {
    this.trim();
    const length = this.#size;
    const place = new Int32Array(length);
    const mark = (node: number): void => {
      if (node >= 0 && !this.isOver(node)) place[this.offset(node)] = 1;
    };
    for (const head of this.heads) mark(head);
    let kept = 0;
    for (let i = length - 1; i >= 0; i -= 1) {
      if (place[i] === 0) continue;
      kept += 1;
      const id = this.idAt(i);
      mark(this.first(id));
      if (this.isOutput(id)) continue;
      mark(this.second(id));
      mark(this.third(id));
    }
    let capacity = 64;
    while (capacity < kept * 2) capacity *= 2;
    if (!this.#isRing) capacity = Math.max(64, Math.ceil(kept * 1.25));
    const time = new Float64Array(this.#isRing ? capacity : 0);
    const ints = new Int32Array(capacity * INTS);
    const moved = (node: number): number => {
      if (node < NIL) {
        used[this.#nodes.event(node)] = 1;
        return node;
      }
      return this.isOver(node) ? NIL : (place[this.offset(node)] as number);
    };
    let to = 0;
    for (let i = 0; i < length; i += 1) {
      if (place[i] === 0) continue;
      const id = this.idAt(i);
      if (this.#isRing) time[to] = this.timeOf(id);
      const first = moved(this.first(id));
      if (this.isOutput(id)) {
        pack(ints, to * INTS, first, this.second(id), 0, this.stageOf(id));
        used[this.second(id)] = 1;
      } else pack(ints, to * INTS, first, moved(this.second(id)), moved(this.third(id)), this.kindOf(id));
      place[i] = to;
      to += 1;
    }
    for (let state = 0; state < this.heads.length; state += 1) this.heads[state] = moved(this.heads[state] as number);
    this.#collectRows(used);
    this.#time = time;
    this.#ints = ints;
    this.#capacity = capacity;
    this.#mask = this.#isRing ? capacity - 1 : ID;
    this.#low = 0;
    this.#size = kept;
    this.#collectAt = Math.max(COLLECT_MIN, kept * (this.#isRing ? RING_SLACK : 2));
  }

  #collectRows(used: Uint8Array): void {
    let kept = 0;
    const rows = new Int32Array(this.#rowCount);
    for (let i = 0; i < this.#rowCount; i += 1) {
      const row = this.rowAt(i);
      if (used[row] === 1) {
        rows[kept] = row;
        kept += 1;
        used[row] = 0;
      } else this.#events.release(row);
    }
    this.#rows = new Int32Array(Math.max(64, Math.ceil(kept * 1.25)));
    this.#rows.set(rows.subarray(0, kept));
    this.#rowsHead = 0;
    this.#rowCount = kept;
  }

  /** Gives back everything. */
  clear(): void {
    for (let i = 0; i < this.#rowCount; i += 1) this.#events.release(this.rowAt(i));
    this.#rowCount = 0;
    this.#size = 0;
    this.heads.fill(NIL);
  }

  /**
   * Copies what is reached from `roots` into lists of somebody else, who has none yet; answers with the roots there.
   * `rowOf` leads from rows of these events to rows of those.
   */
  copyTo(other: UnionLists, roots: readonly number[], rowOf: (row: number) => number): number[] {
    const place = new Int32Array(this.#size);
    const mark = (node: number): void => {
      if (node >= 0 && !this.isOver(node)) place[this.offset(node)] = 1;
    };
    roots.forEach(mark);
    for (let i = this.#size - 1; i >= 0; i -= 1) {
      if (place[i] === 0) continue;
      const id = this.idAt(i);
      mark(this.first(id));
      if (this.isOutput(id)) continue;
      mark(this.second(id));
      mark(this.third(id));
    }
    const moved = (node: number): number => {
      if (node < NIL) return other.#nodes.first(this.#nodes.stage(node), rowOf(this.#nodes.event(node)));
      return this.isOver(node) ? NIL : (place[this.offset(node)] as number);
    };
    for (let i = 0; i < this.#size; i += 1) {
      if (place[i] === 0) continue;
      const id = this.idAt(i);
      const first = moved(this.first(id));
      place[i] = this.isOutput(id)
        ? other.#add(this.timeOf(id), first, rowOf(this.second(id)), 0, this.stageOf(id))
        : other.#add(this.timeOf(id), first, moved(this.second(id)), moved(this.third(id)), this.kindOf(id));
    }
    return roots.map(moved);
  }

  // --- counting

  /** Number of runs below each record that are alive, in order of making. */
  countRuns(): Float64Array {
    const counts = new Float64Array(this.#size);
    const of = (node: number): number => {
      if (node < NIL) return 1;
      return this.isOver(node) ? 0 : (counts[this.offset(node)] as number);
    };
    for (let i = 0; i < this.#size; i += 1) {
      const id = this.idAt(i);
      if (this.timeOf(id) <= this.floor) continue;
      if (this.isOutput(id)) counts[i] = this.first(id) === NIL ? 1 : of(this.first(id));
      else counts[i] = Math.min(COUNT_MAX, of(this.first(id)) + of(this.second(id)) + of(this.third(id)));
    }
    return counts;
  }

  /** Number of runs of a list by the stage of their last event, as `see(stage, count)` for each item. */
  countList(list: number, counts: Float64Array, see: (stage: number, count: number) => void): void {
    const stack = [list];
    for (;;) {
      const node = stack.pop();
      if (node === undefined) return;
      if (this.isOver(node)) continue;
      const item = this.isOutput(node) ? node : this.first(node);
      if (item < NIL) see(this.#nodes.stage(item), 1);
      else see(this.stageOf(item), counts[this.offset(item)] as number);
      if (item !== node) stack.push(this.third(node), this.second(node));
    }
  }

  // --- image

  /** Takes over a record of an image; records come in their order. `kind` as kindOf gives it. */
  restoreNode(time: number, first: number, second: number, third: number, kind: number): void {
    invariant(this.#low === 0, 'records are restored into a new key');
    this.#add(time, first, second, third, kind);
    this.#collectAt = Math.max(COLLECT_MIN, this.#size * 2);
  }
}
