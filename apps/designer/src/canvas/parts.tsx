/**
 * The parts of the drawing as React Flow nodes: stage, gate, group, pin, match, and the lane behind them.
 *
 * Always  a part shows its box of the drawing model and what the view gives; it decides and fetches nothing. What can
 *         be selected is one button that covers the card, so that it is reached by Tab and spoken as a sentence.
 */
import { Popover, TextInput } from '@mantine/core';
import { IconAlertCircle, IconAlertTriangle, IconArrowRight, IconChevronDown, IconChevronRight, IconClock, IconOctagon, IconPlus } from '@tabler/icons-react';
import { Handle, type Node, type NodeProps, Position } from 'reactflow';
import { type CSSProperties, type KeyboardEvent, type ReactNode, memo, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ConditionLine } from './condition-line.tsx';
import type { GateBox, GroupBox, StageBox } from './drawing.ts';
import { LANE_HEADER, MATCH } from './drawing.ts';
import { formatDocumentDuration } from './duration.ts';
import { Arrowhead, Pin } from './glyphs.tsx';
import { type PartState, useDrawing, useHands } from './view.ts';
import { STOP, linkWord, repeatWords, skipWords, stageSentence } from './words.ts';

export type StageNodeType = Node<{ readonly box: StageBox; readonly state: PartState }, 'stage'>;
export type GateNodeType = Node<{ readonly box: GateBox; readonly state: PartState }, 'gate'>;
export type GroupNodeType = Node<{ readonly box: GroupBox; readonly state: PartState }, 'composite'>;

function Handles({ name, top }: { name: string; top?: number }) {
  const style = top === undefined ? undefined : { top };
  const { edit } = useHands();
  const { t } = useTranslation();
  const connectable = edit !== null;
  return (
    <>
      <Handle type="target" position={Position.Left} isConnectable={connectable} className="tm-handle" style={style} title={connectable ? t('design.canvas.handleIn', { name }) : undefined} />
      <Handle type="source" position={Position.Right} isConnectable={connectable} className="tm-handle" style={style} title={connectable ? t('design.canvas.handleOut', { name }) : undefined} />
    </>
  );
}

/** The words over a card and, for "N or more", the arc that leads back. */
function Over({ words, height, width, loop }: { words: readonly string[]; height: number; width: number; loop: boolean }) {
  if (words.length === 0) return null;
  const y = -height + 8;
  const side = Math.min(18, width / 6);
  return (
    <>
      {loop && (
        <svg className="tm-over-arc" width={width} height={1} aria-hidden="true" focusable="false">
          <path className="tm-wire tm-wire-thin" d={`M${width - side} 0V${y + 8}q0 -8 -8 -8H${side + 8}q-8 0 -8 8V-6`} />
          <path className="tm-wire-fill" d={`M${side} -1l-4 -7h8z`} />
        </svg>
      )}
      <div className="tm-over" style={{ top: -height, left: width / 2 }}>
        {words.map((word) => <span key={word} className="tm-patch">{word.startsWith(STOP) ? <><IconOctagon size={11} stroke={2} aria-hidden className="tm-inline-icon" />{word.slice(STOP.length)}</> : word}</span>)}
      </div>
    </>
  );
}

function Marks({ state }: { state: PartState }) {
  const { t } = useTranslation();
  return (
    <>
      {state.errors > 0 && <span className="tm-mark" data-hue="red"><IconAlertCircle size={13} stroke={1.9} aria-hidden />{t('design.canvas.errors', { count: state.errors })}</span>}
      {state.errors === 0 && state.warnings > 0 && <span className="tm-mark" data-hue="amber"><IconAlertTriangle size={13} stroke={1.9} aria-hidden />{t('design.canvas.warnings', { count: state.warnings })}</span>}
      {state.changed && <span className="tm-undeployed" title={t('design.drawing.notDeployed')}><span className="tm-sr">{t('design.drawing.notDeployed')}</span></span>}
    </>
  );
}

/** A name that F2 or a double click turns into a field. */
function Name({ id, name, shown, renaming }: { id: string; name: string; shown: string; renaming: boolean }) {
  const { edit } = useHands();
  const { t } = useTranslation();
  const [text, setText] = useState(shown);
  const [refused, setRefused] = useState<string | null>(null);
  const done = useRef(false);
  useEffect(() => { if (renaming) { setText(shown); setRefused(null); done.current = false; } }, [renaming, shown]);
  if (!renaming || edit === null) return <span className="tm-stage-name" title={shown === name ? undefined : name} onDoubleClick={() => edit?.startRename(id)}>{shown}</span>;
  const finish = (value: string | null): void => {
    if (done.current) return;
    const sentence = edit.rename(id, value);
    if (sentence === null) done.current = true; else setRefused(sentence);
  };
  return (
    <TextInput className="nodrag nopan tm-rename" value={text} autoFocus error={refused ?? undefined} aria-label={t('design.inspector.name')}
               onFocus={(event) => event.currentTarget.select()} onChange={(event) => setText(event.currentTarget.value)}
               onBlur={() => finish(refused === null ? text : null)}
               onKeyDown={(event) => { event.stopPropagation(); if (event.key === 'Enter') finish(text); else if (event.key === 'Escape') { done.current = true; edit.rename(id, null); } }} />
  );
}

