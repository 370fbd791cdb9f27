/**
 * CEL text from a checked expression: one spelling for each meaning, so that equal conditions of different stages and
 * patterns have equal texts (an engine evaluates them once), and rows of a form become text again.
 *
 * Always  checking the text again gives the same expression, places apart; only needed parentheses are written.
 */
import type { CelType } from './cel-type.ts';
import type { Expression } from './expression.ts';
import { FUNCTIONS } from './functions.ts';
import { isIdentifier } from './scope.ts';

export function quote(text: string): string {
  let quoted = "'";
  for (const letter of text) {
    if (letter === "'" || letter === '\\') quoted += `\\${letter}`;
    else if (letter === '\n') quoted += '\\n';
    else if (letter === '\r') quoted += '\\r';
    else if (letter === '\t') quoted += '\\t';
    else quoted += letter;
  }
  return `${quoted}'`;
}

/** Word after a dot: may be a word that cannot stand alone, but not a keyword of the grammar. */
const canFollowDot = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !['in', 'true', 'false', 'null'].includes(name);

export const fieldText = (of: string, name: string): string => (canFollowDot(name) ? `${of}.${name}` : `${of}[${quote(name)}]`);
export const hasText = (of: string, name: string): string => (canFollowDot(name) ? `has(${of}.${name})` : `${quote(name)} in ${of}`);
export const stageText = (name: string): string => (isIdentifier(name) ? name : `stage(${quote(name)})`);

/** As a double it always has a point or an exponent, or it would be read as an int. */
export function numberText(value: number, kind: 'int' | 'double'): string {
  const text = Object.is(value, -0) ? '-0' : String(value);
  return kind === 'double' && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

export function literalText(value: string | number | boolean | null, type: CelType): string {
  if (typeof value === 'string') return quote(value);
  return typeof value === 'number' ? numberText(value, type.kind === 'int' ? 'int' : 'double') : String(value);
}

/** How tightly it binds: an operand with less than its operator wants gets parentheses. All comparisons are one level in CEL. */
const PRECEDENCE: Readonly<Record<string, number>> = { '+': 6, '-': 6, '*': 7, '/': 7, '%': 7 };
const COMPARISON = 4;

export const formatExpression = (node: Expression): string => write(node, 0, new Set());

function write(node: Expression, wanted: number, bound: ReadonlySet<string>): string {
  const [text, precedence] = spell(node, bound);
  return precedence < wanted ? `(${text})` : text;
}

function spell(node: Expression, bound: ReadonlySet<string>): readonly [string, number] {
  const of = (event: Expression | null): string => (event === null ? 'event' : write(event, 9, bound));
  switch (node.kind) {
    case 'literal': {
      const text = literalText(node.value, node.type);
      return [text, text.startsWith('-') ? 8 : 9];
    }
    case 'field': return [fieldText(of(node.of), node.name), 9];
    case 'has': {
      const text = hasText(of(node.of), node.name);
      return [text, text.startsWith('has(') ? 9 : COMPARISON];
    }
    // A macro's variable hides the stage of the same name.
    case 'stage': return [bound.has(node.name) ? `stage(${quote(node.name)})` : stageText(node.name), 9];
    case 'variable': return [node.name, 9];
    case 'and': return [node.parts.map((part) => write(part, 4, bound)).join(' && '), 3];
    case 'or': return [node.parts.map((part) => write(part, 3, bound)).join(' || '), 2];
    case 'not': return [`!${write(node.operand, 8, bound)}`, 8];
    // --1 would be one token too few for a literal: (-(-1)).
    case 'negate': return [`-${write(node.operand, 9, bound)}`, 8];
    case 'binary': {
      const precedence = PRECEDENCE[node.operator];
      if (precedence === undefined) return [`${write(node.left, COMPARISON + 1, bound)} ${node.operator} ${write(node.right, COMPARISON + 1, bound)}`, COMPARISON];
      return [`${write(node.left, precedence, bound)} ${node.operator} ${write(node.right, precedence + 1, bound)}`, precedence];
    }
    case 'conditional': return [`${write(node.condition, 2, bound)} ? ${write(node.whenTrue, 2, bound)} : ${write(node.whenFalse, 1, bound)}`, 1];
    case 'index': return [`${write(node.list, 9, bound)}[${write(node.index, 0, bound)}]`, 9];
    case 'list': return [`[${node.items.map((item) => write(item, 0, bound)).join(', ')}]`, 9];
    case 'call': {
      const spec = SPECS.get(node.id);
      const args = node.args.map((arg) => write(arg, 0, bound));
      if (spec?.receiver !== true) return [`${spec?.name ?? node.id}(${args.join(', ')})`, 9];
      return [`${write(node.args[0] as Expression, 9, bound)}.${spec.name}(${args.slice(1).join(', ')})`, 9];
    }
    default: {
      const inner = new Set([...bound, node.variable]);
      const bodies = (node.filter === null ? [node.body] : [node.filter, node.body]).map((body) => write(body, 0, inner));
      return [`${write(node.list, 9, bound)}.${node.macro}(${[node.variable, ...bodies].join(', ')})`, 9];
    }
  }
}

/** One spelling a function: where it can be written both ways, the first in the table. */
const SPECS = new Map([...FUNCTIONS].reverse().map((spec) => [spec.id, spec]));
