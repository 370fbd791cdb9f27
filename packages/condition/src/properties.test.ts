/**
 * Properties over random conditions and random events with absent fields. The oracle is a plain tree walk over objects, with
 * exceptions for errors, that shares no code with the compilers.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EventSchema, Dictionary, EventBatch, appendObject } from '@tidemark/event';
import {
  type CheckedCondition, type ConditionScope, type EvaluationContext, type Expression, type RowOperator, EVALUATION_BUDGET, RowList,
  checkCondition, compileCondition, compileKernel, compilePredicate, describe as inWords, errorAt, EvaluationError, eventContext, formatExpression,
  operatorsFor, rename, rowsOf, splitCondition, textOf, type BuilderRow, type Tri,
} from './index.ts';

const schema: EventSchema = {
  fields: [
    { name: 'ts', type: 'int' }, { name: 'n', type: 'int' }, { name: 'm', type: 'int', optional: true }, { name: 'x', type: 'double' }, { name: 'y', type: 'double', optional: true },
    { name: 's', type: 'string' }, { name: 't', type: 'string', optional: true }, { name: 'b', type: 'bool' }, { name: 'odd name', type: 'string', optional: true },
  ],
  time: { field: 'ts', format: 'epoch-ms' },
};
const scope: ConditionScope = { schema, stages: ['a', 'rise', 'odd stage'], hasEvent: true };

type Plain = Readonly<Record<string, number | string | boolean | undefined>>;

const texts = fc.constantFrom('', 'a', 'b', 'ab', 'ba', 'abc', 'é', '😀', '\uff5e', "it's");
const ints = fc.oneof(fc.integer({ min: -4, max: 4 }), fc.constantFrom(9007199254740991, -9007199254740991, 4503599627370496));
const doubles = fc.oneof(fc.integer({ min: -6, max: 6 }).map((i) => i / 2), fc.constantFrom(0, -0, 1e300, 0.1));
const arbitraryEvent: fc.Arbitrary<Plain> = fc.record({
  ts: fc.integer({ min: 0, max: 50 }), n: ints, m: fc.option(ints, { nil: undefined }), x: doubles, y: fc.option(doubles, { nil: undefined }),
  s: texts, t: fc.option(texts, { nil: undefined }), b: fc.boolean(), 'odd name': fc.option(texts, { nil: undefined }),
});

// ── random conditions, as text ───────────────────────────────────────────────────────────────────────────────────

interface Parts { readonly bool: string; readonly int: string; readonly double: string; readonly text: string }
const quote = (text: string): string => `'${text.replaceAll("'", "\\'")}'`;
const double = (value: number): string => (Number.isInteger(value) && Math.abs(value) < 1e20 ? `${Object.is(value, -0) ? '-0' : value}.0` : String(value));

/** Conditions over the event alone, or over stages too. */
function conditions(withStages: boolean): fc.Arbitrary<string> {
  return fc.letrec<Parts>((tie) => {
    const owner = withStages ? fc.constantFrom('event', 'event', 'a[0]', 'a[size(a) - 1]', "stage('odd stage')[1]", 'rise[0]') : fc.constant('event');
    const field = (...names: string[]): fc.Arbitrary<string> => fc.tuple(owner, fc.constantFrom(...names)).map(([of, name]) => (/ /.test(name) ? `${of}['${name}']` : `${of}.${name}`));
    const sign = fc.constantFrom('==', '!=', '<', '<=', '>', '>=');
    const op = (operators: readonly string[], of: keyof Parts): fc.Arbitrary<string> => fc.tuple(tie(of), fc.constantFrom(...operators), tie(of)).map(([l, o, r]) => `(${l} ${o} ${r})`);
    const stage = fc.constantFrom('a', 'rise', "stage('odd stage')");
    const bools: fc.Arbitrary<string>[] = [
      field('b'), fc.constantFrom('true', 'false'),
      fc.tuple(owner, fc.constantFrom('m', 'y', 't', 's')).map(([of, name]) => `has(${of}.${name})`), owner.map((of) => `('odd name' in ${of})`),
      tie('bool').map((inner) => `!(${inner})`),
      fc.tuple(fc.array(tie('bool'), { minLength: 2, maxLength: 3 }), fc.constantFrom('&&', '||')).map(([parts, o]) => `(${parts.join(` ${o} `)})`),
      fc.tuple(tie('int'), sign, tie('int')).map(([l, o, r]) => `(${l} ${o} ${r})`), fc.tuple(tie('double'), sign, tie('double')).map(([l, o, r]) => `(${l} ${o} ${r})`),
      fc.tuple(tie('int'), sign, tie('double')).map(([l, o, r]) => `(${l} ${o} ${r})`),
      fc.tuple(tie('text'), sign, tie('text')).map(([l, o, r]) => `(${l} ${o} ${r})`),
      fc.tuple(field('s', 't', 'odd name'), fc.constantFrom('==', '!='), texts).map(([l, o, r]) => `(${l} ${o} ${quote(r)})`),
      fc.tuple(field('n', 'x', 'm', 'y'), sign, fc.integer({ min: -3, max: 3 })).map(([l, o, r]) => `(${l} ${o} ${r})`),
      fc.tuple(tie('text'), fc.array(texts, { maxLength: 3 })).map(([l, r]) => `(${l} in [${r.map(quote).join(', ')}])`),
      fc.tuple(tie('double'), fc.array(tie('double'), { maxLength: 3 })).map(([l, r]) => `(${l} in [${r.join(', ')}])`),
      fc.tuple(tie('int'), fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 10 })).map(([l, r]) => `(${l} in [${r.join(', ')}])`),
      fc.tuple(field('s', 't'), fc.constantFrom('startsWith', 'endsWith', 'contains'), texts).map(([l, f, r]) => `${l}.${f}(${quote(r)})`),
      fc.tuple(field('s', 't'), fc.constantFrom('a', '^b', '^$', '^(a|b)+$')).map(([l, r]) => `${l}.matches('${r}')`),
      fc.tuple(tie('bool'), tie('bool'), tie('bool')).map(([c, l, r]) => `(${c} ? ${l} : ${r})`),
      fc.tuple(tie('bool'), sign, tie('bool')).map(([l, o, r]) => `(${l} ${o} ${r})`),
    ];
    const ints0: fc.Arbitrary<string>[] = [
      field('n', 'm', 'ts'), fc.integer({ min: -3, max: 3 }).map(String), op(['+', '-', '*', '/', '%'], 'int'), fc.tuple(tie('int')).map(([i]) => `-(${i})`),
      tie('text').map((text) => `size(${text})`), tie('double').map((value) => `int(${value})`), fc.tuple(tie('bool'), tie('int'), tie('int')).map(([c, l, r]) => `(${c} ? ${l} : ${r})`), tie('int').map((i) => `abs(${i})`),
    ];
    const doubles0: fc.Arbitrary<string>[] = [
      field('x', 'y'), doubles.map(double), op(['+', '-', '*', '/'], 'double'), tie('int').map((i) => `double(${i})`), fc.tuple(tie('bool'), tie('double'), tie('double')).map(([c, l, r]) => `(${c} ? ${l} : ${r})`),
      fc.tuple(tie('int'), fc.constantFrom('+', '*'), tie('double')).map(([l, o, r]) => `(${l} ${o} ${r})`),
    ];
    const texts0: fc.Arbitrary<string>[] = [
      field('s', 't', 'odd name'), texts.map(quote), fc.tuple(field('s', 't'), texts).map(([l, r]) => `(${l} + ${quote(r)})`), field('s').map((text) => `${text}.upperAscii()`), tie('int').map((i) => `string(${i})`),
    ];
    if (withStages) {
      const body = fc.constantFrom("e.s == 'a'", 'e.n > 0', 'e.y >= event.x', 'has(e.t)', 'e.b', 'e.n == event.n', "e.t == event.t || e.b");
      bools.push(
        fc.tuple(stage, fc.constantFrom('exists', 'all', 'exists_one'), body).map(([l, f, inner]) => `${l}.${f}(e, ${inner})`),
        fc.tuple(field('s'), stage).map(([l, r]) => `(${l} in ${r}.map(e, e.s))`), fc.tuple(stage, stage).map(([l, r]) => `(${l}.map(e, e.y) == ${r}.map(e, e.y))`),
        fc.tuple(tie('text'), sign, stage).map(([l, o, r]) => `(${l} ${o} ${r}[0].s)`),
      );
      ints0.push(stage.map((l) => `size(${l})`), fc.tuple(stage, body).map(([l, inner]) => `size(${l}.filter(e, ${inner}))`), fc.tuple(stage, fc.constantFrom('min', 'max')).map(([l, f]) => `${f}(${l}.map(e, e.n))`));
      doubles0.push(
        fc.tuple(stage, fc.constantFrom('sum', 'avg', 'min', 'max'), fc.constantFrom('x', 'y')).map(([l, f, name]) => `${f}(${l}.map(e, e.${name}))`),
        fc.tuple(stage, body).map(([l, inner]) => `sum(${l}.map(e, ${inner}, e.x * 2.0))`),
      );
    }
    const tree = (leaves: number, all: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> => fc.oneof({ depthSize: 'small', withCrossShrink: true, maxDepth: 4 }, ...all.slice(0, leaves), ...all.slice(leaves));
    return { bool: tree(2, bools), int: tree(2, ints0), double: tree(2, doubles0), text: tree(2, texts0) };
  }).bool;
}

