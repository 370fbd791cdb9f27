/** What each route does. Who may call and what a request looks like is app.ts. */
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { JobFault, jobId, workerId } from '@tidemark/core';
import { PROTOCOL_VERSION, type JobSummary, type Project, type ProjectSummary } from '@tidemark/protocol';
import type { Response } from 'express';
import { type Secrets, sameSecret } from '../auth/secrets.ts';
import { SESSION_LIFE_MS, cookieName, newSession, sessionValue, setCookie } from '../auth/session.ts';
import type { Tickets } from '../auth/tickets.ts';
import type { Deployment } from '../deploy/deployment.ts';
import type { DeployTarget } from '../deploy/target.ts';
import type { LiveJobs } from '../jobs/live-jobs.ts';
import type { Logger } from '../log.ts';
import { understand } from '../language.ts';
import type { SampleLibrary } from '../samples/library.ts';
import { EmptySample, TooLarge, UPLOAD_BYTES_MAX } from '../samples/sample-files.ts';
import { type JobStore, type StoredJob, hasEnded } from '../store/jobs.ts';
import type { MatchStore } from '../store/matches.ts';
import type { ProjectStore, StoredProject } from '../store/projects.ts';
import type { ClosedSessions } from '../store/sessions.ts';
import type { Handlers } from './app.ts';
import { openApiDocument } from './openapi.ts';
import { HttpProblem, conflict, notFound, unprocessable } from './problem.ts';

export interface RouteEnvironment {
  readonly version: string;
  readonly startedAt: number;
  readonly now: () => number;
  readonly port: () => number;
  readonly secrets: Secrets;
  readonly tickets: Tickets;
  readonly closedSessions: ClosedSessions;
  readonly projects: ProjectStore;
  readonly jobs: JobStore;
  readonly matches: MatchStore;
  readonly liveJobs: LiveJobs;
  readonly deployment: Deployment;
  readonly target: DeployTarget;
  readonly samples: SampleLibrary;
  readonly log: Logger;
  /** Lists are out of date. */
  readonly changed: () => void;
  /** A session was closed: its sockets go. */
  readonly sessionClosed: (sessionId: string) => void;
}

const OUTPUT_BATCH = 1_000;

