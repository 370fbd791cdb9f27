/**
 * What the page knows of one running job: frames in, slots out.
 *
 * A vanilla store, one slot for each topic and one for each stage, so that a part of the page is drawn again only
 * when its own figures change. Frames never touch the document: live figures hang on stage ids beside it.
 *
 * Invariants (tests cite these ids):
 *   LS1  A frame is applied iff it is the next one of the epoch that the last snapshot began; each is applied once.
 *   LS2  A gap or another epoch makes the feed ask for a snapshot and ignore frames until it comes.
 *   LS3  A snapshot replaces every topic; topics it lacks are unknown again. Charts and committed cards survive it.
 *   LS4  A slot whose values did not change keeps its identity.
 *   LS5  A frame of another job, or one that was seen already, changes nothing.
 *   LS6  While disconnected everything stays as last known, and says since when.
 *
 * Not here: the socket (realtime-client.ts), the connection (connection.ts).
 */
import type {
  CheckpointView, CheckpointsUpdate, FiguresUpdate, JobFrame, JobState, JobStateUpdate, JobUpdate, MatchesUpdate, ProofView, RecoveryView,
  StageFigures, WorkerView,
} from '@tidemark/protocol';
import { unreachable } from '@tidemark/core';
import { type StoreApi, createStore } from 'zustand/vanilla';
import { type FigureSeries, NO_SERIES, withFigures } from './figure-series.ts';
import { type MatchCards, NO_CARDS, applyMatches, dropRetracted, replaceMatches } from './match-cards.ts';

export type Feed =
  /** Not connected, or not yet asked. */
  | 'off'
  /** Asked for a snapshot; frames are ignored until it comes. */
  | 'asking'
  | 'live'
  /** The runtime does not know this job (any more), or speaks another version. */
  | 'refused';

export interface LiveState {
  readonly jobId: string;
  readonly feed: Feed;
  readonly refusal: string | null;
  readonly epoch: string | null;
  readonly seq: number;
  /** The runtime's clock at the newest frame; null before the first. */
  readonly at: number | null;
  readonly state: JobStateUpdate | null;
  readonly figures: FiguresUpdate | null;
  readonly stages: Readonly<Record<string, StageFigures>>;
  /** Matches by pattern id. */
  readonly patternMatches: Readonly<Record<string, number>>;
  readonly checkpointCounts: CheckpointsUpdate['counts'] | null;
  /** Newest first, at most 50. */
  readonly checkpoints: readonly CheckpointView[];
  readonly matches: MatchCards;
  readonly workers: readonly WorkerView[];
  /** Newest first, at most 20. */
  readonly recoveries: readonly RecoveryView[];
  readonly proof: ProofView | null;
  readonly series: FigureSeries;
}

export const CHECKPOINTS_MAX = 50;
export const RECOVERIES_MAX = 20;
const ENDED: ReadonlySet<JobState> = new Set(['FINISHED', 'CANCELED', 'FAILED']);
export const hasEnded = (state: JobState | undefined): boolean => state !== undefined && ENDED.has(state);

/** The slot of a stage: ids are unique in a pattern only. */
export const stageSlot = (patternId: string, stageId: string): string => `${patternId}/${stageId}`;

export const unknownJob = (jobId: string): LiveState => ({
  jobId, feed: 'off', refusal: null, epoch: null, seq: 0, at: null, state: null, figures: null, stages: {}, patternMatches: {}, checkpointCounts: null,
  checkpoints: [], matches: NO_CARDS, workers: [], recoveries: [], proof: null, series: NO_SERIES,
});

function same(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => same((left as Record<string, unknown>)[key], (right as Record<string, unknown>)[key]));
}
const keep = <T>(known: T, next: T): T => (same(known, next) ? known : next);

/** Entries with the same id are replaced, newest (largest id) first. */
function mergeById<T extends { readonly id: number }>(known: readonly T[], changed: readonly T[], max: number): readonly T[] {
  const byId = new Map(known.map((entry) => [entry.id, entry]));
  for (const entry of changed) byId.set(entry.id, keep(byId.get(entry.id) ?? entry, entry));
  return keep(known, [...byId.values()].toSorted((left, right) => right.id - left.id).slice(0, max));
}

