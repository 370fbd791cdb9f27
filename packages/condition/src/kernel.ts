/**
 * Column kernels: one condition over many rows at once, a byte a row.
 *
 * Rules (SPEC.md, KN1 …): out[row] is 0 false, 1 true, 2 evaluation error; equal to what the closures give for the row.
 * Shape   a kernel works on up to CHUNK rows; inner results lie in scratch columns of that size, allocated once.
 *         Whatever reads one string field and nothing else becomes a table code -> result: evaluated once for each
 *         distinct text of a dictionary, grown as the dictionary grows, whatever the expression is.
 *         && and || combine bytes; parts that have no kernel run row by row, and only where the others left a doubt.
 * Not here: conditions that read stages (program.ts; split.ts takes the part that reads none).
 * Source  column-at-a-time predicates: Boncz, Zukowski & Nes, "MonetDB/X100", CIDR 2005.
 */
import { invariant } from '@tidemark/core';
import { type Column, type ColumnSet, type Dictionary, type EventSchema, fieldIndex } from '@tidemark/event';
import type { CheckedCondition } from './check.ts';
import { Compiler, enter, newFrame } from './closure.ts';
import { EVALUATION_BUDGET, type EvaluationContext, eventContext } from './context.ts';
import { CostExceeded } from './evaluation-error.ts';
import { type Expression, walk } from './expression.ts';
import { geoKm } from './geo.ts';
import { slotsOf } from './program.ts';

/**
 * Writes 0, 1 or 2 to out[row] for each row in [from, to) of the batch.
 * Throws CostExceeded, with the row, where a list macro over a written list or a long text costs too much, and nothing else.
 */
export type ColumnKernel = (batch: ColumnSet, from: number, to: number, out: Uint8Array) => void;

const CHUNK = 1024;

/** Rows [from, from + n) to out[at, at + n). */
type BoolKernel = (batch: ColumnSet, from: number, n: number, out: Uint8Array, at: number) => void;
/** Values to values[0, n), 1 to errors[i] where there is none (errors are set, never cleared). */
type NumberKernel = (batch: ColumnSet, from: number, n: number, values: Float64Array, errors: Uint8Array) => void;

type NumberColumn = Extract<Column, { kind: 'double' | 'int' }>;
type BoolColumn = Extract<Column, { kind: 'bool' }>;
type StringColumn = Extract<Column, { kind: 'string' }>;

/**
 * Compiles a condition that reads no stage. `budget` is the cost that one row may have.
 * Errors  InvariantViolation where it reads one, or was checked against a schema with other fields.
 */
export function compileKernel(condition: CheckedCondition, schema: EventSchema, budget = EVALUATION_BUDGET): ColumnKernel {
  invariant(condition.stages.length === 0, `the condition reads stages: ${condition.stages.join(', ')}`);
  walk(condition.expression, (node) => {
    if (node.kind === 'field') invariant(fieldIndex(schema, node.name) === node.field, `the schema has no ${node.name} at ${node.field}`);
  });
  const kernel = new KernelCompiler(schema, budget).bool(condition.expression);
  return (batch, from, to, out) => {
    for (let start = from; start < to; start += CHUNK) kernel(batch, start, Math.min(CHUNK, to - start), out, start);
  };
}

class KernelCompiler {
  readonly #schema: EventSchema;
  readonly #budget: number;

  constructor(schema: EventSchema, budget: number) {
    this.#schema = schema;
    this.#budget = budget;
  }

