/**
 * Text index: which of many entries may be meant by a row, by the texts that they require.
 *
 * Always  an entry is found for every row that holds its texts, and for every row that lacks one of their fields. It is
 *         indexed by as many of its fields as the table of their combinations has room for (`indexed`).
 * Not here: what is done with an entry (row-router.ts, packed-patterns.ts).
 */
import type { RequiredText } from '@tidemark/condition';
import { FieldGroup } from './field-group.ts';

/** Tables with more places than this are made over fewer fields. */
const PLACES_MAX = 1 << 22;

export interface IndexEntry {
  /** At least one. */
  readonly required: readonly RequiredText[];
  /** What is found; several may have the same number. */
  readonly entry: number;
}

export class TextIndex {
  readonly groups: readonly FieldGroup[];
  /** For each of the entries, in their order: the texts that it is found by. */
  readonly indexed: readonly (readonly RequiredText[])[];

  constructor(entries: readonly IndexEntry[]) {
    const texts = new Map<number, Set<string>>();
    for (const { required } of entries) {
      for (const { field, text } of required) texts.set(field, (texts.get(field) ?? new Set<string>()).add(text));
    }
    const groups = new Map<string, FieldGroup>();
    this.indexed = entries.map(({ required, entry }) => {
      // One text for each field: of two different ones the first will do.
      const byField = new Map<number, string>();
      for (const { field, text } of required) if (!byField.has(field)) byField.set(field, text);
      let fields = [...byField.keys()].sort((a, b) => a - b);
      while (fields.length > 1 && FieldGroup.places(fields.map((field) => (texts.get(field) as Set<string>).size)) > PLACES_MAX) fields = fields.slice(0, -1);
      const key = fields.join();
      const group = groups.get(key) ?? new FieldGroup(fields);
      groups.set(key, group);
      group.add(fields.map((field) => byField.get(field) as string), entry);
      return fields.map((field) => ({ field, text: byField.get(field) as string }));
    });
    this.groups = [...groups.values()];
    for (const group of this.groups) group.close();
  }
}
