/** One match: pending with an amber edge, then committed; opens to the events it is made of. Shows what it is given. */
import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { IconCheck, IconChevronRight, IconClockX, IconCopy, IconFileAlert, IconHourglass, IconRefresh } from '@tabler/icons-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { MatchView } from '@tidemark/protocol';
import { currentLanguage } from '../i18n/index.ts';
import type { MatchCard } from '../realtime/match-cards.ts';
import { formatDuration, formatEventClock, formatEventDate, formatEventTime, formatKey, formatValue, shortId } from './format.ts';

export interface MatchCardProps {
  readonly card: MatchCard;
  readonly open: boolean;
  /** Label of a stage of a pattern by its name; the name itself where there is none. */
  readonly stageLabel: (patternId: string, name: string) => string;
  /** Name of its pattern, where the job has several. */
  readonly pattern: string | null;
  readonly timeField: string | null;
  toggle(matchId: string): void;
}

export const MatchCardView = memo(function MatchCardView({ card, open, stageLabel, pattern, timeField, toggle }: MatchCardProps) {
  const { t } = useTranslation();
  const language = currentLanguage();
  const { view, phase } = card;
  const kind = view.kind === 'match' ? null : view.kind === 'timed-out' ? t('live.matches.timedOut') : view.kind === 'late' ? t('live.matches.late') : t('live.matches.deadLetter');
  const label = (name: string): string => stageLabel(view.patternId, name);
  const stages = stagesInWords(view, label);
  // Without a key the text is what tells one match from another.
  const title = view.key.length === 0 ? view.text ?? kind ?? stages : formatKey(view.key);
  const second = view.key.length === 0 ? (title === stages ? lastEvent(view, timeField) : stages) : view.text ?? stages;
  const panel = `live-match-${view.matchId}`;
  const KindIcon = view.kind === 'timed-out' ? IconClockX : IconFileAlert;
  return (
    <li className="live-match" data-phase={phase} data-turned={card.turned} data-open={open} data-match={view.matchId}>
      <button type="button" className="live-match-head" aria-expanded={open} aria-controls={panel} onClick={() => toggle(view.matchId)}>
        <span className="live-match-row">
          <span className="tm-b tm-clip tm-grow" title={title}>{title}</span>
          <MatchPhase card={card} />
        </span>
        <span className="live-match-row">
          <span className="tm-dim tm-clip tm-grow" title={second}>
            {kind !== null && title !== kind && <><span className="live-match-kind"><KindIcon size={13} stroke={1.8} aria-hidden />{kind}</span> · </>}{second}
          </span>
          <span className="tm-mono11 tm-mute" title={formatEventTime(view.end)}>{formatEventClock(view.end, view.end % 1000 === 0 ? 'seconds' : 'milliseconds')}</span>
        </span>
        <span className="live-match-row live-match-last tm-t11 tm-mute">
          <span className="tm-clip tm-grow">{pattern !== null && <><b>{pattern}</b> · </>}{formatEventDate(view.end)} · {t('live.matches.within', { span: formatDuration(view.end - view.start, language) })}</span>
          <span className="live-match-id tm-mono11" title={view.matchId}>{shortId(view.matchId)}<IconChevronRight size={12} aria-hidden /></span>
        </span>
      </button>
      {open && <MatchEvents id={panel} view={view} stageLabel={label} timeField={timeField} />}
    </li>
  );
});

/** What tells matches apart that have neither key nor text: the fields of the event that completed it. */
function lastEvent(view: MatchView, timeField: string | null): string {
  const event = view.stages.findLast(({ events }) => events.length > 0)?.events.at(-1);
  return Object.entries(event?.fields ?? {}).filter(([name, value]) => name !== timeField && value !== null).slice(0, 3).map(([name, value]) => `${name} ${formatValue(value)}`).join(' · ');
}

const stagesInWords = (view: MatchView, label: (name: string) => string): string => view.stages.filter(({ events }) => events.length > 0).map(({ stage }) => label(stage)).join(' → ');

function MatchPhase({ card }: { readonly card: MatchCard }) {
  const { t } = useTranslation();
  if (card.phase === 'committed') return (
    <span className="tm-state live-phase" data-bare title={card.view.committedIn === null ? undefined : t('live.matches.checkpoint', { id: card.view.committedIn })}><IconCheck aria-hidden stroke={2} className="live-phase-ok" />{t('live.matches.committed')}</span>
  );
  if (card.phase === 'retracted') return <span className="tm-state live-phase" data-hue="amber" title={t('live.matches.retractedHint')}><IconRefresh aria-hidden stroke={1.9} />{t('live.matches.retracted')}</span>;
  return <span className="tm-state live-phase" data-hue="amber" title={t('live.matches.pendingHint')}><IconHourglass aria-hidden stroke={1.9} />{t('live.matches.pending')}</span>;
}

function MatchEvents({ id, view, stageLabel, timeField }: { readonly id: string; readonly view: MatchView; readonly stageLabel: (name: string) => string; readonly timeField: string | null }) {
  const { t } = useTranslation();
  const language = currentLanguage();
  return (
    <div id={id} className="live-events" role="group" aria-label={t('live.matches.events', { id: shortId(view.matchId) })}>
      <ol>
        {view.stages.map(({ stage, events, more }) => (
          <li key={stage} data-empty={events.length === 0}>
            <i className="live-events-dot" aria-hidden />
            <b className="tm-b">{stageLabel(stage)}</b>{events.length === 0 && <span className="tm-mute"> {t('live.matches.noEvents')}</span>}
            {events.map((event) => (
              <div key={`${event.split}:${event.position}`} className="live-event">
                <span className="tm-mono11" title={t('live.matches.source', { split: event.split, position: event.position })}>
                  {formatEventClock(event.ts, 'milliseconds')}<span className="tm-mute"> {event.ts > view.start && `+${formatDuration(event.ts - view.start, language)}`}</span>
                </span>
                <span className="live-event-fields">{Object.entries(event.fields).filter(([name]) => name !== timeField).map(([name, value]) => (
                  <span key={name}><span className="tm-mute">{name} </span>{formatValue(value)}</span>
                ))}</span>
              </div>
            ))}
            {more > 0 && <div className="tm-t11 tm-mute">{t('live.matches.more', { count: more })}</div>}
          </li>
        ))}
      </ol>
      <div className="live-events-foot tm-t11 tm-mute">
        <span className="tm-clip">{t('live.matches.id')} <span className="tm-mono11" title={view.matchId}>{view.matchId}</span></span>
        <CopyButton value={view.matchId}>{({ copied, copy }) => (
          <Tooltip label={t(copied ? 'common.copied' : 'live.matches.copyId')}><ActionIcon size={24} aria-label={t('live.matches.copyId')} onClick={copy}>{copied ? <IconCheck size={13} /> : <IconCopy size={13} />}</ActionIcon></Tooltip>
        )}</CopyButton>
        <span className="tm-grow" />
        <span>{view.committedIn === null ? t('live.matches.next') : t('live.matches.checkpoint', { id: view.committedIn })}</span>
      </div>
    </div>
  );
}
