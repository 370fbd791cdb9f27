/**
 * From text or a value of unknown origin to a JobDocument of the newest version.
 *
 * Always  all issues at once; nothing is thrown, whatever comes in; the document shares nothing with the value given
 *         and holds no key that JavaScript gives a meaning of its own.
 * Errors  as data: PatternIssue with code, JSON path, node id where one is near, sentence, remedy.
 * Not here: meaning (validate.ts). A draft that decodes may still be invalid.
 */
import type { core } from 'zod';
import { DOCUMENT_FORMAT, DOCUMENT_VERSION, type JobDocument, zJobDocument } from './document.ts';
import { syntaxError } from './json-syntax.ts';
import { type IssuePlace, makeIssue } from './issue-list.ts';
import type { PatternIssue } from './issue.ts';
import { type Json, type JsonObject, MIGRATIONS, type Migration, migrate } from './migrate.ts';

/** Of the text in UTF-8; a value is measured by the text it would make. */
export const DOCUMENT_BYTES_MAX = 16_000_000;
/** Arrays and objects within each other. */
export const DOCUMENT_DEPTH_MAX = 64;
const PROTOTYPE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

export type Decoded =
  | { readonly ok: true; readonly document: JobDocument; readonly migrations: readonly string[] }
  /**
   * `rest`: the document without what has no place in it, where that is all that is wrong with its shape, so that what it
   * means can be looked at in the same go. It is not to be kept or run.
   */
  | { readonly ok: false; readonly issues: readonly PatternIssue[]; readonly rest: JobDocument | null };

export interface DecodeOptions {
  readonly migrations?: readonly Migration[];
}

/**
 * Decodes a job document given as JSON text or as a value (the result of JSON.parse, say).
 *
 * @example decodeDocument('{"format":"tidemark-job","version":1,"id":"j","name":"J","patterns":[]}').ok // true
 */
export function decodeDocument(json: unknown, options: DecodeOptions = {}): Decoded {
  let value = json;
  if (typeof json === 'string') {
    if (new TextEncoder().encode(json).length > DOCUMENT_BYTES_MAX) {
      return { ok: false, issues: [makeIssue('document-too-large', { path: '$' }, { limit: DOCUMENT_BYTES_MAX })], rest: null };
    }
    try {
      value = JSON.parse(json.charCodeAt(0) === 0xfeff ? json.slice(1) : json) as unknown;
    } catch {
      return { ok: false, issues: [makeIssue('not-json', { path: '$' }, { ...syntaxError(json) })], rest: null };
    }
  }
  const scan = new Scan();
  const plain = scan.copy(value, '$', 0);
  if (scan.stopped) return { ok: false, issues: scan.issues, rest: null };
  if (!isObject(plain)) {
    return { ok: false, issues: [...scan.issues, makeIssue('not-an-object', { path: '$' }, { found: kindOf(plain) })], rest: null };
  }
  if (plain['format'] !== DOCUMENT_FORMAT) {
    return { ok: false, issues: [...scan.issues, makeIssue('not-a-job-document', { path: '$.format' }, { format: DOCUMENT_FORMAT })], rest: null };
  }
  const version = plain['version'];
  if (typeof version === 'number' && version > DOCUMENT_VERSION) {
    return { ok: false, issues: [...scan.issues, makeIssue('newer-version', { path: '$.version' }, { version, supported: DOCUMENT_VERSION })], rest: null };
  }
  const migrated = migrate(plain, DOCUMENT_VERSION, options.migrations ?? MIGRATIONS);
  if (!migrated.ok) {
    const shown = version === undefined ? 'none' : typeof version === 'number' ? version : kindOf(version);
    return { ok: false, issues: [...scan.issues, makeIssue('unknown-version', { path: '$.version' }, { version: shown, supported: DOCUMENT_VERSION })], rest: null };
  }
  const issues = scan.issues;
  const parsed = zJobDocument.safeParse(migrated.document);
  if (!parsed.success) {
    for (const found of parsed.error.issues) issues.push(...shapeIssues(found, migrated.document));
  }
  issues.push(...duplicateIds(migrated.document));
  return parsed.success && issues.length === 0
    ? { ok: true, document: parsed.data, migrations: migrated.applied }
    : { ok: false, issues, rest: parsed.success ? parsed.data : withoutUnknown(migrated.document, parsed.error.issues) };
}

/** The document without keys that are not known, if nothing else is wrong with its shape. */
function withoutUnknown(document: JsonObject, found: readonly core.$ZodIssue[]): JobDocument | null {
  const copy = JSON.parse(JSON.stringify(document)) as JsonObject;
  for (const issue of found) {
    const holder = valueAt(issue.path, copy);
    if (issue.code !== 'unrecognized_keys' || typeof holder !== 'object' || holder === null) return null;
    for (const key of issue.keys) delete (holder as Record<string, unknown>)[key];
  }
  return zJobDocument.safeParse(copy).data ?? null;
}

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Copies plain JSON, leaving out what may not be there, within bounds of depth and size (so a value with a cycle ends too). */
class Scan {
  readonly issues: PatternIssue[] = [];
  stopped = false;
  #budget = DOCUMENT_BYTES_MAX;

