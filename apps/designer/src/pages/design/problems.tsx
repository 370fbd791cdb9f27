/** Everything that is wrong with the drawing, or hardly meant: the sentence, what to do, and the way there. */
import { Button } from '@mantine/core';
import { IconAlertCircle, IconAlertTriangle, IconArrowRight, IconCircleCheck } from '@tabler/icons-react';
import type { PatternIssue } from '@tidemark/pattern';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { levelOf } from '../../canvas/chain.ts';
import { displayName } from '../../canvas/words.ts';
import { currentLanguage } from '../../i18n/index.ts';
import { raisedText } from '../../i18n/issue-text.ts';
import { panelOfPath } from '../../inspector/pattern-panels.tsx';
import { useDesign, usePattern, useWorkbench } from '../../store/context.tsx';

export function Problems() {
  const { t } = useTranslation();
  const issues = useDesign((state) => state.issues);
  const sorted = useMemo(() => [...issues].sort((a, b) => (a.severity === b.severity ? 0 : a.severity === 'error' ? -1 : 1)), [issues]);
  if (sorted.length === 0) return <p className="tm-dock-empty tm-dim"><IconCircleCheck size={18} stroke={1.5} aria-hidden /> {t('design.problems.none')}</p>;
  return <ul className="tm-problems">{sorted.map((issue, index) => <Problem key={`${issue.path} ${issue.code} ${index}`} issue={issue} />)}</ul>;
}

function Problem({ issue }: { issue: PatternIssue }) {
  const { t } = useTranslation();
  const language = currentLanguage();
  const { design } = useWorkbench();
  const document = useDesign((state) => state.document);
  const shown = usePattern();
  const pattern = document.patterns.find(({ id }) => id === issue.patternId) ?? shown;
  const { message, fix } = raisedText(issue, language);
  const node = issue.nodeId === null ? undefined : levelOf(pattern, issue.nodeId)?.node;
  const panel = panelOfPath(issue.path);
  const go = (): void => { design.getState().showPattern(pattern.id); if (issue.nodeId !== null && node !== undefined) design.getState().goTo(issue.nodeId); else design.getState().openPanel(panel); };
  return (
    <li title={issue.code}>
      {issue.severity === 'error' ? <IconAlertCircle className="tm-red" size={16} stroke={1.8} aria-label={t('design.problems.error')} /> : <IconAlertTriangle className="tm-amber" size={16} stroke={1.8} aria-label={t('design.problems.warning')} />}
      <div className="tm-grow"><p>{document.patterns.length > 1 && issue.patternId !== null && <b>{displayName(pattern, language)}: </b>}{message}</p>{fix !== null && <p className="tm-dim tm-t12">{fix}</p>}</div>
      {(node !== undefined || panel !== null) && <Button size="xs" rightSection={<IconArrowRight size={13} aria-hidden />} onClick={go}>{node !== undefined ? t('design.problems.goTo', { name: displayName(node, language) }) : t('design.problems.goToPanel', { panel: t(`design.panel.${panel ?? 'source'}`) })}</Button>}
    </li>
  );
}