function checkedOf(text: string): CheckedCondition {
  const checked = checkCondition(text, scope);
  if (!checked.ok) throw new Error(`${text}\n${JSON.stringify(checked.issues)}`);
  return checked.condition;
}

// ── the oracle ───────────────────────────────────────────────────────────────────────────────────────────────────

interface World { readonly event: Plain; readonly stages: Readonly<Record<string, readonly Plain[]>>; readonly variables: ReadonlyMap<string, unknown> }
class Wrong extends Error {}

function truth(node: Expression, world: World): Tri {
  try {
    return walkTree(node, world) === true ? 1 : 0;
  } catch (error) {
    if (error instanceof Wrong) return 2;
    throw error;
  }
}

function decide(results: readonly Tri[], decisive: 0 | 1): boolean {
  if (results.includes(decisive)) return decisive === 1;
  if (results.includes(2)) throw new Wrong();
  return decisive !== 1;
}

const codePoints = (text: string): number[] => Array.from(text, (letter) => letter.codePointAt(0) as number);

function order(left: unknown, right: unknown): number {
  if (typeof left === 'string') {
    const [a, b] = [codePoints(left), codePoints(right as string)];
    for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return (a[i] as number) - (b[i] as number);
    return a.length - b.length;
  }
  return left === right ? 0 : Number(left) < Number(right) ? -1 : Number(left) > Number(right) ? 1 : NaN;
}

