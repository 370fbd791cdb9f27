/**
 * Traced runs: the partial matches of one key as objects that carry their way, for explaining and not for speed.
 *
 * Two layouts, as in the engine: where a start event never has two runs, or nothing is skipped, runs are grouped by
 * state, so that states that an event leaves alone cost nothing; else they stand in a queue of Java's array order,
 * because ties decide which match a skip strategy lets live.
 *
 * Always  a node is immutable, so a checkpoint of the key is a list of (state, node). `alive` falls once and for all.
 */
import { JavaPriorityQueue } from '../reference/java-priority-queue.ts';

/** One event taken, with those taken before it. */
export interface TracedNode {
  readonly parent: TracedNode | null;
  readonly first: TracedNode;
  readonly stage: number;
  readonly row: number;
  readonly time: number;
  /** Number in the key's order of processing. */
  readonly ordinal: number;
  readonly length: number;
}

export interface TracedRun {
  state: number;
  node: TracedNode;
  alive: boolean;
  /** The layout's own: the runs that began with the same event. */
  start?: Start;
}

export interface TracedMatch {
  readonly node: TracedNode;
  /** Row that completed it, -1 where time did. */
  readonly row: number;
  /** Time at which it was complete. */
  readonly end: number;
}

export function takenBy(parent: TracedNode | null, stage: number, row: number, time: number, ordinal: number): TracedNode {
  if (parent !== null) return { parent, first: parent.first, stage, row, time, ordinal, length: parent.length + 1 };
  const node = { parent, first: null as unknown as TracedNode, stage, row, time, ordinal, length: 1 };
  node.first = node;
  return node;
}

/** The nodes of a way, oldest first. */
export function wayOf(node: TracedNode): readonly TracedNode[] {
  const way: TracedNode[] = [];
  for (let at: TracedNode | null = node; at !== null; at = at.parent) way.push(at);
  return way.reverse();
}

/** Those that came furthest first, then those that began first; equal only where the events are the same. */
export function byProgress(a: TracedNode, b: TracedNode): number {
  const early = b.stage - a.stage || b.length - a.length || a.first.ordinal - b.first.ordinal;
  if (early !== 0) return early;
  for (let left: TracedNode | null = a, right: TracedNode | null = b; left !== null && right !== null && left !== right; left = left.parent, right = right.parent) {
    const order = left.ordinal - right.ordinal || left.stage - right.stage;
    if (order !== 0) return order;
  }
  return 0;
}

export interface TracedRuns {
  /** Live runs. */
  readonly count: number;
  /** Live runs in Flink's order of iteration, as far as the layout keeps it. */
  all(): readonly TracedRun[];
  add(run: TracedRun): void;
  /**
   * Hands every live run whose state `changes` to `visit`, in order, and puts what it answers in its place: the run
   * itself (moved or not), others, or none. The answer is read at once. Gives the number of runs looked at.
   */
  visit(changes: (state: number) => boolean, visit: (run: TracedRun) => readonly TracedRun[]): number;
  /** Ends what `due` calls overdue, in order. Where only the start counts, `startLimit` is the latest start that is over. */
  expire(startLimit: number, due: ((run: TracedRun) => boolean) | null, ended: (run: TracedRun) => void): number;
  /** Ends runs that start before `limit`, or at it. */
  prune(limit: number, inclusive: boolean, ended: (run: TracedRun) => void): void;
  /** Ordinal of the earliest start of a live run, Infinity where there is none. */
  earliest(): number;
  /** Time of the earliest start of a live run, Infinity where there is none. */
  earliestTime(): number;
}

interface Start { readonly first: TracedNode; runs: TracedRun[]; live: number }

export class GroupedRuns implements TracedRuns {
  #groups: TracedRun[][];
  readonly #live: Int32Array;
  readonly #starts: Start[] = [];
  #startsFrom = 0;
  count = 0;

  constructor(stateCount: number) {
    this.#groups = Array.from({ length: stateCount }, () => []);
    this.#live = new Int32Array(stateCount);
  }

  all(): readonly TracedRun[] {
    const all: TracedRun[] = [];
    for (let at = this.#startsFrom; at < this.#starts.length; at += 1) {
      const start = this.#starts[at] as Start;
      if (start.live > 0) for (const run of start.runs) if (run.alive) all.push(run);
    }
    return all;
  }


  /** A new run; those that begin with the same event come one after the other. */
  add(run: TracedRun): void {
    this.#enter(run);
    let start = this.#starts[this.#starts.length - 1];
    if (start === undefined || start.first !== run.node.first) {
      start = { first: run.node.first, runs: [], live: 0 };
      this.#starts.push(start);
    }
    this.#begin(run, start);
  }

