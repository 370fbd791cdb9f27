/** React's side of the live store: each part of the page takes its own slot and is drawn again only when that changes. */
import { createContext, useContext, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { StageFigures } from '@tidemark/protocol';
import type { StoreApi } from 'zustand/vanilla';
import type { ConnectionState } from './connection.ts';
import { type LiveState, stageSlot } from './live-store.ts';
import { runtimeLink, startRuntimeLink } from './runtime-link.ts';

/** The live store of a job while the calling component is shown; null until then. */
export function useWatchedJob(jobId: string | null): StoreApi<LiveState> | null {
  const [store, setStore] = useState<StoreApi<LiveState> | null>(null);
  useEffect(() => {
    if (jobId === null) {
      setStore(null);
      return undefined;
    }
    startRuntimeLink();
    const { live, release } = runtimeLink.watch(jobId);
    setStore(live.store);
    return release;
  }, [jobId]);
  return store !== null && store.getState().jobId === jobId ? store : null;
}

export const LiveContext = createContext<StoreApi<LiveState> | null>(null);

/** A part of the live state. The selector must give the same identity for the same value. */
export function useLive<T>(select: (state: LiveState) => T): T {
  const store = useContext(LiveContext);
  if (store === null) throw new Error('no live job above this component');
  return useSyncExternalStore(store.subscribe, () => select(store.getState()));
}

/** The figures of one stage; null where no job is watched or none are known. */
export function useStageFigures(patternId: string, stageId: string): StageFigures | null {
  const store = useContext(LiveContext);
  const slot = stageSlot(patternId, stageId);
  return useSyncExternalStore(store?.subscribe ?? noStore, () => store?.getState().stages[slot] ?? null);
}
const noStore = (): (() => void) => () => undefined;

export function useConnection(): { readonly state: ConnectionState; readonly lostAt: number | null } {
  useEffect(startRuntimeLink, []);
  return useSyncExternalStore(runtimeLink.connection.subscribe, runtimeLink.connection.getState);
}

/** Calls back when lists of jobs or projects changed. */
export function useJobsChanged(listener: () => void): void {
  const latest = useRef(listener);
  useEffect(() => { latest.current = listener; });
  useEffect(() => {
    startRuntimeLink();
    return runtimeLink.onJobsChanged(() => latest.current());
  }, []);
}
