/**
 * What a browser knows of one job: everything that happens, merged into the newest state of each topic.
 *
 * Pure: no clock but the injected one, no timers, no socket. `apply` and `committed` take facts at any rate;
 * `frame` gives what changed since the frame before, `snapshot` the whole.
 *
 * Always  (rules JF1 to JF6 of SPEC.md) the work for one fact is small and what is kept is bounded, whatever the
 *         job's rate: lines are parsed only when a frame takes them, at most 50 pending and 50 committed a frame.
 * Not here: when frames are due (feed-pump.ts), who gets them (server.ts).
 */
import type { CheckpointRecord, FaultRecord, JobEvent, JobFigures, JobSnapshot, RecoveryRecord } from '@tidemark/cluster';
import { WATERMARK_MAX, WATERMARK_MIN, unreachable } from '@tidemark/core';
import type {
  CheckpointView, CheckpointsUpdate, FaultView, FiguresUpdate, JobFrame, JobStateUpdate, JobUpdate, MatchEventView, MatchView, MatchesUpdate,
  ProofView, RecoveryView, StagesUpdate, WorkersUpdate,
} from '@tidemark/protocol';
import type { TakenRow } from '../store/matches.ts';
import { matchView } from './match-view.ts';

export const LISTED_MAX = 50;
const CHECKPOINTS_KEPT = 50;
const RECOVERIES_KEPT = 20;
const PENDING_KEPT = 200;
const COMMITTED_IDS_KEPT = 2_000;
const RATE_WINDOW_MS = 2_000;

/** What a feed has to know of the document. */
export interface FeedShape {
  /** By stage number: the ids of the nodes. */
  readonly patterns: readonly { readonly id: string; readonly stageIds: readonly string[] }[];
  readonly timeOf: (fields: MatchEventView['fields']) => number | null;
}

type Topic = 'state' | 'figures' | 'stages' | 'workers' | 'proof';

export class JobFeed {
  readonly jobId: string;
  readonly epoch: string;
  readonly #shape: FeedShape;
  readonly #now: () => number;
  #seq = 0;

  #state: JobStateUpdate;
  #figures: JobFigures | null = null;
  #rate = 0;
  readonly #samples: { at: number; eventsRead: number }[] = [];
  #committedMatches = 0;
  #workers: WorkersUpdate = { topic: 'workers', workers: [] };
  #proof: ProofView | null = null;
  readonly #checkpoints = new Map<number, CheckpointView>();
  #counts = { triggered: 0, completed: 0, failed: 0, restored: 0 };
  readonly #recoveries = new Map<number, RecoveryView>();
  /** Pending cards that browsers may show, oldest first. */
  readonly #pending = new Map<string, MatchView>();
  /** The newest committed ones, oldest first; and the ids of some more, so that a late pending line does not bring one back. */
  #newestCommitted: TakenRow[] = [];
  readonly #committedIds = new Set<string>();

  // what the next frame has to say
  readonly #changed = new Set<Topic>();
  readonly #changedCheckpoints = new Set<number>();
  readonly #changedRecoveries = new Set<number>();
  /** Lines that arrived pending, by match id. */
  readonly #arrived = new Map<string, string>();
  #turned: TakenRow[] = [];
  #omitted = 0;
  readonly #stageIds: ReadonlyMap<string, readonly string[]>;
  /** By pattern id: the figures of its stages in the last frame that told them. */
  readonly #toldStages = new Map<string, string>();
  readonly #retracted: string[] = [];

  constructor(jobId: string, epoch: string, shape: FeedShape, now: () => number) {
    this.jobId = jobId;
    this.epoch = epoch;
    this.#shape = shape;
    this.#stageIds = new Map(shape.patterns.map(({ id, stageIds }) => [id, stageIds]));
    this.#now = now;
    this.#state = { topic: 'state', state: 'CREATED', since: now(), restarts: 0, cause: null };
  }

  get seq(): number {
    return this.#seq;
  }

