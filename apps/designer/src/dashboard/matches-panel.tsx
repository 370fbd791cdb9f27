/**
 * The feed of matches: live cards on top, committed rows of the match store below, page by page.
 *
 * Always  the list is not moved under somebody who reads: while the pointer or focus is in it, a card is open, it is
 *         scrolled or paused, new cards wait behind a button in the head that says how many; cards still turn in place.
 *         News is announced politely, at most every five seconds, as a count.
 */
import { ActionIcon, Button, TextInput, Tooltip } from '@mantine/core';
import { IconArrowUp, IconDownload, IconPlayerPause, IconPlayerPlay, IconSearch } from '@tabler/icons-react';
import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call, resolveRoute } from '../api/client.ts';
import { useLive } from '../realtime/hooks.ts';
import { hasEnded } from '../realtime/live-store.ts';
import type { MatchCard, MatchCards } from '../realtime/match-cards.ts';
import { EmptyState } from '../shell/states.tsx';
import { formatCount, formatKey } from './format.ts';
import { MatchCardView } from './match-card.tsx';
import { NO_PAGES, type MatchPages, hasMore, pageAsked, pageCame, pageFailed } from './match-pages.ts';

const ANNOUNCE_MS = 5_000;
const PAGE = 50;

export interface MatchesPanelProps {
  readonly stageLabel: (patternId: string, name: string) => string;
  /** Null where the job has one pattern. */
  readonly patternName: (id: string) => string | null;
  readonly timeField: string | null;
}

export function MatchesPanel({ stageLabel, patternName, timeField }: MatchesPanelProps) {
  const { t } = useTranslation();
  const cards = useLive((live) => live.matches);
  const jobId = useLive((live) => live.jobId);
  const committed = useLive((live) => live.figures?.committedMatches ?? 0);
  const ended = useLive((live) => hasEnded(live.state?.state));
  const [paused, setPaused] = useState(false);
  const [reading, setReading] = useState(false);
  const [scrolled, setScrolled] = useState(false);
  const [open, setOpen] = useState<string | null>(null);
  const [filter, setFilter] = useState<string | null>(null);
  const pages = usePages(jobId, timeField);
  const scroller = useRef<HTMLDivElement>(null);
  const { order, fresh, release } = useHeldOrder(cards, paused || reading || scrolled || open !== null);
  const toggle = useCallback((matchId: string) => setOpen((known) => (known === matchId ? null : matchId)), []);

  const wanted = filter?.trim().toLowerCase() ?? '';
  const fits = (card: MatchCard): boolean => wanted === '' || `${formatKey(card.view.key)} ${card.view.text ?? ''} ${card.view.matchId} ${patternName(card.view.patternId) ?? ''}`.toLowerCase().includes(wanted);
  const liveCards = order.map((id) => cards.byId.get(id)).filter((card) => card !== undefined);
  const listed = new Set(order);
  const older: MatchCard[] = pages.state.rows.filter((row) => !listed.has(row.matchId) && !cards.byId.has(row.matchId)).map((view) => ({ view, phase: 'committed', turned: false }));
  const shown = [...liveCards, ...older].filter(fits);
  const committedShown = liveCards.filter((card) => card.phase === 'committed').length + older.length;
  const more = hasMore(pages.state) && committed > committedShown;

  const toTop = (): void => {
    setOpen(null);
    setPaused(false);
    setReading(false);
    scroller.current?.scrollTo({ top: 0 });
    release();
  };

  return (
    <section className="live-matches" aria-labelledby="live-matches-title">
      <div className="tm-panel-head">
        <h2 id="live-matches-title" className="tm-b">{t('live.matches.title')}</h2>
        {fresh > 0 ? <Button size="xs" leftSection={<IconArrowUp size={13} aria-hidden />} onClick={toTop}>{t('live.matches.fresh', { count: fresh })}</Button>
          : <span className="tm-sub tm-clip">{cards.pending === 0 ? t('live.matches.subCommitted', { committed: formatCount(committed) }) : t('live.matches.sub', { committed: formatCount(committed), pending: formatCount(cards.pending) })}</span>}
        <span className="tm-grow" />
        <Tooltip label={t('live.matches.filter')}><ActionIcon size={24} aria-label={t('live.matches.filter')} aria-pressed={filter !== null} onClick={() => setFilter(filter === null ? '' : null)}><IconSearch size={14} /></ActionIcon></Tooltip>
        <Tooltip label={t('live.matches.download')}><ActionIcon size={24} component="a" href={resolveRoute('output', { jobId }).url} download aria-label={t('live.matches.download')}><IconDownload size={14} /></ActionIcon></Tooltip>
        <Tooltip label={t(paused ? 'live.matches.resume' : 'live.matches.pause')}><ActionIcon size={24} aria-label={t(paused ? 'live.matches.resume' : 'live.matches.pause')} aria-pressed={paused} onClick={() => setPaused(!paused)}>{paused ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />}</ActionIcon></Tooltip>
      </div>
      {filter !== null && <TextInput className="live-matches-filter" aria-label={t('live.matches.filter')} placeholder={t('live.matches.filter')} value={filter} autoFocus onChange={(event) => setFilter(event.currentTarget.value)} />}
      <div className="live-feed" ref={scroller} tabIndex={0} role="region" aria-label={t('live.matches.label')}
           onPointerEnter={(event) => { if (event.pointerType === 'mouse') setReading(true); }} onPointerLeave={() => setReading(false)}
           onScroll={(event) => setScrolled(event.currentTarget.scrollTop > 8)}>
        {shown.length > 0
          ? <ul>{shown.map((card) => <MatchCardView key={card.view.matchId} card={card} open={open === card.view.matchId} stageLabel={stageLabel} pattern={patternName(card.view.patternId)} timeField={timeField} toggle={toggle} />)}</ul>
          : wanted !== '' ? <p className="live-none tm-t12 tm-mute">{t('live.matches.noneFiltered')}</p>
          : !more && <EmptyState title={t(ended ? 'live.matches.noneEver' : 'live.matches.none')}>{ended ? undefined : t('live.matches.noneDetail')}</EmptyState>}
        {cards.omitted > 0 && <p className="live-none tm-t11 tm-mute">{t('live.matches.omitted', { n: formatCount(cards.omitted) })}</p>}
        {more && <div className="live-older"><Button size="xs" loading={pages.state.loading} onClick={pages.load}>{t('live.matches.older')}</Button>{pages.state.failed && <span className="tm-t12 tm-mute" role="alert">{t('live.matches.loadFailed')}</span>}</div>}
        {!more && shown.length > 0 && wanted === '' && ended && <p className="live-none tm-t11 tm-mute">{t('live.matches.allLoaded', { n: formatCount(shown.length) })}</p>}
      </div>
      <Announcer cards={cards} committed={committed} />
    </section>
  );
}

