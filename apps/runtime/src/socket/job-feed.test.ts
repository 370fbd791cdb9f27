import type { JobEvent, JobSnapshot, RecoveryRecord } from '@tidemark/cluster';
import { WATERMARK_MAX, WATERMARK_MIN, checkpointId, workerId } from '@tidemark/core';
import type { JobFrame, JobUpdate, MatchesUpdate } from '@tidemark/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkpoint, figures, line } from '../../test/support/fake-target.ts';
import type { TakenRow } from '../store/matches.ts';
import { FRAME_INTERVAL_MS, FeedPump } from './feed-pump.ts';
import { JobFeed, LISTED_MAX } from './job-feed.ts';

const SHAPE = { patterns: [{ id: 'p', stageIds: ['s1', 's2'] }], timeOf: (fields: Readonly<Record<string, unknown>>) => Number(fields.ts) };
const newFeed = (): JobFeed => new JobFeed('j', 'e', SHAPE, () => 77);
const row = (seq: number, matchId = `M${seq}`): TakenRow => ({ seq, matchId, kind: 'match', committedIn: 1, line: line(matchId) });
const topics = (frame: JobFrame | null): string[] => (frame?.updates ?? []).map((update) => update.topic);
function find<T extends JobUpdate['topic']>(frame: JobFrame | null, topic: T): Extract<JobUpdate, { topic: T }> {
  const found = frame?.updates.find((update) => update.topic === topic);
  if (found === undefined) throw new Error(`no ${topic}`);
  return found as Extract<JobUpdate, { topic: T }>;
}
const ids = (update: MatchesUpdate): [string, number | null][] => update.changed.map((view) => [view.matchId, view.seq]);

