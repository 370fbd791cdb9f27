/**
 * Trades the token of the printed address for the session cookie.
 * Always  the token leaves the address bar (and the history entry) before the first request is made.
 */
import { call } from './client.ts';
import { ApiError } from './problem.ts';

export type SessionState = 'open' | 'needs-token' | 'wrong-token' | 'unreachable';

/** Splits `#token=…&doc=…` into the token and the rest. */
export function splitFragment(hash: string): { token: string | null; rest: string } {
  const parts = hash.replace(/^#/, '').split('&').filter((part) => part !== '');
  const token = parts.find((part) => part.startsWith('token='));
  const rest = parts.filter((part) => !part.startsWith('token=')).join('&');
  return { token: token ? decodeURIComponent(token.slice('token='.length)) : null, rest: rest ? `#${rest}` : '' };
}

export async function openSession(): Promise<SessionState> {
  const { token, rest } = splitFragment(location.hash);
  if (token !== null) history.replaceState(history.state, '', location.pathname + location.search + rest);
  try {
    if (token !== null) return await tradeToken(token);
    const { authenticated } = await call('session');
    return authenticated ? 'open' : 'needs-token';
  } catch (error) {
    if (error instanceof ApiError && error.kind === 'session') return 'needs-token';
    return 'unreachable';
  }
}

export async function tradeToken(token: string): Promise<SessionState> {
  try {
    await call('openSession', { body: { token: token.trim() } });
    return 'open';
  } catch (error) {
    if (error instanceof ApiError && (error.kind === 'session' || error.status === 400 || error.status === 403)) return 'wrong-token';
    return 'unreachable';
  }
}
