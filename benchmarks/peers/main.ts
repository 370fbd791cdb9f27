/**
 * `npm run bench:peers`: Flink CEP beside Tidemark, in one interleaved run, on W1, W2 and W4. By hand only.
 *
 *   npm run bench:peers                   everything; table and JSON in benchmarks/results/peers.*
 *   npm run bench:peers -- W2 --quick     one workload, short; nothing is written
 *     --rounds N   --box SECONDS (of one step)   --round SECONDS (of a round that is sized)   --core N (pin all to one core)
 *
 * Always     all contenders of a task read the same bytes. First a gate: a small input with many matches, on which counts
 *            and checksums of all must agree. A contender that does not
 *            finish a step in its time box is out, and how far it came is the result.
 * Measures   events by processor time of the whole process (its collector and compiler threads included), which is what
 *            one core gives; wall time stands beside it in the JSON. Rounds are sized by time, and counted when two in turn agree within 5 %.
 * Needs      Java 17 and Maven; Flink comes from Maven Central into the local repository. Nothing of it is committed.
 * Esper      is GPL and stays out: its figures of reference/performance.md, 3.7, in units of J and JO of this run.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { machine } from '../harness/machine.ts';
import { rate } from '../harness/report.ts';
import { type Goal, goal, median, spread } from '../harness/workload.ts';
import { Contender, OutOfTime, type RoundAnswer } from './contender.ts';
import { type PeerTask, floodTask, pairTask, stagesTask } from './input.ts';
import type { OurForm, OurOrder } from './ours.ts';

const folder = import.meta.dirname;
const JARS = join(folder, 'target', 'jars');
const JAR = join(folder, 'target', 'peers-1.jar');
const HEAP = '4g';

interface Entry {
  readonly name: string;
  readonly start: (task: PeerTask, input: string, scratch: string) => Contender;
}

interface PeerRow {
  readonly task: string;
  readonly contender: string;
  readonly millionEventsPerCpuSecond: number | null;
  readonly millionEventsPerSecond: number | null;
  readonly rounds: readonly number[];
  readonly eventsPerRound: number;
  readonly eventsBefore: number;
  readonly outcome: string;
}

interface Options {
  readonly rounds: number;
  readonly boxMs: number;
  readonly roundMs: number;
  readonly core: number | null;
}

function pinned(core: number | null, command: string, args: readonly string[]): readonly [string, readonly string[]] {
  return core === null ? [command, args] : ['taskset', ['-c', String(core), command, ...args]];
}

const ours = (form: OurForm, core: number | null, name = `Tidemark from ${form}`): Entry => ({
  name,
  start: (task, input) => {
    const order: OurOrder = { form, task: { ...task, bytes: undefined }, input };
    return new Contender(name, ...pinned(core, process.execPath, [join(folder, 'ours.ts'), JSON.stringify(order)]));
  },
});

const flink = (form: 'NDJSON' | 'objects', backend: 'hashmap' | 'rocksdb', checkpointMs: number, core: number | null): Entry => {
  const name = `Flink CEP 2.3.0, ${backend === 'hashmap' ? 'heap' : 'RocksDB'}${checkpointMs > 0 ? `, checkpoints of ${checkpointMs / 1000} s` : ''}, from ${form}`;
  return {
    name,
    start: (task, input, scratch) => new Contender(name, ...pinned(core, 'java', [
      `-Xms${HEAP}`, `-Xmx${HEAP}`, '-XX:+AlwaysPreTouch', '--add-opens=java.base/java.util=ALL-UNNAMED', '--add-opens=java.base/java.lang=ALL-UNNAMED', '-cp', `${JAR}:${JARS}/*`, 'tidemark.peers.FlinkPeer',
      '--input', input, '--form', form, '--span', String(task.spanMs), '--keyed', String(task.keyed), '--stages', task.stages.join(','), '--link', task.link,
      '--within', String(task.withinMs), '--backend', backend, '--checkpoint', String(checkpointMs), '--scratch', scratch,
    ])),
  };
};

const outcomeOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Fills, sizes and interleaves the contenders of one task. */
async function runTask(task: PeerTask, entries: readonly Entry[], options: Options, scratch: string, log: (line: string) => void): Promise<PeerRow[]> {
  const input = join(scratch, 'input.ndjson');
  writeFileSync(input, task.bytes());
  const lanes = entries.map((entry, i) => ({ entry, contender: null as Contender | null, events: 0, filled: 0, answers: [] as RoundAnswer[], outcome: 'measured', scratch: join(scratch, `state-${i}`) }));
  type Lane = (typeof lanes)[number];
  const out = (lane: Lane, error: unknown): void => {
    lane.outcome = outcomeOf(error);
    lane.answers.length = 0;
    lane.contender?.close();
    lane.contender = null;
    log(`  ${lane.entry.name}: ${lane.outcome}`);
  };
  try {
    for (const lane of lanes) {
      mkdirSync(lane.scratch, { recursive: true });
      const contender = lane.entry.start(task, input, lane.scratch);
      lane.contender = contender;
      try {
        await contender.ready(options.boxMs);
        lane.filled = await filled(contender, task, options);
        lane.events = await sized(contender, task.granule, options);
        await settled(contender, lane.events, options);
        log(`  ${lane.entry.name}: ready, ${lane.events} events a round, ${lane.filled} before`);
      } catch (error) {
        out(lane, error);
      }
    }
    for (let round = 0; round < options.rounds; round += 1) {
      for (const lane of lanes) {
        if (lane.contender === null) continue;
        try {
          lane.answers.push(await lane.contender.round(lane.events, options.boxMs));
        } catch (error) {
          out(lane, error);
        }
      }
      log(`  round ${round + 1} of ${options.rounds}`);
    }
  } finally {
    for (const { contender } of lanes) contender?.close();
  }
  return lanes.map(({ entry, answers, events, filled: before, outcome }): PeerRow => {
    const rates = answers.map((answer) => answer.events / answer.cpuMs / 1_000);
    return {
      task: task.name, contender: entry.name, outcome, rounds: rates, eventsPerRound: events, eventsBefore: before,
      millionEventsPerCpuSecond: rates.length === 0 ? null : median(rates), millionEventsPerSecond: rates.length === 0 ? null : median(answers.map((answer) => answer.events / answer.wallMs / 1_000)),
    };
  });
}

