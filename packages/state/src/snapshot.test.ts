import { attempt, checkpointId, epoch } from '@tidemark/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SnapshotCorrupt, decodeSnapshot, encodeSnapshot } from './snapshot.ts';

const header = {
  jobId: 'job-1', checkpointId: checkpointId(7), uid: 'match', subtask: 1, epoch: epoch(2), attempt: attempt(3), stateHash: 'abc',
};
const sections = new Map([['operator', new Uint8Array([1, 2, 3])], ['空', new Uint8Array()]]);

describe('snapshot file', () => {
  it('[SN2] reads back what was written, and equal input gives equal bytes', () => {
    const bytes = encodeSnapshot({ header, sections });
    expect(bytes).toEqual(encodeSnapshot({ header, sections: new Map(sections) }));
    const read = decodeSnapshot(bytes);
    expect(read.header).toEqual(header);
    expect([...read.sections]).toEqual([...sections]);
  });

  it('[SN1] every single-bit flip is found', () => {
    const bytes = encodeSnapshot({ header, sections });
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = bytes.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(() => decodeSnapshot(flipped), `bit ${bit}`).toThrow(SnapshotCorrupt);
    }
  });

  it('[SN1] every cut and every padding is found', () => {
    const bytes = encodeSnapshot({ header, sections });
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => decodeSnapshot(bytes.subarray(0, length)), `cut to ${length}`).toThrow(SnapshotCorrupt);
    }
    for (const zeros of [1, 8, 512]) {
      const padded = new Uint8Array(bytes.length + zeros);
      padded.set(bytes);
      expect(() => decodeSnapshot(padded), `${zeros} zeros`).toThrow(SnapshotCorrupt);
    }
  });

  it('[SN1] arbitrary bytes are refused as corrupt, never as something else', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(() => decodeSnapshot(bytes)).toThrow(SnapshotCorrupt);
    }), { numRuns: 300 });
  });
});
