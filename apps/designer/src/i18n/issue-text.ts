/**
 * The sentence of an issue in the language of the page. English is the room's own; Chinese comes from a table by code.
 * Types of CEL are said in words: nobody who watches for fraud should have to know what "int == string" means.
 */
import type { ConditionIssue, ConditionIssueCode } from '@tidemark/condition';
import { fillText } from '@tidemark/pattern';
import type { Language } from './index.ts';
import { CONDITION_ISSUES_ZH, PATTERN_ISSUES_ZH } from './zh/issues.ts';

export interface IssueWords { readonly message: string; readonly fix: string | null }
interface Raised { readonly code: string; readonly message: string; readonly fix: string | null; readonly values: Readonly<Record<string, string | number>> }

const TYPES: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  en: { int: 'a whole number', double: 'a number', string: 'a text', bool: 'yes or no', timestamp: 'a date', duration: 'a length of time', event: 'an event', null: 'nothing' },
  zh: { int: '整数', double: '数字', string: '文字', bool: '真假值', timestamp: '日期', duration: '时长', event: '事件', null: '空' },
};
const typeWords = (type: string | number | undefined, language: Language): string => TYPES[language][String(type)] ?? String(type ?? '');

function withTypes(values: Raised['values'], language: Language): Raised['values'] {
  const said: Record<string, string | number> = { ...values };
  for (const key of ['left', 'right', 'type'] as const) if (values[key] !== undefined) said[key] = typeWords(values[key], language);
  return said;
}

export function conditionIssueText(issue: Pick<ConditionIssue, 'code' | 'message' | 'fix' | 'values'>, language: Language): IssueWords {
  return raisedText(issue, language);
}

/** For issues of a document; those of conditions pass through it with their own codes. */
export function raisedText(issue: Raised, language: Language): IssueWords {
  if (issue.code === 'operands-do-not-fit' && language === 'en' && issue.values['left'] !== '' && issue.values['left'] !== undefined) {
    const { left, right, operator } = withTypes(issue.values, 'en');
    return { message: `${capital(String(left))} and ${right} do not go together with ${operator}.`, fix: issue.fix };
  }
  if (language === 'en') return { message: issue.message, fix: issue.fix };
  const entry = CONDITION_ISSUES_ZH[issue.code as ConditionIssueCode] ?? PATTERN_ISSUES_ZH[issue.code as keyof typeof PATTERN_ISSUES_ZH];
  if (!entry) return { message: issue.message, fix: issue.fix };
  const values = withTypes(issue.values, 'zh');
  const suggestion = issue.values['suggestion'];
  const fix = entry[1] ?? (suggestion === undefined ? null : `是否想写 ${suggestion}？`);
  return { message: fillText(entry[0], values), fix: fix === null ? null : fillText(fix, values) };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
