/** What one can do to a job from its page: stop it, deploy again, take its output home. */
import { ActionIcon, Button, Menu, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { IconDots, IconDownload, IconLanguage, IconMoon, IconPencil, IconPlayerStop, IconRocket, IconSun } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { JobSummary } from '@tidemark/protocol';
import { call, resolveRoute } from '../api/client.ts';
import { LANGUAGES, chooseLanguage, currentLanguage } from '../i18n/index.ts';
import { hasEnded } from '../realtime/live-store.ts';
import { Dialog } from '../shell/dialog.tsx';
import { notifyError } from '../shell/notify.ts';

export interface JobActionsProps { readonly job: JobSummary; readonly narrow: boolean; deploy(): void; changed(): void }

export function JobActions({ job, narrow, deploy, changed }: JobActionsProps) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  const ended = hasEnded(job.state);
  const output = resolveRoute('output', { jobId: job.id }).url;
  const stop = async (): Promise<void> => {
    setBusy(true);
    try {
      await call('cancelJob', { params: { jobId: job.id }, body: {} });
      setAsking(false);
      changed();
    } catch (error) {
      notifyError(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      {narrow
        ? <Menu position="bottom-end">
            <Menu.Target><ActionIcon aria-label={t('live.action.more')}><IconDots size={16} /></ActionIcon></Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconPencil size={14} />} component={Link} to={`/projects/${job.projectId}/design`}>{t('common.nav.design')}</Menu.Item>
              {ended ? <Menu.Item leftSection={<IconRocket size={14} />} onClick={deploy}>{t('live.action.deployAgain')}</Menu.Item>
                : <Menu.Item leftSection={<IconPlayerStop size={14} />} disabled={job.state === 'CANCELLING'} onClick={() => setAsking(true)}>{t('live.action.stop')}</Menu.Item>}
              <Menu.Item leftSection={<IconDownload size={14} />} component="a" href={output} download>{t('live.matches.download')}</Menu.Item>
              <Menu.Divider />
              {LANGUAGES.filter((language) => language !== currentLanguage()).map((language) => <Menu.Item key={language} leftSection={<IconLanguage size={14} />} lang={language === 'zh' ? 'zh-CN' : 'en'} onClick={() => void chooseLanguage(language)}>{t(`common.language.${language}`)}</Menu.Item>)}
              {dark ? <Menu.Item leftSection={<IconSun size={14} />} onClick={() => setColorScheme('light')}>{t('common.theme.light')}</Menu.Item>
                : <Menu.Item leftSection={<IconMoon size={14} />} onClick={() => setColorScheme('dark')}>{t('common.theme.dark')}</Menu.Item>}
            </Menu.Dropdown>
          </Menu>
        : <>
            <Button component="a" href={output} download leftSection={<IconDownload size={14} stroke={1.8} aria-hidden />}>{t('live.action.output')}</Button>
            {ended ? <Button variant="filled" leftSection={<IconRocket size={14} stroke={1.8} aria-hidden />} onClick={deploy}>{t('live.action.deployAgain')}</Button>
              : <Button leftSection={<IconPlayerStop size={14} stroke={1.8} aria-hidden />} disabled={job.state === 'CANCELLING'} onClick={() => setAsking(true)}>{t(job.state === 'CANCELLING' ? 'live.action.stopping' : 'live.action.stop')}</Button>}
          </>}
      <Dialog opened={asking} close={() => setAsking(false)} title={t('live.stop.title')} size={400}>
        <div className="live-dialog">
          <p>{t('live.stop.text')}</p>
          <div className="live-dialog-actions"><Button onClick={() => setAsking(false)} data-autofocus>{t('common.cancel')}</Button><Button color="red" variant="filled" loading={busy} onClick={() => void stop()}>{t('live.stop.confirm')}</Button></div>
        </div>
      </Dialog>
    </>
  );
}
