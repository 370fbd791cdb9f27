import { checkpointId } from '@tidemark/core';
import type { OutputLine, Transaction } from '@tidemark/dataflow';
import { createSha256 } from '@tidemark/state';
import { MemoryFileSystem } from '@tidemark/testkit';
import { describe, expect, it } from 'vitest';
import { parseCommittedName } from './segment-name.ts';
import { SegmentDamaged, listCommitted, readCommitted, readLedger, recoverTransactions, verifyTransactions } from './segment-recovery.ts';
import { SegmentWriter, type SegmentWriterOptions } from './segment-writer.ts';

const DIR = '/s';
const n = checkpointId;
const line = (id: string, kind: OutputLine['kind'] = 'match'): OutputLine => ({ matchId: id, kind, patternId: 'p', line: JSON.stringify({ matchId: id }) });

function disk(): MemoryFileSystem {
  const files = new MemoryFileSystem();
  files.directories.add(DIR);
  return files;
}
const writer = (files: MemoryFileSystem, more: Partial<SegmentWriterOptions> = {}): SegmentWriter =>
  new SegmentWriter({ files, createSha256, directory: DIR, task: 'match/0', life: 'e1a1', ledger: [], ...more });

async function visible(files: MemoryFileSystem): Promise<string[]> {
  let text = '';
  for await (const part of readCommitted(files, DIR)) text += new TextDecoder().decode(part);
  return text.split('\n').filter((one) => one !== '').map((one) => (JSON.parse(one) as { matchId: string }).matchId);
}
const pendingNames = (files: MemoryFileSystem): string[] => [...files.files.keys()].filter((path) => path.endsWith('.pending'));

describe('SegmentWriter', () => {
  it('[SK1][SK2] a line is durable before its checkpoint is acknowledged, and visible only after the commit', async () => {
    const files = disk();
    const sink = writer(files);
    sink.write(line('a'));
    const listed = await sink.preCommit(n(1)).durable;
    sink.write(line('b'));
    expect(listed).toHaveLength(1);
    expect(files.isDurable(`${DIR}/${listed[0]?.pending}`)).toBe(true);
    expect(await visible(files)).toEqual([]);
    expect(await sink.commit(n(1))).toEqual(listed);
    expect(await visible(files)).toEqual(['a']);
    expect(files.isDurable(`${DIR}/${listed[0]?.name}`)).toBe(true);
    expect(parseCommittedName(listed[0]?.name ?? '')).toEqual({ name: 'cp00000001.match-0.e1a1.ndjson', checkpointId: 1, task: 'match/0' });
  });

  it('a transaction without lines leaves nothing', async () => {
    const files = disk();
    const sink = writer(files);
    expect(await sink.preCommit(n(1)).durable).toEqual([]);
    expect(await sink.commit(n(1))).toEqual([]);
    expect(files.files.size).toBe(0);
  });

  it('[SK3] R9: what an aborted checkpoint closed is listed and committed with the next one', async () => {
    const files = disk();
    const sink = writer(files);
    sink.write(line('a'));
    await sink.preCommit(n(1)).durable;
    sink.write(line('b'));
    expect((await sink.preCommit(n(2)).durable).map((transaction) => transaction.checkpointId)).toEqual([1, 2]);
    await sink.commit(n(2));
    expect(await visible(files)).toEqual(['a', 'b']);
  });

  it('[SK4] R10: a late notice commits its own checkpoint only, and a second one nothing', async () => {
    const files = disk();
    const sink = writer(files);
    sink.write(line('a'));
    await sink.preCommit(n(1)).durable;
    sink.write(line('b'));
    await sink.preCommit(n(2)).durable;
    await sink.commit(n(1));
    expect(await visible(files)).toEqual(['a']);
    expect(await sink.commit(n(1))).toEqual([]);
    await sink.commit(n(2));
    expect(await visible(files)).toEqual(['a', 'b']);
  });

  it('[SK5] drops replays of the ledger once, and remembers the rest of it in its state', async () => {
    const files = disk();
    const sink = writer(files, { ledger: ['a', 'b'] });
    sink.write(line('a'));
    sink.write(line('c'));
    const { state, durable } = sink.preCommit(n(5));
    await durable;
    await sink.commit(n(5));
    expect(await visible(files)).toEqual(['c']);
    const next = writer(files, { life: 'e1a2' });
    next.restore(state);
    next.write(line('b'));
    next.write(line('a'));
    await next.preCommit(n(6)).durable;
    await next.commit(n(6));
    expect(await visible(files)).toEqual(['c', 'a']);
    expect(next.matches).toBe(4);
  });

  it('many lines go to the file before the checkpoint, with the same outcome', async () => {
    const files = disk();
    const sink = writer(files, { spillCharacters: 40 });
    const ids = Array.from({ length: 20 }, (_, index) => `m${index}`);
    for (const id of ids) sink.write(line(id));
    const listed = await sink.preCommit(n(1)).durable;
    expect(files.calls.filter((call) => call.startsWith('write')).length).toBeGreaterThan(5);
    await verifyTransactions(files, createSha256, DIR, listed);
    expect(listed[0]?.lines).toBe(20);
    await sink.commit(n(1));
    expect(await visible(files)).toEqual(ids);
  });

  it('[SK6] R20: after a failed fsync another file is written; after a second failure the lines wait for the next checkpoint', async () => {
    const files = disk();
    const sink = writer(files);
    sink.write(line('a'));
    let failures = 0;
    files.fault = (call) => (call.startsWith('fsync ') && failures++ === 0 ? 'EIO' : null);
    const listed = await sink.preCommit(n(1)).durable;
    expect(listed[0]?.pending).toBe('match-0.e1a1.1.pending');
    expect(pendingNames(files)).toEqual([`${DIR}/match-0.e1a1.1.pending`]);

    sink.write(line('b'));
    files.fault = (call) => (call.startsWith('fsync ') ? 'EIO' : null);
    await expect(sink.preCommit(n(2)).durable).rejects.toThrow('EIO');
    files.fault = () => null;
    expect((await sink.preCommit(n(3)).durable).map((transaction) => transaction.checkpointId)).toEqual([1, 2]);
    await sink.commit(n(3));
    expect(await visible(files)).toEqual(['a', 'b']);
  });

  it('[SK6] a file that already took lines and fails is a fault: the lines are nowhere else', async () => {
    const files = disk();
    const sink = writer(files, { spillCharacters: 10 });
    files.fault = (call) => (call.startsWith('write') ? 'ENOSPC' : null);
    sink.write(line('a'));
    await expect(sink.preCommit(n(1)).durable).rejects.toMatchObject({ name: 'JobFault', code: 'sink-write-failed', retry: 'with-backoff' });
  });

  it('[SK7] after close nothing touches the disk', async () => {
    const files = disk();
    const sink = writer(files, { spillCharacters: 10 });
    sink.write(line('a'));
    const closing = sink.close();
    const late = sink.preCommit(n(1)).durable.catch((error: Error) => error.name);
    await closing;
    const calls = files.calls.length;
    expect(await late).toBe('JobFault');
    await Promise.resolve();
    expect(files.calls).toHaveLength(calls);
  });
});

