/** Worker that holds the sample and runs the drawing on it, so that the page never waits. */
import { EngineHost } from './engine-host.ts';
import type { EngineRequest, EngineResponse } from './engine-messages.ts';

const host = new EngineHost();
const scope = globalThis as unknown as { addEventListener(kind: 'message', listener: (event: MessageEvent<EngineRequest>) => void): void; postMessage(message: EngineResponse, options: StructuredSerializeOptions): void };
scope.addEventListener('message', ({ data }) => {
  try {
    scope.postMessage({ id: data.id, ok: true, answer: host.answer(data) }, {});
  } catch (error) {
    scope.postMessage({ id: data.id, ok: false, message: error instanceof Error ? error.message : String(error) }, {});
  }
});
