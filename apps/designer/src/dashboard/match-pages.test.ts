import { expect, it } from 'vitest';
import type { MatchRow } from '@tidemark/protocol';
import { NO_PAGES, hasMore, matchOfRow, pageAsked, pageCame, pageFailed } from './match-pages.ts';

const row = (seq: number): MatchRow => ({
  seq, matchId: `m${seq}`, patternId: 'p', kind: 'match', committedIn: 4,
  line: { key: ['a', null, { no: 1 }], start: 1, end: 9, text: 'hello', stages: { first: [{ ts: 1, name: 'x', deep: [] }] }, positions: { first: ['2:17'] } },
});

it('reads an output line as the card that the socket would have sent', () => {
  expect(matchOfRow(row(7), 'ts')).toEqual({
    matchId: 'm7', patternId: 'p', kind: 'match', key: ['a', null], start: 1, end: 9, text: 'hello', committedIn: 4, seq: 7,
    stages: [{ stage: 'first', more: 0, events: [{ ts: 1, split: 2, position: 17, fields: { ts: 1, name: 'x' } }] }],
  });
});

it('survives a line that is not as expected', () => {
  const odd = matchOfRow({ ...row(1), line: { key: 'no', stages: { first: 'no' }, start: 'x' } }, null);
  expect(odd).toMatchObject({ key: [], start: 0, text: null, stages: [{ stage: 'first', events: [] }] });
});

it('walks down page by page, shows no row twice and knows the end', () => {
  let pages = pageCame(pageAsked(NO_PAGES), { rows: [row(9), row(8)], next: 8, total: 4 }, 'ts');
  expect([hasMore(pages), pages.loading]).toEqual([true, false]);
  pages = pageFailed(pageAsked(pages));
  expect([pages.failed, pages.rows.length]).toEqual([true, 2]);
  pages = pageCame(pageAsked(pages), { rows: [row(8), row(7)], next: null, total: 4 }, 'ts');
  expect(pages.rows.map(({ seq }) => seq)).toEqual([9, 8, 7]);
  expect(hasMore(pages)).toBe(false);
});
