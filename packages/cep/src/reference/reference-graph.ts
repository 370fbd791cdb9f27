/**
 * From the chain of steps to Flink's graph of states, one small function for each sentence of the specification.
 *
 * The chain is read from its end to its beginning. Each step becomes one state, or one for each repetition; an
 * edge takes the event, ignores it, or proceeds to another state which then looks at the same event.
 *
 * Always  the order of states and of a state's edges is Flink's, since it decides the order of runs.
 * Source  flink-cep-semantics.md 1.3 to 1.5; Flink 2.3, NFACompiler (structure only).
 * Not here: speed. Whoever reads it should see that it is right.
 */
import type { ReferenceCondition, ReferencePattern, ReferenceStep } from './reference-pattern.ts';

export interface GraphEdge<E> {
  readonly action: 'take' | 'ignore' | 'proceed';
  readonly target: GraphState<E>;
  condition: ReferenceCondition<E>;
}

export interface GraphState<E> {
  /** Unique; repetitions are `name:0`, `name:1`, … */
  readonly name: string;
  kind: 'start' | 'normal' | 'pending' | 'stop' | 'final';
  readonly edges: GraphEdge<E>[];
}

export interface ReferenceGraph<E> {
  readonly start: GraphState<E>;
  /** The smallest first-to-last window, 0 = none. */
  readonly windowMs: number;
  /** previous-to-current windows by state name. */
  readonly gapMs: ReadonlyMap<string, number>;
}

const always = (): boolean => true;
const not = <E>(condition: ReferenceCondition<E>): ReferenceCondition<E> => (event, matched) => !condition(event, matched);
const and = <E>(left: ReferenceCondition<E>, right: ReferenceCondition<E>): ReferenceCondition<E> =>
  (event, matched) => left(event, matched) && right(event, matched);

/** The step's name that a state's name stands for: what comes before the colon. */
export const stepName = (stateName: string): string => stateName.split(':')[0] as string;

/** Where in the chain we are: the step, its neighbours in its own chain, and the group that the chain is the inside of. */
interface Place<E> {
  readonly chain: readonly ReferenceStep<E>[];
  readonly index: number;
  readonly group: ReferenceStep<E> | null;
  /** False while a group's second and later rounds are being built: its head then uses the inner contiguity. */
  readonly firstRound: boolean;
  /** The step after this one in the order of building, also across the border of a group. */
  readonly following: ReferenceStep<E> | null;
}

class GraphBuilder<E> {
  readonly gapMs = new Map<string, number>();
  windowMs: number | null;
  readonly #names = new Set<string>();
  readonly #stops = new Map<string, GraphState<E>>();
  /** Copies of a state made before greedy changed its edges, for leaving a loop at its stop condition. */
  readonly #ungreedy = new Map<string, GraphState<E>>();

  constructor(windowMs: number | null) {
    this.windowMs = windowMs;
  }

  state(name: string, kind: GraphState<E>['kind']): GraphState<E> {
    let unique = name;
    for (let count = 0; this.#names.has(unique); count += 1) unique = `${name}:${count}`;
    this.#names.add(unique);
    return { name: unique, kind, edges: [] };
  }

  /** A state that waits for an event of a step: it may carry the step's previous-to-current window. */
  #waiting(step: ReferenceStep<E>, kind: GraphState<E>['kind']): GraphState<E> {
    const state = this.state(step.name, kind);
    const window = step.kind === 'single' ? step.previousToCurrentMs : state.name.includes(':') ? step.timesWindowMs : null;
    if (window !== null) this.gapMs.set(state.name, window);
    return state;
  }

