/**
 * Event time around the naive matcher: buffers by timestamp, late events, and the timers that Flink's operator has.
 *
 * Always  at a watermark, the keys with a timer due process their due events in order of (timestamp, tie-break, arrival) and
 *         then advance to the watermark; other keys do nothing, unless every key is to be advanced.
 * Source  cases/FORMAT.md, "Timers"; Flink 2.3, CepOperator (behaviour).
 */
import { type ReferenceGraph, referenceGraph } from './reference-graph.ts';
import { type ReferenceMatch, ReferenceMatcher, type ReferenceTimeout } from './reference-matcher.ts';
import type { ReferenceEvent, ReferencePattern } from './reference-pattern.ts';

export interface ReferenceOutput<E> {
  readonly match: (match: ReferenceMatch<E>, trigger: E | null, at: number) => void;
  readonly timeout: (timeout: ReferenceTimeout<E>) => void;
  readonly late: (event: E) => void;
}

interface KeyState<E extends ReferenceEvent> {
  matcher: ReferenceMatcher<E>;
  buffered: E[];
  timers: Set<number>;
}

export class ReferenceOperator<E extends ReferenceEvent> {
  readonly #pattern: ReferencePattern<E>;
  readonly #graph: ReferenceGraph<E>;
  readonly #output: ReferenceOutput<E>;
  readonly #everyKey: boolean;
  /** Order among events of equal time, before that of arrival. */
  readonly #tieBreak: (a: E, b: E) => number;
  readonly #keys = new Map<string, KeyState<E>>();
  #watermark = Number.NEGATIVE_INFINITY;
  #processed = 0;

  constructor(pattern: ReferencePattern<E>, output: ReferenceOutput<E>, everyKey = false, graph: ReferenceGraph<E> = referenceGraph(pattern), tieBreak: (a: E, b: E) => number = () => 0) {
    this.#pattern = pattern;
    this.#graph = graph;
    this.#output = output;
    this.#everyKey = everyKey;
    this.#tieBreak = tieBreak;
  }

  element(key: string, event: E): void {
    if (event.ts <= this.#watermark) {
      this.#output.late(event);
      return;
    }
    let state = this.#keys.get(key);
    if (!state) {
      state = { matcher: new ReferenceMatcher(this.#pattern, this.#graph), buffered: [], timers: new Set() };
      this.#keys.set(key, state);
    }
    state.buffered.push(event);
    state.timers.add(event.ts);
  }

  watermark(ts: number): void {
    if (ts <= this.#watermark) return;
    this.#watermark = ts;
    for (const state of this.#keys.values()) {
      const due = [...state.timers].some((timer) => timer <= ts);
      if (due || this.#everyKey) this.#fire(state, ts);
    }
  }

  #fire(state: KeyState<E>, watermark: number): void {
    const { matcher } = state;
    const due = state.buffered.filter((event) => event.ts <= watermark).sort((a, b) => a.ts - b.ts || this.#tieBreak(a, b) || a.seq - b.seq)
      // Flink numbers the events of one time as it processes them, and matches go by the number of their start.
      .map((event): E => ({ ...event, seq: this.#processed++ }));
    state.buffered = state.buffered.filter((event) => event.ts > watermark);
    for (const timer of state.timers) if (timer <= watermark) state.timers.delete(timer);
    let previous = Number.NEGATIVE_INFINITY;
    for (const event of due) {
      if (event.ts !== previous) this.#advance(matcher, event.ts);
      previous = event.ts;
      for (const match of matcher.process(event)) this.#output.match(match, event, event.ts);
      if (matcher.windowMs > 0 && matcher.newStart && event.ts + matcher.windowMs > watermark) state.timers.add(event.ts + matcher.windowMs);
    }
    this.#advance(matcher, watermark);
    if (matcher.changed) {
      matcher.changed = false;
      matcher.newStart = false;
    }
    // Flink drops a key's state when only the start is left, flags included
    if (matcher.idle) state.matcher = new ReferenceMatcher(this.#pattern, this.#graph);
  }

  #advance(matcher: ReferenceMatcher<E>, ts: number): void {
    const { matches, timeouts } = matcher.advanceTime(ts);
    for (const match of matches) this.#output.match(match, null, ts);
    for (const timeout of timeouts) this.#output.timeout(timeout);
  }
}
