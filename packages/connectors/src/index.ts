export {
  SegmentDamaged, type SegmentName, SegmentWriter, type SegmentWriterOptions, committedName, isPendingName, listCommitted, parseCommittedName,
  pendingName, readCommitted, readLedger, recoverTransactions, verifyTransactions,
} from './sink/index.ts';
