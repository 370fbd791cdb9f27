/**
 * The drawing model as React Flow nodes and edges.
 *
 * Always  an object is the same one as before where nothing about it has changed, so that React Flow re-renders only
 *         what moved (a drag of one stage leaves the others alone).
 */
import type { Drawing, StageBox } from './drawing.ts';
import { MATCH, START } from './drawing.ts';
import { type LinkEdgeType, linkId } from './link-edge.tsx';
import type { DrawingNode } from './parts.tsx';

export interface Flow { readonly nodes: DrawingNode[]; readonly edges: LinkEdgeType[] }

const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

export function flowOf(drawing: Drawing, selected: ReadonlySet<string>, editable: boolean, before: Flow | null): Flow {
  const oldNodes = new Map(before?.nodes.map((node) => [node.id, node]));
  const oldEdges = new Map(before?.edges.map((edge) => [edge.id, edge]));
  const keep = <T extends DrawingNode>(node: T): DrawingNode => {
    const old = oldNodes.get(node.id);
    return old !== undefined && same(shape(old), shape(node)) && sameContent(old, node) ? old : node;
  };
  const nodes: DrawingNode[] = [];
  const { lane } = drawing;
  if (lane !== null) nodes.push(keep({ id: '@lane', type: 'lane', position: { x: lane.x, y: lane.y }, ...sized(lane), data: { key: '' }, zIndex: -10, selectable: false, draggable: false, connectable: false, focusable: false, className: 'tm-behind' }));
  if (lane !== null && drawing.rails.length > 0) nodes.push(keep({ id: '@rails', type: 'rails', position: { x: lane.x, y: lane.y }, ...sized(lane), data: { key: '' }, zIndex: 20, selectable: false, draggable: false, connectable: false, focusable: false, className: 'tm-behind' }));
  if (drawing.start !== null) nodes.push(keep({ id: START, type: 'pin', position: { x: drawing.start.x - 9, y: drawing.start.y - 9 }, ...sized({ width: 18, height: 18 }), data: {}, selectable: false, draggable: false, connectable: false, focusable: false }));
  for (const box of drawing.groups) nodes.push(keep({ id: box.id, type: 'composite', position: place(box), ...sized(box), data: { box }, draggable: editable, selected: selected.has(box.id), focusable: false, ...parent(box.parent) }));
  for (const box of drawing.stages) nodes.push(keep({ id: box.id, type: 'stage', position: place(box), ...sized(box), data: { box }, draggable: editable, selected: selected.has(box.id), focusable: false, ...parent(box.parent) }));
  for (const box of drawing.gates) nodes.push(keep({ id: box.id, type: 'gate', position: place(box), ...sized(box), data: { box }, draggable: editable, selected: selected.has(box.id), focusable: false, ...(box.parent === null ? {} : { parentId: box.parent }) }));
  if (drawing.match !== null) nodes.push(keep({ id: MATCH, type: 'match', position: { x: drawing.match.x - 50, y: drawing.match.y - 20 }, ...sized({ width: 100, height: 96 }), data: { key: '' }, selectable: false, draggable: false, connectable: false, focusable: false }));
  const edges = drawing.links.filter((line) => line.target !== line.source).map((line): LinkEdgeType => {
    const edge: LinkEdgeType = { id: line.id, type: 'link', source: line.source, target: line.target, data: { line }, selected: selected.has(linkId(line)), selectable: line.edge !== null, focusable: false, deletable: false };
    const old = oldEdges.get(line.id);
    return old !== undefined && old.selected === edge.selected && same(old.data, edge.data) ? old : edge;
  });
  return { nodes, edges };
}

const place = (box: { relative: { x: number; y: number } }): { x: number; y: number } => ({ x: box.relative.x, y: box.relative.y });
const sized = ({ width, height }: { width: number; height: number }) => ({ width, height, measured: { width, height } });
const parent = (id: string | null) => (id === null ? {} : { parentId: id, extent: 'parent' as const });
const shape = ({ position, width, height, selected, draggable, parentId }: DrawingNode) => ({ position, width, height, selected, draggable, parentId });

function sameContent(a: DrawingNode, b: DrawingNode): boolean {
  const one = (a.data as { box?: StageBox }).box;
  const two = (b.data as { box?: StageBox }).box;
  if (one === undefined || two === undefined) return one === two;
  return one.node === two.node && same({ ...one, node: null }, { ...two, node: null });
}
