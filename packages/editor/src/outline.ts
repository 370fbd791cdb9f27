/**
 * The pattern as an ordered list: what the outline view and a screen reader read, with the same commands behind it.
 *
 * Always  every node stands in it once, in the order of the chain; "n of m" counts stages and groups of a level, no gates.
 * Not here: words (the page has them in its languages; the whole sentence is packages/pattern's).
 */
import type { JobDocument, Label, PatternEdge, Quantifier, Window } from '@tidemark/pattern';
import { canReorder, patternOf } from './connect.ts';
import { type Level, incoming, isGateLink, orderOf } from './level.ts';

export interface OutlineItem {
  readonly id: string;
  readonly name: string;
  readonly label: Label | null;
  readonly kind: 'stage' | 'gate' | 'group';
  /** The link that leads to it; null = it starts its level, or hangs loose. */
  readonly link: PatternEdge['type'] | null;
  /** 1-based among the stages and groups of its level; null for a gate. */
  readonly position: number | null;
  /** How many stages and groups its level has. */
  readonly of: number;
  /** Starts its level, or nothing leads to it though it is not the first. */
  readonly start: 'first' | 'loose' | null;
  readonly quantifier: Quantifier;
  readonly condition: string | null;
  readonly window: Window | null;
  readonly canMoveEarlier: boolean;
  readonly canMoveLater: boolean;
  readonly items: readonly OutlineItem[];
}
export interface Outline {
  readonly key: readonly string[];
  readonly items: readonly OutlineItem[];
  readonly window: Window | null;
  readonly skip: JobDocument['patterns'][number]['afterMatchStrategy'];
}

export function outline(document: JobDocument, patternId: string): Outline | null {
  const graph = patternOf(document, patternId);
  if (!graph) return null;
  const items = (level: Level): OutlineItem[] => {
    const order = orderOf(level);
    const linkTo = (id: string): PatternEdge | undefined => incoming(level, id);
    const gate = (id: string): boolean => isGateLink(linkTo(id)?.type ?? 'STRICT');
    const of = order.filter((id) => !gate(id)).length;
    let position = 0;
    return order.flatMap((id, index) => {
      const node = level.nodes.find((other) => other.id === id);
      if (!node) return [];
      const isGate = gate(id);
      if (!isGate) position++;
      const link = linkTo(id)?.type ?? null;
      return [{
        id, name: node.name, label: node.label ?? null, kind: isGate ? 'gate' as const : node.type === 'COMPOSITE' ? 'group' as const : 'stage' as const,
        link, position: isGate ? null : position, of, start: link !== null ? null : index === 0 ? 'first' as const : 'loose' as const,
        quantifier: node.quantifier, condition: node.condition?.expression ?? null, window: node.window,
        canMoveEarlier: canReorder(document, patternId, id, -1).ok, canMoveLater: canReorder(document, patternId, id, 1).ok,
        items: node.type === 'COMPOSITE' ? items(node) : [],
      }];
    });
  };
  return { key: graph.key, items: items(graph), window: graph.window, skip: graph.afterMatchStrategy };
}
