/**
 * Image of an operator: its state as bytes, and back.
 *
 * Shape   header (format, identity of the pattern, watermark), counters with the lowest key group of their subtask, events
 *         (columns with their own dictionaries), keys, nodes, and for each key its runs and held matches in the order of
 *         their queues; then, for keys whose runs are kept in common, the records of their union lists as they share
 *         (compact-image.ts); timers, held rows.
 *         Numbers in it refer to rows of the same image; nothing refers to the operator that wrote it.
 * Always  an image holds what is alive and nothing else. Restoring copies what the owned keys reach: so one image can
 *         be shared out over several subtasks, and several merged into one. Queues are filled again in their order,
 *         which gives the same queues.
 *         Ordinals of events are kept: only those of one key are ever compared.
 *         Counters cannot be divided by key: all of them go to the subtask that owns the image's lowest key group, so that
 *         their sum over subtasks stays what it was, whatever is shared out or merged.
 *         An image of format 1 is read; it has no counters, which then begin at 0.
 * Errors  JobFault where an image is of another version of the pattern, or of a format that is not known here. Damage
 *         is noticed before (checksums).
 * Not here: files, checksums, which images overlap (checkpoint, cluster).
 */
import { ByteReader, ByteWriter, JobFault, invariant } from '@tidemark/core';
import { hashOfKey, keyGroupOf, keyHash } from '@tidemark/dataflow';
import { type Column, type ColumnSet, Dictionary, EventBatch, type EventSchema, type FieldValue } from '@tidemark/event';
import { READ_FLAGS, type SourceRows } from '../partial-matches/copy-plan.ts';
import { RetainedEvents } from '../partial-matches/retained-events.ts';
import { readLists, writeLists } from './compact-image.ts';
import type { ImagedRuns } from './imaged-runs.ts';
import type { KeyTable } from './key-table.ts';
import type { TimerRing } from '../partial-matches/timer-ring.ts';

