/**
 * What a job's document means to its tasks: readers, routing, operator, output lines. Made from the same JSON in the
 * job manager and in every worker.
 *
 * Not here: where tasks run and how they survive; nothing behind this interface knows of checkpoints or processes.
 */
import type { JobFault, JobId } from '@tidemark/core';
import type { DeadLetter, EventBatch, EventSchema } from '@tidemark/event';
import type { KeyedOperator, OutputLine, Rate, SplitReader } from '@tidemark/dataflow';
import type { JobDocument } from '@tidemark/pattern';

/** A job as it is stored and sent to workers: plain JSON. */
export interface JobSpec {
  readonly jobId: JobId;
  readonly document: JobDocument;
  readonly sourcePath: string | null;
  readonly baseTime: number;
  readonly ignoreRate: boolean;
  readonly outputPath: string | null;
}

export interface JobWiring {
  /** Hash of what gives state its meaning: state of another one is refused. */
  readonly stateHash: string;
  readonly schema: EventSchema;
  readonly splits: number;
  /** Subtasks of the operator. */
  readonly parallelism: number;
  readonly maxParallelism: number;
  readonly outOfOrdernessMs: number;
  readonly rate: Rate;
  createReader(split: number, onDeadLetter: (deadLetter: DeadLetter) => void): SplitReader;
  /** Which of the operator's subtasks a row belongs to. */
  createRoute(): (batch: EventBatch, row: number) => number;
  createEncoder(): { encode(batch: EventBatch, rows: Int32Array, rowCount: number): Uint8Array };
  createDecoder(): { decode(frame: Uint8Array): EventBatch };
  createOperator(write: (line: OutputLine) => void): KeyedOperator;
  /** null = not in the output; it was counted. */
  formatLate(batch: EventBatch, row: number): OutputLine | null;
  formatDeadLetter(deadLetter: DeadLetter): OutputLine | null;
  /** Who must act on an error that a task threw. */
  faultOf(error: unknown, task: string): JobFault;
}

export type WireJob = (spec: JobSpec) => JobWiring;
