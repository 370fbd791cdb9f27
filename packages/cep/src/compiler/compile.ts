/**
 * Compiler: a validated pattern becomes an automaton.
 *
 * Always  a pure function of pattern and schema; the pattern is valid (packages/pattern said so), what it means is
 *         Flink's business to the last state and edge.
 * Not here: states and edges of a step (state-graph.ts), what is wrong with a pattern (packages/pattern).
 */
import { invariant } from '@tidemark/core';
import { type CheckedCondition, splitCondition } from '@tidemark/condition';
import type { EventSchema } from '@tidemark/event';
import { type Step, type ValidatedPattern, durationMs } from '@tidemark/pattern';
import {
  type Automaton, type Branching, IGNORE, PROCEED, type Predicate, STATE_FINAL, STATE_NORMAL, STATE_PENDING, STATE_START, STATE_STOP,
  type SkipStrategy, TAKE,
} from '../automaton/automaton.ts';
import { DECISION_FINALS, DECISION_RETAINED, DecisionMaker } from '../automaton/decision.ts';
import { type EdgeCondition, TRUE, collectPredicates, predicate } from './edge-condition.ts';
import { type GraphStep, type StateDraft, type StateKind, buildStateGraph } from './state-graph.ts';

const KIND: Record<StateKind, number> = {
  normal: STATE_NORMAL, start: STATE_START, final: STATE_FINAL, pending: STATE_PENDING, stop: STATE_STOP,
};
const ACTION = { take: TAKE, ignore: IGNORE, proceed: PROCEED } as const;

/** Above this many predicates in one state the runs are taken to branch, instead of trying all combinations. */
const TRIED_PREDICATES_MAX = 12;

/** Compiles one pattern. The schema is the one that its conditions were checked against. */
export function compile(pattern: ValidatedPattern, _schema: EventSchema): Automaton {
  const predicates = new PredicateList();
  collectConditions(pattern.steps, predicates);
  predicates.number();
  const steps = graphSteps(pattern.steps, predicates, pattern);
  const states = buildStateGraph(steps);

  const edgesFrom = new Int32Array(states.length + 1);
  const edges = states.flatMap((state) => state.edges);
  states.forEach((state, index) => {
    edgesFrom[index + 1] = (edgesFrom[index] as number) + state.edges.length;
  });
  const start = states.findIndex((state) => state.kind === 'start');
  invariant(start !== -1, 'an automaton has a start state');

  const automaton: Automaton = {
    stateCount: states.length,
    stateName: states.map((state) => state.name),
    stateKind: Uint8Array.from(states, (state) => KIND[state.kind]),
    stateStage: Int16Array.from(states, (state) => state.stage),
    stateGapMs: Float64Array.from(states, (state) => Math.max(0, state.gapMs)),
    edgesFrom,
    edgeAction: Uint8Array.from(edges, (edge) => ACTION[edge.action]),
    edgeTarget: Int32Array.from(edges, (edge) => edge.target?.index ?? -1),
    edgeCondition: edges.map((edge) => edge.condition),
    startState: start,
    // The pattern knows its window; one of its steps may carry two and show one.
    windowMs: Math.max(0, pattern.windowMs),
    hasGaps: states.some((state) => state.gapMs > 0),
    hasPending: states.some((state) => state.kind === 'pending'),
    predicates: predicates.list,
    columnPredicateCount: predicates.columnCount,
    stageNames: pattern.stageNames,
    resultNames: pattern.stageNames.map((name) => name.split(':')[0] as string),
    skip: skipStrategy(pattern),
    branching: 'branching',
  };
  return { ...automaton, branching: branchingOf(automaton, states) };
}

function skipStrategy(pattern: ValidatedPattern): SkipStrategy {
  const { type, patternName, throwOnMiss } = pattern.skip;
  if (type === 'SKIP_TO_FIRST' || type === 'SKIP_TO_LAST') {
    invariant(patternName !== null, 'a skip to a stage names it');
    return { kind: type, stageName: patternName, throwOnMiss };
  }
  return { kind: type };
}

/** Distinct conditions, those on the current event alone in front; a condition that reads stages brings its guard with it. */
class PredicateList {
  readonly #found = new Map<string, { condition: CheckedCondition; stage: number }>();
  readonly #ids = new Map<string, number>();
  list: Predicate[] = [];
  columnCount = 0;

