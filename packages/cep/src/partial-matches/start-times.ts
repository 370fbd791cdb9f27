/** Times of the starts of a compact key whose end somebody waits for, in order; each time once. */
export class StartTimes {
  #times = new Float64Array(16);
  #head = 0;
  #length = 0;

  /** Times come in order. */
  add(time: number): void {
    if (this.#length > 0 && this.#times[(this.#head + this.#length - 1) % this.#times.length] === time) return;
    if (this.#length === this.#times.length) {
      const times = new Float64Array(this.#length * 2);
      for (let i = 0; i < this.#length; i += 1) times[i] = this.#times[(this.#head + i) % this.#length] as number;
      this.#times = times;
      this.#head = 0;
    }
    this.#times[(this.#head + this.#length) % this.#times.length] = time;
    this.#length += 1;
  }

  /** The earliest, Infinity where there is none. */
  get first(): number { return this.#length === 0 ? Number.POSITIVE_INFINITY : (this.#times[this.#head] as number); }

  /** Forgets the times up to `limit`, itself included; true if there were any. */
  takeUpTo(limit: number): boolean {
    const before = this.#length;
    while (this.#length > 0 && (this.#times[this.#head] as number) <= limit) {
      this.#head = (this.#head + 1) % this.#times.length;
      this.#length -= 1;
    }
    return this.#length < before;
  }
}
