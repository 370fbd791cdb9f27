/**
 * A small file, written so that it is there whole or not at all, also after a power cut.
 *
 * Temporary file, write, fsync, rename, fsync of the directory. A temporary file whose write or fsync failed is thrown
 * away and another is written once; fsync is never repeated on a file (reference/fault-tolerance.md 2.5).
 */
import { type FileSystem, type Hash, errorCode } from '@tidemark/core';
import { hex } from '@tidemark/state';

/** The file may or may not be there under its name: nobody may conclude that it is not. */
export class FateUnknown extends Error {
  override readonly name = 'FateUnknown';
}

/** Errors: FateUnknown when the failure came after the rename began; what the disk said before that. */
export async function writeDurably(
  files: FileSystem, directory: string, name: string, content: Uint8Array | (() => AsyncIterable<Uint8Array>),
): Promise<void> {
  const path = `${directory}/${name}`;
  for (let attempt = 0; ; attempt += 1) {
    const temporary = `${path}.${attempt}.tmp`;
    try {
      await files.unlink(temporary).catch((error: unknown) => { if (errorCode(error) !== 'ENOENT') throw error; });
      const file = await files.create(temporary);
      try {
        if (content instanceof Uint8Array) await file.write(content);
        else for await (const part of content()) await file.write(part);
        await file.fsync();
      } finally {
        await file.close();
      }
    } catch (error) {
      await files.unlink(temporary).catch(() => {});
      if (attempt === 1 || errorCode(error) === 'ENOENT') throw error;
      continue;
    }
    try {
      await files.rename(temporary, path);
      await files.fsyncDirectory(directory);
      return;
    } catch (error) {
      throw new FateUnknown(`${path}: ${String(error)}`, { cause: error });
    }
  }
}

export async function makeDirectoryDurably(files: FileSystem, parent: string, name: string): Promise<void> {
  await files.makeDirectory(`${parent}/${name}`).catch((error: unknown) => { if (errorCode(error) !== 'EEXIST') throw error; });
  await files.fsyncDirectory(parent);
}

export function sha256Of(createSha256: () => Hash, bytes: Uint8Array): string {
  const hash = createSha256();
  hash.update(bytes);
  return hex(hash.digest());
}

const encoder = new TextEncoder();

/** JSON, a line end, the sha256 of that line, a line end. */
export function sealJson(createSha256: () => Hash, value: unknown): Uint8Array {
  const line = encoder.encode(`${JSON.stringify(value)}\n`);
  const seal = encoder.encode(`${sha256Of(createSha256, line)}\n`);
  const bytes = new Uint8Array(line.length + seal.length);
  bytes.set(line);
  bytes.set(seal, line.length);
  return bytes;
}

/** Errors: Error with one sentence if the bytes are not what sealJson made. */
export function unsealJson(createSha256: () => Hash, bytes: Uint8Array): unknown {
  const at = bytes.length - 65;
  if (at < 1 || bytes[at - 1] !== 10) throw new Error('no seal');
  const line = bytes.subarray(0, at);
  const expected = new TextDecoder().decode(bytes.subarray(at));
  const actual = `${sha256Of(createSha256, line)}\n`;
  if (expected !== actual) throw new Error(`expected sha256 ${expected.trim()}, found ${actual.trim()}`);
  return JSON.parse(new TextDecoder().decode(line));
}