  add(condition: CheckedCondition | null, stage: number): void {
    if (condition !== null && !this.#found.has(condition.text)) this.#found.set(condition.text, { condition, stage });
  }

  number(): void {
    const columns: Predicate[] = [];
    const asked: Predicate[] = [];
    for (const [text, { condition, stage }] of this.#found) {
      const { eventOnly, rest } = splitCondition(condition);
      if (rest === null) this.#ids.set(text, columns.length);
      else asked.push({ condition: rest, stage, guard: eventOnly === null ? -1 : columns.length });
      if (eventOnly !== null) columns.push({ condition: eventOnly, stage, guard: -1 });
    }
    this.columnCount = columns.length;
    this.list = [...columns, ...asked];
    asked.forEach(({ condition }, i) => this.#ids.set(condition.text, columns.length + i));
  }

  condition(condition: CheckedCondition | null): EdgeCondition {
    return condition === null ? TRUE : predicate(this.#ids.get(condition.text) as number);
  }
}

function collectConditions(steps: readonly Step[], into: PredicateList): void {
  for (const step of steps) {
    into.add(step.condition, step.stage);
    into.add(step.until, step.stage);
    if (step.group) collectConditions(step.group, into);
  }
}

function graphSteps(steps: readonly Step[], predicates: PredicateList, pattern: ValidatedPattern | null): GraphStep[] {
  return steps.map((step, index): GraphStep => {
    // The window of the whole pattern is Flink's `within` on the last step.
    const whole = index === steps.length - 1 ? pattern?.graph.window ?? null : null;
    const windowOf = (type: 'FIRST_AND_LAST' | 'PREVIOUS_AND_CURRENT'): number | null => {
      if (whole?.type === type) return durationMs(whole.time);
      return step.window?.type === type ? step.window.ms : null;
    };
    const { quantifier } = step;
    return {
      name: step.name,
      stage: step.stage,
      link: step.link,
      condition: predicates.condition(step.condition),
      until: step.until === null ? null : predicates.condition(step.until),
      kind: quantifier.kind,
      from: quantifier.from,
      to: quantifier.to,
      optional: quantifier.optional,
      greedy: quantifier.greedy,
      inner: quantifier.inner,
      timesWindowMs: quantifier.windowMs,
      firstAndLastMs: windowOf('FIRST_AND_LAST'),
      previousAndCurrentMs: windowOf('PREVIOUS_AND_CURRENT'),
      group: step.group === null ? null : graphSteps(step.group, predicates, null),
    };
  });
}

/** Every state that a run in `state` may look at: itself and what PROCEED edges lead to. */
function proceedClosure(state: StateDraft): Set<StateDraft> {
  const seen = new Set([state]);
  for (const current of seen) for (const edge of current.edges) if (edge.action === 'proceed' && edge.target !== null) seen.add(edge.target);
  return seen;
}

function predicatesOf(state: StateDraft): Set<number> {
  const ids = new Set<number>();
  for (const current of proceedClosure(state)) {
    for (const edge of current.edges) {
      collectPredicates(edge.condition, ids);
      if (edge.action !== 'take' || edge.target === null) continue;
      for (const next of proceedClosure(edge.target)) {
        for (const onward of next.edges) if (onward.action === 'proceed') collectPredicates(onward.condition, ids);
      }
    }
  }
  return ids;
}

/** Tries every combination of predicate values in every state that a run can wait in. */
function branchingOf(automaton: Automaton, states: readonly StateDraft[]): Branching {
  const maker = new DecisionMaker(automaton);
  let completesAndGoesOn = false;
  for (const state of states) {
    if (state.kind === 'final' || state.kind === 'stop') continue;
    const ids = [...predicatesOf(state)];
    if (ids.length > TRIED_PREDICATES_MAX) return 'branching';
    for (let values = 0; values < 1 << ids.length; values += 1) {
      let out: Int32Array;
      try {
        out = maker.decide(state.index, (id) => ((values >> ids.indexOf(id)) & 1) === 1);
      } catch {
        return 'branching'; // a combination that is a fault at run time; nothing can be said of the rest
      }
      const finals = out[DECISION_FINALS] as number;
      const retained = out[DECISION_RETAINED] as number;
      if (finals > 1 || retained > 1) return 'branching';
      if (finals + retained > 1) completesAndGoesOn = true;
    }
  }
  return completesAndGoesOn ? 'linear-no-skip' : 'linear';
}
