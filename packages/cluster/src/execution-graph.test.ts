import { describe, expect, it } from 'vitest';
import { type JobDocumentInput, validateDocument, zJobDocument } from '@tidemark/pattern';
import { sourceShape } from './document-wiring.ts';
import { channelEnds, channelOf, keyGroupsOf, tasksOf } from './execution-graph.ts';

const shape = { sources: 2, maxParallelism: 16, exchanges: [{ parallelism: 3 }, { parallelism: 1 }, { parallelism: 2 }] };

describe('execution graph', () => {
  it('[EG1] numbers every channel once, and finds its ends again', () => {
    const seen = new Set<number>();
    shape.exchanges.forEach(({ parallelism }, exchange) => {
      for (let source = 0; source < shape.sources; source += 1) {
        for (let match = 0; match < parallelism; match += 1) {
          const channel = channelOf(shape, { source, exchange, match });
          seen.add(channel);
          expect(channelEnds(shape, channel)).toEqual({ source, exchange, match });
        }
      }
    });
    expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, channel) => channel));
    expect(() => channelEnds(shape, 12)).toThrow('no channel 12');
  });

  it('[EG1] a task for each source and each matcher of each exchange; key groups are shared out within an exchange', () => {
    expect(tasksOf(shape as never).map(({ name }) => name)).toEqual(['source/0', 'source/1', 'match/0', 'match/1', 'match/2', 'match2/0', 'match3/0', 'match3/1']);
    expect(keyGroupsOf(shape, { exchange: 1, match: 0 })).toEqual({ start: 0, end: 16 });
    expect(keyGroupsOf(shape, { exchange: 2, match: 1 })).toEqual({ start: 8, end: 16 });
  });

  it('[EG2] splits are shared out where it cannot matter, and merged in one place where it can', () => {
    const shapeOf = (pattern: Partial<JobDocumentInput['patterns'][number]>, files = 5) => {
      const { job } = validateDocument(zJobDocument.parse({
        format: 'tidemark-job', version: 1, id: 'j', name: 'J', parallelism: 3,
        schema: { fields: [{ name: 't', type: 'int' }], time: { field: 't', format: 'epoch-ms' } },
        source: { kind: 'file', format: 'csv', files: [{ path: '*.csv' }] },
        patterns: [{ id: 'p', name: 'P', nodes: [{ type: 'ATOMIC', id: 'a', name: 'a' }, { type: 'ATOMIC', id: 'b', name: 'b' }], edges: [{ source: 'a', target: 'b', type: 'SKIP_TILL_NEXT' }], ...pattern }],
      }));
      if (job === null) throw new Error('not valid');
      return sourceShape(job, Array.from({ length: files }, (_, file) => `${file}.csv`));
    };
    const window = (type: 'FIRST_AND_LAST' | 'PREVIOUS_AND_CURRENT') => ({ type, time: { unit: 'SECONDS' as const, size: 1 } });
    const pastLast = { type: 'SKIP_PAST_LAST_EVENT' as const };
    expect(shapeOf({ window: window('FIRST_AND_LAST') })).toEqual({ splits: 5, sources: 3 });
    expect(shapeOf({ window: window('FIRST_AND_LAST') }, 2)).toEqual({ splits: 2, sources: 2 });
    expect(shapeOf({ afterMatchStrategy: pastLast })).toEqual({ splits: 5, sources: 3 });
    expect(shapeOf({ window: window('FIRST_AND_LAST'), afterMatchStrategy: pastLast })).toEqual({ splits: 5, sources: 1 });
    expect(shapeOf({ window: window('PREVIOUS_AND_CURRENT') })).toEqual({ splits: 5, sources: 1 });
    expect(shapeOf({ window: window('PREVIOUS_AND_CURRENT'), advanceEveryKey: true })).toEqual({ splits: 5, sources: 3 });
  });
});
