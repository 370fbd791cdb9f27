/** The real world round the realtime client: tickets over REST, Socket.IO, timers, the tab's storage. */
import { io } from 'socket.io-client';
import { call } from '../api/client.ts';
import { ApiError } from '../api/problem.ts';
import { PROTOCOL_VERSION } from '@tidemark/protocol';
import { RealtimeClient, type RuntimeSocket } from './realtime-client.ts';
import { recallSeries, rememberSeries } from './series-memory.ts';

export const runtimeLink = new RealtimeClient({
  fetchTicket: async () => {
    try {
      return (await call('socketTicket')).ticket;
    } catch (error) {
      if (error instanceof ApiError && error.kind === 'session') return null;
      throw error;
    }
  },
  open: (ticket) => io({ auth: { ticket, version: PROTOCOL_VERSION }, reconnection: false, transports: ['websocket', 'polling'], forceNew: true }) as unknown as RuntimeSocket,
  schedule: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  remembered: recallSeries,
}, Date.now);

let started = false;
/** Connects with the first page that needs it. */
export function startRuntimeLink(): void {
  if (started) {
    runtimeLink.start();
    return;
  }
  started = true;
  addEventListener('online', () => runtimeLink.online());
  addEventListener('offline', () => runtimeLink.offline());
  addEventListener('pagehide', () => runtimeLink.forEachWatched((jobId, state) => rememberSeries(jobId, state.series)));
  runtimeLink.start();
}
