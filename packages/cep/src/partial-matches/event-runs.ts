/**
 * Event runs: partial matches that live in the records of the events they began with.
 *
 * Shape   a run's number is the row of its first event; state and newest node stand in that event's
 *         record, start and start time are the event's own.
 * Always  only where at most one run lives for each first event. A run's events are alive as long as it is, so its
 *         record is.
 * Not here: runs that branch (run-store.ts).
 */
import { invariant } from '@tidemark/core';
import type { RetainedEvents } from './retained-events.ts';
import type { Runs } from './run-store.ts';

export class EventRuns implements Runs {
  readonly #events: RetainedEvents;
  live = 0;
  /** Two links of the list of its key (run-lists.ts); the rest stands in the event's record. */
  readonly recordBytes = 8;

  constructor(events: RetainedEvents) {
    invariant(events.haveRuns, 'records have room for runs');
    this.#events = events;
  }

  state(run: number): number { return this.#events.runStateOf(run); }
  node(run: number): number { return this.#events.runNodeOf(run); }
  start(run: number): number { return this.#events.ordinalOf(run); }
  startTime(run: number): number { return this.#events.timeOf(run); }

  move(run: number, state: number, node: number): void { this.#events.setRun(run, state, node); }

  add(event: number, state: number, node: number): number {
    this.#events.setRun(event, state, node);
    this.live += 1;
    return event;
  }

  free(): void {
    this.live -= 1;
  }
}
