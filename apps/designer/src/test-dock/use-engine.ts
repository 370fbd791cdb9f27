/** The worker with the sample of the open draft. */
import { createContext, useContext, useEffect, useRef } from 'react';
import { type Engine, EngineStopped } from './engine.ts';
import type { EngineCall, EngineCalls } from './engine-messages.ts';

export const EngineContext = createContext<Engine | null>(null);
export function useEngine(): Engine {
  const engine = useContext(EngineContext);
  if (engine === null) throw new Error('no engine here');
  return engine;
}

/**
 * Asks the worker whenever `question` changes (a stable object; null asks nothing), and hands over the newest answer; an older one is dropped, a stopped worker answers nothing. `fail` is told where a question could not be answered.
 */
export function useAnswer<K extends EngineCall>(call: K, question: EngineCalls[K]['ask'] | null, take: (answer: EngineCalls[K]['answer'] | null) => void, delayMs = 0, fail?: (error: unknown) => void): void {
  const engine = useEngine();
  const taking = useRef(take);
  const failing = useRef(fail);
  useEffect(() => { taking.current = take; failing.current = fail; });
  useEffect(() => {
    if (question === null) { taking.current(null); return undefined; }
    let current = true;
    const ask = async (): Promise<void> => {
      try {
        const answer = await engine.ask(call, question);
        if (current) taking.current(answer);
      } catch (error) {
        // a stopped worker: the next question will be answered
        if (current && !(error instanceof EngineStopped)) failing.current?.(error);
      }
    };
    const timer = setTimeout(() => void ask(), delayMs);
    return () => { current = false; clearTimeout(timer); };
  }, [engine, call, question, delayMs]);
}
