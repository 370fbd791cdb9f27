/**
 * The session of a browser: a signed cookie, so that a restart of the runtime ends no session.
 *
 * Always  the value is `id.expiry.signature`, signed with the data directory's cookie key; a page cannot read it
 *         (HttpOnly) and no other site can send it (SameSite=Strict). The cookie's name carries the port, because
 *         browsers share cookies between all ports of a host.
 * Not here: which closed sessions are remembered (store/sessions.ts).
 */
import { createHmac, randomBytes } from 'node:crypto';
import { sameSecret } from './secrets.ts';

export interface Session {
  readonly id: string;
  /** Wall time in ms. */
  readonly expiresAt: number;
}

export const SESSION_LIFE_MS = 30 * 86_400_000;

export const cookieName = (port: number): string => `tidemark_${port}`;

const sign = (payload: string, key: Buffer): string => createHmac('sha256', key).update(payload).digest('base64url');

export function newSession(now: number): Session {
  return { id: randomBytes(16).toString('base64url'), expiresAt: now + SESSION_LIFE_MS };
}

export function sessionValue(session: Session, key: Buffer): string {
  const payload = `${session.id}.${session.expiresAt}`;
  return `${payload}.${sign(payload, key)}`;
}

/** The session that a cookie's value proves, or null. */
export function readSession(value: string, key: Buffer, now: number): Session | null {
  const parts = /^([A-Za-z0-9_-]{22})\.(\d{1,15})\.([A-Za-z0-9_-]{43})$/.exec(value);
  if (parts === null) return null;
  const [, id, expiry, signature] = parts as unknown as [string, string, string, string];
  if (!sameSecret(signature, sign(`${id}.${expiry}`, key))) return null;
  const expiresAt = Number(expiry);
  return expiresAt > now ? { id, expiresAt } : null;
}

/** The value of one cookie of a Cookie header, or null. A name that comes twice is taken as absent. */
export function cookieOf(header: string | undefined, name: string): string | null {
  const found = (header ?? '').split(';').map((pair) => pair.trim()).filter((pair) => pair.startsWith(`${name}=`));
  return found.length === 1 ? (found[0] as string).slice(name.length + 1) : null;
}

export const setCookie = (name: string, value: string, lifeMs: number): string =>
  `${name}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${Math.floor(lifeMs / 1_000)}`;
