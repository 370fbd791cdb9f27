/** The machine's disk, as the port asks for it. */
import { type FileHandle, mkdir, open, readFile, readdir, rename, rm, unlink } from 'node:fs/promises';
import type { FileSystem, WritableFile } from '@tidemark/core';

class NodeFile implements WritableFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let written = 0; written < bytes.length;) {
      written += (await this.#handle.write(bytes, written, bytes.length - written)).bytesWritten;
    }
  }

  async fsync(): Promise<void> {
    await this.#handle.sync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

export const nodeFileSystem: FileSystem = {
  makeDirectory: async (path) => { await mkdir(path, { mode: 0o700 }); },
  create: async (path) => new NodeFile(await open(path, 'wx', 0o600)),
  append: async (path) => new NodeFile(await open(path, 'a', 0o600)),
  read: async (path) => {
    const buffer = await readFile(path);
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
  },
  rename: (from, to) => rename(from, to),
  list: async (directory) => (await readdir(directory)).sort(),
  unlink: (path) => unlink(path),
  removeDirectory: (path) => rm(path, { recursive: true, force: true }),
  fsyncDirectory: async (path) => {
    // Windows cannot open a directory for fsync; its file system journals names by itself.
    if (process.platform === 'win32') return;
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};
