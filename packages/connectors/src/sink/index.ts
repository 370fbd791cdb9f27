export { type SegmentName, committedName, isPendingName, parseCommittedName, pendingName } from './segment-name.ts';
export { SegmentWriter, type SegmentWriterOptions } from './segment-writer.ts';
export { SegmentDamaged, listCommitted, readCommitted, readLedger, recoverTransactions, verifyTransactions } from './segment-recovery.ts';
