/**
 * Shared predicates: a condition on the event alone that several patterns have is computed once for a batch.
 *
 * Always  conditions are the same if they read the same after formatting and may cost the same. Values hold for the batch
 *         that was begun, as long as nobody changes it.
 * Not here: text conditions that are decided once for each text (classifier.ts), rows that are chosen one by one.
 */
import { type CheckedCondition, type ColumnKernel, compileKernel, formatExpression } from '@tidemark/condition';
import type { ColumnSet, EventSchema } from '@tidemark/event';

interface Shared {
  readonly kernel: ColumnKernel;
  values: Uint8Array;
  /** Number of the batch that the values are of, and for how many of its rows. */
  batch: number;
  length: number;
}

export class SharedPredicates {
  readonly #schema: EventSchema;
  readonly #known = new Map<string, Shared>();
  #rows: ColumnSet | null = null;
  #batch = 0;
  /** How often a condition was computed over a batch. */
  computed = 0;

  constructor(schema: EventSchema) {
    this.#schema = schema;
  }

  /** The rows that all patterns look at next. */
  begin(rows: ColumnSet): void {
    this.#rows = rows;
    this.#batch += 1;
  }

  end(): void {
    this.#rows = null;
  }

  /** A kernel that computes a condition for the batch at hand once, whoever asks first. */
  kernel(condition: CheckedCondition, budget: number): ColumnKernel {
    const text = `${budget} ${formatExpression(condition.ast)}`;
    const shared = this.#known.get(text) ?? { kernel: compileKernel(condition, this.#schema, budget), values: new Uint8Array(0), batch: -1, length: 0 };
    this.#known.set(text, shared);
    return (rows, from, to, out) => {
      if (rows !== this.#rows || from !== 0) {
        shared.kernel(rows, from, to, out);
        return;
      }
      if (shared.batch !== this.#batch || shared.length < to) {
        if (shared.values.length < to) shared.values = new Uint8Array(Math.max(1024, to));
        shared.kernel(rows, 0, to, shared.values);
        shared.batch = this.#batch;
        shared.length = to;
        this.computed += 1;
      }
      out.set(shared.values.subarray(0, to));
    };
  }
}
