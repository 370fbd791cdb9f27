/** Worker that holds the sample and runs the drawing on it, so that the page never waits. */
import '../zod-config.ts';
import { EngineHost } from './engine-host.ts';
import type { EngineRequest, EngineResponse } from './engine-messages.ts';

const host = new EngineHost();
const scope = self as unknown as { onmessage: ((event: MessageEvent<EngineRequest>) => void) | null; postMessage(message: EngineResponse): void };
scope.onmessage = ({ data }) => {
  try {
    scope.postMessage({ id: data.id, ok: true, answer: host.answer(data) });
  } catch (error) {
    scope.postMessage({ id: data.id, ok: false, message: error instanceof Error ? error.message : String(error) });
  }
};
