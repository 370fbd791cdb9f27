/**
 * The sample of a drawing: loaded into the worker when the document's data change, counted again when its conditions do.
 *
 * Always  what is shown belongs to the newest question: an answer to an older one is dropped. Without data there is no
 *         sample, and that is no error.
 * Not here: decoding and counting (test-dock/), the document (design-store.ts).
 */
import type { EventSchema } from '@tidemark/event';
import type { JobDocument } from '@tidemark/pattern';
import { createStore } from 'zustand/vanilla';
import { allNodes } from '../canvas/chain.ts';
import { type Engine, EngineStopped } from '../test-dock/engine.ts';
import type { LoadedSample } from '../test-dock/engine-messages.ts';
import type { ConditionCount } from '../test-dock/sample.ts';

export type SampleStatus =
  | { readonly kind: 'none' }
  /** A source that the page cannot read: a path or a generator. */
  | { readonly kind: 'elsewhere' }
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready'; readonly loaded: LoadedSample; readonly name: string }
  | { readonly kind: 'failed'; readonly error: unknown };

export interface SampleState {
  readonly status: SampleStatus;
  readonly counts: Readonly<Record<string, ConditionCount>>;
  /** Events that were pasted into the dock instead of the document's sample; null = the document's. */
  readonly pasted: string | null;
  /** Called with every document; does nothing where nothing that it looks at has changed. */
  follow(document: JobDocument): void;
  paste(text: string | null): void;
  retry(): void;
  close(): void;
}

export interface SampleFetch {
  /** Bytes and name of a stored sample. */
  (hash: string): Promise<{ readonly bytes: Uint8Array; readonly name: string }>;
}

export const createSampleStore = (engine: Engine, fetchSample: SampleFetch, pastedName: () => string) => createStore<SampleState>()((set, get) => {
  let document: JobDocument | null = null;
  let loadedFor = '';
  let countedFor = '';
  let question = 0;

  const load = async (current: JobDocument): Promise<void> => {
    const mine = ++question;
    const { source, schema } = current;
    const pasted = get().pasted;
    if (schema === null || (source === null && pasted === null)) return set({ status: { kind: 'none' }, counts: {} });
    if (pasted === null && sampleOf(source) === null) return set({ status: { kind: 'elsewhere' }, counts: {} });
    set({ status: { kind: 'loading' } });
    try {
      const { bytes, name } = pasted === null && source?.kind === 'file' ? await fetchSample(sampleOf(source) ?? '') : { bytes: new TextEncoder().encode(pasted ?? ''), name: pastedName() };
      if (mine !== question) return;
      const format = pasted === null && source?.kind === 'file' ? source.format : formatOf(pasted ?? '');
      const loaded = await engine.ask('load', { bytes, format, schema: schema as EventSchema, keyFields: current.patterns[0]?.key ?? [] });
      if (mine !== question) return;
      set({ status: { kind: 'ready', loaded, name } });
      countedFor = '';
      await count();
    } catch (error) {
      if (mine === question && !(error instanceof EngineStopped)) set({ status: { kind: 'failed', error }, counts: {} });
    }
  };

  const count = async (): Promise<void> => {
    if (document === null || get().status.kind !== 'ready') return;
    const nodes = document.patterns.flatMap((pattern) => [...allNodes(pattern)]);
    const conditions = nodes.flatMap((node) => (node.type === 'ATOMIC' ? [{ id: node.id, text: node.condition?.expression ?? '' }] : []));
    const stages = nodes.filter((node) => node.type === 'ATOMIC').map((node) => node.name);
    const wanted = JSON.stringify([conditions, stages]);
    if (wanted === countedFor) return;
    countedFor = wanted;
    const mine = question;
    try {
      const { counts } = await engine.ask('count', { conditions, stages });
      if (mine === question && wanted === countedFor) set({ counts });
    } catch (error) {
      if (!(error instanceof EngineStopped)) throw error;
    }
  };

  return {
    status: { kind: 'none' }, counts: {}, pasted: null,
    follow: (next) => {
      document = next;
      const wanted = JSON.stringify([next.source?.kind === 'file' ? [sampleOf(next.source), next.source.format] : next.source?.kind ?? null, next.schema, next.patterns[0]?.key, get().pasted]);
      if (wanted !== loadedFor) { loadedFor = wanted; void load(next); } else void count();
    },
    paste: (pasted) => { set({ pasted }); if (document !== null) get().follow(document); },
    retry: () => { loadedFor = ''; if (document !== null) get().follow(document); },
    close: () => { question += 1; engine.restart(); },
  };
});
/** The uploaded file that is shown and tested: of several, the first. */
function sampleOf(source: JobDocument['source']): string | null {
  if (source?.kind !== 'file') return null;
  const [first] = source.files ?? [];
  return source.sample ?? (first !== undefined && 'sample' in first ? first.sample : null);
}

export type SampleStore = ReturnType<typeof createSampleStore>;

/** Pasted lines: one JSON object a line, one JSON list, or CSV. */
export function formatOf(text: string): 'ndjson' | 'json' | 'csv' {
  const start = text.trimStart();
  if (start.startsWith('[')) return 'json';
  return start.startsWith('{') ? 'ndjson' : 'csv';
}
