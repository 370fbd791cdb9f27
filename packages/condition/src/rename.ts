/**
 * Renaming a stage in the texts that read it, by the places of the syntax tree and never by searching text.
 *
 * Always  everything else in the text stays as it was written, blanks and comments included; a macro's variable of the same
 *         name is no stage; where the new name cannot stand as it is (no identifier, or hidden by a variable) it becomes
 *         stage('name'). A text that does not parse is given back unchanged: a draft may be half written.
 */
import { quote, stageText } from './format.ts';
import type { ConditionIssue } from './issue.ts';
import { LIST_MACROS, type Syntax, childrenOf, parse } from './syntax.ts';
import { splitTemplate } from './template.ts';

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Renames stage `from` to `to` in a condition. */
export function rename(text: string, from: string, to: string): string {
  const parsed = parse(text);
  if (!parsed.ok) return text;
  const edits: Edit[] = [];
  collect(parsed.syntax, from, to, [], edits);
  return apply(text, edits);
}

/** The same in every placeholder of an output text. */
export function renameInTemplate(text: string, from: string, to: string): string {
  const issues: ConditionIssue[] = [];
  const edits = splitTemplate(text, issues).flatMap((part): Edit[] =>
    (part.kind === 'placeholder' ? [{ start: part.start, end: part.end, text: rename(part.text, from, to) }] : []));
  return issues.length > 0 ? text : apply(text, edits);
}

function collect(node: Syntax, from: string, to: string, bound: readonly string[], edits: Edit[]): void {
  const written = (): string => (bound.includes(to) ? `stage(${quote(to)})` : stageText(to));
  if (node.kind === 'name') {
    if (node.name === from && !bound.includes(from)) edits.push({ start: node.start, end: node.end, text: written() });
    return;
  }
  if (node.kind === 'call' && node.receiver === null && node.name === 'stage') {
    const [name] = node.args;
    if (name?.kind === 'literal' && name.value === from) edits.push({ start: node.start, end: node.end, text: written() });
    return;
  }
  const [variable] = node.kind === 'call' ? node.args : [];
  if (node.kind === 'call' && node.receiver !== null && LIST_MACROS.has(node.name) && variable?.kind === 'name') {
    collect(node.receiver, from, to, bound, edits);
    for (const body of node.args.slice(1)) collect(body, from, to, [...bound, variable.name], edits);
    return;
  }
  for (const child of childrenOf(node)) collect(child, from, to, bound, edits);
}

function apply(text: string, edits: readonly Edit[]): string {
  let result = text;
  for (const { start, end, text: replacement } of [...edits].sort((a, b) => b.start - a.start)) result = result.slice(0, start) + replacement + result.slice(end);
  return result;
}
