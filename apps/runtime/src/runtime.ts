/**
 * The runtime as one object: opens the data directory, brings everything together, listens, resumes, and closes in
 * the reverse order. What comes from other rooms (cluster, inference, templates, proof) is handed in.
 */
import { mkdir } from 'node:fs/promises';
import { type RequestListener, createServer } from 'node:http';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { sourceShape } from '@tidemark/cluster';
import type { OriginPolicy } from './auth/origin.ts';
import { loadSecrets } from './auth/secrets.ts';
import { Tickets } from './auth/tickets.ts';
import { DataDirectory } from './data/data-directory.ts';
import { Deployment } from './deploy/deployment.ts';
import type { Places } from './deploy/places.ts';
import type { DeployTarget } from './deploy/target.ts';
import { createApp } from './http/app.ts';
import { createHandlers } from './http/routes.ts';
import { LiveJobs } from './jobs/live-jobs.ts';
import { understand } from './language.ts';
import type { Logger } from './log.ts';
import { Proof } from './proof/proof.ts';
import { References, type RunReference } from './proof/reference.ts';
import type { SampleFormat } from './samples/inference.ts';
import { SampleLibrary } from './samples/library.ts';
import { SampleFiles } from './samples/sample-files.ts';
import type { PumpClock } from './socket/feed-pump.ts';
import { SocketServer } from './socket/server.ts';
import { Database } from './store/database.ts';
import { JobStore } from './store/jobs.ts';
import { MatchStore } from './store/matches.ts';
import { ProjectStore } from './store/projects.ts';
import { SampleStore } from './store/samples.ts';
import { ClosedSessions } from './store/sessions.ts';

export interface RuntimeOptions {
  readonly dataDir: string;
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  readonly version: string;
  readonly designerDir: string;
  /** Folder whose files may be sources by path, or null. */
  readonly filesRoot: string | null;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly runningJobsMax: number;
  readonly requestsPerMinute: number;
  readonly loginsPerMinute: number;
}

export interface RuntimeEnvironment {
  readonly log: Logger;
  readonly now: () => number;
  readonly clock: PumpClock;
  /** The target, on the folder that the data directory gives it. */
  readonly target: (directory: DataDirectory) => DeployTarget;
  readonly templateSamples: readonly TemplateSample[];
  /** Runs a document without faults, in a process of its own. */
  readonly runReference: RunReference;
  /** Told before each step of the start, in words. */
  readonly step: (sentence: string) => void;
}

export interface TemplateSample {
  readonly name: string;
  readonly format: SampleFormat;
  readonly bytes: Uint8Array;
}

export class PortTaken extends Error {
  override readonly name = 'PortTaken';
}

export interface Runtime {
  readonly port: number;
  readonly token: string;
  /** `http://host:port`, as this machine's browser reaches it. */
  readonly origin: string;
  readonly dataDir: string;
  close(): Promise<void>;
}

export async function startRuntime(options: RuntimeOptions, environment: RuntimeEnvironment): Promise<Runtime> {
  const { log, now, clock, step } = environment;
  const closers: (() => void | Promise<void>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) {
      await Promise.resolve().then(close).catch((error: unknown) => log.error({ err: error }, 'a part did not close'));
    }
  };
  try {
    step(`Data directory ${options.dataDir}`);
    const directory = DataDirectory.open(options.dataDir);
    closers.push(() => directory.close());
    const secrets = loadSecrets(directory.path);
    const database = await Database.open(directory.database);
    closers.push(() => database.close());
    const [projects, jobs, matches] = [new ProjectStore(database, now), new JobStore(database, now), new MatchStore(database)];
    const closedSessions = await ClosedSessions.load(database, now());
    const files = await SampleFiles.open(directory.samples);
    const samples = new SampleLibrary(new SampleStore(database), files, now);
    await mkdir(directory.output, { recursive: true });

    if (environment.templateSamples.length > 0) step(`${environment.templateSamples.length} samples of the templates`);
    for (const sample of environment.templateSamples) await samples.provide(sample.name, sample.format, sample.bytes);

    step(`Listening on ${options.host}:${options.port}`);
    // Requests that come while jobs are being resumed wait for it.
    let ready: () => void = () => {};
    const resuming = new Promise<void>((resolve) => {
      ready = resolve;
    });
    let app: RequestListener | null = null;
    const http = createServer((request, response) => {
      void resuming.then(() => app?.(request, response));
    });
    let port = options.port;
    const policy: OriginPolicy = {
      host: options.host, origins: options.allowedOrigins,
      names: [...options.allowedHosts, hostname()].map((name) => name.toLowerCase()),
    };
    const tickets = new Tickets(now);
    const references = new References(directory.proofs, environment.runReference, options.version);
    closers.push(() => references.close());
    const places: Places = { filesRoot: options.filesRoot, outputRoot: directory.output, samplePath: (hash) => samples.path(hash) };

    const socket: SocketServer = new SocketServer(http, { policy, tickets, log, feed: async (id) => {
      await resuming;
      return liveJobs.feed(id);
    } });
    const liveJobs = new LiveJobs({
      jobs, matches, clock, log, now, send: (frame) => socket.send(frame), changed: () => socket.listsChanged(),
      witness: (stored, live) => {
        const { job } = understand(stored.document);
        if (job === null || stored.proof !== null) return null;
        return new Proof(stored.summary.id, { document: job.document, versionHash: job.versionHash, sourcePath: stored.sourcePath, baseTime: stored.baseTime, inOrder: sourceShape(job, stored.sourcePath).sources === 1 }, {
          references, matches, jobs, log, tell: (proof) => live.prove(proof),
        });
      },
    });
    const target = environment.target(directory);
    const deployment = new Deployment({ projects, jobs, liveJobs, target, places, now, log, runningJobsMax: options.runningJobsMax });
    app = createApp({
      handlers: createHandlers({
        version: options.version, startedAt: now(), now, port: () => port, secrets, tickets, closedSessions, projects, jobs, matches, liveJobs, deployment,
        target, samples, log, changed: () => socket.listsChanged(), sessionClosed: (id) => socket.closeSession(id),
      }),
      secrets, policy, port: () => port, isClosed: (id) => closedSessions.has(id), designerDir: options.designerDir, now, log,
      requestsPerMinute: options.requestsPerMinute, loginsPerMinute: options.loginsPerMinute,
    });
    http.requestTimeout = 10 * 60_000; // an upload over a slow line
    http.headersTimeout = 20_000;
    closers.push(() => target.close());
    closers.push(() => liveJobs.close()); // first: what still happens is taken at the next start
    closers.push(async () => {
      http.closeAllConnections();
      await socket.close(); // closes the HTTP server too
    });
    port = await listen(http, options);
    const name = ['0.0.0.0', '::'].includes(options.host) ? '127.0.0.1' : options.host;
    const origin = `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
    directory.tell(origin);

    const { resumed, lost } = await deployment.resume();
    if (resumed > 0) step(`${resumed} running ${resumed === 1 ? 'job goes' : 'jobs go'} on`);
    if (lost > 0) step(`${lost} ${lost === 1 ? 'job was' : 'jobs were'} lost; the list says why`);
    ready();
    return { port, token: secrets.token, origin, dataDir: directory.path, close: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function listen(http: ReturnType<typeof createServer>, { host, port }: RuntimeOptions): Promise<number> {
  http.listen(port, host);
  try {
    await once(http, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new PortTaken(`Port ${port} on ${host} is taken by another program.`);
    throw error;
  }
  const address = http.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}
