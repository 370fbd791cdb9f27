/** Interim: output templates and descriptions, until packages/condition brings its own. Accepts every template. */
import type { CheckedCondition, ConditionIssue, ConditionScope } from '@tidemark/condition';

export interface CheckedTemplate { readonly text: string }
export function checkTemplate(text: string, _scope: ConditionScope):
  { readonly ok: true; readonly template: CheckedTemplate; readonly notes: readonly ConditionIssue[] } | { readonly ok: false; readonly issues: readonly ConditionIssue[] } {
  return { ok: true, notes: [], template: { text } };
}
export const describe = (condition: CheckedCondition, _language: 'en' | 'zh'): string => condition.text;
