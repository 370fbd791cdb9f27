/**
 * W5 `open-loop`: a.oneOrMore() relaxed, followedBy c, one key, no window, NO_SKIP; half of the events are a, c never comes.
 *
 * Shape    every a begins a run, and every run takes every later a: n taken events stand for n² / 2 partial matches. There is
 *          no window, so a round starts with an empty operator and ends when n events are taken.
 * Figures  bytes for each taken event at the end of a round.
 */
import type { ValidatedJob } from '@tidemark/pattern';
import { calibratorCell } from '../calibrators/hand-pair.ts';
import { EngineRun, aliveBytes } from '../harness/engine-run.ts';
import { gate } from '../harness/gate.ts';
import { jobOf, stage } from '../harness/job.ts';
import { type EventStream, Feeder, drawTypes, typedStream } from '../harness/stream.ts';
import { type CellPlan, type CellRun, type Goal, type Rows, type Size, type Workload, flatGoal, goal } from '../harness/workload.ts';
import { bytesEach } from './start-flood.ts';

export const loopStream = (c: number, seed = 5): EventStream => typedStream({ types: drawTypes(seed, [0.5, c, 0.5 - c]), names: ['a', 'c', 'x'] });
export const loopJob = (): ValidatedJob => jobOf('open-loop', [{
  nodes: [stage('a', { quantifier: { consumingStrategy: 'SKIP_TILL_NEXT', properties: ['LOOPING'], times: { from: 1, to: 1 } } }), stage('c')],
  edges: [{ source: 'a', target: 'c', type: 'SKIP_TILL_NEXT' }],
}]);

const TAKEN = { full: [100, 1_000, 10_000, 100_000, 1_000_000], quick: [100, 1_000, 10_000], tiny: [10, 40] } as const;
const nameOf = (taken: number): string => `${taken} events taken`;

/** From nothing to `taken` taken events, again and again. */
function loopCell(taken: number): CellRun {
  const stream = loopStream(0);
  const job = loopJob();
  const feeder = new Feeder(stream);
  const idle = new Feeder(stream);
  const length = taken * 2;
  let run: EngineRun | null = null;
  /** Goes through whole runs and the part of one that is left. */
  const walk = (from: Feeder, events: number, take: (() => EngineRun['take']) | null, progress: (events: number) => void): void => {
    for (let left = events; left > 0;) {
      if (from.next % length === 0) {
        from.next = 0;
        // an operator is made on both sides: what it costs to begin is not what an event costs
        const made = new EngineRun(job);
        if (take !== null) run = made;
      }
      const count = Math.min(left, length - (from.next % length));
      const each = take?.();
      from.feed(count, each ?? (() => undefined), progress);
      left -= count;
    }
  };
  return {
    feed: (events, progress) => walk(feeder, events, () => (run as EngineRun).take, progress),
    overhead: (events) => {
      idle.next = feeder.next;
      walk(idle, events, null, () => undefined);
    },
    answer: () => null,
    figures: () => {
      if (taken < 10_000) return {};
      run = null;
      const before = aliveBytes();
      feeder.next = 0;
      walk(feeder, length, () => (run as EngineRun).take, () => undefined);
      return bytesEach(before, taken);
    },
  };
}

function cells(size: Size): CellPlan[] {
  const sizes = TAKEN[size];
  return [calibratorCell(size), ...sizes.map((taken, i): CellPlan => ({
    name: nameOf(taken), form: 'columns', fill: taken * 2, events: null, against: nameOf(sizes[0]), group: null,
    ...(i === 0 ? {} : { after: nameOf(sizes[i - 1] as number) }), make: () => loopCell(taken),
  }))];
}

function goals(rows: Rows): Goal[] {
  return [
    flatGoal('1,000 to 1,000,000 events taken', 0.15, rows, nameOf(1_000), [10_000, 100_000, 1_000_000].map(nameOf)),
    goal('bytes of a taken event, at 1,000,000', '<=', 120, rows.figure(nameOf(1_000_000), 'bytes each')),
  ];
}

export const OPEN_LOOP: Workload = {
  id: 'W5', name: 'open-loop', title: 'a loop without a window whose end never comes', cells, goals,
  gate: (size) => [gate('open loop, c at 4 %', loopJob(), loopStream(0.04), size === 'tiny' ? 60 : 120)],
  notMeasured: ['c, whose matches are as many as half the square of the taken events'],
};
