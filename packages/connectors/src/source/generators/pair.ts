/**
 * Benchmark workload W1 `pair`: ten types, uniform keys, 100,000 events per second of event time.
 *
 * Shape   eight fields of fixed width, so that an event written as NDJSON is 121 bytes with its line end (13-digit times).
 * Source  reference/performance.md, W1: a followed by b within 10 s, keyed.
 */
import { type EventGenerator, pick, randomBelow } from './generator.ts';

const TYPES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'] as const;
const EVENTS_PER_MS = 100;
const KEYS = 10_000;

export const PAIR: EventGenerator<'pair'> = {
  name: 'pair',
  schema: {
    fields: [
      { name: 'ts', type: 'int' }, { name: 'type', type: 'string' }, { name: 'key', type: 'string' }, { name: 'value', type: 'double' },
      { name: 'user', type: 'string' }, { name: 'ok', type: 'bool' }, { name: 'count', type: 'int' }, { name: 'note', type: 'string' },
    ],
    time: { field: 'ts', format: 'epoch-ms' },
  },
  create: (seed, baseTime, options = {}) => {
    const keys = Array.from({ length: options.keys ?? KEYS }, (_, key) => `k${String(key).padStart(7, '0')}`);
    const users = Array.from({ length: 1_000 }, (_, user) => `u${String(user).padStart(4, '0')}`);
    return (i, out) => {
      out[0] = baseTime + Math.floor(i / EVENTS_PER_MS);
      out[1] = pick(TYPES, seed, i, 1);
      out[2] = keys[randomBelow(keys.length, seed, i, 2)] as string;
      // Two digits behind the point, the last never 0: always six characters.
      out[3] = (10_000 + randomBelow(8_999, seed, i, 3) * 10 + 1 + randomBelow(9, seed, i, 4)) / 100;
      out[4] = users[randomBelow(users.length, seed, i, 5)] as string;
      const ok = randomBelow(2, seed, i, 6);
      out[5] = ok;
      out[6] = 10_000 + randomBelow(90_000, seed, i, 7);
      out[7] = ok === 1 ? 'routine.' : 'routine'; // true is a byte shorter than false
    };
  },
};
