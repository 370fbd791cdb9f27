/**
 * Named migrations: how a document of an older version of the notation becomes one of the newest.
 *
 * Always  one entry leads from each former version to the next; entries are applied in order; an entry is a pure
 *         function of plain JSON (not of this version's types, which it must outlive) and never changes its argument.
 * Version 1 is the first that was ever written, so the registry is empty; the mechanism is tested with a made-up one.
 * Not here: what a document means (validate.ts).
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export interface Migration {
  /** Kebab-case, stable: it stands in reports. */
  readonly name: string;
  readonly from: number;
  /** Gives the document of version `from + 1`; `version` is set by the caller. */
  readonly migrate: (document: JsonObject) => JsonObject;
}

export const MIGRATIONS: readonly Migration[] = [];

export type Migrated =
  | { readonly ok: true; readonly document: JsonObject; readonly applied: readonly string[] }
  | { readonly ok: false };

/** Applies what leads from the document's version to `target`; not ok where a step is missing. */
export function migrate(document: JsonObject, target: number, registry: readonly Migration[] = MIGRATIONS): Migrated {
  const applied: string[] = [];
  let current = document;
  for (let version = document['version']; version !== target;) {
    const step = registry.find((entry) => entry.from === version);
    if (typeof version !== 'number' || !step) return { ok: false };
    version = step.from + 1;
    current = { ...step.migrate(current), version };
    applied.push(step.name);
  }
  return { ok: true, document: current, applied };
}
