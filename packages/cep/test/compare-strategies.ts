/** For tests: long random streams through every strategy that applies, row by row and in batches of many rows, whole and split, against explicit runs. */
import { WATERMARK_MAX, eventTime } from '@tidemark/core';
import { Random } from '@tidemark/testkit';
import { type Strategy, applicable } from '../src/automaton/strategy.ts';
import { CepOperator, type CepOperatorOptions } from '../src/operator/cep-operator.ts';
import { Lines, type Stream, feed, longStream, operatorFor } from './operator-under-test.ts';

const ALL = { start: 0, end: 128 };
const LIMITS = { partialMatchesPerJob: 20_000, partialMatchesPerKey: 20_000, matchesPerEvent: 3_000, stateBytesPerJob: Number.MAX_SAFE_INTEGER };
const always = (): boolean => true;
const never = (): boolean => false;
/** Rows of a batch that comes with its watermark. */
const BATCH = 24;

/** The same stream with few watermarks: many rows come together, and a batch may last longer than a window. */
const inBatches = (stream: Stream): Stream => ({ ...stream, watermarks: stream.watermarks.map((_, i) => (i % BATCH === BATCH - 1 && stream.events[i + 1]?.ts !== stream.events[i]?.ts ? eventTime(stream.events[i]?.ts as number) : null)) });

/** Output by key, each key's lines sorted: matches of one event may come in another order. */
const multiset = (lines: Lines): [string, string[]][] => lines.sorted().map(([key, texts]) => [key, [...texts].sort()]);

interface Run {
  readonly lines: Lines;
  /** Counters at the end of the stream: all of them, and those that are state. */
  figures: unknown;
  waiting: unknown;
  /** Whether matches of an event may have come in another order than Flink's. */
  ownOrder: boolean;
}

/** The stream through an operator; with `splits`, through as many more of them, each restored from the image of the one before. */
function through(stream: Stream, options: CepOperatorOptions, splits: readonly number[] = [], together = false): Run {
  const lines = new Lines(stream.job);
  const run: Run = { lines, figures: null, waiting: null, ownOrder: false };
  let operator = operatorFor(stream.job, lines, { limits: LIMITS, ...options });
  let from = 0;
  for (const at of [...splits, stream.events.length]) {
    const fed = lines.guard(() => feed(stream, operator, from, at, together ? never : always, together));
    run.ownOrder ||= operator.matcher.hasOwnOrder;
    if (!fed) return run;
    from = at;
    if (at === stream.events.length) break;
    const image = operator.snapshot();
    operator = operatorFor(stream.job, lines, { limits: LIMITS, ...options });
    operator.restore([image], ALL);
  }
  const [figures] = operator.stageFigures();
  run.figures = figures;
  run.waiting = { waiting: figures?.waiting, partialMatches: figures?.partialMatches };
  lines.guard(() => operator.processWatermark(WATERMARK_MAX));
  run.ownOrder ||= operator.matcher.hasOwnOrder;
  return run;
}

interface Differing {
  readonly seed: number;
  readonly strategy: Strategy | 'auto';
  readonly turnAt: number;
  readonly together: boolean;
  readonly splits: readonly number[];
}

export function compareStrategies(seeds: Iterable<number>, length: number, counts: Map<string, number>, streamFor = longStream): Differing[] {
  const wrong: Differing[] = [];
  for (const seed of seeds) {
    const drawn = streamFor(seed, length);
    if (drawn === null) continue;
    const strategies = applicable(new CepOperator(drawn.job, () => undefined).automaton).filter((strategy) => strategy !== 'explicit');
    if (strategies.length === 0) continue;
    // where nobody listens to time-outs, runs in common end uncounted until they are counted anew
    const timedOut = seed % 3 !== 0;
    for (const together of [false, true]) {
      const stream = together ? inBatches(drawn) : drawn;
      const expected = through(stream, { strategy: 'explicit', timedOut }, [], together);
      // what explodes one by one has nothing to be compared with; a condition without a value is a fault for all
      const faulty = expected.lines.fault !== null;
      if (faulty && !expected.lines.fault?.includes('could not be evaluated')) continue;
      const random = new Random(seed);
      const splits = [random.between(0, length), random.between(0, length)].sort((a, b) => a - b);
      for (const strategy of [...strategies, 'auto'] as const) {
        for (const turnAt of together ? [4] : [0, 4, 64]) {
          for (const at of [[], splits]) {
            const actual = through(stream, { strategy, turnAt, timedOut }, at, together);
            const mode = `${strategy} ${turnAt}${together ? ' in batches' : ''}`;
            counts.set(mode, (counts.get(mode) ?? 0) + 1);
            const differing = { seed, strategy, turnAt, together, splits: at };
            if (faulty) {
              if (actual.lines.fault === null) wrong.push(differing);
              continue;
            }
            const inOrder = actual.ownOrder ? multiset : (lines: Lines): unknown => lines.sorted();
            const differs = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b);
            if (actual.lines.fault !== null || differs(inOrder(actual.lines), inOrder(expected.lines)) || differs(actual.waiting, expected.waiting)
              || (timedOut && differs(actual.figures, expected.figures))) wrong.push(differing);
          }
        }
      }
    }
  }
  return wrong;
}

export const seedsFrom = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);
