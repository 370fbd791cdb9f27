/** The drawing being edited: React Flow's gestures, the page's keys, quick-add, zoom controls, and what drops on it. */
import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconArrowsMaximize, IconDatabase, IconLayoutDistributeVertical, IconMinus, IconPlus, IconRectangle, IconTemplate } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { ReactFlowProvider, useReactFlow, useStore } from 'reactflow';
import { type DragEvent, type MouseEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { levelOf, stagesInOrder } from '../../canvas/chain.ts';
import { type CanvasHandlers, type CanvasInstance, PatternCanvas } from '../../canvas/pattern-canvas.tsx';
import { textWidth } from '../../canvas/text-width.ts';
import { useDrawingView } from '../../canvas/use-drawing-view.ts';
import type { DrawingEdit, StageMarks } from '../../canvas/view.ts';
import { carriesFile } from '../../data/index.ts';
import { renameCommands } from '../../inspector/naming.ts';
import { currentLanguage } from '../../i18n/index.ts';
import { EmptyState } from '../../shell/states.tsx';
import { useDesign, usePattern, useSample, useShown, useWorkbench } from '../../store/context.tsx';
import { patternOfState } from '../../store/design-store.ts';
import { concerns } from '../../store/shown-pattern.ts';
import { SampleFoot, SampleGateFoot } from './feet.tsx';
import { type NewStageIdea, type PaletteItem, useGestures } from './gestures.tsx';
import { LinkMenu, RepeatMenu } from './menus.tsx';
import { LegendRows, PALETTE_TYPE } from './palette.tsx';
import { QuickAdd } from './quick-add.tsx';
import { isTyping } from './keys.ts';

interface Asking { readonly room: { readonly x: number; readonly y: number }; readonly at: { readonly x: number; readonly y: number } | null; readonly source: string | null }

interface CanvasEditorProps {
  readonly onFile: (event: globalThis.DragEvent) => void;
  /** Stages that differ from the running version; null where nothing was deployed. */
  readonly changed: ReadonlySet<string> | null;
}

export function CanvasEditor(props: CanvasEditorProps) {
  return <ReactFlowProvider><Editor {...props} /></ReactFlowProvider>;
}

const stageFoot = (id: string) => <SampleFoot stageId={id} />;
const gateFoot = (id: string) => <SampleGateFoot stageId={id} />;

function Editor({ onFile, changed }: CanvasEditorProps) {
  const { t } = useTranslation();
  const language = currentLanguage();
  const { design } = useWorkbench();
  const gestures = useGestures();
  const document = useShown();
  const pattern = usePattern();
  const selected = useDesign((state) => state.selected);
  const issues = useDesign((state) => state.issues);
  const renaming = useDesign((state) => state.renaming);
  const dragged = useDesign((state) => state.dragged);
  const connecting = useDesign((state) => state.connecting);
  const focus = useDesign((state) => state.focus);
  const counted = useSample((state) => state.status.kind === 'ready' || state.status.kind === 'loading');
  const total = useSample((state) => (state.status.kind === 'ready' ? state.status.loaded.events : 0));
  // the foot says "n of total" on one line
  const footWidth = useMemo(() => { const n = new Intl.NumberFormat(language).format(total); return Math.ceil(textWidth(t('design.foot.atMost', { n, total: n }), 11)) + 24; }, [total, t, language]);
  const flow = useReactFlow();
  const room = useRef<HTMLDivElement>(null);
  const [asking, setAsking] = useState<Asking | null>(null);
  const [dropOn, setDropOn] = useState(false);

  const marks = useMemo(() => {
    const found = new Map<string, StageMarks>();
    for (const issue of issues) {
      if (issue.nodeId === null || !concerns(issue, pattern.id)) continue;
      const before = found.get(issue.nodeId) ?? { errors: 0, warnings: 0 };
      found.set(issue.nodeId, issue.severity === 'error' ? { ...before, errors: before.errors + 1 } : { ...before, warnings: before.warnings + 1 });
    }
    return found;
  }, [issues, pattern.id]);

  const stored = document.layout[pattern.id];
  const positions = useMemo(() => (dragged === null ? stored : { ...stored, ...Object.fromEntries(Object.entries(dragged).map(([id, at]) => [id, { ...stored?.[id], ...at }])) }), [stored, dragged]);

  const edit = useMemo((): DrawingEdit => ({
    startRename: (id) => design.getState().startRename(id),
    rename: (id, name) => {
      const current = patternOfState(design.getState()) ?? undefined;
      const node = current === undefined ? undefined : levelOf(current, id)?.node;
      if (name === null || current === undefined || node === undefined) { design.getState().startRename(null); return null; }
      const outcome = renameCommands(current, node, name, language);
      if (!outcome.ok) return t(`design.naming.${outcome.reason}`);
      design.getState().startRename(null);
      design.getState().executeAll(outcome.commands);
      return null;
    },
    repeatMenu: (id, close) => <RepeatMenu id={id} close={close} />,
    linkMenu: (source, target, close) => <LinkMenu source={source} target={target} close={close} />,
    appendAfter: (id) => { gestures.addStage(id); },
    insertOnLink: (source, target) => { gestures.insertOnLink(source, target); },
    openPanel: (panel) => design.getState().openPanel(panel),
    toggleGroup: (id) => gestures.toggleGroup(id),
  }), [design, language, t, gestures]);

  const view = useDrawingView({
    document, patternId: pattern.id, positions, footHeight: counted ? 38 : 24, gateFootHeight: 18, showOnce: stagesInOrder(pattern).length <= 5, stageWidthMin: total === 0 ? undefined : Math.max(stagesInOrder(pattern).length <= 5 ? 96 : 84, footWidth), marks, changed, selected, edit, renaming, connectTarget: connecting?.target ?? null,
    select: design.getState().select, renderFoot: stageFoot, renderGateFoot: gateFoot,
  });

  const inRoom = useCallback((clientX: number, clientY: number) => {
    const box = room.current?.getBoundingClientRect();
    return { x: Math.min(Math.max(8, clientX - (box?.left ?? 0)), Math.max(8, (box?.width ?? 0) - 300)), y: Math.min(Math.max(8, clientY - (box?.top ?? 0)), Math.max(8, (box?.height ?? 0) - 240)) };
  }, []);
  /** Where the card's middle should be, as its upper left corner. */
  const cardAt = useCallback((clientX: number, clientY: number) => {
    const at = flow.screenToFlowPosition({ x: clientX, y: clientY }, { snapToGrid: false });
    return { x: Math.round(at.x - 49), y: Math.round(at.y - 48) };
  }, [flow]);

  /** The link under a point, within 24 px. */
  const linkAt = useCallback((clientX: number, clientY: number): { source: string; target: string } | null => {
    const at = flow.screenToFlowPosition({ x: clientX, y: clientY }, { snapToGrid: false });
    for (const line of view?.drawing.links ?? []) {
      if (line.edge === null) continue;
      const from = line.segments[0]?.from;
      const to = line.segments.at(-1)?.to;
      if (from === undefined || to === undefined || at.x < Math.min(from.x, to.x) || at.x > Math.max(from.x, to.x)) continue;
      const share = to.x === from.x ? 0 : (at.x - from.x) / (to.x - from.x);
      if (Math.abs(from.y + (to.y - from.y) * share - at.y) <= 24) return { source: line.edge.source, target: line.edge.target };
    }
    return null;
  }, [flow, view]);

  const handlers = useMemo((): CanvasHandlers => ({
    moved: (moves, done) => {
      const state = design.getState();
      const next = { ...state.dragged, ...Object.fromEntries(moves) };
      if (!done) { state.drag(next); return; }
      state.drag(null);
      const current = patternOfState(state) ?? undefined;
      if (current !== undefined && Object.keys(next).length > 0) state.execute({ kind: 'move', patternId: current.id, positions: next });
    },
    selected: (changes) => {
      const next = new Set(design.getState().selected);
      for (const [id, on] of changes) if (on) next.add(id); else next.delete(id);
      if ([...changes.values()].some(Boolean)) for (const id of next) if (id.startsWith('link:')) next.delete(id);
      design.getState().selectAll([...next]);
    },
    mayConnect: (source, target) => gestures.mayConnect(source, target) === null,
    connected: (source, target) => { gestures.connect(source, target); },
    connectDropped: (source, event) => {
      const point = 'clientX' in event ? event : event.changedTouches[0];
      if (point === undefined) return;
      const target = globalThis.document.elementFromPoint(point.clientX, point.clientY)?.closest('[data-stage]')?.getAttribute('data-stage') ?? null;
      // dropped on a card instead of its small handle: that is what was meant
      if (target !== null && target !== source) { gestures.connect(source, target); return; }
      if (target === null) setAsking({ room: inRoom(point.clientX, point.clientY), at: cardAt(point.clientX + 49, point.clientY), source });
    },
    paneDoubleClicked: (event: MouseEvent) => setAsking({ room: inRoom(event.clientX, event.clientY), at: cardAt(event.clientX, event.clientY), source: null }),
    dropped: (event: DragEvent) => {
      setDropOn(false);
      const item = event.dataTransfer.getData(PALETTE_TYPE) as PaletteItem | '';
      if (item === '') { onFile(event.nativeEvent); return; }
      const link = linkAt(event.clientX, event.clientY);
      if (item === 'not') { gestures.addGate(link?.source ?? gestures.last()); return; }
      if (item === 'group') { gestures.newGroup(); return; }
      if (link !== null) { gestures.insertOnLink(link.source, link.target); return; }
      place(cardAt(event.clientX, event.clientY));
    },
  }), [design, gestures, inRoom, cardAt, linkAt, onFile]);

  /** Dropped to the right of the last stage it goes on from there; anywhere else it stands by itself. */
  function place(at: { x: number; y: number }, idea: NewStageIdea = {}): void {
    const boxes = [...(view?.drawing.stages ?? []), ...(view?.drawing.groups ?? [])].filter((box) => box.parent === null);
    const rightmost = Math.max(...boxes.map((box) => box.x + box.width));
    if (boxes.length === 0 || (at.x > rightmost - 40 && gestures.last() !== null)) gestures.addStage(gestures.last(), idea, at);
    else gestures.placeStage(at, idea);
  }

  const ask = useCallback(() => {
    const box = room.current?.getBoundingClientRect();
    setAsking({ room: { x: Math.max(8, (box?.width ?? 600) / 2 - 140), y: 56 }, at: null, source: null });
  }, []);
  const choose = (item: PaletteItem, idea: NewStageIdea): void => {
    const { at = null, source = null } = asking ?? {};
    setAsking(null);
    if (item === 'event' && source !== null) gestures.addStage(source, idea, at ?? undefined);
    else if (item === 'event' && at !== null) place(at, idea);
    else gestures.append(item, idea);
    room.current?.focus();
  };

  // bring what "go to" names into view, and the focus with it
  useEffect(() => {
    if (focus === null) return;
    const box = [...(view?.drawing.stages ?? []), ...(view?.drawing.gates ?? []), ...(view?.drawing.groups ?? [])].find((candidate) => candidate.id === focus.id);
    if (box !== undefined) void flow.setCenter(box.x + box.width / 2, box.y + box.height / 2, { zoom: Math.max(flow.getZoom(), 0.7), duration: reduced() ? 0 : 200 });
    room.current?.querySelector<HTMLElement>(`[data-stage="${CSS.escape(focus.id)}"] .tm-hit`)?.focus({ preventScroll: true });
  }, [focus]);

  useCanvasKeys(room, flow as unknown as CanvasInstance, ask);

  const bringIntoView = (id: string): void => {
    const box = view === null ? undefined : [...view.drawing.stages, ...view.drawing.gates, ...view.drawing.groups].find((candidate) => candidate.id === id);
    const size = room.current?.getBoundingClientRect();
    if (box === undefined || size === undefined) return;
    // under 1280 px the inspector lies over the right of the room
    const free = size.width - (globalThis.document.querySelector('.tm-drawer')?.clientWidth ?? 0);
    const { x, y, zoom } = flow.getViewport();
    const left = box.x * zoom + x;
    const top = box.y * zoom + y;
    const right = left + box.width * zoom;
    const bottom = top + box.height * zoom;
    const dx = right > free - 24 ? free - Math.min(96, free / 4) - right : left < 24 ? 64 - left : 0;
    const dy = bottom > size.height - 56 ? size.height - 72 - bottom : top < 48 ? 64 - top : 0;
    if (Math.abs(dx) > 40 || Math.abs(dy) > 40) void flow.setViewport({ x: x + dx, y: y + dy, zoom }, { duration: reduced() ? 0 : 200 });
  };
  // what is selected, new, or reached by Tab is not left outside of the view
  const only = selected.size === 1 ? [...selected][0] : undefined;
  const there = only !== undefined && pattern.nodes.length > 0 && levelOf(pattern, only) !== null;
  useEffect(() => {
    if (only === undefined || !there || dragged !== null) return undefined;
    const frame = requestAnimationFrame(() => bringIntoView(only));
    return () => cancelAnimationFrame(frame);
  }, [only, there]);

  if (view === null) return null;
  const arranged = Object.keys(stored ?? {}).length > 0;
  const empty = pattern.nodes.length === 0;
  return (
    <div ref={room} className="tm-room" tabIndex={-1} data-drop={dropOn || undefined}
         onFocus={(event) => { const id = (event.target as HTMLElement).closest('[data-stage]')?.getAttribute('data-stage'); if (id !== null && id !== undefined && event.target.matches(':focus-visible')) bringIntoView(id); }}
         onDragEnter={(event) => { if (event.dataTransfer.types.includes(PALETTE_TYPE) || carriesFile(event.dataTransfer)) setDropOn(true); }}
         onDragLeave={(event) => { if (!room.current?.contains(event.relatedTarget as Element | null)) setDropOn(false); }}>
      <div className="tm-room-canvas"><PatternCanvas key={pattern.id} view={view} handlers={handlers} fitMaxZoom={1} arranged={arranged}>{null}</PatternCanvas></div>
      <ZoomBar />
      <div className="tm-legend" role="note" aria-label={t('design.legend.title')}><LegendRows />{changed !== null && changed.size > 0 && <span className="tm-legend-changed"><i aria-hidden />{t('design.drawing.notDeployed')}</span>}</div>
      {empty && (
        <div className="tm-canvas-empty">
          <EmptyState title={t('design.empty.title')} actions={<>
            <Button variant="filled" leftSection={<IconRectangle size={16} aria-hidden />} onClick={() => gestures.append('event')}>{t('design.empty.first')}</Button>
            {document.schema === null && <Button leftSection={<IconDatabase size={16} aria-hidden />} onClick={() => design.getState().openPanel('source')}>{t('design.source.choose')}</Button>}
            <Button component={Link} to="/jobs" variant="subtle" leftSection={<IconTemplate size={16} aria-hidden />}>{t('design.empty.template')}</Button>
          </>}>{document.schema === null ? t('design.empty.noData') : t('design.empty.hint')}</EmptyState>
        </div>
      )}
      {asking !== null && <QuickAdd x={asking.room.x} y={asking.room.y} stagesOnly={asking.source !== null || asking.at !== null} choose={choose} close={() => setAsking(null)} />}
      {connecting !== null && <p className="tm-connecting" role="status">{t('design.connect.hint', { name: connecting.target === null ? '…' : view.drawing.stages.find((box) => box.id === connecting.target)?.text.name ?? '…' })}</p>}
    </div>
  );
}

const reduced = (): boolean => globalThis.matchMedia('(prefers-reduced-motion: reduce)').matches;

function ZoomBar() {
  const { t } = useTranslation();
  const gestures = useGestures();
  const flow = useReactFlow();
  const zoom = useStore((state) => state.transform[2]);
  const duration = reduced() ? 0 : 200;
  const narrow = useMediaQuery('(max-width: 900px)') ?? false;
  return (
    <div className="tm-zoombar" role="toolbar" aria-label={t('design.zoom.title')}>
      <Tooltip label={`${t('design.action.tidy')} (Shift Alt T)`}><ActionIcon aria-label={t('design.action.tidy')} onClick={() => gestures.tidy()}><IconLayoutDistributeVertical size={16} stroke={1.6} /></ActionIcon></Tooltip>
      <Tooltip label={`${t('design.zoom.fit')} (Shift 1)`}><ActionIcon aria-label={t('design.zoom.fit')} onClick={() => void flow.fitView({ padding: 0.02, maxZoom: 1, duration })}><IconArrowsMaximize size={16} stroke={1.6} /></ActionIcon></Tooltip>
      <ActionIcon aria-label={t('design.zoom.out')} onClick={() => void flow.zoomOut({ duration })}><IconMinus size={16} stroke={1.6} /></ActionIcon>
      {!narrow && <button type="button" className="tm-zoom-value" title={t('design.zoom.whole')} onClick={() => void flow.zoomTo(1, { duration })}>{Math.round(zoom * 100)}%</button>}
      <ActionIcon aria-label={t('design.zoom.in')} onClick={() => void flow.zoomIn({ duration })}><IconPlus size={16} stroke={1.6} /></ActionIcon>
    </div>
  );
}

/** Keys of the canvas. They are still while somebody types in a field. */
function useCanvasKeys(room: React.RefObject<HTMLDivElement | null>, flow: CanvasInstance, ask: () => void): void {
  const { design } = useWorkbench();
  const gestures = useGestures();
  const { t } = useTranslation();
  useEffect(() => {
    const inCanvas = (target: EventTarget | null): boolean => target === globalThis.document.body || (target instanceof Node && room.current?.contains(target) === true);
    const onKey = (event: globalThis.KeyboardEvent): void => {
      if (isTyping(event.target) || event.defaultPrevented || !inCanvas(event.target) || globalThis.document.querySelector('[role="dialog"]') !== null) return;
      const state = design.getState();
      const control = event.ctrlKey || event.metaKey;
      const pattern = patternOfState(state) ?? undefined;
      if (pattern === undefined) return;
      const selected = [...state.selected];
      const nodes = selected.filter((id) => !id.startsWith('link:'));
      const take = (): void => { event.preventDefault(); event.stopPropagation(); };
      if (state.connecting !== null) { connectKey(event, take); return; }
      const arrow = ({ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] } as const)[event.key as 'ArrowLeft'];
      if (control && event.key === 'ArrowRight' && nodes.length === 1) {
        take();
        const id = gestures.addStage(nodes[0] as string);
        if (id !== null) state.startRename(id);
      } else if (arrow !== undefined && !control && !event.altKey && nodes.length > 0) {
        take();
        nudge(nodes, arrow[0] * (event.shiftKey ? 32 : 8), arrow[1] * (event.shiftKey ? 32 : 8));
      } else if (event.key === 'Delete' || event.key === 'Backspace') { take(); gestures.deleteSelected(); room.current?.focus({ preventScroll: true });
      } else if (event.key === 'F2' && nodes.length === 1) { take(); state.startRename(nodes[0] as string);
      } else if (event.key === '/' && !control) { take(); ask();
      } else if (event.key === '1' && !event.shiftKey && !control) { take(); gestures.setSelectedLink('STRICT');
      } else if (event.key === '2' && !event.shiftKey && !control) { take(); gestures.setSelectedLink('SKIP_TILL_NEXT');
      } else if (event.key === '3' && !event.shiftKey && !control) { take(); gestures.setSelectedLink('SKIP_TILL_ANY');
      } else if (event.key.toLowerCase() === 'n' && !control) { take(); gestures.addGate(selected[0]?.startsWith('link:') === true ? selected[0].slice('link:'.length).split('>')[0] ?? null : gestures.anchor());
      } else if (event.key.toLowerCase() === 'c' && !control && nodes.length === 1) { take(); startConnect(nodes[0] as string);
      } else if (control && event.key.toLowerCase() === 'a') { take(); state.selectAll([...stagesInOrder(pattern)].map((node) => node.id));
      } else if (control && event.key.toLowerCase() === 'd') { take(); gestures.duplicate();
      } else if (control && event.key.toLowerCase() === 'g') { take(); if (event.shiftKey) gestures.ungroup(); else gestures.group();
      } else if (event.code === 'Digit1' && event.shiftKey) { take(); void flow.fitView({ padding: 0.02, maxZoom: 1 });
      } else if (event.code === 'Digit2' && event.shiftKey) { take(); void flow.fitView({ padding: 0.2, maxZoom: 1.5, nodes: nodes.map((id) => ({ id })) });
      } else if (event.key === '0' && control) { take(); void flow.zoomTo(1);
      } else if ((event.key === '+' || event.key === '=') && !event.shiftKey) { take(); void flow.zoomIn();
      } else if (event.key === '-') { take(); void flow.zoomOut();
      } else if (event.code === 'KeyT' && event.shiftKey && event.altKey) { take(); gestures.tidy();
      } else if (event.key === 'Escape') { state.select(null); state.openPanel(null); }
    };
    const nudge = (ids: readonly string[], x: number, y: number): void => {
      const state = design.getState();
      const pattern = patternOfState(state) ?? undefined;
      if (pattern === undefined) return;
      const moved: Record<string, { x: number; y: number }> = {};
      for (const id of ids) {
        const node = flow.getNode(id);
        // a stage inside a chosen group moves with it
        if (node !== undefined && (node.parentId === undefined || !ids.includes(node.parentId))) moved[id] = { x: Math.round(node.position.x + x), y: Math.round(node.position.y + y) };
      }
      state.execute({ kind: 'move', patternId: pattern.id, positions: moved }, `nudge:${ids.join()}`);
    };
    const targets = (source: string): string[] => {
      const pattern = patternOfState(design.getState()) ?? undefined;
      return pattern === undefined ? [] : [...stagesInOrder(pattern)].map((node) => node.id).filter((id) => id !== source && gestures.mayConnect(source, id) === null);
    };
    const startConnect = (source: string): void => {
      const offered = targets(source);
      if (offered.length === 0) { design.getState().announce(t('design.connect.none')); return; }
      design.getState().connect({ source, target: offered[0] ?? null });
      announceTarget(offered[0] ?? null);
    };
    const announceTarget = (id: string | null): void => {
      const pattern = patternOfState(design.getState()) ?? undefined;
      const name = id === null || pattern === undefined ? '' : levelOf(pattern, id)?.node.name ?? '';
      design.getState().announce(t('design.connect.target', { name }));
    };
    const connectKey = (event: globalThis.KeyboardEvent, take: () => void): void => {
      const { connecting, connect } = design.getState();
      if (connecting === null) return;
      const offered = targets(connecting.source);
      const at = offered.indexOf(connecting.target ?? '');
      if (event.key === 'Escape') { take(); connect(null); design.getState().announce(t('design.connect.cancelled')); } else if (event.key === 'Enter' || event.key === ' ') {
        take();
        connect(null);
        if (connecting.target !== null) gestures.connect(connecting.source, connecting.target);
      } else if (event.key === 'ArrowRight' || event.key === 'ArrowDown' || event.key === 'ArrowLeft' || event.key === 'ArrowUp') {
        take();
        const step = event.key === 'ArrowRight' || event.key === 'ArrowDown' ? 1 : -1;
        const next = offered[(at + step + offered.length) % offered.length] ?? null;
        connect({ source: connecting.source, target: next });
        announceTarget(next);
      }
    };
    const onKeyUp = (event: globalThis.KeyboardEvent): void => { if (event.key.startsWith('Arrow')) design.getState().endGroup(); };
    globalThis.addEventListener('keydown', onKey, true);
    globalThis.addEventListener('keyup', onKeyUp);
    return () => { globalThis.removeEventListener('keydown', onKey, true); globalThis.removeEventListener('keyup', onKeyUp); };
  }, [room, flow, ask, design, gestures, t]);
}