  #begin(run: TracedRun, start: Start): void {
    run.start = start;
    start.runs.push(run);
    start.live += 1;
    this.count += 1;
  }

  #enter(run: TracedRun): void {
    (this.#groups[run.state] as TracedRun[]).push(run);
    this.#live[run.state] = (this.#live[run.state] as number) + 1;
  }

  #gone(run: TracedRun): void {
    run.alive = false;
    this.count -= 1;
    const start = run.start as Start;
    start.live -= 1;
    if (start.live > 0 && start.runs.length > 2 * start.live + 8) start.runs = start.runs.filter((other) => other.alive);
  }

  visit(changes: (state: number) => boolean, visit: (run: TracedRun) => readonly TracedRun[]): number {
    let looked = 0;
    const moved: TracedRun[] = [];
    this.#groups.forEach((group, state) => {
      if (this.#live[state] === 0 || !changes(state)) return;
      this.#groups[state] = [];
      this.#live[state] = 0;
      for (const run of group) {
        if (!run.alive) continue;
        looked += 1;
        let stays = false;
        for (const result of visit(run)) {
          moved.push(result);
          if (result === run) stays = true;
          else this.#begin(result, run.start as Start);
        }
        if (!stays) this.#gone(run);
      }
    });
    for (const run of moved) this.#enter(run);
    return looked;
  }

  /** Takes a run that ends outside of a visit out of its state. */
  #end(run: TracedRun, ended: (run: TracedRun) => void): void {
    const { state } = run;
    const live = (this.#live[state] as number) - 1;
    this.#live[state] = live;
    this.#gone(run);
    const group = this.#groups[state] as TracedRun[];
    if (group.length > 2 * live + 8) this.#groups[state] = group.filter((other) => other.alive);
    ended(run);
  }

  expire(startLimit: number, due: ((run: TracedRun) => boolean) | null, ended: (run: TracedRun) => void): number {
    if (due !== null) {
      const over = this.all().filter(due);
      for (const run of over) this.#end(run, ended);
      return this.count + over.length;
    }
    let looked = 0;
    for (let start = this.#front(); start !== null && start.first.time <= startLimit; start = this.#front()) {
      for (const run of start.runs) {
        looked += 1;
        if (run.alive) this.#end(run, ended);
      }
    }
    return looked;
  }

  /** The earliest start that still has a run. */
  #front(): Start | null {
    while (this.#startsFrom < this.#starts.length) {
      const start = this.#starts[this.#startsFrom] as Start;
      if (start.live > 0) return start;
      this.#startsFrom += 1;
      if (this.#startsFrom > 1024 && this.#startsFrom * 2 > this.#starts.length) {
        this.#starts.splice(0, this.#startsFrom);
        this.#startsFrom = 0;
      }
    }
    return null;
  }

  prune(limit: number, inclusive: boolean, ended: (run: TracedRun) => void): void {
    const last = inclusive ? limit : limit - 1; // ordinals are whole
    for (let start = this.#front(); start !== null && start.first.ordinal <= last; start = this.#front()) {
      for (const run of start.runs) if (run.alive) this.#end(run, ended);
    }
  }

  earliest(): number { return this.#front()?.first.ordinal ?? Number.POSITIVE_INFINITY; }
  earliestTime(): number { return this.#front()?.first.time ?? Number.POSITIVE_INFINITY; }
}

export const byStart = (a: { readonly node: TracedNode }, b: { readonly node: TracedNode }): number => a.node.first.ordinal - b.node.first.ordinal;

export class QueuedRuns implements TracedRuns {
  #queue = new JavaPriorityQueue<TracedRun>(byStart);

  get count(): number { return this.#queue.items.length; }
  all(): readonly TracedRun[] { return this.#queue.items; }
  add(run: TracedRun): void { this.#queue.add(run); }

  visit(changes: (state: number) => boolean, visit: (run: TracedRun) => readonly TracedRun[]): number {
    const { items } = this.#queue;
    if (!items.some((run) => changes(run.state))) return 1;
    const next = new JavaPriorityQueue<TracedRun>(byStart);
    for (const run of items) {
      if (!changes(run.state)) {
        next.add(run);
        continue;
      }
      let stays = false;
      for (const result of visit(run)) {
        next.add(result);
        stays ||= result === run;
      }
      run.alive = stays;
    }
    this.#queue = next;
    return items.length;
  }

  expire(startLimit: number, due: ((run: TracedRun) => boolean) | null, ended: (run: TracedRun) => void): number {
    const { items } = this.#queue;
    const over = (run: TracedRun): boolean => (due === null ? run.node.first.time <= startLimit : due(run));
    if (!items.some(over)) return 1;
    this.#queue = new JavaPriorityQueue<TracedRun>(byStart);
    for (const run of items) {
      if (!over(run)) {
        this.#queue.add(run);
        continue;
      }
      run.alive = false;
      ended(run);
    }
    return items.length;
  }

  prune(limit: number, inclusive: boolean, ended: (run: TracedRun) => void): void {
    const doomed = (run: TracedRun): boolean => run.node.first.ordinal < limit || (inclusive && run.node.first.ordinal === limit);
    for (const run of this.#queue.items) {
      if (!doomed(run)) continue;
      run.alive = false;
      ended(run);
    }
    this.#queue.removeWhere(doomed);
  }

  earliest(): number { return this.#queue.peek()?.node.first.ordinal ?? Number.POSITIVE_INFINITY; }
  earliestTime(): number { return this.#queue.peek()?.node.first.time ?? Number.POSITIVE_INFINITY; }
}
