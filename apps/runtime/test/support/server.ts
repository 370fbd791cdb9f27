/** A runtime of this process on a free port, with a data directory of its own, and a client that speaks its REST. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { ENDPOINTS, ROUTES, type RouteName, zProblem } from '@tidemark/protocol';
import type { z } from 'zod';
import { createLog } from '../../src/log.ts';
import { type Runtime, type RuntimeEnvironment, type RuntimeOptions, startRuntime } from '../../src/runtime.ts';
import { FakeTarget } from './fake-target.ts';

export type Bytes = string | Uint8Array<ArrayBuffer>;

export interface Call {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
  /** Raw body, with its type. */
  readonly raw?: { readonly body: Bytes; readonly type: string };
  readonly headers?: Readonly<Record<string, string>>;
  /** Who calls: a program by default. */
  readonly as?: 'program' | 'nobody';
}

export interface Reply { readonly status: number; readonly headers: Headers; readonly text: string; readonly json: any }

export class TestServer {
  readonly runtime: Runtime;
  readonly target: FakeTarget;
  readonly dataDir: string;
  /** Everything that was logged. */
  readonly logged: string[];

  private constructor(runtime: Runtime, target: FakeTarget, dataDir: string, logged: string[]) {
    this.runtime = runtime;
    this.target = target;
    this.dataDir = dataDir;
    this.logged = logged;
  }

  static async start({ target = new FakeTarget(), dataDir = mkdtempSync(join(tmpdir(), 'tidemark-runtime-')), options = {}, environment = {} }: {
    target?: FakeTarget; dataDir?: string; options?: Partial<RuntimeOptions>; environment?: Partial<RuntimeEnvironment>;
  } = {}): Promise<TestServer> {
    const logged: string[] = [];
    const sink = new PassThrough();
    sink.on('data', (chunk: Buffer) => logged.push(chunk.toString()));
    const runtime = await startRuntime({
      dataDir, host: '127.0.0.1', port: 0, version: '0.0.0-test', designerDir: join(dataDir, 'no-designer'), filesRoot: null, allowedHosts: [], allowedOrigins: [],
      runningJobsMax: 16, requestsPerMinute: 1_000_000, loginsPerMinute: 1_000_000, ...options,
    }, {
      log: createLog('trace', sink), now: () => Date.now(), step: () => {}, target: () => target, templateSamples: [], runReference: async () => { throw new Error('no reference in this test'); },
      clock: {
        monotonic: () => performance.now(),
        schedule: (ms, callback) => {
          const timer = setTimeout(callback, ms);
          return () => clearTimeout(timer);
        },
      },
      ...environment,
    });
    return new TestServer(runtime, target, dataDir, logged);
  }

  async stop(keepData = false): Promise<void> {
    await this.runtime.close();
    if (!keepData) rmSync(this.dataDir, { recursive: true, force: true });
  }

  address(route: RouteName, { params = {}, query = {} }: Call = {}): { method: string; url: string } {
    const [method, path] = ROUTES[route].split(' ') as [string, string];
    const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name])));
    const search = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)])).toString();
    return { method, url: `${this.runtime.origin}${filled}${search === '' ? '' : `?${search}`}` };
  }

  /** Calls and checks that whatever comes back has the shape that the protocol promises. */
  async call(route: RouteName, call: Call = {}): Promise<Reply> {
    const { method, url } = this.address(route, call);
    const type = call.raw?.type ?? (call.body === undefined ? null : 'application/json');
    const response = await fetch(url, {
      method,
      headers: {
        ...(call.as === 'nobody' ? {} : { authorization: `Bearer ${this.runtime.token}` }),
        ...(type === null ? {} : { 'content-type': type }),
        ...call.headers,
      },
      body: call.raw?.body ?? (call.body === undefined ? null : JSON.stringify(call.body)),
    });
    const text = await response.text();
    const contentType = response.headers.get('content-type') ?? '';
    const json: unknown = /json/.test(contentType) && !/ndjson/.test(contentType) ? JSON.parse(text) : null;
    if (response.status >= 400) {
      zProblem.parse(json);
      if (!contentType.startsWith('application/problem+json')) throw new Error(`a problem of type ${contentType}`);
    } else {
      const { answer } = ENDPOINTS[route];
      if (response.status !== answer.status) throw new Error(`${route} answered ${response.status}, not ${answer.status}`);
      if (answer.body !== null && answer.body !== 'bytes') (answer.body as z.ZodType).parse(json);
    }
    return { status: response.status, headers: response.headers, text, json };
  }
}

/** A small valid document. */
export const document = (over: Record<string, unknown> = {}): Record<string, unknown> => ({
  format: 'tidemark-job', version: 1, id: 'demo', name: 'Demo',
  schema: { fields: [{ name: 'ts', type: 'int' }, { name: 'name', type: 'string' }], time: { field: 'ts', format: 'epoch-ms' } },
  source: { kind: 'generator', generator: 'seed-example', seed: 1, events: 1_000 },
  patterns: [{
    id: 'p', name: 'P',
    nodes: [
      { type: 'ATOMIC', id: 's1', name: 'start', condition: { type: 'CEL', expression: "event.name == 'start'" } },
      { type: 'ATOMIC', id: 's2', name: 'middle', condition: { type: 'CEL', expression: "event.name == 'middle'" } },
    ],
    edges: [{ source: 's1', target: 's2', type: 'STRICT' }],
    window: { type: 'FIRST_AND_LAST', time: { unit: 'SECONDS', size: 10 } },
    afterMatchStrategy: { type: 'SKIP_PAST_LAST_EVENT' },
  }],
  ...over,
});

export async function until<T>(what: string, look: () => T | null | undefined | false | Promise<T | null | undefined | false>): Promise<T> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
