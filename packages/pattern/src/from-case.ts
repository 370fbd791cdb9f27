/**
 * From a case of the format `cep-case/1` to a job document, so that cases and differential tests go through the same
 * validator as drawings.
 *
 *   FC1  The calls of Flink's Pattern API that a case stands for are made one after the other; the first that Flink
 *        refuses is the answer.
 *   FC2  What a document cannot say (an order of calls, a name that is no identifier) is said in `options`, which
 *        validateDocument takes.
 *   FC3  `ts` and `id` are int, other numbers double; a field that some event lacks is optional.
 *
 * Not here: running a case (packages/cep/conformance).
 * Source  shared format page of the cases: canonical order of calls, "Values in CEL".
 */
import { invariant } from '@tidemark/core';
import type { FieldSchema } from '@tidemark/event';
import { DOCUMENT_FORMAT, DOCUMENT_VERSION, type JobDocument, type JobDocumentInput, type PatternEdge, type PatternNodeInput, type TieBreak, type Window, zJobDocument } from './document.ts';
import { isIdentifier } from './identifier.ts';
import { makeIssue } from './issue-list.ts';
import type { PatternIssue } from './issue.ts';
import { type ApiCall, ApiStep, type StepLink, type WindowType } from './pattern-api.ts';
import type { ValidateOptions } from './validate.ts';

export interface CaseWindow { readonly ms: number; readonly type?: WindowType }
export interface CaseStep {
  readonly name: string;
  readonly link: StepLink;
  readonly where?: string | null;
  readonly group?: readonly CaseStep[];
  readonly times?: { readonly from: number; readonly to: number | null; readonly windowMs?: number | null } | null;
  readonly inner?: 'skipTillNext' | 'consecutive' | 'allowCombinations';
  readonly optional?: boolean;
  readonly greedy?: boolean;
  readonly until?: string | null;
  readonly within?: CaseWindow | null;
  readonly calls?: readonly ApiCall[] | null;
}
export interface CasePattern {
  readonly steps: readonly CaseStep[];
  readonly within?: CaseWindow | null;
  readonly skip?: { readonly strategy: JobDocument['patterns'][number]['afterMatchStrategy']['type']; readonly stage?: string; readonly throwOnMiss?: boolean } | null;
}
export type CaseEvent = Readonly<Record<string, unknown>>;

export type FromCase =
  | { readonly ok: true; readonly document: JobDocument; readonly options: ValidateOptions }
  | { readonly ok: false; readonly issues: readonly PatternIssue[] };

/**
 * The document of a case. Its pattern's id is `case`; its stages are called as in the case, cut at a colon as Flink
 * cuts them (where that makes no two equal).
 */
export function fromCase(
  pattern: CasePattern, keyBy: string | readonly string[] | null, events: readonly CaseEvent[], settings: { readonly advanceEveryKey?: boolean; readonly tieBreak?: readonly TieBreak[] | undefined } = {},
): FromCase {
  const builder = new CaseBuilder(pattern);
  const level = builder.level(pattern.steps, 'n');
  if (builder.refusal) return { ok: false, issues: [builder.refusal] };
  const skip = pattern.skip;
  const document: JobDocumentInput = {
    format: DOCUMENT_FORMAT, version: DOCUMENT_VERSION, id: 'case', name: 'case',
    schema: { fields: caseFields(events, builder.texts), time: { field: 'ts', format: 'epoch-ms' } },
    patterns: [{
      id: 'case', name: 'case', ...level, window: builder.window,
      afterMatchStrategy: { type: skip?.strategy ?? 'NO_SKIP', patternName: skip?.stage === undefined ? null : builder.nameOf(skip.stage), throwOnMiss: skip?.throwOnMiss ?? false },
      key: keyBy === null ? [] : typeof keyBy === 'string' ? [keyBy] : [...keyBy],
      ...(settings.tieBreak === undefined ? {} : { tieBreak: [...settings.tieBreak] }),
      advanceEveryKey: settings.advanceEveryKey ?? false,
      output: { timedOut: true },
    }],
  };
  return { ok: true, document: zJobDocument.parse(document), options: { origin: 'case', greedyFirst: builder.greedyFirst } };
}

class CaseBuilder {
  refusal: PatternIssue | null = null;
  readonly greedyFirst = new Set<string>();
  /** All conditions, for the fields they name. */
  readonly texts: string[] = [];
  window: Window | null;
  readonly #names = new Map<string, string>();
  #groups = 0;

  constructor(pattern: CasePattern) {
    this.window = pattern.within ? windowOf(pattern.within.ms, pattern.within.type ?? 'FIRST_AND_LAST') : null;
    const names = stageNames(pattern.steps);
    const cut = (name: string): string => (name.includes(':') ? name.slice(0, name.indexOf(':')) : name);
    for (const name of names) {
      const short = cut(name);
      const unique = short !== '' && names.every((other) => other === name || cut(other) !== short);
      this.#names.set(name, unique ? short : name);
    }
  }

  nameOf(name: string): string {
    return this.#names.get(name) ?? name;
  }

