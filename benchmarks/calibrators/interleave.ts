/**
 * Rounds: contenders run in turns on the same input, and only ratios within a round are read.
 *
 * Always  a first round warms up and is thrown away; every contender's answer must equal the first one's in every
 *         round; time is that of this thread on the processor, so that neighbours on the machine count as little as
 *         they can; what a contender needs only for being measured (`overhead`) is measured the same way and taken off.
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

function timed(run: () => unknown): { readonly took: number; readonly answer: unknown } {
  const started = threadMs();
  const answer = run();
  return { took: threadMs() - started, answer };
}

export function interleave(contenders: readonly Contender[], rounds: number, overhead: (() => void) | null = null): Map<string, Rates> {
  const rates = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = -1; round < rounds; round += 1) {
    const off = overhead === null ? 0 : timed(overhead).took;
    let expected: string | null = null;
    for (const { name, events, run } of contenders) {
      const { took, answer } = timed(run);
      expected ??= JSON.stringify(answer);
      if (JSON.stringify(answer) !== expected) throw new Error(`${name} answers ${JSON.stringify(answer)}, not ${expected}`);
      if (round >= 0) rates.get(name)?.push(events / Math.max(0.001, took - off) / 1000);
    }
  }
  return new Map([...rates].map(([name, list]) => [name, { name, median: median(list), least: Math.min(...list), greatest: Math.max(...list), rounds: list }]));
}

/** Median, least and greatest of the rounds' ratios. */
export function ratio(of: Rates, to: Rates): { median: number; least: number; greatest: number } {
  const ratios = of.rounds.map((rate, round) => rate / (to.rounds[round] as number));
  return { median: median(ratios), least: Math.min(...ratios), greatest: Math.max(...ratios) };
}
