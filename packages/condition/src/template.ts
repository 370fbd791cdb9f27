/**
 * Output texts: words with {cel} placeholders over the events of the stages, such as `{size(fail)} failures from {fail[0].ip}`.
 *
 * Rules (SPEC.md, TP1 …)
 * Always  a text is for people and never stops a job: what has no value (an absent field, a stage without events, an
 *         average of nothing) is printed as `?`. Numbers are the shortest text that reads back as the same number; a
 *         placeholder that is exactly the time field, and timestamps, are ISO 8601 in UTC; lists are joined with `, `.
 *         `{{` and `}}` are braces.
 */
import type { CelType } from './cel-type.ts';
import { type CheckedExpression, checkExpression } from './check.ts';
import { type CompileScope, formatNumber } from './closure.ts';
import type { EvaluationContext } from './context.ts';
import { CostExceeded, EvaluationError } from './evaluation-error.ts';
import type { Expression } from './expression.ts';
import type { ConditionIssue } from './issue.ts';
import { formatDuration, formatTimestamp } from './moment.ts';
import { type CelValue, compileValue } from './program.ts';
import type { ConditionScope } from './scope.ts';
import { TEXT_BYTES_MAX } from './syntax.ts';

export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly expression: CheckedExpression; readonly print: 'value' | 'time'; /** of the CEL text in the template */ readonly start: number; readonly end: number };

export interface CheckedTemplate {
  readonly text: string;
  readonly parts: readonly TemplatePart[];
  /** Indexes of the schema fields that it reads. */
  readonly fields: readonly number[];
  readonly stages: readonly string[];
}

export type CheckedTemplateResult =
  | { readonly ok: true; readonly template: CheckedTemplate; readonly notes: readonly ConditionIssue[] }
  | { readonly ok: false; readonly issues: readonly ConditionIssue[] };

/** A placeholder with its braces taken off, or a run of words. Offsets into the text; braces are resolved in `text`. */
type RawPart = { readonly kind: 'text' | 'placeholder'; readonly text: string; readonly start: number; readonly end: number };

/** Checks an output text: every placeholder by itself, all issues at once, offsets into the whole text. */
export function checkTemplate(text: string, scope: ConditionScope): CheckedTemplateResult {
  const issues: ConditionIssue[] = [];
  const notes: ConditionIssue[] = [];
  if (text.length > TEXT_BYTES_MAX) {
    return { ok: false, issues: [{ code: 'text-too-long', message: `The text is longer than ${TEXT_BYTES_MAX} characters.`, start: 0, end: text.length, values: { max: TEXT_BYTES_MAX }, fix: 'Shorten it.' }] };
  }
  const parts: TemplatePart[] = [];
  for (const raw of splitTemplate(text, issues)) {
    if (raw.kind === 'text') {
      parts.push({ kind: 'text', text: raw.text });
      continue;
    }
    if (raw.text.trim() === '') {
      issues.push({ code: 'empty-placeholder', message: 'There is nothing between these braces.', start: raw.start - 1, end: raw.end + 1, values: {}, fix: 'Name a value, such as {fail[0].ip}, or write {{ for a brace.' });
      continue;
    }
    const checked = checkExpression(raw.text, scope);
    const moved = (issue: ConditionIssue): ConditionIssue => ({ ...issue, start: issue.start + raw.start, end: issue.end + raw.start });
    if (!checked.ok) {
      issues.push(...checked.issues.map(moved));
      continue;
    }
    // What is missing prints as `?`, so an unguarded field is nothing to warn of here.
    notes.push(...checked.notes.filter((note) => note.code !== 'optional-field-unguarded').map(moved));
    const { expression } = checked;
    const printed = issueOfPrinting(expression);
    if (printed !== null) issues.push(moved(printed));
    parts.push({ kind: 'value', expression, print: isTimeField(expression.expression, scope) ? 'time' : 'value', start: raw.start, end: raw.end });
  }
  if (issues.length > 0) return { ok: false, issues: issues.sort((a, b) => a.start - b.start || a.end - b.end) };
  const values = parts.flatMap((part) => (part.kind === 'value' ? [part.expression] : []));
  return {
    ok: true, notes,
    template: {
      text, parts,
      fields: [...new Set(values.flatMap((value) => value.fields))].sort((a, b) => a - b),
      stages: [...new Set(scope.stages)].filter((stage) => values.some((value) => value.stages.includes(stage))),
    },
  };
}

