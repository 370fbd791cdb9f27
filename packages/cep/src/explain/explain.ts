/**
 * Explain: a valid pattern in words, English and Chinese: what it says, what it costs, what each stage waits for.
 *
 * Rules (SPEC.md, EX1 …)
 * Always  a function of pattern and job; words as in the notation (reference/designer.md §4.2). A stage is called by its
 *         label in the language, else by its name.
 * Not here: what happened on a sample (trace/), how sure the words on cost are (cost-class.ts).
 */
import { describe } from '@tidemark/condition';
import { type Language, type PatternNode, type Step, type ValidatedJob, type ValidatedPattern, sentence, sentenceText } from '@tidemark/pattern';
import { compile } from '../compiler/compile.ts';
import { type CostClass, type PatternCost, patternCost } from './cost-class.ts';

export interface Words { readonly en: string; readonly zh: string }

export interface StageExplanation {
  readonly stage: number;
  readonly id: string;
  readonly name: string;
  readonly gate: boolean;
  readonly waitsFor: Words;
  /** Its condition reads earlier events, so that it is asked of each partial match. */
  readonly readsEarlier: boolean;
}

export interface Explanation {
  readonly sentence: Words;
  readonly costClass: CostClass;
  readonly cost: Words;
  /** Whether an event is compared with every open partial match. */
  readonly comparesEvery: boolean;
  readonly stages: readonly StageExplanation[];
}

export function explain(pattern: ValidatedPattern, job: ValidatedJob): Explanation {
  const automaton = compile(pattern, job.schema);
  const cost = patternCost(pattern, automaton);
  const { costClass, comparesEvery, because } = cost;
  const teller = new Teller(pattern, job);
  const say = (language: Language): string => sentenceText(sentence(job.document, pattern.graph.id, language));
  return {
    sentence: { en: say('en'), zh: say('zh') }, costClass, comparesEvery,
    cost: { en: teller.cost(cost, 'en'), zh: teller.cost(cost, 'zh') },
    stages: teller.stages(because),
  };
}

class Teller {
  readonly #pattern: ValidatedPattern;
  readonly #schema: ValidatedJob['schema'];
  readonly #labels = new Map<string, PatternNode['label']>();

  constructor(pattern: ValidatedPattern, job: ValidatedJob) {
    this.#pattern = pattern;
    this.#schema = job.schema;
    const collect = (nodes: readonly PatternNode[]): void => {
      for (const node of nodes) {
        this.#labels.set(node.id, node.label);
        if (node.type === 'COMPOSITE') collect(node.nodes);
      }
    };
    collect(pattern.graph.nodes);
  }

  // --- cost

