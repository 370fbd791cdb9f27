/**
 * The reference's own notation of a pattern: plain objects, conditions as functions.
 *
 * Always  `matched(stage)` gives the events that the partial match has accepted for a stage so far, oldest first,
 *         without the current event; an unknown stage gives an empty list. A condition may throw: the run fails.
 * Not here: where it comes from (tests translate a ValidatedPattern), anything of the engine.
 */
export interface ReferenceEvent {
  readonly ts: number;
  /** Arrival number within the key's stream; the order among equal timestamps. */
  readonly seq: number;
}

export type ReferenceCondition<E> = (event: E, matched: (stage: string) => readonly E[]) => boolean;

export type Contiguity = 'strict' | 'next' | 'any';

export interface ReferenceStep<E> {
  readonly name: string;
  readonly link: 'strict' | 'next' | 'any' | 'not-next' | 'not-follow';
  /** null accepts every event. */
  readonly where: ReferenceCondition<E> | null;
  readonly until: ReferenceCondition<E> | null;
  readonly kind: 'single' | 'times' | 'loop';
  readonly from: number;
  readonly to: number;
  readonly optional: boolean;
  readonly greedy: boolean;
  readonly inner: Contiguity;
  /** Duration argument of times / oneOrMore. */
  readonly timesWindowMs: number | null;
  readonly firstToLastMs: number | null;
  readonly previousToCurrentMs: number | null;
  readonly group: readonly ReferenceStep<E>[] | null;
}

export interface ReferenceSkip {
  readonly strategy: 'NO_SKIP' | 'SKIP_TO_NEXT' | 'SKIP_PAST_LAST_EVENT' | 'SKIP_TO_FIRST' | 'SKIP_TO_LAST';
  readonly stage: string | null;
  readonly throwOnMiss: boolean;
}

export interface ReferencePattern<E> {
  readonly steps: readonly ReferenceStep<E>[];
  readonly skip: ReferenceSkip;
}
