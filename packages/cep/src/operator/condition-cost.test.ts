/**
 * Conditions that cost too much: the fault comes, names what and where, and comes soon. Times are printed, not asserted:
 * `npx vitest run packages/cep/src/operator/condition-cost`.
 */
import { JobFault, eventTime } from '@tidemark/core';
import { EventBatch, appendObject } from '@tidemark/event';
import { describe, expect, it } from 'vitest';
import { type TestEvent, jobOf } from '../../test/operator-under-test.ts';
import { CepOperator } from './cep-operator.ts';

const LIST = `[${Array.from({ length: 200 }, (_, i) => i).join(',')}]`;
const COSTLY_LISTS = `${LIST}.exists(x, ${LIST}.exists(y, ${LIST}.exists(z, x + y + z > 100000)))`;
/** Ten kilobytes; every character makes the automaton of a pattern with many positions larger. */
const LONG_TEXT = Array.from({ length: 10_000 }, (_, i) => 'abc'[(Math.imul(i, 2_654_435_761) >>> 13) % 3]).join('');
const COSTLY_PATTERN = '[abc]*a[abc]{400}[0-9]';

interface Costly {
  readonly name: string;
  readonly steps: readonly { readonly name: string; readonly where: string; readonly many?: boolean }[];
  readonly events: readonly TestEvent[];
  /** Events of a batch before: what is timed is the one with the costly event. */
  readonly before?: number;
  /** Stage, and position of the event that costs too much. */
  readonly stage: string;
  readonly position: number;
}

const calm = (from: number, count: number): TestEvent[] => Array.from({ length: count }, (_, i) => ({ ts: from + i, type: 'x', note: `n${i}`, v: 1.5 }));

const CASES: readonly Costly[] = [
  {
    name: 'nested lists in a condition on the event alone', stage: 'a', position: 105,
    steps: [{ name: 'a', where: `event.type == 'heavy' && ${COSTLY_LISTS}` }],
    events: [...calm(1, 5), { ts: 6, type: 'heavy', note: 'n', v: 1 }, ...calm(7, 5)],
  },
  {
    name: 'a regular expression over a text of 10 kB, read once for each text', stage: 'a', position: 103,
    steps: [{ name: 'a', where: `event.note.matches('${COSTLY_PATTERN}')` }],
    events: [...calm(1, 3), { ts: 4, type: 'x', note: LONG_TEXT, v: 1 }, ...calm(5, 3)],
  },
  {
    name: 'the same beside another field', stage: 'a', position: 1_702,
    steps: [{ name: 'a', where: `event.note.matches('${COSTLY_PATTERN}') || event.v > 2.0` }],
    events: [...calm(1, 1_602), { ts: 1_603, type: 'x', note: LONG_TEXT, v: 1 }, ...calm(1_604, 3)],
  },
  {
    name: 'the same where both fields are looked at row by row', stage: 'a', position: 102,
    steps: [{ name: 'a', where: `(event.note + event.type).matches('${COSTLY_PATTERN}')` }],
    events: [...calm(1, 2), { ts: 3, type: 'x', note: LONG_TEXT, v: 1 }],
  },
  {
    name: 'nested filter and map over the events of an earlier stage', stage: 'b', position: 2_100, before: 2_000,
    steps: [{ name: 'a', where: "event.type == 'x'", many: true }, { name: 'b', where: 'a.filter(x, a.filter(y, y.v > x.v).size() > 10).map(x, x.v).size() > event.v' }],
    events: [...calm(1, 2_000), { ts: 2_001, type: 'b', note: 'n', v: 1 }],
  },
];

function faultOf({ steps, events, before = 0 }: Costly): { readonly fault: JobFault; readonly ms: number; readonly cpuMs: number } {
  const job = jobOf({
    steps: steps.map(({ name, where, many }, i) => ({ name, link: i === 0 ? 'begin' as const : 'followedBy' as const, where, ...(many ? { times: { from: events.length - 1, to: events.length - 1 } } : {}) })),
    within: { ms: 100_000 },
  }, null, events);
  const operator = new CepOperator(job, () => undefined);
  const batchOf = (from: number, to: number): EventBatch => {
    const batch = new EventBatch(job.schema, Math.max(1, to - from));
    for (let i = from; i < to; i += 1) appendObject(batch, events[i] as TestEvent, (events[i] as TestEvent).ts, 100 + i);
    return batch;
  };
  if (before > 0) operator.processBatch(batchOf(0, before), eventTime((events[before - 1] as TestEvent).ts));
  const batch = batchOf(before, events.length);
  const begun = performance.now();
  const used = process.cpuUsage();
  try {
    operator.processBatch(batch, eventTime(events.at(-1)?.ts ?? 0));
  } catch (error) {
    if (!(error instanceof JobFault)) throw error;
    const { user, system } = process.cpuUsage(used);
    return { fault: error, ms: performance.now() - begun, cpuMs: (user + system) / 1_000 };
  }
  throw new Error('no fault');
}

describe('a condition that costs too much', () => {
  it.each(CASES)('[CO13] is a fault with pattern, stage, event and remedy: $name', (costly) => {
    const { fault, ms, cpuMs } = faultOf(costly);
    process.stdout.write(`condition-cost: ${costly.name}: fault after ${ms.toFixed(1)} ms (${cpuMs.toFixed(1)} ms of CPU, all threads), batch of ${costly.events.length - (costly.before ?? 0)}\n`);
    expect(fault).toMatchObject({ code: 'condition-cost', domain: 'user', retry: 'no-retry', operatorId: 'case', remedy: expect.stringContaining('cheaper') });
    expect(fault.message).toContain(`The condition of stage ${costly.stage} of pattern case could not be evaluated for the event at 0:${costly.position}:`);
  });

  it('[CO13] what no event asks costs nothing: a text that never comes, an absent field', () => {
    const costly = CASES[0] as Costly;
    expect(() => faultOf({ ...costly, events: costly.events.filter(({ type }) => type !== 'heavy') })).toThrow('no fault');
    // A field that may be absent, where no event lacks it, and then where one does.
    const optional = { ...costly, steps: [{ name: 'a', where: `event.kind == 'heavy' && ${COSTLY_LISTS}` }] };
    const events = calm(1, 4).map((event) => ({ ...event, kind: 'light' }));
    const lacking: TestEvent = { ts: 9, type: 'x', note: 'n', v: 1 };
    expect(() => faultOf({ ...optional, events })).toThrow('no fault');
    expect(faultOf({ ...optional, events: [...events, lacking] }).fault.message).toContain('event at 0:104:');
  });

  it('[CO13] all conditions of one event share a bound: many that are nearly too dear are too dear together', () => {
    // Each costs about a third of what one may; the share of forty is a tenth.
    const nearly = (n: number): string => `${LIST}.exists(x, ${LIST}.exists(y, x + y > ${100_000 + n}))`;
    const events = calm(1, 3);
    const stages = (count: number): Costly => ({
      name: '', stage: '', position: 0, events, steps: Array.from({ length: count }, (_, i) => ({ name: `s${i}`, where: `event.v > 1.0 && ${nearly(i)}` })),
    });
    expect(() => faultOf(stages(2))).toThrow('no fault');
    expect(faultOf(stages(20)).fault).toMatchObject({ code: 'condition-cost', message: expect.stringContaining('event at 0:100') });
  });
});
