/** Under the drawing: the test on the sample, and the problems. Folds to its head. */
import './dock.css';
import { ActionIcon, Button, Menu, Textarea } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconChevronDown, IconChevronUp, IconCircleDashed, IconClipboardText, IconDatabase, IconFlask, IconQuestionMark, IconScissors, IconTestPipe, IconX } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { causeText } from '../i18n/cause-text.ts';
import { currentLanguage } from '../i18n/index.ts';
import { Problems } from '../pages/design/problems.tsx';
import { EmptyState, Loading, errorText } from '../shell/states.tsx';
import { useDesign, usePattern, useRun, useSample, useShown, useWorkbench } from '../store/context.tsx';
import { formatDateTime, formatTime } from './format-time.ts';
import { MATCHES_KEPT, MATCHES_SHOWN, type RunMatch, type RunResult, type Strip, asWritten } from './run.ts';
import { TimeStrip } from './time-strip.tsx';
import { useAnswer, useEngine } from './use-engine.ts';
import { WhyPanel, type WhyPlace } from './why-panel.tsx';

export type DockTab = 'test' | 'why' | 'problems';
export interface DockProps {
  readonly tab: DockTab;
  readonly onTab: (tab: DockTab) => void;
  readonly folded: boolean;
  readonly onFold: (folded: boolean) => void;
}

export function Dock({ tab, onTab, folded, onFold }: DockProps) {
  const { t } = useTranslation();
  const issues = useDesign((state) => state.issues);
  const errors = issues.filter((issue) => issue.severity === 'error').length;
  const stale = useRun((state) => state.stale);
  const result = useRun((state) => state.result);
  const running = useRun((state) => state.running);
  const tookMs = useRun((state) => state.tookMs);
  const [place, setPlace] = useState<WhyPlace>({ stage: null, position: null });
  const why = (position: number | null): void => { setPlace({ stage: null, position }); open('why'); };
  const open = (next: DockTab): void => { onTab(next); if (folded) onFold(false); };
  return (
    <section className="tm-dock" aria-label={t('design.dock.title')} data-folded={folded || undefined}>
      <header className="tm-dock-head">
        <div role="tablist" aria-label={t('design.dock.title')} className="tm-dock-tabs">
          <button type="button" role="tab" id="dock-tab-test" aria-selected={tab === 'test'} aria-controls="dock-panel" onClick={() => open('test')}>{t('design.dock.test')}</button>
          <button type="button" role="tab" id="dock-tab-why" aria-selected={tab === 'why'} aria-controls="dock-panel" onClick={() => open('why')}>{t('design.why.tab')}</button>
          <button type="button" role="tab" id="dock-tab-problems" aria-selected={tab === 'problems'} aria-controls="dock-panel" onClick={() => open('problems')}>{t('design.dock.problems')} <span className="tm-count" data-hue={errors > 0 ? 'red' : issues.length > 0 ? 'amber' : undefined}>{issues.length}</span></button>
        </div>
        <SampleChoice />
        {result !== null && <span className="tm-dock-summary tm-dim">{result.atLeast ? '≥ ' : ''}{result.matchCount < MANY ? t('design.dock.expects', { count: result.matchCount }) : `${countText(result.matchCount)} ${t('design.dock.matches')}`} · {result.timedOutCount < MANY ? t('design.dock.timedOutN', { count: result.timedOutCount }) : `${t('design.dock.timedOut')} ${countText(result.timedOutCount)}`}<span className="tm-mute tm-dock-took"> · {running ? t('design.dock.running') : t('design.dock.took', { ms: Math.max(1, Math.round(tookMs)) })}</span></span>}
        <span className="tm-grow" />
        {stale && <span className="tm-state" data-hue="amber" data-bare="true"><IconAlertTriangle aria-hidden /> {t('design.dock.stale')}</span>}
        {!stale && result !== null && <span className="tm-state tm-dock-honest" data-bare="true" title={t('design.dock.inBrowser')}><IconFlask aria-hidden /> <span className="tm-clip">{t('design.dock.inBrowser')}</span></span>}
        <ActionIcon aria-label={folded ? t('design.dock.unfold') : t('design.dock.fold')} aria-expanded={!folded} onClick={() => onFold(!folded)}>{folded ? <IconChevronUp size={16} /> : <IconChevronDown size={16} />}</ActionIcon>
      </header>
      {!folded && <div id="dock-panel" role="tabpanel" aria-labelledby={`dock-tab-${tab}`} className="tm-dock-body" tabIndex={-1}>{tab === 'problems' ? <Problems /> : tab === 'why' ? <WhyPanel place={place} onPlace={setPlace} /> : <TestPanel onWhy={why} />}</div>}
    </section>
  );
}

