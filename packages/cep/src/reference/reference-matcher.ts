/**
 * The naive matcher: one key, one list of partial matches, one look at each of them for each event.
 *
 * A partial match is an immutable object that carries all its events. It is the second opinion on the engine, so
 * it shares no matching code with it, keeps nothing compact and copies freely.
 *
 * Always  partial and completed matches stand in queues of Java's array order (java-priority-queue.ts), by the
 *         first event's (timestamp, arrival), the start itself last; matches come out in Flink's order.
 * Source  flink-cep-semantics.md 1.4 to 1.7a; Flink 2.3, NFA (behaviour).
 * Not here: buffering by time, watermarks and timers (reference-operator.ts).
 */
import { JavaPriorityQueue } from './java-priority-queue.ts';
import { type GraphState, type ReferenceGraph, referenceGraph, stepName } from './reference-graph.ts';
import type { ReferenceEvent, ReferencePattern, ReferenceSkip } from './reference-pattern.ts';

export interface Accepted<E> { readonly stage: string; readonly event: E }

interface PartialMatch<E> {
  readonly state: GraphState<E>;
  readonly path: readonly Accepted<E>[];
  /** null for the run that has not begun. */
  readonly first: E | null;
  readonly previousTs: number;
}

/** Stage name to events; stages in order of their first event. */
export type ReferenceMatch<E> = ReadonlyMap<string, readonly E[]>;
export interface ReferenceTimeout<E> { readonly at: number; readonly match: ReferenceMatch<E> }

/** What Flink throws at run time; the message is Flink's. */
export class ReferenceFault extends Error {
  override readonly name = 'ReferenceFault';
}

const byArrival = (a: ReferenceEvent, b: ReferenceEvent): number => a.ts - b.ts || a.seq - b.seq;

function byFirst<E extends ReferenceEvent>(a: PartialMatch<E>, b: PartialMatch<E>): number {
  if (a.first === null || b.first === null) return a.first === b.first ? 0 : a.first === null ? 1 : -1;
  return byArrival(a.first, b.first);
}

function asMatch<E>(path: readonly Accepted<E>[]): ReferenceMatch<E> {
  const match = new Map<string, E[]>();
  for (const { stage, event } of path) {
    const events = match.get(stage);
    if (events) events.push(event);
    else match.set(stage, [event]);
  }
  return match;
}

export class ReferenceMatcher<E extends ReferenceEvent> {
  readonly #graph: ReferenceGraph<E>;
  readonly #skip: ReferenceSkip;
  #partial: JavaPriorityQueue<PartialMatch<E>> = new JavaPriorityQueue(byFirst<E>);
  readonly #completed: JavaPriorityQueue<PartialMatch<E>> = new JavaPriorityQueue(byFirst<E>);
  /** A run began since the flag was last taken down, at a timestamp above 0. */
  newStart = false;
  /** Something changed since the flag was last taken down. */
  changed = false;

  constructor(pattern: ReferencePattern<E>, graph: ReferenceGraph<E> = referenceGraph(pattern)) {
    this.#graph = graph;
    this.#skip = pattern.skip;
    this.#partial.add({ state: graph.start, path: [], first: null, previousTs: -1 });
  }

  get windowMs(): number {
    return this.#graph.windowMs;
  }

  /** Nothing but the start is waiting. */
  get idle(): boolean {
    return this.#partial.items.length === 1 && this.#completed.items.length === 0;
  }

  get partialMatches(): number {
    return this.#partial.items.length - 1;
  }

  /** Feeds one event; its time must have been advanced to before. */
  process(event: E): ReferenceMatch<E>[] {
    const next = new JavaPriorityQueue(byFirst<E>);
    const found = new JavaPriorityQueue(byFirst<E>);
    for (const run of this.#partial.items) {
      const followers = this.#followers(run, event);
      if (followers.length !== 1 || !sameRun(followers[0] as PartialMatch<E>, run)) this.changed = true;
      if (run.first === null && followers.some(({ first }) => first !== null && first.ts > 0)) this.newStart = true;
      for (const follower of followers) if (follower.state.kind === 'final') found.add(follower);
      if (followers.some(({ state }) => state.kind === 'stop')) continue;
      for (const follower of followers) if (follower.state.kind !== 'final') next.add(follower);
    }
    if (found.items.length > 0) this.changed = true;
    const matches = this.#release(found, next);
    this.#partial = next;
    return matches;
  }

  /** No event before `ts` will come: what time completes, then what it ends. */
  advanceTime(ts: number): { matches: ReferenceMatch<E>[]; timeouts: ReferenceTimeout<E>[] } {
    const next = new JavaPriorityQueue(byFirst<E>);
    const found = new JavaPriorityQueue(byFirst<E>);
    const timeouts: ReferenceTimeout<E>[] = [];
    for (const run of this.#partial.items) {
      const gap = this.#graph.gapMs.get(run.state.name) ?? 0;
      const window = this.#graph.windowMs;
      const gapOver = run.first !== null && gap > 0 && ts - run.previousTs >= gap;
      const windowOver = run.first !== null && window > 0 && ts - run.first.ts >= window;
      if (!gapOver && !windowOver) {
        next.add(run);
        continue;
      }
      this.changed = true;
      if (run.state.kind === 'pending') found.add(run);
      else timeouts.push({ at: gapOver ? run.previousTs + gap : (run.first as E).ts + window, match: asMatch(run.path) });
    }
    const matches = this.#release(found, next);
    this.#partial = next;
    return { matches, timeouts };
  }

