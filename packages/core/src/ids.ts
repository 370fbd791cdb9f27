/** Branded identifiers that several rooms share. */
import type { Brand } from './brand.ts';
import { invariant } from './invariant.ts';

/** Strictly increasing within one job, starting at 1. Never reused, even for an aborted checkpoint. */
export type CheckpointId = Brand<number, 'CheckpointId'>;
export type JobId = Brand<string, 'JobId'>;
export type WorkerId = Brand<string, 'WorkerId'>;
/** One incarnation of a job's coordinator; every message carries it (fencing). */
export type Epoch = Brand<number, 'Epoch'>;
/** One deployment of a job's tasks within an epoch. */
export type Attempt = Brand<number, 'Attempt'>;

export const checkpointId = (n: number): CheckpointId => {
  invariant(Number.isSafeInteger(n) && n >= 1, `checkpoint id must be >= 1, got ${n}`);
  return n as CheckpointId;
};
export const jobId = (text: string): JobId => text as JobId;
export const workerId = (text: string): WorkerId => text as WorkerId;
export const epoch = (n: number): Epoch => n as Epoch;
export const attempt = (n: number): Attempt => n as Attempt;
