// Type checks: one compiler call for each world (browser-safe rooms, Node, designer, journeys).
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

let failed = 0;
for (const project of ['tsconfig.pure.json', 'tsconfig.node.json', 'apps/designer/tsconfig.json', 'e2e/tsconfig.json']) {
  if (!existsSync(project)) continue;
  const run = spawnSync('tsc', ['-p', project, '--pretty', 'false'], { stdio: 'inherit' });
  if (run.status !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
