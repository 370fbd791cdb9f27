/**
 * `rules` (W8 of the performance reference): 1, 213 and 10,000 sequence patterns at once over one stream.
 *
 * Shape   patterns of the form of detection rules, written by us and drawn from a seed: two or three stages, each an
 *         equality on the kind of event and on the process, every third one with a threshold besides; keyed by host, every
 *         third rule by host and user; a window whose median is 30 s, most often 1 min, then 5 s, 30 s, 1 s.
 *         Events: 40 kinds, 500 processes, 200 hosts of 4 users, all in equal parts, 1,000 a second of event time: a rule's
 *         stage takes one event in 20,000, so that 10,000 rules see the start of one at every second event.
 * Engines `one job` is the document with all rules as the runtime runs it (PatternRun); `side by side` is one operator for
 *         each rule, all over the same batches: the naive base line. `RuleEngine` is where another one is put in.
 * Source  counts and windows: reference/performance.md, W8. No rule's text is carried over.
 */
import { type EventTime, WATERMARK_MAX } from '@tidemark/core';
import { CepOperator, type EmittedMatch, PatternRun } from '@tidemark/cep';
import type { Column, EventBatch, EventSchema } from '@tidemark/event';
import type { JobDocumentInput, ValidatedJob } from '@tidemark/pattern';
import { calibratorCell } from '../calibrators/hand-pair.ts';
import { Tally } from '../harness/engine-run.ts';
import { type GateResult, gate } from '../harness/gate.ts';
import { chain, jobOf, stage, within } from '../harness/job.ts';
import { BASE_TIME, type EventStream, Feeder, chance, dictionaryOf } from '../harness/stream.ts';
import { type CellPlan, type CellRun, type Goal, type Rows, type Size, type Workload, goal } from '../harness/workload.ts';

/** Many patterns over one stream. */
export interface RuleEngine {
  take(batch: EventBatch, watermark: EventTime | null): void;
  end(): void;
}

/** Makes the engine for all patterns of the jobs; rules are numbered through them. */
export type RuleEngineFactory = (jobs: readonly ValidatedJob[], output: (match: EmittedMatch, rule: number) => void) => RuleEngine;

/** One operator for each pattern. */
export const sideBySide: RuleEngineFactory = (jobs, output) => {
  const rules = jobs.flatMap((job) => job.patterns.map((_, pattern) => ({ job, pattern })));
  const operators = rules.map(({ job, pattern }, rule) => new CepOperator(job, (match) => output(match, rule), { pattern, keepAllFields: false }));
  return {
    take: (batch, watermark) => {
      for (const operator of operators) {
        if (watermark === null) operator.processBatch(batch);
        else operator.processBatch(batch, watermark);
      }
    },
    end: () => {
      for (const operator of operators) operator.processWatermark(WATERMARK_MAX);
    },
  };
};

/** As a job runs its patterns: one exchange and operator for each key. */
const asOneJob: RuleEngineFactory = (jobs, output) => {
  let first = 0;
  const runs = jobs.map((job) => {
    const from = first;
    first += job.patterns.length;
    return new PatternRun(job, (match) => output(match, from + match.pattern), { keepAllFields: false });
  });
  return {
    take: (batch, watermark) => {
      for (const run of runs) {
        if (watermark === null) run.push(batch);
        else run.push(batch, watermark);
      }
    },
    end: () => {
      for (const run of runs) run.end();
    },
  };
};

/** Engines that are measured: what a job does, and the naive base line. */
export const RULE_ENGINES: readonly { readonly word: string; readonly make: RuleEngineFactory }[] = [{ word: 'one job', make: asOneJob }, { word: 'side by side', make: sideBySide }];

export const RULES_SCHEMA: EventSchema = {
  fields: [
    { name: 'ts', type: 'int' }, { name: 'host', type: 'string' }, { name: 'user', type: 'string' }, { name: 'kind', type: 'string' },
    { name: 'process', type: 'string' }, { name: 'bytes', type: 'double' }, { name: 'port', type: 'int' },
  ],
  time: { field: 'ts', format: 'epoch-ms' },
};

/** How many values the events' fields have: what decides how often a rule begins. */
export interface Variety {
  readonly kinds: number;
  readonly processes: number;
  readonly hosts: number;
}
const USERS_OF_HOST = 4;
export const USUAL: Variety = { kinds: 40, processes: 500, hosts: 200 };
/** So few that a small instance has matches. */
const DENSE: Variety = { kinds: 3, processes: 2, hosts: 3 };

const WINDOWS_MS = [60_000, 60_000, 60_000, 5_000, 5_000, 30_000, 30_000, 1_000, 300_000] as const;
/** Patterns of one document. */
const RULES_OF_JOB = 10_000;

type PatternInput = Omit<NonNullable<JobDocumentInput['patterns']>[number], 'id' | 'name'>;

function ruleOf(rule: number, variety: Variety): PatternInput {
  const random = chance(rule + 100);
  const nodes = Array.from({ length: 2 + random(2) }, (_, i) => {
    const kind = `kind-${random(variety.kinds)}`;
    const process = `process-${random(variety.processes)}.exe`;
    const threshold = random(3) === 0 ? ` && event.bytes > ${100 + random(4) * 200}.0` : '';
    return stage(`s${i}`, { condition: { type: 'CEL', expression: `event.kind == '${kind}' && event.process == '${process}'${threshold}` } });
  });
  return { ...chain(nodes, 'SKIP_TILL_NEXT'), window: within(WINDOWS_MS[random(WINDOWS_MS.length)] as number), key: random(3) === 0 ? ['host', 'user'] : ['host'] };
}