function Badge({ id, text, words }: { id: string; text: string; words: string }) {
  const { edit } = useHands();
  const { t } = useTranslation();
  const [opened, setOpened] = useState(false);
  if (edit === null) return <span className="tm-badge" title={words}>{text}</span>;
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" trapFocus withinPortal>
      <Popover.Target>
        <button type="button" className="tm-badge tm-badge-button nodrag" aria-label={`${text} ${t('design.inspector.howMany')}: ${words}`} aria-expanded={opened} onClick={() => setOpened(!opened)}>{text}</button>
      </Popover.Target>
      <Popover.Dropdown p={8}>{opened && edit.repeatMenu(id, () => setOpened(false))}</Popover.Dropdown>
    </Popover>
  );
}

const useSelectOnKey = (id: string) => {
  const { select } = useHands();
  return {
    onClick: (event: { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean }) => select(id, event.shiftKey || event.ctrlKey || event.metaKey),
    // Space and Enter press the button by themselves; React Flow would take them for itself
    onKeyDown: (event: KeyboardEvent) => { if (event.key === ' ' || event.key === 'Enter') event.stopPropagation(); },
  };
};

export const StageNode = memo(function StageNode({ data: { box, state } }: NodeProps<StageNodeType>) {
  const { edit, renderFoot } = useHands();
  const { t } = useTranslation();
  const { node, text } = box;
  const { selected } = state;
  const quantifier = node.quantifier;
  const loop = quantifier.properties.includes('LOOPING');
  const multi = loop || quantifier.properties.includes('TIMES');
  const link = state.link === null ? t('design.startsWith') : linkWord(state.link, t);
  const sentence = stageSentence(node, { order: box.order, total: state.total, link }, text, t);
  const press = useSelectOnKey(box.id);
  return (
    <div className="tm-stage-wrap" data-dimmed={state.dimmed || undefined} data-offered={state.offered || undefined}>
      <Over words={text.over} height={box.overHeight} width={box.width} loop={loop} />
      <article className="tm-stage" data-stage={box.id} data-selected={selected || undefined} data-multi={multi || undefined} data-optional={quantifier.properties.includes('OPTIONAL') || undefined}
               data-invalid={state.errors > 0 || undefined}>
        <button type="button" className="tm-hit" aria-label={sentence} aria-pressed={selected} {...press} />
        <div className="tm-stage-head">
          <Name id={box.id} name={node.name} shown={text.name} renaming={state.renaming} />
          {text.badge !== null && !state.renaming && <Badge id={box.id} text={text.badge} words={repeatWords(quantifier, t)} />}
        </div>
        <div className="tm-stage-lines">{text.lines.map((line) => <ConditionLine key={line.text} line={line} />)}</div>
        <div className="tm-stage-foot">{state.errors > 0 ? null : renderFoot(box.id)}<Marks state={state} /></div>
        {edit !== null && !state.renaming && (
          <button type="button" className="tm-append nodrag" title={t('design.canvas.addAfter', { name: text.name })} aria-label={t('design.canvas.addAfter', { name: text.name })} tabIndex={-1}
                  onClick={() => edit.appendAfter(box.id)}><IconPlus size={14} stroke={2} /></button>
        )}
      </article>
      <Handles name={text.name} />
    </div>
  );
});

