/**
 * The only function that changes a document: a command in, a new document out.
 *
 *   AP1  Never throws, for any draft and any command.
 *   AP2  What the result has in common with the old document is shared with it; a command that changes nothing gives
 *        back the same object.
 *   AP3  A document that decodes stays one: a result that could not be stored (a name too long, an id given twice,
 *        too large) is not taken.
 *
 * Not here: history (history.ts), what may be offered (connect.ts), whether the drawing is right (packages/pattern).
 */
import { rename, renameInTemplate } from '@tidemark/condition';
import { unreachable } from '@tidemark/core';
import { type AtomicNode, type Condition, type JobDocument, type PatternEdge, type PatternGraph, type PatternNode, canonicalJson, decodeDocument } from '@tidemark/pattern';
import type { Command, NewStage, Point } from './command.ts';
import { canConnect, canGroup, canReorder } from './connect.ts';
import { pasted } from './fragment.ts';
import { layoutOf } from './layout.ts';
import {
  type Level, type LinkType, allNodes, find, incoming, isGate, isGateLink, mapNodes, nodeIn, orderOf, outgoing, withLevel, withNode,
} from './level.ts';
import { freeName, nameRefusal, newStageName } from './names.ts';
import { ONCE, greedyByDefault, greedyGivesWay, hasProperty, normalQuantifier } from './quantifier.ts';
import { cutLink, gatesBeside, insertAfter, insertBefore, insertOn, neighbour, takeOut } from './surgery.ts';

/** The document after the command. */
export function apply(document: JobDocument, command: Command): JobDocument {
  const changed = applied(document, command);
  // places are numbers that no other command reads: a drag may be sixty of them a second
  if (changed === document || command.kind === 'move') return changed;
  return decodeDocument(changed).ok && canonicalJson(changed) !== canonicalJson(document) ? changed : document;
}

function applied(document: JobDocument, command: Command): JobDocument {
  switch (command.kind) {
    case 'set-schema': {
      const { schema, outOfOrdernessMs = document.outOfOrdernessMs } = command;
      return { ...document, schema, outOfOrdernessMs };
    }
    case 'set-time': return document.schema ? { ...document, schema: { ...document.schema, time: command.time } } : document;
    case 'set-source': return { ...document, source: command.source };
    case 'set-settings': return { ...document, ...command.settings };
    case 'set-tests': return { ...document, tests: [...command.tests] };
    case 'replace-document': return command.document;
    case 'add-pattern': return patternAdded(document, command.pattern, command.like);
    case 'delete-pattern': return patternDeleted(document, command.patternId);
    case 'move': return moved(document, command.patternId, command.positions);
    case 'collapse-group': return collapsed(document, command.patternId, command.id, command.collapsed);
    case 'tidy': return tidied(document, command.patternId, command.ids);
    case 'wrap-group': return wrapped(document, command);
    case 'unwrap-group': return unwrapped(document, command.patternId, command.id);
    case 'connect': return connected(document, command);
    case 'reorder-stage':
      return canReorder(document, command.patternId, command.id, command.by).ok ? inPattern(document, command.patternId, (graph) => reordered(graph, command.id, command.by)) : document;
    case 'paste': {
      const { patternId, fragment, ids, after, at } = command;
      const result = pasted(document, patternId, fragment, ids, after);
      return result === document ? document : placed(result, patternId, at === null ? {} : shifted(fragment.positions, ids, at));
    }
    default: return structural(document, command);
  }
}

type Structural = Exclude<Command, { readonly kind: 'set-schema' | 'set-time' | 'set-source' | 'set-settings' | 'set-tests' | 'replace-document' | 'add-pattern' | 'delete-pattern' | 'move' | 'collapse-group' | 'tidy' | 'wrap-group' | 'unwrap-group' | 'connect' | 'reorder-stage' | 'paste' }>;

/** Commands that change one pattern's graph. */
function structural(document: JobDocument, command: Structural): JobDocument {
  const changed = inPattern(document, command.patternId, (graph) => changedGraph(graph, command));
  if (changed === document) return document;
  switch (command.kind) {
    case 'add-stage':
    case 'place-stage':
    case 'insert-stage': return command.at ? placed(changed, command.patternId, { [command.stage.id]: command.at }) : changed;
    case 'add-gate': return command.at ? placed(changed, command.patternId, { [command.gate.id]: command.at }) : changed;
    case 'delete': return withoutStrayPlaces(changed, command.patternId);
    default: return changed;
  }
}

