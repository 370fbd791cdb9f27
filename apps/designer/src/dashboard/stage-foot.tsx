/** What stands in the foot of a stage's card while a job runs. Reads its own slot, so that one stage's news redraws one foot. */
import { IconBan } from '@tabler/icons-react';
import { memo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useLive, useStageFigures } from '../realtime/hooks.ts';
import { hasEnded } from '../realtime/live-store.ts';
import { formatCount, formatRate } from './format.ts';

/** Heights that the drawing reserves, px. */
export const STAGE_FOOT_HEIGHT = 72;
export const GATE_FOOT_HEIGHT = 22;
export const STAGE_WIDTH_MIN = 172;

const count = (value: number | undefined): string => (value === undefined ? '–' : formatCount(value));

export const StageFoot = memo(function StageFoot({ patternId, stageId }: { readonly patternId: string; readonly stageId: string }) {
  const { t } = useTranslation();
  const figures = useStageFigures(patternId, stageId);
  const waiting = figures?.waiting ?? null;
  // Where partial matches are kept in common some of them may be over; of none there is none.
  const atMost = figures?.atMost === true && waiting !== null && waiting > 0;
  return (
    <div className="live-foot" data-foot={stageId}>
      <div className="live-foot-waiting" title={t(atMost ? 'live.stage.waitingAtMostHint' : 'live.stage.waitingHint')}><i data-some={(waiting ?? 0) > 0} aria-hidden /><b>{waiting === null ? '–' : `${atMost ? '≤ ' : ''}${formatCount(waiting)}`}</b> {t('live.stage.waiting')}</div>
      <dl className="live-foot-counts">
        <div><dt>{t('live.stage.enteredLabel')}</dt><dd>{count(figures?.entered)}</dd></div>
        <div><dt>{t('live.stage.advancedLabel')}</dt><dd>{count(figures?.advanced)}</dd></div>
        <div title={t('live.stage.expiredHint')}><dt>{t('live.stage.expiredLabel')}</dt><dd>{count(figures?.expired)}</dd></div>
      </dl>
    </div>
  );
});

/** Under the barred ring: how many attempts it ended. */
export const GateFoot = memo(function GateFoot({ patternId, stageId }: { readonly patternId: string; readonly stageId: string }) {
  const { t } = useTranslation();
  const blocked = useStageFigures(patternId, stageId)?.blocked ?? 0;
  return <div className="live-gate-foot" title={t('live.stage.blockedHint')} data-some={blocked > 0}><IconBan size={12} stroke={1.7} aria-hidden />{t('live.stage.blocked', { n: formatCount(blocked) })}</div>;
});

const RATE_MS = 20_000;

/** Under a link: how many attempts a minute take it, over the last seconds. */
export const LinkNote = memo(function LinkNote({ patternId, stageId }: { readonly patternId: string; readonly stageId: string }) {
  const { t } = useTranslation();
  const entered = useStageFigures(patternId, stageId)?.entered ?? null;
  const second = useLive((live) => Math.floor((live.at ?? 0) / 1_000));
  const ended = useLive((live) => hasEnded(live.state?.state));
  const seen = useRef<{ second: number; entered: number }[]>([]);
  if (entered === null || ended) return null;
  const points = seen.current;
  const last = points.at(-1);
  // A restart takes counts back: the rate starts anew.
  if (last !== undefined && (entered < last.entered || second < last.second)) points.length = 0;
  if (points.at(-1)?.second !== second) points.push({ second, entered });
  while ((points[0]?.second ?? second) < second - RATE_MS / 1_000) points.shift();
  const first = points[0];
  const rate = first === undefined || second - first.second < 2 ? null : ((entered - first.entered) / (second - first.second)) * 60;
  return <span className="live-link-note">{rate === null ? '' : t('live.stage.perMinute', { n: formatRate(rate) })}</span>;
});
