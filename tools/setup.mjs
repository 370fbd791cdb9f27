/**
 * Sets up a bare machine: packages, the built designer, a browser for the journeys.
 *
 * Runs on any Node >= 18 before anything is installed, so it has no dependencies. Every step prints what it does
 * and how long it took; a step that has nothing to do is silent. Nothing here starts a product process.
 * --quiet: before a command whose standard output is lines of data, so that all of this goes to standard error.
 *
 *   node tools/setup.mjs            packages
 *   node tools/setup.mjs --build    packages, designer
 *   node tools/setup.mjs --browser  packages, Chromium for the journeys
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);
const flags = new Set(process.argv.slice(2));
const windows = process.platform === 'win32';
const quiet = flags.has('--quiet');
const say = quiet ? console.error : console.log;
const stampDir = join('node_modules', '.tidemark');

const sha = (text) => createHash('sha256').update(text).digest('hex');
const stamped = (name, value) => existsSync(join(stampDir, name)) && readFileSync(join(stampDir, name), 'utf8') === value;
const stamp = (name, value) => {
  mkdirSync(stampDir, { recursive: true });
  writeFileSync(join(stampDir, name), value);
};

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { stdio: ['ignore', quiet ? 2 : 'inherit', 'inherit'], shell: windows, ...options });
  if (result.error) throw result.error;
  return result.status ?? 1;
}

/** Names, sizes and times of change of everything below a folder: enough to see that something changed, and fast. */
function fingerprint(folder, into) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name.endsWith('.test.ts')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) fingerprint(path, into);
    else {
      const { size, mtimeMs } = statSync(path);
      into.push(`${path}:${size}:${Math.round(mtimeMs)}`);
    }
  }
  return into;
}

function chromiumPath() {
  const known = [process.env.TIDEMARK_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable'];
  for (const path of known) if (path && existsSync(path)) return path;
  if (existsSync(join(stampDir, 'chromium'))) return readFileSync(join(stampDir, 'chromium'), 'utf8');
  return null;
}

const steps = [
  {
    name: 'Install packages (pnpm, Node 24, libraries)',
    needed: () => !stamped('lock', sha(readFileSync('pnpm-lock.yaml'))),
    act() {
      const { pnpm } = JSON.parse(readFileSync('package.json', 'utf8')).devDependencies;
      if (run('npx', ['-y', `pnpm@${pnpm}`, 'install', '--frozen-lockfile', '--reporter=append-only', '--loglevel=warn']) !== 0) {
        return 'Packages could not be installed. Is the npm registry reachable? The lines above say which package failed.';
      }
      stamp('lock', sha(readFileSync('pnpm-lock.yaml')));
      return null;
    },
  },
];

if (flags.has('--build')) {
  let seen = '';
  steps.push({
    name: 'Build the designer',
    needed() {
      const files = [];
      for (const folder of ['apps/designer', 'packages']) fingerprint(folder, files);
      seen = sha(files.join('\n'));
      return !existsSync('apps/designer/dist/index.html') || !stamped('designer', seen);
    },
    act() {
      const node = join('node_modules', '.bin', windows ? 'node.cmd' : 'node');
      const code = run(existsSync(node) ? resolve(node) : process.execPath, [resolve('apps/designer/node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'], { cwd: 'apps/designer' });
      if (code !== 0) return 'The designer could not be built; the lines above say why.';
      stamp('designer', seen);
      return null;
    },
  });
}

if (flags.has('--browser')) {
  steps.push({
    name: 'Find or install Chromium for the journeys',
    needed: () => chromiumPath() === null,
    act() {
      const root = typeof process.getuid === 'function' && process.getuid() === 0;
      if (root && existsSync('/usr/bin/apt-get')) {
        const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
        run('apt-get', ['update', '-qq'], { env });
        if (run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-noto-cjk'], { env, stdio: ['ignore', 'ignore', 'inherit'] }) === 0 && chromiumPath()) return null;
      }
      if (run(resolve('node_modules/.bin/playwright'), ['install', 'chromium']) === 0) {
        const found = spawnSync(resolve('node_modules/.bin/node'), ['-e', "import('@playwright/test').then(({ chromium }) => process.stdout.write(chromium.executablePath()))"], { encoding: 'utf8' });
        if (found.status === 0 && existsSync(found.stdout)) {
          stamp('chromium', found.stdout);
          return null;
        }
      }
      return 'No Chromium was found and none could be installed: install it (on Debian: apt-get install chromium) or set TIDEMARK_CHROMIUM to its path, then run this again.';
    },
  });
}

const [major] = process.versions.node.split('.').map(Number);
if (major < 18) {
  console.error(`Tidemark needs Node 20 or newer to set itself up; this is Node ${process.versions.node}.`);
  process.exit(1);
}

const due = steps.filter((step, index) => (index === 0 ? step.needed() : true));
let number = 0;
for (const step of due) {
  // later steps can only be judged once the packages are there
  if (!step.needed()) continue;
  number += 1;
  say(`[setup ${number}] ${step.name} …`);
  const started = Date.now();
  const problem = step.act();
  if (problem) {
    console.error(`[setup ${number}] ${problem}`);
    process.exit(1);
  }
  say(`[setup ${number}] done in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}
if (number === 0 && !quiet) console.log('[setup] everything is installed');
