/**
 * What a task needs of a transactional sink (the two phases of a commit, seen from the subtask).
 *
 * Always  write() goes to the open transaction; preCommit(n) closes it under checkpoint n, synchronously, at the cut;
 *         its lines become visible only by commit(m) with m >= n, which comes when checkpoint m is durable.
 *         A transaction of an aborted checkpoint stays and is committed with the next one (never rolled back).
 * Not here: files (packages/connectors), which transactions a checkpoint lists (the acknowledgement carries them).
 */
import type { CheckpointId } from '@tidemark/core';

/** One line of output, ready to be written. */
export interface OutputLine {
  /** Unique in the job's output and the same in every replay. */
  readonly matchId: string;
  readonly kind: 'match' | 'timed-out' | 'late' | 'dead-letter';
  readonly patternId: string;
  /** JSON without a line end. */
  readonly line: string;
}

/** A closed transaction, durable on disk, not yet visible. */
export interface Transaction {
  readonly checkpointId: CheckpointId;
  /** Name of the segment once it is committed, without directory. */
  readonly name: string;
  /** Name of its file until then, in the same directory. */
  readonly pending: string;
  readonly lines: number;
  readonly bytes: number;
  /** Of the segment's bytes, in hexadecimal. */
  readonly sha256: string;
}

export interface PreCommit {
  /** What the writer must remember beyond its transactions, for the snapshot. */
  readonly state: Uint8Array;
  /** All transactions that are not committed yet, this one included, once they are durable. */
  readonly durable: Promise<readonly Transaction[]>;
}

export interface SinkWriter {
  write(line: OutputLine): void;
  preCommit(checkpointId: CheckpointId): PreCommit;
  /** Commits all transactions up to this checkpoint, in order; resolves with those that became visible and durable. */
  commit(checkpointId: CheckpointId): Promise<readonly Transaction[]>;
  /** Before the first write. */
  restore(state: Uint8Array): void;
  /** Stops; resolves when no I/O of this writer is under way any more. Nothing is committed after it was called. */
  close(): Promise<void>;
}
