/**
 * Node log: which stage took which event after which, as a tree that runs share.
 *
 * Shape   a node is (parent, stage, event); a run points at its newest node, -1 = none. Walking up the parents gives
 *         a run's events from the last to the first.
 * Always  a node lives as long as a run, a completed match or a younger node refers to it; with its last reference it
 *         lets go of its event and its parent. Freed nodes are used again.
 */
import { invariant } from '@tidemark/core';
import { grownI32 } from './grow.ts';
import type { RetainedEvents } from './retained-events.ts';

const FREE = -1;

export class NodeLog {
  parent: Int32Array;
  event: Int32Array;
  stage: Int16Array;
  #refs: Int32Array;
  #freeHead = FREE;
  #length = 0;
  #live = 0;
  readonly #events: RetainedEvents;

  constructor(events: RetainedEvents, capacity = 256) {
    this.#events = events;
    this.parent = new Int32Array(capacity);
    this.event = new Int32Array(capacity);
    this.stage = new Int16Array(capacity);
    this.#refs = new Int32Array(capacity);
  }

  get live(): number { return this.#live; }
  get length(): number { return this.#length; }

  /** A new node with one reference, the caller's. Takes a reference on its parent and on its event. */
  add(parent: number, stage: number, event: number): number {
    let at = this.#freeHead;
    if (at !== FREE) {
      this.#freeHead = FREE - 1 - (this.#refs[at] as number);
    } else {
      at = this.#length;
      if (at === this.parent.length) this.#grow();
      this.#length = at + 1;
    }
    this.#live += 1;
    this.parent[at] = parent;
    this.stage[at] = stage;
    this.event[at] = event;
    this.#refs[at] = 1;
    if (parent !== -1) this.#refs[parent] = (this.#refs[parent] as number) + 1;
    this.#events.retain(event);
    return at;
  }

  #grow(): void {
    const capacity = this.parent.length * 2;
    this.parent = grownI32(this.parent, capacity);
    this.event = grownI32(this.event, capacity);
    const stage = new Int16Array(capacity);
    stage.set(this.stage);
    this.stage = stage;
    this.#refs = grownI32(this.#refs, capacity);
  }

  retain(node: number): void {
    this.#refs[node] = (this.#refs[node] as number) + 1;
  }

  release(node: number): void {
    let at = node;
    while (at !== -1) {
      const refs = (this.#refs[at] as number) - 1;
      if (refs > 0) {
        this.#refs[at] = refs;
        return;
      }
      invariant(refs === 0, 'a node is released as often as it was retained');
      this.#events.release(this.event[at] as number);
      this.#refs[at] = FREE - 1 - this.#freeHead;
      this.#freeHead = at;
      this.#live -= 1;
      at = this.parent[at] as number;
    }
  }

  isLive(node: number): boolean {
    return (this.#refs[node] as number) > 0;
  }
}