  /** What the store and the cluster know when the feed begins. Nothing of it is a change. */
  seed(known: JobSnapshot, committed: { readonly matches: number; readonly newest: readonly TakenRow[] }, proof: ProofView | null = null): void {
    this.#proof = proof;
    this.#state = { topic: 'state', state: known.state, since: known.since, restarts: known.restarts, cause: known.cause };
    this.#figures = known.figures;
    this.#workers = { topic: 'workers', workers: known.workers };
    for (const checkpoint of known.checkpoints.toSorted((a, b) => a.id - b.id)) this.#takeCheckpoint(checkpoint);
    for (const recovery of known.recoveries.toSorted((a, b) => a.id - b.id)) this.#recoveries.set(recovery.id, recovery);
    this.#committedMatches = committed.matches;
    this.#newestCommitted = committed.newest.slice(-LISTED_MAX);
    this.#clearChanges();
  }

  apply(event: JobEvent): void {
    switch (event.kind) {
      case 'state':
        this.#state = { topic: 'state', state: event.state, since: event.at, restarts: event.restarts, cause: event.cause };
        if (event.state !== 'RUNNING') this.#forgetRate();
        this.#changed.add('state').add('figures');
        return;
      case 'figures':
        this.#takeRate(event.at, event.figures.eventsRead);
        this.#figures = event.figures;
        this.#changed.add('figures').add('stages');
        return;
      case 'checkpoint':
        this.#takeCheckpoint(event.checkpoint);
        return;
      case 'pending': {
        const { lines } = event;
        const keep = lines.length > LISTED_MAX ? lines.slice(-LISTED_MAX) : lines;
        this.#omitted += event.omitted + lines.length - keep.length;
        for (const line of keep) {
          const id = idOf(line);
          if (id !== null && !this.#committedIds.has(id)) this.#arrived.set(id, line);
        }
        for (const id of this.#arrived.keys()) {
          if (this.#arrived.size <= LISTED_MAX) break;
          this.#arrived.delete(id);
          this.#omitted += 1;
        }
        return;
      }
      case 'committed':
        return; // rows follow by `committed`, once the store has them
      case 'retracted':
        this.#arrived.clear();
        this.#retracted.push(...this.#pending.keys());
        this.#pending.clear();
        return;
      case 'workers':
        this.#workers = { topic: 'workers', workers: event.workers };
        this.#changed.add('workers');
        return;
      case 'recovery':
        this.#takeRecovery(event.recovery);
        return;
      default:
        unreachable(event);
    }
  }

  /** Rows that are in the store now, in order of seq. */
  committed(rows: readonly TakenRow[]): void {
    if (rows.length === 0) return;
    const newest = rows.slice(-LISTED_MAX);
    for (const row of rows) {
      if (row.kind === 'match') this.#committedMatches += 1;
      // A card that stands pending in a browser must turn; the others are listed as far as there is room.
      if (this.#pending.has(row.matchId) || this.#arrived.delete(row.matchId) || newest.includes(row)) this.#turned.push(row);
      this.#committedIds.add(row.matchId);
    }
    for (const id of this.#committedIds) {
      if (this.#committedIds.size <= COMMITTED_IDS_KEPT) break;
      this.#committedIds.delete(id);
    }
    this.#newestCommitted = [...this.#newestCommitted, ...newest].slice(-LISTED_MAX);
    this.#turned = this.#turned.slice(-(PENDING_KEPT + LISTED_MAX));
    this.#changed.add('figures');
  }

  prove(proof: ProofView): void {
    this.#proof = proof;
    this.#changed.add('proof');
  }

  get changed(): boolean {
    return this.#changed.size + this.#changedCheckpoints.size + this.#changedRecoveries.size + this.#arrived.size
      + this.#turned.length + this.#omitted + this.#retracted.length > 0;
  }

  /** What changed since the frame before, as the next of the sequence; null when nothing did. */
  frame(): JobFrame | null {
    if (!this.changed) return null;
    const updates: JobUpdate[] = [];
    if (this.#changed.has('state')) updates.push(this.#state);
    if (this.#changed.has('figures')) updates.push(...this.#figuresUpdate());
    if (this.#changed.has('stages')) updates.push(...this.#changedStages());
    if (this.#changed.has('workers')) updates.push(this.#workers);
    if (this.#changed.has('proof') && this.#proof !== null) updates.push(this.#proof);
    if (this.#changedCheckpoints.size > 0) {
      updates.push(this.#checkpointsUpdate([...this.#changedCheckpoints].sort((a, b) => b - a).flatMap((id) => this.#checkpoints.get(id) ?? [])));
    }
    if (this.#changedRecoveries.size > 0) {
      updates.push({ topic: 'recovery', changed: [...this.#changedRecoveries].sort((a, b) => b - a).flatMap((id) => this.#recoveries.get(id) ?? []) });
    }
    const matches = this.#matchesUpdate();
    if (matches !== null) updates.push(matches);
    const turned = this.#turned;
    this.#clearChanges();
    this.#turned = turned; // what had no room in this frame
    this.#seq += 1;
    return { jobId: this.jobId, epoch: this.epoch, seq: this.#seq, at: this.#now(), updates };
  }

  /** The whole, as of now. Its seq is that of the last frame: what a later frame repeats replaces itself. */
  snapshot(): JobFrame {
    const committed = this.#newestCommitted.flatMap((row) => this.#view(row) ?? []);
    const pending = [...this.#pending.values()].slice(-LISTED_MAX);
    const updates: JobUpdate[] = [
      this.#state, ...this.#figuresUpdate(), ...this.#stagesUpdates(), this.#workers,
      this.#checkpointsUpdate([...this.#checkpoints.values()].sort((a, b) => b.id - a.id)),
      { topic: 'recovery', changed: [...this.#recoveries.values()].sort((a, b) => b.id - a.id) },
      { topic: 'matches', changed: [...committed, ...pending], omitted: 0, retracted: [] },
      ...(this.#proof === null ? [] : [this.#proof]),
    ];
    return { jobId: this.jobId, epoch: this.epoch, seq: this.#seq, at: this.#now(), updates };
  }

  #clearChanges(): void {
    this.#changed.clear();
    this.#changedCheckpoints.clear();
    this.#changedRecoveries.clear();
    this.#arrived.clear();
    this.#turned = [];
    this.#omitted = 0;
    this.#retracted.length = 0;
  }

  #takeCheckpoint(checkpoint: CheckpointRecord): void {
    const before = this.#checkpoints.get(checkpoint.id);
    const { inputPosition: _, ...view } = checkpoint;
    this.#checkpoints.set(checkpoint.id, view);
    if (before === undefined) this.#counts = { ...this.#counts, triggered: Math.max(this.#counts.triggered, checkpoint.id) };
    if (before?.phase !== checkpoint.phase && checkpoint.phase !== 'triggered') {
      this.#counts = { ...this.#counts, [checkpoint.phase]: this.#counts[checkpoint.phase] + 1 };
    }
    this.#changedCheckpoints.add(checkpoint.id);
    const old = checkpoint.id - CHECKPOINTS_KEPT;
    this.#checkpoints.delete(old);
    this.#changedCheckpoints.delete(old);
  }

  #takeRecovery(recovery: RecoveryRecord): void {
    const before = this.#recoveries.get(recovery.id);
    if (recovery.checkpointId !== null && (before?.checkpointId ?? null) === null) {
      this.#counts = { ...this.#counts, restored: this.#counts.restored + 1 };
      this.#changedCheckpoints.add(recovery.checkpointId);
    }
    this.#recoveries.set(recovery.id, recovery);
    this.#changedRecoveries.add(recovery.id);
    this.#recoveries.delete(recovery.id - RECOVERIES_KEPT);
  }

  #takeRate(at: number, eventsRead: number): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && (eventsRead < last.eventsRead || at < last.at)) this.#samples.length = 0; // a restore went back
    this.#samples.push({ at, eventsRead });
    while (this.#samples.length > 2 && at - (this.#samples[1] as { at: number }).at >= RATE_WINDOW_MS) this.#samples.shift();
    const first = this.#samples[0] as { at: number; eventsRead: number };
    this.#rate = at > first.at ? (eventsRead - first.eventsRead) * 1_000 / (at - first.at) : 0;
  }

  #forgetRate(): void {
    this.#samples.length = 0;
    this.#rate = 0;
  }

  #figuresUpdate(): FiguresUpdate[] {
    const figures = this.#figures;
    if (figures === null) return [];
    const watermark = figures.watermark === null || figures.watermark <= WATERMARK_MIN ? null
      : figures.watermark >= WATERMARK_MAX ? figures.newestEventTime : figures.watermark; // all has been read: nothing is behind
    return [{
      topic: 'figures', eventsRead: figures.eventsRead, eventsPerSecond: this.#rate, watermark, newestEventTime: figures.newestEventTime,
      behindMs: watermark === null || figures.newestEventTime === null ? null : Math.max(0, figures.newestEventTime - watermark),
      late: figures.late, deadLetters: figures.deadLetters, matches: figures.matches, committedMatches: this.#committedMatches,
      partialMatches: figures.partialMatches, keys: figures.keys, progress: figures.progress,
    }];
  }

  /** Those that differ from what was last told: of many patterns, most stand still. */
  #changedStages(): StagesUpdate[] {
    return this.#stagesUpdates().filter((update) => {
      const text = JSON.stringify(update);
      if (this.#toldStages.get(update.patternId) === text) return false;
      this.#toldStages.set(update.patternId, text);
      return true;
    });
  }

  #stagesUpdates(): StagesUpdate[] {
    return (this.#figures?.patterns ?? []).map((counters): StagesUpdate => {
      const stageIds = this.#stageIds.get(counters.patternId) ?? [];
      const last = stageIds.length - 1;
      return { topic: 'stages', patternId: counters.patternId, matches: counters.matches ?? 0, stages: stageIds.map((stageId, stage) => ({
        stageId, waiting: counters.waiting[stage] ?? 0, atMost: counters.atMost === true, entered: counters.entered[stage] ?? 0, advanced: counters.advanced[stage] ?? 0,
        expired: counters.expired[stage] ?? 0, blocked: counters.blocked[stage] ?? 0,
        // the pattern's own: shown where a match is complete
        heldBack: stage === last ? counters.heldBack : 0, dropped: stage === last ? counters.dropped : 0,
      })) };
    });
  }

  #checkpointsUpdate(changed: readonly CheckpointView[]): CheckpointsUpdate {
    return { topic: 'checkpoints', counts: this.#counts, changed };
  }

  #matchesUpdate(): MatchesUpdate | null {
    const pending = [...this.#arrived.values()].flatMap((line) => matchView(line, null, this.#shape.timeOf) ?? []);
    const rows = this.#turned.splice(0, LISTED_MAX);
    const committed = rows.flatMap((row) => this.#view(row) ?? []);
    for (const view of committed) this.#pending.delete(view.matchId);
    for (const view of pending) this.#pending.set(view.matchId, view);
    while (this.#pending.size > PENDING_KEPT) this.#pending.delete(this.#pending.keys().next().value as string);
    if (pending.length + committed.length + this.#omitted + this.#retracted.length === 0) return null;
    return { topic: 'matches', changed: [...committed, ...pending], omitted: this.#omitted, retracted: [...this.#retracted] };
  }

  #view(row: TakenRow): MatchView | null {
    return matchView(row.line, { seq: row.seq, in: row.committedIn }, this.#shape.timeOf);
  }
}

/** Output lines begin with their id. */
const idOf = (line: string): string | null => /^\{"matchId":"([A-Za-z0-9]+)"/.exec(line)?.[1] ?? null;

/** The wire's fault is the cluster's: same members. Kept as a function so that a change of either is seen here. */
export const faultView = (fault: FaultRecord): FaultView => fault;