describe('recovery of segments', () => {
  /** Two checkpoints closed, none committed; then a death. */
  async function died(): Promise<{ files: MemoryFileSystem; first: readonly Transaction[]; second: readonly Transaction[] }> {
    const files = disk();
    const sink = writer(files);
    sink.write(line('a'));
    const first = await sink.preCommit(n(1)).durable;
    sink.write(line('b'));
    const second = await sink.preCommit(n(2)).durable;
    return { files, first, second };
  }

  it('[SK8] R7, R8: commits what the checkpoint lists, deletes the rest, however often it is begun', async () => {
    const { files, first } = await died();
    for (let stop = 0; ; stop += 1) {
      const calls = files.calls.length;
      files.fault = (_, index) => (index - calls === stop ? 'EIO' : null);
      const done = await recoverTransactions(files, DIR, first).then(() => true, () => false);
      if (done) break;
    }
    files.fault = () => null;
    expect(await visible(files)).toEqual(['a']);
    expect(pendingNames(files)).toEqual([]);
  });

  it('[SK9] the ledger holds what was committed after the restored checkpoint', async () => {
    const { files, second } = await died();
    await recoverTransactions(files, DIR, second);
    expect(await readLedger(files, DIR, n(1), null)).toEqual(['b']);
    expect(await readLedger(files, DIR, n(1), 'match/0')).toEqual(['b']);
    expect(await readLedger(files, DIR, n(1), 'match/1')).toEqual([]);
    expect(await readLedger(files, DIR, 0, null)).toEqual(['a', 'b']);
    expect(await readLedger(files, DIR, n(2), null)).toEqual([]);
  });

  it('finds a segment that is missing, cut or changed, before anything is committed', async () => {
    const { files, second } = await died();
    const path = `${DIR}/${second[1]?.pending}`;
    const whole = files.files.get(path)?.bytes as Uint8Array;
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      const bytes = whole.slice();
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
      files.files.set(path, { bytes, synced: true });
      await expect(verifyTransactions(files, createSha256, DIR, second)).rejects.toThrow(SegmentDamaged);
    }
    files.files.set(path, { bytes: whole.slice(0, -1), synced: true });
    await expect(verifyTransactions(files, createSha256, DIR, second)).rejects.toThrow(SegmentDamaged);
    files.files.delete(path);
    await expect(verifyTransactions(files, createSha256, DIR, second)).rejects.toThrow('is missing');
    expect(await listCommitted(files, DIR)).toEqual([]);
  });
});
