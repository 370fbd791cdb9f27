/**
 * The plain sentence above the canvas: what the pattern says, in English or Chinese.
 *
 *   SE1  It is made from the document alone and exists for every draft: a broken chain is told as far as it goes, a
 *        condition that does not check is told by its text.
 *   SE2  A stage is called by its label in the language, else by its name; nothing else is invented.
 *
 * Shape   parts in reading order; `strong` ones are what a reader looks for: names, numbers, durations.
 * Words   as in the notation (reference/designer.md §4.2).
 */
import { type Language, checkCondition, describe } from '@tidemark/condition';
import { type ChainEntry, type ChainLevel, chainOf } from './chain.ts';
import { type Duration, type JobDocument, type PatternGraph, type PatternNode, type Window } from './document.ts';

export interface SentencePart { readonly text: string; readonly strong: boolean }
export type Sentence = readonly SentencePart[];

export const sentenceText = (sentence: Sentence): string => sentence.map((part) => part.text).join('');

/** The sentence of one pattern, by default the first. */
export function sentence(document: JobDocument, patternId: string | null, language: Language): Sentence {
  const graph = patternId === null ? document.patterns[0] : document.patterns.find((pattern) => pattern.id === patternId);
  const teller = new Teller(document, language);
  if (!graph || graph.nodes.length === 0) return [{ text: language === 'zh' ? '还没有阶段。' : 'No stage yet.', strong: false }];
  teller.pattern(graph);
  return teller.parts();
}

const UNIT_WORDS: Readonly<Record<Language, Readonly<Record<Duration['unit'], readonly [one: string, many: string]>>>> = {
  en: { DAYS: ['day', 'days'], HOURS: ['hour', 'hours'], MINUTES: ['minute', 'minutes'], SECONDS: ['second', 'seconds'], MILLISECONDS: ['millisecond', 'milliseconds'] },
  zh: { DAYS: ['天', '天'], HOURS: ['小时', '小时'], MINUTES: ['分钟', '分钟'], SECONDS: ['秒', '秒'], MILLISECONDS: ['毫秒', '毫秒'] },
};

/** A duration in words, in the unit in which it was written: `10 seconds`, `10 秒`. */
export function durationWords({ size, unit }: Duration, language: Language): string {
  return `${size} ${UNIT_WORDS[language][unit][size === 1 ? 0 : 1]}`;
}

class Teller {
  readonly #parts: SentencePart[] = [];
  readonly #document: JobDocument;
  readonly #language: Language;
  #stages: readonly string[] = [];

  constructor(document: JobDocument, language: Language) {
    this.#document = document;
    this.#language = language;
  }

  pattern(graph: PatternGraph): void {
    const names = (nodes: readonly PatternNode[]): string[] => nodes.flatMap((node) => (node.type === 'COMPOSITE' ? names(node.nodes) : [node.name]));
    this.#stages = [...new Set(names(graph.nodes))];
    if (graph.key.length > 0) {
      this.#say(this.#word('For each ', '对每个 '));
      this.#strong(graph.key.join(' + '));
      this.#say(this.#word(': ', '：'));
    }
    this.#chain(graph, graph.window);
    const endsInSilence = trailing(graph)?.edge?.type === 'NOT_FOLLOW';
    if (graph.window && !endsInSilence) this.#window(graph.window);
    this.#say(this.#word('; ', '；'));
    this.#report(graph);
    this.#say(this.#word('.', '。'));
  }

  parts(): Sentence {
    const first = this.#parts[0];
    if (first && this.#language === 'en' && !first.strong) this.#parts[0] = { ...first, text: first.text.charAt(0).toUpperCase() + first.text.slice(1) };
    return this.#parts;
  }

  #chain(level: ChainLevel, window: Window | null): void {
    const { entries } = chainOf(level, '$', null, () => false);
    /** Absences that the next stage ends. */
    let absences: ChainEntry[] = [];
    entries.forEach((entry, index) => {
      const { node, edge } = entry;
      const last = index === entries.length - 1;
      if (edge?.type === 'NOT_FOLLOW' && !last) {
        absences.push(entry);
        return;
      }
      if (index > 0) this.#say(this.#word(', ', '，'));
      switch (edge?.type) {
        case undefined:
          if (index > 0) this.#say(this.#word('not connected: ', '未连接：'));
          break;
        case 'STRICT': this.#say(this.#word('immediately ', '紧接着 ')); break;
        case 'SKIP_TILL_NEXT': this.#say(this.#word('then ', '随后 ')); break;
        case 'SKIP_TILL_ANY': this.#say(this.#word('then each later ', '随后任一 ')); break;
        case 'NOT_NEXT': this.#say(this.#word('not immediately ', '不紧接 ')); break;
        default:
          this.#say(window ? this.#word('and no ', '直到 ') : this.#word('and no ', '仍无 '));
          if (window && this.#language === 'zh') {
            this.#strong(durationWords(window.time, 'zh'));
            this.#say(' 仍无 ');
          }
      }
      this.#stage(node);
      if (edge?.type === 'NOT_FOLLOW' && window && this.#language === 'en') {
        this.#say(' by ');
        this.#strong(durationWords(window.time, 'en'));
      }
      if (absences.length > 0) {
        this.#say(this.#word(' with no ', '，期间无 '));
        absences.forEach((absence, count) => {
          if (count > 0) this.#say(this.#word(' and no ', ' 且无 '));
          this.#stage(absence.node);
        });
        this.#say(this.#word(' in between', ''));
        absences = [];
      }
    });
  }

