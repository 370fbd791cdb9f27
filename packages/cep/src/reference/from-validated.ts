/**
 * A validated pattern in the reference's notation: conditions become functions over rows of one batch.
 *
 * Always  events are row numbers of the batch that holds the whole stream; an evaluation error is thrown.
 * Not here: matching. Only evaluation of conditions is shared with the engine.
 */
import { type CheckedCondition, EVALUATION_BUDGET, type EvaluationContext, RowList, compilePredicate } from '@tidemark/condition';
import type { EventBatch } from '@tidemark/event';
import type { Step, ValidatedPattern } from '@tidemark/pattern';
import { type ReferenceGraph, referenceGraph } from './reference-graph.ts';
import type { ReferenceCondition, ReferenceEvent, ReferencePattern, ReferenceStep } from './reference-pattern.ts';

export interface ReferenceRow extends ReferenceEvent { readonly row: number }

const LINKS = { begin: 'strict', next: 'strict', followedBy: 'next', followedByAny: 'any', notNext: 'not-next', notFollowedBy: 'not-follow' } as const;
const INNER = { consecutive: 'strict', skipTillNext: 'next', allowCombinations: 'any' } as const;
const KINDS = { single: 'single', times: 'times', looping: 'loop' } as const;

export function fromValidated(pattern: ValidatedPattern, batch: EventBatch): { pattern: ReferencePattern<ReferenceRow>; graph: ReferenceGraph<ReferenceRow> } {
  const scope = { schema: batch.schema, stages: pattern.stageNames, hasEvent: true };

  const condition = (checked: CheckedCondition | null): ReferenceCondition<ReferenceRow> | null => {
    if (checked === null) return null;
    const predicate = compilePredicate(checked, scope);
    return (event, matched) => {
      const context: EvaluationContext = {
        batch, row: event.row, retained: batch, budget: EVALUATION_BUDGET,
        rows: (stage) => new RowList().set(matched(pattern.stageNames[stage] as string).map(({ row }) => row)),
      };
      return predicate(context);
    };
  };

  const convert = (step: Step): ReferenceStep<ReferenceRow> => ({
    name: step.group === null ? step.name : 'GroupPattern',
    link: LINKS[step.link],
    where: condition(step.condition),
    until: condition(step.until),
    kind: KINDS[step.quantifier.kind],
    from: step.quantifier.from,
    to: step.quantifier.to,
    optional: step.quantifier.optional,
    greedy: step.quantifier.greedy,
    inner: INNER[step.quantifier.inner],
    timesWindowMs: step.quantifier.windowMs,
    firstToLastMs: step.window?.type === 'FIRST_AND_LAST' ? step.window.ms : null,
    previousToCurrentMs: step.window?.type === 'PREVIOUS_AND_CURRENT' ? step.window.ms : null,
    group: step.group?.map(convert) ?? null,
  });

  const reference: ReferencePattern<ReferenceRow> = {
    steps: pattern.steps.map(convert),
    skip: { strategy: pattern.skip.type, stage: pattern.skip.patternName, throwOnMiss: pattern.skip.throwOnMiss },
  };
  // a step that has both kinds of window shows one of them: the effective window stands in the pattern
  return { pattern: reference, graph: { ...referenceGraph(reference), windowMs: pattern.windowMs } };
}
