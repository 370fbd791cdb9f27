/**
 * What runtime and designer say to each other live. The wire's types are owned here; the runtime maps the
 * cluster's own events onto them, exhaustively.
 *
 * Always  at most 4 frames a second for each job; frames of one job and epoch carry a seq that rises by one:
 *         a gap (or another epoch) means "ask for a snapshot". A frame holds the newest state of the topics that
 *         changed, so that dropping a frame for a slow browser loses nothing that a snapshot does not bring.
 */

/** Raise when a message changes shape. Designer and runtime refuse each other when it differs. */
export const PROTOCOL_VERSION = 2;

export type JobState =
  | 'CREATED' | 'INITIALIZING' | 'RUNNING' | 'RESTARTING' | 'FINISHED' | 'CANCELLING' | 'CANCELED' | 'FAILED';

export interface JobStateUpdate {
  readonly topic: 'state';
  readonly state: JobState;
  readonly since: number;
  /** How often the job was restarted. */
  readonly restarts: number;
  readonly cause: FaultView | null;
}

export interface FaultView {
  readonly code: string;
  readonly message: string;
  readonly domain: 'user' | 'external' | 'internal';
  readonly remedy: string | null;
  readonly at: number;
  readonly workerId: string | null;
}

/** Rates are events per second over the last second or so; times are epoch ms; null = not known yet. */
export interface FiguresUpdate {
  readonly topic: 'figures';
  readonly eventsRead: number;
  readonly eventsPerSecond: number;
  readonly watermark: number | null;
  readonly newestEventTime: number | null;
  /** newest event time read - watermark, ms. */
  readonly behindMs: number | null;
  readonly late: number;
  readonly deadLetters: number;
  readonly matches: number;
  readonly committedMatches: number;
  readonly partialMatches: number;
  readonly keys: number;
  /** Position in the input, as a share 0..1 where the end is known, else null. */
  readonly progress: number | null;
}

export interface StageFigures {
  readonly stageId: string;
  readonly waiting: number;
  /** `waiting` may count some that are over: they are kept in common, and shown with ≤. */
  readonly atMost: boolean;
  readonly entered: number;
  readonly advanced: number;
  readonly expired: number;
  readonly blocked: number;
  readonly heldBack: number;
  readonly dropped: number;
}
/** One for each pattern whose figures moved. */
export interface StagesUpdate {
  readonly topic: 'stages';
  readonly patternId: string;
  /** Of this pattern, committed or not. */
  readonly matches: number;
  readonly stages: readonly StageFigures[];
}

export interface CheckpointView {
  readonly id: number;
  readonly phase: 'triggered' | 'completed' | 'failed';
  readonly triggeredAt: number;
  readonly acknowledged: number;
  readonly expected: number;
  readonly durationMs: number | null;
  readonly bytes: number | null;
  readonly failure: string | null;
  /** True for the final checkpoint of a bounded job. */
  readonly final: boolean;
}
/** Newest first, at most 50; an update replaces the entries with the same id. */
export interface CheckpointsUpdate {
  readonly topic: 'checkpoints';
  readonly counts: { readonly triggered: number; readonly completed: number; readonly failed: number; readonly restored: number };
  readonly changed: readonly CheckpointView[];
}

export interface MatchEventView {
  readonly ts: number;
  readonly split: number;
  readonly position: number;
  readonly fields: Readonly<Record<string, string | number | boolean | null>>;
}
export interface MatchView {
  readonly matchId: string;
  readonly patternId: string;
  readonly kind: 'match' | 'timed-out' | 'late' | 'dead-letter';
  readonly key: readonly (string | number | boolean | null)[];
  readonly start: number;
  readonly end: number;
  readonly text: string | null;
  /** By stage name, in order of the pattern; at most 20 events a stage, `more` says how many are left out. */
  readonly stages: readonly { readonly stage: string; readonly events: readonly MatchEventView[]; readonly more: number }[];
  /** null while pending. */
  readonly committedIn: number | null;
  /** Rising number of the committed row, for paging; null while pending. */
  readonly seq: number | null;
}
export interface MatchesUpdate {
  readonly topic: 'matches';
  /** New pending ones and those that turned committed since the last frame; at most 50 each, newest last. */
  readonly changed: readonly MatchView[];
  /** Matches of this frame that are not listed because there were too many. */
  readonly omitted: number;
  /** Pending ids that a restore took back (they come again by replay). */
  readonly retracted: readonly string[];
}

export interface WorkerView {
  readonly workerId: string;
  readonly pid: number | null;
  readonly state: 'starting' | 'running' | 'lost' | 'stopped';
  readonly subtasks: readonly string[];
  readonly memoryBytes: number | null;
  readonly cpuShare: number | null;
  readonly startedAt: number | null;
}
export interface WorkersUpdate { readonly topic: 'workers'; readonly workers: readonly WorkerView[] }

/** One recovery, as steps with durations. The newest 20 are kept. */
export interface RecoveryStep {
  readonly step: 'detected' | 'cancelled' | 'waited' | 'workers-started' | 'checkpoint-chosen' | 'restored' | 'running' | 'caught-up';
  readonly at: number;
  readonly durationMs: number;
  readonly detail: string | null;
}
export interface RecoveryView {
  readonly id: number;
  readonly cause: FaultView;
  readonly checkpointId: number | null;
  /** Input events that are read again. */
  readonly replayed: number | null;
  readonly steps: readonly RecoveryStep[];
  readonly done: boolean;
}
export interface RecoveryUpdate { readonly topic: 'recovery'; readonly changed: readonly RecoveryView[] }

/** Committed matches against the run without faults. */
export interface ProofView {
  readonly topic: 'proof';
  readonly state: 'not-applicable' | 'waiting' | 'running' | 'equal' | 'different' | 'failed';
  /** Compared up to this share of the input (0..1), 1 at the end. */
  readonly upTo: number | null;
  readonly expected: number;
  readonly committed: number;
  readonly missing: number;
  readonly doubled: number;
  readonly unexpected: number;
  readonly detail: string | null;
}

export type JobUpdate =
  | JobStateUpdate | FiguresUpdate | StagesUpdate | CheckpointsUpdate | MatchesUpdate | WorkersUpdate | RecoveryUpdate | ProofView;

export interface JobFrame {
  readonly jobId: string;
  /** One life of the runtime's feed of this job. */
  readonly epoch: string;
  readonly seq: number;
  readonly at: number;
  readonly updates: readonly JobUpdate[];
}

export type Ack<T> = (reply: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly code: string; readonly reason: string }) => void;

export interface ServerToClientEvents {
  /** Whole state of one job: replaces what the page knows; seq is where the deltas go on. */
  'job:snapshot': (frame: JobFrame) => void;
  'job:frame': (frame: JobFrame) => void;
  /** The list of jobs or projects changed: fetch it again over REST. */
  'jobs:changed': () => void;
}
export interface ClientToServerEvents {
  'job:watch': (request: { readonly jobId: string; readonly version: number }, ack: Ack<{ readonly epoch: string }>) => void;
  'job:unwatch': (request: { readonly jobId: string }, ack: Ack<null>) => void;
}
