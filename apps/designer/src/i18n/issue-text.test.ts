import { checkCondition } from '@tidemark/condition';
import { ISSUES } from '@tidemark/pattern';
import { describe, expect, it } from 'vitest';
import { conditionIssueText, raisedText } from './issue-text.ts';
import { PATTERN_ISSUES_ZH } from './zh/issues.ts';

const holes = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((hole) => hole[1] ?? '');

describe('issues in words', () => {
  it('every issue of a document has its Chinese sentence', () => {
    expect(Object.keys(ISSUES).filter((code) => !(code in PATTERN_ISSUES_ZH))).toEqual([]);
  });
  it('a Chinese sentence asks for no value that the English one lacks', () => {
    for (const [code, entry] of Object.entries(ISSUES)) {
      const english = holes(`${entry.message} ${entry.fix ?? ''}`);
      const chinese = PATTERN_ISSUES_ZH[code as keyof typeof ISSUES];
      for (const hole of holes(`${chinese?.[0]} ${chinese?.[1] ?? ''}`)) expect(english, code).toContain(hole);
    }
  });
  it('says types in words', () => {
    const checked = checkCondition("event.port == '22'", { schema: { fields: [{ name: 'ts', type: 'int' }, { name: 'port', type: 'int' }], time: { field: 'ts', format: 'epoch-ms' } }, stages: [], hasEvent: true });
    if (checked.ok) throw new Error('should not check');
    const [issue] = checked.issues;
    if (!issue) throw new Error('no issue');
    expect(conditionIssueText(issue, 'en').message).toBe('A whole number and a text do not go together with ==.');
    expect(conditionIssueText(issue, 'zh').message).toBe('整数 与 文字 之间不能用 ==。');
  });
  it('offers what was probably meant', () => {
    expect(raisedText({ code: 'unknown-field', message: 'Events have no field outcom.', fix: 'Did you mean outcome?', values: { field: 'outcom', suggestion: 'outcome' } }, 'zh')).toEqual({ message: '事件没有字段 outcom。', fix: '是否想写 outcome？' });
  });
});
