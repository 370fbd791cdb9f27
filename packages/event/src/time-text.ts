/**
 * Event times as sources write them -> ms since the Unix epoch, from bytes, without a Date.
 *
 * Shape   texts: YYYY-MM-DD, then optionally T, t or a space, HH:MM, optionally :SS, optionally . or , and digits,
 *         optionally Z, z, +HH, +HHMM or +HH:MM. Numbers: epoch seconds, milliseconds or microseconds.
 * Always  no zone means UTC; fractions of a millisecond are cut off towards the past; NaN says "this is no time",
 *         impossible dates (30 February, 25:00, second 60) included; a result is a safe integer.
 * Source  days from a civil date: the era-based day count over 400-year cycles.
 */
import type { TimeFormat } from './schema.ts';

const two = (bytes: Uint8Array, at: number): number => {
  const tens = (bytes[at] as number) - 48;
  const ones = (bytes[at + 1] as number) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
};

const DAYS_IN_MONTH = new Uint8Array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);

/** Days from 1970-01-01 to the given date of the proleptic Gregorian calendar. */
function epochDay(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
}

/** Milliseconds since the epoch of the date and time written in bytes[from, to), or NaN. */
export function timeOfText(bytes: Uint8Array, from: number, to: number): number {
  if (to - from < 10) return Number.NaN;
  const century = two(bytes, from);
  const yearOfCentury = two(bytes, from + 2);
  const month = two(bytes, from + 5);
  const day = two(bytes, from + 8);
  if (century < 0 || yearOfCentury < 0 || bytes[from + 4] !== 45 || bytes[from + 7] !== 45) return Number.NaN;
  const year = century * 100 + yearOfCentury;
  if (month < 1 || month > 12 || day < 1) return Number.NaN;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (day > (month === 2 && leap ? 29 : (DAYS_IN_MONTH[month - 1] as number))) return Number.NaN;
  let ms = epochDay(year, month, day) * 86_400_000;
  let at = from + 10;
  if (at === to) return ms;

  const separator = bytes[at];
  if ((separator !== 84 && separator !== 116 && separator !== 32) || to - at < 6 || bytes[at + 3] !== 58) return Number.NaN;
  const hour = two(bytes, at + 1);
  const minute = two(bytes, at + 4);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return Number.NaN;
  ms += hour * 3_600_000 + minute * 60_000;
  at += 6;
  if (at < to && bytes[at] === 58) {
    if (to - at < 3) return Number.NaN;
    const second = two(bytes, at + 1);
    if (second < 0 || second > 59) return Number.NaN;
    ms += second * 1_000;
    at += 3;
    if (at < to && (bytes[at] === 46 || bytes[at] === 44)) {
      at += 1;
      let unit = 100;
      const first = at;
      while (at < to) {
        const digit = (bytes[at] as number) - 48;
        if (digit < 0 || digit > 9) break;
        if (unit >= 1) ms += digit * unit;
        unit /= 10;
        if (unit < 1) unit = 0;
        at += 1;
      }
      if (at === first) return Number.NaN;
    }
  }
  if (at === to) return ms;

  const zone = bytes[at];
  if (zone === 90 || zone === 122) return at + 1 === to ? ms : Number.NaN;
  if (zone !== 43 && zone !== 45) return Number.NaN;
  const left = to - at;
  const offsetHour = left >= 3 ? two(bytes, at + 1) : -1;
  let offsetMinute = 0;
  if (left === 5) offsetMinute = two(bytes, at + 3);
  else if (left === 6 && bytes[at + 3] === 58) offsetMinute = two(bytes, at + 4);
  else if (left !== 3) return Number.NaN;
  if (offsetHour < 0 || offsetHour > 23 || offsetMinute < 0 || offsetMinute > 59) return Number.NaN;
  const offset = offsetHour * 3_600_000 + offsetMinute * 60_000;
  return zone === 43 ? ms - offset : ms + offset;
}

/** Milliseconds since the epoch of an epoch number in the format's unit, or NaN (also for the text formats). */
export function timeOfNumber(value: number, format: TimeFormat): number {
  let ms: number;
  // A double near 1.7e9 s is right to 0.0003 ms: the half micro keeps 1700000000.123 from being cut to .122.
  if (format === 'epoch-ms') ms = Math.floor(value);
  else if (format === 'epoch-s') ms = Math.floor(value * 1_000 + 0.000_5);
  else if (format === 'epoch-us') ms = Math.floor(value / 1_000);
  else return Number.NaN;
  return Number.isSafeInteger(ms) ? ms + 0 : Number.NaN;
}
