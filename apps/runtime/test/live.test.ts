/** From the facts of a job to the store and to the browsers: with a target that says what the test wants. */
import { appendFileSync } from 'node:fs';
import { checkpointId, workerId } from '@tidemark/core';
import { type JobFrame, PROTOCOL_VERSION } from '@tidemark/protocol';
import type { Socket } from 'socket.io-client';
import { afterEach, describe, expect, it } from 'vitest';
import { Database } from '../src/store/database.ts';
import { JobStore } from '../src/store/jobs.ts';
import { MatchStore } from '../src/store/matches.ts';
import { ProjectStore } from '../src/store/projects.ts';
import { type FakeJob, FakeTarget, checkpoint, figures, line } from './support/fake-target.ts';
import { TestServer, document, until } from './support/server.ts';
import { SocketWatcher } from './support/socket-watcher.ts';

const servers: TestServer[] = [];
const watchers: SocketWatcher[] = [];
afterEach(async () => {
  for (const watcher of watchers.splice(0)) watcher.close();
  for (const server of servers.splice(0)) await server.stop();
});
async function start(options: Parameters<typeof TestServer.start>[0] = {}): Promise<TestServer> {
  const server = await TestServer.start(options);
  servers.push(server);
  return server;
}
async function restart(server: TestServer, target: FakeTarget): Promise<TestServer> {
  servers.splice(servers.indexOf(server), 1);
  await server.stop(true);
  return start({ dataDir: server.dataDir, target });
}
async function deploy(server: TestServer): Promise<{ id: string; projectId: string; fake: FakeJob }> {
  const { json: { id } } = await server.call('createProject', { body: { name: 'P', document: document() } });
  const { json: { job } } = await server.call('deploy', { params: { projectId: id }, body: { revision: 1, acceptWarnings: true } });
  return { id: job.id, projectId: id, fake: server.target.jobs.get(job.id) as FakeJob };
}
const committed = async (server: TestServer, jobId: string): Promise<string[]> =>
  (await server.call('matches', { params: { jobId }, query: { order: 'oldest', limit: 500 } })).json.rows.map((row: any) => `${row.seq} ${row.matchId}`);

const watch = async (server: TestServer): Promise<SocketWatcher> => {
  const watcher = await SocketWatcher.on(server);
  watchers.push(watcher);
  return watcher;
};

