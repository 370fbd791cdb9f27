import { eventTime, jobId } from '@tidemark/core';
import { MemoryByteSource } from '@tidemark/connectors';
import { EventBatch, appendObject } from '@tidemark/event';
import { type JobDocumentInput, zJobDocument } from '@tidemark/pattern';
import { describe, expect, it } from 'vitest';
import { documentWiring } from './document-wiring.ts';

const pattern = (id: string, key: readonly string[]) => ({
  id, name: id, key, nodes: [{ type: 'ATOMIC', id: 'a', name: 'a' }, { type: 'ATOMIC', id: 'b', name: 'b', condition: { type: 'CEL', expression: 'event.ts < 0' } }],
  edges: [{ source: 'a', target: 'b', type: 'SKIP_TILL_NEXT' }], window: { type: 'FIRST_AND_LAST', time: { unit: 'SECONDS', size: 100 } },
});

function wired(parallelism: number, patterns: readonly object[]) {
  const document = zJobDocument.parse({
    format: 'tidemark-job', version: 1, id: 'j', name: 'j', parallelism,
    schema: { fields: [{ name: 'ts', type: 'int' }, { name: 'k', type: 'string' }], time: { field: 'ts', format: 'epoch-ms' } },
    source: { kind: 'generator', generator: 'pair', seed: 1, events: 1 }, patterns, limits: { partialMatchesPerJob: 12 },
  } as unknown as JobDocumentInput);
  return documentWiring(() => new MemoryByteSource(new Uint8Array()))({ jobId: jobId('j'), document, sourcePath: null, baseTime: 0, ignoreRate: false, outputPath: null });
}

describe('documentWiring', () => {
  it.each([
    [1, [pattern('p', ['k'])], 12], [4, [pattern('p', [])], 12], [4, [pattern('p', ['k'])], 3], [2, [pattern('p', ['k']), pattern('q', [])], 4],
  ])('[JW1] parallelism %i: limits of the job are shared out to the subtasks of all its exchanges', (parallelism, patterns, share) => {
    const { exchanges, schema } = wired(parallelism, patterns);
    const rows = (count: number): EventBatch => {
      const batch = new EventBatch(schema, count);
      for (let i = 0; i < count; i += 1) appendObject(batch, { ts: i + 1, k: 'u' }, i + 1, i);
      return batch;
    };
    for (const exchange of exchanges) {
      expect(() => exchange.createOperator(() => undefined).processBatch(rows(share), eventTime(share + 1))).not.toThrow();
      expect(() => exchange.createOperator(() => undefined).processBatch(rows(share + 1), eventTime(share + 1))).toThrow(`more than ${share} partial matches`);
    }
  });
});
