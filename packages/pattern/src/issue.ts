/**
 * Issues: what is wrong with a document. The user's, data, all of them at once, shown on the canvas.
 * Not here: faults of a running job (core, JobFault).
 */
export interface PatternIssue {
  /** Stable code, kebab-case; the designer's translations hang on it. */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** JSON path, e.g. `$.patterns[0].nodes[1].condition.expression`. */
  readonly path: string;
  readonly patternId: string | null;
  readonly nodeId: string | null;
  /** One English sentence, complete in itself. */
  readonly message: string;
  /** Values that the sentence is made of, for translation by code. */
  readonly values: Readonly<Record<string, string | number>>;
  /** What to do, one sentence; null where nothing general can be said. */
  readonly fix: string | null;
  /** Range in the text at `path` (CEL), where it applies: offsets in UTF-16 units. */
  readonly range: { readonly start: number; readonly end: number } | null;
  /** What Flink throws while the pattern is built or compiled, where it refuses it too. */
  readonly flink?: FlinkRefusal;
}

/** Simple class name of the exception and its message, as Flink gives them. */
export interface FlinkRefusal {
  readonly exception: 'MalformedPatternException' | 'IllegalArgumentException' | 'UnsupportedOperationException' | 'NullPointerException';
  readonly message: string;
}
