/** Every route, with what is right and with what is wrong, over a real connection. */
import { readFileSync, readdirSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { JobFault } from '@tidemark/core';
import { ENDPOINTS, PROTOCOL_VERSION, ROUTES, type RouteName } from '@tidemark/protocol';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { line } from './support/fake-target.ts';
import { type Bytes, type Reply, TestServer, document, until } from './support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.stop());

const create = async (doc: Record<string, unknown> = document()): Promise<any> => (await server.call('createProject', { body: { name: 'A project', document: doc } })).json;
const deploy = async (doc?: Record<string, unknown>): Promise<any> => {
  const { id } = await create(doc);
  return (await server.call('deploy', { params: { projectId: id }, body: { revision: 1, acceptWarnings: true } })).json;
};
const upload = (body: Bytes, name = 'a.ndjson'): Promise<Reply> => server.call('uploadSample', { query: { name }, raw: { body, type: 'application/octet-stream' } });
const NDJSON = '{"ts":1700000000000,"name":"start"}\n{"ts":1700000001000,"name":"middle"}\n';
const HASH = '0'.repeat(64);

describe('the general part', () => {
  it('[HT1] health answers without a token, all else that is not open does not', async () => {
    expect((await server.call('health', { as: 'nobody' })).json).toMatchObject({ status: 'ok', protocolVersion: PROTOCOL_VERSION, jobs: 0 });
    for (const route of Object.keys(ROUTES) as RouteName[]) {
      if (ENDPOINTS[route].auth === 'open') continue;
      const reply = await server.call(route, { as: 'nobody', params: { projectId: 'x', jobId: 'x', number: 1, hash: HASH }, ...(/^(POST|PUT|DELETE)/.test(ROUTES[route]) ? { body: {} } : {}) });
      expect([route, reply.status, reply.json.code]).toEqual([route, 401, 'unauthorized']);
    }
  });

  it('[HT2] the OpenAPI document describes every route, and each schema it refers to', async () => {
    const { json } = await server.call('openapi', { as: 'nobody' });
    expect(json.openapi).toBe('3.1.0');
    const described = Object.entries<Record<string, { operationId: string }>>(json.paths)
      .flatMap(([path, methods]) => Object.entries(methods).map(([method, { operationId }]) => [operationId, `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`]));
    expect(Object.fromEntries(described)).toEqual({ ...ROUTES });
    const references = [...JSON.stringify(json).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map((found) => found[1] as string);
    expect(references.length).toBeGreaterThan(20);
    for (const name of references) expect(json.components.schemas).toHaveProperty([name]);
  });

  it('[HT3] unknown routes, methods and assets are problems', async () => {
    const get = (path: string, init: RequestInit = {}): Promise<Response> => fetch(`${server.runtime.origin}${path}`, { ...init, headers: { authorization: `Bearer ${server.runtime.token}` } });
    expect((await get('/api/nothing')).status).toBe(404);
    expect((await get('/api/jobs', { method: 'PATCH' })).status).toBe(404);
    expect((await get('/assets/gone.js')).status).toBe(404);
    expect((await get('/api/projects/%E0%A4%A')).status).toBe(400);
    expect((await get('/api/projects/..%2f..%2fetc')).status).toBe(400);
  });

  it('[HT4] an unbuilt designer is one clear page', async () => {
    const response = await fetch(`${server.runtime.origin}/jobs`);
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('The designer is not built');
  });

  it('[HT5] bodies: not JSON, another type, too large, too deep, __proto__, unknown members', async () => {
    const send = (body: Bytes, type = 'application/json'): Promise<Reply> => server.call('createProject', { raw: { body, type } });
    const code = async (reply: Promise<Reply>): Promise<unknown> => {
      const { status, json } = await reply;
      return [status, json.code];
    };
    expect(await code(send('{'))).toEqual([400, 'bad-json']);
    expect(await code(send('name=x', 'application/x-www-form-urlencoded'))).toEqual([415, 'not-json']);
    expect(await code(send('{}', 'text/plain'))).toEqual([415, 'not-json']);
    expect(await code(send('{}', 'application/json; charset=latin1'))).toEqual([415, 'unsupported-charset']);
    expect(await code(send(JSON.stringify({ name: 'x'.repeat(1_000_001) })))).toEqual([413, 'too-large']);
    expect(await code(send(`${'['.repeat(101)}${']'.repeat(101)}`))).toEqual([400, 'too-deep']);
    expect(await code(send('{"name":"a","document":{"__proto__":{"x":1}}}'))).toEqual([400, 'prototype-key']);
    expect(await code(send('{"name":"a","document":{},"more":1}'))).toEqual([400, 'invalid-body']);
    expect(await code(send(''))).toEqual([400, 'invalid-body']);
    expect((await send(JSON.stringify({ name: 'a', document: { note: ']}[{"\\' } }))).status).toBe(201);
  });
});

describe('projects', () => {
  it('[HT6] create, list, read, delete; stages of groups count', async () => {
    const created = await create(document({ patterns: [{ id: 'p', nodes: [{ id: 'a' }, { id: 'g', nodes: [{ id: 'b' }, { id: 'c' }] }] }] }));
    expect(created).toMatchObject({ name: 'A project', draft: { revision: 1 }, versions: [], jobs: [] });
    const { json: listed } = await server.call('projects');
    expect(listed.find((one: any) => one.id === created.id)).toMatchObject({ name: 'A project', stages: 3, newestJob: null });
    expect((await server.call('project', { params: { projectId: created.id } })).json).toEqual(created);
    expect((await server.call('deleteProject', { params: { projectId: created.id } })).status).toBe(204);
    expect((await server.call('project', { params: { projectId: created.id } })).json.code).toBe('not-found');
    expect((await server.call('deleteProject', { params: { projectId: created.id } })).status).toBe(404);
  });

  it('[ST1] a draft may be anything; saving onto a newer revision gives that revision and overwrites nothing', async () => {
    const { id } = await create({});
    const save = (baseRevision: number, doc: unknown): Promise<Reply> => server.call('saveDraft', { params: { projectId: id }, body: { baseRevision, document: doc } });
    expect((await save(1, { patterns: 'broken', name: 'New name' })).json).toMatchObject({ revision: 2 });
    const stale = await save(1, { mine: true });
    expect([stale.status, stale.json.code, stale.json.current.revision, stale.json.current.document]).toEqual([409, 'newer-revision', 2, { patterns: 'broken', name: 'New name' }]);
    expect((await server.call('project', { params: { projectId: id } })).json).toMatchObject({ name: 'New name', draft: { revision: 2 } });
    expect((await server.call('saveDraft', { params: { projectId: 'p_none' }, body: { baseRevision: 1, document: {} } })).status).toBe(404);
  });

  it('[ST1] of many saves onto one revision exactly one wins', async () => {
    const { id } = await create({});
    const replies = await Promise.all(Array.from({ length: 10 }, (_, n) => server.call('saveDraft', { params: { projectId: id }, body: { baseRevision: 1, document: { n } } })));
    expect(replies.filter((reply) => reply.status === 200)).toHaveLength(1);
    expect((await server.call('project', { params: { projectId: id } })).json.draft.revision).toBe(2);
  });
});

describe('validation and deployment', () => {
  it('[DP1] validate answers all issues, with place and sentence', async () => {
    expect((await server.call('validate', { body: { document: document() } })).json.issues.filter((issue: any) => issue.severity === 'error')).toEqual([]);
    const { json } = await server.call('validate', { body: { document: { format: 'tidemark-job', version: 1, id: 'j', name: 'J', patterns: [] } } });
    expect(json.issues.map((issue: any) => issue.code)).toEqual(['no-schema', 'no-pattern']);
    expect((await server.call('validate', { body: { document: { format: 'other' } } })).json.issues).toHaveLength(1);
  });

  it('[DP1] an invalid draft is not deployed, and nothing is stored', async () => {
    const { id } = await create({ format: 'tidemark-job', version: 1, id: 'j', name: 'J', patterns: [] });
    const reply = await server.call('deploy', { params: { projectId: id }, body: { revision: 1 } });
    expect([reply.status, reply.json.code, reply.json.issues.map((issue: any) => issue.code)]).toEqual([422, 'invalid-document', ['no-source', 'no-schema', 'no-pattern']]);
    expect((await server.call('project', { params: { projectId: id } })).json).toMatchObject({ versions: [], jobs: [] });
  });

  it('[DP2] a warning is asked about once', async () => {
    const { patterns } = document() as { patterns: Record<string, unknown>[] };
    const { id } = await create(document({ patterns: [{ ...patterns[0], window: null, edges: [{ source: 's1', target: 's2', type: 'SKIP_TILL_NEXT' }] }] }));
    const params = { projectId: id };
    const reply = await server.call('deploy', { params, body: { revision: 1 } });
    expect([reply.status, reply.json.code]).toEqual([422, 'warnings']);
    expect((await server.call('deploy', { params, body: { revision: 1, acceptWarnings: true } })).status).toBe(201);
  });

  it('[DP3] deploys the revision that the page saw, as a version that never changes', async () => {
    const { id } = await create();
    const params = { projectId: id };
    expect((await server.call('deploy', { params, body: { revision: 7 } })).json.code).toBe('newer-revision');
    const first = (await server.call('deploy', { params, body: { revision: 1 } })).json;
    expect(first).toMatchObject({ version: { number: 1 }, job: { projectId: id, version: 1, state: 'CREATED', versionHash: first.version.hash } });
    const again = (await server.call('deploy', { params, body: { revision: 1 } })).json;
    expect(again.version).toEqual(first.version);
    await server.call('saveDraft', { params, body: { baseRevision: 1, document: document({ outOfOrdernessMs: 5 }) } });
    const second = (await server.call('deploy', { params, body: { revision: 2 } })).json;
    expect(second.version.number).toBe(2);
    expect(second.version.hash).not.toBe(first.version.hash);
    expect((await server.call('version', { params: { ...params, number: 1 } })).json).toMatchObject({ version: first.version, document: { outOfOrdernessMs: 0 } });
    expect((await server.call('version', { params: { ...params, number: 9 } })).status).toBe(404);
    expect((await server.call('project', { params })).json.jobs.map((job: any) => job.version)).toEqual([2, 1, 1]);
  });

  it('[DP4] a job that the target refuses stands as failed, with the cause', async () => {
    server.target.fault = new JobFault('No space left.', { domain: 'external', retry: 'with-backoff', code: 'disk-full', operatorId: null, remedy: 'Make room.' });
    const { job } = await deploy();
    expect(job).toMatchObject({ state: 'FAILED', cause: { code: 'disk-full', message: 'No space left.', remedy: 'Make room.' } });
  });

  it('[DP5] sources and outputs lie where documents may reach', async () => {
    const source = (over: Record<string, unknown>): Record<string, unknown> => document({ source: { kind: 'file', format: 'ndjson', ...over } });
    for (const [doc, code] of [
      [source({ path: '/etc/passwd' }), 'source-path-not-allowed'],
      [source({ sample: HASH }), 'sample-not-found'],
      [document({ sink: { kind: 'file', path: '../x.ndjson' } }), 'output-path-not-allowed'],
      [document({ sink: { kind: 'file', path: '/tmp/x.ndjson' } }), 'output-path-not-allowed'],
    ] as const) {
      const { id } = await create(doc);
      const reply = await server.call('deploy', { params: { projectId: id }, body: { revision: 1, acceptWarnings: true } });
      expect([reply.status, reply.json.issues?.at(-1)?.code]).toEqual([422, code]);
    }
    const { job } = await deploy(document({ sink: { kind: 'file', path: 'team/alerts.ndjson' } }));
    expect(job.outputPath).toBe(join(server.dataDir, 'output/team/alerts.ndjson'));
    const other = await create(document({ sink: { kind: 'file', path: 'team/alerts.ndjson' } }));
    expect((await server.call('deploy', { params: { projectId: other.id }, body: { revision: 1, acceptWarnings: true } })).json.code).toBe('output-in-use');
    const { json: sample } = await upload(NDJSON);
    const { job: ofSample } = await deploy(source({ sample: sample.hash }));
    expect(server.target.jobs.get(ofSample.id)?.request?.sourcePath).toBe(join(server.dataDir, 'samples', sample.hash));
  });
});

describe('jobs', () => {
  it('[HT7] list, read, kill a worker, cancel', async () => {
    const { job } = await deploy();
    const params = { jobId: job.id };
    const fake = server.target.jobs.get(job.id);
    expect((await server.call('jobs')).json[0].id).toBe(job.id);
    expect((await server.call('job', { params })).json).toMatchObject({ id: job.id, state: 'CREATED', eventsRead: 0 });
    expect((await server.call('killWorker', { params, body: { workerId: 'w1' } })).json).toEqual({ workerId: 'w1', pid: 4711 });
    expect(fake?.killed).toEqual(['w1']);
    const unknown = await server.call('killWorker', { params, body: { workerId: 'w9' } });
    expect([unknown.status, unknown.json.code]).toEqual([409, 'no-such-worker']);
    expect((await server.call('deleteProject', { params: { projectId: job.projectId } })).json.code).toBe('job-running');
    expect((await server.call('cancelJob', { params })).json).toMatchObject({ state: 'CANCELED' });
    expect((await server.call('cancelJob', { params })).json.code).toBe('job-ended');
    expect((await server.call('deleteProject', { params: { projectId: job.projectId } })).status).toBe(204);
    expect(server.target.removed).toContain(job.id);
    for (const route of ['job', 'cancelJob', 'matches', 'output'] as const) expect((await server.call(route, { params })).status).toBe(404);
  });

  it('[ST2] committed output: pages by keyset in both orders, by kind, and whole', async () => {
    const { job } = await deploy();
    const fake = server.target.jobs.get(job.id);
    const lines = Array.from({ length: 7 }, (_, n) => line(`M${n}`, n === 3 ? { kind: 'late' } : {}));
    fake?.commit(1, lines.slice(0, 4));
    fake?.commit(2, lines.slice(4));
    const params = { jobId: job.id };
    await until('all rows', async () => (await server.call('matches', { params })).json.total === 7);
    const page = async (query: Record<string, string | number>): Promise<any> => (await server.call('matches', { params, query })).json;
    const newest = await page({ limit: 3 });
    expect([newest.rows.map((row: any) => row.seq), newest.next, newest.total]).toEqual([[7, 6, 5], 5, 7]);
    expect(newest.rows[0]).toMatchObject({ matchId: 'M6', patternId: 'p', kind: 'match', committedIn: 2, line: { text: 'text of M6' } });
    expect((await page({ limit: 3, cursor: newest.next })).rows.map((row: any) => row.seq)).toEqual([4, 3, 2]);
    expect(await page({ limit: 3, cursor: 2 })).toMatchObject({ rows: [{ seq: 1 }], next: null });
    expect((await page({ order: 'oldest', cursor: 5 })).rows.map((row: any) => row.seq)).toEqual([6, 7]);
    expect((await page({ kind: 'late' })).rows.map((row: any) => row.matchId)).toEqual(['M3']);
    expect((await server.call('output', { params })).text).toBe(lines.map((text) => `${text}\n`).join(''));
    expect((await server.call('job', { params })).json.committedMatches).toBe(6);
    for (const query of [{ limit: 0 }, { limit: 501 }, { limit: '1e2' }, { cursor: -1 }, { order: 'up' }, { kind: 'x' }, { other: 1 }]) {
      expect((await server.call('matches', { params, query })).json.code).toBe('invalid-query');
    }
  });
});

describe('samples', () => {
  it('[SA1] an upload is stored under its hash with a proposal; the same bytes are one sample', async () => {
    const reply = await upload(NDJSON, '../../etc/näme.ndjson');
    expect(reply.json).toMatchObject({ name: '../../etc/näme.ndjson', bytes: NDJSON.length, format: 'ndjson', proposal: { records: 2, schema: { time: { field: 'ts' } } } });
    const { hash } = reply.json;
    expect(readFileSync(join(server.dataDir, 'samples', hash), 'utf8')).toBe(NDJSON);
    await upload(NDJSON, 'again.ndjson');
    const { json: listed } = await server.call('samples');
    expect(listed.filter((one: any) => one.hash === hash).map((one: any) => one.name)).toEqual(['again.ndjson']);
    expect((await server.call('sample', { params: { hash } })).json.proposal).toEqual(reply.json.proposal);
    const content = await server.call('sampleContent', { params: { hash } });
    expect([content.text, content.headers.get('content-type'), content.headers.get('content-disposition')]).toEqual([NDJSON, 'application/octet-stream', 'attachment; filename="sample.ndjson"']);
    expect(readdirSync(join(server.dataDir, 'samples/uploads'))).toEqual([]);
  });

  it('[SA1] CSV with Windows line ends and a byte-order mark', async () => {
    const { json } = await upload('\ufeffts,name\r\n2024-01-01T00:00:00Z,start\r\n', 'a.csv');
    expect(json).toMatchObject({ format: 'csv', proposal: { records: 1, fields: [{ name: 'ts' }, { name: 'name' }] } });
  });

  it('[SA2] empty, unknown, malformed, a form, a bad name', async () => {
    expect((await upload('')).json.code).toBe('empty-file');
    expect((await server.call('sample', { params: { hash: HASH } })).status).toBe(404);
    expect((await server.call('sampleContent', { params: { hash: HASH } })).status).toBe(404);
    expect((await server.call('sample', { params: { hash: '..%2f..%2ftoken' } })).json.code).toBe('invalid-address');
    const form = new FormData();
    form.set('file', 'x');
    expect((await server.call('uploadSample', { query: { name: 'x' }, raw: { body: 'x', type: 'multipart/form-data; boundary=x' } })).json.code).toBe('form-not-taken');
    expect((await server.call('uploadSample', { raw: { body: 'x', type: 'application/octet-stream' } })).json.code).toBe('invalid-query');
    expect((await upload(new Uint8Array([0, 1, 2, 255, 254]), 'noise.bin')).json.proposal.schema).toBeNull();
  });

  it('[SA3] an upload that says it is too large is refused at once; one that turns out so, or breaks off, leaves nothing', async () => {
    const before = readdirSync(join(server.dataDir, 'samples'));
    const attempt = (headers: Record<string, string | number>, act: (request: ReturnType<typeof httpRequest>) => void): Promise<number | string> => new Promise((resolve) => {
      const request = httpRequest(`${server.runtime.origin}/api/samples?name=x`, { method: 'POST', headers: { authorization: `Bearer ${server.runtime.token}`, 'content-type': 'application/octet-stream', ...headers } });
      request.on('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
      act(request);
    });
    expect(await attempt({ 'content-length': 100 * 1024 * 1024 + 1 }, (request) => request.write('x'))).toBe(413);
    const chunk = Buffer.alloc(8 * 1024 * 1024, 0x20);
    expect([413, 'EPIPE', 'ECONNRESET']).toContain(await attempt({}, (request) => {
      let sent = 0;
      const more = (): void => {
        sent += 1;
        if (sent > 14) request.end();
        else request.write(chunk, more);
      };
      more();
    }));
    await attempt({ 'content-length': 1_000 }, (request) => {
      request.write('half');
      setTimeout(() => request.destroy(), 50);
    });
    await until('nothing left', () => readdirSync(join(server.dataDir, 'samples/uploads')).length === 0);
    expect(readdirSync(join(server.dataDir, 'samples'))).toEqual(before);
  });
});

describe('anything at all', () => {
  const json = fc.oneof(
    fc.jsonValue(),
    fc.record({ name: fc.string(), document: fc.dictionary(fc.string(), fc.jsonValue()) }),
    fc.record({ document: fc.record({ format: fc.constant('tidemark-job'), version: fc.constantFrom<unknown>(1, 2, '1'), patterns: fc.jsonValue(), schema: fc.jsonValue(), id: fc.string(), name: fc.string() }) }),
    fc.record({ baseRevision: fc.integer(), document: fc.dictionary(fc.string(), fc.jsonValue()) }),
    fc.record({ revision: fc.integer(), acceptWarnings: fc.boolean() }),
  );
  it('[HT8] no body, address or query makes the runtime fail', async () => {
    const { id } = await create();
    const { job } = await deploy();
    const withBody = (Object.keys(ROUTES) as RouteName[]).filter((route) => /^(POST|PUT)/.test(ROUTES[route]) && route !== 'deleteProject');
    await fc.assert(fc.asyncProperty(
      fc.constantFrom(...withBody), json, fc.constantFrom(id, 'p_none', '__proto__'), fc.constantFrom(job.id, 'j_none', 'constructor'), fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
      async (route, body, projectId, jobId, query) => {
        const { status } = await server.call(route, { body, query, params: { projectId, jobId } });
        expect(status).toBeLessThan(500);
      },
    ), { numRuns: 300 });
    await fc.assert(fc.asyncProperty(
      fc.constantFrom<RouteName>('project', 'job', 'version', 'matches', 'output', 'sample', 'sampleContent'), fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
      async (route, one, other, query) => {
        fc.pre(!['.', '..'].includes(one) && !['.', '..'].includes(other)); // the client resolves these itself
        const { status } = await server.call(route, { query, params: { projectId: one, jobId: one, hash: one, number: other } });
        expect(status).toBeLessThan(500);
      },
    ), { numRuns: 200 });
    expect(server.logged.filter((entry) => entry.includes('"level":50'))).toEqual([]);
  });
});
