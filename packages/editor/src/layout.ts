/**
 * Where stages stand that have no place of their own: left to right, in the order of the chain; gates hang under
 * their link.
 *
 * Always  every node has a position; a stored one is taken as it is, and what follows it is laid out from there.
 *         Positions in a group are relative to it. Pure: the same pattern and places give the same answer.
 * Units   px on the canvas; a position is the upper left corner.
 * Not here: sizes of what is really drawn (the page measures its cards and may pass them), narrow layout, routing.
 */
import type { JobDocument, PatternGraph, PatternNode } from '@tidemark/pattern';
import type { Point } from './command.ts';
import { type Level, allNodes, isGate, orderOf } from './level.ts';
import { patternOf } from './connect.ts';

export interface Size { readonly width: number; readonly height: number }
export interface Layout {
  readonly positions: Readonly<Record<string, Point>>;
  /** Of every node; of an open group what its contents need. */
  readonly sizes: Readonly<Record<string, Size>>;
}
type Places = Readonly<Record<string, Point & { readonly collapsed?: boolean | undefined }>>;

export const LAYOUT = {
  stage: { width: 160, height: 120 }, gate: { width: 140, height: 60 }, gap: 96,
  /** What a ring on a link adds to it, and how far its card hangs below. */
  ring: 64, hang: 32,
  group: { left: 24, top: 48, right: 24, bottom: 24 },
} as const;

/** Positions for a pattern of the document; `sizes` are those that the page knows better. */
export function layout(document: JobDocument, patternId: string, sizes: Readonly<Record<string, Size>> = {}): Layout {
  const graph = patternOf(document, patternId);
  return graph ? layoutOf(graph, document.layout[patternId] ?? {}, sizes) : { positions: {}, sizes: {} };
}

export function layoutOf(graph: PatternGraph, places: Places, known: Readonly<Record<string, Size>> = {}): Layout {
  const positions: Record<string, Point> = {};
  const sizes: Record<string, Size> = {};
  layLevel(graph, { x: 0, y: 0 }, places, known, positions, sizes);
  return { positions, sizes };
}

function layLevel(level: Level, origin: Point, places: Places, known: Readonly<Record<string, Size>>, positions: Record<string, Point>, sizes: Record<string, Size>): Size {
  const byId = new Map(level.nodes.map((node) => [node.id, node]));
  let pen = { ...origin };
  let rings: PatternNode[] = [];
  /** Right edge and bottom of the stage before; null at the beginning. */
  let before: { readonly right: number; readonly bottom: number } | null = null;
  const hang = (gates: readonly PatternNode[], from: number, to: number, bottom: number): void => gates.forEach((gate, index) => {
    const size = known[gate.id] ?? LAYOUT.gate;
    sizes[gate.id] = size;
    const middle = from + ((to - from) * (index + 1)) / (gates.length + 1);
    positions[gate.id] = places[gate.id] ? pointOf(places[gate.id] as Point)
      : { x: Math.round(middle - size.width / 2), y: bottom + LAYOUT.hang + index * (size.height + 12) };
  });
  for (const id of orderOf(level)) {
    const node = byId.get(id) as PatternNode;
    if (isGate(level, id)) {
      rings.push(node);
      continue;
    }
    const size = sizeOf(node, places, known, positions, sizes);
    sizes[id] = size;
    const stored = places[id];
    if (before) pen = { x: before.right + LAYOUT.gap + rings.length * LAYOUT.ring, y: pen.y };
    const position = stored ? pointOf(stored) : pen;
    positions[id] = position;
    if (before) hang(rings, before.right, position.x, Math.max(before.bottom, position.y + size.height));
    else hang(rings, position.x - LAYOUT.gap, position.x, position.y + size.height);
    rings = [];
    before = { right: position.x + size.width, bottom: position.y + size.height };
    pen = position;
  }
  const start = before ?? { right: origin.x, bottom: origin.y };
  hang(rings, start.right, start.right + LAYOUT.gap + rings.length * LAYOUT.ring, start.bottom);
  const corners = level.nodes.map(({ id }) => ({ right: (positions[id] as Point).x + (sizes[id] as Size).width, bottom: (positions[id] as Point).y + (sizes[id] as Size).height }));
  return { width: Math.max(origin.x, ...corners.map((corner) => corner.right)), height: Math.max(origin.y, ...corners.map((corner) => corner.bottom)) };
}

function sizeOf(node: PatternNode, places: Places, known: Readonly<Record<string, Size>>, positions: Record<string, Point>, sizes: Record<string, Size>): Size {
  if (node.type === 'ATOMIC') return known[node.id] ?? LAYOUT.stage;
  const { left, top, right, bottom } = LAYOUT.group;
  // what is in a collapsed group keeps its places for when it is opened
  const inner = layLevel(node, { x: left, y: top }, places, known, positions, sizes);
  const open = { width: Math.max(LAYOUT.stage.width, inner.width + right), height: Math.max(top + bottom, inner.height + bottom) };
  return known[node.id] ?? (places[node.id]?.collapsed ? LAYOUT.stage : open);
}

const pointOf = ({ x, y }: Point): Point => ({ x, y });

/** Whether a layout has an entry for every node: what a property asks. */
export const isComplete = (graph: PatternGraph, { positions }: Layout): boolean => allNodes(graph).every((node) => positions[node.id] !== undefined);
