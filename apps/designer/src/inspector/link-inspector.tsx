/** A selected link: its kind, what must not come on it, and a way to cut it. */
import { Button } from '@mantine/core';
import { IconBan, IconPlus, IconTrash } from '@tabler/icons-react';
import type { PatternEdge } from '@tidemark/pattern';
import { useTranslation } from 'react-i18next';
import { levelOf } from '../canvas/chain.ts';
import { displayName } from '../canvas/words.ts';
import { currentLanguage } from '../i18n/index.ts';
import { LinkKinds } from '../pages/design/menus.tsx';
import { useGestures } from '../pages/design/gestures.tsx';
import { usePattern } from '../store/context.tsx';

export function LinkInspector({ edge }: { edge: PatternEdge }) {
  const { t } = useTranslation();
  const language = currentLanguage();
  const pattern = usePattern();
  const gestures = useGestures();
  const name = (id: string): string => { const node = levelOf(pattern, id)?.node; return node === undefined ? '' : displayName(node, language); };
  return (
    <>
      <header className="tm-inspector-head"><h2 className="tm-clip">{name(edge.source)} → {name(edge.target)}</h2><span className="tm-mute">{t('design.inspector.link')}</span></header>
      <div className="tm-inspector-body">
        <section className="tm-section"><LinkKinds edge={edge} /></section>
        <section className="tm-section tm-stack">
          <Button leftSection={<IconBan size={14} aria-hidden />} onClick={() => gestures.addGate(edge.source)}>{t('design.inspector.addGate')}</Button>
          <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={() => gestures.insertOnLink(edge.source, edge.target)}>{t('design.canvas.insertHere')}</Button>
          <Button leftSection={<IconTrash size={14} aria-hidden />} onClick={() => gestures.deleteSelected()}>{t('design.inspector.cutLink')}</Button>
        </section>
      </div>
    </>
  );
}
