import { describe, expect, it } from 'vitest';
import { type CasePattern, type CaseStep, fromCase } from './from-case.ts';
import { flinkRefusal } from './issue-list.ts';
import { validateDocument } from './validate.ts';

const events = [{ ts: 1, id: 1, name: 'a', price: 1 }, { ts: 2, id: 2, name: 'b', price: 0.5, user: 'u', vip: true }];
const made = (steps: readonly CaseStep[], pattern: Partial<CasePattern> = {}) => fromCase({ steps, ...pattern }, null, events);
const validated = (steps: readonly CaseStep[], pattern: Partial<CasePattern> = {}) => {
  const result = made(steps, pattern);
  if (!result.ok) throw new Error(flinkRefusal(result.issues) ?? 'refused');
  return validateDocument(result.document, result.options).job?.patterns[0];
};
const begin = (more: Partial<CaseStep> = {}): CaseStep => ({ name: 'a', link: 'begin', ...more });

describe('fromCase', () => {
  it('[FC1] makes the calls in order and stops at the first that Flink refuses', () => {
    const refused = (step: Partial<CaseStep>) => { const result = made([begin(step)]); return result.ok ? null : flinkRefusal(result.issues); };
    expect(refused({ calls: [['where', null]] })).toBe('NullPointerException: The condition cannot be null.');
    expect(refused({ calls: [['oneOrMore'], ['until', null]] })).toBe('NullPointerException: The condition cannot be null');
    expect(refused({ calls: [['times', 2], ['oneOrMore'], ['optional'], ['optional']] })).toContain('Already applied quantifier');
    expect(refused({ calls: [['times', 0, 3], ['optional']] })).toBe('MalformedPatternException: Optional already applied!');
    expect(refused({ calls: [['oneOrMore'], ['consecutive'], ['consecutive']] })).toBe('MalformedPatternException: Consecutive already applied!');
    expect(refused({ group: [begin()], calls: [['or', 'true']] })).toBe('UnsupportedOperationException: GroupPattern does not support or clause.');
    expect(refused({ group: [begin()], calls: [['subtype', 'Sub']] })).toBe('UnsupportedOperationException: GroupPattern does not support subtype clause.');
    expect(refused({ times: { from: 2, to: null }, optional: true, until: 'true', within: { ms: 5 } })).toBeNull();
  });
  it('[FC1] joins conditions as Flink does, and loses what Flink loses', () => {
    const step = (calls: CaseStep['calls']) => validated([begin({ calls: calls ?? [] })])?.steps[0];
    expect(step([['where', "event.name == 'a'"], ['or', "event.name == 'b'"], ['where', 'event.price < 3.0']])?.condition?.text)
      .toBe("((event.name == 'a') || (event.name == 'b')) && (event.price < 3.0)");
    expect(step([['subtype', 'Sub']])?.condition?.text).toBe('event.type == "Sub"');
    expect(step([['optional'], ['oneOrMore']])?.quantifier).toMatchObject({ kind: 'looping', optional: false });
    expect(step([['times', 0, 2]])?.quantifier).toMatchObject({ kind: 'times', from: 1, to: 2, optional: true });
    expect(step([['timesOrMore', 2, 7]])?.quantifier).toMatchObject({ kind: 'looping', from: 2, to: 2, windowMs: 7 });
  });
  it('[FC2] what a document cannot say goes into the options', () => {
    const greedyFirst = validated([begin({ calls: [['oneOrMore'], ['greedy'], ['allowCombinations']] }), { name: 'not c', link: 'next', where: "size(stage('not c')) == 0" }]);
    expect(greedyFirst?.steps[0]?.quantifier).toMatchObject({ greedy: true, inner: 'allowCombinations' });
    expect(greedyFirst?.stageNames).toEqual(['a', 'not c']);
    expect(validated([{ name: 'a:x', link: 'begin' }, { name: 'b', link: 'next' }], { skip: { strategy: 'SKIP_TO_LAST', stage: 'a:x' } })).toMatchObject({ stageNames: ['a', 'b'], skip: { patternName: 'a' } });
    expect(validated([{ name: 'a:x', link: 'begin' }, { name: 'a', link: 'next' }])?.stageNames).toEqual(['a:x', 'a']);
  });
  it('[FC2] a step has both kinds of window', () => {
    const both = validated([begin(), { name: 'b', link: 'next', within: { ms: 3, type: 'PREVIOUS_AND_CURRENT' } }], { within: { ms: 9, type: 'FIRST_AND_LAST' } });
    expect([both?.windowMs, both?.steps[1]?.window]).toEqual([9, { type: 'PREVIOUS_AND_CURRENT', ms: 3 }]);
    const calls = validated([begin(), { name: 'b', link: 'next', calls: [['within', 3, 'PREVIOUS_AND_CURRENT'], ['within', 9]] }]);
    expect([calls?.windowMs, calls?.steps[1]?.window]).toEqual([9, { type: 'PREVIOUS_AND_CURRENT', ms: 3 }]);
  });
  it('[FC3] types the fields, those too that only a condition names', () => {
    const result = made([begin({ where: "has(event.kind) && event.kind == 'x' && event.level > 3 && event.name.startsWith('a')" })]);
    expect(result.ok && result.document.schema?.fields).toEqual([
      { name: 'ts', type: 'int' }, { name: 'id', type: 'int' }, { name: 'name', type: 'string' }, { name: 'price', type: 'double' },
      { name: 'user', type: 'string', optional: true }, { name: 'vip', type: 'bool', optional: true },
      { name: 'kind', type: 'string', optional: true }, { name: 'level', type: 'double', optional: true },
    ]);
    expect(fromCase({ steps: [begin()] }, ['name', 'id'], events)).toMatchObject({ ok: true, document: { patterns: [{ key: ['name', 'id'], advanceEveryKey: false }] } });
    expect(fromCase({ steps: [begin()] }, null, events, { advanceEveryKey: true })).toMatchObject({ document: { patterns: [{ key: [], advanceEveryKey: true }] } });
  });
});
