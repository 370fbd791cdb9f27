/** Event times on the page: UTC, as precise as they need to be. */
const pad = (n: number, width = 2): string => String(n).padStart(width, '0');

/** `02:13:58`, with milliseconds where there are any. */
export function formatTime(ms: number): string {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return '–';
  const rest = date.getUTCMilliseconds();
  return `${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}:${pad(date.getUTCSeconds())}${rest === 0 ? '' : `.${pad(rest, 3)}`}`;
}

/** `2026-02-03 02:13:58` */
export function formatDateTime(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? '–' : `${date.getUTCFullYear()}-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())} ${formatTime(ms)}`;
}

/** As short as it can be within a span: over days the date, within an hour seconds. */
export function formatTick(ms: number, spanMs: number): string {
  const date = new Date(ms);
  if (spanMs > 3 * 86_400_000) return `${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())}`;
  if (spanMs > 86_400_000) return `${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())} ${pad(date.getUTCHours())}h`;
  if (spanMs > 20 * 60_000) return `${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}`;
  return spanMs < 5_000 ? formatTime(ms) : `${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}:${pad(date.getUTCSeconds())}`;
}
