/**
 * The job manager: one job's life, from its first worker to its last committed line.
 *
 *   CREATED -> INITIALIZING -> RUNNING -> FINISHED
 *                  ^              |
 *                  +- RESTARTING <+          CANCELLING -> CANCELED, FAILED from anywhere
 *
 * Always  JM1  A launch restores only after every earlier task was confirmed gone: its worker answered the cancel, or died (C7).
 *         JM2  A failure during a launch begins a new launch, which waits until the older one has let go of the disk: two
 *              never run side by side (R21, R22).
 *         JM3  The newest checkpoint that verifies is restored; damaged ones are put into quarantine and an older one taken.
 *              If checkpoints completed and none is left, the job fails with a sentence: never silently from zero.
 *         JM4  FINISHED means: all input read, the final checkpoint durable, every sink committed, output file written.
 *         JM5  A fault that no retry can heal fails the job, and nothing but the job.
 *         JM6  Epochs and checkpoint ids rise over all lives of the job (coordinator-file.ts).
 * Not here: checkpoint decisions (packages/checkpoint), tasks (task-manager.ts), documents (job-wiring.ts).
 */
import { type Attempt, type CheckpointId, JobFault, type JobId, type WorkerId, attempt, unreachable, workerId } from '@tidemark/core';
import {
  type CheckpointMetadata, type CheckpointReport, type CoordinatorEffect, type CoordinatorEvent, type CoordinatorState,
  checkpointBytes, decide, initialState, inputPosition,
} from '@tidemark/checkpoint';
import { listCommitted, readCommitted, recoverTransactions } from '@tidemark/connectors';
import { CheckpointDamaged, CheckpointStorage } from './checkpoint-storage.ts';
import {
  type Deployment, type FaultMessage, type FromWorker, type TaskFigures, type ToWorker, decodeFromWorker, encodeMessage,
} from './control-message.ts';
import { CoordinatorFile } from './coordinator-file.ts';
import { FateUnknown, writeDurably } from './durable-file.ts';
import { damageFault, diskFault, internalFault } from './fault.ts';
import type { ClusterEnvironment, WorkerProcess } from './environment.ts';
import { SOURCE_UID, type Task, placeTasks, tasksOf } from './execution-graph.ts';
import { sumFigures } from './figures.ts';
import type {
  CheckpointRecord, CommittedSegment, FaultRecord, JobEvent, JobFigures, JobHandle, JobSnapshot, JobState, RecoveryRecord, WorkerRecord,
} from './job-handle.ts';
import type { JobSpec, JobWiring } from './job-wiring.ts';

const CHECKPOINTS_SHOWN = 50;
const RECOVERIES_SHOWN = 20;
/** How long a worker may take to answer before it is killed. */
const CANCEL_TIMEOUT_MS = 10_000;
const SPAWN_TIMEOUT_MS = 60_000;
/** Restoring a large state takes its time. */
const START_TIMEOUT_MS = 600_000;
/** A closed data link is the echo of a dead worker: its own news comes first. */
const LINK_GRACE_MS = 500;
const SETTLE_RETRY_MS = 1_000;

export interface JobManagerOptions {
  readonly workers: number;
  readonly figuresIntervalMs: number;
  readonly tolerableFailedCheckpoints: number;
}

/** What the cluster remembers of the job outside of its running: how it ended, who works for it. */
export interface JobRegister {
  workersChanged(workers: readonly { readonly pid: number; readonly fence: string }[]): Promise<void>;
  /** `settled`: the output is in place too. */
  ended(state: Terminal, cause: FaultRecord | null, settled: boolean): Promise<void>;
}

interface Worker {
  readonly id: WorkerId;
  readonly process: WorkerProcess;
  readonly fence: string;
  readonly startedAt: number;
  /** Resolves when its control link closed: the process is dead. */
  readonly gone: Promise<void>;
  /** Known once it said hello. */
  address: string | null;
  memoryBytes: number | null;
  cpuShare: number | null;
}

type Step = RecoveryRecord['steps'][number]['step'];
export type Terminal = 'FINISHED' | 'CANCELED' | 'FAILED';

export class JobManager implements JobHandle {
  readonly id: JobId;
  readonly ended: Promise<JobState>;
  readonly #environment: ClusterEnvironment;
  readonly #options: JobManagerOptions;
  readonly #spec: JobSpec;
  readonly #directory: string;
  readonly #register: JobRegister;
  readonly #wiring: JobWiring;
  readonly #tasks: readonly Task[];
  readonly #storage: CheckpointStorage;
  readonly #listeners = new Set<(event: JobEvent) => void>();
  #resolveEnded: (state: JobState) => void = () => {};

