/**
 * Many pairs of engine and reference, counted.
 *
 *   npm run differential -- --seconds 60 --seed 1
 *
 * Always  a pair is a function of its seed, which is printed when the two differ; each pair runs with the compiler's
 *         own strategy and with every other one that applies forced; features are counted, and a floor for each is asserted by tests.
 */
import { parseArgs } from 'node:util';
import type { Strategy } from '@tidemark/cep';
import { comparePair, pairOf } from './differential.ts';
import type { Case } from './run-case.ts';

export interface Difference {
  readonly seed: number;
  readonly strategy: 'auto' | Strategy;
  readonly turnAt: number;
  readonly case: Case;
  readonly actual: unknown;
}

/** Every strategy forced where it applies, from the first run on and from the third on (streams are short). */
const MODES: readonly (readonly ['auto' | Strategy, number])[] = [
  ['auto', 64], ['explicit', 64], ['linear', 64], ['state-lists', 0], ['state-lists', 2],
  ['partitions', 0], ['groups', 0], ['aggregates', 0], ['compact', 0], ['compact', 3],
];

export class DifferentialRun {
  /** How many pairs each strategy took. */
  readonly modes = new Map<string, number>();
  pairs = 0;
  refused = 0;
  withMatches = 0;
  readonly features = new Map<string, number>();
  readonly differences: Difference[] = [];

  compare(seed: number): void {
    const pair = pairOf(seed);
    if (pair === null) {
      this.refused += 1;
      return;
    }
    this.pairs += 1;
    const { one } = pair;
    if ((one.expect.matches?.length ?? 0) + (one.expect.byTime?.length ?? 0) > 0) this.withMatches += 1;
    for (const feature of pair.features) this.features.set(feature, (this.features.get(feature) ?? 0) + 1);
    for (const [strategy, turnAt] of MODES) {
      const result = comparePair(pair, { strategy, turnAt });
      if (result.outcome === 'skipped') continue;
      const mode = `${strategy} ${turnAt}`;
      this.modes.set(mode, (this.modes.get(mode) ?? 0) + 1);
      // with several keys, which of two faults comes first depends on a heap of timers
      const anyFault = one.keyBy !== null && one.expect.error !== undefined && (result.actual as { error?: string } | undefined)?.error !== undefined;
      if (result.outcome !== 'passed' && !anyFault) this.differences.push({ seed, strategy, turnAt, case: one, actual: result.actual });
    }
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '30' }, seed: { type: 'string', default: '1' } } });
  const run = new DifferentialRun();
  const until = Date.now() + Number(values.seconds) * 1000;
  let seed = Number(values.seed);
  for (; Date.now() < until; seed += 1) run.compare(seed);
  for (const difference of run.differences.slice(0, 10)) console.log(JSON.stringify(difference));
  for (const [feature, count] of [...run.features].sort()) console.log(`${String(count).padStart(8)}  ${feature}`);
  for (const [mode, count] of run.modes) console.log(`${String(count).padStart(8)}  ${mode}`);
  console.log(`seeds ${values.seed}..${seed - 1}: ${run.pairs} pairs, ${run.withMatches} with matches, ${run.refused} refused by the validator, ${run.differences.length} differences`);
  process.exitCode = run.differences.length === 0 ? 0 : 1;
}
