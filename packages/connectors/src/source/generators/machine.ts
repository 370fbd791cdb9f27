/**
 * Temperature of a machine, a reading each 5 minutes: cold stops, and what comes after.
 *
 * Shape   blocks of 288 readings (a day). Story of a block: a stop (10 to 29 readings below 50) and then an overheating
 *         (above 85) some hours later; a stop without it; a dip of two readings and then hot; or nothing. Between them
 *         a daily wave from 73 to 81 with noise, never below 50 nor above 85. Block 0 is a stop, then overheating.
 */
import { type EventGenerator, pick, randomBelow } from './generator.ts';

const BLOCK_EVENTS = 288;
const STEP_MS = 300_000;
const STORIES = ['stop-then-hot', 'stop', 'dip-then-hot', 'nothing', 'nothing'] as const;

export const MACHINE: EventGenerator<'machine'> = {
  name: 'machine',
  schema: { fields: [{ name: 'timestamp', type: 'int' }, { name: 'value', type: 'double' }], time: { field: 'timestamp', format: 'epoch-ms' } },
  create: (seed, baseTime) => (i, out) => {
    const block = Math.floor(i / BLOCK_EVENTS);
    const slot = i % BLOCK_EVENTS;
    const story = block === 0 ? 'stop-then-hot' : pick(STORIES, seed, block, 1);
    const noise = (randomBelow(3_001, seed, i, 2) - 1_500) / 1_000;
    let value = 77 + 2.5 * Math.sin((slot / BLOCK_EVENTS) * 2 * Math.PI) + noise;
    const stop = 20 + randomBelow(60, seed, block, 3);
    const stopped = story === 'dip-then-hot' ? 2 : story === 'nothing' ? 0 : 10 + randomBelow(20, seed, block, 4);
    const hot = stop + stopped + 40 + randomBelow(80, seed, block, 5);
    if (slot >= stop && slot < stop + stopped) value = 32 + noise * 6;
    else if (story.endsWith('hot') && slot >= hot && slot < hot + 12) value = 93 + noise * 4;
    out[0] = baseTime + i * STEP_MS;
    out[1] = Math.round(value * 1_000) / 1_000;
  },
};
