/**
 * W10 `loops-skip`: loops, counts and groups under each of the five skip strategies; many matches.
 *
 * Shape   cases as a process engine writes them: 200 cases at a time, each a sequence of a, some b, c, sometimes d, its
 *         events among those of the others; a new case takes the place of one that ended. One event a millisecond.
 *           `linear`   a next b.times(3) consecutive next c: runs do not branch
 *           `loop`     a next b.oneOrMore().consecutive().greedy() next c
 *           `times`    a followedBy b.times(3, 7) followedBy c
 *           `group`    (a followedBy c).times(2) followedBy d
 *         Whether runs of a pattern branch is the compiler's word, in the figures.
 * Lines    the cell `as lines` writes every match as a line of JSON with its id.
 * Source   reference/performance.md, W10. Not its data set (BPIC 2012 is not in the repository): a generator of the same form.
 */
import { CepOperator, MatchFormatter } from '@tidemark/cep';
import type { EventTime } from '@tidemark/core';
import type { EventBatch } from '@tidemark/event';
import type { JobDocumentInput, ValidatedJob } from '@tidemark/pattern';
import { calibratorCell } from '../calibrators/hand-pair.ts';
import { engineCell } from '../harness/engine-run.ts';
import { gate } from '../harness/gate.ts';
import { jobOf, stage, within } from '../harness/job.ts';
import { type EventStream, Feeder, chance, typedStream } from '../harness/stream.ts';
import { type CellPlan, type CellRun, type Goal, type Rows, type Size, type Workload, goal } from '../harness/workload.ts';

const NAMES = ['a', 'b', 'c', 'd'];

/** Types and keys of `length` events of cases that take turns by chance. */
export function caseStream(cases: number, length: number, seed = 10): EventStream {
  const random = chance(seed);
  const types = new Uint8Array(length);
  const keys = new Int32Array(length);
  const left: number[][] = Array.from({ length: cases }, () => []);
  for (let i = 0; i < length; i += 1) {
    const key = random(cases);
    const script = left[key] as number[];
    if (script.length === 0) script.push(...Array.from({ length: 1 + random(3) }, () => [0, ...Array.from({ length: 1 + random(6) }, () => 1), 2]).flat(), ...(random(2) === 0 ? [3] : []));
    types[i] = script.shift() as number;
    keys[i] = key;
  }
  return typedStream({ types, names: NAMES, keys, keyCount: cases });
}

type PatternInput = NonNullable<JobDocumentInput['patterns']>[number];
type Skip = NonNullable<PatternInput['afterMatchStrategy']>;

const QUANTIFIERS = {
  greedyLoop: { consumingStrategy: 'STRICT', properties: ['LOOPING', 'GREEDY'], times: { from: 1, to: 1 } },
  three: { consumingStrategy: 'STRICT', properties: ['TIMES'], times: { from: 3, to: 3 } },
  threeToSeven: { consumingStrategy: 'SKIP_TILL_NEXT', properties: ['TIMES'], times: { from: 3, to: 7 } },
  twice: { consumingStrategy: 'SKIP_TILL_NEXT', properties: ['TIMES'], times: { from: 2, to: 2 } },
} as const;

type Shape = 'linear' | 'loop' | 'times' | 'group';
const SHAPES: readonly Shape[] = ['linear', 'loop', 'times', 'group'];

function shapeOf(shape: Shape): Pick<PatternInput, 'nodes' | 'edges'> {
  switch (shape) {
    case 'linear': return {
      nodes: [stage('a'), stage('b', { quantifier: { ...QUANTIFIERS.three, properties: [...QUANTIFIERS.three.properties] } }), stage('c')],
      edges: [{ source: 'a', target: 'b', type: 'STRICT' }, { source: 'b', target: 'c', type: 'STRICT' }],
    };
    case 'loop': return {
      nodes: [stage('a'), stage('b', { quantifier: { ...QUANTIFIERS.greedyLoop, properties: [...QUANTIFIERS.greedyLoop.properties] } }), stage('c')],
      edges: [{ source: 'a', target: 'b', type: 'STRICT' }, { source: 'b', target: 'c', type: 'STRICT' }],
    };
    case 'times': return {
      nodes: [stage('a'), stage('b', { quantifier: { ...QUANTIFIERS.threeToSeven, properties: [...QUANTIFIERS.threeToSeven.properties] } }), stage('c')],
      edges: [{ source: 'a', target: 'b', type: 'SKIP_TILL_NEXT' }, { source: 'b', target: 'c', type: 'SKIP_TILL_NEXT' }],
    };
    case 'group': return {
      nodes: [{
        type: 'COMPOSITE', id: 'g', name: 'g', quantifier: { ...QUANTIFIERS.twice, properties: [...QUANTIFIERS.twice.properties] },
        nodes: [stage('a'), stage('c')], edges: [{ source: 'a', target: 'c', type: 'SKIP_TILL_NEXT' }],
      }, stage('d')],
      edges: [{ source: 'g', target: 'd', type: 'SKIP_TILL_NEXT' }],
    };
    default: throw new Error(`no shape ${String(shape)}`);
  }
}

