/**
 * Tickets: what lets one handshake of the socket in.
 *
 * A browser sends its cookie along with any WebSocket that a page opens, so a cookie alone proves nothing there.
 * A ticket is fetched over REST (where origin and custom header are checked) and handed over in the handshake.
 *
 * Always  a ticket is valid once, for half a minute; at most 1,000 wait to be used, the oldest give way.
 */
import { randomBytes } from 'node:crypto';

export const TICKET_LIFE_MS = 30_000;
const WAITING_MAX = 1_000;

export class Tickets {
  readonly #waiting = new Map<string, { readonly expiresAt: number; readonly sessionId: string | null }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** `sessionId` is null for a program that came with the bearer token. */
  issue(sessionId: string | null): { ticket: string; expiresAt: number } {
    const now = this.#now();
    for (const [ticket, { expiresAt }] of this.#waiting) {
      if (expiresAt > now && this.#waiting.size < WAITING_MAX) break; // oldest first
      this.#waiting.delete(ticket);
    }
    const ticket = randomBytes(24).toString('base64url');
    const expiresAt = now + TICKET_LIFE_MS;
    this.#waiting.set(ticket, { expiresAt, sessionId });
    return { ticket, expiresAt };
  }

  /** Takes the ticket: a second use finds nothing. */
  redeem(ticket: string): { readonly sessionId: string | null } | null {
    const found = this.#waiting.get(ticket);
    if (found === undefined) return null;
    this.#waiting.delete(ticket);
    return found.expiresAt > this.#now() ? { sessionId: found.sessionId } : null;
  }
}
