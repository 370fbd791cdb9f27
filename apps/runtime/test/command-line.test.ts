/** The command line as a person meets it: real processes, real files, exit codes. */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { TEMPLATES, type Template, instantiate } from '@tidemark/pattern';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from '../src/cli/main.ts';
import { Product } from './support/product.ts';
import { document } from './support/server.ts';

const MAIN = resolve(import.meta.dirname, '../src/main.ts');
const SAMPLES = resolve(import.meta.dirname, '../../../packages/pattern/templates');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended { readonly code: number | null; readonly out: string; readonly err: string }
function tidemark(words: readonly string[], environment: Record<string, string> = {}): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...words], { encoding: 'utf8', cwd: folder, env: { ...process.env, ...environment } });
  return { code: status, out: stdout, err: stderr };
}
/** The same in this process, for what needs none of its own. */
async function here(words: readonly string[]): Promise<Ended> {
  const said = { out: '', err: '' };
  const spies = [
    vi.spyOn(console, 'log').mockImplementation((text: string) => { said.out += `${text}\n`; }),
    vi.spyOn(console, 'error').mockImplementation((text: string) => { said.err += `${text}\n`; }),
  ];
  try {
    return { code: await main(words), ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const job = (name: string, over: Record<string, unknown> = {}): string => file(name, JSON.stringify(document(over)));
const fromTemplate = (id: string, over: Record<string, unknown> = {}): { path: string; template: Template; sample: string } => {
  const template = TEMPLATES.find((one) => one.id === id) as Template;
  const sample = join(SAMPLES, template.sampleFile);
  const doc = instantiate(template, { projectId: id, sampleHash: createHash('sha256').update(readFileSync(sample)).digest('hex') });
  return { path: file(`${id}.json`, JSON.stringify({ ...doc, source: { ...doc.source, rate: { kind: 'unlimited' } }, ...over })), template, sample };
};
const lines = (text: string): any[] => text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));

describe('usage', () => {
  it('[CL1] says what there is, and 2 for what there is not', async () => {
    expect(tidemark(['fly'])).toMatchObject({ code: 2, out: '' });
    expect(await here(['help'])).toMatchObject({ code: 0, err: '' });
    for (const words of [[], ['fly'], ['validate'], ['validate', 'a', 'b'], ['match', 'a.json', '--quickly'], ['schema', 'x'], ['serve', 'x']]) {
      const { code, err, out } = await here(words);
      expect([words, code, out]).toEqual([words, 2, '']);
      // the whole usage where no command is known, that of the command where one is
      const known = ['validate', 'match', 'schema', 'serve'].find((name) => name === words[0]);
      expect(err).toContain(known === undefined ? 'tidemark match JOB.json --events FILE' : `tidemark ${known}`);
    }
  });

  it('[CL1] schema is the JSON Schema of the document', async () => {
    const { code, out } = await here(['schema']);
    expect([code, (JSON.parse(out) as { $schema: string }).$schema]).toEqual([0, 'https://json-schema.org/draft/2020-12/schema']);
  });

  it('[CL1] the launcher for any Node runs the same command line', () => {
    const run = spawnSync(process.execPath, [resolve(import.meta.dirname, '../bin/tidemark.mjs'), 'fly'], { encoding: 'utf8' });
    expect([run.status, run.stderr.startsWith('There is no command "fly".')]).toEqual([2, true]);
  });
});

describe('validate', () => {
  it('[CL2] every issue with its place, 1; none, 0', async () => {
    expect((await here(['validate', job('good.json')])).code).toBe(0);
    const bad = await here(['validate', job('bad.json', { patterns: [{ id: 'p', name: 'P', nodes: [{ type: 'ATOMIC', id: 's1', name: 'start', condition: { type: 'CEL', expression: 'event.nope == 1' } }], edges: [] }] })]);
    expect(bad.code).toBe(1);
    expect(bad.err).toMatch(/bad\.json: error unknown-field at \$\.patterns\[0\]\.nodes\[0\]\.condition\.expression, node s1, characters \d+ to \d+\n {2}\S/);
    for (const [name, content, says] of [['not.json', '{', 'not-json'], ['other.json', '[]', 'not-an-object'], ['newer.json', JSON.stringify(document({ version: 99 })), 'newer-version']] as const) {
      const { code, err } = await here(['validate', file(name, content)]);
      expect([name, code, err.includes(says)]).toEqual([name, 1, true]);
    }
    // A key that has no place, a generator that there is not, a field that events do not have: all in one go.
    const { err: all } = await here(['validate', job('all.json', {
      colour: 'red', source: { kind: 'generator', generator: 'machin', seed: 1, events: 9 },
      patterns: [{ id: 'p', name: 'P', nodes: [{ type: 'ATOMIC', id: 's1', name: 'start', condition: { type: 'CEL', expression: 'event.nope == 1' } }], edges: [] }],
    } as never)]);
    for (const said of ['unknown-field at $.colour', 'unknown-generator at $.source.generator', 'Name one of those that there are: machine, ', 'Events have no field nope']) expect(all).toContain(said);
    expect(await here(['validate', 'none.json'])).toMatchObject({ code: 1, err: 'none.json: there is no such file\n' });
    expect((await here(['validate', '.'])).err).toContain('this is a directory');
  });
});

describe('match', () => {
  it('[CL3] matches as NDJSON with their text on standard output, the summary on standard error', async () => {
    const { path, sample } = fromTemplate('start-middle');
    const { code, out, err } = tidemark(['match', path, '--events', sample]);
    expect(code).toBe(0);
    expect(lines(out)).toHaveLength(14);
    expect(lines(out)[0]).toMatchObject({ kind: 'match', text: 'start: start, middle: middle', stages: { start: [{ name: 'start' }], middle: [{ name: 'middle' }] } });
    expect(err).toMatch(/^900 events read in .*\n14 matches\n$/);
    expect(await here(['match', path, '--events', sample, '--out', join(folder, 'm.ndjson')])).toMatchObject({ code: 0, out: '' });
    expect(readFileSync(join(folder, 'm.ndjson'), 'utf8')).toBe(out);
  });

  it('[CL3] the real recording: one match, that of Flink', () => {
    const { path, sample } = fromTemplate('remote-service');
    expect(lines(tidemark(['match', path, '--events', sample]).out)).toHaveLength(1);
  });

  it('[CL4] what does not decode is counted by reason, and the run goes on; side outputs on request', () => {
    const path = job('j.json', { outOfOrdernessMs: 0 });
    const events = file('bad.ndjson', ['\ufeff{"ts":1000,"name":"start"}', '{"ts":', '{"ts":"x","name":"a"}', '{"name":"a"}', '{"ts":9007199254740993,"name":"a"}', '{"ts":999,"name":"late"}', '{"ts":1500,"name":"middle"}', '{"ts":2000,"na'].join('\r\n'));
    const plain = tidemark(['match', path, '--events', events]);
    expect([plain.code, lines(plain.out).map((line) => line.kind)]).toEqual([0, ['match']]);
    expect(plain.err).toContain('1 late event\n5 dead letters (');
    const all = lines(tidemark(['match', path, '--events', events, '--side-outputs']).out);
    expect(all.map((line) => line.kind).sort()).toEqual(['dead-letter', 'dead-letter', 'dead-letter', 'dead-letter', 'dead-letter', 'late', 'match']);
    expect(all.find((line) => line.kind === 'dead-letter')).toMatchObject({ position: 1, reason: 'malformed' });
    expect(new Set(all.map((line) => line.matchId)).size).toBe(7);
  });

  it('[CL4] events that are none: missing, a folder, empty; a document without them', async () => {
    const path = job('j.json');
    for (const [events, says] of [['none.ndjson', 'there is no such file'], ['.', 'directory']] as const) {
      const { code, err } = await here(['match', path, '--events', events]);
      expect([events, code, err.includes(says)]).toEqual([events, 1, true]);
    }
    expect(await here(['match', path, '--events', file('empty.ndjson', '')])).toMatchObject({ code: 0, out: '' });
    expect(await here(['match', job('file.json', { source: null })])).toMatchObject({ code: 1 });
    expect((await here(['match', path, '--events', join(folder, 'empty.ndjson'), '--out', join(folder, 'no/such/folder.ndjson')])).code).toBe(2);
  });

  it('[CL3] a reader that has seen enough ends it quietly', async () => {
    const path = job('every.json', { patterns: [{ id: 'p', name: 'P', nodes: [{ type: 'ATOMIC', id: 's1', name: 'any', condition: { type: 'CEL', expression: 'event.ts >= 0' } }], edges: [] }] });
    const events = file('many.ndjson', Array.from({ length: 50_000 }, (_, n) => `{"ts":${n},"name":"x"}\n`).join(''));
    const child = spawn(process.execPath, [MAIN, 'match', path, '--events', events], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
    });
    child.stdout.once('data', () => child.stdout.destroy());
    const [code] = await once(child, 'exit');
    expect([code, err.includes('EPIPE')]).toEqual([0, false]);
  });
});

