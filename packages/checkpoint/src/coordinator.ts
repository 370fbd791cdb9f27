/**
 * The checkpoint coordinator: pure decisions. Every race is a list of events in a test.
 *
 * The protocol: allocate an id durably, trigger the sources, collect one acknowledgement from each task of the plan,
 * write the metadata durably, and only then tell the sinks to commit. One checkpoint at a time.
 *
 * Invariants (tests cite these ids):
 *   CC1  Ids rise strictly and an id is durable before a barrier carries it (I1).
 *   CC2  Acknowledgements count once per task, only from the attempt of the plan, only for the pending checkpoint (I3).
 *   CC3  notify-complete follows metadata-durable and nothing else (I4, I5).
 *   CC4  An aborted checkpoint is over: what comes later for it changes nothing (C3, R11).
 *   CC5  Failures that count (declined, expired, metadata) are counted once per checkpoint, reset by a success; more
 *        than the threshold in a row fails the job, and the count starts anew.
 *   CC6  Exactly the newest `retained` checkpoints are kept; an older one is deleted after the newer is durable.
 *   CC7  A failover aborts the pending checkpoint without counting it; nothing is triggered until all tasks run again.
 *   CC8  A final checkpoint that was asked for is triggered as soon as nothing is pending, and again until one completes;
 *        after it nothing is triggered any more: the tasks are ending.
 *   CC9  Metadata whose fate is unknown fails its checkpoint but its files are left alone (C5).
 *
 * Source: reference/fault-tolerance.md 2.3; Flink CheckpointCoordinator, CheckpointFailureManager.
 * Not here: files, clocks, messages (effects say what to do; the shell does it in the order given).
 */
import { type Attempt, type CheckpointId, checkpointId, unreachable } from '@tidemark/core';
import type { TaskAck } from './completed-checkpoint.ts';

export interface CoordinatorConfig {
  readonly retained: number;
  /** Failed checkpoints in a row that are tolerated. */
  readonly tolerableFailures: number;
}

export interface CheckpointPlan {
  readonly attempt: Attempt;
  readonly tasks: ReadonlySet<string>;
}

export interface PendingCheckpoint {
  readonly id: CheckpointId;
  readonly final: boolean;
  /** Wall time, ms. */
  readonly triggeredAt: number;
  readonly plan: CheckpointPlan;
  readonly acks: ReadonlyMap<string, TaskAck>;
  readonly phase: 'collecting' | 'finalizing';
}

export interface CoordinatorState {
  readonly config: CoordinatorConfig;
  readonly nextId: number;
  /** null while not all tasks run. */
  readonly plan: CheckpointPlan | null;
  /** The id that is being made durable. */
  readonly allocating: { readonly id: CheckpointId; readonly final: boolean; readonly at: number } | null;
  readonly pending: PendingCheckpoint | null;
  /** A final checkpoint was asked for and has not completed. */
  readonly finalWanted: boolean;
  /** Ascending. */
  readonly completed: readonly CheckpointId[];
  readonly failuresInRow: number;
}

export type FailureReason = 'declined' | 'expired' | 'trigger-failed' | 'metadata-failed' | 'tasks-stopped';

export type CoordinatorEvent =
  /** All tasks of this plan run. */
  | { readonly kind: 'tasks-running'; readonly plan: CheckpointPlan; readonly at: number }
  | { readonly kind: 'tasks-stopped'; readonly at: number }
  | { readonly kind: 'trigger'; readonly at: number }
  | { readonly kind: 'final-wanted'; readonly at: number }
  | { readonly kind: 'allocated'; readonly id: CheckpointId }
  | { readonly kind: 'allocation-failed'; readonly id: CheckpointId; readonly detail: string; readonly at: number }
  | { readonly kind: 'ack'; readonly id: CheckpointId; readonly attempt: Attempt; readonly task: string; readonly ack: TaskAck }
  | { readonly kind: 'declined'; readonly id: CheckpointId; readonly attempt: Attempt; readonly task: string; readonly detail: string; readonly at: number }
  | { readonly kind: 'expired'; readonly id: CheckpointId; readonly at: number }
  | { readonly kind: 'metadata-durable'; readonly id: CheckpointId; readonly at: number }
  /** `mayExist`: the write failed at a point where the metadata may already be visible. */
  | { readonly kind: 'metadata-failed'; readonly id: CheckpointId; readonly detail: string; readonly mayExist: boolean; readonly at: number };

