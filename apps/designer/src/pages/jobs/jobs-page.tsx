import { useTranslation } from 'react-i18next';
import { AppBar } from '../../shell/app-bar.tsx';
import { EmptyState } from '../../shell/states.tsx';

export function JobsPage() {
  const { t } = useTranslation();
  return <div className="tm-page"><AppBar title={t('jobs.title')} /><main id="main" className="tm-main"><EmptyState title={t('jobs.title')} /></main></div>;
}
