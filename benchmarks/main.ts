/**
 * `npm run bench`: workloads beside their calibrators, in interleaved rounds, each behind a gate.
 *
 *   npm run bench                     all workloads at full size (about half an hour); tables and JSON in benchmarks/results/
 *   npm run bench -- W2 rules         these alone, by id or name
 *   npm run bench -- --list           what there is, without running anything; with a workload: its cells
 *   npm run bench -- W1 --quick       a minute or less: to see whether something moved; nothing is written
 *     --rounds N    --box SECONDS (of one step of a cell)    --memory GIB (of one cell)    --soak SECONDS (0: none)
 *     --cells REGEX (only these cells, and what they are read against; nothing is written)    --out FOLDER
 *
 * Always     the gate comes first: figures of an engine that answers otherwise do not count. A cell that does not finish
 *            in its time box is a result: DNF, with the number of events it came to.
 * Read as    ratios within a run: medians of the ratios of rounds in which all cells ran one after the other, each in a
 *            thread of its own. Absolute numbers do not travel. Above a load of 1 the machine was not ours.
 * Not here   peers (benchmarks/peers, by hand).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { machine } from './harness/machine.ts';
import { type Result, table } from './harness/report.ts';
import { CALIBRATOR, runRounds, runSoaks } from './harness/rounds.ts';
import { Rows, type Size, type Workload } from './harness/workload.ts';
import { SUITE, findWorkload } from './suite.ts';

export interface BenchOptions {
  readonly size: Size;
  readonly rounds: number;
  readonly roundMs: number;
  readonly boxMs: number;
  readonly boxBytes: number;
  readonly soakSeconds: number;
  /** Only cells whose name fits, with those that they are read against. */
  readonly only?: RegExp | undefined;
  readonly log?: ((line: string) => void) | undefined;
}

export const DEFAULTS: Readonly<Record<Size, BenchOptions>> = {
  full: { size: 'full', rounds: 7, roundMs: 500, boxMs: 60_000, boxBytes: 6 * 2 ** 30, soakSeconds: 60 },
  quick: { size: 'quick', rounds: 3, roundMs: 150, boxMs: 8_000, boxBytes: 3 * 2 ** 30, soakSeconds: 3 },
  tiny: { size: 'tiny', rounds: 1, roundMs: 2, boxMs: 30_000, boxBytes: 2 ** 30, soakSeconds: 0 },
};

export async function bench(workload: Workload, options: BenchOptions): Promise<Result> {
  const { size, rounds, roundMs, soakSeconds, only, log = () => undefined } = options;
  const loadBefore = loadavg();
  const gates = workload.gate(size);
  log(`${workload.id} ${workload.name}: ${gates.length} gates passed`);
  const all = workload.cells(size);
  const chosen = all.filter(({ name }) => only === undefined || only.test(name) || name === CALIBRATOR);
  const needed = new Set(chosen.flatMap(({ name, against }) => (against === null ? [name] : [name, against])));
  const box = { ms: options.boxMs, bytes: options.boxBytes };
  const result = await runRounds(workload.id, all.filter(({ name }) => needed.has(name)), { size, rounds, roundMs, box, log });
  const soaks = soakSeconds > 0 && only === undefined ? await runSoaks(workload.id, workload.soaks?.(size) ?? [], soakSeconds, size, box, log) : [];
  return {
    workload: workload.name, id: workload.id, title: workload.title, size, machine: machine(loadBefore), gates, rounds, void: result.void, rows: result.rows, soaks,
    goals: workload.goals(new Rows(result.rows, soaks)), notMeasured: workload.notMeasured,
  };
}

function list(workloads: readonly Workload[], cellsToo: boolean): string {
  return workloads.map((workload) => {
    const cells = workload.cells('full');
    const lines = [`${workload.id.padEnd(4)} ${workload.name.padEnd(14)} ${workload.title} (${cells.length} cells)`];
    if (cellsToo) lines.push(...cells.map(({ name, form, missing }) => `       ${form.padEnd(8)} ${name}${missing === undefined ? '' : ` (not measured: ${missing})`}`));
    return `${lines.join('\n')}\n`;
  }).join('');
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      list: { type: 'boolean', default: false }, quick: { type: 'boolean', default: false }, rounds: { type: 'string' }, box: { type: 'string' },
      memory: { type: 'string' }, soak: { type: 'string' }, cells: { type: 'string' }, out: { type: 'string' },
    },
  });
  const workloads = positionals.length === 0 ? SUITE : positionals.map((word) => {
    const found = findWorkload(word);
    if (found === undefined) throw new Error(`no workload ${word}; there are ${SUITE.map(({ id, name }) => `${id} ${name}`).join(', ')}`);
    return found;
  });
  if (values.list) {
    process.stdout.write(list(workloads, positionals.length > 0));
    return;
  }
  if (globalThis.gc === undefined) throw new Error('start with node --expose-gc: memory is read after a collection');
  const usual = DEFAULTS[values.quick ? 'quick' : 'full'];
  const number = (text: string | undefined, otherwise: number): number => (text === undefined ? otherwise : Number(text));
  const options: BenchOptions = {
    ...usual,
    rounds: number(values.rounds, usual.rounds), boxMs: number(values.box, usual.boxMs / 1000) * 1000, boxBytes: number(values.memory, usual.boxBytes / 2 ** 30) * 2 ** 30,
    soakSeconds: number(values.soak, usual.soakSeconds), only: values.cells === undefined ? undefined : new RegExp(values.cells),
    log: (line) => process.stderr.write(`${line}\n`),
  };
  const folder = values.out !== undefined ? resolve(values.out) : values.quick || options.only !== undefined ? null : resolve(import.meta.dirname, 'results');
  for (const workload of workloads) {
    let result: Result;
    try {
      result = await bench(workload, options);
    } catch (error) {
      // A gate that fails, or cells that disagree: no figures of this workload, but those of the others.
      process.stdout.write(`${workload.id} ${workload.name}: NO FIGURES: ${error instanceof Error ? error.message : String(error)}\n\n`);
      process.exitCode = 1;
      continue;
    }
    const text = table(result);
    process.stdout.write(`${text}\n`);
    if (folder === null) continue;
    mkdirSync(folder, { recursive: true });
    writeFileSync(resolve(folder, `${workload.name}.json`), `${JSON.stringify(result, null, 2)}\n`);
    writeFileSync(resolve(folder, `${workload.name}.txt`), text);
  }
}

if (import.meta.main) await main();
