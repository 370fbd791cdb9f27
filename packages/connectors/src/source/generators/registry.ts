/** Generators by the name that a document gives. */
import { FAILED_LOGINS } from './failed-logins.ts';
import type { EventGenerator } from './generator.ts';
import { MACHINE } from './machine.ts';
import { PAIR } from './pair.ts';
import { REMOTE_SERVICE } from './remote-service.ts';
import { SEED_EXAMPLE } from './seed-example.ts';

export const GENERATORS: ReadonlyMap<string, EventGenerator> = new Map(
  [SEED_EXAMPLE, FAILED_LOGINS, MACHINE, REMOTE_SERVICE, PAIR].map((generator) => [generator.name, generator]),
);
