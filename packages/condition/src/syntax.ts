/**
 * Syntax tree of a CEL text, with places: what the parser understood, before any type is known.
 *
 * Always  plain data; chains of && and of || are one node with all parts, so that depth is nesting and not length;
 *         a minus before a number literal belongs to the literal, however often it stands there. Depth is at most DEPTH_MAX, text at most TEXT_BYTES_MAX.
 * Places  a node's range leaves out parentheses round it; names and literals have their exact range.
 * Source  grammar and tokens: @marcbachmann/cel-js (parser only: neither its checker nor its evaluator runs here).
 */
import { type ASTNode, Environment, ParseError } from '@marcbachmann/cel-js';
import type { ConditionIssue } from './issue.ts';

export const TEXT_BYTES_MAX = 10_000;
export const DEPTH_MAX = 64;

interface Place {
  readonly start: number;
  readonly end: number;
}

export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in';

export type Syntax = Place & (
  | { readonly kind: 'literal'; readonly type: 'int' | 'double' | 'string' | 'bool' | 'null'; readonly value: string | number | boolean | null }
  | { readonly kind: 'not-offered'; readonly what: string }
  | { readonly kind: 'int-out-of-range'; readonly text: string }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'select'; readonly operand: Syntax; readonly field: string; readonly fieldStart: number }
  | { readonly kind: 'index'; readonly operand: Syntax; readonly index: Syntax }
  | { readonly kind: 'call'; readonly name: string; readonly receiver: Syntax | null; readonly args: readonly Syntax[] }
  | { readonly kind: 'list'; readonly items: readonly Syntax[] }
  | { readonly kind: 'unary'; readonly operator: '!' | '-'; readonly operand: Syntax }
  | { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly left: Syntax; readonly right: Syntax }
  | { readonly kind: 'logic'; readonly operator: '&&' | '||'; readonly parts: readonly Syntax[] }
  | { readonly kind: 'conditional'; readonly condition: Syntax; readonly whenTrue: Syntax; readonly whenFalse: Syntax }
);

export type Parsed = { readonly ok: true; readonly syntax: Syntax } | { readonly ok: false; readonly issue: ConditionIssue };

const environment = new Environment({
  unlistedVariablesAreDyn: true,
  limits: { maxDepth: DEPTH_MAX, maxAstNodes: 10_000, maxListElements: 2_000, maxMapEntries: 100, maxCallArguments: 32 },
});

class TooDeep extends Error {
  readonly node: Place;
  constructor(node: Place) {
    super('too deep');
    this.node = node;
  }
}

/**
 * The parser lets < bind tighter than ==; CEL's grammar has all comparisons on one level, from left to right, and so does the
 * Flink job's CEL. A text that the two would read differently is refused.
 */
class Chained extends Error {
  readonly node: Place;
  constructor(node: Place) {
    super('chained comparison');
    this.node = node;
  }
}

const COMPARISONS: ReadonlySet<string> = new Set(['<', '<=', '>', '>=', 'in']);

/** Whether the right operand of the == that follows `from` stands in parentheses as a whole: its range does not tell. */
function inParentheses(text: string, from: number, right: Place): boolean {
  let depth = 0;
  let opened = false;
  for (let at = from; at < text.length; at++) {
    const letter = text[at] as string;
    if (letter === '/' && text[at + 1] === '/') {
      at = text.indexOf('\n', at);
      if (at < 0) return false;
    } else if (letter === "'" || letter === '"') at = endOfQuote(text, at);
    else if (letter === '(') {
      depth += 1;
      opened = true;
    } else if (letter === ')' && opened) {
      depth -= 1;
      if (depth === 0) return at >= right.end;
    }
    if (!opened && at >= right.start) return false;
  }
  return false;
}

function endOfQuote(text: string, from: number): number {
  const mark = text.startsWith((text[from] as string).repeat(3), from) ? (text[from] as string).repeat(3) : (text[from] as string);
  // Raw texts (r'\') take a backslash as it is: the parser, too, lets it hide the quote.
  for (let at = from + mark.length; at < text.length; at++) {
    if (text[at] === '\\') at += 1;
    else if (text.startsWith(mark, at)) return at + mark.length - 1;
  }
  return text.length;
}

/** Never throws: whatever the text is, the answer is a tree or one issue. */
export function parse(text: string): Parsed {
  if (text.length > TEXT_BYTES_MAX || new TextEncoder().encode(text).length > TEXT_BYTES_MAX) {
    return refuse('text-too-long', `The condition is longer than ${TEXT_BYTES_MAX} bytes.`, 0, text.length, { max: TEXT_BYTES_MAX }, 'Shorten it, or split it over several stages.');
  }
  if (text.trim() === '') return refuse('text-empty', 'The condition is empty.', 0, text.length, {}, "Write a comparison such as event.type == 'login'.");
  try {
    return { ok: true, syntax: convert(environment.parse(text).ast, 1) };
  } catch (error) {
    return { ok: false, issue: issueOf(error, text) };
  }
}