function changedGraph(graph: PatternGraph, command: Structural): PatternGraph {
  switch (command.kind) {
    case 'add-stage': {
      const { stage, after, link = 'SKIP_TILL_NEXT' } = command;
      const source = after ?? orderOf(graph).at(-1) ?? null;
      return added(graph, source, stage, (level, node) => {
        const wasLast = source !== null && outgoing(level, source) === undefined;
        const result = insertAfter(level, source, node, link);
        return wasLast ? greedyByDefault(result, source) : result;
      });
    }
    case 'place-stage': return added(graph, null, command.stage, (level, node) => insertAfter(level, null, node, 'SKIP_TILL_NEXT'));
    case 'insert-stage': return added(graph, command.link.source, command.stage, (level, node) => insertOn(level, command.link, node, 'SKIP_TILL_NEXT'));
    case 'add-gate': return added(graph, command.source, command.gate, (level, node) => insertAfter(level, command.source, node, command.type ?? 'NOT_FOLLOW'));
    case 'delete': return command.ids.reduce((rest, id) => atNode(rest, id, (level) => takeOut(level, id)), graph);
    case 'splice-stage': return spliced(graph, command.id, command.source, command.target);
    case 'rename': return renamed(graph, command.id, command.name.trim());
    case 'set-label': return withNode(graph, command.id, (node) => labelled(node, command.language, command.label));
    case 'set-condition':
      return withNode(graph, command.id, (node) => (node.type === 'ATOMIC' && node.condition?.expression !== command.expression
        ? { ...node, condition: conditionOf(command.expression) } : node));
    case 'set-quantifier': return requantified(graph, command.id, (node) => ({ ...node.quantifier, ...command.quantifier }));
    case 'set-until': return requantified(graph, command.id, (node) => ({ ...node.quantifier, untilCondition: conditionOf(command.expression) }));
    case 'set-stage-window': return withNode(graph, command.id, (node) => ({ ...node, window: command.window }));
    case 'set-link': return atNode(graph, command.source, (level) => relinked(level, command.source, command.target, command.type));
    case 'delete-link': return atNode(graph, command.source, (level) => cutLink(level, command.source, command.target));
    case 'set-window': return { ...graph, window: command.window };
    case 'set-key': return { ...graph, key: [...command.fields] };
    case 'set-tie-break': return { ...graph, tieBreak: command.tieBreak.length === 0 ? undefined : [...command.tieBreak] };
    case 'set-skip': return { ...graph, afterMatchStrategy: command.strategy };
    case 'set-output': return { ...graph, output: { ...graph.output, ...command.output } };
    case 'set-advance-every-key': return { ...graph, advanceEveryKey: command.on };
    case 'rename-pattern': return { ...graph, name: command.name, ...(command.label ? { label: command.label } : {}) };
    default: return unreachable(command);
  }
}

// --- patterns and levels

function patternAdded(document: JobDocument, { id, name }: { readonly id: string; readonly name: string }, like: string | undefined): JobDocument {
  if (document.patterns.some((pattern) => pattern.id === id)) return document;
  const beside = document.patterns.find((pattern) => pattern.id === like);
  const graph: PatternGraph = {
    id, name, nodes: [], edges: [], window: null, key: beside ? [...beside.key] : [], advanceEveryKey: false,
    afterMatchStrategy: { type: 'NO_SKIP', patternName: null, throwOnMiss: false }, output: { text: null, timedOut: false, timedOutText: null, late: true },
  };
  return { ...document, patterns: [...document.patterns, graph] };
}

function patternDeleted(document: JobDocument, id: string): JobDocument {
  const { patterns, tests } = document;
  if (patterns.length < 2 || !patterns.some((pattern) => pattern.id === id)) return document;
  const { [id]: _places, ...layout } = document.layout;
  // a test that names no pattern is one of the first
  const first = patterns[0]?.id;
  return { ...document, patterns: patterns.filter((pattern) => pattern.id !== id), tests: tests.filter((test) => (test.pattern ?? first) !== id), layout };
}

function inPattern(document: JobDocument, patternId: string, change: (graph: PatternGraph) => PatternGraph): JobDocument {
  let same = true;
  const patterns = document.patterns.map((pattern) => {
    const changed = pattern.id === patternId ? change(pattern) : pattern;
    same &&= changed === pattern;
    return changed;
  });
  return same ? document : { ...document, patterns };
}

/** Changes the level that a node stands in. Greedy gives way where the change asks for it (QU3). */
function atNode(graph: PatternGraph, id: string, change: (level: Level) => Level): PatternGraph {
  const found = find(graph, id);
  return found ? withLevel(graph, found.path, (level) => {
    const changed = change(level);
    return changed === level ? level : greedyGivesWay(changed);
  }) : graph;
}

