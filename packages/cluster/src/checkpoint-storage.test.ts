import { attempt, checkpointId, epoch } from '@tidemark/core';
import type { CheckpointMetadata } from '@tidemark/checkpoint';
import { createSha256 } from '@tidemark/state';
import { MemoryFileSystem } from '@tidemark/testkit';
import { describe, expect, it } from 'vitest';
import { CheckpointDamaged, CheckpointStorage } from './checkpoint-storage.ts';
import { CoordinatorFile } from './coordinator-file.ts';
import { FateUnknown, sealJson, unsealJson, writeDurably } from './durable-file.ts';

const JOB = '/job';
const ID = checkpointId(3);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function prepared(): Promise<{ files: MemoryFileSystem; storage: CheckpointStorage }> {
  const files = new MemoryFileSystem();
  files.directories.add(JOB);
  const storage = new CheckpointStorage(files, createSha256, JOB);
  await storage.prepare();
  return { files, storage };
}

async function completed(storage: CheckpointStorage, id = ID): Promise<CheckpointMetadata> {
  await storage.begin(id);
  const header = { jobId: 'job', checkpointId: id, uid: 'match', subtask: 0, epoch: epoch(1), attempt: attempt(1), stateHash: 'h' };
  const state = await storage.writeState(header, new Map([['operator', bytes('state of a subtask')]]));
  const metadata: CheckpointMetadata = {
    jobId: 'job', checkpointId: id, epoch: epoch(1), attempt: attempt(1), triggeredAt: 0, final: false, stateHash: 'h',
    tasks: [{ task: 'match/0', state, output: [], inputPosition: 7 }],
  };
  await storage.complete(metadata);
  return metadata;
}

describe('CheckpointStorage', () => {
  it('[CS1] reads back a checkpoint that completed; one without metadata is none', async () => {
    const { storage } = await prepared();
    await storage.begin(checkpointId(2));
    const metadata = await completed(storage);
    expect(await storage.list()).toEqual([2, 3]);
    expect(await storage.metadata(checkpointId(2))).toBeNull();
    expect(await storage.metadata(ID)).toEqual(metadata);
    await storage.verify(metadata);
    const [task] = metadata.tasks;
    expect((await storage.readState(ID, (task as (typeof metadata.tasks)[number]).state)).sections.get('operator')).toEqual(bytes('state of a subtask'));
  });

  it('[CS1] every file of it is durable, with its name, when it is complete', async () => {
    const { files, storage } = await prepared();
    await completed(storage);
    const own = [...files.files.keys()].filter((path) => path.includes('chk-3'));
    expect(own).toHaveLength(2);
    for (const path of own) expect(files.isDurable(path), path).toBe(true);
  });

  it('[CS1][CS2] I13: every single-bit flip and every cut, of metadata and of state, is found', async () => {
    const { files, storage } = await prepared();
    const metadata = await completed(storage);
    for (const [path, file] of files.files) {
      const whole = file.bytes;
      const damaged: Uint8Array[] = Array.from({ length: whole.length }, (_, length) => whole.slice(0, length));
      for (let bit = 0; bit < whole.length * 8; bit += 1) {
        const flipped = whole.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
        damaged.push(flipped);
      }
      for (const content of damaged) {
        files.files.set(path, { bytes: content, synced: true });
        await expect(storage.metadata(ID).then((found) => storage.verify(found ?? metadata)), path).rejects.toThrow(CheckpointDamaged);
      }
      files.files.set(path, { bytes: whole, synced: true });
    }
    await storage.verify(metadata);
  });

  it('[CS2] a damaged one is moved, never deleted, also when the name is taken', async () => {
    const { files, storage } = await prepared();
    await completed(storage);
    await storage.quarantine(ID);
    await completed(storage);
    await storage.quarantine(ID);
    expect(await files.list(`${JOB}/quarantine`)).toEqual(['chk-3', 'chk-3.2']);
    expect(await storage.list()).toEqual([]);
  });

  it('I1: an id cannot begin twice', async () => {
    const { storage } = await prepared();
    await storage.begin(ID);
    await expect(storage.begin(ID)).rejects.toMatchObject({ code: 'EEXIST' });
  });

  it('[CS1] for every call that can fail: the checkpoint is whole, or it is none', async () => {
    for (let call = 0; ; call += 1) {
      const { files, storage } = await prepared();
      const before = files.calls.length;
      files.fault = (_, index) => (index - before === call ? 'EIO' : null);
      const outcome = await completed(storage).then(() => 'completed', (error: unknown) => (error instanceof FateUnknown ? 'unknown' : 'failed'));
      const calls = files.calls.length - before;
      files.fault = () => null;
      const found = await storage.list().then((ids) => (ids.length > 0 ? storage.metadata(ID) : null));
      if (found) await storage.verify(found);
      if (outcome === 'failed') expect(found).toBeNull();
      if (outcome === 'completed') expect(found).not.toBeNull();
      if (call >= calls) break;
    }
  });
});

describe('durable files', () => {
  it('R20: a file that could not be synced is thrown away and written anew, once', async () => {
    const { files } = await prepared();
    let failures = 0;
    files.fault = (call) => (call.startsWith('fsync ') && failures++ < 1 ? 'EIO' : null);
    await writeDurably(files, JOB, 'x', bytes('1'));
    expect(files.text(`${JOB}/x`)).toBe('1');
    expect(files.calls.filter((call) => call.startsWith('fsync '))).toEqual([`fsync ${JOB}/x.0.tmp`, `fsync ${JOB}/x.1.tmp`]);
    files.fault = (call) => (call.startsWith('fsync ') ? 'EIO' : null);
    await expect(writeDurably(files, JOB, 'x', bytes('2'))).rejects.toMatchObject({ code: 'EIO' });
    expect(files.text(`${JOB}/x`)).toBe('1');
    expect([...files.files.keys()]).toEqual([`${JOB}/x`]);
  });

  it('a failure after the rename began leaves its fate unknown, and says so', async () => {
    const { files } = await prepared();
    files.fault = (call) => (call.startsWith('fsyncDirectory') ? 'EIO' : null);
    await expect(writeDurably(files, JOB, 'x', bytes('1'))).rejects.toThrow(FateUnknown);
  });

  it('a seal finds every changed byte', () => {
    const sealed = sealJson(createSha256, { a: 1 });
    expect(unsealJson(createSha256, sealed)).toEqual({ a: 1 });
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = sealed.slice();
      changed[at] = (changed[at] as number) ^ 1;
      expect(() => unsealJson(createSha256, changed), `byte ${at}`).toThrow();
    }
  });
});

describe('CoordinatorFile', () => {
  it('[JM6] raises the epoch at every start and never forgets an id', async () => {
    const { files, storage } = await prepared();
    const first = await CoordinatorFile.open(files, createSha256, JOB, storage);
    expect([first.epoch, first.nextId, first.completed]).toEqual([1, 1, 0]);
    await first.useId(ID);
    await first.noteCompleted(ID);
    const second = await CoordinatorFile.open(files, createSha256, JOB, storage);
    expect([second.epoch, second.nextId, second.completed]).toEqual([2, 4, 3]);
  });

  it('[JM6] damaged, it is made anew from the checkpoints on disk', async () => {
    const { files, storage } = await prepared();
    await completed(storage);
    await storage.begin(checkpointId(9));
    files.files.set(`${JOB}/coordinator.json`, { bytes: bytes('{"epoch":1}'), synced: true });
    const file = await CoordinatorFile.open(files, createSha256, JOB, storage);
    expect([file.epoch, file.nextId, file.completed]).toEqual([2, 10, 3]);
  });
});