export function createHandlers(environment: RouteEnvironment): Handlers {
  const { projects, jobs, matches, liveJobs, deployment, samples, secrets, tickets, now } = environment;
  let openapi: Record<string, unknown> | null = null;

  const project = async (id: string): Promise<StoredProject> => {
    const found = await projects.find(id);
    if (found === null) throw notFound('project');
    return found;
  };
  const job = async (id: string): Promise<StoredJob> => {
    const found = await jobs.find(id);
    if (found === null) throw notFound('job');
    return found;
  };
  const summariesOf = async (projectId: string | null): Promise<JobSummary[]> => (await jobs.list(projectId)).map((stored) => liveJobs.summary(stored));
  const whole = async (found: StoredProject): Promise<Project> => ({
    id: found.id, name: found.name, draft: found.draft, versions: await projects.versions(found.id), jobs: await summariesOf(found.id),
  });

  return {
    health: async () => ({
      status: 'ok', version: environment.version, protocolVersion: PROTOCOL_VERSION, uptimeMs: now() - environment.startedAt, jobs: liveJobs.running().length,
    }),
    openapi: async () => (openapi ??= openApiDocument(environment.version)),

    openSession: async ({ body, response }) => {
      if (!sameSecret(body.token, secrets.token)) {
        throw new HttpProblem(401, 'wrong-token', 'This is not the token of this runtime. It stands in the printed address, and in the file `token` of the data directory.');
      }
      const session = newSession(now());
      response.setHeader('Set-Cookie', setCookie(cookieName(environment.port()), sessionValue(session, secrets.cookieKey), SESSION_LIFE_MS));
    },
    closeSession: async ({ identity, response }) => {
      if (identity?.kind === 'browser') {
        await environment.closedSessions.close(identity.session);
        environment.sessionClosed(identity.session.id);
      }
      response.setHeader('Set-Cookie', setCookie(cookieName(environment.port()), '', 0));
    },
    session: async () => ({ authenticated: true, protocolVersion: PROTOCOL_VERSION }),
    socketTicket: async ({ identity }) => tickets.issue(identity?.kind === 'browser' ? identity.session.id : null),

    projects: async () => {
      const newest = new Map<string, JobSummary>();
      for (const summary of await summariesOf(null)) if (!newest.has(summary.projectId)) newest.set(summary.projectId, summary);
      return (await projects.list()).map((found): ProjectSummary => ({
        id: found.id, name: found.name, updatedAt: found.updatedAt, stages: stagesIn(found.draft.document), newestJob: newest.get(found.id) ?? null,
      }));
    },
    createProject: async ({ body }) => {
      const created = await projects.create(body.name, body.document);
      environment.changed();
      return whole(created);
    },
    project: async ({ params }) => whole(await project(params.projectId)),
    deleteProject: async ({ params }) => {
      const { id } = await project(params.projectId);
      const own = await jobs.list(id);
      const running = own.find(({ summary }) => !hasEnded(summary.state));
      if (running !== undefined) throw conflict('job-running', `The job ${running.summary.name} is still ${running.summary.state}; cancel it first.`);
      for (const { summary } of own) {
        await liveJobs.forget(summary.id);
        await environment.target.remove(jobId(summary.id));
      }
      await projects.delete(id);
      environment.changed();
    },
    saveDraft: async ({ params, body }) => {
      const outcome = await projects.saveDraft(params.projectId, body.baseRevision, body.document);
      if (outcome.kind === 'missing') throw notFound('project');
      if (outcome.kind === 'newer') throw newerRevision(outcome.current);
      environment.changed();
      return { revision: outcome.revision, savedAt: outcome.savedAt };
    },
    version: async ({ params }) => {
      const found = await projects.version(params.projectId, params.number);
      if (found === null) throw notFound('version');
      return found as never; // what was stored had passed the schema
    },
    deploy: async ({ params, body }) => {
      const found = await project(params.projectId);
      if (found.draft.revision !== body.revision) throw newerRevision(found.draft);
      const deployed = await deployment.deploy(found, body.acceptWarnings);
      environment.log.info({ audit: 'deploy', project: found.id, job: deployed.job.id, version: deployed.version.hash }, 'a project was deployed');
      environment.changed();
      return deployed;
    },
    validate: async ({ body }) => ({ issues: [...understand(body.document).issues] }),

    jobs: async () => summariesOf(null),
    job: async ({ params }) => liveJobs.summary(await job(params.jobId)),
    cancelJob: async ({ params }) => {
      const stored = await job(params.jobId);
      const live = liveJobs.get(params.jobId);
      if (live === null || hasEnded(live.handle.snapshot().state)) throw conflict('job-ended', `The job has ended: ${stored.summary.state}.`);
      environment.log.info({ audit: 'cancel', job: params.jobId }, 'a job was cancelled on request');
      await live.handle.cancel();
      await live.settled();
      environment.changed();
      return liveJobs.summary(await job(params.jobId));
    },
    killWorker: async ({ params, body }) => {
      await job(params.jobId);
      const live = liveJobs.get(params.jobId);
      if (live === null) throw conflict('job-ended', 'The job has ended: it has no worker processes.');
      try {
        const { pid } = live.handle.killWorker(workerId(body.workerId));
        environment.log.info({ audit: 'kill-worker', job: params.jobId, worker: body.workerId, pid }, 'a worker was killed on request');
        return { workerId: body.workerId, pid };
      } catch (error) {
        if (error instanceof JobFault) throw conflict(error.code, error.message);
        throw error;
      }
    },
    matches: async ({ params, query }) => {
      await job(params.jobId);
      return matches.page(params.jobId, query);
    },
    output: async ({ params, response }) => {
      const { summary } = await job(params.jobId);
      response.setHeader('Content-Disposition', `attachment; filename="${summary.id}.ndjson"`);
      await sendBytes(response, Readable.from(outputLines(summary.id)), 'application/x-ndjson');
    },

    samples: async () => samples.list(),
    sample: async ({ params }) => {
      const found = await samples.find(params.hash);
      if (found === null) throw notFound('sample');
      return found;
    },
    sampleContent: async ({ params, response }) => {
      const found = await samples.find(params.hash);
      if (found === null) throw notFound('sample');
      // the content of a hash never changes; it is data, whatever it looks like
      response.setHeader('Cache-Control', 'private, max-age=31536000, immutable');
      response.setHeader('Content-Disposition', `attachment; filename="sample.${found.format}"`);
      response.setHeader('Content-Length', found.bytes);
      await sendBytes(response, samples.read(params.hash), 'application/octet-stream');
    },
    uploadSample: async ({ query, request, response }) => {
      if (request.is(['multipart/*', 'application/x-www-form-urlencoded'])) {
        throw new HttpProblem(415, 'form-not-taken', 'Send the bytes of the file as the body, not a form.');
      }
      const tooLarge = (): HttpProblem => {
        response.setHeader('Connection', 'close'); // what is still under way is not worth reading
        return new HttpProblem(413, 'too-large', 'A sample has at most 100 MB.');
      };
      if (Number(request.headers['content-length'] ?? 0) > UPLOAD_BYTES_MAX) throw tooLarge();
      try {
        // the stream must outlive a refusal: the answer goes over the same connection
        const sample = await samples.add(query.name, query.format, request.iterator({ destroyOnReturn: false }));
        environment.changed();
        return sample;
      } catch (error) {
        if (error instanceof TooLarge) throw tooLarge();
        if (error instanceof EmptySample) throw unprocessable('empty-file', 'The file is empty.', []);
        if (request.destroyed && !request.complete) throw new HttpProblem(400, 'incomplete-body', 'The upload ended early.');
        throw error;
      }
    },
  };

  async function* outputLines(id: string): AsyncGenerator<string> {
    for (let seq = 0; ;) {
      const lines = await matches.lines(id, seq, OUTPUT_BATCH);
      if (lines.length === 0) return;
      yield `${lines.map(({ line }) => line).join('\n')}\n`;
      seq = (lines.at(-1) as { seq: number }).seq;
    }
  }
}

const newerRevision = (current: StoredProject['draft']): HttpProblem => conflict('newer-revision', `The draft has been saved as revision ${current.revision} in the meantime.`, { current });

/** Stages of a draft that may be no document at all. */
function stagesIn(document: Readonly<Record<string, unknown>>): number {
  const count = (nodes: unknown, depth: number): number => (!Array.isArray(nodes) || depth > 20 ? 0
    : nodes.reduce((sum: number, node: { nodes?: unknown } | null) => sum + (Array.isArray(node?.nodes) ? count(node.nodes, depth + 1) : 1), 0));
  const patterns = document.patterns;
  return Array.isArray(patterns) ? patterns.reduce((sum: number, pattern: { nodes?: unknown } | null) => sum + count(pattern?.nodes, 0), 0) : 0;
}

async function sendBytes(response: Response, stream: NodeJS.ReadableStream, type: string): Promise<void> {
  response.status(200).type(type);
  await pipeline(stream, response).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error; // the reader went away
  });
}
