/**
 * Committed matches from the match store, page by page, below the live cards.
 *
 * Always  a keyset walks down by `seq`, so rows that are committed meanwhile move nothing; a row whose card is
 *         already above is not shown twice; one page is under way at a time.
 * Not here: fetching (the caller does what `wants` says), cards (match-cards.ts).
 */
import type { MatchEventView, MatchPage, MatchRow, MatchView } from '@tidemark/protocol';

export interface MatchPages {
  readonly rows: readonly MatchView[];
  /** Where the next page begins; null = none, undefined = nothing asked yet. */
  readonly next: number | null | undefined;
  readonly total: number | null;
  readonly loading: boolean;
  readonly failed: boolean;
}
export const NO_PAGES: MatchPages = { rows: [], next: undefined, total: null, loading: false, failed: false };

export const hasMore = (pages: MatchPages): boolean => pages.next !== null;
export const pageAsked = (pages: MatchPages): MatchPages => ({ ...pages, loading: true, failed: false });
export const pageFailed = (pages: MatchPages): MatchPages => ({ ...pages, loading: false, failed: true });
export function pageCame(pages: MatchPages, page: MatchPage, timeField: string | null): MatchPages {
  const known = new Set(pages.rows.map((row) => row.matchId));
  const rows = page.rows.filter((row) => !known.has(row.matchId)).map((row) => matchOfRow(row, timeField));
  return { rows: [...pages.rows, ...rows], next: page.next, total: page.total, loading: false, failed: false };
}

type Field = string | number | boolean | null;
const isField = (value: unknown): value is Field => value === null || ['string', 'number', 'boolean'].includes(typeof value);
const record = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === 'object' && value !== null ? value as Record<string, unknown> : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const number = (value: unknown): number => (typeof value === 'number' ? value : 0);

function eventOf(fields: unknown, place: unknown, timeField: string | null): MatchEventView {
  const [split, position] = (typeof place === 'string' ? place : '').split(':');
  const kept = Object.fromEntries(Object.entries(record(fields)).filter((entry): entry is [string, Field] => isField(entry[1])));
  const ts = timeField === null ? undefined : kept[timeField];
  return { ts: number(ts), split: Number(split) || 0, position: Number(position) || 0, fields: kept };
}

/** A committed output line as the card that the socket would have sent. */
export function matchOfRow(row: MatchRow, timeField: string | null): MatchView {
  const { line } = row;
  const positions = record(line.positions);
  return {
    matchId: row.matchId, patternId: row.patternId, kind: row.kind, key: list(line.key).filter(isField), start: number(line.start),
    end: number(line.end), text: typeof line.text === 'string' ? line.text : null, committedIn: row.committedIn, seq: row.seq,
    stages: Object.entries(record(line.stages)).map(([stage, events]) => ({
      stage, more: 0, events: list(events).map((fields, at) => eventOf(fields, list(positions[stage])[at], timeField)),
    })),
  };
}
