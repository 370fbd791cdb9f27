/**
 * A job in one thread, without checkpoints and as fast as it goes: `match`, and the run without faults of the proof.
 *
 * Always  the same lines as the deployed job on the same input: lateness is decided record by record, and watermarks
 *         stand where the source task of the cluster puts them (dataflow's grid, by the rate of the document), because
 *         what a key's timers do depends on them. Nothing is late, dropped or different because it goes faster.
 * Not here: where lines go, processes, recovery.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { MatchFormatter, type OutputLine, PatternRun, commonKeyFields, hasKey } from '@tidemark/cep';
import { FileSplitReader, GeneratorSplitReader, NodeByteSource, type SplitReader } from '@tidemark/connectors';
import { WATERMARK_MAX, WATERMARK_MIN, eventTime, invariant } from '@tidemark/core';
import { RECORDS_PER_WATERMARK_MAX, WatermarkGrid } from '@tidemark/dataflow';
import { BatchDecoder, BatchEncoder, type DeadLetter, EventBatch } from '@tidemark/event';
import type { ValidatedJob } from '@tidemark/pattern';

/** First event time of a generator on the command line, where the document has none: the same in every run, 2026-01-01. */
export const GENERATOR_BASE_TIME = 1_767_225_600_000;

/** For the source of the document. */
export interface SourceInput {
  /** The bytes of a file source. */
  readonly path: string | null;
  /** First event time of a generator without one of its own. */
  readonly baseTime: number;
}

export interface RunFigures {
  /** Rows and dead letters. */
  readonly records: number;
  readonly events: number;
  readonly late: number;
}

/** `write`: each line, with the number of records after which it has come for certain. */
export async function singleRun(job: ValidatedJob, input: SourceInput, write: (line: OutputLine, due: number) => void): Promise<RunFigures> {
  let position = 0;
  const formatters = job.patterns.map((_, pattern) => new MatchFormatter(job, pattern));
  const formatter = formatters[0] as MatchFormatter;
  const run = new PatternRun(job, (match) => write((formatters[match.pattern] as MatchFormatter).format(match), position));
  const lateWanted = job.patterns.flatMap(({ key, output }, pattern) => (output.late ? [{ key, formatter: formatters[pattern] as MatchFormatter }] : []));
  const slack = job.document.outOfOrdernessMs + 1;
  const grid = new WatermarkGrid(job.document.source?.rate ?? { kind: 'unlimited' });

  let letters: DeadLetter[] = [];
  const reader = readerOf(job, input, (letter) => letters.push(letter));
  const chunk = new EventBatch(job.schema, RECORDS_PER_WATERMARK_MAX);
  // the rows of one watermark, cut out of the chunk as a channel would do it
  const [encoder, decoder] = [new BatchEncoder(job.schema), new BatchDecoder(job.schema)];
  const rows = new Int32Array(RECORDS_PER_WATERMARK_MAX);
  let rowCount = 0;
  let newest: number = WATERMARK_MIN;
  let events = 0;
  let late = 0;

  const push = (watermark: number | null): void => {
    if (rowCount > 0) {
      const batch = rowCount === chunk.length ? chunk : decoder.decode(encoder.encode(chunk, rows, rowCount));
      run.push(batch);
      rowCount = 0;
    }
    if (watermark !== null) run.watermark(eventTime(watermark));
  };
  const accept = (letter: DeadLetter): void => {
    position = letter.position + 1;
    write(formatter.deadLetter(letter), position);
  };

  try {
    for (let ended = false, chunks = 0; !ended; chunks++) {
      letters = [];
      ({ ended } = await reader.poll(chunk));
      let letter = 0;
      for (let row = 0; row <= chunk.length; row++) {
        const next = row < chunk.length ? chunk.position[row] as number : Number.POSITIVE_INFINITY;
        while (letter < letters.length && (letters[letter] as DeadLetter).position < next) {
          const from = position;
          accept(letters[letter++] as DeadLetter);
          if (grid.follows(from, position, newest, newest)) push(newest > WATERMARK_MIN ? newest - slack : null);
        }
        if (row === chunk.length) break;
        const [from, before, time] = [position, newest, chunk.time[row] as number];
        position = next + 1;
        events += 1;
        if (time <= newest - slack) {
          late += 1;
          for (const { key, formatter: of } of lateWanted) if (hasKey(chunk, row, key)) write(of.late(chunk, row), position);
        } else {
          if (time > newest) newest = time;
          rows[rowCount++] = row;
        }
        if (grid.follows(from, position, before, newest)) push(newest > WATERMARK_MIN ? newest - slack : null);
      }
      push(null); // the chunk is read over by the next poll
      if (chunks % 16 === 15) await turn();
    }
    push(WATERMARK_MAX);
  } finally {
    await reader.close();
  }
  return { records: position, events, late };
}

function readerOf(job: ValidatedJob, { path, baseTime }: SourceInput, deadLetter: (letter: DeadLetter) => void): SplitReader {
  const { source } = job.document;
  if (source?.kind === 'generator') {
    return new GeneratorSplitReader(job.schema, { generator: source.generator, seed: source.seed, events: source.events, baseTime: source.baseTime ?? baseTime });
  }
  invariant(source !== null && path !== null, 'a job that runs has a source, and a file source a path');
  return new FileSplitReader(new NodeByteSource(path), source.format, job.schema, { keyFields: commonKeyFields(job), deadLetter });
}
