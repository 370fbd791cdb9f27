import { eventTime } from '@tidemark/core';
import { EventBatch, appendObject } from '@tidemark/event';
import { type ValidatedJob, validateDocument, zJobDocument } from '@tidemark/pattern';
import { Random } from '@tidemark/testkit';
import { describe, expect, it } from 'vitest';
import { lines, rules, steps } from '../../test/rules-under-test.ts';
import { CepOperator } from '../operator/cep-operator.ts';
import { PatternsOperator } from './patterns-operator.ts';

describe('many patterns over the same rows', () => {
  it('[RR1] a pattern that is given only rows that may matter gives what it gives over all rows', () => {
    let matches = 0;
    let routed = 0;
    let packed = 0;
    for (let seed = 1; seed <= 60; seed += 1) {
      const random = new Random(seed);
      const job = rules(random, { free: seed % 3 === 0 ? 0.2 : 0, timedOut: seed % 4 === 0 ? 1 : 0.3 });
      const all = steps(job, random, seed % 5 === 0 ? -20 : 1_000);
      const together = lines(job, all, (write) => new PatternsOperator(job, job.patterns.map((_, i) => i), write));
      const apart = job.patterns.map((_, pattern) => lines(job, all, (write) => new CepOperator(job, write, { pattern }))[pattern]);
      expect({ seed, together }).toEqual({ seed, together: apart });
      matches += together.flat().length;
      const operator = new PatternsOperator(job, job.patterns.map((_, i) => i), () => undefined);
      routed += operator.routed;
      packed += operator.packed;
    }
    expect(matches).toBeGreaterThan(2_000);
    expect(routed).toBeGreaterThan(80);
    expect(packed).toBeGreaterThan(50);
  });

  it('[RR2] imaged in the middle and continued, the same', () => {
    for (let seed = 500; seed < 530; seed += 1) {
      const random = new Random(seed);
      const job = rules(random);
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
