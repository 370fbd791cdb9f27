/**
 * "Why no match?": the first reason, stage by stage how far events and attempts came; a stage opens its events, an
 * event the reasons at every stage.
 * Always  shows the document that was last run; every row that opens something is a button.
 */
import './why.css';
import { ActionIcon, Button, NumberInput } from '@mantine/core';
import { IconAlertTriangle, IconArrowLeft, IconArrowsSplit2, IconBan, IconCheck, IconClockX, IconCut, IconHandStop, IconInfinity, IconPlayerSkipForward, IconQuestionMark, IconX } from '@tabler/icons-react';
import type { ConditionPart, EndReason, TracedWay } from '@tidemark/cep';
import type { PatternGraph } from '@tidemark/pattern';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { levelOf } from '../canvas/chain.ts';
import { displayName } from '../canvas/words.ts';
import { currentLanguage } from '../i18n/index.ts';
import { EmptyState, Loading, errorText } from '../shell/states.tsx';
import { usePattern, useRun } from '../store/context.tsx';
import type { EngineCalls } from './engine-messages.ts';
import { formatDateTime, formatTime } from './format-time.ts';
import type { SampleEvent } from './sample.ts';
import { useAnswer } from './use-engine.ts';
import type { WhySummary } from './why.ts';
import { type WhyWords, endsOf, eventLines, leadOf, partWords, stageLines, valueWords } from './why-words.ts';

const ICONS: Readonly<Record<EndReason, typeof IconCut>> = {
  window: IconClockX, gap: IconClockX, order: IconArrowsSplit2, until: IconHandStop, greedy: IconInfinity, gate: IconBan, skip: IconPlayerSkipForward,
};

/** What is open: nothing, a stage, an event (with the stage that it was opened from). */
export type WhyPlace = { readonly stage: number | null; readonly position: number | null };

export function WhyPanel({ place, onPlace }: { place: WhyPlace; onPlace: (place: WhyPlace) => void }) {
  const { t } = useTranslation();
  const document = useRun((state) => state.of);
  const patternId = usePattern().id;
  const pattern = Math.max(0, document?.patterns.findIndex((candidate) => candidate.id === patternId) ?? 0);
  const question = useMemo(() => (document === null ? null : { document, pattern }), [document, pattern]);
  const [answer, setAnswer] = useState<EngineCalls['why']['answer'] | null>(null);
  const [error, setError] = useState<unknown>(null);
  useAnswer('why', question, (next) => { setError(null); setAnswer(next); }, 0, setError);
  const graph = document?.patterns[pattern];
  if (document === null || graph === undefined) return <EmptyState title={t('design.why.none')} />;
  if (error !== null) return <div role="alert" className="tm-fill"><EmptyState title={t('design.why.failed')}>{errorText(error)}</EmptyState></div>;
  if (answer === null) return <Loading label={t('design.why.working')} />;
  if (answer.why === null) return <EmptyState title={t('design.why.failed')} />;
  return <Summary why={answer.why} tookMs={answer.tookMs} graph={graph} question={question as NonNullable<typeof question>} place={place} onPlace={onPlace} fields={document.schema?.fields.map((field) => field.name) ?? []} timeField={document.schema?.time.field ?? ''} />;
}

interface Shared {
  readonly question: EngineCalls['why']['ask'];
  readonly place: WhyPlace;
  readonly onPlace: (place: WhyPlace) => void;
  readonly fields: readonly string[];
  readonly timeField: string;
}

