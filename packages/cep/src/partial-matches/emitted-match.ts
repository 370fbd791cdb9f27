/**
 * A match on its way out: a flyweight over the engine's arenas.
 *
 * Always  valid only during the call that hands it over; who keeps something copies it.
 * Units   times in ms of event time; rows are rows of `events`.
 */
import type { FieldValue } from '@tidemark/event';
import type { NodeLog } from './node-log.ts';
import type { SourceRows } from './copy-plan.ts';
import { type EventRows, PASSING_ROW } from './retained-events.ts';

export type MatchKind = 'match' | 'timed-out' | 'late';

/** Where an event stands in the input. */
export interface EventPlace {
  readonly split: number;
  readonly position: number;
}

export interface EmittedMatch {
  /** Index of the pattern in the job. */
  readonly pattern: number;
  readonly kind: MatchKind;
  /** For a match: the time at which it was given out (of the event, or the time advanced to). For a time-out: when it was due. For a late event: its time. */
  readonly at: number;
  /** Event time at which the match was complete, or was due where time completed or ended it. A function of the events alone. */
  readonly end: number;
  /** True where time and not an event completed it (always for time-outs). */
  readonly byTime: boolean;
  /** The event that completed it; null where time did. */
  readonly completedBy: EventPlace | null;
  /** The event whose processing gave it out (it may have been held back until then); null where an advance of time did. */
  readonly trigger: EventPlace | null;
  /** Number among outputs of one step that are otherwise equal, from 0. */
  readonly ordinal: number;
  readonly key: readonly FieldValue[];
  readonly events: EventRows;
  /** Number of its events, in the order in which they were taken. */
  readonly length: number;
  rowAt(index: number): number;
  /** Stage number of the event; -1 for a late event. */
  stageAt(index: number): number;
  /** Rows of one stage, oldest first; valid as long as the match. */
  rowsOf(stage: number): Int32Array;
}

/** Where the places of rows are read. */
interface Places {
  readonly time: Float64Array;
  readonly position: Float64Array;
  readonly split: number;
}

export class MatchView implements EmittedMatch {
  pattern: number;
  kind: MatchKind = 'match';
  byTime = false;
  ordinal = 0;
  length = 0;
  events: EventRows;
  slot = -1;
  /** What the event at hand is a row of; null where time gives the match out. */
  #trigger: Places | null = null;
  #triggerRow = 0;
  /** Whether the event at hand is also the one that completes the match. */
  #isCompletion = false;
  #at = 0;
  #end = 0;
  #completedSplit = 0;
  #completedPosition = 0;
  #rows = new Int32Array(64);
  #stages = new Int16Array(64);
  #stageRows = new Int32Array(64);
  readonly #keyOf: (slot: number) => readonly FieldValue[];
  #lateKey: readonly FieldValue[] | null = null;

  constructor(pattern: number, events: EventRows, keyOf: (slot: number) => readonly FieldValue[]) {
    this.pattern = pattern;
    this.events = events;
    this.#keyOf = keyOf;
  }

  get key(): readonly FieldValue[] {
    return this.#lateKey ?? this.#keyOf(this.slot);
  }

  get at(): number {
    return this.#isCompletion ? this.#triggerTime() : this.#at;
  }

  get end(): number {
    return this.#isCompletion ? this.#triggerTime() : this.#end;
  }

  #triggerTime(): number {
    return (this.#trigger as Places).time[this.#triggerRow] as number;
  }

  get completedBy(): EventPlace | null {
    if (this.byTime) return null;
    return this.#isCompletion ? this.trigger : { split: this.#completedSplit, position: this.#completedPosition };
  }

