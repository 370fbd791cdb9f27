/**
 * Failed logins, then a success, from one address.
 *
 * Shape   blocks of 40 events in 80 s. Story of a block: an attack (10 to 14 failures, then a success); nine failures and
 *         a success; a person who mistypes twice; a guesser who never gets in; or everyday logins alone. Block 0 is an
 *         attack. One address and one user in each story.
 *         Attackers' addresses are never those of everyday logins.
 */
import { type EventGenerator, pick, randomBelow } from './generator.ts';

const BLOCK_EVENTS = 40;
const SLOT_MS = 2_000;
const STORIES = ['attack', 'nine', 'mistyped', 'guesser', 'nothing', 'nothing'] as const;
const FAILURES = { nine: 9, mistyped: 2, guesser: 12, nothing: 0 } as const;
const HOSTS = ['gate-1', 'gate-2', 'mail', 'vpn'] as const;
const USERS = ['admin', 'backup', 'ines', 'jon', 'kim', 'lea', 'root', 'sam'] as const;

export const FAILED_LOGINS: EventGenerator<'failed-logins'> = {
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
    const tries = story === 'attack' ? 10 + randomBelow(5, seed, block, 2) : FAILURES[story];
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
