/** The drawing of the running version, read-only, with live figures in the feet of its cards. */
import { useTranslation } from 'react-i18next';
import type { JobDocument } from '@tidemark/pattern';
import { Loading } from '../shell/states.tsx';

export function LiveDrawing({ document, narrow }: { readonly document: JobDocument | null; readonly narrow: boolean }) {
  const { t } = useTranslation();
  return <section className="live-drawing" aria-label={t('live.drawing.title')} data-narrow={narrow}>{document === null ? <Loading /> : null}</section>;
}