function Summary({ why, tookMs, graph, ...shared }: Shared & { why: WhySummary; tookMs: number; graph: PatternGraph }) {
  const { t, i18n } = useTranslation();
  const language = currentLanguage();
  const { summary, explanation, stages } = why;
  const matches = useRun((state) => state.result?.matchCount ?? 0);
  const words: WhyWords = useMemo(() => ({
    t, language, nameOf: (stage) => { const found = stages[stage]; const node = found === undefined ? undefined : levelOf(graph, found.id)?.node; return node === undefined ? found?.name ?? '' : displayName(node, language); },
  }), [t, language, stages, graph]);
  const number = new Intl.NumberFormat(i18n.language);
  const { place, onPlace } = shared;
  const notes = [
    summary.late > 0 ? t('design.why.late', { count: summary.late }) : '',
    why.deadLetters > 0 ? t('design.why.deadLetters', { count: why.deadLetters }) : '',
    !summary.whole ? t('design.why.partly', { n: number.format(summary.traced), of: number.format(summary.events) }) : '',
  ].filter((text) => text !== '');
  return (
    <div className="tm-why" data-open={place.stage !== null || place.position !== null || undefined}>
      <section className="tm-why-summary" aria-label={t('design.why.summary')}>
        <p className="tm-why-lead" role="status" data-took={Math.round(tookMs)}>{leadOf(summary, words, matches)}</p>
        {summary.fault !== null && <p role="alert" className="tm-finding tm-t12" data-hue="red">{t('design.why.fault', { record: summary.fault.event.position + 1, message: summary.fault.message })}</p>}
        <table className="tm-table tm-why-table">
          <thead><tr><th>{t('design.why.stage')}</th><th className="tm-num" title={t('design.why.metHint')}>{t('design.why.met')}</th><th className="tm-num">{t('design.why.taken')}</th><th>{t('design.why.ended')}</th><th className="tm-num">{t('design.why.waiting')}</th></tr></thead>
          <tbody>
            {summary.stages.map((stage) => (
              <tr key={stage.id} data-open={place.stage === stage.stage || undefined}>
                <td><button type="button" className="tm-why-open" aria-expanded={place.stage === stage.stage} onClick={() => onPlace({ stage: stage.stage, position: null })}>{stage.gate && <IconBan size={13} stroke={1.8} aria-hidden />}<span className="tm-clip">{words.nameOf(stage.stage)}</span></button></td>
                <td className="tm-num" title={stage.metExact ? undefined : t('design.why.metPart')}>{stage.metExact ? '' : '≤ '}{number.format(stage.met)}</td>
                <td className="tm-num">{stage.gate ? '–' : number.format(stage.taken)}</td>
                <td>{stage.gate ? <span className={stage.blocked > 0 ? 'tm-why-end' : 'tm-mute'}>{t('design.why.blocked', { count: stage.blocked })}</span> : <Ends list={endsOf(stage, words)} format={(count) => number.format(count)} />}</td>
                <td className="tm-num">{stage.gate ? '–' : number.format(stage.waiting)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {summary.furthest !== null && (
          <div className="tm-why-furthest">
            <b>{t('design.why.furthest')}</b>
            {summary.furthest.key.length > 0 && <span className="tm-mute">{t('design.why.furthestKey', { key: summary.furthest.key.map(String).join(' · ') })}</span>}
            <Way way={summary.furthest.way} words={words} onEvent={(position) => onPlace({ stage: place.stage, position })} />
            {summary.furthest.ending !== null && <EndChip reason={summary.furthest.ending.reason} words={words} at={summary.furthest.ending.at} />}
          </div>
        )}
        {notes.length > 0 && <p className="tm-t11 tm-mute tm-why-notes">{notes.join(' · ')}</p>}
        <p className="tm-t11 tm-mute tm-why-notes"><b>{t('design.why.cost')}</b> {explanation.cost[language]}</p>
        <RecordBox onAsk={(position) => onPlace({ stage: place.stage, position })} />
      </section>
      {place.position !== null
        ? <EventReasonsView key={place.position} {...shared} words={words} position={place.position} />
        : place.stage !== null && place.stage < summary.stages.length && <StageView key={place.stage} {...shared} why={why} words={words} stage={place.stage} />}
    </div>
  );
}

function Ends({ list, format }: { list: ReturnType<typeof endsOf>; format: (count: number) => string }) {
  if (list.length === 0) return <span className="tm-mute">–</span>;
  return <span className="tm-why-ends">{list.map(({ reason, count, words }) => { const Icon = ICONS[reason]; return <span key={reason} className="tm-why-end"><Icon size={13} stroke={1.7} aria-hidden />{format(count)} {words}</span>; })}</span>;
}

function EndChip({ reason, words, at }: { reason: EndReason; words: WhyWords; at: number }) {
  const Icon = ICONS[reason];
  return <span className="tm-why-end" title={formatDateTime(at)}><Icon size={13} stroke={1.7} aria-hidden />{words.t(`design.why.end.${reason}`)} <span className="tm-mono11">{formatTime(at)}</span></span>;
}

/** The events of an attempt, each a way to its reasons. */
function Way({ way, words, onEvent }: { way: TracedWay; words: WhyWords; onEvent: (position: number) => void }) {
  return (
    <span className="tm-why-way">
      {way.events.map((event, index) => (
        <button key={index} type="button" className="tm-why-event" title={`${words.t('design.why.record')} ${event.position + 1} · ${formatDateTime(event.time)}`} onClick={() => onEvent(event.position)}>
          {words.nameOf(event.stage)} <span className="tm-mono11 tm-mute">{formatTime(event.time)}</span>
        </button>
      ))}
      {way.length > way.events.length && <span className="tm-mute tm-t11">{words.t('design.why.andMore', { n: way.length })}</span>}
    </span>
  );
}

function RecordBox({ onAsk }: { onAsk: (position: number) => void }) {
  const { t } = useTranslation();
  const [record, setRecord] = useState<number | string>('');
  const valid = typeof record === 'number' && record >= 1;
  return (
    <form className="tm-why-record" onSubmit={(event) => { event.preventDefault(); if (valid) onAsk(record - 1); }}>
      <NumberInput size="xs" aria-label={t('design.why.recordAsk')} placeholder={t('design.why.recordAsk')} min={1} allowDecimal={false} hideControls value={record} onChange={setRecord} />
      <Button size="xs" type="submit" disabled={!valid} leftSection={<IconQuestionMark size={13} aria-hidden />}>{t('design.why.ask')}</Button>
    </form>
  );
}

/** A side that opens takes the focus, so that a keyboard goes on where the eye does. */
function Side({ title, back, backLabel, children }: { title: string; back: () => void; backLabel: string; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => { heading.current?.focus({ preventScroll: true }); }, []);
  return (
    <section className="tm-why-side" aria-label={title}>
      <header><ActionIcon size={24} aria-label={backLabel} title={backLabel} onClick={back}><IconArrowLeft size={15} /></ActionIcon><h3 ref={heading} tabIndex={-1}>{title}</h3></header>
      <div className="tm-why-side-body">{children}</div>
    </section>
  );
}

function StageView({ why, words, stage, question, onPlace, fields, timeField }: Shared & { why: WhySummary; words: WhyWords; stage: number }) {
  const { t, language } = words;
  const [answer, setAnswer] = useState<EngineCalls['whyStage']['answer'] | null>(null);
  const [failed, setFailed] = useState(false);
  useAnswer('whyStage', useMemo(() => ({ ...question, stage }), [question, stage]), setAnswer, 0, () => setFailed(true));
  const summary = why.summary.stages[stage];
  const explained = why.explanation.stages[stage];
  const open = (position: number): void => onPlace({ stage, position });
  if (summary === undefined) return null;
  return (
    <Side title={words.nameOf(stage)} back={() => onPlace({ stage: null, position: null })} backLabel={t('design.why.backAll')}>
      {explained !== undefined && <p className="tm-t12 tm-dim">{explained.waitsFor[language]}</p>}
      {summary.nearest !== null && (
        <div className="tm-why-block"><h4>{t('design.why.nearest')}</h4>
          <EventButton event={why.events[summary.nearest.event.row]} fields={fields} timeField={timeField} onOpen={open} t={t} />
          <Condition parts={summary.nearest.condition} words={words} />
        </div>
      )}
      {summary.examples.length > 0 && <div className="tm-why-block"><h4>{t('design.why.example')}</h4><ul className="tm-why-examples">{summary.examples.slice(0, 4).map((ending, index) => <li key={index}><Way way={ending.way} words={words} onEvent={open} /><EndChip reason={ending.reason} words={words} at={ending.at} />{ending.by !== null && <button type="button" className="tm-why-event" onClick={() => open(ending.by?.position ?? 0)}>{t('design.why.record')} {ending.by.position + 1}</button>}</li>)}</ul></div>}
      {failed && <p role="alert" className="tm-t12">{t('design.why.failed')}</p>}
      {answer?.events !== undefined && answer.events !== null && (
        <>
          <EventList title={t('design.why.notTaken')} events={summary.gate ? [] : answer.events.notTaken} hidden={summary.gate} fields={fields} timeField={timeField} onOpen={open} t={t} />
          <EventList title={summary.gate ? t('design.why.met') : t('design.why.takenList')} events={summary.gate ? answer.events.notTaken : answer.events.taken} hidden={false} fields={fields} timeField={timeField} onOpen={open} t={t} />
        </>
      )}
    </Side>
  );
}

function EventList({ title, events, hidden, fields, timeField, onOpen, t }: { title: string; events: readonly SampleEvent[]; hidden: boolean; fields: readonly string[]; timeField: string; onOpen: (position: number) => void; t: WhyWords['t'] }) {
  if (hidden) return null;
  return (
    <div className="tm-why-block"><h4>{title} {events.length >= 50 && <span className="tm-mute">{t('design.why.firstOf', { n: events.length })}</span>}</h4>
      {events.length === 0 ? <p className="tm-mute tm-t12">{t('design.why.noEvents')}</p> : <ul className="tm-why-events">{events.map((event) => <li key={event.position}><EventButton event={event} fields={fields} timeField={timeField} onOpen={onOpen} t={t} /></li>)}</ul>}
    </div>
  );
}

/** An event in one line: record, time, its first fields. Opens its reasons. */
function EventButton({ event, fields, timeField, onOpen, t, current }: { event: SampleEvent | undefined; fields: readonly string[]; timeField: string; onOpen: (position: number) => void; t: WhyWords['t']; current?: boolean }) {
  if (event === undefined) return null;
  const values = fields.filter((field) => field !== timeField && event.fields[field] !== undefined && event.fields[field] !== null).slice(0, 5).map((field) => String(event.fields[field])).join(' · ');
  return (
    <button type="button" className="tm-why-row" aria-current={current === true ? 'true' : undefined} title={formatDateTime(event.ts)} onClick={() => onOpen(event.position)}>
      <span className="tm-sr">{t('design.why.askEvent', { record: event.position + 1 })}</span>
      <span className="tm-mono11 tm-mute tm-why-no">{event.position + 1}</span><span className="tm-mono11">{formatTime(event.ts)}</span><span className="tm-clip tm-grow">{values}</span>
    </button>
  );
}

function Condition({ parts, words }: { parts: readonly ConditionPart[]; words: WhyWords }) {
  return (
    <ul className="tm-why-condition">
      {parts.map((part, index) => (
        <li key={index} data-holds={part.holds}>
          {part.holds === 1 ? <IconCheck size={14} stroke={2} aria-label={partWords(part, words)} /> : part.holds === 0 ? <IconX size={14} stroke={2} aria-label={partWords(part, words)} /> : <IconAlertTriangle size={14} stroke={1.8} aria-label={partWords(part, words)} />}
          <span><code>{part.text}</code>{part.values.map((value) => <span key={value.text} className="tm-why-value"><code>{value.text}</code> = <b>{valueWords(value, words)}</b></span>)}</span>
        </li>
      ))}
    </ul>
  );
}

function EventReasonsView({ words, position, place, question, onPlace, fields, timeField }: Shared & { words: WhyWords; position: number }) {
  const { t } = words;
  const [answer, setAnswer] = useState<EngineCalls['whyEvent']['answer'] | null>(null);
  const ask = useMemo(() => ({ ...question, position }), [question, position]);
  const [failed, setFailed] = useState(false);
  useAnswer('whyEvent', ask, setAnswer, 0, () => setFailed(true));
  const [view, setView] = useState<'reasons' | 'history'>('reasons');
  const keyFields = question.document.patterns[question.pattern]?.key ?? [];
  const back = (): void => onPlace({ stage: place.stage, position: null });
  const title = t('design.why.eventTitle', { record: position + 1 });
  const backLabel = place.stage === null ? t('design.why.backAll') : t('design.why.back', { stage: words.nameOf(place.stage) });
  if (failed) return <Side title={title} back={back} backLabel={backLabel}><p role="alert" className="tm-t12">{t('design.why.failed')}</p></Side>;
  if (answer === null) return <Side title={title} back={back} backLabel={backLabel}><Loading /></Side>;
  if (answer.event === null) return <Side title={title} back={back} backLabel={backLabel}><p className="tm-t12">{t('design.why.noRecord', { record: position + 1 })}</p></Side>;
  const { reasons, events } = answer.event;
  const event = events[reasons.event.row];
  const shown = fields.filter((field) => field !== timeField && event?.fields[field] !== undefined).slice(0, 8);
  return (
    <Side title={title} back={back} backLabel={backLabel}>
      <p className="tm-t12 tm-why-fields" data-took={answer.tookMs.toFixed(1)}><span className="tm-mono11">{formatDateTime(reasons.event.time)}</span>{shown.map((field) => <span key={field}><span className="tm-mute">{field}</span> {String(event?.fields[field])}</span>)}</p>
      <div className="tm-tabs" data-size="sm" role="group" aria-label={title}>
        <button type="button" aria-pressed={view === 'reasons'} onClick={() => setView('reasons')}>{t('design.why.reasons')}</button>
        <button type="button" aria-pressed={view === 'history'} onClick={() => setView('history')}>{t('design.why.history')}</button>
      </div>
      {view === 'history' ? <History ask={ask} words={words} onPlace={onPlace} place={place} fields={fields} timeField={timeField} /> : (
        <>
          {eventLines(reasons, keyFields, words).map((line) => <p key={line} className="tm-t12">{line}</p>)}
          <ol className="tm-why-stages">
            {reasons.stages.map((stage) => (
              <li key={stage.stage} data-verdict={stage.verdict}>
                <h4>{stage.gate && <IconBan size={13} stroke={1.8} aria-hidden />}{words.nameOf(stage.stage)}</h4>
                {stageLines(stage, reasons, words).map(({ text, tone }) => <p key={text} className="tm-why-line" data-tone={tone}>{tone === 'good' ? <IconCheck size={14} stroke={2} aria-hidden /> : tone === 'bad' ? <IconX size={14} stroke={2} aria-hidden /> : <span className="tm-why-dot" aria-hidden />}<span>{text}</span></p>)}
                {stage.condition !== null && stage.verdict !== 'taken' && stage.verdict !== 'late' && <Condition parts={stage.condition} words={words} />}
                {stage.runs.some((run) => run.way !== null) && (
                  <details><summary>{t('design.why.attemptsHere')} <span className="tm-mute">{stage.runs.filter((run) => run.way !== null).length}</span></summary>
                    <ul className="tm-why-examples">{stage.runs.filter((run) => run.way !== null).map((run, index) => <li key={index}>{run.way !== null && <Way way={run.way} words={words} onEvent={(at) => onPlace({ stage: place.stage, position: at })} />}{run.ended !== null && <EndChip reason={run.ended} words={words} at={reasons.event.time} />}</li>)}</ul>
                  </details>
                )}
                {stage.before !== null && <Way way={stage.before.way} words={words} onEvent={(at) => onPlace({ stage: place.stage, position: at })} />}
              </li>
            ))}
          </ol>
        </>
      )}
    </Side>
  );
}

function History({ ask, words, onPlace, place, fields, timeField }: { ask: EngineCalls['whyKey']['ask']; words: WhyWords; onPlace: Shared['onPlace']; place: WhyPlace; fields: readonly string[]; timeField: string }) {
  const { t, nameOf } = words;
  const [answer, setAnswer] = useState<EngineCalls['whyKey']['answer'] | null>(null);
  const [failed, setFailed] = useState(false);
  useAnswer('whyKey', ask, setAnswer, 0, () => setFailed(true));
  if (failed) return <p role="alert" className="tm-t12">{t('design.why.failed')}</p>;
  if (answer === null) return <Loading />;
  if (answer.history === null) return <p className="tm-t12">{t('design.why.verdict.tooMany')}</p>;
  const { steps, events } = answer.history;
  return (
    <ul className="tm-why-events">
      {steps.map((step) => {
        const did = [
          ...(step.taken.length > 0 ? [t('design.why.step.taken', { stages: step.taken.map(nameOf).join(', ') })] : []),
          ...(step.completed > 0 ? [t('design.why.step.completed', { count: step.completed })] : []),
          ...Object.entries(step.ended).map(([reason, count]) => t('design.why.step.ended', { count, reason: t(`design.why.end.${reason as EndReason}`) })),
        ];
        const words_ = did.length > 0 ? did.join(' · ') : step.ignored > 0 ? t('design.why.step.ignored') : t('design.why.step.nothing');
        return <li key={step.event.row}><EventButton event={events[step.event.row]} fields={fields} timeField={timeField} current={step.event.position === ask.position} onOpen={(position) => onPlace({ stage: place.stage, position })} t={t} /><p className="tm-t11 tm-mute tm-why-did">{words_}</p></li>;
      })}
    </ul>
  );
}
