/**
 * The page's one connection to the runtime: runs what connection.ts decides and feeds the stores that are watched.
 *
 * Always  a watched job is asked for again after every connection and after every gap; a watch that is not answered
 *         with a snapshot within `SNAPSHOT_MS_MAX` is asked for again; stores outlive a lost connection.
 * Not here: decisions about retrying (connection.ts), what frames mean (live-store.ts).
 */
import { type ClientToServerEvents, type JobFrame, PROTOCOL_VERSION, type ServerToClientEvents } from '@tidemark/protocol';
import { type StoreApi, createStore } from 'zustand/vanilla';
import { CONNECTION_IDLE, type ConnectionEvent, type ConnectionState, decideConnection } from './connection.ts';
import { type FigureSeries, NO_SERIES } from './figure-series.ts';
import { type LiveState, type LiveStore, createLiveStore } from './live-store.ts';

export const SNAPSHOT_MS_MAX = 5_000;

/** What is used of a Socket.IO client; a test gives a scripted one. */
export interface RuntimeSocket {
  on(event: 'connect', listener: () => void): unknown;
  on(event: 'disconnect', listener: (reason: string) => void): unknown;
  on(event: 'connect_error', listener: () => void): unknown;
  on<Name extends keyof ServerToClientEvents>(event: Name, listener: ServerToClientEvents[Name]): unknown;
  emit<Name extends keyof ClientToServerEvents>(event: Name, ...args: Parameters<ClientToServerEvents[Name]>): unknown;
  close(): unknown;
}

export interface RealtimeEnvironment {
  /** Resolves to a fresh ticket; null when there is no session. Rejects when the runtime cannot be reached. */
  fetchTicket(): Promise<string | null>;
  /** Opens a socket that does not reconnect by itself. */
  open(ticket: string): RuntimeSocket;
  /** Calls back once after the delay; the answer cancels. */
  schedule(delayMs: number, run: () => void): () => void;
  /** Charts of a job as this tab saw them before a reload. */
  remembered?(jobId: string): FigureSeries;
}

interface Watched { readonly live: LiveStore; watchers: number; cancelTimer: () => void }

export class RealtimeClient {
  /** For the banner: what the connection is doing, and since when (client clock) it has not been open. */
  readonly connection: StoreApi<{ readonly state: ConnectionState; readonly lostAt: number | null }>;
  readonly #environment: RealtimeEnvironment;
  readonly #now: () => number;
  readonly #jobs = new Map<string, Watched>();
  readonly #jobsChanged = new Set<() => void>();
  #socket: RuntimeSocket | null = null;
  #cancelRetry: () => void = () => undefined;

  constructor(environment: RealtimeEnvironment, now: () => number) {
    this.#environment = environment;
    this.#now = now;
    this.connection = createStore(() => ({ state: CONNECTION_IDLE, lostAt: null as number | null }));
  }

