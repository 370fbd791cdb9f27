/** Five figures of the job: what comes in, what came out, what waits, how far behind, how the last checkpoint went. */
import { useTranslation } from 'react-i18next';
import { currentLanguage } from '../i18n/index.ts';
import { matchesPerMinute } from '../realtime/figure-series.ts';
import { useLive } from '../realtime/hooks.ts';
import { hasEnded } from '../realtime/live-store.ts';
import { formatAgo, formatCount, formatPercent, formatRate, quantityOfDuration } from './format.ts';
import { Sparkline } from './sparkline.tsx';

interface FigureProps {
  readonly id: string;
  readonly value: string;
  readonly unit: string;
  readonly label: string;
  /** Where there is little room. */
  readonly short: string;
  readonly warning?: string | undefined;
  readonly line?: readonly (number | null)[] | undefined;
}

function Figure({ id, value, unit, label, short, warning, line }: FigureProps) {
  return (
    <div className="live-figure" data-figure={id}>
      <dd className="live-figure-value">{value}{unit !== '' && <small>{unit}</small>}</dd>
      {line !== undefined && <Sparkline values={line} />}
      <dt className="live-figure-label"><span className="tm-clip live-figure-long" title={label}>{label}</span><span className="live-figure-short">{short}</span>{warning !== undefined && <span className="live-figure-warning tm-clip" title={warning}>{warning}</span>}</dt>
    </div>
  );
}

export function FiguresBar() {
  const { t } = useTranslation();
  const language = currentLanguage();
  const figures = useLive((live) => live.figures);
  const series = useLive((live) => live.series);
  const ended = useLive((live) => hasEnded(live.state?.state));
  const at = useLive((live) => live.at);
  const newest = useLive((live) => live.checkpoints.find((checkpoint) => checkpoint.phase === 'completed') ?? null);
  const behind = quantityOfDuration(figures?.behindMs ?? null, language);
  const took = quantityOfDuration(newest?.durationMs ?? null, language);
  const rate = matchesPerMinute(series);
  const finished = useLive((live) => live.state?.state === 'FINISHED');
  const lost = [
    (figures?.late ?? 0) > 0 ? t('live.figure.late', { n: formatCount(figures?.late ?? 0) }) : null,
    (figures?.deadLetters ?? 0) > 0 ? t('live.figure.deadLetters', { n: formatCount(figures?.deadLetters ?? 0) }) : null,
  ].filter(Boolean).join(t('design.listSeparator'));
  const progress = figures === null ? null : figures.progress === null ? t('live.figure.read', { n: formatCount(figures.eventsRead) })
    : t('live.figure.progress', { percent: formatPercent(figures.progress) });
  return (
    <section aria-label={t('live.figure.label')}><dl className="live-figures">
      <Figure id="events" value={figures === null ? '–' : ended ? formatCount(figures.eventsRead) : formatRate(figures.eventsPerSecond)}
              unit={figures === null || ended ? '' : t('live.figure.perSecond')}
              label={lost === '' ? [t('live.figure.eventsIn'), progress].filter(Boolean).join(t('design.listSeparator')) : t('live.figure.eventsIn')}
              short={t('live.figure.eventsIn')} warning={lost === '' ? undefined : lost} line={series.eventsPerSecond} />
      <Figure id="matches" value={figures === null ? '–' : formatCount(figures.committedMatches)} unit=""
              label={ended || rate === null ? t('live.figure.matches') : t('live.figure.matchesRate', { rate: formatRate(rate) })} short={t('live.figure.matches')} />
      <Figure id="partial" value={figures === null ? '–' : formatCount(figures.partialMatches)} unit=""
              label={t('live.figure.partial', { count: figures?.keys ?? 0, keys: formatCount(figures?.keys ?? 0) })} short={t('live.figure.partialShort')} line={series.partialMatches} />
      <Figure id="behind" value={ended ? '–' : behind.value} unit={ended ? '' : behind.unit} label={finished ? t('live.figure.endOfInput') : t('live.figure.behind')} short={t('live.figure.behindShort')} line={series.behindMs} />
      <Figure id="checkpoint" value={took.value} unit={took.unit} short={t('live.figure.checkpointShort', { id: newest?.id ?? '–' })}
              label={newest === null ? t('live.figure.checkpointNone') : t('live.figure.checkpoint', {
                id: newest.id, ago: formatAgo((at ?? newest.triggeredAt) - newest.triggeredAt, language) })} />
    </dl></section>
  );
}
