/**
 * Completion for the text editor: what can stand at a place, best first, whole comparisons with values of the sample among it.
 *
 * Always  works on half-written text: it looks at the words before the place, not at a syntax tree; never throws; each
 *         completion replaces [from, to) by `insert`, after which the cursor stands at its end (or `cursor` before it).
 * Not here: how it looks, in which language (designer).
 */
import { type EventSchema, type FieldSchema, fieldIndex } from '@tidemark/event';
import { signature } from './check.ts';
import { fieldText, literalText, numberText, quote, stageText } from './format.ts';
import { FUNCTIONS } from './functions.ts';
import type { ConditionScope } from './scope.ts';
import { LIST_MACROS } from './syntax.ts';

/** What is known of the columns of a sample; protocol's proposal of a schema has this shape. */
export interface ColumnStatistics {
  readonly fields: readonly {
    readonly name: string;
    /** Most frequent values, as text, with their counts; the most frequent first. */
    readonly top: readonly { readonly value: string; readonly count: number }[];
    readonly min: number | null;
    readonly max: number | null;
  }[];
}

export interface Completion {
  readonly kind: 'comparison' | 'field' | 'stage' | 'function' | 'operator' | 'value' | 'keyword';
  readonly label: string;
  readonly insert: string;
  readonly from: number;
  readonly to: number;
  /** How far before the end of `insert` the cursor should stand. */
  readonly cursorBack: number;
  /** Type of a field, signature of a helper. */
  readonly detail: string | null;
  /** How often a value occurs in the sample. */
  readonly count: number | null;
  readonly help: { readonly en: string; readonly zh: string } | null;
}

const COMPLETIONS_MAX = 100;
const VALUES_PER_FIELD = 3;

/** Completions at offset `at` of a condition (or of the CEL inside a placeholder). */
export function completions(text: string, at: number, scope: ConditionScope, sample?: ColumnStatistics): readonly Completion[] {
  const place = Math.max(0, Math.min(at, text.length));
  const { tokens, open } = tokenize(text.slice(0, place));
  const found = new Completer(text, place, scope, sample ?? { fields: [] }).find(tokens, open);
  return found.slice(0, COMPLETIONS_MAX);
}

interface Token {
  readonly kind: 'word' | 'number' | 'text' | 'sign';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** `open`: where a text begins whose quote is not closed before the place. */
function tokenize(text: string): { tokens: Token[]; open: Token | null } {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const letter = text[at] as string;
    const start = at;
    if (/\s/.test(letter)) {
      at += 1;
      continue;
    }
    if (letter === "'" || letter === '"') {
      at += 1;
      while (at < text.length && text[at] !== letter) at += text[at] === '\\' ? 2 : 1;
      if (at >= text.length) return { tokens, open: { kind: 'text', text: text.slice(start), start, end: text.length } };
      at += 1;
      tokens.push({ kind: 'text', text: text.slice(start, at), start, end: at });
      continue;
    }
    const rest = text.slice(at);
    const word = /^[A-Za-z_][A-Za-z0-9_]*/.exec(rest)?.[0];
    const number = /^\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/.exec(rest)?.[0];
    const sign = /^(?:==|!=|<=|>=|&&|\|\||.)/su.exec(rest)?.[0] as string;
    const found = word ?? number ?? sign;
    at += found.length;
    tokens.push({ kind: word !== undefined ? 'word' : number !== undefined ? 'number' : 'sign', text: found, start, end: at });
  }
  return { tokens, open: null };
}

type Spec = Pick<Completion, 'kind' | 'label' | 'insert'> & Partial<Completion>;

class Completer {
  readonly #text: string;
  readonly #place: number;
  readonly #scope: ConditionScope;
  readonly #sample: ColumnStatistics;
  readonly #schema: EventSchema;

  constructor(text: string, place: number, scope: ConditionScope, sample: ColumnStatistics) {
    this.#text = text;
    this.#place = place;
    this.#scope = scope;
    this.#sample = sample;
    this.#schema = scope.schema;
  }

