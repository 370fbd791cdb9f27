/**
 * From a seed to a world: which job, which machine, which faults. Each seed also draws which kinds of trouble there are at
 * all (swarm testing), so that rare combinations are not always hidden behind the common ones.
 */
import type { BrokenVariant } from './broken-variants.ts';
import { countingDocument, countingJob, wireCountingJob } from './counting-job.ts';
import { type PlannedFault, drawFaultPlan } from '@tidemark/faults';
import { fork } from './fork.ts';
import { type PatternJob, SIMULATED_JOBS, patternDocument, wirePatternJob } from './pattern-job.ts';
import type { MachineOptions } from './process.ts';
import { jobId } from '@tidemark/core';
import { Random } from '@tidemark/testkit';
import { type WorldOptions, type WorldResult, runWorld } from './world.ts';

/** What is drawn for a world, but its faults; enough to describe it in a line. */
export interface Drawn {
  readonly seed: number;
  readonly job: string;
  readonly workers: number;
  readonly machine: MachineOptions;
  readonly world: Pick<WorldOptions, 'document' | 'wire'> & { readonly splits: number; readonly sources: number };
}

export function drawWorld(seed: number): Drawn {
  const random = new Random(seed * 2_654_435_761);
  const { job, world: drawn } = drawJob(fork(random));
  const machine: MachineOptions = {
    linkDelayMs: random.pick([0.2, 2, 20]),
    diskDelayMs: random.pick([0.1, 1, 5]),
    diskErrors: random.chance(0.2) ? 0.01 : 0,
    closeDelayMs: random.pick([0, 5, 40]),
  };
  // In quick worlds checkpoints may run out of time when a worker stands still.
  const timeoutMs = machine.diskDelayMs <= 1 && machine.linkDelayMs <= 2 && random.chance(0.7) ? 100 : 600_000;
  const world = { ...drawn, document: { ...drawn.document, checkpointing: { ...drawn.document.checkpointing, timeoutMs } } };
  return { seed, job, workers: random.between(1, 3), machine, world };
}

/** Faults that fall into the life of the world, which lasts `calmMs` without them. */
function drawFaults(seed: number, calmMs: number): readonly PlannedFault[] {
  const random = new Random(seed * 2_246_822_519);
  return drawFaultPlan({ chance: () => random.next(), faultsMax: 5, spacingMs: calmMs * 0.8 });
}

/** Three in four with the matcher, one in four without: counts are sensitive to what a pattern may overlook. */
function drawJob(random: Random): { readonly job: string; readonly world: Drawn['world'] } {
  const common = {
    seed: random.between(1, 1_000_000), events: random.between(20, 120), splits: random.between(1, 3), parallelism: random.between(1, 3), keys: random.between(1, 6),
    outOfOrdernessMs: random.between(0, 12), intervalMs: random.pick([50, 90, 200]), retained: random.between(1, 4),
  };
  if (random.chance(0.25)) {
    const job = countingJob({ ...common, sources: random.between(1, common.splits), deadLetters: random.pick([0, 10]) });
    return { job: `counting ${JSON.stringify(job)}`, world: { document: countingDocument(job), wire: wireCountingJob, splits: job.splits, sources: job.sources } };
  }
  const job: PatternJob = {
    ...common, pattern: random.between(0, SIMULATED_JOBS.length - 1),
    rate: random.pick([{ kind: 'per-second', events: 100 }, { kind: 'per-second', events: 400, head: 10 }, { kind: 'event-time', speed: 1 }, { kind: 'unlimited' }] as const),
  };
  return { job: `${SIMULATED_JOBS[job.pattern]?.name} ${JSON.stringify(job)}`, world: { document: patternDocument(job), wire: wirePatternJob, splits: job.splits, sources: wirePatternJob({ jobId: jobId('drawn'), document: patternDocument(job), sourcePath: null, baseTime: 0, ignoreRate: false, outputPath: null }).sources } };
}

export interface SeedOutcome {
  readonly drawn: Drawn;
  readonly faults: readonly PlannedFault[];
  readonly faulty: WorldResult;
  /** Empty = everything held. */
  readonly failures: readonly string[];
}

export async function runSeed(seed: number, broken: BrokenVariant | null = null, trace: ((line: string) => void) | null = null): Promise<SeedOutcome> {
  const drawn = drawWorld(seed);
  const world = { seed, workers: drawn.workers, ...drawn.world };
  // The run without faults has no broken part either: it says what is right.
  const calm = await runWorld({ ...world, machine: { ...drawn.machine, diskErrors: 0 }, faults: [], broken: null, trace: null });
  const faults = drawFaults(seed, calm.virtualMs);
  const faulty = await runWorld({ ...world, machine: drawn.machine, faults, broken, trace });
  return { drawn, faults, faulty, failures: [...judge('without faults', calm), ...judge('with faults', faulty), ...compare(calm.lines, faulty.lines)] };
}

function judge(which: string, result: WorldResult): string[] {
  const failures = result.violations.map((violation) => `${which}: ${violation}`);
  if (result.state !== 'FINISHED') failures.push(`${which}: ended as ${result.state}${result.cause ? ` (${result.cause})` : ''}`);
  return failures;
}

function compare(expected: readonly string[], actual: readonly string[]): string[] {
  if (expected.length === actual.length && expected.every((line, index) => line === actual[index])) return [];
  const count = (lines: readonly string[]): Map<string, number> => {
    const counts = new Map<string, number>();
    for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
    return counts;
  };
  const wanted = count(expected);
  const got = count(actual);
  const missing = [...wanted].filter(([line, times]) => (got.get(line) ?? 0) < times).map(([line]) => line);
  const surplus = [...got].filter(([line, times]) => (wanted.get(line) ?? 0) < times).map(([line]) => line);
  return [`I8: output differs: ${missing.length} missing, ${surplus.length} too many of ${expected.length}; first missing ${missing[0] ?? '-'}, first surplus ${surplus[0] ?? '-'}`];
}
