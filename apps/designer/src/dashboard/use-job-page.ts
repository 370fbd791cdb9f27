/** The project, the run that the address names (the newest by default), and the document of its version. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { JobSummary, Project } from '@tidemark/protocol';
import type { JobDocument } from '@tidemark/pattern';
import { call } from '../api/client.ts';
import { useJobsChanged } from '../realtime/hooks.ts';

export interface JobPage {
  readonly project: Project | null;
  readonly job: JobSummary | null;
  /** Newest first. */
  readonly runs: readonly JobSummary[];
  /** Document of the run's version; null while it is fetched, or without a run. */
  readonly document: JobDocument | null;
  readonly error: unknown;
  refresh(): void;
}

export function useJobPage(projectId: string, jobId: string | null): JobPage {
  const [project, setProject] = useState<Project | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [version, setVersion] = useState<{ readonly of: string; readonly document: JobDocument } | null>(null);
  const alive = useRef(true);
  useEffect(() => {
    alive.current = true;
    return () => { alive.current = false; };
  }, []);
  const refresh = useCallback(() => {
    const load = async (): Promise<void> => {
      try {
        const answer = await call('project', { params: { projectId } });
        if (!alive.current) return;
        setProject(answer);
        setError(null);
      } catch (reason) {
        if (alive.current) setError(reason);
      }
    };
    void load();
  }, [projectId]);
  useEffect(refresh, [refresh]);
  useJobsChanged(refresh);

  const runs = project === null ? [] : project.jobs.toSorted((left, right) => right.createdAt - left.createdAt);
  const job = runs.find((run) => run.id === jobId) ?? runs[0] ?? null;
  const wanted = job === null ? null : `${projectId}/${job.version}`;
  const number = job?.version;
  useEffect(() => {
    if (wanted === null || number === undefined) return undefined;
    let current = true;
    const load = async (): Promise<void> => {
      try {
        const answer = await call('version', { params: { projectId, number: `${number}` } });
        if (current) setVersion({ of: wanted, document: answer.document as JobDocument });
      } catch (reason) {
        if (current) setError(reason);
      }
    };
    void load();
    return () => { current = false; };
  }, [wanted, number, projectId]);
  return { project, job, runs, document: version?.of === wanted ? version?.document ?? null : null, error: project === null ? error : null, refresh };
}