  start(): void { this.#handle({ kind: 'start' }); }
  stop(): void { this.#handle({ kind: 'stop' }); }
  online(): void { this.#handle({ kind: 'online' }); }
  offline(): void { this.#handle({ kind: 'offline' }); }

  /** The live store of a job, fed until the returned function is called as often as this one. */
  watch(jobId: string): { readonly live: LiveStore; readonly release: () => void } {
    let watched = this.#jobs.get(jobId);
    if (!watched) {
      const live = createLiveStore(jobId, this.#environment.remembered?.(jobId) ?? NO_SERIES);
      watched = { live, watchers: 0, cancelTimer: () => undefined };
      this.#jobs.set(jobId, watched);
      this.#ask(jobId, watched);
    }
    watched.watchers += 1;
    let released = false;
    const release = (): void => {
      if (released) return;
      released = true;
      const entry = this.#jobs.get(jobId);
      if (!entry) return;
      entry.watchers -= 1;
      if (entry.watchers > 0) return;
      entry.cancelTimer();
      this.#jobs.delete(jobId);
      if (this.#isOpen()) this.#socket?.emit('job:unwatch', { jobId }, () => undefined);
    };
    return { live: watched.live, release };
  }

  /** Calls back whenever the list of jobs or projects changed, and after each connection (it may have changed meanwhile). */
  onJobsChanged(listener: () => void): () => void {
    this.#jobsChanged.add(listener);
    return () => this.#jobsChanged.delete(listener);
  }

  forEachWatched(visit: (jobId: string, state: LiveState) => void): void {
    for (const [jobId, { live }] of this.#jobs) visit(jobId, live.store.getState());
  }

  #isOpen(): boolean { return this.connection.getState().state.kind === 'open'; }

  #handle(event: ConnectionEvent): void {
    const before = this.connection.getState();
    const [state, effects] = decideConnection(before.state, event);
    if (state === before.state) return;
    const lost = before.state.kind === 'open' && state.kind !== 'open';
    const lostAt = state.kind === 'open' || state.kind === 'idle' ? null : lost ? this.#now() : before.lostAt;
    this.connection.setState({ state, lostAt });
    if (lost) for (const { live, cancelTimer } of this.#jobs.values()) {
      cancelTimer();
      live.disconnected();
    }
    for (const effect of effects) {
      switch (effect.kind) {
        case 'fetch-ticket': this.#fetchTicket(effect.generation); break;
        case 'connect': this.#connect(effect.generation, effect.ticket); break;
        case 'schedule':
          this.#cancelRetry();
          this.#cancelRetry = this.#environment.schedule(effect.delayMs, () => this.#handle({ kind: 'timer', generation: effect.generation }));
          break;
        case 'close':
          this.#cancelRetry();
          this.#socket?.close();
          this.#socket = null;
          break;
      }
    }
    if (before.state.kind !== 'open' && state.kind === 'open') {
      for (const [jobId, watched] of this.#jobs) this.#ask(jobId, watched);
      for (const listener of this.#jobsChanged) listener();
    }
  }

  #fetchTicket(generation: number): void {
    this.#environment.fetchTicket().then(
      (ticket) => this.#handle(ticket === null ? { kind: 'ticket-failed', generation, unauthorised: true } : { kind: 'ticket', generation, ticket }),
      () => this.#handle({ kind: 'ticket-failed', generation, unauthorised: false }),
    );
  }

  #connect(generation: number, ticket: string): void {
    const socket = this.#environment.open(ticket);
    this.#socket = socket;
    socket.on('connect', () => this.#handle({ kind: 'connected', generation }));
    socket.on('disconnect', () => this.#handle({ kind: 'lost', generation }));
    // A ticket that the handshake refuses may only be too old: that is a retry, not a refusal. `fetchTicket` knows about sessions.
    socket.on('connect_error', () => this.#handle({ kind: 'lost', generation }));
    socket.on('job:snapshot', (frame) => this.#snapshot(frame));
    socket.on('job:frame', (frame) => this.#frame(frame));
    socket.on('jobs:changed', () => { for (const listener of this.#jobsChanged) listener(); });
  }

  #ask(jobId: string, watched: Watched): void {
    if (!this.#isOpen() || !this.#socket) return;
    watched.cancelTimer();
    watched.live.asking();
    watched.cancelTimer = this.#environment.schedule(SNAPSHOT_MS_MAX, () => {
      if (watched.live.store.getState().feed === 'asking') this.#ask(jobId, watched);
    });
    this.#socket.emit('job:watch', { jobId, version: PROTOCOL_VERSION }, (reply) => {
      if (reply.ok || this.#jobs.get(jobId) !== watched) return;
      watched.cancelTimer();
      watched.live.refused(reply.code);
    });
  }

  #snapshot(frame: JobFrame): void {
    const watched = this.#jobs.get(frame.jobId);
    watched?.cancelTimer();
    watched?.live.snapshot(frame);
  }

  #frame(frame: JobFrame): void {
    const watched = this.#jobs.get(frame.jobId);
    if (watched?.live.frame(frame)) this.#ask(frame.jobId, watched);
  }
}
