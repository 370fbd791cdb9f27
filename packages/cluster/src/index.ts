export type {
  CheckpointRecord, FaultRecord, JobEvent, JobFigures, JobHandle, JobSnapshot, JobState, RecoveryRecord, StageCounters, WorkerRecord,
} from './job-handle.ts';