function safe(value: number): number {
  if (!Number.isSafeInteger(value)) throw new Wrong();
  return value === 0 ? 0 : value;
}

function walkTree(node: Expression, world: World): unknown {
  const go = (inner: Expression): unknown => walkTree(inner, world);
  const eventOf = (of: Expression | null): Plain => (of === null ? world.event : (go(of) as Plain));
  switch (node.kind) {
    case 'literal': return node.value;
    case 'variable': return world.variables.get(node.name);
    case 'stage': return world.stages[node.name];
    case 'has': return eventOf(node.of)[node.name] !== undefined;
    case 'field': {
      const value = eventOf(node.of)[node.name];
      if (value === undefined) throw new Wrong();
      return value;
    }
    case 'and': return decide(node.parts.map((part) => truth(part, world)), 0);
    case 'or': return decide(node.parts.map((part) => truth(part, world)), 1);
    case 'not': return go(node.operand) !== true;
    case 'negate': return node.type.kind === 'int' ? safe(-(go(node.operand) as number)) : -(go(node.operand) as number);
    case 'conditional': return go(node.condition) === true ? go(node.whenTrue) : go(node.whenFalse);
    case 'list': return node.items.map(go);
    case 'index': {
      const [list, at] = [go(node.list) as unknown[], go(node.index) as number];
      if (at < 0 || at >= list.length) throw new Wrong();
      return list[at];
    }
    case 'binary': {
      const [left, right] = [go(node.left), go(node.right)] as [never, never];
      const exact = node.operands.kind === 'int';
      switch (node.operator) {
        case '==': return Array.isArray(left) ? JSON.stringify(left) === JSON.stringify(right) : left === right;
        case '!=': return left !== right;
        case '<': return order(left, right) < 0;
        case '<=': return order(left, right) <= 0;
        case '>': return order(left, right) > 0;
        case '>=': return order(left, right) >= 0;
        case 'in': return (right as unknown[]).some((item) => item === left);
        case '+': return exact ? safe(left + right) : left + right;
        case '-': return exact ? safe(left - right) : left - right;
        case '*': return exact ? safe(left * right) : left * right;
        case '/': return exact ? safe(Math.trunc(left / right)) : left / right;
        default: return safe(left % right);
      }
    }
    case 'macro': {
      const list = go(node.list) as unknown[];
      const inside = (item: unknown): World => ({ ...world, variables: new Map(world.variables).set(node.variable, item) });
      const holds = (item: unknown): boolean => walkTree(node.body, inside(item)) === true;
      switch (node.macro) {
        case 'map': return list.filter((item) => node.filter === null || walkTree(node.filter, inside(item)) === true).map((item) => walkTree(node.body, inside(item)));
        case 'filter': return list.filter(holds);
        case 'exists_one': return list.filter(holds).length === 1;
        default: return decide(list.map((item) => truth(node.body, inside(item))), node.macro === 'exists' ? 1 : 0);
      }
    }
    default: {
      const args = node.args.map(go) as [never, never];
      const [text, part] = args as [string, string];
      const list = args[0] as number[];
      const sum = (): number => list.reduce((a, b) => a + b, 0);
      const some = (value: number): number => {
        if (list.length === 0) throw new Wrong();
        return value;
      };
      switch (node.id) {
        case 'size-string': return codePoints(text).length;
        case 'size-list': return list.length;
        case 'startsWith': return text.startsWith(part);
        case 'endsWith': return text.endsWith(part);
        case 'contains': return text.includes(part);
        case 'matches': return new RegExp(part, 'u').test(text);
        case 'upperAscii': return text.replaceAll(/[a-z]/g, (letter) => letter.toUpperCase());
        case 'double-number': return args[0];
        case 'int-double': return safe(Math.trunc(args[0]));
        case 'string-number': return String(args[0] as number);
        case 'abs': return Math.abs(args[0]);
        case 'sum': return sum();
        case 'avg': return some(sum() / list.length);
        case 'min': return some(Math.min(...list));
        case 'max': return some(Math.max(...list));
        default: throw new Error(`the oracle lacks ${node.id}`);
      }
    }
  }
}

