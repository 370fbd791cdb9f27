/**
 * The proposal of a sample, made in a thread of its own: a file of 100 MB must not hold up the jobs' coordinators,
 * which live in this process.
 */
import { Worker } from 'node:worker_threads';
import type { Proposal } from '@tidemark/protocol';

export type SampleFormat = 'ndjson' | 'csv' | 'json';
export interface Inferred { readonly proposal: Proposal; readonly format: SampleFormat }

export interface InferenceTask { readonly path: string; readonly name: string }

export function infer(task: InferenceTask): Promise<Inferred> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./inference-worker.ts', import.meta.url), { workerData: task, resourceLimits: { maxOldGenerationSizeMb: 2_048 } });
    worker.once('message', resolve); // the thread then ends by itself
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the inference of a sample ended with ${code}`)));
  });
}
