/**
 * Cost class: how the cost of an event grows with what waits, read from the compiled pattern.
 *
 *   C0-DFA  conditions read the current event alone and no start event ever has two partial matches: one look-up.
 *   C0      conditions read the current event alone: some steps for each state, whatever waits.
 *   C1      an earlier event is asked for equality: partial matches can be found by that value.
 *   C2      only the first or the last event of a stage is read: partial matches that share it can be looked at together.
 *   C2a     sums, means, extremes or counts of a stage that takes no combinations: carried along with the partial match.
 *   C3      anything else that reads earlier events.
 *
 * `comparesEvery` is what this engine does, and what the words say: whether an event is compared with every open
 * partial match of its key that waits at one of `compared`.
 *
 * Always  a function of the compiled pattern alone, and of how its partial matches are kept (automaton/strategy.ts).
 * Source  performance reference, 2e; DESIGN §6, "Order and compact structures".
 */
import { type Expression, childrenOfExpression, walk } from '@tidemark/condition';
import type { ValidatedPattern } from '@tidemark/pattern';
import { comparisonOf } from '../automaton/asked.ts';
import type { Automaton } from '../automaton/automaton.ts';
import { chooseStrategy, refusal } from '../automaton/strategy.ts';

export type CostClass = 'C0-DFA' | 'C0' | 'C1' | 'C2' | 'C2a' | 'C3';

export interface PatternCost {
  readonly costClass: CostClass;
  readonly comparesEvery: boolean;
  /** Stages whose condition reads earlier events; where there are none and every partial match is still looked at, the runs fork. */
  readonly because: readonly number[];
  /** Those of them at which every partial match is looked at; the others are looked up by the value that they are compared by. */
  readonly compared: readonly number[];
  /** Partial matches are kept in common where they are many: then the matches of one event come in another order than Flink's. */
  readonly common: boolean;
}

const RANK: readonly CostClass[] = ['C0-DFA', 'C0', 'C1', 'C2a', 'C2', 'C3'];
const worse = (a: CostClass, b: CostClass): CostClass => (RANK.indexOf(a) >= RANK.indexOf(b) ? a : b);

export function patternCost(pattern: ValidatedPattern, automaton: Automaton): PatternCost {
  const asked = automaton.predicates.slice(automaton.columnPredicateCount);
  const forks = automaton.branching === 'branching' || (automaton.branching === 'linear-no-skip' && automaton.skip.kind !== 'NO_SKIP');
  if (asked.length === 0) {
    const { kind } = automaton.skip;
    const table = !forks && (kind === 'NO_SKIP' || kind === 'SKIP_PAST_LAST_EVENT');
    const { strategy } = chooseStrategy(automaton, 'auto');
    return { costClass: table ? 'C0-DFA' : 'C0', comparesEvery: strategy === 'explicit', because: [], compared: [], common: strategy === 'compact' };
  }
  const combinations = new Set<string>();
  const collect = (steps: ValidatedPattern['steps'], inside: boolean): void => {
    for (const step of steps) {
      const any = inside || step.quantifier.inner === 'allowCombinations';
      if (any) combinations.add(step.name);
      if (step.group !== null) collect(step.group, any);
    }
  };
  collect(pattern.steps, false);
  const costClass = asked.map(({ condition }) => classOf(condition.expression, combinations)).reduce(worse);
  const looksUp = refusal(automaton, 'state-lists') === null;
  const compared = stagesOf(asked.filter(({ condition }) => !looksUp || comparisonOf(condition) === null));
  return { costClass, comparesEvery: compared.length > 0, because: stagesOf(asked), compared, common: false };
}

const stagesOf = (predicates: Automaton['predicates']): readonly number[] => [...new Set(predicates.map(({ stage }) => stage))].sort((a, b) => a - b);

function classOf(expression: Expression, combinations: ReadonlySet<string>): CostClass {
  const parts = expression.kind === 'and' ? expression.parts : [expression];
  const classes = parts.filter(readsStage).map((part) => classOfPart(part, combinations));
  // One equality finds the few partial matches that the others are then asked of.
  return classes.includes('C1') ? 'C1' : classes.reduce(worse, 'C0');
}

function classOfPart(part: Expression, combinations: ReadonlySet<string>): CostClass {
  if (part.kind === 'binary' && part.operator === '==') {
    const [own, other] = readsStage(part.left) ? [part.right, part.left] : [part.left, part.right];
    if (!readsStage(own) && other.kind === 'field' && isEnd(other.of)) return 'C1';
  }
  let found: CostClass = 'C0';
  const see = (node: Expression): void => {
    if (node.kind === 'index' && isEnd(node)) {
      found = worse(found, 'C2');
      return;
    }
    if (node.kind === 'call' && ['sum', 'avg', 'min', 'max', 'size-list'].includes(node.id)) {
      const [list] = node.args;
      const stage = list?.kind === 'macro' && list.macro === 'map' && list.filter === null && !readsStage(list.body) ? list.list : list;
      if (stage?.kind === 'stage') {
        found = worse(found, combinations.has(stage.name) ? 'C3' : 'C2a');
        return;
      }
    }
    if (node.kind === 'stage') found = 'C3';
    childrenOfExpression(node).forEach(see);
  };
  see(part);
  return found;
}

/** The first or the last element of a stage. */
function isEnd(node: Expression | null): boolean {
  if (node?.kind !== 'index' || node.list.kind !== 'stage') return false;
  const { index, list } = node;
  if (index.kind === 'literal') return index.value === 0;
  return index.kind === 'binary' && index.operator === '-' && index.right.kind === 'literal' && index.right.value === 1
    && index.left.kind === 'call' && index.left.id === 'size-list' && index.left.args[0]?.kind === 'stage' && index.left.args[0].name === list.name;
}

function readsStage(node: Expression): boolean {
  let reads = false;
  walk(node, (inner) => { reads ||= inner.kind === 'stage'; });
  return reads;
}