// ── properties ───────────────────────────────────────────────────────────────────────────────────────────────────

function batchOf(events: readonly Plain[], dictionaries: readonly (Dictionary | undefined)[] = []): EventBatch {
  const batch = new EventBatch(schema, Math.max(1, events.length), dictionaries);
  events.forEach((event, i) => { appendObject(batch, event, event.ts as number, i); });
  return batch;
}

describe('random conditions', () => {
  it('[KN1][KN2] a kernel gives for each row what the oracle gives, whatever the range and the dictionaries', () => {
    fc.assert(fc.property(conditions(false), fc.array(arbitraryEvent, { minLength: 1, maxLength: 12 }), fc.array(arbitraryEvent, { minLength: 1, maxLength: 6 }), fc.nat(5), fc.boolean(), (text, first, second, skip, shared) => {
      const condition = checkedOf(text);
      const kernel = compileKernel(condition, schema);
      const own = batchOf(first);
      const dictionaries = own.columns.map((column) => (column.kind === 'string' && shared ? column.dictionary : undefined));
      for (const [batch, events] of [[own, first], [batchOf(second, dictionaries), second], [own, first]] as const) {
        const out = new Uint8Array(events.length).fill(9);
        const from = Math.min(skip, events.length);
        kernel(batch, from, events.length, out);
        const wanted = events.map((event, row) => (row < from ? 9 : truth(condition.expression, { event, stages: {}, variables: new Map() })));
        expect([...out], text).toEqual(wanted);
        wanted.forEach((value, row) => { if (value !== 9) expect(errorAt(condition, batch, row) === null, text).toBe(value !== 2); });
      }
    }), { numRuns: 1200 });
  });

  it('[EV1][EV2][EV3][EV4] closures over stages give what the oracle gives', () => {
    fc.assert(fc.property(conditions(true), arbitraryEvent, fc.array(arbitraryEvent, { maxLength: 6 }), fc.array(fc.array(fc.nat(5), { maxLength: 4 }), { minLength: 3, maxLength: 3 }), fc.boolean(), (text, event, events, picks, shared) => {
      const condition = checkedOf(text);
      const retained = batchOf(events);
      const dictionaries = retained.columns.map((column) => (column.kind === 'string' && shared ? column.dictionary : undefined));
      const lists = picks.map((rows) => new RowList().set(rows.filter((row) => row < events.length)));
      const context: EvaluationContext = { batch: batchOf([event], dictionaries), row: 0, retained, rows: (stage) => lists[stage] as RowList, budget: EVALUATION_BUDGET };
      const stages = Object.fromEntries(scope.stages.map((name, i) => [name, Array.from((lists[i] as RowList).items.slice(0, (lists[i] as RowList).length), (row) => events[row] as Plain)]));
      const wanted = truth(condition.expression, { event, stages, variables: new Map() });
      const program = compileCondition(condition, scope);
      expect(program.evaluate(context), text).toBe(wanted);
      // Registers are clean: the same answer again.
      expect(program.evaluate(context), text).toBe(wanted);
      const predicate = compilePredicate(condition, scope);
      if (wanted === 2) expect(() => predicate(context)).toThrow(EvaluationError);
      else expect(predicate(context)).toBe(wanted === 1);
      // [EV6]
      const { eventOnly, rest } = splitCondition(condition);
      const out = new Uint8Array(1).fill(1);
      if (eventOnly !== null) compileKernel(eventOnly, schema)(context.batch, 0, 1, out);
      const restValue = rest === null ? 1 : compileCondition(rest, scope).evaluate(context);
      const both = [out[0] as Tri, restValue];
      expect(both.includes(0) ? 0 : both.includes(2) ? 2 : 1, `split ${text}`).toBe(wanted);
    }), { numRuns: 1500 });
  });

  it('[EV5] the order of the parts of && and || cannot be seen', () => {
    const parts = fc.tuple(fc.array(conditions(false), { minLength: 2, maxLength: 4 }), fc.constantFrom(' && ', ' || '));
    fc.assert(fc.property(parts, fc.array(arbitraryEvent, { minLength: 1, maxLength: 6 }), ([texts0, by], events) => {
      const batch = batchOf(events);
      const [forward, backward] = [texts0, [...texts0].reverse()].map((order0) => compileCondition(checkedOf(order0.join(by)), scope)) as [ReturnType<typeof compileCondition>, ReturnType<typeof compileCondition>];
      for (let row = 0; row < events.length; row++) expect(forward.evaluate(eventContext(batch, row)), texts0.join(by)).toBe(backward.evaluate(eventContext(batch, row)));
    }), { numRuns: 400 });
  });

  it('[FM1] one spelling: formatted text checks to the same expression, and formats to itself', () => {
    const bare = (node: unknown): unknown => JSON.parse(JSON.stringify(node, (key, value: unknown) => (key === 'start' || key === 'end' ? undefined : Object.is(value, -0) ? '-0' : value)));
    fc.assert(fc.property(conditions(true), (text) => {
      const { expression } = checkedOf(text);
      const formatted = formatExpression(expression);
      const again = checkedOf(formatted).expression;
      expect(bare(again), `${text}\n${formatted}`).toEqual(bare(expression));
      expect(formatExpression(again)).toBe(formatted);
    }), { numRuns: 800 });
  });

  it('[BR1] the text of its rows means the same as the condition', () => {
    const flat = fc.tuple(fc.array(conditions(false), { minLength: 1, maxLength: 3 }), fc.constantFrom(' && ', ' || ')).map(([parts, by]) => parts.join(by));
    let shown = 0;
    fc.assert(fc.property(fc.oneof(conditions(false), flat), fc.array(arbitraryEvent, { minLength: 1, maxLength: 8 }), (text, events) => {
      const condition = checkedOf(text);
      const rows = rowsOf(condition);
      if (rows === null) return;
      shown += 1;
      const again = checkedOf(textOf(rows, scope));
      const batch = batchOf(events);
      const [a, b] = [compileCondition(condition, scope), compileCondition(again, scope)];
      for (let row = 0; row < events.length; row++) expect(b.evaluate(eventContext(batch, row)), `${text}\n${textOf(rows, scope)}`).toBe(a.evaluate(eventContext(batch, row)));
    }), { numRuns: 1200 });
    expect(shown).toBeGreaterThan(100);
  });

  it('[BR2] rows come back from their text', () => {
    const row: fc.Arbitrary<BuilderRow> = fc.constantFrom(...schema.fields.slice(1)).chain((field) => {
      const value: fc.Arbitrary<string | number | boolean> = field.type === 'string' ? texts : field.type === 'bool' ? fc.boolean() : field.type === 'int' ? fc.integer({ min: -9, max: 9 }) : fc.integer({ min: -9, max: 9 }).map((i) => i / 4 + 0);
      return fc.constantFrom<RowOperator>(...operatorsFor(field)).chain((operator): fc.Arbitrary<BuilderRow> => {
        if (operator === 'present' || operator === 'absent') return fc.constant({ field: field.name, operator, operand: { kind: 'none' } });
        if (operator === 'one-of' || operator === 'none-of') return fc.array(value, { minLength: 1, maxLength: 4 }).map((values) => ({ field: field.name, operator, operand: { kind: 'values', values } }));
        if (operator === 'matches' || operator === 'not-matches') return fc.constant({ field: field.name, operator, operand: { kind: 'value', value: '^a' } });
        const plain = value.map((each): BuilderRow => ({ field: field.name, operator: field.type === 'bool' ? 'is' : operator, operand: { kind: 'value', value: each } }));
        if (field.type === 'bool' || /starts|ends|contains/.test(operator)) return plain;
        const number = field.type !== 'string';
        const part = number ? fc.option(fc.constantFrom(1.5, 2, -3, 0.25), { nil: null }) : fc.constant(null);
        const stage = fc.record({ stage: fc.constantFrom(...scope.stages), which: fc.constantFrom('first' as const, 'last' as const), factor: part, plus: part })
          .map((operand): BuilderRow => ({ field: field.name, operator, operand: { kind: 'stage', field: field.name, ...operand } }));
        return fc.oneof(plain, stage);
      });
    });
    fc.assert(fc.property(fc.array(row, { minLength: 1, maxLength: 4 }), fc.constantFrom('all' as const, 'any' as const), (rows, combine) => {
      const built = { combine: rows.length === 1 ? 'all' as const : combine, rows };
      const text = textOf(built, scope);
      expect(rowsOf(checkedOf(text)), text).toEqual(built);
    }), { numRuns: 1000 });
  });

  it('[RN1] renaming there and back changes nothing, and every reference follows', () => {
    fc.assert(fc.property(conditions(true), (text) => {
      const renamed = rename(text, 'a', 'alpha');
      expect(rename(renamed, 'alpha', 'a')).toBe(text);
      const checked = checkCondition(renamed, { ...scope, stages: ['alpha', 'rise', 'odd stage'] });
      expect(checked.ok, renamed).toBe(true);
      expect(checked.ok && checked.condition.stages).toEqual(checkedOf(text).stages.map((name) => (name === 'a' ? 'alpha' : name)));
      // To a name that a macro's variable hides.
      const hidden = rename(text, 'a', 'e');
      const there = checkCondition(hidden, { ...scope, stages: ['e', 'rise', 'odd stage'] });
      expect(there.ok && there.condition.stages.length, hidden).toBe(checkedOf(text).stages.length);
    }), { numRuns: 500 });
  });

  it('[DS1] has words for every condition, on one line', () => {
    fc.assert(fc.property(conditions(true), (text) => {
      for (const language of ['en', 'zh'] as const) {
        const words = inWords(checkedOf(text), language);
        expect(words.length).toBeGreaterThan(0);
        expect(words).not.toMatch(/\n|undefined|\[object/);
      }
    }), { numRuns: 500 });
  });
});
