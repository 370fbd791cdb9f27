/**
 * What deploying can answer, as data: started, warnings to accept, errors that stand in the way, a newer draft.
 * One place for the rules, used by the Design bar, the Live page and the jobs table alike.
 */
import type { Issue, JobSummary } from '@tidemark/protocol';
import { call } from '../api/client.ts';
import { ApiError } from '../api/problem.ts';

export type DeployOutcome =
  | { readonly kind: 'started'; readonly job: JobSummary; readonly version: number }
  /** Valid, but the person is asked once. */
  | { readonly kind: 'warnings'; readonly issues: readonly Issue[] }
  | { readonly kind: 'errors'; readonly issues: readonly Issue[] }
  | { readonly kind: 'newer' }
  | { readonly kind: 'failed'; readonly error: unknown };

export async function deployDraft(projectId: string, revision: number, acceptWarnings: boolean): Promise<DeployOutcome> {
  try {
    const { job, version } = await call('deploy', { params: { projectId }, body: { revision, acceptWarnings } });
    return { kind: 'started', job, version: version.number };
  } catch (error) {
    return outcomeOfError(error);
  }
}

export function outcomeOfError(error: unknown): DeployOutcome {
  if (!(error instanceof ApiError)) return { kind: 'failed', error };
  if (error.status === 409) return { kind: 'newer' };
  if (error.status !== 422 || error.issues.length === 0) return { kind: 'failed', error };
  const errors = error.issues.filter((issue) => issue.severity === 'error');
  return errors.length > 0 ? { kind: 'errors', issues: errors } : { kind: 'warnings', issues: error.issues };
}
