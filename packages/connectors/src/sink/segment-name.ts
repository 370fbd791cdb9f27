/**
 * Names of the files of a transactional sink: they carry what recovery must know without opening them.
 *
 *   cp00000012.match-0.e1a3.ndjson    committed under checkpoint 12 by match/0, epoch 1, attempt 3
 *   match-0.e1a3.5.pending            the fifth transaction of that attempt: open, or closed and not committed
 *
 * Always  committed names sort by checkpoint; a pending name is never used twice (epoch and attempt are in it).
 */
import { type CheckpointId, checkpointId } from '@tidemark/core';

export interface SegmentName {
  readonly name: string;
  readonly checkpointId: CheckpointId;
  /** e.g. `match/0` */
  readonly task: string;
}

const COMMITTED = /^cp(\d{8,16})\.([a-z]+\d*)-(\d+)\.e\d+a\d+\.ndjson$/;

export const committedName = (id: CheckpointId, task: string, life: string): string =>
  `cp${String(id).padStart(8, '0')}.${task.replace('/', '-')}.${life}.ndjson`;

export const pendingName = (task: string, life: string, ordinal: number): string => `${task.replace('/', '-')}.${life}.${ordinal}.pending`;

export const isPendingName = (name: string): boolean => name.endsWith('.pending');

/** null for a name that is no committed segment's. */
export function parseCommittedName(name: string): SegmentName | null {
  const parts = COMMITTED.exec(name);
  if (!parts) return null;
  return { name, checkpointId: checkpointId(Number(parts[1])), task: `${parts[2]}/${parts[3]}` };
}
