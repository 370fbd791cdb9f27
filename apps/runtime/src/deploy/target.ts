/**
 * Where a job runs: in the embedded cluster, or (later) on a Flink cluster. The dashboard shows both the same way,
 * because both answer with a JobHandle.
 */
import type { JobId } from '@tidemark/core';
import type { JobHandle, SourcePath } from '@tidemark/cluster';
import type { JobDocument } from '@tidemark/pattern';

export interface DeployRequest {
  readonly jobId: JobId;
  /** Valid. */
  readonly document: JobDocument;
  /** Absolute path of the bytes of a file source; null for a generator. */
  readonly sourcePath: SourcePath;
  /** Absolute path of the file that holds the whole committed output when the job has ended. */
  readonly outputPath: string;
  /** First event time of a generator without one of its own. */
  readonly baseTime: number;
}

export interface DeployTarget {
  readonly kind: 'embedded' | 'flink';
  /** Jobs of earlier lives: ended ones as they ended, the others resumed. Call once, before submit. */
  recover(): Promise<readonly JobHandle[]>;
  /** Resolves when the job is durably accepted. Errors  JobFault. */
  submit(request: DeployRequest): Promise<JobHandle>;
  /** Forgets an ended job and its files. */
  remove(jobId: JobId): Promise<void>;
  /** Stops; unfinished jobs go on in the next life. */
  close(): Promise<void>;
}
