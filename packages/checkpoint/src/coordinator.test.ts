import { type Attempt, type CheckpointId, attempt, checkpointId } from '@tidemark/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TaskAck } from './completed-checkpoint.ts';
import {
  type CheckpointPlan, type CoordinatorConfig, type CoordinatorEffect, type CoordinatorEvent, type CoordinatorState, decide, initialState,
} from './coordinator.ts';

const ack: TaskAck = { state: { name: 's', bytes: 10, sha256: '' }, output: [], inputPosition: null };
const plan = (of: number): CheckpointPlan => ({ attempt: attempt(of), tasks: new Set(['source/0', 'match/0']) });
const id = checkpointId;

/** Feeds events and remembers every effect. */
class Driver {
  state: CoordinatorState;
  readonly effects: CoordinatorEffect[] = [];
  constructor(config: Partial<CoordinatorConfig> = {}, nextId = 1, completed: readonly CheckpointId[] = []) {
    this.state = initialState({ retained: 2, tolerableFailures: 0, ...config }, nextId, completed);
  }
  on(event: CoordinatorEvent): readonly CoordinatorEffect[] {
    const [state, effects] = decide(this.state, event);
    this.state = state;
    this.effects.push(...effects);
    return effects;
  }
  kinds(event: CoordinatorEvent): string[] {
    return this.on(event).map((effect) => (effect.kind === 'report' ? `report ${effect.report.phase}` : effect.kind));
  }
  run(of = 1): this {
    this.on({ kind: 'tasks-running', plan: plan(of), at: 0 });
    return this;
  }
  acks(of: CheckpointId, by = 1): string[] {
    return ['source/0', 'match/0'].flatMap((task) => this.kinds({ kind: 'ack', id: of, attempt: attempt(by), task, ack }));
  }
  complete(of: CheckpointId, by = 1): this {
    this.on({ kind: 'trigger', at: 0 });
    this.on({ kind: 'allocated', id: of });
    this.acks(of, by);
    this.on({ kind: 'metadata-durable', id: of, at: 0 });
    return this;
  }
}

