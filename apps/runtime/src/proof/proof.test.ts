import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JobDocument, zJobDocument } from '@tidemark/pattern';
import type { JobFrame, ProofView } from '@tidemark/protocol';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeTarget, checkpoint, line } from '../../test/support/fake-target.ts';
import { TestServer, document, until } from '../../test/support/server.ts';
import { SocketWatcher } from '../../test/support/socket-watcher.ts';
import { Comparison } from './comparison.ts';
import { type ReferenceTask, References, readExpected } from './reference.ts';

const expected = (due: Record<string, number>, records = 100) => ({ due: new Map(Object.entries(due)), records });

describe('Comparison', () => {
  it('[PR1] what is due at a checkpoint and not there is missing only at the next one', () => {
    const comparison = new Comparison(expected({ A: 10, B: 20, C: 90 }));
    expect(comparison.view(0)).toMatchObject({ state: 'running', upTo: null, expected: 0, committed: 0 });
    comparison.committed('A');
    comparison.checkpoint(50);
    expect(comparison.view(0)).toMatchObject({ state: 'running', upTo: 0.5, expected: 2, committed: 1, missing: 0 });
    comparison.checkpoint(60);
    expect(comparison.view(0)).toMatchObject({ state: 'different', upTo: 0.6, expected: 2, committed: 1, missing: 1 });
    comparison.committed('B');
    expect(comparison.view(0)).toMatchObject({ state: 'running', expected: 2, committed: 2, missing: 0 });
  });

  it('[PR2] unexpected at once; doubled as told', () => {
    const comparison = new Comparison(expected({ A: 10 }));
    expect(comparison.view(1)).toMatchObject({ state: 'different', doubled: 1 });
    comparison.committed('X');
    expect(comparison.view(0)).toMatchObject({ state: 'different', unexpected: 1 });
  });

  it('[PR3] at the end everything counts', () => {
    const comparison = new Comparison(expected({ A: 10, B: 20 }));
    comparison.committed('A');
    comparison.finish();
    expect(comparison.view(0)).toMatchObject({ state: 'different', upTo: 1, expected: 2, committed: 1, missing: 1 });
    const nothing = new Comparison(expected({}, 0));
    nothing.finish();
    expect(nothing.view(0)).toMatchObject({ state: 'equal', upTo: 1, expected: 0 });
  });

  it('[PR1][PR3] a run that commits at each checkpoint what was due, or one later, is never called different and ends equal', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 40 }), fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 10 }), fc.boolean(), (dues, positions, late) => {
      const due = Object.fromEntries(dues.map((at, n) => [`M${n}`, at]));
      const comparison = new Comparison(expected(due));
      const sent = new Set<string>();
      const commit = (upTo: number): void => {
        for (const [id, at] of Object.entries(due)) {
          if (at > upTo || sent.has(id)) continue;
          sent.add(id);
          comparison.committed(id);
        }
      };
      let before = 0;
      for (const position of positions.toSorted((a, b) => a - b)) {
        commit(late ? before : position);
        comparison.checkpoint(position);
        before = position;
        expect(comparison.view(0).state).toBe('running');
      }
      commit(100);
      comparison.finish();
      expect(comparison.view(0)).toMatchObject({ state: 'equal', expected: dues.length, committed: dues.length, missing: 0 });
    }));
  });
});

