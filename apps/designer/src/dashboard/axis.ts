/**
 * Ticks of an axis that starts at 0: two or three steps that a person would choose, in the units of what is measured.
 * Always  the last tick is at or above the largest value; ticks rise from 0 in equal steps.
 */
const DECIMAL = [1, 2, 5];
/** Steps of time, ms: 1-2-5 below a second, then those of a clock. */
const CLOCK = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_200_000, 1_800_000,
  3_600_000, 7_200_000, 14_400_000, 21_600_000, 43_200_000,
];
const DAY = 86_400_000;

function decimalStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  return (DECIMAL.find((factor) => factor * power >= atLeast) ?? 10) * power;
}

export function ticksFrom0(max: number, kind: 'number' | 'duration', steps = 3): readonly number[] {
  if (!(max > 0) || !Number.isFinite(max)) return [0, 1];
  const least = max / steps;
  const step = kind === 'number' ? decimalStep(least) : CLOCK.find((size) => size >= least) ?? decimalStep(least / DAY) * DAY;
  return Array.from({ length: Math.ceil(max / step - 1e-9) + 1 }, (_, at) => at * step);
}
