import { documentWiring, type WireJob } from '@tidemark/cluster';
import { CepOperator, MatchFormatter } from '@tidemark/cep';
import { MemoryByteSource } from '@tidemark/connectors';
import type { KeyedOperator, OutputLine } from '@tidemark/dataflow';
import { type JobDocument, type JobDocumentInput, type ValidatedJob, validateDocument, zJobDocument } from '@tidemark/pattern';
import { describe, expect, it } from 'vitest';
import { runWorld } from './world.ts';

const EVENTS = 40_000;

const document: JobDocument = zJobDocument.parse({
  format: 'tidemark-job', version: 1, id: 'pair', name: 'pair',
  schema: { fields: [{ name: 'ts', type: 'int' }, { name: 'type', type: 'string' }, { name: 'key', type: 'string' }], time: { field: 'ts', format: 'epoch-ms' } },
  source: { kind: 'generator', generator: 'pair', seed: 7, events: EVENTS, baseTime: 1_000, rate: { kind: 'unlimited' } },
  patterns: [{
    id: 'pair', name: 'pair',
    // Every row starts or moves something, so that every row would be copied if it had to wait.
    nodes: [
      { type: 'ATOMIC', id: 'a', name: 'a', condition: { type: 'CEL', expression: "event.type < 'f'" } },
      { type: 'ATOMIC', id: 'b', name: 'b', condition: { type: 'CEL', expression: "event.type >= 'f'" } },
    ],
    edges: [{ source: 'a', target: 'b', type: 'SKIP_TILL_NEXT' }],
    window: { type: 'FIRST_AND_LAST', time: { unit: 'MILLISECONDS', size: 100 } }, key: ['key'],
  }],
  parallelism: 2,
} as JobDocumentInput);

describe('the engine in a running job', () => {
  it('[OT5] gets batch and watermark together, also over links between workers: only rows that have to wait are copied', async () => {
    const job = validateDocument(document, { forDeployment: true }).job as ValidatedJob;
    const wireDocument = documentWiring(() => new MemoryByteSource(new Uint8Array()));
    const operators: CepOperator[] = [];
    const calls = { batches: 0, together: 0, rows: 0 };
    const wire: WireJob = (spec) => {
      const wiring = wireDocument(spec);
      const createOperator = (write: (line: OutputLine) => void): KeyedOperator => {
        const formatter = new MatchFormatter(job);
        const operator = new CepOperator(job, (match) => write(formatter.format(match)));
        operators.push(operator);
        return {
          processBatch: (batch, watermark) => {
            calls.batches += 1;
            calls.rows += batch.length;
            if (watermark !== undefined) calls.together += 1;
            operator.processBatch(batch, watermark);
          },
          processWatermark: (watermark) => operator.processWatermark(watermark),
          snapshot: () => operator.snapshot(),
          restore: (images, keyGroups) => operator.restore(images, keyGroups),
          stageFigures: () => operator.stageFigures(),
        };
      };
      return { ...wiring, exchanges: wiring.exchanges.map((exchange) => ({ ...exchange, createOperator })) };
    };
    const world = await runWorld({
      seed: 3, document, wire, workers: 2, faults: [], broken: null, trace: null,
      machine: { linkDelayMs: 20, diskDelayMs: 1, diskErrors: 0, closeDelayMs: 0 },
    });
    expect([world.state, world.violations]).toEqual(['FINISHED', []]);
    expect(world.lines.length).toBeGreaterThan(1_000);
    expect(operators).toHaveLength(2);
    expect(calls.rows).toBe(EVENTS);
    expect(calls.together).toBeGreaterThan(calls.batches * 0.95);
    // 100 events have one time, and those of the newest time of a batch have to wait: a tenth. Apart, all of them would.
    const copied = operators.reduce((sum, operator) => sum + operator.copiedRows, 0);
    expect(copied).toBeLessThan(EVENTS * 0.15);
  });
});
