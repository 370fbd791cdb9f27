/** What a drawing is made of, each with its word: drag it to a place, or press it to add it behind the selected stage. */
import { IconBan, IconBell, IconBoxMultiple, IconDatabase, IconKey, IconRectangle } from '@tabler/icons-react';
import type { ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import { LinkGlyph } from '../../canvas/glyphs.tsx';
import { useDesign, useWorkbench } from '../../store/context.tsx';
import type { Panel } from '../../store/design-store.ts';
import { type PaletteItem, useGestures } from './gestures.tsx';

export const PALETTE_TYPE = 'application/x-tidemark-palette';

const ADDS: readonly { readonly item: PaletteItem; readonly Icon: ComponentType<{ size?: number; stroke?: number }> }[] = [
  { item: 'event', Icon: IconRectangle }, { item: 'not', Icon: IconBan }, { item: 'group', Icon: IconBoxMultiple },
];
const OPENS: readonly { readonly item: 'source' | 'key' | 'alert'; readonly Icon: ComponentType<{ size?: number; stroke?: number }> }[] = [
  { item: 'source', Icon: IconDatabase }, { item: 'key', Icon: IconKey }, { item: 'alert', Icon: IconBell },
];

export function Palette() {
  const { t } = useTranslation();
  const gestures = useGestures();
  const { design } = useWorkbench();
  const panel = useDesign((state) => (state.selected.size === 0 ? state.panel : null));
  const open = (next: Panel): void => design.getState().openPanel(next);
  return (
    <nav className="tm-palette" aria-label={t('design.palette.title')}>
      <p className="tm-label tm-palette-label">{t('common.add')}</p>
      {ADDS.map(({ item, Icon }) => (
        <button key={item} type="button" className="tm-palette-item" draggable data-palette={item}
                onDragStart={(event) => { event.dataTransfer.setData(PALETTE_TYPE, item); event.dataTransfer.effectAllowed = 'copy'; }}
                onClick={() => gestures.append(item)}>
          <Icon size={20} stroke={1.5} /><span><b>{t(`design.palette.${item}`)}</b><small>{t(`design.palette.${item}Hint`)}</small></span>
        </button>
      ))}
      <hr className="tm-hr tm-palette-line" />
      {OPENS.map(({ item, Icon }) => (
        <button key={item} type="button" className="tm-palette-item" aria-pressed={panel === item} onClick={() => open(item)}>
          <Icon size={20} stroke={1.5} /><span><b>{t(`design.palette.${item}`)}</b><small>{t(`design.palette.${item}Hint`)}</small></span>
        </button>
      ))}
      <div className="tm-palette-legend">
        <p className="tm-label">{t('design.legend.links')}</p>
        <LegendRows />
      </div>
    </nav>
  );
}

/** The kinds of links with their keys; in the palette where it is wide, else under the canvas. */
export function LegendRows() {
  const { t } = useTranslation();
  const rows = [['STRICT', '1'], ['SKIP_TILL_NEXT', '2'], ['SKIP_TILL_ANY', '3'], ['NOT_FOLLOW', 'N']] as const;
  return <ul className="tm-legend-rows">{rows.map(([type, key]) => <li key={type}><LinkGlyph type={type} /><span>{type === 'NOT_FOLLOW' ? t('design.legend.without') : t(`design.link.${type}`)}</span><kbd className="tm-kbd">{key}</kbd></li>)}</ul>;
}
