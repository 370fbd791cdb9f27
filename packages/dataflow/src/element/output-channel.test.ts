import { checkpointId, ByteReader, ByteWriter, eventTime } from '@tidemark/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutputChannel } from './output-channel.ts';
import { type StreamElement, readElement, writeElement } from './stream-element.ts';

const ELEMENTS: readonly StreamElement[] = [
  { kind: 'batch', frame: new Uint8Array([1, 2, 3]) },
  { kind: 'watermark', timestamp: eventTime(-7) },
  { kind: 'barrier', checkpointId: checkpointId(4), timestamp: 12.5, final: true },
  { kind: 'cancel-marker', checkpointId: checkpointId(5) },
  { kind: 'end-of-input' },
];

describe('OutputChannel', () => {
  it('[OC1][OC2][OC3] keeps order and spends one credit a batch, whatever comes when', () => {
    const moves = fc.array(fc.oneof(fc.constant('batch'), fc.constant('watermark'), fc.constant('credit')), { maxLength: 60 });
    fc.assert(fc.property(moves, fc.integer({ min: 0, max: 3 }), (steps, credits) => {
      const sent: StreamElement[] = [];
      const pushed: StreamElement[] = [];
      const channel = new OutputChannel(credits, (element) => sent.push(element));
      let given = credits;
      for (const step of steps) {
        if (step === 'credit') {
          given += 1;
          channel.addCredit();
        } else {
          const element: StreamElement = step === 'batch' ? { kind: 'batch', frame: new Uint8Array() } : { kind: 'watermark', timestamp: eventTime(pushed.length) };
          pushed.push(element);
          channel.push(element);
        }
        expect(sent).toEqual(pushed.slice(0, sent.length));
        expect(sent.filter((element) => element.kind === 'batch').length).toBeLessThanOrEqual(given);
        expect(channel.isFull).toBe(sent.length < pushed.length);
        // What waits, waits for a credit.
        if (sent.length < pushed.length) expect(pushed[sent.length]?.kind).toBe('batch');
      }
    }), { numRuns: 200 });
  });
});

describe('StreamElement', () => {
  it('is read back as it was written', () => {
    const writer = new ByteWriter(1);
    for (const element of ELEMENTS) writeElement(writer, element);
    const reader = new ByteReader(writer.finish());
    expect(ELEMENTS.map(() => readElement(reader))).toEqual(ELEMENTS);
  });
});