/** Which events the drawing is tried on: those of the document, or pasted ones. */
function SampleChoice() {
  const { t, i18n } = useTranslation();
  const { sample } = useWorkbench();
  const status = useSample((state) => state.status);
  const pasted = useSample((state) => state.pasted);
  const number = new Intl.NumberFormat(i18n.language);
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button size="xs" className="tm-sample-choice" rightSection={<IconChevronDown size={13} aria-hidden />}>
          <span className="tm-clip">{status.kind === 'ready' ? status.name : t(`design.sample.short.${status.kind}`)}</span>
          {status.kind === 'ready' && <span className="tm-mute">&nbsp;{t('design.dock.events', { n: number.format(status.loaded.events) })}{status.loaded.more ? '+' : ''}</span>}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconDatabase size={14} />} rightSection={pasted === null ? <IconCheck size={14} /> : undefined} onClick={() => sample.getState().paste(null)}>{t('design.dock.documentSample')}</Menu.Item>
        <Menu.Item leftSection={<IconClipboardText size={14} />} rightSection={pasted !== null ? <IconCheck size={14} /> : undefined} onClick={() => sample.getState().paste(pasted ?? '')}>{t('design.dock.pastedEvents')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

type Shown = { readonly kind: 'match' | 'timed-out'; readonly index: number };

function TestPanel({ onWhy }: { onWhy: (position: number | null) => void }) {
  const { t } = useTranslation();
  const { design, sample } = useWorkbench();
  const status = useSample((state) => state.status);
  const pasted = useSample((state) => state.pasted);
  const { timeDomain, source } = useShown();
  const byClock = timeDomain === 'PROCESSING_TIME';
  const firstOfSeveral = source?.kind === 'file' && source.files !== undefined;
  const result = useRun((state) => state.result);
  const running = useRun((state) => state.running);
  const error = useRun((state) => state.error);
  const errors = useDesign((state) => state.issues.filter((issue) => issue.severity === 'error').length);
  const [list, setList] = useState<'match' | 'timed-out'>('match');
  const [shown, setShown] = useState<Shown | null>(null);
  const { matches, total, more } = useMatchList(result, list);
  const index = shown !== null && shown.kind === list && shown.index < matches.length ? shown.index : 0;
  const match = matches[index] ?? null;
  return (
    <div className="tm-test">
      <div className="tm-test-main">
        {result?.fault !== null && result?.fault !== undefined && <p role="alert" className="tm-finding tm-t12" data-hue={result.fault.deployedOnly ? 'amber' : 'red'}>{t(result.fault.deployedOnly ? 'design.dock.faultDeployed' : 'design.dock.fault')} {causeText(result.fault, currentLanguage()).message}</p>}
        {pasted !== null && <PasteBox text={pasted} onRun={(text) => sample.getState().paste(text)} />}
        {status.kind === 'none' || status.kind === 'elsewhere'
          ? pasted === null && <EmptyState title={t(`design.sample.${status.kind}`)} actions={status.kind === 'none' ? <Button leftSection={<IconDatabase size={14} aria-hidden />} onClick={() => design.getState().openPanel('source')}>{t('design.source.choose')}</Button> : <Button leftSection={<IconClipboardText size={14} aria-hidden />} onClick={() => sample.getState().paste('')}>{t('design.dock.pastedEvents')}</Button>} />
          : status.kind === 'loading' ? <Loading label={t('design.sample.loading')} />
            : status.kind === 'failed' ? <EmptyState title={errorText(status.error)} actions={<Button onClick={() => sample.getState().retry()}>{t('common.retry')}</Button>} />
              : error !== null ? <EmptyState title={t('design.dock.failed')}>{errorText(error)}</EmptyState>
                : result === null ? (running ? <Loading label={t('design.dock.running')} /> : <p className="tm-dock-empty tm-dim">{errors > 0 ? t('design.dock.fixFirst', { count: errors }) : t('design.dock.running')}</p>)
                  : match !== null ? <MatchDetail key={match.id} match={match} number={index + 1} onWhy={onWhy} />
                    : <EmptyState title={list === 'match' ? t('design.dock.noMatches') : result.timedOutCount > 0 ? t('design.dock.timedOutTooMany') : t('design.dock.noTimedOut')} actions={list === 'match' ? <Button leftSection={<IconQuestionMark size={14} aria-hidden />} onClick={() => onWhy(null)}>{t('design.why.ask')}</Button> : undefined}>{list === 'match' && result.timedOutCount > 0 ? t('design.dock.noMatchesHint', { count: result.timedOutCount }) : undefined}</EmptyState>}
      </div>
      {result !== null && (
        <div className="tm-test-side">
          <div className="tm-tabs" data-size="sm" role="group" aria-label={t('design.dock.lists')}>
            <button type="button" aria-pressed={list === 'match'} onClick={() => setList('match')}>{t('design.dock.matches')} <b>{result.atLeast ? '≥ ' : ''}{countText(result.matchCount)}</b></button>
            <button type="button" aria-pressed={list === 'timed-out'} onClick={() => setList('timed-out')}>{t('design.dock.timedOut')} <b>{result.atLeast ? '≥ ' : ''}{countText(result.timedOutCount)}</b></button>
          </div>
          <ul className="tm-match-list">
            {matches.map((entry, at) => (
              <li key={entry.id}>
                <button type="button" aria-pressed={at === index} onClick={() => setShown({ kind: list, index: at })}>
                  {list === 'match' ? <IconCheck size={14} stroke={1.8} aria-hidden /> : <IconScissors size={14} stroke={1.6} aria-hidden />}
                  <span className="tm-grow"><span className="tm-match-text">{entry.text ?? (entry.key.length > 0 ? entry.key.map(String).join(' · ') : t('design.dock.nEvents', { count: entry.eventCount }))}</span>
                    <span className="tm-mono11 tm-mute">{formatTime(entry.start)}–{formatTime(entry.end)}</span></span>
                </button>
              </li>
            ))}
            {total > matches.length && matches.length > 0 && <li className="tm-mute tm-t11 tm-match-more">{more === null ? t('design.dock.firstOnly', { count: matches.length }) : <Button size="xs" onClick={more}>{t('design.dock.showMore', { count: Math.min(MATCHES_SHOWN, total - matches.length) })}</Button>}</li>}
          </ul>
          <Expectations />
          {(byClock || firstOfSeveral) && <p className="tm-t11 tm-test-notes">{[byClock ? t('design.time.dock') : '', firstOfSeveral ? t('design.splits.firstOnly') : ''].filter((text) => text !== '').join(' ')}</p>}
          {(result.late > 0 || result.deadLetters > 0 || result.open > 0) && <p className="tm-t11 tm-mute tm-test-notes">{[result.late > 0 ? t('design.dock.late', { count: result.late }) : '', result.deadLetters > 0 ? t('design.source.deadLetters', { count: result.deadLetters }) : '', result.open > 0 ? t('design.dock.open', { count: result.open }) : ''].filter((text) => text !== '').join(' · ')}</p>}
        </div>
      )}
    </div>
  );
}

/** From here on a number is told by its size. */
const MANY = 1e12;
function countText(count: number): string {
  if (count < MANY) return String(count);
  return `≈ 10^${Math.round(Math.log10(count))}`;
}

/** The list that is shown: the first page with the run, further ones when they are asked for. `more` null: there is none to ask for. */
function useMatchList(result: RunResult | null, kind: 'match' | 'timed-out'): { readonly matches: readonly RunMatch[]; readonly total: number; readonly more: (() => void) | null } {
  const engine = useEngine();
  const [further, setFurther] = useState<{ readonly of: RunResult | null; readonly kind: string; readonly matches: readonly RunMatch[] }>({ of: null, kind, matches: [] });
  const first = result === null ? [] : kind === 'match' ? result.matches : result.timedOut;
  const total = result === null ? 0 : kind === 'match' ? result.matchCount : result.timedOutCount;
  const mine = further.of === result && further.kind === kind ? further.matches : [];
  const matches = mine.length === 0 ? first : [...first, ...mine];
  const more = (): void => {
    engine.ask('page', { kind, from: matches.length })
      .then((answer) => setFurther({ of: result, kind, matches: [...mine, ...answer.matches] }))
      .catch(() => undefined); // the worker was stopped: a new run brings a new list
  };
  return { matches, total, more: first.length > 0 && matches.length < Math.min(total, MATCHES_KEPT) ? more : null };
}

/** Tests that are kept with the document: what each expects and what the drawing gives. */
function Expectations() {
  const { t } = useTranslation();
  const { design } = useWorkbench();
  const tests = useShown().tests;
  const outcomes = useRun((state) => state.tests);
  if (tests.length === 0) return null;
  const ran = outcomes.filter((outcome) => outcome.got !== null);
  const failed = ran.filter((outcome) => outcome.got !== outcome.expected).length;
  return (
    <details className="tm-expect" open={failed > 0 || undefined}>
      <summary><b>{t('design.dock.expect')}</b> <span className={failed > 0 ? 'tm-red' : 'tm-mute'}>{failed > 0 ? t('design.dock.testsFailed', { count: failed }) : t('design.dock.testsPassed', { count: ran.length })}</span></summary>
      <ul>
        {tests.map((test) => {
          const outcome = outcomes.find((candidate) => candidate.id === test.id);
          const passed = outcome !== undefined && outcome.got === outcome.expected;
          return (
            <li key={test.id}>
              {outcome === undefined || outcome.got === null ? <IconCircleDashed size={14} stroke={1.6} aria-label={t('design.dock.testUnknown')} /> : passed ? <IconCheck size={14} stroke={1.8} aria-label={t('design.dock.testPassed')} /> : <IconX className="tm-red" size={14} stroke={2} aria-label={t('design.dock.testFailed')} />}
              <span className="tm-clip tm-grow" title={test.name}>{test.name}</span>
              <span className={passed || outcome?.got == null ? 'tm-mute tm-t11' : 'tm-red tm-t11'}>{passed || outcome?.got == null ? t('design.dock.expects', { count: test.expectMatches }) : t('design.dock.gotInstead', { got: outcome.got, count: test.expectMatches })}</span>
              <ActionIcon size={24} aria-label={t('design.dock.removeTest', { name: test.name })} onClick={() => design.getState().execute({ kind: 'set-tests', tests: design.getState().document.tests.filter((other) => other.id !== test.id) })}><IconX size={12} /></ActionIcon>
            </li>
          );
        })}
      </ul>
    </details>
  );
}

function MatchDetail({ match, number, onWhy }: { match: RunMatch; number: number; onWhy: (position: number) => void }) {
  const { t } = useTranslation();
  const language = currentLanguage();
  const pattern = usePattern();
  const of = useRun((state) => state.of);
  const [strip, setStrip] = useState<Strip | null>(null);
  const key = match.key;
  const question = useMemo(() => (of === null ? null : { document: of, key }), [of, key]);
  useAnswer('strip', question, setStrip);
  const drawn = of?.patterns[0] ?? pattern;
  const schema = of?.schema ?? null;
  const shown = useMemo(() => (schema?.fields ?? []).filter((field) => field.name !== schema?.time.field && match.stages.some((stage) => stage.events.some((event) => event.fields[field.name] !== undefined))).slice(0, 6), [schema, match]);
  const { design } = useWorkbench();
  const addTest = (): void => {
    if (schema === null) return;
    const { document, execute } = design.getState();
    const events = match.stages.flatMap((stage) => stage.events).sort((a, b) => a.ts - b.ts || a.position - b.position).map((event) => asWritten(event, schema));
    const expectMatches = match.kind === 'match' ? 1 : 0;
    const taken = new Set(document.tests.map((test) => test.id));
    let n = document.tests.length + 1;
    while (taken.has(`test${n}`)) n += 1;
    execute({ kind: 'set-tests', tests: [...document.tests, { id: `test${n}`, name: match.text?.slice(0, 120) ?? t('design.dock.testName', { n }), events, expectMatches, ...(document.patterns.length > 1 && drawn.id !== '' ? { pattern: drawn.id } : {}) }] });
  };
  const labelOf = (name: string): string => { const node = drawn.nodes.flatMap((entry) => (entry.type === 'COMPOSITE' ? [entry, ...entry.nodes] : [entry])).find((entry) => entry.name === name); return node?.label?.[language] ?? name; };
  return (
    <>
      <div className="tm-test-key">
        {match.key.length > 0 && <><span className="tm-mute">{t('design.dock.key')}</span><span className="tm-mono">{match.key.map(String).join(' · ')}</span></>}
        <span className="tm-dim tm-clip tm-grow" title={match.text ?? undefined}>{match.text ?? ''}</span>
        {schema !== null && match.eventCount <= 200 && <Button size="xs" leftSection={<IconTestPipe size={13} aria-hidden />} onClick={addTest}>{t('design.dock.addTest')}</Button>}
      </div>
      <TimeStrip match={match} number={number} strip={strip} pattern={drawn} />
      <div className="tm-event-table" tabIndex={0} role="region" aria-label={t('design.dock.eventsOf')}>
        <table className="tm-table">
          <thead><tr><th>{t('design.dock.stage')}</th><th>{t('design.dock.time')}</th>{shown.map((field) => <th key={field.name}>{field.name}</th>)}<th className="tm-num">{t('design.dock.record')}</th></tr></thead>
          <tbody>
            {match.stages.flatMap((stage) => [
              ...stage.events.map((event) => <tr key={`${stage.name} ${event.position}`}><td><b className="tm-b">{labelOf(stage.name)}</b></td><td className="tm-mono11">{formatDateTime(event.ts)}</td>{shown.map((field) => <td key={field.name} className="tm-mono11">{event.fields[field.name] === undefined ? '–' : String(event.fields[field.name])}</td>)}<td className="tm-mono11 tm-num tm-mute"><button type="button" className="tm-record" aria-label={t('design.why.askEvent', { record: event.position + 1 })} title={t('design.why.askEvent', { record: event.position + 1 })} onClick={() => onWhy(event.position)}>{event.position + 1}</button></td></tr>),
              ...(stage.more > 0 ? [<tr key={`${stage.name} more`}><td colSpan={shown.length + 3} className="tm-mute">{t('design.dock.moreEvents', { count: stage.more })}</td></tr>] : []),
            ])}
          </tbody>
        </table>
      </div>
    </>
  );
}

function PasteBox({ text, onRun }: { text: string; onRun: (text: string) => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(text);
  return (
    <div className="tm-paste">
      <Textarea aria-label={t('design.dock.pasteLabel')} placeholder={'{"ts": 1764000000000, "name": "start"}'} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} rows={4} spellCheck={false} classNames={{ input: 'tm-mono' }} />
      <div className="tm-row"><Button size="xs" variant="filled" disabled={typed.trim() === '' || typed === text} onClick={() => onRun(typed)}>{t('design.dock.runPasted')}</Button><span className="tm-mute tm-t11">{t('data.paste.hint')}</span></div>
    </div>
  );
}
