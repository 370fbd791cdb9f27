/**
 * CellRunner: one cell's fill, rounds, figures and soak, on the thread it stands on.
 *
 * Units   processor time of this thread, so that neighbours on the machine count as little as they can.
 * Not here: the thread (cell-thread.ts), turns and time boxes (rounds.ts).
 */
import { PerformanceObserver, constants } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { aliveBytes } from './engine-run.ts';
import type { CellPlan, CellRun, Soak } from './workload.ts';

export interface RoundFigures {
  readonly events: number;
  /** Processor time of the work, what feeding costs taken off. */
  readonly ms: number;
  readonly answer: unknown;
}

export function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Steps in which a cell is warmed up while its round is sized. */
const PROBE_EVENTS = 1_024;
const ROUND_EVENTS_MAX = 20_000_000;
/** Steps of a soak between two looks at the event loop, where collections are reported. */
const SOAK_STEP_MS = 50;
const SOAK_STEP_EVENTS_MAX = 500_000;

export class CellRunner {
  readonly #plan: CellPlan;
  readonly #run: CellRun;
  /** Told the number of events so far. */
  readonly #progress: (events: number) => void;

  constructor(plan: CellPlan, progress: (events: number) => void = () => undefined) {
    this.#plan = plan;
    this.#progress = progress;
    this.#run = plan.make();
  }

  /** Brings the cell to its size and warms it up. Returns the events of one round. */
  prepare(roundMs: number): number {
    const { fill, events } = this.#plan;
    if (fill > 0) this.#run.feed(fill, this.#progress);
    if (events !== null) return events;
    // As many events as take the time of a round, sized in steps that double: the first ones are slow and warm up.
    let step = Math.min(PROBE_EVENTS, Math.max(1, fill));
    for (;;) {
      const started = threadMs();
      this.#run.feed(step, this.#progress);
      const took = threadMs() - started;
      if (took >= roundMs / 2 || step >= ROUND_EVENTS_MAX) {
        return Math.max(1, Math.min(ROUND_EVENTS_MAX, Math.round((step * roundMs) / Math.max(took, 1))));
      }
      step = Math.min(ROUND_EVENTS_MAX, took < roundMs / 16 ? step * 4 : step * 2);
    }
  }

  round(events: number): RoundFigures {
    const { overhead } = this.#run;
    const before = threadMs();
    overhead?.(events);
    const between = threadMs();
    this.#run.feed(events, this.#progress);
    const ended = threadMs();
    const answer = this.#plan.group === null ? null : this.#run.answer();
    return { events, ms: Math.max(0.001, ended - between - (overhead === null ? 0 : between - before)), answer };
  }

  figures(): Readonly<Record<string, number | string>> {
    return this.#run.figures?.() ?? {};
  }

  /** Runs at full speed and watches collections of garbage and memory. */
  async soak(seconds: number): Promise<Soak> {
    const pauses: number[] = [];
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { flags = 0 } = (entry as { detail?: { flags?: number } }).detail ?? {};
        if ((flags & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) === 0) pauses.push(entry.duration);
      }
    });
    const heapBytes: number[] = [];
    const bufferBytes: number[] = [];
    let events = 0;
    const size = this.prepare(SOAK_STEP_MS);
    // a plan with rounds of its own has long ones: here the event loop wants its turn
    const step = Math.max(PROBE_EVENTS, Math.min(size, SOAK_STEP_EVENTS_MAX));
    observer.observe({ entryTypes: ['gc'] });
    for (let tenth = 1; tenth <= 10; tenth += 1) {
      for (const until = performance.now() + seconds * 100; performance.now() < until;) {
        this.#run.feed(step, this.#progress);
        events += step;
        await turn(); // reports of collections come between the steps
      }
      const { heap, buffers } = aliveBytes();
      heapBytes.push(heap);
      bufferBytes.push(buffers);
    }
    await turn();
    observer.disconnect();
    return {
      cell: this.#plan.name, seconds, events, collections: pauses.length,
      pauseMsMax: pauses.length === 0 ? 0 : Math.max(...pauses), pauseMsTotal: pauses.reduce((sum, pause) => sum + pause, 0), heapBytes, bufferBytes,
    };
  }
}
