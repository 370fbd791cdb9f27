/**
 * Window timers: first in, first out, because events are processed in event-time order and the window is one length.
 *
 * Shape   key slots in a ring, and beside it the times, each with the number of timers that share it: timers of one
 *         moment come together, so a timer is little more than its slot. One that finds nothing to do costs a look.
 * Always  times do not fall from one `add` to the next.
 */
export class TimerRing {
  #slots = new Int32Array(256);
  #head = 0;
  #times = new Float64Array(64);
  #counts = new Int32Array(64);
  #timeHead = 0;
  #timeLength = 0;
  length = 0;

  add(time: number, slot: number): void {
    if (this.length === this.#slots.length) this.#growSlots();
    this.#slots[(this.#head + this.length) & (this.#slots.length - 1)] = slot;
    this.length += 1;
    const last = (this.#timeHead + this.#timeLength - 1) & (this.#times.length - 1);
    if (this.#timeLength > 0 && this.#times[last] === time) this.#counts[last] = (this.#counts[last] as number) + 1;
    else this.#addTime(time);
  }

  #addTime(time: number): void {
    if (this.#timeLength === this.#times.length) this.#growTimes();
    const at = (this.#timeHead + this.#timeLength) & (this.#times.length - 1);
    this.#times[at] = time;
    this.#counts[at] = 1;
    this.#timeLength += 1;
  }

  #growSlots(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    slots.set(this.#slots.subarray(this.#head));
    slots.set(this.#slots.subarray(0, this.#head), this.#slots.length - this.#head);
    this.#slots = slots;
    this.#head = 0;
  }

  #growTimes(): void {
    const size = this.#times.length;
    const times = new Float64Array(size * 2);
    const counts = new Int32Array(size * 2);
    times.set(this.#times.subarray(this.#timeHead));
    times.set(this.#times.subarray(0, this.#timeHead), size - this.#timeHead);
    counts.set(this.#counts.subarray(this.#timeHead));
    counts.set(this.#counts.subarray(0, this.#timeHead), size - this.#timeHead);
    this.#times = times;
    this.#counts = counts;
    this.#timeHead = 0;
  }

  /** Takes timers that are due at `time`, as many as `into` has room for, in order; answers with their count. */
  takeDue(time: number, into: Int32Array): number {
    const mask = this.#slots.length - 1;
    let taken = 0;
    while (this.length > 0 && (this.#times[this.#timeHead] as number) <= time && taken < into.length) {
      const left = this.#counts[this.#timeHead] as number;
      const now = Math.min(left, into.length - taken);
      for (let i = 0; i < now; i += 1) into[taken + i] = this.#slots[(this.#head + i) & mask] as number;
      taken += now;
      this.#head = (this.#head + now) & mask;
      this.length -= now;
      this.#counts[this.#timeHead] = left - now;
      if (left > now) break;
      this.#timeHead = (this.#timeHead + 1) & (this.#times.length - 1);
      this.#timeLength -= 1;
    }
    return taken;
  }

  forEach(visit: (time: number, slot: number, index: number) => void): void {
    let index = 0;
    for (let i = 0; i < this.#timeLength; i += 1) {
      const at = (this.#timeHead + i) & (this.#times.length - 1);
      const time = this.#times[at] as number;
      for (let left = this.#counts[at] as number; left > 0; left -= 1, index += 1) {
        visit(time, this.#slots[(this.#head + index) & (this.#slots.length - 1)] as number, index);
      }
    }
  }

  /** Gives every timer its new slot; drops those whose slot is -1. */
  renumber(slots: Int32Array): void {
    const kept: [number, number][] = [];
    this.forEach((time, slot) => {
      const next = slots[slot] as number;
      if (next !== -1) kept.push([time, next]);
    });
    this.#head = 0;
    this.#timeHead = 0;
    this.#timeLength = 0;
    this.length = 0;
    for (const [time, slot] of kept) this.add(time, slot);
  }
}
