/** The drawing in a narrow room: downwards, as a real list, the window's bracket on the right. */
import './canvas.css';
import { IconClock } from '@tabler/icons-react';
import type { PatternEdge } from '@tidemark/pattern';
import { Fragment, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { type Gate, type Level, type Step, runsOf } from './chain.ts';
import { ConditionLine } from './condition-line.tsx';
import { formatDocumentDuration } from './duration.ts';
import { BarredRing, Pin } from './glyphs.tsx';
import type { DrawingView } from './view.ts';
import { badgeText, displayName, repeatWords, skipWords, stageText } from './words.ts';

export function DownDrawing({ view }: { view: DrawingView }) {
  const { t } = useTranslation();
  const { pattern, language } = view;
  const run = runsOf(pattern)[0];
  const window = pattern.window;
  const keyed = pattern.key.length > 0;
  return (
    <div className="tm-down" role="group" aria-label={t('design.drawing.label')}>
      <p className="tm-down-key tm-dim">{keyed ? <>{t('design.drawing.forEach')} <b>{pattern.key.join(' + ')}</b></> : t('design.drawing.allTogether')}</p>
      <div className="tm-down-body">
        <ol className="tm-down-list">
          <li className="tm-down-start"><svg width={18} height={18} role="img" aria-label={t('design.startsWith')}><Pin at={{ x: 9, y: 9 }} /></svg></li>
          {run !== undefined && <Steps view={view} level={pattern} />}
          <li className="tm-down-match">
            <span className="tm-down-line" aria-hidden />
            <span className="tm-diamond" aria-hidden />
            <span><b>{t('design.drawing.match')}</b> {view.renderMatchNote() ?? <span className="tm-dim">{skipWords(pattern.afterMatchStrategy, pattern, language, t)}</span>}</span>
          </li>
        </ol>
        {window !== null && (
          <div className="tm-down-bracket"><span><IconClock size={13} aria-hidden /> {t(window.type === 'FIRST_AND_LAST' ? 'design.drawing.allWithin' : 'design.drawing.eachWithin', { duration: formatDocumentDuration(window.time, language) })}</span></div>
        )}
      </div>
    </div>
  );
}

function Steps({ view, level }: { view: DrawingView; level: Level }) {
  return runsOf(level).map((run, index) => (
    <Fragment key={index}>
      {run.steps.map((step, at) => <StepItem key={step.node.id} view={view} step={step} first={at === 0} />)}
      {run.trailing.map((gate) => <GateItem key={gate.node.id} view={view} gate={gate} trailing />)}
    </Fragment>
  ));
}

function StepItem({ view, step, first }: { view: DrawingView; step: Step; first: boolean }) {
  const { t } = useTranslation();
  const { node } = step;
  const badge = badgeText(node.quantifier, false);
  const multi = node.quantifier.properties.includes('LOOPING') || node.quantifier.properties.includes('TIMES');
  const select = (): void => view.select(node.id);
  return (
    <>
      {step.gates.map((gate) => <GateItem key={gate.node.id} view={view} gate={gate} trailing={false} />)}
      {!first && step.edge !== null && <LinkItem type={step.edge.type} note={view.renderLinkNote(node.id)} />}
      <li>
        {node.type === 'ATOMIC'
          ? (
            <article className="tm-stage tm-down-stage" data-stage={node.id} data-multi={multi || undefined} data-selected={view.selected.has(node.id) || undefined} data-optional={node.quantifier.properties.includes('OPTIONAL') || undefined}>
              <button type="button" className="tm-hit" aria-pressed={view.selected.has(node.id)} aria-label={`${displayName(node, view.language)}${t('design.listSeparator')}${repeatWords(node.quantifier, t)}`} onClick={select} />
              <div className="tm-stage-head"><span className="tm-stage-name">{displayName(node, view.language)}</span>{badge !== null && <span className="tm-badge" title={repeatWords(node.quantifier, t)}>{badge}</span>}</div>
              <div className="tm-stage-lines">{stageText(node, view.document, view.language, t, false).lines.map((line) => <ConditionLine key={line.text} line={line} />)}</div>
              <div className="tm-stage-foot">{view.renderFoot(node.id)}</div>
            </article>
          )
          : (
            <section className="tm-group tm-down-group" data-multi={multi || undefined} aria-label={t('design.canvas.group', { name: displayName(node, view.language) })}>
              <div className="tm-stage-head"><span className="tm-stage-name">{displayName(node, view.language)}</span>{badge !== null && <span className="tm-badge">{badge}</span>}</div>
              <ol className="tm-down-list"><Steps view={view} level={node} /></ol>
            </section>
          )}
      </li>
    </>
  );
}

function LinkItem({ type, note }: { type: PatternEdge['type']; note: ReactNode }) {
  const { t } = useTranslation();
  return <li className="tm-down-link"><span className="tm-down-line" data-link={type} aria-hidden /><span>{t(`design.link.${type}`)}</span>{note !== null && <span className="tm-mute">{note}</span>}</li>;
}

function GateItem({ view, gate, trailing }: { view: DrawingView; gate: Gate; trailing: boolean }) {
  const { t } = useTranslation();
  const word = trailing ? t('design.link.trailing') : gate.edge.type === 'NOT_NEXT' ? t('design.link.NOT_NEXT') : t('design.link.NOT_FOLLOW');
  return (
    <li className="tm-down-link tm-down-gate">
      <svg width={28} height={28} aria-hidden="true" focusable="false"><BarredRing at={{ x: 14, y: 14 }} radius={10} /></svg>
      <button type="button" className="tm-down-gate-name" aria-pressed={view.selected.has(gate.node.id)} onClick={() => view.select(gate.node.id)}>{word} <b>{displayName(gate.node, view.language)}</b></button>
      <span className="tm-mute">{view.renderGateFoot(gate.node.id)}</span>
    </li>
  );
}
