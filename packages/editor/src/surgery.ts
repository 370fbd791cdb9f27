/**
 * Cutting and joining links of one level.
 *
 *   SU1  A node put behind another takes over the link that left it, with its kind; a node put on a link leaves that
 *        kind to the link behind it.
 *   SU2  A node taken out of the middle joins its neighbours by the link that left it. Gates hang on links: those on the
 *        link that led to it go with it, those on the link that left it stay, unless that link goes too.
 *   SU3  Only links that the operation is about change; whatever else is broken stays as it is.
 */
import type { PatternEdge, PatternNode } from '@tidemark/pattern';
import { type Level, type LinkType, incoming, isGate, nodeIn, outgoing } from './level.ts';

const without = (edges: readonly PatternEdge[], ...gone: readonly (PatternEdge | undefined)[]): PatternEdge[] => edges.filter((edge) => !gone.includes(edge));

/** Puts a node behind `source`; with `source` null only into the level. */
export function insertAfter(level: Level, source: string | null, node: PatternNode, type: LinkType): Level {
  const nodes = [...level.nodes, node];
  if (source === null) return { nodes, edges: level.edges };
  const left = outgoing(level, source);
  const edges = [...without(level.edges, left), { source, target: node.id, type }];
  if (left) edges.push({ source: node.id, target: left.target, type: left.type });
  return { nodes, edges };
}

/** Puts a node on the link; the level unchanged where there is no such link. */
export function insertOn(level: Level, { source, target }: Pick<PatternEdge, 'source' | 'target'>, node: PatternNode, type: LinkType): Level {
  const link = level.edges.find((edge) => edge.source === source && edge.target === target);
  if (!link) return level;
  return {
    nodes: [...level.nodes, node],
    edges: [...without(level.edges, link), { source, target: node.id, type }, { source: node.id, target, type: link.type }],
  };
}

/** Puts a node before `first`, which nothing leads to. */
export function insertBefore(level: Level, first: string, node: PatternNode, type: LinkType): Level {
  return { nodes: [...level.nodes, node], edges: [...level.edges, { source: node.id, target: first, type }] };
}

/** Gates that lie next to `id` on the link in one direction, nearest first. */
export function gatesBeside(level: Level, id: string, direction: 'before' | 'after'): string[] {
  const gates: string[] = [];
  for (let at = id; ;) {
    const edge = direction === 'before' ? incoming(level, at) : outgoing(level, at);
    const next = direction === 'before' ? edge?.source : edge?.target;
    if (next === undefined || next === id || gates.includes(next) || !isGate(level, next)) return gates;
    gates.push(next);
    at = next;
  }
}

/** The stage or group at the other end of the link that leaves, or leads to, `id`; gates are passed over. */
export function neighbour(level: Level, id: string, direction: 'before' | 'after'): string | null {
  const last = gatesBeside(level, id, direction).at(-1) ?? id;
  const edge = direction === 'before' ? incoming(level, last) : outgoing(level, last);
  const next = direction === 'before' ? edge?.source : edge?.target;
  return next === undefined || next === id || !nodeIn(level, next) ? null : next;
}

function drop(level: Level, ids: ReadonlySet<string>): Level {
  return { nodes: level.nodes.filter((node) => !ids.has(node.id)), edges: level.edges.filter((edge) => !ids.has(edge.source) && !ids.has(edge.target)) };
}

/** Takes one node out of its level (SU2). */
export function takeOut(level: Level, id: string): Level {
  if (!nodeIn(level, id)) return level;
  const leads = incoming(level, id);
  const leaves = outgoing(level, id);
  if (isGate(level, id)) {
    const rest = drop(level, new Set([id]));
    return leads && leaves && leads.source !== leaves.target ? { ...rest, edges: [...rest.edges, { source: leads.source, target: leaves.target, type: leaves.type }] } : rest;
  }
  const before = neighbour(level, id, 'before');
  const after = neighbour(level, id, 'after');
  const gatesAfter = gatesBeside(level, id, 'after');
  const keepsAfter = before !== null && leaves !== undefined && (after !== null || gatesAfter.length > 0) && after !== before;
  const rest = drop(level, new Set([id, ...gatesBeside(level, id, 'before'), ...(keepsAfter ? [] : gatesAfter)]));
  return keepsAfter && nodeIn(rest, leaves.target) ? { ...rest, edges: [...rest.edges, { source: before, target: leaves.target, type: leaves.type }] } : rest;
}

/** Takes the link between two stages away, with the gates on it. `target` may be the first gate on it. */
export function cutLink(level: Level, source: string, target: string): Level {
  const gates = gatesBeside(level, source, 'after');
  const end = neighbour(level, source, 'after');
  if (!isGate(level, source) && (target === end || gates.includes(target))) {
    const rest = drop(level, new Set(gates));
    return { ...rest, edges: rest.edges.filter((edge) => edge.source !== source || edge.target !== end) };
  }
  const edges = level.edges.filter((edge) => edge.source !== source || edge.target !== target);
  return edges.length === level.edges.length ? level : { ...level, edges };
}
