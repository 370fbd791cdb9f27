/**
 * The table of the first page: one row for each project, with its newest job.
 *
 * Always  only exceptions carry a tone: what runs or has finished as it should is plain; what is being deleted is
 *         hidden at once and comes back if the person changes their mind.
 * Not here: words (i18n), fetching (jobs-page.tsx).
 */
import type { JobSummary, ProjectSummary } from '@tidemark/protocol';

export type RowState = JobSummary['state'] | 'DRAFT';
export type Tone = 'plain' | 'busy' | 'warning' | 'danger';
export interface JobRow {
  readonly projectId: string;
  readonly jobId: string | null;
  readonly name: string;
  readonly state: RowState;
  readonly tone: Tone;
  readonly version: number | null;
  readonly events: number | null;
  readonly matches: number | null;
  readonly restarts: number | null;
  readonly lastCheckpoint: number | null;
  readonly cause: JobSummary['cause'];
  readonly stages: number;
  readonly updatedAt: number;
}
export type RowFilter = 'all' | 'running' | 'attention';

const TONES: Readonly<Record<RowState, Tone>> = {
  DRAFT: 'plain', CREATED: 'busy', INITIALIZING: 'busy', RUNNING: 'plain', RESTARTING: 'warning', FINISHED: 'plain', CANCELLING: 'busy',
  CANCELED: 'plain', FAILED: 'danger',
};
const ACTIVE: ReadonlySet<RowState> = new Set(['CREATED', 'INITIALIZING', 'RUNNING', 'RESTARTING', 'CANCELLING']);

/** Running in the sense that its figures move. */
export const isActive = (state: RowState): boolean => ACTIVE.has(state);

export function jobRows(projects: readonly ProjectSummary[], hidden: ReadonlySet<string> = new Set()): readonly JobRow[] {
  return projects.filter((project) => !hidden.has(project.id)).map((project) => {
    const job = project.newestJob;
    const state: RowState = job?.state ?? 'DRAFT';
    return {
      projectId: project.id, jobId: job?.id ?? null, name: project.name, state, tone: TONES[state], version: job?.version ?? null,
      events: job?.eventsRead ?? null, matches: job?.committedMatches ?? null, restarts: job?.restarts ?? null,
      lastCheckpoint: job?.lastCheckpoint ?? null, cause: job?.cause ?? null, stages: project.stages,
      updatedAt: Math.max(project.updatedAt, job?.endedAt ?? 0, job?.createdAt ?? 0),
    };
  }).toSorted((left, right) => right.updatedAt - left.updatedAt || left.name.localeCompare(right.name));
}

export const needsAttention = (row: JobRow): boolean => row.tone === 'danger' || row.tone === 'warning';
export const filterRows = (rows: readonly JobRow[], filter: RowFilter): readonly JobRow[] =>
  rows.filter((row) => filter === 'all' || (filter === 'running' ? isActive(row.state) : needsAttention(row)));
export const countRows = (rows: readonly JobRow[]): Readonly<Record<RowFilter, number>> => ({
  all: rows.length, running: filterRows(rows, 'running').length, attention: filterRows(rows, 'attention').length,
});
