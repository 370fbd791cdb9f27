import { EventBatch, type EventSchema, appendObject } from '@tidemark/event';
import { describe, expect, it } from 'vitest';
import { type EvaluationContext, RowList, checkCondition, compileCondition } from './index.ts';

/** What the language promises, each line by itself: a text, the value that it has here, and the notes that it gives. */
const schema: EventSchema = {
  fields: [
    { name: 'ts', type: 'int' }, { name: 'ip', type: 'string' }, { name: 'celsius', type: 'double' }, { name: 'n', type: 'int' }, { name: 'lat', type: 'double' }, { name: 'lon', type: 'double' },
    { name: 'at', type: 'string' },
  ],
  time: { field: 'ts', format: 'epoch-ms' },
};
const scope = { schema, stages: ['fail', 'rise', 'first login'], hasEvent: true };
const at = (ts: number, ip: string, celsius: number, n: number) => ({ ts, ip, celsius, n, lat: 52.52, lon: 13.405, at: '2026-11-22T08:00:00Z' });
const EVENT = at(3_600_000, '10.0.0.7', 30, 4);
const STAGES = [[at(0, '10.0.0.7', 10, 1)], [at(1_000, '10.0.0.8', 12, 2), at(2_000, '10.0.0.9', 20, 3)], []];

function contextOf(): EvaluationContext {
  const batch = new EventBatch(schema, 1);
  appendObject(batch, EVENT, EVENT.ts, 0);
  const retained = new EventBatch(schema, 10);
  const lists = STAGES.map((events) => {
    const rows = new RowList();
    for (const event of events) {
      rows.push(retained.length);
      appendObject(retained, event, event.ts, 0);
    }
    return rows;
  });
  return { batch, row: 0, retained, rows: (stage) => lists[stage] as RowList, budget: 100_000 };
}

const PROMISES: readonly (readonly [rule: string, text: string, holds: 0 | 1 | 2, notes?: readonly string[]])[] = [
  ['CK1', "event.ip == '10.0.0.7' && event['n'] == 4", 1],
  ['CK1', 'fail[0].ip == event.ip', 1],
  ['CK1', 'size(rise) == 2 && size(fail) == 1', 1],
  ['CK1', 'rise[size(rise)-1].celsius == 20.0', 1],
  ['CK1', "size(stage('first login')) == 0", 1],
  ['CK1', "stage('first login')[0].ip == event.ip", 2],
  ['EV2', 'rise.map(e, e.celsius) == [12.0, 20.0]', 1],
  ['EV2', "rise.filter(e, e.celsius > 15.0).map(e, e.ip) == ['10.0.0.9']", 1],
  ['EV3', 'rise.exists(e, e.n == 3) && !rise.exists(e, e.n == 9)', 1],
  ['EV3', 'rise.all(e, e.celsius > 11.0) && !rise.all(e, e.celsius > 15.0)', 1],
  ['EV2', 'sum(rise.map(e, e.celsius)) == 32.0', 1],
  ['EV2', "sum(stage('first login').map(e, e.n)) == 0.0", 1],
  ['EV2', 'avg(rise.map(e, e.celsius)) == 16.0', 1],
  ['EV2', 'min(rise.map(e, e.n)) == 2 && max(rise.map(e, e.n)) == 3', 1],
  ['EV2', "avg(stage('first login').map(e, e.n)) > 0.0", 2],
  ['EV2', 'geoKm(event.lat, event.lon, 48.8566, 2.3522) > 877.0 && geoKm(event.lat, event.lon, 48.8566, 2.3522) < 878.0', 1],
  ['EV2', "timestamp(event.at) == timestamp('2026-11-22T08:00:00Z')", 1],
  ['EV2', "fromMillis(event.ts) - fromMillis(fail[0].ts) == duration('1h')", 1],
  ['EV2', "fromMillis(fail[0].ts) + duration('90m') > fromMillis(event.ts)", 1],
  ['EV2', "timestamp(event.at).getHours() == 8 && timestamp(event.at).getHours('+08:00') == 16", 1],
  ['CK8', "event.ip.matches('^10[.]0[.]') && !event.ip.matches('[.]9$')", 1],
  ['CK4', 'event.celsius > 5', 1, ['int-literal-as-double']],
  ['CK4', 'event.celsius in [30, 40]', 1, ['int-literal-as-double', 'int-literal-as-double']],
  ['CK4', 'event.celsius + 1 == 31', 1, ['int-literal-as-double', 'int-literal-as-double']],
  ['CK4', 'rise.all(e, e.celsius > 11)', 1, ['int-literal-as-double']],
  ['CK4', 'geoKm(0, 0, 0, 180) > 20015', 1, ['int-literal-as-double', 'int-literal-as-double', 'int-literal-as-double', 'int-literal-as-double', 'int-literal-as-double']],
  ['CK4', 'event.celsius > event.n', 1, ['int-as-double']],
  ['CK4', 'event.n / 3 == 1', 1],
];

describe('what conditions promise', () => {
  it.each(PROMISES.map(([rule, text, holds, notes = []]) => ({ rule, text, holds, notes })))('[CK1][CK4][CK8][EV2][EV3] $rule: $text', ({ text, holds, notes }) => {
    const checked = checkCondition(text, scope);
    if (!checked.ok) throw new Error(JSON.stringify(checked.issues));
    expect(checked.notes.map(({ code }) => code)).toEqual(notes);
    expect(compileCondition(checked.condition, scope).evaluate(contextOf())).toBe(holds);
  });
});
