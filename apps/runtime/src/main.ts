/**
 * The command line: only wiring. Each command is a file of cli/.
 *
 * Runs with plain `node apps/runtime/src/main.ts` on Node 24, which takes the types out itself; an older Node that
 * can read this file hands over, as bin/tidemark.mjs does for all of them.
 */
import { resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

if (Number(process.versions.node.split('.')[0]) >= 24) {
  // What was read once is kept in compiled form: a command is there in a third of the time. Where it cannot be kept, nothing is lost.
  const { enableCompileCache } = await import('node:module');
  enableCompileCache(fileURLToPath(new URL('../../../node_modules/.cache/node', import.meta.url)));
  const words = process.argv.slice(2);
  const { INIT_CWD: stands, npm_lifecycle_event: script } = process.env;
  if (script === 'tidemark' && stands !== undefined && words[0] !== 'serve') {
    // npm goes into its package; names of files are meant from where the person stands
    process.env.TIDEMARK_DATA ??= resolve('.tidemark');
    process.chdir(stands);
  }
  const { main } = await import('./cli/main.ts');
  process.exitCode = await main(words);
} else {
  await import(new URL('../bin/tidemark.mjs', import.meta.url).href);
}