  find(tokens: readonly Token[], open: Token | null): readonly Completion[] {
    if (open !== null) return this.#inText(tokens, open);
    const last = tokens.at(-1);
    const typing = last?.kind === 'word' && last.end === this.#place ? last : null;
    const before = typing === null ? tokens : tokens.slice(0, -1);
    const from = typing?.start ?? this.#place;
    const prefix = typing?.text ?? '';
    const previous = before.at(-1);
    if (previous?.text === '.') return this.#afterDot(before.slice(0, -1), previous, from, prefix);
    if (previous !== undefined && isComparison(previous.text)) return this.#afterComparison(before, from, prefix);
    if (previous?.text === 'in' && previous.kind === 'word') return this.#afterIn(before, from, prefix);
    if (previous !== undefined && endsOperand(previous)) return this.#afterOperand(before, from, prefix);
    return this.#start(tokens, from, prefix);
  }

  // ── places ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** event.user == 'ro|  */
  #inText(tokens: readonly Token[], open: Token): readonly Completion[] {
    const mark = open.text[0] as string;
    const typed = open.text.slice(1).toLowerCase();
    // The rest of the word and the quote that closes it, where they stand there already.
    const rest = /^[\p{L}\p{N}_.:/-]*(['"])/u.exec(this.#text.slice(this.#place));
    const to = rest?.[1] === mark ? this.#place + rest[0].length : this.#place;
    const operator = tokens.findLastIndex((token) => isComparison(token.text) || token.text === 'in' || (token.text === '(' || token.text === ','));
    if (tokens.at(-1)?.text === '(' && tokens.at(-2)?.text === 'stage') {
      return this.#scope.stages.filter((name) => name.toLowerCase().includes(typed)).map((name) => this.#make({ kind: 'stage', label: name, insert: quoted(name, mark) }, open.start, to));
    }
    const field = this.#fieldBefore(tokens.slice(0, operator < 0 ? tokens.length : operator)) ?? this.#fieldBefore(tokens.slice(0, tokens.findLastIndex((token) => token.text === 'in' || token.text === '.')));
    if (field === null || field.type !== 'string') return [];
    return this.#valuesOf(field)
      .filter(({ value }) => value.toLowerCase().includes(typed))
      .map(({ value, count }) => this.#make({ kind: 'value', label: value, insert: quoted(value, mark), count }, open.start, to));
  }

  #afterDot(before: readonly Token[], dot: Token, from: number, prefix: string): readonly Completion[] {
    const owner = before.at(-1);
    if (owner?.text === 'event' && this.#scope.hasEvent) {
      const whole = startsBool(before.slice(0, -1)) ? this.#comparisons(owner.start, prefix) : [];
      return [...this.#fields(prefix, from, dot), ...whole];
    }
    if (owner?.text === ']' || (owner?.kind === 'word' && !this.#scope.stages.includes(owner.text) && this.#isVariable(before, owner.text))) return this.#fields(prefix, from, dot);
    const list = owner?.kind === 'word' && this.#scope.stages.includes(owner.text) || (owner?.text === ')' && before.at(-4)?.text === 'stage');
    if (list) {
      const macros = [...LIST_MACROS].filter((name) => fitsPrefix(name, prefix)).map((name) =>
        this.#make({ kind: 'function', label: name, insert: `${name}(e, )`, cursorBack: 1, detail: `list.${name}(e, …)` }, from));
      return [...macros, this.#make({ kind: 'function', label: 'size', insert: 'size()', detail: 'list.size()' }, from)].filter(({ label }) => fitsPrefix(label, prefix));
    }
    if (this.#fieldBefore(before)?.type !== 'string') return [];
    return FUNCTIONS.filter((spec) => spec.receiver && typeof spec.params[0] === 'object' && spec.params[0].kind === 'string' && fitsPrefix(spec.name, prefix))
      .map((spec) => this.#make({
        kind: 'function', label: spec.name, insert: spec.params.length > 1 ? `${spec.name}('')` : `${spec.name}()`, cursorBack: spec.params.length > 1 ? 2 : 0,
        detail: signature(spec), help: spec.help,
      }, from));
  }

  /** event.amount > | */
  #afterComparison(before: readonly Token[], from: number, prefix: string): readonly Completion[] {
    const field = this.#fieldBefore(before.slice(0, -1));
    if (field === null) return this.#start(before, from, prefix);
    const values = this.#valuesOf(field).filter(({ value }) => value.toLowerCase().includes(prefix.toLowerCase()))
      .map(({ value, count }) => this.#make({ kind: 'value', label: this.#literal(field, value), insert: this.#literal(field, value), count }, from));
    const same = this.#scope.stages.filter((name) => fitsPrefix(name, prefix))
      .map((name) => this.#make({ kind: 'stage', label: fieldText(`${stageText(name)}[0]`, field.name), insert: fieldText(`${stageText(name)}[0]`, field.name), detail: field.type }, from));
    return [...values, ...same, ...this.#terms(from, prefix)];
  }

  #afterIn(before: readonly Token[], from: number, prefix: string): readonly Completion[] {
    const field = this.#fieldBefore(before.slice(0, -1));
    const values = field === null ? [] : this.#valuesOf(field).slice(0, VALUES_PER_FIELD);
    const lists = this.#scope.stages.filter((name) => fitsPrefix(name, prefix)).flatMap((name) => {
      const insert = field === null ? stageText(name) : `${stageText(name)}.map(e, ${fieldText('e', field.name)})`;
      return [this.#make({ kind: 'stage', label: insert, insert }, from)];
    });
    if (field === null || values.length === 0 || prefix !== '') return lists;
    const insert = `[${values.map(({ value }) => this.#literal(field, value)).join(', ')}]`;
    return [this.#make({ kind: 'value', label: insert, insert, count: values.reduce((sum, { count }) => sum + count, 0) }, from), ...lists];
  }

  /** event.name | */
  #afterOperand(before: readonly Token[], from: number, prefix: string): readonly Completion[] {
    const field = this.#fieldBefore(before);
    const compared = before.some((token, i) => isComparison(token.text) && !before.slice(i).some((later) => later.text === '&&' || later.text === '||'));
    const operators = compared || field?.type === 'bool' ? ['&&', '||'] : field === null ? ['==', '!=', '<', '<=', '>', '>=', '&&', '||'] : field.type === 'string' ? ['==', '!=', 'in'] : ['==', '!=', '<', '<=', '>', '>=', 'in'];
    return operators.filter((operator) => prefix === '' || operator.startsWith(prefix)).map((operator) => {
      const gap = /\s$/.test(this.#text.slice(0, from)) ? '' : ' ';
      return this.#make({ kind: 'operator', label: operator, insert: `${gap}${operator} ` }, from);
    });
  }

  #start(tokens: readonly Token[], from: number, prefix: string): readonly Completion[] {
    const before = tokens.filter((token) => token.start < from);
    return [...(startsBool(before) ? this.#comparisons(from, prefix) : []), ...this.#terms(from, prefix)];
  }

  // ── kinds ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #terms(from: number, prefix: string): readonly Completion[] {
    const event = this.#scope.hasEvent && fitsPrefix('event', prefix) ? [this.#make({ kind: 'keyword', label: 'event', insert: 'event.' }, from)] : [];
    const stages = this.#scope.stages.filter((name) => fitsPrefix(name, prefix))
      .map((name) => this.#make({ kind: 'stage', label: stageText(name), insert: stageText(name), detail: 'list<event>' }, from));
    const names = new Map(FUNCTIONS.filter((spec) => !spec.receiver && fitsPrefix(spec.name, prefix)).map((spec) => [spec.name, spec]));
    const functions = [...names.values()].map((spec) => this.#make({ kind: 'function', label: spec.name, insert: `${spec.name}()`, cursorBack: 1, detail: signature(spec), help: spec.help }, from));
    const has = this.#scope.hasEvent && prefix !== '' && fitsPrefix('has', prefix) ? [this.#make({ kind: 'function', label: 'has', insert: 'has(event.)', cursorBack: 1, detail: 'has(event.field)' }, from)] : [];
    return [...event, ...stages, ...has, ...functions];
  }

  #fields(prefix: string, from: number, dot: Token): readonly Completion[] {
    return this.#schema.fields.filter((field) => fitsPrefix(field.name, prefix)).map((field) => {
      const written = fieldText('', field.name);
      // A name that is no identifier is written in brackets, which take the dot's place.
      const brackets = written.startsWith('[');
      return this.#make({ kind: 'field', label: field.name, insert: brackets ? written : field.name, detail: field.optional === true ? `${field.type}?` : field.type }, brackets ? dot.start : from);
    });
  }

  /** event.outcome == 'failure', with the most frequent values of the sample. */
  #comparisons(from: number, prefix: string): readonly Completion[] {
    if (!this.#scope.hasEvent) return [];
    const wanted = prefix.toLowerCase();
    const found: Completion[] = [];
    for (const field of this.#schema.fields) {
      if (field.name === this.#schema.time.field) continue;
      const subject = fieldText('event', field.name);
      const guard = field.optional === true ? `has(${subject}) && ` : '';
      for (const { text, count } of this.#comparisonsOf(field, subject)) {
        if (wanted !== '' && !text.toLowerCase().includes(wanted)) continue;
        found.push(this.#make({ kind: 'comparison', label: text, insert: guard.includes('[') ? text : guard + text, count }, from));
      }
    }
    return found.sort((a, b) => (b.count ?? 0) - (a.count ?? 0)).slice(0, 40);
  }

  #comparisonsOf(field: FieldSchema, subject: string): readonly { text: string; count: number | null }[] {
    switch (field.type) {
      case 'bool':
        return [{ text: subject, count: this.#countOf(field, 'true') }, { text: `!${subject}`, count: this.#countOf(field, 'false') }];
      case 'string':
        return this.#valuesOf(field).slice(0, VALUES_PER_FIELD).map(({ value, count }) => ({ text: `${subject} == ${quote(value)}`, count }));
      default: {
        const known = this.#sample.fields.find(({ name }) => name === field.name);
        if (known === undefined || known.min === null || known.max === null || known.min === known.max) return [];
        const middle = roundTo2(known.min + (known.max - known.min) / 2, field.type);
        return [{ text: `${subject} > ${numberText(middle, field.type)}`, count: null }];
      }
    }
  }

  #countOf(field: FieldSchema, value: string): number | null {
    return this.#valuesOf(field).find((entry) => entry.value === value)?.count ?? null;
  }

  #valuesOf(field: FieldSchema): readonly { readonly value: string; readonly count: number }[] {
    return this.#sample.fields.find(({ name }) => name === field.name)?.top ?? [];
  }

  #literal(field: FieldSchema, value: string): string {
    if (field.type === 'string') return quote(value);
    if (field.type === 'bool') return value;
    const number = Number(value);
    return Number.isFinite(number) ? literalText(number, { kind: field.type }) : quote(value);
  }

  /** The field that the words end with: event.name, fail[0].name, event['name']. */
  #fieldBefore(tokens: readonly Token[]): FieldSchema | null {
    const last = tokens.at(-1);
    if (last === undefined) return null;
    let name: string | null = null;
    if (last.kind === 'word' && tokens.at(-2)?.text === '.') name = last.text;
    else if (last.text === ']' && tokens.at(-2)?.kind === 'text') name = (tokens.at(-2) as Token).text.slice(1, -1);
    if (name === null) return null;
    const index = fieldIndex(this.#schema, name);
    return index < 0 ? null : (this.#schema.fields[index] as FieldSchema);
  }

  /** Whether an open macro before the place binds the name: list.exists(e, e.| */
  #isVariable(tokens: readonly Token[], name: string): boolean {
    return tokens.some((token, i) => token.text === name && tokens[i - 1]?.text === '(' && LIST_MACROS.has(tokens[i - 2]?.text ?? '') && tokens[i + 1]?.text === ',');
  }

  #make(spec: Spec, from: number, to: number = this.#place): Completion {
    return { cursorBack: 0, detail: null, count: null, help: null, ...spec, from, to };
  }
}

const isComparison = (text: string): boolean => ['==', '!=', '<', '<=', '>', '>='].includes(text);
const fitsPrefix = (name: string, prefix: string): boolean => name.toLowerCase().startsWith(prefix.toLowerCase());
const quoted = (text: string, mark: string): string => (mark === "'" ? quote(text) : `"${quote(text).slice(1, -1).replaceAll("\\'", "'").replaceAll('"', '\\"')}"`);

function endsOperand(token: Token): boolean {
  if (token.kind === 'text' || token.kind === 'number') return true;
  return token.kind === 'word' ? token.text !== 'in' : token.text === ')' || token.text === ']';
}

/** Whether a whole comparison can begin after these words. */
function startsBool(before: readonly Token[]): boolean {
  const last = before.at(-1);
  if (last === undefined || ['&&', '||', '!', '?'].includes(last.text)) return true;
  if (last.text === ',') return LIST_MACROS.has(before.at(-4)?.text ?? '') && before.at(-4)?.text !== 'map';
  return last.text === '(' && (before.at(-2) === undefined || before.at(-2)?.kind !== 'word');
}

/** Two digits are enough for a threshold that a person will change. */
function roundTo2(value: number, type: 'int' | 'double'): number {
  const rounded = Number(value.toPrecision(2));
  return type === 'int' ? Math.round(rounded) : rounded;
}
