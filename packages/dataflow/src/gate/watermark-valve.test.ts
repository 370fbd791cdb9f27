import { WATERMARK_MAX, WATERMARK_MIN, eventTime } from '@tidemark/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WatermarkValve } from './watermark-valve.ts';

describe('WatermarkValve', () => {
  it('[WV1] is the minimum over all channels and answers only when it rises', () => {
    const valve = new WatermarkValve(2);
    expect(valve.advance(0, eventTime(5))).toBeNull();
    expect(valve.watermark).toBe(WATERMARK_MIN);
    expect(valve.advance(1, eventTime(3))).toBe(3);
    expect(valve.advance(0, eventTime(9))).toBeNull();
    expect(valve.advance(1, eventTime(20))).toBe(9);
  });

  it('[WV2] a watermark that goes back is a bug', () => {
    const valve = new WatermarkValve(1);
    valve.advance(0, eventTime(5));
    expect(() => valve.advance(0, eventTime(4))).toThrow('went back');
  });

  it('[WV1][WV3] equals a plain minimum, also across a restore at any point', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 4 }), fc.array(fc.tuple(fc.nat(3), fc.nat(10)), { maxLength: 40 }), fc.nat(40), (channels, moves, restoreAt) => {
      const plain = Array.from({ length: channels }, () => WATERMARK_MIN as number);
      let valve = new WatermarkValve(channels);
      let last = WATERMARK_MIN as number;
      moves.forEach(([pick, rise], index) => {
        if (index === restoreAt) {
          const restored = new WatermarkValve(channels);
          restored.restore(valve.snapshot());
          valve = restored;
        }
        const channel = pick % channels;
        plain[channel] = Math.max(0, plain[channel] as number) + rise;
        const least = Math.min(...plain);
        expect(valve.advance(channel, eventTime(plain[channel] as number))).toBe(least > last ? least : null);
        last = Math.max(last, least);
        expect(valve.watermark).toBe(last);
      });
    }), { numRuns: 200 });
  });

  it('[WV4] an idle channel does not count; one that comes back counts when it has caught up', () => {
    const valve = new WatermarkValve(2);
    valve.advance(0, eventTime(10));
    expect(valve.advance(1, eventTime(4))).toBe(4);
    expect(valve.idle(1)).toBe(10);
    expect(valve.advance(0, eventTime(20))).toBe(20);
    valve.active(1);
    expect(valve.advance(1, eventTime(7))).toBeNull();
    expect(valve.advance(0, eventTime(30))).toBe(30);
    expect(valve.advance(1, eventTime(32))).toBeNull();
    expect(valve.advance(0, eventTime(40))).toBe(32);
    const restored = new WatermarkValve(2);
    valve.idle(1);
    restored.restore(valve.snapshot());
    expect(restored.watermark).toBe(40);
    expect(restored.advance(0, eventTime(50))).toBe(50);
  });

  it('[WV4] when all are idle the gate rises to the largest; the end of one is not the end of time while another idles', () => {
    const valve = new WatermarkValve(3);
    valve.advance(0, eventTime(10));
    valve.advance(1, eventTime(4));
    valve.advance(2, eventTime(6));
    expect(valve.idle(0)).toBeNull();
    expect(valve.idle(2)).toBeNull();
    expect(valve.idle(1)).toBe(10);
    expect(valve.advance(2, WATERMARK_MAX)).toBeNull();
    valve.active(1);
    expect(valve.advance(1, eventTime(12))).toBe(12);
    expect(valve.advance(1, WATERMARK_MAX)).toBeNull();
    expect(valve.advance(0, WATERMARK_MAX)).toBe(WATERMARK_MAX);
  });
});
