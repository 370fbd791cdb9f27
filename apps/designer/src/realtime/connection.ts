/**
 * The connection to the runtime, as a state machine without I/O: what happens next after each event.
 *
 * A socket's handshake needs a ticket that lives only seconds, so every attempt fetches a new one; the transport's
 * own reconnection is switched off and this machine is the only one that retries.
 *
 * Invariants (tests cite these ids):
 *   RC1  Every attempt fetches a new ticket first.
 *   RC2  A lost or failed connection is tried again after a delay that doubles from 0.5 s to 8 s and starts anew
 *        once a connection was open.
 *   RC3  `refused` is left only by `start`: what a retry cannot mend (no session) is not retried.
 *   RC4  An answer to an attempt that is over (an older generation) changes nothing.
 *   RC5  While the browser is offline nothing is tried; `online` tries at once.
 *   RC6  After `stop` there is no effect but closing.
 *
 * Not here: what the frames say (live-store.ts), the socket (realtime-client.ts).
 */

import { unreachable } from '@tidemark/core';

export type ConnectionState =
  | { readonly kind: 'idle'; readonly generation: number }
  | { readonly kind: 'ticket'; readonly generation: number; readonly attempt: number }
  | { readonly kind: 'connecting'; readonly generation: number; readonly attempt: number }
  | { readonly kind: 'open'; readonly generation: number }
  | { readonly kind: 'waiting'; readonly generation: number; readonly attempt: number; readonly delayMs: number }
  /** No session: only the person can mend that. */
  | { readonly kind: 'refused'; readonly generation: number };

export type ConnectionEvent =
  | { readonly kind: 'start' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'ticket'; readonly generation: number; readonly ticket: string }
  | { readonly kind: 'ticket-failed'; readonly generation: number; readonly unauthorised: boolean }
  | { readonly kind: 'connected'; readonly generation: number }
  | { readonly kind: 'lost'; readonly generation: number }
  | { readonly kind: 'timer'; readonly generation: number }
  | { readonly kind: 'online' }
  | { readonly kind: 'offline' };

export type ConnectionEffect =
  | { readonly kind: 'fetch-ticket'; readonly generation: number }
  | { readonly kind: 'connect'; readonly generation: number; readonly ticket: string }
  | { readonly kind: 'schedule'; readonly generation: number; readonly delayMs: number }
  | { readonly kind: 'close' };

export const CONNECTION_IDLE: ConnectionState = { kind: 'idle', generation: 0 };
export const DELAY_MS_MIN = 500;
export const DELAY_MS_MAX = 8_000;

const NOTHING: readonly ConnectionEffect[] = [];
type Decision = readonly [ConnectionState, readonly ConnectionEffect[]];


function attempt(generation: number, count: number): Decision {
  return [{ kind: 'ticket', generation, attempt: count }, [{ kind: 'fetch-ticket', generation }]];
}

function retryLater(state: ConnectionState): Decision {
  const count = state.kind === 'ticket' || state.kind === 'connecting' || state.kind === 'waiting' ? state.attempt : 0;
  const delayMs = Math.min(DELAY_MS_MAX, DELAY_MS_MIN * 2 ** Math.min(count, 10));
  const generation = state.generation + 1;
  return [{ kind: 'waiting', generation, attempt: count + 1, delayMs }, [{ kind: 'close' }, { kind: 'schedule', generation, delayMs }]];
}

/** Core. No I/O, no clock. */
export function decideConnection(state: ConnectionState, event: ConnectionEvent): Decision {
  const generation = state.generation;
  switch (event.kind) {
    case 'start':
      return state.kind === 'idle' || state.kind === 'refused' ? attempt(generation + 1, 0) : [state, NOTHING];
    case 'stop':
      return state.kind === 'idle' ? [state, NOTHING] : [{ kind: 'idle', generation: generation + 1 }, [{ kind: 'close' }]];
    case 'ticket':
      if (state.kind !== 'ticket' || event.generation !== generation) return [state, NOTHING];
      return [{ kind: 'connecting', generation, attempt: state.attempt }, [{ kind: 'connect', generation, ticket: event.ticket }]];
    case 'ticket-failed':
      if (state.kind !== 'ticket' || event.generation !== generation) return [state, NOTHING];
      if (event.unauthorised) return [{ kind: 'refused', generation }, [{ kind: 'close' }]];
      return retryLater(state);
    case 'connected':
      if (state.kind !== 'connecting' || event.generation !== generation) return [state, NOTHING];
      return [{ kind: 'open', generation }, NOTHING];
    case 'lost':
      if ((state.kind !== 'connecting' && state.kind !== 'open') || event.generation !== generation) return [state, NOTHING];
      return retryLater(state);
    case 'timer':
      if (state.kind !== 'waiting' || event.generation !== generation) return [state, NOTHING];
      return attempt(generation + 1, state.attempt);
    case 'online':
      return state.kind === 'waiting' ? attempt(generation + 1, 0) : [state, NOTHING];
    case 'offline':
      if (state.kind === 'idle' || state.kind === 'refused') return [state, NOTHING];
      // No timer: `online` is what ends this wait.
      return [{ kind: 'waiting', generation: generation + 1, attempt: 0, delayMs: 0 }, [{ kind: 'close' }]];
    default:
      return unreachable(event);
  }
}
