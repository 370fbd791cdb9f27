/**
 * What each route takes and answers, as zod schemas: the runtime validates by this table, its OpenAPI document is
 * made from it, and the designer's client takes its types from it.
 *
 * Always  one entry for each route of ROUTES; parameters and bodies are strict (an unknown name is refused);
 *         `auth: 'open'` marks the few routes that answer without a session or bearer token.
 * Not here: how a route does it (apps/runtime/src/http).
 */
import { z } from 'zod';
import {
  type ROUTES, zCreateProject, zDeploy, zDeployed, zHealth, zJobSummary, zKillWorker, zKilled, zMatchKind, zMatchPage, zProject,
  zProjectSummary, zSample, zSaveDraft, zSavedDraft, zSession, zSessionState, zTicket, zValidate, zValidated, zVersionDocument,
} from './http.ts';

export type RouteName = keyof typeof ROUTES;

export interface Endpoint {
  readonly summary: string;
  readonly auth: 'open' | 'required';
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** A JSON body, or `bytes`: the file itself, streamed. */
  readonly body?: z.ZodType | 'bytes';
  /** Status and body of success; null = no body; `bytes` = the file itself. */
  readonly answer: { readonly status: 200 | 201 | 204; readonly body: z.ZodType | 'bytes' | null };
  /** Status codes of problem+json answers that this route itself gives (besides 400, 401, 403, 413, 415, 429, 500). */
  readonly problems?: readonly (404 | 409 | 422)[];
}

const zSmallId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const zHash = z.string().regex(/^[0-9a-f]{64}$/);
/** A whole number as it stands in an address. */
const whole = (min: number, max: number) => z.string().regex(/^\d{1,15}$/).transform(Number).pipe(z.number().int().min(min).max(max));

const ofProject = z.strictObject({ projectId: zSmallId });
const ofJob = z.strictObject({ jobId: zSmallId });
const ofSample = z.strictObject({ hash: zHash });

export const zMatchQuery = z.strictObject({
  /** Answer of the page before (`next`); absent = from the start. */
  cursor: whole(0, Number.MAX_SAFE_INTEGER).optional(),
  order: z.enum(['newest', 'oldest']).default('newest'),
  limit: whole(1, 500).default(50),
  kind: zMatchKind.optional(),
});
export const zUploadQuery = z.strictObject({
  /** The file's name: shown, and a hint for the format. Never used as a path. */
  name: z.string().min(1).max(255),
  format: z.enum(['ndjson', 'csv', 'json']).optional(),
});
/** A body that carries nothing. */
const zNothing = z.strictObject({}).optional();

export const ENDPOINTS = {
  health: { summary: 'Is the runtime there, and which', auth: 'open', answer: { status: 200, body: zHealth } },
  openapi: { summary: 'This description', auth: 'open', answer: { status: 200, body: z.record(z.string(), z.unknown()) } },
  openSession: { summary: 'Trade the token for a cookie', auth: 'open', body: zSession, answer: { status: 204, body: null } },
  closeSession: { summary: 'Give the cookie back', auth: 'open', body: zNothing, answer: { status: 204, body: null } },
  session: { summary: 'Does this browser have a session: 401 if not', auth: 'required', answer: { status: 200, body: zSessionState } },
  socketTicket: { summary: 'A ticket for one handshake of the socket', auth: 'required', body: zNothing, answer: { status: 200, body: zTicket } },
  projects: { summary: 'All projects, newest first', auth: 'required', answer: { status: 200, body: z.array(zProjectSummary) } },
  createProject: { summary: 'A new project with a first draft', auth: 'required', body: zCreateProject, answer: { status: 201, body: zProject } },
  project: { summary: 'One project with its draft, versions and jobs', auth: 'required', params: ofProject, answer: { status: 200, body: zProject }, problems: [404] },
  deleteProject: { summary: 'Delete a project whose jobs have ended', auth: 'required', params: ofProject, body: zNothing, answer: { status: 204, body: null }, problems: [404, 409] },
  saveDraft: { summary: 'Save the draft; never overwrites a newer revision', auth: 'required', params: ofProject, body: zSaveDraft, answer: { status: 200, body: zSavedDraft }, problems: [404, 409] },
  version: { summary: 'The document of one version', auth: 'required', params: z.strictObject({ projectId: zSmallId, number: whole(1, 1_000_000) }), answer: { status: 200, body: zVersionDocument }, problems: [404] },
  deploy: { summary: 'Make a version of the draft and run it', auth: 'required', params: ofProject, body: zDeploy, answer: { status: 201, body: zDeployed }, problems: [404, 409, 422] },
  validate: { summary: 'All issues of a document', auth: 'required', body: zValidate, answer: { status: 200, body: zValidated } },
  jobs: { summary: 'All jobs, newest first', auth: 'required', answer: { status: 200, body: z.array(zJobSummary) } },
  job: { summary: 'One job', auth: 'required', params: ofJob, answer: { status: 200, body: zJobSummary }, problems: [404] },
  cancelJob: { summary: 'Cancel a job', auth: 'required', params: ofJob, body: zNothing, answer: { status: 200, body: zJobSummary }, problems: [404, 409] },
  killWorker: { summary: 'SIGKILL one worker process of a job', auth: 'required', params: ofJob, body: zKillWorker, answer: { status: 200, body: zKilled }, problems: [404, 409] },
  matches: { summary: 'Committed output of a job, page by page', auth: 'required', params: ofJob, query: zMatchQuery, answer: { status: 200, body: zMatchPage }, problems: [404] },
  output: { summary: 'Committed output of a job as NDJSON, sorted by rising seq', auth: 'required', params: ofJob, answer: { status: 200, body: 'bytes' }, problems: [404] },
  samples: { summary: 'All samples, newest first', auth: 'required', answer: { status: 200, body: z.array(zSample) } },
  sample: { summary: 'One sample with its proposal', auth: 'required', params: ofSample, answer: { status: 200, body: zSample }, problems: [404] },
  sampleContent: { summary: 'The bytes of a sample', auth: 'required', params: ofSample, answer: { status: 200, body: 'bytes' }, problems: [404] },
  uploadSample: { summary: 'Upload a file: its bytes are the body, at most 100 MB', auth: 'required', query: zUploadQuery, body: 'bytes', answer: { status: 201, body: zSample }, problems: [422] },
} as const satisfies Readonly<Record<RouteName, Endpoint>>;
