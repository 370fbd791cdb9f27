/**
 * The command line: only wiring. Each command is a file of cli/.
 *
 * Runs with plain `node apps/runtime/src/main.ts` on Node 24, which takes the types out itself; an older Node that
 * can read this file hands over, as bin/tidemark.mjs does for all of them.
 */
import process from 'node:process';

if (Number(process.versions.node.split('.')[0]) >= 24) {
  const { main } = await import('./cli/main.ts');
  process.exitCode = await main(process.argv.slice(2));
} else {
  await import(new URL('../bin/tidemark.mjs', import.meta.url).href);
}
