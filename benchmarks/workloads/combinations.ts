/**
 * W3 `combinations`: a followedByAny b.oneOrMore().allowCombinations() followedByAny c, one key, NO_SKIP, within a window;
 * of the matches of one c the first 1,000.
 *
 * Shape   30 % a, 30 % b, 0.01 % c, the rest noise; one event a millisecond. A window of n events holds about 2^(0.3 n)
 *         partial matches, so whatever keeps them one by one does not finish.
 * Cells   `updates` never sees a c: what an event costs. `first 1,000` has c at 0.01 %: that and giving out.
 */
import type { ValidatedJob } from '@tidemark/pattern';
import { calibratorCell } from '../calibrators/hand-pair.ts';
import { engineCell } from '../harness/engine-run.ts';
import { gate } from '../harness/gate.ts';
import { jobOf, stage, within } from '../harness/job.ts';
import { type EventStream, drawTypes, typedStream } from '../harness/stream.ts';
import { type CellPlan, type Goal, type Rows, type Size, type Workload, flatGoal, goal } from '../harness/workload.ts';

export const combinationsStream = (c: number, seed = 3): EventStream => typedStream({ types: drawTypes(seed, [0.3, 0.3, c, 0.4 - c]), names: ['a', 'b', 'c', 'x'] });

export const combinationsJob = (windowEvents: number): ValidatedJob => jobOf('combinations', [{
  nodes: [stage('a'), stage('b', { quantifier: { consumingStrategy: 'SKIP_TILL_ANY', properties: ['LOOPING'], times: { from: 1, to: 1 } } }), stage('c')],
  edges: [{ source: 'a', target: 'b', type: 'SKIP_TILL_ANY' }, { source: 'b', target: 'c', type: 'SKIP_TILL_ANY' }],
  window: within(windowEvents),
}]);

const WINDOWS = { full: [10, 100, 1_000, 10_000, 100_000], quick: [10, 100, 1_000], tiny: [4, 8] } as const;
const updates = (events: number): string => `updates, window ${events}`;
const first = (events: number): string => `first 1,000 matches of each c, window ${events}`;
const C_SHARE = 0.0001;

function cells(size: Size): CellPlan[] {
  const plans: CellPlan[] = [calibratorCell(size)];
  const windows = WINDOWS[size];
  for (const [nameOf, c] of [[updates, 0], [first, C_SHARE]] as const) {
    windows.forEach((windowEvents, i) => {
      plans.push({
        name: nameOf(windowEvents), form: 'columns', fill: windowEvents + 4_096, events: null, against: nameOf(windows[0]), group: null,
        ...(i === 0 ? {} : { after: nameOf(windows[i - 1] as number) }),
        make: () => engineCell(combinationsStream(c), combinationsJob(windowEvents), c > 0 ? { first: 1_000 } : {},
          ({ tally }, fed) => (c > 0 ? { 'matches of an event': tally.matches / fed } : {})),
      });
    });
  }
  return plans;
}

function goals(rows: Rows): Goal[] {
  return [
    flatGoal('updates, window 100 to 100,000 events', 0.15, rows, updates(100), [1_000, 10_000, 100_000].map(updates)),
    flatGoal('first 1,000 matches of each c, window 100 to 100,000 events', 0.15, rows, first(100), [1_000, 10_000, 100_000].map(first)),
    goal('updates a second at window 1,000, millions', '>=', 5, rows.get(updates(1_000))?.median ?? null),
  ];
}

export const COMBINATIONS: Workload = {
  id: 'W3', name: 'combinations', title: 'a, any choice of b, c: exponentially many partial matches', cells, goals,
  gate: (size) => {
    const events = size === 'tiny' ? 200 : 600;
    return [gate('combinations, window 12, c at 10 %', combinationsJob(12), combinationsStream(0.1), events)];
  },
  notMeasured: ['lines of the matches (W10 writes lines)'],
};
