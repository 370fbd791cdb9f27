/** Imaged runs: what an image is written from and read into, the runs of one pattern by slots of keys. */
import type { CompletedStore } from '../partial-matches/completed-store.ts';
import type { NodeLog } from '../partial-matches/node-log.ts';
import type { Runs } from '../partial-matches/run-store.ts';
import type { StageCounters } from '../partial-matches/stage-counters.ts';

export interface ImagedRuns {
  readonly counters: StageCounters;
  readonly nodes: NodeLog;
  readonly runs: Runs;
  readonly completed: CompletedStore;
  readonly windowMs: number;
  readonly endsLazily: boolean;
  /** Gives back what nothing reaches any more, counts what has ended uncounted. */
  beforeImage(): void;
  /** Rows of events that the image has to hold. */
  liveRows(): Int32Array;
  /** Records of nodes that it has to hold. */
  liveRecords(): Int32Array;
  /** Live runs of a key; below 0 where they are kept in common. */
  countOf(slot: number): number;
  /** Those runs in Flink's order of iteration, into `into`. */
  runsOf(slot: number, into: Int32Array): number;
  doneCountOf(slot: number): number;
  completedOf(slot: number): Int32Array;
  /** Puts a run behind those of the key that came before. */
  restoreRun(slot: number, event: number, state: number, node: number, start: number, startTime: number): void;
  appendDone(slot: number, entry: number): void;
}
