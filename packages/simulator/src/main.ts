/**
 * npm run sim -- --seeds N [--from-seed S]   runs N worlds and says how many held
 * npm run sim -- --seed S                    runs one world and prints its trace
 * [--broken NAME]                            with a deliberately broken part (broken-variants.ts)
 */
import { parseArgs } from 'node:util';
import { BROKEN_VARIANTS, type BrokenVariant } from './broken-variants.ts';
import { runSeed } from './seed.ts';

const { values } = parseArgs({
  options: { seeds: { type: 'string' }, 'from-seed': { type: 'string' }, seed: { type: 'string' }, broken: { type: 'string' } },
});
const broken = (values.broken ?? null) as BrokenVariant | null;
if (broken !== null && !BROKEN_VARIANTS.includes(broken)) {
  process.stderr.write(`--broken is one of ${BROKEN_VARIANTS.join(', ')}\n`);
  process.exit(2);
}
const print = (line: string): void => { process.stdout.write(`${line}\n`); };

if (values.seed !== undefined) {
  const { drawn, faults, faulty, failures } = await runSeed(Number(values.seed), broken, print);
  print(`seed ${drawn.seed}: ${drawn.job}; ${drawn.workers} workers; ${JSON.stringify(drawn.machine)}; faults ${JSON.stringify(faults)}`);
  print(`${faulty.state}, ${faulty.lines.length} lines, ${faulty.checkpoints} checkpoints, ${faulty.restarts} restarts, ${faulty.steps} steps, ${faulty.virtualMs.toFixed(0)} virtual ms`);
  for (const failure of failures) print(`FAILED ${failure}`);
  process.exit(failures.length === 0 ? 0 : 1);
}

const first = Number(values['from-seed'] ?? 1);
const count = Number(values.seeds ?? 300);
const begun = performance.now();
let failed = 0;
const totals = { faults: 0, restarts: 0, checkpoints: 0, lines: 0 };
for (let seed = first; seed < first + count; seed += 1) {
  const { faulty, failures } = await runSeed(seed, broken);
  totals.faults += faulty.faults;
  totals.restarts += faulty.restarts;
  totals.checkpoints += faulty.checkpoints;
  totals.lines += faulty.lines.length;
  if (failures.length === 0) continue;
  failed += 1;
  print(`seed ${seed} FAILED (replay: npm run sim -- --seed ${seed}${broken ? ` --broken ${broken}` : ''})`);
  for (const failure of failures) print(`  ${failure}`);
}
const seconds = (performance.now() - begun) / 1000;
print(`${totals.faults} faults, ${totals.restarts} restarts, ${totals.checkpoints} checkpoints, ${totals.lines} lines compared; ${(count / seconds).toFixed(1)} seeds/s`);
print(`${count - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
