/** The OpenAPI 3.1 document, made from the table by which the routes validate. */
import { ENDPOINTS, type Endpoint, ROUTES, type RouteName, zProblem } from '@tidemark/protocol';
import type { ZodObject } from 'zod';
import { type ZodOpenApiOperationObject, type ZodOpenApiPathsObject, type ZodOpenApiResponsesObject, createDocument } from 'zod-openapi';

const GENERAL = {
  400: 'The request is not what this route takes', 401: 'No session and no bearer token', 403: 'From another origin, or without the custom header',
  413: 'The body is too large', 415: 'The body has another type', 429: 'Too many requests', 500: 'A fault of the runtime',
} as const;
const OWN = { 404: 'No such thing', 409: 'In conflict with the present state', 422: 'Understood, but wrong: the issues say what' } as const;

function operation(name: RouteName, endpoint: Endpoint): ZodOpenApiOperationObject {
  const responses: ZodOpenApiResponsesObject = {};
  const { status, body } = endpoint.answer;
  responses[`${status}`] = body === null
    ? { description: 'Done' }
    : { description: 'Done', content: body === 'bytes' ? { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } : { 'application/json': { schema: body } } };
  const problems = [400, ...(endpoint.auth === 'required' ? [401, 403] : []), ...(endpoint.body === undefined ? [] : [413, 415]), 429, 500, ...(endpoint.problems ?? [])];
  for (const code of new Set(problems)) {
    responses[`${code}` as '400'] = { description: ({ ...GENERAL, ...OWN } as Record<number, string>)[code] ?? 'Error', content: { 'application/problem+json': { schema: zProblem } } };
  }
  const parameters: { path?: ZodObject; query?: ZodObject } = {};
  if (endpoint.params !== undefined) parameters.path = endpoint.params;
  if (endpoint.query !== undefined) parameters.query = endpoint.query;
  return {
    operationId: name,
    summary: endpoint.summary,
    ...(endpoint.auth === 'open' ? { security: [] } : {}),
    requestParams: parameters,
    ...(endpoint.body === undefined ? {} : {
      requestBody: endpoint.body === 'bytes'
        ? { required: true, content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } }
        : { content: { 'application/json': { schema: endpoint.body } } },
    }),
    responses,
  };
}

export function openApiDocument(version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const [name, route] of Object.entries(ROUTES) as [RouteName, string][]) {
    const [method, path] = route.split(' ') as [string, string];
    const template = path.replace(/:(\w+)/g, '{$1}');
    paths[template] = { ...paths[template], [method.toLowerCase()]: operation(name, ENDPOINTS[name]) };
  }
  return createDocument({
    openapi: '3.1.0',
    info: { title: 'Tidemark', version, description: 'REST of the Tidemark runtime. Live events come by Socket.IO. Requests of a page that change something carry the header `x-tidemark: 1`.' },
    security: [{ bearer: [] }, { cookie: [] }],
    components: { securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', description: 'The token of the printed address' },
      cookie: { type: 'apiKey', in: 'cookie', name: 'tidemark_<port>', description: 'Traded for the token at POST /api/session' },
    } },
    paths: paths as ZodOpenApiPathsObject,
  }) as unknown as Record<string, unknown>;
}
