import { describe, expect, it } from 'vitest';
import { type EventSchema, EventBatch, appendObject } from '@tidemark/event';
import { CostExceeded, type EvaluationContext, RowList, checkTemplate, compileTemplate, renameInTemplate } from './index.ts';

const schema: EventSchema = {
  fields: [{ name: 'ts', type: 'int' }, { name: 'name', type: 'string' }, { name: 'price', type: 'double' }, { name: 'user', type: 'string', optional: true }, { name: 'ok', type: 'bool' }],
  time: { field: 'ts', format: 'epoch-ms' },
};
const scope = { schema, stages: ['start', 'middle', 'last one'], hasEvent: false };
const events = [{ ts: 1_700_000_000_000, name: 'start', price: 0.1 + 0.2, ok: true }, { ts: 1_700_000_000_250, name: 'middle', price: 3, user: 'eve', ok: false }, { ts: 1_700_000_060_000, name: 'm2', price: -2.5, ok: false }];

function contextOf(rows: readonly (readonly number[])[]): EvaluationContext {
  const batch = new EventBatch(schema, 8);
  events.forEach((event, i) => { appendObject(batch, event, event.ts, i); });
  const lists = rows.map((each) => new RowList().set(each));
  return { batch, row: 0, retained: batch, rows: (stage) => lists[stage] ?? new RowList(), budget: 1000 };
}

function print(text: string, rows: readonly (readonly number[])[] = [[0], [1, 2], []]): string {
  const checked = checkTemplate(text, scope);
  if (!checked.ok) throw new Error(JSON.stringify(checked.issues));
  return compileTemplate(checked.template, scope)(contextOf(rows));
}

describe('output texts', () => {
  it('[TP1] fills placeholders, and writes doubled braces as braces', () => {
    expect(print('start: {start[0].name}, middle: {middle[0].name}')).toBe('start: start, middle: middle');
    expect(print("{{{size(middle)}}} {'}'} {{x}} {\"a{b}\"}")).toBe('{2} } {x} a{b}');
    expect(print('')).toBe('');
    expect(print('告警:{middle[0].user} 😀')).toBe('告警:eve 😀');
  });

  it('[TP2] prints ? for what has no value', () => {
    expect(print("{start[0].user} {stage('last one')[0].name} {avg(stage('last one').map(e, e.price))} {size(stage('last one'))} {sum(stage('last one').map(e, e.price))}")).toBe('? ? ? 0 0');
  });

  it('[TP2] but a text that costs too much is an error', () => {
    const checked = checkTemplate('{middle.map(e, e.price)}', scope);
    if (!checked.ok) throw new Error('refused');
    expect(() => compileTemplate(checked.template, scope)({ ...contextOf([[0], [1, 2], []]), budget: 1 })).toThrow(CostExceeded);
  });

  it('[TP3] prints numbers shortest, the time field as ISO 8601, lists with commas', () => {
    expect(print('{start[0].price} {middle[0].price} {middle[1].price} {start[0].price + 1} {start[0].ok}')).toBe('0.30000000000000004 3 -2.5 1.3 true');
    expect(print('{start[0].ts} {middle[0].ts} {middle[0].ts - start[0].ts} {middle.map(e, e.ts)}')).toBe('2023-11-14T22:13:20Z 2023-11-14T22:13:20.250Z 250 2023-11-14T22:13:20.250Z, 2023-11-14T22:14:20Z');
    expect(print("{fromMillis(start[0].ts) + duration('1h')} {fromMillis(middle[1].ts) - fromMillis(start[0].ts)}")).toBe('2023-11-14T23:13:20Z 60s');
    expect(print('{middle.map(e, e.name)} {[1, 2.5]}')).toBe('middle, m2 1, 2.5');
  });

  it('[TP4] gives the issues of all placeholders, with their places in the whole text', () => {
    const text = 'a {strat[0].name} }b {} {start} {event.name} {start[0].nmae} {';
    const checked = checkTemplate(text, scope);
    expect(checked.ok ? [] : checked.issues.map((issue) => [issue.code, text.slice(issue.start, issue.end)])).toEqual([
      ['unknown-name', 'strat'], ['stray-brace', '}'], ['empty-placeholder', '{}'], ['event-not-printable', 'start'], ['event-not-readable', 'event'], ['unknown-field', 'nmae'], ['unclosed-brace', '{'],
    ]);
  });

  it('[TP1] knows what it reads', () => {
    const checked = checkTemplate('{middle[0].user} {size(start)} {start[0].ts}', scope);
    expect(checked.ok && [checked.template.fields, checked.template.stages, checked.notes]).toEqual([[0, 3], ['start', 'middle'], []]);
  });

  it('[RN1] renames stages in placeholders and leaves words alone', () => {
    expect(renameInTemplate('start {{start}} {start[0].name} {size(start)}', 'start', 'begin')).toBe('start {{start}} {begin[0].name} {size(begin)}');
    expect(renameInTemplate('{start[0].name', 'start', 'begin')).toBe('{start[0].name');
  });
});
