import { Random } from '@tidemark/testkit';
import { describe, expect, it } from 'vitest';
import { FAULT_KINDS, type PlannedFault, drawFaultPlan } from './fault-plan.ts';

const plan = (seed: number): readonly PlannedFault[] => {
  const random = new Random(seed);
  return drawFaultPlan({ chance: () => random.next(), faultsMax: 5, spacingMs: 400 });
};

describe('fault plan', () => {
  it('[FP1] equal seeds, equal plans', () => {
    for (let seed = 0; seed < 50; seed += 1) expect(plan(seed)).toEqual(plan(seed));
  });

  it('[FP2] plans differ in what occurs at all, and all kinds occur', () => {
    const plans = Array.from({ length: 300 }, (_, seed) => plan(seed));
    for (const kind of FAULT_KINDS) expect(plans.filter((faults) => faults.some((fault) => fault.kind === kind)).length).toBeGreaterThan(30);
    expect(plans.filter((faults) => faults.length === 0).length).toBeGreaterThan(0);
    for (const faults of plans) {
      expect(faults.length).toBeLessThanOrEqual(5);
      for (const { afterMs, lastsMs, kind } of faults) {
        expect(afterMs).toBeLessThan(400);
        expect(lastsMs > 0).toBe(kind === 'pause-worker');
      }
    }
  });
});
