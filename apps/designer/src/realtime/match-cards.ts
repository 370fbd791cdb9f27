/**
 * The match cards of one job: pending when emitted, committed when the checkpoint that covers them has completed.
 *
 * Invariants (tests cite these ids):
 *   MC1  One card for each matchId, however often it comes: a replay repaints the card, it adds none.
 *   MC2  Committed is final: a pending or retracted message about a committed match changes nothing.
 *   MC3  A card keeps its place when it turns; new cards come in front. Nobody's reading is moved.
 *   MC4  A retracted card stays, marked, until its replay makes it pending again (it comes again: the matching is
 *        deterministic); when the job ends, what is still retracted is dropped.
 *   MC5  At most `limit` cards: the oldest committed ones go first (their rows can be paged over REST), then the
 *        oldest of the others.
 *   MC6  A snapshot replaces what is known; cards it does not list are gone, except committed ones that it cannot
 *        list (it holds the newest only): they are final and stay.
 *
 * Not here: paging of committed rows (match-pages.ts), what a card looks like.
 */
import type { MatchView, MatchesUpdate } from '@tidemark/protocol';

export interface MatchCard {
  readonly view: MatchView;
  readonly phase: 'pending' | 'committed' | 'retracted';
  /** It was seen pending before it was committed, in this page: the amber bar may fade. */
  readonly turned: boolean;
}

export interface MatchCards {
  /** Newest first. */
  readonly order: readonly string[];
  readonly byId: ReadonlyMap<string, MatchCard>;
  readonly pending: number;
  readonly retracted: number;
  /** Matches that frames did not list because there were too many, since the snapshot. */
  readonly omitted: number;
}

export const NO_CARDS: MatchCards = { order: [], byId: new Map(), pending: 0, retracted: 0, omitted: 0 };
export const CARDS_MAX = 300;

function turn(card: MatchCard | undefined, view: MatchView): MatchCard {
  if (card?.phase === 'committed') return card;
  if (view.committedIn === null) return { view, phase: 'pending', turned: false };
  return { view, phase: 'committed', turned: card !== undefined };
}

function counted(order: readonly string[], byId: ReadonlyMap<string, MatchCard>, omitted: number): MatchCards {
  let pending = 0;
  let retracted = 0;
  for (const card of byId.values()) {
    if (card.phase === 'pending') pending += 1;
    else if (card.phase === 'retracted') retracted += 1;
  }
  return { order, byId, pending, retracted, omitted };
}

function trimmed(order: readonly string[], byId: Map<string, MatchCard>, limit: number): readonly string[] {
  let surplus = order.length - limit;
  if (surplus <= 0) return order;
  const gone = new Set<string>();
  const takeOldest = (committedOnly: boolean): void => {
    for (let at = order.length - 1; at >= 0 && surplus > 0; at--) {
      const id = order[at] as string;
      if (gone.has(id) || (committedOnly && byId.get(id)?.phase !== 'committed')) continue;
      gone.add(id);
      surplus -= 1;
    }
  };
  takeOldest(true);
  takeOldest(false);
  for (const id of gone) byId.delete(id);
  return order.filter((id) => !gone.has(id));
}

/** One frame's matches. */
export function applyMatches(cards: MatchCards, update: MatchesUpdate, limit = CARDS_MAX): MatchCards {
  if (update.changed.length === 0 && update.retracted.length === 0 && update.omitted === 0) return cards;
  const byId = new Map(cards.byId);
  // Retracted first: a frame that takes an id back and lists it anew ends with the newer word.
  for (const id of update.retracted) {
    const card = byId.get(id);
    if (card?.phase === 'pending') byId.set(id, { ...card, phase: 'retracted' });
  }
  const fresh: string[] = [];
  for (const view of update.changed) {
    const known = byId.get(view.matchId);
    if (!known) fresh.push(view.matchId);
    byId.set(view.matchId, turn(known, view));
  }
  const order = fresh.length > 0 ? [...fresh.reverse(), ...cards.order] : cards.order;
  return counted(trimmed(order, byId, limit), byId, cards.omitted + update.omitted);
}

/** The matches of a snapshot. */
export function replaceMatches(cards: MatchCards, update: MatchesUpdate | null, limit = CARDS_MAX): MatchCards {
  const listed = new Set(update?.changed.map((view) => view.matchId));
  const byId = new Map<string, MatchCard>();
  const order: string[] = [];
  for (const id of cards.order) {
    const card = cards.byId.get(id);
    if (!card || (card.phase !== 'committed' && !listed.has(id))) continue;
    byId.set(id, card);
    order.push(id);
  }
  const kept: MatchCards = { order, byId, pending: 0, retracted: 0, omitted: 0 };
  const merged = update ? applyMatches(kept, update, limit) : kept;
  return counted(merged.order, merged.byId, merged.omitted);
}

/** The job has ended: nothing will come again. */
export function dropRetracted(cards: MatchCards): MatchCards {
  if (cards.retracted === 0) return cards;
  const byId = new Map([...cards.byId].filter(([, card]) => card.phase !== 'retracted'));
  return counted(cards.order.filter((id) => byId.has(id)), byId, cards.omitted);
}
