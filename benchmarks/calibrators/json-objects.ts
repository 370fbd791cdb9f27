/**
 * Calibrators over objects: JO is W1 with a Map over objects that are ready; J the same with JSON.parse of each line in
 * front, the engine that most people would write. Published figures of Esper are in units of these two.
 */
import type { Buffer } from 'node:buffer';
import { parseAll } from '../decode.ts';
import { type Answer, mixMatch, mixPosition } from '../harness/engine-run.ts';
import { PAIR_WITHIN_MS } from './hand-pair.ts';

export interface PairEvent { readonly ts: number; readonly type: string; readonly key: string }

interface OpenStart { readonly event: PairEvent; readonly time: number; readonly position: number }

/** W1 over objects: a Map from key to the open starts. */
export class ObjectPair {
  readonly #open = new Map<string, OpenStart[]>();
  #matches = 0;
  #checksum = 0;

  /** `time`: the event's own, or where a later pass puts it. */
  feed(event: PairEvent, time: number, position: number): void {
    if (event.type === 'a') {
      const list = this.#open.get(event.key);
      if (list === undefined) this.#open.set(event.key, [{ event, time, position }]);
      else list.push({ event, time, position });
    } else if (event.type === 'b') {
      const list = this.#open.get(event.key);
      if (list === undefined) return;
      for (const start of list) {
        if (time - start.time >= PAIR_WITHIN_MS) continue;
        this.#matches += 1;
        this.#checksum = mixMatch(this.#checksum, mixPosition(mixPosition(0, start.position), position));
      }
      this.#open.delete(event.key);
    }
  }

  answer(): Answer {
    return { matches: this.#matches, timedOut: 0, late: 0, checksum: this.#checksum };
  }
}

/** All lines as objects that stay. */
export function parsedObjects(bytes: Buffer): PairEvent[] {
  const objects: PairEvent[] = [];
  parseAll(bytes, (event) => objects.push(event as PairEvent));
  return objects;
}
