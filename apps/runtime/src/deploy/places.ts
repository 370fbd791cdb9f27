/**
 * Which files a document may name, and where they lie. A document is written by whoever has the token or wrote the file
 * that was imported: it never reaches a file outside of what the operator gave.
 *
 * Always  a source is a sample (by content hash), or a path below the configured root, followed to its real place and
 *         checked there; an output lies below the data directory's output folder. No device files, no NUL.
 */
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { SourcePath } from '@tidemark/cluster';
import { type JobDocument, type PatternIssue, SPLITS_MAX, type SourceFile } from '@tidemark/pattern';
import { filesMatching, isPattern, listFiles } from './source-files.ts';

export interface Places {
  /** Folder whose files may be sources (TIDEMARK_FILES), or null: samples only. */
  readonly filesRoot: string | null;
  readonly outputRoot: string;
  readonly samplePath: (hash: string) => Promise<string | null>;
}

export type Placed<T> = { readonly ok: true; readonly path: T } | { readonly ok: false; readonly issue: PatternIssue };

const below = (root: string, path: string): boolean => {
  const way = relative(root, path);
  return way !== '' && !way.startsWith(`..${sep}`) && way !== '..' && !isAbsolute(way);
};

const issue = (code: string, path: string, message: string, fix: string | null, values: Record<string, string> = {}): { ok: false; issue: PatternIssue } => ({
  ok: false, issue: { code, severity: 'error', path, patternId: null, nodeId: null, message, values, fix, range: null },
});

/** Where the bytes of the document's source lie; null for a generator. */
export async function placeSource(document: JobDocument, places: Places): Promise<Placed<SourcePath>> {
  const { source } = document;
  if (source === null) return issue('no-source', '$.source', 'The document has no source.', 'Choose a sample or a generator as the source.');
  if (source.kind === 'generator') return { ok: true, path: null };
  if (source.files !== undefined) return placeFiles(source.files, places);
  if (source.sample !== undefined) {
    const path = await places.samplePath(source.sample);
    return path === null
      ? issue('sample-not-found', '$.source.sample', 'The sample that the source names is not here.', 'Upload the file again and choose it as the source.', { sample: source.sample })
      : { ok: true, path };
  }
  const wanted = source.path ?? '';
  if (places.filesRoot === null) {
    return issue('source-path-not-allowed', '$.source.path', 'This runtime reads samples only, not files by path.', 'Upload the file as a sample, or start the runtime with TIDEMARK_FILES set to the folder of the file.', { path: wanted });
  }
  const refused = issue('source-path-not-allowed', '$.source.path', `The file ${JSON.stringify(wanted)} is not a file below the folder of TIDEMARK_FILES.`, 'Name a file below that folder, or upload it as a sample.', { path: wanted });
  if (wanted.includes('\0')) return refused;
  try {
    const root = await realpath(places.filesRoot);
    const path = await realpath(resolve(root, wanted));
    return below(root, path) && (await stat(path)).isFile() ? { ok: true, path } : refused;
  } catch {
    return refused;
  }
}

/** Several files: each entry like a source of its own, and `*` within the root alone. */
async function placeFiles(files: readonly SourceFile[], places: Places): Promise<Placed<readonly string[]>> {
  let refusal: Placed<readonly string[]> | null = null;
  const listed = await listFiles(files, async (file): Promise<readonly string[]> => {
    const place = async (wanted: SourceFile): Promise<readonly string[]> => {
      const placed = await placeSource({ source: { kind: 'file', format: 'ndjson', rate: { kind: 'unlimited' }, ...wanted } } as JobDocument, places);
      if (!placed.ok) refusal ??= { ok: false, issue: { ...placed.issue, path: `$.source.files[${files.indexOf(file)}]` } };
      return placed.ok && typeof placed.path === 'string' ? [placed.path] : [];
    };
    if (!('path' in file) || !isPattern(file.path) || places.filesRoot === null) return place(file);
    const root = await realpath(places.filesRoot).catch(() => null);
    const found = root === null || file.path.includes('\0') ? [] : await filesMatching(file.path, [root]);
    return (await Promise.all(found.map((path) => place({ path })))).flat();
  });
  if (refusal !== null) return refusal;
  if (Array.isArray(listed)) return { ok: true, path: listed as readonly string[] };
  const { index, tooMany } = listed as { readonly index: number; readonly tooMany: boolean };
  const file = files[index] as SourceFile;
  const path = 'path' in file ? file.path : file.sample;
  return tooMany
    ? issue('source-files-too-many', `$.source.files[${index}]`, `The source names more than ${SPLITS_MAX} files.`, 'Join some of them.', { max: String(SPLITS_MAX) })
    : issue('source-files-none', `$.source.files[${index}]`, `No file below the folder of TIDEMARK_FILES matches ${JSON.stringify(path)}.`, 'Correct the path.', { path });
}

/** Where the whole output goes when the job has ended. */
export function placeOutput(document: JobDocument, jobId: string, places: Places): Placed<string> {
  const wanted = document.sink.path;
  if (wanted === undefined) return { ok: true, path: join(places.outputRoot, `${jobId}.ndjson`) };
  const path = resolve(places.outputRoot, wanted);
  const plain = wanted.split(/[\\/]/).every((part) => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(part));
  if (!plain || isAbsolute(wanted) || !below(places.outputRoot, path)) {
    return issue('output-path-not-allowed', '$.sink.path', `The output ${JSON.stringify(wanted)} is not a plain path below the output folder.`, 'Name a file like alerts.ndjson or team/alerts.ndjson.', { path: wanted });
  }
  return { ok: true, path };
}
