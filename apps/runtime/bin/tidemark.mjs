#!/usr/bin/env node
/**
 * The command line on any Node: Tidemark runs on Node 24, which `npm run setup` brings along. An older one hands the
 * command over to that one; where it is missing, one sentence says what to do.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED = 24;
const here = dirname(fileURLToPath(import.meta.url));
const main = resolve(here, '../src/main.ts');
const own = resolve(here, '../../../node_modules/.bin', process.platform === 'win32' ? 'node.cmd' : 'node');

if (Number(process.versions.node.split('.')[0]) >= NEEDED) await import(main);
else if (existsSync(own) && process.env.TIDEMARK_HANDED_OVER !== '1') {
  const child = spawn(own, [main, ...process.argv.slice(2)], { stdio: 'inherit', env: { ...process.env, TIDEMARK_HANDED_OVER: '1' } });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => process.exit(code ?? 3));
} else {
  console.error(`Tidemark needs Node ${NEEDED}, and this is Node ${process.versions.node}: run "npm run setup" once, then "npm start" or "npm run tidemark -- COMMAND".`);
  process.exitCode = 3;
}