function refuse(code: ConditionIssue['code'], message: string, start: number, end: number, values: ConditionIssue['values'], fix: string | null): Parsed {
  return { ok: false, issue: { code, message, start, end, values, fix } };
}

function convert(node: ASTNode, depth: number): Syntax {
  const { start, end } = node;
  if (depth > DEPTH_MAX) throw new TooDeep({ start, end });
  const inner = (child: ASTNode): Syntax => convert(child, depth + 1);
  switch (node.op) {
    case 'value':
      return literal(node.args, start, end, node.input.slice(start, end));
    case 'id':
      return { kind: 'name', name: node.args, start, end };
    case '.':
      return { kind: 'select', operand: inner(node.args[0]), field: node.args[1], fieldStart: node.pos, start, end };
    case '[]':
      return { kind: 'index', operand: inner(node.args[0]), index: inner(node.args[1]), start, end };
    case 'call':
      return { kind: 'call', name: node.args[0], receiver: null, args: node.args[1].map(inner), start, end };
    case 'rcall':
      return { kind: 'call', name: node.args[0], receiver: inner(node.args[1]), args: node.args[2].map(inner), start, end };
    case 'list':
      return { kind: 'list', items: node.args.map(inner), start, end };
    case 'map':
      return { kind: 'not-offered', what: 'map literals', start, end };
    case '.?':
    case '[?]':
      return { kind: 'not-offered', what: 'optional values', start, end };
    case '!_':
      return { kind: 'unary', operator: '!', operand: inner(node.args), start, end };
    case '-_': {
      const operand = inner(node.args);
      // -5 is one literal, or the coercion beside a double would not see it as one. 0 - 0 and not -0: an int has no signed zero.
      if (operand.kind === 'literal' && operand.type === 'int') return { ...operand, value: 0 - (operand.value as number), start, end };
      if (operand.kind === 'literal' && operand.type === 'double') return { ...operand, value: -(operand.value as number), start, end };
      return { kind: 'unary', operator: '-', operand, start, end };
    }
    case '?:':
      return { kind: 'conditional', condition: inner(node.args[0]), whenTrue: inner(node.args[1]), whenFalse: inner(node.args[2]), start, end };
    case '&&':
    case '||': {
      const operator = node.op;
      const parts: ASTNode[] = [];
      let left: ASTNode = node;
      while (left.op === operator) {
        parts.push(left.args[1]);
        left = left.args[0];
      }
      parts.push(left);
      return { kind: 'logic', operator, parts: parts.reverse().map(inner), start, end };
    }
    default:
      if ((node.op === '==' || node.op === '!=') && COMPARISONS.has(node.args[1].op) && !inParentheses(node.input, node.args[0].end, node.args[1])) throw new Chained(node.args[1]);
      return { kind: 'binary', operator: node.op, left: inner(node.args[0]), right: inner(node.args[1]), start, end };
  }
}

function literal(value: unknown, start: number, end: number, text: string): Syntax {
  switch (typeof value) {
    case 'bigint': {
      const number = Number(value);
      return Number.isSafeInteger(number)
        ? { kind: 'literal', type: 'int', value: number, start, end }
        : { kind: 'int-out-of-range', text, start, end };
    }
    case 'number':
      return { kind: 'literal', type: 'double', value, start, end };
    case 'string':
      return { kind: 'literal', type: 'string', value, start, end };
    case 'boolean':
      return { kind: 'literal', type: 'bool', value, start, end };
    default:
      if (value === null) return { kind: 'literal', type: 'null', value, start, end };
      return { kind: 'not-offered', what: value instanceof Uint8Array ? 'bytes literals' : 'unsigned integers', start, end };
  }
}