describe('References', () => {
  let folder: string;
  let runs: { task: ReferenceTask; end: (error?: Error) => void; aborted: boolean }[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tidemark-proofs-'));
    runs = [];
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const run = (task: ReferenceTask, signal: AbortSignal): Promise<void> => new Promise((resolve, reject) => {
    const entry = { task, aborted: false, end: (error?: Error) => (error === undefined ? resolve() : reject(error)) };
    signal.addEventListener('abort', () => {
      entry.aborted = true;
      reject(new Error('aborted'));
    });
    runs.push(entry);
  });
  const doc: JobDocument = zJobDocument.parse(document());
  const input = { document: doc, versionHash: 'v', sourcePath: null, baseTime: 5 };
  const finish = (index: number): void => {
    writeFileSync((runs[index] as { task: ReferenceTask }).task.out, 'A\t1\nB\t2\nend\t10\n');
    (runs[index] as { end: () => void }).end();
  };

  it('[PR4] is made once for a version and its input, and kept', async () => {
    const references = new References(folder, run, '1');
    const [one, other] = [await references.want(input), await references.want(input)];
    await until('a run', () => runs.length === 1);
    finish(0);
    expect(await one.expected).toEqual({ due: new Map([['A', 1], ['B', 2]]), records: 10 });
    expect(await other.expected).toEqual(await one.expected);
    expect((await (await references.want(input)).expected).records).toBe(10);
    expect((await (await new References(folder, run, '1').want(input)).expected).records).toBe(10);
    expect(runs).toHaveLength(1);
    // another document (its id is part of every match id), version, base time of a generator, or engine: other runs
    for (const [again, change] of [[references, { document: { ...doc, id: 'another' } }], [references, { versionHash: 'w' }], [references, { baseTime: 6 }], [new References(folder, run, '2'), {}]] as const) {
      const before = runs.length;
      void (await again.want({ ...input, ...change })).expected.catch(() => undefined);
      await until('another run', () => runs.length === before + 1);
      finish(before);
    }
  });

  it('[PR4] one at a time; one that nobody wants is ended', async () => {
    const references = new References(folder, run, '1');
    const one = await references.want(input);
    const other = await references.want({ ...input, versionHash: 'w' });
    const failed = expect(one.expected).rejects.toThrow('aborted');
    await until('a run', () => runs.length === 1);
    one.release();
    one.release();
    await failed;
    expect(runs[0]?.aborted).toBe(true);
    await until('the next', () => runs.length === 2);
    finish(1);
    expect((await other.expected).records).toBe(10);
    const third = await references.want({ ...input, versionHash: 'x' });
    const closed = expect(third.expected).rejects.toThrow();
    await references.close();
    await closed;
  });

  it('[PR4] a torn result is made anew; a run without a result is a failure', async () => {
    const references = new References(folder, run, '1');
    const first = await references.want(input);
    await until('a run', () => runs.length === 1);
    const { out } = (runs[0] as { task: ReferenceTask }).task;
    writeFileSync(out, 'A\t1\n');
    runs[0]?.end();
    await expect(first.expected).rejects.toThrow('left no result');
    expect(existsSync(out)).toBe(false);
    expect(await readExpected(join(folder, 'none'))).toBeNull();
  });
});

describe('the proof of a job', () => {
  const proofOf = async (server: TestServer, jobId: string): Promise<ProofView | undefined> => {
    const watcher = await SocketWatcher.on(server);
    await watcher.watch(jobId);
    watcher.close();
    return (watcher.snapshots[0] as JobFrame).updates.find((update): update is ProofView => update.topic === 'proof');
  };
  const ids = 'A\t50\nB\t150\nC\t1000\nend\t1000\n';

  it('[PR1][PR3][PR5] waits for the run without faults, follows the checkpoints, and ends equal; a restart in the middle changes nothing', async () => {
    let allow: () => void = () => {};
    const allowed = new Promise<void>((resolve) => {
      allow = resolve;
    });
    let made = 0;
    const runReference = async (task: ReferenceTask): Promise<void> => {
      made += 1;
      await allowed;
      writeFileSync(task.out, ids);
    };
    const first = await TestServer.start({ environment: { runReference } });
    const { json: { id } } = await first.call('createProject', { body: { name: 'P', document: document() } });
    const { json: { job } } = await first.call('deploy', { params: { projectId: id }, body: { revision: 1, acceptWarnings: true } });
    const fake = first.target.only();
    fake.state('RUNNING');
    expect(await proofOf(first, job.id)).toMatchObject({ state: 'waiting' });
    fake.commit(1, [line('A')]);
    fake.tell({ kind: 'checkpoint', checkpoint: checkpoint(1, { inputPosition: 100 }) });
    allow();
    await until('running', async () => (await proofOf(first, job.id))?.upTo === 0.1);
    expect(await proofOf(first, job.id)).toMatchObject({ state: 'running', expected: 1, committed: 1 });
    await first.stop(true);

    const server = await TestServer.start({ dataDir: first.dataDir, target: first.target, environment: { runReference } });
    fake.tell({ kind: 'checkpoint', checkpoint: checkpoint(2, { inputPosition: 200 }) });
    fake.commit(2, [line('B')]);
    fake.tell({ kind: 'checkpoint', checkpoint: checkpoint(3, { inputPosition: 1_000, final: true }) });
    fake.commit(3, [line('C')]);
    fake.state('FINISHED');
    await until('equal', async () => (await proofOf(server, job.id))?.state === 'equal');
    expect(await proofOf(server, job.id)).toMatchObject({ upTo: 1, expected: 3, committed: 3, missing: 0, doubled: 0, unexpected: 0 });
    expect(made).toBe(1);
    await server.stop(true);
    const last = await TestServer.start({ dataDir: first.dataDir, target: new FakeTarget() });
    expect(await proofOf(last, job.id)).toMatchObject({ state: 'equal', expected: 3 });
    await last.stop();
  });

  it('[PR2][PR3] says what is missing, doubled and unexpected; a failure of the other run is told', async () => {
    const server = await TestServer.start({ environment: { runReference: async (task) => writeFileSync(task.out, ids) } });
    const { json: { id } } = await server.call('createProject', { body: { name: 'P', document: document() } });
    const deploy = async (): Promise<string> => (await server.call('deploy', { params: { projectId: id }, body: { revision: 1, acceptWarnings: true } })).json.job.id;
    const job = await deploy();
    const fake = server.target.only();
    fake.commit(1, [line('A'), line('X')]);
    fake.commit(2, [line('A')]);
    fake.state('FINISHED');
    await until('different', async () => (await proofOf(server, job))?.upTo === 1);
    expect(await proofOf(server, job)).toMatchObject({ state: 'different', expected: 3, committed: 1, missing: 2, doubled: 1, unexpected: 1 });
    await server.stop();
    const other = await TestServer.start();
    const { json: { id: otherId } } = await other.call('createProject', { body: { name: 'P', document: document() } });
    const { json } = await other.call('deploy', { params: { projectId: otherId }, body: { revision: 1, acceptWarnings: true } });
    await until('failed', async () => (await proofOf(other, json.job.id))?.state === 'failed');
    await other.stop();
  });
});