/** Feeds what comes before the first round, in pieces, as far as the time box allows. Returns how many events that were. */
async function filled(contender: Contender, { fill, granule, mustFill }: PeerTask, { boxMs }: Options): Promise<number> {
  const started = performance.now();
  const piece = Math.max(1, Math.ceil(fill / FILL_PIECES / granule)) * granule;
  for (let fed = 0; fed < fill; fed += piece) {
    const left = boxMs - (performance.now() - started);
    if (left <= 0 && !mustFill) return fed;
    if (left <= 0) throw new Error(`DNF at ${fed} of ${fill} events to fill: more than ${boxMs / 1000} s`);
    try {
      await contender.round(Math.min(piece, fill - fed), mustFill ? left : boxMs);
    } catch (error) {
      if (!(error instanceof OutOfTime)) throw error;
      throw new Error(`DNF at ${error.events} of ${fill} events to fill: more than ${boxMs / 1000} s`, { cause: error });
    }
  }
  return fill;
}

const FILL_PIECES = 50;
const SETTLED_SHARE = 0.05;
const SETTLED_ROUNDS_MAX = 8;

/** Rounds until two in turn agree within 5 %: the compilers have done their work. */
async function settled(contender: Contender, events: number, { boxMs }: Options): Promise<void> {
  let last = 0;
  for (let i = 0; i < SETTLED_ROUNDS_MAX; i += 1) {
    const { cpuMs } = await contender.round(events, boxMs);
    if (last > 0 && Math.abs(cpuMs / last - 1) < SETTLED_SHARE) return;
    last = cpuMs;
  }
}

const EVENTS_MAX = 2 ** 27;

/** Events that take about the time of a round. */
async function sized(contender: Contender, granule: number, { boxMs, roundMs }: Options): Promise<number> {
  for (let events = granule; ; events *= 2) {
    const { cpuMs, wallMs } = await contender.round(events, boxMs);
    if (wallMs >= roundMs / 2 || events >= EVENTS_MAX) return Math.max(1, Math.round((events * roundMs) / Math.max(cpuMs, wallMs) / granule)) * granule;
  }
}

const GATE_BOX_MS = 240_000;

/** All contenders, fresh, on a small input with many matches: counts and checksums agree, or nothing is measured. */
async function peerGate(task: PeerTask, events: number, entries: readonly Entry[], scratch: string): Promise<{ task: string; events: number; matches: number; checksum: number; contenders: readonly string[] }> {
  const input = join(scratch, 'gate.ndjson');
  writeFileSync(input, task.bytes());
  let first: RoundAnswer | null = null;
  for (const [i, entry] of entries.entries()) {
    const state = join(scratch, `gate-${i}`);
    mkdirSync(state, { recursive: true });
    const contender = entry.start(task, input, state);
    try {
      const answer = await (async () => {
        await contender.ready(GATE_BOX_MS);
        return contender.round(events, GATE_BOX_MS);
      })().catch((error: unknown) => { throw new Error(`gate ${task.name}: ${entry.name}: ${outcomeOf(error)}`, { cause: error }); });
      first ??= answer;
      if (answer.matches !== first.matches || answer.checksum !== first.checksum) throw new Error(`gate ${task.name}: ${entry.name} has ${answer.matches} matches (${answer.checksum}), ${entries[0]?.name} has ${first.matches} (${first.checksum})`);
    } finally {
      contender.close();
    }
  }
  if (first === null || first.matches === 0) throw new Error(`gate ${task.name}: no matches, so nothing is proven`);
  return { task: task.name, events, matches: first.matches, checksum: first.checksum, contenders: entries.map(({ name }) => name) };
}

