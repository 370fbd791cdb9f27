/**
 * One line under the figures that always stands there: how the job is, or why what one sees is old. Its words change,
 * its place does not, so nothing on the page moves when a connection is lost or a job ends.
 */
import { Button } from '@mantine/core';
import { IconAlertCircle, IconCheck, IconInfoCircle, IconPlayerPlay, IconPlayerStop, IconPlugConnectedX, IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { JobSummary } from '@tidemark/protocol';
import { causeText } from '../i18n/cause-text.ts';
import { currentLanguage } from '../i18n/index.ts';
import { useConnection, useLive } from '../realtime/hooks.ts';
import { runtimeLink } from '../realtime/runtime-link.ts';
import { formatClock, formatCount, formatDuration, formatEventTime } from './format.ts';

interface Line { readonly hue?: 'amber' | 'red' | 'green'; readonly icon: ReactNode; readonly text: ReactNode; readonly actions?: ReactNode; readonly alert?: boolean }

export function StatusStrip({ job, actions }: { readonly job: JobSummary | null; readonly actions?: ReactNode }) {
  const { t } = useTranslation();
  const language = currentLanguage();
  const { state: connection } = useConnection();
  const feed = useLive((live) => live.feed);
  const refusal = useLive((live) => live.refusal);
  const at = useLive((live) => live.at);
  const state = useLive((live) => live.state);
  const figures = useLive((live) => live.figures);
  const jobState = state?.state ?? job?.state;
  const known = state?.cause ?? job?.cause ?? null;
  const cause = known === null ? null : causeText(known, language);

  const offline = (): Line | null => {
    const icon = <IconPlugConnectedX size={15} stroke={1.7} aria-hidden />;
    if (connection.kind === 'refused') return { hue: 'amber', icon, text: t('live.state.gone'), alert: true,
      actions: <Button size="xs" onClick={() => location.reload()}>{t('common.reload')}</Button> };
    if (feed === 'refused') return { hue: 'amber', icon, text: refusal === 'other-version' ? t('live.state.version') : t('live.state.unknownJob') };
    if (connection.kind === 'open' || (connection.kind !== 'waiting' && at === null)) return null;
    return { hue: 'amber', icon, text: at === null ? t('live.state.offlineNone') : t('live.state.offline', { at: formatClock(at) }), alert: true,
      actions: connection.kind === 'waiting' ? <Button size="xs" onClick={() => runtimeLink.online()}>{t('live.state.retryNow')}</Button> : undefined };
  };

  const line = (): Line => {
    const broken = offline();
    if (broken !== null) return broken;
    if (jobState === 'FAILED') return { hue: 'red', icon: <IconAlertCircle size={15} aria-hidden />, alert: true, actions,
      text: <><b className="tm-b">{t('live.state.failed', { cause: cause?.message ?? '–' })}</b>{cause?.remedy != null && <span className="tm-dim"> {t('live.state.remedy', { remedy: cause.remedy })}</span>}</> };
    if (jobState === 'RESTARTING') return { hue: 'amber', icon: <IconRefresh size={15} aria-hidden />, text: t('live.state.restarting', { cause: cause?.message ?? '–' }) };
    if (jobState === 'FINISHED') return { icon: <IconCheck size={15} aria-hidden />, actions,
      text: <>{t('live.state.finished')} <span className="tm-dim">{t('live.state.finishedDetail', {
        events: formatCount(figures?.eventsRead ?? job?.eventsRead ?? 0), matches: formatCount(figures?.committedMatches ?? job?.committedMatches ?? 0),
        duration: formatDuration(job?.endedAt == null ? null : job.endedAt - job.createdAt, language) })}</span></> };
    if (jobState === 'CANCELED') return { icon: <IconPlayerStop size={15} aria-hidden />, text: t('live.state.canceled'), actions };
    if (at === null) return { icon: <IconInfoCircle size={15} aria-hidden />, text: t('live.state.connecting') };
    return { icon: <IconPlayerPlay size={15} aria-hidden />, text: <WatermarkText watermark={figures?.watermark ?? null} behindMs={figures?.behindMs ?? null} since={state !== null && state.restarts > 0 ? state.since : null} /> };
  };

  const { hue, icon, text, actions: buttons, alert } = line();
  return (
    <div className="live-strip" data-hue={hue} role={alert ? 'alert' : 'status'} aria-live={alert ? 'assertive' : 'off'}>
      <span className="live-strip-icon">{icon}</span>
      <span className="live-strip-text">{text}</span>
      {buttons !== undefined && <span className="live-strip-actions">{buttons}</span>}
    </div>
  );
}

function WatermarkText({ watermark, behindMs, since }: { readonly watermark: number | null; readonly behindMs: number | null; readonly since: number | null }) {
  const { t } = useTranslation();
  if (watermark === null) return <span className="tm-dim">{t('live.drawing.noWatermark')}</span>;
  return (
    <span><span className="tm-dim">{t('live.drawing.watermark')}</span> <span className="tm-mono11">{formatEventTime(watermark)}</span> <span className="tm-mute">{t('live.drawing.utc')}</span>
      {behindMs !== null && <span className="tm-dim">{t('design.listSeparator')}{t('live.drawing.behind', { behind: formatDuration(behindMs, currentLanguage()) })}</span>}
      {since !== null && <span className="tm-mute live-strip-since">{t('live.drawing.restarted', { at: formatClock(since) })}</span>}</span>
  );
}
