/** The stores of the open draft for the components of the Design page. */
import type { JobDocument, PatternGraph } from '@tidemark/pattern';
import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import { type DesignState, type DesignStore, patternOfState, shownOfState } from './design-store.ts';
import type { DraftSaver } from './draft-saver.ts';
import type { RunState, RunStore } from './run-store.ts';
import type { SaveStore, Saves } from './save-store.ts';
import type { SampleState, SampleStore } from './sample-store.ts';

export interface Workbench {
  readonly projectId: string;
  readonly design: DesignStore;
  readonly sample: SampleStore;
  readonly run: RunStore;
  readonly saver: DraftSaver<JobDocument>;
  readonly saves: SaveStore;
}

export const WorkbenchContext = createContext<Workbench | null>(null);

export function useWorkbench(): Workbench {
  const workbench = useContext(WorkbenchContext);
  if (workbench === null) throw new Error('a part of the Design page stands outside of it');
  return workbench;
}
export const useDesign = <T,>(selector: (state: DesignState) => T): T => useStore(useWorkbench().design, selector);
export const useSample = <T,>(selector: (state: SampleState) => T): T => useStore(useWorkbench().sample, selector);
export const useRun = <T,>(selector: (state: RunState) => T): T => useStore(useWorkbench().run, selector);
export const useSaves = <T,>(selector: (state: Saves) => T): T => useStore(useWorkbench().saves, selector);

/** The pattern on the page. A draft that lost it gets an empty one to show. */
export const usePattern = (): PatternGraph => useDesign((state) => patternOfState(state) ?? EMPTY);
/** The document as the pattern on the page sees it: other patterns and their tests are left out. */
export const useShown = (): JobDocument => useDesign(shownOfState);
const EMPTY: PatternGraph = {
  id: 'p1', name: 'pattern', nodes: [], edges: [], window: null, key: [], advanceEveryKey: false,
  afterMatchStrategy: { type: 'NO_SKIP', patternName: null, throwOnMiss: false }, output: { text: null, timedOut: false, timedOutText: null, late: true },
};
