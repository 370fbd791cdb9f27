/**
 * One job as this runtime follows it: facts of the cluster go into the feed at once, and into the store one after the
 * other.
 *
 * Always  (rules LJ1 to LJ4 of SPEC.md) the cluster never waits for the store or for a browser. What is stored keeps
 *         the order of the facts; committed segments are read in batches, from where the store stands. A fact that
 *         cannot be stored is logged and stops nothing; a segment is tried again, and at the next start.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { JobEvent, JobHandle, JobFigures } from '@tidemark/cluster';
import type { JobFrame, ProofView } from '@tidemark/protocol';
import type { Logger } from '../log.ts';
import { FeedPump, type PumpClock } from '../socket/feed-pump.ts';
import type { JobFeed } from '../socket/job-feed.ts';
import type { JobStore } from '../store/jobs.ts';
import type { MatchStore, Segment } from '../store/matches.ts';

const BATCH_LINES = 500;
const ATTEMPTS_MAX = 3;
const FIGURES_STORED_EVERY_MS = 5_000;

/** What a proof wants to know; see proof/proof.ts. */
export interface Witness {
  /** Rows have been stored. */
  committed(): void;
  /** All segments of the checkpoints before have been taken. */
  checkpointCompleted(inputPosition: number): void;
  /** All output has been taken. */
  finished(): void;
  ended(): void;
}

export interface LiveJobEnvironment {
  readonly jobs: JobStore;
  readonly matches: MatchStore;
  readonly clock: PumpClock;
  readonly log: Logger;
  readonly send: (frame: JobFrame) => void;
  /** State, checkpoint or committed count changed in the store: lists are out of date. */
  readonly changed: () => void;
}

export class LiveJob {
  readonly handle: JobHandle;
  readonly feed: JobFeed;
  readonly #environment: LiveJobEnvironment;
  readonly #pump: FeedPump;
  readonly #log: Logger;
  #witness: Witness | null = null;
  #writes: Promise<void> = Promise.resolve();
  #unsubscribe: () => void = () => {};
  #figures: JobFigures | null = null;
  #figuresStoredAt = -Infinity;
  #figuresDue = false;
  /** Segments that could not be read or stored, and how often that was tried. */
  #missed: { readonly segment: Segment; readonly attempts: number }[] = [];

  constructor(handle: JobHandle, feed: JobFeed, environment: LiveJobEnvironment) {
    this.handle = handle;
    this.feed = feed;
    this.#environment = environment;
    this.#log = environment.log.child({ job: handle.id });
    this.#pump = new FeedPump(feed, environment.clock, environment.send);
  }

