/**
 * Failed logins, then a success, from one address.
 *
 * Shape   blocks of 25 events in 50 s. Story of a block: an attack (4 to 7 failures, then a success); a person who
 *         mistypes twice and gets in; a guesser who never gets in; or everyday logins alone. Block 0 is an attack.
 *         Attackers' addresses are never those of everyday logins.
 */
import { type EventGenerator, pick, randomBelow } from './generator.ts';

const BLOCK_EVENTS = 25;
const SLOT_MS = 2_000;
const STORIES = ['attack', 'mistyped', 'guesser', 'nothing', 'nothing'] as const;
const HOSTS = ['gate-1', 'gate-2', 'mail', 'vpn'] as const;
const USERS = ['admin', 'backup', 'ines', 'jon', 'kim', 'lea', 'root', 'sam'] as const;

export const FAILED_LOGINS: EventGenerator = {
  name: 'failed-logins',
  schema: {
    fields: [
      { name: 'ts', type: 'int' }, { name: 'srcIp', type: 'string' }, { name: 'user', type: 'string' },
      { name: 'outcome', type: 'string' }, { name: 'host', type: 'string' },
    ],
    time: { field: 'ts', format: 'epoch-ms' },
  },
  create: (seed, baseTime) => (i, out) => {
    const block = Math.floor(i / BLOCK_EVENTS);
    const slot = i % BLOCK_EVENTS;
    const story = block === 0 ? 'attack' : pick(STORIES, seed, block, 1);
    const tries = story === 'attack' ? 4 + randomBelow(4, seed, block, 2) : story === 'mistyped' ? 2 : story === 'guesser' ? 6 : 0;
    // The story has every second slot from the third on; everyday logins run in between.
    const step = slot >= 3 && slot % 2 === 1 ? (slot - 3) / 2 : -1;
    const steps = story === 'guesser' ? tries : tries + 1;
    out[0] = baseTime + i * SLOT_MS + randomBelow(1_500, seed, i, 3);
    if (tries > 0 && step >= 0 && step < steps) {
      out[1] = `${story === 'mistyped' ? '192.0.2' : '203.0.113'}.${1 + randomBelow(250, seed, block, 4)}`;
      out[2] = pick(USERS, seed, block, 5);
      out[3] = step < tries ? 'failure' : 'success';
      out[4] = pick(HOSTS, seed, block, 6);
      return;
    }
    const address = randomBelow(60, seed, i, 7);
    out[1] = `10.0.${Math.floor(address / 20)}.${address % 20}`;
    out[2] = pick(USERS, seed, i, 8);
    out[3] = randomBelow(20, seed, i, 9) === 0 ? 'failure' : 'success';
    out[4] = pick(HOSTS, seed, i, 10);
  },
};
