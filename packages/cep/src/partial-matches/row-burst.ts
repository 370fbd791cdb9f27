/**
 * Row burst: what consecutive rows of one key did to its union lists, so that the rest of the work is done in loops of its
 * own, each over few arrays.
 *
 * Shape   for the i-th event that was taken: its row among the bound ones, its class, its row among the retained events, and
 *         the place that waits for that row (union-lists.ts). `begun`: times of the runs that began.
 */
export class RowBurst {
  sources = new Int32Array(256);
  classes = new Int32Array(256);
  events = new Int32Array(256);
  places = new Int32Array(256);
  begun = new Float64Array(256);
  taken = 0;
  begunCount = 0;
  /** Nobody reads it: arrays are read into it before a loop, so that they are checked there and not in the loop. */
  touched = 0;

  /** Makes room for so many rows. */
  reserve(rows: number): void {
    if (rows <= this.sources.length) return;
    this.sources = new Int32Array(rows * 2);
    this.classes = new Int32Array(rows * 2);
    this.events = new Int32Array(rows * 2);
    this.places = new Int32Array(rows * 2);
    this.begun = new Float64Array(rows * 2);
  }
}
