/**
 * W2 `stages`: a sequence of n stages of which the last one never comes, one key, NO_SKIP; followedBy and followedByAny.
 *
 * Shape   n - 1 types that come and 6 of noise, in equal parts, one event a millisecond, so that a window of w ms is a
 *         window of w events. The growth in window is measured at 3 stages, the growth in stages at 1,000 events.
 * Source  reference/performance.md, W2 (CORE's "sequence, not exists"; one event a ms is how its windows in events become times).
 * Read as the cost of an event: flat over windows where nothing hangs on the number of partial matches. With 24 stages four
 *         of five events belong to a stage, with 3 one of four: a part of the growth in stages is this share, shown beside.
 */
import type { EventBatch } from '@tidemark/event';
import type { ValidatedJob } from '@tidemark/pattern';
import { calibratorCell } from '../calibrators/hand-pair.ts';
import { type Answer, engineCell, handCell, mixMatch, mixPosition } from '../harness/engine-run.ts';
import { gate } from '../harness/gate.ts';
import { chain, jobOf, stage, within } from '../harness/job.ts';
import { type EventStream, drawTypes, typedStream } from '../harness/stream.ts';
import { type CellPlan, type Goal, type Rows, type Size, type Workload, flatGoal, goal } from '../harness/workload.ts';

const NOISE = 6;
const stageName = (i: number): string => `s${i}`;

/** The last stage comes `last` times as often as the others. */
export function stagesStream(stages: number, last: number, seed = 2): EventStream {
  const weights = Array.from({ length: stages + NOISE }, (_, type) => (type === stages - 1 ? last : 1));
  return typedStream({ types: drawTypes(seed, weights), names: weights.map((_, type) => stageName(type)) });
}

export const stagesJob = (stages: number, windowEvents: number, link: 'SKIP_TILL_NEXT' | 'SKIP_TILL_ANY'): ValidatedJob =>
  jobOf('stages', [{ ...chain(Array.from({ length: stages }, (_, i) => stage(stageName(i))), link), window: within(windowEvents) }]);

/**
 * H for followedByAny with three stages: the events of each stage in the window, in a ring; a match is every choice of one
 * from each ring in rising order, looked for when the last stage comes.
 */
