/**
 * The tasks of a job and the channels between them: sources, a keyed exchange, matchers.
 *
 * Shape   tasks `source/0..s-1` and `match/0..p-1`; channel s*p + m leads from source s to matcher m and is input
 *         number s of that matcher.
 * Always  tasks go to workers round robin in this order, so that the same job with the same workers is placed the same.
 */
import { keyGroupRange } from '@tidemark/dataflow';
import type { JobWiring } from './job-wiring.ts';

export const SOURCE_UID = 'source';
export const MATCH_UID = 'match';

export interface Task {
  /** e.g. `match/0` */
  readonly name: string;
  readonly uid: typeof SOURCE_UID | typeof MATCH_UID;
  readonly subtask: number;
}

export type Shape = Pick<JobWiring, 'splits' | 'parallelism' | 'maxParallelism'>;

export function tasksOf(shape: Shape): readonly Task[] {
  const tasks: Task[] = [];
  for (let subtask = 0; subtask < shape.splits; subtask += 1) tasks.push({ name: `${SOURCE_UID}/${subtask}`, uid: SOURCE_UID, subtask });
  for (let subtask = 0; subtask < shape.parallelism; subtask += 1) tasks.push({ name: `${MATCH_UID}/${subtask}`, uid: MATCH_UID, subtask });
  return tasks;
}

export function placeTasks(tasks: readonly Task[], workers: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(tasks.map((task, index) => [task.name, workers[index % workers.length] as string]));
}

export const channelOf = (shape: Shape, source: number, match: number): number => source * shape.parallelism + match;
export const channelEnds = (shape: Shape, channel: number): { readonly source: number; readonly match: number } =>
  ({ source: Math.floor(channel / shape.parallelism), match: channel % shape.parallelism });

export const keyGroupsOf = (shape: Shape, match: number): { readonly start: number; readonly end: number } =>
  keyGroupRange(match, { parallelism: shape.parallelism, maxParallelism: shape.maxParallelism });
