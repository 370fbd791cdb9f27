/** Report: a workload's result as one table of text; the same object is written as JSON. */
import type { GateResult } from './gate.ts';
import type { Machine } from './machine.ts';
import type { CellRow, Goal, Size, Soak } from './workload.ts';

export interface Result {
  readonly workload: string;
  readonly id: string;
  readonly title: string;
  readonly size: Size;
  readonly machine: Machine;
  readonly gates: readonly GateResult[];
  readonly rounds: number;
  readonly void: readonly number[];
  readonly rows: readonly CellRow[];
  readonly soaks: readonly Soak[];
  readonly goals: readonly Goal[];
  readonly notMeasured: readonly string[];
}

export function rate(millions: number): string {
  if (millions >= 100) return millions.toFixed(0);
  if (millions >= 1) return millions.toFixed(2);
  if (millions >= 0.001) return millions.toFixed(4);
  return millions.toPrecision(2);
}

const plain = (value: number): string => (Number.isInteger(value) ? String(value) : value >= 100 ? value.toFixed(0) : value.toPrecision(3));
const mb = (values: readonly number[]): string => values.map((value) => (value / 1e6).toFixed(1)).join(' ');

export function table(result: Result): string {
  const { machine } = result;
  const lines = [
    `${result.id} ${result.workload}: ${result.title}`,
    `${machine.processor} x${machine.processors}, ${(machine.memoryBytes / 2 ** 30).toFixed(0)} GiB, ${machine.platform}, Node ${machine.node}, commit ${machine.commit}, ${machine.at}, load ${machine.loadBefore[0]?.toFixed(1)} before, ${machine.loadAfter[0]?.toFixed(1)} after`,
    `${result.rounds} rounds${result.void.length === 0 ? '' : `, ${result.void.length} void (the calibrator moved by more than 15 %)`}, medians; size ${result.size}${result.size === 'full' ? '' : ': not for comparison'}`,
    '',
  ];
  const width = Math.max(24, ...result.rows.map(({ name }) => name.length));
  lines.push(`${'form'.padEnd(8)} ${'cell'.padEnd(width)} ${'M ev/s'.padStart(9)} ${'ratio'.padStart(8)}  least to greatest, against`);
  for (const row of result.rows) {
    const figures = Object.entries(row.figures).map(([name, value]) => `${name} ${typeof value === 'number' ? plain(value) : value}`).join(', ');
    const start = `${row.form.padEnd(8)} ${row.name.padEnd(width)}`;
    if (row.median === null) {
      lines.push(`${start} ${row.outcome}`);
      continue;
    }
    const ratio = row.ratio === null ? ''.padStart(8) : row.ratio.median.toFixed(3).padStart(8);
    const against = row.ratio === null ? '' : `  (${row.ratio.least.toFixed(3)} to ${row.ratio.greatest.toFixed(3)}) ${row.against}`;
    lines.push(`${start} ${rate(row.median).padStart(9)} ${ratio}${against}${figures === '' ? '' : `  [${figures}]`}`);
  }
  for (const soak of result.soaks) {
    lines.push('', `${soak.seconds} s of "${soak.cell}", ${(soak.events / 1e6).toFixed(1)} M events: ${soak.collections} collections, longest ${soak.pauseMsMax.toFixed(2)} ms, ${soak.pauseMsTotal.toFixed(1)} ms in all`);
    lines.push(`  alive after each tenth, MB: heap ${mb(soak.heapBytes)}`, `                              buffers ${mb(soak.bufferBytes)}`);
  }
  lines.push('', 'goals');
  for (const { goal, wanted, reached, met } of result.goals) {
    lines.push(`  ${met === null ? 'not measured' : met ? 'met         ' : 'MISSED      '} ${goal}: ${reached === null ? '-' : plain(Number(reached.toPrecision(4)))} (wanted ${wanted})`);
  }
  lines.push('', ...result.gates.map((gate) => `gate ${gate.name}: equal to the reference on ${gate.events} events (${gate.matches} matches, ${gate.timedOut} time-outs, ${gate.late} late)`));
  lines.push(...result.notMeasured.map((what) => `not measured: ${what}`));
  return `${lines.join('\n')}\n`;
}
