/**
 * The one door to the pattern language: JSON in, all issues out, and what the runtime has to know of a valid document.
 */
import { type JobDocument, type PatternIssue, type ValidatedJob, decodeDocument, validateDocument } from '@tidemark/pattern';
import type { Issue } from '@tidemark/protocol';

export interface Understood {
  readonly issues: readonly Issue[];
  /** What decoded, valid or not; null when it is no job document. */
  readonly document: JobDocument | null;
  /** Null iff an issue is an error. */
  readonly job: ValidatedJob | null;
}

/** `forDeployment`: it is to run, so it needs a source as well. */
export function understand(json: unknown, { forDeployment = false } = {}): Understood {
  const decoded = decodeDocument(json);
  if (!decoded.ok) {
    const meant = decoded.rest === null ? [] : validateDocument(decoded.rest, { forDeployment }).issues;
    return { issues: [...decoded.issues, ...meant].map(onWire), document: null, job: null };
  }
  const { issues, job } = validateDocument(decoded.document, { forDeployment });
  return { issues: issues.map(onWire), document: decoded.document, job };
}

export const onWire = ({ code, severity, path, patternId, nodeId, message, values, fix, range }: PatternIssue): Issue => ({
  code, severity, path, patternId, nodeId, message, values: { ...values }, fix, range: range === null ? null : { ...range },
});
