/** What a page shows when it has nothing yet, nothing at all, or an error. */
import { Button, Loader } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { Component, type ErrorInfo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/problem.ts';
import { i18nInstance } from '../i18n/index.ts';
import './states.css';

export function Loading({ label }: { label?: string }) {
  const { t } = useTranslation();
  return <div className="tm-center" role="status"><Loader size={20} color="ink" aria-hidden /><span className="tm-mute">{label ?? t('common.loading')}</span></div>;
}

export function EmptyState({ icon, title, children, actions }: { icon?: ReactNode; title: string; children?: ReactNode; actions?: ReactNode }) {
  return (
    <div className="tm-center tm-empty">
      {icon !== undefined && <div className="tm-empty-icon" aria-hidden>{icon}</div>}
      <h2 className="tm-empty-title">{title}</h2>
      {children !== undefined && <div className="tm-dim tm-empty-text">{children}</div>}
      {actions !== undefined && <div className="tm-empty-actions">{actions}</div>}
    </div>
  );
}

/** The sentence for an error of the API, in the language of the page where we know it. */
export function errorText(error: unknown): string {
  const t = i18nInstance.t;
  if (error instanceof ApiError) {
    if (error.kind === 'network') return t('common.error.network');
    if (error.kind === 'session') return t('common.error.session');
    if (error.kind === 'shape') return t('common.error.badAnswer');
    return error.message;
  }
  return t('common.error.unknown', { detail: error instanceof Error ? error.message : String(error) });
}

/** A fetch that failed: the sentence, what to do, and a way to try again. */
export function LoadError({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation();
  const missing = error instanceof ApiError && error.status === 404;
  const network = error instanceof ApiError && error.kind === 'network';
  return (
    <div role="alert" className="tm-fill">
      <EmptyState icon={<IconAlertCircle size={28} stroke={1.4} />} title={missing ? t('common.error.notFound') : errorText(error)}
                  actions={<>
                    {retry !== undefined && !missing && <Button onClick={retry}>{t('common.retry')}</Button>}
                    <Button component={Link} to="/jobs" variant="subtle">{t('common.error.toJobs')}</Button>
                  </>}>
        {missing ? t('common.error.notFoundDetail') : network ? t('common.error.networkDetail') : undefined}
      </EmptyState>
    </div>
  );
}

/** Last net: an error while drawing shows itself and a way out instead of a white page. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };
  static getDerivedStateFromError(error: Error): { error: Error } { return { error }; }
  override componentDidCatch(error: Error, info: ErrorInfo): void { console.error(error, info.componentStack); }
  override render(): ReactNode {
    return this.state.error === null ? this.props.children : <CrashPage error={this.state.error} />;
  }
}

export function CrashPage({ error }: { error: Error }) {
  const t = i18nInstance.t;
  return (
    <main className="tm-center tm-empty" role="alert">
      <div className="tm-empty-icon" aria-hidden><IconAlertCircle size={28} stroke={1.4} /></div>
      <h1 className="tm-empty-title">{t('common.error.title')}</h1>
      <p className="tm-dim tm-empty-text">{t('common.error.detail')}</p>
      <pre className="tm-mono11 tm-crash">{error.message}</pre>
      <div className="tm-empty-actions"><Button variant="filled" onClick={() => location.reload()}>{t('common.reload')}</Button></div>
    </main>
  );
}
