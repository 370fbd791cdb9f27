/**
 * Durations as people type and read them: `10m`, `1h30m`, `90 s`, `10 分钟` in; `1 h 30 min`, `10 分钟` out.
 * Units   milliseconds, whole.
 * Errors  parseDuration answers null for what it cannot read.
 */
import type { Duration } from '@tidemark/pattern';
import { durationMs } from '@tidemark/pattern';

const UNITS: readonly { readonly ms: number; readonly unit: Duration['unit']; readonly names: readonly string[]; readonly en: string; readonly zh: string }[] = [
  { ms: 86_400_000, unit: 'DAYS', names: ['d', 'day', 'days', '天', '日'], en: 'd', zh: '天' },
  { ms: 3_600_000, unit: 'HOURS', names: ['h', 'hr', 'hour', 'hours', '小时', '时'], en: 'h', zh: '小时' },
  { ms: 60_000, unit: 'MINUTES', names: ['m', 'min', 'mins', 'minute', 'minutes', '分钟', '分'], en: 'min', zh: '分钟' },
  { ms: 1_000, unit: 'SECONDS', names: ['s', 'sec', 'secs', 'second', 'seconds', '秒钟', '秒'], en: 's', zh: '秒' },
  { ms: 1, unit: 'MILLISECONDS', names: ['ms', 'milliseconds', 'millisecond', '毫秒'], en: 'ms', zh: '毫秒' },
];

export function parseDuration(text: string): number | null {
  let rest = text.trim().toLowerCase();
  if (rest === '') return null;
  let total = 0;
  let parts = 0;
  while (rest !== '') {
    const part = /^(\d+(?:\.\d+)?)\s*([a-z]+|[\u4e00-\u9fff]+)?\s*/.exec(rest);
    if (!part) return null;
    // a bare number means seconds, but only alone
    const unit = part[2] === undefined ? (parts === 0 && part[0].length === rest.length ? UNITS[3] : undefined) : UNITS.find((u) => u.names.includes(part[2] as string));
    if (!unit) return null;
    total += Number(part[1]) * unit.ms;
    parts += 1;
    rest = rest.slice(part[0].length);
  }
  return Number.isSafeInteger(Math.round(total)) ? Math.round(total) : null;
}

export function formatDuration(ms: number, language: 'en' | 'zh'): string {
  if (!Number.isFinite(ms)) return '∞';
  if (ms === 0) return language === 'zh' ? '0 秒' : '0 s';
  let rest = Math.round(Math.abs(ms));
  const parts: string[] = [];
  // 90 s reads better than 1 min 30 s, and so does 36 h
  if (rest < 120_000 && rest >= 1_000 && rest % 1_000 === 0) return `${ms < 0 ? '−' : ''}${rest / 1_000} ${language === 'zh' ? '秒' : 's'}`;
  for (const unit of UNITS) {
    if (rest < unit.ms) continue;
    const count = Math.floor(rest / unit.ms);
    parts.push(`${count} ${language === 'zh' ? unit.zh : unit.en}`);
    rest -= count * unit.ms;
  }
  return `${ms < 0 ? '−' : ''}${parts.join(' ')}`;
}

/** The document's form of a duration: the largest unit that leaves a whole number. */
export function toDuration(ms: number): Duration {
  const unit = UNITS.find((u) => ms % u.ms === 0 && ms >= u.ms) ?? UNITS[4];
  return { unit: unit?.unit ?? 'MILLISECONDS', size: ms / (unit?.ms ?? 1) };
}

/** A duration of a document in the unit in which it was written. */
export function formatDocumentDuration(duration: Duration, language: 'en' | 'zh'): string {
  const unit = UNITS.find((candidate) => candidate.unit === duration.unit);
  return unit === undefined ? formatDuration(durationMs(duration), language) : `${duration.size} ${language === 'zh' ? unit.zh : unit.en}`;
}

/** A span that was measured, as precise as a reader needs: two units, the second rounded. */
export function formatSpan(ms: number, language: 'en' | 'zh'): string {
  const grain = ms < 1_000 ? 1 : ms < 60_000 ? 100 : ms < 3_600_000 ? 1_000 : ms < 86_400_000 ? 60_000 : 3_600_000;
  const rounded = Math.round(ms / grain) * grain;
  if (rounded >= 1_000 && rounded < 60_000) return `${rounded / 1_000} ${language === 'zh' ? '秒' : 's'}`;
  return formatDuration(rounded, language);
}
