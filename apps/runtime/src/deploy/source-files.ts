/**
 * The files of a source that names several: paths with `*` become the files that match them, in order of their names.
 *
 * Always  a file counts once, whatever names it twice; the list keeps the order of the document, so that the numbers of
 *         splits, which are in match ids, are those of the list.
 * Not here: which files may be read (places.ts for the server; the command line reads what its user may).
 */
import { glob } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SPLITS_MAX, type SourceFile } from '@tidemark/pattern';

export const isPattern = (path: string): boolean => path.includes('*');

/** What may be put in front of a path: the first of them where a file is found counts. */
export async function filesMatching(pattern: string, folders: readonly string[]): Promise<readonly string[]> {
  for (const folder of folders) {
    const found: string[] = [];
    for await (const path of glob(pattern, { cwd: folder })) found.push(resolve(folder, path));
    if (found.length > 0) return found.sort((a, b) => (a < b ? -1 : 1));
  }
  return [];
}

/** Absolute paths of all files; or the index of the entry that names none, or whose files are too many. `placesOf` answers for one entry. */
export async function listFiles(files: readonly SourceFile[], placesOf: (file: SourceFile) => Promise<readonly string[]>): Promise<readonly string[] | { readonly index: number; readonly tooMany: boolean }> {
  const all = new Set<string>();
  for (const [index, file] of files.entries()) {
    const places = await placesOf(file);
    if (places.length === 0) return { index, tooMany: false };
    for (const place of places) all.add(place);
    if (all.size > SPLITS_MAX) return { index, tooMany: true };
  }
  return [...all];
}