  #stage(node: PatternNode): void {
    const { properties, times, untilCondition, consumingStrategy } = node.quantifier;
    if (properties.includes('OPTIONAL') || (properties.includes('TIMES') && times?.from === 0)) this.#say(this.#word('optionally ', '可选 '));
    this.#strong(node.label?.[this.#language] || node.name);
    const loops = properties.includes('LOOPING');
    const from = Math.max(1, times?.from ?? 1);
    if (loops) this.#count(this.#word(`${from} or more times`, `至少 ${from} 次`));
    else if (properties.includes('TIMES') && times) {
      this.#count(times.from === times.to ? this.#word(times.to === 1 ? 'once' : `${times.to} times`, `${times.to} 次`) : this.#word(`${from} to ${times.to} times`, `${from} 至 ${times.to} 次`));
    }
    const repeats = loops || (times !== null && properties.includes('TIMES'));
    if (repeats && consumingStrategy === 'STRICT') this.#count(this.#word('in a row', '连续'), this.#word(' ', '、'));
    if (repeats && consumingStrategy === 'SKIP_TILL_ANY') this.#count(this.#word('in any combination', '任意组合'), this.#word(' ', '、'));
    if (repeats && properties.includes('GREEDY')) this.#count(this.#word('as many as possible', '尽量多'), this.#word(', ', '、'));
    if (node.type === 'COMPOSITE') {
      this.#say(this.#word(' (', '（'));
      this.#chain(node, null);
      this.#say(this.#word(')', '）'));
    } else if (node.condition && node.condition.expression.trim() !== '') {
      this.#say(this.#word(` (${this.#condition(node.condition.expression)})`, `（${this.#condition(node.condition.expression)}）`));
    }
    if (untilCondition) this.#say(this.#word(` until ${this.#condition(untilCondition.expression)}`, `，直到 ${this.#condition(untilCondition.expression)}`));
    if (node.window?.type === 'PREVIOUS_AND_CURRENT') this.#window(node.window);
  }

  #count(words: string, before = ' '): void {
    this.#say(before);
    this.#strong(words);
  }

  #window(window: Window): void {
    const whole = window.type === 'FIRST_AND_LAST';
    this.#say(whole ? this.#word(', all within ', '，全程 ') : this.#word(', within ', '，距上一步 '));
    this.#strong(durationWords(window.time, this.#language));
    this.#say(whole ? this.#word('', '内') : this.#word(' of the step before', '内'));
  }

  #report({ afterMatchStrategy: { type, patternName } }: PatternGraph): void {
    switch (type) {
      case 'NO_SKIP': return this.#say(this.#word('report every match', '报告每个匹配'));
      case 'SKIP_TO_NEXT': return this.#say(this.#word('report one match per starting event', '每个起始事件报告一次'));
      case 'SKIP_PAST_LAST_EVENT': return this.#say(this.#word('report the match, then start fresh', '报告后重新开始'));
      default:
        this.#say(this.#word(`report the match, then restart at the ${type === 'SKIP_TO_FIRST' ? 'first' : 'last'} `, `报告后从${type === 'SKIP_TO_FIRST' ? '第一个' : '最后一个'} `));
        this.#strong(patternName ?? '?');
        this.#say(this.#word('', ' 重新开始'));
    }
  }

  #condition(text: string): string {
    const { schema } = this.#document;
    if (!schema) return text;
    const checked = checkCondition(text, { schema, stages: this.#stages, hasEvent: true });
    return checked.ok ? describe(checked.condition, this.#language) : text;
  }

  #word(en: string, zh: string): string {
    return this.#language === 'zh' ? zh : en;
  }

  #say(text: string): void {
    const last = this.#parts.at(-1);
    if (text === '') return;
    if (last && !last.strong) this.#parts[this.#parts.length - 1] = { text: last.text + text, strong: false };
    else this.#parts.push({ text, strong: false });
  }

  #strong(text: string): void {
    this.#parts.push({ text, strong: true });
  }
}

const trailing = (graph: PatternGraph): ChainEntry | undefined => chainOf(graph, '$', null, () => false).entries.at(-1);
