import { describe, expect, it } from 'vitest';
import type { EventSchema } from '@tidemark/event';
import { checkCondition, checkExpression, type ConditionIssue, type ConditionScope, typeName } from './index.ts';

const schema: EventSchema = {
  fields: [
    { name: 'ts', type: 'int' }, { name: 'id', type: 'int' }, { name: 'name', type: 'string' }, { name: 'ip', type: 'string' }, { name: 'price', type: 'double' },
    { name: 'ok', type: 'bool' }, { name: 'user', type: 'string', optional: true }, { name: 'user id', type: 'string' },
  ],
  time: { field: 'ts', format: 'epoch-ms' },
};
const scope: ConditionScope = { schema, stages: ['fail', 'rise', 'first login'], hasEvent: true };

function issues(text: string, within: ConditionScope = scope): readonly ConditionIssue[] {
  const checked = checkCondition(text, within);
  return checked.ok ? [] : checked.issues;
}
const codes = (text: string): string[] => issues(text).map((issue) => issue.code);
const only = (text: string): ConditionIssue => {
  const found = issues(text);
  expect(found.length, JSON.stringify(found)).toBe(1);
  return found[0] as ConditionIssue;
};
const at = (text: string, issue: ConditionIssue): string => text.slice(issue.start, issue.end);
function notes(text: string): string[] {
  const checked = checkCondition(text, scope);
  if (!checked.ok) throw new Error(JSON.stringify(checked.issues));
  return checked.notes.map((note) => note.code);
}