function applyUpdate(state: LiveState, update: JobUpdate, at: number): LiveState {
  switch (update.topic) {
    case 'state': {
      const matches = hasEnded(update.state) ? dropRetracted(state.matches) : state.matches;
      return { ...state, state: keep(state.state, update), matches };
    }
    case 'figures':
      return { ...state, figures: keep(state.figures, update), series: withFigures(state.series, at, update) };
    case 'stages': {
      const stages = { ...state.stages };
      for (const stage of update.stages) {
        const slot = stageSlot(update.patternId, stage.stageId);
        stages[slot] = keep(stages[slot] ?? stage, stage);
      }
      return { ...state, stages: keep(state.stages, stages), patternMatches: keep(state.patternMatches, { ...state.patternMatches, [update.patternId]: update.matches }) };
    }
    case 'checkpoints':
      return {
        ...state, checkpointCounts: keep(state.checkpointCounts, update.counts),
        checkpoints: mergeById(state.checkpoints, update.changed, CHECKPOINTS_MAX),
      };
    case 'matches':
      return { ...state, matches: applyMatches(state.matches, update) };
    case 'workers':
      return { ...state, workers: keep(state.workers, update.workers) };
    case 'recovery':
      return { ...state, recoveries: mergeById(state.recoveries, update.changed, RECOVERIES_MAX) };
    case 'proof':
      return { ...state, proof: keep(state.proof, update) };
    default:
      return unreachable(update);
  }
}

/** The whole state of a job. Charts and committed cards are the page's own memory and stay. */
export function applySnapshot(state: LiveState, frame: JobFrame): LiveState {
  if (frame.jobId !== state.jobId) return state;
  const matches = frame.updates.filter((update): update is MatchesUpdate => update.topic === 'matches');
  const merged: MatchesUpdate | null = matches.length === 0 ? null : {
    topic: 'matches', changed: matches.flatMap((update) => update.changed), omitted: 0, retracted: [],
  };
  let next: LiveState = {
    ...unknownJob(state.jobId), feed: 'live', epoch: frame.epoch, seq: frame.seq, at: frame.at, series: state.series,
    matches: replaceMatches(state.matches, merged),
  };
  for (const update of frame.updates) if (update.topic !== 'matches') next = applyUpdate(next, update, frame.at);
  // Identity of what did not change, slot by slot (LS4).
  return {
    ...next,
    state: keep(state.state, next.state), figures: keep(state.figures, next.figures),
    stages: keep(state.stages, Object.fromEntries(Object.entries(next.stages).map(([slot, stage]) => [slot, keep(state.stages[slot] ?? stage, stage)]))),
    patternMatches: keep(state.patternMatches, next.patternMatches),
    checkpointCounts: keep(state.checkpointCounts, next.checkpointCounts), checkpoints: keep(state.checkpoints, next.checkpoints),
    workers: keep(state.workers, next.workers), recoveries: keep(state.recoveries, next.recoveries), proof: keep(state.proof, next.proof),
  };
}

export type FrameVerdict = 'applied' | 'ignored' | 'gap';

/** One delta. 'gap': the caller asks for a snapshot; the state then says 'asking'. */
export function applyFrame(state: LiveState, frame: JobFrame): readonly [LiveState, FrameVerdict] {
  if (frame.jobId !== state.jobId || state.feed !== 'live') return [state, 'ignored'];
  if (frame.epoch !== state.epoch || frame.seq > state.seq + 1) return [{ ...state, feed: 'asking' }, 'gap'];
  if (frame.seq <= state.seq) return [state, 'ignored'];
  let next: LiveState = { ...state, seq: frame.seq, at: frame.at };
  for (const update of frame.updates) next = applyUpdate(next, update, frame.at);
  return [next, 'applied'];
}

export interface LiveStore {
  readonly store: StoreApi<LiveState>;
  /** Asked the runtime to watch: a snapshot is on its way. */
  asking(): void;
  refused(reason: string): void;
  disconnected(): void;
  snapshot(frame: JobFrame): void;
  /** True when the frame left a gap: ask again. */
  frame(frame: JobFrame): boolean;
}

/** One for each job that is watched; framework-free, so that a test or a script can drive it. */
export function createLiveStore(jobId: string, series: FigureSeries = NO_SERIES): LiveStore {
  const store = createStore<LiveState>()(() => ({ ...unknownJob(jobId), series }));
  return {
    store,
    asking: () => store.setState({ feed: 'asking', refusal: null }),
    refused: (reason) => store.setState({ feed: 'refused', refusal: reason }),
    disconnected: () => {
      if (store.getState().feed !== 'refused') store.setState({ feed: 'off' });
    },
    snapshot: (frame) => store.setState((state) => applySnapshot(state, frame), true),
    frame: (frame) => {
      const [next, verdict] = applyFrame(store.getState(), frame);
      if (verdict !== 'ignored') store.setState(next, true);
      return verdict === 'gap';
    },
  };
}
