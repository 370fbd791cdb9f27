/**
 * Nodes and edges of one level (a pattern, or a group in it) put into the order of the chain.
 *
 * Always  every node stands exactly once in the answer, also where the drawing is no chain yet, so that everything
 *         else about it can be said at the same time; `issues` is empty iff the level is one chain.
 * Not here: what a step is (validate.ts), where it stands on the canvas.
 */
import type { PatternEdge, PatternNode } from './document.ts';
import { makeIssue } from './issue-list.ts';
import type { PatternIssue } from './issue.ts';

export interface ChainLevel {
  readonly nodes: readonly PatternNode[];
  readonly edges: readonly PatternEdge[];
}

export interface ChainEntry {
  readonly node: PatternNode;
  /** Index of the node in `nodes`: part of its JSON path. */
  readonly index: number;
  /** The link that leads to it; null for a first node. */
  readonly edge: PatternEdge | null;
}

export interface Chain {
  readonly entries: readonly ChainEntry[];
  readonly issues: readonly PatternIssue[];
}

/** `path` is the JSON path of the level; `elsewhere` says whether a node id exists in another level of the same pattern. */
export function chainOf(level: ChainLevel, path: string, patternId: string | null, elsewhere: (id: string) => boolean): Chain {
  const issues: PatternIssue[] = [];
  const byId = new Map(level.nodes.map((node, index) => [node.id, { node, index }]));
  const outgoing = new Map<string, PatternEdge>();
  const incoming = new Map<string, PatternEdge>();
  /** Ends of links that were refused already: that they hang loose is no news. */
  const loose = new Set<string>();
  const nameOf = (id: string): string => byId.get(id)?.node.name ?? id;
  level.edges.forEach((edge, index) => {
    const place = (nodeId: string | null) => ({ path: `${path}.edges[${index}]`, patternId, nodeId });
    const missing = [edge.source, edge.target].filter((id) => !byId.has(id));
    if (missing.length > 0) {
      const known = byId.has(edge.source) ? edge.source : byId.has(edge.target) ? edge.target : null;
      const strange = missing.find((id) => !elsewhere(id));
      if (strange !== undefined) issues.push(makeIssue('unknown-link-end', place(known), { id: strange }));
      else issues.push(makeIssue('link-across-group', place(known), { source: nameOf(edge.source), target: nameOf(edge.target) }));
      return;
    }
    const forks = outgoing.has(edge.source);
    const joins = incoming.has(edge.target);
    if (forks) issues.push(makeIssue('several-outgoing', place(edge.source), { name: nameOf(edge.source) }));
    if (joins) issues.push(makeIssue('several-incoming', place(edge.target), { name: nameOf(edge.target) }));
    if (forks || joins) {
      loose.add(edge.source).add(edge.target);
      return;
    }
    outgoing.set(edge.source, edge);
    incoming.set(edge.target, edge);
  });

  const entries: ChainEntry[] = [];
  const visited = new Set<string>();
  const walk = (start: string): void => {
    let id: string | undefined = start;
    let edge: PatternEdge | null = null;
    while (id !== undefined && !visited.has(id)) {
      visited.add(id);
      const known = byId.get(id);
      if (!known) return;
      entries.push({ node: known.node, index: known.index, edge });
      edge = outgoing.get(id) ?? null;
      id = edge?.target;
    }
  };
  const begins = level.nodes.filter((node) => !incoming.has(node.id));
  // the begin with the longest chain is meant; among equals the one that stands first
  const reach = (id: string): number => {
    const seen = new Set<string>();
    for (let at: string | undefined = id; at !== undefined && !seen.has(at); at = outgoing.get(at)?.target) seen.add(at);
    return seen.size;
  };
  begins.sort((a, b) => reach(b.id) - reach(a.id));
  begins.forEach((node, order) => {
    if (order > 0 && !loose.has(node.id)) issues.push(makeIssue('several-begins', nodePlace(node, path, byId, patternId), { name: node.name }));
    walk(node.id);
  });
  if (begins.length === 0 && level.nodes.length > 0) issues.push(makeIssue('no-begin', { path: `${path}.edges`, patternId }));
  for (const node of level.nodes) {
    if (visited.has(node.id)) continue;
    if (begins.length > 0) issues.push(makeIssue('cycle', nodePlace(node, path, byId, patternId), { name: node.name }));
    walk(node.id);
  }
  return { entries, issues };
}

const nodePlace = (node: PatternNode, path: string, byId: ReadonlyMap<string, { readonly index: number }>, patternId: string | null) =>
  ({ path: `${path}.nodes[${byId.get(node.id)?.index ?? 0}]`, patternId, nodeId: node.id });
