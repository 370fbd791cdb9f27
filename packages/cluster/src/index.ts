export type {
  CheckpointRecord, CommittedSegment, FaultRecord, JobEvent, JobFigures, JobHandle, JobSnapshot, JobState, RecoveryRecord, StageCounters,
  WorkerRecord,
} from './job-handle.ts';
export { Cluster, type ClusterOptions, type SubmitRequest } from './cluster.ts';
export type { ClusterEnvironment, Link, WorkerHost, WorkerProcess } from './environment.ts';
export type { JobSpec, JobWiring, SourcePath, WireJob } from './job-wiring.ts';
export { TaskManager, type TaskManagerOptions } from './task-manager.ts';
export type { DataNetwork, WorkerEnvironment } from './worker-environment.ts';
export { type NodeEnvironmentOptions, nodeEnvironment, nodeSha256 } from './adapters/node-environment.ts';
export { runWorker } from './adapters/run-worker.ts';
export { documentWiring, sourceShape } from './document-wiring.ts';
export { type RunLocalOptions, runLocal } from './run-local.ts';
export { decodeToWorker } from './control-message.ts';
