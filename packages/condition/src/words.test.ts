import { describe, expect, it } from 'vitest';
import type { EventSchema } from '@tidemark/event';
import { checkCondition, type CheckedCondition, completions, describe as inWords, rename, rowsOf, textOf } from './index.ts';

const schema: EventSchema = {
  fields: [
    { name: 'ts', type: 'int' }, { name: 'outcome', type: 'string' }, { name: 'ip', type: 'string' }, { name: 'value', type: 'double' }, { name: 'count', type: 'int' },
    { name: 'vpn', type: 'bool' }, { name: 'user', type: 'string', optional: true }, { name: 'user id', type: 'string' },
  ],
  time: { field: 'ts', format: 'epoch-ms' },
};
const scope = { schema, stages: ['fail', 'rise', 'first login'], hasEvent: true };

function conditionOf(text: string): CheckedCondition {
  const checked = checkCondition(text, scope);
  if (!checked.ok) throw new Error(`${text} ${JSON.stringify(checked.issues)}`);
  return checked.condition;
}

describe('describe', () => {
  it.each([
    ["event.outcome == 'failure'", 'outcome is failure', 'outcome 是 failure'],
    ['event.value < 50', 'value is below 50', 'value 低于 50'],
    ['50.0 >= event.value', 'value is at most 50', 'value 不高于 50'],
    ["event.outcome != 'a b' && !event.vpn", 'outcome is not “a b” and vpn is false', 'outcome 不是 “a b” 且 vpn 为假'],
    ["event.vpn && (event.outcome == 'a' || event.outcome == 'b')", 'vpn is true and (outcome is a or outcome is b)', 'vpn 为真 且 (outcome 是 a 或 outcome 是 b)'],
    ["!(event.ip in ['a', 'b'])", 'ip is none of a, b', 'ip 不在 a、b 之中'],
    ["!event.ip.startsWith('10.') || event.ip.matches('^x')", 'ip does not start with 10. or ip matches “^x”', 'ip 不以 10. 开头 或 ip 匹配 “^x”'],
    ["has(event.user) && !has(fail[0].user)", 'user is present and user of the first fail is absent', '有 user 且 首个 fail 没有 user'],
    ['event.ip == fail[0].ip', 'ip is that of the first fail', 'ip 是 首个 fail 的同一字段'],
    ['event.value > rise[size(rise) - 1].value', 'value is above that of the last rise', 'value 高于 最近一个 rise 的同一字段'],
    ['event.value >= 1.5 * fail[0].value', 'value is at least 1.5 × value of the first fail', 'value 不低于 1.5 × 首个 fail 的 value'],
    ['size(fail) < 3', 'the number of fail is below 3', 'fail 的个数 低于 3'],
    ['avg(fail.map(e, e.value)) > event.value', 'the average of the value values of fail is above value', 'fail 的各 value 的平均值 高于 value'],
    ['!fail.exists(x, x.ip == event.ip)', 'for no fail, ip is that of this event', '没有任何 fail,其 ip 是 本事件的同一字段'],
    ["(event.value > 1.0) == event.vpn", '(value is above 1) is vpn', '(value 高于 1) 是 vpn'],
    ["event.outcome.lowerAscii() == 'x'", 'event.outcome.lowerAscii() is x', 'event.outcome.lowerAscii() 是 x'],
  ])('[DS1] says %s', (text, en, zh) => {
    expect(inWords(conditionOf(text), 'en')).toBe(en);
    expect(inWords(conditionOf(text), 'zh')).toBe(zh);
  });
});

describe('rows', () => {
  it.each([
    ["event.outcome == 'failure' && event.value < 50", "event.outcome == 'failure' && event.value < 50.0"],
    ["has(event.user) && !event.vpn && event.count >= 3", 'has(event.user) && !event.vpn && event.count >= 3'],
    ["event['user id'] in ['a', 'b'] || !event.ip.contains('x')", "event['user id'] in ['a', 'b'] || !event.ip.contains('x')"],
    ["event.ip == fail[0].ip && event.value > 1.5 * fail[size(fail)-1].value + 10.0", 'event.ip == fail[0].ip && event.value > fail[size(fail) - 1].value * 1.5 + 10.0'],
    ["stage('first login')[0].ip != event.ip", "event.ip != stage('first login')[0].ip"],
    ['3.0 < event.value', 'event.value > 3.0'], ['event.vpn == false', '!event.vpn'], ["!(event.outcome == 'a')", "event.outcome != 'a'"],
    ['event.count > 2.5', 'event.count > 2.5'], ['event.count * 1 > 2', null], ['event.count > 2.0 * fail[0].count', null], ['event.count > 2 * fail[0].count', 'event.count > fail[0].count * 2'],
    // Not "at least": both are false where the value is not a number.
    ['!(event.value < 3.0)', null],
    ['event.vpn && (event.value > 1.0 || event.count > 1)', null], ['size(fail) > 2', null], ["event.ip in fail.map(e, e.ip)", null], ["event.outcome < 'b'", null], ['true', null], ['fail[0].vpn', null],
  ])('[BR1] %s', (text, again) => {
    const rows = rowsOf(conditionOf(text));
    expect(rows === null ? null : textOf(rows, scope)).toBe(again);
  });
});