describe('JobFeed', () => {
  it('[JF1] a frame holds the newest of each topic that changed, and nothing else', () => {
    const feed = newFeed();
    expect(feed.frame()).toBeNull();
    feed.apply({ kind: 'state', state: 'RUNNING', at: 1, restarts: 0, cause: null });
    for (let n = 1; n <= 100; n++) feed.apply({ kind: 'figures', at: n, figures: figures({ eventsRead: n }) });
    const frame = feed.frame();
    expect(topics(frame)).toEqual(['state', 'figures']);
    expect(find(frame, 'figures').eventsRead).toBe(100);
    expect(frame).toMatchObject({ jobId: 'j', epoch: 'e', seq: 1, at: 77 });
    expect(feed.frame()).toBeNull();
  });

  it('[JF2] seq rises by one with each frame; a snapshot has the seq after which deltas go on', () => {
    const feed = newFeed();
    expect(feed.snapshot().seq).toBe(0);
    for (let n = 1; n <= 3; n++) {
      feed.apply({ kind: 'workers', workers: [] });
      expect(feed.frame()?.seq).toBe(n);
      expect(feed.snapshot().seq).toBe(n);
    }
  });

  it('[JF3] a rate over the last seconds; a restore that goes back starts anew; a stopped job has none', () => {
    const feed = newFeed();
    const rate = (at: number, eventsRead: number): number => {
      feed.apply({ kind: 'figures', at, figures: figures({ eventsRead }) });
      return find(feed.frame(), 'figures').eventsPerSecond;
    };
    expect(rate(0, 0)).toBe(0);
    expect(rate(1_000, 500)).toBe(500);
    expect(rate(3_000, 4_500)).toBe(2_000);
    expect(rate(6_000, 4_500)).toBe(0);
    expect(rate(6_250, 1_000)).toBe(0);
    expect(rate(6_500, 1_250)).toBe(1_000);
    feed.apply({ kind: 'state', state: 'RESTARTING', at: 7_000, restarts: 1, cause: null });
    expect(find(feed.frame(), 'figures').eventsPerSecond).toBe(0);
  });

  it('[JF3] how far the watermark is behind; no watermark yet; all read', () => {
    const feed = newFeed();
    const at = (watermark: number | null, newestEventTime: number | null): unknown[] => {
      feed.apply({ kind: 'figures', at: 0, figures: figures({ watermark, newestEventTime }) });
      const update = find(feed.frame(), 'figures');
      return [update.watermark, update.behindMs];
    };
    expect(at(null, null)).toEqual([null, null]);
    expect(at(WATERMARK_MIN, 5)).toEqual([null, null]);
    expect(at(1_000, 1_500)).toEqual([1_000, 500]);
    expect(at(WATERMARK_MAX, 1_500)).toEqual([1_500, 0]);
  });

  it('[JF1] of several patterns only those whose stages moved are told', () => {
    const feed = new JobFeed('j', 'e', { ...SHAPE, patterns: [{ id: 'p', stageIds: ['s1'] }, { id: 'q', stageIds: ['t1'] }] }, () => 77);
    const counters = (patternId: string, entered: number) => ({ patternId, waiting: [0], entered: [entered], advanced: [0], expired: [0], blocked: [0], heldBack: 0, dropped: 0, matches: 3 });
    const told = (p: number, q: number): string[] => {
      feed.apply({ kind: 'figures', at: 0, figures: figures({ patterns: [counters('p', p), counters('q', q)] }) });
      return (feed.frame()?.updates ?? []).flatMap((update) => (update.topic === 'stages' ? [update.patternId] : []));
    };
    expect(told(0, 0)).toEqual(['p', 'q']);
    expect(told(0, 1)).toEqual(['q']);
    expect(told(0, 1)).toEqual([]);
    expect(feed.snapshot().updates.filter((update) => update.topic === 'stages')).toHaveLength(2);
  });

  it('[JF1] counts of stages by the ids of the drawing; what the pattern counts stands at its last stage', () => {
    const feed = newFeed();
    feed.apply({ kind: 'figures', at: 0, figures: figures({ patterns: [{ patternId: 'p', waiting: [3, 1], entered: [9, 4], advanced: [4, 2], expired: [1, 0], blocked: [0, 5], heldBack: 6, dropped: 7, matches: 8, atMost: true }] }) });
    expect(find(feed.frame(), 'stages')).toEqual({ topic: 'stages', patternId: 'p', matches: 8, stages: [
      { stageId: 's1', waiting: 3, atMost: true, entered: 9, advanced: 4, expired: 1, blocked: 0, heldBack: 0, dropped: 0 },
      { stageId: 's2', waiting: 1, atMost: true, entered: 4, advanced: 2, expired: 0, blocked: 5, heldBack: 6, dropped: 7 },
    ] });
  });

  it('[JF4] a pending match turns committed when its row exists, and the card is the same', () => {
    const feed = newFeed();
    feed.apply({ kind: 'pending', lines: [line('A'), line('B')], omitted: 3 });
    const pending = find(feed.frame(), 'matches');
    expect(ids(pending)).toEqual([['A', null], ['B', null]]);
    expect(pending).toMatchObject({ omitted: 3, retracted: [] });
    expect(pending.changed[0]).toMatchObject({
      patternId: 'p', kind: 'match', key: ['k'], start: 1_000, end: 2_000, text: 'text of A', committedIn: null,
      stages: [{ stage: 'start', events: [{ ts: 1_000, split: 0, position: 7, fields: { ts: 1_000, name: 'start' } }], more: 0 }],
    });
    expect(ids(find(feed.snapshot(), 'matches'))).toEqual([['A', null], ['B', null]]);
    feed.committed([row(1, 'A')]);
    const frame = feed.frame();
    expect(ids(find(frame, 'matches'))).toEqual([['A', 1]]);
    expect(ids(find(feed.snapshot(), 'matches'))).toEqual([['A', 1], ['B', null]]);
  });

  it('[JF4] committed before a frame took it: never shown pending, nor by a late repetition', () => {
    const feed = newFeed();
    feed.apply({ kind: 'pending', lines: [line('A')], omitted: 0 });
    feed.committed([row(1, 'A')]);
    expect(ids(find(feed.frame(), 'matches'))).toEqual([['A', 1]]);
    feed.apply({ kind: 'pending', lines: [line('A')], omitted: 0 });
    expect(feed.frame()).toBeNull();
  });

  it('[JF4] a restore takes pending matches back by name; committed ones stay', () => {
    const feed = newFeed();
    feed.apply({ kind: 'pending', lines: [line('A'), line('B')], omitted: 0 });
    feed.frame();
    feed.committed([row(1, 'A')]);
    feed.frame();
    feed.apply({ kind: 'pending', lines: [line('C')], omitted: 0 });
    feed.apply({ kind: 'retracted' });
    expect(find(feed.frame(), 'matches')).toMatchObject({ changed: [], retracted: ['B'] });
    feed.apply({ kind: 'pending', lines: [line('B')], omitted: 0 });
    expect(ids(find(feed.frame(), 'matches'))).toEqual([['B', null]]);
  });

  it('[JF5] what is kept and sent is bounded; every card that a browser shows turns', () => {
    const feed = newFeed();
    const lines = Array.from({ length: 10_000 }, (_, n) => line(`M${n + 1}`));
    feed.apply({ kind: 'pending', lines, omitted: 0 });
    const pending = find(feed.frame(), 'matches');
    expect(pending.changed).toHaveLength(LISTED_MAX);
    expect(pending.omitted).toBe(10_000 - LISTED_MAX);
    feed.committed(Array.from({ length: 10_000 }, (_, n) => row(n + 1)));
    const turned: number[] = [];
    for (let frame = feed.frame(); frame !== null; frame = feed.frame()) {
      const { changed } = find(frame, 'matches');
      expect(changed.length).toBeLessThanOrEqual(2 * LISTED_MAX);
      turned.push(...changed.map((view) => view.seq as number));
    }
    expect(new Set(turned)).toEqual(new Set(Array.from({ length: LISTED_MAX }, (_, n) => 10_000 - n)));
    for (let n = 1; n <= 1_000; n++) feed.apply({ kind: 'checkpoint', checkpoint: checkpoint(n) });
    expect(find(feed.frame(), 'checkpoints').changed).toHaveLength(50);
    expect(find(feed.snapshot(), 'checkpoints')).toMatchObject({ counts: { triggered: 1_000, completed: 1_000, failed: 0, restored: 0 } });
  });

  it('[JF1] checkpoints newest first, counted once; recoveries by id', () => {
    const feed = newFeed();
    const recovery = (over: Partial<RecoveryRecord>): JobEvent => ({ kind: 'recovery', recovery: {
      id: 1, cause: { code: 'worker-lost', message: 'gone', domain: 'external', remedy: null, at: 3, workerId: workerId('w1') }, checkpointId: null, replayed: null, steps: [], done: false, ...over,
    } });
    feed.apply({ kind: 'checkpoint', checkpoint: checkpoint(1, { phase: 'triggered', acknowledged: 0 }) });
    feed.apply({ kind: 'checkpoint', checkpoint: checkpoint(1) });
    feed.apply({ kind: 'checkpoint', checkpoint: checkpoint(2, { phase: 'failed', failure: 'late' }) });
    feed.apply(recovery({}));
    feed.apply(recovery({ checkpointId: checkpointId(1) }));
    feed.apply(recovery({ checkpointId: checkpointId(1), done: true }));
    const frame = feed.frame();
    expect(find(frame, 'checkpoints')).toMatchObject({ counts: { triggered: 2, completed: 1, failed: 1, restored: 1 }, changed: [{ id: 2, phase: 'failed' }, { id: 1, phase: 'completed' }] });
    expect(find(frame, 'checkpoints').changed[0]).not.toHaveProperty('inputPosition');
    expect(find(frame, 'recovery').changed).toMatchObject([{ id: 1, done: true }]);
  });

  it('[JF6] what was known before is in the snapshot and is no change', () => {
    const feed = newFeed();
    const known: JobSnapshot = { state: 'FINISHED', since: 9, restarts: 2, cause: null, figures: figures({ eventsRead: 5 }), checkpoints: [checkpoint(3), checkpoint(2)], workers: [], recoveries: [], segments: [] };
    feed.seed(known, { matches: 4, newest: [row(3), row(4)] });
    expect(feed.frame()).toBeNull();
    const snapshot = feed.snapshot();
    expect(find(snapshot, 'state')).toMatchObject({ state: 'FINISHED', since: 9, restarts: 2 });
    expect(find(snapshot, 'figures')).toMatchObject({ eventsRead: 5, committedMatches: 4 });
    expect(find(snapshot, 'checkpoints').changed.map((one) => one.id)).toEqual([3, 2]);
    expect(ids(find(snapshot, 'matches'))).toEqual([['M3', 3], ['M4', 4]]);
  });

  it('[JF5] a damaged line is passed over; long stages are cut', () => {
    const feed = newFeed();
    const long = line('L', { stages: { loop: Array.from({ length: 25 }, (_, n) => ({ ts: n })) }, positions: { loop: Array.from({ length: 25 }, (_, n) => `1:${n}`) } });
    feed.apply({ kind: 'pending', lines: ['{"matchId":"X', 'rubbish', long], omitted: 0 });
    const { changed } = find(feed.frame(), 'matches');
    expect(changed).toHaveLength(1);
    expect(changed[0]?.stages[0]).toMatchObject({ stage: 'loop', more: 5 });
    expect(changed[0]?.stages[0]?.events.at(-1)).toMatchObject({ ts: 19, split: 1, position: 19 });
  });

  it('[JF6] frames applied one after the other give what a snapshot gives', () => {
    type Fact = { readonly kind: 'frame' } | { readonly kind: 'commit'; readonly count: number } | JobEvent;
    let id = 0;
    const fact: fc.Arbitrary<Fact> = fc.oneof(
      fc.constant({ kind: 'frame' as const }),
      fc.record({ kind: fc.constant('commit' as const), count: fc.integer({ min: 1, max: 4 }) }),
      fc.integer({ min: 1, max: 3 }).map((count): Fact => ({ kind: 'pending', lines: Array.from({ length: count }, () => line(`P${++id}`)), omitted: 0 })),
      fc.constant<Fact>({ kind: 'retracted' }),
      fc.integer({ min: 1, max: 9 }).map((n): Fact => ({ kind: 'checkpoint', checkpoint: checkpoint(n) })),
    );
    fc.assert(fc.property(fc.array(fact, { maxLength: 60 }), (facts) => {
      const feed = newFeed();
      const cards = new Map<string, number | null>();
      const seen = new Set<number>();
      const waiting: string[] = [];
      let seq = 0;
      const take = (frame: JobFrame | null): void => {
        for (const update of frame?.updates ?? []) {
          if (update.topic === 'checkpoints') for (const one of update.changed) seen.add(one.id);
          if (update.topic !== 'matches') continue;
          for (const gone of update.retracted) cards.delete(gone);
          for (const view of update.changed) cards.set(view.matchId, view.seq);
        }
      };
      for (const one of facts) {
        if (one.kind === 'frame') take(feed.frame());
        else if (one.kind === 'commit') feed.committed(waiting.splice(0, one.count).map((matchId) => row(++seq, matchId)));
        else {
          if (one.kind === 'pending') waiting.push(...one.lines.map((text) => (JSON.parse(text) as { matchId: string }).matchId));
          if (one.kind === 'retracted') waiting.length = 0;
          feed.apply(one);
        }
      }
      while (feed.changed) take(feed.frame());
      const snapshot = feed.snapshot();
      const of = new Map(find(snapshot, 'matches').changed.map((view) => [view.matchId, view.seq]));
      expect(Object.fromEntries(cards)).toEqual(Object.fromEntries(of));
      expect(seen).toEqual(new Set(find(snapshot, 'checkpoints').changed.map((view) => view.id)));
    }), { numRuns: 300 });
  });
});

