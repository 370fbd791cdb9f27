/**
 * Adds a stage by typing: opens at the cursor with "/" or a double click. Beside the bare items it offers whole
 * comparisons with the values of the sample, so that a stage means something from its first moment.
 */
import { TextInput } from '@mantine/core';
import { quote } from '@tidemark/condition';
import { IconBan, IconBoxMultiple, IconRectangle } from '@tabler/icons-react';
import { type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useDesign, useSample } from '../../store/context.tsx';
import type { NewStageIdea, PaletteItem } from './gestures.tsx';

export interface QuickAddProps {
  /** In px of the canvas's room. */
  readonly x: number;
  readonly y: number;
  readonly choose: (item: PaletteItem, idea: NewStageIdea) => void;
  readonly close: () => void;
  /** Only stages: what is chosen will be the target of a link. */
  readonly stagesOnly: boolean;
}

interface Option { readonly key: string; readonly icon: ReactNode; readonly label: string; readonly detail: string; readonly search: string; readonly item: PaletteItem; readonly idea: NewStageIdea }
const SHOWN = 9;

export function QuickAdd({ x, y, choose, close, stagesOnly }: QuickAddProps) {
  const { t } = useTranslation();
  const id = useId();
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const status = useSample((state) => state.status);
  const schema = useDesign((state) => state.document.schema);
  const box = useRef<HTMLDivElement>(null);
  const options = useMemo((): readonly Option[] => {
    const bare: Option[] = [
      { key: 'event', icon: <IconRectangle size={16} stroke={1.5} />, label: t('design.palette.event'), detail: t('design.palette.eventHint'), search: 'event stage 事件 步骤', item: 'event', idea: {} },
      ...(stagesOnly ? [] : [
        { key: 'not', icon: <IconBan size={16} stroke={1.5} />, label: t('design.palette.not'), detail: t('design.palette.notHint'), search: 'not without absence 非 期间无', item: 'not' as const, idea: {} },
        { key: 'group', icon: <IconBoxMultiple size={16} stroke={1.5} />, label: t('design.palette.group'), detail: t('design.palette.groupHint'), search: 'group 组', item: 'group' as const, idea: {} },
      ]),
    ];
    const fields = status.kind === 'ready' ? status.loaded.fields : [];
    // fields that tell events apart: few values, each of them frequent
    const telling = fields.filter((field) => schema?.fields.find((known) => known.name === field.name)?.type === 'string' && field.distinct > 1).sort((a, b) => a.distinct - b.distinct);
    const comparisons = telling.flatMap((field) => field.top.map((entry): Option => ({
      key: `${field.name}=${entry.value}`, icon: <IconRectangle size={16} stroke={1.5} />, label: t('design.quickAdd.is', { field: field.name, value: entry.value }), detail: String(entry.count),
      search: `${field.name} ${entry.value}`.toLowerCase(), item: 'event', idea: { name: entry.value, condition: `${/^[A-Za-z_]\w*$/.test(field.name) ? `event.${field.name}` : `event[${quote(field.name)}]`} == ${quote(entry.value)}` },
    })));
    const words = query.trim().toLowerCase().split(/\s+/).filter((word) => word !== '');
    const found = [...bare, ...comparisons].filter((option) => words.every((word) => option.search.includes(word) || option.label.toLowerCase().includes(word)));
    // what begins with the text comes first, a synonym last
    const [first = ''] = words;
    const rank = (option: Option): number => ((option.idea.name ?? option.label).toLowerCase().startsWith(first) ? 0 : option.label.toLowerCase().includes(first) ? 1 : 2);
    return (first === '' ? found : [...found].sort((a, b) => rank(a) - rank(b))).slice(0, SHOWN);
  }, [query, status, schema, stagesOnly, t]);
  useEffect(() => { setActive(0); }, [query]);
  const take = (index: number): void => { const option = options[index]; if (option) choose(option.item, option.idea); };
  return (
    <div ref={box} className="tm-quick-add" role="dialog" aria-label={t('design.quickAdd.title')} style={{ left: x, top: y }}
         onBlur={(event) => { if (!box.current?.contains(event.relatedTarget)) close(); }}
         onKeyDown={(event) => {
           event.stopPropagation();
           if (event.key === 'Escape') close();
           else if (event.key === 'ArrowDown') { event.preventDefault(); setActive((active + 1) % Math.max(1, options.length)); }
           else if (event.key === 'ArrowUp') { event.preventDefault(); setActive((active + options.length - 1) % Math.max(1, options.length)); }
           else if (event.key === 'Enter') { event.preventDefault(); take(active); }
         }}>
      <TextInput autoFocus value={query} onChange={(event) => setQuery(event.currentTarget.value)} placeholder={t('design.quickAdd.placeholder')} aria-label={t('design.quickAdd.placeholder')}
                 role="combobox" aria-expanded aria-controls={id} aria-activedescendant={options[active] === undefined ? undefined : `${id}-${active}`} autoComplete="off" spellCheck={false} />
      <ul id={id} role="listbox" aria-label={t('design.quickAdd.title')}>
        {options.map((option, index) => (
          <li key={option.key} id={`${id}-${index}`} role="option" aria-selected={index === active} onPointerEnter={() => setActive(index)} onPointerDown={(event) => event.preventDefault()} onClick={() => take(index)}>
            {option.icon}<span className="tm-clip tm-grow">{option.label}</span><span className="tm-mute tm-t11 tm-clip">{option.detail}</span>
          </li>
        ))}
        {options.length === 0 && <li className="tm-mute" role="option" aria-selected={false} aria-disabled>{t('design.quickAdd.nothing')}</li>}
      </ul>
    </div>
  );
}
