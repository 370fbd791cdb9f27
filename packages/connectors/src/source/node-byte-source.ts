/**
 * A regular file as ByteSource. The only file of connectors/source that touches the file system.
 *
 * Always  what the world does wrong is a JobFault with a code, a sentence and a remedy.
 * Not here: which paths are allowed (the runtime decides that before).
 */
import { type FileHandle, open } from 'node:fs/promises';
import { JobFault } from '@tidemark/core';
import type { ByteSource } from './byte-source.ts';

const FAULTS: Readonly<Record<string, { readonly code: string; readonly says: string; readonly remedy: string }>> = {
  ENOENT: { code: 'source-missing', says: 'does not exist', remedy: 'Check the path of the source, or put the file back and start the job again.' },
  ENOTDIR: { code: 'source-missing', says: 'does not exist', remedy: 'Check the path of the source, or put the file back and start the job again.' },
  EISDIR: { code: 'source-is-directory', says: 'is a directory, not a file', remedy: 'Name a file inside the directory as the source.' },
  EACCES: { code: 'source-not-readable', says: 'may not be read', remedy: 'Give the user that runs Tidemark permission to read the file.' },
  EPERM: { code: 'source-not-readable', says: 'may not be read', remedy: 'Give the user that runs Tidemark permission to read the file.' },
  ELOOP: { code: 'source-missing', says: 'is a link that leads nowhere', remedy: 'Name the file itself as the source.' },
};

/** The JobFault for what the file system answered. */
export function sourceFault(path: string, cause: unknown): JobFault {
  if (cause instanceof JobFault) return cause;
  const system = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
  const known = Object.hasOwn(FAULTS, system) ? FAULTS[system] : undefined;
  if (known) {
    return new JobFault(`The source ${path} ${known.says}.`, { domain: 'user', retry: 'no-retry', code: known.code, operatorId: null, remedy: known.remedy }, { cause });
  }
  return new JobFault(
    `The source ${path} cannot be read${system ? ` (${system})` : ''}.`,
    { domain: 'external', retry: 'with-backoff', code: 'source-unreadable', operatorId: null, remedy: 'Check the disk or the mount that holds the file.' },
    { cause },
  );
}

/** Opens at the first use. */
export class NodeByteSource implements ByteSource {
  readonly #path: string;
  #handle: Promise<FileHandle> | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  #open(): Promise<FileHandle> {
    this.#handle ??= this.#openFile();
    return this.#handle;
  }

  async #openFile(): Promise<FileHandle> {
    let handle: FileHandle | null = null;
    try {
      handle = await open(this.#path, 'r');
      const stat = await handle.stat();
      if (stat.isDirectory()) throw sourceFault(this.#path, { code: 'EISDIR' });
      if (!stat.isFile()) {
        throw new JobFault(`The source ${this.#path} is no regular file, so that it cannot be read again from a position.`, {
          domain: 'user', retry: 'no-retry', code: 'source-not-a-file', operatorId: null, remedy: 'Write its content into a file and name that as the source.',
        });
      }
      return handle;
    } catch (cause) {
      await handle?.close().catch(() => undefined);
      throw sourceFault(this.#path, cause);
    }
  }

  async size(): Promise<number> {
    const handle = await this.#open();
    try {
      return (await handle.stat()).size;
    } catch (cause) {
      throw sourceFault(this.#path, cause);
    }
  }

  async read(offset: number, into: Uint8Array): Promise<number> {
    const handle = await this.#open();
    try {
      return (await handle.read(into, 0, into.length, offset)).bytesRead;
    } catch (cause) {
      throw sourceFault(this.#path, cause);
    }
  }

  async close(): Promise<void> {
    const opening = this.#handle;
    this.#handle = null;
    // A file that could not be opened has told so at its first use; closing it is no second fault.
    const handle = await opening?.catch(() => null);
    await handle?.close();
  }
}
