import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import type { RecoveryStep, RecoveryView } from '@tidemark/protocol';
import { recoveryBar } from './recovery-bar.ts';

const cause = { code: 'worker-lost', message: '', domain: 'external' as const, remedy: null, at: 1_000, workerId: 'tm-1' };
const recovery = (steps: readonly [RecoveryStep['step'], number][], done = true): RecoveryView => ({
  id: 1, cause, checkpointId: 4, replayed: 10, done, steps: steps.map(([step, durationMs]) => ({ step, durationMs, at: 0, detail: null })),
});

describe('recovery bar', () => {
  it('draws each step to scale in the tone of what the job was', () => {
    const bar = recoveryBar(recovery([['detected', 212], ['restored', 788], ['running', 0], ['caught-up', 3_000]]));
    expect(bar.totalMs).toBe(4_000);
    expect(bar.segments.map(({ tone, from, share }) => [tone, from, share])).toEqual(
      [['down', 0, 0.053], ['restoring', 0.053, 0.197], ['restoring', 0.25, 0], ['replaying', 0.25, 0.75]]);
    expect(bar.segments.at(-1)?.mark).toBe('caught-up');
  });

  it('says what goes on while it is not done', () => {
    expect(recoveryBar(recovery([], false))).toMatchObject({ totalMs: 0, current: 'down', segments: [] });
    expect(recoveryBar(recovery([['detected', 1], ['waited', 5]], false)).current).toBe('restoring');
    expect(recoveryBar(recovery([['running', 1]], false)).current).toBe('replaying');
    expect(recoveryBar(recovery([['caught-up', 1]])).current).toBe('caught-up');
  });

  it('leaves no hole and no overlap, whatever the durations', () => {
    const step = fc.constantFrom<RecoveryStep['step']>('detected', 'cancelled', 'waited', 'workers-started', 'checkpoint-chosen', 'restored', 'running', 'caught-up');
    fc.assert(fc.property(fc.array(fc.tuple(step, fc.integer({ min: -5, max: 100_000 })), { maxLength: 12 }), (steps) => {
      const { segments, totalMs } = recoveryBar(recovery(steps));
      let at = 0;
      for (const segment of segments) {
        expect(segment.from).toBeCloseTo(at, 9);
        at = segment.from + segment.share;
      }
      if (totalMs > 0) expect(at).toBeCloseTo(1, 9);
    }));
  });
});
