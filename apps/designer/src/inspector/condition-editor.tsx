/** A condition as rows, as text, or both; what is wrong with it in words; how many events of the sample meet it. */
import { SegmentedControl } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { IconAlertCircle, IconAlertTriangle } from '@tabler/icons-react';
import { type BuilderRows, type ColumnStatistics, type ConditionIssue, type ConditionScope, checkCondition, rowsOf, textOf } from '@tidemark/condition';
import { Suspense, lazy, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { currentLanguage } from '../i18n/index.ts';
import { conditionIssueText } from '../i18n/issue-text.ts';
import { Loading } from '../shell/states.tsx';
import { ConditionRows } from './condition-rows.tsx';

const CelEditor = lazy(() => import('./cel-editor.tsx').then((m) => ({ default: m.CelEditor })));

export interface ConditionEditorProps {
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly onBlur?: () => void;
  readonly scope: ConditionScope;
  readonly statistics: ColumnStatistics | null;
  readonly earlier: readonly { readonly name: string; readonly label: string }[];
  readonly title: string;
}

type Mode = 'rows' | 'text' | 'both';
const EMPTY: BuilderRows = { combine: 'all', rows: [] };

export const findings = (text: string, scope: ConditionScope): readonly { readonly issue: ConditionIssue; readonly severity: 'error' | 'warning' }[] => {
  if (text.trim() === '') return [];
  const checked = checkCondition(text, scope);
  return checked.ok ? checked.notes.filter((note) => note.code !== 'int-as-double').map((issue) => ({ issue, severity: 'warning' as const })) : checked.issues.map((issue) => ({ issue, severity: 'error' as const }));
};

export function ConditionEditor({ value, onChange, onBlur, scope, statistics, earlier, title }: ConditionEditorProps) {
  const { t } = useTranslation();
  const language = currentLanguage();
  const [mode, setMode] = useLocalStorage<Mode>({ key: 'tidemark.condition-mode', defaultValue: 'both' });
  const rows = useMemo((): BuilderRows | null => {
    if (value.trim() === '') return EMPTY;
    const checked = checkCondition(value, scope);
    return checked.ok ? rowsOf(checked.condition) : null;
  }, [value, scope]);
  const found = useMemo(() => findings(value, scope), [value, scope]);
  const showText = mode !== 'rows' || rows === null;
  return (
    <section className="tm-condition" aria-label={title}>
      <div className="tm-section-head">
        <h3>{title}</h3>
        <SegmentedControl size="xs" value={mode} onChange={(next) => setMode(next as Mode)} aria-label={t('design.condition.view')}
                          data={[{ value: 'rows', label: t('design.condition.rows') }, { value: 'text', label: t('design.condition.text') }, { value: 'both', label: t('design.condition.both') }]} />
      </div>
      {mode !== 'text' && (rows === null
        ? <p className="tm-mute tm-t12">{found.some((finding) => finding.severity === 'error') ? t('design.condition.rowsWhenRight') : t('design.condition.asText')}</p>
        : <ConditionRows rows={rows} onChange={(next) => onChange(textOf(next, scope))} scope={scope} statistics={statistics} earlier={earlier} />)}
      {showText && (
        <div>
          {mode === 'both' && <p className="tm-label">CEL</p>}
          <Suspense fallback={<Loading />}>
            <CelEditor value={value} onChange={onChange} {...(onBlur === undefined ? {} : { onBlur })} scope={scope} statistics={statistics} check={(text) => findings(text, scope)} messageOf={(issue) => conditionIssueText(issue, language).message}
                       language={language} label={t('design.condition.cel', { title })} placeholder={t('design.condition.placeholder')} invalid={found.some((finding) => finding.severity === 'error')} />
          </Suspense>
        </div>
      )}
      {found.length > 0 && (
        <ul className="tm-findings" role="status">
          {found.map(({ issue, severity }, index) => {
            const { message, fix } = conditionIssueText(issue, language);
            return (
              <li key={index} data-hue={severity === 'error' ? 'red' : 'amber'}>
                {severity === 'error' ? <IconAlertCircle size={14} stroke={1.8} aria-hidden /> : <IconAlertTriangle size={14} stroke={1.8} aria-hidden />}
                <span>{message}{fix !== null && <span className="tm-dim"> {fix}</span>}</span>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
