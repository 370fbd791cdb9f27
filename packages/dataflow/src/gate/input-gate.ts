/**
 * The input side of a subtask: one queue a channel, taken from in turn, blocked channels left alone.
 *
 * Invariants (tests cite these ids):
 *   IG1  Elements of one channel are taken in order of arrival.
 *   IG2  Nothing is taken from a blocked channel.
 *   IG3  Every channel that has something and is not blocked is reached within one round.
 *   IG4  A batch's credit goes back when the batch is taken, so that a channel never holds more batches than its credits.
 *   IG5  A batch waits for what stands behind it in its channel, so that its watermark can come with it. Rows give out
 *        nothing before a watermark passes them: nothing is later for it, and one credit of a channel is lent.
 */
import { type EventTime, invariant } from '@tidemark/core';
import type { StreamElement } from '../element/stream-element.ts';

export interface Arrival {
  readonly channel: number;
  readonly element: StreamElement;
}

export class InputGate {
  readonly #queues: StreamElement[][];
  readonly #heads: number[];
  readonly #batches: number[];
  readonly #credits: number;
  readonly #returnCredit: (channel: number) => void;
  #next = 0;

  constructor(channelCount: number, credits: number, returnCredit: (channel: number) => void) {
    this.#queues = Array.from({ length: channelCount }, () => []);
    this.#heads = Array.from({ length: channelCount }, () => 0);
    this.#batches = Array.from({ length: channelCount }, () => 0);
    this.#credits = credits;
    this.#returnCredit = returnCredit;
  }

  get channelCount(): number {
    return this.#queues.length;
  }

  receive(channel: number, element: StreamElement): void {
    const queue = this.#queues[channel];
    invariant(queue, `no channel ${channel}`);
    if (element.kind === 'batch') {
      this.#batches[channel] = (this.#batches[channel] as number) + 1;
      invariant((this.#batches[channel] as number) <= this.#credits, `channel ${channel} sent a batch without credit`);
    }
    queue.push(element);
  }

  /** The next element of a channel that `isBlocked` lets pass, or null. */
  take(isBlocked: (channel: number) => boolean): Arrival | null {
    const count = this.#queues.length;
    for (let tried = 0; tried < count; tried += 1) {
      const channel = (this.#next + tried) % count;
      const queue = this.#queues[channel] as StreamElement[];
      const head = this.#heads[channel] as number;
      if (head >= queue.length || isBlocked(channel)) continue;
      const element = queue[head] as StreamElement;
      if (element.kind === 'batch' && head + 1 === queue.length) continue;
      this.#advance(channel, queue, head);
      this.#next = (channel + 1) % count;
      if (element.kind === 'batch') {
        this.#batches[channel] = (this.#batches[channel] as number) - 1;
        this.#returnCredit(channel);
      }
      return { channel, element };
    }
    return null;
  }

  /** If the next element of this channel is a watermark, takes it. */
  takeWatermark(channel: number): EventTime | null {
    const queue = this.#queues[channel] as StreamElement[];
    const head = this.#heads[channel] as number;
    const element = queue[head];
    if (element?.kind !== 'watermark') return null;
    this.#advance(channel, queue, head);
    return element.timestamp;
  }

  #advance(channel: number, queue: StreamElement[], head: number): void {
    if (head + 1 === queue.length) {
      queue.length = 0;
      this.#heads[channel] = 0;
    } else {
      this.#heads[channel] = head + 1;
    }
  }
}