  #stop(step: ReferenceStep<E>, condition: ReferenceCondition<E>): GraphState<E> {
    let stop = this.#stops.get(step.name);
    if (!stop) {
      stop = this.state(step.name, 'stop');
      stop.edges.push({ action: 'take', target: stop, condition });
      this.#stops.set(step.name, stop);
    }
    return stop;
  }

  #copy(state: GraphState<E>): GraphState<E> {
    const copy = this.state(stepName(state.name), state.kind);
    for (const edge of state.edges) copy.edges.push({ ...edge, target: edge.target === state ? copy : edge.target });
    return copy;
  }

  // ── conditions of a step at its place ────────────────────────────────────────────────────────────────────────

  /** A group's stop condition holds for everything inside it. */
  #unlessGroupStops(condition: ReferenceCondition<E> | null, place: Place<E>, evenIfNone: boolean): ReferenceCondition<E> | null {
    return unlessStopped(condition, place.group?.until ?? null, evenIfNone);
  }

  #accepts(step: ReferenceStep<E>, place: Place<E>): ReferenceCondition<E> {
    return this.#unlessGroupStops(step.where ?? always, place, true) as ReferenceCondition<E>;
  }

  #yes(place: Place<E>): ReferenceCondition<E> {
    return this.#unlessGroupStops(always, place, true) as ReferenceCondition<E>;
  }

  /** May an event be skipped while waiting under this contiguity? null = never. */
  #skips(contiguity: string, step: ReferenceStep<E>, place: Place<E>): ReferenceCondition<E> | null {
    const condition = contiguity === 'next' ? not<E>(step.where ?? always) : contiguity === 'any' ? always : null;
    return this.#unlessGroupStops(condition, place, false);
  }

  #skipsBefore(step: ReferenceStep<E>, place: Place<E>): ReferenceCondition<E> | null {
    const head = place.group !== null && place.index === 0;
    const contiguity = !head ? step.link : place.firstRound ? (place.group as ReferenceStep<E>).link : (place.group as ReferenceStep<E>).inner;
    return this.#skips(contiguity, step, place);
  }

  #skipsInside(step: ReferenceStep<E>, place: Place<E>): ReferenceCondition<E> | null {
    const head = place.group !== null && place.index === 0;
    return this.#skips(head ? (place.group as ReferenceStep<E>).inner : step.inner, step, place);
  }

  /** The not-steps that hold at a step: right before it, or before optional steps that lie in between. */
  #nots(place: Place<E>): { step: ReferenceStep<E>; condition: ReferenceCondition<E> }[] {
    const found = [];
    for (let index = place.index - 1; index >= 0; index -= 1) {
      const before = place.chain[index] as ReferenceStep<E>;
      if (before.link === 'not-follow') found.push({ step: before, condition: this.#accepts(before, place) });
      else if (!before.optional) break;
    }
    return found;
  }

  #addStops(state: GraphState<E>, place: Place<E>): void {
    for (const { step, condition } of this.#nots(place)) {
      state.edges.push({ action: 'proceed', target: this.#stop(step, condition), condition });
    }
  }

  /** A not-step that follows a repeated step holds between the repetitions too. */
  #addStopsInside(state: GraphState<E>, place: Place<E>): void {
    const next = place.following;
    if (next === null || next.link !== 'not-follow') return;
    const condition = this.#accepts(next, place);
    state.edges.push({ action: 'proceed', target: this.#stop(next, condition), condition });
  }

  /** Accepting an optional step lifts the not-steps before it: its take leads to a copy of what follows, without them. */
  #withoutNots(sink: GraphState<E>, step: ReferenceStep<E>, place: Place<E>): GraphState<E> {
    const nots = this.#nots(place);
    if (nots.length === 0 || !step.optional) return sink;
    const copy = this.state(sink.name, sink.kind);
    for (const edge of sink.edges) {
      if (edge.action !== 'proceed') {
        copy.edges.push({ ...edge, target: edge.target === sink ? copy : edge.target });
      } else if (edge.target.kind !== 'stop') {
        copy.edges.push({ ...edge, target: this.#withoutNots(edge.target, step, place) });
      } else if (!nots.some(({ step: { name } }) => name === edge.target.name)) {
        copy.edges.push({ ...edge });
      }
    }
    return copy;
  }

  // ── steps ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Everything of a chain but its first step, from the end; gives the state that the first step leads to. */
  afterFirst(chain: readonly ReferenceStep<E>[], sink: GraphState<E>, group: ReferenceStep<E> | null, firstRound: boolean, outer: ReferenceStep<E> | null): { sink: GraphState<E>; following: ReferenceStep<E> | null } {
    let following = outer;
    let last = sink;
    for (let index = chain.length - 1; index > 0; index -= 1) {
      const step = chain[index] as ReferenceStep<E>;
      const place: Place<E> = { chain, index, group, firstRound, following };
      if (step.link === 'not-follow') {
        if ((step.previousToCurrentMs !== null || (this.windowMs ?? 0) > 0) && last.kind === 'final') {
          const pending = this.#waiting(step, 'pending');
          const condition = this.#accepts(step, place);
          pending.edges.push({ action: 'proceed', target: this.#stop(step, condition), condition });
          pending.edges.push({ action: 'ignore', target: pending, condition: not(condition) });
          last = pending;
        }
      } else if (step.link === 'not-next') {
        const state = this.#waiting(step, 'normal');
        const condition = this.#accepts(step, place);
        const stop = this.#stop(step, condition);
        state.edges.push({ action: last.kind === 'final' ? 'ignore' : 'proceed', target: last, condition: not(condition) });
        state.edges.push({ action: 'proceed', target: stop, condition });
        last = state;
      } else {
        last = this.step(step, last, place);
      }
      following = step;
      const before = (chain[index - 1] as ReferenceStep<E>).firstToLastMs;
      if (before !== null && before < (this.windowMs ?? Number.POSITIVE_INFINITY)) this.windowMs = before;
    }
    return { sink: last, following };
  }

  step(step: ReferenceStep<E>, sink: GraphState<E>, place: Place<E>): GraphState<E> {
    let first: GraphState<E>;
    if (step.kind === 'loop') {
      const loop = this.#loop(step, this.#withoutNots(sink, step, place), place);
      first = this.#repeat(step, loop, sink, place);
    } else if (step.kind === 'times') {
      first = this.#repeat(step, sink, sink, place);
    } else {
      first = this.#once(step, sink, sink, this.#accepts(step, place), this.#skipsBefore(step, place), step.optional, place, true);
    }
    this.#addStops(first, place);
    return first;
  }

  #repeat(step: ReferenceStep<E>, sink: GraphState<E>, proceed: GraphState<E>, place: Place<E>): GraphState<E> {
    const skipsInside = unlessStopped(this.#skipsInside(step, place), step.until, false);
    const accepts = unlessStopped(this.#accepts(step, place), step.until, true) as ReferenceCondition<E>;
    if (step.greedy && step.from !== step.to) {
      if (step.until !== null) this.#ungreedy.set(sink.name, this.#copy(sink));
      refuseWhile(sink, accepts);
    }
    let last = sink;
    for (let count = step.from; count < step.to; count += 1) {
      last = this.#once(step, last, proceed, accepts, skipsInside, true, place, false);
      this.#addStopsInside(last, place);
    }
    for (let count = 0; count < step.from - 1; count += 1) {
      last = this.#once(step, last, null, accepts, skipsInside, false, place, false);
      this.#addStopsInside(last, place);
    }
    return this.#once(step, last, proceed, accepts, this.#skipsBefore(step, place), step.optional, place, true);
  }

  #once(
    step: ReferenceStep<E>, sinkBefore: GraphState<E>, proceed: GraphState<E> | null, accepts: ReferenceCondition<E>,
    skips: ReferenceCondition<E> | null, optional: boolean, place: Place<E>, firstRound: boolean,
  ): GraphState<E> {
    if (step.group !== null) return this.#group(step, sinkBefore, proceed, optional, place, firstRound);
    const state = this.#waiting(step, 'normal');
    const sink = this.#withoutNots(sinkBefore, step, place);
    state.edges.push({ action: 'take', target: sink, condition: accepts });
    if (optional) {
      const past = proceed as GraphState<E>;
      const yes = this.#yes(place);
      if (step.greedy && step.until !== null) {
        const ungreedy = this.#ungreedy.get(past.name) as GraphState<E>;
        state.edges.push({ action: 'proceed', target: ungreedy, condition: and(yes, step.until) });
        state.edges.push({ action: 'proceed', target: past, condition: and(yes, not(step.until)) });
      } else {
        state.edges.push({ action: 'proceed', target: past, condition: yes });
      }
    }
    if (skips !== null) {
      let skipping = state;
      const headOfOptionalGroup = place.group !== null && place.index === 0 && place.firstRound && place.group.optional;
      if (optional || headOfOptionalGroup) {
        // a run that has skipped once can no longer leave without taking: one branch for each proceed
        skipping = this.state(step.name, 'normal');
        skipping.edges.push({ action: 'take', target: sink, condition: accepts });
        skipping.edges.push({ action: 'ignore', target: skipping, condition: skips });
        this.#addStops(skipping, place);
      }
      state.edges.push({ action: 'ignore', target: skipping, condition: skips });
    }
    return state;
  }

  #group(step: ReferenceStep<E>, sink: GraphState<E>, proceed: GraphState<E> | null, optional: boolean, place: Place<E>, firstRound: boolean): GraphState<E> {
    const inside = step.group as readonly ReferenceStep<E>[];
    const rest = this.afterFirst(inside, sink, step, firstRound, place.following);
    const first = this.step(inside[0] as ReferenceStep<E>, rest.sink, { chain: inside, index: 0, group: step, firstRound, following: rest.following });
    if (optional) first.edges.push({ action: 'proceed', target: proceed as GraphState<E>, condition: this.#yes(place) });
    return first;
  }

  #loop(step: ReferenceStep<E>, sink: GraphState<E>, place: Place<E>): GraphState<E> {
    if (step.group !== null) return this.#groupLoop(step, sink, place);
    const skips = unlessStopped(this.#skipsInside(step, place), step.until, false);
    const accepts = unlessStopped(this.#accepts(step, place), step.until, true) as ReferenceCondition<E>;
    const yes = this.#yes(place);
    const loop = this.#waiting(step, 'normal');
    if (step.greedy) {
      if (step.until !== null) {
        const ungreedy = this.#copy(sink);
        loop.edges.push({ action: 'proceed', target: ungreedy, condition: and(yes, step.until) });
        this.#ungreedy.set(sink.name, ungreedy);
      }
      loop.edges.push({ action: 'proceed', target: sink, condition: step.until === null ? yes : and(yes, not(step.until)) });
      refuseWhile(sink, this.#accepts(step, place));
    } else {
      loop.edges.push({ action: 'proceed', target: sink, condition: yes });
    }
    loop.edges.push({ action: 'take', target: loop, condition: accepts });
    this.#addStopsInside(loop, place);
    if (skips !== null) {
      const skipping = this.state(step.name, 'normal');
      skipping.edges.push({ action: 'take', target: loop, condition: accepts });
      skipping.edges.push({ action: 'ignore', target: skipping, condition: skips });
      loop.edges.push({ action: 'ignore', target: skipping, condition: skips });
      this.#addStopsInside(skipping, place);
    }
    return loop;
  }

  #groupLoop(step: ReferenceStep<E>, sink: GraphState<E>, place: Place<E>): GraphState<E> {
    const inside = step.group as readonly ReferenceStep<E>[];
    const again = this.#waiting(step, 'normal');
    const rest = this.afterFirst(inside, again, step, false, place.following);
    const first = this.step(inside[0] as ReferenceStep<E>, rest.sink, { chain: inside, index: 0, group: step, firstRound: false, following: rest.following });
    const yes = this.#yes(place);
    first.edges.push({ action: 'proceed', target: sink, condition: yes });
    again.edges.push({ action: 'proceed', target: first, condition: yes });
    return first;
  }
}

function unlessStopped<E>(condition: ReferenceCondition<E> | null, until: ReferenceCondition<E> | null, evenIfNone: boolean): ReferenceCondition<E> | null {
  if (until === null) return condition;
  if (condition !== null) return and(not(until), condition);
  return evenIfNone ? not(until) : null;
}

/** Greedy: what leaves to the next step may not be what the loop could take. */
function refuseWhile<E>(state: GraphState<E>, accepts: ReferenceCondition<E>): void {
  for (const edge of state.edges) edge.condition = and(edge.condition, not(accepts));
}

export function referenceGraph<E>(pattern: ReferencePattern<E>): ReferenceGraph<E> {
  const last = pattern.steps[pattern.steps.length - 1] as ReferenceStep<E>;
  const builder = new GraphBuilder<E>(last.firstToLastMs);
  const final = builder.state('$endState$', 'final');
  const rest = builder.afterFirst(pattern.steps, final, null, true, null);
  const start = builder.step(pattern.steps[0] as ReferenceStep<E>, rest.sink, { chain: pattern.steps, index: 0, group: null, firstRound: true, following: rest.following });
  start.kind = 'start';
  return { start, windowMs: builder.windowMs ?? 0, gapMs: builder.gapMs };
}
