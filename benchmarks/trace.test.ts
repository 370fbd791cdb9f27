import { expect, it } from 'vitest';
import { WORKLOADS, measureTrace } from './trace.ts';

it('measures the summary and the questions of every workload', () => {
  for (const workload of WORKLOADS) {
    const figures = measureTrace(workload, 2_000, 5);
    expect(figures.followed).toBeGreaterThan(0);
    expect(figures.summaryMs).toBeGreaterThan(0);
  }
});
