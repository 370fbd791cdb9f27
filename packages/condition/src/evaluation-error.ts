/**
 * What can go wrong while a condition is evaluated: the data's fault, not the text's (those are issues).
 *
 * Always  a Fault is made once, when the expression is compiled, and handed round as a value: evaluating allocates nothing.
 *         `&&` and `||` absorb it as CEL says; an EvaluationError is made and thrown only at the very end.
 */
export interface Fault {
  readonly code: FaultCode;
  readonly message: string;
  /** Range in the condition's text. */
  readonly start: number;
  readonly end: number;
  readonly values: Readonly<Record<string, string | number>>;
}

export type FaultCode =
  | 'absent-field' | 'index-out-of-range' | 'empty-list' | 'division-by-zero' | 'int-overflow' | 'bad-conversion'
  | 'text-too-long' | 'timestamp-out-of-range' | 'cost-exceeded';

/** An evaluation had no result. Carries the code, the range in the text and the values of the sentence. */
export class EvaluationError extends Error {
  override readonly name: string = 'EvaluationError';
  readonly code: FaultCode;
  readonly start: number;
  readonly end: number;
  readonly values: Readonly<Record<string, string | number>>;

  constructor(fault: Fault, options?: ErrorOptions) {
    super(fault.message, options);
    this.code = fault.code;
    this.start = fault.start;
    this.end = fault.end;
    this.values = fault.values;
  }
}

/** The budget of an evaluation ran out. Thrown at once and never absorbed: going on is what it forbids. */
export class CostExceeded extends EvaluationError {
  override readonly name: string = 'CostExceeded';
  /** Row of the batch, where a kernel was at work; null from programs, whose caller knows it. */
  readonly row: number | null;

  constructor(fault: Fault, row: number | null = null, options?: ErrorOptions) {
    super(fault, options);
    this.row = row;
  }
}
