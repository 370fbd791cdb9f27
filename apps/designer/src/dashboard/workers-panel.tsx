/** The operating-system processes that run the job, each with a button that kills it for real. */
import { Button } from '@mantine/core';
import { IconAlertCircle, IconCheck, IconLoader2, IconPlayerStop, IconSkull } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { WorkerView } from '@tidemark/protocol';
import { call } from '../api/client.ts';
import { useLive } from '../realtime/hooks.ts';
import { hasEnded } from '../realtime/live-store.ts';
import { Dialog } from '../shell/dialog.tsx';
import { notifyError } from '../shell/notify.ts';
import { formatBytes, formatPercent } from './format.ts';

const ICONS = { starting: IconLoader2, running: IconCheck, lost: IconAlertCircle, stopped: IconPlayerStop } as const;
const HUES = { starting: 'blue', running: undefined, lost: 'red', stopped: undefined } as const;

export function WorkersPanel({ connected }: { readonly connected: boolean }) {
  const { t } = useTranslation();
  const workers = useLive((live) => live.workers);
  const jobId = useLive((live) => live.jobId);
  const ended = useLive((live) => hasEnded(live.state?.state));
  const [chosen, setChosen] = useState<WorkerView | null>(null);
  return (
    <section className="tm-panel live-workers" aria-labelledby="live-workers-title">
      <div className="tm-panel-head"><h2 id="live-workers-title" className="tm-b">{t('live.workers.title')}</h2></div>
      <div className="live-scroll" tabIndex={0} role="group" aria-label={t('live.workers.title')}>
        {workers.length === 0
          ? <p className="live-none tm-t12 tm-mute">{t(ended ? 'live.workers.ended' : 'live.workers.none')}</p>
          : <table className="tm-table">
              <thead><tr>
                <th>{t('live.workers.name')}</th><th>{t('live.workers.state')}</th><th className="tm-num">{t('live.workers.load')}</th><th><span className="tm-sr">{t('live.workers.kill')}</span></th>
              </tr></thead>
              <tbody>{workers.map((worker) => <WorkerRow key={worker.workerId} worker={worker} disabled={!connected || ended} kill={() => setChosen(worker)} />)}</tbody>
            </table>}
      </div>
      <KillDialog jobId={jobId} worker={chosen} close={() => setChosen(null)} />
    </section>
  );
}

function WorkerRow({ worker, disabled, kill }: { readonly worker: WorkerView; readonly disabled: boolean; kill(): void }) {
  const { t } = useTranslation();
  const { workerId, pid, state, subtasks, cpuShare, memoryBytes } = worker;
  const Icon = ICONS[state];
  return (
    <tr data-worker={workerId}>
      <td title={subtasks.join('\n')}><b className="tm-b">{workerId}</b><span className="live-second tm-mono11 tm-mute">{t('live.workers.pidOf', { pid: pid ?? '–' })}</span></td>
      <td><span className="tm-state" data-bare data-hue={HUES[state]}><Icon aria-hidden stroke={1.9} />{t(`live.workers.phase.${state}`)}</span>
        <span className="live-second tm-t11 tm-mute">{t('live.workers.subtasks', { count: subtasks.length })}</span></td>
      <td className="tm-num tm-mono11" title={`${t('live.workers.cpu')}, ${t('live.workers.memory')}`}>{cpuShare === null ? '–' : formatPercent(cpuShare)}<span className="live-second tm-mute">{formatBytes(memoryBytes)}</span></td>
      <td className="tm-num">
        <Button size="xs" color="red" variant="outline" leftSection={<IconSkull size={13} stroke={1.8} aria-hidden />} disabled={disabled || state !== 'running' || pid === null}
                aria-label={t('live.workers.killName', { worker: workerId, pid: pid ?? '–' })} onClick={kill}>{t('live.workers.kill')}</Button>
      </td>
    </tr>
  );
}

function KillDialog({ jobId, worker, close }: { readonly jobId: string; readonly worker: WorkerView | null; close(): void }) {
  const { t } = useTranslation();
  const newest = useLive((live) => live.checkpoints.find((checkpoint) => checkpoint.phase === 'completed')?.id ?? null);
  const [busy, setBusy] = useState(false);
  // The dialog keeps its words while it fades out.
  const [shown, setShown] = useState(worker);
  if (worker !== null && worker !== shown) setShown(worker);
  const kill = async (): Promise<void> => {
    if (worker === null) return;
    setBusy(true);
    try {
      await call('killWorker', { params: { jobId }, body: { workerId: worker.workerId } });
      close();
    } catch (error) {
      notifyError(error, t('live.kill.failed'));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog opened={worker !== null} close={close} title={t('live.kill.title', { worker: shown?.workerId ?? '' })} size={440}>
      <div className="live-dialog">
        <p>{t('live.kill.text', { pid: shown?.pid ?? '' })}</p>
        <p>{newest === null ? t('live.kill.noCheckpoint') : t('live.kill.afterwards', { checkpoint: newest })}</p>
        <p className="tm-dim">{t('live.kill.law')}</p>
        <div className="live-dialog-actions">
          <Button onClick={close} data-autofocus>{t('common.cancel')}</Button>
          <Button color="red" variant="filled" loading={busy} leftSection={<IconSkull size={15} stroke={1.8} aria-hidden />} onClick={() => void kill()}>{t('live.kill.confirm', { pid: shown?.pid ?? '' })}</Button>
        </div>
      </div>
    </Dialog>
  );
}
