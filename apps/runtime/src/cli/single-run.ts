/**
 * A job in one thread, without checkpoints and as fast as it goes: `match`, and the run without faults of the proof.
 *
 * Always  the same lines as the deployed job on the same input: lateness is decided record by record, and watermarks
 *         stand where the source task of the cluster puts them (dataflow's grid, by the rate of the document; splits take
 *         turns as there), because what a key's timers do depends on them. Nothing is late, dropped or different because it goes faster.
 * Not here: where lines go, processes, recovery.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { MatchFormatter, type OutputLine, PatternRun, commonKeyFields, hasKey } from '@tidemark/cep';
import { FileSplitReader, GeneratorSplitReader, NodeByteSource, type SplitReader } from '@tidemark/connectors';
import { type SourcePath, sourceShape } from '@tidemark/cluster';
import { WATERMARK_MIN, eventTime, invariant } from '@tidemark/core';
import { RECORDS_PER_WATERMARK_MAX, SplitCursor, WatermarkGrid, earliestSplit, watermarkOfSplits } from '@tidemark/dataflow';
import { BatchDecoder, BatchEncoder, type DeadLetter, type EventBatch } from '@tidemark/event';
import type { ValidatedJob } from '@tidemark/pattern';

/** First event time of a generator on the command line, where the document has none: the same in every run, 2026-01-01. */
export const GENERATOR_BASE_TIME = 1_767_225_600_000;

/** For the source of the document. */
export interface SourceInput {
  /** The bytes of a file source; of several files each is a split. */
  readonly path: SourcePath;
  /** First event time of a generator without one of its own. */
  readonly baseTime: number;
}

export interface RunFigures {
  /** Rows and dead letters. */
  readonly records: number;
  readonly events: number;
  readonly late: number;
}

/** `write`: each line, with the number of records after which it has come for certain. Errors  JobFault. */
export async function singleRun(job: ValidatedJob, input: SourceInput, write: (line: OutputLine, due: number) => void): Promise<RunFigures> {
  let records = 0;
  const formatters = job.patterns.map((_, pattern) => new MatchFormatter(job, pattern));
  const formatter = formatters[0] as MatchFormatter;
  const run = new PatternRun(job, (match) => write((formatters[match.pattern] as MatchFormatter).format(match), records));
  const lateWanted = job.patterns.flatMap(({ key, output }, pattern) => (output.late ? [{ key, formatter: formatters[pattern] as MatchFormatter }] : []));
  const slack = job.document.outOfOrdernessMs + 1;
  const grid = new WatermarkGrid(job.document.source?.rate ?? { kind: 'unlimited' });

  const splits: SplitCursor[] = [];
  for (let split = 0; split < sourceShape(job, input.path).splits; split += 1) {
    splits.push(new SplitCursor(split, readerOf(job, input, split, (letter) => splits[split]?.addDeadLetter(letter)), job.schema, splits[0] ?? null));
  }
  // the rows of one watermark, cut out of the chunk as a channel would do it
  const [encoder, decoder] = [new BatchEncoder(job.schema), new BatchDecoder(job.schema)];
  const rows = new Int32Array(RECORDS_PER_WATERMARK_MAX);
  let rowCount = 0;
  let watermark: number = WATERMARK_MIN;
  let chunks = 0;

  const push = (chunk: EventBatch): void => {
    if (rowCount > 0) run.push(rowCount === chunk.length ? chunk : decoder.decode(encoder.encode(chunk, rows, rowCount)));
    rowCount = 0;
  };
  const advance = (): void => {
    const next = watermarkOfSplits(splits) as number;
    if (next > watermark) run.watermark(eventTime(watermark = next));
  };
  /** Reads on where nothing is at hand. */
  const prepare = async (split: SplitCursor): Promise<void> => {
    while (split.wantsPoll) {
      await split.poll();
      if (chunks++ % 16 === 15) await turn();
    }
    if (!split.isSpent || split.ended) return;
    split.ended = true;
    advance();
  };
  /** One record; whether a watermark follows. */
  const take = (split: SplitCursor): boolean => {
    const { chunk, row, position: from, newest: before } = split;
    const letter = split.takeDeadLetter();
    if (letter !== null) {
      records += split.position - from;
      write(formatter.deadLetter(letter), records);
    } else {
      const time = chunk.time[row] as number;
      split.row += 1;
      split.rowsRead += 1;
      split.position = (chunk.position[row] as number) + 1;
      records += split.position - from;
      if (time <= before - slack) {
        split.late += 1;
        for (const { key, formatter: of } of lateWanted) if (hasKey(chunk, row, key)) write(of.late(chunk, row), records);
      } else {
        if (time > before) split.newest = time;
        rows[rowCount++] = row;
      }
    }
    return grid.follows(from, split.position, before, split.newest);
  };

  try {
    for (;;) {
      for (const split of splits) await prepare(split);
      const split = earliestSplit(splits);
      if (split === null) break;
      for (;;) {
        let due = false;
        while (!due && split.hasRecord) due = take(split);
        push(split.chunk); // the chunk is read over by the next poll
        if (due) {
          if (split.newest > WATERMARK_MIN) split.watermark = split.newest - slack;
          advance();
          break;
        }
        await prepare(split);
        if (split.ended) break;
      }
    }
  } finally {
    await Promise.all(splits.map(({ reader }) => reader.close()));
  }
  const sum = (of: (split: SplitCursor) => number): number => splits.reduce((total, split) => total + of(split), 0);
  return { records, events: sum(({ rowsRead }) => rowsRead), late: sum(({ late }) => late) };
}

function readerOf(job: ValidatedJob, { path, baseTime }: SourceInput, split: number, deadLetter: (letter: DeadLetter) => void): SplitReader {
  const { source } = job.document;
  if (source?.kind === 'generator') {
    const { generator, seed, events, splits = 1 } = source;
    return new GeneratorSplitReader(job.schema, { generator, seed, events, baseTime: source.baseTime ?? baseTime, split, splits });
  }
  invariant(source !== null && path !== null, 'a job that runs has a source, and a file source a path');
  const file = typeof path === 'string' ? path : path[split] as string;
  return new FileSplitReader(new NodeByteSource(file), source.format, job.schema, { split, keyFields: commonKeyFields(job), deadLetter });
}
