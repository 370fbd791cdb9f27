/**
 * From the steps of a pattern to the states of its automaton, in the shape and order that Flink gives them.
 *
 * A chain of steps is built from its end to its beginning: each step gets the state that follows it (its sink) and
 * answers with the state that comes first in it. A step makes one state for each position of a repetition, a
 * second one where leaving and staying must not be mixed (the waiting twin of an optional step or a loop), and a
 * stop state for each absence.
 *
 * Always  states are numbered in order of creation, edges of a state stand in order of creation: the order of
 *         edges decides the order of results, hence the order of matches and which one survives a skip strategy.
 *         A state's name is the step's name, with `:n` behind it from the second state on; a repeated step's own
 *         window sticks only to states whose name has a colon (Flink's rule, and the source of its odd effect).
 * Source  behaviour of Flink 2.3.0, NFACompiler; ../shared/reference/flink-cep-semantics.md 1.3 to 1.5.
 * Not here: what the user may not draw (packages/pattern refuses it before this point), tables (compile.ts).
 */
import { invariant } from '@tidemark/core';
import { type EdgeCondition, TRUE, and, not } from './edge-condition.ts';

export type StateKind = 'start' | 'final' | 'normal' | 'pending' | 'stop';
export type EdgeAction = 'take' | 'ignore' | 'proceed';

export interface Edge {
  readonly action: EdgeAction;
  /** null: Flink makes such an edge in one corner (greedy, optional, until after an absence); using it is a fault. */
  readonly target: StateDraft | null;
  condition: EdgeCondition;
}

export interface StateDraft {
  readonly index: number;
  readonly name: string;
  kind: StateKind;
  /** Stage that an event taken out of this state belongs to; -1 for the hub of a repeated group. */
  readonly stage: number;
  /** Longest gap since the event taken last, ms; 0 = none. */
  readonly gapMs: number;
  readonly edges: Edge[];
}

export type Link = 'begin' | 'next' | 'followedBy' | 'followedByAny' | 'notNext' | 'notFollowedBy';

/** A step with its conditions already numbered. */
export interface GraphStep {
  readonly name: string;
  readonly stage: number;
  readonly link: Link;
  readonly condition: EdgeCondition;
  readonly until: EdgeCondition | null;
  readonly kind: 'single' | 'looping' | 'times';
  readonly from: number;
  readonly to: number;
  readonly optional: boolean;
  readonly greedy: boolean;
  readonly inner: 'skipTillNext' | 'consecutive' | 'allowCombinations';
  readonly timesWindowMs: number | null;
  readonly firstAndLastMs: number | null;
  readonly previousAndCurrentMs: number | null;
  readonly group: readonly GraphStep[] | null;
}

type Contiguity = 'strict' | 'relaxed' | 'any' | 'not';

/** Where the builder stands: a step in its chain, what follows the chain's step, and the group round the chain. */
interface Place {
  readonly chain: readonly GraphStep[];
  readonly index: number;
  readonly step: GraphStep;
  readonly following: GraphStep | null;
  readonly group: GraphStep | null;
}

const GROUP_NAME = 'GroupPattern';
const END_NAME = '$endState$';

export function buildStateGraph(steps: readonly GraphStep[]): readonly StateDraft[] {
  return new StateGraphBuilder().build(steps);
}

function outerContiguity(step: GraphStep): Contiguity {
  switch (step.link) {
    case 'begin':
    case 'next': return 'strict';
    case 'followedBy': return 'relaxed';
    case 'followedByAny': return 'any';
    default: return 'not';
  }
}

function innerContiguity(step: GraphStep): Contiguity {
  switch (step.inner) {
    case 'consecutive': return 'strict';
    case 'allowCombinations': return 'any';
    default: return 'relaxed';
  }
}

class StateGraphBuilder {
  readonly #states: StateDraft[] = [];
  readonly #names = new Set<string>();
  readonly #stops = new Map<string, StateDraft>();
  /** Sinks that a greedy loop with a stop condition reaches by a copy, by the sink's name. */
  readonly #greedyCopies = new Map<string, StateDraft>();
  /** Whether a group is being built as the entry of its repetition (true) or as a later round. */
  readonly #entry = new Map<GraphStep, boolean>();
  /** Smallest FIRST_AND_LAST window of the steps built so far: a trailing absence is built when only its own is known. */
  #windowMs: number | null = null;

  build(steps: readonly GraphStep[]): readonly StateDraft[] {
    const last = steps[steps.length - 1];
    invariant(last !== undefined, 'a pattern has at least one step');
    const end = this.#state(END_NAME, 'final', -1, 0);
    this.#windowMs = last.firstAndLastMs;
    const first = this.#chain(steps, end, null, null);
    first.kind = 'start';
    return this.#states;
  }

