import { describe, expect, it } from 'vitest';
import { channelEnds, channelOf, keyGroupsOf, tasksOf } from './execution-graph.ts';

const shape = { splits: 2, maxParallelism: 16, exchanges: [{ parallelism: 3 }, { parallelism: 1 }, { parallelism: 2 }] };

describe('execution graph', () => {
  it('[EG1] numbers every channel once, and finds its ends again', () => {
    const seen = new Set<number>();
    shape.exchanges.forEach(({ parallelism }, exchange) => {
      for (let source = 0; source < shape.splits; source += 1) {
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
});
