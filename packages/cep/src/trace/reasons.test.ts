import type { CasePattern } from '@tidemark/pattern';
import { eventTime } from '@tidemark/core';
import { describe, expect, it } from 'vitest';
import { type TestEvent, jobOf } from '../../test/operator-under-test.ts';
import { batchOf, traceOf } from '../../test/trace-under-test.ts';
import { Trace, type TraceOptions } from './trace.ts';

/** `1a` is an event named a at 1; `1a=5` has price 5, `1a@x` user x. */
function events(...texts: string[]): TestEvent[] {
  return texts.map((text) => {
    const [, ts, name, price, user] = /^(\d+)([a-z]+)(?:=([\d.]+))?(?:@(\w+))?$/.exec(text) as unknown as string[];
    return { ts: Number(ts), name: name as string, price: Number(price ?? 0), user: user ?? 'u' };
  });
}
const step = (name: string, link: CasePattern['steps'][number]['link'] = 'followedBy', more: object = {}) => ({ name, link: link, where: `event.name == '${name}'`, ...more });
const a = step('a', 'begin');

function traced(pattern: CasePattern, texts: readonly string[], options: TraceOptions & { readonly key?: string } = {}): Trace {
  const stream = events(...texts);
  const job = jobOf(pattern, options.key ?? null, stream);
  return new Trace(job, batchOf(job, stream), options);
}
const verdicts = (trace: Trace, row: number): string[] => trace.ofEvent(row).stages.map(({ verdict }) => verdict);

