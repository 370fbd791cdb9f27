/**
 * The cel-spec suite for the part of CEL that is offered. Every case is passed, or excluded by a reason that is printed.
 *
 * A case that our checker refuses is passed where the suite wants an error too (it comes earlier, from the checker);
 * else the refusal must be one of REASONS. A case that is evaluated must give the suite's value, or be named in NAMED.
 */
import { type EventSchema, type ColumnSet } from '@tidemark/event';
import { tests } from '@bufbuild/cel-spec/testdata/conformance.js';
import { expect, it } from 'vitest';
import { type CelValue, checkExpression, compileValue, EvaluationError, eventContext, typeName } from './index.ts';

const schema: EventSchema = { fields: [], time: { field: '', format: 'epoch-ms' } };
const columns: ColumnSet = { schema, columns: [], time: new Float64Array(1) };

interface Case {
  readonly suite: string;
  readonly name: string;
  readonly expr: string;
  readonly original: Record<string, unknown>;
}
type Suite = { readonly name: string; readonly suites?: readonly Suite[]; readonly tests?: readonly { readonly original: { readonly expr: string; readonly name?: string } }[] };

function* casesOf(suite: Suite, top: string): Generator<Case> {
  for (const { original } of suite.tests ?? []) yield { suite: top, name: original.name ?? original.expr, expr: original.expr, original };
  for (const inner of suite.suites ?? []) yield* casesOf(inner, top === '' ? inner.name : top);
}

/** Why whole suites are out. */
const SUITES: ReadonlyMap<string, string> = new Map([
  ['proto2', 'protobuf messages'], ['proto2_ext', 'protobuf messages'], ['proto3', 'protobuf messages'], ['enums', 'protobuf messages'],
  ['wrappers', 'protobuf messages'], ['dynamic', 'protobuf messages'], ['optionals', 'optional values (extension)'], ['block_ext', 'cel.block (extension)'],
  ['bindings_ext', 'cel.bind (extension)'], ['encoders_ext', 'base64 (extension)'], ['math_ext', 'math.* (extension)'], ['macros2', 'two-variable macros (extension)'],
  ['namespace', 'variables and containers'], ['network_ext', 'network addresses (extension)'],
]);

/** Why the checker may refuse a case of the other suites, by the code of its first issue. */
function reasonOf(test: Case, code: string, message: string): string | null {
  const { expr, suite } = test;
  if (test.original.bindings !== undefined || test.original.typeEnv !== undefined || test.original.container !== undefined) return 'variables and containers';
  if (expr.includes('optional.')) return 'optional values (extension)';
  if (expr.includes('type(')) return 'types as values';
  if (code === 'syntax-error' && /^br/i.test(expr)) return 'bytes';
  if (code.startsWith('unknown-') && expr.endsWith('|| true')) return 'undeclared names (only without a checker)';
  if (code === 'empty-list-element') return 'dynamic types: dyn(), type()';
  if (code === 'not-offered') {
    if (message.includes('unsigned') || message.includes('uint')) return 'uint';
    if (message.includes('bytes')) return 'bytes';
    if (message.includes('map')) return 'map literals';
    if (message.includes('dyn') || message.includes('type')) return 'dynamic types: dyn(), type()';
    if (message.includes('optional')) return 'optional values (extension)';
  }
  if (code === 'mixed-list' || (code === 'operands-do-not-fit' && expr === "['one'] == [2, 3]")) return 'values of different types in one list or comparison';
  if (code === 'branches-do-not-fit') return 'values of different types in one list or comparison';
  if (code === 'not-bool') return 'operands of && || that are no bool (only without a checker)';
  if (code === 'int-out-of-range') return 'integers beyond 2^53 - 1';
  if (code === 'bad-zone') return 'names of time zones';
  if (code === 'unknown-name' && /^(?:bool|dyn|int|uint|double|null_type|string|bytes|list|map|type|google\.protobuf\.\w+)$/.test(expr)) return 'types as values';
  if (code === 'unknown-function' && suite === 'string_ext') return 'further string functions (extension)';
  if (code === 'unknown-name' && suite === 'string_ext') return 'further string functions (extension)';
  if (code === 'syntax-error' && /google\.protobuf|TestAllTypes|\{/.test(expr)) return 'protobuf messages';
  if (code === 'syntax-error' && /(?:^|[^\w)])\.\d/.test(expr)) return 'a decimal number without its first digit (.5)';
  if (code === 'syntax-error' && suite === 'fields' && expr.includes('`')) return 'names in backquotes';
  if (code === 'syntax-error' && suite === 'string_ext') return 'further string functions (extension)';
  return null;
}

