/**
 * The generators that a drawing may take as its source, and what their events look like.
 * Always  names and schemas are those of the runtime's own generators (a test compares them).
 */
import type { GeneratorName as KnownName } from '@tidemark/core';
import type { EventSchema } from '@tidemark/event';
import type { SourceSpec } from '@tidemark/pattern';

/** `pair` is the benchmark's. */
type GeneratorName = Exclude<KnownName, 'pair'>;
export interface GeneratorChoice {
  readonly name: GeneratorName;
  readonly schema: EventSchema;
  readonly key: readonly string[];
  readonly source: SourceSpec;
}

const text = (name: string) => ({ name, type: 'string' as const });
const int = (name: string) => ({ name, type: 'int' as const });
const optional = <Field extends object>(field: Field) => ({ ...field, optional: true });

/** Paced to about two and a half minutes: time to see it work. */
const SECONDS = 150;
const source = (generator: GeneratorName, perSecond: number): SourceSpec =>
  ({ kind: 'generator', generator, seed: 1, events: perSecond * SECONDS, rate: { kind: 'per-second', events: perSecond } });

export const GENERATOR_CHOICES: readonly GeneratorChoice[] = [
  {
    name: 'seed-example', key: [], source: source('seed-example', 20),
    schema: { fields: [int('ts'), int('id'), text('name'), text('user')], time: { field: 'ts', format: 'epoch-ms' } },
  },
  {
    name: 'failed-logins', key: ['srcIp', 'user'], source: source('failed-logins', 20),
    schema: { fields: [int('ts'), text('srcIp'), text('user'), text('outcome'), text('host')], time: { field: 'ts', format: 'epoch-ms' } },
  },
  {
    name: 'machine', key: [], source: source('machine', 40),
    schema: { fields: [int('timestamp'), { name: 'value', type: 'double' }], time: { field: 'timestamp', format: 'epoch-ms' } },
  },
  {
    name: 'remote-service', key: ['host'], source: source('remote-service', 40),
    schema: {
      fields: [
        int('ts'), text('host'), text('channel'), int('eventId'), optional(text('process')), optional(text('parent')), optional(text('user')),
        optional(text('srcIp')), optional(int('logonType')), optional(text('service')),
      ],
      time: { field: 'ts', format: 'epoch-ms' },
    },
  },
];
