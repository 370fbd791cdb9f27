import { type EventTime, checkpointId, eventTime } from '@tidemark/core';
import { EventBatch, type EventSchema, appendObject } from '@tidemark/event';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StreamElement } from '../element/stream-element.ts';
import type { KeyedOperator } from '../keyed-operator.ts';
import type { TaskImage } from './checkpoint-barrier.ts';
import { OperatorTask } from './operator-task.ts';
import type { SinkWriter } from './sink-writer.ts';

const SCHEMA: EventSchema = { fields: [{ name: 't', type: 'int' }], time: { field: 't', format: 'epoch-ms' } };

/** Remembers what it was given. */
class Recorder implements KeyedOperator {
  seen: string[] = [];
  /** Call by call. */
  calls: string[] = [];
  processBatch(batch: EventBatch, watermark?: EventTime): void {
    this.calls.push(`row ${batch.position[0]}${watermark === undefined ? '' : ` with ${watermark}`}`);
    for (let row = 0; row < batch.length; row += 1) this.seen.push(`row ${batch.position[row]}`);
    if (watermark !== undefined) this.seen.push(`watermark ${watermark}`);
  }
  processWatermark(watermark: EventTime): void {
    this.calls.push(`watermark ${watermark}`);
    this.seen.push(`watermark ${watermark}`);
  }
  snapshot(): Uint8Array { return new TextEncoder().encode(JSON.stringify(this.seen)); }
  restore(images: readonly Uint8Array[]): void { for (const image of images) this.seen.push(...JSON.parse(new TextDecoder().decode(image)) as string[]); }
  stageFigures(): readonly [] { return []; }
}
class NoSink implements SinkWriter {
  write(): void {}
  preCommit(): ReturnType<SinkWriter['preCommit']> { return { state: new Uint8Array(), durable: Promise.resolve([]) }; }
  commit(): ReturnType<SinkWriter['commit']> { return Promise.resolve([]); }
  restore(): void {}
  close(): Promise<void> { return Promise.resolve(); }
}

function harness(channels: number): { task: OperatorTask; operator: Recorder; images: TaskImage[]; aborted: number[]; credits: number[] } {
  const operator = new Recorder();
  const images: TaskImage[] = [];
  const aborted: number[] = [];
  const credits: number[] = [];
  const decoder = {
    decode: ([position]: Uint8Array) => {
      const batch = new EventBatch(SCHEMA, 1);
      appendObject(batch, { t: 0 }, 0, position as number);
      return batch;
    },
  };
  const task = new OperatorTask({ count: channels, credits: 100 }, operator, new NoSink(), {
    returnCredit: (channel) => credits.push(channel), decoders: Array.from({ length: channels }, () => decoder),
    onImage: (image) => images.push(image), onAlignmentAborted: (id) => aborted.push(id),
  });
  return { task, operator, images, aborted, credits };
}
const row = (position: number): StreamElement => ({ kind: 'batch', frame: new Uint8Array([position]) });
const barrier = (id: number): StreamElement => ({ kind: 'barrier', checkpointId: checkpointId(id), timestamp: 0, final: false });
const watermark = (timestamp: number): StreamElement => ({ kind: 'watermark', timestamp: eventTime(timestamp) });
const drain = (task: OperatorTask): void => { while (task.step()); };
const imageRows = (image: TaskImage | undefined): string[] => JSON.parse(new TextDecoder().decode(image?.sections.get('operator'))) as string[];