export const GateNode = memo(function GateNode({ data: { box, state } }: NodeProps<GateNodeType>) {
  const { renderGateFoot } = useHands();
  const { t } = useTranslation();
  const { selected } = state;
  const press = useSelectOnKey(box.id);
  const where = box.trailing ? t('design.link.trailing') : box.gate === 'NOT_NEXT' ? t('design.link.rightAfter') : t('design.link.inBetween');
  // the stem hangs from the ring, wherever the card was moved
  const ring = { x: box.ring.x - box.x, y: box.ring.y - box.y + 13 };
  const end = { x: Math.min(Math.max(ring.x, 12), box.width - 12), y: 0 };
  return (
    <>
      <svg className="tm-stem" width={1} height={1} aria-hidden="true" focusable="false">
        <path className="tm-wire tm-wire-thin" d={Math.abs(ring.x - end.x) < 1 ? `M${ring.x} ${ring.y}V${end.y}` : `M${ring.x} ${ring.y}C${ring.x} ${ring.y + 24} ${end.x} ${end.y - 24} ${end.x} ${end.y}`} />
      </svg>
      <article className="tm-gate" data-stage={box.id} data-selected={selected || undefined} data-invalid={state.errors > 0 || undefined}>
        <button type="button" className="tm-hit" aria-pressed={selected} {...press}
                aria-label={[t(box.gate === 'NOT_NEXT' ? 'design.link.NOT_NEXT' : 'design.link.NOT_FOLLOW'), box.text.name, box.text.lines.map((line) => line.text).join(t('design.andJoin'))].join(t('design.listSeparator'))} />
        <div className="tm-gate-head"><Name id={box.id} name={box.node.name} shown={box.text.name} renaming={state.renaming} /><span className="tm-mute tm-gate-where">{where}</span></div>
        <div className="tm-stage-lines">{box.text.lines.map((line) => <ConditionLine key={line.text} line={line} />)}</div>
        <div className="tm-gate-foot">{renderGateFoot(box.id)}<Marks state={state} /></div>
      </article>
      <Handles name={box.text.name} />
    </>
  );
});

export const GroupNode = memo(function GroupNode({ data: { box, state } }: NodeProps<GroupNodeType>) {
  const { edit } = useHands();
  const { t } = useTranslation();
  const { selected } = state;
  const press = useSelectOnKey(box.id);
  const quantifier = box.node.quantifier;
  const multi = quantifier.properties.includes('LOOPING') || quantifier.properties.includes('TIMES');
  return (
    <div className="tm-stage-wrap">
      <Over words={box.over} height={box.overHeight} width={box.width} loop={quantifier.properties.includes('LOOPING')} />
      <section className="tm-group" data-stage={box.id} data-selected={selected || undefined} data-multi={multi || undefined} data-collapsed={box.collapsed || undefined} data-optional={quantifier.properties.includes('OPTIONAL') || undefined}
               aria-label={t('design.canvas.group', { name: box.name })}>
        <button type="button" className="tm-hit" aria-pressed={selected} aria-label={[t('design.canvas.group', { name: box.name }), repeatWords(quantifier, t)].join(t('design.listSeparator'))} {...press} />
        <div className="tm-group-head" onDoubleClick={() => edit?.toggleGroup(box.id)}>
          {edit !== null && (
            <button type="button" className="tm-fold nodrag" aria-expanded={!box.collapsed} aria-label={box.collapsed ? t('design.canvas.openGroup', { name: box.name }) : t('design.canvas.closeGroup', { name: box.name })}
                    onClick={() => edit.toggleGroup(box.id)}>{box.collapsed ? <IconChevronRight size={14} /> : <IconChevronDown size={14} />}</button>
          )}
          <Name id={box.id} name={box.node.name} shown={box.name} renaming={state.renaming} />
          {box.badge !== null && <Badge id={box.id} text={box.badge} words={repeatWords(quantifier, t)} />}
        </div>
        {box.collapsed && <div className="tm-stage-lines tm-mute">{t('design.canvas.groupOf', { count: box.node.nodes.length })}</div>}
        <div className="tm-group-foot"><Marks state={state} /></div>
      </section>
      <Handles name={box.name} top={box.port} />
    </div>
  );
});

export type PinNodeType = Node<Record<string, never>, 'pin'>;
export const PinNode = memo(function PinNode() {
  const { t } = useTranslation();
  return (
    <div className="tm-pin-wrap" title={t('design.startsWith')}>
      <svg width={18} height={18} role="img" aria-label={t('design.startsWith')}><Pin at={{ x: 9, y: 9 }} /></svg>
      <Handle type="source" position={Position.Right} isConnectable={false} className="tm-handle tm-handle-none" />
    </div>
  );
});

export type MatchNodeType = Node<{ readonly key: string }, 'match'>;
export const MatchNode = memo(function MatchNode() {
  const view = useDrawing();
  const { t } = useTranslation();
  const words = skipWords(view.pattern.afterMatchStrategy, view.pattern, view.language, t);
  const inside: ReactNode = (
    <>
      <span className="tm-diamond" aria-hidden />
      <span className="tm-match-words">
        <b>{t('design.drawing.match')}</b>
        {view.renderMatchNote() ?? <><span>{words}</span><span className="tm-match-to"><IconArrowRight size={12} aria-hidden /> {t('design.drawing.toFile')}</span></>}
      </span>
    </>
  );
  return (
    <div className="tm-match" data-selected={view.selected.has(MATCH) || undefined}>
      <Handle type="target" position={Position.Left} isConnectable={false} className="tm-handle tm-handle-none" />
      {view.edit === null ? inside : <button type="button" className="tm-match-button" onClick={() => view.edit?.openPanel('alert')}>{inside}</button>}
    </div>
  );
});

