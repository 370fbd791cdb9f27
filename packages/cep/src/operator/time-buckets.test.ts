import { Random } from '@tidemark/testkit';
import { describe, expect, it } from 'vitest';
import { TimeBuckets } from './time-buckets.ts';

/** Rows with random times come and go; what leaves is compared with a sort of what waits. */
function run(seed: number, spread: number, outliers: number): void {
  const random = new Random(seed);
  const times = new Float64Array(4_096);
  const buckets = new TimeBuckets();
  const into = new Int32Array(4_096);
  let waiting: number[] = [];
  let watermark = random.between(-1_000_000, 1_000_000);
  for (let row = 0; row < times.length;) {
    for (let more = random.between(0, 20); more > 0 && row < times.length; more -= 1, row += 1) {
      const far = random.between(0, 1_000) < outliers ? random.between(1, 40) * 1e9 : 0;
      times[row] = watermark + 1 + random.between(0, spread) / 2 + far;
      buckets.add(row, times[row] as number, times);
      waiting.push(row);
    }
    expect([...buckets.rows()].sort((a, b) => a - b), `seed ${seed}`).toEqual([...waiting].sort((a, b) => a - b));
    watermark += random.between(0, 10) === 0 ? 3e9 : random.between(0, spread / 4 + 1);
    if (row === times.length) watermark = Number.POSITIVE_INFINITY;
    const due = waiting.filter((one) => (times[one] as number) <= watermark).sort((a, b) => (times[a] as number) - (times[b] as number) || a - b);
    waiting = waiting.filter((one) => (times[one] as number) > watermark);
    const count = buckets.takeDue(watermark, times, into, (a, b) => (times[a] as number) < (times[b] as number) || (times[a] === times[b] && a <= b));
    expect([...into.subarray(0, count)], `seed ${seed}`).toEqual(due);
    expect(buckets.length, `seed ${seed}`).toBe(waiting.length);
  }
}

describe('TimeBuckets', () => {
  it('[TB1] rows leave in order of time, then of arrival, whatever they span', () => {
    for (let seed = 0; seed < 40; seed += 1) run(seed, [10, 2_000, 300_000, 50_000_000][seed % 4] as number, 0);
  });

  it('[TB2] also where single times lie years ahead', () => {
    for (let seed = 100; seed < 140; seed += 1) run(seed, [10, 2_000, 300_000, 50_000_000][seed % 4] as number, 20);
  });
});
