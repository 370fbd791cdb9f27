/**
 * CellHost: a cell in a thread of its own, with a time box and a limit on memory for every step.
 *
 * Always  a step that takes too long or too much ends the thread, whatever it is doing: the outcome then says after how
 *         many events. A thread of its own also gives the cell machine code of its own, as an operator has in a worker.
 */
import { Worker } from 'node:worker_threads';
import type { CellThreadData, ToCell } from './cell-thread.ts';
import type { CellPlan, Size } from './workload.ts';

/** Why a cell did not finish. */
export class DidNotFinish extends Error {
  override readonly name = 'DidNotFinish';
  readonly events: number;

  constructor(events: number, why: string) {
    super(why);
    this.events = events;
  }
}

export interface Box {
  readonly ms: number;
  readonly bytes: number;
}

const LOOK_MS = 200;

export class CellHost {
  readonly plan: CellPlan;
  readonly #worker: Worker;
  readonly #progress: Float64Array;
  #ended: Error | null = null;

  constructor(workload: string, plan: CellPlan, size: Size) {
    this.plan = plan;
    const progress = new SharedArrayBuffer(8);
    this.#progress = new Float64Array(progress);
    const workerData: CellThreadData = { workload, cell: plan.name, size, progress };
    this.#worker = new Worker(new URL('./cell-thread.ts', import.meta.url), { workerData });
    this.#worker.setMaxListeners(0);
    this.#worker.on('error', (error) => { this.#ended = error as Error; });
  }

  get events(): number {
    return this.#progress[0] as number;
  }

  async ask<T>(message: ToCell, box: Box): Promise<T> {
    if (this.#ended !== null) throw this.#ended;
    const memoryBefore = process.memoryUsage.rss();
    return new Promise<T>((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer);
        clearInterval(look);
        this.#worker.removeAllListeners('message');
        this.#worker.removeAllListeners('exit');
      };
      const stop = (why: string): void => {
        const { events } = this;
        finish();
        void this.#worker.terminate().then(() => reject(new DidNotFinish(events, why)));
      };
      const timer = setTimeout(() => stop(`more than ${box.ms / 1000} s`), box.ms);
      const look = setInterval(() => {
        if (process.memoryUsage.rss() - memoryBefore > box.bytes) stop(`more than ${(box.bytes / 2 ** 30).toFixed(1)} GiB`);
      }, LOOK_MS);
      this.#worker.once('message', ({ answer, error }: { answer?: T; error?: string }) => {
        finish();
        if (error === undefined) resolve(answer as T);
        else reject(new DidNotFinish(this.events, error));
      });
      this.#worker.once('exit', (code) => {
        finish();
        reject(new DidNotFinish(this.events, this.#ended?.message ?? `the thread ended with ${code}`));
      });
      this.#worker.postMessage(message); // oxlint-disable-line unicorn/require-post-message-target-origin -- a thread, no window
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
