/** What is true of the whole pattern: shown where nothing is selected. An overview, and a panel for each part of it. */
import { ActionIcon, Button, Checkbox, MultiSelect, NumberInput, Radio, Select, Switch, TextInput } from '@mantine/core';
import { IconArrowLeft, IconBell, IconChevronRight, IconClock, IconDatabase, IconKey, IconPlus, IconSettings, IconTrash } from '@tabler/icons-react';
import { checkTemplate } from '@tidemark/condition';
import type { AfterMatch, JobDocument, TieBreak } from '@tidemark/pattern';
import { durationMs } from '@tidemark/pattern';
import { Suspense, lazy, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { stagesInOrder } from '../canvas/chain.ts';
import { scopeOf } from '../canvas/condition-words.ts';
import { formatDuration, formatDocumentDuration, toDuration } from '../canvas/duration.ts';
import { displayName, skipWords } from '../canvas/words.ts';
import { currentLanguage } from '../i18n/index.ts';
import { conditionIssueText } from '../i18n/issue-text.ts';
import { useGestures } from '../pages/design/gestures.tsx';
import { Loading } from '../shell/states.tsx';
import { useDesign, usePattern, useSample, useShown, useWorkbench } from '../store/context.tsx';
import type { Panel } from '../store/design-store.ts';
import { concerns } from '../store/shown-pattern.ts';
import { useAnswer } from '../test-dock/use-engine.ts';
import { DurationInput } from './duration-input.tsx';
import { CostNote } from './explanation.tsx';
import { Field } from './stage-inspector.tsx';
import { SourcePanel } from './source-panel.tsx';

const CelEditor = lazy(() => import('./cel-editor.tsx').then((m) => ({ default: m.CelEditor })));

export function PatternPanels() {
  const { t } = useTranslation();
  const { design } = useWorkbench();
  const panel = useDesign((state) => state.panel);
  if (panel === null) return <Overview />;
  return (
    <>
      <header className="tm-inspector-head">
        <ActionIcon aria-label={t('design.panel.back')} onClick={() => design.getState().openPanel(null)}><IconArrowLeft size={16} /></ActionIcon>
        <h2>{t(`design.panel.${panel}`)}</h2>
      </header>
      <div className="tm-inspector-body">
        {panel === 'source' && <SourcePanel />}
        {panel === 'key' && <KeyPanel />}
        {panel === 'window' && <WindowPanel />}
        {panel === 'alert' && <AlertPanel />}
        {panel === 'running' && <RunningPanel />}
      </div>
    </>
  );
}

function Overview() {
  const { t } = useTranslation();
  const language = currentLanguage();
  const { design } = useWorkbench();
  const document = useShown();
  const pattern = usePattern();
  const status = useSample((state) => state.status);
  const allIssues = useDesign((state) => state.issues);
  const issues = allIssues.filter((issue) => concerns(issue, pattern.id));
  const number = new Intl.NumberFormat(language === 'zh' ? 'zh-CN' : 'en');
  const source = status.kind === 'ready' ? t('design.overview.sample', { name: status.name, n: number.format(status.loaded.events) }) : document.source === null ? t('design.overview.noSource') : t(`design.source.${document.source.kind}`);
  const rows: readonly { panel: Panel; Icon: typeof IconKey; value: string }[] = [
    { panel: 'source', Icon: IconDatabase, value: source },
    { panel: 'key', Icon: IconKey, value: pattern.key.length === 0 ? t('design.drawing.allTogether') : `${t('design.drawing.forEach')} ${pattern.key.join(' + ')}` },
    { panel: 'window', Icon: IconClock, value: pattern.window === null ? t('design.drawing.noWindow') : t('design.drawing.allWithin', { duration: formatDocumentDuration(pattern.window.time, language) }) },
    { panel: 'alert', Icon: IconBell, value: skipWords(pattern.afterMatchStrategy, pattern, language, t) },
    { panel: 'running', Icon: IconSettings, value: t('design.overview.running', { n: document.parallelism, interval: formatDuration(document.checkpointing.intervalMs, language) }) },
  ];
  const [name, setName] = useState<string | null>(null);
  const commit = (): void => {
    if (name !== null && name.trim() !== '' && name.trim() !== document.name) {
      const label = document.label === undefined ? {} : { label: { ...document.label, [language]: name.trim() } };
      design.getState().execute({ kind: 'set-settings', settings: { name: name.trim().slice(0, 200), ...label } });
    }
    setName(null);
  };
  return (
    <>
      <header className="tm-inspector-head"><h2>{t('design.overview.title')}</h2><span className="tm-mute">{t('design.overview.stages', { count: stagesInOrder(pattern).length })}</span></header>
      <div className="tm-inspector-body">
        <section className="tm-section">
          <Field label={t('design.inspector.name')}>{(id) => <TextInput id={id} value={name ?? displayName(document, language)} onChange={(event) => setName(event.currentTarget.value)} onBlur={commit} onKeyDown={(event) => { if (event.key === 'Enter') commit(); else if (event.key === 'Escape') setName(null); }} />}</Field>
        </section>
        <PatternSection />
        <ul className="tm-overview">
          {rows.map(({ panel, Icon, value }) => (
            <li key={panel}>
              <button type="button" onClick={() => design.getState().openPanel(panel)}>
                <Icon size={18} stroke={1.5} aria-hidden /><span className="tm-grow"><b>{t(`design.panel.${panel}`)}</b><span className="tm-dim">{value}</span></span>
                {issues.some((issue) => panelOfPath(issue.path) === panel && issue.severity === 'error') && <span className="tm-mark" data-hue="red">{t('design.canvas.errors', { count: issues.filter((issue) => panelOfPath(issue.path) === panel && issue.severity === 'error').length })}</span>}
                <IconChevronRight size={16} stroke={1.5} aria-hidden />
              </button>
            </li>
          ))}
        </ul>
        <CostNote />
        <p className="tm-t12 tm-mute tm-section">{t('design.overview.hint')}</p>
      </div>
    </>
  );
}

/** The pattern among those of its job: its name, one more, one less. */
function PatternSection() {
  const { t } = useTranslation();
  const language = currentLanguage();
  const gestures = useGestures();
  const pattern = usePattern();
  const count = useDesign((state) => state.document.patterns.length);
  const [name, setName] = useState<string | null>(null);
  const commit = (): void => { if (name !== null) gestures.renamePattern(name); setName(null); };
  return (
    <section className="tm-section tm-stack">
      {count > 1 && <Field label={t('design.patterns.name')}>{(id) => <TextInput id={id} value={name ?? displayName(pattern, language)} onChange={(event) => setName(event.currentTarget.value)} onBlur={commit} onKeyDown={(event) => { if (event.key === 'Enter') commit(); else if (event.key === 'Escape') setName(null); }} />}</Field>}
      <div className="tm-row tm-wrap">
        <Button size="xs" leftSection={<IconPlus size={13} aria-hidden />} onClick={() => gestures.addPattern()}>{t('design.patterns.add')}</Button>
        {count > 1 && <Button size="xs" leftSection={<IconTrash size={13} aria-hidden />} onClick={() => gestures.deletePattern()}>{t('design.patterns.remove')}</Button>}
      </div>
      {count > 1 && <p className="tm-t11 tm-mute">{t('design.patterns.hint')}</p>}
    </section>
  );
}

/** The panel where an issue without a stage is put right. */
export function panelOfPath(path: string): Panel | null {
  if (path.startsWith('$.schema') || path.startsWith('$.source') || path.startsWith('$.outOfOrderness') || path.startsWith('$.idleness') || path.startsWith('$.timeDomain')) return 'source';
  if (/^\$\.patterns\[\d+\]\.(key|tieBreak)/.test(path)) return 'key';
  if (/^\$\.patterns\[\d+\]\.window/.test(path)) return 'window';
  if (/^\$\.patterns\[\d+\]\.(afterMatch|output)/.test(path)) return 'alert';
  if (/^\$\.(parallelism|maxParallelism|checkpointing|restart|limits|sink)/.test(path)) return 'running';
  return null;
}

function KeyPanel() {
  const { t } = useTranslation();
  const { design } = useWorkbench();
  const pattern = usePattern();
  const document = useShown();
  const status = useSample((state) => state.status);
  const fields = document.schema?.fields.map((field) => field.name) ?? [];
  return (
    <section className="tm-section tm-stack">
      <p className="tm-dim tm-t12">{t('design.key.lead')}</p>
      <MultiSelect label={t('design.key.fields')} size="xs" data={[...new Set([...fields, ...pattern.key])]} value={[...pattern.key]} maxValues={16} searchable placeholder={pattern.key.length === 0 ? t('design.key.none') : undefined}
                   onChange={(key) => design.getState().execute({ kind: 'set-key', patternId: pattern.id, fields: key })} />
      {status.kind === 'ready' && pattern.key.length > 0 && (
        <ul className="tm-t12 tm-dim">{pattern.key.map((name) => { const known = status.loaded.fields.find((field) => field.name === name); return known === undefined ? null : <li key={name}><span className="tm-mono11">{name}</span>: {t('design.key.distinct', { count: known.distinct })}</li>; })}</ul>
      )}
      <Switch label={t('design.key.advance')} description={t('design.key.advanceHint')} checked={pattern.advanceEveryKey} onChange={(event) => design.getState().execute({ kind: 'set-advance-every-key', patternId: pattern.id, on: event.currentTarget.checked })} />
      <TieBreakFields fields={fields} />
    </section>
  );
}

/** Which of two events of equal time comes first. */
function TieBreakFields({ fields }: { fields: readonly string[] }) {
  const { t } = useTranslation();
  const { design } = useWorkbench();
  const pattern = usePattern();
  const tieBreak = pattern.tieBreak ?? [];
  const set = (next: readonly TieBreak[]): void => design.getState().execute({ kind: 'set-tie-break', patternId: pattern.id, tieBreak: next });
  return (
    <>
      <MultiSelect label={t('design.order.title')} description={t('design.order.hint')} size="xs" data={[...new Set([...fields, ...tieBreak.map(({ field }) => field)])]} value={tieBreak.map(({ field }) => field)} maxValues={16} searchable placeholder={tieBreak.length === 0 ? t('design.order.arrival') : undefined}
                   onChange={(chosen) => set(chosen.map((field) => tieBreak.find((known) => known.field === field) ?? { field, order: 'ASC' }))} />
      {tieBreak.map(({ field, order }) => (
        <Switch key={field} size="xs" label={t('design.order.descending', { field })} checked={order === 'DESC'}
                onChange={(event) => { const next = event.currentTarget.checked ? 'DESC' as const : 'ASC' as const; set(tieBreak.map((known) => (known.field === field ? { field, order: next } : known))); }} />
      ))}
    </>
  );
}

function WindowPanel() {
  const { t } = useTranslation();
  const { design } = useWorkbench();
  const pattern = usePattern();
  const window = pattern.window;
  return (
    <section className="tm-section tm-stack">
      <p className="tm-dim tm-t12">{t('design.window.lead')}</p>
      <DurationInput label={t('design.window.within')} optional value={window === null ? null : durationMs(window.time)} placeholder={t('design.drawing.noWindow')}
                     onChange={(ms) => design.getState().execute({ kind: 'set-window', patternId: pattern.id, window: ms === null ? null : { type: window?.type ?? 'FIRST_AND_LAST', time: toDuration(ms) } })} />
      <div className="tm-row tm-wrap">{[10_000, 60_000, 600_000, 3_600_000, 86_400_000].map((ms) => (
        <Button key={ms} size="xs" onClick={() => design.getState().execute({ kind: 'set-window', patternId: pattern.id, window: { type: 'FIRST_AND_LAST', time: toDuration(ms) } })}>{formatDocumentDuration(toDuration(ms), currentLanguage())}</Button>
      ))}</div>
      {window === null && <p className="tm-t12 tm-mute">{t('design.window.none')}</p>}
    </section>
  );
}

const STRATEGIES = ['SKIP_PAST_LAST_EVENT', 'NO_SKIP', 'SKIP_TO_NEXT', 'SKIP_TO_FIRST', 'SKIP_TO_LAST'] as const;

function AlertPanel() {
  const { t } = useTranslation();
  const language = currentLanguage();
  const { design } = useWorkbench();
  const pattern = usePattern();
  const document = useShown();
  const status = useSample((state) => state.status);
  const scope = useMemo(() => scopeOf(document, false), [document]);
  const { afterMatchStrategy: strategy, output } = pattern;
  const stages = pattern.nodes.map((node) => ({ value: node.name, label: displayName(node, language) }));
  const targeted = strategy.type === 'SKIP_TO_FIRST' || strategy.type === 'SKIP_TO_LAST';
  const counts = useStrategyCounts(stages[0]?.value ?? null);
  const setStrategy = (next: AfterMatch): void => design.getState().execute({ kind: 'set-skip', patternId: pattern.id, strategy: next });
  const findings = (text: string) => { const checked = checkTemplate(text, scope); return (checked.ok ? checked.notes.map((issue) => ({ issue, severity: 'warning' as const })) : checked.issues.map((issue) => ({ issue, severity: 'error' as const }))); };
  const editor = (field: 'text' | 'timedOutText', label: string) => (
    <div>
      <p className="tm-label">{label}</p>
      <Suspense fallback={<Loading />}>
        <CelEditor template value={output[field] ?? ''} scope={scope} statistics={status.kind === 'ready' ? status.loaded : null} check={(text) => (text === '' ? [] : findings(text))} language={language} label={label} placeholder={t('design.alert.textPlaceholder')}
                   messageOf={(issue) => conditionIssueText(issue, language).message} invalid={(output[field] ?? '') !== '' && findings(output[field] ?? '').some((finding) => finding.severity === 'error')}
                   onChange={(text) => design.getState().execute({ kind: 'set-output', patternId: pattern.id, output: { [field]: text === '' ? null : text } }, `output:${field}`)} onBlur={() => design.getState().endGroup()} />
      </Suspense>
      {(output[field] ?? '') !== '' && findings(output[field] ?? '').map(({ issue, severity }, index) => <p key={index} className="tm-t12 tm-finding" data-hue={severity === 'error' ? 'red' : 'amber'}>{conditionIssueText(issue, language).message} <span className="tm-dim">{conditionIssueText(issue, language).fix}</span></p>)}
    </div>
  );
  return (
    <>
      <section className="tm-section tm-stack">
        <Radio.Group label={t('design.alert.after')} value={strategy.type} onChange={(value) => setStrategy({ ...strategy, type: value as AfterMatch['type'], patternName: value.startsWith('SKIP_TO_F') || value.startsWith('SKIP_TO_L') ? strategy.patternName ?? pattern.nodes[0]?.name ?? null : null })}>
          <div className="tm-radios">
            {STRATEGIES.map((type) => (
              <Radio key={type} size="xs" value={type} disabled={(type === 'SKIP_TO_FIRST' || type === 'SKIP_TO_LAST') && stages.length === 0} description={t(`design.skipHint.${type}`)}
                     label={<><span className="tm-grow">{type === 'SKIP_TO_FIRST' || type === 'SKIP_TO_LAST' ? t(`design.skip.${type}`, { stage: targeted && strategy.type === type ? displayName(pattern.nodes.find((node) => node.name === strategy.patternName) ?? { name: '…' }, language) : '…' }) : t(`design.skip.${type}`)}</span>
                       {counts[type] !== undefined && counts[type] !== null && <span className="tm-radio-count">{t('design.dock.expects', { count: counts[type] as number })}</span>}</>} />
            ))}
          </div>
        </Radio.Group>
        {targeted && <Select label={t('design.alert.stage')} data={stages} value={strategy.patternName} onChange={(patternName) => setStrategy({ ...strategy, patternName })} />}
      </section>
      <section className="tm-section tm-stack">
        {editor('text', t('design.alert.text'))}
        <p className="tm-t11 tm-mute">{t('design.alert.textHint')}</p>
      </section>
      <section className="tm-section tm-stack">
        <Checkbox label={t('design.alert.timedOut')} description={t('design.alert.timedOutHint')} checked={output.timedOut} onChange={(event) => design.getState().execute({ kind: 'set-output', patternId: pattern.id, output: { timedOut: event.currentTarget.checked } })} />
        {output.timedOut && editor('timedOutText', t('design.alert.timedOutText'))}
        <Checkbox label={t('design.alert.late')} description={t('design.alert.lateHint')} checked={output.late} onChange={(event) => design.getState().execute({ kind: 'set-output', patternId: pattern.id, output: { late: event.currentTarget.checked } })} />
      </section>
      <section className="tm-section"><p className="tm-t12 tm-mute">{t('design.alert.where')}</p></section>
    </>
  );
}

const COUNTED_EVENTS_MAX = 25_000;

/** Matches on the sample under each strategy; nothing for a large sample, which would take too long. */
function useStrategyCounts(firstStage: string | null): Readonly<Partial<Record<AfterMatch['type'], number | null>>> {
  const document = useShown();
  const valid = useDesign((state) => state.job !== null);
  const events = useSample((state) => (state.status.kind === 'ready' ? state.status.loaded.events : 0));
  const [counts, setCounts] = useState<Readonly<Partial<Record<AfterMatch['type'], number | null>>>>({});
  const question = useMemo(() => {
    if (!valid || events === 0 || events > COUNTED_EVENTS_MAX) return null;
    const own = document.patterns[0]?.afterMatchStrategy;
    return { document, strategies: STRATEGIES.map((type): AfterMatch => ({ type, patternName: type === 'SKIP_TO_FIRST' || type === 'SKIP_TO_LAST' ? own?.patternName ?? firstStage : null, throwOnMiss: false })) };
  }, [document, valid, events, firstStage]);
  useAnswer('strategies', question, (answer) => setCounts(answer === null ? {} : Object.fromEntries(STRATEGIES.map((type, index) => [type, answer.counts[index] ?? null]))), 200);
  return counts;
}

const MEGABYTE = 1_048_576;

function RunningPanel() {
  const { t } = useTranslation();
  const { design } = useWorkbench();
  const document = useShown();
  const set = (settings: Partial<Pick<JobDocument, 'parallelism' | 'checkpointing' | 'restart' | 'limits'>>): void => design.getState().execute({ kind: 'set-settings', settings }, 'settings');
  const { checkpointing, restart, limits } = document;
  const whole = (value: string | number): number | null => (value === '' || !Number.isFinite(Number(value)) ? null : Math.round(Number(value)));
  return (
    <>
      <section className="tm-section tm-stack">
        <NumberInput label={t('design.running.parallelism')} description={t('design.running.parallelismHint')} min={1} max={64} value={document.parallelism} onChange={(value) => { const n = whole(value); if (n !== null && n >= 1 && n <= 64) set({ parallelism: n }); }} />
      </section>
      <section className="tm-section tm-stack">
        <DurationInput label={t('design.running.interval')} value={checkpointing.intervalMs} leastMs={50} onChange={(ms) => { if (ms !== null) set({ checkpointing: { ...checkpointing, intervalMs: ms } }); }} />
        <DurationInput label={t('design.running.timeout')} value={checkpointing.timeoutMs} leastMs={100} onChange={(ms) => { if (ms !== null) set({ checkpointing: { ...checkpointing, timeoutMs: ms } }); }} />
        <NumberInput label={t('design.running.retained')} min={1} max={100} value={checkpointing.retained} onChange={(value) => { const n = whole(value); if (n !== null && n >= 1 && n <= 100) set({ checkpointing: { ...checkpointing, retained: n } }); }} />
        <DurationInput label={t('design.running.delay')} value={restart.delayMs} leastMs={0} onChange={(ms) => { if (ms !== null) set({ restart: { ...restart, delayMs: ms } }); }} />
      </section>
      <section className="tm-section tm-stack">
        <NumberInput label={t('design.running.perJob')} thousandSeparator=" " min={1} value={limits.partialMatchesPerJob} onChange={(value) => { const n = whole(value); if (n !== null && n >= 1) set({ limits: { ...limits, partialMatchesPerJob: n } }); }} />
        <NumberInput label={t('design.running.perKey')} thousandSeparator=" " min={1} value={limits.partialMatchesPerKey} onChange={(value) => { const n = whole(value); if (n !== null && n >= 1) set({ limits: { ...limits, partialMatchesPerKey: n } }); }} />
        <NumberInput label={t('design.running.perEvent')} thousandSeparator=" " min={1} value={limits.matchesPerEvent} onChange={(value) => { const n = whole(value); if (n !== null && n >= 1) set({ limits: { ...limits, matchesPerEvent: n } }); }} />
        <NumberInput label={t('design.running.bytes')} thousandSeparator=" " min={1} value={Math.max(1, Math.round(limits.stateBytesPerJob / MEGABYTE))} onChange={(value) => { const n = whole(value); if (n !== null && n >= 1) set({ limits: { ...limits, stateBytesPerJob: n * MEGABYTE } }); }} />
        <NumberInput label={t('design.running.bytesPerKey')} thousandSeparator=" " min={1} value={Math.max(1, Math.round(limits.stateBytesPerKey / MEGABYTE))} onChange={(value) => { const n = whole(value); if (n !== null && n >= 1) set({ limits: { ...limits, stateBytesPerKey: n * MEGABYTE } }); }} />
        <p className="tm-t11 tm-mute">{t('design.running.limitsHint')}</p>
      </section>
    </>
  );
}
