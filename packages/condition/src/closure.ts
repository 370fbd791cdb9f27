/**
 * Compiler from a checked expression to closures: one small function for each node, typed by what it gives.
 *
 * Rules (SPEC.md, EV1 …)
 * Always  no source text is made or evaluated; a failed node sets frame.fault and gives a value that means nothing, its
 *         parents go on with it, and only && || (which absorb), ? : and macros look at the flag. So errors cost no
 *         exception, and evaluating allocates nothing but texts that an expression builds.
 *         A list that a node builds is that node's own buffer, filled anew each time; lists inside lists are copies.
 * Not here: whole columns at once (kernel.ts), which use these closures for what has no kernel.
 */
import type { Column, ColumnSet, Dictionary } from '@tidemark/event';
import { invariant } from '@tidemark/core';
import type { CelType } from './cel-type.ts';
import type { EvaluationContext, RowList } from './context.ts';
import { CostExceeded, type Fault, type FaultCode } from './evaluation-error.ts';
import { type Expression, sizeOf } from './expression.ts';
import { geoKm } from './geo.ts';
import { durationInRange, formatDuration, formatTimestamp, parseDuration, parseTimestamp, parseZone, timestampInRange } from './moment.ts';
import { MATCHED_TEXT_LENGTH_MAX, compilePattern } from './pattern-text.ts';
import { compareTexts, lengthOf } from './text-order.ts';
import { trimmed } from './trim.ts';

/** Registers of one evaluation. One for each compiled program, reused: evaluations do not nest. */
export interface Frame {
  context: EvaluationContext;
  batch: ColumnSet;
  row: number;
  retained: ColumnSet;
  fault: Fault | null;
  /** Variables of macros by slot: rows of events, numbers, bools as 0 and 1. */
  readonly numbers: Float64Array;
  /** Variables of macros by slot: texts and lists. */
  readonly values: unknown[];
}

/** A list at run time. Elements are numbers, texts, bools, lists; of a stage: row numbers. */
export interface ListValue {
  readonly items: ArrayLike<unknown>;
  readonly length: number;
}

export type NumberFn = (frame: Frame) => number;
export type TextFn = (frame: Frame) => string;
export type BoolFn = (frame: Frame) => boolean;
export type ListFn = (frame: Frame) => ListValue;
/** Row of `retained`, or -1 after a fault. */
type EventFn = (frame: Frame) => number;

/** What the compiler must know of the scope: the number of a stage. */
export interface CompileScope {
  readonly stages: readonly string[];
}

type NumberColumn = Extract<Column, { kind: 'double' | 'int' }>;
type BoolColumn = Extract<Column, { kind: 'bool' }>;
type StringColumn = Extract<Column, { kind: 'string' }>;

/** Texts made by conditions stay below this: doubling a text in a macro must not eat the memory. */
const TEXT_LENGTH_MAX = 1_000_000;

class Buffer implements ListValue {
  items: unknown[] = [];
  length = 0;

  push(item: unknown): void {
    this.items[this.length++] = item;
  }
}

const EMPTY: ListValue = { items: [], length: 0 };

export class Compiler {
  readonly #scope: CompileScope;

  constructor(scope: CompileScope) {
    this.#scope = scope;
  }

  // ── bools ──────────────────────────────────────────────────────────────────────────────────────────────────────

  bool(node: Expression): BoolFn {
    switch (node.kind) {
      case 'literal': {
        const value = node.value === true;
        return () => value;
      }
      case 'field': return this.#boolField(node);
      case 'has': return this.#has(node);
      case 'variable': {
        const { slot } = node;
        return (f) => f.numbers[slot] === 1;
      }
      case 'and': return absorb(node.parts.map((part) => this.bool(part)), false);
      case 'or': return absorb(node.parts.map((part) => this.bool(part)), true);
      case 'not': {
        const operand = this.bool(node.operand);
        return (f) => !operand(f);
      }
      case 'binary': return this.#comparison(node);
      case 'conditional': {
        const [condition, then, otherwise] = [this.bool(node.condition), this.bool(node.whenTrue), this.bool(node.whenFalse)];
        return (f) => (f.fault !== null ? false : condition(f) ? f.fault === null && then(f) : f.fault === null && otherwise(f));
      }
      case 'index': {
        const at = this.#element(node);
        return (f) => at(f) === true;
      }
      case 'macro': return this.#quantifier(node);
      case 'call': return this.#boolCall(node);
      default: return wrongType(node, 'bool');
    }
  }