export function ruleJobs(count: number, variety: Variety = USUAL): ValidatedJob[] {
  const jobs: ValidatedJob[] = [];
  for (let from = 0; from < count; from += RULES_OF_JOB) {
    const rules = Array.from({ length: Math.min(RULES_OF_JOB, count - from) }, (_, i) => ruleOf(from + i, variety));
    jobs.push(jobOf(`rules-${from}`, rules, RULES_SCHEMA));
  }
  return jobs;
}

export function rulesStream(variety: Variety = USUAL, length = 131_071, seed = 8): EventStream {
  const random = chance(seed);
  const draw = (n: number): Int32Array => Int32Array.from({ length }, () => random(n));
  const kinds = draw(variety.kinds);
  const processes = draw(variety.processes);
  const hosts = draw(variety.hosts);
  const users = draw(USERS_OF_HOST);
  const bytes = Float64Array.from({ length }, () => random(1_000));
  const texts = (word: string, count: number, end = '') => dictionaryOf(Array.from({ length: count }, (_, i) => `${word}-${i}${end}`));
  return {
    schema: RULES_SCHEMA,
    dictionaries: [undefined, texts('host', variety.hosts), texts('user', variety.hosts * USERS_OF_HOST), texts('kind', variety.kinds), texts('process', variety.processes, '.exe'), undefined, undefined],
    fill(batch, first, count) {
      const [ts, host, user, kind, process, size, port] = batch.columns as [Column, Column, Column, Column, Column, Column, Column];
      if (ts.kind === 'string' || host.kind !== 'string' || user.kind !== 'string' || kind.kind !== 'string' || process.kind !== 'string' || size.kind === 'string' || port.kind === 'string') throw new Error('columns of the stream');
      for (const { present } of batch.columns) if (present[batch.capacity - 1] !== 1) present.fill(1);
      for (let row = 0; row < count; row += 1) {
        const i = first + row;
        const at = i % length;
        const t = BASE_TIME + i;
        batch.time[row] = t;
        ts.values[row] = t;
        batch.position[row] = i;
        host.codes[row] = hosts[at] as number;
        user.codes[row] = (hosts[at] as number) * USERS_OF_HOST + (users[at] as number);
        kind.codes[row] = kinds[at] as number;
        process.codes[row] = processes[at] as number;
        size.values[row] = bytes[at] as number;
        port.values[row] = i & 1_023;
      }
    },
  };
}

const COUNTS = { full: [1, 213, 10_000], quick: [1, 213, 1_000], tiny: [1, 5] } as const;
/** As much event time as the usual window: 60 s of 1,000 events. Where that takes too long, the cell is DNF and says so. */
const FILL = { full: 65_536, quick: 16_384, tiny: 1_024 } as const;

function rulesCell(count: number, make: RuleEngineFactory): CellRun {
  const stream = rulesStream();
  const tally = new Tally();
  const engine = make(ruleJobs(count), tally.take);
  const feeder = new Feeder(stream);
  const idle = new Feeder(stream);
  return {
    feed: (events, progress) => feeder.feed(events, (batch, watermark) => engine.take(batch, watermark), progress),
    overhead: (events) => {
      idle.next = feeder.next;
      idle.skip(events);
    },
    answer: () => tally.answer(),
    figures: () => ({ matches: tally.matches }),
  };
}

const nameOf = (word: string, count: number): string => `${count === 1 ? '1 rule' : `${count} rules`}, ${word}`;

function cells(size: Size): CellPlan[] {
  return [calibratorCell(size), ...RULE_ENGINES.flatMap(({ word, make }) => COUNTS[size].map((count, i): CellPlan => ({
    // ten thousand rules one by one need minutes for a minute of events: they begin with an empty window
    name: nameOf(word, count), form: 'columns', fill: count >= 10_000 ? 1_024 : FILL[size], events: null,
    against: nameOf(word, 1), group: null, ...(i < 2 ? {} : { after: nameOf(word, COUNTS[size][i - 1] as number) }), make: () => rulesCell(count, make),
  })))];
}

/** `side by side` is there for scale. */
function goals(rows: Rows): Goal[] {
  const { word } = RULE_ENGINES[0] as { readonly word: string };
  return [
    goal(`${word}: cost of an event at 213 rules against 1`, '<=', 2, rows.ratio(nameOf(word, 1), nameOf(word, 213))),
    goal(`${word}: cost of an event at 10,000 rules against 1`, '<=', 10, rows.ratio(nameOf(word, 1), nameOf(word, 10_000))),
  ];
}

/** Each rule by itself against the reference, in every engine. */
function gates(size: Size): GateResult[] {
  const count = size === 'tiny' ? 4 : 12;
  const events = size === 'tiny' ? 400 : 1_000;
  const stream = rulesStream(DENSE, 4_001);
  const jobs = ruleJobs(count, DENSE);
  const rules = jobs.flatMap((job) => job.patterns.map((_, pattern) => ({ job, pattern })));
  return RULE_ENGINES.flatMap(({ word, make }) => rules.map(({ job, pattern }, rule) => gate(
    `rule ${rule}, ${word}`, job, stream, events,
    { pattern, engine: (output) => make(jobs, (match, of) => { if (of === rule) output(match); }) },
  )));
}

export const RULES: Workload = {
  id: 'W8', name: 'rules', title: 'many sequence patterns at once', cells, goals, gate: gates,
  notMeasured: ['logs of a real network (OTRF): the generator has their form'],
};