/** Compiles an output text. Throws only CostExceeded. */
export function compileTemplate(template: CheckedTemplate, scope: CompileScope): (context: EvaluationContext) => string {
  const parts = template.parts.map((part): ((context: EvaluationContext) => string) => {
    if (part.kind === 'text') return () => part.text;
    const value = compileValue(part.expression, scope);
    const type = part.print === 'time' ? TIME : part.expression.type;
    return (context) => {
      try {
        return print(value(context), type);
      } catch (error) {
        if (error instanceof EvaluationError && !(error instanceof CostExceeded)) return MISSING;
        throw error;
      }
    };
  });
  return (context) => {
    let text = '';
    for (let i = 0; i < parts.length; i++) text += (parts[i] as (context: EvaluationContext) => string)(context);
    return text;
  };
}

const MISSING = '?';
const TIME: CelType = { kind: 'timestamp' };

function print(value: CelValue, type: CelType): string {
  if (Array.isArray(value)) {
    const element = type.kind === 'list' ? type.element : type;
    return value.map((item) => print(item as CelValue, element)).join(', ');
  }
  if (typeof value !== 'number') return String(value);
  if (type.kind === 'timestamp') return formatTimestamp(value);
  return type.kind === 'duration' ? formatDuration(value) : formatNumber(value);
}

/** fail[0].ts, or all the times of a stage: stage.map(e, e.ts). */
function isTimeField(node: Expression, scope: ConditionScope): boolean {
  if (node.kind === 'field') return node.name === scope.schema.time.field;
  return node.kind === 'macro' && node.macro === 'map' && node.body.kind === 'field' && node.body.name === scope.schema.time.field;
}

function issueOfPrinting({ expression, type, text }: CheckedExpression): ConditionIssue | null {
  const inner = type.kind === 'list' ? type.element : type;
  if (inner.kind !== 'event') return null;
  const fix = type.kind === 'list' ? `Write {${text.trim()}[0].…} for a field of its first event, or {size(${text.trim()})} for their number.` : `Write {${text.trim()}.…} with one of its fields.`;
  return { code: 'event-not-printable', message: 'An event as a whole cannot be printed.', start: expression.start, end: expression.end, values: { text }, fix };
}

/** Cuts a template into words and placeholders; what does not close is an issue. Quotes inside a placeholder may hold braces. */
export function splitTemplate(text: string, issues: ConditionIssue[]): readonly RawPart[] {
  const parts: RawPart[] = [];
  let words = '';
  let wordsStart = 0;
  const flush = (end: number): void => {
    if (words !== '') parts.push({ kind: 'text', text: words, start: wordsStart, end });
    words = '';
  };
  let at = 0;
  while (at < text.length) {
    const letter = text[at] as string;
    if (letter !== '{' && letter !== '}') {
      words += letter;
      at += 1;
    } else if (text[at + 1] === letter) {
      words += letter;
      at += 2;
    } else if (letter === '}') {
      issues.push({ code: 'stray-brace', message: 'This brace closes nothing.', start: at, end: at + 1, values: {}, fix: 'Write }} for a brace.' });
      at += 1;
    } else {
      const end = closingBrace(text, at + 1);
      if (end < 0) {
        issues.push({ code: 'unclosed-brace', message: 'This brace is not closed.', start: at, end: text.length, values: {}, fix: 'Close it with }, or write {{ for a brace.' });
        flush(at);
        return parts;
      }
      flush(at);
      parts.push({ kind: 'placeholder', text: text.slice(at + 1, end), start: at + 1, end });
      at = end + 1;
      wordsStart = at;
    }
  }
  flush(at);
  return parts;
}

function closingBrace(text: string, from: number): number {
  let quoteMark = '';
  for (let at = from; at < text.length; at++) {
    const letter = text[at] as string;
    if (quoteMark !== '') {
      if (letter === '\\') at += 1;
      else if (letter === quoteMark) quoteMark = '';
    } else if (letter === "'" || letter === '"') quoteMark = letter;
    else if (letter === '}') return at;
    else if (letter === '{') return -1;
  }
  return -1;
}
