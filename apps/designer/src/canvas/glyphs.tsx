/** Shapes of the notation as SVG, in one place for the canvas, the thumbnails, the legend and the outline. */
import type { PatternEdge } from '@tidemark/pattern';
import type { Point, Segment } from './drawing.ts';
import { segmentPath } from './drawing.ts';

export const RING_RADIUS = 13;

export function Arrowhead({ at, size = 9 }: { at: Point; size?: number }) {
  return <path className="tm-wire-fill" d={`M${at.x} ${at.y}l${-size} ${-size * 0.52}v${size * 1.04}z`} />;
}

/** One segment in the shape of its kind; the head only where the line ends at a card. */
export function SegmentLine({ segment, head }: { segment: Segment; head: boolean }) {
  const { style } = segment;
  const to = head ? { x: segment.to.x - 8, y: segment.to.y } : segment.to;
  const line: Segment = { ...segment, to };
  return (
    <>
      {style === 'STRICT'
        ? <><path className="tm-wire" d={segmentPath(line, -2.5)} /><path className="tm-wire" d={segmentPath(line, 2.5)} /></>
        : <path className={style === 'plain' ? 'tm-wire' : 'tm-wire tm-wire-dash'} d={segmentPath(style === 'SKIP_TILL_ANY' ? { ...line, to: { x: to.x - 16, y: to.y } } : line)} />}
      {style === 'SKIP_TILL_ANY' && <path className="tm-wire" d={`M${to.x - 18} ${to.y}l12 -6M${to.x - 18} ${to.y}h16M${to.x - 18} ${to.y}l12 6`} />}
      {head && <Arrowhead at={segment.to} />}
    </>
  );
}

export function BarredRing({ at, radius = RING_RADIUS }: { at: Point; radius?: number }) {
  const d = radius * 0.7;
  return (
    <g className="tm-ring" strokeWidth={radius < 9 ? 1.3 : 1.8}>
      <circle cx={at.x} cy={at.y} r={radius} />
      <path d={`M${at.x - d} ${at.y + d}L${at.x + d} ${at.y - d}`} />
    </g>
  );
}

export function ClockRing({ at, radius = RING_RADIUS }: { at: Point; radius?: number }) {
  return (
    <g className="tm-ring" strokeWidth={radius < 9 ? 1.3 : 1.8}>
      <circle cx={at.x} cy={at.y} r={radius} />
      <path d={`M${at.x} ${at.y - radius * 0.55}V${at.y}H${at.x + radius * 0.45}`} />
    </g>
  );
}

/** Start pin: ring with a dot. */
export function Pin({ at, radius = 8 }: { at: Point; radius?: number }) {
  return <g><circle cx={at.x} cy={at.y} r={radius} className="tm-pin" /><circle cx={at.x} cy={at.y} r={radius * 0.42} className="tm-pin-dot" /></g>;
}

/** A link's kind as a small picture, for menus, the legend and the outline. */
export function LinkGlyph({ type, width = 36 }: { type: PatternEdge['type']; width?: number }) {
  const gate = type === 'NOT_NEXT' || type === 'NOT_FOLLOW';
  const style = type === 'STRICT' || type === 'NOT_NEXT' ? 'STRICT' as const : type === 'SKIP_TILL_ANY' ? 'SKIP_TILL_ANY' as const : 'SKIP_TILL_NEXT' as const;
  return (
    <svg width={width} height={16} viewBox={`0 0 ${width} 16`} aria-hidden="true" focusable="false" className="tm-glyph">
      <SegmentLine segment={{ from: { x: 1, y: 8 }, to: { x: width - 1, y: 8 }, style }} head={!gate || style === 'SKIP_TILL_NEXT'} />
      {gate && <BarredRing at={{ x: width / 2 - 2, y: 8 }} radius={6} />}
    </svg>
  );
}