/** The parser's words are for programmers; the few mistakes that people make in fact get sentences of their own. */
function issueOf(error: unknown, text: string): ConditionIssue {
  const deep: ConditionIssue = {
    code: 'too-deep', message: `The condition is nested deeper than ${DEPTH_MAX} levels.`, start: 0, end: text.length,
    values: { max: DEPTH_MAX }, fix: 'Split it over several stages.',
  };
  if (error instanceof TooDeep) return { ...deep, start: error.node.start, end: error.node.end };
  if (error instanceof Chained) {
    return {
      code: 'chained-comparison', message: 'Two comparisons stand side by side here, and it is not clear which comes first.', start: error.node.start, end: error.node.end,
      values: { text: text.slice(error.node.start, error.node.end) }, fix: 'Put parentheses round one of them.',
    };
  }
  // The parser recurses once for each `!` or `-`: thousands of them end its stack, not its own limit.
  if (error instanceof RangeError) return deep;
  if (!(error instanceof ParseError)) {
    return { code: 'syntax-error', message: 'This is not a condition.', start: 0, end: text.length, values: { detail: String(error) }, fix: null };
  }
  // For a node, the parser's range starts at its last word; the node itself knows where it begins.
  const start = Math.min(error.node?.start ?? error.range?.start ?? 0, text.length);
  const end = Math.min(Math.max(error.range?.end ?? start, start), text.length);
  const found = text.slice(start, end);
  const at = { start, end };
  if (error.code === 'limit_exceeded') {
    return /maxDepth/.test(error.summary)
      ? { ...deep, ...at }
      : { code: 'syntax-error', message: 'The condition has too many parts.', ...at, values: { detail: error.summary }, fix: 'Split it over several stages.' };
  }
  if (error.code === 'invalid_macro_argument') {
    return { code: 'bad-variable', message: 'The first argument here must be a new name for one element, such as e.', ...at, values: { found }, fix: 'Write it like list.exists(e, e.amount > 1.0).' };
  }
  if (found === '=') return { code: 'single-equals', message: 'One = compares nothing.', ...at, values: {}, fix: 'Write == to compare.' };
  if (found === '&' || found === '|') {
    return { code: 'word-operator', message: `One ${found} is no operator.`, ...at, values: { found, operator: found + found }, fix: `Write ${found}${found}.` };
  }
  const word = wordAt(text, start);
  const operator = WORD_OPERATORS.get(word.text.toLowerCase());
  if (operator !== undefined && error.code === 'unexpected_character') {
    return { code: 'word-operator', message: `${word.text} is no operator here.`, start: word.start, end: word.end, values: { found: word.text, operator }, fix: `Write ${operator}.` };
  }
  if (start >= text.trimEnd().length) {
    return { code: 'syntax-error', message: 'The condition ends too early.', start: text.length, end: text.length, values: { detail: error.summary }, fix: 'Complete it, or take away what hangs at its end.' };
  }
  if (error.code === 'unterminated_string') {
    return { code: 'syntax-error', message: 'This text has no closing quote.', ...at, values: { detail: error.summary }, fix: 'Close it with the same quote.' };
  }
  if (error.code === 'reserved_identifier') {
    return { code: 'syntax-error', message: `${found} is a reserved word.`, ...at, values: { detail: error.summary, found }, fix: `Write event['${found}'] for a field, stage('${found}') for a stage of that name.` };
  }
  const foreign = /^[^\p{ASCII}][\p{L}\p{N}_]*/u.exec(text.slice(start))?.[0];
  if (foreign !== undefined) {
    return {
      code: 'syntax-error', message: `${foreign} cannot stand here outside quotes.`, start, end: start + foreign.length, values: { detail: error.summary, found: foreign },
      fix: text.slice(0, start).endsWith('event.') ? `Write event['${foreign}'].` : `Write event['${foreign}'] for a field, stage('${foreign}') for a stage.`,
    };
  }
  const shown = found.trim() === '' ? error.summary : `${found} is not expected here`;
  return { code: 'syntax-error', message: `${shown}.`, ...at, values: { detail: error.summary, found }, fix: null };
}

const WORD_OPERATORS: ReadonlyMap<string, string> = new Map([['and', '&&'], ['or', '||'], ['not', '!'], ['is', '=='], ['equals', '==']]);

/** The parser points somewhere into the word that it did not expect. */
function wordAt(text: string, at: number): { text: string; start: number; end: number } {
  const letter = (i: number): boolean => /[A-Za-z]/.test(text[i] ?? '');
  let start = at;
  let end = at;
  while (start > 0 && letter(start - 1)) start--;
  while (letter(end)) end++;
  return { text: text.slice(start, end), start, end };
}

/** Children in order of text. */
export function childrenOf(node: Syntax): readonly Syntax[] {
  switch (node.kind) {
    case 'select': return [node.operand];
    case 'index': return [node.operand, node.index];
    case 'call': return node.receiver === null ? node.args : [node.receiver, ...node.args];
    case 'list': return node.items;
    case 'unary': return [node.operand];
    case 'binary': return [node.left, node.right];
    case 'logic': return node.parts;
    case 'conditional': return [node.condition, node.whenTrue, node.whenFalse];
    default: return [];
  }
}

/** Macros that bind their first argument over a list: `list.map(e, …)`. */
export const LIST_MACROS: ReadonlySet<string> = new Set(['map', 'filter', 'exists', 'exists_one', 'all']);
