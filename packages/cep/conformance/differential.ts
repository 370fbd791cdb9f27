/**
 * Engine against reference, on random pattern × stream pairs.
 *
 *   npm run differential -- --seconds 60 --seed 1
 *
 * Always  a pair is a function of its seed, which is printed when the two differ; each pair runs with the compiler's
 *         own strategy and with explicit runs forced; features are counted, and a floor for each is asserted by tests.
 */
import { parseArgs } from 'node:util';
import { randomCase } from '@tidemark/testkit';
import { type ReferenceAnswer, referenceAnswer } from '../src/reference/answer.ts';
import { type Case, runCase } from './run-case.ts';

export interface Difference {
  readonly seed: number;
  readonly strategy: 'auto' | 'explicit';
  readonly case: Case;
  readonly actual: unknown;
}

export interface DifferentialRun {
  pairs: number;
  refused: number;
  withMatches: number;
  readonly features: Map<string, number>;
  readonly differences: Difference[];
}

export const newRun = (): DifferentialRun => ({ pairs: 0, refused: 0, withMatches: 0, features: new Map(), differences: [] });

export function comparePair(seed: number, run: DifferentialRun): void {
  const pair = randomCase(seed);
  const expect: ReferenceAnswer | null = referenceAnswer(pair);
  if (expect === null) {
    run.refused += 1;
    return;
  }
  run.pairs += 1;
  if (expect.matches.length + expect.byTime.length > 0) run.withMatches += 1;
  for (const feature of pair.features) run.features.set(feature, (run.features.get(feature) ?? 0) + 1);
  const one: Case = {
    id: `differential/${seed}`, pattern: pair.pattern, keyBy: pair.keyBy, events: pair.events, expect,
    // between keys the order is a heap of timers, which means nothing
    ordered: pair.keyBy === null,
    ...(pair.watermark === 'explicit' ? { watermark: 'explicit' as const } : {}),
    watermarks: pair.watermarks,
  };
  for (const strategy of ['auto', 'explicit'] as const) {
    const result = runCase(one, { strategy });
    // with several keys, which of two faults comes first depends on a heap of timers
    const anyFault = pair.keyBy !== null && expect.error !== undefined && (result.actual as { error?: string } | undefined)?.error !== undefined;
    if (result.outcome !== 'passed' && !anyFault) run.differences.push({ seed, strategy, case: one, actual: result.actual });
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '30' }, seed: { type: 'string', default: '1' } } });
  const run = newRun();
  const until = Date.now() + Number(values.seconds) * 1000;
  let seed = Number(values.seed);
  for (; Date.now() < until; seed += 1) comparePair(seed, run);
  for (const difference of run.differences.slice(0, 10)) console.log(JSON.stringify(difference));
  for (const [feature, count] of [...run.features].sort()) console.log(`${String(count).padStart(8)}  ${feature}`);
  console.log(`seeds ${values.seed}..${seed - 1}: ${run.pairs} pairs, ${run.withMatches} with matches, ${run.refused} refused by the validator, ${run.differences.length} differences`);
  process.exitCode = run.differences.length === 0 ? 0 : 1;
}
