/** What went wrong between page and runtime, in one shape; the page shows it, nothing here decides what to do. */
import type { Draft, Issue, Problem } from '@tidemark/protocol';

export type ApiErrorKind =
  | 'network' // no answer at all
  | 'session' // 401: the cookie is missing or no longer known
  | 'problem' // problem+json of the runtime
  | 'shape'; // an answer that the protocol's schema refuses

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly kind: ApiErrorKind;
  readonly status: number;
  readonly problem: Problem | null;
  /** Given with 409 of saveDraft: the revision that exists. */
  readonly current: Draft | null;

  constructor(kind: ApiErrorKind, message: string, details: { status?: number; problem?: Problem | null; current?: Draft | null } = {}) {
    super(message);
    this.kind = kind;
    this.status = details.status ?? 0;
    this.problem = details.problem ?? null;
    this.current = details.current ?? null;
  }

  get code(): string { return this.problem?.code ?? this.kind; }
  get issues(): readonly Issue[] { return this.problem?.issues ?? []; }
}
