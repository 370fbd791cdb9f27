/**
 * A condition in plain words, for the card of a stage and the sentence above the drawing: "outcome is failure".
 *
 * Always  one line; what has no words is shown as the CEL it is; values are shown as they are, in marks where they hold blanks.
 *         Words only: nobody parses them back. English and Chinese say the same.
 */
import type { CheckedCondition, CheckedExpression } from './check.ts';
import { formatNumber } from './closure.ts';
import type { Expression } from './expression.ts';
import { formatExpression } from './format.ts';
import { placeIn } from './rows.ts';

export type Language = 'en' | 'zh';

export function describe(condition: CheckedCondition | CheckedExpression, language: Language): string {
  return new Speaker(language === 'zh' ? ZH : EN).say(condition.expression, 0);
}

interface Words {
  readonly and: string;
  readonly or: string;
  readonly group: (inner: string) => string;
  readonly not: (inner: string) => string;
  readonly sign: Readonly<Record<string, (subject: string, object: string) => string>>;
  readonly present: (owner: string | null, field: string) => string;
  readonly absent: (owner: string | null, field: string) => string;
  readonly oneOf: (subject: string, values: string) => string;
  readonly noneOf: (subject: string, values: string) => string;
  readonly text: Readonly<Record<string, readonly [yes: (s: string, o: string) => string, no: (s: string, o: string) => string]>>;
  readonly truth: (subject: string, value: boolean) => string;
  readonly ofEvent: (field: string, owner: string) => string;
  readonly sameField: (owner: string) => string;
  readonly first: (stage: string) => string;
  readonly last: (stage: string) => string;
  readonly nth: (stage: string, place: number) => string;
  readonly thisEvent: string;
  readonly count: (list: string) => string;
  readonly valuesOf: (field: string, stage: string) => string;
  readonly fold: Readonly<Record<string, (list: string) => string>>;
  readonly some: (list: string, what: string) => string;
  readonly none: (list: string, what: string) => string;
  readonly every: (list: string, what: string) => string;
  readonly exactlyOne: (list: string, what: string) => string;
  readonly either: (condition: string, yes: string, no: string) => string;
  readonly distance: (from: string, to: string) => string;
  readonly list: string;
  readonly quote: (text: string) => string;
}

const EN: Words = {
  and: ' and ', or: ' or ', group: (inner) => `(${inner})`, not: (inner) => `not (${inner})`,
  sign: {
    '==': (s, o) => `${s} is ${o}`, '!=': (s, o) => `${s} is not ${o}`, '<': (s, o) => `${s} is below ${o}`,
    '<=': (s, o) => `${s} is at most ${o}`, '>': (s, o) => `${s} is above ${o}`, '>=': (s, o) => `${s} is at least ${o}`,
  },
  present: (owner, field) => (owner === null ? `${field} is present` : `${field} of ${owner} is present`),
  absent: (owner, field) => (owner === null ? `${field} is absent` : `${field} of ${owner} is absent`),
  oneOf: (s, values) => `${s} is one of ${values}`, noneOf: (s, values) => `${s} is none of ${values}`,
  text: {
    startsWith: [(s, o) => `${s} starts with ${o}`, (s, o) => `${s} does not start with ${o}`],
    endsWith: [(s, o) => `${s} ends with ${o}`, (s, o) => `${s} does not end with ${o}`],
    contains: [(s, o) => `${s} contains ${o}`, (s, o) => `${s} does not contain ${o}`],
    matches: [(s, o) => `${s} matches ${o}`, (s, o) => `${s} does not match ${o}`],
  },
  truth: (s, value) => `${s} is ${value ? 'true' : 'false'}`,
  ofEvent: (field, owner) => `${field} of ${owner}`, sameField: (owner) => `that of ${owner}`,
  first: (stage) => `the first ${stage}`, last: (stage) => `the last ${stage}`, nth: (stage, place) => `${stage} number ${place}`,
  thisEvent: 'this event', count: (list) => `the number of ${list}`, valuesOf: (field, stage) => `the ${field} values of ${stage}`,
  fold: { sum: (l) => `the sum of ${l}`, avg: (l) => `the average of ${l}`, min: (l) => `the smallest of ${l}`, max: (l) => `the largest of ${l}` },
  some: (list, what) => `for some ${list}, ${what}`, none: (list, what) => `for no ${list}, ${what}`,
  every: (list, what) => `for every ${list}, ${what}`, exactlyOne: (list, what) => `for exactly one ${list}, ${what}`,
  either: (condition, yes, no) => `${yes} if ${condition}, else ${no}`,
  distance: (from, to) => `the kilometres from (${from}) to (${to})`,
  list: ', ', quote: (text) => `“${text}”`,
};

/** A blank stands between Latin letters and Chinese ones, none between two Chinese ones. */
const gap = (text: string): string => (/[\p{ASCII}]$/u.test(text) ? ' ' : '');

