import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { DataDirectory, DirectoryInUse } from '../src/data/data-directory.ts';
import { PortTaken } from '../src/runtime.ts';
import { TestServer } from './support/server.ts';

describe('data directory', () => {
  it('[DD1] has one owner at a time, and is free again when the owner is gone', () => {
    const path = mkdtempSync(join(tmpdir(), 'tidemark-dir-'));
    const directory = DataDirectory.open(path);
    directory.tell('http://127.0.0.1:4747');
    expect(() => DataDirectory.open(path)).toThrow(DirectoryInUse);
    expect(() => DataDirectory.open(path)).toThrow(`process ${process.pid}, http://127.0.0.1:4747`);
    const child = (): string => spawnSync(process.execPath, ['--input-type=module', '-e', `
      import { DataDirectory } from ${JSON.stringify(new URL('../src/data/data-directory.ts', import.meta.url).href)};
      try { DataDirectory.open(${JSON.stringify(path)}); console.log('open'); process.kill(process.pid, 'SIGKILL'); } catch (error) { console.log(error.name); }`], { encoding: 'utf8' }).stdout.trim();
    expect(child()).toBe('DirectoryInUse');
    directory.close();
    expect(child()).toBe('open'); // and dies with the lock in its hand
    DataDirectory.open(path).close();
    expect(statSync(join(path, 'samples')).mode & 0o077).toBe(0);
    rmSync(path, { recursive: true });
  });

  it('[DD1] makes what is missing above it, for its owner alone', () => {
    const path = mkdtempSync(join(tmpdir(), 'tidemark-dir-'));
    DataDirectory.open(join(path, 'a/b/c')).close();
    for (const made of ['a', 'a/b', 'a/b/c']) expect(statSync(join(path, made)).mode & 0o077).toBe(0);
    DataDirectory.open(join(path, 'a/b/c')).close();
    rmSync(path, { recursive: true });
  });

  it('[DD2] a taken port is a refusal that leaves the directory free', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const dataDir = mkdtempSync(join(tmpdir(), 'tidemark-dir-'));
    await expect(TestServer.start({ dataDir, options: { port } })).rejects.toThrow(PortTaken);
    await (await TestServer.start({ dataDir })).stop();
    other.close();
  });
});
