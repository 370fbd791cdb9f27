/**
 * Jobs with real patterns: the production wiring of documents over generated lines, with the production matcher.
 *
 * The documents together have every link, quantifier, skip strategy and kind of output of this version's width, with and
 * without keys. Several splits, as of a list of files, make barriers align and watermarks meet.
 */
import { documentWiring, type JobSpec, type JobWiring } from '@tidemark/cluster';
import { FileSplitReader, MemoryByteSource } from '@tidemark/connectors';
import { type JobDocument, type JobDocumentInput, type PatternNodeInput, zJobDocument } from '@tidemark/pattern';
import { Random } from '@tidemark/testkit';

type Edge = 'STRICT' | 'SKIP_TILL_NEXT' | 'SKIP_TILL_ANY' | 'NOT_NEXT' | 'NOT_FOLLOW';
type PatternInput = JobDocumentInput['patterns'][number];
interface Stage {
  readonly name: string;
  readonly link?: Edge;
  readonly where: string;
  readonly quantifier?: PatternNodeInput['quantifier'];
}

function pattern(name: string, stages: readonly Stage[], more: Partial<PatternInput> = {}): PatternInput {
  return {
    id: name, name,
    nodes: stages.map((stage) => ({ type: 'ATOMIC', id: stage.name, name: stage.name, condition: { type: 'CEL', expression: stage.where }, ...(stage.quantifier ? { quantifier: stage.quantifier } : {}) })),
    edges: stages.slice(1).map((stage, index) => ({ source: (stages[index] as Stage).name, target: stage.name, type: stage.link ?? 'SKIP_TILL_NEXT' })),
    window: { type: 'FIRST_AND_LAST', time: { unit: 'MILLISECONDS', size: 40 } },
    key: ['k'],
    ...more,
  };
}

const is = (name: string): string => `event.name == '${name}'`;
const pastLast = { type: 'SKIP_PAST_LAST_EVENT' } as const;
const timedOut = { timedOut: true } as const;

export const SIMULATED_PATTERNS: readonly PatternInput[] = [
  pattern('next', [{ name: 'a', where: is('a') }, { name: 'b', where: is('b'), link: 'STRICT' }], { output: { text: '{a[0].v} then {b[0].v}' } }),
  pattern('followed-past-last', [{ name: 'a', where: is('a') }, { name: 'b', where: `${is('b')} && event.v > a[0].v` }], { afterMatchStrategy: pastLast, output: timedOut }),
  pattern('followed-by-any', [{ name: 'a', where: is('a') }, { name: 'b', where: is('b'), link: 'SKIP_TILL_ANY' }, { name: 'c', where: is('c') }]),
  pattern('one-or-more-greedy', [
    { name: 'a', where: is('a'), quantifier: { properties: ['LOOPING', 'GREEDY'], times: { from: 1, to: 1 } } }, { name: 'b', where: is('b') },
  ], { afterMatchStrategy: pastLast, output: { ...timedOut, text: '{size(a)} times' } }),
  pattern('times-consecutive', [
    { name: 'a', where: 'event.v > 1.0', quantifier: { consumingStrategy: 'STRICT', properties: ['TIMES'], times: { from: 2, to: 3 } } }, { name: 'b', where: is('b') },
  ], { output: timedOut }),
  pattern('combinations', [
    { name: 'a', where: is('a') },
    { name: 'm', where: is('b'), quantifier: { consumingStrategy: 'SKIP_TILL_ANY', properties: ['LOOPING', 'OPTIONAL'], times: { from: 2, to: 2 } } }, { name: 'c', where: is('c') },
  ], { key: ['k', 'name2'] }),
  pattern('not-between', [{ name: 'a', where: is('a') }, { name: 'n', where: is('c'), link: 'NOT_FOLLOW' }, { name: 'b', where: is('b') }], { afterMatchStrategy: pastLast }),
  pattern('not-next', [{ name: 'a', where: is('a') }, { name: 'n', where: is('a'), link: 'NOT_NEXT' }, { name: 'b', where: is('b') }], { key: [] }),
  pattern('absence', [{ name: 'a', where: is('a') }, { name: 'n', where: is('b'), link: 'NOT_FOLLOW' }], { output: { text: 'no b after {a[0].v}' } }),
  pattern('sum', [
    { name: 'a', where: 'sum(a.map(x, x.v)) + event.v < 6.0', quantifier: { properties: ['LOOPING'], times: { from: 1, to: 1 } } }, { name: 'c', where: is('c') },
  ], { afterMatchStrategy: pastLast, advanceEveryKey: true, output: timedOut }),
  // What times out here hangs on where watermarks stand.
  pattern('gaps', [{ name: 'a', where: is('a') }, { name: 'b', where: is('b') }, { name: 'c', where: is('c') }], {
    window: { type: 'PREVIOUS_AND_CURRENT', time: { unit: 'MILLISECONDS', size: 15 } }, output: timedOut,
  }),
  pattern('tie-break', [{ name: 'a', where: is('a') }, { name: 'b', where: `${is('b')} && event.v >= a[0].v`, link: 'STRICT' }], {
    tieBreak: [{ field: 'v', order: 'DESC' }, { field: 'name' }], key: [],
  }),
];

