/**
 * Live: the same drawing as in Design, with what a deployed job is doing on it, and the button that breaks it.
 * Everything comes back after a reload: the run from the address, its state from the snapshot, its older matches over REST.
 */
import { Button, Menu } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconCheck, IconChevronDown, IconDeviceFloppy, IconLayoutGrid, IconListDetails, IconRocket, IconSkull } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { JobDocument, PatternGraph, PatternNode } from '@tidemark/pattern';
import type { JobSummary } from '@tidemark/protocol';
import { PatternTabs } from '../../canvas/pattern-tabs.tsx';
import { displayName } from '../../canvas/words.ts';
import { ChartsPanel } from '../../dashboard/charts-panel.tsx';
import { CheckpointsPanel } from '../../dashboard/checkpoints-panel.tsx';
import { FiguresBar } from '../../dashboard/figures-bar.tsx';
import { formatMoment } from '../../dashboard/format.ts';
import { JobActions } from '../../dashboard/job-actions.tsx';
import { JobStateChip } from '../../dashboard/job-state.tsx';
import { LiveDrawing } from '../../dashboard/live-drawing.tsx';
import { MatchesPanel } from '../../dashboard/matches-panel.tsx';
import { RecoveryPanel } from '../../dashboard/recovery-panel.tsx';
import { StatusStrip } from '../../dashboard/status-strip.tsx';
import { type JobPage, useJobPage } from '../../dashboard/use-job-page.ts';
import { WorkersPanel } from '../../dashboard/workers-panel.tsx';
import { DeployDialog } from '../../deploy/deploy-dialog.tsx';
import { currentLanguage } from '../../i18n/index.ts';
import { LiveContext, useConnection, useLive, useWatchedJob } from '../../realtime/hooks.ts';
import { AppBar } from '../../shell/app-bar.tsx';
import { EmptyState, LoadError, Loading } from '../../shell/states.tsx';
import '../../dashboard/live.css';

export interface LivePageProps { readonly projectId: string; readonly jobId: string | null }

export function LivePage({ projectId, jobId }: LivePageProps) {
  const { t } = useTranslation();
  const page = useJobPage(projectId, jobId);
  const store = useWatchedJob(page.job?.id ?? null);
  const [deploying, setDeploying] = useState(false);
  const navigate = useNavigate();
  const started = useCallback((job: JobSummary) => {
    setDeploying(false);
    page.refresh();
    void navigate({ to: '/projects/$projectId/live', params: { projectId }, search: { job: job.id } });
  }, [navigate, page, projectId]);
  const bar = { id: projectId, page: 'live' as const, job: page.job?.id };
  const dialog = deploying && page.project !== null && <DeployDialog projectId={projectId} name={page.project.name} revision={null} close={() => setDeploying(false)} started={started} />;

  if (page.project === null) return (
    <div className="tm-page"><AppBar project={bar} /><main id="main" className="tm-main">{page.error === null ? <Loading /> : <LoadError error={page.error} retry={page.refresh} />}</main></div>
  );
  if (page.job === null || store === null) return (
    <div className="tm-page">
      <AppBar title={page.project.name} project={bar} />
      <main id="main" className="tm-main">{page.job !== null ? <Loading /> : (
        <EmptyState icon={<IconRocket size={28} stroke={1.4} />} title={t('live.state.noJob')}
                    actions={<Button variant="filled" leftSection={<IconRocket size={14} stroke={1.8} aria-hidden />} onClick={() => setDeploying(true)}>{t('live.state.deploy')}</Button>}>{t('live.state.noJobText')}</EmptyState>
      )}</main>
      {dialog}
    </div>
  );
  return (
    <LiveContext.Provider value={store}>
      <RunningPage page={page} job={page.job} deploy={() => setDeploying(true)} />
      {dialog}
    </LiveContext.Provider>
  );
}

type Tab = 'pattern' | 'matches' | 'checkpoints' | 'break';
const TABS: readonly { readonly tab: Tab; readonly Icon: typeof IconLayoutGrid }[] = [
  { tab: 'pattern', Icon: IconLayoutGrid }, { tab: 'matches', Icon: IconListDetails }, { tab: 'checkpoints', Icon: IconDeviceFloppy }, { tab: 'break', Icon: IconSkull },
];

