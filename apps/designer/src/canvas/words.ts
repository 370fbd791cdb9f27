/**
 * The words of the notation: every shape on the canvas has one. What a stage's card says, how often it comes, how it
 * is linked, what its window and skip strategy mean, and the sentence that a screen reader speaks for it.
 * Not here: shapes (drawing.ts), the sentence above the canvas (packages/pattern).
 */
import type { AfterMatch, AtomicNode, CompositeNode, JobDocument, Label, PatternEdge, PatternGraph, Quantifier } from '@tidemark/pattern';
import type { TFunction } from 'i18next';
import type { Language } from '../i18n/index.ts';
import { conditionLines } from './condition-words.ts';
import type { DrawingTexts, StageText } from './drawing.ts';
import { formatDocumentDuration } from './duration.ts';
import { textWidth } from './text-width.ts';

/** Begins the words of a stop condition; drawn as an octagon. */
export const STOP = '⯃';

export const displayName = (node: { readonly name: string; readonly label?: Label | undefined }, language: Language): string =>
  node.label?.[language] || node.name;

export type Repeat =
  | { readonly kind: 'once' }
  | { readonly kind: 'times'; readonly from: number }
  | { readonly kind: 'range'; readonly from: number; readonly to: number }
  | { readonly kind: 'orMore'; readonly from: number };

/** How often, read from a quantifier as Flink reads it. */
export function repeatOf(quantifier: Quantifier): Repeat {
  const from = quantifier.times?.from ?? 1;
  if (quantifier.properties.includes('LOOPING')) return { kind: 'orMore', from };
  if (quantifier.properties.includes('TIMES')) {
    const to = quantifier.times?.to ?? from;
    return from === to ? { kind: 'times', from } : { kind: 'range', from, to };
  }
  return { kind: 'once' };
}

/** The badge; null for once, unless `once` is asked for. */
export function badgeText(quantifier: Quantifier, once: boolean): string | null {
  const repeat = repeatOf(quantifier);
  const greedy = quantifier.properties.includes('GREEDY') ? ' ≫' : '';
  const optional = quantifier.properties.includes('OPTIONAL');
  switch (repeat.kind) {
    case 'once': return optional ? '?' : once ? '1' : null;
    case 'times': return `×${repeat.from}${greedy}${optional ? ' ?' : ''}`;
    case 'range': return `${repeat.from}–${repeat.to}×${greedy}${optional ? ' ?' : ''}`;
    case 'orMore': return `${repeat.from}+${greedy}${optional ? ' ?' : ''}`;
  }
}

export function repeatWords(quantifier: Quantifier, t: TFunction): string {
  const repeat = repeatOf(quantifier);
  const words = repeat.kind === 'once' ? t('design.repeat.once')
    : repeat.kind === 'times' ? t('design.repeat.timesN', { count: repeat.from })
      : repeat.kind === 'range' ? t('design.repeat.rangeNM', { from: repeat.from, to: repeat.to })
        : t('design.repeat.orMoreN', { n: repeat.from });
  return [words, ...(quantifier.properties.includes('GREEDY') ? [t('design.repeat.greedy')] : []),
    ...(quantifier.properties.includes('OPTIONAL') ? [t('design.repeat.optional')] : [])].join(t('design.listSeparator'));
}

function overWords(quantifier: Quantifier, t: TFunction, language: Language, document: JobDocument): readonly string[] {
  const repeat = repeatOf(quantifier);
  if (repeat.kind === 'once') return [];
  const inner = quantifier.consumingStrategy === 'STRICT' ? `▪▪▪ ${t('design.repeat.inARow')}` : quantifier.consumingStrategy === 'SKIP_TILL_ANY' ? `⋔ ${t('design.repeat.anyCombination')}` : null;
  const first: string[] = [];
  if (repeat.kind === 'orMore') first.push(t('design.repeat.orMoreN', { n: repeat.from }));
  if (quantifier.properties.includes('GREEDY')) first.push(t('design.repeat.greedy'));
  if (inner !== null) first.push(inner);
  const within = quantifier.times?.windowTime ?? null;
  if (within !== null) first.push(t('design.within', { duration: formatDocumentDuration(within, language) }));
  const until = quantifier.untilCondition;
  return [
    ...(first.length > 0 ? [first.join(' · ')] : []),
    ...(until !== null && until.expression.trim() !== '' ? [`${STOP} ${t('design.repeat.stopWhen', { condition: conditionLines(until.expression, document, language).map((line) => line.text).join(t('design.andJoin')) })}`] : []),
  ];
}

export function stageText(node: AtomicNode, document: JobDocument, language: Language, t: TFunction, once: boolean): StageText {
  const expression = node.condition?.expression.trim() ?? '';
  return {
    name: displayName(node, language),
    badge: badgeText(node.quantifier, once),
    lines: expression === '' ? [{ text: t('design.anyEvent'), strongFrom: Infinity }] : conditionLines(expression, document, language),
    over: overWords(node.quantifier, t, language, document),
  };
}

export const linkWord = (type: PatternEdge['type'], t: TFunction): string => t(`design.link.${type}`);

/** The texts of one drawing; texts of nodes are made once for each node object. */
export function drawingTexts(document: JobDocument, language: Language, t: TFunction, options: { readonly once: boolean }): DrawingTexts {
  const made = new WeakMap<AtomicNode, StageText>();
  return {
    stage: (node) => {
      let text = made.get(node);
      if (!text) made.set(node, text = stageText(node, document, language, t, options.once));
      return text;
    },
    group: (node: CompositeNode) => ({ name: displayName(node, language), badge: badgeText(node.quantifier, options.once), over: overWords(node.quantifier, t, language, document) }),
    link: (type) => linkWord(type, t),
    gateWhere: Math.max(textWidth(t('design.link.inBetween'), 11), textWidth(t('design.link.rightAfter'), 11), textWidth(t('design.link.trailing'), 11)),
  };
}

export function skipWords(strategy: AfterMatch, pattern: PatternGraph, language: Language, t: TFunction): string {
  if (strategy.type !== 'SKIP_TO_FIRST' && strategy.type !== 'SKIP_TO_LAST') return t(`design.skip.${strategy.type}`);
  const target = pattern.nodes.find((node) => node.name === strategy.patternName);
  return t(`design.skip.${strategy.type}`, { stage: target ? displayName(target, language) : strategy.patternName ?? '?' });
}

/** What is spoken for a stage: "Stage 2 of 3, success, then, outcome is success, once". */
export function stageSentence(node: AtomicNode, place: { readonly order: number; readonly total: number; readonly link: string }, text: StageText, t: TFunction): string {
  return [t('design.stageOf', { n: place.order, m: place.total }), text.name, place.link, text.lines.map((line) => line.text).join(t('design.andJoin')), repeatWords(node.quantifier, t)].join(t('design.listSeparator'));
}
