/**
 * A FileSystem in memory that can fail at its k-th call: for the loops that fail every call once.
 *
 * Always  a file counts as durable when it was fsynced after its last write and its directory after its name was made.
 * Not here: power cuts and time (packages/simulator has a disk with both).
 */
import type { FileSystem, WritableFile } from '@tidemark/core';

interface MemoryFile { bytes: Uint8Array; synced: boolean }

export class MemoryFileSystem implements FileSystem {
  readonly files = new Map<string, MemoryFile>();
  readonly directories = new Set<string>(['']);
  /** Names that are sure to stay. */
  readonly durableNames = new Set<string>();
  /** What was called, as `operation path`. */
  readonly calls: string[] = [];
  /** Answers with a POSIX code to make the call fail. Asked before the call changes anything. */
  fault: (call: string, index: number) => string | null = () => null;

  makeDirectory(path: string): Promise<void> {
    return this.#call(`makeDirectory ${path}`, () => {
      if (this.directories.has(path)) throw posix('EEXIST', path);
      this.#parent(path);
      this.directories.add(path);
    });
  }

  create(path: string): Promise<WritableFile> {
    return this.#call(`create ${path}`, () => {
      if (this.files.has(path)) throw posix('EEXIST', path);
      this.#parent(path);
      return this.#writable(path, { bytes: new Uint8Array(), synced: false });
    });
  }

  append(path: string): Promise<WritableFile> {
    return this.#call(`append ${path}`, () => this.#writable(path, this.files.get(path) ?? { bytes: new Uint8Array(), synced: false }));
  }

  read(path: string): Promise<Uint8Array> {
    return this.#call(`read ${path}`, () => this.#file(path).bytes.slice());
  }

  rename(from: string, to: string): Promise<void> {
    return this.#call(`rename ${from} ${to}`, () => {
      this.#parent(to);
      if (this.directories.has(from)) {
        for (const path of [...this.directories, ...this.files.keys()]) {
          if (path !== from && !path.startsWith(`${from}/`)) continue;
          const moved = to + path.slice(from.length);
          const file = this.files.get(path);
          if (file) this.files.set(moved, file);
          else this.directories.add(moved);
          this.files.delete(path);
          this.directories.delete(path);
        }
        return;
      }
      this.files.set(to, this.#file(from));
      this.files.delete(from);
      this.durableNames.delete(from);
      this.durableNames.delete(to);
    });
  }

  list(directory: string): Promise<readonly string[]> {
    return this.#call(`list ${directory}`, () => {
      if (!this.directories.has(directory)) throw posix('ENOENT', directory);
      return [...this.files.keys(), ...this.directories].filter((path) => parentOf(path) === directory && path !== directory).map((path) => path.slice(directory.length + 1)).sort();
    });
  }

  unlink(path: string): Promise<void> {
    return this.#call(`unlink ${path}`, () => {
      this.#file(path);
      this.files.delete(path);
      this.durableNames.delete(path);
    });
  }

  removeDirectory(path: string): Promise<void> {
    return this.#call(`removeDirectory ${path}`, () => {
      for (const known of [...this.files.keys(), ...this.directories]) {
        if (known !== path && !known.startsWith(`${path}/`)) continue;
        this.files.delete(known);
        this.directories.delete(known);
      }
    });
  }

  fsyncDirectory(path: string): Promise<void> {
    return this.#call(`fsyncDirectory ${path}`, () => {
      for (const file of this.files.keys()) if (parentOf(file) === path) this.durableNames.add(file);
    });
  }

  /** Would it be there, whole, after a power cut? */
  isDurable(path: string): boolean {
    return this.durableNames.has(path) && this.files.get(path)?.synced === true;
  }

  text(path: string): string {
    return new TextDecoder().decode(this.#file(path).bytes);
  }

  #writable(path: string, file: MemoryFile): WritableFile {
    this.files.set(path, file);
    return {
      write: (bytes) => this.#call(`write ${path}`, () => {
        const grown = new Uint8Array(file.bytes.length + bytes.length);
        grown.set(file.bytes);
        grown.set(bytes, file.bytes.length);
        file.bytes = grown;
        file.synced = false;
      }),
      fsync: () => this.#call(`fsync ${path}`, () => { file.synced = true; }),
      close: () => Promise.resolve(),
    };
  }

  async #call<T>(call: string, work: () => T): Promise<T> {
    await Promise.resolve();
    const code = this.fault(call, this.calls.length);
    this.calls.push(call);
    if (code !== null) throw posix(code, call);
    return work();
  }

  #file(path: string): MemoryFile {
    const file = this.files.get(path);
    if (!file) throw posix('ENOENT', path);
    return file;
  }

  #parent(path: string): void {
    if (!this.directories.has(parentOf(path))) throw posix('ENOENT', path);
  }
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
const posix = (code: string, path: string): Error => Object.assign(new Error(`${code}: ${path}`), { code });
