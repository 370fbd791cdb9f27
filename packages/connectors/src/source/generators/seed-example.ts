/**
 * The seed's example: `start` immediately followed by `middle` within 10 s.
 *
 * Shape   blocks of 10 events in 40 s, one user in the story of each: a pair; a start whose middle comes second; a
 *         start whose middle is another user's; a start whose middle comes after 13 s; or nothing. Block 0 is a pair.
 */
import { type EventGenerator, pick, randomBelow } from './generator.ts';

const USERS = ['ada', 'ben', 'chen', 'dana', 'emil', 'fay'] as const;
const BLOCK_EVENTS = 10;
const BLOCK_MS = 40_000;
const SLOT_MS = 2_000;
const SLOW_MS = 11_000;
/** The pair comes twice as often as each near miss. */
const STORIES = ['pair', 'pair', 'second', 'other-user', 'slow', 'nothing'] as const;

export const SEED_EXAMPLE: EventGenerator<'seed-example'> = {
  name: 'seed-example',
  schema: {
    fields: [{ name: 'ts', type: 'int' }, { name: 'id', type: 'int' }, { name: 'name', type: 'string' }, { name: 'user', type: 'string' }],
    time: { field: 'ts', format: 'epoch-ms' },
  },
  create: (seed, baseTime) => (i, out) => {
    const block = Math.floor(i / BLOCK_EVENTS);
    const slot = i % BLOCK_EVENTS;
    const story = block === 0 ? 'pair' : pick(STORIES, seed, block, 1);
    const start = 2 + randomBelow(5, seed, block, 2);
    const hero = randomBelow(USERS.length, seed, block, 3);
    let name: string = pick(['end', 'other'], seed, i, 4);
    let user: string = pick(USERS, seed, i, 5);
    if (story !== 'nothing') {
      const middle = story === 'second' ? start + 2 : start + 1;
      if (slot === start) name = 'start';
      else if (slot === middle) name = 'middle';
      // Those between them are the same user's too: without a key and with one the story is the same.
      if (slot >= start && slot <= middle) user = USERS[hero] as string;
      if (story === 'other-user' && slot === middle) user = USERS[(hero + 1) % USERS.length] as string;
    }
    const late = story === 'slow' && slot > start ? SLOW_MS : 0;
    out[0] = baseTime + block * BLOCK_MS + slot * SLOT_MS + late;
    out[1] = i;
    out[2] = name;
    out[3] = user;
  },
};
