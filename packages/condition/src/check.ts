/**
 * Type checker: a text and what it may name -> a checked expression, or every issue with its place.
 *
 * Rules (SPEC.md, CK1 …): names and fields must exist; an int literal beside a double becomes a double, with a note;
 *   int and double mix in arithmetic, comparison, lists; a condition is a bool.
 * Always  never throws, whatever the text; an operand that already has an issue gives no second one.
 * Not here: evaluation (closure.ts, kernel.ts), documents and stages (pattern).
 * Source  CEL specification, "Type checking"; shared/cases FORMAT, "Values in CEL".
 */
import { type FieldSchema, fieldIndex } from '@tidemark/event';
import {
  BOOL, type CelType, DOUBLE, DURATION, EVENTS, INT, NOTHING, NULL, STRING, TIMESTAMP, UNKNOWN,
  isNumber, listOf, typeName, typeOfField, unify,
} from './cel-type.ts';
import { type Expression, type MacroName, walk } from './expression.ts';
import { type FunctionSpec, GLOBALS, METHODS, NOT_OFFERED, type Parameter } from './functions.ts';
import { fieldText, stageText } from './format.ts';
import type { ConditionIssue, ConditionIssueCode } from './issue.ts';
import { parseDuration, parseTimestamp, parseZone } from './moment.ts';
import { compilePattern } from './pattern-text.ts';
import { type ConditionScope, isIdentifier } from './scope.ts';
import { nearest } from './suggest.ts';
import { LIST_MACROS, type Syntax, parse } from './syntax.ts';

/** A text that checked, ready to be compiled. Immutable; safe to keep with the compiled pattern. */
export interface CheckedExpression {
  readonly text: string;
  readonly expression: Expression;
  readonly type: CelType;
  /** Indexes of all schema fields it reads, of the current event and of earlier ones, ascending. */
  readonly fields: readonly number[];
  /** Names of the stages it reads, in order of the scope; empty = a column kernel evaluates it. */
  readonly stages: readonly string[];
}

/** A checked expression whose type is bool. */
export interface CheckedCondition extends CheckedExpression {
  /** The same as `expression`. */
  readonly ast: Expression;
}

export type Checked =
  | { readonly ok: true; readonly condition: CheckedCondition; readonly notes: readonly ConditionIssue[] }
  | { readonly ok: false; readonly issues: readonly ConditionIssue[] };
export type CheckedAny =
  | { readonly ok: true; readonly expression: CheckedExpression; readonly notes: readonly ConditionIssue[] }
  | { readonly ok: false; readonly issues: readonly ConditionIssue[] };

/** Checks a condition: the result must be a bool. All issues at once, where the text parses at all. */
export function checkCondition(text: string, scope: ConditionScope): Checked {
  const checked = checkExpression(text, scope);
  if (!checked.ok) return checked;
  const { expression } = checked;
  if (expression.type.kind !== 'bool') {
    const type = typeName(expression.type);
    return { ok: false, issues: [{
      code: 'not-bool', message: `A condition is true or false, but this is ${article(type)}.`, start: expression.expression.start, end: expression.expression.end,
      values: { type }, fix: type === 'string' ? "Compare it, for example: … == 'text'." : 'Compare it with something, for example: … > 5.',
    }] };
  }
  return { ok: true, condition: { ...expression, ast: expression.expression }, notes: checked.notes };
}

/** Checks an expression of any type. */
export function checkExpression(text: string, scope: ConditionScope): CheckedAny {
  const parsed = parse(text);
  if (!parsed.ok) return { ok: false, issues: [parsed.issue] };
  const checker = new Checker(text, scope);
  const expression = checker.check(parsed.syntax);
  if (checker.issues.length > 0) return { ok: false, issues: checker.issues.sort((a, b) => a.start - b.start || a.end - b.end) };
  return { ok: true, expression: checkedExpression(text, expression, scope), notes: checker.notes.sort((a, b) => a.start - b.start || a.end - b.end) };
}

/** What a checked expression reads, found by looking. Also for parts of one (split.ts). */
export function checkedExpression(text: string, expression: Expression, scope: Pick<ConditionScope, 'stages'>): CheckedExpression {
  const fields = new Set<number>();
  const stages = new Set<string>();
  walk(expression, (node) => {
    if (node.kind === 'field' || node.kind === 'has') fields.add(node.field);
    if (node.kind === 'stage') stages.add(node.name);
  });
  return {
    text, expression, type: expression.type,
    fields: [...fields].sort((a, b) => a - b),
    stages: scope.stages.filter((name, at) => stages.has(name) && scope.stages.indexOf(name) === at),
  };
}

