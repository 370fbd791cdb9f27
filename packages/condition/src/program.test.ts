import { describe, expect, it } from 'vitest';
import { type EventSchema, EventBatch, appendObject } from '@tidemark/event';
import {
  CostExceeded, EvaluationError, type EvaluationContext, RowList, type Tri, checkCondition, checkExpression, compileCondition, compilePredicate, compileValue, eventContext, splitCondition,
} from './index.ts';

const schema: EventSchema = {
  fields: [{ name: 'ts', type: 'int' }, { name: 'id', type: 'int' }, { name: 'name', type: 'string' }, { name: 'price', type: 'double', optional: true }, { name: 'lat', type: 'double', optional: true }, { name: 'lon', type: 'double', optional: true }],
  time: { field: 'ts', format: 'epoch-ms' },
};
const scope = { schema, stages: ['fail', 'rise', 'first login'], hasEvent: true };

interface World { readonly event?: Record<string, unknown>; readonly fail?: readonly Record<string, unknown>[]; readonly rise?: readonly Record<string, unknown>[]; readonly login?: readonly Record<string, unknown>[]; readonly budget?: number }

/** Events of stages and the current event in sets of their own, so that no dictionary is shared. */
function contextOf({ event = {}, fail = [], rise = [], login = [], budget = 100_000 }: World): EvaluationContext {
  const batch = new EventBatch(schema, 1);
  appendObject(batch, event, 0, 0);
  const retained = new EventBatch(schema, 50);
  const lists = [fail, rise, login].map((events) => {
    const rows = new RowList();
    for (const each of events) {
      rows.push(retained.length);
      appendObject(retained, each, 0, 0);
    }
    return rows;
  });
  return { batch, row: 0, retained, rows: (stage) => lists[stage] as RowList, budget };
}

function conditionOf(text: string): ReturnType<typeof compileCondition> & { predicate: ReturnType<typeof compilePredicate> } {
  const checked = checkCondition(text, scope);
  if (!checked.ok) throw new Error(JSON.stringify(checked.issues));
  return { ...compileCondition(checked.condition, scope), predicate: compilePredicate(checked.condition, scope) };
}
const evaluate = (text: string, world: World = {}): Tri => conditionOf(text).evaluate(contextOf(world));

function valueOf(text: string, world: World = {}): unknown {
  const checked = checkExpression(text, scope);
  if (!checked.ok) throw new Error(JSON.stringify(checked.issues));
  return compileValue(checked.expression, scope)(contextOf(world));
}