describe('run', () => {
  it('[CL16] by processing time there is nothing to match a file by, and it is said', async () => {
    const path = job('clock.json', { timeDomain: 'PROCESSING_TIME' });
    const { code, out, err } = await here(['match', path]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('goes by processing time');
    expect(err).toContain('tidemark run');
  });

  it('[CL15] several files, by name or pattern, are splits of one source: the same lines from match and run, whoever reads them', async () => {
    const event = (ts: number, name: string): string => JSON.stringify({ ts, name });
    // each in its own order: one file read after the other would find the second one late
    file('part-1.ndjson', [event(1_000, 'start'), event(5_000, 'middle'), event(9_000, 'start'), event(8_000, 'middle')].join('\n'));
    file('part-2.ndjson', [event(1_500, 'other'), event(9_500, 'middle'), event(30_000, 'start')].join('\n'));
    file('last.ndjson', [event(2_000, 'middle'), '{'].join('\n'));
    const source = { kind: 'file', format: 'ndjson', files: [{ path: 'part-*.ndjson' }, { path: 'last.ndjson' }] };
    const [pattern] = document().patterns as Record<string, unknown>[];
    const noSkip = job('files.json', { source, patterns: [{ ...pattern, afterMatchStrategy: { type: 'NO_SKIP' }, edges: [{ source: 's1', target: 's2', type: 'SKIP_TILL_ANY' }] }], parallelism: 4 });
    const found = lines(tidemark(['match', noSkip, '--side-outputs']).out);
    expect(found.filter(({ kind }) => kind === 'match').map(({ positions }) => `${positions.start[0]} ${positions.middle[0]}`).sort()).toEqual(['0:0 0:1', '0:0 1:1', '0:0 2:0', '0:2 1:1']);
    expect(found.filter(({ kind }) => kind === 'late').map(({ positions }) => positions.event[0])).toEqual(['0:3']);
    expect(found.filter(({ kind }) => kind === 'dead-letter').map(({ split, position }) => `${split}:${position}`)).toEqual(['2:1']);
    const sorted = (text: string): string[] => text.split('\n').filter((line) => line !== '').sort();
    expect(sorted(tidemark(['run', noSkip]).out)).toEqual(sorted(tidemark(['match', noSkip, '--side-outputs']).out));

    const skipping = job('files-skip.json', { source, parallelism: 4 });
    expect(sorted(tidemark(['run', skipping]).out)).toEqual(sorted(tidemark(['match', skipping, '--side-outputs']).out));
    const generated = job('splits.json', { source: { kind: 'generator', generator: 'seed-example', seed: 1, events: 1_000, splits: 3 } });
    const matches = lines(tidemark(['match', generated]).out);
    expect(matches.length).toBeGreaterThan(5);
    expect(sorted(tidemark(['run', generated]).out)).toEqual(sorted(tidemark(['match', generated, '--side-outputs']).out));
    const one = lines(tidemark(['match', job('one-split.json')]).out);
    expect(matches.map(({ start, end }) => [start, end])).toEqual(one.map(({ start, end }) => [start, end]));

    const missing = await here(['match', job('missing.json', { source: { ...source, files: [{ path: 'nothing-*.ndjson' }] } })]);
    expect([missing.code, missing.err]).toEqual([1, 'nothing-*.ndjson: no file matches. The document names it among its files; name other events with --events FILE\n']);
  });

  it('[CL5] the same lines as match, committed; to standard output or a file', () => {
    const { path, sample } = fromTemplate('failed-logins');
    const expected = lines(tidemark(['match', path, '--events', sample, '--side-outputs']).out).map((line) => line.matchId).sort();
    expect(tidemark(['run', path, '--out', 'no/such/folder/out.ndjson']).code).toBe(2);
    const run = tidemark(['run', path, '--out', 'out.ndjson']);
    expect([run.code, run.out]).toEqual([0, '']);
    expect(lines(readFileSync(join(folder, 'out.ndjson'), 'utf8')).map((line) => line.matchId).sort()).toEqual(expected);
    expect(run.err).toMatch(/RUNNING\n[\s\S]*FINISHED\n[\s\S]*1,210 events read, 3 matches\n[\s\S]*3 lines committed/);
    const printed = tidemark(['run', path, '--events', sample]);
    expect([printed.code, lines(printed.out).map((line) => line.matchId).sort()]).toEqual([0, expected]);
  });

  it('[CL6] 1 for the document or the data, 3 for a fault at run time', async () => {
    expect((await here(['run', job('no-source.json', { source: null })])).code).toBe(1);
    expect(await here(['run', job('gone.json', { source: { kind: 'file', path: 'gone.ndjson', format: 'ndjson' } })])).toMatchObject({ code: 1, err: expect.stringContaining('gone.ndjson: there is no such file') });
    const { path } = fromTemplate('start-middle');
    expect((await here(['run', path, '--out', `${path}/x.ndjson`])).code).not.toBe(0);
  });
});

describe('serve', () => {
  it('[CL7] says why it does not start, and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const taken = await new Promise<Ended>((done) => {
      const child = spawn(process.execPath, [MAIN, 'serve'], { env: { ...process.env, TIDEMARK_PORT: String(port), TIDEMARK_DATA: join(folder, 'data') } });
      let err = '';
      child.stderr.on('data', (chunk: Buffer) => {
        err += chunk.toString();
      });
      child.on('exit', (code) => done({ code, out: '', err }));
    });
    other.close();
    expect(taken).toMatchObject({ code: 3, err: `Port ${port} on 127.0.0.1 is taken by another program. Choose another one: TIDEMARK_PORT=${port + 1}\n` });
    expect(tidemark(['serve'], { TIDEMARK_PORT: 'x' })).toMatchObject({ code: 2, err: expect.stringMatching(/TIDEMARK_PORT is "x" and must be a number from 0 to 65535/) });
    file('a-file', '');
    expect(tidemark(['serve'], { TIDEMARK_PORT: '0', TIDEMARK_DATA: join(folder, 'a-file/data') })).toMatchObject({ code: 3, err: expect.stringContaining('cannot be made: a file stands there') });
    // Linux: a place where nothing can be made, of which Node's own way of making directories never comes back.
    if (process.platform === 'linux') expect(tidemark(['serve'], { TIDEMARK_PORT: '0', TIDEMARK_DATA: '/proc/x' })).toMatchObject({ code: 3, err: 'The data directory /proc/x cannot be made: nothing can be made in /proc. Name another one: TIDEMARK_DATA=./other\n' });
  });

  it('[CL7] listens for others only when told so, and then warns', async () => {
    const product = await Product.start({ TIDEMARK_HOST: '0.0.0.0' });
    try {
      await vi.waitFor(() => expect(product.log).toContain('Stop it with Ctrl-C'), 5_000);
      expect(product.log).toContain('Warning: it listens on 0.0.0.0');
      expect(product.log).not.toContain('ssh -N');
      expect(product.runtime.origin).toMatch(/^http:\/\/127\.0\.0\.1:/);
      expect((await fetch(`${product.runtime.origin}/api/jobs`)).status).toBe(401);
    } finally {
      await product.stop();
    }
  });

  it('[CL8] ends in order on SIGTERM and goes on with its jobs at the next start; a second one on its directory is refused', async () => {
    const product = await Product.start();
    try {
      await vi.waitFor(() => expect(product.log).toContain('Stop it with Ctrl-C'), 5_000);
      expect(product.log).toMatch(/^\[1\] Data directory .*\n\[2\] 4 samples of the templates\n\[3\] Listening on 127\.0\.0\.1:0\n\[4\] Ready in [\d.]+ s\n\nTidemark is running at http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}\nFrom another machine: ssh -N -L /);
      const second = tidemark(['serve'], { TIDEMARK_PORT: '0', TIDEMARK_DATA: product.dataDir });
      expect([second.code, second.err]).toEqual([3, expect.stringMatching(/^Tidemark is already running on .* \(process \d+, http:\/\/127\.0\.0\.1:\d+\)\. Stop that one first/)]);
      const doc = document({ source: { kind: 'generator', generator: 'seed-example', seed: 1, events: 1_000_000, rate: { kind: 'per-second', events: 100 } }, checkpointing: { intervalMs: 200 } });
      const { json: { id } } = await product.call('createProject', { body: { name: 'P', document: doc } });
      const { json: { job: { id: jobId } } } = await product.call('deploy', { params: { projectId: id }, body: { revision: 1, acceptWarnings: true } });
      const read = async (): Promise<{ state: string; eventsRead: number; lastCheckpoint: number | null }> => (await product.call('job', { params: { jobId } })).json;
      for (let now = await read(); now.state !== 'RUNNING' || now.lastCheckpoint === null; now = await read()) {
        if (now.state === 'FAILED') throw new Error(JSON.stringify(now));
        await new Promise((wait) => setTimeout(wait, 50));
      }
      expect(await product.kill('SIGTERM')).toBe(0);
      const before = product.log.length;
      await product.start();
      expect(product.log.slice(before)).toContain('1 running job goes on');
      const { lastCheckpoint } = await read();
      for (let now = await read(); now.state !== 'RUNNING' || now.lastCheckpoint === lastCheckpoint; now = await read()) await new Promise((wait) => setTimeout(wait, 50));
      expect((await product.call('cancelJob', { params: { jobId } })).json.state).toBe('CANCELED');
    } catch (error) {
      throw new Error(product.log, { cause: error });
    } finally {
      await product.stop();
    }
  });
});