const article = (type: string): string => (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`);

type WithoutPlace<T> = T extends Expression ? Omit<T, 'start' | 'end'> : never;

class Checker {
  readonly issues: ConditionIssue[] = [];
  readonly notes: ConditionIssue[] = [];
  readonly #text: string;
  readonly #scope: ConditionScope;
  readonly #variables: { readonly name: string; readonly type: CelType; readonly slot: number }[] = [];
  /** Texts of operands and fields that a surrounding has() has asked for: `event.user`. */
  readonly #guarded: string[] = [];
  #slots = 0;

  constructor(text: string, scope: ConditionScope) {
    this.#text = text;
    this.#scope = scope;
  }

  check(node: Syntax): Expression {
    switch (node.kind) {
      case 'literal': return this.#literal(node);
      case 'not-offered':
        return this.#refuse(node, 'not-offered', `Conditions have no ${node.what}.`, { what: node.what }, null);
      case 'int-out-of-range':
        return this.#refuse(node, 'int-out-of-range', `${node.text} lies beyond ±(2^53 − 1), where integers are no longer exact.`, { text: node.text }, 'Write it with a decimal point.');
      case 'name': return this.#name(node);
      case 'select': return this.#select(node);
      case 'index': return this.#index(node);
      case 'call': return this.#call(node);
      case 'list': return this.#list(node);
      case 'unary': return this.#unary(node);
      case 'binary': return this.#binary(node);
      case 'logic': return this.#logic(node);
      default: return this.#conditional(node);
    }
  }

  // ── names ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #literal(node: Syntax & { kind: 'literal' }): Expression {
    const type = { int: INT, double: DOUBLE, string: STRING, bool: BOOL, null: NULL }[node.type];
    return { kind: 'literal', value: node.value, type, start: node.start, end: node.end };
  }

  #name(node: Syntax & { kind: 'name' }): Expression {
    const variable = this.#variables.findLast(({ name }) => name === node.name);
    if (variable) return make(node, { kind: 'variable', name: variable.name, slot: variable.slot, type: variable.type });
    if (node.name === 'event') {
      if (!this.#scope.hasEvent) return this.#noEvent(node);
      return this.#refuse(node, 'event-as-value', 'The event as a whole is no value.', {}, 'Name one of its fields, such as event.type.');
    }
    if (this.#scope.stages.includes(node.name)) return make(node, { kind: 'stage', name: node.name, type: EVENTS });
    return this.#unknownName(node, node.name);
  }

  #noEvent(node: Syntax): Expression {
    return this.#refuse(node, 'event-not-readable', 'There is no current event here: a text is made from the events of the stages.', { stages: this.#scope.stages.join(', ') },
      this.#scope.stages.length > 0 ? `Write ${stageText(this.#scope.stages[0] as string)}[0] and a field.` : null);
  }

  #unknownName(node: Syntax, name: string): Expression {
    if (this.#scope.hasEvent && fieldIndex(this.#scope.schema, name) >= 0) {
      return this.#refuse(node, 'unknown-name', `There is no stage named ${name}; it is a field of the event.`, { name, suggestion: `event.${name}` }, `Did you mean event.${name}?`);
    }
    const known = [...this.#variables.map((variable) => variable.name), ...(this.#scope.hasEvent ? ['event'] : []), ...this.#scope.stages];
    const field = this.#scope.hasEvent ? nearest(name, this.#scope.schema.fields.map((each) => each.name)) : null;
    const suggestion = nearest(name, known) ?? (field === null ? null : fieldText('event', field));
    return this.#refuse(node, 'unknown-name', `There is no stage named ${name} that can be read here.`,
      { name, known: known.join(', '), ...(suggestion === null ? {} : { suggestion }) },
      suggestion === null ? `Known here: ${known.join(', ') || 'nothing'}.` : `Did you mean ${suggestion}?`);
  }

  #select(node: Syntax & { kind: 'select' }): Expression {
    const place = { start: node.fieldStart, end: node.end };
    if (this.#isEvent(node.operand)) {
      if (!this.#scope.hasEvent) return this.#noEvent(node.operand);
      return this.#field(node, place, null, node.field);
    }
    const operand = this.check(node.operand);
    return this.#fieldOf(node, place, operand, node.field);
  }

  #isEvent(node: Syntax): boolean {
    return node.kind === 'name' && node.name === 'event' && !this.#variables.some(({ name }) => name === 'event');
  }

  #fieldOf(node: Syntax, place: Range, operand: Expression, name: string): Expression {
    if (operand.type.kind === 'event') return this.#field(node, place, operand, name);
    if (operand.type.kind === 'unknown') return unknown(node);
    const written = this.#written(operand);
    if (operand.type.kind === 'list' && operand.type.element.kind === 'event') {
      return this.#refuse(place, 'list-has-no-field', `${written} is a list of events, and a list has no field ${name}.`, { list: written, field: name }, `Did you mean ${written}[0].${name}?`);
    }
    return this.#refuse(place, 'no-fields', `${written} is ${article(typeName(operand.type))} and has no fields.`, { type: typeName(operand.type), field: name }, null);
  }

  #field(node: Syntax, place: Range, of: Expression | null, name: string): Expression {
    const field = this.#lookUp(place, name);
    if (field === null) return unknown(node);
    const [index, schema] = field;
    if (schema.optional === true && !this.#guarded.includes(`${this.#operandText(node)}.${name}`)) {
      const written = this.#text.slice(node.start, node.end);
      this.#note(node, 'optional-field-unguarded', `${name} may be missing from an event; reading it then is an error that stops the job.`, { field: name }, `Write has(${written}) && … before it.`);
    }
    return make(node, { kind: 'field', of, field: index, name, type: typeOfField(schema.type) });
  }

  #lookUp(place: Range, name: string): readonly [number, FieldSchema] | null {
    const index = fieldIndex(this.#scope.schema, name);
    if (index >= 0) return [index, this.#scope.schema.fields[index] as FieldSchema];
    const known = this.#scope.schema.fields.map((field) => field.name);
    const suggestion = nearest(name, known);
    this.#refuse(place, 'unknown-field', `Events have no field ${name}.`, { field: name, known: known.slice(0, 50).join(', '), ...(suggestion === null ? {} : { suggestion }) },
      suggestion === null ? (known.length === 0 ? 'The event schema has no fields yet.' : `Known fields: ${known.slice(0, 12).join(', ')}${known.length > 12 ? ', …' : ''}.`) : `Did you mean ${suggestion}?`);
    return null;
  }

  // ── element access, lists ──────────────────────────────────────────────────────────────────────────────────────

  #index(node: Syntax & { kind: 'index' }): Expression {
    const event = this.#isEvent(node.operand);
    const { index } = node;
    if (event && !this.#scope.hasEvent) return this.#noEvent(node.operand);
    const operand = event ? null : this.check(node.operand);
    // event['user id'] is how a field is written whose name is no identifier.
    if (index.kind === 'literal' && index.type === 'string' && (operand === null || operand.type.kind === 'event')) {
      return this.#field(node, index, operand, index.value as string);
    }
    if (operand === null) return this.#refuse(node, 'event-as-value', 'The event as a whole is no list.', {}, "Name one of its fields: event.type or event['type'].");
    const at = this.check(index);
    if (operand.type.kind === 'unknown' || at.type.kind === 'unknown') return unknown(node);
    if (operand.type.kind !== 'list') {
      return this.#refuse(node, 'not-a-list', `${this.#written(operand)} is ${article(typeName(operand.type))}, not a list.`, { type: typeName(operand.type) }, null);
    }
    if (operand.type.element.kind === 'nothing') return this.#refuse(node, 'empty-list-element', 'Nothing can be taken out of an empty list.', {}, null);
    if (at.type.kind !== 'int') {
      return this.#refuse(index, 'index-not-int', `A place in a list is an int, but this is ${article(typeName(at.type))}.`, { type: typeName(at.type) }, at.type.kind === 'double' ? `Write int(${this.#written(at)}).` : 'The first element is [0].');
    }
    return make(node, { kind: 'index', list: operand, index: at, type: operand.type.element });
  }

  #list(node: Syntax & { kind: 'list' }): Expression {
    const items = node.items.map((item) => this.check(item));
    let element: CelType = NOTHING;
    for (const item of items) {
      const both = unify(element, item.type);
      if (both === null) {
        return this.#refuse(item, 'mixed-list', `A list has elements of one type, but ${typeName(element)} and ${typeName(item.type)} stand in this one.`,
          { left: typeName(element), right: typeName(item.type) }, null);
      }
      if (item.type.kind === 'event') return this.#refuse(item, 'event-as-value', 'A list of events cannot be written; only stages are lists of events.', {}, 'Name a field of the event.');
      element = both;
    }
    if (element.kind === 'unknown') return unknown(node);
    return make(node, { kind: 'list', items: items.map((item) => this.#asType(item, element)), type: listOf(element) });
  }

  // ── operators ──────────────────────────────────────────────────────────────────────────────────────────────────

  #unary(node: Syntax & { kind: 'unary' }): Expression {
    const operand = this.check(node.operand);
    if (operand.type.kind === 'unknown') return unknown(node);
    if (node.operator === '!') return operand.type.kind === 'bool' ? make(node, { kind: 'not', operand, type: BOOL }) : this.#expectBool(operand, '!');
    if (isNumber(operand.type) || operand.type.kind === 'duration') return make(node, { kind: 'negate', operand, type: operand.type });
    return this.#refuse(node, 'operands-do-not-fit', `A minus cannot stand before ${article(typeName(operand.type))}.`, { operator: '-', left: '', right: typeName(operand.type) }, null);
  }

  #expectBool(operand: Expression, operator: string): Expression {
    const type = typeName(operand.type);
    return this.#refuse(operand, 'not-bool', `${operator} needs true or false, but this is ${article(type)}.`, { operator, type }, 'Compare it with something.');
  }

  #logic(node: Syntax & { kind: 'logic' }): Expression {
    const before = this.#guarded.length;
    // && and || do not care for order: has() guards the parts on both its sides.
    for (const part of node.parts) {
      const refused = node.operator === '||' ? hasOperand(negated(part)) : null;
      const asked = node.operator === '&&' ? guardsOf(part) : refused === null ? [] : [refused];
      for (const guard of asked) this.#guarded.push(this.#plain(guard.start, guard.end));
    }
    const parts: Expression[] = [];
    for (const part of node.parts) {
      const checked = this.check(part);
      if (checked.type.kind === 'bool') parts.push(checked);
      else if (checked.type.kind !== 'unknown') this.#expectBool(checked, node.operator);
    }
    this.#guarded.length = before;
    if (parts.length < node.parts.length) return unknown(node);
    return make(node, { kind: node.operator === '&&' ? 'and' : 'or', parts, type: BOOL });
  }

  #conditional(node: Syntax & { kind: 'conditional' }): Expression {
    const condition = this.check(node.condition);
    if (condition.type.kind !== 'bool' && condition.type.kind !== 'unknown') this.#expectBool(condition, '?');
    const before = this.#guarded.length;
    const wanted = guardsOf(node.condition).map((asked) => this.#plain(asked.start, asked.end));
    this.#guarded.push(...wanted);
    const whenTrue = this.check(node.whenTrue);
    this.#guarded.length = before;
    const refused = hasOperand(negated(node.condition));
    if (refused !== null) this.#guarded.push(this.#plain(refused.start, refused.end));
    const whenFalse = this.check(node.whenFalse);
    this.#guarded.length = before;
    const type = unify(whenTrue.type, whenFalse.type);
    if (type === null) {
      return this.#refuse(node, 'branches-do-not-fit', `Both results of ? : must have one type, but they are ${typeName(whenTrue.type)} and ${typeName(whenFalse.type)}.`,
        { left: typeName(whenTrue.type), right: typeName(whenFalse.type) }, null);
    }
    if (type.kind === 'unknown' || condition.type.kind !== 'bool') return unknown(node);
    return make(node, { kind: 'conditional', condition, whenTrue: this.#asType(whenTrue, type), whenFalse: this.#asType(whenFalse, type), type });
  }

  #binary(node: Syntax & { kind: 'binary' }): Expression {
    const { operator } = node;
    if (operator === 'in') return this.#in(node);
    const left = this.check(node.left);
    const right = this.check(node.right);
    if (left.type.kind === 'unknown' || right.type.kind === 'unknown') return unknown(node);
    const [operands, result] = this.#operator(operator, left.type, right.type);
    if (operands !== null) {
      if (operands.kind === 'double') this.#noteMixed([left, right]);
      const numeric = isNumber(operands);
      return make(node, { kind: 'binary', operator, left: numeric ? this.#asType(left, operands) : left, right: numeric ? this.#asType(right, operands) : right, operands, type: result });
    }
    return this.#doNotFit(node, operator, left, right);
  }

  /** Type in which both operands meet, and type of the result; null where the operator does not take them. */
  #operator(operator: string, left: CelType, right: CelType): readonly [CelType | null, CelType] {
    const both = unify(left, right);
    switch (operator) {
      case '==':
      case '!=':
        // Events have no identity that a user could mean; comparing all fields would be a surprise.
        return [both !== null && !containsEvent(both) ? both : null, BOOL];
      case '<':
      case '<=':
      case '>':
      case '>=':
        return [both !== null && ['int', 'double', 'string', 'bool', 'timestamp', 'duration'].includes(both.kind) ? both : null, BOOL];
      case '+':
        if (left.kind === 'timestamp' && right.kind === 'duration') return [TIMESTAMP, TIMESTAMP];
        if (left.kind === 'duration' && right.kind === 'timestamp') return [TIMESTAMP, TIMESTAMP];
        if (both !== null && (isNumber(both) || both.kind === 'string' || both.kind === 'duration' || (both.kind === 'list' && !containsEvent(both)))) return [both, both];
        return [null, UNKNOWN];
      case '-':
        if (left.kind === 'timestamp' && right.kind === 'duration') return [TIMESTAMP, TIMESTAMP];
        if (left.kind === 'timestamp' && right.kind === 'timestamp') return [DURATION, DURATION];
        return both !== null && (isNumber(both) || both.kind === 'duration') ? [both, both] : [null, UNKNOWN];
      case '%':
        return both?.kind === 'int' ? [INT, INT] : [null, UNKNOWN];
      default:
        return both !== null && isNumber(both) ? [both, both] : [null, UNKNOWN];
    }
  }

  #doNotFit(node: Syntax & { kind: 'binary' }, operator: string, left: Expression, right: Expression): Expression {
    const values = { operator, left: typeName(left.type), right: typeName(right.type) };
    if (left.type.kind === 'null' || right.type.kind === 'null') {
      const other = left.type.kind === 'null' ? right : left;
      const field = other.kind === 'field' ? `${operator === '!=' ? '' : '!'}has(${this.#written(other)})` : null;
      return this.#refuse(node, 'compare-with-null', 'Nothing is ever null here: a field is there or it is absent.', values, field === null ? 'Ask with has(event.field).' : `Write ${field}.`);
    }
    if (containsEvent(left.type) || containsEvent(right.type)) {
      return this.#refuse(node, 'event-as-value', 'Events as a whole cannot be compared or combined.', {}, 'Compare one of their fields, such as fail[0].ip == event.ip.');
    }
    return this.#refuse(node, 'operands-do-not-fit', `${values.left} ${operator} ${values.right} does not go together.`, values, this.#conversion(operator, left, right));
  }

  #conversion(operator: string, left: Expression, right: Expression): string | null {
    const [text, number] = left.type.kind === 'string' ? [left, right] : [right, left];
    if (operator === '%') return 'Only integers have a remainder: write int(…).';
    if (text.type.kind !== 'string' || !isNumber(number.type)) return null;
    if (text.kind === 'literal' && text.value !== '' && Number.isFinite(Number(text.value))) return `Write ${String(Number(text.value))} without quotes.`;
    if (number.kind === 'literal') return `Write '${String(number.value)}' in quotes.`;
    return operator === '+' ? `Write string(${this.#written(number)}).` : `Write double(${this.#written(text)}).`;
  }

  #in(node: Syntax & { kind: 'binary' }): Expression {
    // 'field' in event asks for presence, as has() does, and can be written for names that are no identifiers.
    const event = this.#isEvent(node.right);
    if (event && !this.#scope.hasEvent) return this.#noEvent(node.right);
    const right = event ? null : this.check(node.right);
    if (right === null || right.type.kind === 'event') {
      if (node.left.kind === 'literal' && node.left.type === 'string') {
        const name = node.left.value as string;
        const field = this.#lookUp(node.left, name);
        return field === null ? unknown(node) : make(node, { kind: 'has', of: right, field: field[0], name, type: BOOL });
      }
      return this.#refuse(node.left, 'has-needs-field', 'Only the name of a field in quotes can be asked of an event.', {}, "Write 'user' in event.");
    }
    const left = this.check(node.left);
    if (left.type.kind === 'unknown' || right.type.kind === 'unknown') return unknown(node);
    if (right.type.kind !== 'list') {
      const fix = right.type.kind === 'string' ? `Write ${this.#written(right)}.contains(${this.#written(left)}).` : null;
      return this.#refuse(node.right, 'not-a-list', `in needs a list, but this is ${article(typeName(right.type))}.`, { type: typeName(right.type) }, fix);
    }
    if (containsEvent(right.type) || left.type.kind === 'event') {
      return this.#refuse(node, 'event-as-value', 'Events as a whole cannot be looked for.', {}, `Write event.ip in ${this.#written(right)}.map(e, e.ip).`);
    }
    const operands = unify(left.type, right.type.element);
    if (operands === null) return this.#doNotFit(node, 'in', left, right);
    if (operands.kind === 'double') this.#noteMixed([left]);
    return make(node, { kind: 'binary', operator: 'in', left: this.#asType(left, operands), right: this.#asType(right, listOf(operands)), operands, type: BOOL });
  }

  /** Makes int literals doubles where doubles meet. What is no literal stays as it is: an int is a double at run time. */
  #asType(node: Expression, type: CelType): Expression {
    if (node.kind === 'list' && type.kind === 'list') return { ...node, items: node.items.map((item) => this.#asType(item, type.element)), type };
    if (node.kind !== 'literal' || node.type.kind !== 'int' || type.kind !== 'double') return node;
    this.#note(node, 'int-literal-as-double', `${String(node.value)} stands beside a decimal number and is read as ${String(node.value)}.0.`, { literal: node.value as number }, `Write ${String(node.value)}.0.`);
    return { ...node, type };
  }

  #noteMixed(sides: readonly Expression[]): void {
    for (const side of sides) {
      if (side.type.kind !== 'int' || side.kind === 'literal') continue;
      this.#note(side, 'int-as-double', `${this.#written(side)} is an integer and is read as a decimal number here.`, { text: this.#written(side) }, null);
    }
  }

  // ── calls ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #call(node: Syntax & { kind: 'call' }): Expression {
    const { name, receiver } = node;
    if (receiver === null && name === 'has') return this.#has(node);
    if (receiver === null && name === 'stage') return this.#stage(node);
    if (receiver !== null && LIST_MACROS.has(name)) return this.#macro(node, receiver);
    const overloads = (receiver === null ? GLOBALS : METHODS).get(name);
    if (overloads === undefined) return this.#unknownFunction(node);
    const args = (receiver === null ? node.args : [receiver, ...node.args]).map((arg) => this.check(arg));
    if (args.some((arg) => arg.type.kind === 'unknown')) return unknown(node);
    const dot = receiver === null ? 0 : 1;
    const counted = overloads.filter((overload) => overload.params.length === args.length);
    if (counted.length === 0) {
      const wanted = [...new Set(overloads.map((overload) => overload.params.length - dot))].join(' or ');
      return this.#refuse(node, 'wrong-argument-count', `${name} takes ${wanted} ${wanted === '1' ? 'argument' : 'arguments'}, not ${args.length - dot}.`, { name, wanted, given: args.length - dot }, `Write ${signature(overloads[0] as FunctionSpec)}.`);
    }
    const chosen = counted.find((overload) => overload.params.every((param, i) => fits((args[i] as Expression).type, param)));
    if (chosen === undefined) {
      const given = args.map((arg) => typeName(arg.type)).join(', ');
      return this.#refuse(node, 'wrong-argument-type', `${name} cannot take ${given}.`, { name, given, wanted: counted.map(signature).join(' or ') }, `Write ${counted.map(signature).join(' or ')}.`);
    }
    return this.#finishCall(node, chosen, args);
  }

  #finishCall(node: Syntax & { kind: 'call' }, chosen: FunctionSpec, args: readonly Expression[]): Expression {
    const second = args[1];
    const first = args[0] as Expression;
    if (chosen.id === 'matches') {
      if (second?.kind !== 'literal') return this.#refuse(second ?? node, 'pattern-not-literal', 'The pattern of matches is a text in quotes.', {}, "Write event.path.matches('\\\\.exe$').");
      const compiled = compilePattern(second.value as string);
      if ('error' in compiled) return this.#refuse(second, 'bad-pattern', `This is no regular expression (RE2): ${compiled.error}.`, { detail: compiled.error }, 'Correct the pattern; look-ahead and back-references do not exist in RE2.');
    }
    if (chosen.id === 'timestamp-string' && first.kind === 'literal' && parseTimestamp(first.value as string) === null) {
      return this.#refuse(first, 'bad-timestamp', 'This is no date and time in ISO 8601.', { text: first.value as string }, "Write it like '2026-11-22T08:00:00Z'.");
    }
    if (chosen.id === 'duration-string' && first.kind === 'literal' && parseDuration(first.value as string) === null) {
      return this.#refuse(first, 'bad-duration', 'This is no length of time.', { text: first.value as string }, "Write it like '1h30m' or '45s'.");
    }
    if (first.type.kind === 'timestamp' && second !== undefined && chosen.receiver) {
      if (second.kind !== 'literal' || parseZone(second.value as string) === null) return this.#refuse(second, 'bad-zone', 'A zone is UTC or an offset in quotes.', {}, "Write it like '+08:00'.");
    }
    const typed = args.map((arg, i) => {
      const param = chosen.params[i] as Parameter;
      return typeof param === 'string' ? arg : this.#asType(arg, param);
    });
    const result = chosen.result === 'element' ? elementOrDouble(first.type) : chosen.result;
    return make(node, { kind: 'call', id: chosen.id, args: typed, type: result });
  }

  #unknownFunction(node: Syntax & { kind: 'call' }): Expression {
    const { name, receiver, args } = node;
    if (NOT_OFFERED.has(name)) return this.#refuse(node, 'not-offered', `Conditions have no ${name}.`, { what: name }, null);
    const other = (receiver === null ? METHODS : GLOBALS).get(name)?.[0];
    if (other !== undefined || (receiver === null && LIST_MACROS.has(name))) {
      const form = other === undefined ? `list.${name}(e, …)` : signature(other);
      return this.#refuse(node, 'unknown-function', `${name} is not written like this.`, { name, suggestion: form }, `Write ${form}.`);
    }
    // What stands in the arguments is wrong or right on its own; a receiver that does not exist is the first thing to say.
    if (receiver !== null) this.check(receiver);
    else for (const arg of args) this.check(arg);
    const known = receiver === null ? [...GLOBALS.keys(), 'has', 'stage'] : [...METHODS.keys(), ...LIST_MACROS];
    const suggestion = SYNONYMS.get(name.toLowerCase()) ?? nearest(name, known);
    return this.#refuse({ start: receiver === null ? node.start : receiver.end, end: node.end }, 'unknown-function', `There is no ${receiver === null ? 'function' : 'method'} ${name}.`,
      { name, known: known.join(', '), ...(suggestion === null ? {} : { suggestion }) }, suggestion === null ? `Known: ${known.slice(0, 12).join(', ')}, ….` : `Did you mean ${suggestion}?`);
  }

  #has(node: Syntax & { kind: 'call' }): Expression {
    const asked = node.args[0];
    if (node.args.length !== 1 || asked?.kind !== 'select') {
      return this.#refuse(node, 'has-needs-field', 'has asks for one field of an event.', {}, "Write has(event.user), or 'user' in event.");
    }
    const event = this.#isEvent(asked.operand);
    if (event && !this.#scope.hasEvent) return this.#noEvent(asked.operand);
    const of = event ? null : this.check(asked.operand);
    const place = { start: asked.fieldStart, end: asked.end };
    if (of !== null && of.type.kind !== 'event') return this.#fieldOf(node, place, of, asked.field);
    const field = this.#lookUp(place, asked.field);
    return field === null ? unknown(node) : make(node, { kind: 'has', of, field: field[0], name: asked.field, type: BOOL });
  }

  #stage(node: Syntax & { kind: 'call' }): Expression {
    const name = node.args[0];
    if (node.args.length !== 1 || name?.kind !== 'literal' || name.type !== 'string') {
      return this.#refuse(node, 'stage-needs-name', 'stage takes the name of a stage in quotes.', {}, "Write stage('first login').");
    }
    if (this.#scope.stages.includes(name.value as string)) return make(node, { kind: 'stage', name: name.value as string, type: EVENTS });
    const suggestion = nearest(name.value as string, this.#scope.stages);
    return this.#refuse(name, 'unknown-stage', `There is no stage named ${name.value as string} that can be read here.`,
      { name: name.value as string, known: this.#scope.stages.join(', '), ...(suggestion === null ? {} : { suggestion }) },
      suggestion === null ? `Known here: ${this.#scope.stages.join(', ') || 'none'}.` : `Did you mean ${suggestion}?`);
  }

  #macro(node: Syntax & { kind: 'call' }, receiver: Syntax): Expression {
    const macro = node.name as MacroName;
    const list = this.check(receiver);
    const counts = macro === 'map' ? [2, 3] : [2];
    const [variable, ...bodies] = node.args;
    if (!counts.includes(node.args.length) || variable === undefined) {
      const wanted = counts.map((count) => String(count)).join(' or ');
      return this.#refuse(node, 'wrong-argument-count', `${macro} takes ${wanted} arguments, not ${node.args.length}.`, { name: macro, wanted, given: node.args.length }, `Write list.${macro}(e, …).`);
    }
    if (variable.kind !== 'name' || !isIdentifier(variable.name)) {
      return this.#refuse(variable, 'bad-variable', `The first argument of ${macro} must be a new name for one element, such as e.`, { found: this.#written(variable) }, `Write list.${macro}(e, …).`);
    }
    if (list.type.kind !== 'list' && list.type.kind !== 'unknown') {
      return this.#refuse(receiver, 'not-a-list', `${macro} goes over a list, but this is ${article(typeName(list.type))}.`, { type: typeName(list.type) }, null);
    }
    const element = list.type.kind === 'list' ? list.type.element : UNKNOWN;
    const empty = element.kind === 'nothing';
    const slot = this.#slots++;
    this.#variables.push({ name: variable.name, type: empty ? UNKNOWN : element, slot });
    const checked = bodies.map((body) => this.check(body));
    this.#variables.pop();
    const body = checked[checked.length - 1] as Expression;
    const filter = checked.length === 2 ? (checked[0] as Expression) : null;
    for (const predicate of macro === 'map' ? (filter === null ? [] : [filter]) : [body]) {
      if (predicate.type.kind !== 'bool' && predicate.type.kind !== 'unknown') return this.#expectBool(predicate, macro);
    }
    if (list.type.kind === 'unknown') return unknown(node);
    if (!empty && checked.some((part) => part.type.kind === 'unknown')) return unknown(node);
    const type = macro === 'map' ? listOf(empty ? NOTHING : body.type) : macro === 'filter' ? list.type : BOOL;
    return make(node, { kind: 'macro', macro, list, variable: variable.name, slot, filter, body, type });
  }

  // ── words ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #written(node: Range): string {
    const text = this.#text.slice(node.start, node.end);
    return text.length > 60 ? `${text.slice(0, 57)}…` : text;
  }

  #plain(start: number, end: number): string {
    return this.#text.slice(start, end).replaceAll(/\s+/g, '');
  }

  #operandText(node: Syntax): string {
    const operand = node.kind === 'select' || node.kind === 'index' ? node.operand : node;
    return this.#plain(operand.start, operand.end);
  }

  #note(place: Range, code: ConditionIssueCode, message: string, values: ConditionIssue['values'], fix: string | null): void {
    this.notes.push({ code, message, start: place.start, end: place.end, values, fix });
  }

  #refuse(place: Range, code: ConditionIssueCode, message: string, values: ConditionIssue['values'], fix: string | null): Expression {
    this.issues.push({ code, message, start: place.start, end: place.end, values, fix });
    return unknown(place);
  }
}

