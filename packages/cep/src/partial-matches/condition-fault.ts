/** What a job says when a condition has no value, or costs too much: pattern, stage, the event's place, the way out. */
import { CostExceeded, type EvaluationError } from '@tidemark/condition';
import { JobFault } from '@tidemark/core';
import type { Automaton } from '../automaton/automaton.ts';

/** `place`: split and position of the event. */
export function conditionFault(automaton: Automaton, predicate: number, patternId: string, place: string, cause: EvaluationError | null): JobFault {
  const { condition, stage } = automaton.predicates[predicate] as Automaton['predicates'][number];
  const costly = cause instanceof CostExceeded;
  return new JobFault(
    `The condition of stage ${automaton.stageNames[stage]} of pattern ${patternId} could not be evaluated for the event at ${place}: ${cause?.message ?? 'no value'}. Condition: ${condition.text}`,
    {
      domain: 'user', retry: 'no-retry', code: costly ? 'condition-cost' : 'condition-evaluation', operatorId: patternId,
      remedy: costly ? 'Make the condition cheaper, or the lists and texts that it reads shorter.' : 'Guard the condition, for example with has(…) or size(…) > 0.',
    },
    cause === null ? undefined : { cause },
  );
}