  #boolField(node: Expression & { kind: 'field' }): BoolFn {
    const { field } = node;
    const absent = absentFault(node);
    if (node.of === null) {
      return (f) => {
        const column = f.batch.columns[field] as BoolColumn;
        if (column.present[f.row] === 0) return failed(f, absent, false);
        return column.values[f.row] === 1;
      };
    }
    const of = this.#event(node.of);
    return (f) => {
      const row = of(f);
      if (row < 0) return false;
      const column = f.retained.columns[field] as BoolColumn;
      if (column.present[row] === 0) return failed(f, absent, false);
      return column.values[row] === 1;
    };
  }

  #has(node: Expression & { kind: 'has' }): BoolFn {
    const { field } = node;
    if (node.of === null) return (f) => (f.batch.columns[field] as Column).present[f.row] === 1;
    const of = this.#event(node.of);
    return (f) => {
      const row = of(f);
      return row >= 0 && (f.retained.columns[field] as Column).present[row] === 1;
    };
  }

  #boolCall(node: Expression & { kind: 'call' }): BoolFn {
    const [first, second] = node.args as [Expression, Expression];
    switch (node.id) {
      case 'startsWith': {
        const [text, part] = [this.text(first), this.text(second)];
        return (f) => {
          const [value, wanted] = [text(f), part(f)];
          this.#spend(f, wanted.length >> 8, node);
          return value.startsWith(wanted);
        };
      }
      case 'endsWith': {
        const [text, part] = [this.text(first), this.text(second)];
        return (f) => {
          const [value, wanted] = [text(f), part(f)];
          this.#spend(f, wanted.length >> 8, node);
          return value.endsWith(wanted);
        };
      }
      case 'contains': {
        const [text, part] = [this.text(first), this.text(second)];
        return (f) => {
          const value = text(f);
          this.#spend(f, value.length >> 8, node);
          return value.includes(part(f));
        };
      }
      case 'matches': {
        const text = this.text(first);
        const pattern = compilePattern((second as Expression & { kind: 'literal' }).value as string);
        invariant('found' in pattern, 'a checked pattern compiles');
        const tooLong = fault(node, 'text-too-long', `a text longer than ${MATCHED_TEXT_LENGTH_MAX} characters is not matched`, { max: MATCHED_TEXT_LENGTH_MAX });
        return (f) => {
          const value = text(f);
          if (f.fault !== null) return false;
          if (value.length > MATCHED_TEXT_LENGTH_MAX) return failed(f, tooLong, false);
          return pattern.found(value, (cost) => this.#spend(f, cost, node));
        };
      }
      case 'bool-bool': return this.bool(first);
      case 'bool-string': {
        const text = this.text(first);
        const bad = conversionFault(node, 'true or false');
        return (f) => {
          const value = text(f);
          if (['true', 'True', 'TRUE', 't', '1'].includes(value)) return true;
          return ['false', 'False', 'FALSE', 'f', '0'].includes(value) ? false : failed(f, bad, false);
        };
      }
      default: return wrongType(node, 'bool');
    }
  }

  #comparison(node: Expression & { kind: 'binary' }): BoolFn {
    const { operator, left, right, operands } = node;
    if (operator === 'in') return this.#in(node);
    switch (operands.kind) {
      case 'string': return this.#compareTexts(node);
      case 'bool': {
        const [a, b] = [this.bool(left), this.bool(right)];
        switch (operator) {
          case '==': return (f) => a(f) === b(f);
          case '!=': return (f) => a(f) !== b(f);
          case '<': return (f) => Number(a(f)) < Number(b(f));
          case '<=': return (f) => Number(a(f)) <= Number(b(f));
          case '>': return (f) => Number(a(f)) > Number(b(f));
          default: return (f) => Number(a(f)) >= Number(b(f));
        }
      }
      case 'null': {
        const equal = operator === '==';
        return () => equal;
      }
      case 'list': {
        const [a, b] = [this.list(left), this.list(right)];
        const equal = equality(operands);
        const wanted = operator === '==';
        return (f) => {
          const x = a(f);
          const y = b(f);
          return f.fault === null && (x.length === y.length && this.#spend(f, x.length, node) && equal(x, y)) === wanted;
        };
      }
      default: return this.#compareNumbers(node);
    }
  }

  #compareNumbers(node: Expression & { kind: 'binary' }): BoolFn {
    const { operator, right } = node;
    const a = this.number(node.left);
    if (right.kind === 'literal') {
      const b = right.value as number;
      switch (operator) {
        case '==': return (f) => a(f) === b;
        case '!=': return (f) => a(f) !== b;
        case '<': return (f) => a(f) < b;
        case '<=': return (f) => a(f) <= b;
        case '>': return (f) => a(f) > b;
        default: return (f) => a(f) >= b;
      }
    }
    const b = this.number(right);
    switch (operator) {
      case '==': return (f) => a(f) === b(f);
      case '!=': return (f) => a(f) !== b(f);
      case '<': return (f) => a(f) < b(f);
      case '<=': return (f) => a(f) <= b(f);
      case '>': return (f) => a(f) > b(f);
      default: return (f) => a(f) >= b(f);
    }
  }

  #compareTexts(node: Expression & { kind: 'binary' }): BoolFn {
    const { operator, left, right } = node;
    if (operator === '==' || operator === '!=') {
      const wanted = operator === '==';
      const [a, b] = [this.#textPlace(left), this.#textPlace(right)];
      if (a !== null && b !== null) return this.#sameText(node, a, b, wanted);
      const [place, literal] = a !== null ? [a, right] : [b, left];
      if (place !== null && literal.kind === 'literal') return isText(place, literal.value as string, wanted);
    }
    const [a, b] = [this.text(left), this.text(right)];
    if (operator === '==' || operator === '!=') {
      const wanted = operator === '==';
      return (f) => {
        const [x, y] = [a(f), b(f)];
        return (x.length === y.length && this.#spend(f, x.length >> 8, node) && x === y) === wanted;
      };
    }
    const compare = (f: Frame): number => {
      const [x, y] = [a(f), b(f)];
      this.#spend(f, Math.min(x.length, y.length) >> 3, node);
      return compareTexts(x, y);
    };
    switch (operator) {
      case '<': return (f) => compare(f) < 0;
      case '<=': return (f) => compare(f) <= 0;
      case '>': return (f) => compare(f) > 0;
      default: return (f) => compare(f) >= 0;
    }
  }

  /** Two fields compare by their codes where both columns share a dictionary. */
  #sameText(node: Expression, a: TextPlace, b: TextPlace, wanted: boolean): BoolFn {
    return (f) => {
      const x = a.code(f);
      const y = b.code(f);
      if (x < 0 || y < 0) return false;
      const p = a.column(f).dictionary;
      const q = b.column(f).dictionary;
      if (p === q) return (x === y) === wanted;
      const text = p.text(x);
      this.#spend(f, text.length >> 8, node);
      return (text === q.text(y)) === wanted;
    };
  }

  /** A text that is a field: its dictionary code is enough to compare it. */
  #textPlace(node: Expression): TextPlace | null {
    if (node.kind !== 'field' || node.type.kind !== 'string') return null;
    const { field } = node;
    const absent = absentFault(node);
    if (node.of === null) {
      return {
        column: (f) => f.batch.columns[field] as StringColumn,
        code: (f) => {
          const column = f.batch.columns[field] as StringColumn;
          return column.present[f.row] === 0 ? failed(f, absent, -1) : (column.codes[f.row] as number);
        },
      };
    }
    const of = this.#event(node.of);
    return {
      column: (f) => f.retained.columns[field] as StringColumn,
      code: (f) => {
        const row = of(f);
        if (row < 0) return -1;
        const column = f.retained.columns[field] as StringColumn;
        return column.present[row] === 0 ? failed(f, absent, -1) : (column.codes[row] as number);
      },
    };
  }

  #in(node: Expression & { kind: 'binary' }): BoolFn {
    const { left, right, operands } = node;
    if (right.kind === 'list' && right.items.every((item) => item.kind === 'literal')) {
      const known = new Set<unknown>(right.items.map((item) => (item as Expression & { kind: 'literal' }).value));
      switch (operands.kind) {
        case 'string': {
          const text = this.text(left);
          return (f) => known.has(text(f));
        }
        case 'bool': {
          const bool = this.bool(left);
          return (f) => known.has(bool(f));
        }
        case 'int':
        case 'double': {
          const number = this.number(left);
          return (f) => known.has(number(f));
        }
        default:
      }
    }
    const [value, list] = [this.value(left), this.list(right)];
    const equal = equality(operands);
    return (f) => {
      const wanted = value(f);
      const { items, length } = list(f);
      if (f.fault !== null) return false;
      this.#spend(f, length * (typeof wanted === 'string' ? 1 + (wanted.length >> 8) : 1), node);
      for (let i = 0; i < length; i++) if (equal(wanted, items[i])) return true;
      return false;
    };
  }

  /** exists and all absorb errors as || and && do; exists_one does not. */
  #quantifier(node: Expression & { kind: 'macro' }): BoolFn {
    const { macro } = node;
    if (isEmptyList(node.list)) {
      const value = macro === 'all';
      return () => value;
    }
    const list = this.list(node.list);
    const bind = binder(node);
    const body = this.bool(node.body);
    const weight = sizeOf(node.body);
    if (macro === 'exists_one') {
      return (f) => {
        if (f.fault !== null) return false;
        const elements = list(f);
        if (f.fault !== null) return false;
        this.#spend(f, elements.length * weight, node);
        const { items, length } = elements;
        let found = 0;
        for (let i = 0; i < length; i++) {
          bind(f, items[i]);
          if (body(f)) found++;
          if (f.fault !== null) return false;
        }
        return found === 1;
      };
    }
    const decisive = macro === 'exists';
    return (f) => {
      if (f.fault !== null) return false;
      const elements = list(f);
      if (f.fault !== null) return false;
      const { items, length } = elements;
      let first: Fault | null = null;
      for (let i = 0; i < length; i++) {
        this.#spend(f, weight, node);
        bind(f, items[i]);
        const value = body(f);
        if (f.fault !== null) {
          first ??= f.fault;
          f.fault = null;
        } else if (value === decisive) return decisive;
      }
      f.fault = first;
      return !decisive;
    };
  }

  // ── numbers ────────────────────────────────────────────────────────────────────────────────────────────────────

  number(node: Expression): NumberFn {
    switch (node.kind) {
      case 'literal': {
        const value = node.value as number;
        return () => value;
      }
      case 'field': return this.#numberField(node);
      case 'variable': {
        const { slot } = node;
        return (f) => f.numbers[slot] as number;
      }
      case 'negate': {
        const operand = this.number(node.operand);
        return node.type.kind === 'double' ? (f) => -operand(f) : (f) => 0 - operand(f);
      }
      case 'binary': return this.#arithmetic(node);
      case 'conditional': {
        const [condition, then, otherwise] = [this.bool(node.condition), this.number(node.whenTrue), this.number(node.whenFalse)];
        return (f) => {
          if (f.fault !== null) return 0;
          const chosen = condition(f) ? then : otherwise;
          return f.fault === null ? chosen(f) : 0;
        };
      }
      case 'index': {
        const at = this.#element(node);
        return (f) => {
          const value = at(f);
          return value === undefined ? 0 : (value as number);
        };
      }
      case 'call': return this.#numberCall(node);
      default: return wrongType(node, 'number');
    }
  }

  #numberField(node: Expression & { kind: 'field' }): NumberFn {
    const { field } = node;
    const absent = absentFault(node);
    if (node.of === null) {
      return (f) => {
        const column = f.batch.columns[field] as NumberColumn;
        if (column.present[f.row] === 0) return failed(f, absent, 0);
        return column.values[f.row] as number;
      };
    }
    const of = this.#event(node.of);
    return (f) => {
      const row = of(f);
      if (row < 0) return 0;
      const column = f.retained.columns[field] as NumberColumn;
      if (column.present[row] === 0) return failed(f, absent, 0);
      return column.values[row] as number;
    };
  }

  #arithmetic(node: Expression & { kind: 'binary' }): NumberFn {
    const { operator, operands } = node;
    const [a, b] = [this.number(node.left), this.number(node.right)];
    if (operands.kind === 'double') {
      switch (operator) {
        case '+': return (f) => a(f) + b(f);
        case '-': return (f) => a(f) - b(f);
        case '*': return (f) => a(f) * b(f);
        default: return (f) => a(f) / b(f);
      }
    }
    if (operands.kind === 'timestamp' || operands.kind === 'duration') {
      const out = fault(node, 'timestamp-out-of-range', 'the moment or length of time lies outside the years 1 to 9999', {});
      const inRange = node.type.kind === 'timestamp' ? timestampInRange : durationInRange;
      const sign = operator === '+' ? 1 : -1;
      return (f) => {
        const value = a(f) + sign * b(f);
        return inRange(value) ? value : failed(f, out, 0);
      };
    }
    const overflow = overflowFault(node);
    const zero = fault(node, 'division-by-zero', 'an integer is divided by zero', {});
    // `+ 0` turns -0 into 0: an int has no sign of zero.
    switch (operator) {
      case '+': return (f) => {
        const value = a(f) + b(f);
        return Number.isSafeInteger(value) ? value : failed(f, overflow, 0);
      };
      case '-': return (f) => {
        const value = a(f) - b(f);
        return Number.isSafeInteger(value) ? value : failed(f, overflow, 0);
      };
      case '*': return (f) => {
        const value = a(f) * b(f);
        return Number.isSafeInteger(value) ? value + 0 : failed(f, overflow, 0);
      };
      case '/': return (f) => {
        const x = a(f);
        const y = b(f);
        return y === 0 ? failed(f, zero, 0) : Math.trunc(x / y) + 0;
      };
      default: return (f) => {
        const x = a(f);
        const y = b(f);
        return y === 0 ? failed(f, zero, 0) : (x % y) + 0;
      };
    }
  }

  #numberCall(node: Expression & { kind: 'call' }): NumberFn {
    const [first, second, third, fourth] = node.args as [Expression, Expression, Expression, Expression];
    switch (node.id) {
      case 'size-string': {
        const text = this.text(first);
        return (f) => {
          const value = text(f);
          this.#spend(f, value.length >> 4, node);
          return lengthOf(value);
        };
      }
      case 'size-list': {
        const list = this.list(first);
        return (f) => list(f).length;
      }
      case 'double-number':
      case 'int-int':
      case 'timestamp-timestamp':
      case 'duration-duration': return this.number(first);
      case 'double-string': return this.#convert(node, 'a number', readDouble);
      case 'int-string': return this.#convert(node, 'an integer', readInt);
      case 'timestamp-string': return this.#convert(node, 'a date and time (ISO 8601)', parseTimestamp);
      case 'duration-string': return this.#convert(node, 'a length of time', parseDuration);
      case 'int-double': {
        const number = this.number(first);
        const overflow = overflowFault(node);
        return (f) => {
          const value = Math.trunc(number(f)) + 0;
          return Number.isSafeInteger(value) ? value : failed(f, overflow, 0);
        };
      }
      case 'int-timestamp': {
        const at = this.number(first);
        return (f) => Math.floor(at(f) / 1000) + 0;
      }
      case 'timestamp-int':
      case 'fromMillis': {
        const number = this.number(first);
        const scale = node.id === 'timestamp-int' ? 1000 : 1;
        const out = fault(node, 'timestamp-out-of-range', 'the moment lies outside the years 1 to 9999', {});
        return (f) => {
          const value = number(f) * scale;
          return timestampInRange(value) ? value : failed(f, out, 0);
        };
      }
      case 'toMillis': {
        const at = this.number(first);
        return (f) => Math.trunc(at(f)) + 0;
      }
      case 'abs': {
        const number = this.number(first);
        return (f) => Math.abs(number(f));
      }
      case 'geoKm': {
        const [lat1, lon1, lat2, lon2] = [this.number(first), this.number(second), this.number(third), this.number(fourth)];
        return (f) => geoKm(lat1(f), lon1(f), lat2(f), lon2(f));
      }
      case 'sum':
      case 'avg':
      case 'min':
      case 'max': return this.#aggregate(node, node.id);
      case 'durationHours': return this.#part(first, (ms) => Math.trunc(ms / 3_600_000));
      case 'durationMinutes': return this.#part(first, (ms) => Math.trunc(ms / 60_000));
      case 'durationSeconds': return this.#part(first, (ms) => Math.trunc(ms / 1000));
      case 'durationMilliseconds': return this.#part(first, (ms) => Math.trunc(ms % 1000));
      default: {
        const part = CALENDAR_PARTS[node.id as keyof typeof CALENDAR_PARTS];
        if (part === undefined) return wrongType(node, 'number');
        const offset = second === undefined ? 0 : (parseZone((second as Expression & { kind: 'literal' }).value as string) as number);
        return this.#part(first, (ms) => part(new Date(ms + offset)));
      }
    }
  }

  #part(node: Expression, part: (ms: number) => number): NumberFn {
    const at = this.number(node);
    return (f) => part(at(f)) + 0;
  }

  #convert(node: Expression & { kind: 'call' }, wanted: string, read: (text: string) => number | null): NumberFn {
    const text = this.text(node.args[0] as Expression);
    const bad = conversionFault(node, wanted);
    return (f) => {
      const given = text(f);
      this.#spend(f, given.length >> 4, node);
      const value = read(given);
      return value === null ? failed(f, bad, 0) : value;
    };
  }

  #aggregate(node: Expression & { kind: 'call' }, name: 'sum' | 'avg' | 'min' | 'max'): NumberFn {
    const argument = node.args[0] as Expression;
    const list = isEmptyList(argument) ? () => EMPTY : this.list(argument);
    const empty = fault(node, 'empty-list', `${name} of an empty list has no value`, { function: name });
    const fold = (f: Frame, step: (sum: number, item: number) => number): number => {
      const { items, length } = list(f);
      if (f.fault !== null) return 0;
      if (length === 0) return failed(f, empty, 0);
      this.#spend(f, length, node);
      let value = items[0] as number;
      for (let i = 1; i < length; i++) value = step(value, items[i] as number);
      return value;
    };
    switch (name) {
      case 'sum': return (f) => {
        const { items, length } = list(f);
        if (f.fault !== null) return 0;
        this.#spend(f, length, node);
        let sum = 0;
        for (let i = 0; i < length; i++) sum += items[i] as number;
        return sum;
      };
      case 'avg': return (f) => {
        const { items, length } = list(f);
        if (f.fault !== null) return 0;
        if (length === 0) return failed(f, empty, 0);
        this.#spend(f, length, node);
        let sum = 0;
        for (let i = 0; i < length; i++) sum += items[i] as number;
        return sum / length;
      };
      case 'min': return (f) => fold(f, Math.min);
      default: return (f) => fold(f, Math.max);
    }
  }

  // ── texts ──────────────────────────────────────────────────────────────────────────────────────────────────────

  text(node: Expression): TextFn {
    switch (node.kind) {
      case 'literal': {
        const value = node.value as string;
        return () => value;
      }
      case 'field': {
        const place = this.#textPlace(node) as TextPlace;
        return (f) => {
          const code = place.code(f);
          return code < 0 ? '' : place.column(f).dictionary.text(code);
        };
      }
      case 'variable': {
        const { slot } = node;
        return (f) => f.values[slot] as string;
      }
      case 'binary': {
        const [a, b] = [this.text(node.left), this.text(node.right)];
        const tooLong = fault(node, 'text-too-long', `a text grows beyond ${TEXT_LENGTH_MAX} characters`, { max: TEXT_LENGTH_MAX });
        return (f) => {
          const x = a(f);
          const y = b(f);
          this.#spend(f, (x.length + y.length) >> 6, node);
          return x.length + y.length > TEXT_LENGTH_MAX ? failed(f, tooLong, '') : x + y;
        };
      }
      case 'conditional': {
        const [condition, then, otherwise] = [this.bool(node.condition), this.text(node.whenTrue), this.text(node.whenFalse)];
        return (f) => {
          if (f.fault !== null) return '';
          const chosen = condition(f) ? then : otherwise;
          return f.fault === null ? chosen(f) : '';
        };
      }
      case 'index': {
        const at = this.#element(node);
        return (f) => {
          const value = at(f);
          return value === undefined ? '' : (value as string);
        };
      }
      case 'call': return this.#textCall(node);
      default: return wrongType(node, 'text');
    }
  }

  #textCall(node: Expression & { kind: 'call' }): TextFn {
    const first = node.args[0] as Expression;
    switch (node.id) {
      case 'string-string': return this.text(first);
      case 'string-number': {
        const number = this.number(first);
        return (f) => formatNumber(number(f));
      }
      case 'string-bool': {
        const bool = this.bool(first);
        return (f) => (bool(f) ? 'true' : 'false');
      }
      case 'string-timestamp': {
        const at = this.number(first);
        return (f) => formatTimestamp(at(f));
      }
      case 'string-duration': {
        const at = this.number(first);
        return (f) => formatDuration(at(f));
      }
      case 'lowerAscii': {
        const text = this.text(first);
        return (f) => {
          const value = text(f);
          this.#spend(f, value.length >> 4, node);
          return value.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
        };
      }
      case 'upperAscii': {
        const text = this.text(first);
        return (f) => {
          const value = text(f);
          this.#spend(f, value.length >> 4, node);
          return value.replaceAll(/[a-z]+/g, (letters) => letters.toUpperCase());
        };
      }
      case 'trim': {
        const text = this.text(first);
        return (f) => {
          const value = text(f);
          this.#spend(f, value.length >> 4, node);
          return trimmed(value);
        };
      }
      default: return wrongType(node, 'text');
    }
  }

  // ── events and lists ───────────────────────────────────────────────────────────────────────────────────────────

  #event(node: Expression): EventFn {
    switch (node.kind) {
      case 'variable': {
        const { slot } = node;
        return (f) => f.numbers[slot] as number;
      }
      case 'index': {
        const list = this.list(node.list);
        const out = indexFault(node);
        if (node.index.kind === 'literal') {
          const at = node.index.value as number;
          return (f) => {
            const rows = list(f);
            return at >= 0 && at < rows.length ? (rows.items[at] as number) : failed(f, out, -1);
          };
        }
        const at = this.number(node.index);
        return (f) => {
          const rows = list(f);
          const i = at(f);
          return f.fault === null && i >= 0 && i < rows.length ? (rows.items[i] as number) : failed(f, out, -1);
        };
      }
      case 'conditional': {
        const [condition, then, otherwise] = [this.bool(node.condition), this.#event(node.whenTrue), this.#event(node.whenFalse)];
        return (f) => {
          if (f.fault !== null) return -1;
          const chosen = condition(f) ? then : otherwise;
          return f.fault === null ? chosen(f) : -1;
        };
      }
      default: return wrongType(node, 'event');
    }
  }

  /** Element of a list of values; undefined after a fault. */
  #element(node: Expression & { kind: 'index' }): (frame: Frame) => unknown {
    const [list, at] = [this.list(node.list), this.number(node.index)];
    const out = indexFault(node);
    return (f) => {
      const { items, length } = list(f);
      const i = at(f);
      return f.fault === null && i >= 0 && i < length ? items[i] : failed(f, out, undefined);
    };
  }

  list(node: Expression): ListFn {
    switch (node.kind) {
      case 'stage': {
        const stage = this.#scope.stages.indexOf(node.name);
        invariant(stage >= 0, `stage ${node.name} is not in the scope that the condition is compiled in`);
        return (f): RowList => f.context.rows(stage);
      }
      case 'list': {
        const items = node.items.map((item) => this.value(item));
        if (node.items.every((item) => item.kind === 'literal')) {
          const constant = { items: node.items.map((item) => (item as Expression & { kind: 'literal' }).value), length: items.length };
          return () => constant;
        }
        const buffer = new Buffer();
        return (f) => {
          buffer.length = 0;
          for (const item of items) buffer.push(item(f));
          return buffer;
        };
      }
      case 'variable': {
        const { slot } = node;
        return (f) => f.values[slot] as ListValue;
      }
      case 'binary': {
        const [a, b] = [this.list(node.left), this.list(node.right)];
        const buffer = new Buffer();
        return (f) => {
          const x = a(f);
          const y = b(f);
          buffer.length = 0;
          if (f.fault !== null) return buffer;
          this.#spend(f, x.length + y.length, node);
          for (let i = 0; i < x.length; i++) buffer.push(x.items[i]);
          for (let i = 0; i < y.length; i++) buffer.push(y.items[i]);
          return buffer;
        };
      }
      case 'conditional': {
        const [condition, then, otherwise] = [this.bool(node.condition), this.list(node.whenTrue), this.list(node.whenFalse)];
        return (f) => {
          if (f.fault !== null) return EMPTY;
          const chosen = condition(f) ? then : otherwise;
          return f.fault === null ? chosen(f) : EMPTY;
        };
      }
      case 'index': {
        const at = this.#element(node);
        return (f) => (at(f) as ListValue | undefined) ?? EMPTY;
      }
      case 'macro': return this.#build(node);
      default: return wrongType(node, 'list');
    }
  }

  /** map and filter. Errors are fatal, as CEL says. */
  #build(node: Expression & { kind: 'macro' }): ListFn {
    if (isEmptyList(node.list)) return () => EMPTY;
    const list = this.list(node.list);
    const bind = binder(node);
    const mapping = node.macro === 'map';
    const filter = mapping ? (node.filter === null ? null : this.bool(node.filter)) : this.bool(node.body);
    const body = mapping ? this.value(node.body) : null;
    const weight = sizeOf(node.body) + (node.filter === null ? 0 : sizeOf(node.filter));
    const buffer = new Buffer();
    return (f) => {
      buffer.length = 0;
      if (f.fault !== null) return buffer;
      const elements = list(f);
      if (f.fault !== null) return buffer;
      const { items, length } = elements;
      this.#spend(f, length * weight, node);
      for (let i = 0; i < length; i++) {
        const item = items[i];
        bind(f, item);
        const kept = filter === null || filter(f);
        if (f.fault !== null) return buffer;
        if (!kept) continue;
        const value = body === null ? item : body(f);
        if (f.fault !== null) return buffer;
        buffer.push(value);
      }
      return buffer;
    };
  }

  /** A value of any type: number, text, bool, null, list. A list that goes into another list is a copy of its buffer. */
  value(node: Expression): (frame: Frame) => unknown {
    switch (node.type.kind) {
      case 'bool': return this.bool(node);
      case 'string': return this.text(node);
      case 'null': return () => null;
      case 'event': return this.#event(node);
      case 'list': {
        if (isEmptyList(node)) return () => EMPTY;
        const list = this.list(node);
        return (f) => {
          const { items, length } = list(f);
          return { items: Array.prototype.slice.call(items, 0, length) as unknown[], length };
        };
      }
      default: return this.number(node);
    }
  }

  #spend(f: Frame, cost: number, node: Expression): true {
    const { context } = f;
    context.budget -= cost;
    if (context.budget < 0) throw new CostExceeded(fault(node, 'cost-exceeded', 'the condition costs more than one evaluation may: the lists or texts that it goes over are too long', {}));
    return true;
  }
}

