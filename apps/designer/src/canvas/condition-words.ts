/**
 * A condition in words, one entry for each part that all must hold.
 * Always  a text that does not check is shown as it is written; what is compared with stands out (`strongFrom`).
 * Not here: what a condition means (packages/condition).
 */
import { type CheckedCondition, type ConditionScope, checkCondition, describe, rowsOf } from '@tidemark/condition';
import type { JobDocument, PatternNode } from '@tidemark/pattern';
import type { Language } from '../i18n/index.ts';

export interface ConditionText {
  readonly text: string;
  /** From here to the end it is the value; = length where nothing stands out. */
  readonly strongFrom: number;
}

const NO_SCHEMA = { fields: [], time: { field: '', format: 'epoch-ms' as const } };

/** What a condition of a pattern may name. */
export function scopeOf(document: JobDocument, hasEvent = true): ConditionScope {
  const nodes = document.patterns[0]?.nodes ?? [];
  let stages = names.get(nodes);
  if (!stages) names.set(nodes, stages = stageNames(nodes));
  return { schema: document.schema ?? NO_SCHEMA, stages, hasEvent };
}
const names = new WeakMap<readonly PatternNode[], readonly string[]>();
const stageNames = (nodes: readonly PatternNode[]): string[] => [...new Set(nodes.flatMap((node) => (node.type === 'COMPOSITE' ? stageNames(node.nodes) : [node.name])))];

/** Described once for each schema, whatever else of the document changes; a schema forgets its oldest texts. */
const kept = new WeakMap<object, Map<string, readonly ConditionText[]>>();
const KEPT_MAX = 2_000;

export function conditionLines(expression: string, document: JobDocument, language: Language): readonly ConditionText[] {
  const scope = scopeOf(document);
  let ofSchema = kept.get(scope.schema);
  if (!ofSchema) kept.set(scope.schema, ofSchema = new Map());
  const key = `${language} ${scope.stages.join()} ${expression}`;
  let lines = ofSchema.get(key);
  if (!lines) {
    if (ofSchema.size >= KEPT_MAX) ofSchema.clear();
    ofSchema.set(key, lines = describeParts(expression, scope, language));
  }
  return lines;
}

function describeParts(expression: string, scope: ConditionScope, language: Language): readonly ConditionText[] {
  const checked = checkCondition(expression, scope);
  if (!checked.ok) return [plain(expression.replaceAll(/\s+/g, ' ').trim())];
  const { condition } = checked;
  const node = condition.expression;
  const parts = node.kind === 'and' ? node.parts : [node];
  // has(event.f) && … is a guard, not something that a reader looks for
  const guarded = new Set(parts.flatMap((part) => (part.kind === 'has' && part.of === null ? [part.name] : [])));
  const told = parts.filter((part) => !(part.kind === 'has' && part.of === null && parts.some((other) => other !== part && mentions(condition.text.slice(other.start, other.end), part.name) && guarded.has(part.name))));
  return told.map((part) => withValue({ ...condition, expression: part, ast: part }, describe({ ...condition, expression: part }, language)));
}

const mentions = (text: string, field: string): boolean => text.includes(`event.${field}`);

function withValue(condition: CheckedCondition, text: string): ConditionText {
  const operand = rowsOf(condition)?.rows[0]?.operand;
  const candidates = operand?.kind === 'value' ? [String(operand.value), `“${operand.value}”`] : operand?.kind === 'stage' ? [operand.stage, `${operand.stage} `] : operand?.kind === 'field' ? [operand.field] : [];
  for (const candidate of candidates) if (text.endsWith(candidate)) return { text, strongFrom: text.length - candidate.length };
  return plain(text);
}

const plain = (text: string): ConditionText => ({ text, strongFrom: text.length });
