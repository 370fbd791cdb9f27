/**
 * What the parts of a drawing read beside their own box: words, selection, feet, and, where the drawing is edited,
 * what a gesture does. One context, so that a node re-renders only when its box or this view changes.
 */
import type { JobDocument, PatternGraph } from '@tidemark/pattern';
import { type ReactNode, createContext, useContext } from 'react';
import type { Language } from '../i18n/index.ts';
import type { Drawing } from './drawing.ts';

/** Gestures on the drawing; absent where it is only shown. */
export interface DrawingEdit {
  /** Stage whose name is being edited in place. */
  readonly renaming: string | null;
  startRename(id: string): void;
  /** Ends renaming; null gives up. Answers a sentence where the name cannot be taken. */
  rename(id: string, name: string | null): string | null;
  /** The menu behind a badge. */
  repeatMenu(id: string, close: () => void): ReactNode;
  /** The menu behind a link, by its target (a stage, a group, or a gate). */
  linkMenu(source: string, target: string, close: () => void): ReactNode;
  appendAfter(id: string): void;
  insertOnLink(source: string, target: string): void;
  openPanel(panel: 'key' | 'window' | 'alert'): void;
  toggleGroup(id: string): void;
}

export interface StageMarks { readonly errors: number; readonly warnings: number }

export interface DrawingView {
  readonly document: JobDocument;
  readonly pattern: PatternGraph;
  readonly drawing: Drawing;
  readonly language: Language;
  readonly marks: ReadonlyMap<string, StageMarks>;
  /** Stages that differ from the running version; null where nothing is deployed. */
  readonly changed: ReadonlySet<string> | null;
  readonly selected: ReadonlySet<string>;
  select(id: string | null, add?: boolean): void;
  renderFoot(stageId: string): ReactNode;
  renderGateFoot(stageId: string): ReactNode;
  /** A word or figure under a link, by its target stage. */
  renderLinkNote(targetId: string): ReactNode;
  /** What stands under the diamond instead of the skip strategy's words alone. */
  renderMatchNote(): ReactNode;
  readonly edit: DrawingEdit | null;
  /** Spoken while a connection is made by keyboard; the stage that is offered as target. */
  readonly connectTarget: string | null;
}

export const DrawingContext = createContext<DrawingView | null>(null);
export function useDrawing(): DrawingView {
  const view = useContext(DrawingContext);
  if (view === null) throw new Error('a part of the drawing stands outside of it');
  return view;
}