/** Registers for a program with so many variables. */
export function newFrame(slots: number): Frame {
  return {
    context: null as unknown as EvaluationContext, batch: null as unknown as ColumnSet, row: 0, retained: null as unknown as ColumnSet,
    fault: null, numbers: new Float64Array(slots), values: Array.from({ length: slots }, () => null),
  };
}

export function enter(frame: Frame, context: EvaluationContext): void {
  frame.context = context;
  frame.batch = context.batch;
  frame.row = context.row;
  frame.retained = context.retained;
  frame.fault = null;
}

/** Shortest text that reads back as the same number; integers without a point. */
export const formatNumber = (value: number): string => (Number.isNaN(value) ? 'NaN' : String(value));

interface TextPlace {
  readonly column: (frame: Frame) => StringColumn;
  /** Dictionary code, or -1 after a fault. */
  readonly code: (frame: Frame) => number;
}

function isText(place: TextPlace, text: string, wanted: boolean): BoolFn {
  let dictionary: Dictionary | null = null;
  let size = -1;
  let code = -1;
  return (f) => {
    const found = place.code(f);
    if (found < 0) return false;
    const own = place.column(f).dictionary;
    // A dictionary only grows: a text that was not in it may be in it now.
    if (own !== dictionary || (code < 0 && own.size !== size)) {
      dictionary = own;
      size = own.size;
      code = own.find(text);
    }
    return (found === code) === wanted;
  };
}

