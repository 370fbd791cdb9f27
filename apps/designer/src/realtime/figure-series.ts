/**
 * The figures of one job over time, as this page has seen them: what the charts draw.
 *
 * Always  one point a second, the last of that second; times rise; at most `POINTS_MAX` points (10 minutes).
 *         A hole of more than three seconds holds one empty point, so that a line is never drawn across time
 *         in which nothing was known.
 * Not here: the server keeps no history. A reload brings back what the tab had stored (live-memory.ts).
 */
import type { FiguresUpdate } from '@tidemark/protocol';

export interface FigureSeries {
  /** Seconds since the epoch on the runtime's clock, rising. */
  readonly seconds: readonly number[];
  readonly eventsPerSecond: readonly (number | null)[];
  readonly behindMs: readonly (number | null)[];
  readonly partialMatches: readonly (number | null)[];
  /** Rising total; for a rate of matches. */
  readonly matches: readonly (number | null)[];
}

export const POINTS_MAX = 600;
const HOLE_SECONDS = 3;
export const NO_SERIES: FigureSeries = { seconds: [], eventsPerSecond: [], behindMs: [], partialMatches: [], matches: [] };

type Column = readonly (number | null)[];

export function withFigures(series: FigureSeries, at: number, figures: FiguresUpdate): FigureSeries {
  const second = Math.floor(at / 1000);
  const last = series.seconds.at(-1);
  // A clock set back: what lies after it is no longer comparable.
  if (last !== undefined && second < last) return withFigures(NO_SERIES, at, figures);
  const replace = last === second;
  const hole = last !== undefined && second - last > HOLE_SECONDS;
  const drop = Math.max(0, series.seconds.length + (replace ? 0 : 1) + (hole ? 1 : 0) - POINTS_MAX);
  const add = (column: Column, value: number | null): Column => {
    const kept = column.slice(drop, replace ? -1 : undefined);
    if (hole) kept.push(null);
    kept.push(value);
    return kept;
  };
  const seconds = series.seconds.slice(drop, replace ? -1 : undefined);
  if (hole) seconds.push((last as number) + 1);
  seconds.push(second);
  return {
    seconds,
    eventsPerSecond: add(series.eventsPerSecond, figures.eventsPerSecond),
    behindMs: add(series.behindMs, figures.behindMs),
    partialMatches: add(series.partialMatches, figures.partialMatches),
    matches: add(series.matches, figures.matches),
  };
}

/** Matches per minute over the newest minute, or null where less than five seconds are known. */
export function matchesPerMinute(series: FigureSeries): number | null {
  const end = series.seconds.length - 1;
  const newest = series.seconds[end];
  const total = series.matches[end];
  if (newest === undefined || total === null || total === undefined) return null;
  for (let at = 0; at <= end; at++) {
    const second = series.seconds[at] as number;
    const then = series.matches[at];
    if (second < newest - 60 || then === null || then === undefined) continue;
    const span = newest - second;
    // A restart takes counts back; a negative rate says nothing.
    return span < 5 || total < then ? null : ((total - then) / span) * 60;
  }
  return null;
}
