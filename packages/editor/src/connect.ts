/**
 * What may be done with links and groups, and why not: the page asks before it offers, apply.ts before it does.
 *
 * Shape   a reason is a code in kebab-case; the page has the sentence for it in its languages.
 * Source  Flink's rules 5 and 10 (semantics §1.2); a stage has one link in and one out; a group is no absence.
 */
import type { JobDocument, PatternEdge, PatternGraph } from '@tidemark/pattern';
import { type Level, type LevelPath, type LinkType, find, incoming, isChain, isGate, isGateLink, nodeIn, orderOf, outgoing } from './level.ts';
import { hasProperty } from './quantifier.ts';
import { neighbour } from './surgery.ts';

export type ConnectRefusal =
  | 'unknown-stage' | 'same-stage' | 'other-group' | 'already-linked' | 'makes-circle' | 'gate-hangs-on-link' | 'gate-after-optional' | 'gate-is-group'
  | 'optional-after-greedy';
export type Permission<Reason extends string, Extra = object> = ({ readonly ok: true } & Extra) | { readonly ok: false; readonly reason: Reason };

const refuse = <Reason extends string>(reason: Reason): { readonly ok: false; readonly reason: Reason } => ({ ok: false, reason });
export const patternOf = (document: JobDocument, patternId: string): PatternGraph | undefined => document.patterns.find((pattern) => pattern.id === patternId);

/** Whether `source` may be linked with `target`, and which links that would replace. */
export function canConnect(
  document: JobDocument, patternId: string, source: string, target: string, type: LinkType = 'SKIP_TILL_NEXT',
): Permission<ConnectRefusal, { readonly replaces: readonly PatternEdge[] }> {
  const graph = patternOf(document, patternId);
  const from = graph && find(graph, source);
  const to = graph && find(graph, target);
  if (!from || !to) return refuse('unknown-stage');
  if (source === target) return refuse('same-stage');
  if (from.path.join('/') !== to.path.join('/')) return refuse('other-group');
  const { level } = from;
  const next = outgoing(level, source)?.target;
  if (next === target || neighbour(level, source, 'after') === target) return refuse('already-linked');
  // a gate moves with its link; one by one, its ends would make it a stage
  if (isGate(level, target) || (isGate(level, source) && next !== undefined && isGate(level, next))) return refuse('gate-hangs-on-link');
  // the link that leaves the source is replaced, so the circle is sought without it
  const seen = new Set<string>();
  for (let at: string | undefined = target; at !== undefined && !seen.has(at); at = outgoing(level, at)?.target) {
    if (at === source) return refuse('makes-circle');
    seen.add(at);
  }
  if (isGateLink(type)) {
    if (to.node.type === 'COMPOSITE') return refuse('gate-is-group');
    if (hasProperty(from.node, 'OPTIONAL')) return refuse('gate-after-optional');
  } else if (hasProperty(from.node, 'GREEDY') && hasProperty(to.node, 'OPTIONAL')) {
    return refuse('optional-after-greedy');
  }
  return { ok: true, replaces: [outgoing(level, source), incoming(level, target)].filter((edge) => edge !== undefined) };
}

/** Whether an absence may hang on the link that leaves `source` (or end the pattern there). */
export function canAddGate(document: JobDocument, patternId: string, source: string): Permission<'unknown-stage' | 'gate-after-optional'> {
  const graph = patternOf(document, patternId);
  const found = graph && find(graph, source);
  if (!found) return refuse('unknown-stage');
  return hasProperty(found.node, 'OPTIONAL') && !isGate(found.level, source) ? refuse('gate-after-optional') : { ok: true };
}

export type GroupRefusal = 'nothing-selected' | 'other-group' | 'not-consecutive' | 'starts-with-gate' | 'too-deep';
/** Groups within groups, at most. */
export const GROUP_DEPTH_MAX = 12;

/** Whether stages may be wrapped into a group: they follow each other, gates between them included. */
export function canGroup(document: JobDocument, patternId: string, ids: readonly string[]): Permission<GroupRefusal, { readonly ids: readonly string[]; readonly path: LevelPath }> {
  const graph = patternOf(document, patternId);
  const first = ids[0] === undefined ? null : graph && find(graph, ids[0]);
  if (!first) return refuse('nothing-selected');
  const { level, path } = first;
  if (ids.some((id) => !nodeIn(level, id))) return refuse('other-group');
  const order = orderOf(level);
  const places = ids.map((id) => order.indexOf(id));
  const members = order.slice(Math.min(...places), Math.max(...places) + 1);
  const wanted = new Set(ids);
  const consecutive = members.every((id, index) => (wanted.has(id) || isGate(level, id)) && (index === 0 || outgoing(level, members[index - 1] as string)?.target === id));
  if (!consecutive) return refuse('not-consecutive');
  if (isGate(level, members[0] as string)) return refuse('starts-with-gate');
  return path.length + 1 + depthBelow(members.flatMap((id) => nodeIn(level, id) ?? [])) > GROUP_DEPTH_MAX ? refuse('too-deep') : { ok: true, ids: members, path };
}

const depthBelow = (nodes: Level['nodes']): number => Math.max(0, ...nodes.map((node) => (node.type === 'COMPOSITE' ? 1 + depthBelow(node.nodes) : 0)));

/** Whether a stage may move one place earlier or later in its level. */
export function canReorder(document: JobDocument, patternId: string, id: string, by: -1 | 1): Permission<'unknown-stage' | 'is-gate' | 'broken-chain' | 'at-the-end'> {
  const graph = patternOf(document, patternId);
  const found = graph && find(graph, id);
  if (!found) return refuse('unknown-stage');
  const { level } = found;
  if (isGate(level, id)) return refuse('is-gate');
  if (!isChain(level)) return refuse('broken-chain');
  const stages = orderOf(level).filter((other) => !isGate(level, other));
  return stages[stages.indexOf(id) + by] === undefined ? refuse('at-the-end') : { ok: true };
}