/** Cases that are evaluated and give something else, each with its reason. */
const NAMED: ReadonlyMap<string, string> = new Map([
  ["string(timestamp('9999-12-31T23:59:59.999999999Z'))", 'timestamps finer than a millisecond'],
  ["timestamp('0001-01-01T00:00:00Z') + duration('-1ns')", 'timestamps finer than a millisecond'],
  ["timestamp('9999-12-31T23:59:59.999999999Z') + duration('1ns')", 'timestamps finer than a millisecond'],
]);

interface ProtoValue { readonly [kind: string]: unknown }

function decode(value: ProtoValue): CelValue {
  const [[kind, content]] = Object.entries(value) as [[string, unknown]];
  switch (kind) {
    case 'listValue': return ((content as { values?: ProtoValue[] }).values ?? []).map(decode);
    case 'nullValue': return null;
    case 'int64Value': return Number(content);
    case 'doubleValue': return Number(content);
    case 'objectValue': return momentOf(content as Record<string, string>);
    default: return content as CelValue;
  }
}

/** Timestamps and durations of the suite, as milliseconds. */
function momentOf(message: Record<string, string>): CelValue {
  const text = message.value as string;
  if (String(message['@type']).endsWith('Timestamp')) return Date.parse(text);
  return String(message['@type']).endsWith('Duration') ? Number(text.slice(0, -1)) * 1000 : `unknown ${JSON.stringify(message)}`;
}

const PRIMITIVES: Readonly<Record<string, string>> = { INT64: 'int', DOUBLE: 'double', STRING: 'string', BOOL: 'bool' };

it('[CK10] passes the cel-spec suite for the offered subset, every exclusion named', () => {
  const passed = new Map<string, number>();
  const excluded = new Map<string, number>();
  const wrong: string[] = [];
  const count = (map: Map<string, number>, key: string): void => { map.set(key, (map.get(key) ?? 0) + 1); };
  for (const test of casesOf(tests, '')) {
    const whole = SUITES.get(test.suite);
    if (whole !== undefined) {
      count(excluded, whole);
      continue;
    }
    const wantsError = test.original.evalError !== undefined;
    const checked = checkExpression(test.expr, { schema, stages: [], hasEvent: false });
    if (!checked.ok) {
      const [issue] = checked.issues as [(typeof checked.issues)[0]];
      const reason = reasonOf(test, issue.code, issue.message);
      if (wantsError && reason === null) count(passed, test.suite);
      else if (reason !== null) count(excluded, reason);
      else wrong.push(`${test.suite}: ${test.expr} -> refused: ${issue.code} ${issue.message}`);
      continue;
    }
    if (NAMED.has(test.expr)) {
      count(excluded, NAMED.get(test.expr) as string);
      continue;
    }
    const typed = test.original.typedResult as { result?: ProtoValue; deducedType?: { primitive?: string } } | undefined;
    const primitive = PRIMITIVES[typed?.deducedType?.primitive ?? ''];
    if (primitive !== undefined && primitive !== typeName(checked.expression.type)) wrong.push(`${test.expr} -> type ${typeName(checked.expression.type)}, wanted ${primitive}`);
    const wanted = (test.original.value ?? typed?.result) as ProtoValue | undefined;
    try {
      const value = compileValue(checked.expression, { stages: [] })(eventContext(columns));
      const right = wantsError ? undefined : wanted === undefined ? (typed === undefined ? true : value) : decode(wanted);
      if (!wantsError && Object.is(JSON.stringify(value), JSON.stringify(right))) count(passed, test.suite);
      else wrong.push(`${test.suite}: ${test.expr} -> ${JSON.stringify(value)}, wanted ${wantsError ? 'an error' : JSON.stringify(right)}`);
    } catch (error) {
      if (wantsError && error instanceof EvaluationError) count(passed, test.suite);
      else wrong.push(`${test.suite}: ${test.expr} -> ${String(error)}, wanted ${JSON.stringify(wanted)}`);
    }
  }
  const sum = (map: ReadonlyMap<string, number>): number => [...map.values()].reduce((a, b) => a + b, 0);
  const lines = [
    `cel-spec: ${sum(passed)} passed, ${sum(excluded)} excluded, ${wrong.length} wrong`,
    `  passed by suite: ${[...passed].map(([suite, n]) => `${suite} ${n}`).join(', ')}`,
    ...[...excluded].sort((a, b) => b[1] - a[1]).map(([reason, n]) => `  excluded ${String(n).padStart(4)}: ${reason}`),
  ];
  console.log(lines.join('\n'));
  expect(wrong).toEqual([]);
  expect(sum(passed)).toBeGreaterThan(500);
});
