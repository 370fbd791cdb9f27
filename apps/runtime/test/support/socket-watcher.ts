import { type ClientToServerEvents, type JobFrame, type JobUpdate, PROTOCOL_VERSION, type ServerToClientEvents } from '@tidemark/protocol';
import { type Socket, io } from 'socket.io-client';

export interface Watched {
  readonly runtime: { readonly origin: string };
  call(route: 'socketTicket'): Promise<{ json: any }>;
}
/** The newest update of a topic. */
export type Newest = <Topic extends JobUpdate['topic']>(topic: Topic) => Extract<JobUpdate, { topic: Topic }> | null;

/** A browser that watches jobs, and what reached it. */
export class SocketWatcher {
  readonly socket: Socket<ServerToClientEvents, ClientToServerEvents>;
  readonly snapshots: JobFrame[] = [];
  readonly frames: JobFrame[] = [];
  lists = 0;
  readonly #newest = new Map<string, JobUpdate>();
  readonly #listeners = new Set<() => void>();

  private constructor(socket: Socket) {
    this.socket = socket;
    const take = (frame: JobFrame): void => {
      for (const update of frame.updates) this.#newest.set(update.topic, update);
      for (const listener of this.#listeners) listener();
    };
    this.socket.on('job:snapshot', (frame) => {
      this.snapshots.push(frame);
      take(frame);
    });
    this.socket.on('job:frame', (frame) => {
      this.frames.push(frame);
      take(frame);
    });
    this.socket.on('jobs:changed', () => {
      this.lists += 1;
    });
  }

  static async on(server: Watched, ticket?: string): Promise<SocketWatcher> {
    const auth = { ticket: ticket ?? (await server.call('socketTicket')).json.ticket };
    const watcher = new SocketWatcher(io(server.runtime.origin, { auth, transports: ['websocket'], reconnection: false, forceNew: true }));
    await new Promise<void>((resolve, reject) => {
      watcher.socket.on('connect', () => resolve());
      watcher.socket.on('connect_error', reject);
    });
    return watcher;
  }

  ask(name: string, ...message: unknown[]): Promise<any> {
    return (this.socket as unknown as Socket).timeout(5_000).emitWithAck(name, ...message);
  }

  watch(jobId: string, version = PROTOCOL_VERSION): Promise<any> {
    return this.ask('job:watch', { jobId, version });
  }

  /** Resolves when what has arrived satisfies the condition. */
  until(condition: (newest: Newest) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const newest = ((topic: string) => this.#newest.get(topic) ?? null) as Newest;
      const look = (): void => {
        if (!condition(newest)) return;
        clearTimeout(timer);
        this.#listeners.delete(look);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#listeners.delete(look);
        reject(new Error(`never: ${condition.toString()}; newest: ${JSON.stringify([...this.#newest.values()]).slice(0, 2_000)}`));
      }, 120_000);
      this.#listeners.add(look);
      look();
    });
  }

  close(): void {
    this.socket.disconnect();
  }
}
