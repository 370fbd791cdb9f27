import { describe, expect, it } from 'vitest';
import { withKilledRuntime, withKilledWorkers, withoutFaults } from './faults.ts';
import { TEMPLATES } from './template-job.ts';

describe.each(TEMPLATES)('template $id', (template) => {
  it.each([1, 2])('[CR1][CR2] commits the same lines at parallelism %i with 20 workers killed, and with the runtime killed three times', async (parallelism) => {
    const { lines: expected } = await withoutFaults(template, parallelism);
    const { lines, snapshot, kills } = await withKilledWorkers(template, parallelism, 20, parallelism * 100);
    expect(snapshot.state).toBe('FINISHED');
    expect(lines).toEqual(expected);
    expect(kills).toBe(20);
    expect(await withKilledRuntime(template, parallelism, 3, parallelism)).toEqual(expected);
  });
});
