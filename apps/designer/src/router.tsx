/**
 * Addresses: /jobs, /projects/:id/{design,live}?job=, and /jobs/:id, which leads to the job's project.
 * Pages are loaded when they are first shown.
 */
import { Outlet, createRootRoute, createRoute, createRouter, redirect } from '@tanstack/react-router';
import { Suspense, lazy } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from './api/client.ts';
import { AppBar } from './shell/app-bar.tsx';
import { CrashPage, EmptyState, LoadError, Loading } from './shell/states.tsx';
import { ApiError } from './api/problem.ts';

const JobsPage = lazy(() => import('./pages/jobs/jobs-page.tsx').then((m) => ({ default: m.JobsPage })));
const DesignPage = lazy(() => import('./pages/design/design-page.tsx').then((m) => ({ default: m.DesignPage })));
const LivePage = lazy(() => import('./pages/live/live-page.tsx').then((m) => ({ default: m.LivePage })));

export interface ProjectSearch { readonly job?: string }
const projectSearch = (search: Record<string, unknown>): ProjectSearch => (typeof search['job'] === 'string' ? { job: search['job'] } : {});

function NotFound() {
  const { t } = useTranslation();
  return <div className="tm-page"><AppBar /><main id="main" className="tm-main"><EmptyState title={t('common.error.notFound')}>{t('common.error.notFoundDetail')}</EmptyState></main></div>;
}

const root = createRootRoute({
  component: () => <Suspense fallback={<Loading />}><Outlet /></Suspense>,
  notFoundComponent: NotFound,
  errorComponent: ({ error }) => (error instanceof ApiError ? <LoadError error={error} /> : <CrashPage error={error as Error} />),
});
const home = createRoute({ getParentRoute: () => root, path: '/', beforeLoad: () => { throw redirect({ to: '/jobs' }); } });
const jobs = createRoute({ getParentRoute: () => root, path: '/jobs', component: () => <JobsPage /> });
const job = createRoute({
  getParentRoute: () => root, path: '/jobs/$jobId',
  beforeLoad: async ({ params }) => {
    const { projectId } = await call('job', { params: { jobId: params.jobId } });
    throw redirect({ to: '/projects/$projectId/live', params: { projectId }, search: { job: params.jobId } });
  },
});
const project = createRoute({
  getParentRoute: () => root, path: '/projects/$projectId', validateSearch: projectSearch,
});
const projectHome = createRoute({
  getParentRoute: () => project, path: '/',
  beforeLoad: ({ params }) => { throw redirect({ to: '/projects/$projectId/design', params }); },
});
const design = createRoute({ getParentRoute: () => project, path: '/design', component: function Design() {
  const { projectId } = design.useParams();
  const { job: jobId } = design.useSearch();
  return <DesignPage key={projectId} projectId={projectId} jobId={jobId ?? null} />;
} });
const live = createRoute({ getParentRoute: () => project, path: '/live', component: function Live() {
  const { projectId } = live.useParams();
  const { job: jobId } = live.useSearch();
  return <LivePage key={projectId} projectId={projectId} jobId={jobId ?? null} />;
} });

export const router = createRouter({ routeTree: root.addChildren([home, jobs, job, project.addChildren([projectHome, design, live])]), defaultPreload: false });

declare module '@tanstack/react-router' {
  interface Register { router: typeof router }
}