  /** Begins to follow: first what was committed before, then what happens. */
  async follow(witness: Witness | null): Promise<void> {
    this.#witness = witness;
    const { segments, state, restarts, cause, checkpoints, recoveries } = this.handle.snapshot();
    this.#unsubscribe = this.handle.subscribe((event) => this.#onEvent(event));
    const progress = await this.#environment.matches.progress(this.handle.id);
    this.#store('catch up', async () => {
      for (const segment of segments) {
        const known = progress.get(segment.path);
        if (known?.done !== true) await this.#takeOrMiss(segment, known?.taken ?? 0);
      }
      for (const checkpoint of checkpoints) if (checkpoint.phase !== 'triggered') await this.#environment.jobs.putCheckpoint(this.handle.id, checkpoint);
      for (const recovery of recoveries) await this.#environment.jobs.putRecovery(this.handle.id, recovery);
      await this.#setState(state, restarts, cause);
    });
  }

  prove(proof: ProofView): void {
    this.feed.prove(proof);
    this.#pump.wake();
  }

  get figures(): JobFigures | null {
    return this.#figures ?? this.handle.snapshot().figures;
  }

  /** Resolves when everything that happened so far is stored. */
  async settled(): Promise<void> {
    await this.#writes;
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#pump.stop();
    this.#witness?.ended();
    await this.#writes;
    if (this.#figures !== null) await this.#environment.jobs.setFigures(this.handle.id, this.#figures);
  }

  #onEvent(event: JobEvent): void {
    this.feed.apply(event);
    this.#pump.wake();
    const { jobs } = this.#environment;
    const { id } = this.handle;
    switch (event.kind) {
      case 'state':
        this.#store('state', () => this.#setState(event.state, event.restarts, event.cause));
        return;
      case 'figures':
        this.#figures = event.figures;
        if (this.#figuresDue || this.#environment.clock.monotonic() - this.#figuresStoredAt < FIGURES_STORED_EVERY_MS) return;
        this.#figuresDue = true;
        this.#store('figures', () => this.#storeFigures());
        return;
      case 'checkpoint': {
        const { checkpoint } = event;
        if (checkpoint.phase === 'triggered') return; // what it comes to is stored
        this.#store('checkpoint', async () => {
          await jobs.putCheckpoint(id, checkpoint);
          if (checkpoint.phase !== 'completed') return;
          if (checkpoint.inputPosition !== null) this.#witness?.checkpointCompleted(checkpoint.inputPosition);
          this.#environment.changed();
        });
        return;
      }
      case 'committed':
        this.#store('committed segment', async () => {
          await this.#takeMissed();
          await this.#takeOrMiss({ path: event.path, checkpointId: event.checkpointId }, 0);
        });
        return;
      case 'recovery':
        this.#store('recovery', () => jobs.putRecovery(id, event.recovery));
        return;
      case 'pending':
      case 'retracted':
      case 'workers':
        return; // live only
      default:
        event satisfies never;
    }
  }

  async #setState(...[state, restarts, cause]: [Parameters<JobStore['setState']>[1], number, Parameters<JobStore['setState']>[3]]): Promise<void> {
    const ended = state === 'FINISHED' || state === 'FAILED' || state === 'CANCELED';
    if (ended) {
      await this.#takeMissed();
      await this.#storeFigures();
    }
    await this.#environment.jobs.setState(this.handle.id, state, restarts, cause);
    if (state === 'FINISHED') this.#witness?.finished();
    else if (ended) this.#witness?.ended();
    this.#environment.changed();
  }

  async #storeFigures(): Promise<void> {
    this.#figuresDue = false;
    this.#figuresStoredAt = this.#environment.clock.monotonic();
    if (this.#figures !== null) await this.#environment.jobs.setFigures(this.handle.id, this.#figures);
  }

  #store(what: string, write: () => Promise<void>): void {
    this.#writes = this.#writes.then(write).catch((error: unknown) => {
      this.#log.error({ err: error }, `${what} could not be stored`);
    });
  }

  async #takeOrMiss(segment: Segment, from: number, attempts = 1): Promise<void> {
    try {
      await this.#take(segment, from);
    } catch (error) {
      this.#log.error({ err: error, segment: segment.path, attempts }, 'a committed segment could not be taken over');
      if (attempts < ATTEMPTS_MAX) this.#missed.push({ segment, attempts });
    }
  }

  async #takeMissed(): Promise<void> {
    for (const { segment, attempts } of this.#missed.splice(0)) await this.#takeOrMiss(segment, 0, attempts + 1);
  }

  async #take(segment: Segment, from: number): Promise<void> {
    const input = createReadStream(segment.path);
    let lines: string[] = [];
    let number = 0;
    const flush = async (last: boolean): Promise<void> => {
      const first = number - lines.length;
      const { rows } = await this.#environment.matches.take(this.handle.id, segment, first, lines, last);
      lines = [];
      this.feed.committed(rows);
      this.#witness?.committed();
      this.#pump.wake();
    };
    try {
      for await (const line of createInterface({ input, crlfDelay: Infinity })) {
        if (line === '') continue;
        number += 1;
        if (number <= from) continue;
        lines.push(line);
        if (lines.length === BATCH_LINES) await flush(false);
      }
    } finally {
      input.destroy();
    }
    await flush(true);
    this.#environment.changed();
  }
}
