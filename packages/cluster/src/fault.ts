/** Whose fault an error is that is no JobFault yet. */
import { JobFault, errorCode } from '@tidemark/core';

/** For what the disk refused; null for any other error. Waiting can help: space is made, a mount comes back. */
export function diskFault(error: unknown): JobFault | null {
  if (error instanceof JobFault) return null;
  const code = errorCode(error) ?? errorCode((error as { readonly cause?: unknown } | null)?.cause);
  if (code === null || !/^E[A-Z]+$/.test(code)) return null;
  return new JobFault(`the data directory cannot be used (${code})`, {
    domain: 'external', retry: 'with-backoff', code: 'disk-failed', operatorId: null, remedy: 'Check that the disk of the data directory is writable and not full.',
  }, { cause: error });
}

/** Ours, and met again at every try: retrying would only hide it. */
export function internalFault(error: unknown): JobFault {
  return new JobFault(String(error), { domain: 'internal', retry: 'no-retry', code: 'internal', operatorId: null, remedy: null }, { cause: error });
}
