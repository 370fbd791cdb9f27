/**
 * The HTTP server as one Express app: who may come in, what a request must look like, and how errors go out.
 * What the routes do is routes.ts.
 *
 * Order   host → headers → (API:) rate → origin, for what changes something → identity → validation → handler.
 * Always  parameters, query and body of a handler have passed the schemas of protocol's ENDPOINTS; a handler returns
 *         the body of the answer; every error leaves as problem+json.
 */
import { randomUUID } from 'node:crypto';
import { ENDPOINTS, type Endpoint, ROUTES, type RouteName } from '@tidemark/protocol';
import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import type { z } from 'zod';
import type { Logger } from '../log.ts';
import { type OriginPolicy, crossingRefused, hostAllowed } from '../auth/origin.ts';
import { type Secrets, sameSecret } from '../auth/secrets.ts';
import { type Session, cookieName, cookieOf, readSession } from '../auth/session.ts';
import { jsonBody } from './body.ts';
import { HttpProblem, foreignProblem, sendProblem } from './problem.ts';
import { securityHeaders } from './security-headers.ts';
import { serveDesigner } from './static.ts';

export type Identity =
  | { readonly kind: 'program' }
  | { readonly kind: 'browser'; readonly session: Session };

type Parsed<Name extends RouteName, Part extends 'params' | 'query' | 'body'> =
  (typeof ENDPOINTS)[Name] extends Record<Part, infer Schema> ? (Schema extends z.ZodType ? z.output<Schema> : undefined) : undefined;
type Answer<Name extends RouteName> =
  (typeof ENDPOINTS)[Name]['answer']['body'] extends infer Body ? (Body extends z.ZodType ? z.input<Body> : void) : never;

export interface Incoming<Name extends RouteName> {
  readonly params: Parsed<Name, 'params'>;
  readonly query: Parsed<Name, 'query'>;
  readonly body: Parsed<Name, 'body'>;
  readonly identity: Identity | null;
  readonly request: Request;
  readonly response: Response;
}
/** One function a route. Routes that answer with bytes write them themselves. */
export type Handlers = { readonly [Name in RouteName]: (incoming: Incoming<Name>) => Promise<Answer<Name>> };

export interface AppEnvironment {
  readonly handlers: Handlers;
  readonly secrets: Secrets;
  readonly policy: OriginPolicy;
  /** Known once the server listens. */
  readonly port: () => number;
  readonly isClosed: (sessionId: string) => boolean;
  readonly designerDir: string;
  readonly now: () => number;
  readonly log: Logger;
  /** Requests a minute from one address. */
  readonly requestsPerMinute: number;
  readonly loginsPerMinute: number;
}

/** The custom header that a page must send with what changes something: a form or image of another site cannot. */
export const CUSTOM_HEADER = 'x-tidemark';

const changes = (request: Request): boolean => !['GET', 'HEAD', 'OPTIONS'].includes(request.method);

const identities = new WeakMap<Request, Identity>();

