/** Random gestures for the properties: numbers that become commands on whatever document is there. Development only. */
import fc from 'fast-check';
import type { JobDocument, PatternEdge, PatternGraph, PatternNode, Quantifier } from '@tidemark/pattern';
import type { Command } from '../src/command.ts';
import { copyFragment, fragmentIds } from '../src/fragment.ts';
import { type Level, allNodes } from '../src/level.ts';

export interface Gesture { readonly kind: number; readonly a: number; readonly b: number; readonly c: number; readonly text: string }
export const gestures = (maxLength = 40): fc.Arbitrary<Gesture[]> => fc.array(fc.record({
  kind: fc.nat(999), a: fc.nat(999), b: fc.nat(999), c: fc.nat(999),
  text: fc.oneof(fc.constantFrom('a', 'stage1', 'size(stage1) > 0', "event.name == 'x'", 'stage2[0].price < event.price', '', 'event.', '__proto__', 'x'.repeat(200)), fc.string({ maxLength: 12 })),
}), { minLength: Math.floor(maxLength / 2), maxLength, size: 'max' });

/** Gestures that build: five stages, a gate, a group. */
export const FIRST: readonly Gesture[] = [0, 0, 0, 0, 0, 4, 17].map((kind, index) => ({ kind, a: index, b: 2, c: kind === 17 ? 1 : 2 * index, text: index === 3 ? 'size(stage1) > 0' : "event.name == 'x'" }));

const TYPES: readonly PatternEdge['type'][] = ['STRICT', 'SKIP_TILL_NEXT', 'SKIP_TILL_ANY', 'NOT_NEXT', 'NOT_FOLLOW'];
const pick = <T>(list: readonly T[], n: number): T | undefined => list[n % Math.max(1, list.length)];
const levels = (level: Level): Level[] => [level, ...level.nodes.flatMap((node) => (node.type === 'COMPOSITE' ? levels(node) : []))];

/** The command of a gesture on this document; `serial` makes new ids. */
export function commandOf(document: JobDocument, { kind, a, b, c, text }: Gesture, serial: number): Command {
  const graph = document.patterns[0] as PatternGraph;
  const patternId = graph.id;
  const ids = ['ghost', ...allNodes(graph).map((node: PatternNode) => node.id)].toReversed();
  const id = pick(ids, a) ?? 'ghost';
  const other = pick(ids, b) ?? 'ghost';
  const group = pick(allNodes(graph).filter((node) => node.type === 'COMPOSITE'), a)?.id ?? 'ghost';
  const edges = levels(graph).flatMap((level) => level.edges);
  const link = pick(edges, a) ?? { source: id, target: other };
  const type = pick(TYPES, c) ?? 'STRICT';
  const stage = { id: `n${serial}`, condition: text, ...(c % 2 === 0 ? {} : { name: text || 'stage1' }) };
  const quantifier: Quantifier = {
    consumingStrategy: pick(['STRICT', 'SKIP_TILL_NEXT', 'SKIP_TILL_ANY'] as const, a) ?? 'STRICT',
    properties: (['SINGLE', 'LOOPING', 'TIMES', 'OPTIONAL', 'GREEDY'] as const).filter((_, bit) => (b >> bit) & 1),
    times: c % 3 === 0 ? null : { from: (c % 5) - 1, to: c % 7, windowTime: null }, untilCondition: c % 4 === 0 ? { type: 'CEL', expression: text } : null,
  };
  const choices: readonly (() => Command)[] = [
    () => ({ kind: 'add-stage', patternId, stage, after: c % 3 === 0 ? null : id }),
    () => ({ kind: 'add-stage', patternId, stage, after: null, at: { x: a, y: b } }),
    () => ({ kind: 'place-stage', patternId, stage, at: { x: a, y: b } }),
    () => ({ kind: 'insert-stage', patternId, stage, link }),
    () => ({ kind: 'add-gate', patternId, gate: stage, source: id, type: c % 2 === 0 ? 'NOT_NEXT' : 'NOT_FOLLOW' }),
    () => ({ kind: 'delete', patternId, ids: c % 2 === 0 ? [id] : [id, other] }),
    () => ({ kind: 'splice-stage', patternId, id, source: c % 3 === 0 ? null : link.source, target: c % 3 === 1 ? null : link.target }),
    () => ({ kind: 'reorder-stage', patternId, id, by: c % 2 === 0 ? 1 : -1 }),
    () => ({ kind: 'rename', patternId, id, name: text }),
    () => ({ kind: 'set-label', patternId, id, language: c % 2 === 0 ? 'en' : 'zh', label: text }),
    () => ({ kind: 'set-condition', patternId, id, expression: text }),
    () => ({ kind: 'set-quantifier', patternId, id, quantifier }),
    () => ({ kind: 'set-until', patternId, id, expression: text }),
    () => ({ kind: 'set-stage-window', patternId, id, window: c % 2 === 0 ? null : { type: 'PREVIOUS_AND_CURRENT', time: { unit: 'SECONDS', size: b } } }),
    () => ({ kind: 'set-link', patternId, source: link.source, target: link.target, type }),
    () => ({ kind: 'connect', patternId, source: id, target: other, type }),
    () => ({ kind: 'delete-link', patternId, source: link.source, target: link.target }),
    () => ({ kind: 'wrap-group', patternId, ids: c % 3 === 0 ? [id] : c % 3 === 1 ? [link.source, link.target] : [id, other], group: { id: `g${serial}` } }),
    () => ({ kind: 'unwrap-group', patternId, id: c % 5 === 0 ? id : group }),
    () => ({ kind: 'set-window', patternId, window: c % 2 === 0 ? null : { type: 'FIRST_AND_LAST', time: { unit: 'MINUTES', size: b } } }),
    () => ({ kind: 'set-key', patternId, fields: text === '' ? [] : [text] }),
    () => ({ kind: 'set-tie-break', patternId, tieBreak: text === '' ? [] : [{ field: text, order: 'DESC' }] }),
    () => ({ kind: 'set-skip', patternId, strategy: { type: 'SKIP_TO_LAST', patternName: text, throwOnMiss: false } }),
    () => ({ kind: 'set-output', patternId, output: { text } }),
    () => ({ kind: 'move', patternId, positions: { [id]: { x: a, y: b }, [other]: { x: c % 50 === 0 ? Number.NaN : c, y: a } } }),
    () => ({ kind: 'collapse-group', patternId, id: c % 5 === 0 ? id : group, collapsed: c % 2 === 0 }),
    () => ({ kind: 'tidy', patternId, ids: c % 2 === 0 ? null : [id] }),
    () => ({ kind: 'set-settings', settings: { name: text, outOfOrdernessMs: c - 10 } }),
    () => ({ kind: 'set-schema', schema: c % 3 === 0 ? null : { fields: [{ name: 'ts', type: 'int' }, { name: text, type: 'string' }], time: { field: 'ts', format: 'epoch-ms' } } }),
    () => {
      const fragment = copyFragment(document, patternId, [id, other]) ?? { nodes: [], edges: [], positions: {}, head: null };
      return { kind: 'paste', patternId, fragment, ids: Object.fromEntries(fragmentIds(fragment).map((old, index) => [old, `c${serial}_${index}`])), after: c % 2 === 0 ? null : other, at: c % 3 === 0 ? { x: a, y: b } : null };
    },
  ];
  return (pick(choices, kind) as () => Command)();
}
