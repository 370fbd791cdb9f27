/**
 * Summary of a trace: stage by stage how far events and partial matches came, and the first reason why there is no match.
 *
 * Units   events of the sample, or partial matches; `ended` counts partial matches whose last event was taken by the stage.
 */
import type { EndReason } from './key-tracer.ts';
import type { ConditionPart } from './condition-values.ts';
import type { TracedEnding, TracedEvent, TracedWay } from './event-reasons.ts';

export interface StageSummary {
  readonly stage: number;
  readonly id: string;
  readonly name: string;
  readonly gate: boolean;
  /** Events that meet the condition; where it reads earlier stages, those that meet the part that the event decides. */
  readonly met: number;
  readonly metExact: boolean;
  /** Events that some partial match took here. */
  readonly taken: number;
  /** Partial matches that came here. */
  readonly reached: number;
  readonly ended: Readonly<Record<EndReason, number>>;
  /** Partial matches that this gate ended. */
  readonly blocked: number;
  /** Partial matches that still wait after this stage at the end. */
  readonly waiting: number;
  /** Where no event meets the condition: the one that came closest. */
  readonly nearest: { readonly event: TracedEvent; readonly condition: readonly ConditionPart[] } | null;
  /** The first endings after this stage. */
  readonly examples: readonly TracedEnding[];
}

/** The partial match that came furthest without completing. */
export interface Furthest {
  readonly way: TracedWay;
  /** null: it still waits. */
  readonly ending: TracedEnding | null;
  readonly waitsFor: readonly number[];
  readonly key: readonly (string | number | boolean | null)[];
}

/**
 *   matches      there are matches
 *   no-events    nothing came
 *   all-late     every event came too late
 *   not-met      no event meets the condition of `stage`
 *   too-many     no match in the part that was followed, and it is only a part
 *   ended        partial matches came as far as the stage before and ended there, mostly for `reason`
 *   waiting      they still wait for it
 *   held         matches are complete but held back
 *   dropped      complete, but pruned by the skip strategy
 *   not-reached  its condition is met, but only when no partial match waits for it
 */
export type VerdictCode = 'matches' | 'no-events' | 'all-late' | 'not-met' | 'too-many' | 'ended' | 'waiting' | 'held' | 'dropped' | 'not-reached';

export interface TraceSummary {
  readonly events: number;
  readonly late: number;
  readonly keys: number;
  readonly matches: number;
  readonly timedOut: number;
  readonly held: number;
  readonly dropped: number;
  /** Events that were followed through. */
  readonly traced: number;
  /** False where not all could be followed, because partial matches are too many to be told one by one. */
  readonly whole: boolean;
  /** A condition without a value, or a skip that missed: there the job stops. */
  readonly fault: { readonly message: string; readonly event: TracedEvent } | null;
  readonly stages: readonly StageSummary[];
  readonly furthest: Furthest | null;
  readonly verdict: { readonly code: VerdictCode; readonly stage: number; readonly reason: EndReason | null; readonly count: number };
}
