/**
 * One recovery as a bar to scale: what each step took, and what state the job was in while it took it.
 *
 * Always  segments follow each other without holes and their shares sum to 1; a share is a step's duration over
 *         the whole and nothing else (a step of 9 ms is a hairline, as it should be).
 * Not here: words (i18n), drawing (recovery-panel.tsx).
 */
import type { RecoveryStep, RecoveryView } from '@tidemark/protocol';

/** Red, blue, amber, green of the notation. */
export type RecoveryTone = 'down' | 'restoring' | 'replaying' | 'caught-up';

const TONES: Readonly<Record<RecoveryStep['step'], RecoveryTone>> = {
  detected: 'down', cancelled: 'down', waited: 'down', 'workers-started': 'restoring', 'checkpoint-chosen': 'restoring', restored: 'restoring',
  running: 'restoring', 'caught-up': 'replaying',
};

export interface RecoverySegment {
  readonly step: RecoveryStep['step'];
  /** Tone of the time the step took; the moment it ends in is drawn by `mark`. */
  readonly tone: RecoveryTone;
  readonly mark: RecoveryTone;
  readonly at: number;
  readonly durationMs: number;
  /** Shares of the whole bar, 0..1. */
  readonly from: number;
  readonly share: number;
  readonly detail: string | null;
}
export interface RecoveryBar {
  readonly segments: readonly RecoverySegment[];
  readonly totalMs: number;
  readonly faultAt: number;
  readonly done: boolean;
  /** What the job is doing while the recovery is not done. */
  readonly current: RecoveryTone;
}

export function recoveryBar(recovery: RecoveryView): RecoveryBar {
  const totalMs = recovery.steps.reduce((sum, step) => sum + Math.max(0, step.durationMs), 0);
  let before = 0;
  const segments = recovery.steps.map((step): RecoverySegment => {
    const durationMs = Math.max(0, step.durationMs);
    const from = totalMs === 0 ? 0 : before / totalMs;
    before += durationMs;
    const tone = TONES[step.step];
    return {
      step: step.step, tone, mark: step.step === 'caught-up' ? 'caught-up' : tone, at: step.at, durationMs, from,
      share: totalMs === 0 ? 0 : durationMs / totalMs, detail: step.detail,
    };
  });
  const last = recovery.steps.at(-1)?.step;
  const current: RecoveryTone = recovery.done ? 'caught-up' : last === 'running' ? 'replaying'
    : last === undefined || last === 'detected' || last === 'cancelled' ? 'down' : 'restoring';
  return { segments, totalMs, faultAt: recovery.cause.at, done: recovery.done, current };
}
