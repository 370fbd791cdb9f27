export type {
  CheckpointRecord, CommittedSegment, FaultRecord, JobEvent, JobFigures, JobHandle, JobSnapshot, JobState, RecoveryRecord, StageCounters,
  WorkerRecord,
} from './job-handle.ts';
export { Cluster, type ClusterOptions, type SubmitRequest } from './cluster.ts';
export type { ClusterEnvironment, Link, WorkerHost, WorkerProcess } from './environment.ts';