  // --- states and edges

  #state(baseName: string, kind: StateKind, stage: number, gapMs: number, gapOnlyWithColon = false): StateDraft {
    let name = baseName;
    for (let n = 0; this.#names.has(name); n += 1) name = `${baseName}:${n}`;
    this.#names.add(name);
    const gap = gapOnlyWithColon && !name.includes(':') ? 0 : gapMs;
    const state: StateDraft = { index: this.#states.length, name, kind, stage, gapMs: gap, edges: [] };
    this.#states.push(state);
    return state;
  }

  /** A state of the step at `place`. Only states that take events of the step carry its window. */
  #stepState(place: Place, kind: StateKind, takes: boolean): StateDraft {
    const { step } = place;
    const name = step.group === null ? step.name : GROUP_NAME;
    if (!takes) return this.#state(name, kind, step.stage, 0);
    return step.kind === 'single'
      ? this.#state(name, kind, step.stage, step.previousAndCurrentMs ?? 0)
      : this.#state(name, kind, step.stage, step.timesWindowMs ?? 0, true);
  }

  #edge(from: StateDraft, action: EdgeAction, target: StateDraft | null, condition: EdgeCondition): void {
    from.edges.push({ action, target, condition });
  }

  #stopState(gate: GraphStep, condition: EdgeCondition): StateDraft {
    const known = this.#stops.get(gate.name);
    if (known !== undefined) return known;
    const stop = this.#state(gate.name, 'stop', gate.stage, 0);
    this.#edge(stop, 'take', stop, condition);
    this.#stops.set(gate.name, stop);
    return stop;
  }

  // --- conditions

  /** A group's stop condition guards every edge of the steps in it. */
  #guarded(condition: EdgeCondition, group: GraphStep | null): EdgeCondition {
    return group?.until ? and(not(group.until), condition) : condition;
  }

  #take(step: GraphStep, group: GraphStep | null): EdgeCondition {
    return this.#guarded(step.group === null ? step.condition : TRUE, group);
  }

  #pass(group: GraphStep | null): EdgeCondition {
    return this.#guarded(TRUE, group);
  }

  #ignore(place: Place, contiguity: Contiguity): EdgeCondition | null {
    const own = place.step.group === null ? place.step.condition : TRUE;
    switch (contiguity) {
      case 'relaxed': return this.#guarded(not(own), place.group);
      case 'any': return this.#guarded(TRUE, place.group);
      default: return null;
    }
  }

  #isHead(place: Place): boolean {
    return place.group !== null && place.index === 0;
  }

  #isEntry(group: GraphStep | null): boolean {
    return group === null ? true : this.#entry.get(group) ?? true;
  }

  /** How a step is entered. The head of a group is entered as the group is: by its link, or between its rounds. */
  #entryIgnore(place: Place): EdgeCondition | null {
    if (place.group !== null && this.#isHead(place)) {
      return this.#ignore(place, this.#isEntry(place.group) ? outerContiguity(place.group) : innerContiguity(place.group));
    }
    return this.#ignore(place, outerContiguity(place.step));
  }

  #innerIgnore(place: Place): EdgeCondition | null {
    const owner = place.group !== null && this.#isHead(place) ? place.group : place.step;
    return this.#ignore(place, innerContiguity(owner));
  }

  /** Absences still in force at a step: those right before it, and those before optional steps right before it. */
  #gatesBefore(place: Place): GraphStep[] {
    const gates: GraphStep[] = [];
    for (let i = place.index - 1; i >= 0; i -= 1) {
      const step = place.chain[i] as GraphStep;
      if (step.link === 'notFollowedBy') gates.push(step);
      else if (!step.optional) break;
    }
    return gates;
  }

  #addStops(place: Place, state: StateDraft): void {
    for (const gate of this.#gatesBefore(place)) {
      const condition = this.#take(gate, place.group);
      this.#edge(state, 'proceed', this.#stopState(gate, condition), condition);
    }
  }

  /** An absence that follows a repetition already forbids its event between the repetitions. */
  #addStopOfFollowing(place: Place, state: StateDraft): void {
    const { following } = place;
    if (following?.link !== 'notFollowedBy') return;
    const condition = this.#take(following, place.group);
    this.#edge(state, 'proceed', this.#stopState(following, condition), condition);
  }

  // --- copies

  #copy(state: StateDraft): StateDraft {
    const copy = this.#state(state.name.split(':')[0] as string, state.kind, state.stage, 0);
    for (const edge of state.edges) this.#edge(copy, edge.action, edge.target === state ? copy : edge.target, edge.condition);
    return copy;
  }

  /** Where an optional step behind an absence accepts an event, the absence is over: the sink without its stops. */
  #withoutGates(place: Place, sink: StateDraft, depth = 0): StateDraft {
    invariant(depth < 1000, 'a group that can be empty may not be repeated');
    const gates = this.#gatesBefore(place);
    if (gates.length === 0 || !place.step.optional) return sink;
    const copy = this.#state(sink.name, sink.kind, sink.stage, 0);
    for (const edge of sink.edges) {
      if (edge.action !== 'proceed' || edge.target === null) {
        this.#edge(copy, edge.action, edge.target === sink ? copy : edge.target, edge.condition);
      } else if (edge.target.kind !== 'stop') {
        this.#edge(copy, 'proceed', this.#withoutGates(place, edge.target, depth + 1), edge.condition);
      } else if (!gates.some((gate) => gate.name === edge.target?.name)) {
        this.#edge(copy, 'proceed', edge.target, edge.condition);
      }
    }
    return copy;
  }

  // --- steps

  /** All steps of a chain, from the last to the first; answers with the first state. */
  #chain(chain: readonly GraphStep[], end: StateDraft, group: GraphStep | null, after: GraphStep | null): StateDraft {
    let sink = end;
    for (let index = chain.length - 1; index >= 0; index -= 1) {
      const step = chain[index] as GraphStep;
      const place: Place = { chain, index, step, following: chain[index + 1] ?? after, group };
      // The last step's window was taken before its states were made: a trailing absence sees only that one.
      if (index < chain.length - 1 && step.firstAndLastMs !== null && step.firstAndLastMs < (this.#windowMs ?? Number.POSITIVE_INFINITY)) {
        this.#windowMs = step.firstAndLastMs;
      }
      if (index > 0 && step.link === 'notFollowedBy') sink = this.#absence(place, sink);
      else if (index > 0 && step.link === 'notNext') sink = this.#notNext(place, sink);
      else sink = this.#step(place, sink);
    }
    return sink;
  }

  /** Only a trailing absence has a state: it waits for its window to end. Elsewhere it is stop edges of others. */
  #absence(place: Place, sink: StateDraft): StateDraft {
    if (sink.kind !== 'final' || (place.step.previousAndCurrentMs === null && (this.#windowMs ?? 0) <= 0)) return sink;
    const pending = this.#stepState(place, 'pending', true);
    const condition = this.#take(place.step, place.group);
    this.#edge(pending, 'proceed', this.#stopState(place.step, condition), condition);
    this.#edge(pending, 'ignore', pending, not(condition));
    return pending;
  }

  #notNext(place: Place, sink: StateDraft): StateDraft {
    const state = this.#stepState(place, 'normal', true);
    const condition = this.#take(place.step, place.group);
    const stop = this.#stopState(place.step, condition);
    // A trailing one needs one more event before it may end, so it does not proceed to the end by itself.
    this.#edge(state, sink.kind === 'final' ? 'ignore' : 'proceed', sink, not(condition));
    this.#edge(state, 'proceed', stop, condition);
    return state;
  }

  #step(place: Place, sink: StateDraft): StateDraft {
    const { step } = place;
    let first: StateDraft;
    if (step.kind === 'looping') {
      this.#setEntry(step, false);
      const loop = this.#loop(place, this.#withoutGates(place, sink));
      this.#setEntry(step, true);
      first = this.#times(place, loop, sink, step.from, step.from);
    } else if (step.kind === 'times') {
      first = this.#times(place, sink, sink, step.from, step.to);
    } else {
      first = this.#single(place, sink, sink, this.#take(step, place.group), this.#entryIgnore(place), step.optional);
    }
    this.#addStops(place, first);
    return first;
  }

  #setEntry(step: GraphStep, entry: boolean): void {
    if (step.group !== null) this.#entry.set(step, entry);
  }

  #single(
    place: Place, sinkOfTake: StateDraft, sinkOfPass: StateDraft | null, take: EdgeCondition, ignore: EdgeCondition | null, optional: boolean,
  ): StateDraft {
    const { step } = place;
    if (step.group !== null) return this.#group(place, sinkOfTake, sinkOfPass, optional);
    const state = this.#stepState(place, 'normal', true);
    const sink = this.#withoutGates(place, sinkOfTake);
    this.#edge(state, 'take', sink, take);
    if (optional && sinkOfPass !== null) {
      const pass = this.#pass(place.group);
      if (step.greedy && step.until !== null) {
        this.#edge(state, 'proceed', this.#greedyCopies.get(sinkOfPass.name) ?? null, and(pass, step.until));
        this.#edge(state, 'proceed', sinkOfPass, and(pass, not(step.until)));
      } else {
        this.#edge(state, 'proceed', sinkOfPass, pass);
      }
    }
    if (ignore === null) return state;
    const headOfOptionalGroup = this.#isHead(place) && this.#isEntry(place.group) && place.group?.optional === true;
    if (!optional && !headOfOptionalGroup) {
      this.#edge(state, 'ignore', state, ignore);
      return state;
    }
    // Once it waits it can no longer be passed over, or each event would pass it over again.
    const waiting = this.#stepState(place, 'normal', false);
    this.#edge(waiting, 'take', sink, take);
    this.#edge(waiting, 'ignore', waiting, ignore);
    this.#addStops(place, waiting);
    this.#edge(state, 'ignore', waiting, ignore);
    return state;
  }

  /** `from` to `to` positions in a row, of which those beyond `from` may be left out. */
  #times(place: Place, sink: StateDraft, pass: StateDraft, from: number, to: number): StateDraft {
    const { step } = place;
    this.#setEntry(step, false);
    const inner = this.#innerIgnore(place);
    const innerIgnore = inner !== null && step.until !== null ? and(not(step.until), inner) : inner;
    const plainTake = this.#take(step, place.group);
    const take = step.until === null ? plainTake : and(not(step.until), plainTake);
    if (step.greedy && from !== to) {
      if (step.until !== null) this.#greedyCopies.set(sink.name, this.#copy(sink));
      this.#makeGreedy(sink, take);
    }
    let next = sink;
    for (let i = from; i < to; i += 1) {
      next = this.#single(place, next, pass, take, innerIgnore, true);
      this.#addStopOfFollowing(place, next);
    }
    for (let i = 0; i < from - 1; i += 1) {
      next = this.#single(place, next, null, take, innerIgnore, false);
      this.#addStopOfFollowing(place, next);
    }
    this.#setEntry(step, true);
    return this.#single(place, next, pass, take, this.#entryIgnore(place), step.optional);
  }

  /** "… or more": a state that takes into itself, with a waiting twin that does not leave. */
  #loop(place: Place, sink: StateDraft): StateDraft {
    const { step } = place;
    if (step.group !== null) return this.#groupLoop(place, sink);
    const inner = this.#innerIgnore(place);
    const ignore = inner !== null && step.until !== null ? and(not(step.until), inner) : inner;
    const plainTake = this.#take(step, place.group);
    const take = step.until === null ? plainTake : and(not(step.until), plainTake);
    const pass = this.#pass(place.group);
    const loop = this.#stepState(place, 'normal', true);
    if (step.greedy) {
      if (step.until !== null) {
        // At the stop event the loop may be left although it could take: the copy is made before greed changes the sink.
        const copy = this.#copy(sink);
        this.#edge(loop, 'proceed', copy, and(pass, step.until));
        this.#greedyCopies.set(sink.name, copy);
      }
      this.#edge(loop, 'proceed', sink, step.until === null ? pass : and(pass, not(step.until)));
      this.#makeGreedy(sink, plainTake);
    } else {
      this.#edge(loop, 'proceed', sink, pass);
    }
    this.#edge(loop, 'take', loop, take);
    this.#addStopOfFollowing(place, loop);
    if (ignore !== null) {
      const waiting = this.#stepState(place, 'normal', false);
      this.#edge(waiting, 'take', loop, take);
      this.#edge(waiting, 'ignore', waiting, ignore);
      this.#edge(loop, 'ignore', waiting, ignore);
      this.#addStopOfFollowing(place, waiting);
    }
    return loop;
  }

  /** Greed: what follows may not use an event that the repetition could take. */
  #makeGreedy(sink: StateDraft, take: EdgeCondition): void {
    for (const edge of sink.edges) edge.condition = and(edge.condition, not(take));
  }

  #group(place: Place, sink: StateDraft, pass: StateDraft | null, optional: boolean): StateDraft {
    const condition = this.#pass(place.group);
    const first = this.#chain(place.step.group ?? [], sink, place.step, place.following);
    if (optional) this.#edge(first, 'proceed', pass, condition);
    return first;
  }

  #groupLoop(place: Place, sink: StateDraft): StateDraft {
    const condition = this.#pass(place.group);
    const hub = this.#stepState(place, 'normal', true);
    const first = this.#chain(place.step.group ?? [], hub, place.step, place.following);
    this.#edge(first, 'proceed', sink, condition);
    this.#edge(hub, 'proceed', first, condition);
    return first;
  }
}
