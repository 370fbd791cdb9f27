import type { JobDocument } from '@tidemark/pattern';
import { useEffect, useState } from 'react';
import { call } from '../../api/client.ts';
import { PatternDrawing } from '../../canvas/pattern-drawing.tsx';
import { PatternThumb } from '../../canvas/pattern-thumb.tsx';
import { AppBar } from '../../shell/app-bar.tsx';
import { Loading } from '../../shell/states.tsx';

export interface DesignPageProps { readonly projectId: string; readonly jobId: string | null }

export function DesignPage({ projectId, jobId }: DesignPageProps) {
  const [document, setDocument] = useState<JobDocument | null>(null);
  useEffect(() => { void call('project', { params: { projectId } }).then((project) => setDocument(project.draft.document as unknown as JobDocument)); }, [projectId]);
  if (document === null) return <Loading />;
  return <div className="tm-page"><AppBar title={document.name} project={{ id: projectId, page: 'design', job: jobId ?? undefined }} /><main id="main" className="tm-main"><div style={{ background: 'var(--bg)', width: 300 }}><PatternThumb document={document} /></div><PatternDrawing document={document} /></main></div>;
}
