/**
 * Rounds: contenders run in turns on the same input, and only ratios within a round are read.
 *
 * Always  two rounds to warm up are thrown away; every contender's answer must equal the first one's in every round;
 *         time is that of this thread on the processor, so that neighbours on the machine count as little as they can.
 * Not here: what is run.
 */
export interface Contender {
  readonly name: string;
  readonly events: number;
  /** Does all of the work and answers with something comparable. */
  readonly run: () => unknown;
}

export interface Rates {
  readonly name: string;
  /** Millions of events a second of processor time: median, least and greatest of the rounds. */
  readonly median: number;
  readonly least: number;
  readonly greatest: number;
  readonly rounds: readonly number[];
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
};

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

export function interleave(contenders: readonly Contender[], rounds: number): Map<string, Rates> {
  const rates = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  let expected: string | null = null;
  for (let round = -2; round < rounds; round += 1) {
    for (const { name, events, run } of contenders) {
      const started = threadMs();
      const answer = JSON.stringify(run());
      const took = threadMs() - started;
      expected ??= answer;
      if (answer !== expected) throw new Error(`${name} answers ${answer}, not ${expected}`);
      if (round >= 0) rates.get(name)?.push(events / took / 1000);
    }
  }
  return new Map([...rates].map(([name, list]) => [name, { name, median: median(list), least: Math.min(...list), greatest: Math.max(...list), rounds: list }]));
}

/** Median, least and greatest of the rounds' ratios. */
export function ratio(of: Rates, to: Rates): { median: number; least: number; greatest: number } {
  const ratios = of.rounds.map((rate, round) => rate / (to.rounds[round] as number));
  return { median: median(ratios), least: Math.min(...ratios), greatest: Math.max(...ratios) };
}
