export {
  type Ack, type CheckpointView, type CheckpointsUpdate, type ClientToServerEvents, type FaultView, type FiguresUpdate, type JobFrame,
  type JobState, type JobStateUpdate, type JobUpdate, type MatchEventView, type MatchView, type MatchesUpdate, PROTOCOL_VERSION,
  type ProofView, type RecoveryStep, type RecoveryUpdate, type RecoveryView, type ServerToClientEvents, type StageFigures,
  type StagesUpdate, type WorkerView, type WorkersUpdate,
} from './realtime.ts';
export {
  type Draft, type DraftConflict, type Health, type Issue, type JobSummary, type MatchKind, type MatchPage, type MatchRow, type Problem,
  type Project, type ProjectSummary, type Proposal, ROUTES, type Sample, type SessionState, type Version, zCreateProject, zDeploy, zDeployed,
  zDraft, zDraftConflict, zHealth, zIssue, zJobSummary, zKillWorker, zKilled, zMatchKind, zMatchPage, zMatchRow, zProblem, zProject,
  zProjectSummary, zProposal, zSample, zSaveDraft, zSavedDraft, zSession, zSessionState, zTicket, zValidate, zValidated, zVersion,
  zVersionDocument,
} from './http.ts';
export { ENDPOINTS, type Endpoint, type RouteName, zMatchQuery, zUploadQuery } from './endpoints.ts';
