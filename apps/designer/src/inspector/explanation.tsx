/** The drawing in words, for the panels: what it costs, what a stage waits for. Nothing while the drawing has errors. */
import { type Explanation, explain } from '@tidemark/cep';
import { validateDocument } from '@tidemark/pattern';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { currentLanguage } from '../i18n/index.ts';
import { usePattern, useShown } from '../store/context.tsx';

function useExplanation(): Explanation | null {
  const document = useShown();
  const patternId = usePattern().id;
  return useMemo(() => {
    const { job } = validateDocument(document);
    const pattern = job?.patterns.find((candidate) => candidate.graph.id === patternId);
    return job === null || pattern === undefined ? null : explain(pattern, job);
  }, [document, patternId]);
}

export function CostNote() {
  const { t } = useTranslation();
  const explanation = useExplanation();
  if (explanation === null) return null;
  return <section className="tm-section" aria-label={t('design.why.cost')}><p className="tm-t12 tm-dim" data-cost={explanation.costClass}><b>{t('design.why.cost')}</b> {explanation.cost[currentLanguage()]}</p></section>;
}

export function WaitsFor({ id }: { id: string }) {
  const { t } = useTranslation();
  const stage = useExplanation()?.stages.find((candidate) => candidate.id === id);
  if (stage === undefined) return null;
  return <section className="tm-section" aria-label={t('design.why.waitsFor')}><p className="tm-t12 tm-dim"><b>{t('design.why.waitsFor')}</b> {stage.waitsFor[currentLanguage()]}</p></section>;
}