/** What other languages call it. */
const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ['length', 'size'], ['len', 'size'], ['count', 'size'], ['includes', 'contains'], ['tolowercase', 'lowerAscii'], ['tolower', 'lowerAscii'],
  ['lower', 'lowerAscii'], ['touppercase', 'upperAscii'], ['toupper', 'upperAscii'], ['upper', 'upperAscii'], ['some', 'exists'], ['any', 'exists'],
  ['every', 'all'], ['existsone', 'exists_one'], ['regex', 'matches'], ['match', 'matches'], ['average', 'avg'], ['mean', 'avg'], ['float', 'double'], ['integer', 'int'],
]);

interface Range {
  readonly start: number;
  readonly end: number;
}

function make(place: Range, expression: WithoutPlace<Expression>): Expression {
  return { ...expression, start: place.start, end: place.end } as Expression;
}

/** Stands where an issue was given: fits everywhere, is never compiled. */
const unknown = (place: Range): Expression => ({ kind: 'literal', value: null, type: UNKNOWN, start: place.start, end: place.end });

const containsEvent = (type: CelType): boolean => type.kind === 'event' || (type.kind === 'list' && containsEvent(type.element));

const elementOrDouble = (type: CelType): CelType => (type.kind === 'list' && type.element.kind === 'int' ? INT : DOUBLE);

