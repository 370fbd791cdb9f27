/**
 * The watermark of a gate: the least of its channels' watermarks.
 *
 * Invariants (tests cite these ids):
 *   WV1  The gate's watermark is the minimum over the channels that count; it is answered only when it rises.
 *   WV2  A channel's watermark never goes back (I14): a lower one is a bug of the sender, and stops the task.
 *   WV3  restore() brings back channel by channel what snapshot() saw; what rose before is not answered again.
 *   WV4  An idle channel does not count, nor one that came back behind the gate's watermark until it has caught up.
 *        When all that have not ended are idle, the gate rises to the largest watermark among them.
 *
 * A channel that ended has sent the largest watermark: it counts only when all have, so that the end of one does not end
 * the time of another that is idle.
 * Source  Flink, StatusWatermarkValve; there an ended channel counts as any other.
 */
import { ByteReader, ByteWriter, type EventTime, WATERMARK_MAX, WATERMARK_MIN, eventTime, invariant } from '@tidemark/core';

const COUNTS = 0;
const IDLE = 1;
/** Active again, and behind the gate. */
const BEHIND = 2;

export class WatermarkValve {
  readonly #channels: Float64Array;
  readonly #status: Uint8Array;
  #watermark: number = WATERMARK_MIN;

  constructor(channelCount: number) {
    this.#channels = new Float64Array(channelCount).fill(WATERMARK_MIN);
    this.#status = new Uint8Array(channelCount);
  }

  get watermark(): EventTime {
    return eventTime(this.#watermark);
  }

  /** The gate's new watermark, or null when it did not rise. */
  advance(channel: number, timestamp: EventTime): EventTime | null {
    const before = this.#channels[channel] as number;
    invariant(timestamp >= before, `watermark of channel ${channel} went back from ${before} to ${timestamp}`);
    this.#channels[channel] = timestamp;
    if (this.#status[channel] === BEHIND) {
      if (timestamp < this.#watermark) return null;
      this.#status[channel] = COUNTS;
    } else if (before > this.#watermark && timestamp !== WATERMARK_MAX) return null; // this channel did not hold the minimum
    return this.#rise();
  }

  /** The channel is not waited for; the gate's new watermark, or null. */
  idle(channel: number): EventTime | null {
    this.#status[channel] = IDLE;
    return this.#rise();
  }

  active(channel: number): void {
    this.#status[channel] = (this.#channels[channel] as number) < this.#watermark ? BEHIND : COUNTS;
  }

  #rise(): EventTime | null {
    const channels = this.#channels;
    let least = Number.POSITIVE_INFINITY;
    let largest = Number.NEGATIVE_INFINITY;
    let isBehind = false;
    for (let channel = 0; channel < channels.length; channel += 1) {
      const watermark = channels[channel] as number;
      if (watermark >= WATERMARK_MAX) continue;
      if (watermark > largest) largest = watermark;
      if (this.#status[channel] === COUNTS) least = Math.min(least, watermark);
      else if (this.#status[channel] === BEHIND) isBehind = true;
    }
    // None counts: all have ended, or those that have not are idle (what is behind goes on from here).
    if (least === Number.POSITIVE_INFINITY) least = largest === Number.NEGATIVE_INFINITY ? WATERMARK_MAX : isBehind ? WATERMARK_MIN : largest;
    if (least <= this.#watermark) return null;
    this.#watermark = least;
    return eventTime(least);
  }

  snapshot(): Uint8Array {
    const writer = new ByteWriter(24 + this.#channels.byteLength + this.#status.byteLength);
    writer.f64(this.#watermark);
    writer.array(this.#channels);
    writer.array(this.#status);
    return writer.finish();
  }

  restore(bytes: Uint8Array): void {
    const reader = new ByteReader(bytes);
    this.#watermark = reader.f64();
    const channels = reader.f64Array();
    invariant(channels.length === this.#channels.length, `snapshot of ${channels.length} channels restored into ${this.#channels.length}`);
    this.#channels.set(channels);
    this.#status.set(reader.u8Array());
  }
}
