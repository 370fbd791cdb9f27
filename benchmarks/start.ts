/**
 * Time from `npm start` to the printed address, with everything installed and built.
 *
 * Measures   wall time of the whole command, set-up check included, five times; the median counts.
 * Baseline   `npm run` of a script that does nothing, in the same rounds: what npm itself costs.
 * Not here   the first start (packages and build), the time until a page is drawn.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { once } from 'node:events';

const root = resolve(import.meta.dirname, '..');
const ROUNDS = 5;

async function timeToAddress(port: number): Promise<number> {
  const data = mkdtempSync(join(tmpdir(), 'tidemark-start-'));
  const started = performance.now();
  const child = spawn('npm', ['start'], { cwd: root, env: { ...process.env, TIDEMARK_PORT: String(port), TIDEMARK_DATA: data }, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  let text = '';
  for await (const chunk of child.stdout) {
    text += String(chunk);
    if (text.includes('#token=')) break;
  }
  const took = performance.now() - started;
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
  if (child.exitCode === null) await once(child, 'exit');
  rmSync(data, { recursive: true, force: true });
  return took;
}

async function npmAlone(): Promise<number> {
  const started = performance.now();
  const child = spawn('npm', ['run', '--silent', 'env', '--', '--version'], { cwd: root, stdio: 'ignore' });
  await once(child, 'exit');
  return performance.now() - started;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] as number;

export async function measureStart(): Promise<{ readonly startMs: number; readonly npmMs: number }> {
  const starts: number[] = [];
  const baseline: number[] = [];
  await timeToAddress(4790); // builds what is stale, warms the disk
  for (let round = 0; round < ROUNDS; round += 1) {
    baseline.push(await npmAlone());
    starts.push(await timeToAddress(4791 + round));
  }
  return { startMs: median(starts), npmMs: median(baseline) };
}

if (import.meta.main) {
  const { startMs, npmMs } = await measureStart();
  console.log(`npm start to address: ${(startMs / 1000).toFixed(2)} s (npm alone ${(npmMs / 1000).toFixed(2)} s), median of ${ROUNDS}`);
}
