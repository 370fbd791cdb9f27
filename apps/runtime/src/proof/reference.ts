/**
 * The run without faults: the same document on the same input, in one thread without checkpoints, as fast as it goes,
 * in a process of its own; done once for each version and input, and kept.
 *
 * File    proofs/<key>.ids: a line `id<TAB>due` for each output line, in order of coming; a last line `end<TAB>records`.
 *         `due` is the number of input records after which the line must have come: a run that has read so much, and
 *         committed, has it. It may be too high by a batch, never too low.
 * Always  a file without its last line is no result and is made anew.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { SourcePath } from '@tidemark/cluster';
import type { JobDocument } from '@tidemark/pattern';

export interface ReferenceTask {
  readonly document: JobDocument;
  readonly sourcePath: SourcePath;
  readonly baseTime: number;
  /** Written whole by an atomic rename. */
  readonly out: string;
}

/** Runs the task in a process of its own; the signal kills it. Errors  any, with a sentence. */
export type RunReference = (task: ReferenceTask, signal: AbortSignal) => Promise<void>;

export interface Expected {
  /** By id: after how many input records it is due. */
  readonly due: ReadonlyMap<string, number>;
  readonly records: number;
}

export class TooMany extends Error {
  override readonly name = 'TooMany';
}

/** Ids that are held in memory. */
export const EXPECTED_MAX = 2_000_000;

export interface ReferenceInput {
  readonly document: JobDocument;
  readonly versionHash: string;
  readonly sourcePath: SourcePath;
  readonly baseTime: number;
  /** Whether checkpoints cover the input in the order of the run without faults: one source subtask, nothing that goes by the clock. */
  readonly inOrder?: boolean;
}

export class References {
  readonly #folder: string;
  readonly #run: RunReference;
  readonly #engine: string;
  readonly #running = new Map<string, { readonly done: Promise<void>; readonly abort: AbortController; users: number }>();
  /** One at a time: they must not crowd out the jobs. */
  #turn: Promise<unknown> = Promise.resolve();

  /** `engine` names the code that runs: results of another one are not used. */
  constructor(folder: string, run: RunReference, engine: string) {
    this.#folder = folder;
    this.#run = run;
    this.#engine = engine;
  }

  /** What a run without faults gives. `release` when it is no longer needed. */
  async want(input: ReferenceInput): Promise<{ readonly expected: Promise<Expected>; readonly release: () => void }> {
    const key = await this.#key(input);
    const out = join(this.#folder, `${key}.ids`);
    const kept = await readExpected(out);
    if (kept !== null) return { expected: Promise.resolve(kept), release: () => {} };
    let running = this.#running.get(key);
    if (running === undefined) {
      const abort = new AbortController();
      const done = this.#turn.then(async () => {
        abort.signal.throwIfAborted();
        await this.#run({ document: input.document, sourcePath: input.sourcePath, baseTime: input.baseTime, out }, abort.signal);
      }).finally(() => this.#running.delete(key));
      this.#turn = done.catch(() => undefined);
      running = { done, abort, users: 0 };
      this.#running.set(key, running);
    }
    const mine = running;
    mine.users += 1;
    let released = false;
    return {
      expected: mine.done.then(async () => {
        const made = await readExpected(out);
        if (made === null) throw new Error('the run without faults left no result');
        return made;
      }),
      release: () => {
        if (released) return;
        released = true;
        mine.users -= 1;
        if (mine.users === 0) mine.abort.abort();
      },
    };
  }

  async close(): Promise<void> {
    for (const { abort } of this.#running.values()) abort.abort();
    await this.#turn;
  }

  async #key({ document: { id, source }, versionHash, sourcePath, baseTime }: ReferenceInput): Promise<string> {
    // the rate is no part of a version, but watermarks stand where it puts them
    const byPath = source?.kind === 'file' && source.sample === undefined && sourcePath !== null;
    const files = byPath ? await Promise.all((typeof sourcePath === 'string' ? [sourcePath] : sourcePath).map((path) => stat(path))) : null;
    const input = source?.kind === 'generator' && source.baseTime === undefined ? { baseTime } : files === null ? {} : { sourcePath, size: files.map(({ size }) => size), changed: files.map(({ mtimeMs }) => mtimeMs) };
    return createHash('sha256').update(JSON.stringify({ engine: this.#engine, document: id, versionHash, rate: source?.rate ?? null, input })).digest('hex').slice(0, 40);
  }
}

/** Null where there is no whole result. Errors  TooMany. */
export async function readExpected(path: string): Promise<Expected | null> {
  const due = new Map<string, number>();
  let records: number | null = null;
  const input = createReadStream(path);
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      const [id, number] = line.split('\t') as [string, string | undefined];
      if (id === 'end') records = Number(number);
      else due.set(id, Number(number));
      if (due.size > EXPECTED_MAX) throw new TooMany(`more than ${EXPECTED_MAX.toLocaleString('en-US')} output lines`);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  } finally {
    input.destroy();
  }
  if (records === null) {
    await rm(path, { force: true });
    return null;
  }
  return { due, records };
}
