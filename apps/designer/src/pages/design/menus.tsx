/** Menus that open on the drawing: kind of a link, how many of a stage. The inspector shows the same parts. */
import { Button } from '@mantine/core';
import { IconBan, IconPlus, IconTrash } from '@tabler/icons-react';
import type { PatternEdge, PatternGraph } from '@tidemark/pattern';
import { greedyRefusal } from '@tidemark/editor';
import { useTranslation } from 'react-i18next';
import { levelOf } from '../../canvas/chain.ts';
import { LinkGlyph } from '../../canvas/glyphs.tsx';
import { HowMany } from '../../inspector/how-many.tsx';
import { usePattern, useWorkbench } from '../../store/context.tsx';
import { useGestures } from './gestures.tsx';

const KINDS = ['STRICT', 'SKIP_TILL_NEXT', 'SKIP_TILL_ANY'] as const;

/** Three kinds as a radio group, each with its shape, its word and its key. */
export function LinkKinds({ edge, chosen }: { edge: PatternEdge; chosen?: () => void }) {
  const { t } = useTranslation();
  const gestures = useGestures();
  return (
    <div role="radiogroup" aria-label={t('design.inspector.comes')} className="tm-kinds">
      {KINDS.map((kind, index) => (
        <button key={kind} type="button" role="radio" aria-checked={edge.type === kind} data-autofocus={edge.type === kind || undefined} className="tm-kind"
                onClick={() => { gestures.setLink(edge.source, edge.target, kind); chosen?.(); }}>
          <LinkGlyph type={kind} width={40} />
          <span className="tm-grow"><b>{t(`design.link.${kind}`)}</b><span className="tm-mute tm-t11">{t(`design.linkHint.${kind}`)}</span></span>
          <kbd className="tm-kbd">{index + 1}</kbd>
        </button>
      ))}
    </div>
  );
}

export function LinkMenu({ source, target, close }: { source: string; target: string; close: () => void }) {
  const { t } = useTranslation();
  const pattern = usePattern();
  const gestures = useGestures();
  const edge = edgeOf(pattern, source, target);
  if (edge === null) return null;
  return (
    <div className="tm-link-menu">
      <LinkKinds edge={edge} chosen={close} />
      <hr className="tm-hr" />
      <Button size="xs" variant="subtle" justify="flex-start" fullWidth leftSection={<IconBan size={14} aria-hidden />} rightSection={<kbd className="tm-kbd">N</kbd>} onClick={() => { close(); gestures.addGate(source); }}>{t('design.inspector.addGate')}</Button>
      <Button size="xs" variant="subtle" justify="flex-start" fullWidth leftSection={<IconPlus size={14} aria-hidden />} onClick={() => { close(); gestures.insertOnLink(source, target); }}>{t('design.canvas.insertHere')}</Button>
      <Button size="xs" variant="subtle" justify="flex-start" fullWidth leftSection={<IconTrash size={14} aria-hidden />} rightSection={<kbd className="tm-kbd">Del</kbd>} onClick={() => { close(); gestures.deleteSelected(); }}>{t('design.inspector.cutLink')}</Button>
    </div>
  );
}

export function RepeatMenu({ id, close }: { id: string; close: () => void }) {
  const { t } = useTranslation();
  const { design } = useWorkbench();
  const pattern = usePattern();
  const found = levelOf(pattern, id);
  if (found === null) return null;
  const { node, level } = found;
  const refusal = greedyRefusal(level, id);
  return (
    <div className="tm-repeat-menu" onKeyDown={(event) => { if (event.key === 'Enter') close(); }}>
      <p className="tm-label">{t('design.inspector.howMany')}</p>
      <HowMany quantifier={node.quantifier} withGreedy={node.type === 'ATOMIC'} greedyRefused={refusal === null ? null : t(`design.greedy.${refusal}`)}
               onChange={(quantifier) => design.getState().execute({ kind: 'set-quantifier', patternId: pattern.id, id, quantifier }, `quantifier:${id}`)} />
    </div>
  );
}

export const edgeOf = (pattern: PatternGraph, source: string, target: string): PatternEdge | null =>
  levelOf(pattern, source)?.level.edges.find((edge) => edge.source === source && edge.target === target) ?? null;