const ZH: Words = {
  and: ' 且 ', or: ' 或 ', group: (inner) => `(${inner})`, not: (inner) => `并非(${inner})`,
  sign: {
    '==': (s, o) => `${s} 是 ${o}`, '!=': (s, o) => `${s} 不是 ${o}`, '<': (s, o) => `${s} 低于 ${o}`,
    '<=': (s, o) => `${s} 不高于 ${o}`, '>': (s, o) => `${s} 高于 ${o}`, '>=': (s, o) => `${s} 不低于 ${o}`,
  },
  present: (owner, field) => (owner === null ? `有 ${field}` : `${owner} 有 ${field}`),
  absent: (owner, field) => (owner === null ? `没有 ${field}` : `${owner} 没有 ${field}`),
  oneOf: (s, values) => `${s} 是 ${values} 之一`, noneOf: (s, values) => `${s} 不在 ${values} 之中`,
  text: {
    startsWith: [(s, o) => `${s} 以 ${o} 开头`, (s, o) => `${s} 不以 ${o} 开头`],
    endsWith: [(s, o) => `${s} 以 ${o} 结尾`, (s, o) => `${s} 不以 ${o} 结尾`],
    contains: [(s, o) => `${s} 包含 ${o}`, (s, o) => `${s} 不包含 ${o}`],
    matches: [(s, o) => `${s} 匹配 ${o}`, (s, o) => `${s} 不匹配 ${o}`],
  },
  truth: (s, value) => `${s} 为${value ? '真' : '假'}`,
  ofEvent: (field, owner) => `${owner}${gap(owner)}的 ${field}`, sameField: (owner) => `${owner}${gap(owner)}的同一字段`,
  first: (stage) => `首个 ${stage}`, last: (stage) => `最近一个 ${stage}`, nth: (stage, place) => `第 ${place} 个 ${stage}`,
  thisEvent: '本事件', count: (list) => `${list} 的个数`, valuesOf: (field, stage) => `${stage} 的各 ${field}`,
  fold: { sum: (l) => `${l} 之和`, avg: (l) => `${l} 的平均值`, min: (l) => `${l} 的最小值`, max: (l) => `${l} 的最大值` },
  some: (list, what) => `存在某个 ${list},其 ${what}`, none: (list, what) => `没有任何 ${list},其 ${what}`,
  every: (list, what) => `每个 ${list},其 ${what}`, exactlyOne: (list, what) => `恰有一个 ${list},其 ${what}`,
  either: (condition, yes, no) => `若 ${condition} 则为 ${yes},否则为 ${no}`,
  distance: (from, to) => `(${from}) 到 (${to}) 的公里数`,
  list: '、', quote: (text) => `“${text}”`,
};

