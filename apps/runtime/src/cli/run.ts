/**
 * `tidemark run JOB.json`: the real thing without the page. Committed lines go to standard output as they are committed,
 * or to --out as one file when the job has ended; what happens goes to standard error.
 *
 * Always  leaves nothing behind but the output, whether the job ends, fails, is stopped or loses its reader.
 */
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Cluster, type JobEvent, documentWiring, nodeEnvironment } from '@tidemark/cluster';
import { errorCode, jobId } from '@tidemark/core';
import { EXIT } from './exit.ts';
import { inputOf, pathsOf } from './input.ts';
import { count, loadJob } from './job-file.ts';
import { npmGone } from './npm-gone.ts';
import { OutFile, outKind, writeFault } from './output.ts';
import { GENERATOR_BASE_TIME } from './single-run.ts';
import { Tally } from './tally.ts';

export interface RunOptions {
  /** In place of the file of the document's source. */
  readonly events: string | null;
  readonly out: string | null;
}

export async function run(path: string, { events, out }: RunOptions): Promise<number> {
  const parent = process.ppid;
  const loaded = await loadJob(path, { forDeployment: events === null });
  if ('code' in loaded) return loaded.code;
  const input = await inputOf(loaded.job, path, events);
  if (typeof input === 'string') {
    console.error(input);
    return EXIT.wrong;
  }
  if (input.note !== null) console.error(input.note);
  const place = out === null ? null : await outKind(out, [path, ...pathsOf(input.path)]);
  if (typeof place === 'string') {
    console.error(place);
    return EXIT.usage;
  }
  const outputPath = out !== null && place?.kind === 'file' ? resolve(out) : null;
  const device = out !== null && place?.kind === 'device' ? new OutFile(out) : null;

  const dataDir = await mkdtemp(join(tmpdir(), 'tidemark-run-'));
  const cluster = new Cluster(nodeEnvironment({ wire: documentWiring() }), { dataDir });
  const started = performance.now();
  const say = (sentence: string): void => console.error(`${((performance.now() - started) / 1_000).toFixed(1).padStart(6)} s  ${sentence}`);
  try {
    const handle = await cluster.submit({ jobId: jobId('run'), document: input.job.document, sourcePath: input.path, outputPath, baseTime: GENERATOR_BASE_TIME });
    const tally = new Tally();
    /** Why lines cannot be delivered any more. */
    let broken: unknown = null;
    const breakOff = (error: unknown): void => {
      broken ??= error;
      void handle.cancel();
    };
    process.stdout.on('error', (error) => breakOff(errorCode(error) === 'EPIPE' ? error : writeFault(null, error)));
    const write = (text: string): void => {
      if (broken !== null || outputPath !== null) return;
      if (device) device.write(text);
      else process.stdout.write(text);
    };
    /** Committed segments, one after the other. */
    let passed: Promise<void> = Promise.resolve();
    const onEvent = (event: JobEvent): void => {
      switch (event.kind) {
        case 'state':
          say(`${event.state}${event.cause === null ? '' : `: ${event.cause.message}`}`);
          return;
        case 'committed':
          passed = passed.then(() => pass(event.path, tally, write)).catch(breakOff);
          return;
        case 'recovery':
          if (event.recovery.done) say(`recovered from checkpoint ${event.recovery.checkpointId ?? 'none'}: ${event.recovery.cause.message}`);
          return;
        default:
      }
    };
    for (const segment of handle.snapshot().segments) onEvent({ kind: 'committed', ...segment });
    handle.subscribe(onEvent);
    const state = await Promise.race([handle.ended, stopped(say, parent, () => void handle.cancel())]);
    await passed;
    const { cause, figures, checkpoints, restarts } = handle.snapshot();
    for (const letter of tally.letters()) console.error(letter);
    say([`${count(figures?.eventsRead ?? 0, 'event')} read`, ...tally.counts(figures?.late ?? 0)].join(', '));
    say(`${count(tally.total, 'line')} committed, ${count(checkpoints.filter((one) => one.phase === 'completed').length, 'checkpoint')}, ${count(restarts, 'restart')}`
      + (outputPath === null ? '' : state === 'FAILED' || state === null ? `; ${outputPath} was not written` : `; output in ${outputPath}`));
    if (broken !== null) {
      if (errorCode(broken) === 'EPIPE') return EXIT.done; // a reader that has seen enough
      throw broken;
    }
    if (state === 'FINISHED') return EXIT.done;
    if (cause?.remedy != null) console.error(cause.remedy);
    return state === 'FAILED' && cause?.domain === 'user' ? EXIT.wrong : EXIT.fault;
  } finally {
    await cluster.close();
    await rm(dataDir, { recursive: true, force: true });
    device?.close();
  }
}

/** Counts the lines of a committed segment and hands them on. */
async function pass(path: string, tally: Tally, write: (text: string) => void): Promise<void> {
  let rest = '';
  for await (const chunk of createReadStream(path, 'utf8')) {
    const lines = (rest + (chunk as string)).split('\n');
    rest = lines.pop() as string;
    for (const line of lines) tally.add(line);
    write(chunk as string);
  }
}

/** The first signal cancels the job in order; a second one does not wait for that: null. */
function stopped(say: (sentence: string) => void, parent: number, cancel: () => void): Promise<null> {
  return new Promise((resolve) => {
    let signals = 0;
    const take = (signal: string): void => {
      signals += 1;
      say(signals === 1 ? `${signal}: cancelling; once more to break off` : `${signal}: breaking off`);
      if (signals === 1) cancel();
      else resolve(null);
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => take(signal));
    void npmGone(parent).then((signal) => { if (signals === 0) take(signal); });
  });
}
