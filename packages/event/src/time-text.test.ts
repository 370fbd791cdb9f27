import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeOfNumber, timeOfText } from './index.ts';
import { numberOfText } from './number-text.ts';

const encoder = new TextEncoder();
/** Read out of the middle of other bytes: nothing beyond the range may count. */
const within = (read: (bytes: Uint8Array, from: number, to: number) => number, text: string): number => {
  const bytes = encoder.encode(`9${text}9`);
  return read(bytes, 1, bytes.length - 1);
};
const time = (text: string): number => within(timeOfText, text);
const number = (text: string): number => within(numberOfText, text);

describe('times', () => {
  const ms = fc.integer({ min: Date.UTC(0, 0, 1) - 1_900 * 366 * 86_400_000, max: Date.UTC(9999, 11, 31) });
  const isYear = (iso: string): boolean => /^\d{4}-/.test(iso);

  it('[ED7] texts of any instant, with and without zone, fraction and T', () => {
    fc.assert(fc.property(ms, fc.integer({ min: -14 * 60, max: 14 * 60 }), fc.stringMatching(/^\d{0,6}$/), fc.constantFrom(':', ''), (instant, zone, more, colon) => {
      const iso = new Date(instant).toISOString();
      fc.pre(isYear(iso));
      expect(time(iso)).toBe(instant);
      expect(time(iso.replace('Z', `${more}Z`))).toBe(instant);
      expect(time(iso.replace('T', ' ').replace('Z', ''))).toBe(instant);
      expect(time(iso.slice(0, 19))).toBe(Math.floor(instant / 1_000) * 1_000);
      expect(time(iso.slice(0, 16))).toBe(Math.floor(instant / 60_000) * 60_000);
      expect(time(iso.slice(0, 10))).toBe(Math.floor(instant / 86_400_000) * 86_400_000);
      const local = new Date(instant + zone * 60_000).toISOString();
      fc.pre(isYear(local));
      const sign = zone < 0 ? '-' : '+';
      const two = (value: number): string => String(value).padStart(2, '0');
      expect(time(`${local.slice(0, -1)}${sign}${two(Math.floor(Math.abs(zone) / 60))}${colon}${two(Math.abs(zone) % 60)}`)).toBe(instant);
    }), { numRuns: 500 });
  });

  it.each([
    '', '2024', '2024-01', '2024-1-01', '2024-13-01', '2024-00-01', '2024-02-30', '2023-02-29', '1900-02-29', '2024-01-00', '2024-01-01T', '2024-01-01T1', '2024-01-01T10', '2024-01-01T24:00',
    '2024-01-01T10:60', '2024-01-01T10:00:60', '2024-01-01T10:00:', '2024-01-01T10:00:0', '2024-01-01T10:00:00.', '2024-01-01T10:00:00.Z', '2024-01-01T10:00:00ZZ', '2024-01-01T10:00:00+', '2024-01-01T10:00:00+2',
    '2024-01-01T10:00:00+24:00', '2024-01-01T10:00:00+02:60', '2024-01-01T10:00:00+02-00', '2024-01-01x10:00:00', '2024/01/01', '2024-01-01T10.00', '٢٠٢٤-01-01', '2024-01-01T10:00:00 UTC',
  ])('[ED7] %j is no time', (text) => {
    expect(time(text)).toBeNaN();
  });

  it('[ED7] leap days are times', () => {
    expect(time('2024-02-29')).toBe(Date.UTC(2024, 1, 29));
    expect(time('2000-02-29')).toBe(Date.UTC(2000, 1, 29));
  });

  it('[ED7] epoch numbers in each unit, cut to milliseconds', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 4e12 }), fc.nat(999), (instant, micros) => {
      expect(timeOfNumber(instant, 'epoch-ms')).toBe(instant);
      expect(timeOfNumber(Number(`${Math.floor(instant / 1_000)}.${String(instant % 1_000).padStart(3, '0')}`), 'epoch-s')).toBe(instant);
      expect(timeOfNumber(instant * 1_000 + micros, 'epoch-us')).toBe(instant);
    }), { numRuns: 1_000 });
    expect(timeOfNumber(1.9, 'epoch-ms')).toBe(1);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1e300]) expect(timeOfNumber(value, 'epoch-ms')).toBeNaN();
    expect(timeOfNumber(1, 'iso8601')).toBeNaN();
  });
});

describe('numbers', () => {
  it('[ED6] equal Number() of the same text', () => {
    fc.assert(fc.property(fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.stringMatching(/^[+-]?\d{1,20}(\.\d{0,20})?([eE][+-]?\d{1,3})?$/),
      fc.stringMatching(/^[+-]?\.\d{1,20}$/),
    ), (text) => {
      expect(number(text)).toBe(Number(text));
    }), { numRuns: 3_000 });
  });

  it.each(['', '+', '-', '.', '1e', '1e+', 'e1', '1 ', ' 1', '1_0', '0x1', 'Infinity', 'NaN', '1.2.3', '--1', '1-', '１'])('[ED6] %j is no number', (text) => {
    expect(number(text)).toBeNaN();
  });
});
