import { expect, it } from 'vitest';
import type { JobSummary, ProjectSummary } from '@tidemark/protocol';
import { countRows, filterRows, isActive, jobRows } from './job-rows.ts';

const job = (state: JobSummary['state'], createdAt: number): JobSummary => ({
  id: `j${createdAt}`, projectId: 'p', name: 'n', version: 3, versionHash: 'h', state, createdAt, endedAt: null, restarts: 1, eventsRead: 10,
  committedMatches: 2, lastCheckpoint: 5, cause: null, outputPath: 'o',
});
const project = (id: string, updatedAt: number, newestJob: JobSummary | null): ProjectSummary => ({ id, name: id, updatedAt, stages: 2, newestJob });

const projects = [project('draft', 5, null), project('fine', 1, job('RUNNING', 9)), project('broken', 2, job('FAILED', 3)), project('back', 1, job('RESTARTING', 4))];

it('lists projects by what moved last, a draft without figures', () => {
  const rows = jobRows(projects);
  expect(rows.map((row) => row.projectId)).toEqual(['fine', 'draft', 'back', 'broken']);
  expect(rows[1]).toMatchObject({ state: 'DRAFT', jobId: null, events: null, matches: null, version: null });
});

it('colours exceptions only', () => {
  expect(Object.fromEntries(jobRows(projects).map((row) => [row.projectId, row.tone]))).toEqual({ fine: 'plain', draft: 'plain', back: 'warning', broken: 'danger' });
});

it('counts and filters', () => {
  const rows = jobRows(projects);
  expect(countRows(rows)).toEqual({ all: 4, running: 2, attention: 2 });
  expect(filterRows(rows, 'running').every((row) => isActive(row.state))).toBe(true);
});

it('hides what is being deleted', () => {
  expect(jobRows(projects, new Set(['fine'])).map((row) => row.projectId)).not.toContain('fine');
});