describe('checkCondition', () => {
  it.each([
    "event.name == 'a'", "event.name == 'a' || event.name == 'b'", "event.name.startsWith('a-')", "event.name in ['a', 'b']",
    "event.name == 'd' && event.price > 9.0", "event.name == 'b' && sum(fail.map(x, x.price)) + event.price < 1.0",
    "event.name == 'b' && (size(fail) == 0 || event.price > fail[size(fail) - 1].price)", "event.name == 'a' && event.ts - rise[size(rise) - 1].ts <= 3",
    "event.name == 'a' && !fail.exists(x, x.id == event.id)", 'max(fail.map(x, x.price)) >= event.price', "event.id == stage('first login')[0].id",
    "event.id == 4624 && has(event.user) && event.user == 'x'", 'event.price > (size(rise) == 0 ? (size(fail) == 0 ? 1000.0 : fail[0].price) : rise[size(rise)-1].price)',
    'size(fail) > 0 && event.price > avg(fail.map(e, e.price)) + 4.0', "!(event.ip in fail.map(e, e.ip))", 'fail.exists_one(e, e.ok)', 'fail.all(e, has(e.user))',
    'geoKm(fail[0].price, fail[0].price, event.price, event.price) > 900.0 * double(event.ts - fail[0].ts) / 3600000.0',
    "fromMillis(event.ts) - fromMillis(fail[0].ts) < duration('10m')", "fromMillis(event.ts).getHours('+08:00') >= 22", "event['user id'] == 'x'", "'user' in event",
    "size(fail.filter(e, e.ip == event.ip && e.ok)) >= 3", 'true', "event.name.matches('^[a-z]+$')",
  ])('[CK1] takes %s', (text) => {
    expect(issues(text)).toEqual([]);
  });

  it('[CK1] knows what a condition reads', () => {
    const checked = checkCondition("has(event.user) && event.name == 'x' && stage('first login')[0].ip == fail[0].ip", scope);
    if (!checked.ok) throw new Error('refused');
    expect(checked.condition.fields).toEqual([2, 3, 6]);
    expect(checked.condition.stages).toEqual(['fail', 'first login']);
    const plain = checkCondition('event.ok', scope);
    expect(plain.ok && plain.condition.stages).toEqual([]);
  });

  it('[CK2][CK3] unknown names say where, and what was perhaps meant', () => {
    const text = "event.nmae == 'x'";
    const issue = only(text);
    expect(issue).toMatchObject({ code: 'unknown-field', fix: 'Did you mean name?', values: { field: 'nmae', suggestion: 'name' } });
    expect(at(text, issue)).toBe('nmae');
    expect(only('size(fial) > 1')).toMatchObject({ code: 'unknown-name', fix: 'Did you mean fail?' });
    expect(only("name == 'x'")).toMatchObject({ code: 'unknown-name', fix: 'Did you mean event.name?' });
    expect(only("nmae == 'x'")).toMatchObject({ code: 'unknown-name', fix: 'Did you mean event.name?' });
    expect(only("event.name.startswith('x')")).toMatchObject({ code: 'unknown-function', fix: 'Did you mean startsWith?' });
    expect(only("event.name.toLowerCase() == 'x'")).toMatchObject({ code: 'unknown-function', fix: 'Did you mean lowerAscii?' });
    expect(only("stage('first logn')[0].ok")).toMatchObject({ code: 'unknown-stage', fix: 'Did you mean first login?' });
    expect(only('summ(fail.map(e, e.price)) > 1.0')).toMatchObject({ code: 'unknown-function', fix: 'Did you mean sum?' });
  });

  it('[CK2] gives all issues at once, in order of place, and none twice', () => {
    const text = "event.nmae == 'x' && event.prcie > 3.0 && size(fial) > 1 && event.ip > 5 && event.name";
    expect(issues(text).map((issue) => [issue.code, at(text, issue)])).toEqual([
      ['unknown-field', 'nmae'], ['unknown-field', 'prcie'], ['unknown-name', 'fial'], ['operands-do-not-fit', 'event.ip > 5'], ['not-bool', 'event.name'],
    ]);
  });

  it.each([
    ["event.name = 'x'", 'single-equals', '='], ["event.ok and event.ok", 'word-operator', 'and'], ['event.ok & event.ok', 'word-operator', '&'], ["event.name == 'x", 'syntax-error', "'x"],
    ['event.ok &&', 'syntax-error', ''], ['', 'text-empty', ''], ['event.价格 > 1', 'syntax-error', '价格'], ['event.name', 'not-bool', 'event.name'], ['event.ok && event.price', 'not-bool', 'event.price'],
    ['!event.price', 'not-bool', 'event.price'], ["event.price > 'x'", 'operands-do-not-fit', "event.price > 'x'"], ['event.price % 2.0 == 0.0', 'operands-do-not-fit', 'event.price % 2.0'],
    ['event.user == null', 'compare-with-null', 'event.user == null'], ['fail.ip == event.ip', 'list-has-no-field', 'ip'], ['event.name.first == 1', 'no-fields', 'first'],
    ['fail[0] == fail[1]', 'event-as-value', 'fail[0] == fail[1]'], ['size(event) > 1', 'event-as-value', 'event'], ['fail[0.5].ok', 'index-not-int', '0.5'], ['event.name[0] == 1', 'not-a-list', 'event.name[0]'],
    ["event.name in 'abc'", 'not-a-list', "'abc'"], ["event.ok == (event.ok ? 1 : 'a')", 'branches-do-not-fit', "event.ok ? 1 : 'a'"], ["event.price in [1, 'a']", 'mixed-list', "'a'"],
    ["event.name.matches('(')", 'bad-pattern', "'('"], ["event.name.matches('(?=a)')", 'bad-pattern', "'(?=a)'"], ['event.name.matches(event.ip)', 'pattern-not-literal', 'event.ip'],
    ["timestamp('2026-13-01T00:00:00Z') < timestamp('2026-01-01T00:00:00Z')", 'bad-timestamp', "'2026-13-01T00:00:00Z'"], ["duration('5 minutes') > duration('1s')", 'bad-duration', "'5 minutes'"],
    ["fromMillis(event.ts).getHours('Europe/Berlin') > 3", 'bad-zone', "'Europe/Berlin'"], ['event.id > 9007199254740992', 'int-out-of-range', '9007199254740992'], ['1u == 1u', 'not-offered', '1u'],
    ["{'a': 1} == {'a': 1}", 'not-offered', "{'a': 1}"], ['size() > 1', 'wrong-argument-count', 'size()'], ['sum(event.price) > 1.0', 'wrong-argument-type', 'sum(event.price)'],
    ['has(event) ', 'has-needs-field', 'has(event)'], ['fail.exists(event.ok, true)', 'bad-variable', 'event.ok'], ['[][0] == 1', 'empty-list-element', '[][0]'], ["size('a') == size(1)", 'wrong-argument-type', 'size(1)'],
    ['size(stage(event.name)) > 1', 'stage-needs-name', 'stage(event.name)'], ['sum(fail) > 1.0', 'wrong-argument-type', 'sum(fail)'],
  ])('[CK2][CK3] refuses %s with %s', (text, code, place) => {
    const found = issues(text);
    expect(found.map((issue) => issue.code)).toContain(code);
    const issue = found.find((each) => each.code === code) as ConditionIssue;
    expect(at(text, issue)).toBe(place);
    expect(issue.message).toMatch(/^\S.*[.?]$/s);
  });

  it('[CK4] reads an int literal beside a double as a double, with a note, and mixes ints with doubles', () => {
    expect(notes('event.price > 5')).toEqual(['int-literal-as-double']);
    expect(notes('event.price in [1, 2]')).toEqual(['int-literal-as-double', 'int-literal-as-double']);
    expect(notes('event.price > -5')).toEqual(['int-literal-as-double']);
    expect(notes('event.id > 5')).toEqual([]);
    expect(notes('event.price + event.id > 2.5')).toEqual(['int-as-double']);
    expect(notes('event.price * 2 > 1.0')).toEqual(['int-literal-as-double']);
    const sum = checkExpression('sum(fail.map(e, e.id))', scope);
    expect(sum.ok && typeName(sum.expression.type)).toBe('double');
    const least = checkExpression('min(fail.map(e, e.id))', scope);
    expect(least.ok && typeName(least.expression.type)).toBe('int');
    const mixed = checkExpression('event.ok ? 1 : 2.5', scope);
    expect(mixed.ok && typeName(mixed.expression.type)).toBe('double');
  });

  it('[CK5] warns where an optional field is read without has() near it', () => {
    expect(notes("event.user == 'x'")).toEqual(['optional-field-unguarded']);
    expect(notes("has(event.user) && event.user == 'x'")).toEqual([]);
    expect(notes("event.user == 'x' && has(event.user)")).toEqual([]);
    expect(notes("event.name == 'a' && (has(event.user) && event.ok) && event.user == 'x'")).toEqual([]);
    expect(notes("!has(event.user) || event.user == 'x'")).toEqual([]);
    expect(notes("has(event.user) ? event.user == 'x' : event.ok")).toEqual([]);
    expect(notes("!has(event.user) ? event.ok : event.user == 'x'")).toEqual([]);
    expect(notes("has(event.user) || event.user == 'x'")).toEqual(['optional-field-unguarded']);
    expect(notes("has(event.user) && fail[0].user == event.user")).toEqual(['optional-field-unguarded']);
    expect(notes("fail.exists(e, has(e.user) && e.user == 'x')")).toEqual([]);
  });

  it('[CK6] nothing is null: presence is asked for', () => {
    expect(only('event.user == null')).toMatchObject({ code: 'compare-with-null', fix: 'Write !has(event.user).' });
    expect(only('event.user != null')).toMatchObject({ fix: 'Write has(event.user).' });
    expect(codes("has(event.user) && 'user' in event && has(fail[0].user) && 'user' in fail[0]")).toEqual([]);
    expect(codes("'usre' in event")).toEqual(['unknown-field']);
    expect(codes('event.name in event')).toEqual(['has-needs-field']);
  });

  it('[CK7] events as a whole are no values', () => {
    for (const text of ['event == event', 'fail[0] == rise[0]', 'fail == rise', 'fail[0] in fail', '[fail[0]] == []', 'size(fail + rise) > 1']) expect(codes(text), text).toContain('event-as-value');
    expect(codes('(event.ok ? fail[0] : rise[0]).price > 1.0 && size(fail.filter(e, e.ok)) > 1')).toEqual([]);
  });

  it('[CK8] patterns, and literal times and zones, are checked before anything runs', () => {
    expect(codes("event.name.matches('[a-') || matches(event.name, '*')")).toEqual(['bad-pattern', 'bad-pattern']);
    expect(codes("timestamp('2026-02-30T00:00:00Z') == timestamp('x') && duration('1x') == duration('1h') && fromMillis(event.ts).getHours('99:00') == 1"))
      .toEqual(['bad-timestamp', 'bad-timestamp', 'bad-duration', 'bad-zone']);
    // What is no literal is read when it is there.
    expect(codes("timestamp(event.name) < fromMillis(event.ts) && duration(event.name) > duration('1s')")).toEqual([]);
  });

  it('[CK9] what is left out of CEL is said to be left out', () => {
    for (const text of ['1u == 1u', "b'a' == b'a'", "{'a': 1} == {'a': 1}", 'uint(1) == uint(1)', 'dyn(1) == dyn(1)', 'type(1) == type(1)', "bytes('a') == bytes('a')"]) expect(codes(text), text).toContain('not-offered');
  });

  it('[CK11] refuses a text that this parser and CEL read differently, and takes it with parentheses', () => {
    expect(codes('event.ok == event.price > 1.0')).toEqual(['chained-comparison']);
    expect(codes('event.ok == (event.price) > 1.0')).toEqual(['chained-comparison']);
    expect(codes("event.ok == event.name in ['a)']")).toEqual(['chained-comparison']);
    expect(codes('event.ok == (event.price > 1.0)')).toEqual([]);
    expect(codes("event.ok == ((event.name) in ['a)', 'b('])")).toEqual([]);
    expect(codes('event.price > 1.0 == event.ok')).toEqual([]);
    expect(codes('event.ok == // (\n (event.price > 1.0)')).toEqual([]);
  });

  it('[CK1] has no event in output texts, and a variable hides a stage', () => {
    const output: ConditionScope = { ...scope, hasEvent: false };
    expect(issues("event.name == 'a'", output).map((issue) => issue.code)).toEqual(['event-not-readable']);
    expect(issues("has(event.name) && 'name' in event", output).map((issue) => issue.code)).toEqual(['event-not-readable', 'event-not-readable']);
    expect(issues('size(fail) > 1', output)).toEqual([]);
    expect(codes('rise.exists(fail, fail.price > 1.0)')).toEqual([]);
    expect(codes('rise.exists(fail, fail[0].price > 1.0)')).toEqual(['not-a-list']);
  });
});
