/**
 * REST bodies under /api, as zod schemas; the OpenAPI document and the designer's client come from these.
 * Errors are problem+json (RFC 9457) with a stable `code`; a document that may not be deployed answers 422 with `issues`.
 */
import { z } from 'zod';
import { zEventSchema, zJobDocument } from '@tidemark/pattern';

export const zIssue = z.object({
  code: z.string(),
  severity: z.enum(['error', 'warning']),
  path: z.string(),
  patternId: z.string().nullable(),
  nodeId: z.string().nullable(),
  message: z.string(),
  values: z.record(z.string(), z.union([z.string(), z.number()])),
  fix: z.string().nullable(),
  range: z.object({ start: z.number(), end: z.number() }).nullable(),
}).meta({ id: 'Issue' });

export const zProblem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  code: z.string(),
  detail: z.string(),
  issues: z.array(zIssue).optional(),
}).meta({ id: 'Problem' });

export const zHealth = z.object({ status: z.literal('ok'), version: z.string(), protocolVersion: z.number(), uptimeMs: z.number(), jobs: z.number() }).meta({ id: 'Health' });

/** A draft is any JSON object: it may be invalid and is saved all the same. */
export const zDraftDocument = z.record(z.string(), z.unknown());
export const zDraft = z.object({ revision: z.number().int(), savedAt: z.number(), document: zDraftDocument }).meta({ id: 'Draft' });
export const zVersion = z.object({ number: z.number().int(), hash: z.string(), createdAt: z.number() }).meta({ id: 'Version' });

export const zJobSummary = z.object({
  id: z.string(),
  projectId: z.string(),
  name: z.string(),
  version: z.number().int(),
  versionHash: z.string(),
  state: z.enum(['CREATED', 'INITIALIZING', 'RUNNING', 'RESTARTING', 'FINISHED', 'CANCELLING', 'CANCELED', 'FAILED']),
  createdAt: z.number(),
  endedAt: z.number().nullable(),
  restarts: z.number().int(),
  eventsRead: z.number(),
  committedMatches: z.number(),
  lastCheckpoint: z.number().nullable(),
  cause: z.object({ code: z.string(), message: z.string(), remedy: z.string().nullable() }).nullable(),
  outputPath: z.string(),
}).meta({ id: 'JobSummary' });

export const zProjectSummary = z.object({
  id: z.string(), name: z.string(), updatedAt: z.number(), stages: z.number().int(), newestJob: zJobSummary.nullable(),
}).meta({ id: 'ProjectSummary' });
export const zProject = z.object({
  id: z.string(), name: z.string(), draft: zDraft, versions: z.array(zVersion), jobs: z.array(zJobSummary),
}).meta({ id: 'Project' });

export const zCreateProject = z.strictObject({ name: z.string().min(1).max(200), document: zDraftDocument }).meta({ id: 'CreateProject' });
export const zSaveDraft = z.strictObject({ baseRevision: z.number().int(), document: zDraftDocument }).meta({ id: 'SaveDraft' });
/** 200: saved as `revision`. 409: a newer revision exists and is given; nothing was overwritten. */
export const zSavedDraft = z.object({ revision: z.number().int(), savedAt: z.number() }).meta({ id: 'SavedDraft' });
export const zDraftConflict = zProblem.extend({ code: z.literal('newer-revision'), current: zDraft }).meta({ id: 'DraftConflict' });

export const zDeploy = z.strictObject({ revision: z.number().int(), acceptWarnings: z.boolean().default(false) }).meta({ id: 'Deploy' });
export const zDeployed = z.object({ job: zJobSummary, version: zVersion }).meta({ id: 'Deployed' });
export const zValidate = z.strictObject({ document: zDraftDocument }).meta({ id: 'Validate' });
export const zValidated = z.object({ issues: z.array(zIssue) }).meta({ id: 'Validated' });

