/**
 * Window timers: first in, first out, because events are processed in event-time order and the window is one length.
 *
 * Shape   (time, slot) pairs in a ring of typed arrays; a timer that finds nothing to do costs a look.
 * Always  times do not fall from one `add` to the next.
 */
export class TimerRing {
  #times = new Float64Array(256);
  #slots = new Int32Array(256);
  #head = 0;
  length = 0;

  add(time: number, slot: number): void {
    if (this.length === this.#times.length) this.#grow();
    const at = (this.#head + this.length) & (this.#times.length - 1);
    this.#times[at] = time;
    this.#slots[at] = slot;
    this.length += 1;
  }

  #grow(): void {
    const times = new Float64Array(this.#times.length * 2);
    const slots = new Int32Array(times.length);
    this.forEach((time, slot, i) => {
      times[i] = time;
      slots[i] = slot;
    });
    this.#times = times;
    this.#slots = slots;
    this.#head = 0;
  }

  /** Time of the first timer, Infinity where there is none. */
  get firstTime(): number {
    return this.length === 0 ? Number.POSITIVE_INFINITY : (this.#times[this.#head] as number);
  }

  /** Takes the first timer; answers with its slot. */
  take(): number {
    const slot = this.#slots[this.#head] as number;
    this.#head = (this.#head + 1) & (this.#times.length - 1);
    this.length -= 1;
    return slot;
  }

  forEach(visit: (time: number, slot: number, index: number) => void): void {
    const mask = this.#times.length - 1;
    for (let i = 0; i < this.length; i += 1) {
      const at = (this.#head + i) & mask;
      visit(this.#times[at] as number, this.#slots[at] as number, i);
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
    this.length = 0;
    for (const [time, slot] of kept) this.add(time, slot);
  }
}
