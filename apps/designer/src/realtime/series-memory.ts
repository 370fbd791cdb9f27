/**
 * The charts' points across a reload of the tab. The runtime keeps no history of figures, so this is what the tab
 * has seen; the time in between stays empty in the chart.
 */
import { type FigureSeries, NO_SERIES } from './figure-series.ts';

const keyOf = (jobId: string): string => `tidemark.series.${jobId}`;
const isColumn = (value: unknown): value is (number | null)[] => Array.isArray(value) && value.every((entry) => entry === null || typeof entry === 'number');

export function rememberSeries(jobId: string, series: FigureSeries): void {
  try {
    sessionStorage.setItem(keyOf(jobId), JSON.stringify(series));
  } catch { /* storage full or blocked: charts start anew, nothing else is lost */ }
}

export function parseSeries(text: string | null): FigureSeries {
  if (text === null) return NO_SERIES;
  try {
    const { seconds, eventsPerSecond, behindMs, partialMatches, matches } = JSON.parse(text) as Record<string, unknown>;
    const columns = [eventsPerSecond, behindMs, partialMatches, matches];
    if (!isColumn(seconds) || !columns.every((column) => isColumn(column) && column.length === seconds.length)) return NO_SERIES;
    if (seconds.some((second, at) => second === null || (at > 0 && second <= (seconds[at - 1] ?? Infinity)))) return NO_SERIES;
    return { seconds, eventsPerSecond, behindMs, partialMatches, matches } as unknown as FigureSeries;
  } catch {
    return NO_SERIES;
  }
}

export function recallSeries(jobId: string): FigureSeries {
  try {
    return parseSeries(sessionStorage.getItem(keyOf(jobId)));
  } catch {
    return NO_SERIES;
  }
}
