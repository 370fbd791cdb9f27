/** How saving stands, for the bar on top. */
import { createStore } from 'zustand/vanilla';
import type { SaveState } from './draft-saver.ts';

export interface Saves { readonly state: SaveState }
export const createSaveStore = () => createStore<Saves>()(() => ({ state: { kind: 'saved' } }));
export type SaveStore = ReturnType<typeof createSaveStore>;
