import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import type { MatchView, MatchesUpdate } from '@tidemark/protocol';
import { type MatchCards, NO_CARDS, applyMatches, dropRetracted, replaceMatches } from './match-cards.ts';

const view = (matchId: string, committedIn: number | null = null): MatchView => ({
  matchId, patternId: 'p', kind: 'match', key: ['k'], start: 0, end: 1, text: null, stages: [], committedIn, seq: committedIn,
});
const update = (changed: readonly MatchView[], retracted: readonly string[] = [], omitted = 0): MatchesUpdate => ({ topic: 'matches', changed, retracted, omitted });
const phases = (cards: MatchCards): string[] => cards.order.map((id) => `${id}:${cards.byId.get(id)?.phase}`);

describe('match cards', () => {
  it('[MC1][MC3] shows a match once, keeps its place when it turns, and puts new ones in front', () => {
    let cards = applyMatches(NO_CARDS, update([view('a'), view('b')]));
    expect(phases(cards)).toEqual(['b:pending', 'a:pending']);
    cards = applyMatches(cards, update([view('a', 3), view('c')]));
    expect(phases(cards)).toEqual(['c:pending', 'b:pending', 'a:committed']);
    expect(cards.byId.get('a')?.turned).toBe(true);
    expect(cards.pending).toBe(2);
  });

  it('[MC2] a replay of a committed match changes nothing', () => {
    const before = applyMatches(NO_CARDS, update([view('a', 3)]));
    const after = applyMatches(before, update([view('a')], ['a']));
    expect(after.byId.get('a')).toBe(before.byId.get('a'));
    expect(after.byId.get('a')?.turned).toBe(false);
  });

  it('[MC4] a retracted card stays marked, comes back by replay, and is dropped at the end otherwise', () => {
    let cards = applyMatches(NO_CARDS, update([view('a'), view('b')]));
    cards = applyMatches(cards, update([], ['a', 'b', 'unknown']));
    expect(phases(cards)).toEqual(['b:retracted', 'a:retracted']);
    cards = applyMatches(cards, update([view('a')]));
    expect(phases(cards)).toEqual(['b:retracted', 'a:pending']);
    expect(phases(dropRetracted(cards))).toEqual(['a:pending']);
  });

  it('[MC4] a frame that takes an id back and lists it anew ends pending', () => {
    const cards = applyMatches(applyMatches(NO_CARDS, update([view('a')])), update([view('a')], ['a']));
    expect(phases(cards)).toEqual(['a:pending']);
  });

  it('[MC5] lets the oldest committed cards go first', () => {
    let cards = applyMatches(NO_CARDS, update([view('a'), view('b', 1), view('c', 1)]));
    cards = applyMatches(cards, update([view('d')]), 3);
    expect(phases(cards)).toEqual(['d:pending', 'c:committed', 'a:pending']);
    cards = applyMatches(cards, update([view('e'), view('f')]), 3);
    expect(phases(cards)).toEqual(['f:pending', 'e:pending', 'd:pending']);
  });

  it('[MC6] a snapshot drops pending cards it does not list and keeps committed ones', () => {
    const cards = applyMatches(NO_CARDS, update([view('a'), view('b', 1), view('c')]));
    expect(phases(replaceMatches(cards, update([view('c', 2), view('d')])))).toEqual(['d:pending', 'c:committed', 'b:committed']);
    expect(phases(replaceMatches(cards, null))).toEqual(['b:committed']);
  });

  it('[MC1][MC2][MC5] any history: one card an id, committed never turns back, counts agree, at most the limit', () => {
    const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
    const step = fc.record({
      changed: fc.array(fc.tuple(ids, fc.boolean()), { maxLength: 5 }), retracted: fc.array(ids, { maxLength: 3 }), snapshot: fc.boolean(),
    });
    fc.assert(fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let cards = NO_CARDS;
      for (const { changed, retracted, snapshot } of steps) {
        const next = update(changed.map(([id, committed]) => view(id, committed ? 1 : null)), retracted);
        const before = cards;
        cards = snapshot ? replaceMatches(cards, next, 5) : applyMatches(cards, next, 5);
        expect(cards.order.length).toBeLessThanOrEqual(5);
        expect(new Set(cards.order)).toEqual(new Set(cards.byId.keys()));
        expect(new Set(cards.order).size).toBe(cards.order.length);
        expect(cards.pending).toBe([...cards.byId.values()].filter((card) => card.phase === 'pending').length);
        for (const [id, card] of cards.byId) if (before.byId.get(id)?.phase === 'committed') expect(card.phase).toBe('committed');
        const survivors = cards.order.filter((id) => before.byId.has(id));
        expect(survivors).toEqual(before.order.filter((id) => cards.byId.has(id)));
      }
    }));
  });
});
