/** The server as processes: what becomes of workers and jobs when it is stopped or killed, with bad records on the way. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobSummary } from '@tidemark/protocol';
import { afterAll, describe, expect, it } from 'vitest';
import { Workplace, sorted } from './support/command.ts';
import { Product } from './support/product.ts';
import { document } from './support/server.ts';
import { SocketWatcher } from './support/socket-watcher.ts';

const place = new Workplace();
afterAll(() => place.remove());

const RECORDS = 500;
/** Every tenth record is none; three of four pairs are a match. */
const records = Array.from({ length: RECORDS }, (_, index) => (index % 10 === 9 ? `{"ts":${index * 100},"na` : `{"ts":${index * 100},"name":"${index % 2 === 0 ? 'start' : 'middle'}"}`));
const BAD = records.filter((line) => !line.endsWith('}')).length;

const isWorker = (pid: number): boolean => spawnSync('ps', ['-p', String(pid), '-o', 'args='], { encoding: 'utf8' }).stdout.includes('tidemark-worker');

async function watching<T>(product: Product, jobId: string, act: (watcher: SocketWatcher) => Promise<T>): Promise<T> {
  const watcher = await SocketWatcher.on(product);
  try {
    await watcher.watch(jobId);
    return await act(watcher);
  } finally {
    watcher.close();
  }
}

/** The pids of the workers, once all of them run. */
async function workersOf(product: Product, jobId: string): Promise<readonly number[]> {
  let pids: number[] = [];
  await watching(product, jobId, (watcher) => watcher.until((of) => {
    pids = (of('workers')?.workers ?? []).flatMap(({ pid, state }) => (pid !== null && state === 'running' ? [pid] : []));
    return of('state')?.state === 'RUNNING' && pids.length === 2;
  }));
  return pids;
}

describe('processes', () => {
  it('[PS1][PS2][BI1] workers end with their runtime, however it ends; the job goes on at the next start, and its dead letters stand once', async () => {
    const doc = document({
      source: { kind: 'file', path: place.file('events.ndjson', records.join('\n')), format: 'ndjson', rate: { kind: 'per-second', events: 50 } },
      checkpointing: { intervalMs: 200 }, restart: { kind: 'fixed-delay', delayMs: 0 },
    });
    const product = await Product.start({ TIDEMARK_FILES: place.path });
    try {
      const { json: project } = await product.call('createProject', { body: { name: 'P', document: doc } });
      const { json: { job: { id } } } = await product.call('deploy', { params: { projectId: project.id }, body: { revision: 1, acceptWarnings: true } });
      const deadLetters = (atLeast: number): Promise<void> => watching(product, id, (watcher) => watcher.until((of) => (of('figures')?.deadLetters ?? 0) >= atLeast));

      const first = await workersOf(product, id);
      expect(first.filter(isWorker)).toEqual(first);
      await deadLetters(5);
      await product.kill('SIGKILL');
      for (const deadline = Date.now() + 10_000; first.some(isWorker);) {
        if (Date.now() > deadline) throw new Error(`workers ${first.filter(isWorker).join(', ')} outlive their runtime`);
        await sleep(50);
      }

      await product.start();
      const second = await workersOf(product, id);
      expect(second.filter((pid) => first.includes(pid))).toEqual([]);
      await deadLetters(15);
      expect(await product.kill('SIGTERM')).toBe(0);
      expect(second.filter(isWorker)).toEqual([]);

      await product.start();
      expect(product.log.match(/1 running job goes on/g)).toHaveLength(2);
      let job: JobSummary;
      do {
        await sleep(100);
        job = (await product.call('job', { params: { jobId: id } })).json;
      } while (job.state !== 'FINISHED' && job.state !== 'FAILED');
      expect([job.state, job.cause]).toEqual(['FINISHED', null]);

      const match = await place.tidemark(['match', place.file('job.json', JSON.stringify(project.draft.document)), '--side-outputs']);
      const lines = sorted(readFileSync(job.outputPath, 'utf8'));
      expect(lines).toEqual(sorted(match.out));
      expect(lines.filter((line) => line.includes('"kind":"dead-letter"'))).toHaveLength(BAD);
      expect(lines.filter((line) => line.includes('"kind":"match"')).length).toBeGreaterThan(100);
      await deadLetters(BAD);
    } catch (error) {
      throw new Error(product.log, { cause: error });
    } finally {
      await product.stop();
    }
  });
});