export interface KeyGroups {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** 2: with counters and union lists. */
const FORMAT = 2;
/** Without counters and without union lists. */
const WITHOUT_COUNTERS = 1;

interface Parts {
  readonly identity: string;
  readonly schema: EventSchema;
  readonly keys: KeyTable;
  readonly matcher: ImagedRuns;
  readonly events: RetainedEvents;
  readonly timers: TimerRing;
}

/** Rows that wait: all of a set, or those chosen. */
export interface WaitingRows {
  readonly rows: SourceRows;
  readonly chosen: readonly number[] | null;
}

const NONE = -1;
/** Places in the image by rows of a store and by its nodes, while one image is written; all NONE in between. They are as long as the stores, which may hold a thousand patterns. */
let eventAt = new Int32Array(0);
let nodeAt = new Int32Array(0);

const roomFor = (length: number, numbers: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => (numbers.length < length ? new Int32Array(length * 2).fill(NONE) : numbers);

export interface ImageParts extends Parts {
  readonly watermark: number;
  readonly passOver: boolean;
  readonly slots: Int32Array;
  readonly lowestKeyGroup: number;
  readonly waiting: readonly WaitingRows[];
  readonly waitingFields: readonly number[];
}

export function writeImage(parts: ImageParts): Uint8Array {
  const { matcher, events } = parts;
  // Before anything is written: what has ended uncounted is counted here.
  matcher.beforeImage();
  const rows = matcher.liveRows();
  const records = matcher.liveRecords();
  eventAt = roomFor(events.length, eventAt);
  nodeAt = roomFor(matcher.nodes.length, nodeAt);
  try {
    return write(parts, rows, records);
  } finally {
    for (const row of rows) eventAt[row] = NONE;
    for (const node of records) nodeAt[node] = NONE;
  }
}

/** `rows` and `records`: what is alive. */
function write(parts: ImageParts, rows: Int32Array, records: Int32Array): Uint8Array {
  const { matcher, events, keys, timers, slots, schema } = parts;
  const writer = new ByteWriter(rows.length < 64 ? 2048 : 64 * 1024);
  writer.u16(FORMAT);
  writer.text(parts.identity);
  writer.f64(parts.watermark);
  writer.bool(parts.passOver);
  writer.f64(events.nextOrdinal);
  writer.u32(parts.lowestKeyGroup);
  matcher.counters.write(writer);

  // Events, dense; `eventAt` leads from rows of the store to rows of the image.
  if (rows.length === 0) writeNoRows(writer, schema, events.kept);
  else {
    const image = new RetainedEvents(schema, events.kept, rows.length);
    const plan = image.planColumns(events, rows.length * 4 < events.length ? READ_FLAGS : events.length);
    for (const row of rows) {
      const at = image.add(plan, row);
      image.setPlace(at, events.timeOf(row), events.positionOf(row), events.splitOf(row), events.ordinalOf(row));
      eventAt[row] = at - 1;
    }
    writeRows(writer, image, events.kept);
  }

  // Nodes: the records, then the first nodes that are none, as they are met.
  const { nodes } = matcher;
  const firstAt = new Map<number, number>();
  const parent: number[] = [];
  const event: number[] = [];
  const stage: number[] = [];
  records.forEach((node, at) => { nodeAt[node] = at; });
  const add = (node: number): number => {
    parent.push(-1);
    event.push(eventAt[nodes.event(node)] as number);
    stage.push(nodes.stage(node));
    return event.length - 1;
  };
  for (const node of records) add(node);
  const place = (node: number): number => {
    if (node >= -1) return node === -1 ? -1 : (nodeAt[node] as number);
    let at = firstAt.get(node);
    if (at === undefined) {
      at = add(node);
      firstAt.set(node, at);
    }
    return at;
  };
  records.forEach((node, at) => { parent[at] = place(nodes.parent(node)); });

  writeKeys(writer, slots, keys);
  const runCount = new Int32Array(slots.length);
  const doneCount = new Int32Array(slots.length);
  let runs = 0;
  let done = 0;
  slots.forEach((slot, i) => {
    // a key whose runs are kept in common has none of its own
    runs += runCount[i] = Math.max(0, matcher.countOf(slot));
    done += doneCount[i] = matcher.doneCountOf(slot);
  });
  const run = { state: new Int32Array(runs), node: new Int32Array(runs), start: new Float64Array(runs), startTime: new Float64Array(runs) };
  const match = {
    node: new Int32Array(done), start: new Float64Array(done), startTime: new Float64Array(done), time: new Float64Array(done),
    position: new Float64Array(done), split: new Int32Array(done), byTime: new Int32Array(done),
  };
  let list = new Int32Array(64);
  let r = 0;
  let d = 0;
  slots.forEach((slot, i) => {
    if ((runCount[i] as number) > list.length) list = new Int32Array((runCount[i] as number) * 2);
    const count = matcher.runsOf(slot, list);
    for (let k = 0; k < count; k += 1, r += 1) {
      const from = list[k] as number;
      run.state[r] = matcher.runs.state(from);
      run.node[r] = place(matcher.runs.node(from));
      run.start[r] = matcher.runs.start(from);
      run.startTime[r] = matcher.runs.startTime(from);
    }
    if (doneCount[i] === 0) return;
    const { completed } = matcher;
    for (const from of matcher.completedOf(slot)) {
      match.node[d] = place(completed.node[from] as number);
      match.start[d] = completed.start[from] as number;
      match.startTime[d] = completed.startTime[from] as number;
      match.time[d] = completed.time[from] as number;
      match.position[d] = completed.position[from] as number;
      match.split[d] = completed.split[from] as number;
      match.byTime[d] = completed.byTime[from] as number;
      d += 1;
    }
  });
  for (const column of [parent, event, stage]) writer.array(Int32Array.from(column));
  writer.array(runCount);
  writer.array(doneCount);
  for (const column of [run.state, run.node, run.start, run.startTime]) writer.array(column);
  for (const column of [match.node, match.start, match.startTime, match.time, match.position, match.split, match.byTime]) writer.array(column);

  writeLists(writer, slots, matcher, eventAt);

  const keyAt = new Map<number, number>();
  slots.forEach((slot, i) => keyAt.set(slot, i));
  const timerTime: number[] = [];
  const timerKey: number[] = [];
  timers.forEach((time, slot) => {
    const key = keyAt.get(slot);
    if (key === undefined) return;
    timerTime.push(time);
    timerKey.push(key);
  });
  writer.array(Float64Array.from(timerTime));
  writer.array(Int32Array.from(timerKey));

  const waits = parts.waiting.reduce((sum, { rows: all, chosen }) => sum + (chosen ?? all).length, 0);
  if (waits === 0) writeNoRows(writer, schema, parts.waitingFields);
  else {
    const waiting = new RetainedEvents(schema, parts.waitingFields, waits);
    for (const { rows: all, chosen } of parts.waiting) {
      const copy = waiting.plan(all);
      if (chosen === null) for (let row = 0; row < all.length; row += 1) waiting.add(copy, row);
      else for (const row of chosen) waiting.add(copy, row);
    }
    writeRows(writer, waiting, parts.waitingFields);
  }
  return writer.finish();
}

export interface RestoreTarget extends Parts {
  readonly patternId: string;
  /** Number of key groups of the job. */
  readonly maxParallelism: number;
  readonly keyFields: readonly number[];
  readonly slot: (values: readonly FieldValue[]) => number;
  /** Puts rows of a batch into the queue of held rows. */
  readonly hold: (batch: EventBatch, rows: readonly number[]) => void;
}

/** Watermark and the like of what was restored; null where there was no image. */
export function readImage(
  images: readonly Uint8Array[], keyGroups: KeyGroups, target: RestoreTarget,
): { readonly watermark: number; readonly passOver: boolean } | null {
  let watermark = Number.POSITIVE_INFINITY;
  let passOver = true;
  const timers: { time: number; slot: number }[] = [];
  const owns = (hash: number): boolean => {
    const group = keyGroupOf(hash, target.maxParallelism);
    return group >= keyGroups.start && group < keyGroups.end;
  };
  for (const bytes of images) {
    const reader = new ByteReader(bytes);
    const format = reader.u16();
    if (format !== FORMAT && format !== WITHOUT_COUNTERS) {
      throw new JobFault(`The saved state has format ${format}; this version of Tidemark reads formats ${WITHOUT_COUNTERS} to ${FORMAT}.`, {
        domain: 'user', retry: 'no-retry', code: 'state-of-another-format', operatorId: target.patternId,
        remedy: 'Run the job with the version of Tidemark that wrote the state, or start it as a new job.',
      });
    }
    const identity = reader.text();
    if (identity !== target.identity) {
      throw new JobFault('The saved state belongs to another version of the pattern.', {
        domain: 'user', retry: 'no-retry', code: 'state-of-another-pattern', operatorId: target.patternId,
        remedy: 'Start the changed pattern as a new job, without the saved state.',
      });
    }
    watermark = Math.min(watermark, reader.f64());
    passOver = reader.bool() && passOver;
    target.events.nextOrdinal = Math.max(target.events.nextOrdinal, reader.f64());
    if (format !== WITHOUT_COUNTERS) {
      const lowest = reader.u32();
      target.matcher.counters.add(reader, lowest >= keyGroups.start && lowest < keyGroups.end);
    }
    restoreOne(reader, target, owns, timers, format !== WITHOUT_COUNTERS);
  }
  if (target.matcher.endsLazily) timers.length = 0;
  timers.sort((a, b) => a.time - b.time);
  for (const { time, slot } of timers) target.timers.add(time, slot);
  return images.length === 0 ? null : { watermark, passOver };
}

function restoreOne(reader: ByteReader, target: RestoreTarget, owns: (hash: number) => boolean, timers: { time: number; slot: number }[], hasLists: boolean): void {
  const { matcher, events, schema } = target;
  const image = readRows(reader, schema);
  const plan = events.planColumns(image, image.length);
  const eventAt = new Int32Array(image.length).fill(-1);
  const { nextOrdinal } = events;
  const importEvent = (row: number): number => {
    const known = eventAt[row] as number;
    if (known !== -1) return known;
    const at = events.add(plan, row);
    events.setPlace(at, image.time[row] as number, image.position[row] as number, image.split[row] as number, image.ordinal[row] as number);
    eventAt[row] = at;
    return at;
  };
  const keys = readKeys(reader);
  const slots = keys.map((values) => (owns(hashOfKey(values)) ? target.slot(values) : -1));
  const parent = reader.i32Array();
  const event = reader.i32Array();
  const stage = reader.i32Array();
  const nodeAt = new Int32Array(parent.length).fill(-1);
  const path: number[] = [];
  const importNode = (node: number): number => {
    path.length = 0;
    let at = node;
    while (at !== -1 && nodeAt[at] === -1) {
      path.push(at);
      at = parent[at] as number;
    }
    let up = at === -1 ? -1 : (nodeAt[at] as number);
    for (let i = path.length - 1; i >= 0; i -= 1) {
      const from = path[i] as number;
      up = matcher.nodes.add(up, stage[from] as number, importEvent(event[from] as number));
      nodeAt[from] = up;
    }
    return up;
  };

  const runCount = reader.i32Array();
  const doneCount = reader.i32Array();
  const run = { state: reader.i32Array(), node: reader.i32Array(), start: reader.f64Array(), startTime: reader.f64Array() };
  const match = {
    node: reader.i32Array(), start: reader.f64Array(), startTime: reader.f64Array(), time: reader.f64Array(),
    position: reader.f64Array(), split: reader.i32Array(), byTime: reader.i32Array(),
  };
  let r = 0;
  let d = 0;
  slots.forEach((slot, key) => {
    const runEnd = r + (runCount[key] as number);
    const doneEnd = d + (doneCount[key] as number);
    if (slot === -1) {
      r = runEnd;
      d = doneEnd;
      return;
    }
    for (; r < runEnd; r += 1) {
      const node = importNode(run.node[r] as number);
      matcher.nodes.retain(node);
      matcher.restoreRun(slot, matcher.nodes.firstEvent(node), run.state[r] as number, node, run.start[r] as number, run.startTime[r] as number);
    }
    for (; d < doneEnd; d += 1) {
      const node = importNode(match.node[d] as number);
      matcher.nodes.retain(node);
      const { completed } = matcher;
      const at = completed.add(node, match.start[d] as number, match.startTime[d] as number);
      completed.time[at] = match.time[d] as number;
      completed.position[at] = match.position[d] as number;
      completed.split[at] = match.split[d] as number;
      completed.byTime[at] = match.byTime[d] as number;
      matcher.appendDone(slot, at);
    }
  });
  if (hasLists) readLists(reader, slots, matcher, importEvent, target.patternId);
  // What was made here was held until everything that refers to it stood.
  for (const node of nodeAt) if (node !== -1) matcher.nodes.release(node);
  events.nextOrdinal = nextOrdinal;

  const timerTime = reader.f64Array();
  const timerKey = reader.i32Array();
  timerTime.forEach((time, i) => {
    const slot = slots[timerKey[i] as number] as number;
    if (slot !== -1) timers.push({ time, slot });
  });
  // Where runs ended lazily no timers were set: they follow from the runs.
  const { windowMs } = matcher;
  if (timerTime.length === 0 && windowMs > 0) {
    let began = 0;
    slots.forEach((slot, key) => {
      const end = began + (runCount[key] as number);
      for (; began < end; began += 1) {
        const time = run.startTime[began] as number;
        if (slot !== -1 && time > 0) timers.push({ time: time + windowMs, slot });
      }
    });
  }

  const waiting = readRows(reader, schema);
  invariant(reader.remaining === 0, 'an image is read to its end');
  holdAgain(waiting, target, owns);
}

/** Puts restored rows back into the queue, split by split. */
function holdAgain(waiting: ImageRows, target: RestoreTarget, owns: (hash: number) => boolean): void {
  const bySplit = new Map<number, number[]>();
  for (let row = 0; row < waiting.length; row += 1) {
    if (!owns(keyHash(waiting, row, target.keyFields))) continue;
    const split = waiting.split[row] as number;
    const rows = bySplit.get(split);
    if (rows === undefined) bySplit.set(split, [row]);
    else rows.push(row);
  }
  for (const [split, rows] of bySplit) target.hold(waiting.batch(split), rows);
}

// --- columns

/** Rows read from an image. */
class ImageRows implements ColumnSet {
  readonly schema: EventSchema;
  readonly columns: readonly Column[];
  readonly time: Float64Array;
  readonly position: Float64Array;
  readonly split: Int32Array;
  readonly ordinal: Float64Array;
  readonly length: number;

  constructor(schema: EventSchema, columns: readonly Column[], time: Float64Array, position: Float64Array, split: Int32Array, ordinal: Float64Array) {
    this.schema = schema;
    this.columns = columns;
    this.time = time;
    this.position = position;
    this.split = split;
    this.ordinal = ordinal;
    this.length = time.length;
  }

  /** The same rows as a batch; `split` is that of the rows that the caller looks at. */
  batch(split: number): EventBatch {
    const batch = new EventBatch(this.schema, this.length);
    batch.time.set(this.time);
    batch.position.set(this.position);
    batch.columns.forEach((to, field) => {
      const from = this.columns[field] as Column;
      to.present.set(from.present);
      if (to.kind === 'string' && from.kind === 'string') {
        to.codes.set(from.codes);
        to.dictionary = from.dictionary;
      } else if (to.kind !== 'string' && from.kind !== 'string') to.values.set(from.values);
    });
    batch.length = this.length;
    batch.split = split;
    return batch;
  }
}

/** All rows of a store in which every row lives, but for row 0. */
function writeRows(writer: ByteWriter, rows: RetainedEvents, fields: readonly number[]): void {
  const length = rows.length;
  const each = (value: (row: number) => number): number[] => Array.from({ length: length - 1 }, (_, i) => value(i + 1));
  writer.array(Float64Array.from(each((row) => rows.timeOf(row))));
  writer.array(Float64Array.from(each((row) => rows.positionOf(row))));
  writer.array(Int32Array.from(each((row) => rows.splitOf(row))));
  writer.array(Float64Array.from(each((row) => rows.ordinalOf(row))));
  writer.array(Int32Array.from(fields));
  for (const field of fields) {
    const column = rows.columns[field] as Column;
    writer.array(column.present.subarray(1, length));
    if (column.kind === 'string') {
      writer.array(column.codes.subarray(1, length));
      column.dictionary.write(writer);
    } else writer.array(column.values.subarray(1, length));
  }
}

/** What writeRows writes of a store without rows. A thousand patterns may have none. */
function writeNoRows(writer: ByteWriter, schema: EventSchema, fields: readonly number[]): void {
  writer.array(NO_NUMBERS);
  writer.array(NO_NUMBERS);
  writer.array(NO_CODES);
  writer.array(NO_NUMBERS);
  writer.array(Int32Array.from(fields));
  for (const field of fields) {
    const type = schema.fields[field]?.type;
    writer.array(NO_FLAGS);
    if (type === 'string') {
      writer.array(NO_CODES);
      NO_TEXTS.write(writer);
    } else writer.array(type === 'bool' ? NO_FLAGS : NO_NUMBERS);
  }
}

const NO_NUMBERS = new Float64Array(0);
const NO_CODES = new Int32Array(0);
const NO_FLAGS = new Uint8Array(0);
const NO_TEXTS = new Dictionary();

function readRows(reader: ByteReader, schema: EventSchema): ImageRows {
  const time = reader.f64Array();
  const position = reader.f64Array();
  const split = reader.i32Array();
  const ordinal = reader.f64Array();
  const { columns } = new EventBatch(schema, time.length);
  for (const field of reader.i32Array()) {
    const column = columns[field] as Column;
    column.present = reader.u8Array();
    if (column.kind === 'string') {
      column.codes = reader.i32Array();
      column.dictionary = Dictionary.read(reader);
    } else if (column.kind === 'bool') column.values = reader.u8Array();
    else column.values = reader.f64Array();
  }
  return new ImageRows(schema, columns, time, position, split, ordinal);
}

const ABSENT = 0;
const TEXT = 1;
const NUMBER = 2;
const BOOL = 3;

function writeKeys(writer: ByteWriter, slots: Int32Array, keys: KeyTable): void {
  writer.u32(slots.length);
  for (const slot of slots) {
    const values = keys.values(slot);
    writer.u16(values.length);
    for (const value of values) {
      if (value === null) writer.u8(ABSENT);
      else if (typeof value === 'string') {
        writer.u8(TEXT);
        writer.text(value);
      } else if (typeof value === 'number') {
        writer.u8(NUMBER);
        writer.f64(value);
      } else {
        writer.u8(BOOL);
        writer.bool(value);
      }
    }
  }
}

function readKeys(reader: ByteReader): FieldValue[][] {
  return Array.from({ length: reader.u32() }, () =>
    Array.from({ length: reader.u16() }, (): FieldValue => {
      switch (reader.u8()) {
        case ABSENT: return null;
        case TEXT: return reader.text();
        case NUMBER: return reader.f64();
        default: return reader.bool();
      }
    }));
}
