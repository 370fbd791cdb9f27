/**
 * When frames of one job are due: at most one each 250 ms, the first at once.
 * Timers are injected; nothing is scheduled while nothing changes.
 */
import type { JobFrame } from '@tidemark/protocol';
import type { JobFeed } from './job-feed.ts';

export const FRAME_INTERVAL_MS = 250;

export interface PumpClock {
  monotonic(): number;
  /** Calls back once; the answer cancels. */
  schedule(ms: number, callback: () => void): () => void;
}

export class FeedPump {
  readonly #feed: JobFeed;
  readonly #clock: PumpClock;
  readonly #send: (frame: JobFrame) => void;
  #lastAt = -Infinity;
  #cancel: (() => void) | null = null;
  #stopped = false;

  constructor(feed: JobFeed, clock: PumpClock, send: (frame: JobFrame) => void) {
    this.#feed = feed;
    this.#clock = clock;
    this.#send = send;
  }

  /** Call after facts went into the feed. */
  wake(): void {
    if (this.#stopped || this.#cancel !== null || !this.#feed.changed) return;
    const wait = Math.max(0, this.#lastAt + FRAME_INTERVAL_MS - this.#clock.monotonic());
    this.#cancel = this.#clock.schedule(wait, () => {
      this.#cancel = null;
      this.#flush();
      this.wake(); // what had no room
    });
  }

  /** Sends what is there and stops: the job's feed is closed. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
    if (!this.#stopped) this.#flush();
    this.#stopped = true;
  }

  #flush(): void {
    const frame = this.#feed.frame();
    if (frame === null) return;
    this.#lastAt = this.#clock.monotonic();
    this.#send(frame);
  }
}
