/**
 * Earlier conditions: what happens to a run where conditions that read earlier stages decide it.
 *
 * Always  such a condition is computed at most once for an event and a run, and all those of one event together cost no more
 *         than EVENT_BUDGET. The rows of a stage are laid out when a condition reads them, once for each question.
 *         Where sums and the like go along with runs (running-values.ts) a condition over them is asked first in those.
 * Errors  JobFault of a condition that has no value or costs too much, with the place of the event.
 * Not here: conditions on the event alone (automaton/classifier.ts), what a decision does (the matchers).
 */
import { type CelValue, EVALUATION_BUDGET, type EvaluationContext, EvaluationError, RowList, type RowPredicate, compilePredicate, errorAt } from '@tidemark/condition';
import type { JobFault } from '@tidemark/core';
import type { Automaton } from '../automaton/automaton.ts';
import { EVENT_BUDGET } from '../automaton/classifier.ts';
import { DecisionMaker } from '../automaton/decision.ts';
import type { PlanTable } from '../automaton/plan-table.ts';
import { conditionFault } from './condition-fault.ts';
import type { NodeLog } from './node-log.ts';
import type { CopyPlan } from './copy-plan.ts';
import type { RetainedEvents } from './retained-events.ts';
import type { RunningValues } from './running-values.ts';

export class EarlierConditions {
  readonly #automaton: Automaton;
  readonly #patternId: string;
  readonly #plans: PlanTable;
  readonly #events: RetainedEvents;
  readonly #nodes: NodeLog;
  readonly #running: RunningValues | null;
  readonly #maker: DecisionMaker;
  readonly #predicates: readonly (RowPredicate | null)[];
  readonly #context: EvaluationContext;
  readonly #memo: Int8Array;
  readonly #stageRows: readonly RowList[];
  /** Question for which a stage's rows were laid out last. */
  readonly #stageRowsFor: Float64Array;
  readonly #valueOf: (predicate: number) => boolean;
  #plan: CopyPlan | null = null;
  #row = 0;
  #eventClass = 0;
  #node = -1;
  #run = -1;
  #question = 0;
  #eventBudget = 0;
  #isBudgeted = false;

  constructor(automaton: Automaton, patternId: string, plans: PlanTable, events: RetainedEvents, nodes: NodeLog, running: RunningValues | null) {
    this.#automaton = automaton;
    this.#patternId = patternId;
    this.#plans = plans;
    this.#events = events;
    this.#nodes = nodes;
    this.#running = running;
    this.#maker = new DecisionMaker(automaton);
    const scope = { stages: automaton.stageNames };
    this.#predicates = automaton.predicates.map(({ condition }, id) => (id < automaton.columnPredicateCount ? null : compilePredicate(condition, scope)));
    this.#memo = new Int8Array(automaton.predicates.length);
    this.#stageRows = automaton.stageNames.map(() => new RowList());
    this.#stageRowsFor = new Float64Array(automaton.stageNames.length).fill(-1);
    this.#context = { batch: events, row: 0, retained: running?.columns ?? events, budget: EVALUATION_BUDGET, rows: (stage) => this.#rowsOf(stage) };
    this.#valueOf = (predicate) => this.#value(predicate);
  }

  /** Whether there are none, and nothing goes along with runs. */
  get areNone(): boolean {
    return this.#predicates.length === this.#automaton.columnPredicateCount && this.#running === null;
  }

  /** The rows that the next events come from. */
  bind(plan: CopyPlan): void {
    this.#plan = plan;
    this.#context.batch = plan.rows;
  }

  /** The next event. */
  begin(row: number, eventClass: number): void {
    this.#row = row;
    this.#eventClass = eventClass;
    this.#isBudgeted = false;
  }

  /**
   * Decision for a run whose last node is `node` (-1: none yet), in a state that cannot be planned. `run`: its number where
   * something goes along with it, else -1.
   */
  decide(state: number, node: number, run: number): Int32Array<ArrayBuffer> {
    this.#node = node;
    this.#run = run;
    this.#question += 1;
    this.#memo.fill(-1);
    this.#context.row = this.#row;
    return this.#maker.decide(state, this.#valueOf);
  }

  /** What a program gives for the event at hand and a run whose last node is `node` (-1: none); null where it is a fault. */
  evaluate(program: (context: EvaluationContext) => CelValue, node: number): CelValue {
    this.#node = node;
    this.#question += 1;
    this.#context.row = this.#row;
    this.#context.budget = EVALUATION_BUDGET;
    try {
      return program(this.#context);
    } catch (error) {
      if (error instanceof EvaluationError) return null;
      throw error;
    }
  }

  #value(predicate: number): boolean {
    const automaton = this.#automaton;
    if (predicate < automaton.columnPredicateCount) {
      const value = this.#plans.value(this.#eventClass, predicate);
      if (value === 2) throw this.#fault(predicate, null);
      return value === 1;
    }
    const known = this.#memo[predicate] as number;
    if (known !== -1) return known === 1;
    const { guard } = automaton.predicates[predicate] as Automaton['predicates'][number];
    const guarded = guard === -1 ? 1 : this.#plans.value(this.#eventClass, guard);
    const value = guarded !== 0 && this.#compute(predicate);
    if (value && guarded === 2) throw this.#fault(guard, null);
    this.#memo[predicate] = value ? 1 : 0;
    return value;
  }

  #compute(predicate: number): boolean {
    const context = this.#context;
    if (!this.#isBudgeted) {
      this.#isBudgeted = true;
      this.#eventBudget = EVENT_BUDGET;
    }
    const budget = Math.min(EVALUATION_BUDGET, this.#eventBudget);
    context.budget = budget;
    try {
      return this.#isTrue(predicate, context);
    } catch (error) {
      if (error instanceof EvaluationError) throw this.#fault(predicate, error);
      throw error;
    } finally {
      this.#eventBudget -= budget - context.budget;
    }
  }

  #isTrue(predicate: number, context: EvaluationContext): boolean {
    const running = this.#running;
    const run = this.#run;
    const program = running === null || run === -1 ? null : (running.programs[predicate] as RowPredicate | null);
    // a run that something goes along with has the number of its first event
    if (program !== null && (running as RunningValues).prepare(run, this.#events.ordinalOf(run), this.#node)) {
      try {
        return program(context);
      } catch (error) {
        if (!(error instanceof EvaluationError)) throw error; // else told in the condition's own words
      }
    }
    return (this.#predicates[predicate] as RowPredicate)(context);
  }

  #rowsOf(stage: number): RowList {
    if (stage === this.#stageRows.length) return (this.#running as RunningValues).run;
    const list = this.#stageRows[stage] as RowList;
    if (this.#stageRowsFor[stage] === this.#question) return list;
    this.#stageRowsFor[stage] = this.#question;
    list.clear();
    const nodes = this.#nodes;
    for (let at = this.#node; at !== -1; at = nodes.parent(at)) if (nodes.stage(at) === stage) list.push(nodes.event(at));
    list.items.subarray(0, list.length).reverse();
    return list;
  }

  #fault(predicate: number, error: EvaluationError | null): JobFault {
    const { rows, position, split } = this.#plan as CopyPlan;
    const { condition } = this.#automaton.predicates[predicate] as Automaton['predicates'][number];
    return conditionFault(this.#automaton, predicate, this.#patternId, `${split}:${position[this.#row]}`, error ?? errorAt(condition, rows, this.#row));
  }
}
