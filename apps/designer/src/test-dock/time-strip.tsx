/**
 * One match, or one partial match that ran out of time, on the time line of its key: a row for each stage, its events
 * as dots joined by a line, and round them the events of the same key that met a condition and were not used.
 * Always  a shape says what a colour says: filled = used, ring = not used, barred ring = must not come, scissors = ran out.
 */
import { useElementSize } from '@mantine/hooks';
import type { PatternGraph } from '@tidemark/pattern';
import { useTranslation } from 'react-i18next';
import { formatSpan } from '../canvas/duration.ts';
import { BarredRing } from '../canvas/glyphs.tsx';
import { displayName } from '../canvas/words.ts';
import { levelOf } from '../canvas/chain.ts';
import { currentLanguage } from '../i18n/index.ts';
import { formatDateTime, formatTick, formatTime } from './format-time.ts';
import type { RunMatch, Strip } from './run.ts';

const LEFT = 132;
const RIGHT = 20;
const TOP = 34;
const ROW = 22;

/** The smallest whole step of a clock that gives at most `most` ticks. */
export function tickStep(spanMs: number, most: number): number {
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000, 86_400_000, 172_800_000, 604_800_000, 2_592_000_000, 31_536_000_000];
  return steps.find((step) => spanMs / step <= most) ?? spanMs / most;
}

export function TimeStrip({ match, number, strip, pattern }: { match: RunMatch; number: number; strip: Strip | null; pattern: PatternGraph }) {
  const { t } = useTranslation();
  const language = currentLanguage();
  const { ref, width } = useElementSize<HTMLDivElement>();
  const rows = strip?.stages.map(({ id, gate }) => { const node = levelOf(pattern, id)?.node; return { id, gate, name: node?.name ?? id, label: node === undefined ? id : displayName(node, language) }; }) ?? [];
  const span = Math.max(1, match.end - match.start);
  const from = match.start - span * 0.18;
  const to = match.end + span * 0.18;
  const room = Math.max(60, width - LEFT - RIGHT);
  const x = (ts: number): number => LEFT + ((ts - from) / (to - from)) * room;
  const y = (row: number): number => TOP + row * ROW + ROW / 2;
  const used = match.stages.flatMap((stage) => stage.events.map((event) => ({ ts: event.ts, position: event.position, row: rows.findIndex((candidate) => candidate.name === stage.name) }))).filter((event) => event.row >= 0).sort((a, b) => a.ts - b.ts || a.position - b.position);
  const taken = new Set(used.map((event) => `${event.row} ${event.position}`));
  const others = (strip?.events ?? []).filter((event) => event.ts >= from && event.ts <= to).flatMap((event) => event.stages.map((row) => ({ ...event, row }))).filter((event) => !taken.has(`${event.row} ${event.position}`));
  const expired = match.kind === 'timed-out';
  const hue = expired ? 'var(--ink-3)' : 'var(--green-mark)';
  const step = tickStep(to - from, Math.max(2, Math.min(7, room / (to - from < 5_000 ? 112 : 84))));
  const ticks: number[] = [];
  const half = to - from < 5_000 ? 46 : 32;
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) if (x(at) - half > 0 && x(at) + half < width) ticks.push(at);
  const height = TOP + rows.length * ROW + 22;
  const title = expired ? t('design.strip.expired', { count: match.eventCount, duration: formatSpan(match.end - match.start, language) }) : t('design.strip.match', { n: number, count: match.eventCount, duration: formatSpan(match.end - match.start, language) });
  return (
    <div ref={ref} className="tm-strip">
      {width > 0 && (
        <svg width={width} height={height} role="img" aria-label={`${title}. ${match.stages.map((stage) => `${stage.name}: ${stage.events.map((event) => formatDateTime(event.ts)).slice(0, 5).join(', ')}`).join('. ')}`}>
          {!expired && <rect x={x(match.start)} y={TOP} width={Math.max(2, x(match.end) - x(match.start))} height={rows.length * ROW} fill="var(--green-soft)" rx={2} />}
          {rows.map((row, index) => (
            <g key={row.id}>
              <line x1={LEFT} x2={width - RIGHT} y1={y(index)} y2={y(index)} stroke="var(--line)" />
              <text x={12} y={y(index) + 4} className="tm-strip-label" data-gate={row.gate || undefined}>{short(row.label)}<title>{row.label}</title></text>
            </g>
          ))}
          {ticks.map((at) => <g key={at}><line x1={x(at)} x2={x(at)} y1={TOP} y2={TOP + rows.length * ROW} stroke="var(--line)" strokeDasharray="2 4" /><text x={x(at)} y={height - 6} textAnchor="middle" className="tm-strip-tick">{formatTick(at, to - from)}</text></g>)}
          {others.map((event) => (rows[event.row]?.gate === true
            ? <g key={`${event.row} ${event.position}`} className="tm-strip-barred"><BarredRing at={{ x: x(event.ts), y: y(event.row) }} radius={5} /><title>{`${formatDateTime(event.ts)} · ${t('design.strip.gateEvent')}`}</title></g>
            : <circle key={`${event.row} ${event.position}`} cx={x(event.ts)} cy={y(event.row)} r={3.6} fill="none" stroke="var(--ink-3)" strokeWidth={1.3}><title>{`${formatDateTime(event.ts)} · ${t('design.strip.unused')}`}</title></circle>))}
          {used.length > 1 && <path d={used.map((event, index) => { const before = used[index - 1]; if (before === undefined) return `M${x(event.ts)} ${y(event.row)}`; const bend = Math.max(4, (x(event.ts) - x(before.ts)) / 2); return before.row === event.row ? `L${x(event.ts)} ${y(event.row)}` : `C${x(before.ts) + bend} ${y(before.row)} ${x(event.ts) - bend} ${y(event.row)} ${x(event.ts)} ${y(event.row)}`; }).join('')} fill="none" stroke={hue} strokeWidth={1.6} strokeDasharray={expired ? '3 3' : undefined} />}
          {used.map((event) => <circle key={`${event.row} ${event.position}`} cx={x(event.ts)} cy={y(event.row)} r={4} fill={expired ? 'var(--surface)' : hue} stroke={hue} strokeWidth={1.6}><title>{`${rows[event.row]?.label ?? ''} · ${formatDateTime(event.ts)}`}</title></circle>)}
          <path d={`M${x(match.start)} ${TOP - 4}v-7H${x(match.end)}v7`} fill="none" stroke={hue} strokeWidth={1.5} strokeDasharray={expired ? '3 3' : undefined} />
          {expired && <g transform={`translate(${Math.min(x(match.end) - 7, width - RIGHT - 14)} ${TOP + rows.length * ROW - 12})`}><path d="M2 3l10 8M2 11l10-8" stroke="var(--ink-2)" strokeWidth={1.5} /><circle cx={2} cy={2} r={2} fill="none" stroke="var(--ink-2)" /><circle cx={2} cy={12} r={2} fill="none" stroke="var(--ink-2)" /></g>}
          <text x={Math.min(Math.max(x(match.start), 12), Math.max(12, width - 220))} y={16} className="tm-strip-title" data-expired={expired || undefined}>{title}</text>
        </svg>
      )}
      <p className="tm-strip-range tm-mute tm-mono11">{formatDateTime(match.start)} – {formatTime(match.end)} UTC</p>
    </div>
  );
}

const short = (text: string): string => (text.length > 18 ? `${text.slice(0, 17)}…` : text);
