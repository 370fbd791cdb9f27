/** What a valid document means: the only form that compiler, cluster and command line accept. */
import type { CheckedCondition, CheckedTemplate } from '@tidemark/condition';
import type { EventSchema } from '@tidemark/event';
import type { AfterMatch, JobDocument, PatternGraph } from './document.ts';
import type { StepLink } from './pattern-api.ts';

export interface ValidatedJob {
  readonly document: JobDocument;
  readonly schema: EventSchema;
  readonly patterns: readonly ValidatedPattern[];
  /** sha256, hexadecimal, of what can change matches or output lines. */
  readonly versionHash: string;
}

export interface ValidatedPattern {
  readonly graph: PatternGraph;
  /** The chain, in order. */
  readonly steps: readonly Step[];
  /** Effective FIRST_AND_LAST window in ms as Flink computes it; 0 = none. */
  readonly windowMs: number;
  readonly skip: AfterMatch;
  /** Field indexes; empty = one constant key. */
  readonly key: readonly number[];
  /** Order among events of equal time, before that of arrival; empty = arrival alone. */
  readonly tieBreak: readonly TieBreakField[];
  /** Every single stage, gates included, in the order of the chain, groups unfolded: index = stage number. */
  readonly stageNames: readonly string[];
  /** Node ids, parallel to `stageNames`. */
  readonly stageIds: readonly string[];
  readonly advanceEveryKey: boolean;
  readonly output: ValidatedOutput;
}

export interface TieBreakField {
  /** Field index. */
  readonly field: number;
  readonly descending: boolean;
}

export interface ValidatedOutput {
  readonly text: CheckedTemplate | null;
  readonly timedOut: boolean;
  readonly timedOutText: CheckedTemplate | null;
  readonly late: boolean;
}

/** One object of Flink's chain of Patterns. */
export interface Step {
  readonly nodeId: string;
  readonly name: string;
  /** Index in `stageNames`; -1 for a group. */
  readonly stage: number;
  readonly link: StepLink;
  /** null = any event. */
  readonly condition: CheckedCondition | null;
  readonly until: CheckedCondition | null;
  readonly quantifier: StepQuantifier;
  /**
   * The step's own window, the pattern's window included where this is the last step at the top level. Where a step
   * has both types, PREVIOUS_AND_CURRENT stands here; the other is in `ValidatedPattern.windowMs` all the same.
   * On the last step it also says whether Flink makes a trailing notFollowedBy wait (type PREVIOUS_AND_CURRENT, or ms > 0).
   */
  readonly window: { readonly type: 'FIRST_AND_LAST' | 'PREVIOUS_AND_CURRENT'; readonly ms: number } | null;
  /** Chain inside a group; null for a stage. */
  readonly group: readonly Step[] | null;
}

export interface StepQuantifier {
  readonly kind: 'single' | 'looping' | 'times';
  /** At least 1. */
  readonly from: number;
  /** = `from` where kind is looping ("or more"). */
  readonly to: number;
  readonly optional: boolean;
  readonly greedy: boolean;
  readonly inner: 'skipTillNext' | 'consecutive' | 'allowCombinations';
  /** Flink's times(n, time), oneOrMore(time); null = none. */
  readonly windowMs: number | null;
}
