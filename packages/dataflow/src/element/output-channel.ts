/**
 * The sending end of a channel: keeps order, spends credits.
 *
 * Invariants (tests cite these ids):
 *   OC1  Elements leave in the order they were pushed.
 *   OC2  A batch leaves only for a credit; what stands behind a waiting batch waits too.
 *   OC3  `isFull` while something waits: a producer that asks before it produces holds at most one batch back.
 */
import type { StreamElement } from './stream-element.ts';

export class OutputChannel {
  #credits: number;
  #waiting: StreamElement[] = [];
  readonly #send: (element: StreamElement) => void;

  constructor(credits: number, send: (element: StreamElement) => void) {
    this.#credits = credits;
    this.#send = send;
  }

  get isFull(): boolean {
    return this.#waiting.length > 0;
  }

  push(element: StreamElement): void {
    this.#waiting.push(element);
    if (this.#waiting.length === 1) this.#drain();
  }

  addCredit(): void {
    this.#credits += 1;
    this.#drain();
  }

  #drain(): void {
    let sent = 0;
    for (const element of this.#waiting) {
      if (element.kind === 'batch') {
        if (this.#credits === 0) break;
        this.#credits -= 1;
      }
      this.#send(element);
      sent += 1;
    }
    if (sent === this.#waiting.length) this.#waiting = [];
    else if (sent > 0) this.#waiting = this.#waiting.slice(sent);
  }
}
