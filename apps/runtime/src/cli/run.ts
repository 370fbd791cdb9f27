/**
 * `tidemark run JOB.json`: the real thing without the page. Committed lines go to standard output as they are committed,
 * or to --out as one file when the job has ended; what happens goes to standard error.
 */
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Cluster, type JobEvent, documentWiring, nodeEnvironment } from '@tidemark/cluster';
import { jobId } from '@tidemark/core';
import type { JobDocument } from '@tidemark/pattern';
import { EXIT } from './exit.ts';
import { count, loadJob, unreadable } from './job-file.ts';
import { TEMPLATE_FILES } from './wiring.ts';

export interface RunOptions {
  /** In place of the file of the document's source. */
  readonly events: string | null;
  readonly out: string | null;
}

export async function run(path: string, { events, out }: RunOptions): Promise<number> {
  const loaded = await loadJob(path, { forDeployment: true });
  if ('code' in loaded) return loaded.code;
  const { document } = loaded.job;
  const sourcePath = await sourceOf(document, path, events);
  if (sourcePath === undefined) return EXIT.wrong;

  const outputPath = out === null ? null : resolve(out);
  if (outputPath !== null) {
    try {
      await mkdir(dirname(outputPath), { recursive: true });
    } catch (error) {
      console.error(`${outputPath}: ${unreadable(error)}`);
      return EXIT.wrong;
    }
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'tidemark-run-'));
  const cluster = new Cluster(nodeEnvironment({ wire: documentWiring() }), { dataDir });
  const started = performance.now();
  const say = (sentence: string): void => console.error(`${((performance.now() - started) / 1_000).toFixed(1).padStart(6)} s  ${sentence}`);
  try {
    const handle = await cluster.submit({ jobId: jobId('run'), document, sourcePath, outputPath, baseTime: Date.now() });
    let printed: Promise<void> = Promise.resolve();
    let matches = 0;
    let lines = 0;
    const onEvent = (event: JobEvent): void => {
      switch (event.kind) {
        case 'state':
          say(`${event.state}${event.cause === null ? '' : `: ${event.cause.message}`}`);
          return;
        case 'committed':
          lines += event.lines;
          if (outputPath === null) printed = printed.then(() => print(event.path));
          return;
        case 'recovery':
          if (event.recovery.done) say(`recovered from checkpoint ${event.recovery.checkpointId ?? 'none'}: ${event.recovery.cause.message}`);
          return;
        case 'figures':
          matches = event.figures.matches;
          return;
        default:
      }
    };
    for (const segment of handle.snapshot().segments) onEvent({ kind: 'committed', ...segment });
    handle.subscribe(onEvent);
    let stopped = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        stopped = true;
        say(`${signal}: cancelling`);
        void handle.cancel();
      });
    }
    const state = await handle.ended;
    await printed;
    const { cause, figures, checkpoints, restarts } = handle.snapshot();
    say(`${count(figures?.eventsRead ?? 0, 'event')} read, ${count(figures?.matches ?? matches, 'match')}, ${count(lines, 'line')} committed, `
      + `${count(checkpoints.filter((one) => one.phase === 'completed').length, 'checkpoint')}, ${count(restarts, 'restart')}${outputPath === null ? '' : `; output in ${outputPath}`}`);
    if (state === 'FINISHED') return EXIT.done;
    if (cause?.remedy != null) console.error(cause.remedy);
    return state === 'FAILED' && cause?.domain === 'user' && !stopped ? EXIT.wrong : EXIT.fault;
  } finally {
    await cluster.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

const print = (path: string): Promise<void> => new Promise((done, failed) => {
  createReadStream(path).on('end', done).on('error', failed).pipe(process.stdout, { end: false });
});

/** Absolute path of the events; null for a generator; undefined, and a sentence, where there is no such file. */
async function sourceOf({ source }: JobDocument, jobPath: string, events: string | null): Promise<string | null | undefined> {
  if (events === null && (source === null || source.kind === 'generator')) return null;
  const wanted = events ?? (source?.kind === 'file' ? source.path : undefined);
  const candidates = wanted !== undefined ? [resolve(wanted), resolve(dirname(jobPath), wanted)]
    : source?.kind === 'file' && source.sample !== undefined ? await samplePlaces(source.sample) : [];
  for (const path of candidates) if (await stat(path).then((found) => found.isFile(), () => false)) return path;
  console.error(wanted !== undefined ? `There is no file ${wanted}.` : 'The sample that the source names is neither in the data directory nor a template\'s. Name the events: --events FILE');
  return undefined;
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