/** && (decisive false) and || (decisive true): an error on one side does not count where the other side decides. */
function absorb(parts: readonly BoolFn[], decisive: boolean): BoolFn {
  if (parts.length === 2) {
    const [a, b] = parts as [BoolFn, BoolFn];
    return (f) => {
      if (f.fault !== null) return !decisive;
      const x = a(f);
      if (f.fault === null) return x === decisive ? decisive : b(f);
      const first: Fault = f.fault;
      f.fault = null;
      const y = b(f);
      if (f.fault === null && y === decisive) return decisive;
      f.fault = first;
      return !decisive;
    };
  }
  return (f) => {
    if (f.fault !== null) return !decisive;
    let first: Fault | null = null;
    for (let i = 0; i < parts.length; i++) {
      const value = (parts[i] as BoolFn)(f);
      if (f.fault !== null) {
        first ??= f.fault;
        f.fault = null;
      } else if (value === decisive) return decisive;
    }
    f.fault = first;
    return !decisive;
  };
}

function binder(node: Expression & { kind: 'macro' }): (frame: Frame, item: unknown) => void {
  const { slot } = node;
  const element = node.list.type.kind === 'list' ? node.list.type.element : node.list.type;
  switch (element.kind) {
    case 'bool': return (f, item) => { f.numbers[slot] = item === true ? 1 : 0; };
    case 'string':
    case 'list':
    case 'null': return (f, item) => { f.values[slot] = item; };
    default: return (f, item) => { f.numbers[slot] = item as number; };
  }
}

