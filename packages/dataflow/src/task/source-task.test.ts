import { ByteReader, ByteWriter, WATERMARK_MAX, checkpointId } from '@tidemark/core';
import { EventBatch, type EventSchema, appendObject } from '@tidemark/event';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutputChannel } from '../element/output-channel.ts';
import type { StreamElement } from '../element/stream-element.ts';
import type { TaskImage } from './checkpoint-barrier.ts';
import type { Rate } from './pace.ts';
import type { SinkWriter } from './sink-writer.ts';
import { SourceTask } from './source-task.ts';
import type { PollAnswer, SplitReader } from './split-reader.ts';

const SCHEMA: EventSchema = { fields: [{ name: 't', type: 'int' }], time: { field: 't', format: 'epoch-ms' } };

/** Records: a time, or null for a dead letter. Portions of any size. */
class ArrayReader implements SplitReader {
  next = 0;
  /** Where set, a poll answers when this is called. */
  stalled = false;
  release: () => void = () => {};
  readonly records: readonly (number | null)[];
  readonly portions: readonly number[];
  readonly split: number;
  onDeadLetter: (position: number) => void = () => {};
  #polls = 0;
  constructor(records: readonly (number | null)[], portions: readonly number[], split = 0) {
    this.split = split;
    this.records = records;
    this.portions = portions;
  }
  poll(batch: EventBatch): PollAnswer | Promise<PollAnswer> {
    if (this.stalled) return new Promise((resolve) => { this.release = () => { this.stalled = false; resolve(this.poll(batch) as PollAnswer); }; });
    batch.clear();
    batch.split = this.split;
    for (let left = 1 + (this.portions[this.#polls++ % this.portions.length] as number); left > 0 && this.next < this.records.length; left -= 1) {
      const position = this.next++;
      const time = this.records[position];
      if (time === null || time === undefined) this.onDeadLetter(position);
      else appendObject(batch, { t: time }, time, position);
    }
    return { ended: this.next >= this.records.length };
  }
  snapshot(): Uint8Array {
    const writer = new ByteWriter(8);
    writer.f64(this.next);
    return writer.finish();
  }
  restore(position: Uint8Array): void { this.next = new ByteReader(position).f64(); }
  progress(): { offset: number; end: number } { return { offset: this.next, end: this.records.length }; }
  close(): Promise<void> { return Promise.resolve(); }
}

class NoSink implements SinkWriter {
  write(): void {}
  preCommit(): ReturnType<SinkWriter['preCommit']> { return { state: new Uint8Array(), durable: Promise.resolve([]) }; }
  commit(): ReturnType<SinkWriter['commit']> { return Promise.resolve([]); }
  restore(): void {}
  close(): Promise<void> { return Promise.resolve(); }
}

interface Setup { readonly rate: Rate; readonly outOfOrdernessMs: number; readonly channels: number; readonly idlenessMs?: number; readonly processingTime?: boolean; readonly exchanges?: ConstructorParameters<typeof SourceTask>[4]['exchanges'] }

/** Runs a source over records; what arrives is told row by row and watermark by watermark, for each channel. */
class Harness {
  readonly out: string[][];
  readonly side: string[] = [];
  readonly images: TaskImage[] = [];
  readonly task: SourceTask;
  readonly outputs: OutputChannel[];
  ends = 0;
  now = 0;
  wall = 5_000;
  /** Times of the rows as they were sent. */
  readonly times: number[] = [];

  readonly readers: readonly ArrayReader[];

  /** Rows are told as "row position" where there is one split, as "row split:position" where there are several. */
  constructor(records: readonly (number | null)[] | readonly (readonly (number | null)[])[], portions: readonly number[], setup: Setup) {
    const several = Array.isArray(records[0]);
    const splits = several ? records as readonly (readonly (number | null)[])[] : [records as readonly (number | null)[]];
    this.out = Array.from({ length: setup.channels }, () => []);
    this.outputs = this.out.map((seen) => new OutputChannel(1, (element: StreamElement) => {
      if (element.kind === 'batch') for (const row of element.frame.subarray(1)) seen.push(several ? `row ${element.frame[0]}:${row}` : `row ${row}`);
      else if (element.kind === 'watermark') seen.push(`watermark ${element.timestamp}`);
      else seen.push(element.kind);
    }));
    this.readers = splits.map((list, split) => new ArrayReader(list, portions, split));
    const name = (split: number, position: number): string => (several ? `${split}:${position}` : `${position}`);
    this.task = new SourceTask(
      { splits: splits.map((_, split) => split), schema: SCHEMA, outOfOrdernessMs: setup.outOfOrdernessMs, rate: setup.rate, ignoreRate: false, idlenessMs: setup.idlenessMs ?? null, processingTime: setup.processingTime ?? false },
      this.readers, this.outputs, new NoSink(),
      {
        now: () => this.now,
        wallClock: () => this.wall + this.now,
        wake: (ms) => { if (setup.idlenessMs === undefined && setup.processingTime !== true) this.now += ms; },
        onFault: (error) => { throw error; },
        exchanges: setup.exchanges ?? [{ channels: setup.channels, route: (batch, row) => (batch.position[row] as number) % setup.channels }],
        encoders: this.out.map(() => ({ encode: (batch: EventBatch, rows: Int32Array, count: number) => {
          for (const row of rows.subarray(0, count)) this.times.push(batch.time[row] as number);
          return Uint8Array.from([batch.split, ...Array.from(rows.subarray(0, count), (row) => batch.position[row] as number)]);
        } })),
        onLate: (batch, row) => this.side.push(`late ${name(batch.split, batch.position[row] as number)}`),
        onDeadLetter: ({ split, position }) => this.side.push(`dead ${name(split, position)}`),
        onImage: (image) => this.images.push(image),
        onEnd: () => { this.ends += 1; },
      },
    );
    for (const reader of this.readers) reader.onDeadLetter = (position) => this.task.addDeadLetter({ split: reader.split, position, offset: 0, reason: 'malformed', field: null, detail: '', excerpt: '' });
  }

  /** Steps until the end or until `steps` are used up; credits come back when nothing else moves. */
  run(steps = 1_000): this {
    for (; steps > 0 && this.ends === 0; steps -= 1) if (!this.task.step()) for (const output of this.outputs) if (output.isFull) output.addCredit();
    return this;
  }
}

const setups: fc.Arbitrary<Setup> = fc.record({
  rate: fc.oneof(
    fc.constant<Rate>({ kind: 'unlimited' }), fc.constant<Rate>({ kind: 'per-second', events: 60, head: 2 }), fc.constant<Rate>({ kind: 'event-time', speed: 0.1 }),
  ),
  outOfOrdernessMs: fc.nat(6),
  channels: fc.integer({ min: 1, max: 3 }),
});
const recordLists = fc.array(fc.oneof({ weight: 9, arbitrary: fc.nat(60) }, { weight: 1, arbitrary: fc.constant(null) }), { maxLength: 50 });
const portionLists = fc.array(fc.nat(9), { minLength: 1, maxLength: 5 });

describe('SourceTask', () => {
  it('[SRC1][SRC3][SRC5] sends what the records say, however they are read and paced', () => {
    fc.assert(fc.property(recordLists, portionLists, setups, (records, portions, setup) => {
      const one = new Harness(records, [0], setup).run();
      const other = new Harness(records, portions, setup).run();
      expect(other.out).toEqual(one.out);
      expect([...other.side].sort()).toEqual([...one.side].sort());
      expect(one.ends).toBe(1);
      for (const seen of one.out) expect(seen.at(-1)).toBe(`watermark ${WATERMARK_MAX}`);

      let newest = Number.NEGATIVE_INFINITY;
      const late: string[] = [];
      records.forEach((time, position) => {
        if (time === null) return;
        if (time <= newest - setup.outOfOrdernessMs - 1) late.push(`late ${position}`);
        newest = Math.max(newest, time);
      });
      expect(one.side.filter((line) => line.startsWith('late'))).toEqual(late);
    }), { numRuns: 200 });
  });

  it('[SRC1][SRC2] restored from a barrier anywhere, sends exactly what followed the barrier', () => {
    fc.assert(fc.property(recordLists, portionLists, portionLists, setups, fc.nat(60), (records, portions, otherPortions, setup, steps) => {
      const whole = new Harness(records, portions, setup).run();
      const first = new Harness(records, portions, setup).run(steps);
      first.task.trigger({ kind: 'barrier', checkpointId: checkpointId(1), timestamp: 0, final: false });
      const image = first.images[0] as TaskImage;
      // Everything that was emitted before the barrier, also what still waits for credit, is before it.
      for (const output of first.outputs) while (output.isFull) output.addCredit();
      const second = new Harness(records, otherPortions, setup);
      second.task.restore(image.sections);
      second.run();
      const wanted = whole.out.map((seen) => seen.filter((line) => line !== `watermark ${WATERMARK_MAX}`));
      const got = first.out.map((seen, channel) => [...seen, ...(second.out[channel] as string[])].filter((line) => line !== 'barrier' && line !== `watermark ${WATERMARK_MAX}`));
      expect(got).toEqual(wanted);
      expect([...first.side, ...second.side].sort()).toEqual([...whole.side].sort());
      expect(second.ends).toBe(1);
      expect(image.inputPosition).toBe(first.task.position);
    }), { numRuns: 200 });
  });

  it('[SRC4] emits nothing while a channel is full, and barriers still enter in order', () => {
    const harness = new Harness([1, 2, 3, 4], [0], { rate: { kind: 'unlimited' }, outOfOrdernessMs: 0, channels: 1 });
    for (let steps = 0; steps < 20; steps += 1) harness.task.step();
    expect(harness.out).toEqual([['row 0']]);
    const before = harness.task.position;
    harness.task.trigger({ kind: 'barrier', checkpointId: checkpointId(1), timestamp: 0, final: false });
    expect(harness.images[0]?.inputPosition).toBe(before);
    harness.outputs[0]?.addCredit();
    expect(harness.out).toEqual([['row 0', 'row 1', 'barrier']]);
  });

  it('[SRC6] a row goes once into each exchange, by its own route, and into none where it has no key; watermarks go everywhere', () => {
    const position = (batch: EventBatch, row: number): number => batch.position[row] as number;
    const harness = new Harness([1, 2, 3], [2], {
      rate: { kind: 'unlimited' }, outOfOrdernessMs: 0, channels: 3,
      exchanges: [{ channels: 2, route: (batch, row) => position(batch, row) % 2 }, { channels: 1, route: (batch, row) => (position(batch, row) === 1 ? -1 : 0) }],
    }).run();
    const end = `watermark ${WATERMARK_MAX}`;
    expect(harness.out).toEqual([['row 0', 'row 2', end], ['row 1', end], ['row 0', 'row 2', end]]);
  });

  it('[SRC1][SRC2][SRC3][SRC7] several splits: each with its own lateness, merged as their records say, whatever the portions and wherever restored', () => {
    const splitLists = fc.array(recordLists, { minLength: 2, maxLength: 4 });
    fc.assert(fc.property(splitLists, portionLists, portionLists, setups, fc.nat(80), (splits, portions, otherPortions, setup, steps) => {
      const whole = new Harness(splits, portions, setup).run();
      expect(new Harness(splits, otherPortions, setup).run().out).toEqual(whole.out);
      expect(whole.ends).toBe(1);
      for (const seen of whole.out) expect(seen.filter((line) => line === `watermark ${WATERMARK_MAX}`)).toEqual([seen.at(-1)]);

      const late: string[] = [];
      splits.forEach((records, split) => {
        let newest = Number.NEGATIVE_INFINITY;
        records.forEach((time, position) => {
          if (time === null) return;
          if (time <= newest - setup.outOfOrdernessMs - 1) late.push(`late ${split}:${position}`);
          newest = Math.max(newest, time);
        });
      });
      expect(whole.side.filter((line) => line.startsWith('late')).sort()).toEqual(late.sort());
      for (const seen of whole.out) {
        let watermark = Number.NEGATIVE_INFINITY;
        for (const line of seen) {
          const [what, value] = line.split(' ') as [string, string];
          if (what === 'watermark') {
            expect(Number(value)).toBeGreaterThan(watermark);
            watermark = Number(value);
          } else {
            const [split, position] = value.split(':').map(Number) as [number, number];
            expect(splits[split]?.[position], 'no row behind the source\'s watermark').toBeGreaterThan(watermark);
          }
        }
      }

      const first = new Harness(splits, portions, setup).run(steps);
      first.task.trigger({ kind: 'barrier', checkpointId: checkpointId(1), timestamp: 0, final: false });
      for (const output of first.outputs) while (output.isFull) output.addCredit();
      const second = new Harness(splits, otherPortions, setup);
      second.task.restore((first.images[0] as TaskImage).sections);
      second.run();
      const plain = (seen: readonly string[]): string[] => seen.filter((line) => line !== 'barrier' && line !== `watermark ${WATERMARK_MAX}`);
      expect(first.out.map((seen, channel) => plain([...seen, ...(second.out[channel] as string[])]))).toEqual(whole.out.map(plain));
      expect([...first.side, ...second.side].sort()).toEqual([...whole.side].sort());
      expect(second.task.position).toBe(whole.task.position);
    }), { numRuns: 200 });
  });

  const paced = (records: readonly (readonly number[])[], idlenessMs: number): Harness =>
    new Harness(records, [0], { rate: { kind: 'event-time', speed: 1 }, outOfOrdernessMs: 0, channels: 1, idlenessMs });
  const until = (harness: Harness, now: number): readonly string[] => {
    for (; harness.now <= now; harness.now += 1) for (let step = 0; step < 20; step += 1) if (!harness.task.step()) for (const output of harness.outputs) if (output.isFull) output.addCredit();
    return harness.out[0] as string[];
  };

  it('[SRC8] a split that has nothing holds the watermark up until it is idle, and counts again with its next record', () => {
    const records = [[0, 100, 200, 300, 400, 900, 1_500], [0, 50, 950]];
    const watermark = (harness: Harness): number => harness.task.figures().watermark;
    const waiting = paced(records, 10_000);
    until(waiting, 450);
    expect(watermark(waiting)).toBe(49);
    const harness = paced(records, 250);
    until(harness, 290);
    expect(watermark(harness)).toBe(49);
    until(harness, 310);
    expect(watermark(harness)).toBe(299);
    until(harness, 960);
    expect(harness.side).toEqual([]);
    until(harness, 1_000);
    expect(watermark(harness)).toBe(899);
    expect(until(harness, 3_000).at(-1)).toBe(`watermark ${WATERMARK_MAX}`);
  });

  it('[SRC8] all idle: the channels are told, and told again; what comes back behind the watermark is late', async () => {
    const harness = new Harness([[10, 20, 30], [5, 15]], [9], { rate: { kind: 'unlimited' }, outOfOrdernessMs: 0, channels: 1, idlenessMs: 100 });
    const [first, second] = harness.readers as [ArrayReader, ArrayReader];
    second.stalled = true;
    until(harness, 99);
    expect(harness.out).toEqual([[]]);
    // the first goes on alone and ends: the other may come back, so that time does not end
    expect(until(harness, 150)).toEqual(['row 0:0', 'row 0:1', 'row 0:2', 'idle']);
    second.release();
    await Promise.resolve();
    await new Promise((resolve) => { setImmediate(resolve); });
    expect(until(harness, 200)).toEqual(['row 0:0', 'row 0:1', 'row 0:2', 'idle', 'active', 'row 1:0', 'row 1:1', `watermark ${WATERMARK_MAX}`]);
    expect(harness.side).toEqual([]);
    expect(first.next).toBe(3);

    // 40 records a second: a watermark after every other one
    const behind = new Harness([[10, 20, 30, 40, 1_000], [5, 15, 45]], [0], { rate: { kind: 'per-second', events: 40 }, outOfOrdernessMs: 0, channels: 1, idlenessMs: 100 });
    (behind.readers[1] as ArrayReader).stalled = true;
    until(behind, 190);
    expect(behind.task.figures()).toMatchObject({ watermark: 39 });
    (behind.readers[1] as ArrayReader).release();
    await new Promise((resolve) => { setImmediate(resolve); });
    until(behind, 1_000);
    expect(behind.side).toEqual(['late 1:0', 'late 1:1']);
    expect(behind.task.figures()).toMatchObject({ late: 2, eventsRead: 8 });
  });

  it('[SRC8] backpressure is no idleness', () => {
    const harness = new Harness([[10, 20, 30], [5, 15, 25]], [0], { rate: { kind: 'per-second', events: 20 }, outOfOrdernessMs: 0, channels: 1, idlenessMs: 100 });
    for (let step = 0; step < 20; step += 1) harness.task.step();
    harness.now = 100;
    for (let step = 0; step < 20; step += 1) harness.task.step(); // one batch has the credit, one waits
    expect(harness.outputs[0]?.isFull).toBe(true);
    harness.now = 5_000;
    harness.task.step();
    harness.outputs[0]?.addCredit();
    harness.task.step();
    expect(harness.out[0]).not.toContain('idle');
    expect(harness.task.figures().watermark).toBeLessThan(11);
  });

  it('[SRC9] by processing time rows have the time of the clock, their watermark follows, and the clock goes on without them', () => {
    const setup: Setup = { rate: { kind: 'per-second', events: 10 }, outOfOrdernessMs: 50, channels: 1, processingTime: true };
    const harness = new Harness([[900, 100, 500], [7, 3]], [0], setup);
    until(harness, 0);
    expect(harness.out[0]).toEqual(['watermark 5000', 'row 1:0', 'watermark 5001']);
    until(harness, 120);
    expect(harness.out[0]).toEqual(['watermark 5000', 'row 1:0', 'watermark 5001', 'watermark 5050', 'watermark 5100', 'row 1:1', 'watermark 5101']);
    harness.wall -= 60; // a clock that jumps back
    until(harness, 201);
    expect([...harness.side, ...harness.times]).toEqual([5_001, 5_101, 5_141]);

    harness.task.trigger({ kind: 'barrier', checkpointId: checkpointId(1), timestamp: 0, final: false });
    const second = new Harness([[900, 100, 500], [7, 3]], [9], setup);
    second.wall = 4_000; // another machine, whose clock is behind
    second.task.restore((harness.images[0] as TaskImage).sections);
    for (second.now = 0; second.ends === 0 && second.now < 900; second.now += 1) for (let step = 0; step < 5; step += 1) if (!second.task.step()) for (const output of second.outputs) if (output.isFull) output.addCredit();
    expect(second.ends).toBe(1);
    const restoredAt = second.times[0] as number;
    expect(second.times).toHaveLength(2);
    expect(restoredAt).toBeGreaterThan(harness.task.figures().watermark);
    expect(second.out[0]).not.toContain(`watermark ${WATERMARK_MAX}`);
    expect(second.side).toEqual([]);
  });

  it('a checkpoint that was aborted before its trigger makes no image and sends a cancel marker', () => {
    const harness = new Harness([1], [0], { rate: { kind: 'unlimited' }, outOfOrdernessMs: 0, channels: 2 });
    harness.task.abortCheckpoint(checkpointId(3));
    harness.task.trigger({ kind: 'barrier', checkpointId: checkpointId(3), timestamp: 0, final: false });
    expect(harness.images).toEqual([]);
    expect(harness.out).toEqual([['cancel-marker'], ['cancel-marker']]);
  });
});
