/** Which fields of an event an operator copies. */
import type { EventSchema } from '@tidemark/event';
import type { ValidatedPattern } from '@tidemark/pattern';
import type { Automaton } from '../automaton/automaton.ts';

/** Fields of rows that wait which something reads later: to find their class again, their key, their order, what is kept of them. */
export function heldFields(pattern: ValidatedPattern, automaton: Automaton, kept: readonly number[]): number[] {
  const held = new Set([...kept, ...pattern.key, ...pattern.tieBreak.map(({ field }) => field)]);
  for (const { condition } of automaton.predicates) condition.fields.forEach((field) => held.add(field));
  return [...held].sort((a, b) => a - b);
}

/** Fields of taken events that something later reads; `all`: those of the schema. */
export function keptFields(schema: EventSchema, pattern: ValidatedPattern, automaton: Automaton, all: boolean): number[] {
  if (all) return schema.fields.map((_, field) => field);
  const kept = new Set<number>();
  automaton.predicates.slice(automaton.columnPredicateCount).forEach(({ condition }) => condition.fields.forEach((field) => kept.add(field)));
  for (const template of [pattern.output.text, pattern.output.timedOutText]) template?.fields.forEach((field) => kept.add(field));
  return [...kept].sort((a, b) => a - b);
}
