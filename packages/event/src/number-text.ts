/**
 * Numbers from bytes.
 *
 * Always  the value is the double nearest to the decimal text, as Number() and JSON.parse give it: up to 2^53 as
 *         mantissa and 10^22 as divisor both are exact, so one division rounds once; all else goes through Number().
 * Not here: JSON's own number rule inside a record (json-scanner.ts has it inline).
 */
export const POWERS_OF_TEN = new Float64Array(Array.from({ length: 23 }, (_, power) => Number(`1e${power}`)));
const MANTISSA_MAX = 9_007_199_254_740_992;

/** bytes[from, to) are ASCII: digits, signs, points, exponent. */
export function asciiText(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to; at++) text += String.fromCharCode(bytes[at] as number);
  return text;
}

/**
 * The decimal number written in bytes[from, to), NaN if it is none. Sign, digits, point, digits, exponent; at least
 * one digit in the mantissa. No spaces, no hexadecimal, no Infinity. May be infinite when the exponent is too large.
 */
export function numberOfText(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  let negative = false;
  if (at < to && (bytes[at] === 45 || bytes[at] === 43)) {
    negative = bytes[at] === 45;
    at += 1;
  }
  let mantissa = 0;
  let digits = 0;
  let fraction = 0;
  while (at < to) {
    const digit = (bytes[at] as number) - 48;
    if (digit < 0 || digit > 9) break;
    mantissa = mantissa * 10 + digit;
    digits += 1;
    at += 1;
  }
  if (at < to && bytes[at] === 46) {
    at += 1;
    while (at < to) {
      const digit = (bytes[at] as number) - 48;
      if (digit < 0 || digit > 9) break;
      mantissa = mantissa * 10 + digit;
      digits += 1;
      fraction += 1;
      at += 1;
    }
  }
  if (digits === 0) return Number.NaN;
  if (at === to && digits <= 16 && mantissa < MANTISSA_MAX) {
    const value = fraction === 0 ? mantissa : mantissa / (POWERS_OF_TEN[fraction] as number);
    return negative ? -value : value;
  }
  if (at < to) {
    if (bytes[at] !== 69 && bytes[at] !== 101) return Number.NaN;
    at += 1;
    if (at < to && (bytes[at] === 45 || bytes[at] === 43)) at += 1;
    const first = at;
    while (at < to && (bytes[at] as number) >= 48 && (bytes[at] as number) <= 57) at += 1;
    if (at === first || at < to) return Number.NaN;
  }
  return Number(asciiText(bytes, from, to));
}
