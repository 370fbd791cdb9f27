/** For tests: jobs of many patterns of the form of detection rules, and batches for them out of order, late now and then. */
import { type EventTime, WATERMARK_MAX, eventTime } from '@tidemark/core';
import { EventBatch, appendObject } from '@tidemark/event';
import { type ValidatedJob, validateDocument, zJobDocument } from '@tidemark/pattern';
import type { Random } from '@tidemark/testkit';
import { MatchFormatter } from '../src/after-match/match-formatter.ts';
import type { CepOperator } from '../src/operator/cep-operator.ts';

const KINDS = ['open', 'close', 'copy', 'other'];
const PROCESSES = ['a.exe', 'b.exe'];
const CONDITIONS = [
  (random: Random) => `event.kind == '${random.pick(KINDS)}' && event.process == '${random.pick(PROCESSES)}'`,
  (random: Random) => `'${random.pick(KINDS)}' == event.kind && event.bytes > ${random.between(0, 9)}.0`,
  (random: Random) => `event.process == '${random.pick(PROCESSES)}' && (event.bytes > 5.0 || event.kind == 'copy')`,
  (random: Random) => `event.kind == '${random.pick(KINDS)}'`,
  // one that names no text
  (random: Random) => `event.bytes > ${random.between(4, 9)}.0`,
];

export interface RulesOptions {
  /** Chance of a condition that names no text. */
  readonly free?: number;
  /** Chance of a pattern whose time-outs go out: it has an operator of its own. */
  readonly timedOut?: number;
  /** Some events have no kind, and conditions ask whether there is one. */
  readonly absent?: boolean;
  /** Chance of a skip strategy. */
  readonly skip?: number;
  readonly windowMs?: number;
  /** The last stage of a pattern wants a kind that seldom comes, so that runs gather. */
  readonly rare?: boolean;
  /** Whether runs may branch. */
  readonly any?: boolean;
}

export function rules(random: Random, { free = 0, timedOut = 0.3, absent = false, skip = 0.2, windowMs = 60, any = true, rare = false }: RulesOptions = {}): ValidatedJob {
  const guarded = (condition: string): string => (absent && condition.includes('event.kind') ? `has(event.kind) && ${condition}` : condition);
  const patterns = Array.from({ length: random.between(5, 12) }, (_, pattern) => {
    const stages = random.between(2, 3);
    const nodes = Array.from({ length: stages }, (__, i) => ({
      type: 'ATOMIC', id: `s${i}`, name: `s${i}`,
      condition: { type: 'CEL', expression: rare && i === stages - 1 ? "event.kind == 'rare'" : guarded((CONDITIONS[random.chance(free) ? 4 : random.between(0, 3)] as (random: Random) => string)(random)) },
    }));
    const edges = nodes.slice(1).map(({ id }, i) => ({ source: `s${i}`, target: id, type: random.pick(['SKIP_TILL_NEXT', 'SKIP_TILL_NEXT', 'SKIP_TILL_NEXT', any ? 'SKIP_TILL_ANY' : 'SKIP_TILL_NEXT', 'STRICT', ...(i === stages - 2 ? [] : ['NOT_FOLLOW'])]) }));
    return {
      id: `p${pattern}`, name: `p${pattern}`, nodes, edges, key: ['host'],
      window: { type: 'FIRST_AND_LAST', time: { unit: 'MILLISECONDS', size: random.between(2, windowMs) } },
      ...(random.chance(timedOut) ? { output: { timedOut: true } } : {}), ...(random.chance(0.1) ? { output: { late: true } } : {}),
      ...(random.chance(skip) ? { afterMatchStrategy: { type: 'SKIP_PAST_LAST_EVENT' } } : {}),
    };
  });
  const { job, issues } = validateDocument(zJobDocument.parse({
    format: 'tidemark-job', version: 1, id: 'rules', name: 'rules', patterns,
    schema: {
      fields: [{ name: 'ts', type: 'int' }, { name: 'host', type: 'string' }, { name: 'kind', type: 'string', ...(absent ? { optional: true } : {}) }, { name: 'process', type: 'string' }, { name: 'bytes', type: 'double' }],
      time: { field: 'ts', format: 'epoch-ms' },
    },
  }));
  if (job === null) throw new Error(JSON.stringify(issues));
  return job;
}

export interface Step { readonly batch: EventBatch; readonly watermark: EventTime | undefined }

/** Batches with rows out of order, late now and then, each with its watermark or without. */
export function steps(job: ValidatedJob, random: Random, from: number, { absent = false, hosts = 3 }: { readonly absent?: boolean; readonly hosts?: number } = {}): Step[] {
  let time = from;
  let newest = from;
  let position = 0;
  let batch = new EventBatch(job.schema, 64);
  return Array.from({ length: 30 }, () => {
    if (random.chance(0.2)) batch = new EventBatch(job.schema, 64);
    const filled = new EventBatch(job.schema, 64, batch.columns.map((column) => (column.kind === 'string' ? column.dictionary : undefined)));
    const disorder = random.chance(0.5) ? random.between(0, 6) : 0;
    for (let rows = random.between(0, 40); rows > 0; rows -= 1, position += 1) {
      time += random.between(0, 2);
      const at = time - random.between(0, disorder);
      newest = Math.max(newest, at);
      appendObject(filled, {
        ts: at, host: `h${random.between(0, hosts - 1)}`, bytes: random.between(0, 10),
        ...(absent && random.chance(0.1) ? {} : { kind: random.chance(0.01) ? 'rare' : random.pick(KINDS) }), process: random.pick(PROCESSES),
      }, at, position);
    }
    return { batch: filled, watermark: random.chance(0.8) ? eventTime(newest - random.between(1, 5)) : undefined };
  });
}

export interface Fed {
  processBatch(batch: EventBatch, watermark?: EventTime): void;
  processWatermark(watermark: EventTime): void;
}

/** Lines by pattern, in their order. */
export function lines(job: ValidatedJob, all: readonly Step[], make: (write: ConstructorParameters<typeof CepOperator>[1]) => Fed): string[][] {
  const formatters = job.patterns.map((_, pattern) => new MatchFormatter(job, pattern));
  const found: string[][] = job.patterns.map(() => []);
  const operator = make((match) => { found[match.pattern]?.push((formatters[match.pattern] as MatchFormatter).format(match).line); });
  for (const { batch, watermark } of all) operator.processBatch(batch, watermark);
  operator.processWatermark(WATERMARK_MAX);
  return found;
}
