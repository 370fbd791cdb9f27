/** The Design page: loads a draft, opens its stores, and shows the workspace. */
import { Button } from '@mantine/core';
import type { Project } from '@tidemark/protocol';
import { type JobDocument, type PatternIssue, decodeDocument } from '@tidemark/pattern';
import { blankDocument } from '@tidemark/editor';
import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import { currentLanguage } from '../../i18n/index.ts';
import { raisedText } from '../../i18n/issue-text.ts';
import { AppBar } from '../../shell/app-bar.tsx';
import { EmptyState, LoadError, Loading } from '../../shell/states.tsx';
import { type Workbench, WorkbenchContext } from '../../store/context.tsx';
import { EngineContext } from '../../test-dock/use-engine.ts';
import { type OpenDraft, openWorkbench } from './open-workbench.ts';
import { Workspace } from './workspace.tsx';

export interface DesignPageProps { readonly projectId: string; readonly jobId: string | null }

type Loaded =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'unreadable'; readonly project: Project; readonly issues: readonly PatternIssue[] }
  | { readonly kind: 'open'; readonly project: Project; readonly draft: OpenDraft };

export function DesignPage({ projectId, jobId }: DesignPageProps) {
  const [loaded, setLoaded] = useState<Loaded>({ kind: 'loading' });
  const load = useCallback(() => {
    let current = true;
    let opened: OpenDraft | null = null;
    setLoaded({ kind: 'loading' });
    (async () => {
      const project = await call('project', { params: { projectId } });
      const decoded = decodeDocument(project.draft.document);
      if (!current) return;
      if (!decoded.ok) { setLoaded({ kind: 'unreadable', project, issues: decoded.issues }); return; }
      opened = await openWorkbench(project, decoded.document);
      if (current) setLoaded({ kind: 'open', project, draft: opened }); else opened.close();
    })().catch((error: unknown) => { if (current) setLoaded({ kind: 'failed', error }); });
    return () => { current = false; opened?.close(); };
  }, [projectId]);
  useEffect(() => load(), [load]);

  const bar = <AppBar project={{ id: projectId, page: 'design', job: jobId ?? undefined }} />;
  if (loaded.kind === 'loading') return <div className="tm-page">{bar}<main id="main" className="tm-main"><Loading /></main></div>;
  if (loaded.kind === 'failed') return <div className="tm-page">{bar}<main id="main" className="tm-main"><LoadError error={loaded.error} retry={load} /></main></div>;
  if (loaded.kind === 'unreadable') return <div className="tm-page">{bar}<main id="main" className="tm-main"><Unreadable project={loaded.project} issues={loaded.issues} reload={load} /></main></div>;
  const workbench: Workbench = loaded.draft.workbench;
  return (
    <WorkbenchContext.Provider value={workbench}>
      <EngineContext.Provider value={loaded.draft.engine}>
        <Workspace project={loaded.project} jobId={jobId} />
      </EngineContext.Provider>
    </WorkbenchContext.Provider>
  );
}

/** A draft that no version of the notation can read: what is wrong, and a way to begin anew without losing the name. */
function Unreadable({ project, issues, reload }: { project: Project; issues: readonly PatternIssue[]; reload: () => void }) {
  const { t } = useTranslation();
  const language = currentLanguage();
  const begin = async (): Promise<void> => {
    const document: JobDocument = blankDocument({ id: project.id, name: project.name });
    await call('saveDraft', { params: { projectId: project.id }, body: { baseRevision: project.draft.revision, document } });
    reload();
  };
  return (
    <EmptyState title={t('design.unreadable.title')} actions={<Button onClick={() => void begin()}>{t('design.unreadable.begin')}</Button>}>
      <ul>{issues.slice(0, 10).map((issue, index) => <li key={index}>{raisedText(issue, language).message} <span className="tm-mono11">{issue.path}</span></li>)}</ul>
    </EmptyState>
  );
}
