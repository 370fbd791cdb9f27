/**
 * Where the events of `match` and `run` come from: the file that the command names, or the source of the document.
 *
 * Always  both commands read the same bytes in the same way, and an output line has the same id in both: what changes a
 *         version (DESIGN, "Draft, version, job") changes here once, in the document.
 * Not here: reading (connectors).
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readFile, readdir, stat } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { invariant } from '@tidemark/core';
import { type RecordFormat, detectFormat } from '@tidemark/event';
import type { SourcePath } from '@tidemark/cluster';
import { type JobDocument, SPLITS_MAX, type SourceFile, type ValidatedJob, validateDocument } from '@tidemark/pattern';
import { filesMatching, isPattern, listFiles } from '../deploy/source-files.ts';
import { unreadable } from './job-file.ts';
import { TEMPLATE_FILES } from './wiring.ts';

export interface Input {
  /** With the source that is read. */
  readonly job: ValidatedJob;
  /** Absolute, several where the document names several; null for a generator. */
  readonly path: SourcePath;
  /** What a person should know about it. */
  readonly note: string | null;
}

export const pathsOf = (path: SourcePath): readonly string[] => (path === null ? [] : typeof path === 'string' ? [path] : path);

const HEAD_BYTES = 64 * 1024;
const FORMATS: Readonly<Record<string, RecordFormat>> = { '.csv': 'csv', '.ndjson': 'ndjson', '.jsonl': 'ndjson', '.json': 'json' };

/** A sentence where there is nothing to read. `jobPath`: paths in a document may be relative to it. */
export async function inputOf(job: ValidatedJob, jobPath: string, events: string | null): Promise<Input | string> {
  const { source } = job.document;
  if (events !== null) return namedInput(job, events);
  if (source === null) return 'The document has no source. Name the events: --events FILE';
  if (source.kind === 'generator') return { job, path: null, note: null };
  if (source.files !== undefined) return listedInput(job, jobPath, source.files);
  const { path: wanted, sample } = source;
  const candidates = wanted !== undefined ? [resolve(wanted), resolve(dirname(jobPath), wanted)] : await samplePlaces(sample ?? '');
  let refusal: string | null = null;
  for (const path of candidates) {
    const head = await headOf(path);
    if (typeof head !== 'string') return { job, path, note: null };
    refusal ??= head;
  }
  return wanted === undefined ? 'The sample that the source names is neither in the data directory nor a template\'s. Name the events: --events FILE'
    : `${wanted}: ${refusal}. The document names it as its source; name other events with --events FILE`;
}

/** Paths may be relative to where one stands, or to the document. */
async function listedInput(job: ValidatedJob, jobPath: string, files: readonly SourceFile[]): Promise<Input | string> {
  let refusal: string | null = null;
  const folders = [resolve('.'), dirname(resolve(jobPath))];
  const listed = await listFiles(files, async (file) => {
    if ('path' in file && isPattern(file.path)) return filesMatching(file.path, folders);
    for (const path of 'path' in file ? folders.map((folder) => resolve(folder, file.path)) : await samplePlaces(file.sample)) {
      const head = await headOf(path);
      if (typeof head !== 'string') return [path];
      refusal ??= head;
    }
    return [];
  });
  if (Array.isArray(listed)) return { job, path: listed as readonly string[], note: null };
  const { index, tooMany } = listed as { readonly index: number; readonly tooMany: boolean };
  const file = files[index] as SourceFile;
  const name = 'path' in file ? file.path : `the sample ${file.sample}`;
  return tooMany ? `The source names more than ${SPLITS_MAX} files.` : `${name}: ${refusal ?? 'no file matches'}. The document names it among its files; name other events with --events FILE`;
}

async function namedInput(job: ValidatedJob, events: string): Promise<Input | string> {
  const head = await headOf(events);
  if (typeof head === 'string') return `${events}: ${head}`;
  const path = resolve(events);
  const { source } = job.document;
  const seen = detectFormat(head, events);
  if (source?.kind === 'file') {
    // A broken first line must not change how the rest is read: another format needs two witnesses, name and content.
    if (seen === source.format || FORMATS[extname(events).toLowerCase()] !== seen) return { job, path, note: null };
    return { job: withSource(job, { ...source, format: seen }), path, note: `${events} is read as ${seen}; the source of the document is ${source.format}.` };
  }
  const rate = source?.rate ?? { kind: 'unlimited' as const };
  const replaced = withSource(job, { kind: 'file', sample: await sha256Of(path), format: seen, rate });
  return { job: replaced, path, note: `${events} is read as ${seen}${source === null ? '' : ', in place of the generator of the document'}.` };
}

function withSource(job: ValidatedJob, source: JobDocument['source']): ValidatedJob {
  const changed = validateDocument({ ...job.document, source }).job;
  invariant(changed !== null, 'a valid document stays valid with another file');
  return changed;
}

/** The first bytes, or why there are none. */
async function headOf(path: string): Promise<Uint8Array | string> {
  let file: FileHandle | null = null;
  try {
    const found = await stat(path);
    if (!found.isFile()) return found.isDirectory() ? 'this is a directory, not a file' : 'this is no regular file, so that it cannot be read from a position';
    file = await open(path, 'r');
    const head = new Uint8Array(HEAD_BYTES);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    return head.subarray(0, bytesRead);
  } catch (error) {
    return unreadable(error);
  } finally {
    await file?.close();
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** A sample of the data directory, or a template's. */
async function samplePlaces(hash: string): Promise<string[]> {
  const places = [resolve(process.env.TIDEMARK_DATA ?? './.tidemark', 'samples', hash)];
  const folder = fileURLToPath(TEMPLATE_FILES);
  for (const name of await readdir(folder).catch(() => [])) {
    if (/\.(csv|ndjson|json)$/.test(name) && createHash('sha256').update(await readFile(join(folder, name))).digest('hex') === hash) places.push(join(folder, name));
  }
  return places;
}
