/**
 * Priority queue of runs or matches by their start, in the array order of java.util.PriorityQueue.
 *
 * That order decides in which sequence Flink visits runs and which of several matches with the same start comes
 * first, so it is part of the semantics. The start of element e is start[e * stride]; the queue is data[at, at + length).
 *
 * Always  add, poll and removal move elements exactly as Java 17's binary heap does: the parent of position k is
 *         (k - 1) >> 1, an element rises only past a strictly later one, sinks only past a strictly earlier one, the
 *         left child is preferred among equals; removing many keeps the array order of the rest and then sinks each
 *         inner position from the last to the first.
 * Source  documented behaviour and observable order of java.util.PriorityQueue (Java 17).
 */

/** Puts `element` at the end and lets it rise. The caller has made room and counts the new length. */
export function heapAdd(data: Int32Array, at: number, length: number, element: number, start: Float64Array, stride: number): void {
  const key = start[element * stride] as number;
  let k = length;
  while (k > 0) {
    const parent = (k - 1) >> 1;
    const other = data[at + parent] as number;
    if (key >= (start[other * stride] as number)) break;
    data[at + k] = other;
    k = parent;
  }
  data[at + k] = element;
}

function sink(data: Int32Array, at: number, length: number, from: number, element: number, start: Float64Array, stride: number): void {
  const key = start[element * stride] as number;
  const half = length >> 1;
  let k = from;
  while (k < half) {
    let child = 2 * k + 1;
    let chosen = data[at + child] as number;
    if (child + 1 < length && (start[chosen * stride] as number) > (start[(data[at + child + 1] as number) * stride] as number)) {
      child += 1;
      chosen = data[at + child] as number;
    }
    if (key <= (start[chosen * stride] as number)) break;
    data[at + k] = chosen;
    k = child;
  }
  data[at + k] = element;
}

/** Takes the first element out; the queue is one shorter afterwards. */
export function heapPoll(data: Int32Array, at: number, length: number, start: Float64Array, stride: number): number {
  const first = data[at] as number;
  const rest = length - 1;
  if (rest > 0) sink(data, at, rest, 0, data[at + rest] as number, start, stride);
  return first;
}

/**
 * Removes the elements that start before `limit` (or at it, where `inclusive`), calling `removed` for each in array
 * order; answers with the new length.
 */
export function heapPrune(
  data: Int32Array, at: number, length: number, start: Float64Array, stride: number, limit: number, inclusive: boolean, removed: (element: number) => void,
): number {
  let write = 0;
  for (let read = 0; read < length; read += 1) {
    const element = data[at + read] as number;
    const key = start[element * stride] as number;
    if (key < limit || (inclusive && key === limit)) removed(element);
    else {
      data[at + write] = element;
      write += 1;
    }
  }
  if (write === length) return length;
  for (let k = (write >> 1) - 1; k >= 0; k -= 1) sink(data, at, write, k, data[at + k] as number, start, stride);
  return write;
}
