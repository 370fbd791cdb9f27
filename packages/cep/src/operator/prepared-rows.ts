/**
 * Prepared rows: a set of rows with everything made ready to look up keys and to copy events.
 *
 * The same batch object comes again and again with other rows in it, and so do sets of rows that waited: what does not hang
 * on the rows is kept.
 */
import type { EventBatch } from '@tidemark/event';
import type { CopyPlan, SourceRows } from '../partial-matches/copy-plan.ts';
import type { RetainedEvents } from '../partial-matches/retained-events.ts';
import type { KeyRows, KeyTable } from './key-table.ts';
import type { LaidOutRows } from './laid-out-rows.ts';

export interface ReadyRows {
  readonly plan: CopyPlan;
  readonly keys: KeyRows;
}

export class PreparedRows {
  readonly #events: RetainedEvents;
  readonly #keys: KeyTable;
  #last: { readonly batch: EventBatch; readonly ready: ReadyRows } | null = null;

  constructor(events: RetainedEvents, keys: KeyTable) {
    this.#events = events;
    this.#keys = keys;
  }

  #make(rows: SourceRows): ReadyRows {
    return { plan: this.#events.plan(rows), keys: this.#keys.prepare(rows) };
  }

  #isFor({ plan, keys }: ReadyRows, rows: SourceRows): boolean {
    return this.#events.isFor(plan, rows) && this.#keys.isFor(keys, rows);
  }

  ofBatch(batch: EventBatch): ReadyRows {
    const last = this.#last;
    if (last !== null && last.batch === batch && this.#isFor(last.ready, batch)) {
      last.ready.plan.refresh(batch);
      return last.ready;
    }
    const ready = this.#make(batch);
    this.#last = { batch, ready };
    return ready;
  }

  ofHeld(rows: LaidOutRows): ReadyRows {
    const known = rows.ready as ReadyRows | null;
    if (known !== null && !rows.isNew) return known;
    rows.isNew = false;
    if (known !== null && this.#isFor(known, rows)) known.plan.refresh(rows);
    else rows.ready = this.#make(rows);
    return rows.ready as ReadyRows;
  }

  /** Keys or texts have new numbers; sets forget by themselves (HeldRowsQueue.forgetReady). */
  forget(): void {
    this.#last = null;
  }
}
