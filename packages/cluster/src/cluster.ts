/**
 * The cluster: runs jobs, each with its own worker processes, and brings them back after any death.
 *
 * Always  a job that fails never touches another job or the caller; its fault is a fact in its handle.
 *         Committed output equals that of the run without faults.
 * Layout  dataDir/jobs/<jobId>/: job.json (what was submitted), coordinator.log (epochs, checkpoint ids, completions),
 *         checkpoints/chk-N/, quarantine/, segments/*.ndjson (committed output lines), state.json (how it ended).
 */
import type { JobId } from '@tidemark/core';
import type { JobDocument } from '@tidemark/pattern';
import type { ClusterEnvironment } from './environment.ts';
import type { JobHandle } from './job-handle.ts';

export interface ClusterOptions {
  /** Absolute; made if its parent exists. */
  readonly dataDir: string;
  /** Worker processes of a job, unless the request says otherwise. Default 2. */
  readonly workersPerJob?: number;
  /** How often figures are sampled. Default 250 ms; 0 = never. */
  readonly figuresIntervalMs?: number;
  /** Checkpoints in a row that may fail before the job restarts. Default 3. */
  readonly tolerableFailedCheckpoints?: number;
}

export interface SubmitRequest {
  readonly jobId: JobId;
  /** Valid; submit() validates again and throws a JobFault of domain `user` with the first error. */
  readonly document: JobDocument;
  /** Absolute path of the bytes of a file source (sample or path, resolved and checked by the caller); null for a generator. */
  readonly sourcePath: string | null;
  /** Written once, whole and durably, when the job ends (FINISHED or CANCELED): all committed lines. null = only segments. */
  readonly outputPath: string | null;
  /** First event time of a generator without a base time of its own, ms since the epoch; fixed for the job's life. */
  readonly baseTime: number;
  /** Reads as fast as possible: for the background run of the proof. Watermarks stay where the document's rate puts them. */
  readonly ignoreRate?: boolean;
  readonly workers?: number;
}

export declare class Cluster {
  constructor(environment: ClusterEnvironment, options: ClusterOptions);
  /** Takes up all jobs of the data directory: ended ones as they ended, the others are resumed. Call once, before submit. */
  recover(): Promise<readonly JobHandle[]>;
  /** Resolves when the job is durably accepted (CREATED); it then starts by itself. */
  submit(request: SubmitRequest): Promise<JobHandle>;
  job(id: JobId): JobHandle | null;
  jobs(): readonly JobHandle[];
  /** Forgets an ended job and deletes its directory. */
  remove(id: JobId): Promise<void>;
  /** Ends the worker processes; unfinished jobs stay unfinished, and recover() of the next life resumes them. */
  close(): Promise<void>;
}