function equality(type: CelType): (left: unknown, right: unknown) => boolean {
  if (type.kind !== 'list') return (left, right) => left === right;
  const inner = equality(type.element);
  return (left, right) => {
    const [x, y] = [left as ListValue, right as ListValue];
    if (x.length !== y.length) return false;
    for (let i = 0; i < x.length; i++) if (!inner(x.items[i], y.items[i])) return false;
    return true;
  };
}

const isEmptyList = (node: Expression): boolean => node.type.kind === 'list' && node.type.element.kind === 'nothing';

function failed<T>(frame: Frame, fault: Fault, value: T): T {
  frame.fault ??= fault;
  return value;
}

const fault = (node: Expression, code: FaultCode, message: string, values: Fault['values']): Fault => ({ code, message, start: node.start, end: node.end, values });

const absentFault = (node: Expression & { kind: 'field' }): Fault => fault(node, 'absent-field', `the event has no ${node.name}`, { field: node.name });
const indexFault = (node: Expression): Fault => fault(node, 'index-out-of-range', 'the list has no element at this place', {});
const overflowFault = (node: Expression): Fault => fault(node, 'int-overflow', 'an integer leaves ±(2^53 − 1), where integers are exact', {});
const conversionFault = (node: Expression, wanted: string): Fault => fault(node, 'bad-conversion', `the text is not ${wanted}`, { wanted });