describe('FeedPump', () => {
  class Clock {
    now = 0;
    #due: { at: number; callback: () => void }[] = [];
    monotonic(): number {
      return this.now;
    }
    schedule(ms: number, callback: () => void): () => void {
      const entry = { at: this.now + ms, callback };
      this.#due.push(entry);
      return () => {
        this.#due = this.#due.filter((other) => other !== entry);
      };
    }
    advance(ms: number): void {
      const end = this.now + ms;
      for (;;) {
        const next = this.#due.filter((entry) => entry.at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        this.#due = this.#due.filter((entry) => entry !== next);
        this.now = next.at;
        next.callback();
      }
      this.now = end;
    }
    get scheduled(): number {
      return this.#due.length;
    }
  }

  it('[JF7] at most four frames a second, the first at once, none while nothing changes', () => {
    const clock = new Clock();
    const feed = newFeed();
    const sent: number[] = [];
    const pump = new FeedPump(feed, clock, () => sent.push(clock.now));
    const change = (): void => {
      feed.apply({ kind: 'workers', workers: [] });
      pump.wake();
    };
    for (let ms = 0; ms < 2_000; ms += 10) {
      change();
      clock.advance(10);
    }
    expect(sent).toEqual([0, 250, 500, 750, 1_000, 1_250, 1_500, 1_750, 2_000]);
    clock.advance(1_000);
    expect(sent.length).toBe(9); // all had been sent
    expect(clock.scheduled).toBe(0);
    change();
    clock.advance(0);
    expect(sent.at(-1)).toBe(3_000); // quiet before: at once
    expect(FRAME_INTERVAL_MS).toBe(250);
  });

  it('[JF7] stopping sends what is there, and nothing after it', () => {
    const clock = new Clock();
    const feed = newFeed();
    let sent = 0;
    const pump = new FeedPump(feed, clock, () => {
      sent += 1;
    });
    feed.apply({ kind: 'workers', workers: [] });
    pump.wake();
    pump.stop();
    expect(sent).toBe(1);
    feed.apply({ kind: 'workers', workers: [] });
    pump.wake();
    clock.advance(1_000);
    expect([sent, clock.scheduled]).toEqual([1, 0]);
  });
});
