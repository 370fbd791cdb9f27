/**
 * `tidemark match JOB.json --events FILE`: one process, no checkpoints. Matches go to standard output (or --out), a
 * summary to standard error. Timed-out partial matches, late events and dead letters are side outputs: counted in the
 * summary, and among the lines with --side-outputs, as in the output of a deployed job.
 */
import { type WriteStream, createWriteStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { detectFormat } from '@tidemark/event';
import type { ValidatedJob } from '@tidemark/pattern';
import { EXIT } from './exit.ts';
import { count, loadJob, unreadable } from './job-file.ts';
import { type Input, type RunFigures, singleRun } from './single-run.ts';

export interface MatchOptions {
  readonly events: string | null;
  readonly out: string | null;
  readonly sideOutputs: boolean;
}

const FLUSH_CHARACTERS = 64 * 1024;

export async function match(path: string, { events, out, sideOutputs }: MatchOptions): Promise<number> {
  const loaded = await loadJob(path);
  if ('code' in loaded) return loaded.code;
  const { job } = loaded;
  const input = await inputOf(job, events);
  if (typeof input === 'string') {
    console.error(input);
    return EXIT.wrong;
  }
  const target = out === null ? process.stdout : createWriteStream(out);
  if (out !== null) {
    try {
      await once(target as WriteStream, 'open');
    } catch (error) {
      console.error(`${out}: ${unreadable(error)}`);
      return EXIT.wrong;
    }
  }
  // a reader that has seen enough (| head) ends the run, quietly
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.fault));

  const started = performance.now();
  let buffer = '';
  const figures = await singleRun(job, input, ({ kind, line }) => {
    if (kind !== 'match' && !sideOutputs) return;
    buffer += `${line}\n`;
    if (buffer.length >= FLUSH_CHARACTERS) {
      target.write(buffer);
      buffer = '';
    }
  });
  if (buffer !== '') target.write(buffer);
  if (out !== null) {
    target.end();
    await finished(target);
  }
  console.error(summary(figures, (performance.now() - started) / 1_000));
  return EXIT.done;
}

/** Where the events come from, or the sentence that says why they cannot. */
export async function inputOf(job: ValidatedJob, events: string | null): Promise<Input | string> {
  const { source } = job.document;
  if (events === null) {
    return source?.kind === 'generator' ? { kind: 'generator', baseTime: source.baseTime ?? 0 } : 'Name the events: --events FILE';
  }
  try {
    if (!(await stat(events)).isFile()) return `${events}: this is not a file of events`;
    const file = await open(events, 'r');
    try {
      const head = new Uint8Array(64 * 1024);
      const { bytesRead } = await file.read(head, 0, head.length, 0);
      return { kind: 'file', path: events, format: detectFormat(head.subarray(0, bytesRead), events) };
    } finally {
      await file.close();
    }
  } catch (error) {
    return `${events}: ${unreadable(error)}`;
  }
}

export function summary(figures: RunFigures, seconds: number): string {
  const { lines, events, late, deadLetters, deadLettersBy } = figures;
  const reasons = [...deadLettersBy].map(([reason, n]) => `${n.toLocaleString('en-US')} ${reason}`).join(', ');
  return [
    `${count(events, 'event')} read in ${seconds.toFixed(2)} s (${Math.round(events / Math.max(seconds, 0.001)).toLocaleString('en-US')} a second)`,
    count(lines.match, 'match'),
    ...(lines['timed-out'] > 0 ? [`${count(lines['timed-out'], 'timed-out partial match')}`] : []),
    ...(late > 0 ? [count(late, 'late event')] : []),
    ...(deadLetters > 0 ? [`${count(deadLetters, 'dead letter')} (${reasons})`] : []),
  ].join('\n');
}
