/**
 * What a job manager and its workers say to each other on the control link, as JSON frames.
 *
 * Always  every message carries the attempt it speaks of; a message of another attempt is dropped by its receiver (I10).
 *         Links are never shared between two lives of a job manager, so that epochs need no check of their own here.
 */
import type { Attempt, CheckpointId, Epoch } from '@tidemark/core';
import type { StateHandle, TaskAck } from '@tidemark/checkpoint';
import type { SourceFigures, StageFigures, Transaction } from '@tidemark/dataflow';
import type { JobSpec } from './job-wiring.ts';

export interface FaultMessage {
  readonly message: string;
  readonly domain: 'user' | 'external' | 'internal';
  readonly retry: 'no-retry' | 'with-backoff';
  readonly code: string;
  readonly operatorId: string | null;
  readonly remedy: string | null;
}

export interface Deployment {
  readonly epoch: Epoch;
  readonly attempt: Attempt;
  readonly spec: JobSpec;
  readonly jobDirectory: string;
  /** Task -> worker, all tasks of the job. */
  readonly placement: Readonly<Record<string, string>>;
  /** Worker -> where its data links are accepted. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly restore: {
    readonly checkpointId: CheckpointId;
    /** Task to be started -> files of the former tasks that its state comes from. */
    readonly states: Readonly<Record<string, readonly StateHandle[]>>;
    /** Are the former tasks the same ones, task by task? Then a ledger holds a task's own lines alone. */
    readonly sameTasks: boolean;
  } | null;
  readonly figuresIntervalMs: number;
}

export interface TaskFigures {
  readonly task: string;
  readonly source: SourceFigures | null;
  readonly position: number | null;
  readonly watermark: number;
  readonly matches: number;
  readonly stages: readonly StageFigures[];
}

export type ToWorker =
  | { readonly kind: 'deploy'; readonly deployment: Deployment }
  /** All tasks of the job are deployed: connect and go. */
  | { readonly kind: 'start'; readonly attempt: Attempt }
  | { readonly kind: 'trigger'; readonly attempt: Attempt; readonly checkpointId: CheckpointId; readonly timestamp: number; readonly final: boolean }
  | { readonly kind: 'complete'; readonly attempt: Attempt; readonly checkpointId: CheckpointId; readonly final: boolean }
  | { readonly kind: 'aborted'; readonly attempt: Attempt; readonly checkpointId: CheckpointId }
  /** Stop whatever runs; answer when nothing of it touches the disk any more. */
  | { readonly kind: 'cancel'; readonly nonce: number };

export type FromWorker =
  | { readonly kind: 'hello'; readonly address: string }
  | { readonly kind: 'deployed'; readonly attempt: Attempt }
  | { readonly kind: 'started'; readonly attempt: Attempt }
  | { readonly kind: 'ack'; readonly attempt: Attempt; readonly checkpointId: CheckpointId; readonly task: string; readonly ack: TaskAck }
  | { readonly kind: 'declined'; readonly attempt: Attempt; readonly checkpointId: CheckpointId; readonly task: string; readonly detail: string }
  /** This source has emitted all of its input. */
  | { readonly kind: 'input-ended'; readonly attempt: Attempt; readonly task: string }
  | { readonly kind: 'committed'; readonly attempt: Attempt; readonly checkpointId: CheckpointId; readonly task: string; readonly segments: readonly Transaction[] }
  | { readonly kind: 'failed'; readonly attempt: Attempt; readonly task: string; readonly fault: FaultMessage }
  | { readonly kind: 'cancelled'; readonly nonce: number }
  | {
      readonly kind: 'figures'; readonly attempt: Attempt; readonly tasks: readonly TaskFigures[];
      readonly pending: readonly string[]; readonly omitted: number;
      readonly memoryBytes: number | null; readonly cpuShare: number | null;
    };

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const encodeMessage = (message: ToWorker | FromWorker): Uint8Array => encoder.encode(JSON.stringify(message));
export const decodeToWorker = (frame: Uint8Array): ToWorker => JSON.parse(decoder.decode(frame)) as ToWorker;
export const decodeFromWorker = (frame: Uint8Array): FromWorker => JSON.parse(decoder.decode(frame)) as FromWorker;
