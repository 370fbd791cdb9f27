/**
 * Automaton: a compiled pattern as tables. Immutable, shared by all keys; a key's own part is rows in arenas.
 *
 * Shape   states 0..stateCount-1 in Flink's order of construction; edges of state s are edgesFrom[s]..edgesFrom[s+1]-1
 *         in the order in which they are tried. Predicates are numbered with those on the current event alone
 *         ("column predicates") first: they are computed for whole batches; the others read earlier stages and are
 *         asked run by run.
 * Not here: runs (partial-matches/), what an edge does to a run (decision.ts).
 */
import type { CheckedCondition } from '@tidemark/condition';
import type { EdgeCondition } from '../compiler/edge-condition.ts';

export const STATE_NORMAL = 0;
export const STATE_START = 1;
export const STATE_FINAL = 2;
export const STATE_PENDING = 3;
export const STATE_STOP = 4;

export const TAKE = 0;
export const IGNORE = 1;
export const PROCEED = 2;

export type SkipStrategy = WholeMatchSkip | StageSkip;
export interface WholeMatchSkip { readonly kind: 'NO_SKIP' | 'SKIP_TO_NEXT' | 'SKIP_PAST_LAST_EVENT' }
export interface StageSkip { readonly kind: 'SKIP_TO_FIRST' | 'SKIP_TO_LAST'; readonly stageName: string; readonly throwOnMiss: boolean }

export interface Predicate {
  /** What is evaluated: of a condition that reads earlier stages, the part that does. */
  readonly condition: CheckedCondition;
  /**
   * Column predicate for the part of the condition that reads the event alone, -1 = none. The whole is `guard && condition`
   * with CEL's rule for errors: where one side is false the other side's error does not count.
   */
  readonly guard: number;
  /** Stage whose condition (or stop condition) it is; the first one where several share it. */
  readonly stage: number;
}

/**
 * How runs of this pattern can be kept without changing the order in which Flink gives results.
 *   'linear'  a start event never has more than one live run, and a run that completes is over: lists by start are
 *             exact under every strategy.
 *   'linear-no-skip'  the same, but a run may complete and go on: exact where nothing is held back.
 *   'branching'  runs multiply: Flink's heap order decides.
 */
export type Branching = 'linear' | 'linear-no-skip' | 'branching';

export interface Automaton {
  readonly stateCount: number;
  readonly stateName: readonly string[];
  readonly stateKind: Uint8Array;
  /** Stage of events taken out of the state, -1 for a group's hub. */
  readonly stateStage: Int16Array;
  /** Longest gap since the event taken last, ms; 0 = none. */
  readonly stateGapMs: Float64Array;
  readonly edgesFrom: Int32Array;
  readonly edgeAction: Uint8Array;
  /** -1: no target, using the edge is a fault. */
  readonly edgeTarget: Int32Array;
  readonly edgeCondition: readonly EdgeCondition[];
  readonly startState: number;
  /** From the first event on, ms; 0 = none. */
  readonly windowMs: number;
  readonly hasGaps: boolean;
  readonly hasPending: boolean;
  readonly predicates: readonly Predicate[];
  readonly columnPredicateCount: number;
  readonly stageNames: readonly string[];
  /** Name under which a stage's events are found: Flink cuts a stage's name at the first colon. */
  readonly resultNames: readonly string[];
  readonly skip: SkipStrategy;
  readonly branching: Branching;
}
