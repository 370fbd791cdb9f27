/** Entry of a cell's thread: makes the cell that it is told and does what the host asks, one message at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import { findWorkload } from '../suite.ts';
import { CellRunner } from './cell-runner.ts';
import type { CellPlan, Size } from './workload.ts';

export type ToCell = { readonly kind: 'prepare'; readonly roundMs: number } | { readonly kind: 'round'; readonly events: number }
  | { readonly kind: 'figures' } | { readonly kind: 'soak'; readonly seconds: number };

export interface CellThreadData {
  readonly workload: string;
  readonly cell: string;
  readonly size: Size;
  /** One double: events so far. */
  readonly progress: SharedArrayBuffer;
}

const { workload, cell, size, progress } = workerData as CellThreadData;
const counter = new Float64Array(progress);
const found = findWorkload(workload);
const plan = [...(found?.cells(size) ?? []), ...(found?.soaks?.(size) ?? [])].find(({ name }) => name === cell) as CellPlan;
let runner: CellRunner | null = null;
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
const reply = (message: { answer: unknown } | { error: string }): void => parentPort?.postMessage(message);

parentPort?.on('message', (message: ToCell) => {
  void (async () => {
    try {
      runner ??= new CellRunner(plan, (events) => { counter[0] = events; });
      reply({ answer: await answerTo(runner, message) });
    } catch (error) {
      reply({ error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
    }
  })();
});

function answerTo(cellRunner: CellRunner, message: ToCell): unknown {
  switch (message.kind) {
    case 'prepare': return cellRunner.prepare(message.roundMs);
    case 'round': return cellRunner.round(message.events);
    case 'figures': return cellRunner.figures();
    case 'soak': return cellRunner.soak(message.seconds);
    default: throw new Error('unknown message');
  }
}
