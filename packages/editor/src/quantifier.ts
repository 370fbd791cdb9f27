/**
 * Quantifiers as a person sets them: what goes together, and when "as many as possible" comes by itself.
 *
 *   QU1  Once has no count, no stop condition, no inner contiguity and is not greedy; a stop condition needs "N or more".
 *   QU2  A stage that becomes "N or more" before another stage becomes greedy, and so does the last stage that is "N or
 *        more" when one is added behind it: otherwise Flink reports one match for each length of the loop.
 *   QU3  Greedy stays off where Flink refuses it, and gives way where a stage behind it becomes optional.
 */
import type { PatternNode, Quantifier } from '@tidemark/pattern';
import { type Level, isGate, nodeIn, outgoing } from './level.ts';

export const ONCE: Quantifier = { consumingStrategy: 'SKIP_TILL_NEXT', properties: ['SINGLE'], times: null, untilCondition: null };

const ORDER = ['SINGLE', 'LOOPING', 'TIMES', 'OPTIONAL', 'GREEDY'] as const;
export const hasProperty = (node: PatternNode, property: (typeof ORDER)[number]): boolean => node.quantifier.properties.includes(property);

/** QU1: the quantifier with nothing in it that its kind cannot have. */
export function normalQuantifier(quantifier: Quantifier): Quantifier {
  const wanted = new Set(quantifier.properties);
  const kind = wanted.has('LOOPING') ? 'LOOPING' : wanted.has('TIMES') ? 'TIMES' : 'SINGLE';
  const single = kind === 'SINGLE';
  const properties = ORDER.filter((property) => property === kind || (property === 'OPTIONAL' && wanted.has(property)) || (property === 'GREEDY' && !single && wanted.has(property)));
  return {
    properties,
    consumingStrategy: single ? 'SKIP_TILL_NEXT' : quantifier.consumingStrategy,
    times: single ? null : quantifier.times ?? { from: 1, to: 1, windowTime: null },
    untilCondition: kind === 'LOOPING' ? quantifier.untilCondition : null,
  };
}

/** Why "as many as possible" cannot be switched on for a stage, or null. The canvas says it in words. */
export type GreedyRefusal = 'gate' | 'group' | 'once' | 'exact' | 'combinations' | 'optional-follows' | 'last';

export function greedyRefusal(level: Level, id: string): GreedyRefusal | null {
  const node = nodeIn(level, id);
  if (!node) return null;
  if (isGate(level, id)) return 'gate';
  if (node.type === 'COMPOSITE') return 'group';
  const { times, consumingStrategy } = node.quantifier;
  if (!hasProperty(node, 'LOOPING') && !hasProperty(node, 'TIMES')) return 'once';
  if (!hasProperty(node, 'LOOPING') && times?.from === times?.to) return 'exact';
  if (consumingStrategy === 'SKIP_TILL_ANY') return 'combinations';
  const next = outgoing(level, id)?.target;
  const follower = next === undefined ? undefined : nodeIn(level, next);
  if (!follower) return 'last';
  return hasProperty(follower, 'OPTIONAL') ? 'optional-follows' : null;
}

export const withGreedy = (node: PatternNode, greedy: boolean): PatternNode => {
  if (hasProperty(node, 'GREEDY') === greedy) return node;
  const properties = greedy ? [...node.quantifier.properties, 'GREEDY' as const] : node.quantifier.properties.filter((property) => property !== 'GREEDY');
  return { ...node, quantifier: { ...node.quantifier, properties } };
};

/** QU2 for one stage of a level: greedy on, if it loops and nothing speaks against it. */
export function greedyByDefault(level: Level, id: string): Level {
  const node = nodeIn(level, id);
  if (!node || !hasProperty(node, 'LOOPING') || greedyRefusal(level, id) !== null) return level;
  return { ...level, nodes: level.nodes.map((other) => (other.id === id ? withGreedy(other, true) : other)) };
}

/** QU3 for the whole level: greedy off before a stage that is optional. */
export function greedyGivesWay(level: Level): Level {
  const off = new Set(level.edges.filter(({ target }) => {
    const node = nodeIn(level, target);
    return node !== undefined && hasProperty(node, 'OPTIONAL');
  }).map((edge) => edge.source));
  if (!level.nodes.some((node) => off.has(node.id) && hasProperty(node, 'GREEDY'))) return level;
  return { ...level, nodes: level.nodes.map((node) => (off.has(node.id) ? withGreedy(node, false) : node)) };
}