export type CoordinatorEffect =
  /** Make the id durable and its directory exclusively; answer with allocated or allocation-failed. */
  | { readonly kind: 'allocate'; readonly id: CheckpointId }
  /** Send the trigger to the sources of the plan and start the time-out. */
  | { readonly kind: 'inject'; readonly id: CheckpointId; readonly plan: CheckpointPlan; readonly triggeredAt: number; readonly final: boolean }
  | { readonly kind: 'write-metadata'; readonly pending: PendingCheckpoint }
  | { readonly kind: 'notify-complete'; readonly id: CheckpointId; readonly plan: CheckpointPlan }
  | { readonly kind: 'notify-aborted'; readonly id: CheckpointId; readonly plan: CheckpointPlan }
  /** Delete the files of a checkpoint that is no more: aborted or beyond the retained ones. */
  | { readonly kind: 'delete'; readonly id: CheckpointId }
  | { readonly kind: 'fail-job'; readonly detail: string }
  | { readonly kind: 'report'; readonly report: CheckpointReport };

export interface CheckpointReport {
  readonly id: CheckpointId;
  readonly phase: 'triggered' | 'acknowledged' | 'completed' | 'failed';
  readonly pending: PendingCheckpoint;
  readonly reason: FailureReason | null;
  readonly detail: string | null;
}

export function initialState(config: CoordinatorConfig, nextId: number, completed: readonly CheckpointId[]): CoordinatorState {
  return { config, nextId, plan: null, allocating: null, pending: null, finalWanted: false, completed, failuresInRow: 0 };
}

type Decision = readonly [CoordinatorState, readonly CoordinatorEffect[]];

export function decide(state: CoordinatorState, event: CoordinatorEvent): Decision {
  switch (event.kind) {
    case 'tasks-running':
      return triggerIfWanted({ ...state, plan: event.plan }, event.at);

    case 'tasks-stopped': {
      const stopped = { ...state, plan: null, allocating: null, finalWanted: false };
      // Past the point of no return: the metadata's own outcome decides, not the tasks' fate.
      if (!state.pending || state.pending.phase === 'finalizing') return [stopped, []];
      return abort(stopped, state.pending, 'tasks-stopped', 'a task stopped', 'uncounted', event.at);
    }

    case 'trigger':
      return trigger(state, false, event.at);

    case 'final-wanted':
      return triggerIfWanted({ ...state, finalWanted: true }, event.at);

    case 'allocated': {
      const allocating = state.allocating;
      if (!allocating || allocating.id !== event.id || !state.plan) return [state, []]; // a gap in the ids is legal (R23)
      const pending: PendingCheckpoint = {
        id: allocating.id, final: allocating.final, triggeredAt: allocating.at, plan: state.plan, acks: new Map(), phase: 'collecting',
      };
      return [
        { ...state, allocating: null, pending },
        [report('triggered', pending), { kind: 'inject', id: pending.id, plan: pending.plan, triggeredAt: pending.triggeredAt, final: pending.final }],
      ];
    }

    case 'allocation-failed': {
      const allocating = state.allocating;
      if (!allocating || allocating.id !== event.id || !state.plan) return [state, []];
      const never: PendingCheckpoint = {
        id: allocating.id, final: allocating.final, triggeredAt: allocating.at, plan: state.plan, acks: new Map(), phase: 'collecting',
      };
      return abort({ ...state, allocating: null }, never, 'trigger-failed', event.detail, 'counted', event.at);
    }

    case 'ack': {
      const pending = current(state, event.id, event.attempt);
      if (!pending || pending.phase !== 'collecting' || !pending.plan.tasks.has(event.task) || pending.acks.has(event.task)) return [state, []];
      const acks = new Map(pending.acks).set(event.task, event.ack);
      if (acks.size < pending.plan.tasks.size) {
        const collecting = { ...pending, acks };
        return [{ ...state, pending: collecting }, [report('acknowledged', collecting)]];
      }
      const finalizing: PendingCheckpoint = { ...pending, acks, phase: 'finalizing' };
      return [{ ...state, pending: finalizing }, [report('acknowledged', finalizing), { kind: 'write-metadata', pending: finalizing }]];
    }

    case 'declined': {
      const pending = current(state, event.id, event.attempt);
      if (!pending || pending.phase !== 'collecting') return [state, []];
      return abort(state, pending, 'declined', `${event.task}: ${event.detail}`, 'counted', event.at);
    }

    case 'expired':
      if (state.pending?.id !== event.id || state.pending.phase !== 'collecting') return [state, []];
      return abort(state, state.pending, 'expired', 'not all tasks acknowledged in time', 'counted', event.at);

    case 'metadata-durable': {
      const pending = state.pending;
      if (pending?.id !== event.id) return [state, []];
      const all = [...state.completed, pending.id];
      const completed = all.slice(-state.config.retained);
      const subsumed = all.slice(0, all.length - completed.length);
      const next: CoordinatorState = {
        ...state, plan: pending.final && state.plan?.attempt === pending.plan.attempt ? null : state.plan, pending: null, completed, failuresInRow: 0, finalWanted: state.finalWanted && !pending.final,
      };
      const effects: CoordinatorEffect[] = [report('completed', pending)];
      // Only now is there no way back to an older checkpoint: the sinks may commit. If the tasks are gone or new ones
      // run, they commit when they are restored from this checkpoint.
      if (state.plan?.attempt === pending.plan.attempt) effects.push({ kind: 'notify-complete', id: pending.id, plan: pending.plan });
      for (const id of subsumed) effects.push({ kind: 'delete', id });
      return then([next, effects], event.at);
    }

    case 'metadata-failed': {
      const pending = state.pending;
      if (pending?.id !== event.id) return [state, []];
      const [next, effects] = abort(state, pending, 'metadata-failed', event.detail, state.plan ? 'counted' : 'uncounted', event.at);
      return [next, event.mayExist ? effects.filter((effect) => effect.kind !== 'delete') : effects];
    }

    default:
      return unreachable(event);
  }
}

