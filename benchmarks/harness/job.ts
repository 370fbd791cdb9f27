/** Jobs of the workloads: the document around a few stages, validated as a person's document is. */
import type { EventSchema } from '@tidemark/event';
import { type JobDocumentInput, type PatternEdge, type PatternNodeInput, type ValidatedJob, validateDocument, zJobDocument } from '@tidemark/pattern';

/** The five fields that W1 to W10 decode; NDJSON lines have eight. */
export const STREAM_SCHEMA: EventSchema = {
  fields: [
    { name: 'ts', type: 'int' }, { name: 'type', type: 'string' }, { name: 'key', type: 'string' },
    { name: 'value', type: 'double' }, { name: 'user', type: 'string' },
  ],
  time: { field: 'ts', format: 'epoch-ms' },
};

type PatternInput = NonNullable<JobDocumentInput['patterns']>[number];
export type StageInput = Extract<PatternNodeInput, { type: 'ATOMIC' }>;

/** A stage that takes events of one type; by default the type is the stage's name. */
export const stage = (id: string, more: Partial<StageInput> = {}, type = id): StageInput => ({
  type: 'ATOMIC', id, name: id, condition: { type: 'CEL', expression: `event.type == '${type}'` }, ...more,
});

/** Stages one after the other, all links of one kind. */
export function chain(nodes: readonly PatternNodeInput[], link: PatternEdge['type']): Pick<PatternInput, 'nodes' | 'edges'> {
  return { nodes: [...nodes], edges: nodes.slice(1).map((node, i) => ({ source: (nodes[i] as PatternNodeInput).id, target: node.id, type: link })) };
}

export const within = (ms: number): NonNullable<PatternInput['window']> => ({ type: 'FIRST_AND_LAST', time: { unit: 'MILLISECONDS', size: ms } });

/** No limit: what does not finish is stopped by the time box or by the limit on memory. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

export function jobOf(id: string, patterns: readonly Omit<PatternInput, 'id' | 'name'>[], schema: EventSchema = STREAM_SCHEMA): ValidatedJob {
  const { job, issues } = validateDocument(zJobDocument.parse({
    format: 'tidemark-job', version: 1, id, name: id, schema,
    patterns: patterns.map((pattern, i) => ({ ...pattern, id: `p${i}`, name: `p${i}` })),
    limits: { partialMatchesPerJob: NO_LIMIT, partialMatchesPerKey: NO_LIMIT, matchesPerEvent: NO_LIMIT },
  }));
  if (job === null) throw new Error(`the workload's pattern is refused: ${JSON.stringify(issues)}`);
  return job;
}
