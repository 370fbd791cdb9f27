/** Interim: the signatures of packages/condition as docs/contracts.md gives them, until that room is merged. Accepts every text. */
import type { EventSchema } from '@tidemark/event';

export interface ConditionScope { readonly schema: EventSchema; readonly stages: readonly string[]; readonly hasEvent: boolean }
export interface ConditionIssue {
  readonly code: string; readonly message: string; readonly start: number; readonly end: number;
  readonly values: Readonly<Record<string, string | number>>; readonly fix: string | null;
}
export interface CheckedCondition { readonly text: string; readonly ast: unknown; readonly fields: readonly number[]; readonly stages: readonly string[] }
export interface CheckedTemplate { readonly text: string; readonly ast: unknown; readonly fields: readonly number[]; readonly stages: readonly string[] }
type Checked<T> = ({ readonly ok: true; readonly notes: readonly ConditionIssue[] } & T) | { readonly ok: false; readonly issues: readonly ConditionIssue[] };

function stagesIn(text: string, scope: ConditionScope): string[] {
  const code = text.replace(/stage\(\s*'([^']*)'\s*\)/g, (_, name: string) => `\u0001${name}\u0001`);
  const words = code.split('\u0001').flatMap((part, index) => (index % 2 === 1 ? [part] : part.replace(/'[^']*'|"[^"]*"/g, '').match(/(?<![\w.])[A-Za-z_]\w*/g) ?? []));
  return scope.stages.filter((stage) => words.includes(stage));
}
export function checkCondition(text: string, scope: ConditionScope): Checked<{ readonly condition: CheckedCondition }> {
  return { ok: true, notes: [], condition: { text, ast: null, fields: [], stages: stagesIn(text, scope) } };
}
export function checkTemplate(text: string, scope: ConditionScope): Checked<{ readonly template: CheckedTemplate }> {
  return { ok: true, notes: [], template: { text, ast: null, fields: [], stages: stagesIn(text, scope) } };
}
