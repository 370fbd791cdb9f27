/**
 * Typed REST client over the protocol's routes and schemas.
 *
 * Always  same origin, cookie included; `x-tidemark: 1` on every request (the runtime asks it of mutating ones, a
 *         foreign page cannot send it); every answer is checked by its schema before a page sees it.
 * Errors  ApiError, see problem.ts. 401 is also told to the listener of `onSessionLost`, which asks for the token.
 * Not here: uploads with progress (data/), the socket (realtime/).
 */
import { ENDPOINTS, ROUTES, type RouteName, zDraftConflict, zProblem } from '@tidemark/protocol';
import { ApiError } from './problem.ts';

type Body<R extends RouteName> = (typeof ENDPOINTS)[R]['answer']['body'];
/** What a route answers; null where it answers nothing, or bytes (fetch those by their address). */
export type Answer<R extends RouteName> = Body<R> extends { parse(value: unknown): infer T } ? T : null;

type ParamNames<T extends string> = T extends `${string}:${infer P}/${infer Rest}` ? P | ParamNames<`/${Rest}`> : T extends `${string}:${infer P}` ? P : never;
type Params<R extends RouteName> = ParamNames<(typeof ROUTES)[R]>;

interface Extra { readonly body?: unknown; readonly query?: Readonly<Record<string, string | number>>; readonly signal?: AbortSignal }
export type CallOptions<R extends RouteName> = Extra & ([Params<R>] extends [never] ? { readonly params?: undefined } : { readonly params: Readonly<Record<Params<R>, string>> });

let sessionLost: () => void = () => undefined;
/** Whom to tell when the runtime no longer knows this page. One listener: the token gate. */
export const onSessionLost = (listener: () => void): void => { sessionLost = listener; };

/** Method and path of a route with its parameters filled in. */
export function resolveRoute(route: RouteName, params: Readonly<Record<string, string>> = {}, query: Readonly<Record<string, string | number>> = {}): { method: string; url: string } {
  const [method = 'GET', path = '/'] = ROUTES[route].split(' ');
  const filled = path.replace(/:(\w+)/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined) throw new Error(`route ${route} needs ${name}`);
    return encodeURIComponent(value);
  });
  const search = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)])).toString();
  return { method, url: search ? `${filled}?${search}` : filled };
}

export async function call<R extends RouteName>(route: R, ...[options]: [Params<R>] extends [never] ? [options?: CallOptions<R>] : [options: CallOptions<R>]): Promise<Answer<R>> {
  const { method, url } = resolveRoute(route, options?.params as Record<string, string> | undefined, options?.query);
  const body = options?.body;
  let response: Response;
  try {
    response = await fetch(url, {
      method, credentials: 'same-origin', signal: options?.signal ?? null,
      headers: { accept: 'application/json', 'x-tidemark': '1', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? null : JSON.stringify(body),
    });
  } catch (cause) {
    if (options?.signal?.aborted) throw cause;
    throw new ApiError('network', cause instanceof Error ? cause.message : String(cause));
  }
  const answer: unknown = response.status === 204 ? null : await response.json().catch(() => null);
  if (!response.ok) throw failure(route, response.status, answer);
  const schema = ENDPOINTS[route].answer.body;
  if (schema === null || schema === 'bytes') return null as Answer<R>;
  const parsed = schema.safeParse(answer);
  if (!parsed.success) throw new ApiError('shape', `${route}: ${parsed.error.issues[0]?.path.join('.') ?? ''} ${parsed.error.issues[0]?.message ?? ''}`, { status: response.status });
  return parsed.data as Answer<R>;
}

function failure(route: RouteName, status: number, answer: unknown): ApiError {
  const conflict = zDraftConflict.safeParse(answer);
  if (status === 409 && conflict.success) return new ApiError('problem', 'newer revision', { status, current: conflict.data.current });
  const problem = zProblem.safeParse(answer);
  if (status === 401 && route !== 'openSession' && route !== 'session') sessionLost();
  const kind = status === 401 ? 'session' : 'problem';
  return problem.success
    ? new ApiError(kind, problem.data.detail || problem.data.title, { status, problem: problem.data })
    : new ApiError(kind, `${ROUTES[route]} answered ${status}`, { status });
}
