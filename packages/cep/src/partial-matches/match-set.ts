/**
 * Match set: all matches that one event completes in a compact key, none of which exists before it is asked for.
 *
 * Use     `next()` lays out one match after the other until it answers null; `rewind()` begins again. `count()` counts them
 *         without making them. All of it is valid during the call that hands the set over; `detach()` makes a set that
 *         stays, in its own memory, at the cost of the events and links that it shares and not of its matches.
 * Always  each match comes as often as Flink gives it. A step costs what the match is long; matches that start late tend to
 *         come first, no order is promised. 2^60 matches cost nothing until somebody asks.
 */
import { NodeLog } from './node-log.ts';
import { type EmittedMatch, MatchView } from './emitted-match.ts';
import { RetainedEvents } from './retained-events.ts';
import { RunCursor } from './run-cursor.ts';
import { NIL, UnionLists, addedCount } from './union-lists.ts';

/** What completes matches: a list, and the stage into which the event at hand is taken behind it (-1: it only lets go). */
export interface Completion {
  /** NIL: the event is the whole match. */
  readonly list: number;
  readonly stage: number;
}

export class MatchSet {
  /** Number of matches, or a little more where some of those counted have timed out. */
  readonly atMost: number;
  readonly #lists: UnionLists;
  readonly #events: RetainedEvents;
  readonly #nodes: NodeLog;
  readonly #view: MatchView;
  readonly #row: number;
  readonly #completions: readonly Completion[];
  readonly #cursor: RunCursor;
  #at = -1;

  constructor(parts: {
    readonly lists: UnionLists; readonly events: RetainedEvents; readonly nodes: NodeLog; readonly view: MatchView;
    /** Row of the event at hand among the events. */
    readonly row: number; readonly completions: readonly Completion[]; readonly atMost: number;
  }) {
    this.#lists = parts.lists;
    this.#events = parts.events;
    this.#nodes = parts.nodes;
    this.#view = parts.view;
    this.#row = parts.row;
    this.#completions = parts.completions;
    this.atMost = parts.atMost;
    this.#cursor = new RunCursor(parts.nodes);
  }

  /** Where it was completed, its key and the like: a match without events. */
  get about(): Omit<EmittedMatch, 'length' | 'rowAt' | 'stageAt' | 'rowsOf' | 'ordinal'> { return this.#view; }

  /** Number of matches; from 2^53 on roughly. */
  count(): number {
    const below = this.#lists.countRuns();
    let count = 0;
    for (const { list } of this.#completions) {
      if (list === NIL) count = addedCount(count, 1);
      else if (!this.#lists.isOver(list)) count = addedCount(count, below[this.#lists.offset(list)] as number);
    }
    return count;
  }

  rewind(): void {
    this.#at = -1;
  }

  /** The next match, valid until the one after it; null where there is none. */
  next(): EmittedMatch | null {
    for (;;) {
      const current = this.#completions[this.#at];
      if (current !== undefined && current.list !== NIL && this.#cursor.next()) {
        this.#view.layOutBackwards(this.#cursor.rows, this.#cursor.stages, this.#cursor.length, this.#row, current.stage);
        return this.#view;
      }
      this.#at += 1;
      const following = this.#completions[this.#at];
      if (following === undefined) return null;
      if (following.list !== NIL) this.#cursor.open(this.#lists, following.list);
      else {
        this.#view.layOutBackwards(this.#cursor.rows, this.#cursor.stages, 0, this.#row, following.stage);
        return this.#view;
      }
    }
  }

  /** A set of its own, which stays when the engine goes on. */
  detach(): MatchSet {
    const events = new RetainedEvents(this.#events.schema, this.#events.kept, 255);
    const nodes = new NodeLog(events, this.#nodes.stageCount);
    const plan = events.planColumns(this.#events, this.#events.length);
    const copied = new Map<number, number>();
    const rowOf = (row: number): number => {
      let at = copied.get(row);
      if (at === undefined) {
        at = events.add(plan, row);
        events.setPlace(at, this.#events.timeOf(row), this.#events.positionOf(row), this.#events.splitOf(row), this.#events.ordinalOf(row));
        events.retain(at);
        copied.set(row, at);
      }
      return at;
    };
    const lists = new UnionLists(events, nodes, 0, 0, false);
    const roots = this.#lists.copyTo(lists, this.#completions.map(({ list }) => list), rowOf);
    return new MatchSet({
      lists, events, nodes, view: this.#view.copy(events), row: rowOf(this.#row),
      completions: this.#completions.map(({ stage }, i) => ({ list: roots[i] as number, stage })), atMost: this.atMost,
    });
  }
}
