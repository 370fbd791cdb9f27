/** Figures of a job: sums over its tasks; the watermark is the least of its matchers' watermarks. */
import { WATERMARK_MAX, WATERMARK_MIN } from '@tidemark/core';
import type { TaskFigures } from './control-message.ts';
import type { JobFigures, StageCounters } from './job-handle.ts';

export function sumFigures(tasks: readonly TaskFigures[]): JobFigures {
  const sources = tasks.flatMap((task) => (task.source ? [task.source] : []));
  const operators = tasks.filter((task) => task.source === null);
  const watermark = Math.min(...(operators.length > 0 ? operators : tasks).map((task) => task.watermark));
  const newest = Math.max(...sources.map((source) => source.newestEventTime));
  const known = sources.map((source) => source.progress).filter((progress) => progress !== null);
  return {
    eventsRead: sum(sources.map((source) => source.eventsRead)),
    // At the end of the input the watermark says that nothing follows: everything that was read is done.
    watermark: watermark >= WATERMARK_MAX ? (newest > WATERMARK_MIN ? newest : null) : watermark > WATERMARK_MIN ? watermark : null,
    newestEventTime: newest > WATERMARK_MIN ? newest : null,
    late: sum(sources.map((source) => source.late)),
    deadLetters: sum(sources.map((source) => source.deadLetters)),
    matches: sum(tasks.map((task) => task.matches)),
    partialMatches: sum(operators.flatMap((task) => task.stages.map((stage) => stage.partialMatches))),
    keys: sum(operators.map((task) => Math.max(0, ...task.stages.map((stage) => stage.keys)))),
    progress: known.length === sources.length && known.length > 0 ? sum(known) / known.length : null,
    patterns: sumStages(operators),
  };
}

function sumStages(operators: readonly TaskFigures[]): readonly StageCounters[] {
  const byPattern = new Map<string, StageCounters>();
  for (const { stages } of operators) {
    for (const { patternId, waiting, entered, advanced, expired, blocked, heldBack, dropped, matches = 0, atMost = false } of stages) {
      const one: StageCounters = { patternId, waiting, entered, advanced, expired, blocked, heldBack, dropped, matches, atMost };
      const sofar = byPattern.get(patternId);
      byPattern.set(patternId, sofar ? add(sofar, one) : one);
    }
  }
  return [...byPattern.values()];
}

function add(a: StageCounters, b: StageCounters): StageCounters {
  return {
    patternId: a.patternId,
    waiting: addEach(a.waiting, b.waiting), entered: addEach(a.entered, b.entered), advanced: addEach(a.advanced, b.advanced),
    expired: addEach(a.expired, b.expired), blocked: addEach(a.blocked, b.blocked),
    heldBack: a.heldBack + b.heldBack, dropped: a.dropped + b.dropped, matches: (a.matches ?? 0) + (b.matches ?? 0), atMost: a.atMost === true || b.atMost === true,
  };
}

const addEach = (a: readonly number[], b: readonly number[]): readonly number[] => a.map((value, index) => value + (b[index] ?? 0));
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
