/** What a checkpoint consists of, as acknowledged by its tasks and written in its metadata. */
import type { Attempt, CheckpointId, Epoch } from '@tidemark/core';

/** One file of state. A checkpoint exists only as long as every such file verifies. */
export interface StateHandle {
  /** Below the checkpoint's directory. */
  readonly name: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** A segment of output that becomes visible when the checkpoint is complete. */
export interface PendingOutput {
  readonly checkpointId: CheckpointId;
  /** Name of the file once it is committed, and until then. */
  readonly name: string;
  readonly pending: string;
  readonly lines: number;
  readonly bytes: number;
  readonly sha256: string;
}

export interface TaskAck {
  readonly state: StateHandle;
  readonly output: readonly PendingOutput[];
  /** Records of the input that the task's image covers; null for tasks that read none. */
  readonly inputPosition: number | null;
}

export interface CheckpointMetadata {
  readonly jobId: string;
  readonly checkpointId: CheckpointId;
  readonly epoch: Epoch;
  readonly attempt: Attempt;
  readonly triggeredAt: number;
  readonly final: boolean;
  /** Hash of what gives the states their meaning. */
  readonly stateHash: string;
  readonly tasks: readonly (TaskAck & { readonly task: string })[];
}

/** State and output together. */
export function checkpointBytes(acks: Iterable<TaskAck>): number {
  let bytes = 0;
  for (const ack of acks) bytes += ack.state.bytes;
  return bytes;
}

/** Records of the input that a checkpoint covers, all splits together; null when no task reads input. */
export function inputPosition(acks: Iterable<TaskAck>): number | null {
  let position: number | null = null;
  for (const ack of acks) if (ack.inputPosition !== null) position = (position ?? 0) + ack.inputPosition;
  return position;
}
