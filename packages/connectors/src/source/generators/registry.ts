/** Generators by the name that a document gives: one for each name that core lists, which the type holds. */
import type { GeneratorName } from '@tidemark/core';
import { FAILED_LOGINS } from './failed-logins.ts';
import type { EventGenerator } from './generator.ts';
import { MACHINE } from './machine.ts';
import { PAIR } from './pair.ts';
import { REMOTE_SERVICE } from './remote-service.ts';
import { SEED_EXAMPLE } from './seed-example.ts';

const BY_NAME: { readonly [Name in GeneratorName]: EventGenerator<Name> } = {
  'seed-example': SEED_EXAMPLE,
  'failed-logins': FAILED_LOGINS,
  machine: MACHINE,
  'remote-service': REMOTE_SERVICE,
  pair: PAIR,
};

export const GENERATORS: ReadonlyMap<string, EventGenerator> = new Map(Object.entries(BY_NAME));
