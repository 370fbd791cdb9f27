/**
 * SplitTime: which rows of one split are late, and its watermark.
 *
 * Always  a row is late iff its time <= (latest time of the rows before it) - outOfOrdernessMs - 1, decided row by row
 *         at the split itself: neither the cut into batches nor other splits change it. The watermark after a batch is
 *         latest time - outOfOrdernessMs - 1, and before the first row WATERMARK_MIN.
 * State   the latest time. It is in the checkpoint: a restart must not make late events punctual.
 * Source  Flink, BoundedOutOfOrdernessWatermarks; per row here, where Flink's is per periodic watermark.
 */
import { ByteReader, ByteWriter, type EventTime, WATERMARK_MIN, invariant } from '@tidemark/core';
import type { EventBatch } from '@tidemark/event';

const IMAGE_VERSION = 1;

export class SplitTime {
  readonly #outOfOrdernessMs: number;
  #latest: number = WATERMARK_MIN;
  /** Rows of the last batch that are on time: onTime[0..onTimeCount), rising. Valid until the next batch. */
  onTime = new Int32Array(1024);
  onTimeCount = 0;
  /** Rows of the last batch that are late: late[0..lateCount), rising. */
  late = new Int32Array(64);
  lateCount = 0;

  constructor(outOfOrdernessMs: number) {
    invariant(outOfOrdernessMs >= 0, `out-of-orderness must be >= 0, got ${outOfOrdernessMs}`);
    this.#outOfOrdernessMs = outOfOrdernessMs;
  }

  /** Sorts the rows of `batch` into onTime and late. */
  assign(batch: EventBatch): void {
    const { time, length } = batch;
    if (this.onTime.length < length) this.onTime = new Int32Array(batch.capacity);
    const onTime = this.onTime;
    const slack = this.#outOfOrdernessMs + 1;
    let latest = this.#latest;
    let onTimeCount = 0;
    let lateCount = 0;
    for (let row = 0; row < length; row++) {
      const at = time[row] as number;
      if (at > latest) latest = at;
      else if (latest !== WATERMARK_MIN && at <= latest - slack) {
        if (lateCount === this.late.length) {
          const grown = new Int32Array(lateCount * 2);
          grown.set(this.late);
          this.late = grown;
        }
        this.late[lateCount++] = row;
        continue;
      }
      onTime[onTimeCount++] = row;
    }
    this.#latest = latest;
    this.onTimeCount = onTimeCount;
    this.lateCount = lateCount;
  }

  /** No row that is on time will have a time <= this. */
  get watermark(): EventTime {
    if (this.#latest === WATERMARK_MIN) return WATERMARK_MIN;
    return Math.max(this.#latest - this.#outOfOrdernessMs - 1, WATERMARK_MIN) as EventTime;
  }

  /** Latest event time seen, null before the first row. */
  get latest(): EventTime | null {
    return this.#latest === WATERMARK_MIN ? null : (this.#latest as EventTime);
  }

  snapshot(): Uint8Array {
    const writer = new ByteWriter(16);
    writer.u8(IMAGE_VERSION);
    writer.f64(this.#latest);
    return writer.finish();
  }

  /** Before the first batch. The out-of-orderness is the document's, not the image's. */
  restore(image: Uint8Array): void {
    const reader = new ByteReader(image);
    const version = reader.u8();
    invariant(version === IMAGE_VERSION, `a split's time of the unknown version ${version}`);
    this.#latest = reader.f64();
  }
}