function readDouble(text: string): number | null {
  const found = /^[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[Ii]nf(?:inity)?|NaN)$/.exec(text);
  if (!found) return null;
  const infinite = /^([+-]?)[Ii]nf/.exec(text);
  return infinite ? (infinite[1] === '-' ? -Infinity : Infinity) : Number(text);
}

function readInt(text: string): number | null {
  if (!/^[+-]?\d+$/.test(text)) return null;
  const value = Number(text) + 0;
  return Number.isSafeInteger(value) ? value : null;
}

const CALENDAR_PARTS = {
  getFullYear: (at: Date) => at.getUTCFullYear(),
  getMonth: (at: Date) => at.getUTCMonth(),
  getDate: (at: Date) => at.getUTCDate(),
  getDayOfMonth: (at: Date) => at.getUTCDate() - 1,
  getDayOfWeek: (at: Date) => at.getUTCDay(),
  getDayOfYear: (at: Date) => {
    const start = new Date(at);
    start.setUTCMonth(0, 1);
    start.setUTCHours(0, 0, 0, 0);
    return Math.floor((at.getTime() - start.getTime()) / 86_400_000);
  },
  getHours: (at: Date) => at.getUTCHours(),
  getMinutes: (at: Date) => at.getUTCMinutes(),
  getSeconds: (at: Date) => at.getUTCSeconds(),
  getMilliseconds: (at: Date) => at.getUTCMilliseconds(),
};

function wrongType(node: Expression, wanted: string): never {
  invariant(false, `${node.kind} does not give ${wanted}`);
}