const conditionOf = (expression: string | null): Condition | null => (expression === null || expression.trim() === '' ? null : { type: 'CEL', expression });

function added(graph: PatternGraph, beside: string | null, stage: NewStage, put: (level: Level, node: AtomicNode) => Level): PatternGraph {
  if (allNodes(graph).some((node) => node.id === stage.id)) return graph;
  const node: AtomicNode = {
    type: 'ATOMIC', id: stage.id, name: stage.name === undefined ? newStageName(graph) : freeName(graph, stage.name),
    ...(stage.label ? { label: stage.label } : {}),
    quantifier: normalQuantifier(stage.quantifier ?? ONCE), window: null, condition: conditionOf(stage.condition ?? null),
  };
  return beside === null ? withLevel(graph, [], (level) => put(level, node)) : atNode(graph, beside, (level) => put(level, node));
}

function spliced(graph: PatternGraph, id: string, source: string | null, target: string | null): PatternGraph {
  const found = find(graph, id);
  const beside = source ?? target;
  if (!found || beside === null || source === id || target === id) return graph;
  if (allNodes({ nodes: [found.node], edges: [] }).some((node) => node.id === beside)) return graph;
  const gate = isGate(found.level, id);
  const type = incoming(found.level, id)?.type ?? 'SKIP_TILL_NEXT';
  // the link it is put on may be one that its going has just made
  const rest = atNode(graph, id, (level) => takeOut(level, id));
  const result = atNode(rest, beside, (level) => {
    if (source === null) return gate || incoming(level, beside) ? level : insertBefore(level, beside, found.node, 'SKIP_TILL_NEXT');
    if (target === null) return insertAfter(level, source, found.node, type);
    return insertOn(level, { source, target }, found.node, type);
  });
  return result === rest ? graph : result;
}

/** Stages change places; links, and the gates on them, stay. */
function reordered(graph: PatternGraph, id: string, by: -1 | 1): PatternGraph {
  return atNode(graph, id, (level) => {
    const other = neighbour(level, id, by < 0 ? 'before' : 'after');
    if (other === null) return level;
    const swap = (end: string): string => (end === id ? other : end === other ? id : end);
    return { ...level, edges: level.edges.map((edge) => ({ ...edge, source: swap(edge.source), target: swap(edge.target) })) };
  });
}

function relinked(level: Level, source: string, target: string, type: LinkType): Level {
  // between two stages with gates between them, the kind of the link is that of its last part
  const gates = gatesBeside(level, source, 'after');
  const toGate = isGate(level, target);
  const link = isGateLink(type)
    ? level.edges.find((edge) => edge.target === target && edge.source === source && toGate)
    : level.edges.find((edge) => (toGate ? gates.includes(target) && edge.source === gates.at(-1)
      : edge.target === target && (edge.source === source || gates.includes(edge.source))));
  if (!link || link.type === type) return level;
  return { ...level, edges: level.edges.map((edge) => (edge === link ? { ...edge, type } : edge)) };
}

function requantified(graph: PatternGraph, id: string, change: (node: PatternNode) => PatternNode['quantifier']): PatternGraph {
  return atNode(graph, id, (level) => {
    const before = nodeIn(level, id);
    if (!before) return level;
    const quantifier = normalQuantifier(change(before));
    const loops = quantifier.properties.includes('LOOPING') && !hasProperty(before, 'LOOPING');
    const result = { ...level, nodes: level.nodes.map((node) => (node.id === id ? { ...node, quantifier } : node)) };
    return loops ? greedyByDefault(result, id) : result;
  });
}

function labelled(node: PatternNode, language: 'en' | 'zh', label: string | null): PatternNode {
  const { [language]: _old, ...others } = node.label ?? {};
  const next = label === null || label.trim() === '' ? others : { ...others, [language]: label };
  const { label: _label, ...rest } = node;
  return (Object.keys(next).length === 0 ? rest : { ...rest, label: next }) as PatternNode;
}

/** Renames a stage and everything that reads it: conditions, output texts, the after-match strategy. */
function renamed(graph: PatternGraph, id: string, name: string): PatternGraph {
  const found = find(graph, id);
  const from = found?.node.name;
  if (!found || from === undefined || from === name || nameRefusal(graph, id, name) !== null) return graph;
  const own = withNode(graph, id, (node) => ({ ...node, name }));
  // a group is read by nobody; where another stage still has the old name, it may be the one that is meant
  return found.node.type === 'COMPOSITE' || allNodes(own).some((node) => node.name === from) ? own : withReferences(own, from, name);
}

