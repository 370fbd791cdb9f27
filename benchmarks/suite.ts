/** All workloads, in the order in which they run. */
import type { Workload } from './harness/workload.ts';
import { PAIR } from './workloads/pair.ts';

export const SUITE: readonly Workload[] = [PAIR];

/** By id (`W2`) or name (`stages`), in any case. */
export function findWorkload(word: string): Workload | undefined {
  const wanted = word.toLowerCase();
  return SUITE.find(({ id, name }) => id.toLowerCase() === wanted || name === wanted);
}
