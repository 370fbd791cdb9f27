/**
 * What the cluster tells about a job, and what may be asked of it: the seam between cluster and runtime.
 *
 * Always  events of one job come in the order in which things happened; a listener that throws or is slow is our
 *         bug, never the job's problem: events are facts, not questions. The runtime merges them to at most 4
 *         frames a second, writes the match store from committed segments and owns everything a browser sees.
 * Units   wall times in ms since the epoch, durations in ms from a monotonic clock, sizes in bytes.
 */
import type { CheckpointId, JobId, WorkerId } from '@tidemark/core';

export type JobState =
  | 'CREATED' | 'INITIALIZING' | 'RUNNING' | 'RESTARTING' | 'FINISHED' | 'CANCELLING' | 'CANCELED' | 'FAILED';

export interface FaultRecord {
  readonly code: string;
  readonly message: string;
  readonly domain: 'user' | 'external' | 'internal';
  readonly remedy: string | null;
  readonly at: number;
  readonly workerId: WorkerId | null;
}

export interface StageCounters {
  readonly patternId: string;
  /** By stage number of the pattern; each array has one entry a stage. */
  readonly waiting: readonly number[];
  readonly entered: readonly number[];
  readonly advanced: readonly number[];
  readonly expired: readonly number[];
  readonly blocked: readonly number[];
  readonly heldBack: number;
  readonly dropped: number;
  /** Absent in figures that an older runtime stored. */
  readonly matches?: number;
  /** `waiting` may count some that are over. */
  readonly atMost?: boolean;
}

/** Sums over the job's subtasks, sampled by the job manager a few times a second. */
export interface JobFigures {
  readonly eventsRead: number;
  readonly watermark: number | null;
  readonly newestEventTime: number | null;
  readonly late: number;
  readonly deadLetters: number;
  readonly matches: number;
  readonly partialMatches: number;
  readonly keys: number;
  /** Share of the input read, 0..1, where the end is known. */
  readonly progress: number | null;
  readonly patterns: readonly StageCounters[];
}

export interface CheckpointRecord {
  readonly id: CheckpointId;
  readonly phase: 'triggered' | 'completed' | 'failed';
  readonly triggeredAt: number;
  readonly acknowledged: number;
  readonly expected: number;
  readonly durationMs: number | null;
  readonly bytes: number | null;
  readonly failure: string | null;
  readonly final: boolean;
  /** Ordinal of the input up to which this checkpoint covers (all splits together), null while in progress. */
  readonly inputPosition: number | null;
}

export interface WorkerRecord {
  readonly workerId: WorkerId;
  readonly pid: number | null;
  readonly state: 'starting' | 'running' | 'lost' | 'stopped';
  /** e.g. `source/0`, `match/1` */
  readonly subtasks: readonly string[];
  readonly memoryBytes: number | null;
  readonly cpuShare: number | null;
  readonly startedAt: number | null;
}

export interface RecoveryRecord {
  readonly id: number;
  readonly cause: FaultRecord;
  readonly checkpointId: CheckpointId | null;
  /** Input records that are read again. */
  readonly replayed: number | null;
  readonly steps: readonly {
    readonly step: 'detected' | 'cancelled' | 'waited' | 'workers-started' | 'checkpoint-chosen' | 'restored' | 'running' | 'caught-up';
    readonly at: number;
    readonly durationMs: number;
    readonly detail: string | null;
  }[];
  readonly done: boolean;
}

export type JobEvent =
  | { readonly kind: 'state'; readonly state: JobState; readonly at: number; readonly restarts: number; readonly cause: FaultRecord | null }
  | { readonly kind: 'figures'; readonly at: number; readonly figures: JobFigures }
  | { readonly kind: 'checkpoint'; readonly checkpoint: CheckpointRecord }
  /** Output lines (JSON) as they leave the operators, before they are committed. Sampled when they are many: `omitted` counts the rest. */
  | { readonly kind: 'pending'; readonly lines: readonly string[]; readonly omitted: number }
  /** A segment of output lines is committed: durable, final, in the job's output. `path` holds the lines, in order. */
  | { readonly kind: 'committed'; readonly checkpointId: CheckpointId; readonly path: string; readonly lines: number; readonly subtask: string }
  /** A restore took back what was pending; it comes again by replay. */
  | { readonly kind: 'retracted' }
  | { readonly kind: 'workers'; readonly workers: readonly WorkerRecord[] }
  | { readonly kind: 'recovery'; readonly recovery: RecoveryRecord };

/** A durable piece of the job's output. Segments are never changed or taken back. */
export interface CommittedSegment {
  readonly checkpointId: CheckpointId;
  readonly path: string;
  readonly lines: number;
  readonly subtask: string;
}

export interface JobSnapshot {
  readonly state: JobState;
  readonly since: number;
  readonly restarts: number;
  readonly cause: FaultRecord | null;
  readonly figures: JobFigures | null;
  readonly checkpoints: readonly CheckpointRecord[];
  readonly workers: readonly WorkerRecord[];
  readonly recoveries: readonly RecoveryRecord[];
  /**
   * Everything committed so far, in order of checkpoint: after recover() of a killed runtime a store catches up from
   * here (idempotently by matchId), then goes on with the `committed` events.
   */
  readonly segments: readonly CommittedSegment[];
}

export interface JobHandle {
  readonly id: JobId;
  snapshot(): JobSnapshot;
  subscribe(listener: (event: JobEvent) => void): () => void;
  /** Resolves when the job is FINISHED, CANCELED or FAILED. */
  readonly ended: Promise<JobState>;
  cancel(): Promise<void>;
  /** SIGKILL, for the person who wants to see a recovery. Throws a JobFault when there is no such running worker. */
  killWorker(workerId: WorkerId): { readonly pid: number };
}