  get trigger(): EventPlace | null {
    const trigger = this.#trigger;
    return trigger === null ? null : { split: trigger.split, position: trigger.position[this.#triggerRow] as number };
  }

  /** A match that the event at hand completes and that goes out at once. */
  completeBy(slot: number, rows: Places, row: number): void {
    this.kind = 'match';
    this.slot = slot;
    this.byTime = false;
    this.ordinal = 0;
    this.#trigger = rows;
    this.#triggerRow = row;
    this.#isCompletion = true;
  }

  /** A match that was completed (`split` -1: by time) before or now; `rows` = null: time gives it out. */
  complete(slot: number, at: number, end: number, split: number, position: number, rows: Places | null, row: number): void {
    this.kind = 'match';
    this.slot = slot;
    this.byTime = split === -1;
    this.#isCompletion = false;
    this.#at = at;
    this.#end = end;
    this.#completedSplit = split;
    this.#completedPosition = position;
    this.#trigger = rows;
    this.#triggerRow = row;
  }

  /** A partial match whose window was over at `due`. */
  timeOut(slot: number, due: number): void {
    this.complete(slot, due, due, -1, -1, null, 0);
    this.kind = 'timed-out';
  }

  /** Lays out the events that lead to `node`. */
  unwind(nodes: NodeLog, node: number): void {
    this.unwindPassing(nodes, node, -1);
  }

  /** The same, with the event of the passing row as the last one, taken into `stage` (-1: none). */
  unwindPassing(nodes: NodeLog, node: number, stage: number): void {
    if (node < -1 && stage !== -1) {
      // A first event and the one that completes it: the commonest match of all.
      this.length = 2;
      this.#rows[0] = nodes.event(node);
      this.#stages[0] = nodes.stage(node);
      this.#rows[1] = PASSING_ROW;
      this.#stages[1] = stage;
      return;
    }
    let length = stage === -1 ? 0 : 1;
    for (let at = node; at !== -1; at = nodes.parent(at)) length += 1;
    this.#reserve(length);
    this.length = length;
    let write = length - 1;
    if (stage !== -1) {
      this.#rows[write] = PASSING_ROW;
      this.#stages[write] = stage;
      write -= 1;
    }
    for (let at = node; at !== -1; at = nodes.parent(at)) {
      this.#rows[write] = nodes.event(at);
      this.#stages[write] = nodes.stage(at);
      write -= 1;
    }
  }

  /** Takes over events that are laid out elsewhere, rows[from, from + length). */
  layOut(rows: Int32Array, stages: Int32Array, from: number, length: number): void {
    this.#reserve(length);
    this.length = length;
    for (let i = 0; i < length; i += 1) {
      this.#rows[i] = rows[from + i] as number;
      this.#stages[i] = stages[from + i] as number;
    }
  }

  /** The same for events laid out last first, with one more event where `stage` is not -1. */
  layOutBackwards(rows: Int32Array, stages: Int32Array, count: number, row: number, stage: number): void {
    const length = count + (stage === -1 ? 0 : 1);
    this.#reserve(length);
    this.length = length;
    for (let i = 0; i < count; i += 1) {
      this.#rows[i] = rows[count - 1 - i] as number;
      this.#stages[i] = stages[count - 1 - i] as number;
    }
    if (stage === -1) return;
    this.#rows[length - 1] = row;
    this.#stages[length - 1] = stage;
  }

  /** A view of the same output over events of its own. */
  copy(events: EventRows): MatchView {
    const key = this.key;
    const copy = new MatchView(this.pattern, events, () => key);
    copy.kind = this.kind;
    copy.byTime = this.byTime;
    const trigger = this.#trigger;
    const row = this.#triggerRow;
    if (trigger !== null) copy.#trigger = { time: trigger.time.slice(row, row + 1), position: trigger.position.slice(row, row + 1), split: trigger.split };
    copy.#isCompletion = this.#isCompletion;
    copy.#at = this.#at;
    copy.#end = this.#end;
    copy.#completedSplit = this.#completedSplit;
    copy.#completedPosition = this.#completedPosition;
    return copy;
  }

  #reserve(length: number): void {
    if (length <= this.#rows.length) return;
    this.#rows = new Int32Array(length * 2);
    this.#stages = new Int16Array(length * 2);
    this.#stageRows = new Int32Array(length * 2);
  }

  /** Turns the view into a late event: one row of its own batch. */
  late(rows: SourceRows, row: number, key: readonly FieldValue[]): void {
    this.events = {
      schema: rows.schema, columns: rows.columns, time: rows.time, timeOf: (at) => rows.time[at] as number,
      positionOf: (at) => rows.position[at] as number, splitOf: () => rows.split,
    };
    this.#lateKey = key;
    this.completeBy(-1, rows, row);
    this.kind = 'late';
    this.length = 1;
    this.#rows[0] = row;
    this.#stages[0] = -1;
  }

  rowAt(index: number): number { return this.#rows[index] as number; }
  stageAt(index: number): number { return this.#stages[index] as number; }

  rowsOf(stage: number): Int32Array<ArrayBuffer> {
    let count = 0;
    for (let i = 0; i < this.length; i += 1) {
      if (this.#stages[i] !== stage) continue;
      this.#stageRows[count] = this.#rows[i] as number;
      count += 1;
    }
    return this.#stageRows.slice(0, count);
  }
}
