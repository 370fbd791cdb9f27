/** A target whose jobs do what a test says. It keeps the contract of JobHandle: facts in order, segments as files. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckpointRecord, CommittedSegment, JobEvent, JobFigures, JobHandle, JobSnapshot, JobState } from '@tidemark/cluster';
import { JobFault, type JobId, type WorkerId, checkpointId, jobId, workerId } from '@tidemark/core';
import { afterAll } from 'vitest';
import type { DeployRequest, DeployTarget } from '../../src/deploy/target.ts';

export const figures = (over: Partial<JobFigures> = {}): JobFigures => ({
  eventsRead: 0, watermark: null, newestEventTime: null, late: 0, deadLetters: 0, matches: 0, partialMatches: 0, keys: 0, progress: null, patterns: [], ...over,
});

export const line = (matchId: string, over: Record<string, unknown> = {}): string => JSON.stringify({
  matchId, pattern: 'p', kind: 'match', key: ['k'], start: 1_000, end: 2_000, text: `text of ${matchId}`,
  stages: { start: [{ ts: 1_000, name: 'start' }] }, positions: { start: ['0:7'] }, ...over,
});

export const checkpoint = (id: number, over: Partial<CheckpointRecord> = {}): CheckpointRecord => ({
  id: checkpointId(id), phase: 'completed', triggeredAt: 1, acknowledged: 2, expected: 2, durationMs: 5, bytes: 100, failure: null, final: false, inputPosition: id * 100, ...over,
});

const everything = mkdtempSync(join(tmpdir(), 'tidemark-fake-jobs-'));
afterAll(() => rmSync(everything, { recursive: true, force: true }));

export class FakeJob implements JobHandle {
  readonly id: JobId;
  readonly request: DeployRequest | null;
  readonly ended: Promise<JobState>;
  readonly killed: string[] = [];
  #end: (state: JobState) => void = () => {};
  #state: JobState = 'CREATED';
  readonly #segments: CommittedSegment[] = [];
  readonly #listeners = new Set<(event: JobEvent) => void>();
  readonly #folder = mkdtempSync(join(everything, 'job-'));

  constructor(id: JobId, request: DeployRequest | null, state: JobState = 'CREATED') {
    this.id = id;
    this.request = request;
    this.#state = state;
    this.ended = new Promise((end) => {
      this.#end = end;
    });
  }

  snapshot(): JobSnapshot {
    return { state: this.#state, since: 1, restarts: 0, cause: null, figures: null, checkpoints: [], workers: [], recoveries: [], segments: [...this.#segments] };
  }

  subscribe(listener: (event: JobEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  tell(event: JobEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  state(state: JobState): void {
    this.#state = state;
    this.tell({ kind: 'state', state, at: 5, restarts: 0, cause: null });
    if (state === 'FINISHED' || state === 'CANCELED' || state === 'FAILED') this.#end(state);
  }

  /** Writes a segment and, unless `silent` (found at the next start), tells of it. */
  commit(checkpoint: number, lines: readonly string[], silent = false): string {
    const path = join(this.#folder, `${this.#segments.length}.ndjson`);
    writeFileSync(path, lines.map((text) => `${text}\n`).join(''));
    const segment: CommittedSegment = { checkpointId: checkpointId(checkpoint), path, lines: lines.length, subtask: 'match/0' };
    this.#segments.push(segment);
    if (!silent) this.tell({ kind: 'committed', checkpointId: segment.checkpointId, path, lines: lines.length, subtask: 'match/0' });
    return path;
  }

  async cancel(): Promise<void> {
    this.state('CANCELED');
  }

  killWorker(id: WorkerId): { pid: number } {
    if (id !== workerId('w1')) throw new JobFault(`There is no running worker ${id}.`, { domain: 'user', retry: 'no-retry', code: 'no-such-worker', operatorId: null, remedy: null });
    this.killed.push(id);
    return { pid: 4711 };
  }
}

export class FakeTarget implements DeployTarget {
  readonly kind = 'embedded';
  readonly jobs = new Map<string, FakeJob>();
  readonly removed: string[] = [];
  /** What submit() throws next. */
  fault: JobFault | null = null;
  closed = false;

  /** A job of an earlier life. */
  earlier(id: string, state: JobState): FakeJob {
    const job = new FakeJob(jobId(id), null, state);
    this.jobs.set(id, job);
    return job;
  }

  async recover(): Promise<readonly JobHandle[]> {
    return [...this.jobs.values()];
  }

  async submit(request: DeployRequest): Promise<JobHandle> {
    const { fault } = this;
    this.fault = null;
    if (fault !== null) throw fault;
    const job = new FakeJob(request.jobId, request);
    this.jobs.set(request.jobId, job);
    return job;
  }

  async remove(id: JobId): Promise<void> {
    this.removed.push(id);
    this.jobs.delete(id);
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  only(): FakeJob {
    const [job] = this.jobs.values();
    if (job === undefined || this.jobs.size !== 1) throw new Error(`${this.jobs.size} jobs`);
    return job;
  }
}
