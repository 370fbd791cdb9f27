/** Who may come in: each line of the security checklist that this server answers for has a test here. */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, chmodSync, writeFileSync, symlinkSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Socket, io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostAllowed, hostName, isLoopback, originAllowed } from '../src/auth/origin.ts';
import { loadSecrets, sameSecret } from '../src/auth/secrets.ts';
import { cookieOf, newSession, readSession, sessionValue } from '../src/auth/session.ts';
import { TICKET_LIFE_MS, Tickets } from '../src/auth/tickets.ts';
import { placeSource } from '../src/deploy/places.ts';
import { understand } from '../src/language.ts';
import { TestServer, document } from './support/server.ts';

let server: TestServer;
const designer = mkdtempSync(join(tmpdir(), 'tidemark-designer-'));
beforeAll(async () => {
  mkdirSync(join(designer, 'assets'));
  writeFileSync(join(designer, 'index.html'), '<!doctype html><meta property="csp-nonce" nonce="__CSP_NONCE__"><script type="module" src="/assets/a-123.js" nonce="__CSP_NONCE__"></script>');
  writeFileSync(join(designer, 'assets/a-123.js'), 'export {};');
  writeFileSync(join(designer, 'favicon.svg'), '<svg/>');
  writeFileSync(join(designer, '.env'), 'SECRET=1');
  server = await TestServer.start({ options: { designerDir: designer } });
});
afterAll(async () => {
  await server.stop();
  rmSync(designer, { recursive: true });
});

/** A request with headers that fetch would not let us set. */
const raw = (path: string, headers: Record<string, string>, method = 'GET', body?: string): Promise<{ status: number; headers: Record<string, unknown>; text: string }> => new Promise((resolve, reject) => {
  const request = httpRequest(`${server.runtime.origin}${path}`, { method, headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers } }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
  });
  request.on('error', reject);
  request.end(body);
});

async function signIn(): Promise<string> {
  const reply = await raw('/api/session', { 'x-tidemark': '1' }, 'POST', JSON.stringify({ token: server.runtime.token }));
  expect(reply.status).toBe(204);
  return ((reply.headers['set-cookie'] as string[])[0] as string).split(';')[0] as string;
}
const NEW = JSON.stringify({ name: 'A', document: {} });

