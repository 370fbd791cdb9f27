/**
 * The world as a cluster sees it: clock, disk, worker processes. Nothing else reaches outside.
 *
 * Always  two adapters: real processes (adapters/node-environment.ts) and the simulator. The same job manager and
 *         task manager run in both.
 */
import type { Clock, FileSystem, Hash, WorkerId } from '@tidemark/core';
import type { WireJob } from './job-wiring.ts';

/**
 * A pipe of frames in both directions.
 *
 * Always  frames arrive whole, once and in order of sending, until the link closes; what was under way then may be lost.
 *         `onClose` comes exactly once, also when this side closed; nothing arrives after it.
 */
export interface Link {
  /** The link owns the bytes from here on. After the close it does nothing. */
  send(frame: Uint8Array): void;
  /** Handlers are set once, before the event loop turns. */
  open(handlers: { readonly onFrame: (frame: Uint8Array) => void; readonly onClose: () => void }): void;
  close(): void;
}

/** A worker as its job manager holds it: the near end of the control link, and the power over its life. */
export interface WorkerProcess {
  readonly pid: number;
  readonly control: Link;
  /** SIGKILL. The control link closes by it. */
  kill(): void;
}

export interface WorkerHost {
  /** Starts a worker process. Its control link buffers until the process reads. */
  spawn(workerId: WorkerId, fence: string): WorkerProcess;
  /**
   * Makes sure that a worker of an earlier life of the runtime is gone before anything is restored. `fence` is the
   * word it was started with, so that another process which got the same pid is left alone.
   */
  fence(pid: number, fence: string): Promise<void>;
}

export interface ClusterEnvironment {
  readonly clock: Clock;
  readonly files: FileSystem;
  readonly workers: WorkerHost;
  readonly createSha256: () => Hash;
  readonly wire: WireJob;
  /** Unique text for fences and temporary names; no secret. */
  readonly unique: () => string;
  /** One line for whoever runs the cluster, about what no job's handle can tell. */
  readonly report: (line: string) => void;
}