  cost({ costClass, comparesEvery, because, compared, common }: PatternCost, language: Language): string {
    const en = language === 'en';
    const names = (comparesEvery ? compared : because).map((stage) => this.#nameOf(stage, language)).join(en ? ', ' : '、');
    if (!comparesEvery && because.length > 0) return this.#lookedUp(costClass, names, en);
    if (!comparesEvery) {
      if (common) {
        return en
          ? 'Each new event costs a few steps for each stage, however many partial matches wait and however long the window is. Once more than 64 of a key wait, the matches of one event come in the order of their starts.'
          : '每个新事件的代价只与步数有关，与等待中的部分匹配数量和时限长短无关。某个键等待中的部分匹配超过 64 个后，同一事件产生的匹配按起点先后给出。';
      }
      if (costClass === 'C0-DFA') return en ? 'Each new event costs one look-up, however many partial matches wait and however long the window is.' : '每个新事件只查一次表，与等待中的部分匹配数量和时限长短无关。';
      return en ? 'Each new event costs a few steps for each stage, however many partial matches wait and however long the window is.' : '每个新事件的代价只与步数有关，与等待中的部分匹配数量和时限长短无关。';
    }
    const grows = this.#pattern.windowMs > 0
      ? (en ? 'cost grows with the window' : '代价随时限增长')
      : (en ? 'and nothing bounds how many there are' : '而其数量没有上限');
    if (because.length === 0) {
      return en
        ? `One start can lead to several partial matches at once, and each new event is compared with every open one of its key: ${grows}.`
        : `一个起点可能同时产生多个部分匹配，每个新事件都要与其键的每个未完成的部分匹配比较：${grows}。`;
    }
    const reason: Readonly<Record<CostClass, readonly [en: string, zh: string]>> = {
      'C0-DFA': ['', ''], C0: ['', ''],
      C1: ['asks whether a value equals that of an earlier event', '要比较某个值是否与更早事件的相等'],
      C2: ['reads the first or the last event of an earlier stage', '要读取更早一步的第一个或最后一个事件'],
      C2a: ['reads a count, sum or mean of an earlier stage', '要读取更早一步的个数、总和或平均值'],
      C3: ['reads earlier events', '要读取更早的事件'],
    };
    return en
      ? `The condition of ${names} ${reason[costClass][0]}, so each new event is compared with every open partial match of its key that waits there: ${grows}.`
      : `${names} 的条件${reason[costClass][1]}，因此每个新事件都要与其键在此等待的每个部分匹配比较：${grows}。`;
  }

  /** Partial matches are found by the value that a condition compares. */
  #lookedUp(costClass: CostClass, names: string, en: boolean): string {
    if (costClass === 'C1') {
      return en
        ? `The condition of ${names} asks whether a value equals that of an earlier event: a new event looks up the partial matches of its value, however many others wait.`
        : `${names} 的条件要求某个值与更早事件的相等：新事件只查找具有该值的部分匹配，与其他等待中的数量无关。`;
    }
    return en
      ? `The condition of ${names} asks whether a value is above or below one of earlier events: partial matches wait in the order of that value, and a new event looks at those alone that it can move.`
      : `${names} 的条件要求某个值高于或低于更早事件的：部分匹配按该值排序等待，新事件只查看它能推进的部分匹配。`;
  }