  #state: JobState = 'CREATED';
  #since: number;
  #restarts = 0;
  #cause: FaultRecord | null = null;
  #file: CoordinatorFile | null = null;
  #coordinator: CoordinatorState | null = null;
  /** Effects of the coordinator, one after the other, in the order decided. */
  #effects: Promise<void> = Promise.resolve();
  #attempt: Attempt = attempt(0);
  /** Workers by id, in the order of their names; a lost one leaves its name to its successor. */
  readonly #workers = new Map<WorkerId, Worker>();
  readonly #lost = new Map<WorkerId, WorkerRecord>();
  #placement: Readonly<Record<string, string>> = {};
  /** The launch under way, or the last one: settled when it is over. */
  #launched: Promise<void> = Promise.resolve();
  /** Makes the launch under way stop waiting for what may never come. */
  #abandon: (() => void) | null = null;
  /** Answers that the launch under way waits for. */
  #awaited: { readonly accepts: (message: FromWorker) => boolean; readonly missing: Set<WorkerId>; readonly resolve: () => void } | null = null;
  #closed = false;
  #ending = false;
  #nonce = 0;
  readonly #timers = new Set<() => void>();
  #expiry: (() => void) | null = null;

  #sourcesEnded = new Set<string>();
  #finalCommit: { readonly id: CheckpointId; readonly missing: Set<string> } | null = null;
  readonly #segments = new Map<string, CommittedSegment>();
  readonly #checkpoints = new Map<CheckpointId, CheckpointRecord>();
  readonly #recoveries: RecoveryRecord[] = [];
  /** The recovery under way: when its last step ended (monotonic), and the input position it has to reach again. */
  #recovery: { readonly id: number; last: number; readonly target: number } | null = null;
  readonly #figures = new Map<string, TaskFigures>();
  #summed: JobFigures | null = null;

