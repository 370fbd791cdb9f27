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

/** The file of a job's source; of several files each is a split. */
export type SourcePath = string | readonly string[] | null;

/** A job as it is stored and sent to workers: plain JSON. */
export interface JobSpec {
  readonly jobId: JobId;
  readonly document: JobDocument;
  readonly sourcePath: SourcePath;
  readonly baseTime: number;
  readonly ignoreRate: boolean;
  readonly outputPath: string | null;
}

/** A keyed exchange and the operator behind it: all patterns with one key, so that a row crosses once for all of them. */
export interface KeyedExchange {
  /** Subtasks of the operator. */
  readonly parallelism: number;
  /** Which of the operator's subtasks a row belongs to; -1 = the row lacks a field of this key and takes no part. */
  createRoute(): (batch: EventBatch, row: number) => number;
  createOperator(write: (line: OutputLine) => void): KeyedOperator;
}

export interface JobWiring {
  /** Hash of what gives state its meaning: state of another one is refused. */
  readonly stateHash: string;
  readonly schema: EventSchema;
  readonly splits: number;
  /** Source subtasks, at most one a split: subtask i reads the splits i, i + sources, i + 2 * sources … */
  readonly sources: number;
  /** Rows get the time at which they are read; nothing is late. */
  readonly processingTime: boolean;
  /** null = splits are waited for, however long they have nothing. */
  readonly idlenessMs: number | null;
  /** One for each key of the job's patterns. */
  readonly exchanges: readonly KeyedExchange[];
  readonly maxParallelism: number;
  readonly outOfOrdernessMs: number;
  readonly rate: Rate;
  createReader(split: number, onDeadLetter: (deadLetter: DeadLetter) => void): SplitReader;
  createEncoder(): { encode(batch: EventBatch, rows: Int32Array, rowCount: number): Uint8Array };
  createDecoder(): { decode(frame: Uint8Array): EventBatch };
  /** One line for each pattern that wants it; it was counted all the same. */
  formatLate(batch: EventBatch, row: number): readonly OutputLine[];
  formatDeadLetter(deadLetter: DeadLetter): OutputLine | null;
  /** Who must act on an error that a task threw. */
  faultOf(error: unknown, task: string): JobFault;
}

export type WireJob = (spec: JobSpec) => JobWiring;
