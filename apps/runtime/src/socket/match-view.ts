/**
 * A match card from an output line. Lines come from the job's own operators, so their shape is known; a line that is
 * none (a damaged file) gives null and is passed over.
 */
import type { MatchEventView, MatchView } from '@tidemark/protocol';

const EVENTS_PER_STAGE = 20;

interface OutputLine {
  readonly matchId: string;
  /** Absent in a dead letter. */
  readonly pattern?: string;
  readonly kind: MatchView['kind'];
  readonly key?: MatchView['key'];
  readonly start?: number;
  readonly end?: number;
  readonly text?: string;
  readonly stages?: Readonly<Record<string, readonly MatchEventView['fields'][]>>;
  /** `split:position` of each event, parallel to `stages`. */
  readonly positions?: Readonly<Record<string, readonly string[]>>;
}

export interface Committed { readonly seq: number; readonly in: number }

/** `timeOf` reads an event's time from its fields; null where it cannot. */
export function matchView(text: string, committed: Committed | null, timeOf: (fields: MatchEventView['fields']) => number | null): MatchView | null {
  let line: OutputLine;
  try {
    line = JSON.parse(text) as OutputLine;
  } catch {
    return null;
  }
  if (typeof line.matchId !== 'string') return null;
  const stages = Object.entries(line.stages ?? {}).map(([stage, events]) => ({
    stage,
    events: events.slice(0, EVENTS_PER_STAGE).map((fields, index): MatchEventView => {
      const [split, position] = (line.positions?.[stage]?.[index] ?? '0:0').split(':').map(Number) as [number, number];
      return { ts: timeOf(fields) ?? line.start ?? 0, split, position, fields };
    }),
    more: Math.max(0, events.length - EVENTS_PER_STAGE),
  }));
  return {
    matchId: line.matchId, patternId: line.pattern ?? '', kind: line.kind, key: line.key ?? [], start: line.start ?? 0, end: line.end ?? 0,
    text: line.text ?? null, stages, committedIn: committed?.in ?? null, seq: committed?.seq ?? null,
  };
}