function fits(type: CelType, param: Parameter): boolean {
  if (param === 'any-list') return type.kind === 'list';
  if (param === 'numbers') return type.kind === 'list' && (isNumber(type.element) || type.element.kind === 'nothing');
  return type.kind === param.kind || (type.kind === 'int' && param.kind === 'double');
}

/** `text.startsWith(string)`, as sentences and completion show it. */
export function signature(spec: FunctionSpec): string {
  const words = spec.params.map((param) => (param === 'numbers' ? 'list of numbers' : param === 'any-list' ? 'list' : typeName(param)));
  return spec.receiver ? `${words[0] as string}.${spec.name}(${words.slice(1).join(', ')})` : `${spec.name}(${words.join(', ')})`;
}

/** The `event.user` of has(event.user), or null. */
function hasOperand(node: Syntax | null): Syntax | null {
  if (node?.kind !== 'call' || node.receiver !== null || node.name !== 'has') return null;
  return node.args[0]?.kind === 'select' ? node.args[0] : null;
}

const negated = (node: Syntax): Syntax | null => (node.kind === 'unary' && node.operator === '!' ? node.operand : null);

/** What is certainly present where `node` is true. */
function guardsOf(node: Syntax): readonly Syntax[] {
  const own = hasOperand(node);
  if (own !== null) return [own];
  return node.kind === 'logic' && node.operator === '&&' ? node.parts.flatMap(guardsOf) : [];
}

