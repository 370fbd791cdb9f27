import { Random } from '@tidemark/testkit';
import { describe, expect, it } from 'vitest';
import { TimeBuckets } from './time-buckets.ts';

const STRIDE = 2;
const ROWS = 4_096;

/** Places that were taken. In a slot records lie as they came: who takes them puts them in order. */
function takenInOrder(buckets: TimeBuckets): number[] {
  const places: number[] = [];
  const { doubles } = buckets;
  for (let slot = 0, start = 0; slot < buckets.slotCount; slot += 1) {
    const end = buckets.ends[slot] as number;
    places.push(...[...buckets.taken.subarray(start, end)].sort((a, b) => (doubles[a] as number) - (doubles[b] as number) || (doubles[a + 1] as number) - (doubles[b + 1] as number)));
    start = end;
  }
  return places;
}

/**
 * Rows with random times come and go, their numbers beside their times; what leaves, some at a time, is compared with a sort
 * of what waits.
 */
function run(seed: number, spread: number, { outliers = 0, jumps = 10, most = 100 } = {}): void {
  const random = new Random(seed);
  const times = new Float64Array(ROWS);
  const rows = Int32Array.from({ length: ROWS }, (_, row) => row);
  const places = new Int32Array(ROWS);
  const buckets = new TimeBuckets(STRIDE);
  const rowAt = (place: number): number => buckets.doubles[place + 1] as number;
  let waiting: number[] = [];
  let watermark = random.between(-1_000_000, 1_000_000);
  for (let row = 0; row < ROWS;) {
    const from = row;
    // Narrow for a while and wide again.
    const span = random.chance(0.5) ? spread : spread ** random.next();
    const to = Math.min(ROWS, from + random.between(0, random.between(0, 4) === 0 ? 200 : 20));
    for (; row < to; row += 1) {
      const far = random.between(0, 1_000) < outliers ? random.between(1, 40) * 1e9 : 0;
      times[row] = watermark + 1 + random.between(0, span) / 2 + far;
      waiting.push(row);
    }
    buckets.add(times, rows, from, to, places);
    for (let i = from; i < to; i += 1) buckets.doubles[(places[i - from] as number) + 1] = i;
    expect([...buckets.places()].map(rowAt).sort((a, b) => a - b), `seed ${seed}`).toEqual([...waiting].sort((a, b) => a - b));
    watermark += random.between(0, jumps) === 0 ? 3e9 : random.between(0, spread / 4 + 1);
    if (row === ROWS) watermark = Number.MAX_SAFE_INTEGER;
    const due = waiting.filter((one) => (times[one] as number) <= watermark).sort((a, b) => (times[a] as number) - (times[b] as number) || a - b);
    waiting = waiting.filter((one) => (times[one] as number) > watermark);
    const left: number[] = [];
    for (let count = buckets.take(watermark, most); count > 0; count = buckets.take(watermark, most)) {
      left.push(...takenInOrder(buckets).map(rowAt));
      expect(buckets.ends[buckets.slotCount - 1], `seed ${seed}`).toBe(count);
    }
    expect(left, `seed ${seed}`).toEqual(due);
    expect(buckets.length, `seed ${seed}`).toBe(waiting.length);
  }
}

const SPREADS = [10, 2_000, 300_000, 50_000_000] as const;

