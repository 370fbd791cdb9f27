/**
 * Why a pattern's partial matches are kept as they are, in words that a designer can show beside the pattern.
 *
 * Always  every reason stands in English and Chinese; one that hangs on a condition names its stage. `grows` is true exactly
 *         where an event may have to be compared with every open partial match of its key.
 * Source  performance reference, 2e: classes.
 * Not here: the choice (strategy.ts).
 */
import { comparisonOf, runningConditionOf } from './asked.ts';
import type { Automaton } from './automaton.ts';
import { type Strategy, chooseStrategy, isLinear } from './strategy.ts';

/** Of the performance reference: what an event costs. */
export type CostClass = 'C0-DFA' | 'C0' | 'C1' | 'C2' | 'C2a' | 'C3';

export interface StrategyReason {
  /** Stage whose condition is meant; null: the pattern as a whole. */
  readonly stage: string | null;
  readonly en: string;
  readonly zh: string;
}

export interface StrategyExplanation {
  readonly strategy: Strategy;
  readonly costClass: CostClass;
  /** Whether the cost of an event grows with the number of open partial matches. */
  readonly grows: boolean;
  readonly reasons: readonly StrategyReason[];
}

/** How the compiler's choice for a pattern is explained. */
export function explainStrategy(automaton: Automaton): StrategyExplanation {
  const { strategy } = chooseStrategy(automaton, 'auto');
  const asked = askedReasons(automaton);
  const worst = asked.find(({ costClass }) => costClass === 'C3');
  if (strategy === 'explicit') return { strategy, costClass: 'C3', grows: true, reasons: [singleReason(automaton), ...asked.filter(({ costClass }) => costClass === 'C3').map(({ reason }) => reason)] };
  if (strategy === 'compact') return { strategy, costClass: 'C0', grows: false, reasons: [TOGETHER] };
  if (asked.length === 0 && !automaton.hasGaps) return { strategy, costClass: 'C0-DFA', grows: false, reasons: [TABLE] };
  if (asked.length === 0) return { strategy, costClass: 'C3', grows: true, reasons: [TABLE, GAPS] };
  const gaps = automaton.hasGaps ? [GAPS] : [];
  const costClass = worst !== undefined || automaton.hasGaps ? 'C3' : (asked.find(({ costClass: own }) => own === strategyClass(strategy)) ?? asked[0])?.costClass ?? 'C3';
  return { strategy, costClass, grows: costClass === 'C3', reasons: [...asked.map(({ reason }) => reason), ...gaps] };
}

const strategyClass = (strategy: Strategy): CostClass => (strategy === 'partitions' ? 'C1' : strategy === 'groups' ? 'C2' : strategy === 'aggregates' ? 'C2a' : 'C3');

interface AskedReason {
  readonly costClass: CostClass;
  readonly reason: StrategyReason;
}

function askedReasons(automaton: Automaton): AskedReason[] {
  return automaton.predicates.slice(automaton.columnPredicateCount).map(({ condition, stage }): AskedReason => {
    const name = automaton.stageNames[stage] as string;
    const keepsLists = isLinear(automaton) && !automaton.hasGaps;
    const comparison = keepsLists ? comparisonOf(condition) : null;
    if (comparison !== null) return comparison.operator === '==' ? { costClass: 'C1', reason: equalReason(name) } : { costClass: 'C2', reason: orderReason(name) };
    if (isLinear(automaton) && runningConditionOf(condition, 0) !== null) return { costClass: 'C2a', reason: runningReason(name) };
    return { costClass: 'C3', reason: everyReason(name) };
  });
}

const TABLE: StrategyReason = {
  stage: null,
  en: 'A start has one open partial match at most, and what an event does is looked up in a table: an event costs the same however long the window is.',
  zh: '每个起始事件至多有一个未完成的部分匹配,事件的作用查表即得:无论窗口多长,每个事件的代价相同。',
};
const TOGETHER: StrategyReason = {
  stage: null,
  en: 'Partial matches branch, but conditions read the new event alone: many of them are kept together, and an event costs the same however many there are. The matches of one event then come in order of their starts.',
  zh: '部分匹配会分叉,但条件只读取当前事件:大量部分匹配合并保存,无论有多少,每个事件的代价相同。此时同一事件产生的匹配按起始先后给出。',
};
const GAPS: StrategyReason = {
  stage: null,
  en: 'A window between neighbouring events ends each partial match at a time of its own: all open ones are looked at whenever time advances, so the cost grows with their number.',
  zh: '相邻事件之间的窗口使每个部分匹配各有到期时间:时间每次推进都要检查所有未完成的部分匹配,代价随其数量增长。',
};
const equalReason = (stage: string): StrategyReason => ({
  stage,
  en: `${stage} asks for a value that an earlier event has too: a new event is compared with the open partial matches of the same value, and no others.`,
  zh: `${stage} 要求与之前事件的某个值相等:新事件只与具有相同值的未完成部分匹配比较。`,
});
const orderReason = (stage: string): StrategyReason => ({
  stage,
  en: `${stage} is larger or smaller than something of earlier events: open partial matches are kept in that order, and a new event looks at those that it can move.`,
  zh: `${stage} 与之前事件的值比较大小:未完成的部分匹配按该值排序保存,新事件只查看它能推进的那些。`,
});
const runningReason = (stage: string): StrategyReason => ({
  stage,
  en: `${stage} reads a sum, a size, a first or last event: such values go along with each partial match, so a look at one costs the same however many events it has. A new event is compared with every open partial match that waits for ${stage}.`,
  zh: `${stage} 读取累计值、个数、首个或最后一个事件:这些值随部分匹配一同更新,查看一个部分匹配的代价与其事件数无关。新事件要与每个等待 ${stage} 的部分匹配比较。`,
});
const everyReason = (stage: string): StrategyReason => ({
  stage,
  en: `For ${stage} each new event is compared with every open partial match: the cost grows with the window.`,
  zh: `对于 ${stage},每个新事件都要与所有未完成的部分匹配逐一比较:代价随窗口增长。`,
});

function singleReason(automaton: Automaton): StrategyReason {
  if (automaton.hasGaps) return GAPS;
  if (automaton.skip.kind !== 'NO_SKIP') {
    return {
      stage: null,
      en: 'Partial matches branch and the strategy after a match chooses among them one by one: each is kept by itself, and the cost of an event grows with their number.',
      zh: '部分匹配会分叉,而匹配后的跳过策略要在其中逐一取舍:每个部分匹配单独保存,事件的代价随其数量增长。',
    };
  }
  return {
    stage: null,
    en: 'Partial matches branch and a condition reads their earlier events: each is kept by itself, and the cost of an event grows with their number.',
    zh: '部分匹配会分叉,且条件要读取其之前的事件:每个部分匹配单独保存,事件的代价随其数量增长。',
  };
}