/** Esper 9.0.0 from ready objects, millions a second, where JO was 17.5 (reference/performance.md, 3.7). */
const ESPER_AT_JO = 17.5;
const ESPER: Readonly<Record<string, number>> = { 'W1': 0.16 * ESPER_AT_JO, 'W2, window 100': 1.76, 'W2, window 1000': 0.183, 'W2, window 10000': 0.002, 'W4, 100 live': 1.11, 'W4, 1000 live': 1.19, 'W4, 3000 live': 0.75, 'W4, 10000 live': 0.62 };

function goalsOf(rows: readonly PeerRow[], jo: number | null): Goal[] {
  const find = (task: string, contender: string): PeerRow | null => rows.find((row) => row.task === task && row.contender === contender && row.rounds.length > 0) ?? null;
  const ratio = (task: string, of: string, to: string): number | null => {
    const a = find(task, of);
    const b = find(task, to);
    return a === null || b === null ? null : spread(a.rounds, b.rounds).median;
  };
  /** Against Esper from ready objects, through JO. */
  const esper = (task: string, of: string): number | null => {
    const row = find(task, of);
    return row === null || jo === null || row.millionEventsPerCpuSecond === null ? null : row.millionEventsPerCpuSecond / ((ESPER[task] as number) / ESPER_AT_JO * jo);
  };
  const heap = 'Flink CEP 2.3.0, heap, from';
  const parse = ratio('W1', 'Tidemark from NDJSON', 'J');
  return [
    goal('W1 from NDJSON against Flink on the heap', '>=', 20, ratio('W1', 'Tidemark from NDJSON', `${heap} NDJSON`)),
    goal('W1 from NDJSON against Esper (1.2 J)', '>=', 3.5, parse === null ? null : parse / 1.2),
    goal('W1 from ready objects against Esper (0.16 JO)', '>=', 2, esper('W1', 'Tidemark from objects')),
    goal('W2 at window 1,000, from columns against Esper from ready objects', '>=', 40, esper('W2, window 1000', 'Tidemark from columns')),
    goal('W2 at window 10,000, from columns against Esper from ready objects', '>=', 4_000, esper('W2, window 10000', 'Tidemark from columns')),
    goal('W4 at 10,000 live, from columns against Esper from ready objects', '>=', 10, esper('W4, 10000 live', 'Tidemark from columns')),
  ];
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: 'boolean', default: false }, rounds: { type: 'string' }, box: { type: 'string' }, round: { type: 'string' }, core: { type: 'string' }, out: { type: 'string' } },
  });
  const log = (line: string): void => { process.stderr.write(`${line}\n`); };
  log('building the peers (Maven)');
  execFileSync('mvn', ['-q', '-B', 'package'], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
  if (!existsSync(JAR)) throw new Error('the peers were not built');
  const quick = values.quick;
  const options: Options = {
    rounds: Number(values.rounds ?? (quick ? 2 : 5)), boxMs: Number(values.box ?? (quick ? 20 : 60)) * 1_000, roundMs: Number(values.round ?? (quick ? 1 : 4)) * 1_000,
    core: values.core === undefined ? null : Number(values.core),
  };
  const { core } = options;
  const wanted = (name: string): boolean => positionals.length === 0 || positionals.some((word) => name.toUpperCase().startsWith(word.toUpperCase()));
  const heap = (form: 'NDJSON' | 'objects'): Entry => flink(form, 'hashmap', 0, core);
  const rocks = (form: 'NDJSON' | 'objects'): Entry => flink(form, 'rocksdb', 1_000, core);
  const scratch = mkdtempSync(join(tmpdir(), 'tidemark-peers-'));
  const loadBefore = loadavg();
  const rows: PeerRow[] = [];
  const gates: Awaited<ReturnType<typeof peerGate>>[] = [];
  try {
    const checked: Entry[] = [ours('columns', core), ours('NDJSON', core), ours('objects', core), heap('NDJSON'), heap('objects'), rocks('NDJSON'), rocks('objects')];
    for (const task of [pairTask(20_000), stagesTask(50, 0.5, 700), floodTask(100, 0.02, 700)]) {
      if (!wanted(task.name)) continue;
      log(`gate of ${task.name.slice(0, 2)}`);
      gates.push(await peerGate(task, task.name === 'W1' ? 20_000 : 700, checked, scratch));
    }
    const pair = pairTask(quick ? 100_000 : 500_000);
    const calibrators = [ours('J', core, 'J'), ours('JO', core, 'JO')];
    if (wanted('W1')) {
      log('W1');
      rows.push(...await runTask(pair, [ours('columns', core), ours('NDJSON', core), ours('objects', core), ...calibrators, heap('NDJSON'), heap('objects'), rocks('NDJSON')], options, scratch, log));
    } else rows.push(...await runTask(pair, calibrators, options, scratch, log)); // Esper's figures are read through them
    const grow = [ours('columns', core), ours('NDJSON', core), heap('objects'), rocks('objects')];
    for (const task of [...(quick ? [100, 1_000] : [100, 1_000, 10_000]).map((windowEvents) => stagesTask(windowEvents)), ...(quick ? [100, 1_000] : [100, 1_000, 3_000, 10_000]).map((live) => floodTask(live))]) {
      if (!wanted(task.name)) continue;
      log(task.name);
      rows.push(...await runTask(task, grow, options, scratch, log));
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const jo = rows.find(({ contender }) => contender === 'JO')?.millionEventsPerCpuSecond ?? null;
  const result = { machine: { ...machine(loadBefore), java: execFileSync('java', ['--version'], { encoding: 'utf8' }).split('\n')[0], heap: HEAP, cores: cpus().length, core }, rounds: options.rounds, boxMs: options.boxMs, gates, rows, goals: goalsOf(rows, jo) };
  const text = table(result);
  process.stdout.write(text);
  const target = values.out !== undefined ? resolve(values.out) : quick || positionals.length > 0 ? null : resolve(folder, '..', 'results');
  if (target === null) return;
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, 'peers.json'), `${JSON.stringify(result, null, 2)}\n`);
  writeFileSync(join(target, 'peers.txt'), text);
}

