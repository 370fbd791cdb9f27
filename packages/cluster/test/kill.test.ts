import type { Template } from '@tidemark/pattern';
import { beforeAll, describe, expect, it } from 'vitest';
import { type CalmRun, withKilledRuntime, withKilledWorkers, withoutFaults } from './faults.ts';
import { TEMPLATES } from './template-job.ts';

const template = TEMPLATES.find(({ id }) => id === 'failed-logins') as Template;

describe('a job on real processes', () => {
  let expected: string[];
  let calm: CalmRun;
  beforeAll(async () => {
    calm = await withoutFaults(template, 2);
    expected = calm.lines;
  });

  it('[CR1][CR10] commits the same lines with 20 workers killed at seeded moments, and has counted the same at every stage', async () => {
    const { lines, snapshot, kills } = await withKilledWorkers(template, 2, 20, 7);
    expect(snapshot.state).toBe('FINISHED');
    expect(lines).toEqual(expected);
    expect(kills).toBe(20);
    expect(snapshot.restarts).toBeGreaterThan(5);
    expect(expected.length).toBeGreaterThanOrEqual(template.matches);
    expect(calm.snapshot.figures?.patterns[0]?.entered[0]).toBeGreaterThan(100);
    expect(snapshot.figures?.patterns).toEqual(calm.snapshot.figures?.patterns);
  }, 240_000);

  it('[CR2] commits the same lines when the whole runtime is killed twice', async () => {
    expect(await withKilledRuntime(template, 2, 2, 11)).toEqual(expected);
  }, 120_000);
});
