/**
 * The drawing model as React Flow nodes and edges.
 *
 * Always  an object is the same one as before where nothing about it has changed, so that React Flow re-renders only
 *         what moved (a drag of one stage leaves the others alone).
 */
import type { StageBox } from './drawing.ts';
import { MATCH, START } from './drawing.ts';
import { type LinkEdgeType, linkId } from './link-edge.tsx';
import type { DrawingNode } from './parts.tsx';
import type { DrawingView, PartState } from './view.ts';

export interface Flow { readonly nodes: DrawingNode[]; readonly edges: LinkEdgeType[] }

const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

export type FlowView = Pick<DrawingView, 'drawing' | 'pattern' | 'selected' | 'marks' | 'changed' | 'renaming' | 'connectTarget'>;

/** What React Flow would say in English: of nodes that they are nodes, of links where they lead, by id. */
export interface FlowWords {
  readonly stage: string;
  readonly link: string;
  /** `word` null: no kind of link, but the way from the start (no `a`) or to the match (no `b`). */
  readonly linkLabel: (word: string | null, a: string, b: string) => string;
}

export function flowOf(view: FlowView, editable: boolean, words: FlowWords, before: Flow | null): Flow {
  const { drawing, selected } = view;
  const links = new Map(drawing.links.map((line) => [line.target, line.edge?.type ?? null]));
  const state = (id: string): PartState => ({
    selected: selected.has(id), errors: view.marks.get(id)?.errors ?? 0, warnings: view.marks.get(id)?.warnings ?? 0, changed: view.changed?.has(id) ?? false, renaming: view.renaming === id,
    offered: view.connectTarget === id, dimmed: view.connectTarget !== null && view.connectTarget !== id, total: drawing.total, link: links.get(id) ?? null,
  });
  const oldNodes = new Map(before?.nodes.map((node) => [node.id, node]));
  const oldEdges = new Map(before?.edges.map((edge) => [edge.id, edge]));
  const nodeRole = { 'aria-roledescription': words.stage };
  const linkRole = { 'aria-roledescription': words.link };
  const keep = <T extends DrawingNode>(made: T): DrawingNode => {
    const node: DrawingNode = { ...made, domAttributes: nodeRole };
    const old = oldNodes.get(node.id);
    return old !== undefined && same(shape(old), shape(node)) && sameContent(old, node) ? old : node;
  };
  const nodes: DrawingNode[] = [];
  const { lane } = drawing;
  if (lane !== null) nodes.push(keep({ id: '@lane', type: 'lane', position: { x: lane.x, y: lane.y }, ...sized(lane), data: { key: '' }, zIndex: -10, selectable: false, draggable: false, connectable: false, focusable: false, className: 'tm-behind' }));
  if (lane !== null && drawing.rails.length > 0) nodes.push(keep({ id: '@rails', type: 'rails', position: { x: lane.x, y: lane.y }, ...sized(lane), data: { key: '' }, zIndex: 20, selectable: false, draggable: false, connectable: false, focusable: false, className: 'tm-behind' }));
  if (drawing.start !== null) nodes.push(keep({ id: START, type: 'pin', position: { x: drawing.start.x - 9, y: drawing.start.y - 9 }, ...sized({ width: 18, height: 18 }), data: {}, selectable: false, draggable: false, connectable: false, focusable: false }));
  for (const box of drawing.groups) nodes.push(keep({ id: box.id, type: 'composite', position: place(box), ...sized(box), data: { box, state: state(box.id) }, draggable: editable, selected: selected.has(box.id), focusable: false, ...parent(box.parent) }));
  for (const box of drawing.stages) nodes.push(keep({ id: box.id, type: 'stage', position: place(box), ...sized(box), data: { box, state: state(box.id) }, draggable: editable, selected: selected.has(box.id), focusable: false, ...parent(box.parent) }));
  for (const box of drawing.gates) nodes.push(keep({ id: box.id, type: 'gate', position: place(box), ...sized(box), data: { box, state: state(box.id) }, draggable: editable, selected: selected.has(box.id), focusable: false, ...(box.parent === null ? {} : { parentId: box.parent }) }));
  if (drawing.match !== null) nodes.push(keep({ id: MATCH, type: 'match', position: { x: drawing.match.x - 50, y: drawing.match.y - 20 }, ...sized({ width: 100, height: 96 }), data: { key: '' }, selectable: false, draggable: false, connectable: false, focusable: false }));
  const names = new Map<string, string>([...drawing.stages.map((box) => [box.id, box.text.name] as const), ...drawing.groups.map((box) => [box.id, box.name] as const)]);
  const windows = new Map([...drawing.stages, ...drawing.groups].map((box) => [box.id, box.node.window?.time ?? null]));
  const edges = drawing.links.filter((line) => line.target !== line.source).map((line): LinkEdgeType => {
    const label = words.linkLabel(line.edge?.type ?? null, names.get(line.source) ?? '', names.get(line.target) ?? '');
    const edge: LinkEdgeType = { id: line.id, type: 'link', ariaLabel: label, domAttributes: linkRole, source: line.source, target: line.target, selected: selected.has(linkId(line)),
      data: { line, state: { chosen: selected.has(linkId(line)), sourceName: names.get(line.source) ?? '', targetName: names.get(line.target) ?? '', own: windows.get(line.target) ?? null, by: line.clock === null ? null : view.pattern.window?.time ?? null } }, selectable: line.edge !== null, focusable: false, deletable: false };
    const old = oldEdges.get(line.id);
    return old !== undefined && old.selected === edge.selected && old.ariaLabel === label && same(old.data, edge.data) ? old : edge;
  });
  return { nodes, edges };
}

const place = (box: { relative: { x: number; y: number } }): { x: number; y: number } => ({ x: box.relative.x, y: box.relative.y });
const sized = ({ width, height }: { width: number; height: number }) => ({ width, height, measured: { width, height } });
const parent = (id: string | null) => (id === null ? {} : { parentId: id, extent: 'parent' as const });
const shape = ({ position, width, height, selected, draggable, parentId }: DrawingNode) => ({ position, width, height, selected, draggable, parentId });

function sameContent(a: DrawingNode, b: DrawingNode): boolean {
  const { box: one, state: before } = a.data as { box?: StageBox; state?: PartState };
  const { box: two, state: after } = b.data as { box?: StageBox; state?: PartState };
  if (one === undefined || two === undefined) return one === two;
  return one.node === two.node && same(before, after) && same({ ...one, node: null }, { ...two, node: null });
}