describe('OperatorTask', () => {
  it('[OT1] its image holds exactly the rows before the barrier on every channel, in any order of arrival', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 3 }), fc.array(fc.nat(), { minLength: 30, maxLength: 30 }), (channels, picks) => {
      const { task, images } = harness(channels);
      const queues = Array.from({ length: channels }, (_, channel) => [row(channel * 10), row(channel * 10 + 1), barrier(1), row(channel * 10 + 2)]);
      for (const pick of picks) {
        const channel = pick % channels;
        const element = queues[channel]?.shift();
        if (element) task.receive(channel, element);
        if (pick % 3 !== 0) task.step();
      }
      queues.forEach((queue, channel) => { for (const element of queue) task.receive(channel, element); });
      drain(task);
      expect(images).toHaveLength(1);
      expect(imageRows(images[0]).sort()).toEqual(Array.from({ length: channels }, (_, channel) => [`row ${channel * 10}`, `row ${channel * 10 + 1}`]).flat().sort());
    }), { numRuns: 100 });
  });

  it('[OT2][OT4] watermarks reach the operator when the minimum rises, and are restored before the first row', () => {
    const { task, operator, images } = harness(2);
    task.receive(0, watermark(10));
    task.receive(1, watermark(4));
    task.receive(0, barrier(1));
    task.receive(1, barrier(1));
    drain(task);
    expect(operator.seen).toEqual(['watermark 4']);

    const restored = harness(2);
    restored.task.restore([(images[0] as TaskImage).sections], { start: 0, end: 1 });
    expect(restored.task.watermark).toBe(4);
    restored.task.receive(1, watermark(7));
    drain(restored.task);
    expect(restored.operator.seen).toEqual(['watermark 4', 'watermark 7']);
  });

  it('[OT4][OT5] with one channel a watermark behind its batch comes in the same call', () => {
    const { task, operator } = harness(1);
    for (const element of [row(1), watermark(5), watermark(6), row(2), barrier(1)]) task.receive(0, element);
    expect(task.step()).toBe(true);
    expect(operator.calls).toEqual(['row 1 with 5']);
    drain(task);
    expect(operator.calls).toEqual(['row 1 with 5', 'watermark 6', 'row 2']);
  });

  it('[OT4][OT5] a batch that comes before its watermark waits for it', () => {
    const { task, operator } = harness(1);
    task.receive(0, row(1));
    expect(task.step()).toBe(false);
    task.receive(0, watermark(5));
    drain(task);
    expect(operator.calls).toEqual(['row 1 with 5']);
  });

  it('[OT4][OT5] with several channels the minimum decides whether a watermark comes with its batch', () => {
    const { task, operator } = harness(2);
    for (const element of [row(1), watermark(5), row(2), watermark(9)]) task.receive(0, element);
    for (const element of [row(11), watermark(7), row(12), watermark(8)]) task.receive(1, element);
    drain(task);
    // 5 of channel 0 waits for channel 1; its 7 raises the minimum to 5, then 9 to 7, then 8 to 8.
    expect(operator.calls).toEqual(['row 1', 'row 11 with 5', 'row 2 with 7', 'row 12 with 8']);
  });

  it('[OT3] R5: a checkpoint aborted before its barrier came makes no image', () => {
    const { task, images } = harness(2);
    task.abortCheckpoint(checkpointId(1));
    task.receive(0, barrier(1));
    task.receive(1, barrier(1));
    drain(task);
    expect(images).toEqual([]);
    task.receive(0, barrier(2));
    task.receive(1, barrier(2));
    drain(task);
    expect(images.map((image) => image.checkpointId)).toEqual([2]);
  });

  it('[OT1] R4: a newer barrier declines the older checkpoint', () => {
    const { task, images, aborted } = harness(2);
    task.receive(0, barrier(1));
    task.receive(1, barrier(2));
    task.receive(0, barrier(2));
    drain(task);
    expect(aborted).toEqual([1]);
    expect(images.map((image) => image.checkpointId)).toEqual([2]);
  });

  it('an ended channel counts as aligned; ended on all channels is the end', () => {
    const { task, images } = harness(2);
    task.receive(0, barrier(1));
    task.receive(1, { kind: 'end-of-input' });
    drain(task);
    expect(images).toHaveLength(1);
    expect(task.ended).toBe(false);
    task.receive(0, { kind: 'end-of-input' });
    drain(task);
    expect(task.ended).toBe(true);
  });
});
