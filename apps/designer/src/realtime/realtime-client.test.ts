import { describe, expect, it } from 'vitest';
import type { ClientToServerEvents, JobFrame, ServerToClientEvents } from '@tidemark/protocol';
import { RealtimeClient, type RuntimeSocket } from './realtime-client.ts';

/** A scripted runtime: what the page sends is a list, what it hears is said by the test. */
class ScriptedRuntime {
  session = true;
  reachable = true;
  readonly asked: string[] = [];
  readonly sockets: { listeners: Map<string, (argument: never) => void>; closed: boolean; ticket: string }[] = [];
  readonly timers: { delayMs: number; run: () => void; done: boolean }[] = [];
  refuse: string | null = null;
  #tickets = 0;

  readonly client = new RealtimeClient({
    fetchTicket: () => {
      if (!this.reachable) return Promise.reject(new Error('unreachable'));
      return Promise.resolve(this.session ? `ticket-${++this.#tickets}` : null);
    },
    open: (ticket) => {
      const socket = { listeners: new Map<string, (argument: never) => void>(), closed: false, ticket };
      this.sockets.push(socket);
      return {
        on: (event: string, listener: (argument: never) => void) => { socket.listeners.set(event, listener); },
        emit: (event: keyof ClientToServerEvents, request: { jobId: string }, ack: (reply: never) => void) => {
          this.asked.push(`${event} ${request.jobId}`);
          if (this.refuse) ack({ ok: false, code: this.refuse, reason: '' } as never);
        },
        close: () => { socket.closed = true; },
      } as RuntimeSocket;
    },
    schedule: (delayMs, run) => {
      const timer = { delayMs, run, done: false };
      this.timers.push(timer);
      return () => { timer.done = true; };
    },
  }, () => 77);

  say<Name extends keyof ServerToClientEvents>(event: Name | 'connect' | 'disconnect' | 'connect_error', argument?: unknown): void {
    this.sockets.at(-1)?.listeners.get(event)?.(argument as never);
  }

  async settle(): Promise<void> { for (let turn = 0; turn < 5; turn++) await Promise.resolve(); }

  fire(): void {
    for (const timer of this.timers.filter((entry) => !entry.done)) {
      timer.done = true;
      timer.run();
    }
  }

  async connected(): Promise<void> {
    this.client.start();
    await this.settle();
    this.say('connect');
  }
}

const frame = (seq: number): JobFrame => ({ jobId: 'j', epoch: 'e', seq, at: seq, updates: [] });

describe('realtime client', () => {
  it('asks for every watched job after each connection, with a new ticket', async () => {
    const runtime = new ScriptedRuntime();
    const { live } = runtime.client.watch('j');
    await runtime.connected();
    expect(runtime.asked).toEqual(['job:watch j']);
    runtime.say('job:snapshot', frame(3));
    expect(live.store.getState().feed).toBe('live');
    runtime.say('disconnect', 'transport close');
    expect(live.store.getState()).toMatchObject({ feed: 'off', seq: 3 });
    expect(runtime.client.connection.getState()).toMatchObject({ state: { kind: 'waiting' }, lostAt: 77 });
    runtime.fire();
    await runtime.settle();
    runtime.say('connect');
    expect(runtime.asked).toEqual(['job:watch j', 'job:watch j']);
    expect(runtime.sockets.map((socket) => socket.ticket)).toEqual(['ticket-1', 'ticket-2']);
    expect(runtime.client.connection.getState().lostAt).toBeNull();
  });

  it('a gap asks again; an unanswered watch is asked again', async () => {
    const runtime = new ScriptedRuntime();
    const { live } = runtime.client.watch('j');
    await runtime.connected();
    runtime.fire();
    expect(runtime.asked).toHaveLength(2);
    runtime.say('job:snapshot', frame(3));
    runtime.fire();
    runtime.say('job:frame', frame(4));
    expect(runtime.asked).toHaveLength(2);
    runtime.say('job:frame', frame(6));
    expect(runtime.asked).toHaveLength(3);
    expect(live.store.getState().feed).toBe('asking');
  });

  it('one watch serves several parts of the page and ends with the last', async () => {
    const runtime = new ScriptedRuntime();
    await runtime.connected();
    const first = runtime.client.watch('j');
    const second = runtime.client.watch('j');
    expect(second.live).toBe(first.live);
    first.release();
    first.release();
    expect(runtime.asked).toEqual(['job:watch j']);
    second.release();
    expect(runtime.asked).toEqual(['job:watch j', 'job:unwatch j']);
  });

  it('says so when the runtime refuses the job, or there is no session', async () => {
    const runtime = new ScriptedRuntime();
    runtime.refuse = 'unknown-job';
    await runtime.connected();
    expect(runtime.client.watch('j').live.store.getState()).toMatchObject({ feed: 'refused', refusal: 'unknown-job' });
    const locked = new ScriptedRuntime();
    locked.session = false;
    locked.client.start();
    await locked.settle();
    expect(locked.client.connection.getState().state).toMatchObject({ kind: 'refused' });
    expect(locked.timers.filter((timer) => !timer.done)).toEqual([]);
  });

  it('tells that lists may have changed after each connection and on the word of the runtime', async () => {
    const runtime = new ScriptedRuntime();
    let told = 0;
    const off = runtime.client.onJobsChanged(() => { told += 1; });
    await runtime.connected();
    expect(told).toBe(1);
    runtime.say('jobs:changed');
    expect(told).toBe(2);
    off();
    runtime.say('jobs:changed');
    expect(told).toBe(2);
  });

  it('retries when the runtime is not there, and stops for good when told to', async () => {
    const runtime = new ScriptedRuntime();
    runtime.reachable = false;
    runtime.client.start();
    await runtime.settle();
    expect(runtime.client.connection.getState().state).toMatchObject({ kind: 'waiting', delayMs: 500 });
    runtime.client.stop();
    expect(runtime.timers.every((timer) => timer.done)).toBe(true);
  });
});
