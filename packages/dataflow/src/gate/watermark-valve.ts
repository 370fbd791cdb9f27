/**
 * The watermark of a gate: the least of its channels' watermarks.
 *
 * Invariants (tests cite these ids):
 *   WV1  The gate's watermark is the minimum over all channels; `advance` answers it only when it rose.
 *   WV2  A channel's watermark never goes back (I14): a lower one is a bug of the sender, and stops the task.
 *   WV3  restore() brings back channel by channel what snapshot() saw; what rose before is not answered again.
 *
 * A channel that ended keeps the watermark it had: a bounded source sends the largest one before it ends.
 * Not here: idleness (one split per source never idles for the others).
 */
import { ByteReader, ByteWriter, type EventTime, WATERMARK_MIN, eventTime, invariant } from '@tidemark/core';

export class WatermarkValve {
  readonly #channels: Float64Array;
  #watermark: number = WATERMARK_MIN;

  constructor(channelCount: number) {
    this.#channels = new Float64Array(channelCount).fill(WATERMARK_MIN);
  }

  get watermark(): EventTime {
    return eventTime(this.#watermark);
  }

  /** The gate's new watermark, or null when it did not rise. */
  advance(channel: number, timestamp: EventTime): EventTime | null {
    const before = this.#channels[channel] as number;
    invariant(timestamp >= before, `watermark of channel ${channel} went back from ${before} to ${timestamp}`);
    this.#channels[channel] = timestamp;
    if (before > this.#watermark) return null; // this channel did not hold the minimum
    let least: number = timestamp;
    for (const watermark of this.#channels) if (watermark < least) least = watermark;
    if (least <= this.#watermark) return null;
    this.#watermark = least;
    return eventTime(least);
  }

  snapshot(): Uint8Array {
    const writer = new ByteWriter(16 + this.#channels.byteLength);
    writer.f64(this.#watermark);
    writer.array(this.#channels);
    return writer.finish();
  }

  restore(bytes: Uint8Array): void {
    const reader = new ByteReader(bytes);
    this.#watermark = reader.f64();
    const channels = reader.f64Array();
    invariant(channels.length === this.#channels.length, `snapshot of ${channels.length} channels restored into ${this.#channels.length}`);
    this.#channels.set(channels);
  }
}