  bool(node: Expression): BoolKernel {
    const reads = readsOf(node);
    if (reads.fields.size === 0 && !reads.macro) return constant(node, this.#budget);
    const [only] = reads.fields;
    if (reads.fields.size === 1 && !reads.macro && this.#schema.fields[only as number]?.type === 'string') return dictionaryKernel(node, only as number, this.#budget);
    switch (node.kind) {
      case 'and': return this.#logic(node.parts, false);
      case 'or': return this.#logic(node.parts, true);
      case 'not': return inverted(this.bool(node.operand));
      case 'field': return boolField(node.field);
      case 'has': return present(node.field);
      case 'binary': return this.#comparison(node) ?? rowByRow(node, this.#budget);
      case 'conditional': return reads.macro ? rowByRow(node, this.#budget) : this.#conditional(node);
      default: return rowByRow(node, this.#budget);
    }
  }

  /** `decisive` 1: ||. Parts on one string field share one table; parts without a kernel come last, and only where needed. */
  #logic(parts: readonly Expression[], decisive: boolean): BoolKernel {
    const kernels: BoolKernel[] = [];
    const slow: Expression[] = [];
    const byField = new Map<number, Expression[]>();
    for (const part of parts) {
      const { fields, macro } = readsOf(part);
      const [only] = fields;
      if (fields.size === 1 && !macro && this.#schema.fields[only as number]?.type === 'string') {
        const group = byField.get(only as number);
        if (group) group.push(part);
        else byField.set(only as number, [part]);
      } else if (this.#covered(part)) kernels.push(this.bool(part));
      else slow.push(part);
    }
    for (const [field, group] of byField) {
      const [first] = group as [Expression];
      kernels.push(dictionaryKernel(group.length === 1 ? first : { ...first, kind: decisive ? 'or' : 'and', parts: group } as Expression, field, this.#budget));
    }
    const table = decisive ? OR : AND;
    const scratch = new Uint8Array(CHUNK);
    const [head, ...rest] = kernels;
    const doubt = slow.length === 0 ? null : joined(slow, decisive, this.#budget);
    const decided = decisive ? 1 : 0;
    return (batch, from, n, out, at) => {
      if (head === undefined) out.fill(1 - decided, at, at + n);
      else head(batch, from, n, out, at);
      for (let k = 0; k < rest.length; k++) {
        (rest[k] as BoolKernel)(batch, from, n, scratch, 0);
        for (let i = 0; i < n; i++) out[at + i] = table[((out[at + i] as number) << 2) | (scratch[i] as number)] as number;
      }
      if (doubt === null) return;
      for (let i = 0; i < n; i++) {
        const known = out[at + i] as number;
        if (known !== decided) out[at + i] = table[(known << 2) | doubt(batch, from + i)] as number;
      }
    };
  }

  /** Whether the whole of it runs column by column. */
  #covered(node: Expression): boolean {
    const { fields, macro } = readsOf(node);
    if (macro) return false;
    const [only] = fields;
    if (fields.size === 0 || (fields.size === 1 && this.#schema.fields[only as number]?.type === 'string')) return true;
    switch (node.kind) {
      case 'field':
      case 'has': return true;
      case 'and':
      case 'or': return node.parts.every((part) => this.#covered(part));
      case 'not': return this.#covered(node.operand);
      case 'conditional': return this.#covered(node.condition) && this.#covered(node.whenTrue) && this.#covered(node.whenFalse);
      case 'binary': return this.#comparison(node) !== null;
      default: return false;
    }
  }

  #conditional(node: Expression & { kind: 'conditional' }): BoolKernel {
    const [condition, then, otherwise] = [this.bool(node.condition), this.bool(node.whenTrue), this.bool(node.whenFalse)];
    const [yes, no] = [new Uint8Array(CHUNK), new Uint8Array(CHUNK)];
    return (batch, from, n, out, at) => {
      condition(batch, from, n, out, at);
      then(batch, from, n, yes, 0);
      otherwise(batch, from, n, no, 0);
      for (let i = 0; i < n; i++) {
        const chosen = out[at + i] as number;
        out[at + i] = chosen === 1 ? (yes[i] as number) : chosen === 0 ? (no[i] as number) : 2;
      }
    };
  }

  #comparison(node: Expression & { kind: 'binary' }): BoolKernel | null {
    const { operator, left, right, operands } = node;
    if (operands.kind === 'string' && (operator === '==' || operator === '!=') && isEventField(left) && isEventField(right)) {
      return sameText(left.field, right.field, operator === '==');
    }
    if (operands.kind === 'bool') {
      if (operator === 'in') return null;
      const [a, b] = [this.bool(left), this.bool(right)];
      const scratch = new Uint8Array(CHUNK);
      const compare = NUMBER_COMPARISONS[operator as keyof typeof NUMBER_COMPARISONS];
      const table = Uint8Array.from({ length: 16 }, (_, i) => ((i & 3) === 2 || i >> 2 === 2 ? 2 : compare(i >> 2, i & 3) ? 1 : 0));
      return (batch, from, n, out, at) => {
        a(batch, from, n, out, at);
        b(batch, from, n, scratch, 0);
        for (let i = 0; i < n; i++) out[at + i] = table[((out[at + i] as number) << 2) | (scratch[i] as number)] as number;
      };
    }
    if (operands.kind !== 'int' && operands.kind !== 'double') return null;
    if (operator === 'in') return this.#numberIn(left, right);
    if (isEventField(left) && right.kind === 'literal') return fieldAgainstLiteral(left.field, operator as NumberOperator, right.value as number);
    if (left.kind === 'literal' && isEventField(right)) return fieldAgainstLiteral(right.field, MIRRORED[operator as NumberOperator], left.value as number);
    if (isEventField(left) && isEventField(right)) return fieldAgainstField(left.field, right.field, operator as NumberOperator);
    const [a, b] = [this.#number(left), this.#number(right)];
    if (a === null || b === null) return null;
    const [x, y, errors] = [new Float64Array(CHUNK), new Float64Array(CHUNK), new Uint8Array(CHUNK)];
    const compare = compareInto(operator as NumberOperator);
    return (batch, from, n, out, at) => {
      errors.fill(0, 0, n);
      a(batch, from, n, x, errors);
      b(batch, from, n, y, errors);
      compare(x, y, errors, n, out, at);
    };
  }

  #numberIn(left: Expression, right: Expression): BoolKernel | null {
    if (right.kind !== 'list' || !right.items.every((item) => item.kind === 'literal')) return null;
    const value = this.#number(left);
    if (value === null) return null;
    const wanted = Float64Array.from(right.items, (item) => (item as Expression & { kind: 'literal' }).value as number);
    const known = new Set(wanted);
    const few = wanted.length <= 8;
    const [x, errors] = [new Float64Array(CHUNK), new Uint8Array(CHUNK)];
    return (batch, from, n, out, at) => {
      errors.fill(0, 0, n);
      value(batch, from, n, x, errors);
      for (let i = 0; i < n; i++) {
        const item = x[i] as number;
        let found = 0;
        if (few) {
          for (let k = 0; k < wanted.length; k++) if (wanted[k] === item) found = 1;
        } else if (known.has(item)) found = 1;
        out[at + i] = errors[i] === 1 ? 2 : found;
      }
    };
  }

  /** Null where a part has no kernel: then the whole comparison runs row by row. */
  #number(node: Expression): NumberKernel | null {
    switch (node.kind) {
      case 'literal': {
        const value = node.value as number;
        return (_batch, _from, n, values) => { values.fill(value, 0, n); };
      }
      case 'field': return node.of === null ? numberField(node.field) : null;
      case 'negate': {
        const operand = this.#number(node.operand);
        if (operand === null) return null;
        const double = node.type.kind === 'double';
        return (batch, from, n, values, errors) => {
          operand(batch, from, n, values, errors);
          for (let i = 0; i < n; i++) values[i] = double ? -(values[i] as number) : 0 - (values[i] as number);
        };
      }
      case 'binary': return this.#arithmetic(node);
      case 'conditional': {
        const { macro } = readsOf(node);
        const [then, otherwise] = [this.#number(node.whenTrue), this.#number(node.whenFalse)];
        if (macro || then === null || otherwise === null) return null;
        const condition = this.bool(node.condition);
        const chosen = new Uint8Array(CHUNK);
        const [other, thenErrors, otherErrors] = [new Float64Array(CHUNK), new Uint8Array(CHUNK), new Uint8Array(CHUNK)];
        return (batch, from, n, values, errors) => {
          condition(batch, from, n, chosen, 0);
          thenErrors.fill(0, 0, n);
          otherErrors.fill(0, 0, n);
          then(batch, from, n, values, thenErrors);
          otherwise(batch, from, n, other, otherErrors);
          for (let i = 0; i < n; i++) {
            if (chosen[i] === 1) errors[i] = (errors[i] as number) | (thenErrors[i] as number);
            else if (chosen[i] === 0) {
              values[i] = other[i] as number;
              errors[i] = (errors[i] as number) | (otherErrors[i] as number);
            } else errors[i] = 1;
          }
        };
      }
      case 'call': return this.#call(node);
      default: return null;
    }
  }

  #call(node: Expression & { kind: 'call' }): NumberKernel | null {
    switch (node.id) {
      case 'double-number':
      case 'int-int': return this.#number(node.args[0] as Expression);
      case 'int-double': return this.#mapped(node, (value) => Math.trunc(value) + 0, true);
      case 'abs': return this.#mapped(node, Math.abs, false);
      case 'geoKm': {
        const kernels = node.args.map((arg) => this.#number(arg));
        if (kernels.some((kernel) => kernel === null)) return null;
        const columns = kernels.map(() => new Float64Array(CHUNK));
        const [lat1, lon1, lat2, lon2] = columns as [Float64Array, Float64Array, Float64Array, Float64Array];
        return (batch, from, n, values, errors) => {
          for (let k = 0; k < 4; k++) (kernels[k] as NumberKernel)(batch, from, n, columns[k] as Float64Array, errors);
          for (let i = 0; i < n; i++) values[i] = geoKm(lat1[i] as number, lon1[i] as number, lat2[i] as number, lon2[i] as number);
        };
      }
      default: return null;
    }
  }

  #mapped(node: Expression & { kind: 'call' }, map: (value: number) => number, checked: boolean): NumberKernel | null {
    const operand = this.#number(node.args[0] as Expression);
    if (operand === null) return null;
    return (batch, from, n, values, errors) => {
      operand(batch, from, n, values, errors);
      for (let i = 0; i < n; i++) {
        const value = map(values[i] as number);
        values[i] = value;
        if (checked && !Number.isSafeInteger(value)) errors[i] = 1;
      }
    };
  }

  #arithmetic(node: Expression & { kind: 'binary' }): NumberKernel | null {
    const { operator, operands } = node;
    if (operands.kind !== 'int' && operands.kind !== 'double') return null;
    const [left, right] = [this.#number(node.left), this.#number(node.right)];
    if (left === null || right === null) return null;
    const y = new Float64Array(CHUNK);
    const combine = operands.kind === 'double' ? combineDoubles(operator) : combineInts(operator);
    return (batch, from, n, values, errors) => {
      left(batch, from, n, values, errors);
      right(batch, from, n, y, errors);
      combine(values, y, errors, n);
    };
  }
}

// ── leaves ───────────────────────────────────────────────────────────────────────────────────────────────────────

interface Reads {
  readonly fields: ReadonlySet<number>;
  /** A list macro: its cost is not bounded by the text, so it is never tabulated. */
  readonly macro: boolean;
}

function readsOf(node: Expression): Reads {
  const fields = new Set<number>();
  let macro = false;
  walk(node, (inner) => {
    if (inner.kind === 'field' || inner.kind === 'has') fields.add(inner.field);
    if (inner.kind === 'macro') macro = true;
  });
  return { fields, macro };
}

const isEventField = (node: Expression): node is Expression & { kind: 'field' } => node.kind === 'field' && node.of === null;

/** AND[left << 2 | right], with 2 = error absorbed by a decisive side. */
const AND = Uint8Array.from({ length: 16 }, (_, i) => ((i & 3) === 0 || i >> 2 === 0 ? 0 : (i & 3) === 1 && i >> 2 === 1 ? 1 : 2));
const OR = Uint8Array.from({ length: 16 }, (_, i) => ((i & 3) === 1 || i >> 2 === 1 ? 1 : (i & 3) === 0 && i >> 2 === 0 ? 0 : 2));
const NOT = Uint8Array.of(1, 0, 2, 2);

function inverted(operand: BoolKernel): BoolKernel {
  return (batch, from, n, out, at) => {
    operand(batch, from, n, out, at);
    for (let i = at; i < at + n; i++) out[i] = NOT[out[i] as number] as number;
  };
}

function boolField(field: number): BoolKernel {
  return (batch, from, n, out, at) => {
    const { values, present: there } = batch.columns[field] as BoolColumn;
    for (let i = 0; i < n; i++) out[at + i] = there[from + i] === 0 ? 2 : (values[from + i] as number);
  };
}

function present(field: number): BoolKernel {
  return (batch, from, n, out, at) => {
    const { present: there } = batch.columns[field] as Column;
    for (let i = 0; i < n; i++) out[at + i] = there[from + i] as number;
  };
}

/** One row at a time through the closures. */
function rowTest(node: Expression, budget: number): (batch: ColumnSet, row: number) => number {
  const test = new Compiler({ stages: [] }).bool(node);
  const frame = newFrame(slotsOf(node));
  let context: EvaluationContext | null = null;
  return (batch, row) => {
    context ??= eventContext(batch);
    context.batch = batch;
    context.retained = batch;
    context.row = row;
    context.budget = budget;
    enter(frame, context);
    try {
      const value = test(frame);
      return frame.fault !== null ? 2 : value ? 1 : 0;
    } catch (error) {
      throw error instanceof CostExceeded ? costAt(error, row) : error;
    }
  };
}

function costAt(error: CostExceeded, row: number): CostExceeded {
  return new CostExceeded({ code: error.code, message: error.message, start: error.start, end: error.end, values: error.values }, row, { cause: error });
}

function rowByRow(node: Expression, budget: number): BoolKernel {
  const test = rowTest(node, budget);
  return (batch, from, n, out, at) => {
    for (let i = 0; i < n; i++) out[at + i] = test(batch, from + i);
  };
}

function joined(parts: readonly Expression[], decisive: boolean, budget: number): (batch: ColumnSet, row: number) => number {
  const [first] = parts as [Expression];
  return rowTest(parts.length === 1 ? first : { ...first, kind: decisive ? 'or' : 'and', parts } as Expression, budget);
}

/** Reads no field: one answer for all rows. */
function constant(node: Expression, budget: number): BoolKernel {
  const test = rowTest(node, budget);
  let answer = -1;
  return (batch, from, n, out, at) => {
    if (answer < 0) answer = test(batch, from);
    out.fill(answer, at, at + n);
  };
}

/**
 * Table of a dictionary: table[code + 1] is the answer for that text, table[0] that for an absent field. Grown when the
 * dictionary has grown. Kept for each dictionary as long as that lives: channels have dictionaries of their own.
 */
function dictionaryKernel(node: Expression, field: number, budget: number): BoolKernel {
  const test = rowTest(node, budget);
  const tables = new WeakMap<Dictionary, Table>();
  let last: Dictionary | null = null;
  let table: Table = { answers: new Uint8Array(0), known: 0, costly: new Map() };
  // One row, whose column carries the code that is asked about.
  const codes = new Int32Array(1);
  const there = new Uint8Array(1);
  const grow = (dictionary: Dictionary): void => {
    const needed = dictionary.size + 1;
    if (table.answers.length < needed) {
      const wider = new Uint8Array(Math.max(needed, table.answers.length * 2, 64));
      wider.set(table.answers);
      table.answers = wider;
    }
    const columns: Column[] = [];
    columns[field] = { kind: 'string', codes, present: there, dictionary };
    const row: ColumnSet = { schema: NO_SCHEMA, columns, time: NO_TIME };
    for (; table.known < needed; table.known++) {
      codes[0] = table.known - 1;
      there[0] = table.known === 0 ? 0 : 1;
      try {
        table.answers[table.known] = test(row, 0);
      } catch (error) {
        // A text costs too much once a row has it: a dictionary holds more than this batch reads.
        if (!(error instanceof CostExceeded)) throw error;
        table.costly.set(table.known - 1, error);
      }
    }
  };
  return (batch, from, n, out, at) => {
    const column = batch.columns[field] as StringColumn;
    const { dictionary, codes: found } = column;
    if (dictionary !== last) {
      table = tables.get(dictionary) ?? { answers: new Uint8Array(0), known: 0, costly: new Map() };
      tables.set(dictionary, table);
      last = dictionary;
    }
    if (table.known <= dictionary.size) grow(dictionary);
    const { answers, costly } = table;
    for (const [code, error] of costly) {
      const row = found.indexOf(code, from);
      if (row !== -1 && row < from + n) throw costAt(error, row);
    }
    for (let i = 0; i < n; i++) out[at + i] = answers[(found[from + i] as number) + 1] as number;
  };
}

interface Table {
  answers: Uint8Array;
  /** How many entries of `answers` are filled. */
  known: number;
  /** Texts, by code, whose answer costs too much. */
  readonly costly: Map<number, CostExceeded>;
}

const NO_SCHEMA: EventSchema = { fields: [], time: { field: '', format: 'epoch-ms' } };
const NO_TIME = new Float64Array(1);

function sameText(left: number, right: number, wanted: boolean): BoolKernel {
  return (batch, from, n, out, at) => {
    const [a, b] = [batch.columns[left] as StringColumn, batch.columns[right] as StringColumn];
    const shared = a.dictionary === b.dictionary;
    for (let i = 0; i < n; i++) {
      const row = from + i;
      const [x, y] = [a.codes[row] as number, b.codes[row] as number];
      if (x < 0 || y < 0) out[at + i] = 2;
      else out[at + i] = (shared ? x === y : a.dictionary.text(x) === b.dictionary.text(y)) === wanted ? 1 : 0;
    }
  };
}

type NumberOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';
const MIRRORED: Readonly<Record<NumberOperator, NumberOperator>> = { '==': '==', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };
const NUMBER_COMPARISONS: Readonly<Record<NumberOperator, (left: number, right: number) => boolean>> = {
  '==': (a, b) => a === b, '!=': (a, b) => a !== b, '<': (a, b) => a < b, '<=': (a, b) => a <= b, '>': (a, b) => a > b, '>=': (a, b) => a >= b,
};

/** A loop of its own for each operator: a comparison passed as a function would be called for each row. */
function fieldAgainstLiteral(field: number, operator: NumberOperator, literal: number): BoolKernel {
  const columnOf = (batch: ColumnSet): NumberColumn => batch.columns[field] as NumberColumn;
  switch (operator) {
    case '==': return (batch, from, n, out, at) => {
      const { values, present: there } = columnOf(batch);
      for (let i = 0; i < n; i++) out[at + i] = there[from + i] === 0 ? 2 : (values[from + i] as number) === literal ? 1 : 0;
    };
    case '!=': return (batch, from, n, out, at) => {
      const { values, present: there } = columnOf(batch);
      for (let i = 0; i < n; i++) out[at + i] = there[from + i] === 0 ? 2 : (values[from + i] as number) === literal ? 0 : 1;
    };
    case '<': return (batch, from, n, out, at) => {
      const { values, present: there } = columnOf(batch);
      for (let i = 0; i < n; i++) out[at + i] = there[from + i] === 0 ? 2 : (values[from + i] as number) < literal ? 1 : 0;
    };
    case '<=': return (batch, from, n, out, at) => {
      const { values, present: there } = columnOf(batch);
      for (let i = 0; i < n; i++) out[at + i] = there[from + i] === 0 ? 2 : (values[from + i] as number) <= literal ? 1 : 0;
    };
    case '>': return (batch, from, n, out, at) => {
      const { values, present: there } = columnOf(batch);
      for (let i = 0; i < n; i++) out[at + i] = there[from + i] === 0 ? 2 : (values[from + i] as number) > literal ? 1 : 0;
    };
    default: return (batch, from, n, out, at) => {
      const { values, present: there } = columnOf(batch);
      for (let i = 0; i < n; i++) out[at + i] = there[from + i] === 0 ? 2 : (values[from + i] as number) >= literal ? 1 : 0;
    };
  }
}

function fieldAgainstField(left: number, right: number, operator: NumberOperator): BoolKernel {
  const compare = compareInto(operator);
  const errors = new Uint8Array(CHUNK);
  return (batch, from, n, out, at) => {
    const [a, b] = [batch.columns[left] as NumberColumn, batch.columns[right] as NumberColumn];
    for (let i = 0; i < n; i++) errors[i] = 1 - ((a.present[from + i] as number) & (b.present[from + i] as number));
    compare(a.values.subarray(from, from + n), b.values.subarray(from, from + n), errors, n, out, at);
  };
}

type CompareInto = (x: Float64Array, y: Float64Array, errors: Uint8Array, n: number, out: Uint8Array, at: number) => void;

function compareInto(operator: NumberOperator): CompareInto {
  switch (operator) {
    case '==': return (x, y, errors, n, out, at) => { for (let i = 0; i < n; i++) out[at + i] = errors[i] === 1 ? 2 : (x[i] as number) === (y[i] as number) ? 1 : 0; };
    case '!=': return (x, y, errors, n, out, at) => { for (let i = 0; i < n; i++) out[at + i] = errors[i] === 1 ? 2 : (x[i] as number) === (y[i] as number) ? 0 : 1; };
    case '<': return (x, y, errors, n, out, at) => { for (let i = 0; i < n; i++) out[at + i] = errors[i] === 1 ? 2 : (x[i] as number) < (y[i] as number) ? 1 : 0; };
    case '<=': return (x, y, errors, n, out, at) => { for (let i = 0; i < n; i++) out[at + i] = errors[i] === 1 ? 2 : (x[i] as number) <= (y[i] as number) ? 1 : 0; };
    case '>': return (x, y, errors, n, out, at) => { for (let i = 0; i < n; i++) out[at + i] = errors[i] === 1 ? 2 : (x[i] as number) > (y[i] as number) ? 1 : 0; };
    default: return (x, y, errors, n, out, at) => { for (let i = 0; i < n; i++) out[at + i] = errors[i] === 1 ? 2 : (x[i] as number) >= (y[i] as number) ? 1 : 0; };
  }
}

function numberField(field: number): NumberKernel {
  return (batch, from, n, values, errors) => {
    const column = batch.columns[field] as NumberColumn;
    for (let i = 0; i < n; i++) {
      values[i] = column.values[from + i] as number;
      errors[i] = (errors[i] as number) | (1 - (column.present[from + i] as number));
    }
  };
}

type Combine = (x: Float64Array, y: Float64Array, errors: Uint8Array, n: number) => void;

function combineDoubles(operator: string): Combine {
  switch (operator) {
    case '+': return (x, y, _errors, n) => { for (let i = 0; i < n; i++) x[i] = (x[i] as number) + (y[i] as number); };
    case '-': return (x, y, _errors, n) => { for (let i = 0; i < n; i++) x[i] = (x[i] as number) - (y[i] as number); };
    case '*': return (x, y, _errors, n) => { for (let i = 0; i < n; i++) x[i] = (x[i] as number) * (y[i] as number); };
    default: return (x, y, _errors, n) => { for (let i = 0; i < n; i++) x[i] = (x[i] as number) / (y[i] as number); };
  }
}

/** Ints are safe integers: a result beyond them is an error, as is a division by zero. */
function combineInts(operator: string): Combine {
  const loop = (combine: (a: number, b: number) => number): Combine => (x, y, errors, n) => {
    for (let i = 0; i < n; i++) {
      const value = combine(x[i] as number, y[i] as number);
      if (Number.isSafeInteger(value)) x[i] = value + 0;
      else {
        x[i] = 0;
        errors[i] = 1;
      }
    }
  };
  switch (operator) {
    case '+': return loop((a, b) => a + b);
    case '-': return loop((a, b) => a - b);
    case '*': return loop((a, b) => a * b);
    // Zero as divisor gives NaN or an infinity, which is no integer.
    case '/': return loop((a, b) => Math.trunc(a / b));
    default: return loop((a, b) => a % b);
  }
}

