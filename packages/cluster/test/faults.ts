/** Runs of a template with real processes: without faults, with killed workers, with a killed runtime. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { jobId } from '@tidemark/core';
import { Cluster, type JobSnapshot, nodeEnvironment, runLocal } from '@tidemark/cluster';
import type { Template } from '@tidemark/pattern';
import { Random } from '@tidemark/testkit';
import type { HostJob } from './host.ts';
import { pacedDocument, samplePath, sortedLines } from './template-job.ts';

async function inDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'tidemark-test-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

export function withoutFaults(template: Template, parallelism: number): Promise<CalmRun> {
  return inDirectory(async (directory) => {
    const outputPath = join(directory, 'out.ndjson');
    // Another pace, another number of workers: neither may be seen in the output. Watermarks stand by the document's pace.
    const snapshot = await runLocal({ document: pacedDocument(template, parallelism, 4), sourcePath: samplePath(template), outputPath, workers: 1 });
    if (snapshot.state !== 'FINISHED') throw new Error(`${template.id} ended as ${snapshot.state}: ${snapshot.cause?.message ?? ''}`);
    return { lines: await sortedLines(outputPath), snapshot };
  });
}

export interface CalmRun {
  readonly lines: string[];
  readonly snapshot: JobSnapshot;
}
export interface FaultyRun extends CalmRun {
  readonly kills: number;
}

export function withKilledWorkers(template: Template, parallelism: number, kills: number, seed: number): Promise<FaultyRun> {
  return inDirectory(async (directory) => {
    const random = new Random(seed);
    const outputPath = join(directory, 'out.ndjson');
    const cluster = new Cluster(nodeEnvironment(), { dataDir: directory });
    try {
      const job = await cluster.submit({ jobId: jobId('job'), document: pacedDocument(template, parallelism, 4), sourcePath: samplePath(template), outputPath, baseTime: 0 });
      const isOver = (): boolean => ['FINISHED', 'FAILED', 'CANCELED'].includes(job.snapshot().state);
      let killed = 0;
      while (killed < kills && !isOver()) {
        // Mostly while it runs and after some work; one time in four wherever it is, restoring included.
        if (random.chance(0.75)) while (!isOver() && job.snapshot().state !== 'RUNNING') await sleep(2);
        await sleep(random.between(0, 250));
        const alive = job.snapshot().workers.filter((worker) => worker.state === 'running' || worker.state === 'starting');
        if (isOver() || alive.length === 0) continue;
        job.killWorker(random.pick(alive).workerId);
        killed += 1;
      }
      await job.ended;
      return { lines: await sortedLines(outputPath), snapshot: job.snapshot(), kills: killed };
    } finally {
      await cluster.close();
    }
  });
}

/** Kills the whole runtime `kills` times (its workers die by their closed sockets) and lets the last life finish. */
export function withKilledRuntime(template: Template, parallelism: number, kills: number, seed: number): Promise<string[]> {
  return inDirectory(async (directory) => {
    const random = new Random(seed);
    const job: HostJob = { dataDir: directory, document: pacedDocument(template, parallelism, 4), sourcePath: samplePath(template), outputPath: join(directory, 'out.ndjson') };
    for (let life = 0; life <= kills; life += 1) {
      const host = spawn(process.execPath, [fileURLToPath(new URL('./host.ts', import.meta.url)), JSON.stringify(job)], { stdio: ['ignore', 'pipe', 'inherit'] });
      const exited = new Promise<number | null>((resolve) => { host.once('exit', (code) => resolve(code)); });
      if (life < kills) {
        await checkpoint(host);
        await sleep(random.between(0, 200));
        host.kill('SIGKILL');
        await exited;
      } else if (await exited !== 0) throw new Error(`${template.id} did not finish after the runtime was killed`);
    }
    return sortedLines(job.outputPath);
  });
}

/** Something is worth killing: a checkpoint of this life completed, or the job ended. */
function checkpoint(host: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    host.stdout?.on('data', (chunk: Buffer) => { if (/CHECKPOINT|FINISHED/.test(chunk.toString())) resolve(); });
    host.once('exit', () => resolve());
  });
}