describe('sessions', () => {
  it('[AU1] the token buys a cookie that no page can read and no other site can send; its name carries the port', async () => {
    const reply = await raw('/api/session', {}, 'POST', JSON.stringify({ token: server.runtime.token }));
    const [cookie] = reply.headers['set-cookie'] as string[];
    expect(cookie).toMatch(new RegExp(`^tidemark_${server.runtime.port}=[^;]+; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000$`));
    expect(reply.text).toBe('');
    const wrong = await raw('/api/session', {}, 'POST', JSON.stringify({ token: 'x'.repeat(43) }));
    expect([wrong.status, JSON.parse(wrong.text).code, wrong.headers['set-cookie']]).toEqual([401, 'wrong-token', undefined]);
  });

  it('[AU2] with a cookie, what changes something needs the custom header; a program sends the token and needs none', async () => {
    const cookie = await signIn();
    expect((await raw('/api/projects', { cookie })).status).toBe(200);
    expect(JSON.parse((await raw('/api/projects', { cookie }, 'POST', NEW)).text).code).toBe('missing-header');
    expect((await raw('/api/projects', { cookie, 'x-tidemark': '1' }, 'POST', NEW)).status).toBe(201);
    expect((await raw('/api/projects', { authorization: `Bearer ${server.runtime.token}` }, 'POST', NEW)).status).toBe(201);
    expect((await raw('/api/projects', { authorization: 'Bearer wrong', cookie, 'x-tidemark': '1' }, 'POST', NEW)).status).toBe(401);
  });

  it('[AU3] a closed session is over, at once and after a restart; the others stay, over a restart too', async () => {
    const own = await TestServer.start();
    const at = async (running: TestServer, cookie: string, path = '/api/session', method = 'GET'): Promise<number> => (await fetch(`${running.runtime.origin}${path}`, { method, headers: { cookie, 'x-tidemark': '1' } })).status;
    const open = async (): Promise<string> => ((await own.call('openSession', { as: 'nobody', body: { token: own.runtime.token } })).headers.get('set-cookie') as string).split(';')[0] as string;
    const [first, second] = [await open(), await open()];
    expect(await at(own, first)).toBe(200);
    expect(await at(own, first, '/api/session', 'DELETE')).toBe(204);
    expect(await at(own, first)).toBe(401);
    const { token, port } = own.runtime;
    await own.stop(true);
    const next = await TestServer.start({ dataDir: own.dataDir, options: { port } });
    expect(next.runtime.token).toBe(token);
    expect(await at(next, first)).toBe(401);
    expect(await at(next, second)).toBe(200);
    await next.stop();
  });

  it('[AU1] a cookie is worth nothing when it is forged, altered, too old, signed by another, or given twice', () => {
    const key = Buffer.alloc(32, 1);
    const session = newSession(1_000);
    const value = sessionValue(session, key);
    expect(readSession(value, key, 2_000)).toEqual(session);
    expect(readSession(value, Buffer.alloc(32, 2), 2_000)).toBeNull();
    expect(readSession(value, key, session.expiresAt)).toBeNull();
    const [id, expiry, signature] = value.split('.') as [string, string, string];
    expect(readSession(`${id}.${Number(expiry) + 1}.${signature}`, key, 2_000)).toBeNull();
    expect(readSession('', key, 0)).toBeNull();
    expect(readSession(`${value}x`, key, 0)).toBeNull();
    expect(cookieOf(`a=1; t=${value}; b=2`, 't')).toBe(value);
    expect(cookieOf('t=1; t=2', 't')).toBeNull();
    expect(cookieOf(undefined, 't')).toBeNull();
  });

  it('[AU4] token and cookie key are kept in files that only their owner can read', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-secrets-'));
    const first = loadSecrets(folder);
    expect(first.token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(loadSecrets(folder)).toEqual(first);
    chmodSync(join(folder, 'token'), 0o644);
    loadSecrets(folder);
    for (const name of ['token', 'cookie-key']) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    writeFileSync(join(folder, 'token'), 'damaged');
    expect(loadSecrets(folder).token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect([sameSecret('a', 'a'), sameSecret('a', 'b'), sameSecret('', 'a'), sameSecret('aa', 'a')]).toEqual([true, false, false, false]);
    rmSync(folder, { recursive: true });
  });

  it('[AU5] a few wrong tokens a minute, then none is looked at; the right ones are not counted', async () => {
    const own = await TestServer.start({ options: { loginsPerMinute: 3 } });
    const attempt = async (token: string): Promise<number> => (await own.call('openSession', { as: 'nobody', body: { token } })).status;
    for (let n = 0; n < 5; n++) expect(await attempt(own.runtime.token)).toBe(204);
    for (let n = 0; n < 3; n++) expect(await attempt('wrong')).toBe(401);
    expect(await attempt('wrong')).toBe(429);
    await own.stop();
  });

  it('[AU6] too many requests are answered with a problem', async () => {
    const own = await TestServer.start({ options: { requestsPerMinute: 5 } });
    const statuses: number[] = [];
    for (let n = 0; n < 7; n++) statuses.push((await own.call('jobs')).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
    await own.stop();
  });
});

describe('origins', () => {
  const policy = { host: '127.0.0.1', names: ['box.lan'], origins: ['http://localhost:5173'] };

  it('[AU7] a name that was rebound to this machine is not answered, on any path', async () => {
    for (const path of ['/', '/api/health', '/api/projects', '/assets/a-123.js']) {
      const reply = await raw(path, { host: `attacker.example:${server.runtime.port}`, authorization: `Bearer ${server.runtime.token}` });
      expect([path, reply.status, JSON.parse(reply.text).code]).toEqual([path, 421, 'unknown-host']);
    }
    expect((await raw('/api/health', { host: `localhost:${server.runtime.port}` })).status).toBe(200);
    expect((await raw('/api/health', { host: 'localhost:9999' })).status).toBe(200); // the end of a tunnel
  });

  it('[AU7] which hosts are known', () => {
    for (const host of ['127.0.0.1:1', '127.8.0.1', 'LOCALHOST', '[::1]:80', 'box.lan:4747', 'BOX.LAN']) expect([host, hostAllowed(host, policy)]).toEqual([host, true]);
    for (const host of [undefined, '', 'evil', '127.0.0.1.evil.com', 'localhost.evil.com', '10.0.0.1', 'a b', 'localhost:80:80', '[::1', '127.0.0.1@evil', 'localhost#']) expect([host, hostAllowed(host, policy)]).toEqual([host, false]);
    const everywhere = { ...policy, host: '0.0.0.0' };
    expect(hostAllowed('192.168.1.7:4747', everywhere)).toBe(true);
    expect(hostAllowed('[fe80::1]:4747', everywhere)).toBe(true);
    expect(hostAllowed('evil.example', everywhere)).toBe(false);
    expect(hostName('[::1]:4747')).toBe('[::1]');
    expect([isLoopback('127.0.0.1'), isLoopback('::1'), isLoopback('127.0.0.1.evil'), isLoopback('0.0.0.0')]).toEqual([true, true, false, false]);
  });

  it('[AU8] a page from elsewhere changes nothing, whatever it has', async () => {
    const cookie = await signIn();
    const own = `127.0.0.1:${server.runtime.port}`;
    const post = async (headers: Record<string, string>): Promise<[number, string | undefined]> => {
      const reply = await raw('/api/projects', { cookie, 'x-tidemark': '1', ...headers }, 'POST', NEW);
      return [reply.status, JSON.parse(reply.text).code];
    };
    expect(await post({ origin: `http://${own}`, 'sec-fetch-site': 'same-origin' })).toEqual([201, undefined]);
    for (const headers of [{ origin: 'http://evil.example' }, { origin: 'null' }, { origin: 'http://localhost:8080' }, { origin: `http://${own}.evil.example` }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { 'sec-fetch-site': 'none' }]) {
      expect([headers, await post(headers)]).toEqual([headers, [403, 'other-origin']]);
    }
    expect((await raw('/api/session', { origin: 'http://evil.example' }, 'POST', JSON.stringify({ token: server.runtime.token }))).status).toBe(403);
    expect((await raw('/api/projects', { cookie, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    const preflight = await raw('/api/projects', { origin: 'http://evil.example', 'access-control-request-method': 'POST' }, 'OPTIONS');
    expect(Object.keys(preflight.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('[AU8] which origins are known', () => {
    expect(originAllowed(undefined, 'localhost:1', policy)).toBe(true);
    expect(originAllowed('http://localhost:4747', 'localhost:4747', policy)).toBe(true);
    expect(originAllowed('http://localhost:5173', 'localhost:4747', policy)).toBe(true);
    expect(originAllowed('http://localhost:4748', 'localhost:4747', policy)).toBe(false);
    expect(originAllowed('http://evil:4747', 'evil:4747', policy)).toBe(false);
    expect(originAllowed('http://localhost:4747', undefined, policy)).toBe(false);
  });
});

describe('the page', () => {
  it('[AU9] comes with a policy and its nonce, never from a cache; assets are for ever', async () => {
    const nonces = new Set<string>();
    for (const path of ['/', '/jobs', '/projects/p_1/live']) {
      const page = await raw(path, { accept: 'text/html' });
      const policy = String(page.headers['content-security-policy']);
      const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] as string;
      nonces.add(nonce);
      expect(page.text).toContain(`nonce="${nonce}"`);
      expect(page.text).not.toContain('__CSP_NONCE__');
      expect(policy).toBe(`default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self' ws://127.0.0.1:${server.runtime.port} wss://127.0.0.1:${server.runtime.port}; worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`);
      expect(page.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cross-origin-opener-policy': 'same-origin', 'x-frame-options': 'DENY' });
      expect(page.headers).not.toHaveProperty('x-powered-by');
    }
    expect(nonces.size).toBe(3);
    expect((await raw('/assets/a-123.js', {})).headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect((await raw('/favicon.svg', {})).status).toBe(200);
  });

  it('[AU10] nothing outside of the built designer is served', async () => {
    for (const path of ['/.env', '/assets/../.env', '/%2e%2e/%2e%2e/etc/passwd', '/assets/..%2f.env', '/assets/%2e%2e%2f.env', '/assets/..%252f.env', '/assets/%00', '//etc/passwd']) {
      const reply = await raw(path, {});
      expect([path, reply.text.includes('SECRET') || reply.text.includes('root:')]).toEqual([path, false]);
      expect(reply.status).toBeLessThan(500);
    }
  });
});

describe('the socket', () => {
  const connect = (auth: Record<string, unknown>, extra: Parameters<typeof io>[1] = {}): Promise<string> => new Promise((resolve) => {
    const socket: Socket = io(server.runtime.origin, { auth, reconnection: false, forceNew: true, ...extra });
    const end = (how: string): void => {
      socket.disconnect();
      resolve(how);
    };
    socket.on('connect', () => end('connected'));
    socket.on('connect_error', (error) => end(error.message));
  });
  const ticket = async (): Promise<string> => (await server.call('socketTicket')).json.ticket;

  it('[AU11] lets a ticket in, once, and nothing else', async () => {
    const one = await ticket();
    expect(await connect({ ticket: one })).toBe('connected');
    expect(await connect({ ticket: one })).toBe('ticket');
    for (const auth of [{}, { ticket: '' }, { ticket: 'x' }, { ticket: 7 }, { token: server.runtime.token }, { ticket: server.runtime.token }]) expect(await connect(auth)).toBe('ticket');
    const cookie = await signIn();
    expect(await connect({}, { extraHeaders: { cookie } })).toBe('ticket');
  });

  it.each(['websocket', 'polling'])('[AU8][AU7] checks origin and host of the handshake by %s', async (transport) => {
    const attempt = async (extraHeaders: Record<string, string>): Promise<string> => connect({ ticket: await ticket() }, { transports: [transport], extraHeaders });
    expect(await attempt({ origin: server.runtime.origin })).toBe('connected');
    expect(await attempt({ origin: 'http://evil.example' })).not.toBe('connected');
    // the polling client may not set Host: so by hand
    if (transport === 'websocket') expect(await attempt({ host: 'evil.example' })).not.toBe('connected');
    else expect((await raw('/socket.io/?EIO=4&transport=polling', { host: 'evil.example' })).status).toBe(403);
    expect(await attempt({ 'sec-fetch-site': 'cross-site' })).not.toBe('connected');
  });

  it('[AU11] a ticket runs out, and too many do not pile up', () => {
    let now = 0;
    const tickets = new Tickets(() => now);
    const { ticket: old } = tickets.issue('s');
    now = TICKET_LIFE_MS;
    expect(tickets.redeem(old)).toBeNull();
    const issued = Array.from({ length: 1_500 }, () => tickets.issue('s').ticket);
    expect(issued.filter((one) => tickets.redeem(one) !== null)).toHaveLength(1_000);
  });
});

describe('secrets and files', () => {
  it('[AU12] no secret reaches the log, an answer or a file but its own', async () => {
    const own = await TestServer.start();
    const { token } = own.runtime;
    const cookie = ((await own.call('openSession', { as: 'nobody', body: { token } })).headers.get('set-cookie') as string).split(';')[0] as string;
    const { json: { ticket } } = await own.call('socketTicket');
    const answers = [await own.call('openSession', { as: 'nobody', body: { token: 'wrong-token-canary' } }), await own.call('projects'), await own.call('health'), await own.call('openapi')];
    await own.call('createProject', { raw: { body: `{"token":"${token}"`, type: 'application/json' } });
    await fetch(`${own.runtime.origin}/api/jobs?token=${token}`, { headers: { cookie } });
    await fetch(`${own.runtime.origin}/jobs?token=${token}`, { headers: { authorization: `Bearer ${token}` } });
    const logged = own.logged.join('');
    expect(logged).toContain('"path":"/api/jobs"');
    for (const secret of [token, cookie.split('=')[1] as string, ticket, 'wrong-token-canary', readFileSync(join(own.dataDir, 'cookie-key'), 'utf8').trim()]) {
      expect(logged).not.toContain(secret);
      for (const answer of answers) expect(answer.text).not.toContain(secret);
      for (const name of readdirSync(own.dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && !['token', 'cookie-key'].includes(entry.name))) {
        expect([name.name, readFileSync(join(name.parentPath, name.name)).includes(secret)]).toEqual([name.name, false]);
      }
    }
    await own.stop();
  });

  it('[DP5] a source by path stays below the root that the operator gave, links followed', async () => {
    const root = mkdtempSync(join(tmpdir(), 'tidemark-files-'));
    mkdirSync(join(root, 'in'));
    writeFileSync(join(root, 'in/a.csv'), 'x');
    writeFileSync(join(root, 'outside.csv'), 'x');
    symlinkSync(join(root, 'outside.csv'), join(root, 'in/link.csv'));
    const at = async (path: string, filesRoot: string | null = join(root, 'in')): Promise<unknown> => {
      const { document: doc } = understand(document({ source: { kind: 'file', path, format: 'csv' } }));
      if (doc === null) throw new Error('not decoded');
      const placed = await placeSource(doc, { filesRoot, outputRoot: '/x', samplePath: async () => null });
      return placed.ok ? placed.path : placed.issue.code;
    };
    expect(await at('a.csv')).toBe(join(root, 'in/a.csv'));
    for (const path of ['../outside.csv', 'link.csv', '/etc/passwd', '.', 'none.csv', '/dev/zero', 'a.csv\0', join(root, 'outside.csv')]) expect([path, await at(path)]).toEqual([path, 'source-path-not-allowed']);
    expect(await at('a.csv', null)).toBe('source-path-not-allowed');

    writeFileSync(join(root, 'in/b.csv'), 'x');
    const several = async (...files: string[]): Promise<unknown> => {
      const { document: doc } = understand(document({ source: { kind: 'file', files: files.map((path) => ({ path })), format: 'csv' } }));
      if (doc === null) throw new Error('not decoded');
      const placed = await placeSource(doc, { filesRoot: join(root, 'in'), outputRoot: '/x', samplePath: async () => null });
      return placed.ok ? placed.path : placed.issue.code;
    };
    expect(await several('b.csv', 'a*.csv', '[ab].csv*')).toEqual([join(root, 'in/b.csv'), join(root, 'in/a.csv')]);
    expect(await several('?.c*')).toEqual([join(root, 'in/a.csv'), join(root, 'in/b.csv')]);
    for (const path of ['../*.csv', 'l*.csv', '/etc/pass*', '/dev/zer*', '../outside.csv']) expect([path, await several('a.csv', path)]).toEqual([path, 'source-path-not-allowed']);
    expect(await several('a.csv', 'none*')).toBe('source-files-none');
    rmSync(root, { recursive: true });
  });
});
