import { useTranslation } from 'react-i18next';
import { AppBar } from '../../shell/app-bar.tsx';
import { EmptyState } from '../../shell/states.tsx';

export interface DesignPageProps { readonly projectId: string; readonly jobId: string | null }

export function DesignPage({ projectId, jobId }: DesignPageProps) {
  const { t } = useTranslation();
  return <div className="tm-page"><AppBar title={t('design.title')} project={{ id: projectId, page: 'design', job: jobId ?? undefined }} /><main id="main" className="tm-main"><EmptyState title={t('design.title')} /></main></div>;
}
