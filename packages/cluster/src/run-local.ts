/**
 * One job on a cluster of its own, for `tidemark run` and for tests: worker processes, checkpoints, committed output.
 *
 * Always  ends when the job ends; leaves nothing behind but the output file. A job that is interrupted leaves nothing at all.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jobId } from '@tidemark/core';
import type { JobDocument } from '@tidemark/pattern';
import { type NodeEnvironmentOptions, nodeEnvironment } from './adapters/node-environment.ts';
import { Cluster } from './cluster.ts';
import type { JobEvent, JobSnapshot } from './job-handle.ts';
import type { SourcePath } from './job-wiring.ts';

export interface RunLocalOptions extends NodeEnvironmentOptions {
  readonly document: JobDocument;
  readonly sourcePath: SourcePath;
  /** Absolute. */
  readonly outputPath: string;
  readonly workers?: number;
  /** First event time of a generator without one of its own; default: now. */
  readonly baseTime?: number;
  /** Stops the job: it ends as CANCELED, with what was committed until then in the output. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: JobEvent) => void;
}

/** Resolves with the job's last snapshot, whatever its end. Errors: JobFault of domain `user` for a document that is not valid. */
export async function runLocal(options: RunLocalOptions): Promise<JobSnapshot> {
  const { document, sourcePath, outputPath, workers, baseTime, signal, onEvent, ...environment } = options;
  const dataDir = await mkdtemp(join(tmpdir(), 'tidemark-run-'));
  const cluster = new Cluster(nodeEnvironment(environment), { dataDir });
  try {
    const job = await cluster.submit({
      jobId: jobId('run'), document, sourcePath, outputPath, baseTime: baseTime ?? Date.now(), ...(workers === undefined ? {} : { workers }),
    });
    if (onEvent) job.subscribe(onEvent);
    const stop = (): void => { void job.cancel(); };
    signal?.addEventListener('abort', stop);
    if (signal?.aborted) stop();
    await job.ended;
    signal?.removeEventListener('abort', stop);
    return job.snapshot();
  } finally {
    await cluster.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}
