/**
 * What the parts of a drawing read beside their own box: words, selection, feet, and, where the drawing is edited,
 * what a gesture does. Two contexts: parts that show the whole (lane, match) read the view, each stage and link only the
 * hands, so that a change to one stage draws that stage.
 */
import type { JobDocument, PatternEdge, PatternGraph } from '@tidemark/pattern';
import { type ReactNode, createContext, useContext } from 'react';
import type { Language } from '../i18n/index.ts';
import type { Drawing } from './drawing.ts';

/** Gestures on the drawing; absent where it is only shown. */
export interface DrawingEdit {
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

/** What a part can do and say, the same object while the drawing changes: reading it makes nobody draw again. */
export interface DrawingHands {
  readonly language: Language;
  readonly edit: DrawingEdit | null;
  select(id: string | null, add?: boolean): void;
  renderFoot(stageId: string): ReactNode;
  renderGateFoot(stageId: string): ReactNode;
  /** A word or figure under a link, by its target stage. */
  renderLinkNote(targetId: string): ReactNode;
}

/** What is true of one part besides its box; travels with it, so that a part is drawn again only when it changes. */
export interface PartState {
  readonly selected: boolean;
  readonly errors: number;
  readonly warnings: number;
  /** Differs from the running version. */
  readonly changed: boolean;
  readonly renaming: boolean;
  /** While a connection is made by keyboard: offered as its target, or not. */
  readonly offered: boolean;
  readonly dimmed: boolean;
  /** Number of stages. */
  readonly total: number;
  /** Kind of the link that leads here; null for the first. */
  readonly link: PatternEdge['type'] | null;
}

export interface StageMarks { readonly errors: number; readonly warnings: number }

export interface DrawingView extends DrawingHands {
  readonly document: JobDocument;
  readonly pattern: PatternGraph;
  readonly drawing: Drawing;
  readonly marks: ReadonlyMap<string, StageMarks>;
  /** Stages that differ from the running version; null where nothing is deployed. */
  readonly changed: ReadonlySet<string> | null;
  readonly selected: ReadonlySet<string>;
  /** What stands under the diamond instead of the skip strategy's words alone. */
  renderMatchNote(): ReactNode;
  /** Stage whose name is being edited in place. */
  readonly renaming: string | null;
  /** Spoken while a connection is made by keyboard; the stage that is offered as target. */
  readonly connectTarget: string | null;
}

export const DrawingContext = createContext<DrawingView | null>(null);
export function useDrawing(): DrawingView {
  const view = useContext(DrawingContext);
  if (view === null) throw new Error('a part of the drawing stands outside of it');
  return view;
}

export const HandsContext = createContext<DrawingHands | null>(null);
export function useHands(): DrawingHands {
  const hands = useContext(HandsContext);
  if (hands === null) throw new Error('a part of the drawing stands outside of it');
  return hands;
}