describe('reasons', () => {
  it('[TC5] condition false, with the values it read, of the event and of earlier stages', () => {
    const trace = traced({ steps: [a, { name: 'b', link: 'followedBy', where: "event.name == 'b' && event.price >= 1.5 * a[0].price" }], within: { ms: 100 } }, ['1a=100', '2b=140']);
    const [, stage] = trace.ofEvent(1).stages;
    expect(stage).toMatchObject({ verdict: 'refused', waited: 1, took: 0, refused: { condition: 1 }, meets: 0 });
    expect(stage?.runs[0]).toMatchObject({ outcome: 'kept', refusedBy: 'condition', way: { length: 1, events: [{ stage: 0, row: 0 }] } });
    expect(stage?.condition).toEqual([
      { text: "event.name == 'b'", holds: 1, values: [{ text: 'event.name', value: 'b', error: null, kind: 'plain' }] },
      { text: 'event.price >= 1.5 * a[0].price', holds: 0, values: [
        { text: '1.5 * a[0].price', value: 150, error: null, kind: 'plain' },
        { text: 'event.price', value: 140, error: null, kind: 'plain' },
        { text: 'a[0].price', value: 100, error: null, kind: 'plain' },
      ] },
    ]);
  });

  it('[TC5] order: a strict stage names the event that came between', () => {
    const trace = traced({ steps: [a, step('b', 'next')], within: { ms: 100 } }, ['1a', '2x', '3b']);
    expect(trace.ofEvent(1)).toMatchObject({ endedCount: 1, ended: [{ reason: 'order', by: { row: 1 }, waitedFor: [1] }] });
    const after = trace.ofEvent(2);
    expect(verdicts(trace, 2)).toEqual(['refused', 'nobody']);
    expect(after.stages[1]?.before).toMatchObject({ reason: 'order', by: { row: 1, time: 2 }, way: { events: [{ row: 0 }] } });
    expect(trace.summary.verdict).toEqual({ code: 'ended', stage: 1, reason: 'order', count: 1 });
  });

  it('[TC5] window: how much earlier the partial match ran out of time', () => {
    const trace = traced({ steps: [a, step('b')], within: { ms: 10 } }, ['1a', '5x', '14b']);
    const { stages, ended } = trace.ofEvent(2);
    expect(ended).toMatchObject([{ reason: 'window', at: 11, by: null }]);
    expect(stages[1]).toMatchObject({ verdict: 'nobody', before: { reason: 'window', at: 11, way: { start: 1 } } });
    expect(trace.summary.verdict).toEqual({ code: 'ended', stage: 1, reason: 'window', count: 1 });
    expect(trace.summary.furthest).toMatchObject({ way: { length: 1 }, waitsFor: [1], ending: { reason: 'window' } });
    // of two reasons that are as frequent, order comes first
    expect(traced({ steps: [a, step('b', 'next')], within: { ms: 10 } }, ['1a', '2x', '3a', '20b']).summary.verdict).toEqual({ code: 'ended', stage: 1, reason: 'order', count: 1 });
    const gap = traced({ steps: [a, step('b', 'followedBy', { within: { ms: 5, type: 'PREVIOUS_AND_CURRENT' } })] }, ['1a', '7b']);
    expect(gap.ofEvent(1).ended).toMatchObject([{ reason: 'gap', at: 6 }]);
  });

  it('[TC5] gate, stop condition, greed, skip', () => {
    const gate = traced({ steps: [a, step('n', 'notFollowedBy'), step('c')], within: { ms: 100 } }, ['1a', '2n', '3c', '4n']);
    expect(gate.ofEvent(1).stages[1]).toMatchObject({ gate: true, verdict: 'blocks', took: 1, runs: [{ ended: 'gate', gate: 1 }] });
    expect(verdicts(gate, 3)[1]).toBe('no-effect');
    expect(gate.ofEvent(2).stages[2]).toMatchObject({ verdict: 'nobody', before: { reason: 'gate', gate: 1, by: { row: 1 } } });
    expect(gate.summary.verdict).toMatchObject({ code: 'ended', reason: 'gate' });
    const until = traced({ steps: [{ ...a, times: { from: 2, to: null }, inner: 'consecutive', until: "event.name == 'a' && event.price > 5.0" }, step('c', 'next')], within: { ms: 100 } }, ['1a', '2a=9', '3c']);
    expect(until.ofEvent(1).stages[0]?.runs).toContainEqual(expect.objectContaining({ refusedBy: 'until', outcome: 'ended', ended: 'until' }));
    const greedy = traced({ steps: [step('c', 'begin'), { ...step('a'), times: { from: 2, to: 3 }, greedy: true }, step('b')], within: { ms: 100 } }, ['1c', '2a', '3a', '4a', '5a', '6b']);
    expect(greedy.ofEvent(4).ended).toContainEqual(expect.objectContaining({ reason: 'greedy' }));
    const wanted = traced({ steps: [{ ...a, times: { from: 1, to: null }, greedy: true }, { name: 'b', link: 'followedBy', where: 'event.price > 5.0' }], within: { ms: 100 } }, ['1a', '2a=9']);
    expect(wanted.ofEvent(1).stages[1]?.runs).toContainEqual(expect.objectContaining({ refusedBy: 'greedy', byStage: 0 }));
    const skip = traced({ steps: [a, step('b')], within: { ms: 100 }, skip: { strategy: 'SKIP_PAST_LAST_EVENT' } }, ['1a', '2a', '3b', '4b']);
    expect(skip.ofEvent(2)).toMatchObject({ completed: 2, endedCount: 0 });
    expect(skip.ofEvent(3).stages[1]).toMatchObject({ verdict: 'nobody', before: null });
    const past = traced({ steps: [a, step('b'), step('c')], within: { ms: 100 }, skip: { strategy: 'SKIP_PAST_LAST_EVENT' } }, ['1a', '2b', '3a', '4c', '5b']);
    expect(past.ofEvent(3)).toMatchObject({ completed: 1, ended: [{ reason: 'skip', by: { row: 3 }, waitedFor: [1], way: { start: 3 } }] });
    expect(past.ofEvent(4).stages[1]).toMatchObject({ verdict: 'nobody', before: { reason: 'skip', at: 4 } });
    expect(skip.summary).toMatchObject({ matches: 1, dropped: 1 });
  });

  it('[TC5] lateness, by how much; the key that an event lacks; a match that is held back', () => {
    const stream = events('1a', '9x', '4b');
    const late = traceOf({ job: jobOf({ steps: [a, step('b')], within: { ms: 100 } }, null, stream), events: stream, watermarks: [null, eventTime(8), eventTime(20)] });
    expect(late.ofEvent(2)).toMatchObject({ lateMs: 4, stages: [{ verdict: 'late' }, { verdict: 'late' }] });
    expect(late.summary).toMatchObject({ late: 1, matches: 0 });
    const keyed = traced({ steps: [a, step('b')], within: { ms: 100 } }, ['1a@x', '2b@y', '3b@x'], { key: 'user' });
    expect(keyed.ofEvent(1).stages[1]).toMatchObject({ verdict: 'nobody', before: null });
    expect(keyed.ofEvent(2)).toMatchObject({ completed: 1, key: ['x'], keyMissing: [], waiting: 1 });
    const keyless = [{ ts: 1, name: 'a', user: 'x' }, { ts: 2, name: 'b' }];
    const job = jobOf({ steps: [a, step('b')], within: { ms: 100 } }, 'user', keyless);
    expect(new Trace(job, batchOf(job, keyless)).ofEvent(1)).toMatchObject({ key: [null], keyMissing: [job.schema.fields.findIndex(({ name }) => name === 'user')], stages: [{}, { verdict: 'nobody', before: null }] });
    const held = traced({ steps: [a, { name: 'b', link: 'followedBy', where: "event.name == 'b' && event.user == a[0].user" }], skip: { strategy: 'SKIP_PAST_LAST_EVENT' } }, ['1a@x', '2a@y', '3b@y']);
    expect(held.ofEvent(2)).toMatchObject({ completed: 1, held: 1 });
    expect(held.summary.verdict).toMatchObject({ code: 'held', count: 1 });
  });

  it('[TC6] nothing meets a condition: the nearest miss, by how many parts hold and then by distance', () => {
    const pattern = { steps: [a, { name: 'b', link: 'followedBy' as const, where: "event.name == 'b' && event.price > 500.0" }], within: { ms: 100 } };
    const { summary } = traced(pattern, ['1a', '2b=300', '3b=498', '4x=499', '5b=100']);
    expect(summary.verdict).toEqual({ code: 'not-met', stage: 1, reason: null, count: 0 });
    expect(summary.stages[1]).toMatchObject({ met: 0, metExact: true, nearest: { event: { row: 2 }, condition: [{ holds: 1 }, { text: 'event.price > 500.0', holds: 0, values: [{ value: 498 }] }] } });
    expect(summary.stages[0]).toMatchObject({ met: 1, taken: 1, reached: 1, nearest: null });
  });

  it('[TC6] leads with the first reason: no events, all late, still waiting, met when nobody waits', () => {
    const pattern = { steps: [a, step('b')] };
    const empty = events('1a');
    const job = jobOf(pattern, null, empty);
    expect(new Trace(job, batchOf(job, [])).summary.verdict.code).toBe('no-events');
    expect(new Trace(job, batchOf(job, empty), { lateMs: Float64Array.of(3) }).summary.verdict.code).toBe('all-late');
    expect(traced(pattern, ['1b', '2a']).summary.verdict).toEqual({ code: 'waiting', stage: 1, reason: null, count: 1 });
    expect(traced(pattern, ['1a', '2b']).summary.verdict).toMatchObject({ code: 'matches', count: 1 });
    expect(traced({ steps: [{ ...a, where: "event.name == 'a' && size(a) > 0" }, step('b')] }, ['1b', '2a']).summary.verdict).toMatchObject({ code: 'not-reached', stage: 0 });
  });

  it('[TC5] a stage lists events that meet its condition, taken and not taken; a key its history', () => {
    const trace = traced({ steps: [a, step('b')], within: { ms: 10 } }, ['1b@x', '2a@x', '3b@x', '4b@x', '5a@y', '20b@y'], { key: 'user' });
    const { taken, notTaken } = trace.ofStage(1, 10);
    expect([taken.map(({ row }) => row), notTaken.map(({ row }) => row)]).toEqual([[2], [0, 3, 5]]);
    expect(trace.ofStage(1, 2).notTaken).toHaveLength(2);
    const history = trace.ofKey(['y'], 0, 10);
    expect(history).toMatchObject({ rows: 2, steps: [{ event: { row: 4 }, taken: [0], waiting: 1 }, { event: { row: 5 }, taken: [], ended: { window: 1 }, meets: [1], waiting: 0 }] });
    expect(trace.ofKey(['x'], 2, 1)?.steps).toMatchObject([{ event: { row: 2 }, taken: [1], completed: 1, waiting: 0 }]);
    expect(trace.ofKey(['nobody'], 0, 10)).toEqual({ rows: 0, steps: [] });
  });

  it('[TC4] runs that fork without end, or work without end, are followed as far as they go, and the summary says how far', () => {
    const pattern: CasePattern = { steps: [a, { ...step('b', 'followedByAny'), times: { from: 1, to: null }, inner: 'allowCombinations' }, step('c')], within: { ms: 1000 } };
    const texts = ['1a', ...Array.from({ length: 40 }, (_, i) => `${i + 2}b`)];
    const trace = traced(pattern, texts);
    expect(trace.summary.traced).toBeLessThan(20);
    // what the rest would have brought is not known, and no other reason is made up; that no event meets a condition is known of all
    expect(traced(pattern, [...texts, '50c']).summary.verdict.code).toBe('too-many');
    expect(trace.summary.verdict).toMatchObject({ code: 'not-met', stage: 2 });
    expect(trace.ofEvent(40)).toMatchObject({ unknown: 'too-many', stages: [{ verdict: 'not-met' }, { verdict: 'nobody' }, { verdict: 'not-met' }] });
    expect(trace.ofEvent(5).unknown).toBeNull();
    const flood = Array.from({ length: 2_000 }, (_, i) => `${i}a`);
    expect(traced({ steps: [a, step('b')] }, flood, { workMax: 500 }).summary).toMatchObject({ whole: false, traced: expect.any(Number) });
    expect(traced({ steps: [a, step('b')] }, flood).summary).toMatchObject({ traced: 2_000, events: 2_000, whole: true });
  });

  it('[TC5] a condition without a value stops the trace as it stops the job, and says where', () => {
    const trace = traced({ steps: [a, { name: 'b', link: 'followedBy', where: 'event.price > a[1].price' }], within: { ms: 100 } }, ['1a', '2b']);
    expect(trace.summary.fault).toMatchObject({ event: { row: 1 } });
    expect(trace.summary.fault?.message).toMatch(/stage b could not be evaluated/);
    expect(trace.ofEvent(1).unknown).toBe('fault');
    expect(trace.ofEvent(1).stages[1]?.condition?.[0]).toMatchObject({ holds: 2, values: [{ text: 'event.price', value: 0 }, { text: 'a[1].price', value: null }] });
  });
});