/** By name: patterns that run in one job. Each alone, and some together, with keys that are the same and keys that are not. */
export const SIMULATED_JOBS: readonly { readonly name: string; readonly patterns: readonly PatternInput[] }[] = [
  ...SIMULATED_PATTERNS.map((one) => ({ name: one.name, patterns: [one] })),
  { name: 'several', patterns: together('next', 'combinations', 'absence', 'not-next', 'sum') },
  // `name2` is not in every event: only the pattern whose key it is goes without those
  // kept in one store; the last ones gather runs, and move out of it
  { name: 'small', patterns: [
    ...['a', 'b', 'c'].map((name, i) => pattern(`small-${name}`, [{ name: 'x', where: is(name) }, { name: 'y', where: `${is('abca'[i + 1] as string)} && event.v > ${i}.0` }], { output: { late: i === 1 } })),
    pattern('small-not', [{ name: 'a', where: is('a') }, { name: 'n', where: is('c'), link: 'NOT_FOLLOW' }, { name: 'b', where: `${is('b')} && event.name2 == 'x'` }]),
    ...['a', 'b'].map((name) => pattern(`gathering-${name}`, [{ name: 'x', where: is(name) }, { name: 'y', where: `${is('c')} && event.v == 4.0 && event.name2 == 'y'` }], {
      window: { type: 'FIRST_AND_LAST', time: { unit: 'MILLISECONDS', size: 5_000 } },
    })),
  ] },
  { name: 'several-with-gaps', patterns: together('followed-past-last', 'combinations').map((one) => ({ ...one, output: { ...one.output, late: one.id === 'combinations' } })) },
];

function together(...names: readonly string[]): readonly PatternInput[] {
  return names.map((name) => SIMULATED_PATTERNS.find((one) => one.name === name) as PatternInput);
}

export interface PatternJob {
  readonly seed: number;
  /** Index in SIMULATED_JOBS. */
  readonly pattern: number;
  readonly events: number;
  readonly splits: number;
  readonly parallelism: number;
  readonly keys: number;
  readonly outOfOrdernessMs: number;
  readonly intervalMs: number;
  readonly retained: number;
  readonly rate: NonNullable<JobDocumentInput['source']>['rate'];
}

/** The generated part (seed, splits …) stands in the document's name: the document has no place for it. */
export function patternDocument(job: PatternJob): JobDocument {
  return zJobDocument.parse({
    format: 'tidemark-job', version: 1, id: 'simulated', name: JSON.stringify(job),
    schema: {
      fields: [{ name: 't', type: 'int' }, { name: 'k', type: 'string' }, { name: 'name', type: 'string' }, { name: 'name2', type: 'string', optional: isWithGaps(job) }, { name: 'v', type: 'double' }],
      time: { field: 't', format: 'epoch-ms' },
    },
    source: { kind: 'file', path: 'generated', format: 'ndjson', rate: job.rate },
    outOfOrdernessMs: job.outOfOrdernessMs,
    patterns: SIMULATED_JOBS[job.pattern]?.patterns,
    parallelism: job.parallelism, maxParallelism: 16,
    checkpointing: { intervalMs: job.intervalMs, retained: job.retained },
    restart: { kind: 'fixed-delay', delayMs: 20 },
  } as JobDocumentInput);
}

const isWithGaps = (job: PatternJob): boolean => SIMULATED_JOBS[job.pattern]?.name === 'several-with-gaps';

/** Lines of one split: mostly in order, some late, a few that are no events. */
function linesOf(job: PatternJob, split: number): Uint8Array {
  const random = new Random(job.seed * 31 + split);
  const lines: string[] = [];
  for (let position = 0; position < job.events; position += 1) {
    if (random.chance(0.03)) {
      lines.push(random.pick(['{"t":', '[]', '{"t":"soon","k":"k1","name":"a","name2":"x","v":1}', '{"t":5}', '']));
      continue;
    }
    const t = 1_000 + position * 3 + random.between(-job.outOfOrdernessMs - 3, job.outOfOrdernessMs);
    lines.push(JSON.stringify({ t, k: `k${random.between(1, job.keys)}`, name: random.pick(['a', 'b', 'c', 'a', 'b']), name2: isWithGaps(job) && random.chance(0.3) ? undefined : random.pick(['x', 'y']), v: random.between(0, 8) / 2 }));
  }
  return new TextEncoder().encode(`${lines.join('\n')}\n`);
}

const wireDocument = documentWiring(() => new MemoryByteSource(new Uint8Array()));

export function wirePatternJob(spec: JobSpec): JobWiring {
  const job = JSON.parse(spec.document.name) as PatternJob;
  const wiring = wireDocument({ ...spec, sourcePath: Array.from({ length: job.splits }, (_, split) => `generated/${split}`) });
  const [first, ...others] = spec.document.patterns;
  const keyFields = first?.key.filter((field) => others.every(({ key }) => key.includes(field))) ?? [];
  return {
    ...wiring,
    createReader: (split, deadLetter) => {
      const reader = new FileSplitReader(new MemoryByteSource(linesOf(job, split)), 'ndjson', wiring.schema, {
        split, keyFields, deadLetter, chunkBytes: 200 + split * 100,
      });
      // Small portions: many batches on their way, and channels that fill up.
      const rowsMax = 2 + (job.seed % 7);
      return {
        poll: (batch) => reader.poll(batch, rowsMax),
        snapshot: () => reader.snapshot(), restore: (position) => reader.restore(position), progress: () => reader.progress(), close: () => reader.close(),
      };
    },
  };
}
