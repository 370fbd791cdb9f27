/**
 * From what was found in a file to what the person says it is: schema, time, key.
 *
 * Always  the person has the last word: every proposed choice can be changed, and nothing is guessed again after;
 *         what is not yet usable is a list of problems, each with its place, never a refused click.
 *
 * Invariants (tests cite these ids):
 *   DC1  The schema that comes out has the time field, of type int, and every field of the key.
 *   DC2  A correction without problems always gives a schema; with problems none.
 *   DC3  Whatever the proposal, a field that was left out is in neither key nor time.
 */
import type { EventSchema, FieldType, TimeFormat } from '@tidemark/event';
import type { Proposal } from '@tidemark/protocol';

export interface CorrectedField { readonly name: string; readonly type: FieldType; readonly optional: boolean; readonly included: boolean }
export interface Correction {
  readonly fields: readonly CorrectedField[];
  readonly time: { readonly field: string; readonly format: TimeFormat } | null;
  readonly key: readonly string[];
  readonly outOfOrdernessMs: number;
}
export interface CorrectionProblem { readonly code: 'no-time' | 'no-fields' | 'lateness'; readonly field: string | null }

/** A key is proposed as chosen only where the evidence is good; else all events belong together until the person says otherwise. */
const KEY_SCORE_MIN = 0.5;
export const LATENESS_MS_MAX = 366 * 86_400_000;

export function correctionOf(proposal: Proposal): Correction {
  const fields = proposal.fields.map(({ name, type, optional }) => ({ name, type, optional, included: true }));
  const best = proposal.time[0];
  const key = proposal.key[0];
  return withTime({
    fields, time: null, outOfOrdernessMs: 0,
    key: key && key.score >= KEY_SCORE_MIN && key.field !== best?.field ? [key.field] : [],
  }, best ? best.field : null, proposal);
}

const names = (correction: Correction): ReadonlySet<string> => new Set(correction.fields.filter((field) => field.included).map((field) => field.name));

/** Another time field, with the notation and disorder that were found for it (`epoch-ms` where nothing was). */
export function withTime(correction: Correction, field: string | null, proposal: Proposal): Correction {
  if (field === null) return { ...correction, time: null };
  const found = proposal.time.find((candidate) => candidate.field === field);
  return {
    ...correction, time: { field, format: found?.format ?? 'epoch-ms' }, outOfOrdernessMs: found?.outOfOrdernessMs ?? correction.outOfOrdernessMs,
    fields: correction.fields.map((entry) => (entry.name === field ? { ...entry, included: true } : entry)),
    key: correction.key.filter((name) => name !== field),
  };
}
export const withTimeFormat = (correction: Correction, format: TimeFormat): Correction =>
  (correction.time ? { ...correction, time: { ...correction.time, format } } : correction);
export const withType = (correction: Correction, name: string, type: FieldType): Correction =>
  ({ ...correction, fields: correction.fields.map((field) => (field.name === name ? { ...field, type } : field)) });
export const withLateness = (correction: Correction, outOfOrdernessMs: number): Correction => ({ ...correction, outOfOrdernessMs });

export function withIncluded(correction: Correction, name: string, included: boolean): Correction {
  // The time field stays: without it there is no order.
  if (!included && correction.time?.field === name) return correction;
  return {
    ...correction, fields: correction.fields.map((field) => (field.name === name ? { ...field, included } : field)),
    key: included ? correction.key : correction.key.filter((key) => key !== name),
  };
}
/** Sets the key; fields that are left out or carry the time cannot be in it. */
export function withKey(correction: Correction, key: readonly string[]): Correction {
  const known = names(correction);
  return { ...correction, key: [...new Set(key)].filter((name) => known.has(name) && name !== correction.time?.field) };
}

export function problemsOf(correction: Correction): readonly CorrectionProblem[] {
  const problems: CorrectionProblem[] = [];
  if (correction.fields.every((field) => !field.included)) problems.push({ code: 'no-fields', field: null });
  if (correction.time === null || !names(correction).has(correction.time.field)) problems.push({ code: 'no-time', field: null });
  const { outOfOrdernessMs } = correction;
  if (!Number.isSafeInteger(outOfOrdernessMs) || outOfOrdernessMs < 0 || outOfOrdernessMs > LATENESS_MS_MAX) problems.push({ code: 'lateness', field: null });
  return problems;
}

/** The schema, or null while there are problems. */
export function schemaOf(correction: Correction): EventSchema | null {
  const { time } = correction;
  if (time === null || problemsOf(correction).length > 0) return null;
  return {
    fields: correction.fields.filter((field) => field.included).map(({ name, type, optional }) =>
      (name === time.field ? { name, type: 'int' as const } : optional ? { name, type, optional } : { name, type })),
    time,
  };
}

/** Events a second so that the file lasts about this long when deployed: time to see it work. */
export const pacedRate = (records: number, seconds = 150): number => Math.max(1, Math.round(records / seconds));
/** All records of a file, from those that were looked at. */
export const estimatedRecords = (sampled: number, sampledBytes: number, bytes: number): number =>
  (sampledBytes <= 0 || sampled === 0 ? sampled : Math.max(sampled, Math.round((sampled * bytes) / sampledBytes)));