describe('checkpoint coordinator', () => {
  it('[CC1][CC3] allocates, injects, writes metadata when all have acknowledged, and only then tells the sinks', () => {
    const driver = new Driver().run();
    expect(driver.kinds({ kind: 'trigger', at: 5 })).toEqual(['allocate']);
    expect(driver.kinds({ kind: 'trigger', at: 6 })).toEqual([]);
    expect(driver.kinds({ kind: 'allocated', id: id(1) })).toEqual(['report triggered', 'inject']);
    expect(driver.acks(id(1))).toEqual(['report acknowledged', 'report acknowledged', 'write-metadata']);
    expect(driver.kinds({ kind: 'metadata-durable', id: id(1), at: 9 })).toEqual(['report completed', 'notify-complete']);
    expect(driver.state.completed).toEqual([1]);
  });

  it('[CC2] counts each task once, and nobody of another attempt or checkpoint', () => {
    const driver = new Driver().run(2);
    driver.on({ kind: 'trigger', at: 0 });
    driver.on({ kind: 'allocated', id: id(1) });
    const of = (task: string, by: number, checkpoint = 1): string[] => driver.kinds({ kind: 'ack', id: id(checkpoint), attempt: attempt(by), task, ack });
    expect(of('source/0', 1)).toEqual([]); // R12: an attempt that is gone
    expect(of('source/0', 2, 7)).toEqual([]);
    expect(of('match/9', 2)).toEqual([]);
    expect(of('source/0', 2)).toEqual(['report acknowledged']);
    expect(of('source/0', 2)).toEqual([]);
    expect(driver.state.pending?.acks.size).toBe(1);
  });

  it('[CC4] R11: an acknowledgement after expiry changes nothing', () => {
    const driver = new Driver({ tolerableFailures: 1 }).run();
    driver.on({ kind: 'trigger', at: 0 });
    driver.on({ kind: 'allocated', id: id(1) });
    driver.on({ kind: 'ack', id: id(1), attempt: attempt(1), task: 'source/0', ack });
    expect(driver.kinds({ kind: 'expired', id: id(1), at: 9 })).toEqual(['report failed', 'notify-aborted', 'delete']);
    expect(driver.kinds({ kind: 'ack', id: id(1), attempt: attempt(1), task: 'match/0', ack })).toEqual([]);
    expect(driver.kinds({ kind: 'expired', id: id(1), at: 10 })).toEqual([]);
  });

  it('[CC5] counts failures in a row, forgets them after a success, and fails the job above the threshold', () => {
    const driver = new Driver({ tolerableFailures: 1 }).run();
    const decline = (of: number): string[] => {
      driver.on({ kind: 'trigger', at: 0 });
      driver.on({ kind: 'allocated', id: id(of) });
      return driver.kinds({ kind: 'declined', id: id(of), attempt: attempt(1), task: 'match/0', detail: 'EIO', at: 0 });
    };
    expect(decline(1)).not.toContain('fail-job');
    driver.complete(id(2));
    expect(decline(3)).not.toContain('fail-job');
    expect(decline(4)).toContain('fail-job');
    expect(driver.state.failuresInRow).toBe(0);
  });

  it('[CC6] keeps the newest and deletes what is older after the newer is durable', () => {
    const driver = new Driver({ retained: 2 }).run();
    for (const of of [1, 2, 3]) driver.complete(id(of));
    expect(driver.state.completed).toEqual([2, 3]);
    const order = driver.effects.map((effect) => (effect.kind === 'delete' ? `delete ${effect.id}` : effect.kind === 'notify-complete' ? `complete ${effect.id}` : ''));
    expect(order.filter((text) => text !== '')).toEqual(['complete 1', 'complete 2', 'complete 3', 'delete 1']);
  });

  it('[CC7] a failover aborts what is pending, does not count it, and holds triggers until all tasks run', () => {
    const driver = new Driver().run();
    driver.on({ kind: 'trigger', at: 0 });
    driver.on({ kind: 'allocated', id: id(1) });
    expect(driver.kinds({ kind: 'tasks-stopped', at: 1 })).toEqual(['report failed', 'notify-aborted', 'delete']);
    expect(driver.state.failuresInRow).toBe(0);
    expect(driver.kinds({ kind: 'trigger', at: 2 })).toEqual([]);
    driver.run(2);
    expect(driver.kinds({ kind: 'trigger', at: 3 })).toEqual(['allocate']);
    expect(driver.state.allocating?.id).toBe(2);
  });

  it('[CC7] R23: an id that was allocated when the tasks stopped is a gap, never a checkpoint', () => {
    const driver = new Driver().run();
    driver.on({ kind: 'trigger', at: 0 });
    driver.on({ kind: 'tasks-stopped', at: 0 });
    driver.run(2);
    expect(driver.kinds({ kind: 'allocated', id: id(1) })).toEqual([]);
    expect(driver.state.pending).toBeNull();
  });

  it('[CC3][CC7] R7: metadata that becomes durable after its tasks stopped completes, and nobody is told: the restore commits', () => {
    const driver = new Driver().run();
    driver.on({ kind: 'trigger', at: 0 });
    driver.on({ kind: 'allocated', id: id(1) });
    driver.acks(id(1));
    expect(driver.kinds({ kind: 'tasks-stopped', at: 1 })).toEqual([]);
    expect(driver.kinds({ kind: 'metadata-durable', id: id(1), at: 2 })).toEqual(['report completed']);
    expect(driver.state.completed).toEqual([1]);
  });

  it('[CC8] a final checkpoint waits for the pending one, comes again if it fails, and is the last', () => {
    const driver = new Driver({ tolerableFailures: 3 }).run();
    driver.on({ kind: 'trigger', at: 0 });
    driver.on({ kind: 'allocated', id: id(1) });
    expect(driver.kinds({ kind: 'final-wanted', at: 1 })).toEqual([]);
    driver.acks(id(1));
    expect(driver.kinds({ kind: 'metadata-durable', id: id(1), at: 2 })).toEqual(['report completed', 'notify-complete', 'allocate']);
    driver.on({ kind: 'allocated', id: id(2) });
    expect(driver.state.pending?.final).toBe(true);
    expect(driver.kinds({ kind: 'expired', id: id(2), at: 3 })).toContain('allocate');
    driver.on({ kind: 'allocated', id: id(3) });
    driver.acks(id(3));
    driver.on({ kind: 'metadata-durable', id: id(3), at: 4 });
    expect(driver.kinds({ kind: 'trigger', at: 5 })).toEqual([]);
  });

  it('[CC9] metadata whose fate is unknown fails its checkpoint and leaves its files alone', () => {
    const failed = (mayExist: boolean): string[] => {
      const driver = new Driver().run();
      driver.on({ kind: 'trigger', at: 0 });
      driver.on({ kind: 'allocated', id: id(1) });
      driver.acks(id(1));
      return driver.kinds({ kind: 'metadata-failed', id: id(1), detail: 'EIO', mayExist, at: 1 });
    };
    expect(failed(false)).toContain('delete');
    expect(failed(true)).not.toContain('delete');
    expect(failed(true)).toContain('notify-aborted');
  });

  it('[CC1][CC2][CC3][CC4][CC6] under any order of events', () => {
    const events = fc.array(fc.record({ kind: fc.constantFrom('running', 'stopped', 'trigger', 'final', 'allocated', 'allocation-failed', 'ack', 'declined', 'expired', 'durable', 'not-durable'), id: fc.nat(8), task: fc.nat(2), attempt: fc.nat(3) }), { maxLength: 120 });
    fc.assert(fc.property(events, fc.integer({ min: 1, max: 3 }), (list, retained) => {
      const driver = new Driver({ retained, tolerableFailures: 2 });
      let running = 0;
      const durable = new Set<number>();
      const allocated: number[] = [];
      const ended = new Set<number>();
      for (const event of list) {
        const of = id(event.id + 1);
        const by: Attempt = attempt(event.attempt);
        const before = driver.state;
        const at = 0;
        const effects = ((): readonly CoordinatorEffect[] => {
          switch (event.kind) {
            case 'running': return before.plan ? [] : driver.on({ kind: 'tasks-running', plan: plan(++running), at });
            case 'stopped': return driver.on({ kind: 'tasks-stopped', at });
            case 'trigger': return driver.on({ kind: 'trigger', at });
            case 'final': return driver.on({ kind: 'final-wanted', at });
            case 'allocated': return before.allocating ? driver.on({ kind: 'allocated', id: before.allocating.id }) : [];
            case 'allocation-failed': return before.allocating ? driver.on({ kind: 'allocation-failed', id: before.allocating.id, detail: '', at }) : [];
            case 'ack': return driver.on({ kind: 'ack', id: before.pending?.id ?? of, attempt: before.pending && event.attempt > 0 ? before.pending.plan.attempt : by, task: ['source/0', 'match/0', 'match/7'][event.task] as string, ack });
            case 'declined': return driver.on({ kind: 'declined', id: of, attempt: by, task: 'match/0', detail: '', at });
            case 'expired': return driver.on({ kind: 'expired', id: of, at });
            // The shell answers a write exactly once.
            default: {
              const pending = before.pending;
              if (pending?.phase !== 'finalizing') return [];
              if (event.kind === 'durable') durable.add(pending.id);
              return driver.on(event.kind === 'durable' ? { kind: 'metadata-durable', id: pending.id, at } : { kind: 'metadata-failed', id: pending.id, detail: '', mayExist: event.task === 0, at });
            }
          }
        })();
        for (const effect of effects) {
          if (effect.kind === 'allocate') {
            expect(effect.id).toBeGreaterThan(allocated.at(-1) ?? 0);
            allocated.push(effect.id);
          }
          if (effect.kind === 'inject') expect(effect.plan).toBe(driver.state.plan);
          if (effect.kind === 'write-metadata') expect([...effect.pending.acks.keys()].sort()).toEqual([...effect.pending.plan.tasks].sort());
          if (effect.kind === 'notify-complete') expect(durable.has(effect.id)).toBe(true);
          if (effect.kind === 'report' && (effect.report.phase === 'completed' || effect.report.phase === 'failed')) {
            expect(ended.has(effect.report.id), `checkpoint ${effect.report.id} ends twice`).toBe(false);
            ended.add(effect.report.id);
          }
          if (effect.kind === 'delete') expect(driver.state.completed).not.toContain(effect.id);
        }
        expect(driver.state.completed.length).toBeLessThanOrEqual(retained);
        for (const kept of driver.state.completed) expect(durable.has(kept)).toBe(true);
      }
    }), { numRuns: 300 });
  });
});
