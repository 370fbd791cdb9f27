/** The worker with the sample of the open draft. */
import { createContext, useContext } from 'react';
import type { Engine } from './engine.ts';

export const EngineContext = createContext<Engine | null>(null);
export function useEngine(): Engine {
  const engine = useContext(EngineContext);
  if (engine === null) throw new Error('no engine here');
  return engine;
}
