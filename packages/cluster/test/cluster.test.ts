import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { jobId, workerId } from '@tidemark/core';
import { Cluster, type JobEvent, type JobHandle, nodeEnvironment } from '@tidemark/cluster';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CountingJob, countingDocument, countingJob, wireCountingJob } from '../../simulator/src/counting-job.ts';

const workerEntry = fileURLToPath(new URL('../../simulator/src/counting-worker.ts', import.meta.url));

let dataDir: string;
let clusters: Cluster[];
let reports: string[];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tidemark-test-'));
  clusters = [];
  reports = [];
});
afterEach(async () => {
  for (const cluster of clusters) await cluster.close();
  await rm(dataDir, { recursive: true, force: true });
});

function open(): Cluster {
  const cluster = new Cluster(nodeEnvironment({ wire: wireCountingJob, workerEntry, report: (line) => reports.push(line) }), { dataDir, figuresIntervalMs: 50 });
  clusters.push(cluster);
  return cluster;
}
const submit = (cluster: Cluster, id: string, job: Partial<CountingJob> = {}, ignoreRate = false): Promise<JobHandle> => cluster.submit({
  jobId: jobId(id), document: countingDocument(countingJob({ events: 60, intervalMs: 60, ...job })), sourcePath: null, outputPath: join(dataDir, `${id}.ndjson`), baseTime: 0, workers: 1, ignoreRate,
});
const until = (job: JobHandle, wanted: (event: JobEvent) => boolean): Promise<JobEvent> => new Promise((resolve) => {
  const stop = job.subscribe((event) => {
    if (!wanted(event)) return;
    stop();
    resolve(event);
  });
});
const completed = (event: JobEvent): boolean => event.kind === 'checkpoint' && event.checkpoint.phase === 'completed';
const running = (event: JobEvent): boolean => event.kind === 'state' && event.state === 'RUNNING';
const lines = async (id: string): Promise<string[]> => (await readFile(join(dataDir, `${id}.ndjson`), 'utf8')).split('\n').filter((line) => line !== '').sort();

