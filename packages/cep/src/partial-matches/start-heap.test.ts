import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JavaPriorityQueue } from '../reference/java-priority-queue.ts';
import { heapAdd, heapPoll, heapPrune } from './start-heap.ts';

type Step = { readonly kind: 'add'; readonly key: number } | { readonly kind: 'poll' } | { readonly kind: 'prune'; readonly limit: number; readonly inclusive: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('add' as const), key: fc.integer({ min: 0, max: 9 }) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'poll' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('prune' as const), limit: fc.integer({ min: 0, max: 9 }), inclusive: fc.boolean() }) },
);

describe('start heap', () => {
  it('[SH1] the array is that of the naive Java queue after every step, whatever the stride and offset', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 120 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 5 }), (steps, stride, at) => {
      const keys = new Float64Array(121 * stride);
      const data = new Int32Array(200);
      const model = new JavaPriorityQueue<number>((a, b) => (keys[a * stride] as number) - (keys[b * stride] as number));
      let length = 0;
      let next = 0;
      for (const one of steps) {
        if (one.kind === 'add') {
          keys[next * stride] = one.key;
          model.add(next);
          heapAdd(data, at, length, next, keys, stride);
          length += 1;
          next += 1;
        } else if (one.kind === 'poll') {
          if (length === 0) continue;
          expect(heapPoll(data, at, length, keys, stride)).toBe(model.poll());
          length -= 1;
        } else {
          const gone: number[] = [];
          const falls = (element: number): boolean => (keys[element * stride] as number) < one.limit || (one.inclusive && keys[element * stride] === one.limit);
          const expected = [...model.items].filter(falls);
          model.removeWhere(falls);
          length = heapPrune(data, at, length, keys, stride, one.limit, one.inclusive, (element) => gone.push(element));
          expect(gone).toEqual(expected);
        }
        expect([...data.subarray(at, at + length)]).toEqual([...model.items]);
      }
    }), { numRuns: 300 });
  });
});