/** Skip strategies that name a stage name one that is in the shape, and not the first: skipping to that would be a loop. */
function skipsOf(shape: Shape): readonly { readonly word: string; readonly skip: Skip }[] {
  const target = shape === 'group' ? 'd' : 'b'; // a stage inside a group is no target
  return [
    { word: 'NO_SKIP', skip: { type: 'NO_SKIP' } },
    { word: 'SKIP_TO_NEXT', skip: { type: 'SKIP_TO_NEXT' } },
    { word: 'SKIP_PAST_LAST_EVENT', skip: { type: 'SKIP_PAST_LAST_EVENT' } },
    { word: 'SKIP_TO_FIRST', skip: { type: 'SKIP_TO_FIRST', patternName: target } },
    { word: 'SKIP_TO_LAST', skip: { type: 'SKIP_TO_LAST', patternName: target } },
  ];
}

const WINDOW_MS = 10_000;
export const loopsJob = (shape: Shape, skip: Skip, windowMs = WINDOW_MS): ValidatedJob =>
  jobOf(`loops-${shape}`, [{ ...shapeOf(shape), window: within(windowMs), key: ['key'], afterMatchStrategy: skip }]);

const CASES = 200;
const LENGTH = 131_071;
const nameOf = (shape: Shape, word: string): string => `${shape}, ${word}`;
const LINES = 'linear, NO_SKIP, as lines';

/** Every match written as a line. The bytes are counted, so that nobody can leave the work out. */
function linesCell(stream: EventStream, job: ValidatedJob): CellRun {
  const formatter = new MatchFormatter(job);
  let bytes = 0;
  let lines = 0;
  const operator = new CepOperator(job, (match) => {
    bytes += formatter.format(match).line.length;
    lines += 1;
  });
  const feeder = new Feeder(stream);
  const idle = new Feeder(stream);
  return {
    feed: (events, progress) => feeder.feed(events, (batch: EventBatch, watermark: EventTime | null) => {
      if (watermark === null) operator.processBatch(batch);
      else operator.processBatch(batch, watermark);
    }, progress),
    overhead: (events) => {
      idle.next = feeder.next;
      idle.skip(events);
    },
    answer: () => ({ lines, bytes }),
    figures: () => ({ 'lines of an event': lines / feeder.next, 'bytes of a line': bytes / lines }),
  };
}

function cells(size: Size): CellPlan[] {
  const length = size === 'tiny' ? 4_000 : LENGTH;
  const plans: CellPlan[] = [calibratorCell(size)];
  for (const shape of SHAPES) {
    for (const { word, skip } of skipsOf(shape)) {
      plans.push({
        name: nameOf(shape, word), form: 'columns', fill: length, events: null, against: nameOf(shape, 'NO_SKIP'), group: null,
        make: () => engineCell(caseStream(CASES, length), loopsJob(shape, skip), {}, ({ tally }, fed) => ({ 'matches of an event': tally.matches / fed })),
      });
    }
  }
  plans.push({ name: LINES, form: 'lines', fill: length, events: null, against: nameOf('linear', 'NO_SKIP'), group: null, make: () => linesCell(caseStream(CASES, length), loopsJob('linear', { type: 'NO_SKIP' })) });
  return plans;
}

function goals(rows: Rows): Goal[] {
  return SHAPES.flatMap((shape) => skipsOf(shape).slice(1).map(({ word }) => {
    const branches = rows.get(nameOf(shape, word))?.figures.branching === 'branching' || rows.get(nameOf(shape, 'NO_SKIP'))?.figures.branching === 'branching';
    const ratio = rows.ratio(nameOf(shape, 'NO_SKIP'), nameOf(shape, word));
    const text = `${shape}, ${word} against NO_SKIP, as a share of the cost`;
    return branches ? { goal: `${text} (runs branch: no goal)`, wanted: '-', reached: ratio === null ? null : ratio - 1, met: null } : goal(text, '<=', 0.2, ratio === null ? null : ratio - 1);
  }));
}

export const LOOPS_SKIP: Workload = {
  id: 'W10', name: 'loops-skip', title: 'loops, counts and groups under each skip strategy', cells, goals,
  gate: (size) => {
    const events = size === 'tiny' ? 600 : 1_500;
    return SHAPES.flatMap((shape) => skipsOf(shape).map(({ word, skip }) => gate(nameOf(shape, word), loopsJob(shape, skip, 200), caseStream(6, events), events)));
  },
  notMeasured: ['BPIC 2012, which is not in the repository'],
};
