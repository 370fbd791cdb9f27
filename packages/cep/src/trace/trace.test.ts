import { readdirSync } from 'node:fs';
import { eventTime } from '@tidemark/core';
import { fromCase, validateDocument } from '@tidemark/pattern';
import { describe, expect, it } from 'vitest';
import { readCases } from '../../conformance/cases.ts';
import type { Case } from '../../conformance/run-case.ts';
import { type Stream, type TestEvent, randomStream } from '../../test/operator-under-test.ts';
import { type TracedStream, operatorLines, traceOf, tracedLines } from '../../test/trace-under-test.ts';
import type { Trace } from './trace.ts';

/** A case as a stream, or null where its pattern is refused. */
function streamOf(one: Case): TracedStream | null {
  const made = fromCase(one.pattern, one.keyBy, one.events);
  const job = made.ok ? validateDocument(made.document, made.options).job : null;
  if (job === null) return null;
  const events = one.events as readonly TestEvent[];
  const watermarks = events.map((event, index) => {
    const given = (one.watermarks ?? []).filter(({ afterEvent }) => afterEvent === index).map(({ ts }) => ts);
    const own = one.watermark !== 'explicit' && one.watermark !== 'end' && events[index + 1]?.ts !== event.ts ? [event.ts] : [];
    const all = [...own, ...given];
    return all.length === 0 ? null : eventTime(Math.max(...all));
  });
  return { job, events, watermarks };
}

function streams(count: number, from: number): Stream[] {
  const found: Stream[] = [];
  for (let seed = from; found.length < count; seed += 1) {
    const stream = randomStream(seed);
    if (stream !== null) found.push(stream);
  }
  return found;
}

describe('a trace and the operator', () => {
  it('[TC1] give the same matches and time-outs on random patterns and streams, with the same counts stage by stage', () => {
    let compared = 0;
    let withMatches = 0;
    let faults = 0;
    for (let seed = 1; compared < 800; seed += 1) {
      const stream = randomStream(seed);
      if (stream === null) continue;
      compared += 1;
      const engine = operatorLines(stream, { strategy: 'explicit' });
      const { lines, trace } = tracedLines(stream);
      const { summary } = trace;
      if (!summary.whole) continue; // the operator's limits are others
      if (engine.fault !== null) {
        faults += 1;
        expect(summary.fault, `seed ${seed}`).not.toBeNull();
        continue;
      }
      expect(summary.fault, `seed ${seed}`).toBeNull();
      expect(lines, `seed ${seed}`).toEqual(engine.lines);
      if (lines.some((line) => line.startsWith('match'))) withMatches += 1;
      const figures = engine.figures;
      expect({
        late: summary.late, held: summary.held, dropped: summary.dropped,
        expired: summary.stages.map(({ ended }) => ended.window + ended.gap), blocked: summary.stages.map(({ ended }) => ended.gate), waiting: summary.stages.map(({ waiting }) => waiting),
      }, `seed ${seed}`).toEqual({ late: engine.late, held: figures?.heldBack, dropped: figures?.dropped, expired: figures?.expired, blocked: figures?.blocked, waiting: figures?.waiting });
    }
    expect(withMatches).toBeGreaterThan(200);
    expect(faults).toBeGreaterThan(2);
  });

  it('[TC1] give the same on every case of Flink and on real events', () => {
    const folder = new URL('../../conformance/cases/', import.meta.url).pathname;
    let compared = 0;
    for (const name of readdirSync(folder)) {
      // of the many random and real ones every fourth; all of them in trace.deep.ts
      for (const [index, one] of readCases(folder + name).entries()) {
        if (name.endsWith('.gz') && index % 4 !== 0) continue;
        const stream = streamOf(one);
        if (stream === null) continue;
        const engine = operatorLines(stream, { strategy: 'explicit' });
        const { lines, trace } = tracedLines(stream);
        compared += 1;
        expect(trace.summary.whole, one.id).toBe(true);
        expect(trace.summary.fault === null, one.id).toBe(engine.fault === null);
        if (engine.fault === null) expect(lines, one.id).toEqual(engine.lines);
      }
    }
    expect(compared).toBeGreaterThan(700);
  });
});

/** Everything that a trace says of each event. */
const allReasons = (trace: Trace, events: number): unknown[] => Array.from({ length: events }, (_, row) => trace.ofEvent(row));

describe('questions', () => {
  it('[TC2] what is said of each event adds up to what the pass has counted', () => {
    let taken = 0;
    for (const stream of streams(300, 40_000)) {
      const trace = traceOf(stream);
      const { summary } = trace;
      if (summary.fault !== null) continue;
      const reasons = stream.events.map((_, row) => trace.ofEvent(row));
      summary.stages.forEach((figures, stage) => {
        const verdicts = reasons.map((each) => each.stages[stage]?.verdict);
        const label = `seed ${stream.seed} stage ${stage}`;
        if (!figures.gate) expect(verdicts.filter((verdict) => verdict === 'taken').length, label).toBe(figures.taken);
        expect(reasons.reduce((sum, each) => sum + each.ended.filter((ending) => ending.gate === stage).length, 0), label).toBe(figures.blocked);
        for (const reason of ['order', 'until', 'greedy', 'gate'] as const) {
          const told = reasons.reduce((sum, each) => sum + each.ended.filter((ending) => ending.reason === reason && ending.way.events.at(-1)?.stage === stage).length, 0);
          expect(told, `${label} ${reason}`).toBe(figures.ended[reason]);
        }
        taken += figures.taken;
      });
    }
    expect(taken).toBeGreaterThan(500);
  });

  it('[TC3] are answered from a checkpoint as from the beginning', () => {
    for (const stream of streams(200, 60_000)) {
      const often = traceOf(stream, { checkpointWork: 1 });
      const never = traceOf(stream, { checkpointWork: Number.MAX_SAFE_INTEGER });
      expect(often.summary, `seed ${stream.seed}`).toEqual(never.summary);
      expect(allReasons(often, stream.events.length), `seed ${stream.seed}`).toEqual(allReasons(never, stream.events.length));
    }
  });
});