function withReferences(graph: PatternGraph, from: string, to: string): PatternGraph {
  const condition = (old: Condition | null): Condition | null => {
    const expression = old && rename(old.expression, from, to);
    return expression === null || expression === old?.expression ? old : { type: 'CEL', expression };
  };
  const { output, afterMatchStrategy } = graph;
  const text = (old: string | null): string | null => old && renameInTemplate(old, from, to);
  return {
    ...mapNodes(graph, (node) => {
      const untilCondition = condition(node.quantifier.untilCondition);
      const own = condition(node.condition);
      if (untilCondition === node.quantifier.untilCondition && own === node.condition) return node;
      return { ...node, condition: own, quantifier: { ...node.quantifier, untilCondition } };
    }),
    output: { ...output, text: text(output.text), timedOutText: text(output.timedOutText) },
    afterMatchStrategy: afterMatchStrategy.patternName === from ? { ...afterMatchStrategy, patternName: to } : afterMatchStrategy,
  };
}

function connected(document: JobDocument, { patternId, source, target, type = 'SKIP_TILL_NEXT' }: Extract<Command, { kind: 'connect' }>): JobDocument {
  if (!canConnect(document, patternId, source, target, type).ok) return document;
  return inPattern(document, patternId, (graph) => atNode(graph, source, (level) => {
    let rest = level;
    // a link that is replaced goes with the gates on it
    const left = outgoing(rest, source);
    if (left) rest = cutLink(rest, source, left.target);
    if (incoming(rest, target)) rest = cutInto(rest, target);
    const result = { ...rest, edges: [...rest.edges, { source, target, type }] };
    return left ? result : greedyByDefault(result, source);
  }));
}

function cutInto(level: Level, target: string): Level {
  const before = neighbour(level, target, 'before');
  if (before !== null) return cutLink(level, before, target);
  return { ...level, edges: level.edges.filter((edge) => edge.target !== target) };
}

// --- groups

function wrapped(document: JobDocument, { patternId, ids, group }: Extract<Command, { kind: 'wrap-group' }>): JobDocument {
  const allowed = canGroup(document, patternId, ids);
  const pattern = document.patterns.find((other) => other.id === patternId);
  if (!allowed.ok || !pattern || find(pattern, group.id)) return document;
  const members = new Set(allowed.ids);
  const [first, last] = [allowed.ids[0] as string, allowed.ids.at(-1) as string];
  const name = group.name === undefined ? newStageName(pattern, 'group') : freeName(pattern, group.name);
  const places = document.layout[patternId] ?? {};
  const changed = inPattern(document, patternId, (graph) => withLevel(graph, allowed.path, (level) => {
    const inside = (edge: PatternEdge): boolean => members.has(edge.source) && members.has(edge.target);
    const node: PatternNode = {
      type: 'COMPOSITE', id: group.id, name, quantifier: ONCE, window: null, condition: null,
      nodes: allowed.ids.flatMap((id) => nodeIn(level, id) ?? []),
      edges: level.edges.filter(inside),
    };
    const at = level.nodes.findIndex((other) => other.id === first);
    const nodes: PatternNode[] = level.nodes.filter((other) => !members.has(other.id));
    nodes.splice(level.nodes.slice(0, at).filter((other) => !members.has(other.id)).length, 0, node);
    const edges = level.edges.filter((edge) => !inside(edge)).map((edge) => ({
      ...edge, source: edge.source === last ? group.id : edge.source, target: edge.target === first ? group.id : edge.target,
    }));
    return greedyGivesWay({ nodes, edges });
  }));
  // what stood somewhere stands there still: places inside a group are relative to it
  const origin = places[first];
  if (!origin) return changed;
  const inner = Object.fromEntries(allowed.ids.flatMap((id) => {
    const place = places[id];
    return place ? [[id, { ...place, x: place.x - origin.x + GROUP_INSET.x, y: place.y - origin.y + GROUP_INSET.y }] as const] : [];
  }));
  return { ...changed, layout: { ...changed.layout, [patternId]: { ...places, ...inner, [group.id]: { x: origin.x - GROUP_INSET.x, y: origin.y - GROUP_INSET.y } } } };
}
/** Where the first stage stands in a group that is made around it. */
const GROUP_INSET: Point = { x: 24, y: 48 };

