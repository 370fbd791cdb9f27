/**
 * The newest recovery: a bar to scale, its steps below with what each took, and the proof that nothing was lost.
 * Stands below the matches: when a fault comes the list above becomes shorter at its end, and no card moves.
 */
import { ActionIcon } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconLoader2, IconShieldCheck, IconShieldX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RecoveryView } from '@tidemark/protocol';
import { causeText } from '../i18n/cause-text.ts';
import { currentLanguage } from '../i18n/index.ts';
import { useLive } from '../realtime/hooks.ts';
import { hasEnded } from '../realtime/live-store.ts';
import { formatClock, formatCount, formatDuration, formatPercent } from './format.ts';
import { proofVerdict } from './proof.ts';
import { recoveryBar } from './recovery-bar.ts';

export function RecoveryPanel() {
  const { t } = useTranslation();
  const language = currentLanguage();
  const recoveries = useLive((live) => live.recoveries);
  const at = useLive((live) => live.at);
  const ended = useLive((live) => hasEnded(live.state?.state));
  const [back, setBack] = useState(0);
  const newestId = recoveries[0]?.id;
  // A new fault is what one wants to see.
  useEffect(() => setBack(0), [newestId]);
  const recovery = recoveries[Math.min(back, Math.max(0, recoveries.length - 1))];
  const total = recovery === undefined ? 0 : recoveryBar(recovery).totalMs;
  return (
    <section className="tm-panel live-recovery" aria-labelledby="live-recovery-title">
      <div className="tm-panel-head">
        <h2 id="live-recovery-title" className="tm-b">{t('live.recovery.title')}</h2>
        {recovery !== undefined && <span className="tm-sub tm-clip">{recovery.done
          ? t('live.recovery.took', { total: formatDuration(total, language) })
          : t('live.recovery.running', { total: formatDuration(Math.max(0, (at ?? recovery.cause.at) - recovery.cause.at), language) })}</span>}
        <span className="tm-grow" />
        {recoveries.length > 1 && <span className="live-recovery-nav">
          <ActionIcon size={24} aria-label={t('live.recovery.older')} disabled={back >= recoveries.length - 1} onClick={() => setBack(back + 1)}><IconChevronLeft size={14} /></ActionIcon>
          <span className="tm-t12 tm-mute">{t('live.recovery.nth', { n: recoveries.length - back, of: recoveries.length })}</span>
          <ActionIcon size={24} aria-label={t('live.recovery.newer')} disabled={back === 0} onClick={() => setBack(back - 1)}><IconChevronRight size={14} /></ActionIcon>
        </span>}
      </div>
      {recovery === undefined ? <p className="live-recovery-none tm-t12 tm-dim">{t(ended ? 'live.recovery.noneEnded' : 'live.recovery.none')}</p> : <RecoveryTimeline recovery={recovery} />}
      <ProofLine />
    </section>
  );
}

export function RecoveryTimeline({ recovery }: { readonly recovery: RecoveryView }) {
  const { t } = useTranslation();
  const language = currentLanguage();
  const bar = recoveryBar(recovery);
  return (
    <div className="live-recovery-body">
      <div className="live-recovery-bar" aria-hidden>
        {bar.segments.map((segment) => segment.share > 0 && <i key={segment.step} data-tone={segment.tone} style={{ width: `${segment.share * 100}%` }} title={`${t(`live.recovery.step.${segment.step}`)} ${formatDuration(segment.durationMs, language)}`} />)}
        {!bar.done && <i className="live-recovery-open" data-tone={bar.current} />}
      </div>
      <ol className="live-recovery-steps" aria-label={t('live.recovery.steps')}>
        <li>
          <i data-tone="down" aria-hidden /><b>{t('live.recovery.step.fault')}</b><span className="live-recovery-detail" title={causeText(recovery.cause, language).message}>{causeText(recovery.cause, language).message}</span>
          <span className="tm-mono11">{formatClock(recovery.cause.at)}</span>
        </li>
        {bar.segments.map((segment) => (
          <li key={segment.step} data-step={segment.step}>
            <i data-tone={segment.mark} aria-hidden /><b>{t(`live.recovery.step.${segment.step}`)}</b>
            <span className="live-recovery-detail">{detailOf(segment.step, recovery) ?? segment.detail}</span>
            <span className="tm-mono11">+{formatDuration(segment.durationMs, language)}</span>
          </li>
        ))}
      </ol>
    </div>
  );

  function detailOf(step: string, { checkpointId, replayed }: RecoveryView): string | null {
    if (step === 'checkpoint-chosen') return checkpointId === null ? t('live.recovery.fromStart') : t('live.recovery.checkpoint', { id: checkpointId });
    if (step === 'caught-up' && replayed !== null) return t('live.recovery.replayed', { count: replayed, n: formatCount(replayed) });
    // Says the same as the fault above.
    if (step === 'detected') return '';
    return null;
  }
}

export function ProofLine() {
  const { t } = useTranslation();
  const proof = useLive((live) => live.proof);
  const ended = useLive((live) => hasEnded(live.state?.state));
  const verdict = proofVerdict(proof);
  const text = (): string => {
    if (proof === null || proof.state === 'waiting') return t('live.proof.waiting');
    const values = {
      expected: formatCount(proof.expected), percent: formatPercent(proof.upTo ?? 0), unexpected: formatCount(proof.unexpected), detail: proof.detail ?? '',
    };
    switch (proof.state) {
      case 'not-applicable': return t('live.proof.notApplicable');
      case 'running': return t(verdict === 'holds' ? 'live.proof.equalSoFar' : 'live.proof.running', values);
      case 'equal': return t('live.proof.equal', values);
      case 'different': return t('live.proof.different', values);
      case 'failed': return t('live.proof.failed', values);
    }
  };
  const words = { none: null, waiting: 'pending', holds: 'holds', held: 'held', broken: 'broken', failed: 'notCompared' } as const;
  const word = words[verdict];
  const hue = verdict === 'held' || verdict === 'holds' ? 'green' : verdict === 'broken' ? 'red' : undefined;
  const Icon = verdict === 'broken' ? IconShieldX : verdict === 'waiting' ? IconLoader2 : IconShieldCheck;
  // Nothing was compared and nothing will be.
  if (ended && (proof === null || proof.state === 'waiting')) return null;
  return (
    <div className="live-proof" data-verdict={verdict} role="group" aria-label={t('live.proof.label')}>
      {word !== null && <div className="live-proof-head">
        <span className="tm-state" data-hue={hue}><Icon aria-hidden stroke={1.8} />{t(`live.proof.${word}`)}</span>
        {proof !== null && hue !== undefined && <span className="tm-b">{t('live.proof.figures', { missing: formatCount(proof.missing), doubled: formatCount(proof.doubled) })}</span>}
      </div>}
      <p className="live-proof-text">{text()}</p>
    </div>
  );
}
