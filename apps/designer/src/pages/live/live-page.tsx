import { useTranslation } from 'react-i18next';
import { AppBar } from '../../shell/app-bar.tsx';
import { EmptyState } from '../../shell/states.tsx';

export interface LivePageProps { readonly projectId: string; readonly jobId: string | null }

export function LivePage({ projectId, jobId }: LivePageProps) {
  const { t } = useTranslation();
  return <div className="tm-page"><AppBar title={t('live.title')} project={{ id: projectId, page: 'live', job: jobId ?? undefined }} /><main id="main" className="tm-main"><EmptyState title={t('live.title')} /></main></div>;
}
