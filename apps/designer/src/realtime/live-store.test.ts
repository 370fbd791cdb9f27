import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import type { CheckpointView, JobFrame, JobUpdate, MatchView, StageFigures } from '@tidemark/protocol';
import { CHECKPOINTS_MAX, createLiveStore, stageSlot, unknownJob } from './live-store.ts';

const frame = (seq: number, updates: readonly JobUpdate[] = [], epoch = 'e1', jobId = 'j'): JobFrame => ({ jobId, epoch, seq, at: seq * 250, updates });
const stage = (stageId: string, waiting: number): StageFigures => ({ stageId, waiting, atMost: false, entered: 0, advanced: 0, expired: 0, blocked: 0, heldBack: 0, dropped: 0 });
const stages = (...list: StageFigures[]): JobUpdate => ({ topic: 'stages', patternId: 'p', matches: 0, stages: list });
const figures = (eventsRead: number): JobUpdate => ({
  topic: 'figures', eventsRead, eventsPerSecond: 1, watermark: 1, newestEventTime: 2, behindMs: 1, late: 0, deadLetters: 0, matches: 0,
  committedMatches: 0, partialMatches: 0, keys: 0, progress: null,
});
const checkpoint = (id: number, phase: CheckpointView['phase'] = 'completed'): CheckpointView => ({
  id, phase, triggeredAt: id, acknowledged: 1, expected: 4, durationMs: 3, bytes: 9, failure: null, final: false,
});
const checkpoints = (...changed: CheckpointView[]): JobUpdate => ({ topic: 'checkpoints', counts: { triggered: 0, completed: 0, failed: 0, restored: 0 }, changed });
const match = (matchId: string, committedIn: number | null = null): MatchView => ({
  matchId, patternId: 'p', kind: 'match', key: [], start: 0, end: 1, text: null, stages: [], committedIn, seq: null,
});
const matches = (changed: readonly MatchView[], retracted: readonly string[] = []): JobUpdate => ({ topic: 'matches', changed, omitted: 0, retracted });

function live(): ReturnType<typeof createLiveStore> {
  const store = createLiveStore('j');
  store.asking();
  store.snapshot(frame(5, [stages(stage('a', 1), stage('b', 2)), figures(10), matches([match('m1'), match('m2', 1)])]));
  return store;
}

describe('live store', () => {
  it('[LS1][LS5] applies the next frame once and nothing else', () => {
    const { store, frame: apply } = live();
    expect(apply(frame(6, [figures(20)]))).toBe(false);
    expect(store.getState().figures?.eventsRead).toBe(20);
    const seen = store.getState();
    expect(apply(frame(6, [figures(30)]))).toBe(false);
    expect(apply(frame(3, [figures(30)]))).toBe(false);
    expect(apply(frame(7, [figures(30)], 'e1', 'another'))).toBe(false);
    expect(store.getState()).toBe(seen);
  });

  it('[LS2] a gap or another epoch asks for a snapshot; frames are ignored until it comes', () => {
    for (const broken of [frame(8, [figures(30)]), frame(6, [figures(30)], 'e2')]) {
      const live1 = live();
      expect(live1.frame(broken)).toBe(true);
      expect(live1.store.getState().feed).toBe('asking');
      expect(live1.frame(frame(6, [figures(40)]))).toBe(false);
      expect(live1.store.getState().figures?.eventsRead).toBe(10);
      live1.snapshot(frame(9, [figures(50)], 'e2'));
      expect(live1.store.getState()).toMatchObject({ feed: 'live', epoch: 'e2', seq: 9, figures: { eventsRead: 50 } });
    }
  });

  it('[LS3] a snapshot replaces every topic; charts and committed cards stay', () => {
    const store = live();
    store.frame(frame(6, [figures(20), checkpoints(checkpoint(1))]));
    const series = store.store.getState().series;
    store.snapshot(frame(1, [], 'e2'));
    const { figures: gone, stages: noStages, checkpoints: none, matches: cards, series: kept } = store.store.getState();
    expect([gone, noStages, none]).toEqual([null, {}, []]);
    expect(cards.order).toEqual(['m2']);
    expect(kept).toBe(series);
  });

  it('[LS4] a stage whose figures did not change keeps its slot, in a frame and in a snapshot', () => {
    const store = live();
    const before = store.store.getState();
    const slotA = stageSlot('p', 'a');
    const slotB = stageSlot('p', 'b');
    store.frame(frame(6, [stages(stage('a', 1), stage('b', 3))]));
    const after = store.store.getState();
    expect(after.stages[slotA]).toBe(before.stages[slotA]);
    expect(after.stages[slotB]?.waiting).toBe(3);
    store.snapshot(frame(9, [stages(stage('a', 1), stage('b', 3)), figures(10)]));
    expect(store.store.getState().stages).toBe(after.stages);
    expect(store.store.getState().figures).toBe(before.figures);
  });

  it('[LS6] disconnecting keeps the last known values and their time', () => {
    const store = live();
    const before = store.store.getState();
    store.disconnected();
    expect(store.store.getState()).toEqual({ ...before, feed: 'off' });
  });

  it('keeps the newest checkpoints, replaced by id', () => {
    const store = live();
    store.frame(frame(6, [checkpoints(checkpoint(1, 'triggered'), ...Array.from({ length: 60 }, (_, at) => checkpoint(at + 2)))]));
    store.frame(frame(7, [checkpoints(checkpoint(61, 'failed'))]));
    const known = store.store.getState().checkpoints;
    expect(known.length).toBe(CHECKPOINTS_MAX);
    expect(known[0]).toMatchObject({ id: 61, phase: 'failed' });
    expect(known.at(-1)?.id).toBe(12);
  });

  it('drops what is still retracted when the job has ended', () => {
    const store = live();
    store.frame(frame(6, [matches([], ['m1'])]));
    expect(store.store.getState().matches.retracted).toBe(1);
    store.frame(frame(7, [{ topic: 'state', state: 'FINISHED', since: 1, restarts: 0, cause: null }]));
    expect(store.store.getState().matches.order).toEqual(['m2']);
  });

  it('[LS1][LS2] whatever is lost, doubled or late: after asking again the page equals one that lost nothing', () => {
    fc.assert(fc.property(fc.array(fc.record({ waiting: fc.nat(3), fate: fc.constantFrom('ok', 'ok', 'lost', 'doubled') }), { maxLength: 30 }), (history) => {
      const whole = createLiveStore('j');
      const broken = createLiveStore('j');
      for (const store of [whole, broken]) store.snapshot(frame(0));
      // The last frame always arrives: without a later frame nobody can know that one was lost.
      [...history, { waiting: 9, fate: 'ok' }].forEach(({ waiting, fate }, index) => {
        const next = frame(index + 1, [stages(stage('a', waiting), stage(`s${index % 3}`, index))]);
        whole.frame(next);
        if (fate === 'lost') return;
        for (let copy = 0; copy < (fate === 'doubled' ? 2 : 1); copy++) {
          if (!broken.frame(next)) continue;
          const { stages: now, seq, at } = whole.store.getState();
          broken.snapshot({ jobId: 'j', epoch: 'e1', seq, at: at ?? 0, updates: [stages(...Object.values(now))] });
        }
      });
      expect(broken.store.getState().stages).toEqual(whole.store.getState().stages);
    }));
  });

  it('knows nothing before the first snapshot', () => {
    expect(createLiveStore('j').store.getState()).toEqual(unknownJob('j'));
  });
});
