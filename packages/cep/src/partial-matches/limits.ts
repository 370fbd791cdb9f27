/**
 * Limits of a job on what its operators may keep, and the faults where they are passed.
 *
 * Always  a limit of the job is shared out to its subtasks in equal parts: exact where there is one, else a subtask may
 *         reach its share before the job as a whole reaches the limit, and the fault says so.
 * Not here: where it is counted (matcher.ts, cep-operator.ts, patterns-operator.ts).
 */
import { JobFault } from '@tidemark/core';

export interface Limits {
  readonly partialMatchesPerJob: number;
  readonly partialMatchesPerKey: number;
  readonly matchesPerEvent: number;
  readonly stateBytesPerJob: number;
  /** Of one key of one pattern; absent: as many as the job may have. */
  readonly stateBytesPerKey?: number;
  /** Subtasks that the limits of the job are shared out to; default 1. */
  readonly subtasks?: number;
}

export const shareOf = (limit: number, { subtasks = 1 }: Limits): number => Math.max(1, Math.floor(limit / subtasks));

export type LimitCode = 'partial-matches-per-job' | 'partial-matches-per-key' | 'matches-per-event' | 'state-bytes-per-key' | 'state-bytes-per-job';

/** Where most partial matches are. */
export interface Crowd {
  readonly patternId: string;
  readonly stage: string;
  /** As JSON. */
  readonly key: string;
}

export function limitFault(code: LimitCode, limits: Limits, { patternId, stage, key }: Crowd, held: { readonly rows: number; readonly bytes: number } | null = null): JobFault {
  const { subtasks = 1 } = limits;
  const ofJob = (limit: number, what: string): string => (subtasks === 1 ? `The job has more than ${limit} ${what}`
    : `One of the job's ${subtasks} subtasks has more than ${shareOf(limit, limits)} ${what}, its share of the limit of ${limit}`);
  const remedy = 'Give the pattern a shorter window, a stricter condition or a skip strategy, or raise the limit in the job.';
  const fault = (message: string, way = remedy): JobFault => new JobFault(message, { domain: 'user', retry: 'no-retry', code, operatorId: patternId, remedy: way });
  const after = `most of them wait after stage ${stage}.`;
  switch (code) {
    case 'matches-per-event': return fault(`One event of key ${key} completes more than ${limits.matchesPerEvent} matches; ${after}`);
    case 'partial-matches-per-key': return fault(`Key ${key} has more than ${limits.partialMatchesPerKey} partial matches; ${after}`);
    case 'state-bytes-per-key': return fault(`Key ${key} has more than ${limits.stateBytesPerKey} bytes of state; most of the partial matches wait after stage ${stage}.`);
    case 'partial-matches-per-job': return fault(`${ofJob(limits.partialMatchesPerJob, 'partial matches')} (the newest of key ${key}); ${after}`);
    default: {
      const rows = held === null || held.rows === 0 ? '' : `; ${held.bytes} bytes are ${held.rows} rows that wait for the watermark`;
      return fault(`${ofJob(limits.stateBytesPerJob, 'bytes of state')}: most of the partial matches are of key ${key} and wait after stage ${stage}${rows}.`,
        held === null || held.rows === 0 ? remedy : 'Give the pattern a shorter window, a stricter condition or a skip strategy, let events be less out of order, or raise the limit in the job.');
    }
  }
}