describe('the store follows the job', () => {
  it('[LJ1] facts in their order: the job is finished when all its rows are there', async () => {
    const server = await start();
    const { id, fake } = await deploy(server);
    fake.state('RUNNING');
    fake.tell({ kind: 'figures', at: 1, figures: figures({ eventsRead: 42, matches: 1_300 }) });
    fake.tell({ kind: 'checkpoint', checkpoint: checkpoint(1) });
    fake.commit(1, Array.from({ length: 1_300 }, (_, n) => line(`M${n}`)));
    fake.state('FINISHED');
    const { json } = await until('finished', async () => {
      const reply = await server.call('job', { params: { jobId: id } });
      return reply.json.state === 'FINISHED' ? reply : null;
    });
    expect(json).toMatchObject({ eventsRead: 42, committedMatches: 1_300, lastCheckpoint: 1 });
    expect(json.endedAt).toBeGreaterThan(0);
    expect(await committed(server, id)).toHaveLength(500);
  });

  it('[ST3] a restart takes what was committed in the meantime, and nothing twice', async () => {
    const server = await start();
    const { id, fake } = await deploy(server);
    const first = fake.commit(1, [line('A'), line('B')]);
    await until('two rows', async () => (await committed(server, id)).length === 2);
    const target = server.target;
    // the runtime dies; the job commits once more before it is fenced
    const { dataDir } = server;
    fake.commit(2, [line('C')], true);
    const next = await restart(server, target);
    expect(next.dataDir).toBe(dataDir);
    await until('caught up', async () => (await committed(next, id)).length === 3);
    expect(await committed(next, id)).toEqual(['1 A', '2 B', '3 C']);
    expect(fake.listeners).toBe(1);
    // told again, and read again: still once
    fake.tell({ kind: 'committed', checkpointId: checkpointId(1), path: first, lines: 2, subtask: 'match/0' });
    fake.commit(3, [line('D')]);
    await until('four rows', async () => (await committed(next, id)).length === 4);
    expect(await committed(next, id)).toEqual(['1 A', '2 B', '3 C', '4 D']);
  });

  it('[ST3] a segment that was taken half goes on in the middle', async () => {
    const db = await Database.open(':memory:');
    const [projects, jobs, matches] = [new ProjectStore(db, () => 1), new JobStore(db, () => 1), new MatchStore(db)];
    const { id: projectId } = await projects.create('P', {});
    await jobs.create({ id: 'j', projectId, name: 'J', version: 1, versionHash: 'h', document: {}, outputPath: '/o', sourcePath: null, baseTime: 0 });
    const segment = { path: '/s1', checkpointId: 4 };
    expect((await matches.take('j', segment, 0, [line('A'), line('B')], false)).rows.map((row) => row.seq)).toEqual([1, 2]);
    expect(await matches.progress('j')).toEqual(new Map([['/s1', { taken: 2, done: false }]]));
    // the same batch again, then one that overlaps
    expect(await matches.take('j', segment, 0, [line('A'), line('B')], false)).toEqual({ rows: [], doubled: 0 });
    expect((await matches.take('j', segment, 1, [line('B'), line('C')], true)).rows.map((row) => [row.seq, row.matchId])).toEqual([[3, 'C']]);
    // a second segment with an id that is there: the sink has doubled it
    expect(await matches.take('j', { path: '/s2', checkpointId: 5 }, 0, [line('A'), line('D')], true)).toMatchObject({ rows: [{ seq: 4, matchId: 'D' }], doubled: 1 });
    expect(await jobs.find('j')).toMatchObject({ rows: 4, doubled: 1, summary: { committedMatches: 4 } });
    await expect(matches.take('j', { path: '/s3', checkpointId: 5 }, 0, [line('E'), '{"no":"line"}'], true)).rejects.toThrow('line 2 of /s3');
    expect(await jobs.find('j')).toMatchObject({ rows: 4 }); // all or nothing
    await db.close();
  });

  it('[LJ2] a segment that cannot be read is logged; the job and its other segments go on', async () => {
    const server = await start();
    const { id, fake } = await deploy(server);
    fake.tell({ kind: 'committed', checkpointId: checkpointId(1), path: '/nowhere/1.ndjson', lines: 1, subtask: 'match/0' });
    appendFileSync(fake.commit(2, [line('A')], true), 'rubbish\n');
    fake.commit(3, [line('B')]);
    await until('the next row', async () => (await committed(server, id)).length === 1);
    expect(await committed(server, id)).toEqual(['1 B']);
    expect(server.logged.join('')).toContain('/nowhere/1.ndjson');
  });

  it('[LJ3] jobs go on after a restart; a job that nobody knows any more says so; one without a project goes', async () => {
    const server = await start();
    const running = await deploy(server);
    running.fake.state('RUNNING');
    const lost = await deploy(server);
    const ended = await deploy(server);
    ended.fake.state('FINISHED');
    await until('stored', async () => (await server.call('job', { params: { jobId: ended.id } })).json.state === 'FINISHED');
    const { target } = server;
    target.jobs.delete(lost.id);
    const orphan = target.earlier('j_orphan', 'RUNNING');
    const next = await restart(server, target);
    const state = async (jobId: string): Promise<string> => (await next.call('job', { params: { jobId } })).json.state;
    expect(await state(running.id)).toBe('RUNNING');
    expect((await next.call('job', { params: { jobId: lost.id } })).json).toMatchObject({ state: 'FAILED', cause: { code: 'job-lost' } });
    expect(await state(ended.id)).toBe('FINISHED');
    expect([orphan.snapshot().state, target.removed]).toEqual(['CANCELED', ['j_orphan']]);
    running.fake.tell({ kind: 'checkpoint', checkpoint: checkpoint(7) });
    await until('followed', async () => (await next.call('job', { params: { jobId: running.id } })).json.lastCheckpoint === 7);
  });

  it('[ST4] history outlives the process: figures, checkpoints, recoveries, matches of an ended job', async () => {
    const server = await start();
    const { id, fake } = await deploy(server);
    fake.tell({ kind: 'figures', at: 1, figures: figures({ eventsRead: 9, late: 2 }) });
    for (let n = 1; n <= 3; n++) fake.tell({ kind: 'checkpoint', checkpoint: checkpoint(n) });
    fake.tell({ kind: 'recovery', recovery: { id: 1, cause: { code: 'worker-lost', message: 'gone', domain: 'external', remedy: null, at: 3, workerId: workerId('w1') }, checkpointId: checkpointId(2), replayed: 10, steps: [{ step: 'detected', at: 3, durationMs: 1, detail: null }], done: true } });
    fake.commit(3, [line('A')]);
    fake.state('FINISHED');
    await until('stored', async () => (await server.call('job', { params: { jobId: id } })).json.state === 'FINISHED');
    const next = await restart(server, new FakeTarget());
    const watcher = await watch(next);
    await watcher.watch(id);
    const updates = Object.fromEntries((watcher.snapshots[0] as JobFrame).updates.map((update) => [update.topic, update])) as any;
    expect(updates.state).toMatchObject({ state: 'FINISHED' });
    expect(updates.figures).toMatchObject({ eventsRead: 9, late: 2, committedMatches: 1 });
    expect(updates.checkpoints.changed.map((one: any) => one.id)).toEqual([3, 2, 1]);
    expect(updates.recovery.changed).toMatchObject([{ id: 1, replayed: 10, done: true }]);
    expect(updates.matches.changed).toMatchObject([{ matchId: 'A', seq: 1, committedIn: 3 }]);
  });

  it('[LJ4] at most so many jobs at a time', async () => {
    const server = await start({ options: { runningJobsMax: 1 } });
    const { projectId, fake } = await deploy(server);
    const again = (): Promise<any> => server.call('deploy', { params: { projectId }, body: { revision: 1, acceptWarnings: true } });
    expect((await again()).json.code).toBe('too-many-jobs');
    fake.state('FINISHED');
    expect((await again()).status).toBe(201);
  });
});

