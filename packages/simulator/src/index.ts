export { BROKEN_VARIANTS, type BrokenVariant } from './broken-variants.ts';
export { type CountingJob, countingDocument, countingJob, wireCountingJob } from './counting-job.ts';
export { Disk } from './disk.ts';
export { type PatternJob, SIMULATED_PATTERNS, patternDocument, wirePatternJob } from './pattern-job.ts';
export { type Drawn, type SeedOutcome, drawWorld, runSeed } from './seed.ts';
export { type WorldOptions, type WorldResult, runWorld } from './world.ts';
