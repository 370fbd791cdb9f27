/**
 * State of one open draft: the document with its history, what is selected, and what is shown. Vanilla: no React here.
 *
 * Always  the document changes only through commands of packages/editor (one gesture, one entry of the history).
 *         Selection, panels and the transient positions of a drag are no history. `issues` and `job` belong to the
 *         document that stands beside them.
 * Not here: saving (draft-saver.ts), the sample (sample-store.ts), what a command does (packages/editor).
 */
import { type Command, type History, endGroup, execute, executeAll, historyOf, redo, undo } from '@tidemark/editor';
import { type JobDocument, type PatternGraph, type PatternIssue, type ValidatedJob, validateDocument } from '@tidemark/pattern';
import { createStore } from 'zustand/vanilla';
import { documentShown, patternChanged, patternShown } from './shown-pattern.ts';

export type View = 'drawing' | 'outline' | 'json';
export type Panel = 'source' | 'key' | 'window' | 'alert' | 'running';

export interface DesignState {
  readonly history: History;
  readonly document: JobDocument;
  readonly issues: readonly PatternIssue[];
  /** Not null iff no issue is an error. */
  readonly job: ValidatedJob | null;
  /** Of the pattern on the page. */
  readonly patternId: string | null;
  /** Ids of stages, gates, groups; or one `link:source>target`. */
  readonly selected: ReadonlySet<string>;
  readonly view: View;
  /** Open where nothing is selected; null = the overview of the pattern. */
  readonly panel: Panel | null;
  readonly renaming: string | null;
  /** A connection that is made by keyboard. */
  readonly connecting: { readonly source: string; readonly target: string | null } | null;
  /** Where stages stand while they are dragged; null = nobody drags. */
  readonly dragged: Readonly<Record<string, { readonly x: number; readonly y: number }>> | null;
  /** Spoken to a screen reader, not shown. */
  readonly announcement: string;
  /** Raised by one whenever a stage is to be brought into view. */
  readonly focus: { readonly id: string; readonly n: number } | null;

  execute(command: Command, group?: string): void;
  executeAll(commands: readonly Command[]): void;
  /** What is typed from now on is an entry of its own. */
  endGroup(): void;
  undo(): void;
  redo(): void;
  /** A newer revision, or a reload: the history begins anew. */
  load(document: JobDocument): void;
  /** Another pattern on the page; nothing of it is selected. */
  showPattern(id: string): void;
  select(id: string | null, add?: boolean): void;
  selectAll(ids: readonly string[]): void;
  show(view: View): void;
  openPanel(panel: Panel | null): void;
  startRename(id: string | null): void;
  connect(connecting: DesignState['connecting']): void;
  drag(positions: DesignState['dragged']): void;
  announce(text: string): void;
  /** Selects a stage and brings it into view. */
  goTo(id: string): void;
}

export type DesignStore = ReturnType<typeof createDesignStore>;

const checked = (document: JobDocument): Pick<DesignState, 'document' | 'issues' | 'job'> => {
  const { issues, job } = validateDocument(document, { forDeployment: true });
  return { document, issues, job };
};

/** Ids that still exist: an undo may take a selected stage away. */
function stillThere(selected: ReadonlySet<string>, document: JobDocument): ReadonlySet<string> {
  const ids = new Set<string>();
  const visit = (level: Pick<PatternGraph, 'nodes' | 'edges'>): void => {
    for (const node of level.nodes) {
      ids.add(node.id);
      if (node.type === 'COMPOSITE') visit(node);
    }
    for (const edge of level.edges) ids.add(`link:${edge.source}>${edge.target}`);
  };
  for (const pattern of document.patterns) visit(pattern);
  const kept = [...selected].filter((id) => ids.has(id));
  return kept.length === selected.size ? selected : new Set(kept);
}

export const createDesignStore = (initial: JobDocument) => createStore<DesignState>()((set, get) => {
  const step = (history: History, more: Partial<DesignState> = {}): void => {
    const { document, selected, patternId } = get();
    if (history === get().history) return;
    if (history.present === document) { set({ history, ...more }); return; }
    set({ history, ...checked(history.present), selected: stillThere(selected, history.present), patternId: patternShown(history.present, patternId)?.id ?? null, ...more });
  };
  /** A step back or forth shows what it was about. */
  const stepShown = (history: History): void => {
    const { document, patternId } = get();
    const changed = patternChanged(document, history.present);
    step(history, { renaming: null, dragged: null, ...(changed === null || changed === patternId ? {} : { patternId: changed, selected: new Set<string>() }) });
  };
  return {
    history: historyOf(initial), ...checked(initial),
    patternId: initial.patterns[0]?.id ?? null, selected: new Set<string>(), view: 'drawing', panel: null, renaming: null, connecting: null, dragged: null, announcement: '', focus: null,
    execute: (command, group) => step(execute(get().history, command, group ?? null)),
    executeAll: (commands) => step(executeAll(get().history, commands)),
    endGroup: () => step(endGroup(get().history)),
    undo: () => stepShown(undo(get().history)),
    redo: () => stepShown(redo(get().history)),
    showPattern: (id) => { if (id !== get().patternId && get().document.patterns.some((pattern) => pattern.id === id)) set({ patternId: id, selected: new Set(), renaming: null, connecting: null, dragged: null }); },
    load: (document) => set({ history: historyOf(document), ...checked(document), patternId: patternShown(document, get().patternId)?.id ?? null, selected: stillThere(get().selected, document), renaming: null, connecting: null, dragged: null }),
    select: (id, add = false) => {
      const { selected } = get();
      if (id === null) { if (selected.size > 0 || get().connecting !== null) set({ selected: new Set(), connecting: null }); return; }
      if (!add || id.startsWith('link:')) { if (!(selected.size === 1 && selected.has(id))) set({ selected: new Set([id]) }); return; }
      const next = new Set([...selected].filter((other) => !other.startsWith('link:')));
      if (!next.delete(id)) next.add(id);
      set({ selected: next });
    },
    selectAll: (ids) => set({ selected: new Set(ids) }),
    show: (view) => set({ view }),
    openPanel: (panel) => set({ panel, selected: new Set() }),
    startRename: (renaming) => set({ renaming }),
    connect: (connecting) => set({ connecting }),
    drag: (dragged) => set({ dragged }),
    announce: (announcement) => set({ announcement }),
    goTo: (id) => set({ selected: new Set([id]), view: get().view === 'json' ? 'drawing' : get().view, focus: { id, n: (get().focus?.n ?? 0) + 1 } }),
  };
});

/** The pattern that the page draws. */
export const patternOfState = ({ document, patternId }: Pick<DesignState, 'document' | 'patternId'>): PatternGraph | null => patternShown(document, patternId);
/** The document as that pattern sees it; for reading, never for a command. */
export const shownOfState = ({ document, patternId }: Pick<DesignState, 'document' | 'patternId'>): JobDocument => documentShown(document, patternId);
