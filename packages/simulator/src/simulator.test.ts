import { FAULT_KINDS, type PlannedFault } from '@tidemark/faults';
import { validateDocument } from '@tidemark/pattern';
import { describe, expect, it } from 'vitest';
import { BROKEN_VARIANTS } from './broken-variants.ts';
import { countingDocument, countingJob, wireCountingJob } from './counting-job.ts';
import { SIMULATED_JOBS, patternDocument } from './pattern-job.ts';
import { drawWorld, runSeed } from './seed.ts';
import { type WorldOptions, runWorld } from './world.ts';

const SEEDS = 300;

describe('simulator', () => {
  it(`[SM1][JM1][JM4][WK1][WK2] ${SEEDS} worlds: committed output equals the run without faults, and every invariant holds`, async () => {
    const covered = new Map<string, number>();
    const count = (what: string): void => { covered.set(what, (covered.get(what) ?? 0) + 1); };
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { drawn, faults, faulty, failures } = await runSeed(seed);
      expect(failures, `replay: npm run sim -- --seed ${seed}`).toEqual([]);
      count(drawn.job.split(' ')[0] as string);
      for (const { kind } of faults.slice(0, faulty.faults)) count(kind);
      if (faulty.restarts > 0) count('restarted');
      if (faulty.restarts > 2) count('restarted often');
      if (faulty.lines.some((line) => line.includes('"kind":"timed-out"'))) count('timed out');
      if (faulty.lines.some((line) => line.includes('"kind":"late"'))) count('late');
      if (faulty.lines.some((line) => line.includes('"kind":"dead-letter"'))) count('dead letter');
      if (faulty.quarantined > 0) count('fell back to an older checkpoint');
      if (faulty.expired > 0) count('checkpoints expire');
      if (drawn.world.sources > 1) count('barriers align');
      if (drawn.world.sources < drawn.world.splits) count('a source reads several splits');
    }
    // A generator that stopped making trouble would make this test green for nothing.
    for (const what of [
      'counting', ...SIMULATED_JOBS.map(({ name }) => name), ...FAULT_KINDS, 'restarted', 'restarted often',
      'timed out', 'late', 'dead letter', 'fell back to an older checkpoint', 'barriers align', 'a source reads several splits', 'checkpoints expire',
    ]) expect(covered.get(what) ?? 0, `worlds with: ${what}`).toBeGreaterThanOrEqual(5);
  }, 240_000);

  it.each(BROKEN_VARIANTS)(`[SM2] the broken variant %s is caught within ${SEEDS} seeds`, async (variant) => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { failures } = await runSeed(seed, variant);
      if (failures.length > 0) return;
    }
    expect.unreachable(`${variant} was not caught`);
  }, 240_000);

  it.each(['barrier-not-aligned', 'watermark-not-restored'] as const)('[SM2] %s is caught by its output, not by a crash', async (variant) => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { faulty, failures } = await runSeed(seed, variant);
      if (faulty.state === 'FINISHED' && failures.some((failure) => failure.startsWith('I8'))) return;
    }
    expect.unreachable(`${variant} changed no output`);
  }, 240_000);

  it('[JM2] R21, R22: a second failure at any moment of a launch changes nothing in the output', async () => {
    const job = countingJob({ events: 40, splits: 2, sources: 2, intervalMs: 50, seed: 9 });
    const world: Omit<WorldOptions, 'faults'> = {
      seed: 4, document: countingDocument(job), wire: wireCountingJob, workers: 2, broken: null, trace: null,
      machine: { linkDelayMs: 2, diskDelayMs: 4, diskErrors: 0, closeDelayMs: 5 },
    };
    const { lines } = await runWorld({ ...world, faults: [] });
    const kill = (afterMs: number): PlannedFault => ({ kind: 'kill-worker', afterMs, lastsMs: 0 });
    for (let first = 100; first <= 400; first += 150) {
      for (let second = 0; second <= 200; second += 10) {
        const result = await runWorld({ ...world, faults: [kill(first), kill(second)] });
        expect([result.state, result.violations], `kills at ${first} and ${second} later`).toEqual(['FINISHED', []]);
        expect(result.lines, `kills at ${first} and ${second} later`).toEqual(lines);
      }
    }
  });

  it('[SM3] a seed is a world: the same trace, step by step', async () => {
    const trace = async (seed: number): Promise<string[]> => {
      const lines: string[] = [];
      await runSeed(seed, null, (line) => lines.push(line));
      return lines;
    };
    expect(await trace(12)).toEqual(await trace(12));
    expect(await trace(12)).not.toEqual(await trace(13));
  });

  it('[SM4] its jobs are valid documents', () => {
    SIMULATED_JOBS.forEach((_, pattern) => {
      const document = patternDocument({ ...JSON.parse(JSON.stringify({ seed: 1, events: 1, splits: 1, parallelism: 1, keys: 1, outOfOrdernessMs: 0, intervalMs: 50, retained: 1, rate: { kind: 'unlimited' } })) as object, pattern } as never);
      expect(validateDocument(document, { forDeployment: true }).issues.filter((issue) => issue.severity === 'error')).toEqual([]);
    });
    expect(drawWorld(1)).toEqual(drawWorld(1));
  });
});