function current(state: CoordinatorState, id: CheckpointId, attempt: Attempt): PendingCheckpoint | null {
  return state.pending?.id === id && state.pending.plan.attempt === attempt ? state.pending : null;
}

function trigger(state: CoordinatorState, final: boolean, at: number): Decision {
  if (!state.plan || state.pending || state.allocating) return [state, []];
  const id = checkpointId(state.nextId);
  return [{ ...state, nextId: state.nextId + 1, allocating: { id, final, at } }, [{ kind: 'allocate', id }]];
}

function triggerIfWanted(state: CoordinatorState, at: number): Decision {
  return state.finalWanted ? trigger(state, true, at) : [state, []];
}

/** What was waiting for the pending checkpoint to be over. */
function then([state, effects]: Decision, at: number): Decision {
  const [next, more] = triggerIfWanted(state, at);
  return [next, [...effects, ...more]];
}

function abort(
  state: CoordinatorState, pending: PendingCheckpoint, reason: FailureReason, detail: string, counting: 'counted' | 'uncounted', at: number,
): Decision {
  const failures = counting === 'counted' ? state.failuresInRow + 1 : state.failuresInRow;
  const tooMany = failures > state.config.tolerableFailures;
  const next: CoordinatorState = { ...state, pending: state.pending?.id === pending.id ? null : state.pending, failuresInRow: tooMany ? 0 : failures };
  const effects: CoordinatorEffect[] = [
    { kind: 'report', report: { id: pending.id, phase: 'failed', pending, reason, detail } },
    { kind: 'notify-aborted', id: pending.id, plan: pending.plan },
    { kind: 'delete', id: pending.id },
  ];
  if (tooMany) return [next, [...effects, { kind: 'fail-job', detail: `${failures} checkpoints in a row failed; the last: ${detail}` }]];
  return then([next, effects], at);
}

function report(phase: CheckpointReport['phase'], pending: PendingCheckpoint): CoordinatorEffect {
  return { kind: 'report', report: { id: pending.id, phase, pending, reason: null, detail: null } };
}