describe('conditions over stages', () => {
  it('[CK1] read the first, the last and any event of a stage; a stage without events is an empty list', () => {
    const fail = [{ name: 'a', price: 1.5, id: 1 }, { name: 'b', price: 2.5, id: 2 }];
    expect(evaluate('event.name == fail[0].name', { event: { name: 'a' }, fail })).toBe(1);
    expect(evaluate('event.name == fail[0].name', { event: { name: 'b' }, fail })).toBe(0);
    expect(evaluate('event.name == fail[size(fail) - 1].name', { event: { name: 'b' }, fail })).toBe(1);
    expect(evaluate('size(rise) == 0', { fail })).toBe(1);
    expect(evaluate("stage('first login')[0].id == fail[1].id", { fail, login: [{ id: 2 }] })).toBe(1);
    expect(evaluate('event.price > (size(rise) == 0 ? fail[0].price : rise[size(rise)-1].price)', { event: { price: 2 }, fail })).toBe(1);
  });

  it('[EV2] sums, means and extremes; only sum knows the empty list', () => {
    const fail = [{ price: 1.5, id: 3 }, { price: 2.5, id: 1 }];
    expect(evaluate('sum(fail.map(e, e.price)) + event.price < 5.0', { event: { price: 0.5 }, fail })).toBe(1);
    expect(valueOf('sum(fail.map(e, e.price))')).toBe(0);
    expect(valueOf('avg(fail.map(e, e.price))', { fail })).toBe(2);
    expect(valueOf('min(fail.map(e, e.id))', { fail })).toBe(1);
    expect(valueOf('max(fail.map(e, e.id))', { fail })).toBe(3);
    for (const name of ['avg', 'min', 'max']) expect(evaluate(`${name}(fail.map(e, e.price)) > 0.0`)).toBe(2);
    expect(evaluate('fail[0].price > 0.0')).toBe(2);
    expect(evaluate('fail[-1].price > 0.0', { fail })).toBe(2);
    expect(evaluate('sum(fail.map(e, e.price)) > 0.0', { fail: [{ id: 1 }] })).toBe(2);
  });

  it('[EV3] && and || absorb errors, all and exists too, ? : evaluates one branch', () => {
    for (const text of ['size(fail) > 0 && fail[0].price > 1.0', 'fail[0].price > 1.0 && size(fail) > 0', '(fail[0].price > 1.0 || fail[0].id == 1) && false']) expect(evaluate(text)).toBe(0);
    for (const text of ['size(fail) == 0 || fail[0].price > 1.0', 'fail[0].price > 1.0 || size(fail) == 0', '!(fail[0].price > 1.0 && false)']) expect(evaluate(text)).toBe(1);
    expect(evaluate('size(fail) == 0 && fail[0].price > 1.0')).toBe(2);
    expect(evaluate('size(fail) == 0 ? true : fail[0].price > 1.0')).toBe(1);
    expect(evaluate('size(fail) == 0 ? fail[0].price > 1.0 : true')).toBe(2);
    const fail = [{ id: 1 }, { id: 2, price: 3 }];
    expect(evaluate('fail.exists(e, e.price > 1.0)', { fail })).toBe(1);
    expect(evaluate('fail.exists(e, e.price > 9.0)', { fail })).toBe(2);
    expect(evaluate('fail.all(e, e.price > 9.0)', { fail })).toBe(0);
    expect(evaluate('fail.all(e, e.price > 1.0)', { fail })).toBe(2);
    expect(evaluate('fail.exists_one(e, e.price > 1.0)', { fail })).toBe(2);
    // An error on the left stays, whatever && on the right says.
    expect(evaluate('(fail[0].price > 1.0) == (true || event.price > 1.0)')).toBe(2);
  });

  it('[EV1] ints are safe integers: overflow and division by zero are errors', () => {
    expect(valueOf('7 / -2')).toBe(-3);
    expect(valueOf('-7 % 2')).toBe(-1);
    expect(Object.is(valueOf('0 * -1'), 0)).toBe(true);
    expect(Object.is(valueOf('-1 / 2'), 0)).toBe(true);
    expect(valueOf('7.0 / 2')).toBe(3.5);
    for (const text of ['event.id / 0 == 1', 'event.id % 0 == 1', '9007199254740991 + event.id == 1', 'int(1e300) == 1', "int('1.5') == 1", "double('x') > 1.0"]) expect(evaluate(text, { event: { id: 1 } }), text).toBe(2);
    expect(evaluate('event.id > 2.5', { event: { id: 3 } })).toBe(1);
    expect(evaluate('0.0 / 0.0 == 0.0 / 0.0')).toBe(0);
    expect(evaluate('1.0 / 0.0 > 1e308')).toBe(1);
  });

  it('[EV4] texts of different dictionaries compare by text, and by code points', () => {
    expect(evaluate('event.name == fail[0].name', { event: { name: 'x' }, fail: [{ name: 'y' }] })).toBe(0);
    expect(evaluate('event.name == fail[1].name', { event: { name: 'y' }, fail: [{ name: 'x' }, { name: 'y' }] })).toBe(1);
    expect(evaluate('fail[0].name != fail[1].name', { fail: [{ name: 'x' }, { name: 'y' }] })).toBe(1);
    expect(evaluate("event.name < '\uff5e'", { event: { name: '😀' } })).toBe(0);
    expect(valueOf("size('😀é')")).toBe(2);
    expect(valueOf("'Grüße ABC'.lowerAscii()")).toBe('grüße abc');
  });

  it('[EV4] a literal is found in a dictionary that learns it later', () => {
    const batch = new EventBatch(schema, 4);
    appendObject(batch, { name: 'a' }, 0, 0);
    const condition = conditionOf("event.name == 'late'");
    const context = eventContext(batch);
    expect(condition.evaluate(context)).toBe(0);
    appendObject(batch, { name: 'late' }, 0, 1);
    context.row = 1;
    expect(condition.evaluate(context)).toBe(1);
    context.batch = contextOf({ event: { name: 'b' } }).batch;
    context.row = 0;
    expect(condition.evaluate(context)).toBe(0);
  });

  it('[EV2] an error says what and where; the predicate throws it', () => {
    const text = 'event.id == 1 && fail[0].price > 1.0';
    const condition = conditionOf(text);
    const context = contextOf({ event: { id: 1 } });
    expect(condition.evaluate(context)).toBe(2);
    const error = condition.error() as EvaluationError;
    expect(error).toBeInstanceOf(EvaluationError);
    expect(error.code).toBe('index-out-of-range');
    expect(text.slice(error.start, error.end)).toBe('fail[0]');
    expect(() => condition.predicate(context)).toThrow(EvaluationError);
    expect(condition.evaluate(contextOf({ event: { id: 2 } }))).toBe(0);
    expect(condition.error()).toBeNull();
  });

  it('[LM4] charges list macros by elements and nodes, and throws when the budget is gone', () => {
    const fail = Array.from({ length: 40 }, (_, i) => ({ id: i, price: i }));
    const condition = conditionOf('sum(fail.map(e, e.price)) >= 0.0');
    const context = contextOf({ fail, budget: 1000 });
    expect(condition.evaluate(context)).toBe(1);
    expect(context.budget).toBeLessThan(1000 - 40);
    context.budget = 30;
    expect(() => condition.evaluate(context)).toThrow(CostExceeded);
    expect(() => conditionOf('true || fail.exists(e, fail.exists(f, e.id == -1))').predicate({ ...context, budget: 500 })).not.toThrow();
    expect(() => conditionOf('fail.exists(e, fail.exists(f, f.id == -1)) || true').predicate({ ...context, budget: 500 })).toThrow(CostExceeded);
  });

  it('geoKm, times and lengths of time', () => {
    expect(valueOf('geoKm(52.52, 13.405, 48.8566, 2.3522)')).toBeCloseTo(877.46, 1);
    expect(valueOf('geoKm(0, 0, 0, 180)')).toBeCloseTo(20015.1, 1);
    expect(valueOf("fromMillis(event.ts) - timestamp('1970-01-01T00:00:00Z') == duration('1h30m')", { event: { ts: 5_400_000 } })).toBe(true);
    expect(valueOf("timestamp('2026-11-22T20:30:00+08:00').getHours()")).toBe(12);
    expect(valueOf("timestamp('2026-11-22T12:30:00Z').getHours('+08:00')")).toBe(20);
    expect(valueOf("toMillis(timestamp('1970-01-01T00:00:01.5Z'))")).toBe(1500);
    expect(valueOf("string(duration('90m'))")).toBe('5400s');
  });

  it('lists inside lists keep their values', () => {
    const fail = [{ id: 1 }, { id: 2 }, { id: 3 }];
    expect(valueOf('fail.map(e, fail.map(f, e.id * f.id))', { fail })).toEqual([[1, 2, 3], [2, 4, 6], [3, 6, 9]]);
    expect(valueOf('fail.map(e, fail.map(f, e.id * f.id)).filter(l, size(l) == 3 && l[0] > 1)[1]', { fail })).toEqual([3, 6, 9]);
    expect(valueOf('[fail.map(e, e.id), []] + [[7]]', { fail })).toEqual([[1, 2, 3], [], [7]]);
    expect(valueOf('[].map(x, x + 1) == [] && [].all(x, x.nope)')).toBe(true);
    expect(valueOf("fail.map(e, e.id > 1, string(e.id) + '!')", { fail })).toEqual(['2!', '3!']);
  });

  it('[EV6] splitting leaves the part for the kernel and the part for the stages', () => {
    const split = (text: string): (string | null)[] => {
      const checked = checkCondition(text, scope);
      if (!checked.ok) throw new Error('refused');
      const { eventOnly, rest } = splitCondition(checked.condition);
      return [eventOnly, rest].map((part) => (part === null ? null : `${part.stages.join()}:${part.fields.join()}`));
    };
    expect(split("event.name == 'b' && size(fail) < 2 && event.price > 1.0")).toEqual([':2,3', 'fail:']);
    expect(split("event.name == 'b'")).toEqual([':2', null]);
    expect(split("event.name == 'b' || size(fail) < 2")).toEqual([null, 'fail:2']);
    expect(split('size(fail) < 2')).toEqual([null, 'fail:']);
  });

  it('a stage that the scope lacks is our own mistake', () => {
    const checked = checkCondition('size(fail) < 2', scope);
    if (!checked.ok) throw new Error('refused');
    expect(() => compileCondition(checked.condition, { stages: ['rise'] })).toThrow('fail');
  });
});
