import { eventTime } from '@tidemark/core';
import { describe, expect, it } from 'vitest';
import type { StreamElement } from '../element/stream-element.ts';
import { InputGate } from './input-gate.ts';

const batch: StreamElement = { kind: 'batch', frame: new Uint8Array() };
const watermark = (timestamp: number): StreamElement => ({ kind: 'watermark', timestamp: eventTime(timestamp) });
const open = (): boolean => false;

describe('InputGate', () => {
  it('[IG1][IG3] takes from all channels in turn and keeps each one in order', () => {
    const gate = new InputGate(2, 4, () => {});
    for (const time of [1, 2, 3]) gate.receive(0, watermark(time));
    gate.receive(1, watermark(9));
    const taken = Array.from({ length: 4 }, () => gate.take(open));
    expect(taken.map((arrival) => arrival && [arrival.channel, (arrival.element as { timestamp: number }).timestamp])).toEqual([[0, 1], [1, 9], [0, 2], [0, 3]]);
    expect(gate.take(open)).toBeNull();
  });

  it('[IG2] leaves a blocked channel alone and comes back to it', () => {
    const gate = new InputGate(2, 4, () => {});
    gate.receive(0, watermark(1));
    gate.receive(1, watermark(2));
    expect(gate.take((channel) => channel === 0)?.channel).toBe(1);
    expect(gate.take((channel) => channel === 0)).toBeNull();
    expect(gate.take(open)?.channel).toBe(0);
  });

  it('[IG4] gives a credit back for each batch taken, and refuses a batch that came without one', () => {
    const credits: number[] = [];
    const gate = new InputGate(1, 2, (channel) => credits.push(channel));
    gate.receive(0, batch);
    gate.receive(0, watermark(1));
    gate.receive(0, batch);
    expect(() => gate.receive(0, batch)).toThrow('without credit');
    gate.take(open);
    expect(gate.takeWatermark(0)).toBe(1);
    expect(gate.takeWatermark(0)).toBeNull();
    expect(credits).toEqual([0]);
  });

  it('[IG5] a batch waits for what stands behind it, whatever that is, and keeps nobody else waiting', () => {
    const gate = new InputGate(2, 2, () => {});
    gate.receive(0, batch);
    expect(gate.take(open)).toBeNull();
    gate.receive(1, watermark(1));
    expect(gate.take(open)?.channel).toBe(1);
    gate.receive(0, batch);
    expect(gate.take(open)?.element.kind).toBe('batch');
    expect(gate.take(open)).toBeNull();
    gate.receive(0, { kind: 'end-of-input' });
    expect([gate.take(open)?.element.kind, gate.take(open)?.element.kind]).toEqual(['batch', 'end-of-input']);
  });
});
