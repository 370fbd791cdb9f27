/**
 * Reasons: what one event met, stage by stage, as data. The page makes sentences of it.
 *
 * Shape   stages in the order of the chain; of each, how many partial matches offered it the event, what refused it,
 *         and some of them with their events. Times are event time in ms; rows are rows of the sample.
 */
import type { FieldValue } from '@tidemark/event';
import type { RefusedBy } from './attempts.ts';
import type { ConditionPart } from './condition-values.ts';
import type { EndReason } from './key-tracer.ts';

/** One event of a partial match. */
export interface TracedEvent {
  readonly stage: number;
  readonly row: number;
  readonly position: number;
  readonly time: number;
}

/** A partial match, by its events: all of a short one, of a long one the first and the last. */
export interface TracedWay {
  readonly events: readonly TracedEvent[];
  readonly length: number;
  readonly start: number;
}

/** How a partial match ended. */
export interface TracedEnding {
  readonly way: TracedWay;
  readonly reason: EndReason;
  readonly at: number;
  /** The event that ended it, null where time did. */
  readonly by: TracedEvent | null;
  readonly gate: number;
  /** Stages that it waited for. */
  readonly waitedFor: readonly number[];
}

export type RunOutcome = 'taken' | 'completed' | 'kept' | 'ended';

/** What the event did to one partial match that offered it to the stage. `way` null: the beginning of a new one. */
export interface RunReason {
  readonly way: TracedWay | null;
  readonly outcome: RunOutcome;
  /** What refused the event at this stage; null where it was taken. */
  readonly refusedBy: RefusedBy | null;
  /** Whose stop condition or greed it was. */
  readonly byStage: number;
  readonly ended: EndReason | null;
  readonly gate: number;
  readonly condition: readonly ConditionPart[] | null;
}

/**
 *   taken      a partial match took the event here
 *   refused    one waited here, and did not take it
 *   blocks     the event met this gate and ended partial matches
 *   no-effect  the event met this gate, and no partial match stood behind it
 *   nobody     it meets the condition, but no partial match waited here
 *   not-met    it does not meet the condition, and no partial match waited here
 *   late       it came after its time had passed
 */
export type StageVerdict = 'taken' | 'refused' | 'blocks' | 'no-effect' | 'nobody' | 'not-met' | 'late';

export interface StageReasons {
  readonly stage: number;
  readonly gate: boolean;
  readonly verdict: StageVerdict;
  /** Whether the event meets the condition by itself; 2 = it has no value; null = that depends on earlier events, of which there are none. */
  readonly meets: 0 | 1 | 2 | null;
  /** Partial matches that offered the event to this stage, the beginning of a new one counted. */
  readonly waited: number;
  readonly took: number;
  readonly refused: Readonly<Record<RefusedBy, number>>;
  /** The first few of them. */
  readonly runs: readonly RunReason[];
  /** The condition with the values of the event, in the eyes of the partial match that had come furthest. */
  readonly condition: readonly ConditionPart[] | null;
  /** Where nobody waited: the last partial match that had waited for this stage and how it ended before the event. */
  readonly before: TracedEnding | null;
}

export interface EventReasons {
  readonly event: TracedEvent;
  readonly key: readonly FieldValue[];
  /** How much too late it came, ms; null = in time. */
  readonly lateMs: number | null;
  /** Fields of the key that the event lacks. */
  readonly keyMissing: readonly number[];
  /** Partial matches of the key when the event came. */
  readonly waiting: number;
  /** How many of them the stages speak of: all, unless there are very many. */
  readonly lookedAt: number;
  readonly stages: readonly StageReasons[];
  /** Partial matches that the event ended, and those that ran out of time just before it. */
  readonly ended: readonly TracedEnding[];
  readonly endedCount: number;
  readonly completed: number;
  /** Completed matches that are held back now, because an earlier-started partial match is alive. */
  readonly held: number;
  /** Set where the question could not be answered: too many partial matches, or a condition that stopped the run. */
  readonly unknown: 'too-many' | 'fault' | null;
}

/** One line of a key's history. */
export interface KeyStep {
  readonly event: TracedEvent;
  /** Stages that took the event. */
  readonly taken: readonly number[];
  readonly completed: number;
  readonly ended: Readonly<Partial<Record<EndReason, number>>>;
  /** Partial matches that were there, and did nothing with it. */
  readonly ignored: number;
  readonly waiting: number;
  /** Stages whose condition it meets by itself. */
  readonly meets: readonly number[];
}
