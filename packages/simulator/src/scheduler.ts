/**
 * Virtual time and the order of everything, from a seed.
 *
 * Always  one event runs at a time, and all promises that it settles have run before the next one begins; equal seeds
 *         give equal orders. An event of a dead process never runs.
 * Units   virtual ms.
 */
import type { Random } from '@tidemark/testkit';

/** Something that can die, and its events with it, or stand still for a while, and its events with it. */
export interface Alive {
  readonly alive: boolean;
  readonly pausedFrom: number;
  readonly pausedUntil: number;
}

interface Event {
  at: number;
  /** Breaks ties at random. */
  readonly tie: number;
  readonly owner: Alive | null;
  readonly run: () => void;
  cancelled: boolean;
}

export class Scheduler {
  readonly #random: Random;
  /** Binary heap by (at, tie). */
  readonly #heap: Event[] = [];
  #now = 0;
  #steps = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  get now(): number { return this.#now; }
  get steps(): number { return this.#steps; }

  after(ms: number, owner: Alive | null, run: () => void): () => void {
    const event: Event = { at: this.#now + Math.max(0, ms), tie: this.#random.next(), owner, run, cancelled: false };
    this.#push(event);
    return () => { event.cancelled = true; };
  }

  /** Runs until `done` answers true or nothing is left to happen. */
  async runUntil(done: () => boolean, stepsMax: number): Promise<'done' | 'idle' | 'steps'> {
    for (;;) {
      await settled();
      if (done()) return 'done';
      const event = this.#pop();
      if (!event) return 'idle';
      if (event.cancelled || (event.owner && !event.owner.alive)) continue;
      if (event.owner && event.owner.pausedUntil > event.at) {
        // Later, in the order in which they would have come.
        event.at = event.owner.pausedUntil + (event.at - event.owner.pausedFrom) * 1e-6;
        this.#push(event);
        continue;
      }
      if (++this.#steps > stepsMax) return 'steps';
      this.#now = event.at;
      event.run();
    }
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(event, heap[parent] as Event)) break;
      heap[at] = heap[parent] as Event;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): Event | null {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last) return null;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Event, heap[child] as Event)) child += 1;
      if (!before(heap[child] as Event, last)) break;
      heap[at] = heap[child] as Event;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

const before = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.tie < b.tie);

/** All promise callbacks that can run have run: an immediate comes after them. */
const settled = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });
