/**
 * Figures as a person reads them: counts, durations, bytes, times; in English and Chinese.
 *
 * Always  a figure and its unit come apart (the unit is drawn smaller) and together; event times are UTC, because
 *         they are the data's own; clock times are the reader's zone; nothing is rounded so far that 0 hides a 1.
 * Not here: sentences (i18n).
 */
export type Language = 'en' | 'zh';

export interface Quantity { readonly value: string; readonly unit: string }

const LOCALES: Readonly<Record<Language, string>> = { en: 'en-US', zh: 'zh-CN' };
const UNKNOWN: Quantity = { value: '–', unit: '' };

/** `1,204`. */
export const formatCount = (count: number): string => new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 }).format(count);

/** A rate: whole numbers from 10 on, one decimal below, and never 0 for something. */
export function formatRate(rate: number): string {
  if (rate > 0 && rate < 0.1) return '<0.1';
  return new Intl.NumberFormat('en-US', { maximumFractionDigits: rate < 10 ? 1 : 0 }).format(rate);
}

/** A share 0..1 as whole percent; 99.6 % is not yet 100. The sign stays with its figure at the end of a line. */
export function formatPercent(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 1) return '<1\u00a0%';
  if (percent < 100 && percent > 99) return '99\u00a0%';
  return `${Math.round(percent)}\u00a0%`;
}

interface Units { readonly ms: string; readonly s: string; readonly min: string; readonly h: string; readonly d: string }
const UNITS: Readonly<Record<Language, Units>> = {
  en: { ms: 'ms', s: 's', min: 'min', h: 'h', d: 'd' },
  zh: { ms: '毫秒', s: '秒', min: '分', h: '小时', d: '天' },
};

/** One figure with one unit: `184 ms`, `1.8 s`, `47 s`, `12 min`, `3 h`, `5 d`. Shape: ms ≥ 0, or null for not known. */
export function quantityOfDuration(ms: number | null, language: Language): Quantity {
  if (ms === null || !Number.isFinite(ms)) return UNKNOWN;
  const units = UNITS[language];
  const size = Math.max(0, ms);
  if (size > 0 && size < 1) return { value: '<1', unit: units.ms };
  if (size < 1_000) return { value: `${Math.floor(size)}`, unit: units.ms };
  if (size < 9_950) return { value: (Math.floor(size / 100) / 10).toFixed(1), unit: units.s };
  if (size < 60_000) return { value: `${Math.floor(size / 1_000)}`, unit: units.s };
  if (size < 3_600_000) return { value: `${Math.floor(size / 60_000)}`, unit: units.min };
  if (size < 2 * 86_400_000) return { value: `${Math.floor(size / 3_600_000)}`, unit: units.h };
  return { value: formatCount(Math.floor(size / 86_400_000)), unit: units.d };
}

const joined = (parts: readonly Quantity[]): string =>
  parts.map(({ value, unit }) => (unit === '' ? value : `${value} ${unit}`)).join(' ');

/** In full, with two units where one would hide too much: `2 min 10 s`, `1 h 12 min`, `3 d 4 h`. */
export function formatDuration(ms: number | null, language: Language): string {
  const first = quantityOfDuration(ms, language);
  if (ms === null || ms < 60_000) return joined([first]);
  const units = UNITS[language];
  const rest = ms < 3_600_000 ? { value: Math.floor((ms % 60_000) / 1_000), unit: units.s }
    : ms < 2 * 86_400_000 ? { value: Math.floor((ms % 3_600_000) / 60_000), unit: units.min }
    : { value: Math.floor((ms % 86_400_000) / 3_600_000), unit: units.h };
  return joined(rest.value === 0 ? [first] : [first, { value: `${rest.value}`, unit: rest.unit }]);
}

/** A duration that somebody set, exactly: `2 s`, `1.5 s`, `10 min`. */
export function formatSetting(ms: number, language: Language): string {
  const units = UNITS[language];
  const sizes = [[86_400_000, units.d], [3_600_000, units.h], [60_000, units.min], [1_000, units.s], [1, units.ms]] as const;
  const [size, unit] = sizes.find(([each]) => ms > 0 && ms % each === 0 && each > 1) ?? (ms > 1_000 ? [1_000, units.s] : [1, units.ms]);
  return joined([{ value: `${Math.round((ms / size) * 1_000) / 1_000}`, unit }]);
}

