/**
 * Running values of runs that do not branch: sums and the like over what a run has taken, kept beside it, so that a condition
 * over them costs the same however many events the run has.
 *
 * Shape   one number for each value and run, in columns by the run's number, behind the columns of the retained events: a
 *         condition reads them as if they were fields of an event (automaton/asked.ts).
 * Always  values are brought up to date when they are asked for: the events taken since then are added in order, so each sum is
 *         the sum from the first event on, to the last bit. What belongs to an earlier run of the same number is noticed by
 *         the ordinal of its first event, and done anew. Nothing of it is state: an image holds the events.
 */
import { type CelValue, type EvaluationContext, EVALUATION_BUDGET, EvaluationError, RowList, type RowPredicate, compilePredicate, compileValue } from '@tidemark/condition';
import type { Column, ColumnSet } from '@tidemark/event';
import { type RunningCondition, type RunningKind, RUN_STAGE, runningConditionOf } from '../automaton/asked.ts';
import type { Automaton } from '../automaton/automaton.ts';
import { grownF64, grownI32, grownU8 } from './grow.ts';
import type { NodeLog } from './node-log.ts';
import type { RetainedEvents } from './retained-events.ts';

interface Value {
  readonly kind: RunningKind;
  readonly stage: number;
  readonly of: ((context: EvaluationContext) => CelValue) | null;
  readonly column: Extract<Column, { kind: 'double' | 'int' }>;
  /** Of an average. */
  sum: Float64Array;
  count: Int32Array;
}

const NO_ROWS = new RowList();

export class RunningValues {
  /** Conditions over running values, by predicate; null where it reads none. */
  readonly programs: readonly (RowPredicate | null)[];
  /** Retained events with the running values behind them. */
  readonly columns: ColumnSet;
  /** The run, as the only event of RUN_STAGE. */
  readonly run = new RowList();
  readonly #values: Value[] = [];
  readonly #nodes: NodeLog;
  readonly #context: EvaluationContext;
  #ordinal = new Float64Array(64);
  #node = new Int32Array(64);
  /** 0 where a value could not be computed: the condition is asked as it is. */
  #isSound = new Uint8Array(64);
  #path = new Int32Array(16);

  private constructor(automaton: Automaton, events: RetainedEvents, nodes: NodeLog, conditions: readonly (RunningCondition | null)[]) {
    this.#nodes = nodes;
    const scope = { stages: [...automaton.stageNames, RUN_STAGE] };
    for (const condition of conditions) {
      for (const { kind, stage, of } of condition?.values ?? []) {
        this.#values.push({
          kind, stage: automaton.stageNames.indexOf(stage), of: of === null ? null : compileValue(of, scope),
          column: { kind: 'double', values: new Float64Array(64), present: new Uint8Array(64).fill(1) }, sum: new Float64Array(64), count: new Int32Array(64),
        });
      }
    }
    this.programs = conditions.map((condition) => (condition === null ? null : compilePredicate(condition.condition, scope)));
    this.columns = { schema: events.schema, columns: [...events.columns, ...this.#values.map(({ column }) => column)], time: events.time, length: 0 } as ColumnSet;
    this.#context = { batch: events, row: 0, retained: events, budget: EVALUATION_BUDGET, rows: () => NO_ROWS };
    this.run.push(0);
  }

  /** Null where no condition of the automaton reads such values. */
  static of(automaton: Automaton, events: RetainedEvents, nodes: NodeLog): RunningValues | null {
    let next = events.columns.length;
    const conditions = automaton.predicates.map(({ condition }, id) => {
      const running = id < automaton.columnPredicateCount ? null : runningConditionOf(condition, next);
      next += running?.values.length ?? 0;
      return running;
    });
    return next === events.columns.length ? null : new RunningValues(automaton, events, nodes, conditions);
  }

  /** Brings the values of a run up to date; false where one of them has none. */
  prepare(run: number, ordinal: number, node: number): boolean {
    if (run >= this.#node.length) this.#grow(run);
    let known = this.#node[run] as number;
    if (this.#ordinal[run] !== ordinal) {
      known = -1;
      this.#ordinal[run] = ordinal;
      this.#isSound[run] = 1;
      for (const value of this.#values) {
        value.count[run] = 0;
        value.sum[run] = 0;
        value.column.values[run] = 0;
      }
    }
    if (known !== node) this.#add(run, known, node);
    if (this.#isSound[run] === 0) return false;
    for (const { kind, count } of this.#values) if (kind !== 'size' && kind !== 'sum' && count[run] === 0) return false;
    this.run.items[0] = run;
    return true;
  }

  #add(run: number, known: number, node: number): void {
    let length = 0;
    for (let at = node; at !== known && at !== -1; at = this.#nodes.parent(at)) {
      if (length === this.#path.length) this.#path = grownI32(this.#path, length * 2);
      this.#path[length] = at;
      length += 1;
    }
    for (let i = length - 1; i >= 0; i -= 1) this.#take(run, this.#path[i] as number);
    this.#node[run] = node;
  }

  #take(run: number, node: number): void {
    const stage = this.#nodes.stage(node);
    this.#context.row = this.#nodes.event(node);
    for (const value of this.#values) {
      if (value.stage !== stage) continue;
      const count = (value.count[run] as number) + 1;
      value.count[run] = count;
      const { values } = value.column;
      if (value.of === null) {
        values[run] = count;
        continue;
      }
      if (value.kind === 'first' && count > 1) continue;
      const x = this.#evaluate(value.of);
      if (x === null) {
        this.#isSound[run] = 0;
        continue;
      }
      const before = values[run] as number;
      switch (value.kind) {
        case 'sum':
          values[run] = before + x;
          break;
        case 'avg':
          value.sum[run] = (value.sum[run] as number) + x;
          values[run] = (value.sum[run] as number) / count;
          break;
        case 'min':
          values[run] = count === 1 ? x : Math.min(before, x);
          break;
        case 'max':
          values[run] = count === 1 ? x : Math.max(before, x);
          break;
        default: values[run] = x;
      }
    }
  }

  #evaluate(of: (context: EvaluationContext) => CelValue): number | null {
    this.#context.budget = EVALUATION_BUDGET;
    try {
      return of(this.#context) as number;
    } catch (error) {
      if (error instanceof EvaluationError) return null;
      throw error;
    }
  }

  #grow(run: number): void {
    const from = this.#node.length;
    let capacity = from;
    while (capacity <= run) capacity *= 2;
    this.#ordinal = grownF64(this.#ordinal, capacity);
    this.#node = grownI32(this.#node, capacity);
    this.#isSound = grownU8(this.#isSound, capacity);
    for (const value of this.#values) {
      value.column.values = grownF64(value.column.values, capacity);
      value.column.present = grownU8(value.column.present, capacity).fill(1, from);
      value.sum = grownF64(value.sum, capacity);
      value.count = grownI32(value.count, capacity);
    }
  }
}
