import { type Attempt, type Clock, attempt, epoch, eventTime, jobId, workerId } from '@tidemark/core';
import { createSha256 } from '@tidemark/state';
import { MemoryFileSystem } from '@tidemark/testkit';
import { EventBatch, appendObject } from '@tidemark/event';
import type { StreamElement } from '@tidemark/dataflow';
import { describe, expect, it } from 'vitest';
import { countingDocument, countingJob, wireCountingJob } from '../../simulator/src/counting-job.ts';
import { CheckpointStorage } from './checkpoint-storage.ts';
import { type Deployment, type FromWorker, type ToWorker, decodeFromWorker, encodeMessage } from './control-message.ts';
import { type DataFrame, encodeDataFrame } from './data-frame.ts';
import type { Link } from './environment.ts';
import type { JobWiring } from './job-wiring.ts';
import { TaskManager } from './task-manager.ts';

const JOB = '/job';
const JOB_SPEC = { jobId: jobId('job'), document: countingDocument(countingJob({ splits: 1, parallelism: 1 })), sourcePath: null, baseTime: 0, ignoreRate: false, outputPath: null };

/** The far end of a link: what it sends arrives at once. */
class FarEnd {
  closed = false;
  #handlers: Parameters<Link['open']>[0] | null = null;
  readonly near: Link = { open: (handlers) => { this.#handlers = handlers; }, send: () => {}, close: () => { this.closed = true; } };
  send(frame: Uint8Array): void { this.#handlers?.onFrame(frame); }
}

/** A worker that has the matcher alone; its source is on another one, which is the test. */
class Worker {
  readonly said: FromWorker[] = [];
  readonly rows: number[] = [];
  readonly #control = new FarEnd();
  #onLink: (link: Link) => void = () => {};
  #deferred: (() => void)[] = [];

  async start(): Promise<void> {
    const files = new MemoryFileSystem();
    files.directories.add(JOB);
    await new CheckpointStorage(files, createSha256, JOB).prepare();
    const clock: Clock = { now: () => 0, monotonic: () => 0, schedule: () => () => {} };
    const near = this.#control.near;
    await new TaskManager({
      workerId: workerId('w2'), clock, files, createSha256, wire: () => this.#wiring(), defer: (callback) => { this.#deferred.push(callback); }, stepsPerTurn: 8,
      control: { open: near.open, close: near.close, send: (frame) => { this.said.push(decodeFromWorker(frame)); } },
      network: { listen: (onLink) => { this.#onLink = onLink; return Promise.resolve('here'); }, connect: () => new FarEnd().near },
      usage: () => ({ memoryBytes: null, cpuShare: null }), exit: () => {},
    }).start();
  }

  #wiring(): JobWiring {
    const wiring = wireCountingJob(JOB_SPEC);
    return {
      ...wiring,
      exchanges: wiring.exchanges.map((exchange) => ({
        ...exchange,
        createOperator: (write) => {
          const operator = exchange.createOperator(write);
          return {
            processBatch: (batch, watermark) => {
              for (let row = 0; row < batch.length; row += 1) this.rows.push(batch.position[row] as number);
              operator.processBatch(batch, watermark);
            },
            processWatermark: (watermark) => operator.processWatermark(watermark),
            snapshot: () => operator.snapshot(), restore: (images, keyGroups) => operator.restore(images, keyGroups), stageFigures: () => operator.stageFigures(),
          };
        },
      })),
    };
  }

  async tell(message: ToWorker): Promise<void> {
    this.#control.send(encodeMessage(message));
    await this.settle();
  }

  async deploy(now: Attempt): Promise<void> {
    const deployment: Deployment = {
      epoch: epoch(1), attempt: now, spec: JOB_SPEC, jobDirectory: JOB, placement: { 'source/0': 'w1', 'match/0': 'w2' }, addresses: { w1: 'there', w2: 'here' },
      restore: null, figuresIntervalMs: 0,
    };
    await this.tell({ kind: 'deploy', deployment });
    expect(this.said.at(-1)).toEqual({ kind: 'deployed', attempt: now });
    await this.tell({ kind: 'start', attempt: now });
  }

  async settle(): Promise<void> {
    for (let turns = 0; turns < 100; turns += 1) {
      await Promise.resolve();
      for (const callback of this.#deferred.splice(0)) callback();
    }
  }

  connect(): FarEnd {
    const far = new FarEnd();
    this.#onLink(far.near);
    return far;
  }
}

const send = (link: FarEnd, frame: DataFrame): void => link.send(encodeDataFrame(frame));
const element = (what: StreamElement): DataFrame => ({ kind: 'element', channel: 0, element: what });

function batchOf(position: number): StreamElement {
  const wiring = wireCountingJob(JOB_SPEC);
  const batch = new EventBatch(wiring.schema, 1);
  appendObject(batch, { time: 1_000, key: 'k1', value: 1 }, 1_000, position);
  return { kind: 'batch', frame: wiring.createEncoder().encode(batch, Int32Array.of(0), 1) };
}

describe('TaskManager', () => {
  it('[WK4] a data link serves the attempt that it names: frames of a stale one are refused, and nobody listens to it', async () => {
    const worker = new Worker();
    await worker.start();
    await worker.deploy(attempt(1));
    const old = worker.connect();
    send(old, { kind: 'hello', attempt: attempt(1) });
    send(old, element(batchOf(1)));
    send(old, element({ kind: 'watermark', timestamp: eventTime(900) }));
    await worker.settle();
    expect(worker.rows).toEqual([1]);
    await worker.tell({ kind: 'cancel', nonce: 1 });
    await worker.deploy(attempt(2));

    // A sender that was cancelled, and has not noticed yet: on the link it has, and on a new one.
    const stale = worker.connect();
    send(stale, { kind: 'hello', attempt: attempt(1) });
    for (const link of [old, stale]) {
      send(link, element(batchOf(2)));
      send(link, element({ kind: 'watermark', timestamp: eventTime(2_000) }));
    }
    // One that has not even said who it is.
    const mute = worker.connect();
    send(mute, element(batchOf(3)));
    send(mute, element({ kind: 'watermark', timestamp: eventTime(2_000) }));
    await worker.settle();
    expect(worker.rows).toEqual([1]);
    expect(stale.closed).toBe(true);

    const fresh = worker.connect();
    send(fresh, { kind: 'hello', attempt: attempt(2) });
    send(fresh, element(batchOf(4)));
    send(fresh, element({ kind: 'watermark', timestamp: eventTime(900) }));
    await worker.settle();
    expect(worker.rows).toEqual([1, 4]);
    expect(fresh.closed).toBe(false);
    expect(worker.said.filter(({ kind }) => kind === 'failed')).toEqual([]);
  });
});
