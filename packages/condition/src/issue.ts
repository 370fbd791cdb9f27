/**
 * What the checker says about a condition or an output text. Data, all at once, with places.
 *
 * Shape   start and end are offsets in UTF-16 units into the text that was checked; `code` is stable, kebab-case, and
 *         translations hang on it with `values`; `message` is one complete English sentence; `fix` says what to do.
 * Not here: faults of an evaluation (evaluation-error.ts), issues of a document (pattern).
 */
export interface ConditionIssue {
  readonly code: ConditionIssueCode;
  readonly message: string;
  readonly start: number;
  readonly end: number;
  readonly values: Readonly<Record<string, string | number>>;
  readonly fix: string | null;
}

/** Refusals first, then notes (`Checked.notes`), which refuse nothing. */
export type ConditionIssueCode =
  | 'text-empty' | 'text-too-long' | 'too-deep' | 'syntax-error' | 'single-equals' | 'word-operator' | 'chained-comparison'
  | 'unknown-field' | 'unknown-name' | 'unknown-stage' | 'unknown-function' | 'not-offered'
  | 'wrong-argument-count' | 'wrong-argument-type' | 'operands-do-not-fit' | 'branches-do-not-fit' | 'not-bool'
  | 'mixed-list' | 'empty-list-element' | 'not-a-list' | 'list-has-no-field' | 'no-fields' | 'index-not-int'
  | 'event-as-value' | 'event-not-readable' | 'event-not-printable' | 'compare-with-null' | 'has-needs-field' | 'stage-needs-name'
  | 'bad-variable' | 'bad-pattern' | 'pattern-not-literal' | 'bad-timestamp' | 'bad-duration' | 'bad-zone' | 'int-out-of-range'
  | 'unclosed-brace' | 'stray-brace' | 'empty-placeholder'
  | 'int-literal-as-double' | 'int-as-double' | 'optional-field-unguarded';
