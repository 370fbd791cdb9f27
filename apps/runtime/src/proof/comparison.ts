/**
 * Committed output against the run without faults, id by id. Pure.
 *
 * Always  (rules PR1 to PR4 of SPEC.md) while the job runs, only what was due at a completed checkpoint is expected,
 *         and called missing only when the next checkpoint has not brought it either: a checkpoint completes before
 *         its output is committed. What no run could give is unexpected at once. At the end everything counts.
 */
import type { ProofView } from '@tidemark/protocol';
import type { Expected } from './reference.ts';

export class Comparison {
  readonly #expected: Expected;
  /** Ids in order of their due position. */
  readonly #order: readonly string[];
  /** How many of #order were due at the last checkpoint. */
  #dueCount = 0;
  readonly #outstanding: Set<string>;
  /** Due at a checkpoint and not committed yet. */
  readonly #open = new Set<string>();
  /** Of them, those that a later checkpoint should have brought. */
  #missing = 0;
  #unexpected = 0;
  #upTo: number | null = null;
  #finished = false;

  constructor(expected: Expected) {
    this.#expected = expected;
    this.#order = [...expected.due.keys()].sort((a, b) => (expected.due.get(a) as number) - (expected.due.get(b) as number));
    this.#outstanding = new Set(this.#order);
  }

  /** Each committed id, once. */
  committed(id: string): void {
    if (!this.#expected.due.has(id)) this.#unexpected += 1;
    this.#outstanding.delete(id);
    this.#open.delete(id);
    this.#missing = Math.min(this.#missing, this.#open.size);
  }

  /** A checkpoint that covers the input up to `position` has completed. Tell what was committed before it first. */
  checkpoint(position: number): void {
    this.#missing = this.#open.size;
    for (; this.#dueCount < this.#order.length; this.#dueCount++) {
      const id = this.#order[this.#dueCount] as string;
      if ((this.#expected.due.get(id) as number) > position) break;
      if (this.#outstanding.has(id)) this.#open.add(id);
    }
    const { records } = this.#expected;
    const share = records === 0 ? 1 : Math.min(1, position / records);
    this.#upTo = Math.max(this.#upTo ?? 0, share);
  }

  finish(): void {
    this.#finished = true;
    this.#dueCount = this.#order.length;
    this.#missing = this.#outstanding.size;
    this.#upTo = 1;
  }

  /** `doubled` is counted where the lines are: by id nothing is there twice. */
  view(doubled: number): ProofView {
    const wrong = this.#missing + this.#unexpected + doubled > 0;
    const open = this.#finished ? this.#outstanding.size : this.#open.size;
    return {
      topic: 'proof',
      state: wrong ? 'different' : this.#finished ? 'equal' : 'running',
      upTo: this.#upTo,
      expected: this.#dueCount,
      committed: this.#dueCount - open,
      missing: this.#missing,
      doubled,
      unexpected: this.#unexpected,
      detail: null,
    };
  }
}
