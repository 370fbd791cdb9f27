/** What stands in the foot of a stage's card while a job runs. Reads its own slot, so that one stage's news redraws one foot. */
import { IconBan, IconClockPause, IconFilterOff, IconScissors } from '@tabler/icons-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { useStageFigures } from '../realtime/hooks.ts';
import { formatCount } from './format.ts';

/** Heights that the drawing reserves, px. */
export const STAGE_FOOT_HEIGHT = 84;
export const GATE_FOOT_HEIGHT = 22;
export const STAGE_WIDTH_MIN = 148;

export const StageFoot = memo(function StageFoot({ patternId, stageId }: { readonly patternId: string; readonly stageId: string }) {
  const { t } = useTranslation();
  const figures = useStageFigures(patternId, stageId);
  const waiting = figures?.waiting ?? null;
  return (
    <div className="live-foot" data-foot={stageId}>
      <div className="live-foot-waiting" title={t('live.stage.waitingHint')}><i data-some={(waiting ?? 0) > 0} aria-hidden /><b>{waiting === null ? '–' : formatCount(waiting)}</b> {t('live.stage.waiting')}</div>
      <div className="live-foot-line">{figures === null ? t('live.stage.unknown') : `${t('live.stage.entered', { n: formatCount(figures.entered) })} · ${t('live.stage.advanced', { n: formatCount(figures.advanced) })}`}</div>
      <div className="live-foot-ends">
        <span title={t('live.stage.expiredHint')} data-some={(figures?.expired ?? 0) > 0}><IconScissors size={12} stroke={1.7} aria-hidden />{t('live.stage.expired', { n: formatCount(figures?.expired ?? 0) })}</span>
        {(figures?.heldBack ?? 0) > 0 && <span title={t('live.stage.heldHint')}><IconClockPause size={12} stroke={1.7} aria-hidden />{t('live.stage.held', { n: formatCount(figures?.heldBack ?? 0) })}</span>}
        {(figures?.dropped ?? 0) > 0 && <span title={t('live.stage.droppedHint')}><IconFilterOff size={12} stroke={1.7} aria-hidden />{t('live.stage.dropped', { n: formatCount(figures?.dropped ?? 0) })}</span>}
      </div>
    </div>
  );
});

/** Under the barred ring: how many attempts it ended. */
export const GateFoot = memo(function GateFoot({ patternId, stageId }: { readonly patternId: string; readonly stageId: string }) {
  const { t } = useTranslation();
  const blocked = useStageFigures(patternId, stageId)?.blocked ?? 0;
  return <div className="live-gate-foot" title={t('live.stage.blockedHint')} data-some={blocked > 0}><IconBan size={12} stroke={1.7} aria-hidden />{t('live.stage.blocked', { n: formatCount(blocked) })}</div>;
});