function unwrapped(document: JobDocument, patternId: string, id: string): JobDocument {
  const pattern = document.patterns.find((other) => other.id === patternId);
  const found = pattern && find(pattern, id);
  if (!found || found.node.type !== 'COMPOSITE') return document;
  const group = found.node;
  const order = orderOf(group);
  const [first, last] = [order[0], order.at(-1)];
  const changed = inPattern(document, patternId, (graph) => withLevel(graph, found.path, (level) => {
    if (first === undefined || last === undefined) return takeOut(level, id);
    const nodes = level.nodes.flatMap((node) => (node.id === id ? group.nodes : [node]));
    const edges = level.edges.map((edge) => ({ ...edge, source: edge.source === id ? last : edge.source, target: edge.target === id ? first : edge.target }));
    return greedyGivesWay({ nodes, edges: [...edges, ...group.edges] });
  }));
  const { [id]: origin, ...places } = document.layout[patternId] ?? {};
  if (!origin) return withoutStrayPlaces(changed, patternId);
  const inner = Object.fromEntries(group.nodes.flatMap((node) => {
    const place = places[node.id];
    return place ? [[node.id, { ...place, x: place.x + origin.x, y: place.y + origin.y }] as const] : [];
  }));
  return { ...changed, layout: { ...changed.layout, [patternId]: { ...places, ...inner } } };
}

// --- places

function placed(document: JobDocument, patternId: string, positions: Readonly<Record<string, Point>>): JobDocument {
  return Object.keys(positions).length === 0 ? document : moved(document, patternId, positions);
}

function moved(document: JobDocument, patternId: string, positions: Readonly<Record<string, Point>>): JobDocument {
  const pattern = document.patterns.find((other) => other.id === patternId);
  if (!pattern) return document;
  const known = new Set(allNodes(pattern).map((node) => node.id));
  const old = document.layout[patternId] ?? {};
  const news = Object.entries(positions).filter(([id, { x, y }]) => known.has(id) && Number.isFinite(x) && Number.isFinite(y) && (old[id]?.x !== x || old[id].y !== y));
  if (news.length === 0) return document;
  const places = Object.fromEntries(news.map(([id, { x, y }]) => [id, { ...old[id], x, y }]));
  return { ...document, layout: { ...document.layout, [patternId]: { ...old, ...places } } };
}

function shifted(positions: Readonly<Record<string, Point>>, ids: Readonly<Record<string, string>>, at: Point): Record<string, Point> {
  const places = Object.entries(positions).filter(([id]) => ids[id] !== undefined);
  const left = Math.min(...places.map(([, { x }]) => x));
  const top = Math.min(...places.map(([, { y }]) => y));
  return Object.fromEntries(places.map(([id, { x, y }]) => [ids[id] as string, { x: x - left + at.x, y: y - top + at.y }]));
}

function collapsed(document: JobDocument, patternId: string, id: string, closed: boolean): JobDocument {
  const pattern = document.patterns.find((other) => other.id === patternId);
  if (!pattern || find(pattern, id)?.node.type !== 'COMPOSITE') return document;
  const places = document.layout[patternId] ?? {};
  if ((places[id]?.collapsed ?? false) === closed) return document;
  const place = places[id] ?? layoutOf(pattern, places).positions[id] ?? { x: 0, y: 0 };
  return { ...document, layout: { ...document.layout, [patternId]: { ...places, [id]: { x: place.x, y: place.y, ...(closed ? { collapsed: true } : {}) } } } };
}

function tidied(document: JobDocument, patternId: string, ids: readonly string[] | null): JobDocument {
  const pattern = document.patterns.find((other) => other.id === patternId);
  const old = document.layout[patternId];
  if (!pattern || !old) return document;
  const wanted = ids === null ? null : new Set(ids);
  const places = Object.fromEntries(Object.entries(old).filter(([id, place]) => (wanted !== null && !wanted.has(id)) || place.collapsed));
  const closed = Object.keys(places).filter((id) => wanted === null || wanted.has(id));
  // a collapsed group has to keep an entry, so it gets the place that it would have without one
  const free = layoutOf(pattern, Object.fromEntries(Object.entries(places).filter(([id]) => !closed.includes(id)))).positions;
  for (const id of closed) places[id] = { ...(free[id] ?? { x: 0, y: 0 }), collapsed: true };
  const same = Object.keys(places).length === Object.keys(old).length && Object.entries(places).every(([id, { x, y }]) => old[id]?.x === x && old[id].y === y);
  return same ? document : { ...document, layout: { ...document.layout, [patternId]: places } };
}

/** Places of stages that are gone. */
function withoutStrayPlaces(document: JobDocument, patternId: string): JobDocument {
  const pattern = document.patterns.find((other) => other.id === patternId);
  const places = document.layout[patternId];
  if (!pattern || !places) return document;
  const known = new Set(allNodes(pattern).map((node) => node.id));
  const kept = Object.entries(places).filter(([id]) => known.has(id));
  return kept.length === Object.keys(places).length ? document : { ...document, layout: { ...document.layout, [patternId]: Object.fromEntries(kept) } };
}