/** Evidence for a proposal, shown to the person who corrects it. */
export const zProposal = z.object({
  schema: zEventSchema.nullable(),
  fields: z.array(z.object({
    name: z.string(), type: z.enum(['string', 'double', 'int', 'bool']), optional: z.boolean(),
    /** Share of sampled records in which the field is present, 0..1. */
    presence: z.number(), distinct: z.number().int(),
    /** Up to 10 most frequent values with counts. */
    top: z.array(z.object({ value: z.string(), count: z.number().int() })),
    min: z.number().nullable(), max: z.number().nullable(),
    reason: z.string(),
  })),
  time: z.array(z.object({ field: z.string(), format: z.enum(['epoch-ms', 'epoch-s', 'epoch-us', 'iso8601', 'datetime']), score: z.number(), reason: z.string(), inOrder: z.boolean(), outOfOrdernessMs: z.number() })),
  key: z.array(z.object({ field: z.string(), score: z.number(), distinct: z.number().int(), reason: z.string() })),
  records: z.number().int(),
  undecodable: z.number().int(),
}).meta({ id: 'Proposal' });
export const zSample = z.object({
  hash: z.string(), name: z.string(), bytes: z.number(), format: z.enum(['ndjson', 'csv', 'json']), uploadedAt: z.number(), proposal: zProposal,
}).meta({ id: 'Sample' });

export const zMatchKind = z.enum(['match', 'timed-out', 'late', 'dead-letter']);
/** One committed line of output. Page by the keyset `seq`: it rises by one with each row of a job. */
export const zMatchRow = z.object({
  seq: z.number().int(), matchId: z.string(), patternId: z.string(), kind: zMatchKind,
  committedIn: z.number().int(), line: z.record(z.string(), z.unknown()),
}).meta({ id: 'MatchRow' });
export const zMatchPage = z.object({ rows: z.array(zMatchRow), next: z.number().int().nullable(), total: z.number().int() }).meta({ id: 'MatchPage' });

export const zSession = z.strictObject({ token: z.string().min(1).max(200) }).meta({ id: 'Session' });
/** 401 in its place tells a page to ask for the token. */
export const zSessionState = z.object({ authenticated: z.literal(true), protocolVersion: z.number().int() }).meta({ id: 'SessionState' });
export const zTicket = z.object({ ticket: z.string(), expiresAt: z.number() }).meta({ id: 'Ticket' });
export const zKillWorker = z.strictObject({ workerId: z.string().min(1).max(64) }).meta({ id: 'KillWorker' });
export const zKilled = z.object({ workerId: z.string(), pid: z.number().int() }).meta({ id: 'Killed' });

/** The document that a deployed version holds. */
export const zVersionDocument = z.object({ version: zVersion, document: zJobDocument }).meta({ id: 'VersionDocument' });

export type Issue = z.infer<typeof zIssue>;
export type Problem = z.infer<typeof zProblem>;
export type Draft = z.infer<typeof zDraft>;
export type JobSummary = z.infer<typeof zJobSummary>;
export type ProjectSummary = z.infer<typeof zProjectSummary>;
export type Project = z.infer<typeof zProject>;
export type Sample = z.infer<typeof zSample>;
export type Proposal = z.infer<typeof zProposal>;
export type MatchPage = z.infer<typeof zMatchPage>;
export type MatchRow = z.infer<typeof zMatchRow>;
export type Version = z.infer<typeof zVersion>;
export type SessionState = z.infer<typeof zSessionState>;
export type MatchKind = z.infer<typeof zMatchKind>;
export type DraftConflict = z.infer<typeof zDraftConflict>;
export type Health = z.infer<typeof zHealth>;

/** Routes. `:name` is a path parameter; bodies and answers are the schemas above. */
export const ROUTES = {
  health: 'GET /api/health',
  openapi: 'GET /api/openapi.json',
  openSession: 'POST /api/session',
  closeSession: 'DELETE /api/session',
  session: 'GET /api/session',
  socketTicket: 'POST /api/socket-ticket',
  projects: 'GET /api/projects',
  createProject: 'POST /api/projects',
  project: 'GET /api/projects/:projectId',
  deleteProject: 'DELETE /api/projects/:projectId',
  saveDraft: 'PUT /api/projects/:projectId/draft',
  version: 'GET /api/projects/:projectId/versions/:number',
  deploy: 'POST /api/projects/:projectId/deploy',
  validate: 'POST /api/validate',
  jobs: 'GET /api/jobs',
  job: 'GET /api/jobs/:jobId',
  cancelJob: 'POST /api/jobs/:jobId/cancel',
  killWorker: 'POST /api/jobs/:jobId/kill-worker',
  matches: 'GET /api/jobs/:jobId/matches',
  output: 'GET /api/jobs/:jobId/output',
  samples: 'GET /api/samples',
  sample: 'GET /api/samples/:hash',
  sampleContent: 'GET /api/samples/:hash/content',
  uploadSample: 'POST /api/samples',
} as const;
