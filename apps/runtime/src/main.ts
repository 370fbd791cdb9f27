/**
 * The command line: only wiring. Each command is a file of cli/.
 *
 * Runs with plain `node apps/runtime/src/main.ts` on Node 24, which takes the types out itself.
 */
import { runOnRightNode } from './cli/node-version.ts';

if (!runOnRightNode()) {
  const { main } = await import('./cli/main.ts');
  process.exitCode = await main(process.argv.slice(2));
}
