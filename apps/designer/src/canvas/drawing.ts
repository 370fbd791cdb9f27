/**
 * Where everything of a drawing stands: the one model behind the canvas, Live, and the thumbnails.
 *
 * Always  coordinates are px on the canvas, absolute (relative ones beside them for what lives in a group); positions
 *         come from the document's layout, and what the layout lacks stands left to right; sizes are computed from the
 *         texts, never stored. Start pin, match, lane, bracket and rails are drawn from the document and are no nodes of it.
 * Not here: React, colours, words (they come in as `texts`), editing.
 */
import type { AtomicNode, CompositeNode, PatternEdge, PatternGraph } from '@tidemark/pattern';
import { type Gate, type Level, type Run, runsOf, stagesInOrder } from './chain.ts';
import type { ConditionText } from './condition-words.ts';
import { textRows, textWidth } from './text-width.ts';

export const START = '@start';
export const MATCH = '@match';

export interface Point { readonly x: number; readonly y: number }
export interface Box extends Point { readonly width: number; readonly height: number }

/** What is written on a stage's card, in the language of the page. */
export interface StageText {
  readonly name: string;
  readonly badge: string | null;
  /** Condition in words, one entry for each part. */
  readonly lines: readonly ConditionText[];
  /** Words over the card: the loop's, and its stop condition. */
  readonly over: readonly string[];
}
export interface DrawingTexts {
  stage(node: AtomicNode): StageText;
  group(node: CompositeNode): { readonly name: string; readonly badge: string | null; readonly over: readonly string[] };
  link(type: PatternEdge['type']): string;
  /** Width in px of the quiet word at the right of a gate's card. */
  readonly gateWhere: number;
}

export interface DrawingOptions {
  readonly texts: DrawingTexts;
  readonly positions?: Readonly<Record<string, { readonly x: number; readonly y: number; readonly collapsed?: boolean | undefined }>>;
  /** Height of what stands at the foot of a stage's card, and of a gate's. */
  readonly footHeight: number;
  readonly gateFootHeight?: number;
  /** Least width of a card; Live asks for more than Design. */
  readonly stageWidthMin?: number;
}

export interface StageBox extends Box {
  readonly kind: 'stage'; readonly id: string; readonly node: AtomicNode; readonly parent: string | null; readonly relative: Point;
  /** 1-based among the stages; gates are not counted. */
  readonly order: number; readonly text: StageText;
  /** Height of the words over the card; 0 where there are none. */
  readonly overHeight: number;
}
export interface GateBox extends Box {
  readonly kind: 'gate'; readonly id: string; readonly node: AtomicNode; readonly parent: string | null; readonly relative: Point;
  readonly gate: 'NOT_NEXT' | 'NOT_FOLLOW'; readonly trailing: boolean; readonly ring: Point; readonly text: StageText;
}
export interface GroupBox extends Box {
  readonly kind: 'group'; readonly id: string; readonly node: CompositeNode; readonly parent: string | null; readonly relative: Point;
  readonly collapsed: boolean; readonly name: string; readonly badge: string | null; readonly over: readonly string[]; readonly overHeight: number;
  /** Where links meet it: y of its inner chain's line, from its own top. */
  readonly port: number;
}

export type SegmentStyle = 'STRICT' | 'SKIP_TILL_NEXT' | 'SKIP_TILL_ANY' | 'plain';
export interface Segment { readonly from: Point; readonly to: Point; readonly style: SegmentStyle }
export interface LinkLine {
  readonly id: string;
  /** Ids of boxes, START or MATCH. */
  readonly source: string; readonly target: string;
  /** The document's edge whose type says the kind; null for the lines from the pin and to the match. */
  readonly edge: PatternEdge | null;
  /** Gates in order: rings on the line. */
  readonly rings: readonly { readonly id: string; readonly at: Point; readonly gate: 'NOT_NEXT' | 'NOT_FOLLOW' }[];
  /** The clock ring of a trailing absence. */
  readonly clock: Point | null;
  readonly segments: readonly Segment[];
  /** Middle of the last segment: where the word stands. */
  readonly label: Point;
  readonly parent: string | null;
}
/** Over an optional stage, to the next one. */
export interface Rail { readonly id: string; readonly from: Point; readonly top: number; readonly to: Point }

