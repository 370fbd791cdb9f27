/** The suite cannot rot: every workload's gate and every cell at a tiny size, a real run through threads, and what must stop it. */
import { describe, expect, it } from 'vitest';
import { HandPair, pairStream } from './calibrators/hand-pair.ts';
import { parsedObjects } from './calibrators/json-objects.ts';
import { decodeAll, pairBytes } from './decode.ts';
import { CellHost, DidNotFinish } from './harness/cell-host.ts';
import { CellRunner } from './harness/cell-runner.ts';
import { gate } from './harness/gate.ts';
import { STREAM_SCHEMA, chain, jobOf, stage, within } from './harness/job.ts';
import { table } from './harness/report.ts';
import { CALIBRATOR, runRounds } from './harness/rounds.ts';
import { Feeder } from './harness/stream.ts';
import { type CellRow, Rows, flatGoal, goal } from './harness/workload.ts';
import { DEFAULTS, bench } from './main.ts';
import { SUITE, findWorkload } from './suite.ts';
import { pairJob } from './workloads/pair.ts';
import { sideBySide } from './workloads/rules.ts';

describe('every workload', () => {
  it.each(SUITE.map((workload) => [workload.name, workload] as const))('%s: its gate passes and its cells run and agree', (_, workload) => {
    const gates = workload.gate('tiny');
    expect(gates.length).toBeGreaterThan(0);
    const plans = workload.cells('tiny');
    expect(new Set(plans.map(({ name }) => name)).size).toBe(plans.length);
    const answers = new Map<string, string>();
    const rows: CellRow[] = [];
    for (const plan of plans) {
      if (plan.against !== null) expect(plans.map(({ name }) => name)).toContain(plan.against);
      if (plan.missing !== undefined) continue;
      const runner = new CellRunner(plan);
      const events = runner.prepare(1);
      const { ms, answer } = runner.round(events);
      expect(ms).toBeGreaterThan(0);
      rows.push({ name: plan.name, form: plan.form, median: events / ms, least: 0, greatest: 0, rounds: [events / ms], eventsPerRound: events, against: plan.against, ratio: null, outcome: 'measured', figures: runner.figures() });
      if (plan.group === null) continue;
      const text = JSON.stringify(answer);
      expect(answers.get(plan.group) ?? text, plan.name).toBe(text);
      answers.set(plan.group, text);
    }
    for (const { reached, met } of workload.goals(new Rows(rows))) expect(met === null || reached !== null).toBe(true);
  });

  it('goals name cells of the full size that are there', () => {
    for (const workload of SUITE) {
      const rows = workload.cells('full').map(({ name, form, against }): CellRow => ({
        name, form, median: 1, least: 1, greatest: 1, rounds: [1], eventsPerRound: 1, against, ratio: null, outcome: 'measured',
        figures: { 'bytes each': 1, 'bytes each beside the event': 1, branching: 'linear' },
      }));
      const soak = { cell: '', seconds: 1, events: 1, collections: 1, pauseMsMax: 1, pauseMsTotal: 1, heapBytes: [1, 1, 1], bufferBytes: [1, 1, 1] };
      for (const { goal: text, reached } of workload.goals(new Rows(rows, [soak]))) expect(reached, `${workload.name}: ${text}`).not.toBeNull();
    }
  });

  it('is found by id and by name', () => {
    expect(findWorkload('w2')?.name).toBe('stages');
    expect(findWorkload('rules')?.id).toBe('W8');
    expect(findWorkload('W6')).toBeUndefined();
  });
});