describe('rename', () => {
  it.each([
    ['size(fail) > 1 && fail[0].ip == event.ip', 'fail', 'failure', 'size(failure) > 1 && failure[0].ip == event.ip'],
    ["stage('fail')[0].ip == 'fail' // fail", 'fail', 'failure', "failure[0].ip == 'fail' // fail"],
    ['rise.map(fail, fail.ip)[0] == fail[0].ip', 'fail', 'x', 'rise.map(fail, fail.ip)[0] == x[0].ip'],
    ['rise.exists(x, x.value > fail[0].value)', 'fail', 'x', "rise.exists(x, x.value > stage('x')[0].value)"],
    ['size(fail) > 1', 'fail', 'my stage', "size(stage('my stage')) > 1"],
    ["size(stage('my stage')) > 1", 'my stage', 'fail', 'size(fail) > 1'],
    ['size(fail) > 1', 'fail', 'event', "size(stage('event')) > 1"],
    ['event.fail == 1 && fail.map(e, e.fail) == []', 'fail', 'b', 'event.fail == 1 && b.map(e, e.fail) == []'],
    ['size(fail >', 'fail', 'b', 'size(fail >'],
  ])('[RN1] %s: %s -> %s', (text, from, to, wanted) => {
    expect(rename(text, from, to)).toBe(wanted);
  });
});

describe('completions', () => {
  const sample = {
    fields: [
      { name: 'outcome', top: [{ value: 'failure', count: 37 }, { value: "it's", count: 5 }], min: null, max: null },
      { name: 'value', top: [{ value: '2.5', count: 2 }], min: 0, max: 100 }, { name: 'vpn', top: [{ value: 'false', count: 40 }, { value: 'true', count: 2 }], min: null, max: null },
    ],
  };
  const applied = (text: string, at = text.length): string[] => completions(text, at, scope, sample).map((each) => text.slice(0, each.from) + each.insert + text.slice(each.to));

  it('[CP1] offers whole comparisons with values of the sample, most frequent first', () => {
    expect(applied('').slice(0, 5)).toEqual(['!event.vpn', "event.outcome == 'failure'", "event.outcome == 'it\\'s'", 'event.vpn', 'event.value > 50.0']);
    expect(applied('event.vpn && eve')).toContain("event.vpn && event.outcome == 'failure'");
    expect(applied('event.out')).toEqual(['event.outcome', "event.outcome == 'failure'", "event.outcome == 'it\\'s'"]);
    for (const text of applied('')) if (text.includes('==') || text.includes(' > ')) expect(checkCondition(text, scope).ok, text).toBe(true);
  });

  it('[CP1] offers fields after a dot, operators after a field, values after an operator', () => {
    expect(applied('event.')).toEqual(expect.arrayContaining(['event.ts', 'event.outcome', "event['user id']"]));
    expect(applied('fail[0].va')).toEqual(['fail[0].value']);
    expect(applied('fail.exists(e, e.va')).toEqual(['fail.exists(e, e.value']);
    expect(applied('event.value ')).toEqual(['event.value == ', 'event.value != ', 'event.value < ', 'event.value <= ', 'event.value > ', 'event.value >= ', 'event.value in ']);
    expect(applied('event.outcome == ').slice(0, 3)).toEqual(["event.outcome == 'failure'", "event.outcome == 'it\\'s'", 'event.outcome == fail[0].outcome']);
    expect(applied("event.outcome == 'fa'", 20)).toEqual(["event.outcome == 'failure'"]);
    expect(applied("event.outcome == 'fa' && event.vpn", 19)).toEqual(["event.outcome == 'failure' && event.vpn"]);
    expect(applied("event.outcome in ['x', 'fa")).toEqual(["event.outcome in ['x', 'failure'"]);
    expect(applied('event.outcome in ')[0]).toBe("event.outcome in ['failure', 'it\\'s']");
    expect(applied('event.value > ')[0]).toBe('event.value > 2.5');
    expect(applied("event.outcome == 'x' ")).toEqual(["event.outcome == 'x' && ", "event.outcome == 'x' || "]);
  });

  it('[CP1] offers stages, helpers and list macros', () => {
    expect(applied('size(')).toEqual(expect.arrayContaining(['size(fail', "size(stage('first login')"]));
    expect(applied('fail.ma')).toEqual(['fail.map(e, )']);
    expect(applied("stage('fi")).toEqual(["stage('first login'"]);
    expect(applied('event.outcome.st')).toEqual(["event.outcome.startsWith('')"]);
    expect(applied('geo')).toEqual(['geoKm()']);
    const output = completions('si', 2, { ...scope, hasEvent: false }, sample).map((each) => each.label);
    expect(output).toEqual(['size']);
  });
});
