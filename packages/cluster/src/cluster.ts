/**
 * The cluster: runs jobs, each with its own worker processes, and brings them back after any death.
 *
 * Always  a job that fails never touches another job or the caller; its fault is a fact in its handle.
 *         Committed output equals that of the run without faults.
 * Layout  dataDir/jobs/<jobId>/: job.json (what was submitted), coordinator.json (epoch, checkpoint ids), workers.json (to
 *         be fenced by the next life), checkpoints/chk-N/, quarantine/, segments/*.ndjson (committed output lines),
 *         end.json (how it ended).
 */
import { JobFault, type JobId, errorCode, invariant, jobId } from '@tidemark/core';
import type { JobDocument } from '@tidemark/pattern';
import { makeDirectoryDurably, sealJson, unsealJson, writeDurably } from './durable-file.ts';
import type { ClusterEnvironment } from './environment.ts';
import type { FaultRecord, JobHandle } from './job-handle.ts';
import { JobManager, type Terminal } from './job-manager.ts';
import type { JobSpec, SourcePath } from './job-wiring.ts';

export interface ClusterOptions {
  /** Absolute; must exist. */
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
  /** Valid; submit() wires it and throws a JobFault of domain `user` if it is not. */
  readonly document: JobDocument;
  /** Absolute path of the bytes of a file source (sample or path, resolved and checked by the caller); null for a generator. */
  readonly sourcePath: SourcePath;
  /** Written once, whole and durably, when the job ends (FINISHED or CANCELED): all committed lines. null = only segments. */
  readonly outputPath: string | null;
  /** First event time of a generator without a base time of its own, ms since the epoch; fixed for the job's life. */
  readonly baseTime: number;
  /** Reads as fast as possible: for the background run of the proof. Watermarks stay where the document's rate puts them. */
  readonly ignoreRate?: boolean;
  readonly workers?: number;
}

const JOB_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

interface StoredJob {
  readonly spec: JobSpec;
  readonly workers: number;
}
interface StoredWorkers {
  readonly workers: readonly { readonly pid: number; readonly fence: string }[];
}
interface StoredEnd {
  readonly state: Terminal;
  readonly cause: FaultRecord | null;
  readonly settled: boolean;
}

export class Cluster {
  readonly #environment: ClusterEnvironment;
  readonly #options: ClusterOptions;
  readonly #managers = new Map<JobId, JobManager>();
  #closed = false;

  constructor(environment: ClusterEnvironment, options: ClusterOptions) {
    this.#environment = environment;
    this.#options = options;
  }

  /** Takes up all jobs of the data directory: ended ones as they ended, the others are resumed. Call once, before submit. */
  async recover(): Promise<readonly JobHandle[]> {
    const { files, report } = this.#environment;
    await makeDirectoryDurably(files, this.#options.dataDir, 'jobs');
    await files.fsyncDirectory(this.#jobs); // a submit that was killed may have left a job that can still vanish with the power
    for (const name of await files.list(this.#jobs)) {
      try {
        await this.#recoverJob(name);
      } catch (error) {
        report(`job ${name} could not be taken up: ${String(error)}`);
      }
    }
    return this.jobs();
  }

  /** Resolves when the job is durably accepted (CREATED); it then starts by itself. */
  async submit(request: SubmitRequest): Promise<JobHandle> {
    const { files } = this.#environment;
    if (!JOB_ID.test(request.jobId)) throw userFault('bad-job-id', `${JSON.stringify(request.jobId)} is no job id`, 'Use letters, digits, - and _.');
    invariant(!this.#closed, 'submit after close');
    const spec: JobSpec = {
      jobId: request.jobId, document: request.document, sourcePath: request.sourcePath, baseTime: request.baseTime,
      ignoreRate: request.ignoreRate ?? false, outputPath: request.outputPath,
    };
    const stored: StoredJob = { spec, workers: request.workers ?? this.#options.workersPerJob ?? 2 };
    const directory = `${this.#jobs}/${request.jobId}`;
    const manager = this.#manage(stored, directory); // throws before anything is written if the document cannot be wired
    await makeDirectoryDurably(files, this.#options.dataDir, 'jobs');
    await files.makeDirectory(directory).catch((error: unknown) => { if (errorCode(error) !== 'EEXIST') throw error; });
    // A directory without it was left by a submit that died before it accepted the job.
    if (this.#managers.has(request.jobId) || await this.#read(directory, 'job.json')) {
      throw userFault('job-exists', `there is a job ${request.jobId} already`, 'Choose another id.');
    }
    await this.#write(directory, 'job.json', stored);
    await files.fsyncDirectory(this.#jobs);
    this.#managers.set(request.jobId, manager);
    manager.start(false);
    return manager;
  }

  job(id: JobId): JobHandle | null {
    return this.#managers.get(id) ?? null;
  }

  jobs(): readonly JobHandle[] {
    return [...this.#managers.values()];
  }

  /** Forgets an ended job and deletes its directory. */
  async remove(id: JobId): Promise<void> {
    const manager = this.#managers.get(id);
    if (!manager) return;
    const { state } = manager.snapshot();
    if (state !== 'FINISHED' && state !== 'CANCELED' && state !== 'FAILED') throw userFault('job-runs', `job ${id} is ${state}`, 'Cancel it first.');
    this.#managers.delete(id);
    await this.#environment.files.removeDirectory(`${this.#jobs}/${id}`);
  }

  /** Ends the worker processes; unfinished jobs stay unfinished, and recover() of the next life resumes them. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#managers.values()].map((manager) => manager.close()));
  }

  get #jobs(): string { return `${this.#options.dataDir}/jobs`; }

  async #recoverJob(name: string): Promise<void> {
    const { workers } = this.#environment;
    const directory = `${this.#jobs}/${name}`;
    const stored = await this.#read<StoredJob>(directory, 'job.json');
    if (!stored) return; // submit() died before it accepted the job
    const running = await this.#read<StoredWorkers>(directory, 'workers.json').catch(() => null);
    for (const { pid, fence } of running?.workers ?? []) await workers.fence(pid, fence);
    const end = await this.#read<StoredEnd>(directory, 'end.json');
    const manager = this.#manage(stored, directory);
    this.#managers.set(jobId(name), manager);
    if (!end) manager.start(true);
    else if (end.settled) await manager.showEnded(end.state, end.cause);
    else void manager.settle(end.state, end.cause);
  }

  #manage(stored: StoredJob, directory: string): JobManager {
    const { figuresIntervalMs = 250, tolerableFailedCheckpoints = 3 } = this.#options;
    return new JobManager(this.#environment, { workers: stored.workers, figuresIntervalMs, tolerableFailedCheckpoints }, stored.spec, directory, {
      workersChanged: (workers) => this.#write(directory, 'workers.json', { workers } satisfies StoredWorkers),
      ended: (state, cause, settled) => this.#write(directory, 'end.json', { state, cause, settled } satisfies StoredEnd),
    });
  }

  async #write(directory: string, name: string, value: unknown): Promise<void> {
    await writeDurably(this.#environment.files, directory, name, sealJson(this.#environment.createSha256, value));
  }

  async #read<T>(directory: string, name: string): Promise<T | null> {
    try {
      return unsealJson(this.#environment.createSha256, await this.#environment.files.read(`${directory}/${name}`)) as T;
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return null;
      throw error;
    }
  }
}

const userFault = (code: string, message: string, remedy: string): JobFault =>
  new JobFault(message, { domain: 'user', retry: 'no-retry', code, operatorId: null, remedy });
