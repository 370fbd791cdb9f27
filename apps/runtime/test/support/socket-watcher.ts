import { type ClientToServerEvents, type JobFrame, PROTOCOL_VERSION, type ServerToClientEvents } from '@tidemark/protocol';
import { type Socket, io } from 'socket.io-client';
import { type TestServer, until } from './server.ts';

/** A browser that watches jobs, and what reached it. */
export class SocketWatcher {
  readonly socket: Socket<ServerToClientEvents, ClientToServerEvents>;
  readonly snapshots: JobFrame[] = [];
  readonly frames: JobFrame[] = [];
  lists = 0;
  private constructor(socket: Socket) {
    this.socket = socket;
    this.socket.on('job:snapshot', (frame) => this.snapshots.push(frame));
    this.socket.on('job:frame', (frame) => this.frames.push(frame));
    this.socket.on('jobs:changed', () => {
      this.lists += 1;
    });
  }
  static async on(server: TestServer, ticket?: string): Promise<SocketWatcher> {
    const auth = { ticket: ticket ?? (await server.call('socketTicket')).json.ticket };
    const watcher = new SocketWatcher(io(server.runtime.origin, { auth, transports: ['websocket'], reconnection: false, forceNew: true }));
    await until('connected', () => watcher.socket.connected);
    return watcher;
  }
  ask(name: string, ...message: unknown[]): Promise<any> {
    return (this.socket as unknown as Socket).timeout(5_000).emitWithAck(name, ...message);
  }
  watch(jobId: string, version = PROTOCOL_VERSION): Promise<any> {
    return this.ask('job:watch', { jobId, version });
  }
  close(): void {
    this.socket.disconnect();
  }
}
