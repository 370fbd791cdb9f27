/** The engine under measurement: an operator over a stream, with its answer as counts and a checksum that does not depend on order. */
import { type EventTime, WATERMARK_MAX } from '@tidemark/core';
import { CepOperator, type CepOperatorOptions, type EmittedMatch } from '@tidemark/cep';
import type { EventBatch } from '@tidemark/event';
import type { ValidatedJob } from '@tidemark/pattern';
import { firstMatches } from './first-matches.ts';
import { type EventStream, Feeder } from './stream.ts';
import type { CellRun } from './workload.ts';

export interface Answer {
  readonly matches: number;
  readonly timedOut: number;
  readonly late: number;
  readonly checksum: number;
}

/** Takes one more position into the number of a match. */
export const mixPosition = (match: number, position: number): number => (Math.imul(match, 31) + position) | 0;
/** Adds one match to a checksum that does not depend on the order of matches. */
export const mixMatch = (checksum: number, match: number): number => (checksum + Math.imul(match, 0x9e3779b1)) | 0;

export class Tally {
  matches = 0;
  timedOut = 0;
  late = 0;
  checksum = 0;

  readonly take = (match: EmittedMatch): void => {
    if (match.kind === 'match') this.matches += 1;
    else if (match.kind === 'timed-out') this.timedOut += 1;
    else this.late += 1;
    const { events, length } = match;
    let number = 0;
    for (let i = 0; i < length; i += 1) number = mixPosition(number, events.positionOf(match.rowAt(i)));
    this.checksum = mixMatch(this.checksum, number);
  };

  answer(): Answer {
    const { matches, timedOut, late, checksum } = this;
    return { matches, timedOut, late, checksum };
  }
}

export interface EngineOptions extends CepOperatorOptions {
  readonly first?: number;
}

export class EngineRun {
  readonly tally = new Tally();
  readonly operator: CepOperator;

  /** `first`: of sets of matches only so many each. */
  constructor(job: ValidatedJob, { first, ...options }: EngineOptions = {}) {
    this.operator = new CepOperator(job, this.tally.take, first === undefined ? options : { ...options, ...firstMatches(first, this.tally.take) });
  }

  readonly take = (batch: EventBatch, watermark: EventTime | null): void => {
    if (watermark === null) this.operator.processBatch(batch);
    else this.operator.processBatch(batch, watermark);
  };

  /** What waits for the watermark of the newest time goes through. */
  release(batch: EventBatch): void {
    if (batch.length > 0) this.operator.processWatermark(batch.time[batch.length - 1] as EventTime);
  }

  end(): void {
    this.operator.processWatermark(WATERMARK_MAX);
  }
}

/** A cell that goes on where it stood, so that its windows stay full from round to round. */
export function engineCell(stream: EventStream, job: ValidatedJob, options: EngineOptions = {}, figures?: (run: EngineRun, events: number) => Record<string, number | string>): CellRun {
  const run = new EngineRun(job, options);
  const feeder = new Feeder(stream);
  const idle = new Feeder(stream);
  return {
    feed: (events, progress) => feeder.feed(events, run.take, progress),
    overhead: (events) => {
      idle.next = feeder.next;
      idle.skip(events);
    },
    answer: () => {
      if (stream.watermark === undefined) run.release(feeder.batch);
      return run.tally.answer();
    },
    figures: () => ({ branching: run.operator.automaton.branching, ...figures?.(run, feeder.next) }),
  };
}

/** The same for a loop by hand. */
export function handCell(stream: EventStream, hand: { feed(batch: EventBatch): void; answer(): unknown }): CellRun {
  const feeder = new Feeder(stream);
  const idle = new Feeder(stream);
  return {
    feed: (events, progress) => feeder.feed(events, (batch) => hand.feed(batch), progress),
    overhead: (events) => {
      idle.next = feeder.next;
      idle.skip(events);
    },
    answer: () => hand.answer(),
  };
}

/** Bytes of array buffers and heap that are alive in this thread. */
export function aliveBytes(): { readonly heap: number; readonly buffers: number } {
  // Array buffers are given back after a collection, at the latest when the next one begins.
  for (let i = 0; i < 3; i += 1) globalThis.gc?.();
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return { heap: heapUsed, buffers: arrayBuffers };
}
