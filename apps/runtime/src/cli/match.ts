/**
 * `tidemark match JOB.json --events FILE`: one process, no checkpoints. Matches go to standard output (or --out), a
 * summary to standard error. Timed-out partial matches, late events and dead letters are side outputs: counted in the
 * summary, and among the lines with --side-outputs, as in the output of a deployed job.
 */
import { errorCode } from '@tidemark/core';
import { EXIT } from './exit.ts';
import { inputOf, pathsOf } from './input.ts';
import { count, loadJob } from './job-file.ts';
import { OutFile, outKind, writeFault } from './output.ts';
import { GENERATOR_BASE_TIME, type RunFigures, singleRun } from './single-run.ts';
import { Tally } from './tally.ts';

export interface MatchOptions {
  readonly events: string | null;
  readonly out: string | null;
  readonly sideOutputs: boolean;
}

const FLUSH_CHARACTERS = 64 * 1024;

export async function match(path: string, { events, out, sideOutputs }: MatchOptions): Promise<number> {
  const loaded = await loadJob(path);
  if ('code' in loaded) return loaded.code;
  if (loaded.job.document.timeDomain === 'PROCESSING_TIME') {
    console.error(`${path}: the job goes by processing time, so what matches depends on when events come; a file read at once has no such times.`);
    console.error('Use tidemark run, or set "timeDomain" to "EVENT_TIME" to match by the times in the events.');
    return EXIT.wrong;
  }
  const input = await inputOf(loaded.job, path, events);
  if (typeof input === 'string') {
    console.error(input);
    return EXIT.wrong;
  }
  if (input.note !== null) console.error(input.note);
  if (out !== null) {
    const place = await outKind(out, [path, ...pathsOf(input.path)]);
    if (typeof place === 'string') {
      console.error(place);
      return EXIT.usage;
    }
  }
  const file = out === null ? null : new OutFile(out);
  process.stdout.on('error', (error) => {
    // a reader that has seen enough (| head) ends the run, quietly
    if (errorCode(error) === 'EPIPE') process.exit(EXIT.done);
    console.error(writeFault(null, error).message);
    process.exit(EXIT.fault);
  });

  const started = performance.now();
  const tally = new Tally();
  let buffer = '';
  const flush = (): void => {
    if (file === null) process.stdout.write(buffer);
    else file.write(buffer);
    buffer = '';
  };
  let figures: RunFigures;
  try {
    figures = await singleRun(input.job, { path: input.path, baseTime: GENERATOR_BASE_TIME }, ({ kind, line }) => {
      tally.add(line);
      if (kind !== 'match' && !sideOutputs) return;
      buffer += `${line}\n`;
      if (buffer.length >= FLUSH_CHARACTERS) flush();
    });
  } finally {
    // what came before a fault is true as well
    if (buffer !== '') flush();
    file?.close();
    for (const letter of tally.letters()) console.error(letter);
  }
  const seconds = (performance.now() - started) / 1_000;
  console.error(`${count(figures.events, 'event')} read in ${seconds.toFixed(2)} s (${Math.round(figures.events / Math.max(seconds, 0.001)).toLocaleString('en-US')} a second)`);
  for (const line of tally.counts(figures.late)) console.error(line);
  return EXIT.done;
}
