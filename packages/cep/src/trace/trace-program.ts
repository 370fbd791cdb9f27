/**
 * Trace program: one compiled pattern over one sample, ready to be asked what an event means in a state.
 *
 * The same automaton, classes and plans as the engine's; only the runs are others. Conditions that read earlier stages
 * look straight into the sample, since a traced run names its rows.
 *
 * Always  what `ask` decides is what the engine decides (DecisionMaker); `tri` never throws.
 * Errors  TraceFault where the engine would stop the job.
 */
import { EVALUATION_BUDGET, EvaluationError, type EvaluationContext, RowList, type RowCondition, compileCondition, errorAt } from '@tidemark/condition';
import type { EventBatch } from '@tidemark/event';
import type { ValidatedJob, ValidatedPattern } from '@tidemark/pattern';
import type { Automaton } from '../automaton/automaton.ts';
import { Classifier } from '../automaton/classifier.ts';
import { DecisionMaker } from '../automaton/decision.ts';
import { PlanTable } from '../automaton/plan-table.ts';
import { compile } from '../compiler/compile.ts';
import type { TracedNode } from './traced-runs.ts';

/** The run stops here: what the engine makes a fault of the job. */
export class TraceFault extends Error {
  override readonly name = 'TraceFault';
}

/** More partial matches of one key than can be told one by one: the rest of the key is not followed. */
export class TooManyRuns extends Error {
  override readonly name = 'TooManyRuns';
}

/** Units of work: a run looked at is 1, a condition asked of a run is ASK_COST. */
export const ASK_COST = 12;

export class TraceProgram {
  readonly job: ValidatedJob;
  readonly pattern: ValidatedPattern;
  readonly automaton: Automaton;
  readonly plans: PlanTable;
  readonly batch: EventBatch;
  /** Class of each row. */
  readonly classes: Uint16Array;
  /** Work done so far. */
  work = 0;
  readonly #maker: DecisionMaker;
  readonly #conditions: readonly (RowCondition | null)[];
  readonly #context: EvaluationContext;
  readonly #stageRows: readonly RowList[];
  readonly #stageRowsFor: Float64Array;
  readonly #memo: Int8Array;
  readonly #errors: (EvaluationError | null)[];
  #question = 0;
  #node: TracedNode | null = null;
  #row = 0;

  constructor(job: ValidatedJob, patternIndex: number, batch: EventBatch) {
    const pattern = job.patterns[patternIndex] as ValidatedPattern;
    this.job = job;
    this.pattern = pattern;
    this.batch = batch;
    this.automaton = compile(pattern, job.schema);
    const { automaton } = this;
    this.plans = new PlanTable(automaton);
    this.classes = new Uint16Array(batch.length);
    new Classifier(automaton, job.schema, this.plans).classify(batch, batch.length, false, new Int32Array(batch.length), this.classes);
    this.#maker = new DecisionMaker(automaton);
    const scope = { stages: automaton.stageNames };
    this.#conditions = automaton.predicates.map(({ condition }, id) => (id < automaton.columnPredicateCount ? null : compileCondition(condition, scope)));
    this.#stageRows = automaton.stageNames.map(() => new RowList());
    this.#stageRowsFor = new Float64Array(automaton.stageNames.length).fill(-1);
    this.#memo = new Int8Array(automaton.predicates.length);
    this.#errors = automaton.predicates.map(() => null);
    this.#context = { batch, row: 0, retained: batch, budget: EVALUATION_BUDGET, rows: (stage) => this.#rowsOf(stage) };
  }

  /** What the event of `row` does to a run in `state` whose newest event is `node`; valid until the next call. */
  ask(state: number, node: TracedNode | null, row: number): Int32Array<ArrayBuffer> {
    this.begin(node, row);
    this.work += ASK_COST;
    return this.#maker.decide(state, this.valueOf);
  }

  /** Sets who is asked about: a run's newest event (null: the start) and an event. */
  begin(node: TracedNode | null, row: number): void {
    this.#node = node;
    this.#row = row;
    this.#question += 1;
    this.#memo.fill(-1);
  }

  /** Where conditions are evaluated from, for the run and event of `begin`. */
  get context(): EvaluationContext {
    this.#context.row = this.#row;
    this.#context.budget = EVALUATION_BUDGET;
    return this.#context;
  }

  readonly valueOf = (predicate: number): boolean => {
    const value = this.tri(predicate);
    if (value === 2) throw new TraceFault(this.#message(predicate));
    return value === 1;
  };

  /** 0 false, 1 true, 2 no value. */
  readonly tri = (predicate: number): 0 | 1 | 2 => {
    const eventClass = this.classes[this.#row] as number;
    if (predicate < this.automaton.columnPredicateCount) return this.plans.value(eventClass, predicate) as 0 | 1 | 2;
    const known = this.#memo[predicate] as number;
    if (known !== -1) return known as 0 | 1 | 2;
    const { guard } = this.automaton.predicates[predicate] as Automaton['predicates'][number];
    const guarded = guard === -1 ? 1 : this.plans.value(eventClass, guard);
    let value: 0 | 1 | 2 = 0;
    if (guarded !== 0) {
      const condition = this.#conditions[predicate] as RowCondition;
      const own = condition.evaluate(this.context);
      this.#errors[predicate] = own === 2 ? condition.error() : null;
      value = own === 1 && guarded === 2 ? 2 : own;
    }
    this.#memo[predicate] = value;
    return value;
  };

  #message(predicate: number): string {
    const { condition, stage, guard } = this.automaton.predicates[predicate] as Automaton['predicates'][number];
    const cause = this.#errors[predicate]
      ?? errorAt((guard === -1 ? condition : (this.automaton.predicates[guard] as Automaton['predicates'][number]).condition), this.batch, this.#row);
    return `The condition of stage ${this.automaton.stageNames[stage]} could not be evaluated: ${cause?.message ?? 'no value'}. Condition: ${condition.text}`;
  }

  #rowsOf(stage: number): RowList {
    const list = this.#stageRows[stage] as RowList;
    if (this.#stageRowsFor[stage] === this.#question) return list;
    this.#stageRowsFor[stage] = this.#question;
    list.clear();
    for (let at = this.#node; at !== null; at = at.parent) {
      if (at.stage === stage) list.push(at.row);
      this.work += 0.1;
    }
    list.items.subarray(0, list.length).reverse();
    return list;
  }
}
