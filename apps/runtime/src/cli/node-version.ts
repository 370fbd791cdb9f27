/**
 * Tidemark runs on Node 24, which `npm run setup` brings along. Started with an older one that still reads this file,
 * the command goes over to that one; without it, one sentence says what to do.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const NEEDED = 24;

/** True when another process has done the work (or nobody can), and this one has nothing left to do. */
export function runOnRightNode(): boolean {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= NEEDED) return false;
  const own = resolve(import.meta.dirname, '../../../../node_modules/.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
  if (!existsSync(own) || process.env.TIDEMARK_REEXECUTED === '1') {
    console.error(`Tidemark needs Node ${NEEDED}; this is Node ${process.versions.node}. Run "npm run setup" once, then start it with npm: "npm start" or "npm run tidemark -- COMMAND".`);
    process.exitCode = 3;
    return true;
  }
  const { status, signal } = spawnSync(own, process.argv.slice(1), { stdio: 'inherit', env: { ...process.env, TIDEMARK_REEXECUTED: '1' } });
  process.exitCode = status ?? (signal === null ? 3 : 130);
  return true;
}
