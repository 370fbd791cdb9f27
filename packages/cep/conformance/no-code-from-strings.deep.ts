/** The engine where no text may become code: every case of the conformance suite in a Node that refuses eval and new Function. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const REFUSE = '--disallow-code-generation-from-strings';
const cases = fileURLToPath(new URL('cases.ts', import.meta.url));
const folder = fileURLToPath(new URL('cases/', import.meta.url));
const files = readdirSync(folder).filter((name) => /\.json(\.gz)?$/.test(name)).map((name) => folder + name);

describe('without code from strings', () => {
  it('[CF7] the flag refuses what it should', () => {
    const run = spawnSync(process.execPath, [REFUSE, '--eval', "try { new Function('return 1')(); console.log('ran'); } catch (error) { console.log(error.name); }"], { encoding: 'utf8' });
    expect(run.stdout.trim()).toBe('EvalError');
  });

  it.each([[], ['--every-key'], ['--explicit']])('[CF7] every case passes, options %j', (...options: readonly string[]) => {
    const run = spawnSync(process.execPath, [REFUSE, cases, ...options, ...files], { encoding: 'utf8' });
    expect(run.stderr).toBe('');
    expect(run.stdout.trim().split('\n').at(-1)).toBe('2307 passed, 0 failed, 0 skipped');
    expect(run.status).toBe(0);
  });
});
