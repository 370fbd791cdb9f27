/**
 * Decision: what one event does to a run that waits in one state.
 *
 * The edges of the state are tried in order; a true PROCEED edge puts its target on a stack whose edges are tried
 * after those at hand; true TAKE and IGNORE edges are collected. Then each collected edge gives a result, and each
 * TAKE is followed to see whether the pattern is complete without a further event.
 *
 * Always  a predicate is asked only where Flink would evaluate it, in the same order; so a fault that Flink would
 *         not meet is not met here. The results stand in Flink's order.
 * Shape   a decision is encoded in an Int32Array: [flags, finals, retained, then (target, stage) for each final, then
 *         (target, stage) for each retained result]; stage is -1 for IGNORE, else the stage the event is taken into.
 *         A result in a stop state throws away the retained ones (finals stay: a completed match wins over an absence).
 * Source  behaviour of Flink 2.3.0, NFA.computeNextStates; semantics 1.3, 1.4, 1.7a.
 * Not here: remembering decisions by the event's predicates (plan-table.ts), runs.
 */
import { JobFault, invariant } from '@tidemark/core';
import { evaluate } from '../compiler/edge-condition.ts';
import { type Automaton, IGNORE, PROCEED, STATE_FINAL, STATE_START, STATE_STOP, TAKE } from './automaton.ts';

export const FLAG_TAKES = 1;
export const FLAG_BLOCKED = 2;
/** The run goes on unchanged: a single IGNORE back into the same state. */
export const FLAG_STAYS = 4;

export const DECISION_FLAGS = 0;
export const DECISION_FINALS = 1;
export const DECISION_RETAINED = 2;
export const DECISION_RESULTS = 3;

/** A walk along PROCEED edges that gets this long runs in a circle (a repeated group that can be empty). */
const WALK_MAX = 100_000;

export class DecisionMaker {
  readonly #automaton: Automaton;
  /** Encoded decision of the last call to `decide`; valid until the next. */
  out = new Int32Array(64);
  readonly #stack: number[] = [];
  readonly #edges: number[] = [];
  readonly #edgeSource: number[] = [];
  readonly #retained: number[] = [];

  constructor(automaton: Automaton) {
    this.#automaton = automaton;
  }

  decide(state: number, valueOf: (predicate: number) => boolean): Int32Array<ArrayBuffer> {
    this.#collect(state, valueOf);
    const a = this.#automaton;
    const isStart = a.stateKind[state] === STATE_START;
    const edges = this.#edges;
    const retained = this.#retained;
    retained.length = 0;
    let finals = 0;
    let flags = 0;
    let results = 0;
    let selfIgnores = 0;
    for (let i = 0; i < edges.length; i += 1) {
      const edge = edges[i] as number;
      const target = a.edgeTarget[edge] as number;
      if (a.edgeAction[edge] === IGNORE) {
        if (isStart) continue;
        results += 1;
        if (target === state) selfIgnores += 1;
        if (this.#result(target, -1, finals)) finals += 1;
        else if (a.stateKind[target] === STATE_STOP) flags |= FLAG_BLOCKED;
        continue;
      }
      flags |= FLAG_TAKES;
      results += 1;
      const stage = a.stateStage[this.#edgeSource[i] as number] as number;
      if (this.#result(target, stage, finals)) finals += 1;
      else if (a.stateKind[target] === STATE_STOP) flags |= FLAG_BLOCKED;
      const final = this.#finalAfterProceed(target, valueOf);
      if (final !== -1) {
        results += 1;
        this.#result(final, stage, finals);
        finals += 1;
      }
    }
    if (results === 1 && selfIgnores === 1) flags |= FLAG_STAYS;
    const kept = flags & FLAG_BLOCKED ? 0 : retained.length;
    this.#reserve(DECISION_RESULTS + finals * 2 + kept);
    const out = this.out;
    out[DECISION_FLAGS] = flags;
    out[DECISION_FINALS] = finals;
    out[DECISION_RETAINED] = kept / 2;
    const at = DECISION_RESULTS + finals * 2;
    for (let i = 0; i < kept; i += 1) out[at + i] = retained[i] as number;
    return out;
  }

  /** Notes one result; true if it is a final one. */
  #result(target: number, stage: number, finals: number): boolean {
    const kind = this.#automaton.stateKind[target];
    if (kind === STATE_FINAL) {
      this.#reserve(DECISION_RESULTS + finals * 2 + 2);
      this.out[DECISION_RESULTS + finals * 2] = target;
      this.out[DECISION_RESULTS + finals * 2 + 1] = stage;
      return true;
    }
    if (kind !== STATE_STOP) this.#retained.push(target, stage);
    return false;
  }

  #reserve(length: number): void {
    if (length <= this.out.length) return;
    const grown = new Int32Array(length * 2);
    grown.set(this.out);
    this.out = grown;
  }

  #collect(state: number, valueOf: (predicate: number) => boolean): void {
    const a = this.#automaton;
    const stack = this.#stack;
    this.#edges.length = 0;
    this.#edgeSource.length = 0;
    stack.length = 0;
    stack.push(state);
    let walked = 0;
    while (stack.length > 0) {
      const current = stack.pop() as number;
      walked += 1;
      if (walked > WALK_MAX) throw circle();
      const end = a.edgesFrom[current + 1] as number;
      for (let edge = a.edgesFrom[current] as number; edge < end; edge += 1) {
        if (!evaluate(a.edgeCondition[edge] as never, valueOf)) continue;
        const target = a.edgeTarget[edge] as number;
        if (target === -1) throw noTarget(a.stateName[current] as string);
        if (a.edgeAction[edge] === PROCEED) {
          stack.push(target);
        } else {
          invariant(a.edgeAction[edge] === TAKE || a.edgeAction[edge] === IGNORE, 'an edge takes, ignores or proceeds');
          this.#edges.push(edge);
          this.#edgeSource.push(current);
        }
      }
    }
  }

  #finalAfterProceed(state: number, valueOf: (predicate: number) => boolean): number {
    const a = this.#automaton;
    const stack = this.#stack;
    stack.length = 0;
    stack.push(state);
    let walked = 0;
    while (stack.length > 0) {
      const current = stack.pop() as number;
      walked += 1;
      if (walked > WALK_MAX) throw circle();
      const end = a.edgesFrom[current + 1] as number;
      for (let edge = a.edgesFrom[current] as number; edge < end; edge += 1) {
        if (a.edgeAction[edge] !== PROCEED || !evaluate(a.edgeCondition[edge] as never, valueOf)) continue;
        const target = a.edgeTarget[edge] as number;
        if (target === -1) throw noTarget(a.stateName[current] as string);
        if (a.stateKind[target] === STATE_FINAL) return target;
        stack.push(target);
      }
    }
    return -1;
  }
}

const circle = (): JobFault => new JobFault('A repeated group of the pattern can be empty, so its repetition never ends.', {
  domain: 'user', retry: 'no-retry', code: 'endless-group', operatorId: null, remedy: 'Make at least one stage of the group required.',
});

const noTarget = (state: string): JobFault => new JobFault(`Stage ${state.split(':')[0]} is left at its stop condition towards a stage that does not exist.`, {
  domain: 'user', retry: 'no-retry', code: 'edge-without-target', operatorId: null, remedy: 'Remove the stop condition, or make the stage required.',
});
