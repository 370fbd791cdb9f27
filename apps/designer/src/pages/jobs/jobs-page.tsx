/**
 * The first page: what runs, and how to begin. A template is one click from its first match, which the browser finds
 * on the template's sample; nothing is deployed until the person says so.
 */
import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { type DragEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { JobDocument } from '@tidemark/pattern';
import type { ProjectSummary } from '@tidemark/protocol';
import { call, resolveRoute } from '../../api/client.ts';
import { formatClock } from '../../dashboard/format.ts';
import { type ChosenData, DataDialog, type Dropped, type Way, blankDocument, carriesFile, droppedFile, newDocumentId, withData } from '../../data/index.ts';
import { DeployDialog } from '../../deploy/deploy-dialog.tsx';
import { currentLanguage } from '../../i18n/index.ts';
import { useJobsChanged } from '../../realtime/hooks.ts';
import { AppBar } from '../../shell/app-bar.tsx';
import { Dialog } from '../../shell/dialog.tsx';
import { notifyError, notifyNews } from '../../shell/notify.ts';
import { LoadError, Loading } from '../../shell/states.tsx';
import { Deletions, UNDO_MS } from './deletion.ts';
import { type JobRow, type RowFilter, countRows, filterRows, isActive, jobRows } from './job-rows.ts';
import { JobTable } from './job-table.tsx';
import { StartSection } from './start-section.tsx';
import { type Template, instantiate, sampleOfTemplate } from './templates.ts';
import './jobs.css';

/** Figures of running jobs are fetched this often; lists come by the socket's word. */
const POLL_MS = 2_000;
const FILTERS: readonly RowFilter[] = ['all', 'running', 'attention'];

export function JobsPage() {
  const { t } = useTranslation();
  const list = useProjects();
  const deletion = useDeletions(list.refresh);
  const start = useStart();
  const [filter, setFilter] = useState<RowFilter>('all');
  const [deploying, setDeploying] = useState<JobRow | null>(null);
  const [asking, setAsking] = useState<JobRow | null>(null);
  const navigate = useNavigate();
  const rows = useMemo(() => jobRows(list.projects ?? [], deletion.hidden), [list.projects, deletion.hidden]);
  const counts = countRows(rows);
  const shown = filterRows(rows, filter);
  const top = useRef<HTMLDivElement>(null);

  const stop = async (row: JobRow): Promise<void> => {
    if (row.jobId === null) return;
    try {
      await call('cancelJob', { params: { jobId: row.jobId }, body: {} });
      notifyNews(t('jobs.stopped', { name: row.name }));
      list.refresh();
    } catch (error) {
      notifyError(error);
    }
  };
  const remove = (row: JobRow): void => {
    if (isActive(row.state)) setAsking(row);
    else deletion.request(row);
  };

  return (
    <div className="tm-page" {...start.dropTarget}>
      <AppBar actions={rows.length > 0 ? <Button variant="filled" leftSection={<IconPlus size={14} stroke={2} aria-hidden />} onClick={() => top.current?.scrollIntoView({ behavior: 'smooth' })}>{t('jobs.new')}</Button> : undefined} />
      <main id="main" className="jobs-main" tabIndex={-1}>
        <div className="jobs-head">
          <h1>{t('jobs.title')}</h1>
          {rows.length > 0 && <span className="tm-mute">{rows.length}</span>}
          {list.projects !== null && list.error !== null && <span className="tm-state" data-hue="amber" role="status">{t('jobs.stale', { at: formatClock(list.at) })}</span>}
          <span className="tm-grow" />
          {rows.length > 0 && (
            <div className="tm-tabs" data-size="sm" role="group" aria-label={t('jobs.filter.label')}>
              {FILTERS.map((name) => <button key={name} type="button" aria-pressed={filter === name} onClick={() => setFilter(name)}>{t(`jobs.filter.${name}`, { n: counts[name] })}</button>)}
            </div>
          )}
        </div>
        {list.projects === null ? (list.error === null ? <Loading /> : <LoadError error={list.error} retry={list.refresh} />) : (
          <>
            {rows.length === 0 ? <p className="jobs-lead tm-dim">{t('jobs.lead')}</p>
              : shown.length === 0 ? <p className="tm-panel jobs-none tm-mute">{t('jobs.filter.none')}</p>
              : <JobTable rows={shown} stop={(row) => void stop(row)} deployAgain={setDeploying} remove={remove} />}
            <div ref={top}><StartSection empty={rows.length === 0} {...start.actions} opening={start.opening} /></div>
          </>
        )}
      </main>
      {start.over && <div className="jobs-drop-veil" aria-hidden><span>{t('jobs.dropHere')}</span></div>}
      {start.dialog}
      {deploying !== null && <DeployDialog projectId={deploying.projectId} name={deploying.name} revision={null} close={() => setDeploying(null)}
        started={(job) => void navigate({ to: '/projects/$projectId/live', params: { projectId: job.projectId }, search: { job: job.id } })} />}
      <DeleteRunning row={asking} close={() => setAsking(null)} confirmed={(row) => { setAsking(null); deletion.request(row); }} />
    </div>
  );
}

interface ProjectList { readonly projects: readonly ProjectSummary[] | null; readonly error: unknown; readonly at: number; refresh(): void }

function useProjects(): ProjectList {
  const [state, setState] = useState<Omit<ProjectList, 'refresh'>>({ projects: null, error: null, at: 0 });
  const refresh = useCallback(() => {
    const load = async (): Promise<void> => {
      try {
        const projects = await call('projects');
        setState({ projects, error: null, at: Date.now() });
      } catch (error) {
        setState((known) => ({ ...known, error }));
      }
    };
    void load();
  }, []);
  useEffect(refresh, [refresh]);
  useJobsChanged(refresh);
  const moving = state.projects?.some((project) => isActive(project.newestJob?.state ?? 'DRAFT')) ?? false;
  useEffect(() => {
    if (!moving) return undefined;
    const timer = setInterval(() => { if (document.visibilityState === 'visible') refresh(); }, POLL_MS);
    return () => clearInterval(timer);
  }, [moving, refresh]);
  return { ...state, refresh };
}

function useDeletions(refresh: () => void): { readonly hidden: ReadonlySet<string>; request(row: JobRow): void } {
  const { t } = useTranslation();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const names = useRef(new Map<string, string>());
  const latest = useRef({ t, refresh });
  useEffect(() => { latest.current = { t, refresh }; });
  const deletions = useMemo(() => new Deletions({
    remove: async (projectId, leaving) => {
      if (leaving) {
        const { method, url } = resolveRoute('deleteProject', { projectId });
        await fetch(url, { method, keepalive: true, credentials: 'same-origin', headers: { 'x-tidemark': '1' } });
        return;
      }
      await call('deleteProject', { params: { projectId } });
      latest.current.refresh();
    },
    schedule: (delayMs, run) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
    changed: setHidden,
    failed: (projectId, reason) => notifyError(reason, latest.current.t('jobs.deleteFailed', { name: names.current.get(projectId) ?? '' })),
  }), []);
  useEffect(() => {
    const leave = (): void => deletions.flush();
    addEventListener('pagehide', leave);
    return () => removeEventListener('pagehide', leave);
  }, [deletions]);
  const request = useCallback((row: JobRow): void => {
    names.current.set(row.projectId, row.name);
    deletions.request(row.projectId);
    notifyNews(<span className="jobs-undo"><span>{latest.current.t('jobs.deleted', { name: row.name })}</span><Button size="xs" onClick={() => deletions.undo(row.projectId)}>{latest.current.t('common.undo')}</Button></span>, { closeMs: UNDO_MS });
  }, [deletions]);
  return { hidden, request };
}

/** Everything that makes a new project: a template, dropped or chosen data, a blank drawing. */
function useStart() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const language = currentLanguage();
  const [asking, setAsking] = useState<{ readonly way: Way; readonly dropped: Dropped | null; readonly blank: boolean } | null>(null);
  const [opening, setOpening] = useState<string | null>(null);
  const [over, setOver] = useState(false);
  const depth = useRef(0);

  const create = useCallback(async (document: JobDocument): Promise<void> => {
    const project = await call('createProject', { body: { name: document.name, document } });
    await navigate({ to: '/projects/$projectId/design', params: { projectId: project.id } });
  }, [navigate]);
  const openTemplate = useCallback(async (template: Template): Promise<void> => {
    setOpening(template.id);
    try {
      const sample = sampleOfTemplate(template, await call('samples'));
      await create(instantiate(template, { projectId: newDocumentId(), sampleHash: sample?.hash ?? '0'.repeat(64), language }));
    } catch (error) {
      notifyError(error);
    } finally {
      setOpening(null);
    }
  }, [create, language]);
  const blank = useCallback((name: string): JobDocument => blankDocument(newDocumentId(), name, 'pattern'), []);
  const chosen = async (data: ChosenData): Promise<void> => {
    try {
      await create(withData(blank(data.name), data));
      setAsking(null);
    } catch (error) {
      notifyError(error);
    }
  };
  const without = (): void => { create(blank(t('jobs.start.blank.name'))).catch(notifyError); };

  const dropTarget = {
    onDragEnter: (event: DragEvent) => {
      if (asking !== null || !carriesFile(event.dataTransfer)) return;
      depth.current += 1;
      setOver(true);
    },
    onDragLeave: () => {
      depth.current = Math.max(0, depth.current - 1);
      if (depth.current === 0) setOver(false);
    },
    onDragOver: (event: DragEvent) => { if (carriesFile(event.dataTransfer)) event.preventDefault(); },
    onDrop: (event: DragEvent) => {
      depth.current = 0;
      setOver(false);
      if (!carriesFile(event.dataTransfer)) return;
      event.preventDefault();
      const dropped = droppedFile(event.dataTransfer);
      if (dropped !== null && asking === null) setAsking({ way: 'file', dropped, blank: false });
    },
  };
  const dialog = (
    <DataDialog opened={asking !== null} title={t(asking?.blank ? 'data.titleBlank' : 'data.titleNew')} initial={asking?.dropped ?? null} initialWay={asking?.way ?? 'file'} 
                useLabel={t('data.useAndDraw')} close={() => setAsking(null)} chosen={chosen} {...(asking?.blank ? { without } : {})} />
  );
  const actions = {
    openTemplate: (template: Template) => void openTemplate(template),
    chooseData: (way: Way, file?: File) => setAsking({ way, dropped: file === undefined ? null : { file, folder: false }, blank: false }),
    openBlank: () => setAsking({ way: 'paste', dropped: null, blank: true }),
  };
  return { dropTarget, over, dialog, actions, opening };
}

function DeleteRunning({ row, close, confirmed }: { readonly row: JobRow | null; close(): void; confirmed(row: JobRow): void }) {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const [shown, setShown] = useState(row);
  if (row !== null && row !== shown) setShown(row);
  const stopAndDelete = async (): Promise<void> => {
    if (row?.jobId == null) return;
    setBusy(true);
    try {
      await call('cancelJob', { params: { jobId: row.jobId }, body: {} });
      confirmed(row);
    } catch (error) {
      notifyError(error, t('jobs.deleteFailed', { name: row.name }));
      close();
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog opened={row !== null} close={close} title={t('jobs.deleteRunning.title', { name: shown?.name ?? '' })} size={420}>
      <div className="jobs-dialog">
        <p>{t('jobs.deleteRunning.text')}</p>
        <div className="jobs-dialog-actions"><Button onClick={close} data-autofocus>{t('common.cancel')}</Button><Button color="red" variant="filled" loading={busy} onClick={() => void stopAndDelete()}>{t('jobs.deleteRunning.confirm')}</Button></div>
      </div>
    </Dialog>
  );
}
