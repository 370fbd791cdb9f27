/**
 * Where the lines of `match` and `run` go: standard output, a file, or a device or pipe that has a name.
 *
 * Always  what is wrong with `--out` is found before anything runs, and a file that is read is never written over.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { JobFault, errorCode } from '@tidemark/core';

/** A file is written whole; into a device or a pipe lines go as they come. */
export type OutKind = 'file' | 'device';

/** A sentence that says why not. `reads`: the files that the command reads. */
export async function outKind(out: string, reads: readonly string[]): Promise<{ readonly kind: OutKind } | string> {
  const found = await stat(out).catch(() => null);
  if (found?.isDirectory()) return `--out ${out}: this is a directory. Name a file in it.`;
  if (found && !found.isFile()) return { kind: 'device' };
  for (const path of reads) {
    const read = await stat(path).catch(() => null);
    if (read && found && read.ino === found.ino && read.dev === found.dev) return `--out ${out}: this is the file that is read, and it would be lost. Name another one.`;
  }
  const probe = `${resolve(out)}.${process.pid}.tmp`;
  try {
    await (await open(probe, 'wx')).close();
    await rm(probe);
  } catch (error) {
    return `--out ${out}: ${unwritable(error, out)}`;
  }
  return { kind: 'file' };
}

function unwritable(error: unknown, out: string): string {
  const folder = dirname(resolve(out));
  switch (errorCode(error)) {
    case 'ENOENT': return `no file can be made in ${folder}: is there such a directory? Make it first, or name another one.`;
    case 'ENOTDIR': return `${folder} is a file, not a directory. Name another place.`;
    case 'EACCES':
    case 'EPERM': return `you may not write into ${folder}. Name another place.`;
    case 'EROFS': return `${folder} cannot be written to at all. Name another place.`;
    case 'ENOSPC': return `the disk of ${folder} is full. Make room, or name another place.`;
    default: return `${error instanceof Error ? error.message : String(error)}. Name another place.`;
  }
}

/** Lines into a file or device, at once and in order, in pieces of some size. */
export class OutFile {
  readonly #path: string;
  readonly #file: number;

  constructor(path: string) {
    this.#path = path;
    try {
      this.#file = openSync(path, 'w');
    } catch (error) {
      throw writeFault(path, error);
    }
  }

  write(text: string): void {
    const bytes = Buffer.from(text);
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(this.#file, bytes, at);
    } catch (error) {
      throw writeFault(this.#path, error);
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** `place`: null for standard output. */
export function writeFault(place: string | null, error: unknown): JobFault {
  const what = place === null ? 'Standard output' : `The output ${place}`;
  const code = errorCode(error);
  return new JobFault(`${what} cannot be written${code === 'ENOSPC' ? ': there is no space left' : code === 'EPIPE' ? ': its reader has gone' : code === null ? '' : ` (${code})`}.`, {
    domain: 'external', retry: 'no-retry', code: 'output-not-writable', operatorId: null, remedy: 'Make room or name another place with --out FILE, then run the command again.',
  }, { cause: error });
}
