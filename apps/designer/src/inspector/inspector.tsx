/** What is selected, in words and fields, at the right of the canvas. Never a modal: the canvas stays usable beside it. */
import './inspector.css';
import { ActionIcon, Menu } from '@mantine/core';
import { IconArrowsDiagonal, IconCopy, IconDots, IconPencil, IconTrash, IconX } from '@tabler/icons-react';
import type { PatternEdge } from '@tidemark/pattern';
import { useTranslation } from 'react-i18next';
import { levelOf, stagesInOrder } from '../canvas/chain.ts';
import { displayName } from '../canvas/words.ts';
import { currentLanguage } from '../i18n/index.ts';
import { useDesign, usePattern, useWorkbench } from '../store/context.tsx';
import { useGestures } from '../pages/design/gestures.tsx';
import { LinkInspector } from './link-inspector.tsx';
import { PatternPanels } from './pattern-panels.tsx';
import { GateInspector, GroupInspector, StageInspector } from './stage-inspector.tsx';
import { isGateEdge } from '../canvas/chain.ts';

export function Inspector({ onClose }: { onClose?: () => void }) {
  const { t } = useTranslation();
  const selected = useDesign((state) => state.selected);
  const only = selected.size === 1 ? [...selected][0] as string : null;
  return (
    <aside className="tm-inspector" aria-label={t('design.inspector.title')}>
      {onClose !== undefined && <ActionIcon className="tm-inspector-close" aria-label={t('common.close')} onClick={onClose}><IconX size={16} /></ActionIcon>}
      {selected.size > 1 ? <SeveralInspector ids={[...selected]} /> : only === null ? <PatternPanels /> : only.startsWith('link:') ? <SelectedLink id={only} /> : <SelectedNode key={only} id={only} />}
    </aside>
  );
}

function SelectedLink({ id }: { id: string }) {
  const pattern = usePattern();
  const [source = '', target = ''] = id.slice('link:'.length).split('>');
  const edge = levelOf(pattern, source)?.level.edges.find((candidate) => candidate.source === source && candidate.target === target);
  return edge === undefined ? <PatternPanels /> : <LinkInspector key={id} edge={edge} />;
}

function SelectedNode({ id }: { id: string }) {
  const { t } = useTranslation();
  const language = currentLanguage();
  const pattern = usePattern();
  const gestures = useGestures();
  const { design } = useWorkbench();
  const found = levelOf(pattern, id);
  if (found === null) return <PatternPanels />;
  const { node, level } = found;
  const edge: PatternEdge | undefined = level.edges.find((candidate) => candidate.target === id);
  const gate = edge !== undefined && isGateEdge(edge);
  const stages = stagesInOrder(pattern);
  const order = stages.findIndex((stage) => stage.id === id) + 1;
  return (
    <>
      <header className="tm-inspector-head">
        <h2 className="tm-clip">{displayName(node, language)}</h2>
        <span className="tm-mute">{node.type === 'COMPOSITE' ? t('design.inspector.group') : gate ? t('design.inspector.gate') : t('design.stageOf', { n: order, m: stages.length })}</span>
        <span className="tm-grow" />
        <Menu position="bottom-end">
          <Menu.Target><ActionIcon aria-label={t('common.more')}><IconDots size={16} /></ActionIcon></Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconPencil size={14} />} rightSection={<kbd className="tm-kbd">F2</kbd>} onClick={() => setTimeout(() => design.getState().startRename(id), 0)}>{t('design.action.rename')}</Menu.Item>
            {!gate && <Menu.Item leftSection={<IconCopy size={14} />} rightSection={<kbd className="tm-kbd">Ctrl D</kbd>} onClick={() => gestures.duplicate()}>{t('design.action.duplicate')}</Menu.Item>}
            {node.type === 'COMPOSITE' && <Menu.Item leftSection={<IconArrowsDiagonal size={14} />} onClick={() => gestures.ungroup()}>{t('design.action.ungroup')}</Menu.Item>}
            <Menu.Item leftSection={<IconTrash size={14} />} rightSection={<kbd className="tm-kbd">Del</kbd>} onClick={() => gestures.deleteSelected()}>{t('design.action.delete')}</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </header>
      <div className="tm-inspector-body">
        {node.type === 'COMPOSITE' ? <GroupInspector node={node} level={level} edge={edge ?? null} /> : gate && edge !== undefined ? <GateInspector node={node} edge={edge} /> : <StageInspector node={node} level={level} edge={edge ?? null} />}
      </div>
    </>
  );
}

function SeveralInspector({ ids }: { ids: readonly string[] }) {
  const { t } = useTranslation();
  const gestures = useGestures();
  const grouping = gestures.mayGroup();
  return (
    <>
      <header className="tm-inspector-head"><h2>{t('design.inspector.several', { count: ids.length })}</h2></header>
      <div className="tm-inspector-body tm-actions-list">
        <button type="button" onClick={() => gestures.group()} disabled={grouping !== null}>{t('design.action.group')} <kbd className="tm-kbd">Ctrl G</kbd></button>
        {grouping !== null && <p className="tm-t11 tm-mute">{grouping}</p>}
        <button type="button" onClick={() => gestures.duplicate()}>{t('design.action.duplicate')} <kbd className="tm-kbd">Ctrl D</kbd></button>
        <button type="button" onClick={() => gestures.tidy()}>{t('design.action.tidy')} <kbd className="tm-kbd">Shift Alt T</kbd></button>
        <button type="button" onClick={() => gestures.deleteSelected()}>{t('design.action.delete')} <kbd className="tm-kbd">Del</kbd></button>
      </div>
    </>
  );
}