describe('TimeBuckets', () => {
  it('[TB1] rows leave in order of time, then of arrival, whatever they span', () => {
    for (let seed = 0; seed < 40; seed += 1) run(seed, SPREADS[seed % 4] as number);
  });

  it('[TB1] however few are taken at a time', () => {
    for (let seed = 200; seed < 220; seed += 1) run(seed, SPREADS[seed % 4] as number, { most: 1 });
  });

  it('[TB1] records stay where they are put, whatever comes after them', () => {
    const buckets = new TimeBuckets(STRIDE);
    const rows = Int32Array.from({ length: 4 }, (_, row) => row);
    const places = new Int32Array(4);
    const add = (...times: number[]): void => {
      buckets.add(Float64Array.from(times), rows, 0, times.length, places);
      times.forEach((time, i) => { buckets.doubles[(places[i] as number) + 1] = time; });
    };
    const left: number[] = [];
    const take = (time: number): void => {
      while (buckets.take(time, 64) > 0) left.push(...takenInOrder(buckets).map((place) => buckets.doubles[place + 1] as number));
    };
    add(1_100, 1_110, 1_120, 1_130);
    take(1_115);
    // For the bucket that is open; then so far ahead that all buckets are made anew; then before all others.
    add(1_125, 30_000_000, 1_135, 1_118);
    take(1_132);
    add(1_134, 90_000_000, 1_140, 1_133);
    take(100_000_000);
    expect(left).toEqual([1_100, 1_110, 1_118, 1_120, 1_125, 1_130, 1_133, 1_134, 1_135, 1_140, 30_000_000, 90_000_000]);
  });

  it('[TB2] also where single times lie years ahead', () => {
    for (let seed = 100; seed < 140; seed += 1) run(seed, SPREADS[seed % 4] as number, { outliers: 20 });
  });

  it('[TB2] also where others wait as late as those that stand apart', () => {
    for (let seed = 300; seed < 340; seed += 1) run(seed, seed % 2 === 0 ? 130_000_000 : 400_000_000, { outliers: seed % 3 === 0 ? 20 : 0, jumps: 30 });
  });

  it('[TB3] rows of one time leave as they came, and memory is used again', () => {
    const buckets = new TimeBuckets(STRIDE);
    const rows = Int32Array.from({ length: 300 }, (_, row) => row);
    const places = new Int32Array(300);
    let bytes = 0;
    for (let round = 0; round < 200; round += 1) {
      // Half a second ahead, and some for the bucket that is open.
      const times = Float64Array.from(rows, (row) => round * 100 + (row % 10 === 0 ? 30 : 500));
      buckets.add(times, rows, 0, 300, places);
      rows.forEach((row, i) => { buckets.doubles[(places[i] as number) + 1] = round * 300 + row; });
      const last = new Map<number, number>();
      while (buckets.take(round * 100 + 30, 64) > 0) {
        for (const place of buckets.taken.subarray(0, buckets.ends[buckets.slotCount - 1])) {
          const time = buckets.doubles[place] as number;
          const row = buckets.doubles[place + 1] as number;
          expect(row).toBeGreaterThan(last.get(time) ?? -1);
          last.set(time, row);
        }
      }
      if (round === 20) bytes = buckets.doubles.byteLength;
    }
    expect(buckets.doubles.byteLength).toBe(bytes);
  });

  it('[TB3] few records that wait for hours share chunks', () => {
    const buckets = new TimeBuckets(STRIDE);
    const rows = new Int32Array(1);
    const places = new Int32Array(1);
    for (let second = 0; second < 10_000; second += 1) buckets.add(Float64Array.of(second * 1_000), rows, 0, 1, places);
    // With a chunk for each of them it would be 16 MB.
    expect(buckets.doubles.byteLength).toBeLessThan(5_000_000);
  });

  it('[TB3] so is that of rows that stood apart', () => {
    const buckets = new TimeBuckets(STRIDE);
    const rows = Int32Array.from({ length: 200 }, (_, row) => row);
    const places = new Int32Array(200);
    const hourMs = 3_600_000;
    let bytes = 0;
    for (let hour = 0; hour < 300; hour += 1) {
      buckets.add(Float64Array.from(rows, (row) => (hour + (row % 2 === 0 ? 1 : 25)) * hourMs + row), rows, 0, 200, places);
      while (buckets.take(hour * hourMs, 64) > 0);
      if (hour === 60) bytes = buckets.doubles.byteLength;
    }
    expect(buckets.length).toBeLessThan(27 * 200);
    expect(buckets.doubles.byteLength).toBe(bytes);
  });
});
