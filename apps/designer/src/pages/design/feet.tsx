/** What stands at the foot of a card while it is drawn: how many events of the sample meet its condition. */
import { useTranslation } from 'react-i18next';
import { useSample } from '../../store/context.tsx';

function useShare(stageId: string): { readonly words: string; readonly share: number } | null {
  const { t, i18n } = useTranslation();
  const total = useSample((state) => (state.status.kind === 'ready' ? state.status.loaded.events : null));
  const count = useSample((state) => state.counts[stageId]);
  if (total === null || count === undefined || count.count === null) return null;
  const number = new Intl.NumberFormat(i18n.language);
  return { words: t(count.exact ? 'design.foot.of' : 'design.foot.atMost', { n: number.format(count.count), total: number.format(total) }), share: total === 0 ? 0 : count.count / total };
}

export function SampleFoot({ stageId }: { stageId: string }) {
  const share = useShare(stageId);
  if (share === null) return null;
  return <><div className="tm-foot-bar" aria-hidden><i style={{ width: `${share.share * 100}%` }} /></div><span className="tm-foot-count">{share.words}</span></>;
}

export function SampleGateFoot({ stageId }: { stageId: string }) {
  const share = useShare(stageId);
  return share === null ? null : <span>{share.words}</span>;
}
