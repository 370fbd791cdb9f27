/**
 * Calibrator H: W1 by hand, and a loop that never changes, by which runs on different days and machines are compared.
 *
 * Shape   a loop over columns in batches of 1,024 events; a list of open starts for each key, in arrays.
 * Not here: the engine; JSON (json-objects.ts).
 */
import type { EventBatch } from '@tidemark/event';
import { type Answer, handCell, mixMatch, mixPosition } from '../harness/engine-run.ts';
import { CALIBRATOR } from '../harness/rounds.ts';
import { chance, drawTypes, typedStream } from '../harness/stream.ts';
import type { CellPlan, Size } from '../harness/workload.ts';

export const PAIR_WITHIN_MS = 10_000;

export class HandPair {
  matches = 0;
  checksum = 0;
  #head: Int32Array;
  #tail: Int32Array;
  #time = new Float64Array(1024);
  #position = new Float64Array(1024);
  #next = new Int32Array(1024);
  #free = -1;
  #used = 0;

  constructor(keys: number) {
    this.#head = new Int32Array(keys).fill(-1);
    this.#tail = new Int32Array(keys).fill(-1);
  }

  feed(batch: EventBatch): void {
    const type = batch.columns[1];
    const key = batch.columns[2];
    if (type?.kind !== 'string' || key?.kind !== 'string') throw new Error('columns of the workload');
    const a = type.dictionary.find('a');
    const b = type.dictionary.find('b');
    const types = type.codes;
    const keys = key.codes;
    const { time, position, length } = batch;
    const head = this.#head;
    const tail = this.#tail;
    for (let row = 0; row < length; row += 1) {
      const code = types[row];
      if (code === a) {
        const k = keys[row] as number;
        let at = this.#free;
        if (at !== -1) this.#free = this.#next[at] as number;
        else {
          at = this.#used;
          this.#used += 1;
          if (at === this.#time.length) this.#grow();
        }
        this.#time[at] = time[row] as number;
        this.#position[at] = position[row] as number;
        this.#next[at] = -1;
        if (tail[k] === -1) head[k] = at;
        else this.#next[tail[k] as number] = at;
        tail[k] = at;
      } else if (code === b) {
        const k = keys[row] as number;
        let at = head[k] as number;
        if (at === -1) continue;
        const now = time[row] as number;
        const place = position[row] as number;
        while (at !== -1) {
          if (now - (this.#time[at] as number) < PAIR_WITHIN_MS) {
            this.matches += 1;
            this.checksum = mixMatch(this.checksum, mixPosition(mixPosition(0, this.#position[at] as number), place));
          }
          const next = this.#next[at] as number;
          this.#next[at] = this.#free;
          this.#free = at;
          at = next;
        }
        head[k] = -1;
        tail[k] = -1;
      }
    }
  }

  #grow(): void {
    const capacity = this.#time.length * 2;
    const time = new Float64Array(capacity);
    time.set(this.#time);
    this.#time = time;
    const position = new Float64Array(capacity);
    position.set(this.#position);
    this.#position = position;
    const next = new Int32Array(capacity);
    next.set(this.#next);
    this.#next = next;
  }

  answer(): Answer {
    return { matches: this.matches, timedOut: 0, late: 0, checksum: this.checksum };
  }
}

/** Ten types in equal parts, keys in equal parts, 100 events a millisecond. */
export function pairStream(keys: number, events: number, seed = 1) {
  const random = chance(seed + 1_000); // keys and types are independent
  return typedStream({
    types: drawTypes(seed, Array.from({ length: 10 }, () => 1), events), names: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'],
    keys: Int32Array.from({ length: events }, () => random(keys)), keyCount: keys, perMs: 100,
  });
}

/** The cell that runs beside every workload. */
export function calibratorCell(size: Size): CellPlan {
  const events = size === 'tiny' ? 10_000 : 1_000_000;
  return {
    name: CALIBRATOR, form: 'columns', fill: events, events: size === 'full' ? 10_000_000 : size === 'quick' ? 4_000_000 : events, against: null, group: null,
    make: () => handCell(pairStream(10_000, events), new HandPair(10_000)),
  };
}