export interface Drawing {
  readonly start: Point | null;
  /** Middle of the diamond. */
  readonly match: Point | null;
  readonly stages: readonly StageBox[];
  readonly gates: readonly GateBox[];
  readonly groups: readonly GroupBox[];
  readonly links: readonly LinkLine[];
  readonly rails: readonly Rail[];
  /** The window's ruler, from the pin to the match. */
  readonly bracket: { readonly from: number; readonly to: number; readonly y: number } | null;
  readonly lane: Box | null;
  /** Number of stages; gates are not counted. */
  readonly total: number;
}

const GAP_MIN = 52;
const RING = 26;
const RING_STEP = 76;
const PIN_GAP = 36;
/** Lines end here before a card: its handle stands on the edge. */
const HANDLE = 5;
const MATCH_GAP = 44;
const MATCH_HALF_LABEL = 46;
const HEAD = 32;
const ROW = 16;
const ROWS_MAX = 4;
const OVER_ROW = 16;
const GROUP_PAD = { left: 26, right: 22, top: 38, bottom: 18 };
const FRAGMENT_GAP = 72;
export const LANE_HEADER = 28;

interface Size { width: number; height: number }
interface Placed extends Size { readonly kind: 'stage' | 'group'; readonly over: number }

export function drawPattern(pattern: PatternGraph, options: DrawingOptions): Drawing {
  const stages: StageBox[] = [];
  const gates: GateBox[] = [];
  const groups: GroupBox[] = [];
  const links: LinkLine[] = [];
  const rails: Rail[] = [];
  const orderOf = new Map(stagesInOrder(pattern).map((node, index) => [node.id, index + 1]));
  const positions = options.positions ?? {};
  /** Many stages stand closer before the view has to scroll. */
  const tight = orderOf.size > 5;
  const gateFoot = options.gateFootHeight ?? 18;
  const rowsOf = new Map<string, number>();

  const stageWidth = (text: StageText): number => {
    const head = textWidth(text.name, 13, 600) + (text.badge === null ? 0 : Math.max(24, textWidth(text.badge, 11, 600) + 12) + 6) + 22;
    // a condition wraps at words; the widest word has to fit
    const line = Math.max(0, ...text.lines.map((part) => Math.min(textWidth(part.text, 12, 500), Math.max(118, ...part.text.split(/\s+/).map((word) => textWidth(word, 12, 500)))))) + 23;
    return Math.ceil(Math.min(Math.max(head, line, options.stageWidthMin ?? (tight ? 84 : 96)), Math.max(170, head)) / 2) * 2;
  };
  const rowCount = (text: StageText, width: number): number => Math.min(ROWS_MAX, text.lines.reduce((sum, part) => sum + textRows(part.text, width - 22, 12), 0));

  /** All cards of one level have the height of the tallest, so that the line through their middles is straight. */
  const cardHeight = (level: Level): number => {
    let rows = 1;
    for (const run of runsOf(level)) for (const { node } of run.steps) {
      if (node.type !== 'ATOMIC') continue;
      const text = options.texts.stage(node);
      const count = rowCount(text, stageWidth(text));
      rowsOf.set(node.id, count);
      rows = Math.max(rows, count);
    }
    return HEAD + rows * ROW + 10 + options.footHeight;
  };

  interface Item extends Placed { node: AtomicNode | CompositeNode; text: StageText | null; inner: LevelPlan | null }
  interface LevelPlan { readonly runs: readonly { readonly run: Run; readonly items: readonly Item[] }[]; readonly size: Size; /** y of the middle line */ readonly middle: number; readonly top: number }

  const overHeight = (over: readonly string[]): number => (over.length === 0 ? 0 : over.length * OVER_ROW + 12);
  const isOptional = (node: AtomicNode | CompositeNode): boolean => node.quantifier.properties.includes('OPTIONAL');

  const gapBefore = (step: { gates: readonly Gate[]; edge: PatternEdge | null }): number => {
    if (step.edge === null) return 0;
    const word = textWidth(options.texts.link(step.edge.type), 11);
    if (step.gates.length === 0) return Math.max(GAP_MIN, word + (step.edge.type === 'STRICT' ? 12 : step.edge.type === 'SKIP_TILL_ANY' ? 52 : tight ? 30 : 38));
    const rings = step.gates.reduce((sum, gate) => sum + ringStep(gate), 0);
    return step.edge.type === 'SKIP_TILL_NEXT' ? rings + 24 : rings + word + (step.edge.type === 'STRICT' ? 24 : 52);
  };
  /** Room of one ring on its link, with its word over it. */
  const ringStep = (gate: Gate): number => Math.max(RING_STEP, textWidth(options.texts.link(gate.edge.type), 11) + 18);
  const TRAILING_STEP = 92;
  const trailingGap = (trailing: readonly Gate[]): number => (trailing.length === 0 ? MATCH_GAP : trailing.length * TRAILING_STEP + 132);

  /** Measures a level: sizes of its boxes, and of the level where it is drawn inside a group. */
  const plan = (level: Level, nested: boolean): LevelPlan => {
    const height = cardHeight(level);
    let width = 0;
    let above = 0;
    let below = 0;
    const runs = runsOf(level).map((run) => {
      let x = 0;
      const items = run.steps.map((step): Item => {
        x += gapBefore(step);
        let item: Item;
        if (step.node.type === 'ATOMIC') {
          const text = options.texts.stage(step.node);
          item = { kind: 'stage', node: step.node, text, inner: null, width: stageWidth(text), height, over: overHeight(text.over) };
        } else if (positions[step.node.id]?.collapsed === true) {
          const text = options.texts.group(step.node);
          item = { kind: 'group', node: step.node, text: null, inner: null, width: Math.max(132, textWidth(text.name, 13, 600) + textWidth(text.badge ?? '', 11) + 52), height, over: overHeight(text.over) };
        } else {
          const inner = plan(step.node, true);
          const text = options.texts.group(step.node);
          item = { kind: 'group', node: step.node, text: null, inner, over: overHeight(text.over),
                   width: Math.max(inner.size.width + GROUP_PAD.left + GROUP_PAD.right, textWidth(text.name, 12, 600) + textWidth(text.badge ?? '', 11) + 60),
                   height: inner.size.height + GROUP_PAD.top + GROUP_PAD.bottom };
        }
        x += item.width;
        const middle = item.inner === null ? item.height / 2 : GROUP_PAD.top + item.inner.middle;
        above = Math.max(above, middle + item.over + (isOptional(item.node) ? 26 : 0));
        below = Math.max(below, item.height - middle, ...step.gates.map((gate) => height / 2 + 24 + gateSize(gate).height));
        return item;
      });
      if (run.trailing.length > 0) { x += run.trailing.length * TRAILING_STEP; below = Math.max(below, ...run.trailing.map((gate) => height / 2 + 24 + gateSize(gate).height)); }
      width = Math.max(width, x);
      return { run, items };
    });
    if (runs.length === 0) { width = 120; above = height / 2; below = height / 2; }
    const rowsHeight = (above + below) * Math.max(1, runs.length) + FRAGMENT_GAP * Math.max(0, runs.length - 1);
    return { runs, size: { width, height: rowsHeight }, middle: above, top: nested ? above : 0 };
  };

  const gateSize = (gate: Gate): Size => {
    const text = options.texts.stage(gate.node);
    const width = Math.ceil(Math.min(200, Math.max(116, textWidth(text.name, 12, 600) + 34 + options.texts.gateWhere, ...text.lines.map((part) => Math.min(150, textWidth(part.text, 12, 500)) + 24))));
    const rows = Math.min(3, text.lines.reduce((sum, part) => sum + textRows(part.text, width - 20, 12), 0));
    return { width, height: 14 + ROW + rows * ROW + gateFoot };
  };

  const place = (planned: LevelPlan, origin: Point, parent: string | null, parentBox: Point): { first: Box | null; last: Box | null; trailing: readonly Gate[]; lastRun: readonly Box[] } => {
    let result: { first: Box | null; last: Box | null; trailing: readonly Gate[]; lastRun: readonly Box[] } = { first: null, last: null, trailing: [], lastRun: [] };
    const runHeight = planned.runs.length === 0 ? 0 : (planned.size.height - FRAGMENT_GAP * (planned.runs.length - 1)) / planned.runs.length;
    planned.runs.forEach(({ run, items }, runIndex) => {
      let x = origin.x;
      const middle = origin.y + planned.middle + runIndex * (runHeight + FRAGMENT_GAP);
      let line = middle;
      const boxes: Box[] = [];
      items.forEach((item, index) => {
        const step = run.steps[index];
        if (!step) return;
        x += gapBefore(step);
        const stored = positions[item.node.id];
        const above = item.inner === null ? item.height / 2 : GROUP_PAD.top + item.inner.middle;
        const at: Point = stored !== undefined ? { x: parentBox.x + stored.x, y: parentBox.y + stored.y } : { x, y: line - above };
        const box: Box = { ...at, width: item.width, height: item.height };
        // links meet a group at the line of its inner chain
        const port: Box = { ...box, y: at.y + above - item.height / 2 };
        boxes.push(port);
        line = at.y + above;
        x = at.x + item.width;
        const relative = { x: at.x - parentBox.x, y: at.y - parentBox.y };
        if (item.node.type === 'ATOMIC' && item.text !== null) {
          stages.push({ kind: 'stage', id: item.node.id, node: item.node, parent, relative, order: orderOf.get(item.node.id) ?? 0, text: item.text, overHeight: item.over, ...box });
        } else if (item.node.type === 'COMPOSITE') {
          const text = options.texts.group(item.node);
          groups.push({ kind: 'group', id: item.node.id, node: item.node, parent, relative, collapsed: item.inner === null, name: text.name, badge: text.badge, over: text.over, overHeight: item.over, port: above, ...box });
          if (item.inner !== null) {
            const inner = place(item.inner, { x: at.x + GROUP_PAD.left, y: at.y + GROUP_PAD.top }, item.node.id, at);
            if (inner.last !== null && inner.trailing.length > 0) trailingLink(item.node.id, inner.trailing, inner.last, null, item.node.id, at);
          }
        }
        const before = boxes[index - 1];
        if (step.edge !== null && before !== undefined) {
          const source = run.steps[index - 1]?.node.id ?? START;
          link(`${source}>${item.node.id}`, source, item.node.id, step.edge, step.gates, right(before), left(port), parent, parentBox, [before, port]);
        }
      });
      // a rail over each optional step, to the step after it
      items.forEach((item, index) => {
        const here = boxes[index];
        if (!here || !isOptional(item.node)) return;
        const after = boxes[index + 1];
        const top = here.y - item.over - 18;
        const to = after !== undefined ? { x: after.x - 15, y: center(after).y } : { x: here.x + here.width + 22, y: center(here).y };
        rails.push({ id: item.node.id, from: { x: here.x - 13, y: center(here).y }, top, to });
      });
      if (runIndex === 0) result = { first: boxes[0] ?? null, last: boxes.at(-1) ?? null, trailing: run.trailing, lastRun: boxes };
      else if (run.trailing.length > 0 && boxes.length > 0) trailingLink(run.steps.at(-1)?.node.id ?? '', run.trailing, boxes.at(-1) as Box, null, parent, parentBox);
    });
    return result;
  };

  const hang = (gate: Gate, ring: Point, { index, count }: { index: number; count: number }, beside: readonly Box[], trailing: boolean, parent: string | null, parentBox: Point): void => {
    const size = gateSize(gate);
    const stored = positions[gate.node.id];
    const floor = Math.max(ring.y + RING / 2, ...beside.map((box) => box.y + box.height));
    // several cards on one link: the first hangs to the left of its ring, the last to the right, those between lower
    const shift = count === 1 ? size.width / 2 : index === 0 ? size.width - 20 : index === count - 1 ? 20 : size.width / 2;
    const lower = index > 0 && index < count - 1 ? index : 0;
    const at = stored !== undefined ? { x: parentBox.x + stored.x, y: parentBox.y + stored.y } : { x: ring.x - shift, y: floor + 22 + lower * (size.height + 12) };
    gates.push({ kind: 'gate', id: gate.node.id, node: gate.node, parent, relative: { x: at.x - parentBox.x, y: at.y - parentBox.y },
                 gate: gate.edge.type === 'NOT_NEXT' ? 'NOT_NEXT' : 'NOT_FOLLOW', trailing, ring, text: options.texts.stage(gate.node), ...at, ...size });
  };
  const segmentStyle = (type: PatternEdge['type']): SegmentStyle => (type === 'STRICT' || type === 'NOT_NEXT' ? 'STRICT' : type === 'SKIP_TILL_ANY' ? 'SKIP_TILL_ANY' : 'SKIP_TILL_NEXT');

  const link = (id: string, source: string, target: string, edge: PatternEdge, gatesOn: readonly Gate[], from: Point, to: Point, parent: string | null, parentBox: Point, beside: readonly Box[]): void => {
    // each ring has its share of the line; a word behind the last one has its own
    const shares = gatesOn.map(ringStep);
    const tail = edge.type === 'SKIP_TILL_NEXT' ? 12 : textWidth(options.texts.link(edge.type), 11) + 20;
    const whole = shares.reduce((sum, share) => sum + share, 12 + tail);
    let used = 12;
    const rings = gatesOn.map((gate, index) => {
      const at = between(from, to, (used + (shares[index] as number) / 2) / whole);
      used += shares[index] as number;
      return { id: gate.node.id, at, gate: gate.edge.type === 'NOT_NEXT' ? 'NOT_NEXT' as const : 'NOT_FOLLOW' as const };
    });
    const stops = [from, ...rings.map((ring) => ring.at), to];
    const segments = stops.slice(1).map((stop, index): Segment => ({ from: stops[index] as Point, to: stop, style: segmentStyle(gatesOn[index]?.edge.type ?? edge.type) }));
    gatesOn.forEach((gate, index) => hang(gate, (rings[index] as { at: Point }).at, { index, count: gatesOn.length }, beside, false, parent, parentBox));
    const last = segments.at(-1) as Segment;
    links.push({ id, source, target, edge, rings, clock: null, segments, label: between(last.from, last.to, 0.5), parent });
  };
  const trailingLink = (source: string, trailing: readonly Gate[], last: Box, match: Point | null, parent: string | null, parentBox: Point): void => {
    const from = right(last);
    const rings = trailing.map((gate, index) => ({ id: gate.node.id, at: { x: from.x + 56 + index * TRAILING_STEP, y: from.y }, gate: gate.edge.type === 'NOT_NEXT' ? 'NOT_NEXT' as const : 'NOT_FOLLOW' as const }));
    trailing.forEach((gate, index) => hang(gate, (rings[index] as { at: Point }).at, { index, count: trailing.length }, [last], true, parent, parentBox));
    const clock = match === null ? null : { x: (rings.at(-1)?.at.x ?? from.x) + 84, y: from.y };
    const stops = [from, ...rings.map((ring) => ring.at), ...(clock === null ? [] : [clock, { x: (match as Point).x - 20, y: (match as Point).y }])];
    const segments = stops.slice(1).map((stop, index): Segment => ({ from: stops[index] as Point, to: stop, style: trailing[index] !== undefined ? segmentStyle((trailing[index] as Gate).edge.type) : 'plain' }));
    links.push({ id: `${source}>${match === null ? '@open' : MATCH}`, source, target: match === null ? source : MATCH, edge: null, rings, clock, segments, label: between(from, stops.at(-1) as Point, 0.5), parent });
  };

  const planned = plan(pattern, false);
  const main = place(planned, { x: 0, y: 0 }, null, { x: 0, y: 0 });
  let start: Point | null = null;
  let match: Point | null = null;
  if (main.first !== null && main.last !== null) {
    const firstId = planned.runs[0]?.items[0]?.node.id ?? '';
    const lastId = planned.runs[0]?.items.at(-1)?.node.id ?? '';
    start = { x: main.first.x - PIN_GAP, y: center(main.first).y };
    links.push({ id: `${START}>${firstId}`, source: START, target: firstId, edge: null, rings: [], clock: null, parent: null,
                 segments: [{ from: { x: start.x + 9, y: start.y }, to: left(main.first), style: 'plain' }], label: start });
    const end = right(main.last);
    match = { x: end.x - HANDLE + trailingGap(main.trailing) + 20, y: end.y };
    if (main.trailing.length > 0) trailingLink(lastId, main.trailing, main.last, match, null, { x: 0, y: 0 });
    else links.push({ id: `${lastId}>${MATCH}`, source: lastId, target: MATCH, edge: null, rings: [], clock: null, parent: null,
                      segments: [{ from: end, to: { x: match.x - 20, y: match.y }, style: 'plain' }], label: between(end, match, 0.5) });
  }

  const boxes: Box[] = [
    ...stages.map((box) => ({ ...box, y: box.y - box.overHeight, height: box.height + box.overHeight })),
    ...stages.filter((box) => box.overHeight > 0).map((box) => { const wide = Math.max(box.width, ...box.text.over.map((part) => textWidth(part, 11) + 8)); return { x: box.x + box.width / 2 - wide / 2, y: box.y - box.overHeight, width: wide, height: 1 }; }),
    ...groups.map((box) => ({ ...box, y: box.y - box.overHeight, height: box.height + box.overHeight + 4 })), ...gates,
    ...rails.map((rail) => ({ x: rail.from.x, y: rail.top, width: 1, height: 1 })),
    ...(match === null ? [] : [{ x: match.x - MATCH_HALF_LABEL, y: match.y - 20, width: 2 * MATCH_HALF_LABEL, height: 96 }]),
    ...(start === null ? [] : [{ x: start.x - 8, y: start.y - 8, width: 16, height: 16 }]),
  ];
  if (boxes.length === 0) return { start, match, stages, gates, groups, links, rails, bracket: null, lane: null, total: 0 };
  const bounds = around(boxes);
  const bracketY = bounds.y - 30;
  const bracket = start === null || match === null ? null : { from: start.x, to: match.x, y: bracketY };
  const top = bracketY - 24;
  const lane: Box = { x: bounds.x - LANE_HEADER - 12, y: top, width: bounds.width + LANE_HEADER + 12 + 10, height: bounds.y + bounds.height + 22 - top };
  return { start, match, stages, gates, groups, links, rails, bracket, lane, total: stages.length };
}

const left = (box: Box): Point => ({ x: box.x - HANDLE, y: box.y + box.height / 2 });
const right = (box: Box): Point => ({ x: box.x + box.width + HANDLE, y: box.y + box.height / 2 });
const center = (box: Box): Point => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });
const between = (a: Point, b: Point, share: number): Point => ({ x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share });
function around(boxes: readonly Box[]): Box {
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  return { x, y, width: Math.max(...boxes.map((box) => box.x + box.width)) - x, height: Math.max(...boxes.map((box) => box.y + box.height)) - y };
}

/** SVG path of one segment: straight where it can be, else leaving and arriving horizontally. */
export function segmentPath({ from, to }: Segment, shift = 0): string {
  const y1 = from.y + shift;
  const y2 = to.y + shift;
  if (Math.abs(y1 - y2) < 0.5) return `M${round(from.x)} ${round(y1)}H${round(to.x)}`;
  const bend = Math.max(24, Math.abs(to.x - from.x) / 2);
  return `M${round(from.x)} ${round(y1)}C${round(from.x + bend)} ${round(y1)} ${round(to.x - bend)} ${round(y2)} ${round(to.x)} ${round(y2)}`;
}
const round = (n: number): number => Math.round(n * 10) / 10;
