/**
 * Counters of one pattern on one subtask, by stage number.
 *
 * Always  waiting[s] is the number of partial matches whose last accepted event belongs to stage s. entered[s] counts
 *         events taken into s by partial matches that were elsewhere before; advanced[s] counts partial matches that
 *         went from s to another stage or were completed by s; expired[s] and blocked[s] those that ended in s by a
 *         window or by an absence. dropped counts partial and completed matches pruned by the skip strategy.
 *         All of it is state: an image carries what was counted (write, add); waiting is counted again from the runs.
 */
import { type ByteReader, type ByteWriter, invariant } from '@tidemark/core';


export class StageCounters {
  readonly waiting: Float64Array;
  readonly entered: Float64Array;
  readonly advanced: Float64Array;
  readonly expired: Float64Array;
  readonly blocked: Float64Array;
  dropped = 0;
  matches = 0;
  timedOut = 0;
  late = 0;

  constructor(stageCount: number) {
    this.waiting = new Float64Array(stageCount);
    this.entered = new Float64Array(stageCount);
    this.advanced = new Float64Array(stageCount);
    this.expired = new Float64Array(stageCount);
    this.blocked = new Float64Array(stageCount);
  }

  /** What was counted, waiting left out. */
  write(writer: ByteWriter): void {
    writer.array(Float64Array.from([...this.entered, ...this.advanced, ...this.expired, ...this.blocked, this.dropped, this.matches, this.timedOut]));
  }

  /** Adds what another one wrote; with `take` false it is only read over. */
  add(reader: ByteReader, take: boolean): void {
    const counted = reader.f64Array();
    const stages = this.waiting.length;
    invariant(counted.length === stages * 4 + 3, `counters of ${(counted.length - 3) / 4} stages for a pattern of ${stages}`);
    if (!take) return;
    [this.entered, this.advanced, this.expired, this.blocked].forEach((counter, i) => {
      for (let stage = 0; stage < stages; stage += 1) counter[stage] = (counter[stage] as number) + (counted[i * stages + stage] as number);
    });
    const [dropped, matches, timedOut] = counted.subarray(stages * 4) as unknown as [number, number, number];
    this.dropped += dropped;
    this.matches += matches;
    this.timedOut += timedOut;
  }
}
