/**
 * The law on the real product: for each template, the committed output after any deaths equals that of the run without.
 *
 * For one template, at several parallelisms side by side: a run with no fault; a run in which worker processes are
 * killed 20 times, at moments and by choice of a seed; a run in which the whole runtime is killed and started again, once
 * or several times.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Template, instantiate } from '@tidemark/pattern';
import type { JobSummary, ProofView, WorkerView } from '@tidemark/protocol';
import { Random } from '@tidemark/testkit';
import { expect } from 'vitest';
import { Product } from './product.ts';
import { SocketWatcher } from './socket-watcher.ts';

const KILLS = 20;

export interface Deaths {
  readonly template: Template;
  readonly parallelisms: readonly number[];
  readonly seed: number;
  /** How long the input lasts without faults: the deaths must fall into it. */
  readonly seconds: number;
  /** How often the whole runtime is killed and started again, in a run of its own. */
  readonly runtimeKills: number;
}

export async function expectEqualOutput({ template, parallelisms, seed, seconds, runtimeKills }: Deaths): Promise<void> {
  const sample = readFileSync(new URL(`../../../../packages/pattern/templates/${template.sampleFile}`, import.meta.url));
  const sampleHash = createHash('sha256').update(sample).digest('hex');
  const document = (parallelism: number, paced: boolean) => {
    const job = instantiate(template, { projectId: template.id, sampleHash });
    return {
      ...job, parallelism,
      // timed-out partial matches too: more lines, and lines that time brings
      patterns: job.patterns.map((pattern) => ({ ...pattern, output: { ...pattern.output, timedOut: true } })),
      source: { ...job.source, rate: paced ? { kind: 'per-second', events: Math.ceil(template.events / seconds) } : { kind: 'unlimited' } },
      checkpointing: { intervalMs: 150, timeoutMs: 30_000, retained: 3 }, restart: { kind: 'fixed-delay', delayMs: 0, attempts: null },
    };
  };
  const product = await Product.start();
  try {
    const deploy = async (parallelism: number, paced: boolean): Promise<string> => {
      const { json: { id } } = await product.call('createProject', { body: { name: template.id, document: document(parallelism, paced) } });
      return (await product.call('deploy', { params: { projectId: id }, body: { revision: 1, acceptWarnings: true } })).json.job.id;
    };
    const together = <T>(act: (parallelism: number) => Promise<T>): Promise<T[]> => Promise.all(parallelisms.map(act));

    const [calm, killed] = await Promise.all([
      together(async (parallelism) => finished(product, await deploy(parallelism, false))),
      together(async (parallelism) => {
        const id = await deploy(parallelism, true);
        await killWorkers(product, id, new Random(seed + parallelism));
        return finished(product, id);
      }),
    ]);
    const cut = await together(async (parallelism) => deploy(parallelism, true));
    const random = new Random(seed);
    for (let kills = 0; kills < runtimeKills; kills += 1) {
      const from = kills / runtimeKills;
      for (const id of cut) await progressed(product, id, 0.1 + (from + random.next() / runtimeKills) * 0.4);
      await product.kill('SIGKILL');
      await product.start();
    }
    const resumed = await Promise.all(cut.map((id) => finished(product, id)));

    const expected = output(calm[0] as JobSummary);
    expect(expected.filter((line) => line.includes('"kind":"match"'))).not.toEqual([]);
    for (const job of [...calm, ...killed, ...resumed]) {
      expect({ seed, job: job.id, output: output(job) }).toEqual({ seed, job: job.id, output: expected });
      expect(await proofOf(product, job.id)).toMatchObject({ state: 'equal', expected: expected.length, committed: expected.length });
    }
  } catch (error) {
    throw new Error(`seed ${seed}: ${String(error)}\n${product.log}`, { cause: error });
  } finally {
    await product.stop();
  }
}

/** Lines of the committed output, sorted by match id (with which each line begins). */
const output = (job: JobSummary): string[] => readFileSync(job.outputPath, 'utf8').split('\n').filter((line) => line !== '').sort();

async function finished(product: Product, id: string): Promise<JobSummary> {
  for (const deadline = Date.now() + 240_000; ;) {
    const { json } = await product.call('job', { params: { jobId: id } });
    if (json.state === 'FINISHED') return json as JobSummary;
    if (json.state === 'FAILED' || Date.now() > deadline) throw new Error(`job ${id} is ${JSON.stringify(json)}`);
    await sleep(100);
  }
}

async function progressed(product: Product, id: string, share: number): Promise<void> {
  await watching(product, id, async (watcher) => {
    await watcher.until((of) => {
      const figures = of('figures');
      return figures !== null && (figures.progress ?? 0) >= share;
    });
  });
}

async function killWorkers(product: Product, id: string, random: Random): Promise<void> {
  await watching(product, id, async (watcher) => {
    for (let killed = 0; killed < KILLS;) {
      await sleep(random.next() * 350);
      // mostly a running job, sometimes one that is being restored
      if (random.next() < 0.8) await watcher.until((of) => of('state')?.state === 'RUNNING');
      let workers: readonly WorkerView[] = [];
      await watcher.until((of) => {
        workers = (of('workers')?.workers ?? []).filter((worker) => worker.state === 'running');
        return workers.length > 0;
      });
      const victim = workers[Math.floor(random.next() * workers.length)] as WorkerView;
      try {
        await product.call('killWorker', { params: { jobId: id }, body: { workerId: victim.workerId } });
        killed += 1;
      } catch (error) {
        if (!String(error).includes('no-such-worker')) throw error; // it died in between, or is being replaced
      }
    }
  });
}

async function proofOf(product: Product, id: string): Promise<ProofView> {
  let proof: ProofView | null = null;
  await watching(product, id, async (watcher) => {
    await watcher.until((of) => {
      proof = of('proof');
      return proof !== null && !['waiting', 'running'].includes(proof.state);
    });
  });
  return proof as unknown as ProofView;
}

async function watching(product: Product, id: string, act: (watcher: SocketWatcher) => Promise<void>): Promise<void> {
  const watcher = await SocketWatcher.on(product);
  try {
    await watcher.watch(id);
    await act(watcher);
  } finally {
    watcher.close();
  }
}
