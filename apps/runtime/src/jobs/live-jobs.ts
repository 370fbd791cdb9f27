/**
 * All jobs that this runtime follows, and the feeds of those that have ended (made from the store when somebody looks).
 */
import { randomUUID } from 'node:crypto';
import type { JobHandle, JobSnapshot } from '@tidemark/cluster';
import type { JobSummary } from '@tidemark/protocol';
import { understand } from '../language.ts';
import { JobFeed, LISTED_MAX } from '../socket/job-feed.ts';
import { timeReader } from '../socket/time-of.ts';
import { type StoredJob, hasEnded } from '../store/jobs.ts';
import type { TakenRow } from '../store/matches.ts';
import { LiveJob, type LiveJobEnvironment, type Witness } from './live-job.ts';

export interface LiveJobsEnvironment extends LiveJobEnvironment {
  readonly now: () => number;
  /** The proof of a job, or null where none is possible. It tells what it finds to `prove`. */
  readonly witness: (job: StoredJob, live: LiveJob) => Witness | null;
}

/** Feeds of ended jobs that are kept at hand. */
const FEEDS_KEPT = 50;

export class LiveJobs {
  readonly #environment: LiveJobsEnvironment;
  readonly #live = new Map<string, LiveJob>();
  readonly #endedFeeds = new Map<string, JobFeed>();

  constructor(environment: LiveJobsEnvironment) {
    this.#environment = environment;
  }

  get(id: string): LiveJob | null {
    return this.#live.get(id) ?? null;
  }

  running(): LiveJob[] {
    return [...this.#live.values()].filter((live) => !hasEnded(live.handle.snapshot().state));
  }

  async follow(handle: JobHandle, stored: StoredJob): Promise<LiveJob> {
    const feed = await this.#feedOf(stored, handle.snapshot());
    const live = new LiveJob(handle, feed, this.#environment);
    this.#live.set(handle.id, live);
    await live.follow(this.#environment.witness(stored, live));
    return live;
  }

  /** Null where there is no such job. */
  async feed(id: string): Promise<JobFeed | null> {
    const known = this.#live.get(id)?.feed ?? this.#endedFeeds.get(id);
    if (known !== undefined) return known;
    const stored = await this.#environment.jobs.find(id);
    if (stored === null) return null;
    const feed = await this.#feedOf(stored, null);
    this.#endedFeeds.set(id, feed);
    for (const old of this.#endedFeeds.keys()) {
      if (this.#endedFeeds.size <= FEEDS_KEPT) break;
      this.#endedFeeds.delete(old);
    }
    return feed;
  }

  /** A stored job's summary, with the figures of this moment. State and counts are the store's: what they say can be read. */
  summary(stored: StoredJob): JobSummary {
    const figures = this.#live.get(stored.summary.id)?.figures;
    return figures == null ? stored.summary : { ...stored.summary, eventsRead: figures.eventsRead };
  }

  async forget(id: string): Promise<void> {
    const live = this.#live.get(id);
    this.#live.delete(id);
    this.#endedFeeds.delete(id);
    await live?.stop();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#live.values()].map((live) => live.stop()));
  }

  async #feedOf(stored: StoredJob, snapshot: JobSnapshot | null): Promise<JobFeed> {
    const { summary } = stored;
    const { jobs, matches, now } = this.#environment;
    const { job } = understand(stored.document);
    const feed = new JobFeed(summary.id, randomUUID(), {
      patterns: (job?.patterns ?? []).map(({ graph, stageIds }) => ({ id: graph.id, stageIds })), timeOf: timeReader(job?.schema ?? null),
    }, now);
    const history = await jobs.history(summary.id);
    const newest = (await matches.page(summary.id, { order: 'newest', limit: LISTED_MAX })).rows.toReversed()
      .map((row): TakenRow => ({ seq: row.seq, matchId: row.matchId, kind: row.kind, committedIn: row.committedIn, line: JSON.stringify(row.line) }));
    const known: JobSnapshot = snapshot ?? {
      state: summary.state, since: summary.endedAt ?? summary.createdAt, restarts: summary.restarts,
      cause: summary.cause === null ? null : { ...summary.cause, domain: 'external', at: summary.endedAt ?? summary.createdAt, workerId: null },
      figures: stored.figures, checkpoints: [], workers: [], recoveries: [], segments: [],
    };
    const merged = { ...known, checkpoints: merge(history.checkpoints, known.checkpoints), recoveries: merge(history.recoveries, known.recoveries) };
    feed.seed(merged, { matches: summary.committedMatches, newest }, stored.proof);
    return feed;
  }
}

/** By id; what the cluster says now wins over what was stored. */
function merge<T extends { readonly id: number }>(stored: readonly T[], live: readonly T[]): T[] {
  return [...new Map([...stored, ...live].map((record) => [record.id, record])).values()];
}
