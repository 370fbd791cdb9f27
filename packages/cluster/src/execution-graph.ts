/**
 * The tasks of a job and the channels between them: sources, and for each key a keyed exchange with its matchers.
 *
 * Shape   tasks `source/0..s-1`, then for each exchange `match/0..p-1` (the second is `match2`, the third `match3`).
 *         Channels are numbered exchange by exchange: channel first(e) + s*p + m leads from source s to matcher m of
 *         exchange e, which has p of them, and is input number s of that matcher.
 * Always  tasks go to workers round robin in this order, so that the same job with the same workers is placed the same.
 */
import { invariant } from '@tidemark/core';
import { keyGroupRange } from '@tidemark/dataflow';
import type { KeyedExchange } from './job-wiring.ts';

export const SOURCE_UID = 'source';
const MATCH_UID = 'match';

export interface Task {
  /** e.g. `match/0` */
  readonly name: string;
  readonly uid: string;
  readonly subtask: number;
  /** Number of its exchange; null for a source. */
  readonly exchange: number | null;
}

/** One end-to-end channel: from a source to one of the matchers of an exchange. */
export interface ChannelEnds {
  readonly source: number;
  readonly exchange: number;
  readonly match: number;
}

export interface Shape {
  readonly sources: number;
  readonly maxParallelism: number;
  readonly exchanges: readonly Pick<KeyedExchange, 'parallelism'>[];
}

export const matchUid = (exchange: number): string => (exchange === 0 ? MATCH_UID : `${MATCH_UID}${exchange + 1}`);
export const matchName = ({ exchange, match }: Pick<ChannelEnds, 'exchange' | 'match'>): string => `${matchUid(exchange)}/${match}`;

export function tasksOf(shape: Shape): readonly Task[] {
  const tasks: Task[] = [];
  for (let subtask = 0; subtask < shape.sources; subtask += 1) tasks.push({ name: `${SOURCE_UID}/${subtask}`, uid: SOURCE_UID, subtask, exchange: null });
  shape.exchanges.forEach(({ parallelism }, exchange) => {
    for (let match = 0; match < parallelism; match += 1) tasks.push({ name: matchName({ exchange, match }), uid: matchUid(exchange), subtask: match, exchange });
  });
  return tasks;
}

export function placeTasks(tasks: readonly Task[], workers: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(tasks.map((task, index) => [task.name, workers[index % workers.length] as string]));
}

export function channelOf({ sources, exchanges }: Shape, { source, exchange, match }: ChannelEnds): number {
  let first = 0;
  for (let before = 0; before < exchange; before += 1) first += sources * (exchanges[before] as { parallelism: number }).parallelism;
  return first + source * (exchanges[exchange] as { parallelism: number }).parallelism + match;
}

export function channelEnds({ sources, exchanges }: Shape, channel: number): ChannelEnds {
  let at = channel;
  for (let exchange = 0; exchange < exchanges.length; exchange += 1) {
    const { parallelism } = exchanges[exchange] as { parallelism: number };
    if (at < sources * parallelism) return { source: Math.floor(at / parallelism), exchange, match: at % parallelism };
    at -= sources * parallelism;
  }
  invariant(false, `no channel ${channel}`);
}

export function keyGroupsOf({ exchanges, maxParallelism }: Shape, { exchange, match }: Pick<ChannelEnds, 'exchange' | 'match'>): { readonly start: number; readonly end: number } {
  return keyGroupRange(match, { parallelism: (exchanges[exchange] as { parallelism: number }).parallelism, maxParallelism });
}
