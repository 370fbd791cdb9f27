/**
 * `npm run bench`: workload `pair` beside its calibrators, and the growth of memory over ten million events.
 *
 * Measures   from columns: CepOperator against the loop by hand (H); from NDJSON: decoder and operator against JSON.parse
 *            with objects and a Map; JSON.parse alone for scale.
 * Not here   files, sockets, sinks, output lines, checkpoints under load, several processes, other patterns.
 * Read as    medians of the ratios of rounds in which all contenders ran one after the other on one thread; absolute
 *            numbers do not travel. One table on standard output, the same as JSON in benchmarks/results/.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { arch, cpus, loadavg, platform, totalmem } from 'node:os';
import { type Rates, interleave, ratio } from './calibrators/rounds.ts';
import { parseAll } from './decode.ts';
import { type Answer, ColumnStream, EngineRun, HandRun, engineFromBytes, objectsRun, pairBytes, pairColumns, pairJob } from './workloads/pair.ts';

const COLUMN_EVENTS = 1_000_000;
/** Times that the column stream comes in one round: processor time is counted in steps of some ms. */
const PASSES = 10;
const BYTE_EVENTS = 500_000;
const GROWTH_EVENTS = 10_000_000;

export interface Growth {
  readonly events: number;
  /** Bytes of heap and of array buffers that are alive after each tenth: a full collection comes before each sample. */
  readonly heapBytes: readonly number[];
  readonly bufferBytes: readonly number[];
  /** Of the operator's image at the end. */
  readonly imageBytes: number;
}

/** Without this a sample shows young garbage that nobody has had to collect yet, and a leak looks the same. */
function collect(): void {
  if (globalThis.gc === undefined) throw new Error('start with node --expose-gc: memory is read after a collection');
  globalThis.gc();
}

/** The engine over ever new events of the same shape. */
function growth(events: number): Growth {
  const stream = new ColumnStream(pairColumns(pairBytes(200_000, 7)));
  const run = new EngineRun(pairJob());
  const heapBytes: number[] = [];
  const bufferBytes: number[] = [];
  let pass = 0;
  for (let tenth = 1; tenth <= 10; tenth += 1) {
    for (; pass * stream.events < (events * tenth) / 10; pass += 1) stream.pass(pass, (batch) => run.feed(batch));
    collect();
    const usage = process.memoryUsage();
    heapBytes.push(usage.heapUsed);
    bufferBytes.push(usage.arrayBuffers);
  }
  return { events, heapBytes, bufferBytes, imageBytes: run.operator.snapshot().length };
}

export interface BenchOptions {
  readonly columnEvents?: number;
  readonly byteEvents?: number;
  readonly growthEvents?: number;
  readonly passes?: number;
  readonly rounds?: number;
}

export function bench(options: BenchOptions = {}) {
  const { columnEvents = COLUMN_EVENTS, byteEvents = BYTE_EVENTS, growthEvents = GROWTH_EVENTS, passes = PASSES, rounds = 7 } = options;
  const job = pairJob();
  const stream = new ColumnStream(pairColumns(pairBytes(columnEvents)));
  // Each contender goes on where it stood: windows stay full from round to round.
  const contender = (name: string, run: { feed(batch: Parameters<HandRun['feed']>[0]): void; answer(): Answer }) => {
    let pass = 0;
    return {
      name, events: columnEvents * passes,
      run: () => {
        for (let i = 0; i < passes; i += 1, pass += 1) stream.pass(pass, (batch) => run.feed(batch));
        return run.answer();
      },
    };
  };
  const columns = interleave([
    contender('H: loop by hand', new HandRun(10_000)),
    contender('engine, fields of the pattern only', new EngineRun(job, { keepAllFields: false })),
    contender('engine', new EngineRun(job)),
    contender('engine, explicit runs', new EngineRun(job, { strategy: 'explicit' })),
  ], rounds, () => { for (let i = 0; i < passes; i += 1) stream.pass(i, () => undefined); });

  const bytes = pairBytes(byteEvents);
  const answer = objectsRun(bytes);
  const end = interleave([
    { name: 'JSON.parse with objects and a Map', events: byteEvents, run: () => objectsRun(bytes) },
    { name: 'J: JSON.parse alone', events: byteEvents, run: () => {
      let events = 0;
      parseAll(bytes, () => { events += 1; });
      return events === byteEvents ? answer : events;
    } },
    { name: 'engine from NDJSON', events: byteEvents, run: () => engineFromBytes(job, bytes) },
  ], rounds);

  const of = (rates: Map<string, Rates>, name: string): Rates => rates.get(name) as Rates;
  const hand = of(columns, 'H: loop by hand');
  const objects = of(end, 'JSON.parse with objects and a Map');
  const rows = [
    ...[...columns.values()].map((rates) => ({ form: 'columns', against: hand.name, rates, ratio: ratio(rates, hand) })),
    ...[...end.values()].map((rates) => ({ form: 'NDJSON', against: objects.name, rates, ratio: ratio(rates, objects) })),
  ];
  return {
    workload: 'pair', answer, rounds, columnEvents: columnEvents * passes, byteEvents,
    machine: { processor: cpus()[0]?.model ?? 'unknown', processors: cpus().length, memoryBytes: totalmem(), platform: platform(), arch: arch(), node: process.version, load: loadavg() },
    notMeasured: ['files, sockets, sinks and output lines', 'checkpoints under load', 'several processes', 'patterns other than a followedBy b'],
    rows: rows.map(({ form, against, rates, ratio: share }) => ({ form, name: rates.name, millionEventsPerSecond: rates.median, least: rates.least, greatest: rates.greatest, against, ratio: share })),
    growth: growthEvents > 0 ? growth(growthEvents) : null,
  };
}

function table(result: ReturnType<typeof bench>): string {
  const lines = [`workload pair, ${result.rounds} rounds, medians; ${result.machine.processor} x${result.machine.processors}, Node ${result.machine.node}, load ${result.machine.load[0]?.toFixed(1)}`, ''];
  lines.push(`${'form'.padEnd(8)} ${'engine'.padEnd(38)} ${'M ev/s'.padStart(8)} ${'ratio'.padStart(6)}  (least to greatest)  against`);
  for (const { form, name, millionEventsPerSecond, ratio: share, against } of result.rows) {
    lines.push(`${form.padEnd(8)} ${name.padEnd(38)} ${millionEventsPerSecond.toFixed(2).padStart(8)} ${share.median.toFixed(2).padStart(6)}  (${share.least.toFixed(2)} to ${share.greatest.toFixed(2)})  ${against}`);
  }
  if (result.growth !== null) {
    const mb = (values: readonly number[]): string => values.map((value) => (value / 1e6).toFixed(1)).join(' ');
    lines.push('', `memory over ${result.growth.events / 1e6} M events, after each tenth, MB`, `  heap     ${mb(result.growth.heapBytes)}`, `  buffers  ${mb(result.growth.bufferBytes)}`, `  image    ${mb([result.growth.imageBytes])}`);
  }
  lines.push('', `same answer from all: ${result.answer.matches} matches from NDJSON, checksum ${result.answer.checksum}`, `not measured: ${result.notMeasured.join('; ')}`);
  return `${lines.join('\n')}\n`;
}

if (import.meta.main) {
  const result = bench();
  process.stdout.write(table(result));
  const folder = new URL('results/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL('pair.json', folder), `${JSON.stringify(result, null, 2)}\n`);
}
