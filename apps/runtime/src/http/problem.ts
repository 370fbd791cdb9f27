/**
 * Errors on the wire: problem+json (RFC 9457) with a stable `code`.
 *
 * Always  whoever is to blame gets a sentence; what is our own bug answers 500 with a number that stands beside the
 *         stack in the log, and says nothing else.
 */
import { STATUS_CODES } from 'node:http';
import type { Response } from 'express';
import type { Issue } from '@tidemark/protocol';

export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly status: number;
  readonly code: string;
  /** Further members of the answer, e.g. `issues`. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(status: number, code: string, detail: string, members: Readonly<Record<string, unknown>> = {}) {
    super(detail);
    this.status = status;
    this.code = code;
    this.members = members;
  }
}

export const notFound = (what: string): HttpProblem => new HttpProblem(404, 'not-found', `There is no such ${what}.`);
export const conflict = (code: string, detail: string, members?: Readonly<Record<string, unknown>>): HttpProblem => new HttpProblem(409, code, detail, members);
export const unprocessable = (code: string, detail: string, issues: readonly Issue[]): HttpProblem => new HttpProblem(422, code, detail, { issues });

export function sendProblem(response: Response, problem: HttpProblem): void {
  response.status(problem.status).type('application/problem+json').send(JSON.stringify({
    ...problem.members,
    type: `urn:tidemark:problem:${problem.code}`,
    title: STATUS_CODES[problem.status] ?? 'Error',
    status: problem.status,
    code: problem.code,
    detail: problem.message,
  }));
}

/** What Express and its body parser throw, as problems; null = not theirs. */
export function foreignProblem(error: unknown): HttpProblem | null {
  if (error instanceof HttpProblem) return error;
  const { type, status } = error as { type?: unknown; status?: unknown };
  if (type === 'entity.too.large') return new HttpProblem(413, 'too-large', 'The body is larger than this route takes.');
  if (type === 'entity.parse.failed') return new HttpProblem(400, 'bad-json', 'The body is not JSON.');
  if (type === 'encoding.unsupported') return new HttpProblem(415, 'unsupported-encoding', 'The body is encoded in a way that is not supported.');
  if (type === 'charset.unsupported') return new HttpProblem(415, 'unsupported-charset', 'JSON is read as UTF-8.');
  if (type === 'request.aborted' || type === 'request.size.invalid') return new HttpProblem(400, 'incomplete-body', 'The body ended early.');
  if (error instanceof URIError) return new HttpProblem(400, 'bad-address', 'The address is not encoded correctly.');
  if (typeof status === 'number' && status >= 400 && status < 500) return new HttpProblem(status, 'bad-request', 'The request cannot be understood.');
  return null;
}
