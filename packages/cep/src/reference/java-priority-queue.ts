/**
 * A binary heap whose array order is that of java.util.PriorityQueue (Java 17), because Flink iterates over the
 * array and lets ties come out as the heap holds them.
 *
 * Always  add sifts up past strictly larger parents only; poll moves the last entry to the root and sifts down;
 *         removing many keeps the survivors' array order and then rebuilds the heap from the middle to the root.
 */
export class JavaPriorityQueue<T> {
  readonly #compare: (a: T, b: T) => number;
  #items: T[] = [];

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  /** In array order, which is what iterating over Java's queue gives. */
  get items(): readonly T[] {
    return this.#items;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  add(item: T): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (this.#compare(item, items[parent] as T) >= 0) break;
      items[at] = items[parent] as T;
      at = parent;
    }
    items[at] = item;
  }

  poll(): T | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (items.length > 0) this.#siftDown(0, last as T);
    return first;
  }

  removeWhere(doomed: (item: T) => boolean): void {
    const survivors = this.#items.filter((item) => !doomed(item));
    if (survivors.length === this.#items.length) return;
    this.#items = survivors;
    for (let at = (survivors.length >>> 1) - 1; at >= 0; at -= 1) this.#siftDown(at, survivors[at] as T);
  }

  #siftDown(from: number, item: T): void {
    const items = this.#items;
    const half = items.length >>> 1;
    let at = from;
    while (at < half) {
      let child = 2 * at + 1;
      const right = child + 1;
      if (right < items.length && this.#compare(items[child] as T, items[right] as T) > 0) child = right;
      if (this.#compare(item, items[child] as T) <= 0) break;
      items[at] = items[child] as T;
      at = child;
    }
    items[at] = item;
  }
}
