/**
 * The page's side of the sample worker: questions as promises.
 *
 * Always  a worker is started with the first question; `restart` ends it, whatever it is doing, and rejects what is open
 *         with EngineStopped (a new drawing makes the old answer useless).
 */
import type { EngineCall, EngineCalls, EngineRequest, EngineResponse } from './engine-messages.ts';

export class EngineStopped extends Error {
  override readonly name = 'EngineStopped';
}

export interface EnginePort {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(kind: 'message', listener: (event: MessageEvent<EngineResponse>) => void): void;
  addEventListener(kind: 'error', listener: (event: ErrorEvent) => void): void;
  terminate(): void;
}

export class Engine {
  readonly #start: () => EnginePort;
  #port: EnginePort | null = null;
  #next = 1;
  readonly #open = new Map<number, { resolve: (answer: never) => void; reject: (error: Error) => void }>();

  constructor(start: () => EnginePort) { this.#start = start; }

  ask<K extends EngineCall>(call: K, ask: EngineCalls[K]['ask'], transfer: Transferable[] = []): Promise<EngineCalls[K]['answer']> {
    const port = this.#ensure();
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#open.set(id, { resolve: resolve as (answer: never) => void, reject });
      port.postMessage({ id, call, ask } as EngineRequest, transfer);
    });
  }

  restart(): void {
    this.#port?.terminate();
    this.#port = null;
    this.#rejectAll(new EngineStopped('stopped'));
  }

  #ensure(): EnginePort {
    if (this.#port !== null) return this.#port;
    const port = this.#start();
    port.addEventListener('message', ({ data }) => {
      const waiting = this.#open.get(data.id);
      this.#open.delete(data.id);
      if (data.ok) waiting?.resolve(data.answer as never); else waiting?.reject(new Error(data.message));
    });
    port.addEventListener('error', (event) => { this.#port = null; port.terminate(); this.#rejectAll(new Error(event.message || 'the worker failed')); });
    this.#port = port;
    return port;
  }

  #rejectAll(error: Error): void {
    const open = [...this.#open.values()];
    this.#open.clear();
    for (const { reject } of open) reject(error);
  }
}

export const startEngineWorker = (): EnginePort =>
  new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module', name: 'tidemark-sample' }) as unknown as EnginePort;