interface PeersResult {
  readonly machine: { readonly processor: string; readonly node: string; readonly commit: string; readonly at: string; readonly java: string | undefined; readonly heap: string; readonly cores: number; readonly core: number | null; readonly loadBefore: readonly number[]; readonly loadAfter: readonly number[] };
  readonly rounds: number;
  readonly gates: readonly { readonly task: string; readonly events: number; readonly matches: number; readonly contenders: readonly string[] }[];
  readonly rows: readonly PeerRow[];
  readonly goals: readonly Goal[];
}

function table({ machine: host, rounds, gates, rows, goals }: PeersResult): string {
  const lines = [
    'peers: Flink CEP beside Tidemark, interleaved, the same bytes',
    `${host.processor} x${host.cores}, Node ${host.node}, ${host.java}, heap ${host.heap}, ${host.core === null ? 'not pinned' : `pinned to core ${host.core}`}, commit ${host.commit}, ${host.at}, load ${host.loadBefore[0]?.toFixed(1)} before, ${host.loadAfter[0]?.toFixed(1)} after`,
    `${rounds} rounds; M ev/s by processor time of the whole process (beside it by the clock), medians`,
    '',
    `${'task'.padEnd(18)} ${'contender'.padEnd(58)} ${'M ev/s'.padStart(9)} ${'clock'.padStart(9)}  Tidemark from the same form is faster by`,
  ];
  for (const row of rows) {
    const start = `${row.task.padEnd(18)} ${row.contender.padEnd(58)}`;
    if (row.millionEventsPerCpuSecond === null) {
      lines.push(`${start} ${row.outcome}`);
      continue;
    }
    const form = row.contender.split('from ')[1];
    const same = rows.find((other) => other.task === row.task && other.rounds.length > 0 && other.contender === `Tidemark from ${row.task === 'W1' ? form : form === 'objects' ? 'columns' : form}`);
    const factor = same === undefined || !row.contender.startsWith('Flink') || same.millionEventsPerCpuSecond === null ? '' : `  ${(same.millionEventsPerCpuSecond / row.millionEventsPerCpuSecond).toPrecision(3)} x${form === 'objects' && row.task !== 'W1' ? ' (columns against objects)' : ''}`;
    lines.push(`${start} ${rate(row.millionEventsPerCpuSecond).padStart(9)} ${rate(row.millionEventsPerSecond as number).padStart(9)}${factor}`);
  }
  lines.push('', 'goals');
  for (const { goal: text, wanted, reached, met } of goals) lines.push(`  ${met === null ? 'not measured' : met ? 'met         ' : 'MISSED      '} ${text}: ${reached === null ? '-' : reached.toPrecision(4)} (wanted ${wanted})`);
  lines.push('', ...gates.map(({ task, events, matches, contenders }) => `gate ${task}: ${matches} matches of ${events} events, counts and checksums of all ${contenders.length} contenders agree`));
  lines.push('not measured: Esper itself (its figures through J and JO), Siddhi, Flink before 1.16.0, parallelism 2');
  return `${lines.join('\n')}\n`;
}

if (import.meta.main) await main();
