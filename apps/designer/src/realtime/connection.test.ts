import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { CONNECTION_IDLE, type ConnectionEffect, type ConnectionEvent, type ConnectionState, DELAY_MS_MAX, decideConnection } from './connection.ts';

function run(events: readonly ConnectionEvent[], from: ConnectionState = CONNECTION_IDLE): { state: ConnectionState; effects: ConnectionEffect[] } {
  let state = from;
  const effects: ConnectionEffect[] = [];
  for (const event of events) {
    const [next, made] = decideConnection(state, event);
    state = next;
    effects.push(...made);
  }
  return { state, effects };
}

/** To an open connection, whatever the generation is. */
function open(state: ConnectionState): ConnectionState {
  const generation = state.generation;
  return run([{ kind: 'ticket', generation, ticket: 't' }, { kind: 'connected', generation }], state).state;
}

describe('connection', () => {
  it('[RC1] fetches a ticket before each attempt and connects with it', () => {
    const { state, effects } = run([{ kind: 'start' }, { kind: 'ticket', generation: 1, ticket: 'a' }, { kind: 'connected', generation: 1 }]);
    expect(state).toEqual({ kind: 'open', generation: 1 });
    expect(effects).toEqual([{ kind: 'fetch-ticket', generation: 1 }, { kind: 'connect', generation: 1, ticket: 'a' }]);
  });

  it('[RC1][RC2] retries with growing delays and a new ticket each time, and starts anew after an open connection', () => {
    let state = run([{ kind: 'start' }]).state;
    const delays: number[] = [];
    for (let count = 0; count < 7; count++) {
      const failed = run([{ kind: 'ticket', generation: state.generation, ticket: 't' }, { kind: 'lost', generation: state.generation }], state);
      state = failed.state;
      if (state.kind === 'waiting') delays.push(state.delayMs);
      const again = run([{ kind: 'timer', generation: state.generation }], state);
      expect(again.effects).toEqual([{ kind: 'fetch-ticket', generation: again.state.generation }]);
      state = again.state;
    }
    expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000]);
    state = open(state);
    const lost = run([{ kind: 'lost', generation: state.generation }], state).state;
    expect(lost).toMatchObject({ kind: 'waiting', delayMs: 500 });
  });

  it('[RC3] does not retry what a retry cannot mend', () => {
    const refused = run([{ kind: 'start' }, { kind: 'ticket-failed', generation: 1, unauthorised: true }]);
    expect(refused.state).toEqual({ kind: 'refused', generation: 1 });
    expect(refused.effects.some((effect) => effect.kind === 'schedule')).toBe(false);
    expect(run([{ kind: 'online' }, { kind: 'timer', generation: 1 }, { kind: 'offline' }], refused.state).state).toBe(refused.state);
    expect(run([{ kind: 'start' }], refused.state).state).toMatchObject({ kind: 'ticket' });
  });

  it('[RC4] ignores answers to an attempt that is over, also across stop and start', () => {
    const first = run([{ kind: 'start' }]).state;
    const second = run([{ kind: 'stop' }, { kind: 'start' }], first).state;
    expect(run([{ kind: 'ticket', generation: first.generation, ticket: 'old' }], second)).toEqual({ state: second, effects: [] });
  });

  it('[RC5] waits without a timer while offline and tries at once when online', () => {
    const off = run([{ kind: 'offline' }], open(run([{ kind: 'start' }]).state));
    expect(off.effects).toEqual([{ kind: 'close' }]);
    expect(run([{ kind: 'online' }], off.state).effects.map((effect) => effect.kind)).toEqual(['fetch-ticket']);
  });

  it('[RC6][RC2] after stop only closing, whatever happens in between; delays never exceed the largest', () => {
    const anyEvent = fc.oneof(
      fc.constantFrom<ConnectionEvent>({ kind: 'start' }, { kind: 'online' }, { kind: 'offline' }),
      fc.record({ kind: fc.constant('ticket' as const), generation: fc.integer({ min: 0, max: 6 }), ticket: fc.constant('t') }),
      fc.record({ kind: fc.constant('ticket-failed' as const), generation: fc.integer({ min: 0, max: 6 }), unauthorised: fc.boolean() }),
      fc.record({ kind: fc.constant('connected' as const), generation: fc.integer({ min: 0, max: 6 }) }),
      fc.record({ kind: fc.constant('lost' as const), generation: fc.integer({ min: 0, max: 6 }) }),
      fc.record({ kind: fc.constant('timer' as const), generation: fc.integer({ min: 0, max: 6 }) }),
    );
    fc.assert(fc.property(fc.array(anyEvent, { maxLength: 40 }), (events) => {
      const before = run(events);
      for (const effect of before.effects) if (effect.kind === 'schedule') expect(effect.delayMs).toBeLessThanOrEqual(DELAY_MS_MAX);
      const stopped = run([{ kind: 'stop' }], before.state);
      const after = run(events.filter((event) => event.kind !== 'start'), stopped.state);
      expect([...stopped.effects, ...after.effects].filter((effect) => effect.kind !== 'close')).toEqual([]);
    }));
  });
});
