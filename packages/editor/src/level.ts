/**
 * Finding and changing one level of a pattern: the pattern itself, or a group in it.
 *
 * Always  what does not change is shared with the old document; a node or level that is not there leaves everything as
 *         it was. Edges that end nowhere, forks and circles are kept: a draft may be broken.
 * Not here: what commands mean (apply.ts).
 */
import { type PatternEdge, type PatternGraph, type PatternNode, chainOf } from '@tidemark/pattern';

export interface Level {
  readonly nodes: readonly PatternNode[];
  readonly edges: readonly PatternEdge[];
}
/** Ids of the groups around a level, outermost first; empty = the pattern itself. */
export type LevelPath = readonly string[];
export type LinkType = PatternEdge['type'];

export const isGateLink = (type: LinkType): boolean => type === 'NOT_NEXT' || type === 'NOT_FOLLOW';
export const incoming = (level: Level, id: string): PatternEdge | undefined => level.edges.find((edge) => edge.target === id);
export const outgoing = (level: Level, id: string): PatternEdge | undefined => level.edges.find((edge) => edge.source === id);
export const nodeIn = (level: Level, id: string): PatternNode | undefined => level.nodes.find((node) => node.id === id);
export const isGate = (level: Level, id: string): boolean => {
  const edge = incoming(level, id);
  return edge !== undefined && isGateLink(edge.type);
};

/** Ids of a level in the order of the chain, as far as it is one. */
export const orderOf = (level: Level): string[] => chainOf(level as Parameters<typeof chainOf>[0], '$', null, () => false).entries.map((entry) => entry.node.id);
/** Whether the level is one chain. */
export const isChain = (level: Level): boolean => chainOf(level as Parameters<typeof chainOf>[0], '$', null, () => false).issues.length === 0;

export interface Found {
  readonly node: PatternNode;
  readonly level: Level;
  readonly path: LevelPath;
}

/** A node anywhere in the pattern, with its level. */
export function find(level: Level, id: string, path: LevelPath = []): Found | null {
  for (const node of level.nodes) {
    if (node.id === id) return { node, level, path };
    const inside = node.type === 'COMPOSITE' ? find(node, id, [...path, node.id]) : null;
    if (inside) return inside;
  }
  return null;
}

/** Every node, groups before what is in them. */
export function allNodes(level: Level): PatternNode[] {
  return level.nodes.flatMap((node) => (node.type === 'COMPOSITE' ? [node, ...allNodes(node)] : [node]));
}

/** The pattern with one level changed. */
export function withLevel<T extends Level>(level: T, path: LevelPath, change: (level: Level) => Level): T {
  const [id, ...rest] = path;
  if (id === undefined) {
    const { nodes, edges } = change(level);
    return nodes === level.nodes && edges === level.edges ? level : { ...level, nodes, edges };
  }
  const nodes = level.nodes.map((node) => (node.id === id && node.type === 'COMPOSITE' ? withLevel(node, rest, change) : node));
  return nodes.every((node, index) => node === level.nodes[index]) ? level : { ...level, nodes };
}

/** The pattern with one node changed, wherever it stands. */
export function withNode(graph: PatternGraph, id: string, change: (node: PatternNode) => PatternNode): PatternGraph {
  const found = find(graph, id);
  if (!found) return graph;
  const changed = change(found.node);
  if (changed === found.node) return graph;
  return withLevel(graph, found.path, (level) => ({ ...level, nodes: level.nodes.map((node) => (node.id === id ? changed : node)) }));
}

/** Every node changed; the same object comes back where nothing changes. */
export function mapNodes<T extends Level>(level: T, change: (node: PatternNode) => PatternNode): T {
  let same = true;
  const nodes = level.nodes.map((node) => {
    const inner = node.type === 'COMPOSITE' ? mapNodes(node, change) : node;
    const changed = change(inner);
    same &&= changed === node;
    return changed;
  });
  return same ? level : { ...level, nodes };
}
