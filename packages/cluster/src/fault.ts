/** Whose fault an error is that is no JobFault yet. */
import { SegmentDamaged } from '@tidemark/connectors';
import { JobFault, errorCode } from '@tidemark/core';
import { CheckpointDamaged } from './checkpoint-storage.ts';

/** For what the disk refused; null for any other error. Waiting can help: space is made, a mount comes back. */
export function diskFault(error: unknown): JobFault | null {
  if (error instanceof JobFault) return null;
  const code = errorCode(error) ?? errorCode((error as { readonly cause?: unknown } | null)?.cause);
  if (code === null || !/^E[A-Z]+$/.test(code)) return null;
  return new JobFault(`the data directory cannot be used (${code})`, {
    domain: 'external', retry: 'with-backoff', code: 'disk-failed', operatorId: null, remedy: 'Check that the disk of the data directory is writable and not full.',
  }, { cause: error });
}

/**
 * For state or output that was whole when the checkpoint was chosen and is not any more; null for any other error.
 * The next try looks at the checkpoints anew: it puts this one into quarantine and takes an older one.
 */
export function damageFault(error: unknown): JobFault | null {
  if (!(error instanceof CheckpointDamaged) && !(error instanceof SegmentDamaged)) return null;
  return new JobFault(error.message, {
    domain: 'external', retry: 'with-backoff', code: 'checkpoint-damaged', operatorId: null, remedy: 'Check the disk of the data directory.',
  }, { cause: error });
}

/** Ours, and met again at every try: retrying would only hide it. */
export function internalFault(error: unknown): JobFault {
  return new JobFault(String(error), { domain: 'internal', retry: 'no-retry', code: 'internal', operatorId: null, remedy: null }, { cause: error });
}