export class HandStages {
  readonly #windowMs: number;
  readonly #times: Float64Array[];
  readonly #positions: Float64Array[];
  readonly #heads = [0, 0];
  readonly #tails = [0, 0];
  readonly #mask: number;
  #matches = 0;
  #checksum = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
    const capacity = 2 ** Math.ceil(Math.log2(windowMs + 1));
    this.#mask = capacity - 1;
    this.#times = [new Float64Array(capacity), new Float64Array(capacity)];
    this.#positions = [new Float64Array(capacity), new Float64Array(capacity)];
  }

  feed(batch: EventBatch): void {
    const type = batch.columns[1];
    if (type?.kind !== 'string') throw new Error('columns of the workload');
    const codes = [0, 1, 2].map((i) => type.dictionary.find(stageName(i)));
    const [a, b, c] = codes;
    const types = type.codes;
    const { time, position, length } = batch;
    for (let row = 0; row < length; row += 1) {
      const code = types[row];
      if (code === a) this.#keep(0, time[row] as number, position[row] as number);
      else if (code === b) this.#keep(1, time[row] as number, position[row] as number);
      else if (code === c) this.#complete(time[row] as number, position[row] as number);
    }
  }

  #keep(ring: number, time: number, position: number): void {
    const times = this.#times[ring] as Float64Array;
    const mask = this.#mask;
    let head = this.#heads[ring] as number;
    const tail = this.#tails[ring] as number;
    while (head < tail && time - (times[head & mask] as number) >= this.#windowMs) head += 1;
    this.#heads[ring] = head;
    times[tail & mask] = time;
    (this.#positions[ring] as Float64Array)[tail & mask] = position;
    this.#tails[ring] = tail + 1;
  }

  #complete(time: number, position: number): void {
    const mask = this.#mask;
    const [timesA, timesB] = this.#times as [Float64Array, Float64Array];
    const [positionsA, positionsB] = this.#positions as [Float64Array, Float64Array];
    for (let b = this.#heads[1] as number; b < (this.#tails[1] as number); b += 1) {
      const middle = positionsB[b & mask] as number;
      if (time - (timesB[b & mask] as number) >= this.#windowMs) continue;
      for (let a = this.#heads[0] as number; a < (this.#tails[0] as number) && (positionsA[a & mask] as number) < middle; a += 1) {
        if (time - (timesA[a & mask] as number) >= this.#windowMs) continue;
        this.#matches += 1;
        this.#checksum = mixMatch(this.#checksum, mixPosition(mixPosition(mixPosition(0, positionsA[a & mask] as number), middle), position));
      }
    }
  }

  answer(): Answer {
    return { matches: this.#matches, timedOut: 0, late: 0, checksum: this.#checksum };
  }
}

const WINDOWS = { full: [100, 1_000, 10_000, 100_000, 1_000_000], quick: [100, 1_000, 10_000], tiny: [10, 100] } as const;
const STAGES = { full: [3, 6, 9, 12, 24], quick: [3, 24], tiny: [3, 5] } as const;
const STAGES_WINDOW = { full: 1_000, quick: 1_000, tiny: 50 } as const;
const LINKS = [{ word: 'followedByAny', link: 'SKIP_TILL_ANY' }, { word: 'followedBy', link: 'SKIP_TILL_NEXT' }] as const;

const windowCell = (word: string, events: number): string => `${word}, 3 stages, window ${events}`;
const stagesCell = (word: string, stages: number, events: number): string => `${word}, ${stages} stages, window ${events}`;
const handName = (events: number): string => `H: followedByAny by hand, window ${events}`;

function cells(size: Size): CellPlan[] {
  const plans: CellPlan[] = [calibratorCell(size)];
  const windows = WINDOWS[size];
  for (const windowEvents of windows) {
    plans.push({ name: handName(windowEvents), form: 'columns', fill: windowEvents + 4_096, events: null, against: null, group: null, make: () => handCell(stagesStream(3, 0), new HandStages(windowEvents)) });
  }
  for (const { word, link } of LINKS) {
    const add = (name: string, stages: number, windowEvents: number, against: string, after?: string): void => {
      if (plans.some((plan) => plan.name === name)) return;
      plans.push({
        name, form: 'columns', fill: windowEvents + 4_096, events: null, against, group: null, ...(after === undefined ? {} : { after }),
        make: () => engineCell(stagesStream(stages, 0), stagesJob(stages, windowEvents, link), {}, () => ({ 'share of events that a stage takes': (stages - 1) / (stages - 1 + NOISE) })),
      });
    };
    windows.forEach((events, i) => add(windowCell(word, events), 3, events, windowCell(word, windows[0]), i === 0 ? undefined : windowCell(word, windows[i - 1] as number)));
    const fixed = STAGES_WINDOW[size];
    const counts = STAGES[size];
    counts.forEach((stages, i) => add(stagesCell(word, stages, fixed), stages, fixed, stagesCell(word, counts[0], fixed), i === 0 ? undefined : stagesCell(word, counts[i - 1] as number, fixed)));
  }
  return plans;
}

function goals(rows: Rows): Goal[] {
  return LINKS.flatMap(({ word }) => {
    const largest = rows.ratio(windowCell(word, 100), windowCell(word, 1_000_000));
    const stages = rows.ratio(stagesCell(word, 3, 1_000), stagesCell(word, 24, 1_000));
    return [
      flatGoal(`${word}, window 100 to 100,000 events`, 0.15, rows, windowCell(word, 100), [1_000, 10_000, 100_000].map((events) => windowCell(word, events))),
      goal(`${word}, cost at window 1,000,000 against window 100`, '<=', 1.5, largest),
      goal(`${word}, cost at 24 stages against 3`, '<=', 2, stages),
    ];
  });
}

export const STAGES_WORKLOAD: Workload = {
  id: 'W2', name: 'stages', title: 'a sequence whose last stage never comes, over window and number of stages', cells, goals,
  gate: (size) => {
    const events = size === 'tiny' ? 300 : 800;
    return LINKS.flatMap(({ word, link }) => [3, 5].map((stages) => gate(`${word}, ${stages} stages, the last one now and then`, stagesJob(stages, 40, link), stagesStream(stages, 0.5), events)));
  },
  notMeasured: ['matches: the last stage never comes (the gate lets it come)'],
};
