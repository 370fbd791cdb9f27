/**
 * Which patterns of a job share a key, and which rows have one.
 *
 * Always  groups stand in the order of their first pattern; keys are equal when they name the same fields in the same
 *         order. A row that lacks a field of a key takes no part in its patterns. Where every pattern's key has the
 *         field, the decoder made such a record a dead letter before (commonKeyFields).
 */
import type { ColumnSet } from '@tidemark/event';
import type { ValidatedJob, ValidatedPattern } from '@tidemark/pattern';

export interface PatternsOfKey {
  /** Field indexes; empty = one constant key. */
  readonly key: readonly number[];
  /** Indexes of patterns in the job, ascending. */
  readonly patterns: readonly number[];
}

export function patternsByKey({ patterns }: Pick<ValidatedJob, 'patterns'>): readonly PatternsOfKey[] {
  const groups = new Map<string, { readonly key: readonly number[]; readonly patterns: number[] }>();
  patterns.forEach(({ key }, index) => {
    const group = groups.get(key.join());
    if (group) group.patterns.push(index);
    else groups.set(key.join(), { key, patterns: [index] });
  });
  return [...groups.values()];
}

/** Names of the fields that are in the key of every pattern: a record without one of them is of no use to any. */
export function commonKeyFields({ patterns, schema }: Pick<ValidatedJob, 'patterns' | 'schema'>): readonly string[] {
  const [first, ...others] = patterns;
  return ((first as ValidatedPattern).key)
    .filter((field) => others.every(({ key }) => key.includes(field)))
    .map((field) => schema.fields[field]?.name as string);
}

export function hasKey(rows: ColumnSet, row: number, key: readonly number[]): boolean {
  for (const field of key) if (rows.columns[field]?.present[row] !== 1) return false;
  return true;
}
