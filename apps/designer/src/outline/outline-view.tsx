/**
 * The drawing as a real ordered list, read and edited without a canvas: the same commands, for a keyboard, a screen
 * reader and a narrow window.
 */
import './outline.css';
import { ActionIcon, Button, Select } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconBan, IconPlus, IconTrash } from '@tabler/icons-react';
import { type OutlineItem, outline } from '@tidemark/editor';
import type { PatternEdge } from '@tidemark/pattern';
import { type ReactNode, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { levelOf } from '../canvas/chain.ts';
import { conditionLines } from '../canvas/condition-words.ts';
import { formatDocumentDuration } from '../canvas/duration.ts';
import { LinkGlyph } from '../canvas/glyphs.tsx';
import { displayName, repeatWords, skipWords } from '../canvas/words.ts';
import { currentLanguage } from '../i18n/index.ts';
import { useGestures } from '../pages/design/gestures.tsx';
import { useDesign, usePattern, useSample, useShown, useWorkbench } from '../store/context.tsx';

export function OutlineView() {
  const { t } = useTranslation();
  const language = currentLanguage();
  const { design } = useWorkbench();
  const document = useShown();
  const pattern = usePattern();
  const gestures = useGestures();
  const told = useMemo(() => outline(document, pattern.id), [document, pattern.id]);
  const open = (panel: 'key' | 'window' | 'alert') => () => design.getState().openPanel(panel);
  return (
    <div className="tm-outline" role="region" aria-label={t('design.view.outline')} tabIndex={0}>
      <button type="button" className="tm-outline-line" onClick={open('key')}>{pattern.key.length === 0 ? t('design.drawing.allTogether') : <>{t('design.drawing.forEach')} <b>{pattern.key.join(' + ')}</b></>}</button>
      {told !== null && <Items items={told.items} />}
      <div className="tm-row tm-wrap">
        <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={() => gestures.addStage(gestures.last())}>{t('design.outline.add')}</Button>
        <Button leftSection={<IconBan size={14} aria-hidden />} onClick={() => gestures.addGate(gestures.last())} disabled={pattern.nodes.length === 0}>{t('design.outline.addNot')}</Button>
      </div>
      <p className="tm-outline-line tm-row tm-wrap">
        <button type="button" onClick={open('window')}>{pattern.window === null ? t('design.drawing.noWindow') : t('design.drawing.allWithin', { duration: formatDocumentDuration(pattern.window.time, language) })}</button>
        <span aria-hidden>·</span>
        <button type="button" onClick={open('alert')}>{skipWords(pattern.afterMatchStrategy, pattern, language, t)}</button>
        <span aria-hidden>·</span><span>{t('design.drawing.toFile')}</span>
      </p>
    </div>
  );
}

function Items({ items }: { items: readonly OutlineItem[] }) {
  return <ol className="tm-outline-items">{items.map((item) => <Item key={item.id} item={item} />)}</ol>;
}

function Item({ item }: { item: OutlineItem }) {
  const { t, i18n } = useTranslation();
  const language = currentLanguage();
  const { design } = useWorkbench();
  const document = useShown();
  const pattern = usePattern();
  const gestures = useGestures();
  const selected = useDesign((state) => state.selected.has(item.id));
  const errors = useDesign((state) => state.issues.filter((issue) => issue.nodeId === item.id && issue.severity === 'error').length);
  const count = useSample((state) => state.counts[item.id]);
  const total = useSample((state) => (state.status.kind === 'ready' ? state.status.loaded.events : null));
  const shown = displayName({ name: item.name, ...(item.label === null ? {} : { label: item.label }) }, language);
  const lines = item.kind === 'group' ? [] : item.condition === null || item.condition.trim() === '' ? [t('design.anyEvent')] : conditionLines(item.condition, document, language).map((line) => line.text);
  const edge = levelOf(pattern, item.id)?.level.edges.find((candidate) => candidate.target === item.id);
  const details: ReactNode[] = [
    ...(item.kind === 'gate' ? [] : [repeatWords(item.quantifier, t)]),
    ...(count !== undefined && count.count !== null && total !== null ? [t('design.foot.of', { n: new Intl.NumberFormat(i18n.language).format(count.count), total: new Intl.NumberFormat(i18n.language).format(total) })] : []),
  ];
  const kinds = item.kind === 'gate' ? (['NOT_FOLLOW', 'NOT_NEXT'] as const) : (['STRICT', 'SKIP_TILL_NEXT', 'SKIP_TILL_ANY'] as const);
  return (
    <li className="tm-outline-item" data-kind={item.kind} data-selected={selected || undefined} value={item.position ?? undefined}>
      <div className="tm-outline-row">
        <span className="tm-outline-number" aria-hidden>{item.position === null ? '' : `${item.position}.`}</span>
        {edge === undefined
          ? <span className="tm-outline-link tm-mute">{item.start === 'loose' ? t('design.outline.loose') : t('design.startsWith')}</span>
          : <Select className="tm-outline-link" aria-label={t('design.outline.linkOf', { name: shown })} value={edge.type} data={kinds.map((kind) => ({ value: kind, label: t(`design.link.${kind}`) }))} leftSection={<LinkGlyph type={edge.type} width={34} />} leftSectionWidth={44}
                    onChange={(type) => { if (type !== null) design.getState().execute({ kind: 'set-link', patternId: pattern.id, source: edge.source, target: edge.target, type: type as PatternEdge['type'] }); }} />}
        <button type="button" className="tm-outline-name" aria-pressed={selected} onClick={() => design.getState().select(item.id)}>
          <b>{shown}</b>{lines.length > 0 && <span className="tm-dim">: {lines.join(t('design.andJoin'))}</span>}
          {details.length > 0 && <small className="tm-mute">{details.join(' · ')}</small>}
          {errors > 0 && <small className="tm-mark" data-hue="red">{t('design.canvas.errors', { count: errors })}</small>}
        </button>
        <span className="tm-outline-tools">
          {item.kind !== 'gate' && <ActionIcon aria-label={t('design.outline.earlier', { name: shown })} disabled={!item.canMoveEarlier} onClick={() => design.getState().execute({ kind: 'reorder-stage', patternId: pattern.id, id: item.id, by: -1 })}><IconArrowUp size={15} /></ActionIcon>}
          {item.kind !== 'gate' && <ActionIcon aria-label={t('design.outline.later', { name: shown })} disabled={!item.canMoveLater} onClick={() => design.getState().execute({ kind: 'reorder-stage', patternId: pattern.id, id: item.id, by: 1 })}><IconArrowDown size={15} /></ActionIcon>}
          {item.kind !== 'gate' && <ActionIcon aria-label={t('design.canvas.addAfter', { name: shown })} onClick={() => gestures.addStage(item.id)}><IconPlus size={15} /></ActionIcon>}
          <ActionIcon aria-label={t('design.outline.delete', { name: shown })} onClick={() => gestures.delete([item.id])}><IconTrash size={15} /></ActionIcon>
        </span>
      </div>
      {item.items.length > 0 && <Items items={item.items} />}
    </li>
  );
}
