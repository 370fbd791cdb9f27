/**
 * The world's faults: thrown, and they say who must act and whether waiting can help.
 * Not here: PatternIssue (the user's, data on the canvas), InvariantViolation (ours).
 */
export interface JobFaultPlace {
  /** Who must act: the author of the document, an outside system or person, or we. */
  readonly domain: 'user' | 'external' | 'internal';
  readonly retry: 'no-retry' | 'with-backoff';
  /** Stable machine-readable code, kebab-case. */
  readonly code: string;
  readonly operatorId: string | null;
  /** What the person can do about it, one sentence. */
  readonly remedy: string | null;
}

export class JobFault extends Error {
  override readonly name = 'JobFault';
  readonly domain: JobFaultPlace['domain'];
  readonly retry: JobFaultPlace['retry'];
  readonly code: string;
  readonly operatorId: string | null;
  readonly remedy: string | null;

  constructor(message: string, place: JobFaultPlace, options?: ErrorOptions) {
    super(message, options);
    this.domain = place.domain;
    this.retry = place.retry;
    this.code = place.code;
    this.operatorId = place.operatorId;
    this.remedy = place.remedy;
  }
}
