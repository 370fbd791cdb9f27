/**
 * Runs every test and counts them: types, lint, units with borders and integration, journeys.
 *
 *   node tools/test.mjs          what `npm test` runs
 *   node tools/test.mjs --deep   what needs longer: `npm run test:deep`
 *
 * Always ends with one line `N passed, N failed` and exits with 1 if anything failed or nothing ran.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

const deep = process.argv.includes('--deep');
const reports = resolve('test-results', deep ? 'deep' : 'all');
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

const env = { ...process.env, PATH: `${resolve('node_modules/.bin')}${delimiter}${process.env.PATH ?? ''}`, CI: process.env.CI ?? 'true' };
if (deep) env.TIDEMARK_DEEP = '1';

let passed = 0;
let failed = 0;

function step(title, command, args, extra = {}) {
  console.log(`\n── ${title}`);
  const started = Date.now();
  const { status } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], env: { ...env, ...extra }, shell: process.platform === 'win32' });
  console.log(`── ${title}: ${status === 0 ? 'ok' : `exit code ${status}`}, ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return status === 0;
}

function count(ok) {
  if (ok) passed += 1;
  else failed += 1;
}

/** Adds the counts of a JSON report; a runner that dies without one, or runs nothing, is one failure. */
function countReport(ok, path, read) {
  let counts = { passed: 0, failed: 0 };
  if (existsSync(path)) counts = read(JSON.parse(readFileSync(path, 'utf8')));
  passed += counts.passed;
  failed += counts.failed;
  if ((!ok && counts.failed === 0) || counts.passed + counts.failed === 0) failed += 1;
}

const vitest = (report) => ({ passed: report.numPassedTests, failed: report.numFailedTests });
const playwright = (report) => ({ passed: report.stats.expected, failed: report.stats.unexpected + report.stats.flaky });

if (!deep) {
  count(step('types', 'node', ['tools/types.mjs']));
  count(step('lint', 'oxlint', ['--quiet']));
}
const unitReport = join(reports, 'unit.json');
countReport(
  step(deep ? 'deep tests' : 'units, borders, properties, integration', 'vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${unitReport}`]),
  unitReport, vitest,
);
if (!deep) {
  const journeyReport = join(reports, 'journeys.json');
  countReport(
    step('journeys', 'playwright', ['test', '--reporter=list,json'], { PLAYWRIGHT_JSON_OUTPUT_NAME: journeyReport }),
    journeyReport, playwright,
  );
}

writeFileSync(resolve('test-results', deep ? 'deep.count' : 'all.count'), `${passed} ${failed}\n`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
