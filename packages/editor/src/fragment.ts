/**
 * Copied stages: taken out of a pattern, carried as text over the clipboard, put in elsewhere under fresh names.
 *
 *   FR1  A copy has the nodes chosen on one level, the gates between them, and the links among them.
 *   FR2  What is pasted has new ids (the caller's) and names that are free; conditions inside the copy follow the new
 *        names, and go on reading what they read outside of it.
 *   FR3  Text from a clipboard is decoded like any document: it may come from anywhere.
 */
import { rename } from '@tidemark/condition';
import { type Condition, DOCUMENT_FORMAT, DOCUMENT_VERSION, type JobDocument, type PatternNode, decodeDocument } from '@tidemark/pattern';
import type { Fragment, Point } from './command.ts';
import { patternOf } from './connect.ts';
import { type Level, allNodes, find, incoming, isGate, mapNodes, orderOf, withLevel } from './level.ts';
import { freeName } from './names.ts';
import { greedyByDefault, greedyGivesWay } from './quantifier.ts';

const FRAGMENT_FORMAT = 'tidemark-stages';

/** Copies nodes of one level (that of the first id); null where nothing is there. */
export function copyFragment(document: JobDocument, patternId: string, ids: readonly string[], positions: Readonly<Record<string, Point>> = {}): Fragment | null {
  const graph = patternOf(document, patternId);
  const found = ids[0] === undefined ? null : graph && find(graph, ids[0]);
  if (!found) return null;
  const { level } = found;
  const wanted = new Set(ids);
  const order = orderOf(level);
  const chosen = order.filter((id, index) => wanted.has(id) || (isGate(level, id) && wanted.has(order[index - 1] ?? '') && order.slice(index).some((later) => wanted.has(later) && !isGate(level, later))));
  const members = new Set(chosen);
  const nodes = chosen.flatMap((id) => level.nodes.find((node) => node.id === id) ?? []);
  const places = { ...document.layout[patternId], ...positions };
  return {
    nodes,
    edges: level.edges.filter((edge) => members.has(edge.source) && members.has(edge.target)),
    positions: Object.fromEntries(nodes.flatMap(({ id }) => (places[id] ? [[id, { x: places[id].x, y: places[id].y }]] : []))),
    head: chosen[0] === undefined ? null : incoming(level, chosen[0])?.type ?? null,
  };
}

export const fragmentText = (fragment: Fragment): string => JSON.stringify({ format: FRAGMENT_FORMAT, version: DOCUMENT_VERSION, ...fragment });

/** The fragment that a text holds, or null where it is none. */
export function fragmentOf(text: string): Fragment | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || !('format' in value) || value.format !== FRAGMENT_FORMAT) return null;
  const { version, nodes, edges, positions, head } = value as Record<string, unknown>;
  const decoded = decodeDocument({ format: DOCUMENT_FORMAT, version, id: 'clipboard', name: 'clipboard', patterns: [{ id: 'p', name: 'p', nodes, edges }], layout: { p: positions ?? {} } });
  const pattern = decoded.ok ? decoded.document.patterns[0] : undefined;
  if (!decoded.ok || !pattern || pattern.nodes.length === 0) return null;
  const links: readonly unknown[] = ['STRICT', 'SKIP_TILL_NEXT', 'SKIP_TILL_ANY', 'NOT_NEXT', 'NOT_FOLLOW'];
  return { nodes: pattern.nodes, edges: pattern.edges, positions: decoded.document.layout['p'] ?? {}, head: links.includes(head) ? head as Fragment['head'] : null };
}

/** Ids that a paste of the fragment needs: those of all its nodes. */
export const fragmentIds = (fragment: Fragment): string[] => allNodes(fragment).map((node) => node.id);

export function pasted(document: JobDocument, patternId: string, fragment: Fragment, ids: Readonly<Record<string, string>>, after: string | null): JobDocument {
  const graph = patternOf(document, patternId);
  const old = fragmentIds(fragment);
  const fresh = old.map((id) => (Object.hasOwn(ids, id) ? ids[id] : undefined));
  const taken = new Set(graph ? allNodes(graph).map((node) => node.id) : []);
  if (!graph || old.length === 0 || new Set(fresh).size !== old.length || fresh.some((id) => id === undefined || taken.has(id))) return document;
  const copy = renamedApart(graph, reidentified(fragment, ids));
  const path = after === null ? [] : find(graph, after)?.path;
  if (!path) return document;
  const changed = withLevel(graph, path, (level) => joined(level, copy, after, fragment.head));
  return { ...document, patterns: document.patterns.map((pattern) => (pattern === graph ? changed : pattern)) };
}

function reidentified<T extends Level>(level: T, ids: Readonly<Record<string, string>>): T {
  const id = (old: string): string => ids[old] ?? old;
  return {
    ...level,
    nodes: level.nodes.map((node): PatternNode => (node.type === 'COMPOSITE' ? { ...reidentified(node, ids), id: id(node.id) } : { ...node, id: id(node.id) })),
    edges: level.edges.map((edge) => ({ ...edge, source: id(edge.source), target: id(edge.target) })),
  };
}

function renamedApart(graph: Level, copy: Level): Level {
  const taken: string[] = [];
  const names = new Map<string, string>();
  let result: Level = mapNodes(copy, (node) => {
    const name = freeName(graph, node.name, taken);
    taken.push(name);
    if (name !== node.name && node.type === 'ATOMIC') names.set(node.name, name);
    return name === node.name ? node : { ...node, name };
  });
  // by way of names that nobody has, so that one new name is not taken for another's old one
  const steps = [...names].map(([from, to], index) => [from, `__copy_${index}__`, to] as const);
  for (const [from, between] of steps) result = mapNodes(result, (node) => rereading(node, from, between));
  for (const [, between, to] of steps) result = mapNodes(result, (node) => rereading(node, between, to));
  return result;
}

function rereading(node: PatternNode, from: string, to: string): PatternNode {
  const condition = (old: Condition | null): Condition | null => {
    const expression = old && rename(old.expression, from, to);
    return expression === null || expression === old?.expression ? old : { type: 'CEL', expression };
  };
  return { ...node, condition: condition(node.condition), quantifier: { ...node.quantifier, untilCondition: condition(node.quantifier.untilCondition) } };
}

function joined(level: Level, copy: Level, after: string | null, head: Fragment['head']): Level {
  const nodes = [...level.nodes, ...copy.nodes];
  if (after === null) return { nodes, edges: [...level.edges, ...copy.edges] };
  const order = orderOf(copy);
  const [first, last] = [order[0] as string, order.at(-1) as string];
  const left = level.edges.find((edge) => edge.source === after);
  const edges = [...level.edges.filter((edge) => edge !== left), ...copy.edges, { source: after, target: first, type: head ?? 'SKIP_TILL_NEXT' as const }];
  if (left) edges.push({ source: last, target: left.target, type: left.type });
  const result = greedyGivesWay({ nodes, edges });
  return left ? result : greedyByDefault(result, after);
}