function RunningPage({ page, job, deploy }: { readonly page: JobPage; readonly job: JobSummary; deploy(): void }) {
  const { t } = useTranslation();
  const narrow = useMediaQuery('(max-width: 767px)', undefined, { getInitialValueInEffect: false }) ?? false;
  const [tab, setTab] = useState<Tab>('pattern');
  const [patternId, setPatternId] = useState<string | null>(null);
  const state = useLive((live) => live.state?.state) ?? job.state;
  const connected = useConnection().state.kind === 'open';
  const { document } = page;
  const words = useStageWords(document);
  const language = currentLanguage();
  const names = useMemo(() => (document?.patterns ?? []).map((pattern) => ({ id: pattern.id, name: displayName(pattern, language) })), [document, language]);
  const patternName = useCallback((id: string) => (names.length < 2 ? null : names.find((pattern) => pattern.id === id)?.name ?? null), [names]);
  const title = page.project?.name ?? '';
  const actions = <JobActions job={{ ...job, state }} narrow={narrow} deploy={deploy} changed={page.refresh} />;
  const parts = {
    drawing: <><PatternTabs patterns={names} shown={patternId ?? names[0]?.id ?? null} choose={setPatternId} /><LiveDrawing document={document} patternId={patternId} /></>,
    matches: <MatchesPanel key={job.id} stageLabel={words.label} patternName={patternName} timeField={document?.schema?.time.field ?? null} />,
    workers: <WorkersPanel connected={connected} />,
    recovery: <RecoveryPanel />,
    charts: <ChartsPanel />,
    checkpoints: <CheckpointsPanel intervalMs={document?.checkpointing.intervalMs ?? 10_000} retained={document?.checkpointing.retained ?? 3} />,
  };
  return (
    <div className="tm-page live-page" data-narrow={narrow}>
      <AppBar title={title} project={{ id: page.project?.id ?? '', page: 'live', job: job.id }} actions={actions}
              status={<><JobStateChip state={state} /><RunPicker page={page} job={job} /></>} />
      <FiguresBar />
      <StatusStrip job={job} />
      {narrow ? (
        <>
          <main id="main" className="live-narrow" tabIndex={-1} aria-label={t(`live.tab.${tab}`)}>
            {tab === 'pattern' && <>{parts.drawing}{parts.charts}</>}
            {tab === 'matches' && parts.matches}
            {tab === 'checkpoints' && parts.checkpoints}
            {tab === 'break' && <>{parts.workers}{parts.recovery}</>}
          </main>
          <nav className="live-tabs" aria-label={t('live.tab.label')}>
            {TABS.map(({ tab: name, Icon }) => <button key={name} type="button" aria-current={tab === name ? 'page' : undefined} onClick={() => setTab(name)}><Icon size={20} stroke={1.6} aria-hidden />{t(`live.tab.${name}`)}</button>)}
          </nav>
        </>
      ) : (
        <main id="main" className="live-main" tabIndex={-1}>
          <div className="live-left">
            {parts.drawing}
            <div className="live-panels">{parts.charts}{parts.checkpoints}{parts.workers}</div>
          </div>
          <aside className="live-right" aria-label={t('live.matches.title')}>{parts.matches}{parts.recovery}</aside>
        </main>
      )}
    </div>
  );
}

/** Which run is shown; a choice only where there is one. */
function RunPicker({ page, job }: { readonly page: JobPage; readonly job: JobSummary }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const language = currentLanguage();
  const now = Date.now();
  if (page.runs.length < 2) return <span className="live-run tm-t12 tm-mute">{t('live.run.current', { version: job.version })}</span>;
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button size="xs" variant="subtle" className="live-run" rightSection={<IconChevronDown size={12} aria-hidden />} aria-label={`${t('live.run.label')}: ${t('live.run.item', { version: job.version, at: formatMoment(job.createdAt, now, language) })}`}>{t('live.run.current', { version: job.version })}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {page.runs.map((run) => (
          <Menu.Item key={run.id} leftSection={run.id === job.id ? <IconCheck size={14} /> : <span className="tm-menu-gap" />} rightSection={<JobStateChip state={run.state} quiet />}
                     onClick={() => void navigate({ to: '/projects/$projectId/live', params: { projectId: page.project?.id ?? '' }, search: { job: run.id } })}>
            {t('live.run.item', { version: run.version, at: formatMoment(run.createdAt, now, language) })}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function atomicNodes(nodes: readonly PatternNode[]): PatternNode[] {
  return nodes.flatMap((node) => (node.type === 'COMPOSITE' ? atomicNodes(node.nodes) : [node]));
}

/** What a stage is called on the screen: its label in the page's language, else its name. */
function useStageWords(document: JobDocument | null): { readonly label: (patternId: string, name: string) => string } {
  const { i18n } = useTranslation();
  return useMemo(() => {
    const language = i18n.language === 'zh' ? 'zh' : 'en';
    const patterns: readonly PatternGraph[] = document?.patterns ?? [];
    // stages of two patterns may have one name
    const labels = new Map(patterns.map((pattern) => [pattern.id, new Map(atomicNodes(pattern.nodes).map((node) => [node.name, node.label?.[language] ?? node.name] as const))] as const));
    return { label: (patternId, name) => labels.get(patternId)?.get(name) ?? name };
  }, [document, i18n.language]);
}
