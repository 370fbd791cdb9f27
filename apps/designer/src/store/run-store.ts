/**
 * Results of the drawing on its sample: run again by itself when drawing or sample change.
 *
 * Always  one run at a time; what changed meanwhile is run after it. A drawing with errors leaves the results of the last
 *         valid one standing, and `stale` says so. Moving a stage runs nothing.
 */
import { type JobDocument, versionHash } from '@tidemark/pattern';
import { createStore } from 'zustand/vanilla';
import { type Engine, EngineStopped } from '../test-dock/engine.ts';
import type { RunResult, TestOutcome } from '../test-dock/run.ts';

export interface RunState {
  readonly running: boolean;
  readonly result: RunResult | null;
  /** The document's own expectations, with what the drawing gives. */
  readonly tests: readonly TestOutcome[];
  readonly tookMs: number;
  /** Of which document the results are. */
  readonly of: JobDocument | null;
  /** The results are those of an earlier, valid drawing. */
  readonly stale: boolean;
  readonly error: unknown;
  /** `sample` is any value that changes when the sample does; null: there is none. */
  follow(document: JobDocument, valid: boolean, sample: object | null): void;
  close(): void;
}
const DELAY_MS = 250;

export const createRunStore = (engine: Engine, after: (ms: number, run: () => void) => () => void) => createStore<RunState>()((set, get) => {
  let wanted: { document: JobDocument; sample: object; key: string } | null = null;
  let done = '';
  let doneSample: object | null = null;
  let callOff: (() => void) | null = null;
  let closed = false;

  const run = async (): Promise<void> => {
    callOff = null;
    if (wanted === null || get().running || closed) return;
    const { document, sample, key } = wanted;
    if (key === done && sample === doneSample) return;
    set({ running: true });
    try {
      const { result, tookMs } = await engine.ask('run', { document });
      done = key;
      doneSample = sample;
      if (result !== null) set({ result, tookMs, of: document, error: null });
      const { outcomes } = document.tests.length === 0 ? { outcomes: [] } : await engine.ask('tests', { document, sampleMatches: result?.fault === null && !result.partial ? result.matchCount : null });
      set({ tests: outcomes });
    } catch (error) {
      done = key;
      doneSample = sample;
      if (!(error instanceof EngineStopped)) set({ error });
    }
    set({ running: false });
    if (!closed && wanted !== null && (wanted.key !== done || wanted.sample !== doneSample)) void run();
  };

  return {
    running: false, result: null, tests: [], tookMs: 0, of: null, stale: false, error: null,
    follow: (document, valid, sample) => {
      if (sample === null) { wanted = null; done = ''; if (get().result !== null) set({ result: null, of: null, stale: false, error: null }); return; }
      set({ stale: !valid && get().result !== null });
      if (!valid) return;
      const key = versionHash(document) + JSON.stringify([document.source?.rate ?? null, document.outOfOrdernessMs, document.tests]);
      if (wanted !== null && wanted.key === key && wanted.sample === sample) return;
      wanted = { document, sample, key };
      callOff?.();
      callOff = after(get().result === null ? 0 : DELAY_MS, () => void run());
    },
    close: () => { closed = true; callOff?.(); },
  };
});
export type RunStore = ReturnType<typeof createRunStore>;