  copy(value: unknown, path: string, depth: number): Json {
    if (this.stopped) return null;
    this.#spend(typeof value === 'string' ? value.length + 2 : 1);
    if (typeof value !== 'object' || value === null) {
      // undefined, functions and symbols have no notation in JSON; what is not finite has none either
      return typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)) ? value : null;
    }
    if (depth >= DOCUMENT_DEPTH_MAX) {
      this.issues.push(makeIssue('too-deep', { path }, { limit: DOCUMENT_DEPTH_MAX }));
      this.stopped = true;
      return null;
    }
    if (Array.isArray(value)) return value.map((item, index) => this.copy(item, `${path}[${index}]`, depth + 1));
    const copied: Record<string, Json> = {};
    for (const key of Object.keys(value)) {
      this.#spend(key.length + 3);
      const at = pathTo(path, key);
      if (PROTOTYPE_KEYS.has(key)) {
        this.issues.push(makeIssue('prototype-key', { path: at }, { key }));
        continue;
      }
      const item = (value as Record<string, unknown>)[key];
      if (item !== undefined) copied[key] = this.copy(item, at, depth + 1);
      if (this.stopped) return null;
    }
    return copied;
  }

  #spend(bytes: number): void {
    this.#budget -= bytes;
    if (this.#budget >= 0 || this.stopped) return;
    this.issues.push(makeIssue('document-too-large', { path: '$' }, { limit: DOCUMENT_BYTES_MAX }));
    this.stopped = true;
  }
}

const pathTo = (path: string, key: string): string => (/^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`);

/** JSON path of keys and indexes, e.g. `$.patterns[0].name`. */
export function jsonPath(keys: readonly PropertyKey[]): string {
  return keys.reduce<string>((path, key) => (typeof key === 'number' ? `${path}[${key}]` : pathTo(path, String(key))), '$');
}

/** Pattern and node that a path lies in, by the ids that the raw value gives them. */
function placeOf(keys: readonly PropertyKey[], root: JsonObject): IssuePlace {
  let patternId: string | null = null;
  let nodeId: string | null = null;
  let current: Json | undefined = root;
  for (let index = 0; index < keys.length && current !== undefined && current !== null && typeof current === 'object'; index++) {
    current = (current as Record<string, Json>)[keys[index] as string];
    const above = keys[index - 1];
    if (typeof keys[index] !== 'number' || !isObject(current) || typeof current['id'] !== 'string') continue;
    if (above === 'patterns') patternId = current['id'];
    if (above === 'nodes') nodeId = current['id'];
  }
  return { path: jsonPath(keys), patternId, nodeId };
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a string', number: 'a number', int: 'a whole number', boolean: 'true or false', array: 'a list', object: 'an object', record: 'an object', null: 'null',
};

function shapeIssues(found: core.$ZodIssue, root: JsonObject): PatternIssue[] {
  const place = placeOf(found.path, root);
  const field = found.path.length === 0 ? 'the document' : String(found.path.at(-1));
  switch (found.code) {
    case 'unrecognized_keys':
      return found.keys.map((key) => makeIssue('unknown-field', placeOf([...found.path, key], root), { field: key }));
    case 'invalid_type': {
      const value = valueAt(found.path, root);
      if (value === undefined) return [makeIssue('missing-field', place, { field })];
      return [makeIssue('wrong-type', place, { field, expected: TYPE_WORDS[found.expected] ?? found.expected, found: kindOf(value) })];
    }
    case 'invalid_value': {
      if (valueAt(found.path, root) === undefined) return [makeIssue('missing-field', place, { field })];
      return [makeIssue('unknown-value', place, { field, expected: found.values.map(String).join(', ') })];
    }
    case 'invalid_union': {
      // the kind of a discriminated union is missing or unknown
      if (valueAt(found.path, root) === undefined) return [makeIssue('missing-field', place, { field })];
      return [makeIssue('unknown-value', place, { field, expected: 'options' in found && Array.isArray(found.options) ? found.options.join(', ') : 'the kinds that the schema lists' })];
    }
    case 'too_big':
      return [makeIssue('out-of-range', place, { field, limit: `${found.inclusive === false ? 'less than' : 'at most'} ${found.maximum}` })];
    case 'too_small':
      return [makeIssue('out-of-range', place, { field, limit: `${found.inclusive === false ? 'more than' : 'at least'} ${found.minimum}` })];
    default:
      return [makeIssue('bad-format', place, { field, expected: found.message })];
  }
}

function valueAt(keys: readonly PropertyKey[], root: JsonObject): unknown {
  let current: unknown = root;
  for (const key of keys) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Record<PropertyKey, unknown>)[key];
  }
  return current;
}

/** Ids of patterns, of tests, and of nodes within one pattern (groups included) are unique. */
function duplicateIds(root: JsonObject): PatternIssue[] {
  const issues: PatternIssue[] = [];
  const check = (seen: Set<string>, holder: Json | undefined, keys: readonly PropertyKey[]): void => {
    const id = isObject(holder) ? holder['id'] : undefined;
    if (typeof id !== 'string') return;
    if (seen.has(id)) issues.push(makeIssue('duplicate-id', placeOf([...keys, 'id'], root), { id }));
    seen.add(id);
  };
  const list = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value as readonly Json[] : []);
  const nodes = (holder: Json, keys: readonly PropertyKey[], seen: Set<string>): void => {
    if (!isObject(holder)) return;
    list(holder['nodes']).forEach((node, index) => {
      const at = [...keys, 'nodes', index];
      check(seen, node, at);
      nodes(node, at, seen);
    });
  };
  const patternIds = new Set<string>();
  list(root['patterns']).forEach((pattern, index) => {
    check(patternIds, pattern, ['patterns', index]);
    nodes(pattern, ['patterns', index], new Set());
  });
  const testIds = new Set<string>();
  list(root['tests']).forEach((test, index) => check(testIds, test, ['tests', index]));
  return issues;
}
