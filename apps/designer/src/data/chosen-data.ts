/**
 * The data that a drawing is about, as the person chose it, and how a document takes it over.
 * Always  only schema, source, lateness and key change; a stage's conditions are left as they are (the validator says what no longer fits).
 */
import type { EventSchema } from '@tidemark/event';
import { DOCUMENT_FORMAT, DOCUMENT_VERSION, type JobDocument, type JobDocumentInput, type SourceSpec, zJobDocument } from '@tidemark/pattern';

export interface ChosenData {
  /** For a project's name: the file's without its ending, or the generator's. */
  readonly name: string;
  readonly schema: EventSchema;
  readonly source: SourceSpec;
  readonly key: readonly string[];
  readonly outOfOrdernessMs: number;
}

const mutableSchema = (schema: EventSchema): NonNullable<JobDocument['schema']> => ({
  fields: schema.fields.map(({ name, type, optional }) => (optional ? { name, type, optional } : { name, type })), time: { ...schema.time },
});

export function withData(document: JobDocument, data: ChosenData): JobDocument {
  return {
    ...document, schema: mutableSchema(data.schema), source: data.source, outOfOrdernessMs: data.outOfOrdernessMs,
    patterns: document.patterns.map((pattern) => ({ ...pattern, key: [...data.key] })),
  };
}

/** A drawing without stages. `id` is the document's own, opaque. */
export function blankDocument(id: string, name: string, patternName: string): JobDocument {
  const input: JobDocumentInput = {
    format: DOCUMENT_FORMAT, version: DOCUMENT_VERSION, id, name,
    patterns: [{ id: 'pattern', name: patternName, nodes: [], edges: [], afterMatchStrategy: { type: 'SKIP_PAST_LAST_EVENT' } }],
    checkpointing: { intervalMs: 2_000 },
  };
  return zJobDocument.parse(input);
}

/** An id for a new document; works without a secure context, where crypto.randomUUID is missing. */
export function newDocumentId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `d${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** `machine_temperature.csv` → `machine temperature`. */
export const nameOfFile = (file: string): string => file.replace(/\.[A-Za-z0-9]{1,8}$/, '').replaceAll('_', ' ').trim().slice(0, 200) || file.slice(0, 200);
