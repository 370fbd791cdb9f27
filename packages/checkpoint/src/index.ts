export {
  type CheckpointMetadata, type PendingOutput, type StateHandle, type TaskAck, checkpointBytes, inputPosition,
} from './completed-checkpoint.ts';
export {
  type CheckpointPlan, type CheckpointReport, type CoordinatorConfig, type CoordinatorEffect, type CoordinatorEvent, type CoordinatorState,
  type FailureReason, type PendingCheckpoint, decide, initialState,
} from './coordinator.ts';
