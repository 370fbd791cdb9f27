/** The world as a worker sees it. Two adapters: a real process (adapters/worker-main.ts) and the simulator. */
import type { Clock, FileSystem, Hash, WorkerId } from '@tidemark/core';
import type { Link } from './environment.ts';
import type { WireJob } from './job-wiring.ts';

/** Links between workers of one machine, for elements and credits. */
export interface DataNetwork {
  /** Resolves with the address that others connect to. */
  listen(onLink: (link: Link) => void): Promise<string>;
  connect(address: string): Link;
}

export interface WorkerEnvironment {
  readonly workerId: WorkerId;
  readonly clock: Clock;
  readonly files: FileSystem;
  readonly createSha256: () => Hash;
  readonly network: DataNetwork;
  readonly control: Link;
  readonly wire: WireJob;
  /** Runs the callback soon, after I/O had its turn. */
  readonly defer: (callback: () => void) => void;
  /** Steps that a task may make before others have their turn. */
  readonly stepsPerTurn: number;
  readonly usage: () => { readonly memoryBytes: number | null; readonly cpuShare: number | null };
  /** The process ends at once: its job manager is gone. */
  readonly exit: () => void;
}
