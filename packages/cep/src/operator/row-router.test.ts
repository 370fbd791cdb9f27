import { type EventTime, WATERMARK_MAX, eventTime } from '@tidemark/core';
import { EventBatch, appendObject } from '@tidemark/event';
import { type ValidatedJob, validateDocument, zJobDocument } from '@tidemark/pattern';
import { Random } from '@tidemark/testkit';
import { describe, expect, it } from 'vitest';
import { MatchFormatter } from '../after-match/match-formatter.ts';
import { CepOperator } from './cep-operator.ts';
import { PatternsOperator } from './patterns-operator.ts';

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

function rules(random: Random, free: number): ValidatedJob {
  const patterns = Array.from({ length: random.between(4, 9) }, (_, pattern) => {
    const stages = random.between(2, 3);
    const nodes = Array.from({ length: stages }, (__, i) => ({
      type: 'ATOMIC', id: `s${i}`, name: `s${i}`,
      condition: { type: 'CEL', expression: (CONDITIONS[random.chance(free) ? 4 : random.between(0, 3)] as (random: Random) => string)(random) },
    }));
    const edges = nodes.slice(1).map(({ id }, i) => ({ source: `s${i}`, target: id, type: random.pick(['SKIP_TILL_NEXT', 'SKIP_TILL_NEXT', 'SKIP_TILL_ANY', 'STRICT']) }));
    return {
      id: `p${pattern}`, name: `p${pattern}`, nodes, edges, key: ['host'],
      window: { type: 'FIRST_AND_LAST', time: { unit: 'MILLISECONDS', size: random.between(2, 60) } },
      ...(random.chance(0.3) ? { output: { timedOut: true } } : {}), ...(random.chance(0.1) ? { output: { late: true } } : {}),
      ...(random.chance(0.2) ? { afterMatchStrategy: { type: 'SKIP_PAST_LAST_EVENT' } } : {}),
    };
  });
  const { job, issues } = validateDocument(zJobDocument.parse({
    format: 'tidemark-job', version: 1, id: 'rules', name: 'rules', patterns,
    schema: {
      fields: [{ name: 'ts', type: 'int' }, { name: 'host', type: 'string' }, { name: 'kind', type: 'string' }, { name: 'process', type: 'string' }, { name: 'bytes', type: 'double' }],
      time: { field: 'ts', format: 'epoch-ms' },
    },
  }));
  if (job === null) throw new Error(JSON.stringify(issues));
  return job;
}

interface Step { readonly batch: EventBatch; readonly watermark: EventTime | undefined }

/** Batches with rows out of order, late now and then, each with its watermark or without. */
function steps(job: ValidatedJob, random: Random, from: number): Step[] {
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
        ts: at, host: `h${random.between(0, 2)}`, bytes: random.between(0, 10),
        kind: random.pick(KINDS), process: random.pick(PROCESSES),
      }, at, position);
    }
    return { batch: filled, watermark: random.chance(0.8) ? eventTime(newest - random.between(1, 5)) : undefined };
  });
}

function lines(job: ValidatedJob, all: readonly Step[], make: (write: ConstructorParameters<typeof CepOperator>[1]) => { processBatch(batch: EventBatch, watermark?: EventTime): void; processWatermark(watermark: EventTime): void }): string[][] {
  const formatters = job.patterns.map((_, pattern) => new MatchFormatter(job, pattern));
  const found: string[][] = job.patterns.map(() => []);
  const operator = make((match) => { found[match.pattern]?.push((formatters[match.pattern] as MatchFormatter).format(match).line); });
  for (const { batch, watermark } of all) operator.processBatch(batch, watermark);
  operator.processWatermark(WATERMARK_MAX);
  return found;
}

describe('many patterns over the same rows', () => {
  it('[RR1] a pattern that is given only rows that may matter gives what it gives over all rows', () => {
    let matches = 0;
    let routed = 0;
    for (let seed = 1; seed <= 150; seed += 1) {
      const random = new Random(seed);
      const job = rules(random, seed % 3 === 0 ? 0.2 : 0);
      const all = steps(job, random, seed % 5 === 0 ? -20 : 1_000);
      const together = lines(job, all, (write) => new PatternsOperator(job, job.patterns.map((_, i) => i), write));
      const apart = job.patterns.map((_, pattern) => lines(job, all, (write) => new CepOperator(job, write, { pattern }))[pattern]);
      expect({ seed, together }).toEqual({ seed, together: apart });
      matches += together.flat().length;
      routed += new PatternsOperator(job, job.patterns.map((_, i) => i), () => undefined).routed;
    }
    expect(matches).toBeGreaterThan(2_000);
    expect(routed).toBeGreaterThan(200);
  });

  it('[RR2] imaged in the middle and continued, the same', () => {
    for (let seed = 500; seed < 560; seed += 1) {
      const random = new Random(seed);
      const job = rules(random, 0);
      const all = steps(job, random, 1_000);
      const of = job.patterns.map((_, i) => i);
      const whole = lines(job, all, (write) => new PatternsOperator(job, of, write));
      const halved = lines(job, all, (write) => {
        let operator = new PatternsOperator(job, of, write);
        let done = 0;
        return {
          processBatch: (batch, watermark) => {
            operator.processBatch(batch, watermark);
            done += 1;
            if (done !== 15) return;
            const image = operator.snapshot();
            operator = new PatternsOperator(job, of, write);
            operator.restore([image], { start: 0, end: 128 });
          },
          processWatermark: (watermark) => operator.processWatermark(watermark),
        };
      });
      expect({ seed, halved }).toEqual({ seed, halved: whole });
    }
  });

  it('[RR3] a condition that several patterns have is computed once for a batch', () => {
    const stage = (id: string, expression: string) => ({ type: 'ATOMIC' as const, id, name: id, condition: { type: 'CEL' as const, expression } });
    const { job } = validateDocument(zJobDocument.parse({
      format: 'tidemark-job', version: 1, id: 'rules', name: 'rules',
      patterns: [0, 1, 2].map((i) => ({
        id: `p${i}`, name: `p${i}`, key: [], nodes: [stage('a', i === 2 ? 'event.bytes>5.0' : 'event.bytes > 5.0'), stage('b', 'event.bytes < 2.0')],
        edges: [{ source: 'a', target: 'b', type: 'SKIP_TILL_NEXT' }], window: { type: 'FIRST_AND_LAST', time: { unit: 'SECONDS', size: 1 + i } },
      })),
      schema: { fields: [{ name: 'ts', type: 'int' }, { name: 'bytes', type: 'double' }], time: { field: 'ts', format: 'epoch-ms' } },
    }));
    let matches = 0;
    const operator = new PatternsOperator(job as ValidatedJob, [0, 1, 2], () => { matches += 1; });
    for (let round = 0; round < 10; round += 1) {
      const batch = new EventBatch((job as ValidatedJob).schema, 4);
      [9, 1, 9, 1].forEach((bytes, i) => appendObject(batch, { ts: 100 + round * 10 + i, bytes }, 100 + round * 10 + i, round * 4 + i));
      operator.processBatch(batch, eventTime(100 + round * 10 + 3));
    }
    expect(matches).toBe(3 * 20);
    expect(operator.shared.computed).toBe(10 * 2);
  });
});
