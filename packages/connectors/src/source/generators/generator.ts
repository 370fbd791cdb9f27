/**
 * Generators: streams without a file. Event i is a pure function of generator, seed, base time and i.
 *
 * Always  event times never fall; nothing depends on the clock, on the order of calls or on earlier events: what looks
 *         like a story (a burst of failures, a machine that cools down) is derived from the number of its block.
 */
import type { GeneratorName } from '@tidemark/core';
import type { EventSchema } from '@tidemark/event';

/** One event by field of the generator's schema; reused for every event. null = absent. Booleans are 0 or 1. */
export type GeneratedEvent = (string | number | null)[];

export interface EventGenerator<Name extends GeneratorName = GeneratorName> {
  readonly name: Name;
  readonly schema: EventSchema;
  /** Which event is it? A function that writes event `i` into `out`; times start at `baseTime` (ms). */
  create(seed: number, baseTime: number, options?: GeneratorOptions): (i: number, out: GeneratedEvent) => void;
}

export interface GeneratorOptions {
  /** `pair`: how many keys. */
  readonly keys?: number;
}

/** 32 random bits from a seed and up to three numbers. Source: the finalizer of MurmurHash3. */
export function randomBits(seed: number, a: number, b = 0, c = 0): number {
  let h = seed ^ Math.imul(a + 1, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h ^= Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  h ^= Math.imul(c + 0x165667b1, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A whole number in [0, n). */
export const randomBelow = (n: number, seed: number, a: number, b = 0, c = 0): number =>
  Math.floor((randomBits(seed, a, b, c) / 4_294_967_296) * n);

export const pick = <T>(from: readonly T[], seed: number, a: number, b = 0, c = 0): T => from[randomBelow(from.length, seed, a, b, c)] as T;

/** Event i as an object, absent fields left out, the time field in ms. For samples, tests and text. */
export function generatedObject(generator: EventGenerator, write: (i: number, out: GeneratedEvent) => void, i: number): Record<string, string | number | boolean> {
  const out: GeneratedEvent = [];
  write(i, out);
  const event: Record<string, string | number | boolean> = {};
  generator.schema.fields.forEach((field, index) => {
    const value = out[index];
    if (value !== null && value !== undefined) event[field.name] = field.type === 'bool' ? value === 1 : value;
  });
  return event;
}