/** How long ago, in whole seconds and up: it ticks, so it carries no decimals. */
export const formatAgo = (ms: number, language: Language): string =>
  (ms < 60_000 ? joined([{ value: `${Math.max(0, Math.floor(ms / 1_000))}`, unit: UNITS[language].s }]) : formatDuration(ms, language));

/** Decimal units: 2.1 MB = 2,100,000 bytes. */
export function quantityOfBytes(bytes: number | null): Quantity {
  if (bytes === null) return UNKNOWN;
  if (bytes < 1_000) return { value: `${Math.round(bytes)}`, unit: 'B' };
  for (const [size, unit] of [[1e3, 'kB'], [1e6, 'MB'], [1e9, 'GB']] as const) {
    const value = bytes / size;
    if (value < 999.5 || unit === 'GB') return { value: value < 9.95 ? value.toFixed(1) : formatCount(value), unit };
  }
  return UNKNOWN;
}
export const formatBytes = (bytes: number | null): string => joined([quantityOfBytes(bytes)]);

const pad = (value: number, width = 2): string => `${value}`.padStart(width, '0');
const validTime = (ms: number | null): ms is number => ms !== null && Math.abs(ms) <= 8.64e15;

export type TimePrecision = 'date' | 'seconds' | 'milliseconds';

/** Time of day of an event, UTC: `16:42:03`, `16:42:03.204`. */
export function formatEventClock(ms: number | null, precision: TimePrecision = 'seconds'): string {
  if (!validTime(ms)) return '–';
  const date = new Date(ms);
  const clock = `${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}:${pad(date.getUTCSeconds())}`;
  return precision === 'milliseconds' ? `${clock}.${pad(date.getUTCMilliseconds(), 3)}` : clock;
}

/** Date of an event, UTC: `2013-12-16`. */
export function formatEventDate(ms: number | null): string {
  if (!validTime(ms)) return '–';
  return new Date(ms).toISOString().slice(0, -14);
}

/** Date and time of an event, UTC. Milliseconds only where there are some. */
export function formatEventTime(ms: number | null): string {
  if (!validTime(ms)) return '–';
  return `${formatEventDate(ms)} ${formatEventClock(ms, ms % 1_000 === 0 ? 'seconds' : 'milliseconds')}`;
}

/** The span of a match: the date once, then the times; `same` when it is one instant. */
export function formatEventSpan(start: number, end: number): string {
  if (start === end) return formatEventTime(end);
  if (formatEventDate(start) !== formatEventDate(end)) return `${formatEventTime(start)} → ${formatEventTime(end)}`;
  const precision: TimePrecision = start % 1_000 === 0 && end % 1_000 === 0 ? 'seconds' : 'milliseconds';
  return `${formatEventDate(start)} ${formatEventClock(start, precision)} → ${formatEventClock(end, precision)}`;
}

/** Clock of the reader: `16:42:03`. */
export function formatClock(ms: number): string {
  const date = new Date(ms);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/** Day and clock of the reader, for things that may be older than today. */
export function formatMoment(ms: number, now: number, language: Language): string {
  const sameDay = new Date(ms).toDateString() === new Date(now).toDateString();
  if (sameDay) return formatClock(ms);
  return new Intl.DateTimeFormat(LOCALES[language], { dateStyle: 'medium', timeStyle: 'short', hour12: false } as Intl.DateTimeFormatOptions).format(ms);
}

/** A value of an event as text; null says so with a dash. */
export function formatValue(value: string | number | boolean | null): string {
  if (value === null) return '–';
  return typeof value === 'number' && !Number.isInteger(value) ? `${Math.round(value * 1e6) / 1e6}` : `${value}`;
}

/** Key of a match on one line. */
export const formatKey = (key: readonly (string | number | boolean | null)[]): string => key.map(formatValue).join(' · ');

/** Match ids are long: the first and last characters tell them apart; the whole stands in the title. */
export const shortId = (matchId: string): string => (matchId.length <= 10 ? matchId : `${matchId.slice(0, 4)}…${matchId.slice(-4)}`);