  constructor(environment: ClusterEnvironment, options: JobManagerOptions, spec: JobSpec, directory: string, register: JobRegister) {
    this.id = spec.jobId;
    this.#environment = environment;
    this.#options = options;
    this.#spec = spec;
    this.#directory = directory;
    this.#register = register;
    this.#wiring = environment.wire(spec);
    this.#tasks = tasksOf(this.#wiring);
    this.#storage = new CheckpointStorage(environment.files, environment.createSha256, directory);
    this.#since = environment.clock.now();
    this.ended = new Promise((resolve) => { this.#resolveEnded = resolve; });
  }

  snapshot(): JobSnapshot {
    return {
      state: this.#state, since: this.#since, restarts: this.#restarts, cause: this.#cause, figures: this.#summed,
      checkpoints: [...this.#checkpoints.values()], workers: this.#workerRecords(), recoveries: [...this.#recoveries],
      segments: [...this.#segments.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
    };
  }

  subscribe(listener: (event: JobEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }

  /** Begins (or, in a new life of the runtime, resumes) the job. Its own troubles become its state, never an error here. */
  start(resumed: boolean): void {
    this.#setState('INITIALIZING');
    if (resumed) {
      this.#beginRecovery({
        code: 'runtime-restarted', message: 'the runtime was started again', domain: 'external', remedy: null, at: this.#environment.clock.now(), workerId: null,
      });
    }
    this.#launch(0);
  }

  async cancel(): Promise<void> {
    if (!this.#isOver) {
      this.#setState('CANCELLING');
      void this.#end('CANCELED', null);
    }
    if (!this.#closed) await this.ended;
  }

  killWorker(id: WorkerId): { readonly pid: number } {
    const worker = this.#workers.get(id);
    if (!worker || this.#isOver) {
      throw new JobFault(`there is no running worker ${id}`, { domain: 'user', retry: 'no-retry', code: 'no-such-worker', operatorId: null, remedy: 'Look at the list of workers.' });
    }
    worker.process.kill();
    return { pid: worker.process.pid };
  }

  /** The runtime goes down in order: workers end, the job stays unfinished on disk. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#attempt = attempt(this.#attempt + 1);
    this.#cancelTimers();
    this.#abandon?.();
    for (const worker of this.#workers.values()) worker.process.kill();
    await Promise.all([...this.#workers.values()].map((worker) => worker.gone));
    this.#workers.clear();
    await this.#launched;
    await this.#effects;
  }

  get #isOver(): boolean {
    return this.#closed || this.#ending;
  }

  // ---------------------------------------------------------------- launch

  /** Everything between "no task runs" and "all tasks run", in order. Whatever fails in it begins another one. */
  #launch(delayMs: number): void {
    const now = attempt(this.#attempt + 1);
    this.#attempt = now;
    this.#finalCommit = null;
    this.#sourcesEnded = new Set();
    this.#figures.clear();
    this.#abandon?.();
    const before = this.#launched;
    this.#launched = (async () => {
      await before;
      try {
        this.#checkCurrent(now);
        await this.#runLaunch(now, delayMs);
      } catch (error) {
        if (error instanceof Abandoned || this.#attempt !== now || this.#isOver) return;
        this.#fail(error instanceof JobFault ? error : diskFault(error) ?? damageFault(error) ?? internalFault(error), null);
      }
    })();
  }

  async #runLaunch(now: Attempt, delayMs: number): Promise<void> {
    if (!this.#file) await this.#open();
    this.#checkCurrent(now);
    await this.#cancelSurvivors(now);
    this.#step('cancelled', null);
    if (delayMs > 0) {
      await this.#wait(now, (resolve) => { this.#after(delayMs, resolve); });
      this.#step('waited', null);
    }
    await this.#spawnMissing(now);
    this.#step('workers-started', null);
    await this.#effects;
    this.#checkCurrent(now);
    const chosen = await this.#chooseCheckpoint();
    this.#checkCurrent(now);
    this.#coordinator = { ...(this.#coordinator as CoordinatorState), completed: chosen.completed };
    this.#step('checkpoint-chosen', chosen.metadata ? `checkpoint ${chosen.metadata.checkpointId}` : 'no checkpoint yet', chosen.metadata);
    await recoverTransactions(this.#environment.files, this.#storage.segments, chosen.metadata?.tasks.flatMap((task) => task.output) ?? []);
    this.#checkCurrent(now);
    await this.#findSegments();
    this.#checkCurrent(now);
    await this.#deploy(now, chosen.metadata);
    this.#step('restored', null);
    await this.#ask(now, START_TIMEOUT_MS, [...this.#workers.keys()], { kind: 'start', attempt: now }, (message) => message.kind === 'started' && message.attempt === now);
    this.#step('running', null);
    this.#setState('RUNNING');
    this.#decide({ kind: 'tasks-running', plan: { attempt: now, tasks: new Set(this.#tasks.map((task) => task.name)) }, at: this.#environment.clock.now() });
    this.#scheduleCheckpoint(now);
    if (this.#recovery && this.#options.figuresIntervalMs === 0) this.#finishRecovery();
  }

  /** Errors: Abandoned. Behind every wait for the disk. */
  #checkCurrent(now: Attempt): void {
    if (this.#attempt !== now || this.#isOver) throw new Abandoned();
  }

  /** Waits for what may never come. Errors: Abandoned, when a newer launch or the end of the job takes over. */
  async #wait(now: Attempt, begin: (resolve: () => void) => void): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#abandon = () => reject(new Abandoned());
      begin(resolve);
    });
    this.#checkCurrent(now); // the answer and a failure may have come in one turn
  }

  /** A new epoch, once in the life of this job manager. */
  async #open(): Promise<void> {
    const { files, createSha256 } = this.#environment;
    await this.#storage.prepare();
    await this.#findSegments();
    const file = await CoordinatorFile.open(files, createSha256, this.#directory, this.#storage);
    const { retained } = this.#spec.document.checkpointing;
    this.#coordinator = initialState({ retained, tolerableFailures: this.#options.tolerableFailedCheckpoints }, file.nextId, []);
    this.#file = file;
  }

  async #cancelSurvivors(now: Attempt): Promise<void> {
    const nonce = ++this.#nonce;
    const workers = [...this.#workers.keys()];
    if (workers.length > 0) await this.#ask(now, CANCEL_TIMEOUT_MS, workers, { kind: 'cancel', nonce }, (message) => message.kind === 'cancelled' && message.nonce === nonce);
  }

  async #spawnMissing(now: Attempt): Promise<void> {
    const names = Array.from({ length: this.#options.workers }, (_, index) => workerId(`w${index + 1}`));
    for (const id of names) {
      if (this.#workers.has(id)) continue;
      const fence = this.#environment.unique();
      const process = this.#environment.workers.spawn(id, fence);
      let setGone = (): void => {};
      const gone = new Promise<void>((resolve) => { setGone = resolve; });
      const worker: Worker = { id, process, fence, startedAt: this.#environment.clock.now(), gone, address: null, memoryBytes: null, cpuShare: null };
      this.#workers.set(id, worker);
      this.#lost.delete(id);
      process.control.open({
        onFrame: (frame) => { if (this.#workers.get(id) === worker) this.#onMessage(worker, decodeFromWorker(frame)); },
        onClose: () => {
          setGone();
          if (this.#workers.get(id) === worker && !this.#isOver) this.#onWorkerLost(worker);
        },
      });
    }
    this.#emitWorkers();
    await this.#register.workersChanged([...this.#workers.values()].map(({ process, fence }) => ({ pid: process.pid, fence })));
    this.#checkCurrent(now);
    const silent = [...this.#workers.values()].filter((worker) => worker.address === null).map((worker) => worker.id);
    if (silent.length === 0) return;
    await this.#ask(now, SPAWN_TIMEOUT_MS, silent, null, (message) => message.kind === 'hello');
    this.#emitWorkers();
  }

  /** The newest checkpoint that verifies, and the ids of all that are left. */
  async #chooseCheckpoint(): Promise<{ readonly metadata: CheckpointMetadata | null; readonly completed: readonly CheckpointId[] }> {
    const completed: CheckpointId[] = [];
    let metadata: CheckpointMetadata | null = null;
    for (const id of [...await this.#storage.list()].reverse()) {
      try {
        const found = await this.#storage.metadata(id);
        if (!found) continue;
        if (!metadata) {
          await this.#storage.verify(found);
          await this.#storage.confirm(id);
          metadata = found;
        }
        completed.unshift(id);
      } catch (error) {
        if (!(error instanceof CheckpointDamaged)) throw error;
        await this.#storage.quarantine(id);
        this.#showCheckpoint({ ...(this.#checkpoints.get(id) ?? unknownCheckpoint(id)), phase: 'failed', failure: `damaged, put into quarantine: ${error.message}` });
      }
    }
    if (!metadata && (this.#file as CoordinatorFile).completed > 0) {
      throw new JobFault('every checkpoint of this job is damaged or missing', {
        domain: 'external', retry: 'no-retry', code: 'checkpoints-lost', operatorId: null,
        remedy: 'The damaged ones are in the quarantine directory of the job. Deploy the job anew to begin from the start of its input.',
      });
    }
    return { metadata, completed };
  }

  async #deploy(now: Attempt, metadata: CheckpointMetadata | null): Promise<void> {
    const names = [...this.#workers.keys()].sort();
    this.#placement = placeTasks(this.#tasks, names);
    const addresses = Object.fromEntries([...this.#workers.values()].map((worker) => [worker.id, worker.address as string]));
    const deployment: Deployment = {
      epoch: (this.#file as CoordinatorFile).epoch, attempt: now, spec: this.#spec, jobDirectory: this.#directory,
      placement: this.#placement, addresses, figuresIntervalMs: this.#options.figuresIntervalMs,
      restore: metadata && {
        checkpointId: metadata.checkpointId,
        states: Object.fromEntries(this.#tasks.map((task) => [task.name, metadata.tasks.filter((former) => former.task === task.name).map((former) => former.state)])),
        sameTasks: true,
      },
    };
    await this.#ask(now, START_TIMEOUT_MS, names, { kind: 'deploy', deployment }, (message) => message.kind === 'deployed' && message.attempt === now);
    this.#emitWorkers();
  }

  /**
   * Sends to each of the workers and resolves when each has answered; one that does not answer in time is killed.
   * Errors: Abandoned; so ends a launch of which a worker dies.
   */
  async #ask(now: Attempt, timeoutMs: number, workers: readonly WorkerId[], message: ToWorker | null, accepts: (message: FromWorker) => boolean): Promise<void> {
    const missing = new Set(workers);
    const cancelTimer = this.#after(timeoutMs, () => { for (const id of missing) this.#workers.get(id)?.process.kill(); });
    try {
      await this.#wait(now, (resolve) => {
        this.#awaited = { accepts, missing, resolve };
        if (message) for (const id of workers) this.#workers.get(id)?.process.control.send(encodeMessage(message));
      });
    } finally {
      cancelTimer();
    }
  }

  // ---------------------------------------------------------------- messages and faults

  #onMessage(worker: Worker, message: FromWorker): void {
    if (message.kind === 'hello') worker.address = message.address;
    const awaited = this.#awaited;
    if (awaited?.missing.has(worker.id) && awaited.accepts(message)) {
      awaited.missing.delete(worker.id);
      if (awaited.missing.size === 0) {
        this.#awaited = null;
        awaited.resolve();
      }
    }
    if ('attempt' in message && message.attempt !== this.#attempt) return; // a task of an earlier launch speaks (R12)
    if (this.#isOver && message.kind !== 'committed') return;
    const at = this.#environment.clock.now();
    switch (message.kind) {
      case 'hello':
      case 'deployed':
      case 'started':
      case 'cancelled':
        return;
      case 'ack':
        this.#decide({ kind: 'ack', id: message.checkpointId, attempt: message.attempt, task: message.task, ack: message.ack });
        return;
      case 'declined':
        this.#decide({ kind: 'declined', id: message.checkpointId, attempt: message.attempt, task: message.task, detail: message.detail, at });
        return;
      case 'input-ended':
        this.#sourcesEnded.add(message.task);
        if (this.#sourcesEnded.size === this.#wiring.sources) this.#decide({ kind: 'final-wanted', at });
        return;
      case 'committed':
        this.#onCommitted(message);
        return;
      case 'failed':
        this.#onTaskFailed(worker, message.fault);
        return;
      case 'figures':
        this.#onFigures(worker, message);
        return;
      default:
        unreachable(message);
    }
  }

  #onTaskFailed(worker: Worker, fault: FaultMessage): void {
    const error = new JobFault(fault.message, fault);
    if (fault.code !== 'link-lost') {
      this.#fail(error, worker.id);
      return;
    }
    const now = this.#attempt;
    this.#after(LINK_GRACE_MS, () => { if (this.#attempt === now) this.#fail(error, worker.id); });
  }

  #onWorkerLost(worker: Worker): void {
    this.#lost.set(worker.id, { ...this.#workerRecord(worker), state: 'lost' });
    this.#workers.delete(worker.id);
    this.#emitWorkers();
    this.#fail(new JobFault(`worker ${worker.id} (process ${worker.process.pid}) is gone`, {
      domain: 'external', retry: 'with-backoff', code: 'worker-lost', operatorId: null, remedy: null,
    }), worker.id);
  }

  #fail(fault: JobFault, worker: WorkerId | null): void {
    if (this.#isOver) return;
    const cause = this.#record(fault, worker);
    const { restart } = this.#spec.document;
    if (fault.retry === 'no-retry' || (restart.attempts !== null && this.#restarts >= restart.attempts)) {
      void this.#end('FAILED', cause);
      return;
    }
    this.#cause = cause;
    this.#restarts += 1;
    this.#cancelTimers();
    this.#beginRecovery(cause);
    if (this.#coordinator) this.#decide({ kind: 'tasks-stopped', at: cause.at });
    this.#setState('RESTARTING');
    this.#emit({ kind: 'retracted' });
    this.#launch(restart.delayMs);
  }

  #record(fault: JobFault, worker: WorkerId | null): FaultRecord {
    return { code: fault.code, message: fault.message, domain: fault.domain, remedy: fault.remedy, at: this.#environment.clock.now(), workerId: worker };
  }

  // ---------------------------------------------------------------- checkpoints

  #scheduleCheckpoint(now: Attempt): void {
    this.#after(this.#spec.document.checkpointing.intervalMs, () => {
      if (this.#attempt !== now || this.#isOver) return;
      this.#decide({ kind: 'trigger', at: this.#environment.clock.now() });
      this.#scheduleCheckpoint(now);
    });
  }

  #decide(event: CoordinatorEvent): void {
    const [next, effects] = decide(this.#coordinator as CoordinatorState, event);
    this.#coordinator = next;
    for (const effect of effects) this.#effects = this.#effects.then(() => this.#run(effect));
  }

  /** Runs one effect; decides nothing. Never rejects: what fails becomes an event. */
  async #run(effect: CoordinatorEffect): Promise<void> {
    const { clock } = this.#environment;
    const file = this.#file as CoordinatorFile;
    if (this.#closed) return;
    switch (effect.kind) {
      case 'allocate':
        try {
          await file.useId(effect.id);
          await this.#storage.begin(effect.id);
          this.#decide({ kind: 'allocated', id: effect.id });
        } catch (error) {
          this.#decide({ kind: 'allocation-failed', id: effect.id, detail: String(error), at: clock.now() });
        }
        return;
      case 'inject': {
        if (effect.plan.attempt !== this.#attempt) return;
        this.#expiry = this.#after(this.#spec.document.checkpointing.timeoutMs, () => this.#decide({ kind: 'expired', id: effect.id, at: clock.now() }));
        this.#sendToWorkersOf((task) => task.uid === SOURCE_UID, {
          kind: 'trigger', attempt: effect.plan.attempt, checkpointId: effect.id, timestamp: effect.triggeredAt, final: effect.final,
        });
        return;
      }
      case 'write-metadata': {
        const { pending } = effect;
        const metadata: CheckpointMetadata = {
          jobId: this.id, checkpointId: pending.id, epoch: file.epoch, attempt: pending.plan.attempt, triggeredAt: pending.triggeredAt,
          final: pending.final, stateHash: this.#wiring.stateHash,
          tasks: [...pending.acks].map(([task, ack]) => ({ task, ...ack })).sort((a, b) => (a.task < b.task ? -1 : 1)),
        };
        try {
          await this.#completeCheckpoint(metadata);
          this.#decide({ kind: 'metadata-durable', id: pending.id, at: clock.now() });
        } catch (error) {
          this.#decide({ kind: 'metadata-failed', id: pending.id, detail: String(error), mayExist: error instanceof FateUnknown, at: clock.now() });
        }
        return;
      }
      case 'notify-complete':
        if (effect.plan.attempt !== this.#attempt) return;
        this.#sendToWorkersOf(() => true, { kind: 'complete', attempt: effect.plan.attempt, checkpointId: effect.id, final: this.#finalCommit?.id === effect.id });
        await this.#deleteOrphans(effect.id);
        return;
      case 'notify-aborted':
        if (effect.plan.attempt !== this.#attempt) return;
        this.#sendToWorkersOf(() => true, { kind: 'aborted', attempt: effect.plan.attempt, checkpointId: effect.id });
        return;
      case 'delete':
        // Left over if it fails; the next completed checkpoint sweeps it.
        await this.#storage.remove(effect.id).catch(() => {});
        return;
      case 'fail-job':
        this.#fail(new JobFault(effect.detail, {
          domain: 'external', retry: 'with-backoff', code: 'checkpoints-failing', operatorId: null,
          remedy: 'Check that the disk of the data directory is writable and not full.',
        }), null);
        return;
      case 'report':
        this.#onReport(effect.report);
        return;
      default:
        unreachable(effect);
    }
  }

  async #completeCheckpoint(metadata: CheckpointMetadata): Promise<void> {
    await this.#storage.complete(metadata);
    await (this.#file as CoordinatorFile).noteCompleted(metadata.checkpointId).catch((error: unknown) => {
      throw new FateUnknown(String(error), { cause: error });
    });
  }

  /** Directories without metadata, older than a completed checkpoint, belong to nobody any more. */
  async #deleteOrphans(completed: CheckpointId): Promise<void> {
    try {
      const retained = new Set((this.#coordinator as CoordinatorState).completed);
      for (const id of await this.#storage.list()) {
        if (id < completed && !retained.has(id)) await this.#storage.remove(id);
      }
    } catch {
      // The next completed checkpoint sweeps again.
    }
  }

  #onReport(report: CheckpointReport): void {
    const { pending, phase } = report;
    const over = phase === 'completed' || phase === 'failed';
    if (over) {
      this.#expiry?.();
      this.#expiry = null;
    }
    const acks = [...pending.acks.values()];
    this.#showCheckpoint({
      id: pending.id, phase: over ? phase : 'triggered', triggeredAt: pending.triggeredAt, acknowledged: acks.length, expected: pending.plan.tasks.size,
      durationMs: over ? this.#environment.clock.now() - pending.triggeredAt : null, bytes: phase === 'completed' ? checkpointBytes(acks) : null,
      failure: report.detail, final: pending.final, inputPosition: phase === 'completed' ? inputPosition(acks) : null,
    });
    if (phase === 'completed' && pending.final && pending.plan.attempt === this.#attempt) {
      this.#finalCommit = { id: pending.id, missing: new Set(this.#tasks.map((task) => task.name)) };
    }
  }

  #showCheckpoint(record: CheckpointRecord): void {
    this.#checkpoints.set(record.id, record);
    if (this.#checkpoints.size > CHECKPOINTS_SHOWN) for (const oldest of this.#checkpoints.keys()) { this.#checkpoints.delete(oldest); break; }
    this.#emit({ kind: 'checkpoint', checkpoint: record });
  }

  // ---------------------------------------------------------------- output

  #onCommitted(message: Extract<FromWorker, { readonly kind: 'committed' }>): void {
    for (const segment of message.segments) {
      this.#showSegment({ checkpointId: segment.checkpointId, path: `${this.#storage.segments}/${segment.name}`, lines: segment.lines, subtask: message.task });
    }
    const final = this.#finalCommit;
    if (!final || final.id !== message.checkpointId) return;
    final.missing.delete(message.task);
    if (final.missing.size === 0) void this.#end('FINISHED', null);
  }

  /** Segments on disk that were not told yet: after a restore, or of an earlier life of the runtime. */
  async #findSegments(): Promise<void> {
    const { files } = this.#environment;
    for (const segment of await listCommitted(files, this.#storage.segments)) {
      const path = `${this.#storage.segments}/${segment.name}`;
      if (this.#segments.has(path)) continue;
      const bytes = await files.read(path);
      let lines = 0;
      for (const byte of bytes) if (byte === 10) lines += 1;
      this.#showSegment({ checkpointId: segment.checkpointId, path, lines, subtask: segment.task });
    }
  }

  #showSegment(segment: CommittedSegment): void {
    if (this.#segments.has(segment.path)) return;
    this.#segments.set(segment.path, segment);
    this.#emit({ kind: 'committed', ...segment });
  }

  // ---------------------------------------------------------------- end

  async #end(state: Terminal, cause: FaultRecord | null): Promise<void> {
    if (this.#ending || this.#closed) return;
    this.#ending = true;
    this.#cancelTimers();
    this.#attempt = attempt(this.#attempt + 1);
    this.#abandon?.();
    if (this.#coordinator) this.#decide({ kind: 'tasks-stopped', at: this.#environment.clock.now() });
    const workers = [...this.#workers.values()];
    for (const worker of workers) {
      this.#lost.set(worker.id, { ...this.#workerRecord(worker), state: 'stopped' });
      worker.process.kill();
    }
    await Promise.all(workers.map((worker) => worker.gone));
    this.#workers.clear();
    this.#emitWorkers();
    await this.#launched;
    await this.#effects;
    await this.settle(state, cause);
  }

  /** The end of a job, up to its output; for a job of an earlier life that ended but did not get this far, called alone. */
  async settle(state: Terminal, cause: FaultRecord | null): Promise<void> {
    this.#ending = true;
    for (let failures = 0; !this.#closed; failures += 1) {
      try {
        await this.#register.ended(state, cause, false);
        await this.#settleOutput(state);
        await this.#register.ended(state, cause, true);
        break;
      } catch (error) {
        // The end is decided; only the disk does not take it yet.
        if (failures === 0) this.#environment.report(`job ${this.id} is ${state}, but its end cannot be written yet: ${String(error)}`);
        await new Promise<void>((resolve) => { this.#after(SETTLE_RETRY_MS, resolve); });
      }
    }
    if (this.#closed) return;
    this.#cause = cause;
    this.#setState(state);
    this.#resolveEnded(state);
  }

  /** A job that ended in an earlier life of the runtime: only its output is looked up. */
  async showEnded(state: Terminal, cause: FaultRecord | null): Promise<void> {
    this.#ending = true;
    await this.#findSegments().catch((error: unknown) => this.#environment.report(`segments of job ${this.id}: ${String(error)}`));
    this.#cause = cause;
    this.#setState(state);
    this.#resolveEnded(state);
  }

  /** What the newest checkpoint covers is committed, the rest is deleted; then all committed lines go to the output file. */
  async #settleOutput(state: Terminal): Promise<void> {
    const { files } = this.#environment;
    await this.#storage.prepare();
    const metadata = await this.#newestWhole();
    if (state !== 'FAILED' || metadata) await recoverTransactions(files, this.#storage.segments, metadata?.tasks.flatMap((task) => task.output) ?? []);
    await this.#findSegments();
    const { outputPath } = this.#spec;
    if (outputPath === null || state === 'FAILED') return;
    const at = outputPath.lastIndexOf('/');
    await writeDurably(files, outputPath.slice(0, at), outputPath.slice(at + 1), () => readCommitted(files, this.#storage.segments));
  }

  async #newestWhole(): Promise<CheckpointMetadata | null> {
    for (const id of [...await this.#storage.list()].reverse()) {
      try {
        const metadata = await this.#storage.metadata(id);
        if (!metadata) continue;
        await this.#storage.verify(metadata);
        await this.#storage.confirm(id);
        return metadata;
      } catch (error) {
        if (!(error instanceof CheckpointDamaged)) throw error;
      }
    }
    return null;
  }

  // ---------------------------------------------------------------- figures and records

  #onFigures(worker: Worker, message: Extract<FromWorker, { readonly kind: 'figures' }>): void {
    worker.memoryBytes = message.memoryBytes;
    worker.cpuShare = message.cpuShare;
    for (const task of message.tasks) this.#figures.set(task.task, task);
    if (message.pending.length > 0 || message.omitted > 0) this.#emit({ kind: 'pending', lines: message.pending, omitted: message.omitted });
    this.#emitWorkers();
    if (this.#figures.size < this.#tasks.length) return; // sums over half of the tasks would jump
    this.#summed = sumFigures([...this.#figures.values()]);
    this.#emit({ kind: 'figures', at: this.#environment.clock.now(), figures: this.#summed });
    const recovery = this.#recovery;
    if (recovery && this.#state === 'RUNNING' && this.#inputPosition() >= recovery.target) this.#finishRecovery();
  }

  #inputPosition(): number {
    let position = 0;
    for (const task of this.#figures.values()) position += task.position ?? 0;
    return position;
  }

  #beginRecovery(cause: FaultRecord): void {
    const now = this.#environment.clock.monotonic();
    const before = this.#recovery;
    const target = before ? before.target : this.#inputPosition();
    if (before) this.#showRecovery({ ...this.#shown(before.id), done: true }); // it failed; the next one goes on
    this.#recovery = { id: (this.#recoveries.at(-1)?.id ?? 0) + 1, last: now, target };
    this.#showRecovery({
      id: this.#recovery.id, cause, checkpointId: null, replayed: null, done: false,
      steps: [{ step: 'detected', at: cause.at, durationMs: 0, detail: cause.message }],
    });
  }

  #step(step: Step, detail: string | null, metadata?: CheckpointMetadata | null): void {
    const recovery = this.#recovery;
    if (!recovery) return;
    const now = this.#environment.clock.monotonic();
    const shown = this.#shown(recovery.id);
    const position = metadata ? inputPosition(metadata.tasks) : metadata === null ? 0 : undefined;
    this.#showRecovery({
      ...shown,
      checkpointId: metadata?.checkpointId ?? shown.checkpointId,
      replayed: position === undefined ? shown.replayed : Math.max(0, recovery.target - (position ?? 0)),
      steps: [...shown.steps, { step, at: this.#environment.clock.now(), durationMs: now - recovery.last, detail }],
    });
    recovery.last = now;
  }

  #finishRecovery(): void {
    const recovery = this.#recovery;
    if (!recovery) return;
    this.#step('caught-up', null);
    this.#recovery = null;
    this.#showRecovery({ ...this.#shown(recovery.id), done: true });
  }

  #shown(id: number): RecoveryRecord {
    return this.#recoveries.find((record) => record.id === id) as RecoveryRecord;
  }

  #showRecovery(record: RecoveryRecord): void {
    const at = this.#recoveries.findIndex((shown) => shown.id === record.id);
    if (at >= 0) this.#recoveries[at] = record;
    else this.#recoveries.push(record);
    if (this.#recoveries.length > RECOVERIES_SHOWN) this.#recoveries.shift();
    this.#emit({ kind: 'recovery', recovery: record });
  }

  #workerRecord(worker: Worker): WorkerRecord {
    return {
      workerId: worker.id, pid: worker.process.pid, state: worker.address === null ? 'starting' : 'running',
      subtasks: Object.keys(this.#placement).filter((task) => this.#placement[task] === worker.id),
      memoryBytes: worker.memoryBytes, cpuShare: worker.cpuShare, startedAt: worker.startedAt,
    };
  }

  #workerRecords(): readonly WorkerRecord[] {
    const records = [...this.#lost.values(), ...[...this.#workers.values()].map((worker) => this.#workerRecord(worker))];
    return records.sort((a, b) => (a.workerId < b.workerId ? -1 : 1));
  }

  #emitWorkers(): void {
    this.#emit({ kind: 'workers', workers: this.#workerRecords() });
  }

  #setState(state: JobState): void {
    this.#state = state;
    this.#since = this.#environment.clock.now();
    if (state === 'RUNNING') this.#cause = null;
    this.#emit({ kind: 'state', state, at: this.#since, restarts: this.#restarts, cause: this.#cause });
  }

  #emit(event: JobEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#environment.report(`a listener of job ${this.id} threw: ${String(error)}`);
      }
    }
  }

  #sendToWorkersOf(wanted: (task: Task) => boolean, message: ToWorker): void {
    const bytes = encodeMessage(message);
    const names = new Set(this.#tasks.filter(wanted).map((task) => this.#placement[task.name]));
    for (const name of names) this.#workers.get(name as WorkerId)?.process.control.send(bytes);
  }

  #after(ms: number, callback: () => void): () => void {
    const stop = this.#environment.clock.schedule(ms, () => {
      this.#timers.delete(cancelTimer);
      callback();
    });
    const cancelTimer = (): void => {
      this.#timers.delete(cancelTimer);
      stop();
    };
    this.#timers.add(cancelTimer);
    return cancelTimer;
  }

  #cancelTimers(): void {
    for (const cancelTimer of this.#timers) cancelTimer();
  }
}

/** This launch is over: another one, or the end of the job, has taken its place. */
class Abandoned extends Error {
  override readonly name = 'Abandoned';
}

/** A checkpoint of an earlier life of the runtime, of which only its files are left. */
function unknownCheckpoint(id: CheckpointId): CheckpointRecord {
  return {
    id, phase: 'failed', triggeredAt: 0, acknowledged: 0, expected: 0, durationMs: null, bytes: null, failure: null, final: false, inputPosition: null,
  };
}
