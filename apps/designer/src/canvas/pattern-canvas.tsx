/**
 * React Flow round a drawing: pan, zoom, fit, selection. What editing adds comes in as handlers; without them the
 * drawing can only be looked at.
 *
 * Always  fits itself into its room until the person pans or zooms, then leaves the view alone.
 */
import 'reactflow/dist/base.css';
import './canvas.css';
import { useMantineColorScheme } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Background, BackgroundVariant, type Connection, type FinalConnectionState, type Node, type NodeChange, ReactFlow, type ReactFlowInstance, useStore } from 'reactflow';
import { type DragEvent, type MouseEvent, type ReactNode, useCallback, useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { PatternEdge } from '@tidemark/pattern';
import { type Flow, type FlowWords, flowOf } from './flow-nodes.ts';
import { EDGE_TYPES, type LinkEdgeType } from './link-edge.tsx';
import { type DrawingNode, NODE_TYPES } from './parts.tsx';
import { DrawingContext, type DrawingHands, type DrawingView, HandsContext } from './view.ts';

export type CanvasInstance = ReactFlowInstance<DrawingNode, LinkEdgeType>;

export interface CanvasHandlers {
  /** Positions while a gesture goes on (`done` false) and at its end; relative to the group where there is one. */
  moved(positions: ReadonlyMap<string, { readonly x: number; readonly y: number }>, done: boolean): void;
  selected(changes: ReadonlyMap<string, boolean>): void;
  mayConnect(source: string, target: string): boolean;
  connected(source: string, target: string): void;
  connectDropped(source: string, event: globalThis.MouseEvent | TouchEvent): void;
  paneDoubleClicked(event: MouseEvent): void;
  dropped(event: DragEvent): void;
}

export interface PatternCanvasProps {
  readonly view: DrawingView;
  readonly handlers?: CanvasHandlers;
  readonly onReady?: (instance: CanvasInstance) => void;
  readonly fitMaxZoom?: number;
  /** The person has arranged the drawing: what is added leaves the view alone. */
  readonly arranged?: boolean;
  readonly children?: ReactNode;
  readonly className?: string;
}

const READABLE_ZOOM = 0.55;

export function PatternCanvas({ view, handlers, onReady, fitMaxZoom = 1, arranged = false, children, className }: PatternCanvasProps) {
  const { t } = useTranslation();
  const { colorScheme } = useMantineColorScheme();
  const reducedMotion = useMediaQuery('(prefers-reduced-motion: reduce)') ?? false;
  const before = useRef<Flow | null>(null);
  const editable = handlers !== undefined;
  const words = useMemo((): FlowWords => ({
    stage: t('design.canvas.roleStage'), link: t('design.canvas.roleLink'),
    linkLabel: (kind, a, b) => (kind !== null ? t('design.canvas.linkBetween', { word: t(`design.link.${kind as PatternEdge['type']}`), a, b })
      : a === '' ? t('design.canvas.linkStart', { b }) : t('design.canvas.linkMatch', { a })),
  }), [t]);
  const labels = useMemo(() => ({
    'node.a11yDescription.default': words.stage, 'node.a11yDescription.keyboardDisabled': words.stage, 'edge.a11yDescription.default': words.link, 'handle.ariaLabel': words.link,
  }), [words]);
  const spoken = useRef(words);
  const flow = useMemo(() => {
    // In another language nothing is what it was.
    before.current = flowOf(view, editable, words, spoken.current === words ? before.current : null);
    spoken.current = words;
    return before.current;
  }, [view, editable, words]);
  const { language, edit, select, renderFoot, renderGateFoot, renderLinkNote } = view;
  const hands = useMemo((): DrawingHands => ({ language, edit, select, renderFoot, renderGateFoot, renderLinkNote }), [language, edit, select, renderFoot, renderGateFoot, renderLinkNote]);
  const wrapper = useRef<HTMLDivElement>(null);
  const instance = useRef<CanvasInstance | null>(null);
  const touched = useRef(false);
  const held = useRef(arranged);
  useEffect(() => { held.current = arranged; }, [arranged]);
  const { lane } = view.drawing;
  const fit = useCallback(() => {
    const room = wrapper.current?.getBoundingClientRect();
    if (lane === null || room === undefined || room.width === 0 || instance.current === null) return;
    const zoom = Math.min(fitMaxZoom, (room.width - 16) / lane.width, (room.height - 16) / lane.height);
    // a pattern that would become unreadable is shown from its beginning instead
    const shown = zoom >= READABLE_ZOOM ? zoom : Math.min(0.75, Math.max(READABLE_ZOOM, (room.height - 16) / lane.height));
    const x = zoom >= READABLE_ZOOM ? (room.width - lane.width * shown) / 2 : 8;
    void instance.current.setViewport({ x: x - lane.x * shown, y: (room.height - lane.height * shown) / 2 - lane.y * shown, zoom: shown });
  }, [fitMaxZoom, lane]);
  const fitNow = useRef(fit);
  useEffect(() => { fitNow.current = fit; });

  useEffect(() => {
    const room = wrapper.current;
    if (room === null) return undefined;
    const observer = new ResizeObserver(() => { if (!touched.current && !held.current) fitNow.current(); });
    observer.observe(room);
    return () => observer.disconnect();
  }, []);
  const extent = lane === null ? '' : `${Math.round(lane.width)} ${Math.round(lane.height)}`;
  // a drop is measured against the view as it was: the first place that is stored keeps it
  useEffect(() => { if (!touched.current && !held.current && !arranged) requestAnimationFrame(() => fitNow.current()); }, [extent, fitMaxZoom]);

  const onNodesChange = useCallback((changes: NodeChange<DrawingNode>[]) => {
    if (!handlers) return;
    const selection = new Map<string, boolean>();
    const positions = new Map<string, { x: number; y: number }>();
    let done = false;
    for (const change of changes) {
      if (change.type === 'select') selection.set(change.id, change.selected);
      else if (change.type === 'position') {
        if (change.position && Number.isFinite(change.position.x)) positions.set(change.id, change.position);
        if (change.dragging === false) done = true;
      }
    }
    if (selection.size > 0) handlers.selected(selection);
    if (positions.size > 0 || done) handlers.moved(positions, done);
  }, [handlers]);

  return (
    <DrawingContext.Provider value={view}>
      <HandsContext.Provider value={hands}>
      <div ref={wrapper} className={`tm-canvas ${className ?? ''}`} data-editable={editable || undefined}
           onDoubleClick={(event) => { if ((event.target as Element).classList.contains('react-flow__pane')) handlers?.paneDoubleClicked(event); }}
           onDragOver={handlers && ((event) => { event.preventDefault(); event.dataTransfer.dropEffect = 'copy'; })}
           onDrop={handlers && ((event) => { event.preventDefault(); handlers.dropped(event); })}>
        <ReactFlow<DrawingNode, LinkEdgeType>
          nodes={flow.nodes} edges={flow.edges} nodeTypes={NODE_TYPES} edgeTypes={EDGE_TYPES}
          colorMode={colorScheme === 'auto' ? 'system' : colorScheme}
          onInit={(ready) => { instance.current = ready; onReady?.(ready); fit(); }}
          onNodesChange={onNodesChange}
          onMoveStart={(event) => { if (event !== null) touched.current = true; }}
          onPaneClick={() => view.select(null)}
          nodesDraggable={editable} nodesConnectable={editable} nodesFocusable={false} edgesFocusable={false} elementsSelectable={editable}
          isValidConnection={(connection) => handlers !== undefined && connection.source !== null && connection.target !== null && handlers.mayConnect(connection.source, connection.target)}
          onConnect={(connection: Connection) => handlers?.connected(connection.source, connection.target)}
          onConnectEnd={(event, state: FinalConnectionState) => { if (state.toNode === null && state.fromNode !== null) handlers?.connectDropped((state.fromNode as Node).id, event); }}
          deleteKeyCode={null} selectionKeyCode="Shift" multiSelectionKeyCode={['Meta', 'Control', 'Shift']} disableKeyboardA11y
          snapToGrid snapGrid={[8, 8]} connectionRadius={24} connectOnClick zoomOnDoubleClick={false} panOnScroll={false} minZoom={0.2} maxZoom={2}
          nodeDragThreshold={3} autoPanOnNodeDrag
          attributionPosition="bottom-left" zoomOnScroll preventScrolling
          aria-label={t('design.drawing.label')} ariaLabelConfig={labels}
          data-reduced-motion={reducedMotion || undefined}
        >
          <Background variant={BackgroundVariant.Dots} gap={16} size={1} color="var(--grid)" />
          <ZoomLevel />
          {children}
        </ReactFlow>
      </div>
      </HandsContext.Provider>
    </DrawingContext.Provider>
  );
}

/** Below half size a card shows name, badge and count only: the style sheet asks for this mark. */
function ZoomLevel() {
  const far = useStore((state) => state.transform[2] < 0.5);
  return <span hidden data-far={far || undefined} className="tm-zoom-level" />;
}
