/** A small picture of a pattern, drawn by the shapes of the canvas: names, links, rings, badges, bracket. */
import './canvas.css';
import type { JobDocument } from '@tidemark/pattern';
import { useTranslation } from 'react-i18next';
import { currentLanguage } from '../i18n/index.ts';
import { type Level, type Step, runsOf } from './chain.ts';
import type { SegmentStyle } from './drawing.ts';
import { formatDocumentDuration } from './duration.ts';
import { BarredRing, ClockRing, Pin, SegmentLine } from './glyphs.tsx';
import { textWidth } from './text-width.ts';
import { badgeText, displayName, repeatOf } from './words.ts';

interface Pill { x: number; width: number; name: string; badge: string | null; multi: boolean; optional: boolean; style: SegmentStyle | null; rings: { x: number; name: string }[] }

/** Groups are opened: their stages stand in the row, and their badge under the last of them. */
function steps(level: Level): { step: Step; groupBadge: Step['node'] | null }[] {
  return (runsOf(level)[0]?.steps ?? []).flatMap((step) => {
    if (step.node.type === 'ATOMIC') return [{ step, groupBadge: null }];
    const inner = steps(step.node);
    return inner.map((entry, index) => ({ step: index === 0 ? { ...entry.step, edge: step.edge, gates: step.gates } : entry.step, groupBadge: index === inner.length - 1 ? step.node : entry.groupBadge }));
  });
}

export function PatternThumb({ document, width = 296, height = 72 }: { document: JobDocument; width?: number; height?: number }) {
  const { t } = useTranslation();
  const language = currentLanguage();
  const pattern = document.patterns[0];
  if (!pattern) return null;
  const run = runsOf(pattern)[0];
  const trailing = run?.trailing ?? [];
  const read = steps(pattern);
  // a long pattern gets shorter links before anything is made smaller
  const gates = read.reduce((sum, { step }) => sum + step.gates.length, 0);
  const names = read.reduce((sum, { step }) => sum + Math.max(44, textWidth(displayName(step.node, language), 11, 600) + 20), 0);
  const spare = width - names - 68 - gates * 30 - (trailing.length > 0 ? 40 * trailing.length + 44 : 0);
  const gap = Math.max(22, Math.min(40, spare / Math.max(1, read.length - 1)));
  let x = 26;
  const pills: Pill[] = read.map(({ step, groupBadge }) => {
    const name = displayName(step.node, language);
    const ringSpace = step.gates.length * 30;
    if (step.edge !== null) x += gap + ringSpace;
    const from = x - gap - ringSpace;
    const rings = step.gates.map((gate, index) => ({ x: from + (gap + ringSpace) * ((index + 1) / (step.gates.length + 1)) - 3, name: displayName(gate.node, language) }));
    const pill: Pill = {
      x, width: Math.max(44, textWidth(name, 11, 600) + 20), name, rings,
      badge: badgeText(step.node.quantifier, false) ?? (groupBadge === null ? null : badgeText(groupBadge.quantifier, false)),
      multi: repeatOf(step.node.quantifier).kind !== 'once', optional: step.node.quantifier.properties.includes('OPTIONAL'),
      style: step.edge === null ? null : step.edge.type === 'STRICT' ? 'STRICT' : step.edge.type === 'SKIP_TILL_ANY' ? 'SKIP_TILL_ANY' : 'SKIP_TILL_NEXT',
    };
    x += pill.width;
    return pill;
  });
  const end = x;
  x += trailing.length > 0 ? 40 * trailing.length + 64 : 20;
  const total = x + 22;
  const y = 40;
  const scale = Math.min(1, width / total, height / 74);
  const window = pattern.window;
  const label = window === null ? null : formatDocumentDuration(window.time, language);
  return (
    <svg className="tm-thumb" width={width} height={height} viewBox={`${-(width / scale - total) / 2} ${-(height / scale - 74) / 2} ${width / scale} ${height / scale}`} role="img" aria-label={t('design.drawing.label')}>
      {label !== null && <>
        <path className="tm-wire tm-wire-thin" d={`M12 17v-7H${total / 2 - textWidth(label, 11) / 2 - 6}M${total / 2 + textWidth(label, 11) / 2 + 6} 10H${total - 12}v7`} />
        <text className="tm-thumb-small" x={total / 2} y={14} textAnchor="middle">{label}</text>
      </>}
      <Pin at={{ x: 12, y }} radius={5} />
      <path className="tm-wire" d={`M17 ${y}H26`} />
      {pills.map((pill, index) => {
        const before = pills[index - 1];
        const from = before === undefined ? 0 : before.x + before.width;
        return (
          <g key={`${pill.name}${index}`}>
            {pill.style !== null && <SegmentLine segment={{ from: { x: from, y }, to: { x: pill.x, y }, style: pill.style }} head />}
            {pill.rings.map((ring) => <g key={ring.name}><BarredRing at={{ x: ring.x, y }} radius={8} /><text className="tm-thumb-small" x={ring.x} y={y + 25} textAnchor="middle">{ring.name}</text></g>)}
            {pill.multi && <rect className="tm-thumb-pill" x={pill.x + 4} y={y - 9} width={pill.width} height={26} rx={5} />}
            <rect className="tm-thumb-pill" data-optional={pill.optional || undefined} x={pill.x} y={y - 13} width={pill.width} height={26} rx={5} />
            <text className="tm-thumb-name" x={pill.x + pill.width / 2} y={y + 4} textAnchor="middle">{pill.name}</text>
            {pill.badge !== null && <text className="tm-thumb-small" x={pill.x + pill.width / 2} y={y + 29} textAnchor="middle">{pill.badge}</text>}
          </g>
        );
      })}
      {trailing.map((gate, index) => (
        <g key={gate.node.id}>
          <SegmentLine segment={{ from: { x: end + index * 40, y }, to: { x: end + 28 + index * 40, y }, style: 'SKIP_TILL_NEXT' }} head={false} />
          <BarredRing at={{ x: end + 28 + index * 40, y }} radius={8} />
          <text className="tm-thumb-small" x={end + 28 + index * 40} y={y + 25} textAnchor="middle">{displayName(gate.node, language)}</text>
        </g>
      ))}
      {trailing.length > 0 && <><SegmentLine segment={{ from: { x: x - 68, y }, to: { x: x - 36, y }, style: 'SKIP_TILL_NEXT' }} head={false} /><ClockRing at={{ x: x - 30, y }} radius={8} /></>}
      <path className="tm-wire" d={`M${trailing.length > 0 ? x - 22 : end} ${y}H${x}`} />
      <path className="tm-thumb-diamond" d={`M${x + 10} ${y - 10}l10 10l-10 10l-10 -10z`} />
    </svg>
  );
}
