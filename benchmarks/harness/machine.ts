/** What a figure was measured on. */
import { execFileSync } from 'node:child_process';
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';

export interface Machine {
  readonly processor: string;
  readonly processors: number;
  readonly memoryBytes: number;
  readonly platform: string;
  readonly arch: string;
  readonly node: string;
  readonly v8: string;
  readonly commit: string;
  readonly at: string;
  /** Load averages before and after: above 1 before the start, somebody else was at work. */
  readonly loadBefore: readonly number[];
  readonly loadAfter: readonly number[];
}

export function machine(loadBefore: readonly number[]): Machine {
  let commit = 'unknown';
  try {
    const git = (...args: string[]): string => execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    commit = `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' with changes'}`;
  } catch { /* an unpacked archive has no history */ }
  return {
    processor: cpus()[0]?.model ?? 'unknown', processors: cpus().length, memoryBytes: totalmem(), platform: `${platform()} ${release()}`, arch: arch(),
    node: process.version, v8: process.versions.v8, commit, at: new Date().toISOString(), loadBefore, loadAfter: loadavg(),
  };
}
