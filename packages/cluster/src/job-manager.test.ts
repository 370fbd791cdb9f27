import { type Clock, attempt, checkpointId, epoch, jobId } from '@tidemark/core';
import { createSha256 } from '@tidemark/state';
import { MemoryFileSystem } from '@tidemark/testkit';
import { describe, expect, it } from 'vitest';
import { countingDocument, countingJob, wireCountingJob } from '../../simulator/src/counting-job.ts';
import { CheckpointStorage } from './checkpoint-storage.ts';
import { type FromWorker, type ToWorker, decodeToWorker, encodeMessage } from './control-message.ts';
import type { Link, WorkerProcess } from './environment.ts';
import type { JobEvent, JobState } from './job-handle.ts';
import { JobManager } from './job-manager.ts';

const JOB = '/job';

/** A job manager whose only worker says what the test lets it say, in the turn in which it is asked. */
class Stage {
  readonly files = new MemoryFileSystem();
  readonly states: JobState[] = [];
  readonly asked: ToWorker[] = [];
  readonly manager: JobManager;
  script: (message: ToWorker, say: (answer: FromWorker) => void) => void = () => {};
  readonly spawned: WorkerProcess[] = [];
  #timers: (() => void)[] = [];

  constructor() {
    this.files.directories.add(JOB);
    const clock: Clock = {
      now: () => 0, monotonic: () => 0,
      schedule: (ms, callback) => {
        // Only what is due soon: restarts, not time-outs and checkpoints.
        if (ms <= 50) this.#timers.push(callback);
        return () => { this.#timers = this.#timers.filter((timer) => timer !== callback); };
      },
    };
    this.manager = new JobManager({
      clock, files: this.files, createSha256, wire: wireCountingJob, unique: () => 'fence', report: () => {},
      workers: { spawn: () => this.#spawn(), fence: () => Promise.resolve() },
    }, { workers: 1, figuresIntervalMs: 0, tolerableFailedCheckpoints: 0 }, {
      jobId: jobId('job'), document: countingDocument(countingJob({ intervalMs: 1_000 })), sourcePath: null, baseTime: 0, ignoreRate: false, outputPath: null,
    }, JOB, { workersChanged: () => Promise.resolve(), ended: () => Promise.resolve() });
    this.manager.subscribe((event: JobEvent) => { if (event.kind === 'state') this.states.push(event.state); });
  }

  /** Lets everything happen that needs no more than promises and short timers. */
  async settle(): Promise<void> {
    for (let turns = 0; turns < 400; turns += 1) {
      await Promise.resolve();
      for (const timer of this.#timers.splice(0)) timer();
    }
  }

  #spawn(): WorkerProcess {
    const worker = this.#worker();
    this.spawned.push(worker);
    return worker;
  }

  #worker(): WorkerProcess {
    let onFrame: (frame: Uint8Array) => void = () => {};
    let onClose = (): void => {};
    const say = (answer: FromWorker): void => onFrame(encodeMessage(answer));
    const control: Link = {
      open: (handlers) => {
        ({ onFrame, onClose } = handlers);
        queueMicrotask(() => say({ kind: 'hello', address: 'here' }));
      },
      send: (frame) => {
        const message = decodeToWorker(frame);
        this.asked.push(message);
        queueMicrotask(() => this.script(message, say));
      },
      close: () => {},
    };
    return { pid: 1, control, kill: () => queueMicrotask(() => onClose()) };
  }
}

const fault = { message: 'broken', domain: 'external', retry: 'with-backoff', code: 'broken', operatorId: null, remedy: null } as const;

describe('JobManager', () => {
  it('[JM2] an answer and a failure in one turn: the launch failed', async () => {
    const stage = new Stage();
    let failed = false;
    stage.script = (message, say) => {
      if (message.kind === 'deploy') say({ kind: 'deployed', attempt: message.deployment.attempt });
      if (message.kind === 'cancel') say({ kind: 'cancelled', nonce: message.nonce });
      if (message.kind !== 'start') return;
      say({ kind: 'started', attempt: message.attempt });
      if (failed) return;
      failed = true;
      say({ kind: 'failed', attempt: message.attempt, task: 'match/0', fault });
    };
    stage.manager.start(false);
    await stage.settle();
    expect(stage.states).toEqual(['INITIALIZING', 'RESTARTING', 'RUNNING']);
    expect(stage.asked.map((message) => message.kind)).toEqual(['deploy', 'start', 'cancel', 'deploy', 'start']);
  });

  it('[JM2] R21: a launch that failed while it waits for the disk is waited for, before the next one touches anything', async () => {
    const stage = new Stage();
    const { files } = stage;
    stage.script = (message, say) => {
      if (message.kind === 'deploy') say({ kind: 'deployed', attempt: message.deployment.attempt });
      if (message.kind === 'start') say({ kind: 'started', attempt: message.attempt });
    };
    // The disk takes its time over the first look at the segments after the worker was started.
    const list = files.list.bind(files);
    let release: (() => void) | null = null;
    files.list = (path) => {
      if (release !== null || stage.spawned.length === 0 || !path.endsWith('/segments')) return list(path);
      return new Promise((resolve) => { release = () => resolve(list(path)); });
    };
    stage.manager.start(false);
    await stage.settle();
    expect(release).not.toBeNull();
    const before = files.calls.length;
    stage.spawned[0]?.kill();
    await stage.settle();
    expect(stage.states).toEqual(['INITIALIZING', 'RESTARTING']);
    expect({ calls: files.calls.slice(before), spawned: stage.spawned.length, asked: stage.asked }).toEqual({ calls: [], spawned: 1, asked: [] });
    (release as unknown as () => void)();
    await stage.settle();
    expect(stage.states).toEqual(['INITIALIZING', 'RESTARTING', 'RUNNING']);
    expect(stage.spawned).toHaveLength(2);
    expect(stage.asked.map((message) => [message.kind, message.kind === 'deploy' ? message.deployment.attempt : null])).toEqual([['deploy', 2], ['start', null]]);
  });

  it('[JM1] nothing is deployed before the earlier tasks answered the cancel', async () => {
    const stage = new Stage();
    let answer = (): void => {};
    stage.script = (message, say) => {
      if (message.kind === 'deploy') say({ kind: 'deployed', attempt: message.deployment.attempt });
      if (message.kind === 'start') say({ kind: 'started', attempt: message.attempt });
      if (message.kind === 'cancel') answer = () => say({ kind: 'cancelled', nonce: message.nonce });
      if (message.kind === 'start' && message.attempt === 1) say({ kind: 'failed', attempt: message.attempt, task: 'match/0', fault });
    };
    stage.manager.start(false);
    await stage.settle();
    expect(stage.asked.map((message) => message.kind)).toEqual(['deploy', 'start', 'cancel']);
    answer();
    await stage.settle();
    expect(stage.asked.map((message) => message.kind)).toEqual(['deploy', 'start', 'cancel', 'deploy', 'start']);
  });

  it('[JM3] R6: a checkpoint that can be seen but could still vanish is made to stay before its output is committed', async () => {
    const stage = new Stage();
    const { files } = stage;
    const storage = new CheckpointStorage(files, createSha256, JOB);
    await storage.prepare();
    await storage.begin(checkpointId(1));
    const header = { jobId: 'job', checkpointId: checkpointId(1), uid: 'source', subtask: 0, epoch: epoch(1), attempt: attempt(1), stateHash: 'counting' };
    const state = await storage.writeState(header, new Map());
    const line = new TextEncoder().encode('{"matchId":"a"}\n');
    const hash = createSha256();
    hash.update(line);
    files.files.set(`${JOB}/segments/source-0.e1a1.0.pending`, { bytes: line, synced: true });
    const segment = { checkpointId: checkpointId(1), name: 'cp00000001.source-0.e1a1.ndjson', pending: 'source-0.e1a1.0.pending', lines: 1, bytes: line.length, sha256: Buffer.from(hash.digest()).toString('hex') };
    await storage.complete({
      jobId: 'job', checkpointId: checkpointId(1), epoch: epoch(1), attempt: attempt(1), triggeredAt: 0, final: false, stateHash: 'counting',
      tasks: [{ task: 'source/0', state, output: [segment], inputPosition: 0 }],
    });
    files.durableNames.clear(); // killed between rename and fsync
    let committedUnder: boolean | null = null;
    files.fault = (call) => {
      if (call.startsWith(`rename ${JOB}/segments/`)) committedUnder ??= files.isDurable(`${JOB}/checkpoints/chk-1/_metadata`);
      return null;
    };
    stage.manager.start(true);
    await stage.settle();
    expect(committedUnder).toBe(true);
    expect(stage.manager.snapshot().segments).toMatchObject([{ checkpointId: 1, lines: 1, subtask: 'source/0' }]);
    expect(stage.asked[0]).toMatchObject({ kind: 'deploy', deployment: { epoch: 2, restore: { checkpointId: 1 } } });
  });

  it('[JM5] a fault that no retry can heal fails the job, with its cause', async () => {
    const stage = new Stage();
    stage.script = (message, say) => {
      if (message.kind === 'deploy') say({ kind: 'failed', attempt: message.deployment.attempt, task: 'match/0', fault: { ...fault, retry: 'no-retry', domain: 'user' } });
    };
    stage.manager.start(false);
    await stage.settle();
    expect(stage.manager.snapshot()).toMatchObject({ restarts: 0, cause: { code: 'broken', domain: 'user' }, state: 'FAILED' });
    expect(await stage.manager.ended).toBe('FAILED');
    expect(stage.asked.map((message) => message.kind)).toEqual(['deploy']);
  });
});
