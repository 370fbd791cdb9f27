/** All workloads, in the order in which they run. */
import type { Workload } from './harness/workload.ts';
import { ABSENCE } from './workloads/absence.ts';
import { COMBINATIONS } from './workloads/combinations.ts';
import { DISORDER } from './workloads/disorder.ts';
import { LOOPS_SKIP } from './workloads/loops-skip.ts';
import { OPEN_LOOP } from './workloads/open-loop.ts';
import { PAIR } from './workloads/pair.ts';
import { RULES } from './workloads/rules.ts';
import { STAGES_WORKLOAD } from './workloads/stages.ts';
import { START_FLOOD } from './workloads/start-flood.ts';

export const SUITE: readonly Workload[] = [PAIR, STAGES_WORKLOAD, COMBINATIONS, START_FLOOD, OPEN_LOOP, ABSENCE, RULES, DISORDER, LOOPS_SKIP];

/** By id (`W2`) or name (`stages`), in any case. */
export function findWorkload(word: string): Workload | undefined {
  const wanted = word.toLowerCase();
  return SUITE.find(({ id, name }) => id.toLowerCase() === wanted || name === wanted);
}
