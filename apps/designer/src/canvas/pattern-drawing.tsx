/**
 * The drawing of a document, to look at: in Live, in a version, anywhere but the editor. The same shapes as on the
 * canvas; only the feet of the cards are the caller's.
 *
 * Always  under 640 px of room it runs downwards, with the window's bracket on its right. `renderFoot` and its like
 *         must be stable functions: give them components that read live figures themselves, and nothing else re-renders.
 */
import { useElementSize } from '@mantine/hooks';
import { ReactFlowProvider } from 'reactflow';
import type { JobDocument } from '@tidemark/pattern';
import { type ReactNode, useMemo } from 'react';
import { DownDrawing } from './down-drawing.tsx';
import { PatternCanvas } from './pattern-canvas.tsx';
import { useDrawingView } from './use-drawing-view.ts';
import type { StageMarks } from './view.ts';

export interface PatternDrawingProps {
  readonly document: JobDocument;
  readonly patternId?: string;
  /** What stands at the foot of a stage's card; its height in px is `footHeight` (default 0). */
  readonly renderFoot?: (stageId: string) => ReactNode;
  readonly footHeight?: number;
  readonly renderGateFoot?: (stageId: string) => ReactNode;
  readonly gateFootHeight?: number;
  /** Under a link, by the stage it leads to (one line). */
  readonly renderLinkNote?: (targetId: string) => ReactNode;
  /** Under the diamond, in place of skip strategy and target. */
  readonly renderMatchNote?: () => ReactNode;
  readonly stageWidthMin?: number;
  readonly selected?: string | null;
  readonly onSelect?: (stageId: string | null) => void;
  readonly marks?: ReadonlyMap<string, StageMarks>;
  readonly fitMaxZoom?: number;
  readonly className?: string;
}

export function PatternDrawing(props: PatternDrawingProps) {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const { selected, onSelect } = props;
  const selection = useMemo(() => new Set(selected === null || selected === undefined ? [] : [selected]), [selected]);
  const view = useDrawingView({
    document: props.document, patternId: props.patternId, footHeight: props.footHeight ?? 0, gateFootHeight: props.gateFootHeight ?? 0, stageWidthMin: props.stageWidthMin,
    marks: props.marks, selected: selection, select: useMemo(() => (id: string | null) => onSelect?.(id !== null && !id.startsWith('link:') && !id.startsWith('@') ? id : null), [onSelect]),
    renderFoot: props.renderFoot, renderGateFoot: props.renderGateFoot, renderLinkNote: props.renderLinkNote, renderMatchNote: props.renderMatchNote,
  });
  return (
    <div ref={ref} className={`tm-drawing ${props.className ?? ''}`}>
      {view === null || width === 0 ? null : width < 640
        ? <DownDrawing view={view} />
        : <ReactFlowProvider><PatternCanvas view={view} {...(props.fitMaxZoom === undefined ? {} : { fitMaxZoom: props.fitMaxZoom })} /></ReactFlowProvider>}
    </div>
  );
}