describe('Cluster', () => {
  it('[CR3] a job tells its life in order, with figures, checkpoints, segments and workers', async () => {
    const job = await submit(open(), 'a');
    const events: JobEvent[] = [];
    job.subscribe((event) => events.push(event));
    job.subscribe(() => { throw new Error('a listener of bad manners'); });
    expect(await job.ended).toBe('FINISHED');
    expect(events.flatMap((event) => (event.kind === 'state' ? [event.state] : []))).toEqual(expect.arrayContaining(['RUNNING', 'FINISHED']));
    const { figures, segments, checkpoints, workers } = job.snapshot();
    expect(figures).toMatchObject({ progress: 1, partialMatches: 0 });
    expect((figures?.eventsRead ?? 0) + (figures?.deadLetters ?? 0)).toBe(60);
    expect(checkpoints.at(-1)).toMatchObject({ final: true, phase: 'completed', acknowledged: 3, expected: 3, inputPosition: 60 });
    expect(workers).toMatchObject([{ workerId: 'w1', state: 'stopped', subtasks: ['source/0', 'match/0', 'match/1'] }]);
    const told = events.flatMap((event) => (event.kind === 'committed' ? [event.path] : []));
    expect(segments.map((segment) => segment.path)).toEqual([...told].sort());
    expect(segments.reduce((sum, segment) => sum + segment.lines, 0)).toBe((await lines('a')).length);
    expect(figures?.matches).toBe((await lines('a')).filter((line) => line.includes('"kind":"match"')).length);
    expect(reports.some((line) => line.includes('bad manners'))).toBe(true);
  });

  it('[CR4][JM5] a fault of the user fails its job with the cause, and no other job', async () => {
    const cluster = open();
    const bad = await submit(cluster, 'bad', { poison: 20, deadLetters: 0, outOfOrdernessMs: 0 });
    const good = await submit(cluster, 'good');
    expect(await bad.ended).toBe('FAILED');
    expect(bad.snapshot()).toMatchObject({ restarts: 0, cause: { code: 'poison', domain: 'user' } });
    expect(await good.ended).toBe('FINISHED');
  });

  it('[CR5] a killed worker is replaced, and the recovery is told step by step', async () => {
    const job = await submit(open(), 'a', { events: 120 });
    await until(job, completed);
    expect(() => job.killWorker(workerId('w9'))).toThrow('no running worker');
    const { pid } = job.killWorker(workerId('w1'));
    expect(await job.ended).toBe('FINISHED');
    const { recoveries, restarts, workers } = job.snapshot();
    expect(restarts).toBe(1);
    expect(workers[0]?.pid).not.toBe(pid);
    const [recovery] = recoveries;
    expect(recovery).toMatchObject({ done: true, cause: { code: 'worker-lost', workerId: 'w1' }, checkpointId: expect.any(Number), replayed: expect.any(Number) });
    expect(recovery?.steps.map(({ step }) => step)).toEqual(['detected', 'cancelled', 'waited', 'workers-started', 'checkpoint-chosen', 'restored', 'running', 'caught-up']);
  });

  it('[CR6] a cancelled job ends with what was committed in its output, and nothing pending', async () => {
    const job = await submit(open(), 'a', { events: 500 });
    await until(job, completed);
    await job.cancel();
    expect(job.snapshot().state).toBe('CANCELED');
    expect((await lines('a')).length).toBeGreaterThan(0);
    expect((await readdir(join(dataDir, 'jobs/a/segments'))).filter((name) => name.endsWith('.pending'))).toEqual([]);
    await job.cancel(); // a second click changes nothing (R29)
  });

  it('[CR6] a job can be cancelled before it has begun', async () => {
    const job = await submit(open(), 'a');
    await job.cancel();
    expect(await job.ended).toBe('CANCELED');
    expect(await lines('a')).toEqual([]);
  });

  it('[CR7] a closed cluster leaves its jobs unfinished; the next life resumes them and remembers the ended ones', async () => {
    const first = open();
    const short = await submit(first, 'short', { events: 20 });
    const long = await submit(first, 'long', { events: 150 });
    await short.ended;
    if (long.snapshot().checkpoints.every((checkpoint) => checkpoint.phase !== 'completed')) await until(long, completed);
    await first.close();
    const second = open();
    expect((await second.recover()).map((job) => job.id).sort()).toEqual(['long', 'short']);
    expect(await second.job(jobId('short'))?.ended).toBe('FINISHED');
    expect(second.job(jobId('short'))?.snapshot().segments.length).toBe(short.snapshot().segments.length);
    expect(await second.job(jobId('long'))?.ended).toBe('FINISHED');
    expect(second.job(jobId('long'))?.snapshot().recoveries).toMatchObject([{ cause: { code: 'runtime-restarted' }, done: true }]);
    await submit(second, 'calm', { events: 150 }, true).then((job) => job.ended);
    expect(await lines('long')).toEqual(await lines('calm'));
    await second.remove(jobId('short'));
    expect(second.job(jobId('short'))).toBeNull();
    expect(await readdir(join(dataDir, 'jobs'))).toEqual(['calm', 'long']);
  });

  it('[JM3] falls back to an older checkpoint when the newest is damaged, with the same output', async () => {
    const cluster = open();
    const job = await submit(cluster, 'a', { events: 200 });
    for (let count = 0; count < 3; count += 1) await until(job, completed);
    const root = join(dataDir, 'jobs/a/checkpoints');
    const newest = (await readdir(root)).filter((name) => name.startsWith('chk-')).sort((a, b) => Number(a.slice(4)) - Number(b.slice(4)));
    for (const name of newest.slice(-2)) {
      const file = join(root, name, 'match-0.e1a1.state');
      const bytes = await readFile(file).catch(() => null);
      if (!bytes || name !== newest.at(-1)) continue;
      bytes[30] = (bytes[30] as number) ^ 4;
      await writeFile(file, bytes);
    }
    job.killWorker(workerId('w1'));
    expect(await job.ended).toBe('FINISHED');
    expect(job.snapshot().restarts).toBe(1);
    await submit(cluster, 'calm', { events: 200 }, true).then((calm) => calm.ended);
    expect(await lines('a')).toEqual(await lines('calm'));
  });

  it('[JM3] with every checkpoint damaged the job fails with a sentence instead of starting from zero', async () => {
    const job = await submit(open(), 'a', { events: 400, retained: 1 });
    await until(job, completed);
    await until(job, completed);
    job.killWorker(workerId('w1'));
    const root = join(dataDir, 'jobs/a/checkpoints');
    for (const name of await readdir(root)) await writeFile(join(root, name, '_metadata'), 'nonsense').catch(() => {});
    expect(await job.ended).toBe('FAILED');
    expect(job.snapshot().cause).toMatchObject({ code: 'checkpoints-lost', remedy: expect.stringContaining('quarantine') });
    expect((await readdir(join(dataDir, 'jobs/a/quarantine'))).length).toBeGreaterThan(0);
  });

  it('[CR8] refuses an id that is taken or that is none', async () => {
    const cluster = open();
    await submit(cluster, 'a', { events: 20 });
    await expect(submit(cluster, 'a')).rejects.toMatchObject({ code: 'job-exists', domain: 'user' });
    await expect(submit(cluster, '../b')).rejects.toMatchObject({ code: 'bad-job-id' });
    await expect(cluster.remove(jobId('a'))).rejects.toMatchObject({ code: 'job-runs' });
  });

  it('[CR9][WK3] workers end when their runtime lets go of them', async () => {
    const cluster = open();
    const job = await submit(cluster, 'a', { events: 500 });
    if (job.snapshot().state !== 'RUNNING') await until(job, running);
    const pid = job.snapshot().workers[0]?.pid as number;
    await cluster.close();
    for (let tries = 0; tries < 200 && isAlive(pid); tries += 1) await sleep(10);
    expect(isAlive(pid)).toBe(false);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
