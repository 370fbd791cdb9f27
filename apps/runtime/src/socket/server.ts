/**
 * The live side: Socket.IO, typed by protocol's events.
 *
 * Handshake  host and origin are checked before either transport starts (browsers do not protect sockets); then a
 *            ticket fetched over REST lets the connection in. A closed session takes its sockets along.
 * Messages   validated; at most 8 KB; an unknown or malformed one is answered with its reason and changes nothing.
 * Frames     of a job go to those who watch it. A browser that does not read is not waited for: with frames still
 *            in its buffer the next one is left out, the page sees the gap in `seq` and watches again, which brings a
 *            snapshot (rules SO1 to SO4 of SPEC.md).
 */
import type { Server as HttpServer } from 'node:http';
import { type ClientToServerEvents, type JobFrame, PROTOCOL_VERSION, type ServerToClientEvents } from '@tidemark/protocol';
import { type Socket, Server } from 'socket.io';
import { z } from 'zod';
import { type OriginPolicy, crossingRefused, hostAllowed } from '../auth/origin.ts';
import type { Tickets } from '../auth/tickets.ts';
import type { Logger } from '../log.ts';
import type { JobFeed } from './job-feed.ts';

interface SocketData {
  sessionId: string | null;
  watched: Set<string>;
}
type Io = Server<ClientToServerEvents, ServerToClientEvents, Record<string, never>, SocketData>;
type Client = Socket<ClientToServerEvents, ServerToClientEvents, Record<string, never>, SocketData>;

const MESSAGE_BYTES_MAX = 8_192;
/** Packets that may wait for a slow reader before frames are left out. */
const WAITING_MAX = 4;
const WATCHED_MAX = 32;
const SOCKETS_MAX = 200;

const zJobId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const zWatch = z.strictObject({ jobId: zJobId, version: z.number().int() });
const zUnwatch = z.strictObject({ jobId: zJobId });
const zHandshake = z.object({ ticket: z.string().min(1).max(100) });

export interface SocketEnvironment {
  readonly policy: OriginPolicy;
  readonly tickets: Tickets;
  /** Null where there is no such job. */
  readonly feed: (jobId: string) => Promise<JobFeed | null>;
  readonly log: Logger;
}

export class SocketServer {
  readonly #io: Io;
  readonly #environment: SocketEnvironment;
  #listChangeDue = false;

  constructor(http: HttpServer, environment: SocketEnvironment) {
    this.#environment = environment;
    const { policy, tickets, log } = environment;
    this.#io = new Server(http, {
      serveClient: false,
      maxHttpBufferSize: MESSAGE_BYTES_MAX,
      pingInterval: 15_000,
      pingTimeout: 10_000,
      perMessageDeflate: false,
      allowRequest: (request, answer) => {
        const site = request.headers['sec-fetch-site'];
        const refused = !hostAllowed(request.headers.host, policy) ? 'unknown host'
          : crossingRefused({ host: request.headers.host, origin: request.headers.origin, secFetchSite: Array.isArray(site) ? site.join(',') : site }, policy);
        answer(refused, refused === null);
      },
    });
    this.#io.use((socket, next) => {
      const handshake = zHandshake.safeParse(socket.handshake.auth);
      const ticket = handshake.success ? tickets.redeem(handshake.data.ticket) : null;
      if (ticket === null) return next(new Error('ticket'));
      if (this.#io.of('/').sockets.size >= SOCKETS_MAX) return next(new Error('too many connections'));
      socket.data = { sessionId: ticket.sessionId, watched: new Set() };
      next();
    });
    this.#io.on('connection', (socket) => this.#welcome(socket));
    this.#io.engine.on('connection_error', (error: { code?: number; message?: string }) => log.debug({ code: error.code, reason: error.message }, 'a handshake was refused'));
  }

  /** To all who watch the job and keep up. */
  send(frame: JobFrame): void {
    for (const id of this.#io.of('/').adapter.rooms.get(roomOf(frame.jobId)) ?? []) {
      const socket = this.#io.of('/').sockets.get(id);
      if (socket !== undefined && keepsUp(socket)) socket.emit('job:frame', frame);
    }
  }

  /** At most four times a second. */
  listsChanged(): void {
    if (this.#listChangeDue) return;
    this.#listChangeDue = true;
    setTimeout(() => {
      this.#listChangeDue = false;
      for (const socket of this.#io.of('/').sockets.values()) if (keepsUp(socket)) socket.emit('jobs:changed');
    }, 250).unref();
  }

  closeSession(sessionId: string): void {
    for (const socket of this.#io.of('/').sockets.values()) if (socket.data.sessionId === sessionId) socket.disconnect(true);
  }

  async close(): Promise<void> {
    await this.#io.close();
  }

  #welcome(socket: Client): void {
    socket.on('error', (error) => this.#environment.log.debug({ reason: error.message }, 'a socket failed'));
    this.#answer(socket, 'job:watch', zWatch, async ({ jobId, version }) => {
      if (version !== PROTOCOL_VERSION) throw new Refusal('other-version', 'This page is of another version than the runtime: reload it.');
      if (socket.data.watched.size >= WATCHED_MAX && !socket.data.watched.has(jobId)) throw new Refusal('too-many-watched', `A page watches at most ${WATCHED_MAX} jobs.`);
      const feed = await this.#environment.feed(jobId);
      if (feed === null) throw new Refusal('not-found', 'There is no such job.');
      if (!socket.connected) throw new Refusal('gone', 'The page has gone.');
      socket.data.watched.add(jobId);
      // from here on without a pause: no frame may come between the snapshot and the room
      socket.emit('job:snapshot', feed.snapshot());
      void socket.join(roomOf(jobId));
      return { epoch: feed.epoch };
    });
    this.#answer(socket, 'job:unwatch', zUnwatch, async ({ jobId }) => {
      socket.data.watched.delete(jobId);
      await socket.leave(roomOf(jobId));
      return null;
    });
  }

  #answer<Request, Value>(socket: Client, name: keyof ClientToServerEvents, schema: z.ZodType<Request>, act: (request: Request) => Promise<Value>): void {
    const { log } = this.#environment;
    const listener = (...message: unknown[]): void => {
      const ack = message.at(-1);
      if (typeof ack !== 'function') return; // a message that wants no answer changes nothing
      const reply = ack as (answer: { ok: true; value: Value } | { ok: false; code: string; reason: string }) => void;
      const request = schema.safeParse(message[0]);
      if (!request.success || message.length !== 2) {
        reply({ ok: false, code: 'invalid-message', reason: request.success ? 'too many parts' : request.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ') });
        return;
      }
      act(request.data).then((value) => reply({ ok: true, value }), (error: unknown) => {
        if (error instanceof Refusal) return reply({ ok: false, code: error.code, reason: error.message });
        log.error({ err: error, message: name }, 'a message failed');
        reply({ ok: false, code: 'internal', reason: 'A fault of the runtime; the log has it.' });
      });
    };
    socket.on(name, listener as never);
  }
}

class Refusal extends Error {
  readonly code: string;

  constructor(code: string, reason: string) {
    super(reason);
    this.code = code;
  }
}

const roomOf = (jobId: string): string => `job:${jobId}`;

const keepsUp = (socket: Client): boolean => (socket.conn as unknown as { writeBuffer: readonly unknown[] }).writeBuffer.length <= WAITING_MAX;