describe('a run', () => {
  it('goes through threads, in rounds, to a table', async () => {
    const workload = findWorkload('start-flood');
    if (workload === undefined) throw new Error('the workload is gone');
    const result = await bench(workload, { ...DEFAULTS.tiny, rounds: 2, only: /^followedBy, 10 live/ });
    expect(result.rows.map(({ name, outcome }) => `${name}: ${outcome}`)).toEqual([`${CALIBRATOR}: measured`, 'followedBy, 10 live partial matches: measured']);
    expect(result.rows[1]?.rounds.length).toBeGreaterThanOrEqual(1);
    expect(result.rows[1]?.figures).toMatchObject({ branching: 'linear', live: 10 });
    expect(table(result)).toContain('followedBy, 10 live partial matches');
  });

  it('says where a cell came to that does not finish, and does not try the larger ones', async () => {
    // side by side, ten thousand rules are not even made in this time
    const plans = (findWorkload('rules')?.cells('full') ?? []).filter(({ name }) => name === '10000 rules, side by side');
    const larger = { ...plans[0] as (typeof plans)[number], name: 'larger', after: plans[0]?.name ?? '' };
    const { rows } = await runRounds('rules', [...plans, larger], { size: 'full', rounds: 1, roundMs: 1, box: { ms: 300, bytes: 2 ** 30 } });
    expect(rows.map(({ outcome }) => outcome)).toEqual(['DNF at 0 events: more than 0.3 s', 'not tried: 10000 rules, side by side did not finish']);
    expect(rows[0]?.median).toBeNull();
  });

  it('a cell that fails says why', async () => {
    const plan = { ...(findWorkload('pair')?.cells('tiny') ?? [])[0], name: 'no such cell' } as Parameters<typeof runRounds>[1][number];
    const host = new CellHost('pair', plan, 'tiny');
    await expect(host.ask({ kind: 'prepare', roundMs: 1 }, { ms: 20_000, bytes: 2 ** 30 })).rejects.toBeInstanceOf(DidNotFinish);
    await host.close();
  });
});

describe('what keeps figures honest', () => {
  it('a gate notices a wrong engine, and one that says nothing', () => {
    const job = pairJob();
    const stream = pairStream(20, 2_000);
    expect(gate('right', job, stream, 2_000).matches).toBeGreaterThan(50);
    const silent = { take: () => undefined, end: () => undefined };
    expect(() => gate('silent', job, stream, 2_000, { engine: () => silent })).toThrow('first difference');
    const other = jobOf('pair', [{ ...chain([stage('a'), stage('b')], 'SKIP_TILL_ANY'), window: within(10_000), key: ['key'] }]);
    expect(() => gate('another pattern', job, stream, 2_000, { engine: (output) => sideBySide([other], output) })).toThrow('first difference');
    expect(() => gate('nothing', job, pairStream(20, 1), 1)).toThrow('no output');
  });

  it('the columns of W1 and its bytes come from generators of the same form', () => {
    const fromBytes = new HandPair(10_000);
    decodeAll(pairBytes(20_000), STREAM_SCHEMA, (batch) => fromBytes.feed(batch));
    const fromColumns = new HandPair(10_000);
    new Feeder(pairStream(10_000, 20_000)).feed(20_000, (batch) => fromColumns.feed(batch));
    // 2,000 starts, 2,000 ends, 10,000 keys: a match for about every 50th event
    for (const { matches } of [fromBytes.answer(), fromColumns.answer()]) expect(matches).toBeGreaterThan(100);
    expect(Math.abs(fromBytes.answer().matches - fromColumns.answer().matches)).toBeLessThan(100);
    expect(parsedObjects(pairBytes(3))).toHaveLength(3);
  });

  it('goals are met, missed or not measured', () => {
    expect(goal('x', '>=', 2, 2).met).toBe(true);
    expect(goal('x', '<=', 2, 2.1).met).toBe(false);
    expect(goal('x', '<=', 2, null).met).toBeNull();
    const row = (name: string, rounds: readonly number[]): CellRow => ({ name, form: 'columns', median: rounds[0] ?? 0, least: 0, greatest: 0, rounds, eventsPerRound: 1, against: null, ratio: null, outcome: 'measured', figures: {} });
    const rows = new Rows([row('a', [10, 10]), row('b', [8, 8])]);
    expect(flatGoal('flat', 0.15, rows, 'a', ['b'])).toMatchObject({ reached: 0.25, met: false });
    expect(flatGoal('flat', 0.15, rows, 'a', ['c']).met).toBeNull();
  });
});
