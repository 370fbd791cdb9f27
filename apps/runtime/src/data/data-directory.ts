/**
 * The data directory: one owner at a time, everything below one roof.
 *
 * Always  two runtimes never share a directory: the owner holds a lock that the kernel drops when the process ends,
 *         however it ends (an exclusive SQLite transaction, which is the file lock that Node has). Beside the lock
 *         stands who holds it, for the sentence.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { errorCode } from '@tidemark/core';

export class DirectoryInUse extends Error {
  override readonly name = 'DirectoryInUse';
}

interface Owner { readonly pid: number; readonly address: string | null }

export class DataDirectory {
  readonly path: string;
  readonly database: string;
  readonly samples: string;
  readonly cluster: string;
  readonly output: string;
  readonly proofs: string;
  readonly #lock: DatabaseSync;
  readonly #owner: string;

  private constructor(path: string, lock: DatabaseSync) {
    this.path = path;
    this.database = join(path, 'tidemark.db');
    this.samples = join(path, 'samples');
    this.cluster = join(path, 'cluster');
    this.output = join(path, 'output');
    this.proofs = join(path, 'proofs');
    this.#lock = lock;
    this.#owner = join(path, 'owner.json');
  }

  /** Makes what is missing and takes the lock. Errors  DirectoryInUse; whatever the file system says. */
  static open(path: string): DataDirectory {
    const root = resolve(path);
    makeDirectory(root);
    const lock = new DatabaseSync(join(root, 'lock'));
    try {
      lock.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');
    } catch (error) {
      lock.close();
      if (!/locked|busy/i.test(String(error))) throw error;
      const owner = ownerOf(root);
      throw new DirectoryInUse(owner === null ? `Another Tidemark is using ${root}.`
        : `Tidemark is already running on ${root} (process ${owner.pid}${owner.address === null ? '' : `, ${owner.address}`}).`);
    }
    const directory = new DataDirectory(root, lock);
    for (const folder of [directory.samples, directory.cluster, directory.output, directory.proofs]) mkdirSync(folder, { recursive: true, mode: 0o700 });
    directory.tell(null);
    return directory;
  }

  /** Writes who holds the lock; `address` without the token. */
  tell(address: string | null): void {
    writeFileSync(this.#owner, JSON.stringify({ pid: process.pid, address } satisfies Owner), { mode: 0o600 });
  }

  close(): void {
    rmSync(this.#owner, { force: true });
    this.#lock.exec('ROLLBACK');
    this.#lock.close();
  }
}

/**
 * Makes a directory and what is missing above it. Node's own way (`recursive`) never comes back from a place like /proc,
 * whose entries nobody can make.
 */
function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' && dirname(path) !== path && !existsSync(dirname(path))) {
      makeDirectory(dirname(path));
      mkdirSync(path, { mode: 0o700 });
    } else if (code !== 'EEXIST' || !statSync(path).isDirectory()) throw error;
  }
}

function ownerOf(root: string): Owner | null {
  try {
    return JSON.parse(readFileSync(join(root, 'owner.json'), 'utf8')) as Owner;
  } catch {
    return null;
  }
}
