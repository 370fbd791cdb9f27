/**
 * How fast a source may go: as fast as possible, n events a second, or by event time sped up.
 *
 * Always  pace decides when a row goes, never which or in what order: output does not depend on it. After a restart it
 *         begins anew, and after a pause (backpressure, a slow machine) it forgets what it is behind by more than a
 *         second: no rush to catch up.
 * Units   monotonic ms.
 */
export type Rate =
  | { readonly kind: 'unlimited' }
  /** `head`: so many records from the beginning go unpaced. */
  | { readonly kind: 'per-second'; readonly events: number; readonly head?: number | undefined }
  | { readonly kind: 'event-time'; readonly speed: number; readonly head?: number | undefined };

const BEHIND_MS_MAX = 1000;

export class Pace {
  readonly #rate: Rate;
  /** The row with `#originTime`, or the one after `#emitted` others, goes at `#origin`. */
  #origin: number | null = null;
  #originTime = 0;
  #emitted = 0;

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** ms until the record at this position, with this event time, may go; 0 = it goes now. */
  waitFor(position: number, eventTime: number, now: number): number {
    if (this.#rate.kind === 'unlimited' || position < (this.#rate.head ?? 0)) return 0;
    if (this.#origin === null) {
      this.#origin = now;
      this.#originTime = eventTime;
    }
    const due = this.#rate.kind === 'per-second'
      ? (this.#emitted * 1000) / this.#rate.events
      : (eventTime - this.#originTime) / this.#rate.speed;
    const wait = this.#origin + due - now;
    if (wait < -BEHIND_MS_MAX) this.#origin -= wait;
    if (wait > 0) return wait;
    this.#emitted += 1;
    return 0;
  }

  /** Whether a record with this event time would wait for its time, however many others wait for their turn. */
  isDue(eventTime: number, now: number): boolean {
    if (this.#rate.kind !== 'event-time' || this.#origin === null) return true;
    return (eventTime - this.#originTime) / this.#rate.speed <= now - this.#origin;
  }
}
