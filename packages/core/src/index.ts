export type { Brand } from './brand.ts';
export { type Clock, type EventTime, type ProcessingTime, WATERMARK_MAX, WATERMARK_MIN, eventTime } from './time.ts';
export {
  type Attempt, type CheckpointId, type Epoch, type JobId, type WorkerId,
  attempt, checkpointId, epoch, jobId, workerId,
} from './ids.ts';
export { InvariantViolation, invariant, unreachable } from './invariant.ts';
export { JobFault, type JobFaultPlace } from './job-fault.ts';
export { ByteReader, ByteWriter, type TypedArray } from './bytes.ts';
export { type FileSystem, type WritableFile, errorCode } from './file-system.ts';
export { GENERATOR_NAMES, type GeneratorName, isGeneratorName } from './generator-name.ts';
export type { Hash } from './hash.ts';
