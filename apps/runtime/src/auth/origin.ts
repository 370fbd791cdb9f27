/**
 * Who may talk to this server at all: checks on `Host`, `Origin` and `Sec-Fetch-Site`, for HTTP and for the socket's
 * handshake alike. Pure.
 *
 * Host     a page from elsewhere whose name was made to resolve to 127.0.0.1 (DNS rebinding) sends its own name as
 *          Host. So only known names are answered; any port is fine, because a tunnel may end at another one.
 * Origin   a request that changes something comes from this very origin, or from no page at all (a program).
 */
import { isIP } from 'node:net';

export interface OriginPolicy {
  /** Name or address that the server was told to listen on. */
  readonly host: string;
  /** Further names by which it is reached, e.g. the machine's own; from TIDEMARK_ALLOWED_HOSTS. */
  readonly names: readonly string[];
  /** Further origins that may call, e.g. that of a development server; from TIDEMARK_ORIGINS. */
  readonly origins: readonly string[];
}

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'));

const LISTENS_EVERYWHERE = new Set(['0.0.0.0', '::', '[::]']);

/** `name`, `name:port` or `[address]:port`, without the port and in small letters; null when it is none of these. */
export function hostName(header: string | undefined): string | null {
  const parts = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i.exec(header ?? '');
  return parts === null ? null : (parts[1] as string).toLowerCase();
}

export function hostAllowed(header: string | undefined, policy: OriginPolicy): boolean {
  const name = hostName(header);
  if (name === null) return false;
  if (isLoopback(name) || name === policy.host.toLowerCase() || policy.names.includes(name)) return true;
  // Whoever rebinds a name sends that name; a bare address cannot be rebound.
  return LISTENS_EVERYWHERE.has(policy.host) && isIP(name.replace(/^\[|\]$/g, '')) !== 0;
}

/** True when there is no Origin (no page), or it is the one under which this request reached us, or a configured one. */
export function originAllowed(origin: string | undefined, host: string | undefined, policy: OriginPolicy): boolean {
  if (origin === undefined) return true;
  if (policy.origins.includes(origin)) return true;
  return host !== undefined && hostAllowed(host, policy) && (origin === `http://${host}` || origin === `https://${host}`);
}

export interface Crossing {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly secFetchSite: string | undefined;
}

/** For requests that change something, and for the handshake: null = let through, else why not. */
export function crossingRefused({ host, origin, secFetchSite }: Crossing, policy: OriginPolicy): string | null {
  if (!originAllowed(origin, host, policy)) return 'This request comes from another origin.';
  const known = origin !== undefined && policy.origins.includes(origin);
  if (secFetchSite !== undefined && secFetchSite !== 'same-origin' && !known) return 'This request comes from another site.';
  return null;
}