const MIRRORED: Readonly<Record<string, string>> = { '==': '==', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

class Speaker {
  readonly #words: Words;
  /** Names of the variables of the macros round here: their fields are said without an owner. */
  readonly #variables: string[] = [];

  constructor(words: Words) {
    this.#words = words;
  }

  /** `depth` > 0: inside && or ||, where another connective needs a group. */
  say(node: Expression, depth: number): string {
    const words = this.#words;
    switch (node.kind) {
      case 'and':
      case 'or': {
        const text = node.parts.map((part) => this.say(part, depth + 1)).join(node.kind === 'and' ? words.and : words.or);
        return depth > 0 ? words.group(text) : text;
      }
      case 'not': return this.#negated(node.operand);
      case 'has': return words.present(this.#owner(node.of), node.name);
      case 'field': return node.type.kind === 'bool' ? words.truth(this.#term(node), true) : this.#term(node);
      case 'binary': return this.#comparison(node) ?? this.#term(node);
      case 'call': {
        const spoken = words.text[node.id];
        return spoken === undefined ? this.#term(node) : spoken[0](this.#term(node.args[0] as Expression), this.#object(node.args[1] as Expression, null));
      }
      case 'macro': return this.#quantifier(node, true) ?? this.#term(node);
      case 'conditional': return words.either(this.say(node.condition, 1), this.say(node.whenTrue, 1), this.say(node.whenFalse, 1));
      case 'literal': return this.#value(node);
      default: return this.#term(node);
    }
  }

  #negated(node: Expression): string {
    const words = this.#words;
    switch (node.kind) {
      case 'has': return words.absent(this.#owner(node.of), node.name);
      case 'field': return words.truth(this.#term(node), false);
      case 'not': return this.say(node.operand, 1);
      case 'binary':
        if (node.operator === 'in') return words.noneOf(this.#term(node.left), this.#values(node.right));
        if (node.operator === '==' || node.operator === '!=') return this.say({ ...node, operator: node.operator === '==' ? '!=' : '==' }, 1);
        break;
      case 'call': {
        const spoken = words.text[node.id];
        if (spoken !== undefined) return spoken[1](this.#term(node.args[0] as Expression), this.#object(node.args[1] as Expression, null));
        break;
      }
      case 'macro': {
        const text = this.#quantifier(node, false);
        if (text !== null) return text;
        break;
      }
      default:
    }
    return words.not(this.say(node, 0));
  }

  #comparison(node: Expression & { kind: 'binary' }): string | null {
    if (node.operator === 'in') return this.#words.oneOf(this.#term(node.left), this.#values(node.right));
    const mirrored = node.left.kind === 'literal' && node.right.kind !== 'literal';
    const operator = mirrored ? MIRRORED[node.operator] : node.operator;
    const say = this.#words.sign[operator ?? ''];
    if (say === undefined) return null;
    const [subject, object] = mirrored ? [node.right, node.left] : [node.left, node.right];
    return say(this.#term(subject), this.#object(object, subject));
  }

  #object(node: Expression, subject: Expression | null): string {
    // "ip is that of the first fail", when both are the ip.
    if (node.kind === 'field' && subject?.kind === 'field' && node.name === subject.name) {
      const owner = this.#owner(node.of) ?? (subject.of === null ? null : this.#words.thisEvent);
      if (owner !== null) return this.#words.sameField(owner);
    }
    return this.#term(node);
  }

  #owner(of: Expression | null): string | null {
    const words = this.#words;
    if (of === null) return this.#variables.length > 0 ? words.thisEvent : null;
    if (of.kind === 'variable') return this.#variables.at(-1) === of.name ? null : of.name;
    if (of.kind !== 'index' || of.list.kind !== 'stage') return formatExpression(of);
    const stage = of.list.name;
    const place = placeIn(of.index, stage);
    if (place !== null) return place === 'first' ? words.first(stage) : words.last(stage);
    return of.index.kind === 'literal' ? words.nth(stage, (of.index.value as number) + 1) : formatExpression(of);
  }

  /** What is compared: a field, a count, a sum, a value. */
  #term(node: Expression): string {
    const words = this.#words;
    switch (node.kind) {
      case 'literal': return this.#value(node);
      case 'stage': return node.name;
      case 'variable': return node.name;
      case 'field': {
        const owner = this.#owner(node.of);
        return owner === null ? node.name : words.ofEvent(node.name, owner);
      }
      case 'negate': return `−${this.#operand(node.operand)}`;
      case 'binary': {
        const sign = { '+': '+', '-': '−', '*': '×', '/': '÷', '%': 'mod' }[node.operator as string];
        return sign === undefined ? words.group(this.say(node, 0)) : `${this.#operand(node.left)} ${sign} ${this.#operand(node.right)}`;
      }
      case 'conditional': return words.group(words.either(this.say(node.condition, 0), this.#term(node.whenTrue), this.#term(node.whenFalse)));
      case 'call': return this.#call(node);
      case 'macro': {
        const { list, body } = node;
        if (node.macro === 'map' && node.filter === null && list.kind === 'stage' && body.kind === 'field' && body.of?.kind === 'variable' && body.of.slot === node.slot) {
          return words.valuesOf(body.name, list.name);
        }
        return formatExpression(node);
      }
      default: return formatExpression(node);
    }
  }

  #operand(node: Expression): string {
    return node.kind === 'binary' ? this.#words.group(this.#term(node)) : this.#term(node);
  }

  #call(node: Expression & { kind: 'call' }): string {
    const [first, second, third, fourth] = node.args as [Expression, Expression, Expression, Expression];
    const words = this.#words;
    switch (node.id) {
      case 'double-number':
      case 'int-int': return this.#operand(first);
      case 'size-list':
        return first.kind === 'stage' ? words.count(first.name) : formatExpression(node);
      case 'sum':
      case 'avg':
      case 'min':
      case 'max': return (words.fold[node.id] as (list: string) => string)(this.#term(first));
      case 'geoKm': return words.distance(`${this.#term(first)}, ${this.#term(second)}`, `${this.#term(third)}, ${this.#term(fourth)}`);
      default: return formatExpression(node);
    }
  }

  #quantifier(node: Expression & { kind: 'macro' }, positive: boolean): string | null {
    const words = this.#words;
    const say = { exists: positive ? words.some : words.none, all: positive ? words.every : null, exists_one: positive ? words.exactlyOne : null }[node.macro as 'exists'];
    if (say === null || say === undefined || node.list.kind !== 'stage') return null;
    this.#variables.push(node.variable);
    const what = this.say(node.body, 1);
    this.#variables.pop();
    return say(node.list.name, what);
  }

  #values(node: Expression): string {
    if (node.kind !== 'list') return this.#term(node);
    return node.items.map((item) => this.#term(item)).join(this.#words.list);
  }

  #value(node: Expression & { kind: 'literal' }): string {
    const { value } = node;
    if (typeof value === 'number') return formatNumber(value);
    if (typeof value !== 'string') return String(value);
    return /^[\p{L}\p{N}_.:/\\-]+$/u.test(value) ? value : this.#words.quote(value);
  }
}