/** The order of cards as somebody is reading it, and how many came since. */
function useHeldOrder(cards: MatchCards, hold: boolean): { readonly order: readonly string[]; readonly fresh: number; release(): void } {
  const [held, setHeld] = useState<readonly string[] | null>(null);
  if (hold && held === null) setHeld(cards.order);
  if (!hold && held !== null) setHeld(null);
  const order = hold && held !== null ? held : cards.order;
  const fresh = useMemo(() => {
    if (held === null || !hold) return 0;
    const known = new Set(held);
    return cards.order.reduce((count, id) => (known.has(id) ? count : count + 1), 0);
  }, [cards.order, held, hold]);
  return { order, fresh, release: () => setHeld(null) };
}

function usePages(jobId: string, timeField: string | null): { readonly state: MatchPages; load(): void } {
  const [state, setState] = useState<MatchPages>(NO_PAGES);
  const latest: RefObject<MatchPages> = useRef(state);
  useEffect(() => { latest.current = state; });
  useEffect(() => setState(NO_PAGES), [jobId]);
  const load = useCallback(() => {
    const { next, loading } = latest.current;
    if (loading || next === null) return;
    setState(pageAsked);
    call('matches', { params: { jobId }, query: { order: 'newest', limit: PAGE, ...(next === undefined ? {} : { cursor: next }) } }).then(
      (page) => setState((known) => pageCame(known, page, timeField)),
      () => setState(pageFailed),
    );
  }, [jobId, timeField]);
  // What the snapshot cannot hold is there from the start: the first page comes by itself.
  useEffect(load, [load]);
  return { state, load };
}

/** Polite and rare: a count, never each card. */
function Announcer({ cards, committed }: { readonly cards: MatchCards; readonly committed: number }) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const seen = useRef<{ ids: ReadonlySet<string>; at: number } | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const latest = useRef({ cards, committed });
  latest.current = { cards, committed };
  useEffect(() => {
    if (seen.current === null) {
      seen.current = { ids: new Set(cards.order), at: 0 };
      return;
    }
    if (timer.current !== null) return;
    timer.current = setTimeout(() => {
      timer.current = null;
      const { cards: now, committed: count } = latest.current;
      const known = seen.current?.ids ?? new Set();
      const fresh = now.order.filter((id) => !known.has(id)).length;
      seen.current = { ids: new Set(now.order), at: 0 };
      if (fresh > 0) setText(t('live.matches.announce', { count: fresh, committed: formatCount(count) }));
    }, ANNOUNCE_MS);
  }, [cards.order, t]);
  useEffect(() => () => { if (timer.current !== null) clearTimeout(timer.current); }, []);
  return <div className="tm-sr" role="status" aria-live="polite">{text}</div>;
}
