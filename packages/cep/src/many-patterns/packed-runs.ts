/**
 * Packed runs: one of the patterns of a packed matcher, as an image wants to see it.
 *
 * Always  what is written is what an operator of the pattern's own would write, so that either can go on from it.
 */
import { invariant } from '@tidemark/core';
import type { ImagedRuns } from '../operator/imaged-runs.ts';
import { CompletedStore } from '../partial-matches/completed-store.ts';
import type { EventRuns } from '../partial-matches/event-runs.ts';
import type { NodeLog } from '../partial-matches/node-log.ts';
import type { StageCounters } from '../partial-matches/stage-counters.ts';
import type { PackedMatcher, PackedPattern } from './packed-matcher.ts';

const NONE_HELD = new CompletedStore();

export class PackedRuns implements ImagedRuns {
  readonly counters: StageCounters;
  readonly nodes: NodeLog;
  readonly runs: EventRuns;
  readonly completed = NONE_HELD;
  readonly windowMs: number;
  readonly endsLazily = true;
  readonly #matcher: PackedMatcher;
  readonly #packed: number;
  /** Of the pattern. */
  readonly #cells: Int32Array;

  /** `cells`: those of the pattern, where it is to be written. */
  constructor(matcher: PackedMatcher, packed: number, cells: Int32Array) {
    this.#matcher = matcher;
    this.#packed = packed;
    this.#cells = cells;
    this.counters = matcher.countersOf(packed, cells);
    this.nodes = matcher.nodes;
    this.runs = matcher.runs;
    this.windowMs = (matcher.patterns[packed] as PackedPattern).windowMs;
  }

  /** Keys with runs. */
  get slots(): Int32Array { return this.#cells.map((cell) => this.#matcher.table.keyOf(cell)); }

  beforeImage(): void {}

  #eachNode(see: (node: number) => void): void {
    const { table } = this.#matcher;
    for (const cell of this.#cells) {
      for (let run = table.headOf(cell); run !== -1; run = table.next[run] as number) {
        for (let node = this.runs.node(run); node !== -1; node = this.nodes.parent(node)) see(node);
      }
    }
  }

  liveRows(): Int32Array {
    const rows = new Set<number>();
    this.#eachNode((node) => rows.add(this.nodes.event(node)));
    return Int32Array.from(rows).sort();
  }

  liveRecords(): Int32Array {
    const records = new Set<number>();
    this.#eachNode((node) => { if (node >= 0) records.add(node); });
    return Int32Array.from(records).sort();
  }

  #cellOf(slot: number): number {
    return this.#matcher.table.find(this.#packed, slot);
  }

  countOf(slot: number): number {
    return this.#matcher.table.countOf(this.#cellOf(slot));
  }

  runsOf(slot: number, into: Int32Array): number {
    const { table } = this.#matcher;
    let count = 0;
    for (let run = table.headOf(this.#cellOf(slot)); run !== -1; run = table.next[run] as number) into[count++] = run;
    return count;
  }

  doneCountOf(): number { return 0; }
  completedOf(): Int32Array { return new Int32Array(0); }

  restoreRun(slot: number, event: number, state: number, node: number): void {
    this.#matcher.restoreRun(this.#packed, slot, event, state, node);
  }

  appendDone(): void {
    invariant(false, 'nothing is held back where nothing is skipped');
  }
}
