/** Short notation for documents in tests: `job([stage('a'), then('b')])`. Development only. */
import type { JobDocument, JobDocumentInput, PatternEdge, PatternNodeInput } from '../src/document.ts';
import { zJobDocument, zPattern } from '../src/document.ts';
import type { z } from 'zod';

type PatternInput = z.input<typeof zPattern>;
export interface Drawn { readonly node: PatternNodeInput; readonly link: PatternEdge['type'] }
type NodeExtras = Partial<Omit<Extract<PatternNodeInput, { type: 'ATOMIC' }>, 'type' | 'id' | 'name'>> & { readonly where?: string };

/** A stage with the link that leads to it (of no account for the first). Its id is its name with `#` before. */
export function stage(name: string, { where, ...extras }: NodeExtras = {}, link: PatternEdge['type'] = 'SKIP_TILL_NEXT'): Drawn {
  return { link, node: { type: 'ATOMIC', id: `id_${name}`, name, ...(where === undefined ? {} : { condition: { type: 'CEL', expression: where } }), ...extras } };
}
export const gate = (name: string, extras: NodeExtras = {}): Drawn => stage(name, { where: 'true', ...extras }, 'NOT_FOLLOW');

export function group(name: string, steps: readonly Drawn[], extras: NodeExtras = {}, link: PatternEdge['type'] = 'SKIP_TILL_NEXT'): Drawn {
  const { where, ...rest } = extras;
  return { link, node: { type: 'COMPOSITE', id: `id_${name}`, name, ...level(steps), ...rest, ...(where === undefined ? {} : { condition: { type: 'CEL', expression: where } }) } };
}

export function level(steps: readonly Drawn[]): { nodes: PatternNodeInput[]; edges: PatternEdge[] } {
  return {
    nodes: steps.map((step) => step.node),
    edges: steps.slice(1).map((step, index) => ({ source: steps[index]?.node.id ?? '', target: step.node.id, type: step.link })),
  };
}

export const seconds = (size: number, type: 'FIRST_AND_LAST' | 'PREVIOUS_AND_CURRENT' = 'FIRST_AND_LAST') => ({ type, time: { unit: 'SECONDS' as const, size } });
export const loop = (from = 1, ...more: readonly ('OPTIONAL' | 'GREEDY')[]) => ({ quantifier: { properties: ['LOOPING' as const, ...more], times: { from, to: from } } });
export const times = (from: number, to = from, ...more: readonly ('OPTIONAL' | 'GREEDY')[]) => ({ quantifier: { properties: ['TIMES' as const, ...more], times: { from, to } } });
export const optional = { quantifier: { properties: ['SINGLE' as const, 'OPTIONAL' as const] } };

/** A job over events with ts, id, name, price and user, with a window of 10 s unless `pattern` says otherwise. */
export function job(steps: readonly Drawn[], pattern: Partial<PatternInput> = {}, document: Partial<JobDocumentInput> = {}): JobDocument {
  return zJobDocument.parse({
    format: 'tidemark-job', version: 1, id: 'j', name: 'J',
    schema: {
      fields: [
        { name: 'ts', type: 'int' }, { name: 'id', type: 'int' }, { name: 'name', type: 'string' }, { name: 'price', type: 'double' },
        { name: 'user', type: 'string', optional: true },
      ],
      time: { field: 'ts', format: 'epoch-ms' },
    },
    patterns: [{ id: 'p', name: 'P', window: seconds(10), ...level(steps), ...pattern }],
    ...document,
  });
}
