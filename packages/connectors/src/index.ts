// source: replayable splits
export { type ByteSource, MemoryByteSource } from './source/byte-source.ts';
export { type FileSplitOptions, FileSplitReader } from './source/file-split-reader.ts';
export { type GeneratorSplitOptions, GeneratorSplitReader } from './source/generator-split-reader.ts';
export { type EventGenerator, type GeneratedEvent, type GeneratorOptions, generatedObject } from './source/generators/generator.ts';
export { GENERATORS } from './source/generators/registry.ts';
export { NodeByteSource } from './source/node-byte-source.ts';
export { type PollResult, type SplitReader } from './source/split-reader.ts';
export {
  SegmentDamaged, type SegmentName, SegmentWriter, type SegmentWriterOptions, committedName, isPendingName, listCommitted, parseCommittedName,
  pendingName, readCommitted, readLedger, recoverTransactions, verifyTransactions,
} from './sink/index.ts';
