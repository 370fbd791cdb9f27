/**
 * Rounds: cells run in turns, and only ratios within a round are read.
 *
 * Always  every cell is filled and warmed up first, with a round that does not count; in each round each cell runs once, in the same order; cells of one
 *         group answer alike in every round, or the workload fails. Beside the cells runs the calibrator, a loop that
 *         never changes: a round in which it moves by more than 15 % from its median is void.
 * Not here: what is run (workloads/), how a cell is stopped (cell-host.ts).
 */
import { type Box, CellHost, DidNotFinish } from './cell-host.ts';
import type { RoundFigures } from './cell-runner.ts';
import { type CellPlan, type CellRow, type Size, type Soak, median, spread } from './workload.ts';

export const CALIBRATOR = 'calibrator: W1 by hand';
const VOID_SHARE = 0.15;

export interface RoundsOptions {
  readonly size: Size;
  readonly rounds: number;
  /** Processor time of one round of a cell that sizes itself. */
  readonly roundMs: number;
  readonly box: Box;
  readonly log?: (line: string) => void;
}

interface Lane {
  readonly plan: CellPlan;
  host: CellHost | null;
  events: number;
  readonly rates: number[];
  outcome: string;
  figures: Readonly<Record<string, number | string>>;
}

export interface RoundsResult {
  readonly rows: readonly CellRow[];
  readonly rounds: number;
  /** Numbers of the rounds in which the calibrator moved too much. */
  readonly void: readonly number[];
}

/** A DNF's name for how far it came. */
const dnf = (error: unknown): string => {
  if (!(error instanceof DidNotFinish)) throw error;
  return `DNF at ${error.events} events: ${error.message}`;
};

export async function runRounds(workload: string, plans: readonly CellPlan[], options: RoundsOptions): Promise<RoundsResult> {
  const { size, rounds, roundMs, box, log = () => undefined } = options;
  const lanes = plans.map((plan): Lane => ({ plan, host: null, events: 0, rates: [], outcome: 'measured', figures: {} }));
  const stop = async (lane: Lane, error: unknown): Promise<void> => {
    lane.outcome = dnf(error);
    lane.rates.length = 0;
    await lane.host?.close();
    lane.host = null;
    log(`  ${lane.plan.name}: ${lane.outcome}`);
  };
  for (const lane of lanes) {
    const { plan } = lane;
    const former = plan.after === undefined ? undefined : lanes.find((other) => other.plan.name === plan.after);
    if (plan.missing !== undefined) lane.outcome = `not measured: ${plan.missing}`;
    else if (former !== undefined && former.outcome !== 'measured') lane.outcome = `not tried: ${former.plan.name} did not finish`;
    else {
      lane.host = new CellHost(workload, plan, size);
      try {
        lane.events = await lane.host.ask<number>({ kind: 'prepare', roundMs }, box);
        log(`  ${plan.name}: ready, ${lane.events} events a round`);
      } catch (error) {
        await stop(lane, error);
      }
    }
  }
  const answers = new Map<string, { cell: string; text: string }>();
  // The first round warms up and does not count.
  for (let round = -1; round < rounds; round += 1) {
    answers.clear();
    for (const lane of lanes) {
      if (lane.host === null) continue;
      let figures: RoundFigures;
      try {
        figures = await lane.host.ask<RoundFigures>({ kind: 'round', events: lane.events }, box);
      } catch (error) {
        await stop(lane, error);
        continue;
      }
      if (round >= 0) lane.rates.push(figures.events / figures.ms / 1000);
      const { group, name } = lane.plan;
      if (group === null) continue;
      const text = JSON.stringify(figures.answer);
      const expected = answers.get(group);
      if (expected === undefined) answers.set(group, { cell: name, text });
      else if (expected.text !== text) {
        await closeAll(lanes);
        throw new Error(`${name} answers ${text}, ${expected.cell} answers ${expected.text}`);
      }
    }
    if (round >= 0) log(`  round ${round + 1} of ${rounds}`);
  }
  for (const lane of lanes) {
    if (lane.host === null) continue;
    try {
      lane.figures = await lane.host.ask({ kind: 'figures' }, box);
    } catch (error) {
      await stop(lane, error);
    }
  }
  await closeAll(lanes);
  return rowsOf(lanes, rounds);
}

async function closeAll(lanes: readonly Lane[]): Promise<void> {
  for (const lane of lanes) await lane.host?.close();
}

function rowsOf(lanes: readonly Lane[], rounds: number): RoundsResult {
  const calibrator = lanes.find(({ plan }) => plan.name === CALIBRATOR)?.rates ?? [];
  const usual = calibrator.length === 0 ? 0 : median(calibrator);
  const isVoid = calibrator.map((rate) => Math.abs(rate / usual - 1) > VOID_SHARE);
  const kept = (rates: readonly number[]): number[] => {
    const left = rates.filter((_, round) => isVoid[round] !== true);
    return left.length === 0 ? [...rates] : left; // no calm round at all: the table says so, figures are shown all the same
  };
  const rates = new Map(lanes.map(({ plan, rates: all }) => [plan.name, kept(all)]));
  const rows = lanes.map(({ plan, events, outcome, figures }): CellRow => {
    const own = rates.get(plan.name) as number[];
    const base = plan.against === null ? undefined : rates.get(plan.against);
    const measured = own.length > 0;
    return {
      name: plan.name, form: plan.form, outcome, figures, eventsPerRound: events, against: plan.against, rounds: own,
      median: measured ? median(own) : null, least: measured ? Math.min(...own) : null, greatest: measured ? Math.max(...own) : null,
      ratio: measured && base !== undefined && base.length > 0 ? spread(own, base) : null,
    };
  });
  return { rows, rounds, void: isVoid.flatMap((flag, round) => (flag ? [round] : [])) };
}

/** Long looks at single cells, one after the other. One that does not finish is not among the answers. */
export async function runSoaks(workload: string, plans: readonly CellPlan[], seconds: number, size: Size, box: Box, log: (line: string) => void = () => undefined): Promise<Soak[]> {
  const soaks: Soak[] = [];
  for (const plan of plans) {
    const host = new CellHost(workload, plan, size);
    try {
      soaks.push(await host.ask<Soak>({ kind: 'soak', seconds }, { ...box, ms: box.ms + seconds * 1_500 }));
      log(`  ${plan.name}: ${seconds} s at full speed`);
    } catch (error) {
      log(`  ${plan.name}: ${dnf(error)}`);
    } finally {
      await host.close();
    }
  }
  return soaks;
}
