/**
 * Counters of one pattern on one subtask, by stage number.
 *
 * Always  waiting[s] is the number of partial matches whose last accepted event belongs to stage s. entered[s] counts
 *         events taken into s by partial matches that were elsewhere before; advanced[s] counts partial matches that
 *         went from s to another stage or were completed by s; expired[s] and blocked[s] those that ended in s by a
 *         window or by an absence. dropped counts partial and completed matches pruned by the skip strategy.
 *         Figures are of this life of the operator; only waiting and heldBack are state.
 */
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
}
