/** Makes the view of a drawing from a document: words, boxes, and stand-ins for what the caller does not give. */
import type { JobDocument } from '@tidemark/pattern';
import type { ReactNode } from 'react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { currentLanguage } from '../i18n/index.ts';
import { drawPattern } from './drawing.ts';
import type { DrawingEdit, DrawingView, StageMarks } from './view.ts';
import { drawingTexts } from './words.ts';

export interface DrawingViewOptions {
  readonly document: JobDocument;
  readonly patternId?: string | undefined;
  readonly positions?: Readonly<Record<string, { readonly x: number; readonly y: number; readonly collapsed?: boolean | undefined }>> | undefined;
  readonly footHeight: number;
  readonly gateFootHeight?: number | undefined;
  readonly stageWidthMin?: number | undefined;
  readonly showOnce?: boolean | undefined;
  readonly marks?: ReadonlyMap<string, StageMarks> | undefined;
  readonly changed?: ReadonlySet<string> | null | undefined;
  readonly selected?: ReadonlySet<string> | undefined;
  readonly select?: ((id: string | null, add?: boolean) => void) | undefined;
  readonly renderFoot?: ((stageId: string) => ReactNode) | undefined;
  readonly renderGateFoot?: ((stageId: string) => ReactNode) | undefined;
  readonly renderLinkNote?: ((targetId: string) => ReactNode) | undefined;
  readonly renderMatchNote?: (() => ReactNode) | undefined;
  readonly edit?: DrawingEdit | undefined;
  readonly renaming?: string | null | undefined;
  readonly connectTarget?: string | null | undefined;
}

const NO_MARKS: ReadonlyMap<string, StageMarks> = new Map();
const NONE: ReadonlySet<string> = new Set();
const nothing = (): ReactNode => null;
const ignore = (): void => undefined;

/** null where the document has no pattern. */
export function useDrawingView(options: DrawingViewOptions): DrawingView | null {
  const { t } = useTranslation();
  const language = currentLanguage();
  const { document, patternId, footHeight, gateFootHeight, stageWidthMin, showOnce = false } = options;
  const pattern = document.patterns.find((candidate) => candidate.id === patternId) ?? document.patterns[0];
  const texts = useMemo(() => drawingTexts(document, language, t, { once: showOnce }), [document, language, t, showOnce]);
  const positions = options.positions ?? (pattern === undefined ? undefined : document.layout[pattern.id]);
  const drawing = useMemo(() => (pattern === undefined ? null : drawPattern(pattern, {
    texts, footHeight, ...(positions === undefined ? {} : { positions }), ...(gateFootHeight === undefined ? {} : { gateFootHeight }), ...(stageWidthMin === undefined ? {} : { stageWidthMin }),
  })), [pattern, texts, positions, footHeight, gateFootHeight, stageWidthMin]);
  const { marks = NO_MARKS, changed = null, selected = NONE, select = ignore, renderFoot = nothing, renderGateFoot = nothing, renderLinkNote = nothing, renderMatchNote = nothing, edit, renaming = null, connectTarget = null } = options;
  return useMemo(() => (pattern === undefined || drawing === null ? null
    : { document, pattern, drawing, language, marks, changed, selected, select, renderFoot, renderGateFoot, renderLinkNote, renderMatchNote, edit: edit ?? null, renaming, connectTarget }),
  [document, pattern, drawing, language, marks, changed, selected, select, renderFoot, renderGateFoot, renderLinkNote, renderMatchNote, edit, renaming, connectTarget]);
}
