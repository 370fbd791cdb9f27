/**
 * Workload: what is measured, cut into cells, with a gate in front and goals behind.
 *
 * Shape   a cell is one contender over one input. It is made in a thread of its own, filled (windows full, state as
 *         large as its name says), then run round after round in turns with the others.
 * Always  `gate` proves on a smaller instance that the engine answers as the reference does; a workload whose gate fails
 *         is not measured. Cells of one `group` must also agree with each other in every round.
 * Not here: threads, clocks and tables (cell-thread.ts, rounds.ts, report.ts).
 */
import type { GateResult } from './gate.ts';

/** `full` is what counts; `quick` shows in a minute whether something moved; `tiny` is for tests and measures nothing. */
export type Size = 'full' | 'quick' | 'tiny';

export interface CellRun {
  /** All of the work for the next `events` events; calls `progress` now and then, so that a time box can say how far it came. */
  feed(events: number, progress: (events: number) => void): void;
  /** What feeding costs without any engine; taken off. Null: nothing. */
  readonly overhead: ((events: number) => void) | null;
  /** Comparable with the other cells of the group, after the same number of events. */
  answer(): unknown;
  /** Further figures, asked once after the last round and after a collection of garbage. */
  figures?(): Readonly<Record<string, number | string>>;
}

export interface CellPlan {
  /** Unique in the workload. */
  readonly name: string;
  readonly form: 'columns' | 'NDJSON' | 'objects' | 'lines';
  /** Events before the first round. */
  readonly fill: number;
  /** Events of one round; null = as many as take about the round's time. */
  readonly events: number | null;
  /** Cell that the ratio is read against; null = none. */
  readonly against: string | null;
  /** Cells of one group must give equal answers; null = the gate alone stands for it. */
  readonly group: string | null;
  /** A smaller cell of the same row: where that one did not finish, this one is not tried. */
  readonly after?: string;
  /** A feature that is not there: the cell becomes a line 'not measured'. */
  readonly missing?: string;
  readonly make: () => CellRun;
}

export interface CellRow {
  readonly name: string;
  readonly form: CellPlan['form'];
  /** Millions of events a second of this thread's processor time: median, least and greatest of the rounds. Null: see `outcome`. */
  readonly median: number | null;
  readonly least: number | null;
  readonly greatest: number | null;
  readonly rounds: readonly number[];
  readonly eventsPerRound: number;
  readonly against: string | null;
  readonly ratio: Spread | null;
  /** 'measured', or why not: 'DNF at N events: …', 'not measured: …'. */
  readonly outcome: string;
  readonly figures: Readonly<Record<string, number | string>>;
}

export interface Spread { readonly median: number; readonly least: number; readonly greatest: number }

export interface Goal {
  /** The promise in words. */
  readonly goal: string;
  readonly wanted: string;
  /** Null: not measured. */
  readonly reached: number | null;
  readonly met: boolean | null;
}

export interface Workload {
  /** `W2` */
  readonly id: string;
  /** `stages` */
  readonly name: string;
  readonly title: string;
  gate(size: Size): readonly GateResult[];
  cells(size: Size): readonly CellPlan[];
  goals(rows: Rows): readonly Goal[];
  readonly notMeasured: readonly string[];
  /** Longer looks at one cell after the rounds: collections and memory over time. */
  soaks?(size: Size): readonly CellPlan[];
}

/** The rows of a result by name, with what goals ask of them. */
export class Rows {
  readonly #rows: ReadonlyMap<string, CellRow>;
  readonly soaks: readonly Soak[];

  constructor(rows: readonly CellRow[], soaks: readonly Soak[] = []) {
    this.#rows = new Map(rows.map((row) => [row.name, row]));
    this.soaks = soaks;
  }

  get(name: string): CellRow | null {
    return this.#rows.get(name) ?? null;
  }

  /** Median of the rounds' ratios; null where one of the two was not measured. */
  ratio(of: string, to: string): number | null {
    const a = this.get(of);
    const b = this.get(to);
    if (a === null || b === null || a.median === null || b.median === null) return null;
    return spread(a.rounds, b.rounds).median;
  }

  figure(of: string, figure: string): number | null {
    const value = this.get(of)?.figures[figure];
    return typeof value === 'number' ? value : null;
  }
}

export interface Soak {
  readonly cell: string;
  readonly seconds: number;
  readonly events: number;
  readonly collections: number;
  readonly pauseMsMax: number;
  readonly pauseMsTotal: number;
  /** Bytes alive after each tenth, after a full collection (which is not counted among the pauses). */
  readonly heapBytes: readonly number[];
  readonly bufferBytes: readonly number[];
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
};

/** Median, least and greatest of the ratios of rounds that both took part in. */
export function spread(of: readonly number[], to: readonly number[]): Spread {
  const ratios = of.map((rate, round) => rate / (to[round] as number)).filter((ratio) => Number.isFinite(ratio));
  return { median: median(ratios), least: Math.min(...ratios), greatest: Math.max(...ratios) };
}

/** A goal of the form `reached >= wanted` or `reached <= wanted`. */
export function goal(text: string, sign: '>=' | '<=', wanted: number, reached: number | null): Goal {
  return { goal: text, wanted: `${sign} ${wanted}`, reached, met: reached === null ? null : sign === '>=' ? reached >= wanted : reached <= wanted };
}

/** Flat within a share: the greatest departure of the cells' rates from the first one's, as a share of it. */
export function flatGoal(text: string, share: number, rows: Rows, base: string, others: readonly string[]): Goal {
  const ratios = others.map((name) => rows.ratio(name, base));
  const reached = ratios.includes(null) ? null : Math.max(...ratios.map((ratio) => Math.abs(1 / (ratio as number) - 1)));
  return goal(`${text}: largest departure of the cost`, '<=', share, reached);
}
