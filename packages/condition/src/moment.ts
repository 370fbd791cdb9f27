/**
 * Timestamps and durations as numbers: milliseconds since 1970 (UTC), milliseconds.
 *
 * Always  timestamps lie in the years 0001 to 9999 as CEL says; digits finer than a millisecond of a timestamp are cut off,
 *         those of a duration are kept as a fraction. Zones are UTC or an offset (+08:00): names of zones are not offered,
 *         because their rules change with the machine and a replay must not.
 * Source  RFC 3339; Go's duration notation, as CEL uses it.
 */
const TIMESTAMP_MIN = Date.UTC(2000, 0, 1) - 63_082_281_600_000; // 0001-01-01T00:00:00Z
const TIMESTAMP_MAX = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
/** CEL's bound: nanoseconds in 64 bits, about 292 years. */
const DURATION_MAX = 9_223_372_036_854;

export const timestampInRange = (ms: number): boolean => ms >= TIMESTAMP_MIN && ms <= TIMESTAMP_MAX;
export const durationInRange = (ms: number): boolean => Math.abs(ms) <= DURATION_MAX;

const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?([Zz]|[+-]\d{2}:\d{2})$/;

/** Milliseconds since 1970, or null where the text is no RFC 3339 date and time. */
export function parseTimestamp(text: string): number | null {
  const found = RFC3339.exec(text);
  if (!found) return null;
  const [, year, month, day, hour, minute, second, fraction = '', zone] = found as unknown as string[];
  const numbers = [year, month, day, hour, minute, second].map(Number) as [number, number, number, number, number, number];
  const at = new Date(0);
  at.setUTCFullYear(numbers[0], numbers[1] - 1, numbers[2]);
  at.setUTCHours(numbers[3], numbers[4], numbers[5], Number(fraction.padEnd(3, '0').slice(0, 3)));
  // A Date rolls 31 February over into March; a text that does not come back as it went in was no date.
  if (at.getUTCMonth() !== numbers[1] - 1 || at.getUTCDate() !== numbers[2] || at.getUTCHours() !== numbers[3]) return null;
  if (at.getUTCMinutes() !== numbers[4] || at.getUTCSeconds() !== numbers[5]) return null;
  const offset = zone === 'Z' || zone === 'z' ? 0 : parseZone(zone as string);
  if (offset === null) return null;
  const ms = at.getTime() - offset;
  return timestampInRange(ms) ? ms : null;
}

/** Offset of 'UTC', 'Z', '+08:00', '-3:30' in milliseconds, or null. */
export function parseZone(text: string): number | null {
  if (text === 'UTC' || text === 'Z' || text === '') return 0;
  const found = /^([+-]?)(\d{1,2}):(\d{2})$/.exec(text);
  if (!found) return null;
  const minutes = Number(found[2]) * 60 + Number(found[3]);
  if (Number(found[3]) > 59 || minutes > 14 * 60) return null;
  return (found[1] === '-' ? -1 : 1) * minutes * 60_000;
}

/** `2026-11-22T08:00:00Z`; milliseconds only where there are any. */
export function formatTimestamp(ms: number): string {
  if (!timestampInRange(ms)) return String(ms);
  const text = new Date(ms).toISOString();
  return text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text;
}

const UNITS: ReadonlyMap<string, number> = new Map([['h', 3_600_000], ['m', 60_000], ['s', 1000], ['ms', 1], ['us', 1e-3], ['µs', 1e-3], ['ns', 1e-6]]);

/** Milliseconds of `1h30m`, `-2.5s`, or null. */
export function parseDuration(text: string): number | null {
  const found = /^([+-]?)((?:(?:\d+(?:\.\d*)?|\.\d+)(?:h|ms|us|µs|ns|m|s))+|0)$/.exec(text);
  if (!found) return null;
  let ms = 0;
  for (const [, amount, unit] of (found[2] as string).matchAll(/(\d+(?:\.\d*)?|\.\d+)(h|ms|us|µs|ns|m|s)/g)) ms += Number(amount) * (UNITS.get(unit as string) as number);
  if (!durationInRange(ms)) return null;
  return found[1] === '-' ? 0 - ms : ms;
}

/** `5400s`, as CEL writes a duration. */
export const formatDuration = (ms: number): string => `${String(ms / 1000)}s`;