describe('the socket', () => {
  it('[SO1] a watcher gets a snapshot, then frames whose seq goes on from it', async () => {
    const server = await start();
    const { id, fake } = await deploy(server);
    fake.state('RUNNING');
    const [one, other] = [await watch(server), await watch(server)];
    const reply = await one.watch(id);
    expect(reply).toEqual({ ok: true, value: { epoch: one.snapshots[0]?.epoch } });
    for (let n = 1; n <= 5; n++) {
      fake.tell({ kind: 'figures', at: n, figures: figures({ eventsRead: n }) });
      await until(`frame ${n}`, () => one.frames.some((frame) => frame.updates.some((update) => update.topic === 'figures' && update.eventsRead === n)));
    }
    const first = one.snapshots[0] as JobFrame;
    expect(one.frames.map((frame) => frame.seq)).toEqual(one.frames.map((_, n) => first.seq + 1 + n));
    expect(new Set(one.frames.map((frame) => frame.epoch))).toEqual(new Set([first.epoch]));
    expect(other.frames).toEqual([]);
    await one.ask('job:unwatch', { jobId: id });
    const before = one.frames.length;
    await other.watch(id);
    fake.tell({ kind: 'figures', at: 9, figures: figures({ eventsRead: 9 }) });
    await until('the other', () => other.frames.length > 0);
    expect(one.frames.length).toBe(before);
  });

  it('[SO1] a match is pending, then committed, and the list is told', async () => {
    const server = await start();
    const { id, fake } = await deploy(server);
    const watcher = await watch(server);
    await watcher.watch(id);
    fake.tell({ kind: 'pending', lines: [line('A')], omitted: 0 });
    const cards = (): (number | null)[] => watcher.frames.flatMap((frame) => frame.updates.flatMap((update) => (update.topic === 'matches' ? update.changed.map((view) => view.seq) : [])));
    await until('pending', () => cards().length === 1);
    fake.commit(1, [line('A')]);
    await until('committed', () => cards().length === 2);
    expect(cards()).toEqual([null, 1]);
    await until('list', () => watcher.lists > 0);
  });

  it('[SO2] messages that are not what they should be are answered and change nothing', async () => {
    const server = await start();
    const { id } = await deploy(server);
    const watcher = await watch(server);
    for (const [message, code] of [
      [[{}], 'invalid-message'], [['x'], 'invalid-message'], [[null], 'invalid-message'], [[], 'invalid-message'],
      [[{ jobId: id, version: 1, more: true }], 'invalid-message'], [[{ jobId: '../x', version: 1 }], 'invalid-message'], [[{ jobId: id, version: 1 }, 'more'], 'invalid-message'],
      [[{ jobId: id, version: 99 }], 'other-version'], [[{ jobId: 'j_none', version: PROTOCOL_VERSION }], 'not-found'],
    ] as const) expect([message, (await watcher.ask('job:watch', ...message)).code]).toEqual([message, code]);
    (watcher.socket as unknown as Socket).emit('job:watch', { jobId: id, version: PROTOCOL_VERSION }); // without an answer
    (watcher.socket as unknown as Socket).emit('no:such', { a: 1 });
    expect((await watcher.ask('job:unwatch', { jobId: id })).ok).toBe(true);
    expect(watcher.snapshots).toEqual([]);
    (watcher.socket as unknown as Socket).emit('job:watch', { jobId: 'x'.repeat(20_000), version: 1 });
    await until('cut off', () => !watcher.socket.connected); // larger than a message may be
    expect((await server.call('health')).status).toBe(200);
  });

  it('[SO3] a browser that does not read is left out, not waited for; it then sees a gap and gets a snapshot', async () => {
    const server = await start();
    const { id, fake } = await deploy(server);
    const slow = await watch(server);
    const quick = await watch(server);
    await slow.watch(id);
    await quick.watch(id);
    const connection = (slow.socket.io.engine as unknown as { transport: { ws: { _socket: { pause(): void; resume(): void } } } }).transport.ws._socket;
    connection.pause();
    // frames large enough to fill what the kernel buffers
    const text = 'x'.repeat(100_000);
    let told = 0;
    let seqOfQuick = 0;
    while (seqOfQuick < 14) {
      fake.tell({ kind: 'pending', lines: Array.from({ length: 20 }, () => line(`M${++told}`, { text })), omitted: 0 });
      const target = seqOfQuick + 1;
      seqOfQuick = await until('quick goes on', () => (quick.frames.at(-1)?.seq ?? 0) >= target && quick.frames.at(-1)?.seq);
    }
    expect(quick.frames.map((frame) => frame.seq)).toEqual(quick.frames.map((_, n) => (quick.frames[0] as JobFrame).seq + n));
    connection.resume();
    await until('some frames arrive', () => slow.frames.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    fake.tell({ kind: 'figures', at: 1, figures: figures({ eventsRead: 5 }) });
    await until('a later frame', () => (slow.frames.at(-1)?.seq ?? 0) > seqOfQuick);
    const seqs = slow.frames.map((frame) => frame.seq);
    expect(seqs.some((seq, n) => n > 0 && seq !== (seqs[n - 1] as number) + 1)).toBe(true);
    await slow.watch(id);
    expect(slow.snapshots.at(-1)?.seq).toBe(slow.frames.at(-1)?.seq);
  }, 30_000);

  it('[SO4] closing a session cuts its sockets off', async () => {
    const server = await start();
    const cookie = ((await server.call('openSession', { as: 'nobody', body: { token: server.runtime.token } })).headers.get('set-cookie') as string).split(';')[0] as string;
    const headers = { cookie, 'x-tidemark': '1' };
    const { json: { ticket } } = await server.call('socketTicket', { as: 'nobody', headers });
    const other = await watch(server);
    const own = await SocketWatcher.on(server, ticket);
    watchers.push(own);
    await server.call('closeSession', { as: 'nobody', headers });
    await until('cut off', () => !own.socket.connected);
    expect(other.socket.connected).toBe(true);
  });
});