  level(steps: readonly CaseStep[], prefix: string): { nodes: PatternNodeInput[]; edges: PatternEdge[] } {
    const nodes: PatternNodeInput[] = [];
    const edges: PatternEdge[] = [];
    let previous: ApiStep | null = null;
    steps.forEach((step, index) => {
      if (this.refusal) return;
      const id = `${prefix}${index}`;
      const group = step.group ? this.level(step.group, `${id}_`) : null;
      if (this.refusal) return;
      const api: ApiStep = new ApiStep(step.name, index === 0 ? 'begin' : step.link, group !== null, previous);
      previous = api;
      const refuse = (refusal: typeof api.linkRefusal): void => {
        if (refusal && !this.refusal) this.refusal = makeIssue(refusal.code, { path: `$.patterns[0].nodes[${index}]`, patternId: 'case', nodeId: id }, refusal.values, refusal.flink);
      };
      refuse(api.linkRefusal);
      const calls = caseCalls(step);
      for (const call of calls) {
        if (!this.refusal) refuse(api.call(call));
      }
      for (const text of [api.condition, api.until]) if (text !== null) this.texts.push(text);
      if (calls.findIndex(([name]) => name === 'greedy') < calls.findIndex(([name]) => name === 'allowCombinations')) this.greedyFirst.add(id);
      nodes.push(this.#node(step, id, api, group));
      if (index > 0) edges.push({ source: `${prefix}${index - 1}`, target: id, type: EDGES[api.link] });
    });
    return { nodes, edges };
  }

  #node(step: CaseStep, id: string, api: ApiStep, group: { nodes: PatternNodeInput[]; edges: PatternEdge[] } | null): PatternNodeInput {
    const { previousAndCurrentMs: gap, firstAndLastMs: whole, times } = api;
    if (gap !== null && whole !== null) {
      // a node holds one window; where the other stands makes no difference at the top level
      invariant(this.window === null && !id.includes('_'), `step ${step.name} has two windows`);
      this.window = windowOf(whole, 'FIRST_AND_LAST');
    }
    const common = {
      id,
      name: this.nameOf(step.name) || `group${++this.#groups}`,
      window: gap !== null ? windowOf(gap, 'PREVIOUS_AND_CURRENT') : whole !== null ? windowOf(whole, 'FIRST_AND_LAST') : null,
      quantifier: {
        consumingStrategy: api.inner,
        properties: (['SINGLE', 'LOOPING', 'TIMES', 'OPTIONAL', 'GREEDY'] as const).filter((property) => api.has(property)),
        times: times && { from: times.from, to: times.to, windowTime: times.windowMs === null ? null : { unit: 'MILLISECONDS' as const, size: times.windowMs } },
        untilCondition: api.until === null ? null : { type: 'CEL' as const, expression: api.until },
      },
    };
    return group
      ? { type: 'COMPOSITE', ...common, ...group }
      : { type: 'ATOMIC', ...common, condition: api.condition === null ? null : { type: 'CEL', expression: api.condition } };
  }
}

const EDGES = {
  begin: 'STRICT', next: 'STRICT', followedBy: 'SKIP_TILL_NEXT', followedByAny: 'SKIP_TILL_ANY', notNext: 'NOT_NEXT', notFollowedBy: 'NOT_FOLLOW',
} as const satisfies Record<StepLink, PatternEdge['type']>;

const windowOf = (ms: number, type: WindowType): Window => ({ type, time: { unit: 'MILLISECONDS', size: ms } });

const stageNames = (steps: readonly CaseStep[]): string[] => steps.flatMap((step) => (step.group ? stageNames(step.group) : [step.name]));

/** The calls after the step's link, in the canonical order unless the case gives its own. A window is no matter of order. */
export function caseCalls(step: CaseStep): ApiCall[] {
  const within: ApiCall[] = step.within ? [['within', step.within.ms, step.within.type ?? 'FIRST_AND_LAST']] : [];
  if (step.calls) return [...step.calls, ...(step.calls.some(([name]) => name === 'within') ? [] : within)];
  const { times } = step;
  const calls: ApiCall[] = [];
  if (step.where !== null && step.where !== undefined) calls.push(['where', step.where]);
  if (times) {
    const windowMs = times.windowMs ?? null;
    if (times.to === null) calls.push(times.from === 1 ? ['oneOrMore', windowMs] : ['timesOrMore', times.from, windowMs]);
    else calls.push(times.from === times.to ? ['times', times.from, null, windowMs] : ['times', times.from, times.to, windowMs]);
  }
  if (step.inner === 'consecutive') calls.push(['consecutive']);
  if (step.inner === 'allowCombinations') calls.push(['allowCombinations']);
  if (step.greedy) calls.push(['greedy']);
  if (step.optional) calls.push(['optional']);
  if (step.until !== null && step.until !== undefined) calls.push(['until', step.until]);
  return [...calls, ...within];
}

/** Fields of the events, and those that only conditions name (optional: no event has them). */
function caseFields(events: readonly CaseEvent[], texts: readonly string[]): FieldSchema[] {
  const fields = new Map<string, { type: FieldSchema['type']; count: number }>([['ts', { type: 'int', count: 0 }]]);
  for (const event of events) {
    for (const [name, value] of Object.entries(event)) {
      const type = typeof value === 'string' ? 'string' : typeof value === 'boolean' ? 'bool' : typeof value !== 'number' ? null : name === 'ts' || name === 'id' ? 'int' : 'double';
      if (type === null) continue;
      const field = fields.get(name) ?? { type, count: 0 };
      field.count++;
      fields.set(name, field);
    }
  }
  const asked = texts.flatMap((text) => [...text.matchAll(/(?<![\w.])(?:event|e)\.([A-Za-z_]\w*)(?!\s*\()(\s*(?:[<>]=?|[=!]=)\s*-?\d)?/g)]);
  for (const [, name = '', number] of asked) {
    if (!fields.has(name) && isIdentifier(name)) fields.set(name, { type: name === 'id' ? 'int' : number === undefined ? 'string' : 'double', count: -1 });
  }
  return [...fields].map(([name, { type, count }]) => (name === 'ts' || count === events.length ? { name, type } : { name, type, optional: true }));
}