export function createApp(environment: AppEnvironment): Express {
  const { policy, log } = environment;
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', 'simple');

  app.use(logged(log));
  app.use(securityHeaders);
  app.use((request, _response, next) => {
    if (!hostAllowed(request.headers.host, policy)) {
      throw new HttpProblem(421, 'unknown-host', 'This name is not known here. Use the printed address, or add the name to TIDEMARK_ALLOWED_HOSTS.');
    }
    next();
  });

  app.use('/api', limited(environment.requestsPerMinute), (request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    const refused = changes(request) || request.headers['sec-fetch-site'] === 'cross-site'
      ? crossingRefused({ host: request.headers.host, origin: request.headers.origin, secFetchSite: header(request, 'sec-fetch-site') }, policy)
      : null;
    if (refused !== null) throw new HttpProblem(403, 'other-origin', refused);
    const identity = identify(request, environment);
    if (identity !== null) identities.set(request, identity);
    if (identity?.kind === 'browser' && changes(request) && request.headers[CUSTOM_HEADER] !== '1') {
      throw new HttpProblem(403, 'missing-header', `A page that changes something sends the header ${CUSTOM_HEADER}: 1.`);
    }
    next();
  });

  for (const [name, route] of Object.entries(ROUTES) as [RouteName, string][]) {
    const [method, path] = route.split(' ') as [string, string];
    const endpoint: Endpoint = ENDPOINTS[name];
    const steps: RequestHandler[] = [];
    if (name === 'openSession') steps.push(limited(environment.loginsPerMinute, true));
    if (endpoint.auth === 'required') steps.push(authenticated);
    if (endpoint.body !== undefined && endpoint.body !== 'bytes') steps.push(jsonBody);
    steps.push(answering(name, endpoint, environment.handlers));
    app[method.toLowerCase() as 'get' | 'post' | 'put' | 'delete'](path, ...steps);
  }
  app.use('/api', (request) => {
    if (!identities.has(request)) throw unauthorized();
    throw new HttpProblem(404, 'not-found', 'There is no such route.');
  });

  serveDesigner(app, environment.designerDir);
  app.use(() => {
    throw new HttpProblem(404, 'not-found', 'There is nothing at this address.');
  });

  app.use((error: unknown, request: Request, response: Response, next: (error: unknown) => void) => {
    if (response.headersSent) {
      log.warn({ path: request.path, reason: String(error) }, 'an answer broke off');
      response.destroy();
      return;
    }
    const problem = foreignProblem(error);
    if (problem !== null) return sendProblem(response, problem);
    const reference = randomUUID();
    log.error({ err: error, reference, method: request.method, path: request.path }, 'a request failed');
    sendProblem(response, new HttpProblem(500, 'internal', `A fault of the runtime; the log has it under ${reference}.`));
    void next;
  });
  return app;
}

const unauthorized = (): HttpProblem => new HttpProblem(401, 'unauthorized', 'Open the printed address, or send the token as a bearer. The token is also in the file `token` of the data directory.');

const authenticated: RequestHandler = (request, response, next) => {
  if (!identities.has(request)) {
    response.setHeader('WWW-Authenticate', 'Bearer realm="tidemark"');
    throw unauthorized();
  }
  next();
};

function identify(request: Request, environment: AppEnvironment): Identity | null {
  const bearer = /^Bearer ([\x21-\x7e]{1,200})$/.exec(request.headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return sameSecret(bearer, environment.secrets.token) ? { kind: 'program' } : null;
  const value = cookieOf(request.headers.cookie, cookieName(environment.port()));
  if (value === null) return null;
  const session = readSession(value, environment.secrets.cookieKey, environment.now());
  return session === null || environment.isClosed(session.id) ? null : { kind: 'browser', session };
}

function answering(name: RouteName, endpoint: Endpoint, handlers: Handlers): RequestHandler {
  const handler = handlers[name] as (incoming: Incoming<never>) => Promise<unknown>;
  return async (request, response) => {
    const incoming = {
      params: checked(endpoint.params, request.params, 'invalid-address', 'address'),
      query: checked(endpoint.query, { ...request.query }, 'invalid-query', 'query'),
      body: endpoint.body === 'bytes' ? undefined : checked(endpoint.body, request.body as unknown, 'invalid-body', 'body'),
      identity: identities.get(request) ?? null,
      request,
      response,
    };
    const answer = await handler(incoming as unknown as Incoming<never>);
    if (endpoint.answer.body === 'bytes') return;
    response.status(endpoint.answer.status);
    if (endpoint.answer.body === null) response.end();
    else response.json(answer);
  };
}

function checked(schema: z.ZodType | undefined, value: unknown, code: string, where: string): unknown {
  if (schema === undefined) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const sentences = result.error.issues.slice(0, 20).map((issue) => `${[where, ...issue.path.map(String)].join('.')}: ${issue.message}`);
  throw new HttpProblem(400, code, sentences.join('; '));
}

const header = (request: Request, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
};

function limited(perMinute: number, failuresOnly = false): RequestHandler {
  return rateLimit({
    windowMs: 60_000, limit: perMinute, standardHeaders: 'draft-8', legacyHeaders: false, skipSuccessfulRequests: failuresOnly,
    validate: { xForwardedForHeader: false },
    handler: (_request, _response, next) => next(new HttpProblem(429, 'too-many-requests', 'Too many requests from this address; wait a minute.')),
  });
}

/** Method, path and status; never a query, a header or a body. */
const logged = (log: Logger): RequestHandler => (request, response, next) => {
  const started = performance.now();
  response.on('finish', () => log.debug({ method: request.method, path: request.path, status: response.statusCode, ms: Math.round(performance.now() - started) }, 'request'));
  next();
};
