/** Checkpoints as they happen: bars to one scale of duration, and a row for each. Only what failed is coloured. */
import { IconAlertCircle, IconCheck, IconLoader2 } from '@tabler/icons-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { CheckpointView } from '@tidemark/protocol';
import { checkpointFailureText } from '../i18n/cause-text.ts';
import { currentLanguage } from '../i18n/index.ts';
import { useLive } from '../realtime/hooks.ts';
import { checkpointBars } from './checkpoint-bars.ts';
import { formatBytes, formatClock, formatCount, formatDuration, formatSetting } from './format.ts';

const BARS = 24;
const ICONS = { triggered: IconLoader2, completed: IconCheck, failed: IconAlertCircle } as const;

export interface CheckpointsPanelProps { readonly intervalMs: number; readonly retained: number }

export function CheckpointsPanel({ intervalMs, retained }: CheckpointsPanelProps) {
  const { t } = useTranslation();
  const language = currentLanguage();
  const checkpoints = useLive((live) => live.checkpoints);
  const counts = useLive((live) => live.checkpointCounts);
  const bars = checkpointBars(checkpoints, BARS);
  const durations = bars.map((bar) => bar.durationMs).filter((ms) => ms !== null);
  return (
    <section className="tm-panel live-checkpoints" aria-labelledby="live-checkpoints-title">
      <div className="tm-panel-head">
        <h2 id="live-checkpoints-title" className="tm-b">{t('live.checkpoints.title')}</h2>
        <span className="tm-sub tm-clip">{counts && counts.failed > 0
          ? t('live.checkpoints.counts', { completed: formatCount(counts.completed), failed: formatCount(counts.failed) })
          : t('live.checkpoints.sub', { interval: formatSetting(intervalMs, language), retained })}</span>
      </div>
      <div className="live-ckbars" role="img" aria-label={durations.length === 0 ? t('live.checkpoints.title')
        : t('live.checkpoints.bars', { n: bars.length, min: formatDuration(Math.min(...durations), language), max: formatDuration(Math.max(...durations), language) })}>
        {Array.from({ length: BARS - bars.length }, (_, at) => <i key={`none-${at}`} />)}
        {bars.map((bar) => <i key={bar.id} data-phase={bar.phase} style={{ height: `${Math.round(bar.height * 100)}%` }} />)}
      </div>
      <div className="live-ckaxis tm-t11 tm-mute"><span>{t('live.checkpoints.height')}</span>{checkpoints[0] !== undefined && <span>{t('live.checkpoints.newest', { id: checkpoints[0].id })}</span>}</div>
      <div className="live-scroll" tabIndex={0} role="group" aria-label={t('live.checkpoints.title')}>
        <table className="tm-table">
          <thead><tr>
            <th>{t('live.checkpoints.id')}</th><th>{t('live.checkpoints.state')}</th><th className="tm-num">{t('live.checkpoints.acks')}</th>
            <th className="tm-num">{t('live.checkpoints.duration')}</th><th className="tm-num">{t('live.checkpoints.size')}</th>
          </tr></thead>
          <tbody>{checkpoints.map((checkpoint) => <CheckpointRow key={checkpoint.id} checkpoint={checkpoint} />)}</tbody>
        </table>
        {checkpoints.length === 0 && <p className="live-none tm-t12 tm-mute">{t('live.checkpoints.none', { interval: formatSetting(intervalMs, language) })}</p>}
      </div>
    </section>
  );
}

const CheckpointRow = memo(function CheckpointRow({ checkpoint }: { readonly checkpoint: CheckpointView }) {
  const { t } = useTranslation();
  const { id, phase, acknowledged, expected, durationMs, bytes, final, triggeredAt } = checkpoint;
  const failure = checkpoint.failure === null ? null : checkpointFailureText(checkpoint.failure, currentLanguage());
  const Icon = ICONS[phase];
  return (
    <tr data-checkpoint={id} title={t('live.checkpoints.at', { at: formatClock(triggeredAt) })}>
      <td className="tm-mono11">{id}</td>
      <td>
        <span className="tm-state" data-bare data-hue={phase === 'failed' ? 'red' : phase === 'triggered' ? 'blue' : undefined} title={failure ?? undefined}>
          <Icon aria-hidden stroke={1.9} />{final && phase === 'completed' ? t('live.checkpoints.final') : t(`live.checkpoints.phase.${phase}`)}
        </span>
        {failure !== null && <div className="live-ckfailure tm-t11 tm-clip" title={failure}>{failure}</div>}
      </td>
      <td className="tm-num tm-mono11">{t('live.checkpoints.ackCount', { n: acknowledged, of: expected })}</td>
      <td className="tm-num tm-mono11">{formatDuration(durationMs, currentLanguage())}</td>
      <td className="tm-num tm-mono11">{formatBytes(bytes)}</td>
    </tr>
  );
});
