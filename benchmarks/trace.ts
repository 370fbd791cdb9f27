/**
 * `node benchmarks/trace.ts`: what "why no match?" costs on a sample of 100,000 events.
 *
 * Measures   the pass that gives the summary, and the slowest of many questions: reasons for one event, events of a
 *            stage, a page of a key's history.
 * Baseline   the operator over the same rows, which is the least that any answer costs.
 * Not here   decoding the sample, the worker's messages, drawing.
 * Read as    milliseconds on one thread; they are held against 2 s for the summary and 100 ms for a question, in the
 *            browser, so they have to stay far below both here.
 */
import { WATERMARK_MAX, eventTime } from '@tidemark/core';
import { PatternRun, Trace } from '@tidemark/cep';
import { EventBatch, appendObject } from '@tidemark/event';
import { type CasePattern, type ValidatedJob, fromCase, validateDocument } from '@tidemark/pattern';

interface TraceWorkload {
  readonly name: string;
  readonly pattern: CasePattern;
  readonly key: string | null;
  /** Name and value of event i. */
  readonly event: (i: number, random: () => number) => { readonly name: string; readonly id: number; readonly price: number };
}

const is = (name: string): string => `event.name == '${name}'`;
const letters = (i: number, random: () => number, names: string, keys: number) => ({ name: names[Math.floor(random() * names.length)] as string, id: i % keys, price: Math.floor(random() * 1000) });

export const WORKLOADS: readonly TraceWorkload[] = [
  {
    name: 'a then b then c, 1,000 keys', key: 'id', event: (i, random) => letters(i, random, 'abcx', 1_000),
    pattern: { steps: [{ name: 'a', link: 'begin', where: is('a') }, { name: 'b', link: 'followedBy', where: is('b') }, { name: 'c', link: 'followedBy', where: is('c') }], within: { ms: 60_000 } },
  },
  {
    name: 'brute force, 1,000 keys', key: 'id', event: (i, random) => letters(i, random, 'ffffffffs', 1_000),
    pattern: { steps: [{ name: 'fail', link: 'begin', where: is('f'), times: { from: 10, to: null }, greedy: true }, { name: 'ok', link: 'followedBy', where: is('s') }], within: { ms: 60_000 }, skip: { strategy: 'SKIP_PAST_LAST_EVENT' } },
  },
  {
    name: 'a then b, b never comes, no key', key: null, event: (i, random) => letters(i, random, 'aax', 1),
    pattern: { steps: [{ name: 'a', link: 'begin', where: is('a') }, { name: 'b', link: 'followedBy', where: is('b') }], within: { ms: 200_000 } },
  },
  {
    name: 'rising, reads the events before, 100 keys', key: 'id', event: (i, random) => letters(i, random, 'r', 100),
    pattern: { steps: [{ name: 'low', link: 'begin', where: 'event.price < 300.0' }, { name: 'rise', link: 'followedBy', where: 'event.price > (size(rise) == 0 ? low[0].price : rise[size(rise) - 1].price)', times: { from: 3, to: null } }, { name: 'peak', link: 'followedBy', where: 'event.price >= 5.0 * low[0].price && event.price > 2000.0' }], within: { ms: 600 } },
  },
  {
    name: 'any combination of b, explodes', key: 'id', event: (i, random) => letters(i, random, 'abbc', 50),
    pattern: { steps: [{ name: 'a', link: 'begin', where: is('a') }, { name: 'b', link: 'followedByAny', where: is('b'), times: { from: 1, to: null }, inner: 'allowCombinations' }, { name: 'c', link: 'followedBy', where: is('d') }], within: { ms: 30_000 } },
  },
];

/** Numbers that are the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export interface TraceFigures {
  readonly name: string;
  readonly events: number;
  readonly followed: number;
  readonly matches: number;
  readonly engineMs: number | null;
  readonly summaryMs: number;
  readonly eventMs: number;
  readonly stageMs: number;
  readonly keyMs: number;
}

export function measureTrace(workload: TraceWorkload, events: number, questions: number): TraceFigures {
  const random = seeded(7);
  const objects = Array.from({ length: events }, (_, i) => ({ ts: 1_000 + i * 10, ...workload.event(i, random) }));
  const made = fromCase(workload.pattern, workload.key, objects.slice(0, 100));
  const job = made.ok ? validateDocument(made.document, made.options).job : null;
  if (job === null) throw new Error(`${workload.name} is refused`);
  const batch = new EventBatch(job.schema, events);
  objects.forEach((event, i) => appendObject(batch, event, event.ts, i));
  const watermarks: number[] = [];
  for (let i = 1023; i < events; i += 1024) watermarks.push((batch.time[i] as number) - 1);
  watermarks.push(WATERMARK_MAX);

  const engineMs = engineTime(job, batch);
  const { trace, summaryMs } = (() => {
    const start = performance.now();
    const made = new Trace(job, batch, { watermarks: Float64Array.from(watermarks) });
    const { summary } = made;
    if (summary.stages.length === 0) throw new Error('no stages');
    return { trace: made, summaryMs: performance.now() - start };
  })();
  const slowest = (ask: (row: number) => unknown): number => {
    let most = 0;
    for (let i = 0; i < questions; i += 1) {
      const row = Math.floor(((i + 0.5) / questions) * events);
      const start = performance.now();
      ask(row);
      most = Math.max(most, performance.now() - start);
    }
    return most;
  };
  const { summary } = trace;
  return {
    name: workload.name, events, followed: summary.traced, matches: summary.matches, engineMs, summaryMs,
    eventMs: slowest((row) => trace.ofEvent(row)),
    stageMs: slowest((row) => trace.ofStage(row % summary.stages.length, 50)),
    keyMs: slowest((row) => { const { key } = trace.ofEvent(row); return trace.ofKey(key, row % 500, 50); }),
  };
}

/** null where the operator's own limits stop it. */
function engineTime(job: ValidatedJob, batch: EventBatch): number | null {
  const start = performance.now();
  try {
    const run = new PatternRun(job, () => undefined);
    run.push(batch, eventTime((batch.time[batch.length - 1] as number) - 1));
    run.end();
  } catch {
    return null;
  }
  return performance.now() - start;
}

if (import.meta.main) {
  const events = 100_000;
  process.stdout.write(`${'pattern'.padEnd(44)} ${'followed'.padStart(9)} ${'matches'.padStart(9)} ${'operator'.padStart(9)} ${'summary'.padStart(9)} ${'event'.padStart(7)} ${'stage'.padStart(7)} ${'key'.padStart(7)}   (ms; questions: the slowest of 100)\n`);
  for (const workload of WORKLOADS) {
    const figures = measureTrace(workload, events, 100);
    const ms = (value: number | null, width: number): string => (value === null ? 'limit' : value.toFixed(1)).padStart(width);
    process.stdout.write(`${figures.name.padEnd(44)} ${String(figures.followed).padStart(9)} ${String(figures.matches).padStart(9)} ${ms(figures.engineMs, 9)} ${ms(figures.summaryMs, 9)} ${ms(figures.eventMs, 7)} ${ms(figures.stageMs, 7)} ${ms(figures.keyMs, 7)}\n`);
  }
}