  /** Gives out completed matches as far as the skip strategy allows, pruning what it skips. */
  #release(found: JavaPriorityQueue<PartialMatch<E>>, partial: JavaPriorityQueue<PartialMatch<E>>): ReferenceMatch<E>[] {
    for (const match of found.items) this.#completed.add(match);
    const out: ReferenceMatch<E>[] = [];
    for (let earliest = this.#completed.peek(); earliest !== undefined; earliest = this.#completed.peek()) {
      if (this.#skip.strategy !== 'NO_SKIP') {
        const waiting = partial.peek();
        if (waiting !== undefined && byFirst(earliest, waiting) > 0) break;
      }
      this.changed = true;
      this.#completed.poll();
      const match = asMatch(earliest.path);
      const doomed = this.#doomed(match);
      if (doomed !== null) {
        partial.removeWhere(doomed);
        this.#completed.removeWhere(doomed);
      }
      out.push(match);
    }
    return out;
  }

  /** Which runs a given-out match prunes; null = none. */
  #doomed(match: ReferenceMatch<E>): ((run: PartialMatch<E>) => boolean) | null {
    const { strategy, stage, throwOnMiss } = this.#skip;
    if (strategy === 'NO_SKIP') return null;
    const events = [...match.values()].flat();
    const first = events.reduce((a, b) => (byArrival(a, b) <= 0 ? a : b));
    if (strategy === 'SKIP_TO_NEXT' || strategy === 'SKIP_PAST_LAST_EVENT') {
      const until = strategy === 'SKIP_TO_NEXT' ? first : events.reduce((a, b) => (byArrival(a, b) >= 0 ? a : b));
      return (run) => run.first !== null && byArrival(run.first, until) <= 0;
    }
    const targets = match.get(stage as string);
    if (targets === undefined) {
      if (throwOnMiss) throw new ReferenceFault(`Could not skip to ${stage}. No such element in the found match`);
      return null;
    }
    const target = (strategy === 'SKIP_TO_FIRST' ? targets[0] : targets[targets.length - 1]) as E;
    if (throwOnMiss && byArrival(target, first) === 0) throw new ReferenceFault('Could not skip to first element of a match.');
    return (run) => run.first !== null && byArrival(run.first, target) < 0;
  }

  /** All that becomes of one run at one event, in the order of the edges. */
  #followers(run: PartialMatch<E>, event: E): PartialMatch<E>[] {
    const matched = (stage: string): readonly E[] => run.path.filter((accepted) => accepted.stage === stage).map((accepted) => accepted.event);
    const holds = (condition: (event: E, matched: (stage: string) => readonly E[]) => boolean): boolean => condition(event, matched);

    // every edge that the event can use, also behind states that may be passed without taking
    const usable: { source: GraphState<E>; action: 'take' | 'ignore'; target: GraphState<E> }[] = [];
    const look = [run.state];
    for (let state = look.pop(); state !== undefined; state = look.pop()) {
      for (const edge of state.edges) {
        if (!holds(edge.condition)) continue;
        if (edge.action === 'proceed') look.push(edge.target);
        else usable.push({ source: state, action: edge.action, target: edge.target });
      }
    }

    const followers: PartialMatch<E>[] = [];
    for (const { source, action, target } of usable) {
      if (action === 'ignore') {
        if (run.first !== null) followers.push({ ...run, state: target });
        continue;
      }
      const taken = { path: [...run.path, { stage: stepName(source.name), event }], first: run.first ?? event, previousTs: event.ts };
      followers.push({ ...taken, state: target });
      const final = finalBehind(target, holds);
      if (final !== null) followers.push({ ...taken, state: final });
    }
    if (run.first === null) followers.push(run);
    return followers;
  }
}

/** The final state, if it can be reached from here without taking anything; judged with the event just taken. */
function finalBehind<E>(from: GraphState<E>, holds: (condition: GraphState<E>['edges'][number]['condition']) => boolean): GraphState<E> | null {
  const look = [from];
  for (let state = look.pop(); state !== undefined; state = look.pop()) {
    for (const edge of state.edges) {
      if (edge.action !== 'proceed' || !holds(edge.condition)) continue;
      if (edge.target.kind === 'final') return edge.target;
      look.push(edge.target);
    }
  }
  return null;
}

const sameRun = <E>(a: PartialMatch<E>, b: PartialMatch<E>): boolean =>
  a.state === b.state && a.first === b.first && a.path.length === b.path.length && a.path.every((accepted, index) => accepted.event === b.path[index]?.event);
