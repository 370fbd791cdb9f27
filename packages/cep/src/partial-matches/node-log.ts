/**
 * Node log: which stage took which event after which, as a tree that runs share.
 *
 * Shape   a node is (parent, stage, event, references), four integers in a row; a run points at its newest node,
 *         -1 = none. Walking up the parents gives a run's events from the last to the first.
 *         A first node, which has no parent, is no record: its number below -1 holds its stage and its event, and its
 *         references are the event's. Most runs of most patterns have only that one.
 * Always  a node lives as long as a run, a completed match or a younger node refers to it; with its last reference it
 *         lets go of its event and its parent. Freed nodes are used again.
 */
import { invariant } from '@tidemark/core';
import { grownI32 } from './grow.ts';
import type { RetainedEvents } from './retained-events.ts';

const FREE = -1;
const INTS = 4;
export const NODE_BYTES = INTS * 4;
const EVENT = 1;
const STAGE = 2;
const REFS = 3;

export class NodeLog {
  #data: Int32Array;
  #freeHead = FREE;
  #length = 0;
  #live = 0;
  readonly #events: RetainedEvents;
  readonly stageCount: number;
  /** Bits of the stage in the number of a first node. */
  readonly stageBits: number;
  readonly #stageMask: number;
  /** Events from here on do not fit into such a number: their first nodes are records. */
  readonly #rowLimit: number;

  constructor(events: RetainedEvents, stageCount: number, capacity = 256) {
    this.#events = events;
    this.stageCount = stageCount;
    this.#data = new Int32Array(capacity * INTS);
    this.stageBits = Math.ceil(Math.log2(Math.max(2, stageCount)));
    this.#stageMask = (1 << this.stageBits) - 1;
    this.#rowLimit = 1 << (30 - this.stageBits);
  }

  /** Records alive and ever used; first nodes are none. */
  get live(): number { return this.#live; }
  get length(): number { return this.#length; }
  get bytesInUse(): number { return this.#live * NODE_BYTES; }

  parent(node: number): number { return node < -1 ? -1 : (this.#data[node * INTS] as number); }
  event(node: number): number { return node < -1 ? (-2 - node) >> this.stageBits : (this.#data[node * INTS + EVENT] as number); }
  stage(node: number): number { return node < -1 ? (-2 - node) & this.#stageMask : (this.#data[node * INTS + STAGE] as number); }

  /** The event that a run with this newest node began with. */
  firstEvent(node: number): number {
    let at = node;
    for (let parent = this.parent(at); parent !== -1; parent = this.parent(at)) at = parent;
    return this.event(at);
  }

  /** Number of the first node of an event below the row limit, whose references are the event's. */
  first(stage: number, event: number): number {
    return -2 - ((event << this.stageBits) | stage);
  }
  /** Events below have first nodes that are no records. */
  get rowLimit(): number { return this.#rowLimit; }

  /** A new node with one reference, the caller's. Takes a reference on its parent and on its event. */
  add(parent: number, stage: number, event: number): number {
    this.#events.retain(event);
    return parent === -1 && event < this.#rowLimit ? -2 - ((event << this.stageBits) | stage) : this.#addRecord(parent, stage, event);
  }

  #addRecord(parent: number, stage: number, event: number): number {
    const node = this.put(parent, stage, event);
    if (parent !== -1) this.retain(parent);
    return node;
  }

  /** A new node that takes over the caller's references to its parent and its event. */
  put(parent: number, stage: number, event: number): number {
    let node = this.#freeHead;
    if (node !== FREE) {
      this.#freeHead = FREE - 1 - (this.#data[node * INTS + REFS] as number);
    } else {
      node = this.#length;
      if (node * INTS === this.#data.length) this.#data = grownI32(this.#data, this.#data.length * 2);
      this.#length = node + 1;
    }
    this.#live += 1;
    const data = this.#data;
    const at = node * INTS;
    data[at] = parent;
    data[at + EVENT] = event;
    data[at + STAGE] = stage;
    data[at + REFS] = 1;
    return node;
  }

  retain(node: number): void {
    if (node < -1) {
      this.#events.retain((-2 - node) >> this.stageBits);
      return;
    }
    const at = node * INTS + REFS;
    this.#data[at] = (this.#data[at] as number) + 1;
  }

  release(node: number): void {
    const data = this.#data;
    let released = node;
    while (released >= 0) {
      const at = released * INTS;
      const refs = (data[at + REFS] as number) - 1;
      if (refs > 0) {
        data[at + REFS] = refs;
        return;
      }
      invariant(refs === 0, 'a node is released as often as it was retained');
      this.#events.release(data[at + EVENT] as number);
      data[at + REFS] = FREE - 1 - this.#freeHead;
      this.#freeHead = released;
      this.#live -= 1;
      released = data[at] as number;
    }
    if (released < -1) this.#events.release((-2 - released) >> this.stageBits);
  }

  /** Records alive, ascending. */
  liveRecords(): Int32Array {
    const nodes = new Int32Array(this.#live);
    let count = 0;
    for (let node = 0; node < this.#length; node += 1) if (this.isLive(node)) nodes[count++] = node;
    return nodes.subarray(0, count);
  }

  /** Of a record. */
  isLive(node: number): boolean {
    return (this.#data[node * INTS + REFS] as number) > 0;
  }
}
