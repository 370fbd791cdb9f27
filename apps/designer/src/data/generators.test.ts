import { expect, it } from 'vitest';
import { zEventSchema, zSource } from '@tidemark/pattern';
import { GENERATORS } from '../../../../packages/connectors/src/source/generators/registry.ts';
import { GENERATOR_CHOICES } from './generators.ts';

it('offers generators that the runtime has, with their schemas', () => {
  for (const { name, schema, key, source } of GENERATOR_CHOICES) {
    expect(schema, name).toEqual(GENERATORS.get(name)?.schema);
    expect(zEventSchema.safeParse(schema).success, name).toBe(true);
    expect(zSource.safeParse(source).success, name).toBe(true);
    for (const field of key) expect(schema.fields.some((known) => known.name === field), `${name}.${field}`).toBe(true);
  }
  expect(new Set(GENERATOR_CHOICES.map(({ name }) => name)).size).toBe(GENERATOR_CHOICES.length);
});
