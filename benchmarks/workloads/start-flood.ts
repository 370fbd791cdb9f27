/**
 * W4 `start-flood`: a followedBy b within n ms, one key, one a every millisecond, b never: n partial matches are live, one
 * begins and one ends with every event.
 *
 * Figures  bytes of each live partial match, all of it and without the retained event (its columns, time and position),
 *          when as many are live as the cell's name says. Arrays double, so just after a doubling it is up to twice that.
 * Source   reference/performance.md, W4; DESIGN.md §6, Flood.
 */
import type { EventSchema } from '@tidemark/event';
import type { ValidatedJob } from '@tidemark/pattern';
import { calibratorCell } from '../calibrators/hand-pair.ts';
import { type Answer, EngineRun, aliveBytes, engineCell, handCell } from '../harness/engine-run.ts';
import { gate } from '../harness/gate.ts';
import { STREAM_SCHEMA, chain, jobOf, stage, within } from '../harness/job.ts';
import { type EventStream, Feeder, drawTypes, typedStream } from '../harness/stream.ts';
import { type CellPlan, type CellRun, type Goal, type Rows, type Size, type Workload, flatGoal, goal } from '../harness/workload.ts';

export const floodStream = (b: number, seed = 4): EventStream => typedStream({ types: drawTypes(seed, [1 - b, b]), names: ['a', 'b'] });
export const floodJob = (live: number, link: 'SKIP_TILL_NEXT' | 'SKIP_TILL_ANY'): ValidatedJob => jobOf('start-flood', [{ ...chain([stage('a'), stage('b')], link), window: within(live) }]);

/** Bytes that an event takes in columns: its values, a flag for each, time and position. */
export const eventBytes = (schema: EventSchema): number =>
  schema.fields.reduce((sum, { type }) => sum + 1 + (type === 'string' ? 4 : type === 'bool' ? 1 : 8), 16);

/** Bytes of each of `count` things that came alive since `before`. */
export function bytesEach(before: ReturnType<typeof aliveBytes>, count: number): Record<string, number> {
  const { heap, buffers } = aliveBytes();
  const each = (heap + buffers - before.heap - before.buffers) / count;
  return { 'bytes each': each, 'bytes each beside the event': each - eventBytes(STREAM_SCHEMA) };
}

/** H: a ring of starts; the oldest ends when its time is over. */
class HandFlood {
  readonly #windowMs: number;
  readonly #times: Float64Array;
  readonly #positions: Float64Array;
  readonly #mask: number;
  #head = 0;
  #tail = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
    const capacity = 2 ** Math.ceil(Math.log2(windowMs + 2));
    this.#mask = capacity - 1;
    this.#times = new Float64Array(capacity);
    this.#positions = new Float64Array(capacity);
  }

  feed({ time, position, length, columns }: Parameters<EngineRun['take']>[0]): void {
    const type = columns[1];
    if (type?.kind !== 'string') throw new Error('columns of the workload');
    const a = type.dictionary.find('a');
    const mask = this.#mask;
    for (let row = 0; row < length; row += 1) {
      if (type.codes[row] !== a) continue;
      const now = time[row] as number;
      while (this.#head < this.#tail && now - (this.#times[this.#head & mask] as number) >= this.#windowMs) this.#head += 1;
      this.#times[this.#tail & mask] = now;
      this.#positions[this.#tail & mask] = position[row] as number;
      this.#tail += 1;
    }
  }

  answer(): Answer {
    return { matches: 0, timedOut: 0, late: 0, checksum: this.#tail - this.#head };
  }
}

const LIVE = { full: [100, 1_000, 10_000, 100_000, 1_000_000], quick: [100, 1_000, 10_000], tiny: [10, 100] } as const;
const LINKS = [{ word: 'followedBy', link: 'SKIP_TILL_NEXT' }, { word: 'followedByAny', link: 'SKIP_TILL_ANY' }] as const;
const nameOf = (word: string, live: number): string => `${word}, ${live} live partial matches`;

/** The engine, with what its state weighs. */
function floodCell(live: number, link: (typeof LINKS)[number]['link']): CellRun {
  const stream = floodStream(0);
  // Machine code and what it has learnt belong to the thread: a small operator brings them about before anything is weighed.
  const small = new EngineRun(floodJob(100, link));
  if (live >= 10_000) new Feeder(stream).feed(200_000, small.take);
  let before = aliveBytes();
  const cell = engineCell(stream, floodJob(live, link), {}, (run) => {
    const counted = run.operator.stageFigures()[0]?.partialMatches ?? 0;
    return { live: counted, ...(live >= 10_000 ? bytesEach(before, live) : {}) };
  });
  before = aliveBytes(); // an empty operator and the batches that feed it are no partial matches
  return cell;
}

function cells(size: Size): CellPlan[] {
  const plans: CellPlan[] = [calibratorCell(size)];
  const sizes = LIVE[size];
  for (const live of sizes) plans.push({ name: `H: by hand, ${live} live`, form: 'columns', fill: live + 4_096, events: null, against: null, group: null, make: () => handCell(floodStream(0), new HandFlood(live)) });
  for (const { word, link } of LINKS) {
    sizes.forEach((live, i) => plans.push({
      name: nameOf(word, live), form: 'columns', fill: live + 4_096, events: null, against: nameOf(word, sizes[0]), group: null,
      ...(i === 0 ? {} : { after: nameOf(word, sizes[i - 1] as number) }), make: () => floodCell(live, link),
    }));
  }
  return plans;
}

function goals(rows: Rows): Goal[] {
  return LINKS.flatMap(({ word }) => [
    flatGoal(`${word}, 100 to 1,000,000 live partial matches`, 0.15, rows, nameOf(word, 100), [1_000, 10_000, 100_000, 1_000_000].map((live) => nameOf(word, live))),
    goal(`${word}, bytes of a live partial match beside its event, at 1,000,000`, '<=', 40, rows.figure(nameOf(word, 1_000_000), 'bytes each beside the event')),
  ]);
}

export const START_FLOOD: Workload = {
  id: 'W4', name: 'start-flood', title: 'n partial matches live on one key, none of which ever completes', cells, goals,
  gate: (size) => {
    const events = size === 'tiny' ? 400 : 2_000;
    return LINKS.map(({ word, link }) => gate(`${word}, 50 live, b at 2 %`, floodJob(50, link), floodStream(0.02), events));
  },
  notMeasured: ['b, which would complete all of them at once: what is given out costs as much as it has matches'],
};
