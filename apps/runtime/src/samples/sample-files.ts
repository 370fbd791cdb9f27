/**
 * Samples as files: the bytes under their content hash, the proposal (inferred schema with its evidence) beside them.
 *
 * Always  a name that a browser sent is never part of a path; bytes are streamed to a temporary file while they are
 *         hashed, synced, and only then take their place by an atomic rename: a sample is there whole or not at all.
 *         What an upload left behind that did not come to its end is swept at the next start.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Proposal } from '@tidemark/protocol';

export const UPLOAD_BYTES_MAX = 100 * 1024 * 1024;

export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

export class EmptySample extends Error {
  override readonly name = 'EmptySample';
}

export interface Received {
  readonly hash: string;
  readonly bytes: number;
}

export class SampleFiles {
  readonly #folder: string;
  readonly #uploads: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#uploads = join(folder, 'uploads');
  }

  static async open(folder: string): Promise<SampleFiles> {
    const files = new SampleFiles(folder);
    await rm(files.#uploads, { recursive: true, force: true });
    await mkdir(files.#uploads, { recursive: true });
    return files;
  }

  /** Where a sample's bytes lie, whether they are there or not. `hash` must be one. */
  path(hash: string): string {
    if (!/^[0-9a-f]{64}$/.test(hash)) throw new Error('not a content hash');
    return join(this.#folder, hash);
  }

  async has(hash: string): Promise<boolean> {
    return stat(this.path(hash)).then((found) => found.isFile(), () => false);
  }

  /** Errors  TooLarge beyond `limit`; EmptySample; whatever the stream throws when the sender goes away. Nothing is left behind then. */
  async receive(stream: AsyncIterable<Uint8Array>, limit = UPLOAD_BYTES_MAX): Promise<Received> {
    const temporary = join(this.#uploads, randomUUID());
    const hash = createHash('sha256');
    let bytes = 0;
    let file: FileHandle | null = null;
    try {
      file = await open(temporary, 'wx', 0o600);
      for await (const chunk of stream) {
        bytes += chunk.length;
        if (bytes > limit) throw new TooLarge(`more than ${limit} bytes`);
        hash.update(chunk);
        await file.writeFile(chunk);
      }
      if (bytes === 0) throw new EmptySample('no bytes');
      await file.sync();
      await file.close();
      file = null;
      const digest = hash.digest('hex');
      await rename(temporary, this.path(digest));
      await syncFolder(this.#folder);
      return { hash: digest, bytes };
    } catch (error) {
      await file?.close();
      await rm(temporary, { force: true });
      throw error;
    }
  }

  read(hash: string): ReadStream {
    return createReadStream(this.path(hash));
  }

  async putProposal(hash: string, proposal: Proposal): Promise<void> {
    const temporary = join(this.#uploads, randomUUID());
    await writeFile(temporary, JSON.stringify(proposal), { mode: 0o600 });
    await rename(temporary, `${this.path(hash)}.proposal.json`);
  }

  async proposal(hash: string): Promise<Proposal | null> {
    try {
      return JSON.parse(await readFile(`${this.path(hash)}.proposal.json`, 'utf8')) as Proposal;
    } catch {
      return null;
    }
  }

  async remove(hash: string): Promise<void> {
    await rm(this.path(hash), { force: true });
    await rm(`${this.path(hash)}.proposal.json`, { force: true });
  }

  async hashes(): Promise<string[]> {
    return (await readdir(this.#folder)).filter((name) => /^[0-9a-f]{64}$/.test(name));
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
