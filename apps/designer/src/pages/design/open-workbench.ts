/** Opens the stores of one draft and ties them together: saving, sample and test follow the document. */
import type { Project } from '@tidemark/protocol';
import { type JobDocument, decodeDocument } from '@tidemark/pattern';
import { del, get, set } from 'idb-keyval';
import { call } from '../../api/client.ts';
import { ApiError } from '../../api/problem.ts';
import { i18nInstance } from '../../i18n/index.ts';
import type { Workbench } from '../../store/context.tsx';
import { createDesignStore, patternOfState, shownOfState } from '../../store/design-store.ts';
import { concerns } from '../../store/shown-pattern.ts';
import { DraftSaver, type SaveAnswer, type SaveState, sameJson } from '../../store/draft-saver.ts';
import { createRunStore } from '../../store/run-store.ts';
import { createSampleStore } from '../../store/sample-store.ts';
import { createSaveStore } from '../../store/save-store.ts';
import { Engine, startEngineWorker } from '../../test-dock/engine.ts';

export interface OpenDraft { readonly workbench: Workbench; readonly engine: Engine; close(): void }

interface Kept { readonly baseRevision: number; readonly document: unknown }
const keyOf = (projectId: string): string => `tidemark-draft:${projectId}`;
const after = (ms: number, run: () => void): (() => void) => { const timer = setTimeout(run, ms); return () => clearTimeout(timer); };

export async function openWorkbench(project: Project, saved: JobDocument): Promise<OpenDraft> {
  // what this browser kept because it could not be saved goes on where it was
  const kept = await get<Kept>(keyOf(project.id)).catch(() => undefined);
  const restored = kept === undefined || sameJson(kept.document, saved) ? null : decodeDocument(kept.document);
  const document = restored?.ok === true ? restored.document : saved;
  const saves = createSaveStore();
  let held = false;
  const saver = new DraftSaver<JobDocument>(restored?.ok === true ? kept?.baseRevision ?? project.draft.revision : project.draft.revision, saved, {
    send: (baseRevision, draft) => send(project.id, baseRevision, draft),
    keep: (draft) => {
      // storage may be blocked: saving to the runtime goes on all the same
      if (draft === null) { if (held || kept !== undefined) void del(keyOf(project.id)).catch(() => undefined); } else { held = true; void set(keyOf(project.id), draft).catch(() => undefined); }
    },
    after,
    changed: (state: SaveState) => saves.setState({ state }),
  });
  const design = createDesignStore(document);
  const engine = new Engine(startEngineWorker);
  const sample = createSampleStore(engine, fetchSample, () => i18nInstance.t('data.paste.name'));
  const run = createRunStore(engine, after);

  const tryRun = (): void => {
    const state = design.getState();
    const pattern = patternOfState(state);
    const { status } = sample.getState();
    // a source is needed to deploy, not to try the drawing on pasted events
    const valid = !state.issues.some((issue) => issue.severity === 'error' && !issue.path.startsWith('$.source') && concerns(issue, pattern?.id ?? ''));
    run.getState().follow(shownOfState(state), valid, status.kind === 'ready' ? status.loaded : null);
  };
  const stops = [
    design.subscribe((state, before) => { 
      if (state.document !== before.document) saver.edit(state.document);
      if (shownOfState(state) === shownOfState(before)) return;
      sample.getState().follow(shownOfState(state));
      tryRun();
    }),
    sample.subscribe((state, before) => { if (state.status !== before.status) tryRun(); }),
  ];
  if (document !== saved) saver.edit(document);
  sample.getState().follow(shownOfState(design.getState()));

  const leaving = (event: BeforeUnloadEvent): void => {
    if (!saver.unsaved) return;
    void saver.flush();
    event.preventDefault();
  };
  const hidden = (): void => { if (globalThis.document.visibilityState === 'hidden') void saver.flush(); };
  globalThis.addEventListener('beforeunload', leaving);
  globalThis.document.addEventListener('visibilitychange', hidden);

  return {
    engine,
    workbench: { projectId: project.id, design, sample, run, saver, saves },
    close: () => {
      for (const stop of stops) stop();
      globalThis.removeEventListener('beforeunload', leaving);
      globalThis.document.removeEventListener('visibilitychange', hidden);
      void saver.flush().finally(() => saver.close());
      run.getState().close();
      sample.getState().close();
    },
  };
}

async function send(projectId: string, baseRevision: number, document: JobDocument): Promise<SaveAnswer> {
  try {
    const { revision } = await call('saveDraft', { params: { projectId }, body: { baseRevision, document } });
    return { kind: 'saved', revision };
  } catch (error) {
    if (error instanceof ApiError) {
      if (error.current !== null) return { kind: 'newer', revision: error.current.revision, document: error.current.document };
      if (error.kind === 'network' || error.status >= 502) return { kind: 'no-answer' };
    }
    return { kind: 'refused', error };
  }
}

async function fetchSample(hash: string): Promise<{ bytes: Uint8Array; name: string }> {
  const [meta, response] = await Promise.all([
    call('sample', { params: { hash } }),
    fetch(`/api/samples/${hash}/content`, { credentials: 'same-origin', headers: { 'x-tidemark': '1' } }).catch((cause: unknown) => { throw new ApiError('network', String(cause)); }),
  ]);
  if (!response.ok) throw new ApiError('problem', `${response.status} ${response.statusText}`, { status: response.status });
  return { bytes: new Uint8Array(await response.arrayBuffer()), name: meta.name };
}
