/**
 * A fault plan: what breaks, and when. Data, drawn from chance that is given; carried out by whoever holds the world
 * (the simulator today; the page's menu of faults later).
 *
 * Rules (tests cite these ids)
 *   FP1  A plan is a function of its source of chance: equal draws, equal plan.
 *   FP2  Each plan first draws which kinds of fault occur in it at all (swarm testing): common faults do not hide the
 *        rare combinations.
 * Not here: how something is broken; the menu's other faults of the reference (they come with their means).
 */
export type FaultKind =
  /** A worker process is gone between two instructions (SIGKILL). */
  | 'kill-worker'
  /** The runtime is gone; its workers notice by their closed sockets. */
  | 'kill-runtime'
  /** Everything is gone, and what was not synced may be lost or torn. */
  | 'power-cut'
  /** One bit of the newest checkpoint is wrong; then a worker is killed, so that it is read. */
  | 'damage-checkpoint'
  /** A worker stands still for a while and then goes on as if nothing had been (SIGSTOP, SIGCONT). */
  | 'pause-worker';

export const FAULT_KINDS: readonly FaultKind[] = ['kill-worker', 'kill-runtime', 'power-cut', 'damage-checkpoint', 'pause-worker'];

export interface PlannedFault {
  readonly kind: FaultKind;
  /** ms after the fault before, or after the start. */
  readonly afterMs: number;
  /** How long it lasts, ms; 0 for what happens at once. */
  readonly lastsMs: number;
}

export interface FaultPlanOptions {
  /** Uniform in [0, 1). */
  readonly chance: () => number;
  readonly faultsMax: number;
  /** Longest time between two faults. */
  readonly spacingMs: number;
}

const KIND_SHARE = 0.6;
/** One fault in three comes soon after the other: during its recovery. */
const SOON_SHARE = 1 / 3;
const SOON_MS = 30;

export function drawFaultPlan({ chance, faultsMax, spacingMs }: FaultPlanOptions): readonly PlannedFault[] {
  const kinds = FAULT_KINDS.filter(() => chance() < KIND_SHARE);
  if (kinds.length === 0 || faultsMax === 0) return [];
  return Array.from({ length: 1 + Math.floor(chance() * faultsMax) }, () => {
    const kind = kinds[Math.floor(chance() * kinds.length)] as FaultKind;
    const afterMs = chance() * (chance() < SOON_SHARE ? SOON_MS : spacingMs);
    return { kind, afterMs, lastsMs: kind === 'pause-worker' ? chance() * spacingMs : 0 };
  });
}