export type LaneNodeType = Node<{ readonly key: string }, 'lane'>;
/** Lane, key header, window bracket and the rails over optional stages: behind everything, reached by their buttons. */
export const LaneNode = memo(function LaneNode() {
  const { drawing, pattern, language, edit } = useDrawing();
  const { t } = useTranslation();
  const { lane, bracket } = drawing;
  if (lane === null) return null;
  const keyed = pattern.key.length > 0;
  const header = keyed ? <>{t('design.drawing.forEach')} <b>{pattern.key.join(' + ')}</b></> : t('design.drawing.allTogether');
  const window = pattern.window;
  const duration = window === null ? null : formatDocumentDuration(window.time, language);
  const words = window === null || duration === null ? t('design.drawing.noWindow') : t(window.type === 'FIRST_AND_LAST' ? 'design.drawing.allWithin' : 'design.drawing.eachWithin', { duration });
  const label: CSSProperties = bracket === null ? {} : { left: (bracket.from + bracket.to) / 2 - lane.x, top: bracket.y - lane.y };
  const ticks: number[] = [];
  if (bracket !== null) for (let x = bracket.from + 32; x < bracket.to - 8; x += 32) ticks.push(x - lane.x);
  return (
    <div className="tm-lane" data-keyed={keyed || undefined}>
      {edit === null
        ? <div className="tm-lane-head" style={{ width: LANE_HEADER }} lang={language}><span>{header}</span></div>
        : <button type="button" className="tm-lane-head nodrag nopan" style={{ width: LANE_HEADER }} onClick={() => edit.openPanel('key')}><span>{header}</span></button>}
      <svg className="tm-lane-lines" width={lane.width} height={lane.height} aria-hidden="true" focusable="false">
        {bracket !== null && <path className="tm-wire tm-wire-thin" strokeDasharray={window === null ? '2 4' : undefined}
          d={`M${bracket.from - lane.x} ${bracket.y - lane.y + 9}v-9H${bracket.to - lane.x}v9${window === null ? '' : ticks.map((x) => `M${x} ${bracket.y - lane.y}v4`).join('')}`} />}
      </svg>
      {bracket !== null && (edit === null
        ? <span className="tm-patch tm-at tm-bracket-words" style={label}><IconClock size={14} stroke={1.6} aria-hidden />{words}</span>
        : <button type="button" className="tm-patch tm-at tm-bracket-words nodrag nopan" data-none={window === null || undefined} style={label} onClick={() => edit.openPanel('window')}><IconClock size={14} stroke={1.6} aria-hidden />{words}</button>)}
    </div>
  );
});

export type RailsNodeType = Node<{ readonly key: string }, 'rails'>;
/** Bypass rails over optional stages: above groups, so that a rail inside one is seen. */
export const RailsNode = memo(function RailsNode() {
  const { drawing: { lane, rails } } = useDrawing();
  const { t } = useTranslation();
  if (lane === null) return null;
  return (
    <div className="tm-rails">
      <svg className="tm-lane-lines" width={lane.width} height={lane.height} aria-hidden="true" focusable="false">
        {rails.map((rail) => {
          const from = { x: rail.from.x - lane.x, y: rail.from.y - lane.y };
          const to = { x: rail.to.x - lane.x, y: rail.to.y - lane.y };
          const top = rail.top - lane.y;
          return (
            <g key={rail.id}>
              <path className="tm-wire tm-wire-dash tm-wire-thin" d={`M${from.x} ${from.y}V${top + 8}q0 -8 8 -8H${to.x - 8}q8 0 8 8V${to.y - 9}`} />
              <g transform={`rotate(90 ${to.x} ${to.y - 3})`}><Arrowhead at={{ x: to.x, y: to.y - 3 }} size={7} /></g>
            </g>
          );
        })}
      </svg>
      {rails.map((rail) => <span key={rail.id} className="tm-patch tm-at" style={{ left: (rail.from.x + rail.to.x) / 2 - lane.x, top: rail.top - lane.y }}>{t('design.link.skip')}</span>)}
    </div>
  );
});

export const NODE_TYPES = { stage: StageNode, gate: GateNode, composite: GroupNode, rails: RailsNode, pin: PinNode, match: MatchNode, lane: LaneNode };
export type DrawingNode = StageNodeType | GateNodeType | GroupNodeType | PinNodeType | MatchNodeType | LaneNodeType | RailsNodeType;