  #nameOf(stage: number, language: Language): string {
    return this.#called(this.#pattern.stageIds[stage] as string, this.#pattern.stageNames[stage] as string, language);
  }

  #called(id: string, name: string, language: Language): string {
    return this.#labels.get(id)?.[language] || name;
  }

  // --- stages

  stages(because: readonly number[]): readonly StageExplanation[] {
    const out: StageExplanation[] = [];
    const visit = (steps: readonly Step[], group: Step | null): void => {
      steps.forEach((step, index) => {
        if (step.group !== null) return visit(step.group, step);
        const last = group === null && index === steps.length - 1;
        const words = (language: Language): string => this.#waitsFor(step, index === 0 ? group : null, last, language);
        out.push({
          stage: step.stage, id: step.nodeId, name: step.name, gate: step.link === 'notNext' || step.link === 'notFollowedBy',
          waitsFor: { en: words('en'), zh: words('zh') }, readsEarlier: because.includes(step.stage),
        });
      });
    };
    visit(this.#pattern.steps, null);
    return out.sort((a, b) => a.stage - b.stage);
  }

  /** `group`: the group that the step is the first of; it is then reached as the group is. */
  #waitsFor(step: Step, group: Step | null, last: boolean, language: Language): string {
    const en = language === 'en';
    const where = step.condition === null ? '' : en ? ` where ${describe(step.condition, 'en')}` : `满足 ${describe(step.condition, 'zh')} 的`;
    const such = where === '' ? (en ? 'taken' : '任何事件') : en ? `one${where}` : `${where}事件`;
    const some = where === '' ? '任何事件' : `${where}事件`;
    const link = step.link === 'begin' && group !== null ? group.link : step.link;
    const key = this.#pattern.key.map((field) => this.#schema.fields[field]?.name ?? '').join(' + ');
    const sameKey = key === '' ? '' : en ? ` of the same ${key}` : `（同一 ${key}）`;
    const parts: string[] = [];
    switch (link) {
      case 'begin': parts.push(en ? `Waits for ${where === '' ? 'any event' : `an event${where}`}; each one begins a partial match` : `等待${some}；每一个都开始一个部分匹配`); break;
      case 'next': parts.push(en ? `The very next event${sameKey} must be ${such}${where === '' ? '' : ', or the partial match ends'}` : `紧接着的下一个事件${sameKey}必须是${some}，否则部分匹配结束`); break;
      case 'followedBy': parts.push(en ? `Waits for the first later event${sameKey}${where}; others pass` : `等待之后第一个${sameKey}${some}；其他事件略过`); break;
      case 'followedByAny': parts.push(en ? `Waits for every later event${sameKey}${where}; each continues a partial match of its own` : `等待${sameKey}${some}；之后每一个都各自延续一个部分匹配`); break;
      case 'notNext': parts.push(en ? `The very next event${sameKey} must not be ${such}, or the partial match ends` : `紧接着的下一个事件${sameKey}不得是${some}，否则部分匹配结束`); break;
      default: parts.push(last
        ? (en ? `No event${sameKey} may come${where} until the window ends; then the match is complete` : `到时限结束前不得出现${sameKey}${some}；届时匹配完成`)
        : (en ? `Until the next stage no event${sameKey} may come${where}, or the partial match ends` : `在下一步之前不得出现${sameKey}${some}，否则部分匹配结束`));
    }
    const { kind, from, to, inner, optional, greedy, windowMs } = step.quantifier;
    if (kind !== 'single') {
      const count = kind === 'looping' ? (en ? `${from} or more times` : `至少 ${from} 次`) : from === to ? (en ? `${to} times` : `${to} 次`) : en ? `${from} to ${to} times` : `${from} 至 ${to} 次`;
      const between = { consecutive: en ? 'in a row' : '连续', skipTillNext: en ? 'others may come in between' : '中间可有其他事件', allowCombinations: en ? 'in any combination' : '任意组合' }[inner];
      parts.push(`${count}${en ? ', ' : '，'}${between}${greedy ? (en ? ', as many as possible' : '，尽量多') : ''}`);
    }
    if (step.until !== null) parts.push(en ? `stops at an event where ${describe(step.until, 'en')}` : `遇到满足 ${describe(step.until, 'zh')} 的事件时停止`);
    if (optional) parts.push(en ? 'may be left out' : '可以没有');
    if (step.window?.type === 'PREVIOUS_AND_CURRENT' && step.window.ms > 0) parts.push(en ? `at most ${spanWords(step.window.ms, 'en')} after the event before` : `距上一个事件不超过 ${spanWords(step.window.ms, 'zh')}`);
    else if (windowMs !== null && windowMs > 0) parts.push(en ? `at most ${spanWords(windowMs, 'en')} between them (the last gap is not checked)` : `各次之间不超过 ${spanWords(windowMs, 'zh')}（最后一个间隔不检查）`);
    if (link !== 'begin' && this.#pattern.windowMs > 0) {
      parts.push(en ? `within ${spanWords(this.#pattern.windowMs, 'en')} of the first event` : `在第一个事件后 ${spanWords(this.#pattern.windowMs, 'zh')}内`);
    }
    return `${parts.join(en ? '; ' : '；')}${en ? '.' : '。'}`;
  }
}

const UNITS: readonly (readonly [ms: number, one: string, many: string, zh: string])[] = [
  [86_400_000, 'day', 'days', '天'], [3_600_000, 'hour', 'hours', '小时'], [60_000, 'minute', 'minutes', '分钟'], [1_000, 'second', 'seconds', '秒'], [1, 'millisecond', 'milliseconds', '毫秒'],
];

/** In the largest unit that it is whole in. */
function spanWords(ms: number, language: Language): string {
  const [size, one, many, zh] = UNITS.find(([unit]) => ms % unit === 0) ?? [1, 'millisecond', 'milliseconds', '毫秒'];
  const count = ms / size;
  return `${count} ${language === 'zh' ? zh : count === 1 ? one : many}`;
}
